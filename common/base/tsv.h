/* tsv: tab-separated lines read one at a time: no quoting, fields are what
 * is between tabs (IANA text/tab-separated-values). Lines end with LF or
 * CRLF; a byte-order mark at the beginning is passed over. A NUL byte, a CR
 * elsewhere (lines that end with CR alone) and a line of more than
 * TSV_LINE_MAX bytes are errors. All messages name file and line; content is
 * not checked to be UTF-8 (paths need not be): see text_check.
 *
 *     struct tsv *in;
 *     struct tsv_row row;
 *     int rc = tsv_open(&in, name, TSV_COMMENTS | TSV_RAGGED);
 *     while (rc == ST_OK && (rc = tsv_next(in, &row)) == ST_OK && row.n > 0)
 *             rc = use(row.field, row.n);
 *     tsv_close(in);
 */
#ifndef SER_BASE_TSV_H
#define SER_BASE_TSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/str.h"

struct tsv;

/* One line; n is 0 only past the last one. */
struct tsv_row {
	char **field;       /* n strings, "" where empty; the reader's own, valid until the next tsv_next */
	size_t n;
	unsigned long line; /* counted from 1 */
};

enum { TSV_LINE_MAX = 1 << 20 }; /* bytes, without the line's end */

enum tsv_flag {
	TSV_HEADER = 1,   /* the first line names the columns; without one the input is an error */
	TSV_COMMENTS = 2, /* pass over empty lines and lines that begin with '#' */
	TSV_RAGGED = 4,   /* rows may differ in their number of fields; else they have as many as the first line */
	TSV_WHOLE = 8,    /* a last line without its end is an error: it may have been cut off */
};

#define TSV_NONE ((size_t)-1) /* no such column */

/* Opens a file, "-" for standard input, with flags or-ed together. A path that
 * cannot be opened or read is ST_DATA. *t is NULL on failure. */
int tsv_open(struct tsv **t, const char *name, unsigned flags);

/* Reads the next line; at the end of input returns ST_OK with row->n 0. After
 * a failure the reader is at its end. */
int tsv_next(struct tsv *t, struct tsv_row *row);

/* Releases the reader and what its rows point to. NULL is fine. */
void tsv_close(struct tsv *t);

/* The name for messages: "standard input" for "-". */
const char *tsv_name(const struct tsv *t);

/* The header; n is 0 without TSV_HEADER or tsv_rehead. Column names are not
 * empty and do not repeat. Valid until tsv_rehead or tsv_close. */
const struct tsv_row *tsv_header(const struct tsv *t);

/* The column of that name in the header, or TSV_NONE. */
size_t tsv_column(const struct tsv *t, const char *name);

/* Makes row the header from here on, for inputs that were put together with
 * cat(1), each with its own header: requires TSV_RAGGED. */
int tsv_rehead(struct tsv *t, const struct tsv_row *row);

/* The check that TSV_RAGGED leaves out: as many fields as the header. */
int tsv_check_width(const struct tsv *t, const struct tsv_row *row);

/* The field as a decimal number; empty, NaN, infinite or followed by anything
 * it is an error that names file, line and column. column must be < row->n. */
int tsv_number(const struct tsv *t, const struct tsv_row *row, size_t column, double *x);

/* True for a finite decimal number and nothing else. */
bool tsv_parse(const char *s, double *x);

/* Sets "FILE: line N: " and the message; returns ST_DATA. */
int tsv_error(const struct tsv *t, const struct tsv_row *row, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Appends a cell: tabs and lines' ends in it become blanks, what else hides an escape
 * (base/show.h). */
void tsv_add(struct str *out, const char *cell);

/* Writes lines of cells with the columns, at most 32, below each other. */
void tsv_align(FILE *out, const char *lines);

#endif
