/* save, load, add, concat, multiply, average, input: nets that are no chain. A saved
 * activation is read by others where it is; nobody works in place on it. Its
 * layer adds up in backward what they leave in kept->dy: the last of them, the
 * first in backward, overwrites it. */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "net/net.h"

static int save_shape(struct nn_layer *l);

static struct nn_layer *
find_saved(const struct nn_layer *l)
{
	for (struct nn_layer *k = l->net->layer; k < l; k++)
		if (k->kind->shape == save_shape && strcmp(k->label, l->label) == 0)
			return k;
	return NULL;
}

static int
save_shape(struct nn_layer *l)
{
	const struct nn_layer *before = find_saved(l);

	if (before != NULL)
		return nn_complain(l, "save: line %d has saved '%s' already", before->line, l->label);
	l->out = l->in;
	return ST_OK;
}

static int
find_other(struct nn_layer *l)
{
	l->other = find_saved(l);
	if (l->other == NULL)
		return nn_complain(l, "%s: no line before it has 'save %s'", l->kind->name, l->label);
	l->other->last_user = l;
	return ST_OK;
}

static int
load_shape(struct nn_layer *l)
{
	int rc = find_other(l);

	if (rc == ST_OK)
		l->in = l->out = l->other->out;
	return rc;
}

static int
complain_of_shapes(const struct nn_layer *l, const char *required)
{
	char in[NN_SHAPE_TEXT], saved[NN_SHAPE_TEXT];

	nn_shape_text(&l->in, in);
	nn_shape_text(&l->other->out, saved);
	return nn_complain(l, "%s: %s comes in, '%s' of line %d is %s; %s", l->kind->name, in, l->label, l->other->line, saved,
	                   required);
}

static bool
same_shapes(const struct nn_shape *a, const struct nn_shape *b, int rank)
{
	return a->rank == b->rank && memcmp(a->d, b->d, (size_t)rank * sizeof *a->d) == 0;
}

static int
add_shape(struct nn_layer *l)
{
	int rc = find_other(l);

	l->out = l->in;
	if (rc == ST_OK && !same_shapes(&l->in, &l->other->out, l->in.rank))
		return complain_of_shapes(l, "they must be the same");
	return rc;
}

static int
concat_shape(struct nn_layer *l)
{
	int rc = find_other(l), last = l->in.rank - 1;

	l->out = l->in;
	if (rc != ST_OK)
		return rc;
	if (!same_shapes(&l->in, &l->other->out, last))
		return complain_of_shapes(l, "all dimensions but the last must be the same");
	l->out.d[last] += l->other->out.d[last];
	return ST_OK;
}

/* Of the two, a (C) scales the channels of the other. */
static int
multiply_shape(struct nn_layer *l)
{
	int rc = find_other(l);
	const struct nn_shape *a = &l->in, *b;

	if (rc != ST_OK)
		return rc;
	b = &l->other->out;
	l->out = b->rank > a->rank ? *b : *a;
	if (!same_shapes(a, b, a->rank) && ((a->rank > 1 && b->rank > 1) || a->d[a->rank - 1] != b->d[b->rank - 1]))
		return complain_of_shapes(l, "they must be the same, or one as many values as the other has channels");
	return ST_OK;
}

static bool
averages(const struct nn_layer *l)
{
	return (l->kind->flags & NN_AVERAGES) != 0;
}

static bool
is_softmax(const struct nn_layer *l)
{
	return strcmp(l->kind->name, "softmax") == 0;
}

static int
average_shape(struct nn_layer *l)
{
	int rc = find_other(l);

	l->out = l->in;
	if (rc != ST_OK)
		return rc;
	if (l == l->net->layer || l->other == l->net->layer || !is_softmax(l->other - 1) || !(is_softmax(l - 1) || averages(l - 1)))
		return nn_complain(l, "average: it is of softmaxes: 'save %s' comes right after one, average after another", l->label);
	if (!same_shapes(&l->in, &l->other->out, 1))
		return complain_of_shapes(l, "they must be the same");
	if (l + 1 < l->net->layer + l->net->layers && !averages(l + 1))
		return nn_complain(l, "average: only another average may come after it");
	return ST_OK;
}

