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
	} \
	NN_PASSES(kind)

VALUEWISE(relu, x > 0 ? x : 0, y > 0 ? dy : 0)
/* D.-A. Clevert et al., ICLR 2016; its slope below zero is y + alpha. */
VALUEWISE(elu, x > 0 ? x : alpha * (nn_exp(x) - 1), dy * (y > 0 ? 1 : y + alpha))
VALUEWISE(tanh, nn_tanh(x), dy * (1 - y * y))
VALUEWISE(sigmoid, nn_sigmoid(x), dy * y * (1 - y))
VALUEWISE(copy, x, dy)

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
dropout_shard(struct nn_layer *l, size_t first, size_t last)
{
	FOR_EACH_EXAMPLE(first, last)
		drop(l, i, size, l->x->y + i * l->x->stride, l->y->y + i * l->y->stride);
}

static void
dropout_dx(struct nn_layer *l, size_t first, size_t last)
{
	FOR_EACH_EXAMPLE(first, last)
		drop(l, i, size, l->y->dy + i * l->y->stride, l->x->dy + i * l->x->stride);
}

static bool
drops(const struct nn_layer *l)
{
	return l->training && l->arg[RATE] > 0;
}

/* The passes of a layer that drops, and else hands on what it gets. */
#define DROPWISE(kind) \
	static void kind##_forward(struct nn_layer *l, size_t n) \
	{ \
		if (drops(l)) \
			nn_shards(l, n, kind##_shard); \
		else if (l->x != l->y) \
			copy_forward(l, n); \
	} \
	static void kind##_backward(struct nn_layer *l, size_t n, bool need_dx) \
	{ \
		if (drops(l) && need_dx) \
			nn_shards(l, n, kind##_dx); \
		else if (l->x != l->y) \
			copy_backward(l, n, need_dx); \
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
channels_shard(struct nn_layer *l, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		scale_channels(l, i, l->x->y + i * l->x->stride, l->y->y + i * l->y->stride);
}

static void
channels_dx(struct nn_layer *l, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		scale_channels(l, i, l->y->dy + i * l->y->stride, l->x->dy + i * l->x->stride);
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
softmax_forward(struct nn_layer *l, size_t n)
{
	FOR_EACH_EXAMPLE(0, n)
		nn_softmax(size, l->x->y + i * l->x->stride, l->y->y + i * l->y->stride);
}

static void
softmax_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	FOR_EACH_EXAMPLE(0, need_dx ? n : 0) {
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
		.forward = kind##_forward, .backward = kind##_backward \
	}

const struct nn_kind LEVEL_NAME(nn_activation_kinds)[] = {
	ELEMENTWISE(relu, NN_NEEDS_SIGN, { NULL }),
	ELEMENTWISE(elu, NN_NEEDS_Y, { "alpha", 1, 0, 1e6, false, NULL }),
	ELEMENTWISE(tanh, NN_NEEDS_Y, { NULL }),
	ELEMENTWISE(sigmoid, NN_NEEDS_Y, { NULL }),
	ELEMENTWISE(dropout, NN_KEEPS_SIGN | NN_IN_TRAINING, { "rate", NAN, 0, 0.99, false, NULL }),
	{ .name = "channeldropout", .arg = { { "rate", NAN, 0, 0.99, false, NULL } }, .flags = NN_IN_PLACE | NN_KEEPS_SIGN | NN_IN_TRAINING,
	  .shape = same_shape, .plan = channels_plan, .forward = channels_forward, .backward = channels_backward },
	{ .name = "softmax", .flags = NN_NEEDS_Y, .shape = softmax_shape, .forward = softmax_forward,
	  .backward = softmax_backward },
	{ .name = NULL },
};
