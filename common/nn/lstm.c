/* lstm and bilstm (S. Hochreiter and J. Schmidhuber, Neural Computation 9(8),
 * 1997; forget gate F. Gers et al., 2000), as Keras's LSTM: gate order i f c o,
 * kernel (in, 4u), recurrent (u, 4u), bias (4u):
 *
 *   i = s(z_i)  f = s(z_f)  g = tanh(z_c)  o = s(z_o),  z = x W + h' R + b
 *   c = f c' + i g,   h = o tanh(c)
 *
 * with c' and h' of the step before. The products with W for all steps are
 * one; those with R cannot be. Rows between examples (the gap, at least one)
 * stand for h' of the first step: they are zero, and with them the gradient of
 * R over the whole batch is one product of h and dz, one row apart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "nn/gemm.h"
#include "nn/layer.h"
#include "nn/vmath.h"

enum { UNITS, OUTPUT };
enum { LAST, SEQUENCE };
enum { KERNEL, RECURRENT, BIAS, WEIGHTS }; /* of a direction */
static const char *const outputs[] = { "last", "sequence", NULL };

struct direction {
	bool reverse;
	size_t weights;       /* index of its kernel among the layer's */
	real *z;              /* gates: (batch, rows + gap, 4u), after forward i f g o, after backward dz */
	real *c;              /* cell states: (batch, rows + gap, u) */
	real *h;              /* outputs, h_row apart, gap rows zero */
	real *transposed;     /* recurrent kernel, (4u, u) */
	real *dh, *dc;        /* (batch, u) */
	void *z_memory, *h_memory;
};

struct lstm {
	size_t u, directions;
	size_t rows;      /* of an example with its gap */
	size_t h_row;     /* distance of h's rows: u, or 2u in a bilstm's sequence */
	bool sequence;
	struct direction d[2];
	real *zeros;      /* u of them */
	real *partial;    /* of the bias's gradient: 4u a block */
	const struct direction *summed; /* whose bias sum_block works on */
	size_t n;         /* examples of this pass */
};

static int
declare_direction(struct nn_layer *l, const char *prefix)
{
	size_t in = l->in.d[1], u = (size_t)l->arg[UNITS], gates = 4 * u;
	char role[3][32];
	int rc;

	snprintf(role[0], sizeof role[0], "%skernel", prefix);
	snprintf(role[1], sizeof role[1], "%srecurrent", prefix);
	snprintf(role[2], sizeof role[2], "%sbias", prefix);
	if ((rc = nn_declare(l, role[0], 2, (size_t[]){ in, gates }, true, NN_GLOROT, (double)in, (double)gates)) != ST_OK ||
	    (rc = nn_declare(l, role[1], 2, (size_t[]){ u, gates }, true, NN_ORTHOGONAL, 0, 0)) != ST_OK)
		return rc;
	return nn_declare(l, role[2], 1, &gates, true, NN_LSTM_BIAS, 0, 0);
}

static bool
both_ways(const struct nn_layer *l)
{
	return strcmp(l->kind->name, "bilstm") == 0;
}

static int
lstm_shape(struct nn_layer *l)
{
	size_t width = (size_t)l->arg[UNITS] * (both_ways(l) ? 2 : 1);
	int rc;

	if (l->in.rank < 2)
		return nn_complain(l, "%s: its input is of rank 1; (T,F) is wanted", l->kind->name);
	l->in = nn_as_sequence(&l->in);
	if (l->arg[OUTPUT] == SEQUENCE)
		l->out = (struct nn_shape){ 2, { l->in.d[0], width, 1 } };
	else
		l->out = (struct nn_shape){ 1, { width, 1, 1 } };
	l->gap = 1;
	rc = declare_direction(l, both_ways(l) ? "forward_" : "");
	return rc != ST_OK || !both_ways(l) ? rc : declare_direction(l, "backward_");
}

