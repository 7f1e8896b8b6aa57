#include "judge/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "judge/metrics.h"

/* Sums that differ by rounding alone count as equal. */
static const double equal_part = 1e-9;

/* Of one class of one unit. */
struct cell {
	uint64_t records, right[2];
};

struct work {
	const struct compare *c;
	struct cell *cell;  /* (units,classes) */
	struct cell *total; /* (classes): of all units, or of those drawn */
	double *added;      /* (units): what each adds to the difference */
	double *replicate;  /* (COMPARE_FIGURES,resamples) */
	gsl_rng *rng;
};

/* By speaker, those without one last, then by content. */
static int
compare_order(const void *a, const void *b)
{
	const struct compare_record *x = a, *y = b;

	if ((x->group < 0) != (y->group < 0))
		return x->group < 0 ? 1 : -1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->truth != y->truth)
		return x->truth < y->truth ? -1 : 1;
	return 2 * (x->right[0] - y->right[0]) + x->right[1] - y->right[1];
}

static void
fill_cells(struct work *w, const struct compare_record *r, const size_t *first)
{
	for (size_t u = 0; u < w->c->units; u++)
		for (size_t i = first[u]; i < first[u + 1]; i++) {
			struct cell *cell = &w->cell[u * w->c->classes + (size_t)r[i].truth];

			cell->records++;
			cell->right[0] += r[i].right[0];
			cell->right[1] += r[i].right[1];
		}
}

static void
add_unit(struct work *w, size_t unit)
{
	const struct cell *from = &w->cell[unit * w->c->classes];

	for (size_t k = 0; k < w->c->classes; k++) {
		w->total[k].records += from[k].records;
		w->total[k].right[0] += from[k].right[0];
		w->total[k].right[1] += from[k].right[1];
	}
}

/* Of the units in total. */
static double
figure(const struct work *w, enum compare_figure f, int which)
{
	uint64_t right = 0, records = 0;
	size_t occurring = 0;
	double recall = 0;

	for (size_t k = 0; k < w->c->classes; k++) {
		const struct cell *t = &w->total[k];

		right += t->right[which];
		records += t->records;
		occurring += t->records > 0;
		recall += t->records == 0 ? 0 : (double)t->right[which] / (double)t->records;
	}
	return f == COMPARE_ACCURACY ? (double)right / (double)records : recall / (double)occurring;
}

/* What each unit adds to the figure's difference, by the classes of all. */
static void
split_difference(struct work *w, enum compare_figure f)
{
	uint64_t records = 0;
	size_t occurring = 0;

	for (size_t k = 0; k < w->c->classes; k++) {
		records += w->total[k].records;
		occurring += w->total[k].records > 0;
	}
	for (size_t u = 0; u < w->c->units; u++) {
		w->added[u] = 0;
		for (size_t k = 0; k < w->c->classes; k++) {
			const struct cell *c = &w->cell[u * w->c->classes + k];
			double whole = f == COMPARE_ACCURACY ? (double)records : (double)occurring * (double)w->total[k].records;

			if (c->records > 0)
				w->added[u] += ((double)c->right[0] - (double)c->right[1]) / whole;
		}
	}
}

/* Leaves the units that differ, the first n of added, and counts them. */
static size_t
keep_different(struct work *w, struct compare_result *r, double *sum, double *size)
{
	size_t n = 0;

	*sum = *size = 0;
	for (size_t u = 0; u < w->c->units; u++)
		*size += fabs(w->added[u]);
	for (size_t u = 0; u < w->c->units; u++) {
		if (fabs(w->added[u]) <= equal_part * *size)
			continue;
		r->better[w->added[u] < 0]++;
		*sum += w->added[u];
		w->added[n++] = w->added[u];
	}
	return n;
}

/* All swaps, each next to one that differs by one unit (the Gray code). The last
 * unit keeps its sign, as the opposite assignment is as far from 0. */
