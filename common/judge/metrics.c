#include "judge/metrics.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

int
metrics_init(struct metrics_counts *c, size_t classes)
{
	*c = (struct metrics_counts){ .classes = classes };
	if (classes > METRICS_CLASSES_MAX)
		return err_set(ST_DATA, "more than %d classes", METRICS_CLASSES_MAX);
	c->confusion = mem_zero(classes * (classes + 1), sizeof *c->confusion);
	return c->confusion == NULL ? ST_SYS : ST_OK;
}

void
metrics_free(struct metrics_counts *c)
{
	free(c->confusion);
	*c = (struct metrics_counts){ 0 };
}

static void
reset(struct metrics_counts *c)
{
	memset(c->confusion, 0, c->classes * (c->classes + 1) * sizeof *c->confusion);
	c->records = c->covered = c->covered_correct = 0;
}

static void
add(struct metrics_counts *c, const struct metrics_record *r, uint64_t times)
{
	size_t column = r->pred == METRICS_NONE ? c->classes : (size_t)r->pred;

	c->confusion[(size_t)r->truth * (c->classes + 1) + column] += times;
	c->records += times;
	if (!r->refused) {
		c->covered += times;
		c->covered_correct += r->pred == r->truth ? times : 0;
	}
}

void
metrics_add(struct metrics_counts *c, const struct metrics_record *r)
{
	add(c, r, 1);
}

uint64_t
metrics_cell(const struct metrics_counts *c, size_t truth, size_t pred)
{
	return c->confusion[truth * (c->classes + 1) + pred];
}

uint64_t
metrics_support(const struct metrics_counts *c, size_t truth)
{
	uint64_t sum = 0;

	for (size_t k = 0; k <= c->classes; k++)
		sum += metrics_cell(c, truth, k);
	return sum;
}

/* How often a class was predicted. */
static uint64_t
predicted(const struct metrics_counts *c, size_t class)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < c->classes; k++)
		sum += metrics_cell(c, k, class);
	return sum;
}

static double
ratio(uint64_t part, uint64_t whole, double undefined)
{
	return whole == 0 ? undefined : (double)part / (double)whole;
}

/* Precision, recall and F1 as in van Rijsbergen 1979, Information Retrieval,
 * chapter 7, with F1 written as 2 tp / (2 tp + fp + fn), which is defined
 * wherever the class occurs in truth or among the predictions. UAR is
 * scikit-learn's balanced_accuracy_score; F1_MACRO and F1_WEIGHTED are its
 * f1_score with average="macro" and "weighted". */
void
metrics_figures(const struct metrics_counts *c, double undefined, double *figure)
{
	uint64_t correct = 0;
	size_t in_truth = 0, in_either = 0;
	double recall = 0, macro = 0, weighted = 0;

	for (size_t k = 0; k < c->classes; k++) {
		uint64_t right = metrics_cell(c, k, k), truth = metrics_support(c, k), pred = predicted(c, k);
		double f1 = ratio(2 * right, truth + pred, 0);

		figure[METRICS_AT(k, METRICS_PRECISION)] = ratio(right, pred, undefined);
		figure[METRICS_AT(k, METRICS_RECALL)] = ratio(right, truth, undefined);
		figure[METRICS_AT(k, METRICS_F1)] = ratio(2 * right, truth + pred, undefined);
		correct += right;
		in_truth += truth > 0;
		in_either += truth + pred > 0;
		recall += ratio(right, truth, 0);
		macro += f1;
		weighted += f1 * (double)truth;
	}
	figure[METRICS_ACCURACY] = ratio(correct, c->records, NAN);
	figure[METRICS_UAR] = in_truth == 0 ? NAN : recall / (double)in_truth;
	figure[METRICS_F1_MACRO] = in_either == 0 ? NAN : macro / (double)in_either;
	figure[METRICS_F1_WEIGHTED] = c->records == 0 ? NAN : weighted / (double)c->records;
	figure[METRICS_COVERAGE] = ratio(c->covered, c->records, NAN);
	figure[METRICS_COVERED_ACCURACY] = ratio(c->covered_correct, c->covered, NAN);
	for (size_t i = METRICS_CALIBRATION; i < METRICS_OVERALL; i++)
		figure[i] = NAN;
}

/* By speaker, those without one last, then by content: the resamples must not
 * depend on the order in which records came. */
static int
compare_records(const void *a, const void *b)
{
	const struct metrics_record *x = a, *y = b;
	bool x_loose = x->group < 0, y_loose = y->group < 0;

	if (x_loose != y_loose)
		return x_loose - y_loose;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->truth != y->truth)
		return x->truth < y->truth ? -1 : 1;
	if (x->pred != y->pred)
		return x->pred < y->pred ? -1 : 1;
	if (x->refused != y->refused)
		return x->refused - y->refused;
	return calibration_compare(&x->calibration, &y->calibration);
}

/* What the bootstrap works on: unit u is record[first[u]] to record[first[u+1]-1], where
 * those that count the same follow each other. */
struct resampler {
	struct metrics_record *record;
	size_t *first;
	size_t *alike; /* from the first of such records: how many of its unit */
	size_t *drawn; /* how often each unit is in the resample */
	struct calibration_record *calibration; /* sorted; of: its unit */
	double *replicate; /* (figures,resamples) */
	double *figure;
	struct metrics_counts counts;
	gsl_rng *rng;
	struct mem_pool memory; /* of all arrays but the counts' */
};

