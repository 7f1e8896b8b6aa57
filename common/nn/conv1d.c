/* conv1d: Keras's Conv1D with padding "same" and stride 1; kernel (width, in,
 * out).
 *
 * The window of output row t is width consecutive rows of x: one run of memory.
 * Rows t, t + width, t + 2 width, ... have windows that follow each other
 * without overlap, so they form a plain matrix, and a convolution is width
 * products over whole shards with nothing copied. The gap rows between examples,
 * zero, are the padding; what the product leaves in y's gaps is rubbish that the
 * next reader clears. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "nn/gemm.h"
#include "nn/layer.h"

enum { FILTERS, WIDTH };
enum { KERNEL, BIAS };

struct conv {
	size_t width, left; /* rows of the window before its output row */
	real *flipped;      /* (width, out, in): the kernel that takes dy to dx */
	real *partial;      /* of the bias's gradient */
	size_t *rows;       /* of each phase, over the batch */
};

static int
conv_shape(struct nn_layer *l)
{
	size_t width = (size_t)l->arg[WIDTH], filters = (size_t)l->arg[FILTERS], in;
	int rc;

	if (l->in.rank < 2)
		return nn_complain(l, "conv1d: its input is of rank 1; (T,C) is wanted");
	l->in = nn_as_sequence(&l->in);
	in = l->in.d[1];
	l->out = (struct nn_shape){ 2, { l->in.d[0], filters, 1 } };
	l->gap = width / 2;
	rc = nn_declare(l, "kernel", 3, (size_t[]){ width, in, filters }, true, NN_GLOROT, (double)(width * in),
	                (double)(width * filters));
	return rc != ST_OK ? rc : nn_declare(l, "bias", 1, &filters, true, NN_ZEROS, 0, 0);
}

static void
conv_release(struct nn_layer *l)
{
	struct conv *c = l->state;

	free(c->flipped);
	free(c->partial);
	free(c->rows);
	free(c);
}

static int
conv_plan(struct nn_layer *l)
{
	struct conv *c = mem_zero(1, sizeof *c);

	l->state = c;
	if (c == NULL)
		return ST_SYS;
	c->width = (size_t)l->arg[WIDTH];
	c->left = (c->width - 1) / 2;
	c->flipped = mem_zero(nn_training_net(l->net) ? c->width * l->x->row * l->y->row : 0, sizeof(real));
	c->partial = mem_zero(nn_shard_count(nn_batch(l->net)) * l->y->row, sizeof(real));
	c->rows = mem_zero(c->width, sizeof *c->rows);
	return c->flipped == NULL || c->partial == NULL || c->rows == NULL ? ST_SYS : ST_OK;
}

/* Of rows 0..all, how many are phase, phase + width, ... */
static size_t
phase_rows(size_t all, size_t phase, size_t width)
{
	return all > phase ? (all - phase + width - 1) / width : 0;
}

/* out[t] += sum over k of in[t - before + k] kernel[k], for all rows. */
static void
convolve(size_t all, size_t width, size_t before, const real *in, size_t in_row, const real *kernel, real *out,
         size_t out_row, real beta)
{
	for (size_t p = 0; p < width; p++)
		nn_gemm(false, false, phase_rows(all, p, width), out_row, width * in_row, in + p * in_row - before * in_row,
		        width * in_row, kernel, out_row, beta, out + p * out_row, width * out_row);
}

static void
forward_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct conv *c = l->state;
	const struct nn_act *x = l->x, *y = l->y;
	size_t all = nn_all_rows(y, last - first);
	real *out = y->y + first * y->stride;

	for (size_t r = 0; r < all; r++)
		memcpy(out + r * y->row, nn_value(l, BIAS), y->row * sizeof *out);
	convolve(all, c->width, c->left, x->y + first * x->stride, x->row, nn_value(l, KERNEL), out, y->row, 1);
}

static void
conv_forward(struct nn_layer *l, size_t n)
{
	nn_clear_gaps(l->x, l->x->y, n);
	nn_shards(l, n, forward_shard);
}

static void
backward_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct conv *c = l->state;
	const struct nn_act *x = l->x, *y = l->y;

	convolve(nn_all_rows(x, last - first), c->width, c->width - 1 - c->left, y->dy + first * y->stride, y->row,
	         c->flipped, x->dy + first * x->stride, x->row, 0);
}

static void
kernel_gradient(struct nn_layer *l, size_t n)
{
	const struct conv *c = l->state;
	const struct nn_act *x = l->x, *y = l->y;
	const struct nn_gradient g = { c->width * x->row, y->row, c->width, c->rows, x->y - c->left * x->row, y->dy,
		c->width * x->row, c->width * y->row, x->row, y->row, nn_grad(l, KERNEL) };

	for (size_t p = 0; p < c->width; p++)
		c->rows[p] = phase_rows(nn_all_rows(y, n), p, c->width);
	nn_gemm_gradient(l->net, &g);
	nn_sum_rows(l, n, c->partial, nn_grad(l, BIAS));
}

static void
conv_backward(struct nn_layer *l, size_t n, bool want_dx)
{
	const struct conv *c = l->state;
	size_t tap = l->x->row * l->y->row;

	nn_clear_gaps(l->y, l->y->dy, n);
	if (!l->frozen)
		kernel_gradient(l, n);
	if (!want_dx)
		return;
	for (size_t k = 0; k < c->width; k++)
		nn_transpose(l->x->row, l->y->row, nn_value(l, KERNEL) + k * tap, c->flipped + (c->width - 1 - k) * tap);
	nn_shards(l, n, backward_shard);
}

const struct nn_kind nn_conv_kinds[] = {
	{
		.name = "conv1d",
		.arg = { { "filters", NAN, 1, 1 << 16, true, NULL }, { "width", NAN, 1, 1024, true, NULL } },
		.flags = NN_NEEDS_X,
		.shape = conv_shape,
		.plan = conv_plan,
		.forward = conv_forward,
		.backward = conv_backward,
		.release = conv_release,
	},
	{ .name = NULL },
};
