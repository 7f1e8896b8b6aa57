/* metrics against tables worked by hand: the numbers below are fractions of
 * small whole numbers that anyone can check. */
#include "judge/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "tap.h"

static void
near(double got, double want, const char *name)
{
	agrees(got, want, 1e-14, name);
}

static bool
between(double x, double low, double high)
{
	return x >= low && x <= high;
}

/* Adds n equal records at r; returns where the next one goes. */
static struct metrics_record *
add(struct metrics_record *r, size_t n, int truth, int pred, bool refused, long group)
{
	for (size_t i = 0; i < n; i++)
		*r++ = (struct metrics_record){ .truth = truth, .pred = pred, .refused = refused, .group = group };
	return r;
}

static void
figures_of(const struct metrics_record *r, const struct metrics_record *end, size_t classes, double undefined,
           double *figure)
{
	struct metrics_counts c;

	if (metrics_init(&c, classes) != ST_OK)
		exit(99);
	for (; r < end; r++)
		metrics_add(&c, r);
	metrics_figures(&c, undefined, figure);
	metrics_free(&c);
}

/*           answer  A  B  C     The starred ones hold refused answers:
 *   truth A         5  2* 1     both of A as B, one of B as A, one of C as C.
 *         B         1* 3  0     20 records, 13 right; 16 covered, 12 of
 *         C         2  1  5*    them right. */
static struct metrics_record *
three_classes(struct metrics_record *r)
{
	struct metrics_record *e = r;

	e = add(e, 5, 0, 0, false, METRICS_NONE);
	e = add(e, 2, 0, 1, true, METRICS_NONE);
	e = add(e, 1, 0, 2, false, METRICS_NONE);
	e = add(e, 1, 1, 0, true, METRICS_NONE);
	e = add(e, 3, 1, 1, false, METRICS_NONE);
	e = add(e, 2, 2, 0, false, METRICS_NONE);
	e = add(e, 1, 2, 1, false, METRICS_NONE);
	e = add(e, 4, 2, 2, false, METRICS_NONE);
	return add(e, 1, 2, 2, true, METRICS_NONE);
}

static void
test_three_classes(void)
{
	struct metrics_record r[20];
	double f[METRICS_COUNT(3)];

	figures_of(r, three_classes(r), 3, 0, f);
	near(f[METRICS_ACCURACY], 0.65, "accuracy 13/20");
	near(f[METRICS_AT(0, METRICS_RECALL)], 0.625, "recall of A 5/8");
	near(f[METRICS_AT(1, METRICS_RECALL)], 0.75, "recall of B 3/4");
	near(f[METRICS_AT(2, METRICS_RECALL)], 0.625, "recall of C 5/8");
	near(f[METRICS_UAR], 0.66666666666666667, "UAR (5/8 + 3/4 + 5/8) / 3");
	near(f[METRICS_AT(0, METRICS_PRECISION)], 0.625, "precision of A 5/8");
	near(f[METRICS_AT(1, METRICS_PRECISION)], 0.5, "precision of B 3/6");
	near(f[METRICS_AT(2, METRICS_PRECISION)], 0.83333333333333333, "precision of C 5/6");
	near(f[METRICS_AT(0, METRICS_F1)], 0.625, "F1 of A 10/16");
	near(f[METRICS_AT(1, METRICS_F1)], 0.6, "F1 of B 6/10");
	near(f[METRICS_AT(2, METRICS_F1)], 0.71428571428571429, "F1 of C 10/14");
	near(f[METRICS_F1_MACRO], 0.64642857142857143, "macro F1 (5/8 + 3/5 + 5/7) / 3 = 181/280");
	near(f[METRICS_F1_WEIGHTED], 0.65571428571428571, "weighted F1 (8*5/8 + 4*3/5 + 8*5/7) / 20 = 459/700");
	near(f[METRICS_COVERAGE], 0.8, "coverage 16/20");
	near(f[METRICS_COVERED_ACCURACY], 0.75, "covered accuracy 12/16");
}

/*           answer  A  B  C  D      B is never answered, C never true, D
 *   truth A         2  0  1  0      neither: D stays out of both means, C
 *         B         1  0  0  0      out of UAR only. */