size_t
metrics_units(const long *group, size_t n, size_t *first, size_t *loose, bool *by_record)
{
	size_t speakers = 0, units = 0;

	*loose = 0;
	for (size_t i = 0; i < n; i++) {
		*loose += group[i] < 0;
		speakers += group[i] >= 0 && (i == 0 || group[i] != group[i - 1]);
	}
	*by_record = speakers < 2;
	for (size_t i = 0; i < n; i++)
		if (*by_record || i == 0 || group[i] < 0 || group[i] != group[i - 1])
			first[units++] = i;
	first[units] = n;
	return units;
}

gsl_rng *
metrics_rng(uint64_t seed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	if (rng == NULL)
		err_set(ST_SYS, "out of memory");
	else /* it takes 32 bits of seed: let the upper ones count too */
		gsl_rng_set(rng, (unsigned long)((seed ^ seed >> 32) & 0xffffffff));
	return rng;
}

static void
take_unit(struct resampler *s, size_t u)
{
	size_t first = s->first[u];

	for (size_t i = first; i < s->first[u + 1]; i++) {
		const struct metrics_record *a = &s->record[first], *b = &s->record[i];

		if (a->truth != b->truth || a->pred != b->pred || a->refused != b->refused)
			first = i;
		s->alike[first]++;
		s->calibration[i] = b->calibration;
		s->calibration[i].of = u;
	}
}

static int
make_resampler(struct resampler *s, const struct metrics_record *r, size_t n, size_t classes,
               struct metrics_bootstrap *how)
{
	struct mem_pool *m = &s->memory;
	long *group = mem_take(m, n, sizeof *group);
	int rc;

	s->record = mem_take(m, n, sizeof *s->record);
	s->first = mem_take(m, n + 1, sizeof *s->first);
	s->alike = mem_take(m, n, sizeof *s->alike);
	s->drawn = mem_take(m, n, sizeof *s->drawn);
	s->calibration = mem_take(m, n, sizeof *s->calibration);
	s->replicate = mem_take(m, how->resamples, METRICS_COUNT(classes) * sizeof *s->replicate);
	s->figure = mem_take(m, METRICS_COUNT(classes), sizeof *s->figure);
	if (m->status != ST_OK)
		return m->status;
	rc = metrics_init(&s->counts, classes);
	if (rc != ST_OK)
		return rc;
	s->rng = metrics_rng(how->seed);
	if (s->rng == NULL)
		return ST_SYS;
	memcpy(s->record, r, n * sizeof *r);
	qsort(s->record, n, sizeof *s->record, compare_records);
	for (size_t i = 0; i < n; i++)
		group[i] = s->record[i].group;
	how->units = metrics_units(group, n, s->first, &how->loose, &how->by_record);
	for (size_t u = 0; u < how->units; u++)
		take_unit(s, u);
	calibration_sort(s->calibration, n);
	return ST_OK;
}

static void
resample(struct resampler *s, size_t n, const struct metrics_bootstrap *how)
{
	reset(&s->counts);
	memset(s->drawn, 0, how->units * sizeof *s->drawn);
	for (size_t i = 0; i < how->units; i++)
		s->drawn[gsl_rng_uniform_int(s->rng, how->units)]++;
	for (size_t u = 0; u < how->units; u++)
		for (size_t k = s->first[u]; k < s->first[u + 1] && s->drawn[u] > 0; k += s->alike[k])
			add(&s->counts, &s->record[k], s->drawn[u] * s->alike[k]);
	metrics_figures(&s->counts, NAN, s->figure);
	if (how->bins == 0)
		return;
	for (size_t i = 0; i < n; i++)
		s->calibration[i].weight = (double)s->drawn[s->calibration[i].of];
	calibration_figures(s->calibration, n, how->bins, s->figure + METRICS_CALIBRATION);
}

void
metrics_interval(double *replicate, size_t n, double level, double *low, double *high)
{
	size_t defined = 0;

	*low = *high = NAN;
	for (size_t i = 0; i < n; i++)
		if (!isnan(replicate[i]))
			replicate[defined++] = replicate[i];
	if (defined == 0)
		return;
	gsl_sort(replicate, 1, defined);
	*low = gsl_stats_quantile_from_sorted_data(replicate, 1, defined, (1 - level) / 2);
	*high = gsl_stats_quantile_from_sorted_data(replicate, 1, defined, (1 + level) / 2);
}

int
metrics_intervals(const struct metrics_record *r, size_t n, size_t classes, struct metrics_bootstrap *how,
                  double *low, double *high)
{
	struct resampler s = { 0 };
	size_t figures = METRICS_COUNT(classes), b = n == 0 ? 0 : how->resamples;
	int rc = make_resampler(&s, r, n, classes, how);

	if (rc == ST_OK) {
		for (size_t i = 0; i < b; i++) {
			resample(&s, n, how);
			for (size_t f = 0; f < figures; f++)
				s.replicate[f * b + i] = s.figure[f];
		}
		for (size_t f = 0; f < figures; f++)
			metrics_interval(s.replicate + f * b, b, how->level, &low[f], &high[f]);
	}
	metrics_free(&s.counts);
	gsl_rng_free(s.rng);
	mem_release(&s.memory);
	return rc;
}
