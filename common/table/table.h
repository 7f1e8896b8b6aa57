/* table: rows of named columns in memory. A column is text, kept as numbers of
 * the distinct strings, or numbers; an empty cell is "" or NAN. */
#ifndef SER_TABLE_TABLE_H
#define SER_TABLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table/dict.h"

enum table_kind { TABLE_TEXT, TABLE_NUMBER };

struct table_column {
	char *name;
	enum table_kind kind;
	struct dict *dict; /* text: what code counts into; may be shared */
	uint32_t *code;    /* text, by row; DICT_EMPTY is an empty cell */
	double *value;     /* number, by row; NAN is an empty cell, none is infinite */
};

/* A row's position in its file. */
struct table_origin {
	uint64_t line;   /* of its first byte, from 1 */
	uint64_t record; /* its number, from 1, the header not counted */
};

/* Zero-initialise before use; table_clear releases all but file. */
struct table {
	const char *file; /* that the rows were read from, for messages */
	struct table_column *column;
	size_t columns;
	size_t rows, cap;
	struct table_origin *origin; /* of each row */
};

#define TABLE_NONE ((size_t)-1)

void table_clear(struct table *t);

/* The column of that name, or TABLE_NONE. */
size_t table_find(const struct table *t, const char *name);

/* Adds a column of empty cells (a text column takes over dict, also on failure;
 * NULL makes a new one) before column `at`, or last where at is
 * t->columns. ST_DATA for a duplicate name. The table keeps a copy of name. */
int table_add_text(struct table *t, size_t at, const char *name, struct dict *dict);
int table_add_number(struct table *t, size_t at, const char *name);
int table_rename(struct table *t, size_t column, const char *name);
void table_remove(struct table *t, size_t column);

/* Makes room for n rows altogether; t->rows stays. */
int table_reserve(struct table *t, size_t n);

/* Keeps the rows for which keep is true. */
void table_filter(struct table *t, const bool *keep);

/* Rows become copies of those numbered row[0..n), in any order and number. */
int table_gather(struct table *t, const size_t *row, size_t n);

/* Appends from's rows; t is empty, or has the same columns in the same order. */
int table_append(struct table *t, const struct table *from);

/* Makes `to` (empty) a copy of from's rows first..first+n-1; dictionaries are
 * shared. */
int table_slice(struct table *to, const struct table *from, size_t first, size_t n);

/* The cell as text: a number has as few digits as read back the same. */
enum { TABLE_CELL_MAX = 32 };
const char *table_cell(const struct table *t, size_t row, size_t column, char buf[TABLE_CELL_MAX]);
bool table_empty(const struct table *t, size_t row, size_t column);

/* Makes a column numbers. ST_DATA, naming the cell, where one is neither empty nor a
 * finite decimal number. */
int table_to_number(struct table *t, size_t column);

/* A column's cells as numbers into value[0..rows), as table_to_number has them;
 * the column stays. */
int table_numbers(const struct table *t, size_t column, double *value);

/* Makes a column text. */
int table_to_text(struct table *t, size_t column);

/* Gives a text column a dictionary of its own where it shares one, to be added to. */
int table_own_text(struct table *t, size_t column);

/* The text as a finite decimal number; false where it is none. Blanks around
 * it do not count. */
bool table_parse_number(const char *text, double *x);

/* A number with as few digits as read back the same. Returns buf. */
const char *table_print_number(double x, char buf[TABLE_CELL_MAX]);

/* The name of a header's column of that index: name, or "@N" in buf, N from
 * 1, where that is empty. */
const char *table_header_name(const char *name, size_t index, char buf[TABLE_CELL_MAX]);

/* Sets "FILE: line N, column 'NAME': " and the message; returns ST_DATA.
 * column TABLE_NONE: the row as a whole. */
int table_error(const struct table *t, size_t row, size_t column, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Orders distinct values: numbers by value where all are numbers, else bytes.
 * Sorts n strings of d given by number. */
int table_sort_values(const struct dict *d, uint32_t *number, size_t n);

#endif
