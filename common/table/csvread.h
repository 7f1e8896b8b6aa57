/* csvread: a CSV file (RFC 4180) cell by cell, from start to end. A thread may
 * unpack and parse; the sink is called in the caller's. */
#ifndef SER_TABLE_CSVREAD_H
#define SER_TABLE_CSVREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The receiver of header, cells and rows; a status other than ST_OK ends the reading. */
struct csvread_sink {
	void *ctx;
	/* The first row: n names, unchanged; valid during the call. */
	int (*header)(void *ctx, char *const *name, size_t n);
	/* Called for each column after header: whether its cells are to be read. NULL: all. */
	bool (*needs)(void *ctx, size_t column);
	/* A cell of a later row: column from 0, text of n bytes, then a NUL. */
	int (*cell)(void *ctx, size_t column, const char *text, size_t n);
	/* After the cells of a row. line is where it began in the file, record its number, both
	 * from 1, the header not counted. */
	int (*row)(void *ctx, uint64_t line, uint64_t record);
	/* Gets the number of rows that are equal to an earlier one, in all columns, which
	 * takes 8 bytes a row. NULL: not counted. */
	uint64_t *duplicates;
	int threads; /* with 2, another one unpacks and parses */
};

enum { CSVREAD_CELL_MAX = 1 << 20, CSVREAD_COLUMNS_MAX = 1 << 14 };

/* Reads name ("-": standard input; gzip and xz are unpacked). Cells are separated by
 * delimiter, rows by LF or CRLF; empty lines and a byte-order mark are
 * ignored. A quote within an unquoted cell, a quoted cell without its end, a row with
 * more or fewer cells than the header, a byte that is NUL or not UTF-8, a lone
 * carriage return, no header: ST_DATA, with file and line; so are a file of another
 * kind and another delimiter, as far as the beginning shows them. */
int csvread_file(const char *name, char delimiter, const struct csvread_sink *sink);

#endif
