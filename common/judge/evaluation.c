#include "judge/evaluation.h"

#include <math.h>

#include "base/err.h"

/* The figures of the probabilities. */
static int
calibrate(struct evaluation *e)
{
	size_t n = e->of->n, bins = e->how.bins;
	struct calibration_record *sorted = mem_take(&e->memory, n, sizeof *sorted);

	e->bin = mem_take(&e->memory, bins, sizeof *e->bin);
	e->point = mem_take(&e->memory, n, sizeof *e->point);
	if (e->memory.status != ST_OK)
		return e->memory.status;
	for (size_t i = 0; i < n; i++)
		sorted[i] = e->of->outcome[i].calibration;
	calibration_sort(sorted, n);
	calibration_figures(sorted, n, bins, e->figure + METRICS_CALIBRATION);
	calibration_reliability(sorted, n, bins, e->bin);
	e->points = calibration_curve(sorted, n, e->point);
	if (!isnan(e->target_risk))
		e->chosen = calibration_choose(e->point, e->points, e->target_risk, 0);
	return ST_OK;
}

int
evaluation_make(struct evaluation *e)
{
	const struct predictions *p = e->of;
	size_t figures = METRICS_COUNT(p->classes);
	int rc = metrics_init(&e->counts, p->classes);

	e->figure = mem_take(&e->memory, figures, sizeof *e->figure);
	e->low = mem_take(&e->memory, figures, sizeof *e->low);
	e->high = mem_take(&e->memory, figures, sizeof *e->high);
	if (rc != ST_OK || e->memory.status != ST_OK)
		return ST_SYS;
	e->columns = p->classes;
	for (size_t i = 0; i < p->n; i++) {
		metrics_add(&e->counts, &p->outcome[i]);
		if (p->outcome[i].pred == METRICS_NONE)
			e->columns = p->classes + 1;
	}
	metrics_figures(&e->counts, 0, e->figure);
	e->overall = p->probabilities ? METRICS_OVERALL : METRICS_CALIBRATION;
	if (!p->probabilities)
		e->how.bins = 0;
	else if ((rc = calibrate(e)) != ST_OK)
		return rc;
	for (size_t i = 0; i < figures; i++)
		e->low[i] = e->high[i] = NAN;
	return e->how.resamples == 0 ? ST_OK : metrics_intervals(p->outcome, p->n, p->classes, &e->how, e->low, e->high);
}

void
evaluation_free(struct evaluation *e)
{
	mem_release(&e->memory);
	metrics_free(&e->counts);
}

const struct calibration_point *
evaluation_point(const struct evaluation *e, double coverage)
{
	size_t i = 0;

	/* A sum of whole weights over their sum may miss it by the last bit. */
	while (i + 1 < e->points && e->point[i].coverage < coverage - 1e-12)
		i++;
	return &e->point[i];
}
