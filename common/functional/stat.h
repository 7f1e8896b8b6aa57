/* stat: statistics of sequences that lie side by side, so that one vector
 * instruction does the same step of all of them. All in double precision. */
#ifndef SER_FUNCTIONAL_STAT_H
#define SER_FUNCTIONAL_STAT_H

#include <stddef.h>

enum { STAT_LANES = 8 };

/* By sequence. d is x less its mean, t runs from -1 to 1 over it; all deviations are those of a population. A
 * sequence of one value has deviations, differences and slope 0. */
struct stat_moments {
	double mean[STAT_LANES];
	double sd[STAT_LANES];
	double absdiff[STAT_LANES];  /* mean of |x[i+1] - x[i]| */
	double diffsd[STAT_LANES];   /* deviation of x[i+1] - x[i] */
	double slope[STAT_LANES];    /* of the line by least squares over t: sum t d / sum t^2 */
	double skewness[STAT_LANES]; /* mean d^3 / (sd + 1e-6)^3, so that a constant has 0 */
	double kurtosis[STAT_LANES]; /* mean d^4 / sd^4 - 3; 0 where sd is below 1e-6 */
};

/* Of x[n][STAT_LANES], n > 0. */
void stat_measure(const double *x, size_t n, struct stat_moments *m);

/* Sorts each of the sequences x[n][STAT_LANES], ascending: n log^2 n steps without a
 * branch (K. E. Batcher's merge exchange; D. E. Knuth, The Art of Computer Programming
 * 3, 5.2.2, algorithm M). */
void stat_sort(double *x, size_t n);

#endif
