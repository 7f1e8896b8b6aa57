/* tsrdiff: compares two tensor streams, record by record. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/tool.h"
#include "stream/tsr.h"
#include "stream/value.h"

static double atol_limit, rtol_limit, mean_limit = NAN;
static bool strict, values_only;
static long max_lines = 10, max_record = TSR_MAX_RECORD >> 20;
static struct opt_common common;

static const struct opt opts[] = {
	OPT(NUM, "atol", &atol_limit, "X", "values may differ by X", .max = 1e300),
	OPT(NUM, "rtol", &rtol_limit, "X", "and by X times the value in B", .max = 1e300),
	OPT(NUM, "mean", &mean_limit, "X", "and by X on a record's average", .max = 1e300),
	OPT(FLAG, "values", &values_only, NULL, "compare shapes and values only"),
	OPT(FLAG, "strict", &strict, NULL, "compare provenance (pg=) too"),
	OPT(INT, "max-lines", &max_lines, "N", "differences printed; others are counted", .max = 1e15),
	OPT_MAXREC(&max_record),
};
static const char *const uses[] = { "A B", NULL };
static const struct tool tool = OPT_TOOL("tsrdiff", "compares two tensor streams");

/* One of the two streams, and its current chunk. */
struct side {
	struct tsr_reader *in;
	struct tsr_chunk c;
};

struct diff {
	struct side a, b;
	FILE *out;
	uint64_t segment, record; /* numbers, from 1 */
	uint64_t differences;
	/* For the notice of --verbose. */
	uint64_t compared;
	double largest, sum;
};

static int report(struct diff *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Counts a difference, and prints the first of them. Always ST_OK, so that the
 * comparison continues. */
static int
report(struct diff *d, const char *fmt, ...)
{
	const char *key = d->a.c.kind == 'T' ? meta_get(&d->a.c.meta, "key") : NULL;
	va_list ap;

	if (d->differences++ >= (uint64_t)max_lines || common.quiet)
		return ST_OK;
	if (key != NULL)
		fprintf(d->out, "record %" PRIu64 " (%s): ", d->record, key);
	else
		fprintf(d->out, "segment %" PRIu64 ": ", d->segment);
	va_start(ap, fmt);
	vfprintf(d->out, fmt, ap);
	va_end(ap);
	putc('\n', d->out);
	return ST_OK;
}

/* The next pair from *i on that is compared, or NULL. */
static const struct meta_item *
next_item(const struct meta *m, size_t *i)
{
	while (*i < m->n && !strict && strcmp(m->item[*i].name, "pg") == 0)
		++*i;
	return *i < m->n ? &m->item[(*i)++] : NULL;
}

/* Compares metadata pair by pair and reports the first that differs. */
static void
compare_meta(struct diff *d)
{
	const struct meta *a = &d->a.c.meta, *b = &d->b.c.meta;
	size_t i = 0, k = 0;

	if (values_only)
		return;
	for (;;) {
		const struct meta_item *x = next_item(a, &i), *y = next_item(b, &k);

		if (x == NULL && y == NULL)
			return;
		if (x != NULL && y != NULL && strcmp(x->name, y->name) == 0 && strcmp(x->value, y->value) == 0)
			continue;
		if (x != NULL && y != NULL && strcmp(x->name, y->name) == 0)
			report(d, "%s is '%s' in A and '%s' in B", x->name, x->value, y->value);
		else if (x != NULL && (y == NULL || meta_get(b, x->name) == NULL))
			report(d, "%s is '%s' in A and not in B", x->name, x->value);
		else if (x == NULL || meta_get(a, y->name) == NULL)
			report(d, "%s is not in A and '%s' in B", y->name, y->value);
		else
			report(d, "A has %s where B has %s", x->name, y->name);
		return;
	}
}

/* The difference of two records' values. */
struct gap {
	uint64_t n, first; /* values out of tolerance, and the first of them */
	double largest, sum;
};

static void
measure(const struct tsr_chunk *a, const struct tsr_chunk *b, struct gap *g)
{
	uint64_t n = tsr_elements(a);
	bool exact = a->dtype == TSR_I64 && b->dtype == TSR_I64; /* more than a double holds */

	for (uint64_t i = 0; i < n; i++) {
		double x = value_get(a, i), y = value_get(b, i), gap = fabs(x - y);

		if (exact ? ((const int64_t *)a->data)[i] == ((const int64_t *)b->data)[i]
		          : x == y || (isnan(x) && isnan(y)))
			continue;
		if (exact && gap < 1)
			gap = 1;
		g->sum += gap;
		if (!(gap <= g->largest)) /* NaN against a number counts as infinite */
			g->largest = isnan(gap) ? (double)INFINITY : gap;
		if (gap <= atol_limit + rtol_limit * fabs(y) && isfinite(gap)) /* an infinite y tolerates nothing */
			continue;
		if (g->n++ == 0)
			g->first = i;
	}
}

static void
compare_values(struct diff *d)
{
	const struct tsr_chunk *a = &d->a.c, *b = &d->b.c;
	char where[VALUE_SHAPE_MAX], x[VALUE_TEXT_MAX], y[VALUE_TEXT_MAX];
	uint64_t n = tsr_elements(a);
	struct gap g = { 0 };

	if (a->dtype == b->dtype && a->bytes == b->bytes && a->bytes > 0 && memcmp(a->data, b->data, a->bytes) == 0) {
		d->compared += n;
		return;
	}
	measure(a, b, &g);
	d->compared += n;
	d->sum += g.sum;
	d->largest = g.largest > d->largest ? g.largest : d->largest;
	if (g.n > 0) {
		value_print(a, g.first, x);
		value_print(b, g.first, y);
		report(d, "[%s] is %s in A and %s in B; %" PRIu64 " of %" PRIu64 " values differ, by %.4g at most",
		       a->rank == 0 ? "" : value_index(a, a->rank, g.first, where), x, y, g.n, n, g.largest);
	} else if (n > 0 && !isnan(mean_limit) && !(g.sum / (double)n <= mean_limit)) {
		report(d, "values differ by %.4g on average", g.sum / (double)n);
	}
}

static int
compare_records(struct diff *d)
{
	const struct tsr_chunk *a = &d->a.c, *b = &d->b.c;
	char x[VALUE_SHAPE_MAX], y[VALUE_SHAPE_MAX];
	const char *key = meta_get(&a->meta, "key"), *other = meta_get(&b->meta, "key");

	if (!values_only && strcmp(key, other) != 0)
		return report(d, "key is '%s' in B", other); /* nothing else can agree */
	compare_meta(d);
	if (!values_only && a->dtype != b->dtype)
		return report(d, "dtype is %s in A and %s in B", tsr_dtype_name(a->dtype), tsr_dtype_name(b->dtype));
	if (a->rank != b->rank || memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape) != 0)
		return report(d, "shape is %s in A and %s in B", value_shape(a, x), value_shape(b, y));
	compare_values(d);
	return ST_OK;
}

