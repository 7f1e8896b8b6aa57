/* Examples of different lengths. The rows behind an example's last one are
 * zero in all activations, as if they lay outside of it, and so are their
 * derivatives; layers that look further than a window leave them out. */
#include <string.h>

#include "base/err.h"
#include "net/net.h"

void
nn_set_length(struct nn *net, size_t i, size_t rows)
{
	net->length[i] = rows;
}

int
nn_takes_lengths(const struct nn *net)
{
	for (size_t i = 0; i < net->layers; i++) {
		const struct nn_layer *l = &net->layer[i];

		if ((l->kind->flags & NN_ALL_ROWS) != 0 && l->in.rank > 1)
			return nn_complain(l, "%s: the examples differ in length (a pool over time comes before)", l->kind->name);
	}
	return ST_OK;
}

void
length_clear(const struct nn_act *a, real *data, size_t n)
{
	for (size_t i = 0; a->valid != NULL && i < n; i++)
		memset(data + i * a->stride + a->valid[i] * a->row, 0, (a->rows - a->valid[i]) * a->row * sizeof *data);
}

void
length_begin(struct nn *net, size_t n)
{
	struct nn_act *a = &net->act[0];
	bool shorter = false;

	for (size_t i = 0; i < n; i++) {
		a->length[i] = net->length[i] > 0 && net->length[i] < a->rows ? net->length[i] : a->rows;
		shorter |= a->length[i] < a->rows;
	}
	memset(net->length, 0, net->batch * sizeof *net->length);
	a->valid = shorter ? a->length : NULL;
	length_clear(a, a->y, n);
}

void
length_pass(const struct nn_layer *l, size_t n)
{
	const struct nn_act *x = l->x;
	struct nn_act *y = l->y;

	if (x == y)
		return;
	y->valid = x->valid == NULL || y->shape.rank == 1 ? NULL : y->length;
	for (size_t i = 0; y->valid != NULL && i < n; i++)
		y->length[i] = l->kind->rows == NULL ? x->valid[i] : l->kind->rows(l, x->valid[i]);
}