static int
input_shape(struct nn_layer *l)
{
	struct source *s = NULL;

	for (size_t k = 0; k < l->net->sources; k++)
		if (strcmp(l->net->source[k].name, l->label) == 0)
			s = &l->net->source[k];
	if (s == NULL)
		return nn_complain(l, "input: no input '%s' is given (--beside %s=STREAM gives it)", l->label, l->label);
	if (s->first != NULL)
		return nn_complain(l, "input: '%s' has been read before (save and load keep it)", l->label);
	s->first = l + 1; /* there is one, or the net ends in what nobody uses */
	l->source = s;
	l->in = l->out = s->shape;
	return ST_OK;
}

/* to = from, or, where another user has been there before, to += from. */
static void
give(const struct nn_layer *l, size_t n, const real *restrict from, real *restrict to)
{
	if (l->other->last_user == l)
		memcpy(to, from, n * sizeof *to);
	else
		for (size_t k = 0; k < n; k++)
			to[k] += from[k];
}

static void
save_dx(struct nn_layer *l, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		const real *restrict on = l->y->dy + i * l->y->stride, *restrict kept = l->kept->dy + i * l->kept->stride;
		real *restrict dx = l->x->dy + i * l->x->stride;
		size_t size = nn_size(&l->in);

		if (l->ends)
			memcpy(dx, kept, size * sizeof *dx);
		else
			for (size_t k = 0; k < size; k++)
				dx[k] = on[k] + kept[k];
	}
}

static void
load_dx(struct nn_layer *l, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		give(l, nn_size(&l->in), l->y->dy + i * l->y->stride, l->x->dy + i * l->x->stride);
}

static void
add_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct nn_act *b = l->other->kept;

	for (size_t i = first; i < last; i++) {
		const real *x = l->x->y + i * l->x->stride, *z = b->y + i * b->stride;
		real *y = l->y->y + i * l->y->stride;

#pragma omp simd
		for (size_t k = 0; k < l->y->rows * l->y->row; k++)
			y[k] = x[k] + z[k];
	}
}

static void
add_dx(struct nn_layer *l, size_t first, size_t last)
{
	const struct nn_act *b = l->other->kept;
	size_t size = nn_size(&l->in);

	for (size_t i = first; i < last; i++) {
		const real *dy = l->y->dy + i * l->y->stride;

		give(l, size, dy, b->dy + i * b->stride);
		if (l->x != l->y)
			memcpy(l->x->dy + i * l->x->stride, dy, size * sizeof *dy);
	}
}

/* The channels of x, then those of the saved. */
static void
concat_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct nn_act *b = l->other->kept;
	size_t c = l->in.d[l->in.rank - 1], more = b->shape.d[l->in.rank - 1], pixels = nn_size(&l->in) / c;

	for (size_t i = first; i < last; i++)
		for (size_t p = 0; p < pixels; p++) {
			real *y = l->y->y + i * l->y->stride + p * (c + more);

			memcpy(y, l->x->y + i * l->x->stride + p * c, c * sizeof *y);
			memcpy(y + c, b->y + i * b->stride + p * more, more * sizeof *y);
		}
}

static void
concat_dx(struct nn_layer *l, size_t first, size_t last)
{
	const struct nn_act *b = l->other->kept;
	size_t c = l->in.d[l->in.rank - 1], more = b->shape.d[l->in.rank - 1], pixels = nn_size(&l->in) / c;

	for (size_t i = first; i < last; i++)
		for (size_t p = 0; p < pixels; p++) {
			const real *dy = l->y->dy + i * l->y->stride + p * (c + more);

			memcpy(l->x->dy + i * l->x->stride + p * c, dy, c * sizeof *dy);
			give(l, more, dy + c, b->dy + i * b->stride + p * more);
		}
}

/* A factor of y: values that it has for each pixel, or one pixel for all. */
static size_t
step_of(const struct nn_layer *l, const struct nn_act *a)
{
	return a->shape.rank < l->out.rank ? 0 : l->out.d[l->out.rank - 1];
}

