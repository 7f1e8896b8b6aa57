/* The products with the kernel for all steps are one; those with the recurrent
 * kernel cannot be. Rows between examples (the gap, at least one) are
 * h before the first step: they are zero, and with them the gradient of
 * the recurrent kernel over the whole batch is one product of h and dz, one row
 * apart. Padding behind an example is like the gap. */
#include "net/recurrent.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "net/gemm.h"

enum { LAST, SEQUENCE };
enum { KERNEL, RECURRENT, BIAS, WEIGHTS }; /* of a direction */
const char *const recurrent_outputs[] = { "last", "sequence", NULL };

struct direction {
	bool reverse;
	size_t weights;       /* index of its kernel among the layer's */
	real *z, *kept;       /* (batch, rows, gates or kept * u) */
	real *h;              /* outputs, h_row apart, gap rows zero */
	real *kernel, *recurrent; /* packed; in backward transposed */
	real *dh, *dc, *dy;   /* (batch, u) */
};

struct recurrent {
	size_t u, directions;
	size_t gates, kept; /* values a row */
	size_t rows;        /* of an example with its gap */
	size_t h_row;       /* distance of h's rows: u, or 2u in a sequence of both directions */
	bool sequence;
	struct direction d[2];
	real *zeros;        /* u of them */
	real *partial;      /* of the bias's gradient: gates a block */
	size_t n;           /* examples of this pass */
};

static int
declare_direction(struct nn_layer *l, const char *prefix)
{
	const struct recurrent_cell *cell = l->kind->cell;
	size_t in = l->in.d[1], u = (size_t)l->arg[RECURRENT_UNITS], gates = cell->gates * u;
	const size_t bias[2] = { 2, gates };
	char role[3][32];
	int rc;

	snprintf(role[0], sizeof role[0], "%skernel", prefix);
	snprintf(role[1], sizeof role[1], "%srecurrent", prefix);
	snprintf(role[2], sizeof role[2], "%sbias", prefix);
	rc = nn_declare(l, role[0], 2, (size_t[]){ in, gates }, NN_DECAYING, NN_GLOROT, (double)in, (double)gates);
	if (rc != ST_OK || (rc = nn_declare(l, role[1], 2, (size_t[]){ u, gates }, NN_DECAYING, NN_ORTHOGONAL, 0, 0)) != ST_OK)
		return rc;
	return nn_declare(l, role[2], (int)cell->biases, bias + 2 - cell->biases, NN_PLAIN, cell->bias, 0, 0);
}

int
recurrent_shape(struct nn_layer *l)
{
	bool both_ways = (l->kind->flags & NN_BOTH_WAYS) != 0;
	size_t width = (size_t)l->arg[RECURRENT_UNITS] * (both_ways ? 2 : 1);
	int rc;

	if (l->in.rank < 2)
		return nn_complain(l, "%s: its input is of rank 1; (T,F) is required", l->kind->name);
	l->in = nn_as_sequence(&l->in);
	if (l->arg[RECURRENT_OUTPUT] == SEQUENCE)
		l->out = (struct nn_shape){ 2, { l->in.d[0], width, 1 } };
	else
		l->out = (struct nn_shape){ 1, { width, 1, 1 } };
	l->gap = 1;
	rc = declare_direction(l, both_ways ? "forward_" : "");
	return rc != ST_OK || !both_ways ? rc : declare_direction(l, "backward_");
}

/* Of a packed matrix of that shape, and of its transpose. */
static size_t
packed_size(size_t rows, size_t columns)
{
	size_t one = nn_packed_size(rows, columns), other = nn_packed_size(columns, rows);

	return one > other ? one : other;
}

static void
plan_direction(struct nn_layer *l, struct recurrent *s, size_t i)
{
	struct direction *d = &s->d[i];
	size_t batch = nn_batch(l->net), u = s->u, gap = l->x->gap, rows = batch * s->rows, in = l->x->row;

	d->reverse = i == 1;
	d->weights = i * WEIGHTS;
	d->z = mem_take(l->memory, rows * s->gates, sizeof(real));
	d->kept = mem_take(l->memory, rows * s->kept, sizeof(real));
	d->kernel = mem_take(l->memory, packed_size(in, s->gates), sizeof(real));
	d->recurrent = mem_take(l->memory, packed_size(u, s->gates), sizeof(real));
	if (l->x->dy != NULL) {
		d->dh = mem_take(l->memory, batch * u, sizeof(real));
		d->dc = mem_take(l->memory, batch * u, sizeof(real));
		d->dy = mem_take(l->memory, batch * u, sizeof(real));
	}
	if (s->sequence)
		d->h = l->y->y + i * u;
	else if ((d->h = mem_take(l->memory, (rows + gap) * u, sizeof(real))) != NULL)
		d->h += gap * u;
}