static void
lstm_release(struct nn_layer *l)
{
	struct lstm *s = l->state;

	for (size_t i = 0; i < s->directions; i++) {
		free(s->d[i].z_memory);
		free(s->d[i].h_memory);
		free(s->d[i].transposed);
		free(s->d[i].dh);
	}
	free(s->partial);
	free(s->zeros);
	free(s);
}

static int
plan_direction(struct nn_layer *l, struct lstm *s, size_t i)
{
	struct direction *d = &s->d[i];
	size_t batch = nn_batch(l->net), u = s->u, gap = l->x->gap;

	d->reverse = i == 1;
	d->weights = i * WEIGHTS;
	d->z_memory = mem_zero((batch * s->rows + gap) * 5 * u, sizeof(real));
	d->transposed = mem_zero(4 * u * u, sizeof(real));
	d->dh = mem_zero(2 * batch * u, sizeof(real));
	if (d->z_memory == NULL || d->transposed == NULL || d->dh == NULL)
		return ST_SYS;
	d->dc = d->dh + batch * u;
	d->z = d->z_memory;
	d->c = d->z + (batch * s->rows + gap) * 4 * u;
	if (s->sequence) {
		d->h = l->y->y + i * u;
		return ST_OK;
	}
	d->h_memory = mem_zero((batch * s->rows + 2 * gap) * u, sizeof(real));
	if (d->h_memory == NULL)
		return ST_SYS;
	d->h = (real *)d->h_memory + gap * u;
	return ST_OK;
}

static int
lstm_plan(struct nn_layer *l)
{
	struct lstm *s = mem_zero(1, sizeof *s);
	int rc = ST_OK;

	l->state = s;
	if (s == NULL)
		return ST_SYS;
	s->u = (size_t)l->arg[UNITS];
	s->directions = both_ways(l) ? 2 : 1;
	s->rows = l->x->rows + l->x->gap;
	s->sequence = l->arg[OUTPUT] == SEQUENCE;
	s->h_row = s->sequence ? l->y->row : s->u;
	for (size_t i = 0; i < s->directions && rc == ST_OK; i++)
		rc = plan_direction(l, s, i);
	s->partial = mem_zero(NN_BLOCKS * 4 * s->u, sizeof(real));
	s->zeros = mem_zero(s->u, sizeof(real));
	return rc != ST_OK || s->partial == NULL || s->zeros == NULL ? ST_SYS : ST_OK;
}

/* One step of one example: z (4u) becomes the gates after their functions. */
static inline void
step_forward(size_t u, const real *restrict bias, real *restrict z, const real *restrict before, real *restrict c,
             real *restrict h)
{
	for (size_t k = 0; k < u; k++) {
		real i = nn_sigmoid(z[k] + bias[k]), f = nn_sigmoid(z[u + k] + bias[u + k]);
		real g = nn_tanh(z[2 * u + k] + bias[2 * u + k]), o = nn_sigmoid(z[3 * u + k] + bias[3 * u + k]);
		real cell = f * before[k] + i * g;

		z[k] = i;
		z[u + k] = f;
		z[2 * u + k] = g;
		z[3 * u + k] = o;
		c[k] = cell;
		h[k] = o * nn_tanh(cell);
	}
}

/* The shard and direction of a task. */
struct span {
	struct direction *d;
	size_t first, last;
};

static struct span
span_of(const struct nn_layer *l, size_t task)
{
	struct lstm *s = l->state;
	size_t first = task / s->directions * NN_SHARD;

	return (struct span){ &s->d[task % s->directions], first, first + NN_SHARD < s->n ? first + NN_SHARD : s->n };
}