static void
test_missing_classes(void)
{
	struct metrics_record r[4], *e = r;
	double f[METRICS_COUNT(4)];

	e = add(e, 2, 0, 0, false, 0);
	e = add(e, 1, 0, 2, false, 0);
	e = add(e, 1, 1, 0, false, 1);
	figures_of(r, e, 4, 0, f);
	near(f[METRICS_ACCURACY], 0.5, "missing classes: accuracy 2/4");
	near(f[METRICS_UAR], 0.33333333333333333, "missing classes: UAR (2/3 + 0) / 2");
	near(f[METRICS_AT(0, METRICS_F1)], 0.66666666666666667, "missing classes: F1 of A 4/6");
	near(f[METRICS_F1_MACRO], 0.22222222222222222, "missing classes: macro F1 (2/3 + 0 + 0) / 3");
	near(f[METRICS_F1_WEIGHTED], 0.5, "missing classes: weighted F1 3*2/3 / 4");
	near(f[METRICS_AT(1, METRICS_PRECISION)], 0, "a class never answered has precision 0 by convention");
	near(f[METRICS_AT(2, METRICS_RECALL)], 0, "a class never true has recall 0 by convention");
	near(f[METRICS_AT(3, METRICS_F1)], 0, "a class that is neither has F1 0 by convention");
	figures_of(r, e, 4, NAN, f);
	near(f[METRICS_AT(1, METRICS_PRECISION)], NAN, "the same, undefined: precision");
	near(f[METRICS_AT(2, METRICS_RECALL)], NAN, "the same, undefined: recall");
	near(f[METRICS_AT(3, METRICS_F1)], NAN, "the same, undefined: F1");
	near(f[METRICS_AT(1, METRICS_F1)], 0, "F1 of a class in truth is defined: 0");
	near(f[METRICS_F1_MACRO], 0.22222222222222222, "the means do not change with it");
}

/*           answer  A  B  none      Answers of no class are wrong, and count
 *   truth A         1  1  2         in recall, not in precision. */
static void
test_no_answer(void)
{
	struct metrics_record r[6], *e = r;
	struct metrics_counts c;
	double f[METRICS_COUNT(2)];

	e = add(e, 1, 0, 0, false, 0);
	e = add(e, 1, 0, 1, false, 0);
	e = add(e, 2, 0, METRICS_NONE, true, 0);
	e = add(e, 2, 1, 1, false, 0);
	figures_of(r, e, 2, 0, f);
	near(f[METRICS_ACCURACY], 0.5, "no answer: accuracy 3/6");
	near(f[METRICS_AT(0, METRICS_RECALL)], 0.25, "no answer: recall of A 1/4");
	near(f[METRICS_AT(0, METRICS_PRECISION)], 1, "no answer: precision of A 1/1");
	near(f[METRICS_AT(0, METRICS_F1)], 0.4, "no answer: F1 of A 2/5");
	near(f[METRICS_COVERED_ACCURACY], 0.75, "no answer: covered accuracy 3/4");
	if (metrics_init(&c, 2) != ST_OK)
		exit(99);
	for (size_t i = 0; i < 6; i++)
		metrics_add(&c, &r[i]);
	ok(metrics_support(&c, 0) == 4 && metrics_cell(&c, 0, 2) == 2 && metrics_cell(&c, 1, 1) == 2, "counts and support");
	metrics_free(&c);
}

static void
test_nothing_covered(void)
{
	struct metrics_record r[2];
	double f[METRICS_COUNT(1)];

	figures_of(r, add(r, 2, 0, 0, true, 0), 1, 0, f);
	near(f[METRICS_COVERAGE], 0, "all refused: coverage 0");
	near(f[METRICS_COVERED_ACCURACY], NAN, "all refused: covered accuracy undefined");
	figures_of(r, r, 1, 0, f);
	near(f[METRICS_ACCURACY], NAN, "no records: accuracy undefined");
	near(f[METRICS_UAR], NAN, "no records: UAR undefined");
}

/* One speaker always right, one always wrong, 50 records each: resampled by
 * speaker, accuracy is 0, 1/2 or 1 with probability 1/4, 1/2, 1/4. */
static void
test_two_speakers(void)
{
	struct metrics_record r[100], back[100];
	struct metrics_bootstrap how = { .resamples = 1000, .level = 0.95, .seed = 1 }, again = how;
	double low[METRICS_COUNT(2)], high[METRICS_COUNT(2)], low2[METRICS_COUNT(2)], high2[METRICS_COUNT(2)];

	add(add(r, 50, 0, 0, false, 0), 50, 1, 0, false, 1);
	ok(metrics_intervals(r, 100, 2, &how, low, high) == ST_OK, "bootstrap over two speakers");
	ok(how.units == 2 && how.loose == 0 && !how.by_record, "it drew from two speakers");
	near(low[METRICS_ACCURACY], 0, "95 % interval of accuracy from 0");
	near(high[METRICS_ACCURACY], 1, "to 1");
	near(low[METRICS_COVERAGE], 1, "an interval of what does not vary");
	near(low[METRICS_AT(1, METRICS_PRECISION)], NAN, "no interval of what is never defined");
	near(high[METRICS_AT(0, METRICS_RECALL)], 1, "recall only where the class occurs");
	near(low[METRICS_AT(0, METRICS_RECALL)], 1, "so it is 1 in all such resamples");
	how.level = 0.4;
	metrics_intervals(r, 100, 2, &how, low, high);
	near(low[METRICS_ACCURACY], 0.5, "40 % interval, from quantile 0.3, begins at 1/2");
	near(high[METRICS_ACCURACY], 0.5, "and ends there, at quantile 0.7");

	for (size_t i = 0; i < 100; i++)
		back[i] = r[99 - i];
	again.level = how.level;
	metrics_intervals(back, 100, 2, &again, low2, high2);
	ok(low[METRICS_UAR] == low2[METRICS_UAR] && high[METRICS_UAR] == high2[METRICS_UAR],
	   "the order of records changes nothing");
}

