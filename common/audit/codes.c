#include "audit/codes.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

struct numbered {
	double x;
	uint32_t at;
};

static int
by_x(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return x->x != y->x ? (x->x < y->x ? -1 : 1) : (x->at > y->at) - (x->at < y->at);
}

static int
code_numbers(struct codes *c, const struct table_column *column, const size_t *row)
{
	struct numbered *s = mem_zero(c->rows, sizeof *s);
	size_t n = 0;

	if (s == NULL)
		return ST_SYS;
	for (size_t i = 0; i < c->rows; i++) {
		double x = column->value[row == NULL ? i : row[i]];

		if (!isnan(x))
			s[n++] = (struct numbered){ x, (uint32_t)i };
		else
			c->code[i] = UINT32_MAX;
	}
	qsort(s, n, sizeof *s, by_x);
	for (size_t k = 0; k < n; k++) {
		if (k == 0 || s[k].x != s[k - 1].x)
			c->number[c->distinct++] = s[k].x;
		c->code[s[k].at] = c->distinct - 1;
	}
	free(s);
	return ST_OK;
}

/* Turns value, the n distinct strings in order, into codes: of[string] is its code. */
static void
number_strings(struct codes *c, const struct dict *d, const uint32_t *value, size_t n, uint32_t *of)
{
	size_t parsed = 0;

	while (parsed < n && table_parse_number(dict_text(d, value[parsed]), &c->number[parsed]))
		parsed++;
	if (parsed < n)
		c->number = NULL;
	for (size_t k = 0; k < n; k++) {
		if (c->number == NULL)
			c->distinct++;
		else if (k == 0 || c->number[k] != c->number[c->distinct - 1])
			c->number[c->distinct++] = c->number[k];
		of[value[k]] = c->distinct - 1;
	}
}

static int
code_text(struct codes *c, const struct table_column *column, const size_t *row)
{
	uint32_t strings = dict_size(column->dict), *of = mem_zero(strings, sizeof *of), *value = NULL;
	size_t n = 0;
	int rc = of == NULL || (value = mem_zero(c->rows, sizeof *value)) == NULL ? ST_SYS : ST_OK;

	for (size_t i = 0; rc == ST_OK && i < c->rows; i++) {
		uint32_t k = column->code[row == NULL ? i : row[i]];

		if (k != DICT_EMPTY && of[k] == 0) {
			of[k] = 1;
			value[n++] = k;
		}
	}
	if (rc == ST_OK && (rc = table_sort_values(column->dict, value, n)) == ST_OK) {
		number_strings(c, column->dict, value, n, of);
		for (size_t i = 0; i < c->rows; i++) {
			uint32_t k = column->code[row == NULL ? i : row[i]];

			c->code[i] = k == DICT_EMPTY ? UINT32_MAX : of[k];
		}
	}
	free(of);
	free(value);
	return rc;
}

/* Empty cells get the last code; each code one of its rows, the first. */
static int
finish_codes(struct codes *c, const size_t *row, struct mem_pool *m)
{
	c->row = mem_take(m, (size_t)c->distinct + 1, sizeof *c->row);
	if (c->row == NULL)
		return ST_SYS;
	for (size_t i = c->rows; i-- > 0;) {
		if (c->code[i] == UINT32_MAX) {
			c->code[i] = c->distinct;
			c->missing++;
		}
		c->row[c->code[i]] = row == NULL ? i : row[i];
	}
	return ST_OK;
}

int
codes_make(struct codes *c, const struct table *t, size_t column, const size_t *row, size_t n, struct mem_pool *m)
{
	const struct table_column *from = &t->column[column];
	int rc;

	*c = (struct codes){ .rows = n };
	if (n > CODES_ROWS_MAX)
		return err_set(ST_DATA, "more than %d rows", CODES_ROWS_MAX);
	c->code = mem_take(m, n, sizeof *c->code);
	c->number = mem_take(m, n, sizeof *c->number);
	if (m->status != ST_OK)
		return ST_SYS;
	rc = from->kind == TABLE_NUMBER ? code_numbers(c, from, row) : code_text(c, from, row);
	return rc == ST_OK ? finish_codes(c, row, m) : rc;
}
