/* calibrate: what a trained net's predictions for the validation records teach about
 * its confidence. */
#ifndef SER_TRAIN_CALIBRATE_H
#define SER_TRAIN_CALIBRATE_H

#include "train/train.h"

struct calibrate {
	double target_risk; /* required: fraction of wrong predictions among those not refused */
	/* results */
	double temperature; /* probabilities are the softmax of logits / temperature */
	double threshold;   /* on the tempered confidence; infinite where none is good enough */
	double coverage;    /* fraction of the validation records that get a prediction */
	double log_loss[2], error[2]; /* before and after: nats, and in CALIBRATION_BINS bins */
};

/* The temperature with the least log loss of n predictions p (n,classes), which are
 * probabilities, between CALIBRATE_COLDEST and CALIBRATE_WARMEST: Brent's
 * minimiser on its logarithm, from the best of a coarse grid (C. Guo et al.,
 * ICML 2017, section 4.2). Where the loss falls all the way to the coldest, as
 * for predictions that are all right, there is nothing to learn it from, and it is
 * 1. work has room for classes. */
#define CALIBRATE_COLDEST 0.1
#define CALIBRATE_WARMEST 10.0
int calibrate_temperature(const double *p, const size_t *truth, size_t n, size_t classes, double *work,
                          double *temperature);

/* Fits c to n predictions p (n,classes), which it tempers. The threshold is one whose
 * risk is at most target_risk with a certainty of CALIBRATE_SURE (see
 * calibration_choose): the risk seen on few records, at the best of many
 * thresholds, is lower than the one to come. */
#define CALIBRATE_SURE 0.95
int calibrate_predictions(struct calibrate *c, double *p, const size_t *truth, size_t n, size_t classes);

/* The same with the validation records of t, whose net ends in softmax and has the
 * weights that are kept. */
int calibrate_fit(struct calibrate *c, struct train *t);

#endif
