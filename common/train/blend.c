#include "train/blend.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "judge/calibration.h"
#include "model/output.h"
#include "train/calibrate.h"

enum { STEPS_MAX = 4000, THOUSAND = 1000 };

struct search {
	const struct blend *b;
	double weight[BLEND_MEMBERS_MAX];
	double *mean; /* (n,classes) */
	double *work; /* (classes) */
	struct calibration_record *record; /* (n) */
};

/* Fills mean with those of some weights, which sum to 1. */
static void
average(const struct search *s, const double *weight)
{
	const struct blend *b = s->b;

	memset(s->mean, 0, b->n * b->classes * sizeof *s->mean);
	for (size_t i = 0; i < b->n; i++) {
		double *mean = s->mean + i * b->classes;

		for (size_t m = 0; m < b->members; m++)
			output_add(b->p[m] + i * b->classes, b->classes, weight[m], b->geometric, mean);
		output_mean(mean, b->classes, 1, b->geometric);
	}
}

/* From logarithms relative to the first member's. */
static void
take_weights(const gsl_vector *x, size_t members, double *weight)
{
	double top = 0, sum = 0;

	for (size_t m = 1; m < members; m++)
		top = fmax(top, gsl_vector_get(x, m - 1));
	for (size_t m = 0; m < members; m++)
		sum += weight[m] = exp((m == 0 ? 0 : gsl_vector_get(x, m - 1)) - top);
	for (size_t m = 0; m < members; m++)
		weight[m] /= sum;
}

/* Mean log loss of the mean at a temperature, which it tempers. */
static double
temper(const struct search *s, double temperature)
{
	const struct blend *b = s->b;
	double sum = 0;

	for (size_t i = 0; i < b->n; i++) {
		output_temper(s->mean + i * b->classes, b->classes, temperature);
		sum -= log(fmax(s->mean[i * b->classes + b->truth[i]], DBL_EPSILON));
	}
	return sum / (double)b->n;
}

/* The last of x is the temperature's logarithm. */
static double
loss(const gsl_vector *x, void *ctx)
{
	struct search *s = ctx;
	double t = gsl_vector_get(x, s->b->members - 1);

	if (fabs(t) > log(CALIBRATE_WARMEST))
		return GSL_POSINF;
	take_weights(x, s->b->members, s->weight);
	average(s, s->weight);
	return temper(s, exp(t));
}

/* The best weights of the simplex. */
static int
search_weights(struct search *s, double temperature)
{
	size_t n = s->b->members;
	gsl_multimin_function f = { loss, n, s };
	gsl_vector *x = gsl_vector_calloc(n), *step = gsl_vector_alloc(n);
	gsl_multimin_fminimizer *m = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, n);
	int rc = x == NULL || step == NULL || m == NULL ? err_set(ST_SYS, "out of memory") : ST_OK;

	if (rc == ST_OK) {
		gsl_vector_set(x, n - 1, log(temperature));
		gsl_vector_set_all(step, 0.5);
		if (gsl_multimin_fminimizer_set(m, &f, x, step) == GSL_SUCCESS)
			for (int i = 0; i < STEPS_MAX && gsl_multimin_fminimizer_iterate(m) == GSL_SUCCESS; i++)
				if (gsl_multimin_test_size(gsl_multimin_fminimizer_size(m), 1e-4) == GSL_SUCCESS)
					break;
		take_weights(gsl_multimin_fminimizer_x(m), n, s->weight);
	}
	gsl_multimin_fminimizer_free(m);
	gsl_vector_free(step);
	gsl_vector_free(x);
	return rc;
}

/* To thousandths: what is left goes to the largest, so that they sum to 1. */
static void
round_weights(double *weight, size_t members)
{
	size_t largest = 0;
	double rest = THOUSAND;

	for (size_t m = 0; m < members; m++) {
		largest = weight[m] > weight[largest] ? m : largest;
		weight[m] = floor(weight[m] * THOUSAND + 0.5);
		rest -= weight[m];
	}
	weight[largest] += rest;
	for (size_t m = 0; m < members; m++)
		weight[m] /= THOUSAND;
}

/* Log loss and calibration error of weights at a temperature; 0: at their best one, which
 * *temperature becomes. */
static int
measure(const struct search *s, const double *weight, double *temperature, double *log_loss, double *error)
{
	const struct blend *b = s->b;
	int rc = ST_OK;

	average(s, weight);
	if (*temperature == 0)
		rc = calibrate_temperature(s->mean, b->truth, b->n, b->classes, s->work, temperature);
	*log_loss = temper(s, *temperature);
	for (size_t i = 0; i < b->n; i++) {
		const double *p = s->mean + i * b->classes;

		s->record[i] = calibration_of(p, b->classes, output_best(p, b->classes), b->truth[i]);
	}
	calibration_sort(s->record, b->n);
	*error = calibration_reliability(s->record, b->n, CALIBRATION_BINS,
	                                 (struct calibration_bin[CALIBRATION_BINS]){ { 0 } });
	return rc;
}

static int
fit(struct blend *b, struct search *s)
{
	double equal[BLEND_MEMBERS_MAX], one = 1, best = 0;
	int rc;

	for (size_t m = 0; m < b->members; m++)
		equal[m] = 1 / (double)b->members;
	if ((rc = measure(s, equal, &one, &b->log_loss[0], &b->error[0])) != ST_OK ||
	    (rc = measure(s, equal, &best, &b->log_loss[1], &b->error[1])) != ST_OK)
		return rc;
	memcpy(b->weight, equal, sizeof b->weight);
	b->temperature = best;
	b->log_loss[2] = b->log_loss[1];
	b->error[2] = b->error[1];
	if (b->members == 1 || (rc = search_weights(s, best)) != ST_OK)
		return rc;
	round_weights(s->weight, b->members);
	best = 0;
	if ((rc = measure(s, s->weight, &best, &one, &b->error[2])) != ST_OK || one >= b->log_loss[1]) {
		b->error[2] = b->error[1];
		return rc;
	}
	memcpy(b->weight, s->weight, sizeof b->weight);
	b->temperature = best;
	b->log_loss[2] = one;
	return ST_OK;
}

int
blend_fit(struct blend *b)
{
	struct mem_pool m = { 0 };
	struct search s = { .b = b, .mean = mem_take(&m, b->n, b->classes * sizeof(double)),
		.work = mem_take(&m, b->classes, sizeof(double)), .record = mem_take(&m, b->n, sizeof *s.record) };
	int rc = m.status;

	if (rc == ST_OK && b->members > BLEND_MEMBERS_MAX)
		rc = err_set(ST_DATA, "more than %d models", BLEND_MEMBERS_MAX);
	if (rc == ST_OK)
		rc = fit(b, &s);
	mem_release(&m);
	return rc;
}