static int
next(struct side *s)
{
	return tsr_read(s->in, &s->c);
}

/* Skips one side's surplus records of this segment, up to its end. */
static int
skip_surplus(struct diff *d, struct side *s, char name)
{
	const char *key = meta_get(&s->c.meta, "key");
	char first[256];
	uint64_t n = 0;
	int rc = ST_OK;

	snprintf(first, sizeof first, "%s", key == NULL ? "" : key);
	for (; rc == ST_OK && s->c.kind == 'T'; rc = next(s))
		n++;
	if (rc == ST_OK)
		report(d, "%c has %" PRIu64 " record%s more, from '%s' on", name, n, n == 1 ? "" : "s", first);
	return rc;
}

/* From head to end of one segment on both sides. */
static int
compare_segment(struct diff *d)
{
	int rc;

	d->segment++;
	compare_meta(d);
	while ((rc = next(&d->a)) == ST_OK && (rc = next(&d->b)) == ST_OK && d->a.c.kind == 'T' && d->b.c.kind == 'T') {
		d->record++;
		if ((rc = compare_records(d)) != ST_OK)
			return rc;
	}
	if (rc == ST_OK && d->a.c.kind == 'T')
		rc = skip_surplus(d, &d->a, 'A');
	else if (rc == ST_OK && d->b.c.kind == 'T')
		rc = skip_surplus(d, &d->b, 'B');
	return rc;
}

static int
compare_streams(struct diff *d)
{
	int rc;

	while ((rc = next(&d->a)) == ST_OK && (rc = next(&d->b)) == ST_OK && d->a.c.kind != 0 && d->b.c.kind != 0)
		if ((rc = compare_segment(d)) != ST_OK)
			return rc;
	if (rc == ST_OK && d->a.c.kind != d->b.c.kind) {
		struct side *longer = d->a.c.kind != 0 ? &d->a : &d->b;

		d->segment++;
		report(d, "only %c has it", longer == &d->a ? 'A' : 'B');
		while (rc == ST_OK && longer->c.kind != 0) /* the rest is checked too */
			rc = next(longer);
	}
	return rc;
}

static int
print_rest(struct diff *d, struct io_out *io)
{
	uint64_t shown = d->differences < (uint64_t)max_lines ? d->differences : (uint64_t)max_lines;

	if (d->differences > shown && !common.quiet)
		fprintf(d->out, "%" PRIu64 " more difference%s\n", d->differences - shown,
		        d->differences - shown == 1 ? "" : "s");
	if (common.verbose)
		tool_say("%" PRIu64 " records, %" PRIu64 " values: differ by %.4g at most, %.4g on average", d->record,
		         d->compared, d->largest, d->compared == 0 ? 0 : d->sum / (double)d->compared);
	return io_close(io);
}

static int
compare_files(char *const *files)
{
	struct diff d = { .out = NULL };
	struct io_out *io = NULL;
	int rc = tsr_open(&d.a.in, files, 1, (uint64_t)max_record << 20, false);

	if (rc == ST_OK)
		rc = tsr_open(&d.b.in, files + 1, 1, (uint64_t)max_record << 20, false);
	if (rc == ST_OK)
		rc = io_open(&io, common.out, false);
	if (rc == ST_OK) {
		d.out = io_stream(io);
		rc = compare_streams(&d);
	}
	if (rc == ST_OK)
		rc = print_rest(&d, io);
	else
		io_abort(io);
	tsr_clear(&d.a.c);
	tsr_clear(&d.b.c);
	tsr_close(d.a.in);
	tsr_close(d.b.in);
	return rc == ST_OK && d.differences > 0 ? ST_NO : rc;
}

static int
run(char **files, size_t n)
{
	if (n != 2)
		return err_set(ST_USAGE, "two streams are required (see --help)");
	if (strcmp(files[0], "-") == 0 && strcmp(files[1], "-") == 0)
		return err_set(ST_USAGE, "standard input can be only one of the two");
	return compare_files(files);
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
