/* print: numbers and names as tables and JSON (RFC 8259) have them. */
#ifndef SER_JUDGE_PRINT_H
#define SER_JUDGE_PRINT_H

#include <stddef.h>
#include <stdio.h>

/* "name", which is UTF-8, or null where it is NULL or empty. */
void print_json(FILE *f, const char *name);

/* {"NAME": x, ...}, of n names; null for NAN. */
void print_object(FILE *f, const char *const *name, const double *x, size_t n);

/* n numbers, each behind a tab; "-" for NAN. */
void print_cells(FILE *f, const double *x, size_t n);

/* name, which is UTF-8, in a field of that many characters, to the right; to the
 * left where width is negative. */
void print_padded(FILE *f, const char *name, int width);

#endif