int
recurrent_plan(struct nn_layer *l)
{
	const struct recurrent_cell *cell = l->kind->cell;
	struct recurrent *s = mem_take(l->memory, 1, sizeof *s);

	l->state = s;
	if (s == NULL)
		return ST_SYS;
	s->u = (size_t)l->arg[RECURRENT_UNITS];
	s->gates = cell->gates * s->u;
	s->kept = cell->kept * s->u;
	s->directions = (l->kind->flags & NN_BOTH_WAYS) != 0 ? 2 : 1;
	s->rows = l->x->rows + l->x->gap;
	s->sequence = l->arg[RECURRENT_OUTPUT] == SEQUENCE;
	s->h_row = s->sequence ? l->y->row : s->u;
	for (size_t i = 0; i < s->directions; i++)
		plan_direction(l, s, i);
	s->partial = mem_take(l->memory, NN_BLOCKS * s->gates, sizeof(real));
	s->zeros = mem_take(l->memory, s->u, sizeof(real));
	return l->memory->status;
}

/* The direction and examples of a task. */
struct span {
	const struct direction *d;
	size_t first, examples;
};

static struct span
span_of(const struct recurrent *s, size_t task)
{
	size_t first = task / s->directions * NN_SHARD, rest = s->n - first;

	return (struct span){ &s->d[task % s->directions], first, rest < NN_SHARD ? rest : NN_SHARD };
}

/* The row of step t. */
static size_t
row_of(const struct nn_layer *l, const struct direction *d, size_t t)
{
	return d->reverse ? l->x->rows - 1 - t : t;
}

/* Step t of them, from 0 in the direction's own order. */
static struct recurrent_step
step_of(const struct nn_layer *l, const struct recurrent *s, const struct span *p, size_t t)
{
	const struct direction *d = p->d;
	size_t row = p->first * s->rows + row_of(l, d, t), before = d->reverse ? row + 1 : row - 1;
	struct recurrent_step step = { .examples = p->examples, .u = s->u, .first = t == 0 };

	step.z = d->z + row * s->gates;
	step.z_row = s->rows * s->gates;
	step.kept = d->kept + row * s->kept;
	step.kept_row = s->rows * s->kept;
	step.kept_before = t == 0 ? s->zeros : d->kept + before * s->kept;
	step.kept_before_row = t == 0 ? 0 : step.kept_row;
	step.h = d->h + row * s->h_row;
	step.h_before = d->reverse ? step.h + s->h_row : step.h - s->h_row;
	step.h_row = s->rows * s->h_row;
	step.recurrent = d->recurrent;
	step.bias = nn_value(l, d->weights + BIAS) + (l->kind->cell->biases - 1) * s->gates;
	return step;
}

/* State and gradient before an example's first row and behind its last are zero. */
static void
clear_padding(const struct nn_layer *l, const struct span *p, size_t t, const struct recurrent_step *step)
{
	const struct recurrent *s = l->state;

	for (size_t i = 0; l->x->valid != NULL && i < p->examples; i++) {
		if (row_of(l, p->d, t) < nn_valid(l->x, p->first + i))
			continue;
		if (step->dh == NULL) {
			memset(step->h + i * step->h_row, 0, s->u * sizeof(real));
			memset(step->kept + i * step->kept_row, 0, s->kept * sizeof(real));
		} else {
			memset(step->dh + i * s->u, 0, s->u * sizeof(real));
			memset(step->dc + i * s->u, 0, s->u * sizeof(real));
		}
	}
}

static void
forward_task(struct nn_layer *l, size_t task)
{
	const struct recurrent *s = l->state;
	const struct span p = span_of(s, task);
	const struct nn_act *x = l->x;

	nn_gemm_packed(p.examples * s->rows - x->gap, s->gates, x->row, x->y + p.first * x->stride, x->row, p.d->kernel,
	               nn_value(l, p.d->weights + BIAS), 0, p.d->z + p.first * s->rows * s->gates, s->gates);
	for (size_t t = 0; t < x->rows; t++) {
		const struct recurrent_step step = step_of(l, s, &p, t);

		l->kind->cell->forward(&step);
		clear_padding(l, &p, t, &step);
	}
}

static void
pack_forward(struct nn_layer *l, size_t i)
{
	const struct recurrent *s = l->state;
	const struct direction *d = &s->d[i];

	nn_pack(l->x->row, 0, l->x->row, s->gates, nn_value(l, d->weights + KERNEL), s->gates, 1, d->kernel);
	nn_pack(s->u, 0, s->u, s->gates, nn_value(l, d->weights + RECURRENT), s->gates, 1, d->recurrent);
}

static void
pack_backward(struct nn_layer *l, size_t i)
{
	const struct recurrent *s = l->state;
	const struct direction *d = &s->d[i];

	nn_pack(s->gates, 0, s->gates, l->x->row, nn_value(l, d->weights + KERNEL), 1, s->gates, d->kernel);
	nn_pack(s->gates, 0, s->gates, s->u, nn_value(l, d->weights + RECURRENT), 1, s->gates, d->recurrent);
}

