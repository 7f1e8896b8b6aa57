/* metrics: how right a classifier's predictions are, and how sure that is. Pure
 * numbers. Conventions are those of scikit-learn's metrics module. */
#ifndef SER_JUDGE_METRICS_H
#define SER_JUDGE_METRICS_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "judge/calibration.h"

enum { METRICS_CLASSES_MAX = 1024 };
enum { METRICS_NONE = -1 };

/* One prediction and the truth. */
struct metrics_record {
	int truth;    /* a class, 0 to classes-1 */
	int pred;     /* the class predicted, or METRICS_NONE: wrong whatever the truth is */
	bool refused; /* pred was UNCERTAIN, and this is what it would have been */
	long group;   /* the speaker, from 0, or METRICS_NONE where unknown */
	struct calibration_record calibration; /* where probabilities are known */
};

struct metrics_counts {
	size_t classes;
	uint64_t *confusion; /* (classes,classes+1), truth by prediction; the last column counts METRICS_NONE */
	uint64_t records, covered, covered_correct; /* covered: not refused */
};

/* Figures over all classes, from 0 to 1. */
enum metrics_overall {
	METRICS_ACCURACY,    /* fraction of right predictions */
	METRICS_UAR,         /* unweighted average recall: mean over the classes that occur in truth */
	METRICS_F1_MACRO,    /* mean F1 over the classes that occur in truth or among the predictions */
	METRICS_F1_WEIGHTED, /* mean F1 weighted by the classes' records */
	METRICS_COVERAGE,    /* fraction of records not refused */
	METRICS_COVERED_ACCURACY, /* accuracy among those */
	METRICS_CALIBRATION, /* from here on those of enum calibration_figure */
	METRICS_OVERALL = METRICS_CALIBRATION + CALIBRATION_FIGURES
};

/* Figures of each class. */
enum metrics_of_class { METRICS_PRECISION, METRICS_RECALL, METRICS_F1, METRICS_OF_CLASS };

/* The index of a class's figure in an array of figures, and how many figures there are. */
#define METRICS_AT(class, figure) (METRICS_OVERALL + METRICS_OF_CLASS * (class) + (size_t)(figure))
#define METRICS_COUNT(classes) (METRICS_OVERALL + METRICS_OF_CLASS * (classes))

/* Sets up counts of zero; release with metrics_free, also after a failure.
 * ST_DATA where there are more than METRICS_CLASSES_MAX classes. */
int metrics_init(struct metrics_counts *c, size_t classes);
void metrics_add(struct metrics_counts *c, const struct metrics_record *r);
void metrics_free(struct metrics_counts *c);

uint64_t metrics_cell(const struct metrics_counts *c, size_t truth, size_t pred); /* pred may be classes: none */
uint64_t metrics_support(const struct metrics_counts *c, size_t truth);             /* records of that class */

/* Fills figure[METRICS_COUNT(classes)]. A class's figure that divides by zero
 * becomes undefined, which is 0 as scikit-learn's zero_division=0, or NAN;
 * within the means it is 0. What has no records at all is NAN, and so are the
 * figures of calibration, which do not follow from counts. */
void metrics_figures(const struct metrics_counts *c, double undefined, double *figure);

struct metrics_bootstrap {
	size_t resamples; /* 1 or more */
	double level;     /* of the interval, between 0 and 1: 0.95 */
	uint64_t seed;
	size_t bins;      /* of the expected calibration error; 0: no probabilities are known */
	/* results */
	size_t units;    /* what was drawn from: speakers, or records */
	size_t loose;    /* records without a speaker, each a unit of its own */
	bool by_record;  /* fewer than two speakers are known, so records were resampled */
};

/* Percentile intervals by the cluster bootstrap: low and high, each
 * [METRICS_COUNT(classes)], NAN where a figure is undefined in every resample.
 * Speakers are drawn with replacement, all of a speaker's records together,
 * since the records of one speaker resemble each other; the order of r does
 * not matter. Resamples in which a figure is undefined do not count for it.
 * (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13;
 * Field and Welsh 2007, J. R. Statist. Soc. B 69(3), 369-390.) */
int metrics_intervals(const struct metrics_record *r, size_t n, size_t classes, struct metrics_bootstrap *how,
                      double *low, double *high);

/* The units of n records whose groups (negative: unknown) are sorted: each speaker,
 * and each of the *loose records without one; or, where fewer than two speakers are
 * known, each record. Fills first[0..units] with the index of each one's first record,
 * and n; returns units. */
size_t metrics_units(const long *group, size_t n, size_t *first, size_t *loose, bool *by_record);

/* A generator for resamples; NULL, with the message set, where memory ends. */
gsl_rng *metrics_rng(uint64_t seed);

/* The percentile interval of n replicates, which it sorts; NANs do not count, and
 * where there is nothing else both ends are NAN. */
void metrics_interval(double *replicate, size_t n, double level, double *low, double *high);

#endif
