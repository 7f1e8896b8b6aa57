/* calibration against tables worked by hand. */
#include "judge/calibration.h"

#include <float.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "tap.h"

static void
near(double got, double want, const char *name)
{
	agrees(got, want, 1e-14, name);
}

static struct calibration_record
record(double confidence, bool right)
{
	return (struct calibration_record){ .confidence = confidence, .right = right, .weight = 1 };
}

static void
test_record(void)
{
	double p[3] = { 0.5, 0.3, 0.2 }, sure[2] = { 1, 0 }, rounded[2] = { 0.75, 0.2501 };
	struct calibration_record r = calibration_of(p, 3, 0, 1);

	near(r.log_loss, -log(0.3), "log loss: of the truth's probability");
	near(r.brier, 0.25 + 0.49 + 0.04, "Brier: 0.5^2 + (0.3 - 1)^2 + 0.2^2");
	ok(r.confidence == 0.5 && !r.right && r.weight == 1, "confidence is the answer's");
	r = calibration_of(sure, 2, 0, 1);
	near(r.log_loss, -log(DBL_EPSILON), "a truth held impossible counts as 2^-52");
	near(r.brier, 2, "and its Brier score is the worst");
	r = calibration_of(rounded, 2, 0, 0);
	near(r.log_loss, -log(0.75 / 1.0001), "rounded probabilities: the share of their sum");
}

/* Confidence 0.9 right; 0.8 right and wrong; 0.6 wrong. */
static void
test_four(void)
{
	struct calibration_record r[4] = { record(0.8, false), record(0.6, false), record(0.9, true), record(0.8, true) };
	struct calibration_point point[4];
	struct calibration_bin bin[5];
	double f[CALIBRATION_FIGURES];
	size_t n;

	calibration_sort(r, 4);
	ok(r[0].confidence == 0.9 && r[1].right && !r[2].right && r[3].confidence == 0.6, "the most confident first");
	calibration_figures(r, 4, 5, f);
	near(f[CALIBRATION_AURC], 7.0 / 24, "AURC: (0 + 1/3 + 1/3 + 1/2) / 4");
	/* Of the pairs of a right and a wrong answer 3.5 of 4 are in order. */
	near(f[CALIBRATION_AUGRC], (1 - 3.5 / 4) * 0.25 + 0.125, "AUGRC: by AUROC and accuracy");
	near(f[CALIBRATION_ECE], (0.1 + 2 * 0.3 + 0.6) / 4, "calibration error of five bins");
	near(calibration_reliability(r, 4, 5, bin), f[CALIBRATION_ECE], "the same with the table");
	ok(bin[0].records == 0 && isnan(bin[0].accuracy) && bin[2].records == 1 && bin[3].records == 2 &&
	   bin[4].records == 1, "a bin holds its upper bound, not its lower one");
	near(bin[3].accuracy, 0.5, "a bin's accuracy");
	near(bin[3].confidence, 0.8, "its mean confidence");
	n = calibration_curve(r, 4, point);
	ok(n == 3 && point[1].threshold == 0.8 && point[1].records == 3, "equal confidences enter together");
	near(point[1].coverage, 0.75, "coverage");
	near(point[1].risk, 1.0 / 3, "risk");
	near(point[1].generalised_risk, 0.25, "generalised risk");
	ok(calibration_choose(point, n, 0.4, 0) == &point[1], "the largest coverage within the target");
	ok(calibration_choose(point, n, 1.0 / 3, 0) == &point[1], "at the target");
	ok(calibration_choose(point, n, 0.3, 0) == &point[0], "below it");
	ok(calibration_choose(point, n, 1, 0) == &point[2], "all");
	ok(calibration_choose(point + 1, n - 1, 0.3, 0) == NULL, "none");
}

/* The one-sided 95 % interval of 0 of n wrong ends at 1 - 0.05^(1/n): 0.2589 for
 * 10, 0.2831 for 9; that of 1 of 10 at 0.3942. Where so few records are, there is one
 * test, of all. */
static void
test_level(void)
{
	struct calibration_point point[3] = { { 0.9, 9, 0.3, 0, 0 }, { 0.8, 10, 0.4, 0, 0 }, { 0.7, 10, 0.5, 0.1, 0.1 } };

	ok(calibration_choose(point, 2, 0.2589, 0.95) == &point[1], "surely within the target");
	ok(calibration_choose(point, 2, 0.2588, 0.95) == NULL, "not quite");
	ok(calibration_choose(point, 3, 0.2589, 0.95) == NULL, "one of several is not picked for passing");
	ok(calibration_choose(point, 1, 0.2832, 0.95) == &point[0], "fewer records are less sure");
	ok(calibration_choose(point, 3, 0.3943, 0.95) == &point[2], "one wrong of ten");
	point[2].risk = 1;
	ok(calibration_choose(point + 2, 1, 0.999, 0.95) == NULL, "all wrong");
}

/* Tests begin where 15 % of the records would pass, go on by a 20th of all, and
 * end at the first that fails. A risk of 15 % of 30 records has an interval that
 * ends at 0.2995, of 29 at 0.3027. */
static void
test_order(void)
{
	enum { N = 400, START = 30, STEP = N / CALIBRATION_TESTS };
	static struct calibration_point point[N];

	for (size_t i = 0; i < N; i++)
		point[i] = (struct calibration_point){ .threshold = 1 - (double)i / N, .records = (double)i + 1 };
	ok(calibration_choose(point, N, 0.3, 0.95) == &point[N - 1], "no mistake: all");
	point[0].risk = point[10].risk = point[START - 2].risk = point[START].risk = 1;
	ok(calibration_choose(point, N, 0.3, 0.95) == &point[N - 1], "records before the first test and between tests");
	point[START - 1 + 3 * STEP].risk = 0.5;
	ok(calibration_choose(point, N, 0.3, 0.95) == &point[START - 1 + 2 * STEP], "the first failure ends it");
	point[START - 1].risk = 0.5;
	ok(calibration_choose(point, N, 0.3, 0.95) == NULL, "the first test fails");
}

