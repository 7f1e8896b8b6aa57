#include "model/output.h"

#include <float.h>
#include <math.h>

#include "base/err.h"

int
output_kind(const struct nn *net, const char *name, size_t classes, enum output_kind *kind)
{
	size_t outputs = nn_outputs(net);

	if (outputs == classes)
		*kind = nn_ends_in_softmax(net) ? OUTPUT_SOFTMAX : OUTPUT_SCORES;
	else if (outputs == 1 && !nn_ends_in_softmax(net))
		*kind = OUTPUT_NUMBER;
	else
		return err_set(ST_DATA, "%s: the net has %zu outputs, but there are %zu classes (`dense classes' fits any)",
		               name, outputs, classes);
	return ST_OK;
}

/* In logarithms, relative to the largest, so that no power over- or underflows
 * as a whole. */
void
output_temper(double *p, size_t classes, double temperature)
{
	double top, sum = 0;

	if (temperature == 1)
		return;
	top = p[output_best(p, classes)];
	for (size_t i = 0; i < classes; i++) {
		p[i] = p[i] > 0 ? exp(log(p[i] / top) / temperature) : 0;
		sum += p[i];
	}
	for (size_t i = 0; i < classes; i++)
		p[i] /= sum;
}

static void
scale_scores(size_t classes, double *p)
{
	double sum = 0;

	for (size_t i = 0; i < classes; i++) {
		p[i] = p[i] > 0 ? p[i] : 0;
		sum += p[i];
	}
	for (size_t i = 0; i < classes; i++)
		p[i] = sum > 0 ? p[i] / sum : 1 / (double)classes;
}

static void
split_number(double x, size_t classes, double *p)
{
	double last = (double)(classes - 1);

	x = x < 0 ? 0 : x > last ? last : x;
	for (size_t i = 0; i < classes; i++)
		p[i] = fmax(0, 1 - fabs(x - (double)i));
}

bool
output_probabilities(enum output_kind kind, const real *y, size_t classes, double temperature, double *p)
{
	size_t outputs = kind == OUTPUT_NUMBER ? 1 : classes;

	for (size_t i = 0; i < outputs; i++)
		if (!isfinite(y[i]))
			return false;
	if (kind == OUTPUT_NUMBER) {
		split_number((double)y[0], classes, p);
		return true;
	}
	for (size_t i = 0; i < classes; i++)
		p[i] = (double)y[i];
	if (kind == OUTPUT_SCORES)
		scale_scores(classes, p);
	else
		output_temper(p, classes, temperature);
	return true;
}

void
output_add(const double *p, size_t classes, double weight, bool geometric, double *sum)
{
	for (size_t i = 0; i < classes; i++)
		sum[i] += weight * (geometric ? log(fmax(p[i], DBL_EPSILON)) : p[i]);
}

void
output_mean(double *sum, size_t classes, double weights, bool geometric)
{
	double top, total = 0;

	for (size_t i = 0; i < classes; i++)
		sum[i] /= weights;
	if (!geometric)
		return;
	top = sum[output_best(sum, classes)];
	for (size_t i = 0; i < classes; i++)
		total += sum[i] = exp(sum[i] - top);
	for (size_t i = 0; i < classes; i++)
		sum[i] /= total;
}

size_t
output_best(const double *p, size_t classes)
{
	size_t best = 0;

	for (size_t i = 1; i < classes; i++)
		if (p[i] > p[best])
			best = i;
	return best;
}
