/* relu, elu, tanh, sigmoid, dropout, channeldropout, softmax: what works value by value. */
#include <math.h>
#include <stdint.h>

#include "base/err.h"
#include "net/layer.h"
#include "net/vmath.h"

enum { ALPHA = 0, RATE = 0 };

static int
same_shape(struct nn_layer *l)
{
	l->out = l->in;
	return ST_OK;
}

/* x may be y and dx may be dy. */
#define FOR_EACH_EXAMPLE(first, last) \
	for (size_t i = (first), size = nn_size(&l->in); i < (last); i++)

/* The passes of a function of each value by itself: y from x, dx from y and dy. */
#define VALUEWISE(kind, y_of_x, dx_of_y) \
	static void kind##_shard(struct nn_layer *l, size_t first, size_t last) \
	{ \
		FOR_EACH_EXAMPLE(first, last) \
			for (size_t k = 0; k < size; k++) { \
				const real alpha = (real)l->arg[ALPHA], x = l->x->y[i * l->x->stride + k]; \
\
				(void)alpha; \
				l->y->y[i * l->y->stride + k] = y_of_x; \
			} \
	} \
	static void kind##_dx(struct nn_layer *l, size_t first, size_t last) \
	{ \
		FOR_EACH_EXAMPLE(first, last) \
			for (size_t k = 0; k < size; k++) { \
				const real alpha = (real)l->arg[ALPHA], y = l->y->y[i * l->y->stride + k]; \
				const real dy = l->y->dy[i * l->y->stride + k]; \
\
				(void)alpha; \
				(void)y; \
				l->x->dy[i * l->x->stride + k] = dx_of_y; \
			} \
	}

VALUEWISE(relu, x > 0 ? x : 0, y > 0 ? dy : 0)
/* D.-A. Clevert et al., ICLR 2016; its slope below zero is y + alpha. */
VALUEWISE(elu, x > 0 ? x : alpha * (nn_exp(x) - 1), dy * (y > 0 ? 1 : y + alpha))
VALUEWISE(tanh, nn_tanh(x), dy * (1 - y * y))
VALUEWISE(sigmoid, nn_sigmoid(x), dy * y * (1 - y))
VALUEWISE(copy, x, dy)

static bool
drops(const struct nn_layer *l)
{
	return l->training && l->arg[RATE] > 0;
}

/* The passes of a layer that drops, by kind_pass, and else hands on what it gets. */
#define DROPWISE(kind) \
	static void kind##_shard(struct nn_layer *l, size_t first, size_t last) \
	{ \
		if (drops(l)) \
			kind##_pass(l, first, last, l->x, l->x->y, l->y, l->y->y); \
		else if (l->x != l->y) \
			copy_shard(l, first, last); \
	} \
	static void kind##_dx(struct nn_layer *l, size_t first, size_t last) \
	{ \
		if (drops(l)) \
			kind##_pass(l, first, last, l->y, l->y->dy, l->x, l->x->dy); \
		else if (l->x != l->y) \
			copy_dx(l, first, last); \
	}

/* Units kept are scaled by 1 / (1 - rate), so that inference needs nothing (N.
 * Srivastava et al., JMLR 15, 2014). The mask is drawn again in backward. */
static void
drop(const struct nn_layer *l, size_t example, size_t size, const real *from, real *to)
{
	const uint64_t key = l->key;
	const uint32_t threshold = (uint32_t)(l->arg[RATE] * 4294967295.0);
	const real keep = (real)(1 / (1 - l->arg[RATE]));
	const uint32_t base = (uint32_t)(example * size);

	for (size_t k = 0; k < size; k++)
		to[k] = nn_random(key, base + (uint32_t)k) >= threshold ? from[k] * keep : 0;
}

static void
dropout_pass(const struct nn_layer *l, size_t first, size_t last, const struct nn_act *a, const real *from,
             const struct nn_act *b, real *to)
{
	FOR_EACH_EXAMPLE(first, last)
		drop(l, i, size, from + i * a->stride, to + i * b->stride);
}

DROPWISE(dropout)

