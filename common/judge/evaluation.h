/* evaluation: all figures that predictions have against the truth. */
#ifndef SER_JUDGE_EVALUATION_H
#define SER_JUDGE_EVALUATION_H

#include "base/mem.h"
#include "judge/predictions.h"

struct evaluation {
	const struct predictions *of;
	struct metrics_bootstrap how; /* no intervals where resamples is 0 */
	double target_risk;           /* NAN: no threshold is sought */
	/* results */
	struct metrics_counts counts;
	double *figure, *low, *high; /* METRICS_COUNT(classes) each */
	size_t overall;              /* figures over all classes: fewer without probabilities */
	size_t columns;              /* of the confusion matrix: one more where some records have no class */
	/* With probabilities: */
	struct calibration_bin *bin; /* [how.bins] */
	struct calibration_point *point;
	size_t points;
	const struct calibration_point *chosen; /* keeps target_risk; or NULL */
	struct mem_pool memory;
};

/* Evaluates what of, how and target_risk say; how.bins becomes 0 without
 * probabilities. Release with evaluation_free, also after a failure. */
int evaluation_make(struct evaluation *e);
void evaluation_free(struct evaluation *e);

/* The first point of the risk-coverage curve that covers so large a part. */
const struct calibration_point *evaluation_point(const struct evaluation *e, double coverage);

#endif
