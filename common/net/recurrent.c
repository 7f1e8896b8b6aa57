/* A task is a direction of a shard of examples. It goes through time in chunks of so
 * few rows that what all products read and write of them stays in the cache: forward,
 * the product with the kernel for a chunk comes right before its steps; backward, the
 * weights' gradients come right behind them, in sums of the shard's own. z and kept
 * have the shard's examples one after the other at each step.
 *
 * Rows between examples (the gap, at least one) are h before the first step: they
 * are zero. Padding behind an example is like the gap. */
#include "net/recurrent.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/thread.h"
#include "net/gemm.h"

enum { LAST, SEQUENCE };
enum {
	CHUNK = 16,     /* rows */
	NEAR = 1 << 18, /* values that stay in the cache */
};
enum { KERNEL, RECURRENT, BIAS, WEIGHTS }; /* of a direction */
const char *const recurrent_outputs[] = { "last", "sequence", NULL };

struct direction {
	bool reverse;
	size_t weights;       /* index of its kernel among the layer's */
	real *z, *kept;       /* (shards, slots, examples, gates or kept * u) */
	real *h;              /* outputs, h_row apart, gap rows zero */
	real *kernel, *recurrent; /* packed; in backward transposed */
	real *dh, *dc, *dy;   /* (batch, u) */
	real *sum;            /* (shards, inputs_row, gates): the gradients of kernel, bias, recurrent, further bias */
};

