/* compare: is one classifier better than another on the same records? Pure
 * numbers. The speaker is the unit: records of one speaker resemble each
 * other, so their differences are not independent. */
#ifndef SER_JUDGE_COMPARE_H
#define SER_JUDGE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COMPARE_EXACT_MAX = 24 }; /* units that differ, up to which all swaps are tried */

/* One record and who was right. */
struct compare_record {
	int truth;  /* a class, 0 to classes-1 */
	long group; /* the speaker, from 0; negative where unknown */
	bool right[2];
};

enum compare_figure { COMPARE_ACCURACY, COMPARE_UAR, COMPARE_FIGURES };

struct compare_result {
	double value[2];   /* the figure of all records, 0 to 1, as metrics_figures has it */
	double difference; /* value[0] - value[1] */
	double low, high;  /* its interval; NAN without a bootstrap */
	double p;          /* two-sided */
	size_t better[2];  /* units for which the one or the other is better */
	bool exact;        /* all assignments of swaps were tried */
};

struct compare {
	size_t classes;
	size_t permutations; /* where there are too many for all, as many at random; 1 or more */
	size_t resamples;    /* of the bootstrap; 0: no intervals */
	double level;        /* of the intervals, between 0 and 1 */
	uint64_t seed;
	/* results */
	size_t units;   /* speakers, and records without one */
	size_t loose;   /* of these: records without one */
	bool by_record; /* fewer than two speakers are known, so that records are the units */
	struct compare_result of[COMPARE_FIGURES];
};

/* Compares the two on n records, 1 or more, whose order r may change.
 *
 * p is that of a randomisation test: if the two are alike, their predictions for all
 * records of a speaker might as well be swapped. For each assignment of swaps to
 * speakers the figure's difference over all records is formed anew, and p is the
 * fraction of assignments in which it is at least as far from 0 as it is; of
 * assignments drawn at random, k of n, p is (1 + k) / (1 + n). Accuracy and UAR
 * are sums over records, so a swap changes the sign of what the speaker adds to
 * the difference. (Fisher 1935, The Design of Experiments, section 21; Noreen
 * 1989, Computer-Intensive Methods for Testing Hypotheses; Phipson and Smyth
 * 2010, Stat. Appl. Genet. Mol. Biol. 9(1), 39.)
 *
 * The interval is the percentile interval of the difference when speakers are
 * drawn with replacement, as in metrics_intervals. Neither depends on the order
 * of the records. */
int compare_records(struct compare_record *r, size_t n, struct compare *c);

#endif