enum { MOST = 600, SETS = 2000 };
static const double most = 0.05 + 2 * 0.0049; /* two standard errors above 5 % of SETS */

/* One validation set: confidences, and the risk at each rank from 0 (the most
 * confident) to 1. */
static size_t
draw(gsl_rng *rng, size_t n, double risk, double slope, double rounding, struct calibration_point *point)
{
	static struct calibration_record r[MOST];

	for (size_t i = 0; i < n; i++) {
		double u = gsl_rng_uniform(rng), c = 1 - u;

		r[i] = record(rounding > 0 ? floor(c / rounding) * rounding : c, gsl_rng_uniform(rng) >= risk + slope * (u - 0.5));
	}
	calibration_sort(r, n);
	return calibration_curve(r, n, point);
}

/* Confidence that says nothing: the risk is above the target at each threshold. */
static void
simulate_useless(gsl_rng *rng, size_t n, double risk, double target, double rounding)
{
	static struct calibration_point point[MOST];
	size_t issued = 0, picked = 0;
	char name[128];

	for (size_t s = 0; s < SETS; s++) {
		size_t points = draw(rng, n, risk, 0, rounding, point);
		bool any = false;

		issued += calibration_choose(point, points, target, 0.95) != NULL;
		for (size_t i = 0; i < points && !any; i++)
			any = calibration_choose(&point[i], 1, target, 0.95) != NULL;
		picked += any;
	}
	snprintf(name, sizeof name, "%zu records, risk %g, target %g: a threshold in %.4f of %d (the best of all: %.4f)", n, risk,
	         target, (double)issued / SETS, SETS, (double)picked / SETS);
	ok((double)issued <= most * SETS && picked > issued, name);
}

/* Confidence from a risk of 5 % to one of 75 %: of the most confident c the risk is
 * 0.05 + 0.35 c, which is 30 % at a coverage of 0.714. */
static void
simulate_useful(gsl_rng *rng, size_t n, double least_issued, double least_coverage)
{
	static struct calibration_point point[MOST];
	size_t issued = 0, wrong = 0;
	double coverage = 0;
	char name[128];

	for (size_t s = 0; s < SETS; s++) {
		const struct calibration_point *chosen = calibration_choose(point, draw(rng, n, 0.4, 0.7, 0, point), 0.3, 0.95);

		if (chosen == NULL)
			continue;
		issued++;
		coverage += 1 - chosen->threshold; /* among all that may come */
		wrong += 0.05 + 0.35 * (1 - chosen->threshold) > 0.3;
	}
	snprintf(name, sizeof name, "%zu records of which confidence tells: %.3f get a threshold, coverage %.3f, %.4f above the target",
	         n, (double)issued / SETS, coverage / (double)issued, (double)wrong / SETS);
	ok((double)issued >= least_issued * SETS && coverage >= least_coverage * (double)issued && (double)wrong <= most * SETS,
	   name);
}

static void
test_certainty(void)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	simulate_useless(rng, 40, 0.32, 0.3, 0);
	simulate_useless(rng, 90, 0.32, 0.3, 0);
	simulate_useless(rng, 240, 0.32, 0.3, 0);
	simulate_useless(rng, 240, 0.32, 0.3, 0.05);
	simulate_useless(rng, MOST, 0.301, 0.3, 0);
	simulate_useless(rng, 240, 0.12, 0.1, 0);
	simulate_useful(rng, 90, 0.35, 0.4);
	simulate_useful(rng, 240, 0.8, 0.45);
	simulate_useful(rng, MOST, 0.9, 0.5);
	gsl_rng_free(rng);
}

/* What a resample leaves out must not show, also next to equals. */
static void
test_weights(void)
{
	struct calibration_record r[5] = { record(0.9, false), record(0.8, true), record(0.8, false), record(0.6, false),
		record(0.5, true) }, twice[3] = { record(0.8, true), record(0.8, true), record(0.6, false) };
	double f[CALIBRATION_FIGURES], want[CALIBRATION_FIGURES];
	struct calibration_point point[5];

	r[0].weight = r[2].weight = r[4].weight = 0;
	r[1].weight = 2;
	calibration_figures(r, 5, 15, f);
	calibration_figures(twice, 3, 15, want);
	for (size_t i = 0; i < CALIBRATION_FIGURES; i++)
		near(f[i], want[i], "a weight is as many records");
	ok(calibration_curve(r, 5, point) == 2 && point[0].threshold == 0.8, "also in the curve");
	r[1].weight = r[3].weight = 0;
	calibration_figures(r, 5, 15, f);
	near(f[CALIBRATION_ECE], NAN, "no records: undefined");
	ok(calibration_curve(r, 5, point) == 0, "and no curve");
	calibration_sort(r, 0);
}

static void
test_edges(void)
{
	struct calibration_record r[3] = { record(1, true), record(0.5, true), record(0, true) };
	struct calibration_bin bin[2];

	near(calibration_reliability(r, 3, 2, bin), (0 + 0.5 + 1) / 3, "confidences 1 and 0 have their bins");
	ok(bin[0].records == 2 && bin[1].records == 1, "the last and the first");
	near(calibration_reliability(r, 3, 1, bin), 0.5, "one bin");
}

int
main(void)
{
	test_record();
	test_four();
	test_level();
	test_order();
	test_certainty();
	test_weights();
	test_edges();
	return finish();
}
