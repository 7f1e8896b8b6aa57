/* normalize: (x - mean) / deviation, as Keras's Normalization: both are
 * learnt once from the training examples, not by gradient. */
#include <math.h>

#include "base/err.h"
#include "net/layer.h"

enum { AXIS };
enum { EACH_FEATURE, ALL };
enum { MEAN, DEVIATION };
static const char *const axes[] = { "feature", "all", NULL };

/* Of a deviation this small beside the mean, single precision holds nothing
 * but rounding: the feature is constant. */
static const double constant = 1e-7;

struct normalize {
	size_t c, rows;               /* features, the last axis; of them in one example */
	size_t pixels;                /* and in one of its rows */
	double *shift, *sum, *square; /* per feature: of x - shift over all rows so far */
	double count;                 /* rows so far */
	real *mean, *inverse;         /* per feature, whatever the axis */
};

static int
normalize_shape(struct nn_layer *l)
{
	size_t n = l->arg[AXIS] == ALL ? 1 : l->in.d[l->in.rank - 1];
	int rc;

	if (!nn_reads_input(l))
		return nn_complain(l, "normalize: it must be the first layer (of an input), as it learns from the examples themselves");
	l->out = l->in;
	rc = nn_declare(l, "mean", 1, &n, NN_STATISTIC, NN_ZEROS, 0, 0);
	return rc != ST_OK ? rc : nn_declare(l, "deviation", 1, &n, NN_STATISTIC, NN_ONES, 0, 0);
}

static int
normalize_plan(struct nn_layer *l)
{
	struct mem_pool *m = l->memory;
	struct normalize *s = mem_take(m, 1, sizeof *s);
	size_t c = l->in.d[l->in.rank - 1];

	l->state = s;
	if (s == NULL)
		return ST_SYS;
	s->c = c;
	s->rows = nn_size(&l->in) / c;
	s->pixels = s->rows / l->x->rows;
	s->shift = mem_take(m, c, sizeof *s->shift);
	s->sum = mem_take(m, c, sizeof *s->sum);
	s->square = mem_take(m, c, sizeof *s->square);
	s->mean = mem_take(m, c, sizeof *s->mean);
	s->inverse = mem_take(m, c, sizeof *s->inverse);
	return m->status;
}

/* Sums of x and its square lose no digits as long as x is taken from about
 * its mean: any row does for that (T. Chan et al., The American Statistician
 * 37(3), 1983). */
static void
add_example(struct nn_layer *l, const float *x, size_t rows)
{
	struct normalize *s = l->state;
	double *restrict sum = s->sum, *restrict square = s->square;

	for (size_t k = 0; k < s->c && s->count == 0; k++)
		s->shift[k] = (double)x[l->arg[AXIS] == ALL ? 0 : k];
	for (size_t r = 0; r < rows; r++)
		for (size_t k = 0; k < s->c; k++) {
			double d = (double)x[r * s->c + k] - s->shift[k];

			sum[k] += d;
			square[k] += d * d;
		}
	s->count += (double)rows;
}

static void
set_feature(struct nn_layer *l, size_t k, double shift, double sum, double square, double count)
{
	double m = sum / count, variance = square / count - m * m, mean = shift + m;
	double deviation = variance > 0 ? sqrt(variance) : 0;

	nn_value(l, MEAN)[k] = (real)mean;
	nn_value(l, DEVIATION)[k] = (real)(deviation > constant * fabs(mean) ? deviation : 1);
}

static void
normalize_fit(struct nn_layer *l, const float *example, size_t rows)
{
	const struct normalize *s = l->state;
	double sum = 0, square = 0;

	if (example != NULL) {
		add_example(l, example, rows * s->pixels);
		return;
	}
	if (s->count == 0)
		return;
	for (size_t k = 0; k < s->c; k++) {
		sum += s->sum[k];
		square += s->square[k];
		if (l->arg[AXIS] == EACH_FEATURE)
			set_feature(l, k, s->shift[k], s->sum[k], s->square[k], s->count);
	}
	if (l->arg[AXIS] == ALL)
		set_feature(l, 0, s->shift[0], sum, square, s->count * (double)s->c);
}

static void
forward_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct normalize *s = l->state;

	for (size_t i = first; i < last; i++) {
		const real *restrict x = l->x->y + i * l->x->stride;
		real *restrict y = l->y->y + i * l->y->stride;

		for (size_t r = 0; r < nn_valid(l->x, i) * s->pixels; r++)
			for (size_t k = 0; k < s->c; k++)
				y[r * s->c + k] = (x[r * s->c + k] - s->mean[k]) * s->inverse[k];
	}
}

static void
normalize_prepare(struct nn_layer *l, bool backward)
{
	const struct normalize *s = l->state;

	(void)backward; /* there is none */
	for (size_t k = 0; k < s->c; k++) {
		size_t from = l->arg[AXIS] == ALL ? 0 : k;

		s->mean[k] = nn_value(l, MEAN)[from];
		s->inverse[k] = 1 / nn_value(l, DEVIATION)[from];
	}
}

/* It has no weights to train, and as the first layer nothing below it has: no backward. */
const struct nn_kind LEVEL_NAME(nn_normalize_kinds)[] = {
	{
		.name = "normalize",
		.arg = { { "axis", EACH_FEATURE, 0, 1, false, axes } },
		.shape = normalize_shape,
		.plan = normalize_plan,
		.prepare = normalize_prepare,
		.forward_shard = forward_shard,
		.fit = normalize_fit,
	},
	{ .name = NULL },
};