static double
try_all(const double *added, size_t n, double sum, double least)
{
	uint64_t assignments = (uint64_t)1 << (n - 1), far = 1;
	double now = sum;
	bool swapped[COMPARE_EXACT_MAX] = { false };

	for (uint64_t i = 1; i < assignments; i++) {
		size_t unit = (size_t)__builtin_ctzll(i);

		now += swapped[unit] ? 2 * added[unit] : -2 * added[unit];
		swapped[unit] = !swapped[unit];
		far += fabs(now) >= least;
	}
	return (double)far / (double)assignments;
}

static double
try_some(struct work *w, size_t n, double least)
{
	size_t far = 0;

	for (size_t i = 0; i < w->c->permutations; i++) {
		double now = 0;

		for (size_t u = 0; u < n; u++)
			now += gsl_rng_uniform_int(w->rng, 2) == 0 ? w->added[u] : -w->added[u];
		far += fabs(now) >= least;
	}
	return (double)(1 + far) / (double)(1 + w->c->permutations);
}

static void
test_figure(struct work *w, enum compare_figure f, struct compare_result *r)
{
	double sum, size, least;
	size_t n;

	split_difference(w, f);
	n = keep_different(w, r, &sum, &size);
	least = fabs(sum) - equal_part * size;
	r->exact = n <= COMPARE_EXACT_MAX;
	r->p = n == 0 ? 1 : r->exact ? try_all(w->added, n, sum, least) : try_some(w, n, least);
}

static void
resample(struct work *w, size_t draw)
{
	memset(w->total, 0, w->c->classes * sizeof *w->total);
	for (size_t i = 0; i < w->c->units; i++)
		add_unit(w, gsl_rng_uniform_int(w->rng, w->c->units));
	for (int f = 0; f < COMPARE_FIGURES; f++)
		w->replicate[(size_t)f * w->c->resamples + draw] = figure(w, f, 0) - figure(w, f, 1);
}

static void
compute(struct work *w, struct compare *c)
{
	for (size_t u = 0; u < c->units; u++)
		add_unit(w, u);
	for (int f = 0; f < COMPARE_FIGURES; f++) {
		struct compare_result *r = &c->of[f];

		*r = (struct compare_result){ 0 };
		r->value[0] = figure(w, f, 0);
		r->value[1] = figure(w, f, 1);
		r->difference = r->value[0] - r->value[1];
		test_figure(w, f, r);
	}
	for (size_t i = 0; i < c->resamples; i++)
		resample(w, i);
	for (int f = 0; f < COMPARE_FIGURES; f++)
		metrics_interval(w->replicate + (size_t)f * c->resamples, c->resamples, c->level, &c->of[f].low,
		                 &c->of[f].high);
}

int
compare_records(struct compare_record *r, size_t n, struct compare *c)
{
	struct work w = { .c = c, .rng = metrics_rng(c->seed) };
	struct mem_pool m = { .status = w.rng == NULL ? ST_SYS : ST_OK };
	long *group = mem_take(&m, n, sizeof *group);
	size_t *first = mem_take(&m, n + 1, sizeof *first);
	int rc;

	qsort(r, n, sizeof *r, compare_order);
	for (size_t i = 0; i < n && group != NULL; i++)
		group[i] = r[i].group;
	c->units = group == NULL || first == NULL ? 0 : metrics_units(group, n, first, &c->loose, &c->by_record);
	w.cell = mem_take(&m, c->units, c->classes * sizeof *w.cell);
	w.total = mem_take(&m, c->classes, sizeof *w.total);
	w.added = mem_take(&m, c->units, sizeof *w.added);
	w.replicate = mem_take(&m, c->resamples + 1, COMPARE_FIGURES * sizeof *w.replicate);
	rc = m.status;
	if (rc == ST_OK) {
		fill_cells(&w, r, first);
		compute(&w, c);
	}
	mem_release(&m);
	gsl_rng_free(w.rng);
	return rc;
}