void
recurrent_forward(struct nn_layer *l, size_t n)
{
	struct recurrent *s = l->state;

	s->n = n;
	if (nn_repacks(l))
		nn_tasks(l, s->directions, pack_forward);
	nn_clear_gaps(l->x, l->x->y, n);
	nn_tasks(l, nn_shard_count(n) * s->directions, forward_task);
	for (size_t i = 0; !s->sequence && i < n; i++)
		for (size_t k = 0; k < s->directions; k++)
			memcpy(l->y->y + i * l->y->stride + k * s->u,
			       s->d[k].h + (i * s->rows + (k == 0 ? nn_valid(l->x, i) - 1 : 0)) * s->u, s->u * sizeof(real));
}

/* dy of step t: of a last state, in the row where it is. */
static void
set_dy(const struct nn_layer *l, const struct span *p, size_t t, struct recurrent_step *step)
{
	const struct recurrent *s = l->state;
	const struct nn_act *y = l->y;
	const real *dy = y->dy + p->first * y->stride + (size_t)(p->d - s->d) * s->u;
	size_t row = row_of(l, p->d, t);

	step->dy = s->sequence ? dy + row * y->row : p->d->dy + p->first * s->u;
	step->dy_row = s->sequence ? y->stride : s->u;
	for (size_t i = 0; i < p->examples && !s->sequence; i++)
		if (row == (p->d->reverse ? 0 : nn_valid(l->x, p->first + i) - 1))
			memcpy(p->d->dy + (p->first + i) * s->u, dy + i * y->stride, s->u * sizeof *dy);
		else
			memset(p->d->dy + (p->first + i) * s->u, 0, s->u * sizeof *dy);
}

static void
backward_task(struct nn_layer *l, size_t task)
{
	const struct recurrent *s = l->state;
	const struct span p = span_of(s, task);
	real *dh = p.d->dh + p.first * s->u, *dc = p.d->dc + p.first * s->u;

	memset(dh, 0, p.examples * s->u * sizeof *dh);
	memset(dc, 0, p.examples * s->u * sizeof *dc);
	for (size_t t = l->x->rows; t-- > 0;) {
		struct recurrent_step step = step_of(l, s, &p, t);

		step.dh = dh;
		step.dc = dc;
		set_dy(l, &p, t, &step);
		clear_padding(l, &p, t, &step);
		l->kind->cell->backward(&step);
	}
}

static void
dx_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct recurrent *s = l->state;
	const struct nn_act *x = l->x;
	size_t rows = (last - first) * s->rows - x->gap;

	for (size_t i = 0; i < s->directions; i++)
		nn_gemm_packed(rows, x->row, s->gates, s->d[i].z + first * s->rows * s->gates, s->gates, s->d[i].kernel, NULL, i > 0,
		               x->dy + first * x->stride, x->row);
}

static void
gradients(struct nn_layer *l, const struct direction *d)
{
	const struct recurrent *s = l->state;
	const struct nn_act *x = l->x;
	const real *dr = l->kind->cell->biases == 2 ? d->kept : d->z;
	size_t all = s->n * s->rows - x->gap, pairs = all - 1, block = (all + NN_BLOCKS - 1) / NN_BLOCKS;
	real *bias = nn_grad(l, d->weights + BIAS);
	const struct nn_gradient kernel = { x->row, s->gates, 1, &all, x->y, d->z, x->row, s->gates, 0, 0,
		nn_grad(l, d->weights + KERNEL) };
	/* The gradient of a step meets h of the previous one, which is the row before
	 * or, in reverse, the row after. */
	const struct nn_gradient recurrent = { s->u, s->gates, 1, &pairs, d->reverse ? d->h + s->h_row : d->h,
		d->reverse ? dr : dr + s->gates, s->h_row, s->gates, 0, 0, nn_grad(l, d->weights + RECURRENT) };

	nn_gemm_gradient(l->net, &kernel);
	nn_gemm_gradient(l->net, &recurrent);
	nn_sum_rows(l->net, all, s->gates, block, d->z, s->partial, bias);
	if (l->kind->cell->biases == 2)
		nn_sum_rows(l->net, all, s->gates, block, dr, s->partial, bias + s->gates);
}

void
recurrent_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	struct recurrent *s = l->state;
	size_t gap = l->x->gap;

	for (size_t i = 0; i < s->directions; i++) {
		struct direction *d = &s->d[i];

		for (size_t k = 1; k < n; k++)
			memset(d->z + (k * s->rows - gap) * s->gates, 0, gap * s->gates * sizeof(real));
	}
	nn_tasks(l, s->directions, pack_backward);
	nn_tasks(l, nn_shard_count(n) * s->directions, backward_task);
	for (size_t i = 0; i < s->directions && !l->frozen; i++)
		gradients(l, &s->d[i]);
	if (need_dx)
		nn_shards(l, n, dx_shard);
}
