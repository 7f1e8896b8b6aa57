#include "judge/calibration.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

struct calibration_record
calibration_of(const double *p, size_t classes, size_t pred, size_t truth)
{
	struct calibration_record r = { .confidence = p[pred], .right = pred == truth, .weight = 1 };
	double sum = 0;

	for (size_t i = 0; i < classes; i++) {
		double miss = p[i] - (i == truth);

		sum += p[i];
		r.brier += miss * miss;
	}
	r.log_loss = -log(fmax(p[truth] / sum, DBL_EPSILON));
	return r;
}

/* Negative where a comes first: the larger one. */
static int
falling(double a, double b)
{
	return (a < b) - (a > b);
}

int
calibration_compare(const void *a, const void *b)
{
	const struct calibration_record *x = a, *y = b;
	int order = falling(x->confidence, y->confidence);

	if (order == 0)
		order = falling(x->log_loss, y->log_loss);
	if (order == 0)
		order = falling(x->brier, y->brier);
	return order != 0 ? order : y->right - x->right;
}

void
calibration_sort(struct calibration_record *r, size_t n)
{
	if (n > 0) /* qsort requires an array, even for nothing */
		qsort(r, n, sizeof *r, calibration_compare);
}

/* Records and wrong ones so far, going down the sorted list. */
struct front {
	size_t next; /* the first record not yet in */
	double records, wrong;
};

/* Takes in all records of the next confidence that have weight; false where
 * there are no more. */
static bool
advance(struct front *f, const struct calibration_record *r, size_t n)
{
	double before = f->records;
	size_t i = f->next;

	while (i < n && (f->records == before || r[i].confidence == r[i - 1].confidence)) {
		f->records += r[i].weight;
		f->wrong += r[i].right ? 0 : r[i].weight;
		i++;
	}
	f->next = i;
	return f->records > before;
}

static double
total_weight(const struct calibration_record *r, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += r[i].weight;
	return sum;
}

/* The next whole number less 1, by hand: ceil may be a call. */
static size_t
bin_of(double confidence, size_t bins)
{
	double b = confidence * (double)bins;
	size_t below;

	if (!(b > 0) || b >= (double)bins)
		return b > 0 ? bins - 1 : 0;
	below = (size_t)b;
	return (double)below < b ? below : below - 1;
}

static void
begin_bins(struct calibration_bin *bin, size_t bins)
{
	for (size_t b = 0; b < bins; b++)
		bin[b] = (struct calibration_bin){ .low = (double)b / (double)bins, .high = (double)(b + 1) / (double)bins };
}

static void
add_to_bin(struct calibration_bin *bin, size_t bins, const struct calibration_record *r)
{
	struct calibration_bin *to = &bin[bin_of(r->confidence, bins)];

	/* There is a bin at least. NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign) */
	to->records += r->weight;
	to->confidence += r->weight * r->confidence;
	to->accuracy += r->right ? r->weight : 0;
}

static double
end_bins(struct calibration_bin *bin, size_t bins, double total)
{
	double error = 0;

	for (size_t b = 0; b < bins; b++) {
		error += fabs(bin[b].accuracy - bin[b].confidence);
		bin[b].confidence /= bin[b].records;
		bin[b].accuracy /= bin[b].records;
	}
	return error / total;
}

double
calibration_reliability(const struct calibration_record *r, size_t n, size_t bins, struct calibration_bin *bin)
{
	double total = 0;

	begin_bins(bin, bins);
	for (size_t i = 0; i < n; i++) {
		total += r[i].weight;
		add_to_bin(bin, bins, &r[i]);
	}
	return end_bins(bin, bins, total);
}

/* In one loop, as a bootstrap comes here a thousand times, and many records are larger
 * than the cache. For the areas see advance. */
void
calibration_figures(const struct calibration_record *r, size_t n, size_t bins, double *figure)
{
	struct calibration_bin bin[CALIBRATION_BINS_MAX];
	double log_loss = 0, brier = 0, aurc = 0, augrc = 0, total = 0, wrong = 0, before = 0, wrong_before = 0;

	begin_bins(bin, bins);
	for (size_t i = 0; i < n; i++) {
		total += r[i].weight;
		wrong += r[i].right ? 0 : r[i].weight;
		log_loss += r[i].weight * r[i].log_loss;
		brier += r[i].weight * r[i].brier;
		add_to_bin(bin, bins, &r[i]);
		if (total > before && (i + 1 == n || r[i + 1].confidence != r[i].confidence)) {
			aurc += (total - before) * wrong / total;
			augrc += (total - before) * (wrong_before + wrong) / 2;
			before = total;
			wrong_before = wrong;
		}
	}
	for (size_t i = 0; i < CALIBRATION_FIGURES; i++)
		figure[i] = NAN;
	if (!(total > 0))
		return;
	figure[CALIBRATION_LOG_LOSS] = log_loss / total;
	figure[CALIBRATION_BRIER] = brier / total;
	figure[CALIBRATION_AURC] = aurc / total;
	figure[CALIBRATION_AUGRC] = augrc / (total * total);
	figure[CALIBRATION_ECE] = end_bins(bin, bins, total);
}

size_t
calibration_curve(const struct calibration_record *r, size_t n, struct calibration_point *point)
{
	double total = total_weight(r, n);
	struct front f = { 0 };
	size_t points = 0;

	while (advance(&f, r, n))
		point[points++] = (struct calibration_point){ .threshold = r[f.next - 1].confidence,
			                                                .records = f.records,
			                                                .coverage = f.records / total,
			                                                .risk = f.wrong / f.records,
			                                                .generalised_risk = f.wrong / total };
	return points;
}

/* Whether the upper end of the risk's interval is at most target. That end is a
 * quantile of the beta distribution; a risk of 1 has no larger one above it. */
static bool
passes(double risk, double records, double target, double level)
{
	double wrong = risk * records, right = records - wrong;

	return right < 0.5 ? target >= 1 : gsl_cdf_beta_P(target, wrong + 1, right) >= level;
}

static const struct calibration_point *
largest_below(const struct calibration_point *point, size_t n, double target)
{
	while (n-- > 0)
		if (point[n].risk <= target)
			return &point[n];
	return NULL;
}

/* Where tests begin: at a step's records and more where half the target would not pass. */
static size_t
first_test(const struct calibration_point *point, size_t n, double target, double level, double step)
{
	size_t i = 0;

	while (i + 1 < n && (point[i].records < step || !passes(target / 2, point[i].records, target, level)))
		i++;
	return i;
}

const struct calibration_point *
calibration_choose(const struct calibration_point *point, size_t n, double target, double level)
{
	const struct calibration_point *chosen = NULL;
	double step;

	if (n == 0 || level <= 0)
		return largest_below(point, n, target);
	step = point[n - 1].records / CALIBRATION_TESTS;
	for (size_t i = first_test(point, n, target, level, step); passes(point[i].risk, point[i].records, target, level);) {
		double next = point[i].records + step;

		chosen = &point[i];
		if (i == n - 1)
			break;
		while (i < n - 1 && point[i].records < next)
			i++;
	}
	return chosen;
}
