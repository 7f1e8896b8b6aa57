/* output: what a net's outputs say about the classes. */
#ifndef SER_MODEL_OUTPUT_H
#define SER_MODEL_OUTPUT_H

#include "net/nn.h"

/* What kind of outputs a net has, by its last layer and the classes' number. */
enum output_kind {
	OUTPUT_SOFTMAX, /* probabilities, one a class */
	OUTPUT_SCORES,  /* one number a class that training drew towards 1 or 0 */
	OUTPUT_NUMBER,  /* one number: the class's index in the list */
};

/* ST_DATA, naming both numbers, where outputs and classes fit in no way; name
 * is for the message. */
int output_kind(const struct nn *net, const char *name, size_t classes, enum output_kind *kind);

/* Tempers probabilities: p_i to the power of 1/temperature, renormalised, which
 * is the softmax of the logits over temperature (C. Guo et al., ICML 2017); a
 * temperature of 1 leaves them as they are. */
void output_temper(double *p, size_t classes, double temperature);

/* Fills p[0..classes) with numbers from 0 to 1 that sum to 1. Softmax: the net's
 * own values, tempered. Scores: what is negative counts as 0, then parts of the
 * sum (equal ones where nothing is above 0). A number between two classes is
 * split between them by its nearness. False where an output is not finite. */
bool output_probabilities(enum output_kind kind, const real *y, size_t classes, double temperature, double *p);

/* A mean of several models' probabilities: adds p with its weight to sum[0..classes), which is
 * zero before the first; then makes the mean of sum, weights being those of all. The
 * geometric mean is that of the logarithms (of 2^-52 at least), scaled to a sum of 1. */
void output_add(const double *p, size_t classes, double weight, bool geometric, double *sum);
void output_mean(double *sum, size_t classes, double weights, bool geometric);

/* The class with the largest probability, the first of equals. */
size_t output_best(const double *p, size_t classes);

#endif
