#include "audit/describe.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "audit/codes.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/tsv.h"

static int
describe_numbers(struct describe *d, const struct codes *c, const size_t *count, struct mem_pool *m)
{
	size_t n = c->rows - c->missing, at = 0;
	double *sorted;

	if (n == 0 || c->number == NULL)
		return ST_OK;
	sorted = mem_take(m, n, sizeof *sorted);
	if (sorted == NULL)
		return ST_SYS;
	for (uint32_t v = 0; v < c->distinct; v++)
		for (size_t k = 0; k < count[v]; k++)
			sorted[at++] = c->number[v];
	d->min = sorted[0];
	d->q1 = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.25);
	d->median = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.5);
	d->q3 = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.75);
	d->max = sorted[n - 1];
	d->mean = gsl_stats_mean(sorted, 1, n);
	if (n > 1)
		d->deviation = gsl_stats_sd_m(sorted, 1, n, d->mean);
	return ST_OK;
}

static void
find_longest(struct describe *d, const struct table *t, size_t column, const struct codes *c)
{
	char buf[TABLE_CELL_MAX];

	for (uint32_t v = 0; v < c->distinct; v++) {
		const char *text = table_cell(t, c->row[v], column, buf);
		size_t n = text_characters(text, strlen(text));

		if (n > d->longest)
			d->longest = n;
	}
}

/* Keeps the most frequent values, in order. */
static void
find_top(struct describe *d, const struct codes *c, const size_t *count)
{
	for (uint32_t v = 0; v < c->distinct; v++) {
		size_t at = d->tops;

		while (at > 0 && d->top[at - 1].count < count[v])
			at--;
		if (at == DESCRIBE_TOP)
			continue;
		if (d->tops < DESCRIBE_TOP)
			d->tops++;
		memmove(d->top + at + 1, d->top + at, (d->tops - 1 - at) * sizeof d->top[0]);
		d->top[at] = (struct describe_value){ c->row[v], count[v] };
	}
}

int
describe_column(const struct table *t, size_t column, struct describe *d)
{
	struct mem_pool m = { 0 };
	struct codes c;
	size_t *count = NULL;
	int rc = codes_make(&c, t, column, NULL, t->rows, &m);

	*d = (struct describe){ .name = t->column[column].name, .kind = t->column[column].kind, .rows = t->rows };
	d->min = d->q1 = d->median = d->q3 = d->max = d->mean = d->deviation = (double)NAN;
	if (rc == ST_OK && (count = mem_take(&m, (size_t)c.distinct + 1, sizeof *count)) == NULL)
		rc = ST_SYS;
	for (size_t i = 0; rc == ST_OK && i < c.rows; i++)
		count[c.code[i]]++;
	d->missing = c.missing;
	d->distinct = c.distinct;
	if (c.number != NULL && c.distinct > 0)
		d->kind = TABLE_NUMBER;
	if (rc == ST_OK && d->kind == TABLE_NUMBER)
		rc = describe_numbers(d, &c, count, &m);
	if (rc == ST_OK && d->kind == TABLE_TEXT)
		find_longest(d, t, column, &c);
	if (rc == ST_OK && (d->kind == TABLE_TEXT || c.distinct <= DESCRIBE_FEW))
		find_top(d, &c, count);
	mem_release(&m);
	return rc;
}

static void
add_number(struct str *out, double x)
{
	if (isnan(x))
		str_add(out, "\t-");
	else
		str_addf(out, "\t%.6g", x);
}

void
describe_add_row(struct str *out, const struct table *t, size_t column, const struct describe *d)
{
	const double figures[] = { d->min, d->q1, d->median, d->q3, d->max, d->mean, d->deviation };
	char cell[TABLE_CELL_MAX];
	double x;

	tsv_add(out, d->name);
	str_addf(out, "\t%s\t%zu\t%zu\t%zu", d->kind == TABLE_NUMBER ? "number" : "text", d->rows, d->missing, d->distinct);
	add_number(out, d->kind == TABLE_TEXT ? (double)d->longest : (double)NAN);
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
		add_number(out, figures[i]);
	str_addc(out, '\t');
	for (size_t i = 0; i < d->tops; i++) {
		const char *text = table_cell(t, d->top[i].row, column, cell);

		str_add(out, i == 0 ? "" : ", ");
		if (d->kind == TABLE_NUMBER && table_parse_number(text, &x))
			str_addf(out, "%.6g", x);
		else
			tsv_add(out, text);
		str_addf(out, " (%zu)", d->top[i].count);
	}
	str_addf(out, "%s\n", d->tops == 0 ? "-" : d->distinct > d->tops ? ", ..." : "");
}
