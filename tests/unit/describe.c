/* describe: figures against values worked by hand, and the codes below. */
#include "audit/describe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/codes.h"
#include "base/err.h"
#include "mktable.h"
#include "tap.h"

/* A column of the n cells. */
static void
make(struct table *t, const char *const *cell, size_t n)
{
	static const char *const name[] = { "x" };

	make_table(t, name, 1);
	for (size_t i = 0; i < n; i++)
		add_row(t, &cell[i]);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct describe
describe(const struct table *t)
{
	struct describe d;

	if (describe_column(t, 0, &d) != ST_OK)
		exit(99);
	return d;
}

static bool
near(double a, double b)
{
	return fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

/* The value of top[k] with its count: "b 3". */
static bool
top_is(const struct table *t, const struct describe *d, size_t k, const char *text, size_t count)
{
	char buf[TABLE_CELL_MAX];

	return k < d->tops && strcmp(table_cell(t, d->top[k].row, 0, buf), text) == 0 && d->top[k].count == count;
}

/* 1 2 3 4 10: quantiles at places 1, 2 and 3; squares from the mean 4 are
 * 9 + 4 + 1 + 0 + 36 = 50. Of 1 2 3 4 they lie between: 1.75, 2.5, 3.25. */
static void
test_numbers(void)
{
	static const char *const five[] = { "10", "3", "", "1.0", "4", " 2" }, *const four[] = { "4", "3", "2", "1" };
	struct table t;
	struct describe d;

	make(&t, five, COUNT(five));
	for (int number = 0; number < 2; number++) {
		d = describe(&t);
		ok(d.kind == TABLE_NUMBER && d.rows == 6 && d.missing == 1 && d.distinct == 5,
		   number ? "the same as numbers" : "numbers as text");
		ok(d.min == 1 && d.q1 == 2 && d.median == 3 && d.q3 == 4 && d.max == 10, "quantiles at a value");
		ok(near(d.mean, 4) && near(d.deviation, sqrt(12.5)), "mean and deviation");
		ok(d.tops == 5 && d.top[0].count == 1 && d.longest == 0, "few values are counted");
		ok(t.column[0].kind == (number ? TABLE_NUMBER : TABLE_TEXT), "the table stays as it is");
		if (table_to_number(&t, 0) != ST_OK)
			exit(99);
	}
	table_clear(&t);
	make(&t, four, COUNT(four));
	d = describe(&t);
	ok(near(d.q1, 1.75) && near(d.median, 2.5) && near(d.q3, 3.25), "quantiles between values");
	ok(near(d.mean, 2.5) && near(d.deviation, sqrt(5.0 / 3)), "their mean and deviation");
	table_clear(&t);
}

static void
test_text(void)
{
	static const char *const cells[] = { "b", "a", "b", "12", "h\xc3\xa4\xc3\x9flich", "", "c", "d", "e", "f", "a", "b" };
	struct table t;
	struct describe d;

	make(&t, cells, COUNT(cells));
	d = describe(&t);
	ok(d.kind == TABLE_TEXT && d.rows == 12 && d.missing == 1 && d.distinct == 8, "text");
	ok(isnan(d.min) && isnan(d.median) && isnan(d.mean) && isnan(d.deviation), "has no figures");
	ok(d.longest == 7, "its length is in characters");
	ok(d.tops == DESCRIBE_TOP && top_is(&t, &d, 0, "b", 3) && top_is(&t, &d, 1, "a", 2), "the most frequent first");
	ok(top_is(&t, &d, 2, "12", 1) && top_is(&t, &d, 5, "e", 1), "equal ones in their order");
	table_clear(&t);
}

static void
test_little(void)
{
	static const char *const one[] = { "7" }, *const empty[] = { "", "" };
	struct table t;
	struct describe d;

	make(&t, one, 1);
	d = describe(&t);
	ok(d.min == 7 && d.q1 == 7 && d.max == 7 && d.mean == 7 && isnan(d.deviation), "one number has no deviation");
	table_clear(&t);
	make(&t, empty, COUNT(empty));
	for (int number = 0; number < 2; number++) {
		d = describe(&t);
		ok(d.kind == (number ? TABLE_NUMBER : TABLE_TEXT) && d.missing == 2 && d.distinct == 0 && isnan(d.mean) &&
		   d.tops == 0, number ? "the same as numbers" : "empty cells only");
		if (table_to_number(&t, 0) != ST_OK)
			exit(99);
	}
	table_clear(&t);
	make(&t, NULL, 0);
	d = describe(&t);
	ok(d.rows == 0 && d.distinct == 0 && isnan(d.max), "no rows");
	table_clear(&t);
}

/* More than DESCRIBE_FEW numbers have no list of the most frequent. */
static void
test_many(void)
{
	struct table t;
	struct describe d;

	make(&t, NULL, 0);
	for (int i = 0; i <= DESCRIBE_FEW; i++) {
		char buf[16];
		const char *cell = buf;

		snprintf(buf, sizeof buf, "%d", i);
		add_row(&t, &cell);
		if (i == DESCRIBE_FEW - 1) {
			d = describe(&t);
			ok(d.tops == DESCRIBE_TOP, "few numbers");
		}
	}
	d = describe(&t);
	ok(d.tops == 0 && d.distinct == DESCRIBE_FEW + 1, "many numbers");
	table_clear(&t);
}

static bool
codes_are(const struct table *t, const size_t *row, size_t n, const uint32_t *want, uint32_t distinct)
{
	struct mem_pool m = { 0 };
	struct codes c;
	bool same;

	if (codes_make(&c, t, 0, row, n, &m) != ST_OK)
		exit(99);
	same = c.distinct == distinct && memcmp(c.code, want, n * sizeof *want) == 0;
	mem_release(&m);
	return same;
}

static void
test_codes(void)
{
	static const char *const numbers[] = { "10", "9", "", "9.0", "-1" }, *const words[] = { "10", "9", "", "x", "10" };
	static const size_t row[] = { 1, 3, 2, 1 };
	struct table t;

	make(&t, numbers, 5);
	ok(codes_are(&t, NULL, 5, (const uint32_t[]){ 2, 1, 3, 1, 0 }, 3), "numbers by value, equal ones are one");
	ok(codes_are(&t, row, 4, (const uint32_t[]){ 0, 0, 1, 0 }, 1), "of some rows");
	if (table_to_number(&t, 0) != ST_OK)
		exit(99);
	ok(codes_are(&t, NULL, 5, (const uint32_t[]){ 2, 1, 3, 1, 0 }, 3), "the same as numbers");
	ok(codes_are(&t, row, 4, (const uint32_t[]){ 0, 0, 1, 0 }, 1), "of some rows");
	table_clear(&t);
	make(&t, words, 5);
	ok(codes_are(&t, NULL, 5, (const uint32_t[]){ 0, 1, 3, 2, 0 }, 3), "text by bytes");
	table_clear(&t);
}

int
main(void)
{
	test_numbers();
	test_text();
	test_little();
	test_many();
	test_codes();
	return finish();
}