static void
forward_task(struct nn_layer *l, size_t task)
{
	const struct lstm *s = l->state;
	const struct span p = span_of(l, task);
	const struct direction *d = p.d;
	const struct nn_act *x = l->x;
	size_t u = s->u, steps = x->rows, clips = p.last - p.first;
	real *z = d->z + p.first * s->rows * 4 * u, *c = d->c + p.first * s->rows * u;
	real *h = d->h + p.first * s->rows * s->h_row;
	const real *bias = nn_value(l, d->weights + BIAS);

	nn_gemm(false, false, clips * s->rows - x->gap, 4 * u, x->row, x->y + p.first * x->stride, x->row,
	        nn_value(l, d->weights + KERNEL), 4 * u, 0, z, 4 * u);
	for (size_t t = 0; t < steps; t++) {
		size_t now = d->reverse ? steps - 1 - t : t, before = d->reverse ? now + 1 : now - 1;

		if (t > 0)
			nn_gemm(false, false, clips, 4 * u, u, h + before * s->h_row, s->rows * s->h_row,
			        nn_value(l, d->weights + RECURRENT), 4 * u, 1, z + now * 4 * u, s->rows * 4 * u);
		for (size_t i = 0; i < clips; i++) {
			size_t row = i * s->rows + now;

			step_forward(u, bias, z + row * 4 * u, t == 0 ? s->zeros : c + (i * s->rows + before) * u, c + row * u,
			             h + row * s->h_row);
		}
	}
}

static void
lstm_forward(struct nn_layer *l, size_t n)
{
	struct lstm *s = l->state;

	s->n = n;
	nn_clear_gaps(l->x, l->x->y, n);
	nn_tasks(l, nn_shard_count(n) * s->directions, forward_task);
	for (size_t i = 0; !s->sequence && i < n; i++)
		for (size_t k = 0; k < s->directions; k++)
			memcpy(l->y->y + i * l->y->stride + k * s->u,
			       s->d[k].h + (i * s->rows + (k == 0 ? l->x->rows - 1 : 0)) * s->u, s->u * sizeof(real));
}

/* One step of one example backward: z holds the gates and becomes dz; dh and
 * dc come in for this step, dc goes out for the one before. */
static inline void
step_backward(size_t u, real *restrict z, const real *restrict before, const real *restrict c, const real *restrict dh,
              const real *restrict dy, real *restrict dc)
{
	for (size_t k = 0; k < u; k++) {
		real i = z[k], f = z[u + k], g = z[2 * u + k], o = z[3 * u + k];
		real cell = nn_tanh(c[k]), d = dh[k] + dy[k];
		real dcell = dc[k] + d * o * (1 - cell * cell);

		z[k] = dcell * g * i * (1 - i);
		z[u + k] = dcell * before[k] * f * (1 - f);
		z[2 * u + k] = dcell * i * (1 - g * g);
		z[3 * u + k] = d * cell * o * (1 - o);
		dc[k] = dcell * f;
	}
}

static void
backward_task(struct nn_layer *l, size_t task)
{
	const struct lstm *s = l->state;
	const struct span p = span_of(l, task);
	const struct direction *d = p.d;
	size_t u = s->u, steps = l->x->rows, clips = p.last - p.first, column = (size_t)(d - s->d) * u;
	real *z = d->z + p.first * s->rows * 4 * u, *dh = d->dh + p.first * u, *dc = d->dc + p.first * u;
	const real *c = d->c + p.first * s->rows * u;

	memset(dh, 0, clips * u * sizeof *dh);
	memset(dc, 0, clips * u * sizeof *dc);
	for (size_t t = steps; t-- > 0;) {
		size_t now = d->reverse ? steps - 1 - t : t, before = d->reverse ? now + 1 : now - 1;

		for (size_t i = 0; i < clips; i++) {
			size_t row = i * s->rows + now;
			const real *dy = l->y->dy + (p.first + i) * l->y->stride + column;

			if (s->sequence)
				dy += now * l->y->row;
			else if (t != steps - 1)
				dy = s->zeros;
			step_backward(u, z + row * 4 * u, t == 0 ? s->zeros : c + (i * s->rows + before) * u, c + row * u,
			              dh + i * u, dy, dc + i * u);
		}
		if (t > 0)
			nn_gemm(false, false, clips, u, 4 * u, z + now * 4 * u, s->rows * 4 * u, d->transposed, u, 0, dh, u);
	}
}

