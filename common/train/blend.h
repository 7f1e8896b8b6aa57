/* blend: weights and a temperature for the mean of several models' probabilities. */
#ifndef SER_TRAIN_BLEND_H
#define SER_TRAIN_BLEND_H

#include <stdbool.h>
#include <stddef.h>

enum { BLEND_MEMBERS_MAX = 32 };

struct blend {
	const double **p;       /* (members) of (n,classes): probabilities of the same n records */
	const size_t *truth;    /* their classes */
	size_t members, n, classes;
	bool geometric;         /* see output_mean */
	/* results */
	double weight[BLEND_MEMBERS_MAX]; /* at least 0, sum to 1; thousandths but for equal ones */
	double temperature;               /* of the mean */
	/* Nats, and the calibration error in CALIBRATION_BINS bins: of equal weights and a temperature
	 * of 1; of equal weights and their best temperature; of the results. */
	double log_loss[3], error[3];
};

/* Finds the weights and temperature of the least log loss: all together by the simplex of
 * J. A. Nelder and R. Mead, Computer Journal 7 (1965), on the logarithms, from equal weights;
 * then the temperature for the rounded weights, as calibrate_temperature does. Where that is
 * no better than equal weights, these. ST_DATA for more members than BLEND_MEMBERS_MAX. */
int blend_fit(struct blend *b);

#endif
