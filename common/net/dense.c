/* dense and flatten. */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "net/gemm.h"
#include "net/layer.h"

enum { UNITS };
enum { KERNEL, BIAS };

static const struct nn_kind wide_dense;

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

struct dense {
	real *kernel, *transposed; /* packed; the latter in nets for training, for dx */
	real *partial;             /* a wide one's, of the bias's gradient */
};

static int
dense_plan(struct nn_layer *l)
{
	enum { NARROW = 1 << 14 };
	struct mem_pool *m = l->memory;
	size_t in = l->x->row, units = l->y->row;
	struct dense *s = mem_take(m, 1, sizeof *s);

	l->state = s;
	if (s == NULL)
		return ST_SYS;
	if (in * units > NARROW) {
		s->partial = l->x->dy == NULL ? NULL : mem_take(m, nn_shard_count(nn_batch(l->net)) * units, sizeof(real));
		l->kind = &wide_dense;
		return m->status;
	}
	s->kernel = mem_take(m, nn_packed_size(in, units), sizeof(real));
	s->transposed = l->x->dy == NULL ? NULL : mem_take(m, nn_packed_size(units, in), sizeof(real));
	return m->status;
}

static void
dense_prepare(struct nn_layer *l, bool backward)
{
	const struct dense *s = l->state;
	size_t in = l->x->row, units = l->y->row;

	if (!backward && nn_repacks(l))
		nn_pack(in, 0, in, units, nn_value(l, KERNEL), units, 1, s->kernel);
	if (backward)
		nn_pack(units, 0, units, in, nn_value(l, KERNEL), 1, units, s->transposed);
}

/* Their rows, with what lies between the examples. */
static struct nn_product
product_of(const struct nn_act *from, const real *a, const struct nn_act *to, real *c, size_t first, size_t last)
{
	return (struct nn_product){ .n = to->row, .row = { 1, nn_all_rows(from, last - first), NULL, 0, from->row },
		.depth = { 1, from->row, NULL, 0, 1 }, .a = a + first * from->stride, .c = c + first * to->stride,
		.c_inner_step = to->row };
}

static struct nn_product
forward_product(const struct nn_layer *l, size_t first, size_t last)
{
	struct nn_product p = product_of(l->x, l->x->y, l->y, l->y->y, first, last);

	p.start = nn_value(l, BIAS);
	p.b = nn_value(l, KERNEL);
	p.b_inner_step = l->y->row;
	p.b_column = 1;
	return p;
}

static struct nn_product
backward_product(const struct nn_layer *l, size_t first, size_t last)
{
	struct nn_product p = product_of(l->y, l->y->dy, l->x, l->x->dy, first, last);

	p.b = nn_value(l, KERNEL);
	p.b_inner_step = 1;
	p.b_column = l->y->row;
	return p;
}

static void
multiply_packed(struct nn_product p, const real *packed)
{
	p.b = packed;
	p.packed = true;
	nn_multiply(&p);
}

static void
dense_shard(struct nn_layer *l, size_t first, size_t last)
{
	multiply_packed(forward_product(l, first, last), ((const struct dense *)l->state)->kernel);
}

static void
dense_dx(struct nn_layer *l, size_t first, size_t last)
{
	multiply_packed(backward_product(l, first, last), ((const struct dense *)l->state)->transposed);
}

static void
wide_forward(struct nn_layer *l, size_t n)
{
	const struct nn_product p = forward_product(l, 0, n);

	nn_multiply_on(l->net, &p);
}

/* Of the kernel. Rows between examples must be zero. */
static struct nn_product
gradient_product(const struct nn_layer *l, size_t first, size_t last, bool more, real *sum)
{
	const struct nn_act *x = l->x, *y = l->y;

	return (struct nn_product){ .n = y->row, .row = { 1, x->row, NULL, 0, 1 },
		.depth = { 1, nn_all_rows(x, last - first), NULL, 0, x->row }, .a = x->y + first * x->stride,
		.b = y->dy + first * y->stride, .b_inner_step = y->row, .b_column = 1, .beta = more, .c = sum,
		.c_inner_step = y->row };
}

static void
wide_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	const struct nn_product dx = backward_product(l, 0, n);
	const struct nn_act *x = l->x, *y = l->y;
	const struct dense *s = l->state;

	if (!l->frozen) {
		const struct nn_product gradient = gradient_product(l, 0, n, false, nn_grad(l, KERNEL));

		nn_clear_gaps(x, x->y, 0, n);
		nn_clear_gaps(y, y->dy, 0, n);
		nn_multiply_on(l->net, &gradient);
		nn_sum_rows(l->net, nn_all_rows(x, n), y->row, NN_SHARD * y->stride / y->row, y->dy, s->partial, nn_grad(l, BIAS));
	}
	if (need_dx)
		nn_multiply_on(l->net, &dx);
}

static void
dense_gradient(struct nn_layer *l, size_t first, size_t last, bool more, real *sum)
{
	const struct nn_act *x = l->x, *y = l->y;
	size_t rows = nn_all_rows(x, last - first);
	real *bias = sum + x->row * y->row;
	struct nn_product p;

	nn_clear_gaps(x, x->y, first, last);
	nn_clear_gaps(y, y->dy, first, last);
	p = gradient_product(l, first, last, more, sum);
	nn_multiply(&p);
	if (!more)
		memset(bias, 0, y->row * sizeof *bias);
	nn_add_rows(rows, y->row, y->dy + first * y->stride, bias);
}

static int
flatten_shape(struct nn_layer *l)
{
	l->out = (struct nn_shape){ 1, { nn_size(&l->in), 1, 1 } };
	return ST_OK;
}

/* An example is contiguous already; only the distance between two changes. */
static void
flatten_shard(struct nn_layer *l, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		memcpy(l->y->y + i * l->y->stride, l->x->y + i * l->x->stride, l->y->row * sizeof(real));
}

static void
flatten_dx(struct nn_layer *l, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		memcpy(l->x->dy + i * l->x->stride, l->y->dy + i * l->y->stride, l->y->row * sizeof(real));
}

#define DENSE \
	.name = "dense", .arg = { { "units", NAN, 1, 1 << 20, true, NULL } }, .flags = NN_NEEDS_X, .shape = dense_shape, \
	.plan = dense_plan

/* One whose weights are too many for each group of examples to read them all. */
static const struct nn_kind wide_dense = { DENSE, .forward = wide_forward, .backward = wide_backward };

const struct nn_kind nn_dense_kinds[] = {
	{ DENSE, .prepare = dense_prepare, .forward_shard = dense_shard, .backward_shard = dense_dx,
	  .gradient_shard = dense_gradient },
	{ .name = "flatten", .flags = NN_ALL_ROWS, .shape = flatten_shape, .forward_shard = flatten_shard,
	  .backward_shard = flatten_dx },
	{ .name = NULL },
};
