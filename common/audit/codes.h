/* codes: a column's cells as numbers of its distinct values in their order. */
#ifndef SER_AUDIT_CODES_H
#define SER_AUDIT_CODES_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "table/table.h"

struct codes {
	uint32_t *code;    /* by row: 0 to distinct-1, or distinct where the cell is empty */
	uint32_t distinct; /* without the empty one */
	size_t rows;
	size_t missing;    /* empty cells */
	size_t *row;       /* by code: a row of the table that has the value; [distinct] an empty one */
	double *number;    /* by code, ascending; NULL where some cell is neither empty nor a number */
};

enum { CODES_ROWS_MAX = 1 << 28 };

/* Codes, in m's memory, of n rows of the table, those numbered row[0..n) or, where row is NULL,
 * the first n. Numbers are ordered by value and equal ones are one value, also
 * in a text column of numbers only; other text is ordered by bytes. Time is
 * that of sorting. ST_DATA over CODES_ROWS_MAX rows. */
int codes_make(struct codes *c, const struct table *t, size_t column, const size_t *row, size_t n, struct mem_pool *m);

#endif
