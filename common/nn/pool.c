/* Pooling layers. */
#include <math.h>
#include <string.h>

#include "err.h"
#include "nn/layer.h"

enum { SIZE };

/* maxpool1d: Keras's MaxPooling1D with stride equal to size and padding
 * "valid": rows left over at the end are dropped. */
static int
maxpool1d_shape(struct nn_layer *l)
{
	size_t size = (size_t)l->arg[SIZE];

	if (l->in.rank < 2)
		return nn_complain(l, "maxpool1d: its input is of rank 1; (T,C) is wanted");
	l->in = nn_as_sequence(&l->in);
	if (l->in.d[0] < size)
		return nn_complain(l, "maxpool1d: %zu rows come in, fewer than %zu", l->in.d[0], size);
	l->out = (struct nn_shape){ 2, { l->in.d[0] / size, l->in.d[1], 1 } };
	return ST_OK;
}

static void
maxpool1d_shard(struct nn_layer *l, size_t first, size_t last)
{
	size_t size = (size_t)l->arg[SIZE], c = l->y->row;

	for (size_t i = first; i < last; i++)
		for (size_t r = 0; r < l->y->rows; r++) {
			const real *x = l->x->y + i * l->x->stride + r * size * c;
			real *restrict y = l->y->y + i * l->y->stride + r * c;

			memcpy(y, x, c * sizeof *y);
			for (size_t s = 1; s < size; s++)
				for (size_t k = 0; k < c; k++)
					y[k] = x[s * c + k] > y[k] ? x[s * c + k] : y[k];
		}
}

/* The derivative goes to the first of the largest. y still holds the maximum
 * or, behind an in-place layer, something else: it is found again from x. */
static void
maxpool1d_row(const real *x, const real *dy, size_t size, size_t c, real *dx)
{
	for (size_t k = 0; k < c; k++) {
		real top = x[k];

		for (size_t s = 1; s < size; s++)
			top = x[s * c + k] > top ? x[s * c + k] : top;
		real left = dy[k];

		for (size_t s = 0; s < size; s++) {
			bool here = x[s * c + k] == top;

			dx[s * c + k] = here ? left : 0;
			left = here ? 0 : left;
		}
	}
}

static void
maxpool1d_dx(struct nn_layer *l, size_t first, size_t last)
{
	size_t size = (size_t)l->arg[SIZE], c = l->y->row, used = l->y->rows * size;

	for (size_t i = first; i < last; i++) {
		const real *restrict x = l->x->y + i * l->x->stride, *restrict dy = l->y->dy + i * l->y->stride;
		real *restrict dx = l->x->dy + i * l->x->stride;

		memset(dx + used * c, 0, (l->x->rows - used) * c * sizeof *dx);
		for (size_t r = 0; r < l->y->rows; r++) {
			const real *x0 = x + r * size * c, *d = dy + r * c;
			real *out = dx + r * size * c;

			if (size != 2) {
				maxpool1d_row(x0, d, size, c, out);
				continue;
			}
			for (size_t k = 0; k < c; k++) {
				bool low = x0[k] >= x0[c + k];

				out[k] = low ? d[k] : 0;
				out[c + k] = low ? 0 : d[k];
			}
		}
	}
}

static void
maxpool1d_forward(struct nn_layer *l, size_t n)
{
	nn_shards(l, n, maxpool1d_shard);
}

static void
maxpool1d_backward(struct nn_layer *l, size_t n, bool want_dx)
{
	if (want_dx)
		nn_shards(l, n, maxpool1d_dx);
}

const struct nn_kind nn_pool_kinds[] = {
	{
		.name = "maxpool1d",
		.arg = { { "size", 2, 1, 1 << 20, true, NULL } },
		.flags = NN_NEEDS_X,
		.shape = maxpool1d_shape,
		.forward = maxpool1d_forward,
		.backward = maxpool1d_backward,
	},
	{ .name = NULL },
};
