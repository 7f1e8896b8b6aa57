/* moments: mean and squared deviations of each column of rows, in double precision. */
#ifndef SER_STATS_MOMENTS_H
#define SER_STATS_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

struct moments {
	uint64_t n;      /* rows */
	double *mean;    /* (columns) */
	double *squares; /* (columns): sum of squared differences from the mean */
};

/* Of no rows. */
int moments_new(struct moments *m, size_t columns);
void moments_free(struct moments *m);

/* Adds a row, by B. P. Welford, Technometrics 4 (1962). */
void moments_add(struct moments *m, const float *row, size_t columns);

/* Adds the rows that another has, by T. F. Chan, G. H. Golub and R. J. LeVeque,
 * The American Statistician 37 (1983). */
void moments_merge(struct moments *m, const struct moments *other, size_t columns);

/* Takes away the rows of a part that was added. What rounding left of the part is no
 * deviation of the rest: no sum becomes smaller than that, but 0 where it was 0. */
void moments_remove(struct moments *m, const struct moments *part, size_t columns);

#endif
