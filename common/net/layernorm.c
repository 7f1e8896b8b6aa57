/* layernorm (J. L. Ba, J. R. Kiros and G. E. Hinton, arXiv 1607.06450), as
 * Keras's LayerNormalization: over the last axis, epsilon 1e-3, biased
 * variance. */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "net/layer.h"

enum { EPSILON };
enum { GAMMA, BETA };

struct layernorm {
	size_t c, pixels;  /* the last axis; of it in a row */
	real *partial;     /* a shard's gradients of gamma and beta */
};

static int
layernorm_shape(struct nn_layer *l)
{
	size_t c = l->in.d[l->in.rank - 1];
	int rc;

	l->out = l->in;
	rc = nn_declare(l, "gamma", 1, &c, NN_PLAIN, NN_ONES, 0, 0);
	return rc != ST_OK ? rc : nn_declare(l, "beta", 1, &c, NN_PLAIN, NN_ZEROS, 0, 0);
}

static int
layernorm_plan(struct nn_layer *l)
{
	struct layernorm *s = mem_take(l->memory, 1, sizeof *s);

	l->state = s;
	if (s == NULL)
		return ST_SYS;
	s->c = l->in.d[l->in.rank - 1];
	s->pixels = l->x->row / s->c;
	s->partial = mem_take(l->memory, nn_shard_count(nn_batch(l->net)) * 2 * s->c, sizeof *s->partial);
	return l->memory->status;
}

/* Mean of a pixel, and 1 / sqrt(variance + epsilon). */
static void
statistics(const struct nn_layer *l, size_t c, const real *x, real *mean, real *inverse)
{
	real sum = 0, square = 0;

#pragma omp simd reduction(+ : sum)
	for (size_t k = 0; k < c; k++)
		sum += x[k];
	*mean = sum / (real)c;
#pragma omp simd reduction(+ : square)
	for (size_t k = 0; k < c; k++)
		square += (x[k] - *mean) * (x[k] - *mean);
	*inverse = (real)(1 / sqrt((double)(square / (real)c) + l->arg[EPSILON]));
}

static void
forward_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct layernorm *s = l->state;
	const real *restrict gamma = nn_value(l, GAMMA), *restrict beta = nn_value(l, BETA);
	real mean, inverse;

	for (size_t i = first; i < last; i++)
		for (size_t p = 0; p < nn_valid(l->x, i) * s->pixels; p++) {
			const real *restrict x = l->x->y + i * l->x->stride + p * s->c;
			real *restrict y = l->y->y + i * l->y->stride + p * s->c;

			statistics(l, s->c, x, &mean, &inverse);
			for (size_t k = 0; k < s->c; k++)
				y[k] = (x[k] - mean) * inverse * gamma[k] + beta[k];
		}
}

/* With z = (x - mean) * inverse and d = dy gamma of a pixel:
 * dx = inverse (d - mean of d - z mean of d z). */
static void
pixel_gradient(const struct nn_layer *l, const real *restrict x, const real *restrict dy, real *restrict dx,
               real *restrict sum)
{
	size_t c = ((const struct layernorm *)l->state)->c;
	const real *restrict gamma = nn_value(l, GAMMA);
	real mean, inverse, one = 0, two = 0;

	statistics(l, c, x, &mean, &inverse);
#pragma omp simd reduction(+ : one, two)
	for (size_t k = 0; k < c; k++) {
		one += dy[k] * gamma[k];
		two += dy[k] * gamma[k] * (x[k] - mean);
	}
	one /= (real)c;
	two *= inverse / (real)c;
	for (size_t k = 0; k < c; k++) {
		real z = (x[k] - mean) * inverse;

		sum[k] += dy[k] * z;
		sum[c + k] += dy[k];
		dx[k] = inverse * (dy[k] * gamma[k] - one - z * two);
	}
}

static void
backward_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct layernorm *s = l->state;
	real *sum = s->partial + first / NN_SHARD * 2 * s->c;

	memset(sum, 0, 2 * s->c * sizeof *sum);
	for (size_t i = first; i < last; i++)
		for (size_t p = 0; p < nn_valid(l->x, i) * s->pixels; p++)
			pixel_gradient(l, l->x->y + i * l->x->stride + p * s->c, l->y->dy + i * l->y->stride + p * s->c,
			               l->x->dy + i * l->x->stride + p * s->c, sum);
}

static void
layernorm_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	const struct layernorm *s = l->state;

	(void)need_dx; /* the weights' gradients take as long */
	nn_shards(l, n, backward_shard);
	if (l->frozen)
		return;
	memset(nn_grad(l, GAMMA), 0, s->c * sizeof(real));
	memset(nn_grad(l, BETA), 0, s->c * sizeof(real));
	for (size_t shard = 0; shard < nn_shard_count(n); shard++)
		for (size_t k = 0; k < s->c; k++) {
			nn_grad(l, GAMMA)[k] += s->partial[shard * 2 * s->c + k];
			nn_grad(l, BETA)[k] += s->partial[shard * 2 * s->c + s->c + k];
		}
}

const struct nn_kind LEVEL_NAME(nn_layernorm_kinds)[] = {
	{
		.name = "layernorm",
		.arg = { { "epsilon", 1e-3, 1e-12, 1, false, NULL } },
		.flags = NN_NEEDS_X,
		.shape = layernorm_shape,
		.plan = layernorm_plan,
		.forward_shard = forward_shard,
		.backward = layernorm_backward,
	},
	{ .name = NULL },
};