struct recurrent {
	size_t u, directions;
	size_t gates, kept; /* values a row */
	size_t rows;        /* of h, of an example with its gap */
	size_t chunk;       /* rows */
	size_t slots;       /* of z and kept, for a row each: for all, or, not for training, a chunk, which the next overwrites */
	size_t h_row;       /* distance of h's rows: u, or 2u in a sequence of both directions */
	bool sequence;
	struct direction d[2];
	real *zeros;        /* (examples of a shard, kept) */
	/* What the rows of a chunk took in, for each thread: x, 1 for the bias, h of the step
	 * before, 1 for its bias. A^T dz of it is the weights' gradients. */
	real *inputs;
	size_t inputs_row, inputs_size;
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

/* What a layer for training has besides. */
static void
plan_training(struct nn_layer *l, const struct recurrent *s, struct direction *d)
{
	size_t batch = nn_batch(l->net);

	d->dh = mem_take(l->memory, batch * s->u, sizeof(real));
	d->dc = mem_take(l->memory, batch * s->u, sizeof(real));
	d->dy = mem_take(l->memory, batch * s->u, sizeof(real));
	d->sum = mem_take(l->memory, nn_shard_count(batch) * s->inputs_row * s->gates, sizeof(real));
}

static void
plan_direction(struct nn_layer *l, struct recurrent *s, size_t i)
{
	struct direction *d = &s->d[i];
	size_t batch = nn_batch(l->net), u = s->u, gap = l->x->gap, rows = batch * s->slots;

	d->reverse = i == 1;
	d->weights = i * WEIGHTS;
	d->z = mem_take(l->memory, rows * s->gates, sizeof(real));
	d->kept = mem_take(l->memory, rows * s->kept, sizeof(real));
	d->kernel = mem_take(l->memory, packed_size(l->x->row, s->gates), sizeof(real));
	d->recurrent = mem_take(l->memory, packed_size(u, s->gates), sizeof(real));
	if (l->x->dy != NULL)
		plan_training(l, s, d);
	if (s->sequence)
		d->h = l->y->y + i * u;
	else if ((d->h = mem_take(l->memory, (batch * s->rows + gap) * u, sizeof(real))) != NULL)
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
	s->chunk = l->x->rows < CHUNK ? l->x->rows : CHUNK;
	if (l->x->dy != NULL && (l->x->row + s->u) * s->gates > NEAR) /* sums do not stay, and are better added to seldom */
		s->chunk = l->x->rows;
	s->slots = l->x->dy != NULL ? l->x->rows : s->chunk;
	s->sequence = l->arg[RECURRENT_OUTPUT] == SEQUENCE;
	s->h_row = s->sequence ? l->y->row : s->u;
	s->inputs_row = l->x->row + s->u + 2;
	for (size_t i = 0; i < s->directions; i++)
		plan_direction(l, s, i);
	s->inputs_size = NN_SHARD * s->chunk * s->inputs_row;
	if (l->x->dy != NULL)
		s->inputs = mem_take(l->memory, nn_threads(l->net) * s->inputs_size, sizeof(real));
	s->zeros = mem_take(l->memory, NN_SHARD * s->kept, sizeof(real));
	return l->memory->status;
}

/* A shard of examples in a direction, and a chunk of their rows. */
struct span {
	const struct direction *d;
	size_t shard, first, examples;
	size_t row, rows;
};

static struct span
span_of(const struct recurrent *s, size_t task)
{
	size_t shard = task / s->directions, first = shard * NN_SHARD, rest = s->n - first;

	return (struct span){ &s->d[task % s->directions], shard, first, rest < NN_SHARD ? rest : NN_SHARD, 0, 0 };
}

static size_t
chunk_count(const struct nn_layer *l)
{
	const struct recurrent *s = l->state;

	return (l->x->rows + s->chunk - 1) / s->chunk;
}

/* The k-th chunk in the direction's own order. */
static void
set_chunk(const struct nn_layer *l, struct span *p, size_t k)
{
	const struct recurrent *s = l->state;

	p->row = (p->d->reverse ? chunk_count(l) - 1 - k : k) * s->chunk;
	p->rows = l->x->rows - p->row < s->chunk ? l->x->rows - p->row : s->chunk;
}

/* Number of the values in z and kept of a row's first example. */
static size_t
slot_of(const struct recurrent *s, const struct span *p, size_t row)
{
	return p->first * s->slots + row % s->slots * p->examples;
}

/* The i-th step of a chunk in the direction's own order. */
static struct recurrent_step
step_of(const struct nn_layer *l, const struct span *p, size_t i)
{
	const struct recurrent *s = l->state;
	const struct direction *d = p->d;
	size_t row = d->reverse ? p->row + p->rows - 1 - i : p->row + i, before = d->reverse ? row + 1 : row - 1;
	struct recurrent_step step = { .row = row, .examples = p->examples, .u = s->u };

	step.first = row == (d->reverse ? l->x->rows - 1 : 0);
	step.z = d->z + slot_of(s, p, row) * s->gates;
	step.kept = d->kept + slot_of(s, p, row) * s->kept;
	step.kept_before = step.first ? s->zeros : d->kept + slot_of(s, p, before) * s->kept;
	step.h = d->h + (p->first * s->rows + row) * s->h_row;
	step.h_before = d->reverse ? step.h + s->h_row : step.h - s->h_row;
	step.h_row = s->rows * s->h_row;
	step.recurrent = d->recurrent;
	step.bias = nn_value(l, d->weights + BIAS) + (l->kind->cell->biases - 1) * s->gates;
	return step;
}

/* State and gradient before an example's first row and behind its last are zero. */
static void
clear_padding(const struct nn_layer *l, const struct span *p, const struct recurrent_step *step)
{
	const struct recurrent *s = l->state;

	for (size_t i = 0; l->x->valid != NULL && i < p->examples; i++) {
		if (step->row < nn_valid(l->x, p->first + i))
			continue;
		if (step->dh == NULL) {
			memset(step->h + i * step->h_row, 0, s->u * sizeof(real));
			memset(step->kept + i * s->kept, 0, s->kept * sizeof(real));
		} else {
			memset(step->dh + i * s->u, 0, s->u * sizeof(real));
			memset(step->dc + i * s->u, 0, s->u * sizeof(real));
		}
	}
}

/* z = x * kernel + the first bias, of a chunk. */
static void
multiply_input(const struct nn_layer *l, const struct span *p)
{
	const struct recurrent *s = l->state;
	const struct nn_act *x = l->x;

	nn_multiply(&(struct nn_product){ .n = s->gates, .row = { p->rows, p->examples, NULL, x->row, x->stride },
		.depth = { 1, x->row, NULL, 0, 1 }, .a = x->y + p->first * x->stride + p->row * x->row, .b = p->d->kernel,
		.packed = true, .start = nn_value(l, p->d->weights + BIAS), .c = p->d->z + slot_of(s, p, p->row) * s->gates,
		.c_step = p->examples * s->gates, .c_inner_step = s->gates });
}

static void
forward_task(struct nn_layer *l, size_t task)
{
	const struct recurrent *s = l->state;
	struct span p = span_of(s, task);

	for (size_t k = 0; k < chunk_count(l); k++) {
		set_chunk(l, &p, k);
		multiply_input(l, &p);
		for (size_t i = 0; i < p.rows; i++) {
			const struct recurrent_step step = step_of(l, &p, i);

			l->kind->cell->forward(&step);
			clear_padding(l, &p, &step);
		}
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
	nn_tasks(l, nn_shard_count(n) * s->directions, forward_task);
	for (size_t i = 0; !s->sequence && i < n; i++)
		for (size_t k = 0; k < s->directions; k++)
			memcpy(l->y->y + i * l->y->stride + k * s->u,
			       s->d[k].h + (i * s->rows + (k == 0 ? nn_valid(l->x, i) - 1 : 0)) * s->u, s->u * sizeof(real));
}

/* dy of a step: of a last state, in the row where it is. */
static void
set_dy(const struct nn_layer *l, const struct span *p, struct recurrent_step *step)
{
	const struct recurrent *s = l->state;
	const struct nn_act *y = l->y;
	const real *dy = y->dy + p->first * y->stride + (size_t)(p->d - s->d) * s->u;

	step->dy = s->sequence ? dy + step->row * y->row : p->d->dy + p->first * s->u;
	step->dy_row = s->sequence ? y->stride : s->u;
	for (size_t i = 0; i < p->examples && !s->sequence; i++)
		if (step->row == (p->d->reverse ? 0 : nn_valid(l->x, p->first + i) - 1))
			memcpy(p->d->dy + (p->first + i) * s->u, dy + i * y->stride, s->u * sizeof *dy);
		else
			memset(p->d->dy + (p->first + i) * s->u, 0, s->u * sizeof *dy);
}

/* One after the other, as the products read them again for each panel of dz. h of the
 * previous step is in the row before or, in reverse, in the row after. */
static void
write_inputs(const struct nn_layer *l, const struct span *p)
{
	const struct recurrent *s = l->state;
	const struct nn_act *x = l->x;
	real *to = s->inputs + workers_self() * s->inputs_size;

	for (size_t row = p->row; row < p->row + p->rows; row++)
		for (size_t i = p->first; i < p->first + p->examples; i++, to += s->inputs_row) {
			const real *h = p->d->h + (i * s->rows + row) * s->h_row;

			memcpy(to, x->y + i * x->stride + row * x->row, x->row * sizeof *to);
			memcpy(to + x->row + 1, p->d->reverse ? h + s->h_row : h - s->h_row, s->u * sizeof *to);
			to[x->row] = to[s->inputs_row - 1] = 1;
		}
}

/* sum = A^T dz + beta sum of a chunk; A is some columns of the inputs. */
static void
add_product(const struct recurrent *s, const struct span *p, size_t first, size_t columns, const real *dz, real beta)
{
	nn_multiply(&(struct nn_product){ .n = s->gates, .row = { 1, columns, NULL, 0, 1 },
		.depth = { 1, p->rows * p->examples, NULL, 0, s->inputs_row }, .a = s->inputs + workers_self() * s->inputs_size + first,
		.b = dz + slot_of(s, p, p->row) * s->gates, .b_inner_step = s->gates, .b_column = 1, .beta = beta,
		.c = p->d->sum + (p->shard * s->inputs_row + first) * s->gates, .c_inner_step = s->gates });
}

/* beta 0: the sums begin with this chunk. */
static void
add_gradients(const struct nn_layer *l, const struct span *p, real beta)
{
	const struct recurrent *s = l->state;
	size_t of_kernel = l->x->row + 1;

	write_inputs(l, p);
	if (l->kind->cell->biases == 1) {
		add_product(s, p, 0, of_kernel + s->u, p->d->z, beta);
	} else {
		add_product(s, p, 0, of_kernel, p->d->z, beta);
		add_product(s, p, of_kernel, s->u + 1, p->d->kept, beta);
	}
}

static void
backward_task(struct nn_layer *l, size_t task)
{
	const struct recurrent *s = l->state;
	struct span p = span_of(s, task);
	size_t chunks = chunk_count(l);
	real *dh = p.d->dh + p.first * s->u, *dc = p.d->dc + p.first * s->u;

	memset(dh, 0, p.examples * s->u * sizeof *dh);
	memset(dc, 0, p.examples * s->u * sizeof *dc);
	for (size_t k = chunks; k-- > 0;) {
		set_chunk(l, &p, k);
		for (size_t i = p.rows; i-- > 0;) {
			struct recurrent_step step = step_of(l, &p, i);

			step.dh = dh;
			step.dc = dc;
			set_dy(l, &p, &step);
			clear_padding(l, &p, &step);
			l->kind->cell->backward(&step);
		}
		if (!l->frozen)
			add_gradients(l, &p, k + 1 < chunks);
	}
}

/* Some rows of the sums, of the shards in their order. */
static void
add_rows(const struct recurrent *s, const struct direction *d, size_t first, size_t rows, real *grad)
{
	nn_sum_parts(nn_shard_count(s->n), rows * s->gates, s->inputs_row * s->gates, d->sum + first * s->gates, grad);
}

/* The gradient of a weight. */
static void
add_sums(struct nn_layer *l, size_t i)
{
	const struct recurrent *s = l->state;
	const struct direction *d = &s->d[i / WEIGHTS];
	size_t k = i % WEIGHTS, x = l->x->row;

	if (k == KERNEL)
		add_rows(s, d, 0, x, nn_grad(l, i));
	else if (k == RECURRENT)
		add_rows(s, d, x + 1, s->u, nn_grad(l, i));
	else
		for (size_t b = 0; b < l->kind->cell->biases; b++)
			add_rows(s, d, b == 0 ? x : s->inputs_row - 1, 1, nn_grad(l, i) + b * s->gates);
}

static void
dx_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct recurrent *s = l->state;
	const struct nn_act *x = l->x;
	size_t examples = last - first;

	for (size_t i = 0; i < s->directions; i++)
		nn_multiply(&(struct nn_product){ .n = x->row, .row = { x->rows, examples, NULL, examples * s->gates, s->gates },
			.depth = { 1, s->gates, NULL, 0, 1 }, .a = s->d[i].z + first * s->slots * s->gates, .b = s->d[i].kernel,
			.packed = true, .beta = i > 0, .c = x->dy + first * x->stride, .c_step = x->row, .c_inner_step = x->stride });
}

void
recurrent_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	const struct recurrent *s = l->state;

	nn_tasks(l, s->directions, pack_backward);
	nn_tasks(l, nn_shard_count(n) * s->directions, backward_task);
	if (!l->frozen)
		nn_tasks(l, s->directions * WEIGHTS, add_sums);
	if (need_dx)
		nn_shards(l, n, dx_shard);
}
