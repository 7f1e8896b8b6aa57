/* dense and flatten. */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "net/gemm.h"
#include "net/layer.h"

enum { UNITS };
enum { KERNEL, BIAS };

static int
dense_shape(struct nn_layer *l)
{
	size_t units = (size_t)l->arg[UNITS], in = l->in.d[l->in.rank - 1];
	int rc;

	if (l->in.rank > 2)
		return nn_complain(l, "dense: its input is of rank %d (flatten, or a pool, comes before)", l->in.rank);
	l->out = l->in;
	l->out.d[l->in.rank - 1] = units;
	rc = nn_declare(l, "kernel", 2, (size_t[]){ in, units }, NN_DECAYING, NN_GLOROT, (double)in, (double)units);
	return rc != ST_OK ? rc : nn_declare(l, "bias", 1, &units, NN_PLAIN, NN_ZEROS, 0, 0);
}

static int
dense_plan(struct nn_layer *l)
{
	l->state = mem_take(l->memory, nn_shard_count(nn_batch(l->net)) * l->y->row, sizeof(real)); /* of the bias's gradient */
	return l->state == NULL ? ST_SYS : ST_OK;
}

static void
dense_forward(struct nn_layer *l, size_t n)
{
	const struct nn_act *x = l->x, *y = l->y;

	nn_multiply_on(l->net, &(struct nn_product){ .n = y->row, .row = { 1, nn_all_rows(x, n), NULL, 0, x->row },
		.depth = { 1, x->row, NULL, 0, 1 }, .a = x->y, .b = nn_value(l, KERNEL), .b_inner_step = y->row, .b_column = 1,
		.start = nn_value(l, BIAS), .c = y->y, .c_inner_step = y->row });
}

static void
dense_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	const struct nn_act *x = l->x, *y = l->y;
	size_t rows = nn_all_rows(x, n);

	nn_clear_gaps(y, y->dy, n);
	if (!l->frozen) {
		const struct nn_gradient g = { x->row, y->row, 1, &rows, x->y, y->dy, x->row, y->row, 0, 0, nn_grad(l, KERNEL) };

		nn_clear_gaps(x, x->y, n);
		nn_gemm_gradient(l->net, &g);
		nn_sum_rows(l->net, rows, y->row, NN_SHARD * y->stride / y->row, y->dy, l->state, nn_grad(l, BIAS));
	}
	if (need_dx)
		nn_gemm_columns(l->net, true, rows, x->row, y->row, y->dy, y->row, nn_value(l, KERNEL), y->row, 0, x->dy,
		                x->row);
}

static int
flatten_shape(struct nn_layer *l)
{
	l->out = (struct nn_shape){ 1, { nn_size(&l->in), 1, 1 } };
	return ST_OK;
}

/* An example is contiguous already; only the distance between two changes. */
static void
flatten_forward(struct nn_layer *l, size_t n)
{
	for (size_t i = 0; i < n; i++)
		memcpy(l->y->y + i * l->y->stride, l->x->y + i * l->x->stride, l->y->row * sizeof(real));
}

static void
flatten_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	for (size_t i = 0; need_dx && i < n; i++)
		memcpy(l->x->dy + i * l->x->stride, l->y->dy + i * l->y->stride, l->y->row * sizeof(real));
}

const struct nn_kind nn_dense_kinds[] = {
	{
		.name = "dense",
		.arg = { { "units", NAN, 1, 1 << 20, true, NULL } },
		.flags = NN_NEEDS_X,
		.shape = dense_shape,
		.plan = dense_plan,
		.forward = dense_forward,
		.backward = dense_backward,
	},
	{ .name = "flatten", .flags = NN_ALL_ROWS, .shape = flatten_shape, .forward = flatten_forward, .backward = flatten_backward },
	{ .name = NULL },
};
