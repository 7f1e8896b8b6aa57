/* calibration: whether probabilities mean what they say, and what refusing
 * the least confident predictions is worth. Pure numbers; figures are fractions from
 * 0 to 1 but for the log loss, which is in nats. */
#ifndef SER_JUDGE_CALIBRATION_H
#define SER_JUDGE_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>

enum { CALIBRATION_BINS = 15, CALIBRATION_BINS_MAX = 1000 };

/* One prediction. */
struct calibration_record {
	double confidence; /* the probability of the prediction */
	double log_loss;   /* -ln of the truth's probability */
	double brier;      /* sum over the classes of (p - [it is the truth])^2: 0 to 2 */
	bool right;
	double weight;     /* how often it counts: 1, or as often as a resample drew it */
	size_t of;         /* the caller's number of it */
};

/* The record of a prediction with probabilities p[0..classes); weight 1, of 0. The
 * truth's probability is its part of the sum, which may differ from 1 where p
 * was rounded, and at least 2^-52, as scikit-learn's log_loss has it; the
 * others are taken as they are. (G. W. Brier, Monthly Weather Review 78(1),
 * 1950, 1-3, whose score is the mean of what is here called brier.) */
struct calibration_record calibration_of(const double *p, size_t classes, size_t pred, size_t truth);

/* Sorts by confidence, the largest first, and where that is equal by content,
 * so that sums do not depend on the order that records came in. */
void calibration_sort(struct calibration_record *r, size_t n);
int calibration_compare(const void *a, const void *b); /* its order, for qsort */

enum calibration_figure {
	CALIBRATION_LOG_LOSS, /* mean: negative log-likelihood */
	CALIBRATION_BRIER,    /* mean */
	CALIBRATION_ECE,      /* see calibration_reliability */
	CALIBRATION_AURC,     /* see calibration_curve */
	CALIBRATION_AUGRC,
	CALIBRATION_FIGURES
};

/* Fills figure[CALIBRATION_FIGURES] from n sorted records; NAN where the
 * weights sum to 0. bins is from 1 to CALIBRATION_BINS_MAX. */
void calibration_figures(const struct calibration_record *r, size_t n, size_t bins, double *figure);

/* Bins of equal width over the confidence: bin b holds what is above b / bins
 * and at most (b + 1) / bins; 0 falls into the first. The expected calibration
 * error is the mean of |accuracy - confidence| of the bins, weighted by their
 * records (C. Guo et al., ICML 2017, equation 3; M. P. Naeini et al., AAAI
 * 2015). */
struct calibration_bin {
	double low, high;
	double records;              /* sum of weights */
	double confidence, accuracy; /* means; NAN in an empty bin */
};

/* Fills bin[0..bins); returns the expected calibration error, NAN where the
 * weights sum to 0. */
double calibration_reliability(const struct calibration_record *r, size_t n, size_t bins, struct calibration_bin *bin);

/* What happens where predictions of less than a confidence are refused. Records of
 * equal confidence enter together. */
struct calibration_point {
	double threshold;
	double records;          /* kept: sum of weights */
	double coverage;         /* fraction kept */
	double risk;             /* fraction of wrong ones among those kept */
	double generalised_risk; /* fraction of wrong ones kept among all records */
};

/* Fills point, with room for n, from n sorted records, one for each confidence
 * that occurs, coverage rising; returns how many.
 *
 * AURC is the mean over the records of the risk at each one's own confidence
 * (Y. Geifman et al., ICLR 2019). AUGRC is the area under the generalised risk
 * over the coverage, by trapezoids from (0, 0), so that it equals
 * (1 - AUROC) a (1 - a) + (1 - a)^2 / 2 for an accuracy of a, ties counted half
 * (J. Traub et al., NeurIPS 2024). */
size_t calibration_curve(const struct calibration_record *r, size_t n, struct calibration_point *point);

/* Of n points of a curve one whose risk is at most target; NULL where there is none.
 * With a level of 0 it is the one of largest coverage.
 *
 * With a level, such as 0.95, the risk on records drawn like these is at most the
 * target with that certainty, whatever the confidences are worth. A point passes where
 * the upper end of its risk's one-sided interval of that level (C. J. Clopper and E. S.
 * Pearson, Biometrika 26(4), 1934, 404-413) is at most target. The best of many points
 * would pass too often, so they are tested in an order that the confidences alone
 * determine, from the highest threshold down, and the first failure ends it: then the
 * level holds for all of them together (fixed-sequence testing, A. N. Angelopoulos,
 * S. Bates, E. J. Candes, M. I. Jordan and L. Lei, Learn then Test, Annals of Applied
 * Statistics 19(2), 2025; the risk of a selection, Y. Geifman and R. El-Yaniv, NeurIPS
 * 2017). Tests begin where half the target would pass, since fewer records fail
 * by chance alone, and both that and each step is a CALIBRATION_TESTS-th of all
 * records at least. */
enum { CALIBRATION_TESTS = 20 };
const struct calibration_point *calibration_choose(const struct calibration_point *point, size_t n, double target,
                                                   double level);

#endif
