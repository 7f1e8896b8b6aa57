#include "train/calibrate.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "judge/calibration.h"

enum { GRID = 24, STEPS_MAX = 100 };

/* For the temperature of some predictions. */
struct search {
	const double *p; /* (n,classes) */
	const size_t *truth;
	size_t n, classes;
	double *work; /* [classes] */
};

/* Mean log loss at the temperature exp(x). */
static double
tempered_loss(double x, void *ctx)
{
	const struct search *a = ctx;
	double sum = 0;

	for (size_t i = 0; i < a->n; i++) {
		memcpy(a->work, a->p + i * a->classes, a->classes * sizeof *a->work);
		output_temper(a->work, a->classes, exp(x));
		sum -= log(fmax(a->work[a->truth[i]], DBL_EPSILON));
	}
	return sum / (double)a->n;
}

/* From a bracket; where the loss is flat in it, its middle is as good as any. */
static int
refine(struct search *a, double low, double *best, double high)
{
	gsl_function f = { tempered_loss, a };
	gsl_min_fminimizer *m = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);

	if (m == NULL)
		return err_set(ST_SYS, "out of memory");
	if (gsl_min_fminimizer_set(m, &f, *best, low, high) == GSL_SUCCESS) {
		for (int i = 0; i < STEPS_MAX && gsl_min_fminimizer_iterate(m) == GSL_SUCCESS; i++)
			if (gsl_min_test_interval(gsl_min_fminimizer_x_lower(m), gsl_min_fminimizer_x_upper(m), 1e-7, 0) ==
			    GSL_SUCCESS)
				break;
		*best = gsl_min_fminimizer_x_minimum(m);
	}
	gsl_min_fminimizer_free(m);
	return ST_OK;
}

int
calibrate_temperature(const double *p, const size_t *truth, size_t n, size_t classes, double *work,
                      double *temperature)
{
	struct search a = { p, truth, n, classes, work };
	double low = log(CALIBRATE_COLDEST), step = (log(CALIBRATE_WARMEST) - low) / GRID, best = low;
	double least = tempered_loss(low, &a);
	int at = 0, rc = ST_OK;

	for (int i = 1; i <= GRID; i++) {
		double loss = tempered_loss(low + i * step, &a);

		if (loss < least) {
			least = loss;
			at = i;
		}
	}
	best = low + at * step;
	if (at > 0 && at < GRID)
		rc = refine(&a, best - step, &best, best + step);
	*temperature = at == 0 ? 1 : exp(best);
	return rc;
}

/* Fills r, sorted as calibration_curve requires, and the figures. */
static void
measure(const struct search *a, struct calibration_record *r, double *log_loss, double *error)
{
	double figure[CALIBRATION_FIGURES];

	for (size_t i = 0; i < a->n; i++) {
		const double *p = a->p + i * a->classes;

		r[i] = calibration_of(p, a->classes, output_best(p, a->classes), a->truth[i]);
	}
	calibration_sort(r, a->n);
	calibration_figures(r, a->n, CALIBRATION_BINS, figure);
	*log_loss = figure[CALIBRATION_LOG_LOSS];
	*error = figure[CALIBRATION_ECE];
}

int
calibrate_predictions(struct calibrate *c, double *p, const size_t *truth, size_t n, size_t classes)
{
	struct mem_pool m = { 0 };
	double *work = mem_take(&m, classes, sizeof *work);
	struct calibration_record *r = mem_take(&m, n, sizeof *r);
	struct calibration_point *point = mem_take(&m, n, sizeof *point);
	const struct calibration_point *chosen;
	struct search a = { p, truth, n, classes, work };
	int rc = m.status != ST_OK ? m.status : calibrate_temperature(p, truth, n, classes, work, &c->temperature);

	if (rc == ST_OK) {
		measure(&a, r, &c->log_loss[0], &c->error[0]);
		for (size_t i = 0; i < n; i++)
			output_temper(p + i * classes, classes, c->temperature);
		measure(&a, r, &c->log_loss[1], &c->error[1]);
		chosen = calibration_choose(point, calibration_curve(r, n, point), c->target_risk, CALIBRATE_SURE);
		c->threshold = chosen == NULL ? (double)INFINITY : chosen->threshold;
		c->coverage = chosen == NULL ? 0 : chosen->coverage;
	}
	mem_release(&m);
	return rc;
}

int
calibrate_fit(struct calibrate *c, struct train *t)
{
	size_t n = t->valid.n;
	struct mem_pool m = { 0 };
	double *p = mem_take(&m, n, t->classes * sizeof *p);
	size_t *truth = mem_take(&m, n, sizeof *truth);
	int rc = m.status != ST_OK ? m.status : train_predict(t, p);

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		truth[i] = t->valid.record[i]->class;
	if (rc == ST_OK)
		rc = calibrate_predictions(c, p, truth, n, t->classes);
	mem_release(&m);
	return rc;
}
