/* batchnorm (S. Ioffe and C. Szegedy, ICML 2015), as Keras's
 * BatchNormalization: over the last axis, epsilon 1e-3, momentum 0.99, biased
 * variance; but its running statistics begin as the plain mean of the first
 * batches (nn_batches says why). */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "net/layer.h"

enum { MOMENTUM, EPSILON };
enum { GAMMA, BETA, MEAN, VARIANCE };

struct norm {
	size_t c;         /* channels: the last axis */
	size_t pixels;    /* of a row, each c values */
	double *partial;  /* two sums a channel and shard, added up in shard order */
	double *sum;      /* two a channel */
	real *lane;       /* a shard's sums of one example, two a channel */
	real *shift;      /* subtracted before squaring: any row does */
	real *mean, *inverse;  /* of this batch; 1 / sqrt(variance + epsilon) */
	real *scale, *offset;  /* y = x * scale + offset */
	real *a, *b;      /* dx = dy * scale + x * a + b */
};

static int
norm_shape(struct nn_layer *l)
{
	size_t c = l->in.d[l->in.rank - 1];
	int rc;

	l->out = l->in;
	if ((rc = nn_declare(l, "gamma", 1, &c, NN_PLAIN, NN_ONES, 0, 0)) != ST_OK ||
	    (rc = nn_declare(l, "beta", 1, &c, NN_PLAIN, NN_ZEROS, 0, 0)) != ST_OK ||
	    (rc = nn_declare(l, "mean", 1, &c, NN_STATISTIC, NN_ZEROS, 0, 0)) != ST_OK)
		return rc;
	return nn_declare(l, "variance", 1, &c, NN_STATISTIC, NN_ONES, 0, 0);
}

static int
norm_plan(struct nn_layer *l)
{
	struct mem_pool *m = l->memory;
	struct norm *s = mem_take(m, 1, sizeof *s);
	size_t c = l->in.d[l->in.rank - 1], shards = nn_shard_count(nn_batch(l->net));

	l->state = s;
	if (s == NULL)
		return ST_SYS;
	s->c = c;
	s->pixels = l->x->row / c;
	s->partial = mem_take(m, shards * 2 * c, sizeof *s->partial);
	s->sum = mem_take(m, 2 * c, sizeof *s->sum);
	s->lane = mem_take(m, shards * 2 * c, sizeof *s->lane);
	s->shift = mem_take(m, c, sizeof *s->shift);
	s->mean = mem_take(m, c, sizeof *s->mean);
	s->inverse = mem_take(m, c, sizeof *s->inverse);
	s->scale = mem_take(m, c, sizeof *s->scale);
	s->offset = mem_take(m, c, sizeof *s->offset);
	s->a = mem_take(m, c, sizeof *s->a);
	s->b = mem_take(m, c, sizeof *s->b);
	return m->status;
}

/* Pixels of example i that are no padding. */
static size_t
pixels_of(const struct nn_layer *l, size_t i)
{
	return nn_valid(l->x, i) * ((const struct norm *)l->state)->pixels;
}

static double
pixels_of_all(const struct nn_layer *l, size_t n)
{
	size_t pixels = 0;

	for (size_t i = 0; i < n; i++)
		pixels += pixels_of(l, i);
	return (double)pixels;
}

/* Adds one example's rows to two sums a channel. */
static void
forward_example(const struct nn_layer *l, size_t i, real *restrict one, real *restrict two)
{
	const struct norm *s = l->state;
	const real *restrict x = l->x->y + i * l->x->stride;
	size_t c = s->c, rows = pixels_of(l, i);

	for (size_t r = 0; r < rows; r++)
		for (size_t k = 0; k < c; k++) {
			real d = x[r * c + k] - s->shift[k];

			one[k] += d;
			two[k] += d * d;
		}
}

static void
backward_example(const struct nn_layer *l, size_t i, real *restrict one, real *restrict two)
{
	const struct norm *s = l->state;
	const real *restrict x = l->x->y + i * l->x->stride, *restrict dy = l->y->dy + i * l->y->stride;
	size_t c = s->c, rows = pixels_of(l, i);

	for (size_t r = 0; r < rows; r++)
		for (size_t k = 0; k < c; k++) {
			real d = dy[r * c + k];

			one[k] += d;
			two[k] += d * (x[r * c + k] - s->mean[k]);
		}
}

/* A shard's sums: rows in float within an example, examples in double. */
static void
sum_examples(const struct nn_layer *l, size_t first, size_t last,
             void (*add)(const struct nn_layer *l, size_t i, real *restrict one, real *restrict two))
{
	const struct norm *s = l->state;
	size_t c = s->c, shard = first / NN_SHARD;
	real *one = s->lane + shard * 2 * c;
	double *restrict sum = s->partial + shard * 2 * c;

	memset(sum, 0, 2 * c * sizeof *sum);
	for (size_t i = first; i < last; i++) {
		memset(one, 0, 2 * c * sizeof *one);
		add(l, i, one, one + c);
		for (size_t k = 0; k < 2 * c; k++)
			sum[k] += one[k];
	}
}

static void
forward_sums(struct nn_layer *l, size_t first, size_t last)
{
	sum_examples(l, first, last, forward_example);
}

static void
backward_sums(struct nn_layer *l, size_t first, size_t last)
{
	sum_examples(l, first, last, backward_example);
}