/* channeldropout (J. Tompson et al., CVPR 2015): one draw for a value of the
 * last axis, a channel, in all pixels of an example. */
static int
channels_plan(struct nn_layer *l)
{
	l->state = mem_take(l->memory, nn_shard_count(nn_batch(l->net)) * l->in.d[l->in.rank - 1], sizeof(real));
	return l->state == NULL ? ST_SYS : ST_OK;
}

static void
scale_channels(const struct nn_layer *l, size_t example, const real *from, real *to)
{
	size_t c = l->in.d[l->in.rank - 1], pixels = nn_size(&l->in) / c;
	real *restrict scale = (real *)l->state + example / NN_SHARD * c;

	for (size_t k = 0; k < c; k++)
		scale[k] = 1;
	drop(l, example, c, scale, scale);
	for (size_t p = 0; p < pixels; p++)
#pragma omp simd
		for (size_t k = 0; k < c; k++)
			to[p * c + k] = from[p * c + k] * scale[k];
}

static void
channels_pass(const struct nn_layer *l, size_t first, size_t last, const struct nn_act *a, const real *from,
              const struct nn_act *b, real *to)
{
	for (size_t i = first; i < last; i++)
		scale_channels(l, i, from + i * a->stride, to + i * b->stride);
}

DROPWISE(channels)

static int
softmax_shape(struct nn_layer *l)
{
	if (l->in.rank != 1)
		return nn_complain(l, "softmax: its input is of rank %d; 1 is required", l->in.rank);
	return same_shape(l);
}

static void
softmax_shard(struct nn_layer *l, size_t first, size_t last)
{
	size_t all = (last - first) * nn_size(&l->in); /* of rank 1: without gaps */
	real *restrict y = l->y->y + first * l->y->stride;

	FOR_EACH_EXAMPLE(first, last)
		nn_softmax_shift(size, l->x->y + i * l->x->stride, l->y->y + i * l->y->stride);
	for (size_t k = 0; k < all; k++)
		y[k] = nn_exp(y[k]);
	FOR_EACH_EXAMPLE(first, last)
		nn_softmax_scale(size, l->y->y + i * l->y->stride);
}

static void
softmax_dx(struct nn_layer *l, size_t first, size_t last)
{
	FOR_EACH_EXAMPLE(first, last) {
		const real *y = l->y->y + i * l->y->stride, *dy = l->y->dy + i * l->y->stride;
		real *dx = l->x->dy + i * l->x->stride, dot = 0;

		for (size_t k = 0; k < size; k++)
			dot += y[k] * dy[k];
		for (size_t k = 0; k < size; k++)
			dx[k] = y[k] * (dy[k] - dot);
	}
}

#define ELEMENTWISE(kind, keep, ...) \
	{ \
		.name = #kind, .arg = { __VA_ARGS__ }, .flags = NN_IN_PLACE | (keep), .shape = same_shape, \
		.forward_shard = kind##_shard, .backward_shard = kind##_dx \
	}

const struct nn_kind LEVEL_NAME(nn_activation_kinds)[] = {
	ELEMENTWISE(relu, NN_NEEDS_SIGN, { NULL }),
	ELEMENTWISE(elu, NN_NEEDS_Y, { "alpha", 1, 0, 1e6, false, NULL }),
	ELEMENTWISE(tanh, NN_NEEDS_Y, { NULL }),
	ELEMENTWISE(sigmoid, NN_NEEDS_Y, { NULL }),
	ELEMENTWISE(dropout, NN_KEEPS_SIGN | NN_IN_TRAINING, { "rate", NAN, 0, 0.99, false, NULL }),
	{ .name = "channeldropout", .arg = { { "rate", NAN, 0, 0.99, false, NULL } }, .flags = NN_IN_PLACE | NN_KEEPS_SIGN | NN_IN_TRAINING,
	  .shape = same_shape, .plan = channels_plan, .forward_shard = channels_shard, .backward_shard = channels_dx },
	{ .name = "softmax", .flags = NN_NEEDS_Y, .shape = softmax_shape, .forward_shard = softmax_shard,
	  .backward_shard = softmax_dx },
	{ .name = NULL },
};