/* 400 records, half right, of one speaker: the standard error of accuracy is
 * sqrt(0.5 * 0.5 / 400) = 0.025, the 95 % interval 0.5 -+ 1.96 * 0.025. */
static void
test_records(void)
{
	struct metrics_record r[400];
	struct metrics_bootstrap how = { .resamples = 4000, .level = 0.95, .seed = 7 };
	double low[METRICS_COUNT(2)], high[METRICS_COUNT(2)], before;

	add(add(r, 200, 0, 0, false, 3), 200, 1, 0, false, 3);
	metrics_intervals(r, 400, 2, &how, low, high);
	ok(how.by_record && how.units == 400, "one speaker: records are resampled");
	ok(between(low[METRICS_ACCURACY], 0.446, 0.456), "interval from about 0.451");
	ok(between(high[METRICS_ACCURACY], 0.544, 0.554), "to about 0.549");
	how.resamples = 20;
	metrics_intervals(r, 400, 2, &how, low, high);
	before = low[METRICS_F1_MACRO];
	metrics_intervals(r, 400, 2, &how, low, high);
	ok(low[METRICS_F1_MACRO] == before, "the same seed gives the same interval");
	how.seed += UINT64_C(1) << 32;
	metrics_intervals(r, 400, 2, &how, low, high);
	ok(low[METRICS_F1_MACRO] != before, "a seed that differs in its upper half another");

	add(add(r, 200, 0, 0, false, METRICS_NONE), 200, 1, 0, false, METRICS_NONE);
	metrics_intervals(r, 400, 2, &how, low, high);
	ok(how.by_record && how.units == 400 && how.loose == 400, "no speaker: records are resampled");
	add(add(r, 100, 0, 0, false, 0), 100, 0, 0, false, 1);
	metrics_intervals(r, 400, 2, &how, low, high);
	ok(!how.by_record && how.units == 202 && how.loose == 200, "half without: each of those is a unit");
}

/* Speaker 0 is surely right, speaker 1 as surely wrong: each resample has both,
 * or one of them twice. */
static void
test_calibration(void)
{
	static const double sure[2] = { 0.9, 0.1 };
	struct metrics_record r[8];
	struct metrics_bootstrap how = { .resamples = 200, .level = 0.95, .seed = 1, .bins = 10 };
	double low[METRICS_COUNT(2)], high[METRICS_COUNT(2)];

	add(add(r, 4, 0, 0, false, 0), 4, 1, 0, false, 1);
	for (size_t i = 0; i < 8; i++)
		r[i].calibration = calibration_of(sure, 2, 0, (size_t)r[i].truth);
	metrics_intervals(r, 8, 2, &how, low, high);
	near(low[METRICS_CALIBRATION + CALIBRATION_LOG_LOSS], -log(0.9), "interval of the log loss: from all right");
	near(high[METRICS_CALIBRATION + CALIBRATION_LOG_LOSS], -log(0.1), "to all wrong");
	near(low[METRICS_CALIBRATION + CALIBRATION_ECE], 0.1, "and of the calibration error");
	near(high[METRICS_CALIBRATION + CALIBRATION_AURC], 1, "and of AURC");
	near(high[METRICS_CALIBRATION + CALIBRATION_AUGRC], 0.5, "and of AUGRC");
	how.bins = 0;
	metrics_intervals(r, 8, 2, &how, low, high);
	near(low[METRICS_CALIBRATION + CALIBRATION_ECE], NAN, "none without probabilities");
}

static void
test_edges(void)
{
	struct metrics_record r[1];
	struct metrics_bootstrap how = { .resamples = 10, .level = 0.95 };
	double low[METRICS_COUNT(1)], high[METRICS_COUNT(1)];
	struct metrics_counts c;

	add(r, 1, 0, 0, false, METRICS_NONE);
	ok(metrics_intervals(r, 1, 1, &how, low, high) == ST_OK && low[METRICS_UAR] == 1, "one record");
	ok(metrics_intervals(r, 0, 1, &how, low, high) == ST_OK && isnan(low[METRICS_UAR]), "no records");
	how.resamples = SIZE_MAX / 4;
	ok(metrics_intervals(r, 1, 1, &how, low, high) == ST_SYS, "more resamples than memory: a status, not a crash");
	ok(metrics_init(&c, METRICS_CLASSES_MAX + 1) == ST_DATA, "too many classes: likewise");
	metrics_free(&c);
}

int
main(void)
{
	test_three_classes();
	test_missing_classes();
	test_no_answer();
	test_nothing_covered();
	test_two_speakers();
	test_records();
	test_calibration();
	test_edges();
	return finish();
}