static void
multiply_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct nn_act *a = l->x, *b = l->other->kept;
	size_t c = l->out.d[l->out.rank - 1], pixels = nn_size(&l->out) / c;

	for (size_t i = first; i < last; i++)
		for (size_t p = 0; p < pixels; p++) {
			const real *restrict x = a->y + i * a->stride + p * step_of(l, a);
			const real *restrict z = b->y + i * b->stride + p * step_of(l, b);
			real *restrict y = l->y->y + i * l->y->stride + p * c;

			for (size_t k = 0; k < c; k++)
				y[k] = x[k] * z[k];
		}
}

/* One factor's gradient in an example, added to what is there. */
static void
factor_gradient(const struct nn_layer *l, size_t i, const struct nn_act *of, const struct nn_act *with)
{
	size_t c = l->out.d[l->out.rank - 1], pixels = nn_size(&l->out) / c;

	for (size_t p = 0; p < pixels; p++) {
		const real *restrict z = with->y + i * with->stride + p * step_of(l, with);
		const real *restrict dy = l->y->dy + i * l->y->stride + p * c;
		real *restrict d = of->dy + i * of->stride + p * step_of(l, of);

		for (size_t k = 0; k < c; k++)
			d[k] += dy[k] * z[k];
	}
}

static void
multiply_dx(struct nn_layer *l, size_t first, size_t last)
{
	const struct nn_act *b = l->other->kept;

	for (size_t i = first; i < last; i++) {
		memset(l->x->dy + i * l->x->stride, 0, nn_size(&l->in) * sizeof(real));
		if (l->other->last_user == l)
			memset(b->dy + i * b->stride, 0, nn_size(&b->shape) * sizeof(real));
		factor_gradient(l, i, l->x, b);
		factor_gradient(l, i, b, l->x);
	}
}

/* How many softmaxes are in what comes in. */
static size_t
averaged_before(const struct nn_layer *l)
{
	size_t n = 1;

	while (averages(--l))
		n++;
	return n;
}

static void
average_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct nn_act *b = l->other->kept;
	real before = (real)averaged_before(l);

	for (size_t i = first; i < last; i++)
		for (size_t k = 0; k < l->in.d[0]; k++)
			l->y->y[i * l->y->stride + k] =
				(before * l->x->y[i * l->x->stride + k] + b->y[i * b->stride + k]) / (before + 1);
}

/* The derivative of a softmax's own cross-entropy: dy, which the loss has left, by its
 * probability. A floor keeps it finite. */
static void
head_gradient(size_t n, const real *dy, const real *p, real *to)
{
	for (size_t k = 0; k < n; k++)
		to[k] = dy[k] / (p[k] < (real)1e-30 ? (real)1e-30 : p[k]);
}

/* No derivative of the mean: each softmax learns as if it were alone. */
static void
average_dx(struct nn_layer *l, size_t first, size_t last)
{
	const struct nn_act *b = l->other->kept;
	size_t n = l->in.d[0];

	for (size_t i = first; i < last; i++) {
		const real *dy = l->y->dy + i * l->y->stride;

		head_gradient(n, dy, b->y + i * b->stride, b->dy + i * b->stride);
		if (averages(l - 1))
			memcpy(l->x->dy + i * l->x->stride, dy, n * sizeof *dy);
		else
			head_gradient(n, dy, l->x->y + i * l->x->stride, l->x->dy + i * l->x->stride);
	}
}

#define BRANCH(word, keep, shard, dx) \
	{ \
		.name = #word, .arg = { { "name", NAN, 0, 0, false, nn_any_word } }, .flags = (keep), .shape = word##_shape, \
		.forward_shard = (shard), .backward_shard = (dx) \
	}

const struct nn_kind LEVEL_NAME(nn_branch_kinds)[] = {
	BRANCH(save, NN_SHARED, NULL, save_dx),
	BRANCH(load, NN_SHARED | NN_STARTS, NULL, load_dx),
	BRANCH(input, NN_SHARED | NN_STARTS, NULL, NULL),
	BRANCH(add, NN_IN_PLACE, add_shard, add_dx),
	BRANCH(concat, 0, concat_shard, concat_dx),
	BRANCH(multiply, NN_NEEDS_X, multiply_shard, multiply_dx),
	BRANCH(average, NN_NEEDS_X | NN_AVERAGES, average_shard, average_dx),
	{ .name = NULL },
};
