/* calibration against tables worked by hand. */
#include "judge/calibration.h"

#include <float.h>
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
 * 10, 0.2831 for 9; that of 1 of 10 at 0.3942. */
static void
test_level(void)
{
	struct calibration_point point[3] = { { 0.9, 9, 0.3, 0, 0 }, { 0.8, 10, 0.4, 0, 0 }, { 0.7, 10, 0.5, 0.1, 0.1 } };

	ok(calibration_choose(point, 3, 0.2589, 0.95) == &point[1], "surely within the target");
	ok(calibration_choose(point, 3, 0.2588, 0.95) == NULL, "not quite");
	ok(calibration_choose(point, 1, 0.2832, 0.95) == &point[0], "fewer records are less sure");
	ok(calibration_choose(point, 3, 0.3943, 0.95) == &point[2], "one wrong of ten");
	point[2].risk = 1;
	ok(calibration_choose(point + 2, 1, 0.999, 0.95) == NULL, "all wrong");
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
	test_weights();
	test_edges();
	return finish();
}