static void
add_shards(struct norm *s, size_t n)
{
	memset(s->sum, 0, 2 * s->c * sizeof *s->sum);
	for (size_t shard = 0; shard < nn_shard_count(n); shard++)
		for (size_t k = 0; k < 2 * s->c; k++)
			s->sum[k] += s->partial[shard * 2 * s->c + k];
}

static void
batch_statistics(struct nn_layer *l, size_t n)
{
	struct norm *s = l->state;
	double count = pixels_of_all(l, n), before = (double)nn_batches(l->net), mean_of_all = before / (before + 1);
	double momentum = mean_of_all < l->arg[MOMENTUM] ? mean_of_all : l->arg[MOMENTUM];
	real *mean = nn_value(l, MEAN), *variance = nn_value(l, VARIANCE);

	memcpy(s->shift, l->x->y, s->c * sizeof *s->shift);
	nn_shards(l, n, forward_sums);
	add_shards(s, n);
	for (size_t k = 0; k < s->c; k++) {
		double m = s->sum[k] / count, v = s->sum[s->c + k] / count - m * m;

		v = v < 0 ? 0 : v;
		s->mean[k] = (real)((double)s->shift[k] + m);
		s->inverse[k] = (real)(1 / sqrt(v + l->arg[EPSILON]));
		mean[k] = (real)(momentum * (double)mean[k] + (1 - momentum) * ((double)s->shift[k] + m));
		variance[k] = (real)(momentum * (double)variance[k] + (1 - momentum) * v);
	}
}

static void
running_statistics(struct nn_layer *l)
{
	struct norm *s = l->state;
	const real *mean = nn_value(l, MEAN), *variance = nn_value(l, VARIANCE);

	for (size_t k = 0; k < s->c; k++) {
		s->mean[k] = mean[k];
		s->inverse[k] = (real)(1 / sqrt((double)variance[k] + l->arg[EPSILON]));
	}
}

static void
apply_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct norm *s = l->state;
	const real *restrict scale = s->scale, *restrict offset = s->offset;

	for (size_t i = first; i < last; i++) {
		const real *restrict x = l->x->y + i * l->x->stride;
		real *restrict y = l->y->y + i * l->y->stride;
		size_t rows = pixels_of(l, i);

		for (size_t r = 0; r < rows; r++)
			for (size_t k = 0; k < s->c; k++)
				y[r * s->c + k] = x[r * s->c + k] * scale[k] + offset[k];
	}
}

/* Statistics of the batch only where this layer is being trained: frozen, it
 * stays as it is, as in Keras. */
static bool
uses_batch(const struct nn_layer *l)
{
	return l->training && !l->frozen;
}

static void
norm_forward(struct nn_layer *l, size_t n)
{
	struct norm *s = l->state;
	const real *gamma = nn_value(l, GAMMA), *beta = nn_value(l, BETA);

	if (uses_batch(l))
		batch_statistics(l, n);
	else
		running_statistics(l);
	for (size_t k = 0; k < s->c; k++) {
		s->scale[k] = gamma[k] * s->inverse[k];
		s->offset[k] = beta[k] - s->mean[k] * s->scale[k];
	}
}

static void
dx_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct norm *s = l->state;
	const real *restrict scale = s->scale, *restrict a = s->a, *restrict b = s->b;

	for (size_t i = first; i < last; i++) {
		const real *restrict x = l->x->y + i * l->x->stride, *restrict dy = l->y->dy + i * l->y->stride;
		real *restrict dx = l->x->dy + i * l->x->stride;
		size_t rows = pixels_of(l, i);

		for (size_t r = 0; r < rows; r++)
			for (size_t k = 0; k < s->c; k++)
				dx[r * s->c + k] = dy[r * s->c + k] * scale[k] + x[r * s->c + k] * a[k] + b[k];
	}
}

/* With z = (x - mean) * inverse over m rows: dbeta = sum dy, dgamma = sum dy z,
 * dx = gamma inverse (dy - dbeta/m - z dgamma/m). */
static void
norm_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	struct norm *s = l->state;
	double count = pixels_of_all(l, n);

	(void)need_dx; /* the weights' gradients take the same sums */
	nn_shards(l, n, backward_sums);
	add_shards(s, n);
	for (size_t k = 0; k < s->c; k++) {
		double beta = s->sum[k], gamma = s->sum[s->c + k] * (double)s->inverse[k];
		double a = -(double)s->scale[k] * (double)s->inverse[k] * gamma / count;

		if (!l->frozen) {
			nn_grad(l, BETA)[k] = (real)beta;
			nn_grad(l, GAMMA)[k] = (real)gamma;
		}
		s->a[k] = uses_batch(l) ? (real)a : 0;
		s->b[k] = uses_batch(l) ? (real)(-(double)s->scale[k] * beta / count - a * (double)s->mean[k]) : 0;
	}
}

const struct nn_kind LEVEL_NAME(nn_norm_kinds)[] = {
	{
		.name = "batchnorm",
		.arg = { { "momentum", 0.99, 0, 1, false, NULL }, { "epsilon", 1e-3, 1e-12, 1, false, NULL } },
		.flags = NN_NEEDS_X,
		.shape = norm_shape,
		.plan = norm_plan,
		.forward = norm_forward,
		.forward_shard = apply_shard,
		.backward = norm_backward,
		.backward_shard = dx_shard,
	},
	{ .name = NULL },
};
