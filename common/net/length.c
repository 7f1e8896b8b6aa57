/* Examples of different lengths. The rows behind an example's last one are
 * zero in all activations, as if they lay outside of it, and so are their
 * derivatives; layers that look further than a window leave them out. */
#include <string.h>

#include "base/err.h"
#include "net/net.h"

void
nn_set_length_of(struct nn *net, size_t k, size_t i, size_t rows)
{
	net->source[k].length[i] = rows;
}

void
nn_set_length(struct nn *net, size_t i, size_t rows)
{
	nn_set_length_of(net, 0, i, rows);
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
length_clear(const struct nn_act *a, real *data, size_t first, size_t last)
{
	for (size_t i = first; a->valid != NULL && i < last; i++)
		memset(data + i * a->stride + a->valid[i] * a->row, 0, (a->rows - a->valid[i]) * a->row * sizeof *data);
}

static void
begin_source(const struct source *s, size_t n, size_t batch)
{
	struct nn_act *a = s->act;
	bool shorter = false;

	for (size_t i = 0; i < n; i++) {
		a->length[i] = s->length[i] > 0 && s->length[i] < a->rows ? s->length[i] : a->rows;
		shorter |= a->length[i] < a->rows;
	}
	memset(s->length, 0, batch * sizeof *s->length);
	a->valid = shorter ? a->length : NULL;
	length_clear(a, a->y, 0, n);
}

void
length_begin(struct nn *net, size_t n)
{
	for (size_t k = 0; k < net->sources; k++)
		begin_source(&net->source[k], n, net->batch);
}

/* Rows of y that those of a give; any where it has no rows. */
static size_t
rows_from(const struct nn_layer *l, const struct nn_act *a, size_t i)
{
	if (a->shape.rank == 1)
		return SIZE_MAX;
	return l->kind->rows == NULL ? nn_valid(a, i) : l->kind->rows(l, nn_valid(a, i));
}

void
length_pass(const struct nn_layer *l, size_t n)
{
	const struct nn_act *x = l->x, *z = l->other == NULL ? x : l->other->kept;
	struct nn_act *y = l->y;

	if (l->kept != NULL)
		l->kept->valid = x->valid;
	if (x == z && x == y)
		return;
	y->valid = (x->valid == NULL && z->valid == NULL) || y->shape.rank == 1 ? NULL : y->length;
	for (size_t i = 0; y->valid != NULL && i < n; i++) {
		size_t rows = rows_from(l, x, i), other = rows_from(l, z, i);

		y->length[i] = rows < other ? rows : other;
	}
}