static void
dx_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct lstm *s = l->state;
	const struct nn_act *x = l->x;

	for (size_t i = 0; i < s->directions; i++)
		nn_gemm(false, true, (last - first) * s->rows - x->gap, x->row, 4 * s->u, s->d[i].z + first * s->rows * 4 * s->u,
		        4 * s->u, nn_value(l, s->d[i].weights + KERNEL), 4 * s->u, i > 0, x->dy + first * x->stride, x->row);
}

static void
sum_block(struct nn_layer *l, size_t block)
{
	const struct lstm *s = l->state;
	size_t all = s->n * s->rows - l->x->gap, step = (all + NN_BLOCKS - 1) / NN_BLOCKS, gates = 4 * s->u;
	real *restrict sum = s->partial + block * gates;

	memset(sum, 0, gates * sizeof *sum);
	for (size_t r = block * step; r < all && r < (block + 1) * step; r++)
		for (size_t k = 0; k < gates; k++)
			sum[k] += s->summed->z[r * gates + k];
}

static void
gradients(struct nn_layer *l, const struct direction *d)
{
	struct lstm *s = l->state;
	const struct nn_act *x = l->x;
	size_t all = s->n * s->rows - x->gap, pairs = all - 1, gates = 4 * s->u;
	const struct nn_gradient kernel = { x->row, gates, 1, &all, x->y, d->z, x->row, gates, 0, 0,
		nn_grad(l, d->weights + KERNEL) };
	/* dz of a step meets h of the one before, which is the row before or, in
	 * reverse, the row after. */
	const struct nn_gradient recurrent = { s->u, gates, 1, &pairs, d->reverse ? d->h + s->h_row : d->h,
		d->reverse ? d->z : d->z + gates, s->h_row, gates, 0, 0, nn_grad(l, d->weights + RECURRENT) };
	real *bias = nn_grad(l, d->weights + BIAS);

	nn_gemm_gradient(l->net, &kernel);
	nn_gemm_gradient(l->net, &recurrent);
	s->summed = d;
	nn_tasks(l, NN_BLOCKS, sum_block);
	memset(bias, 0, gates * sizeof *bias);
	for (size_t b = 0; b < NN_BLOCKS; b++)
		for (size_t k = 0; k < gates; k++)
			bias[k] += s->partial[b * gates + k];
}

static void
lstm_backward(struct nn_layer *l, size_t n, bool want_dx)
{
	struct lstm *s = l->state;
	size_t gates = 4 * s->u, gap = l->x->gap;

	for (size_t i = 0; i < s->directions; i++) {
		struct direction *d = &s->d[i];

		nn_transpose(s->u, gates, nn_value(l, d->weights + RECURRENT), d->transposed);
		for (size_t k = 1; k < n; k++)
			memset(d->z + (k * s->rows - gap) * gates, 0, gap * gates * sizeof(real));
	}
	nn_tasks(l, nn_shard_count(n) * s->directions, backward_task);
	for (size_t i = 0; i < s->directions && !l->frozen; i++)
		gradients(l, &s->d[i]);
	if (want_dx)
		nn_shards(l, n, dx_shard);
}

#define LSTM(word) \
	{ \
		.name = word, \
		.arg = { { "units", NAN, 1, 1 << 14, true, NULL }, { "output", LAST, 0, 1, false, outputs } }, \
		.flags = NN_NEEDS_X | NN_NEEDS_Y, .shape = lstm_shape, .plan = lstm_plan, .forward = lstm_forward, \
		.backward = lstm_backward, .release = lstm_release \
	}

const struct nn_kind nn_lstm_kinds[] = { LSTM("lstm"), LSTM("bilstm"), { .name = NULL } };
