/* attentionpool: attentive statistics pooling (K. Okabe, T. Koshinaka and K.
 * Shinoda, Interspeech 2018). With h_t the rows of a sequence,
 *
 *   e_t = tanh(h_t W + b) v,  a = softmax(e)
 *   mean = sum a_t h_t,  variance = sum a_t (h_t - mean)^2
 *   y = (mean, sqrt(max(variance, epsilon))) */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "net/gemm.h"
#include "net/layer.h"
#include "net/vmath.h"

enum { UNITS, EPSILON };
enum { KERNEL, BIAS, VECTOR };

struct attention {
	size_t u;
	size_t stride;  /* of hidden's examples, whose rows and gaps are as x's */
	real *hidden;   /* tanh(h_t W + b); backward leaves its argument's gradient there */
	real *weight;   /* a_t, (batch,T) */
	real *score;    /* a shard's e_t, and in backward dL/da_t */
	real *partial;  /* a shard's gradients of bias and vector */
};

static int
attention_shape(struct nn_layer *l)
{
	size_t units = (size_t)l->arg[UNITS], c;
	int rc;

	if (l->in.rank < 2)
		return nn_complain(l, "attentionpool: its input is of rank 1; (T,C) is required");
	l->in = nn_as_sequence(&l->in);
	c = l->in.d[1];
	l->out = (struct nn_shape){ 1, { 2 * c, 1, 1 } };
	if ((rc = nn_declare(l, "kernel", 2, (size_t[]){ c, units }, NN_DECAYING, NN_GLOROT, (double)c, (double)units)) != ST_OK ||
	    (rc = nn_declare(l, "bias", 1, &units, NN_PLAIN, NN_ZEROS, 0, 0)) != ST_OK)
		return rc;
	return nn_declare(l, "vector", 1, &units, NN_DECAYING, NN_GLOROT, (double)units, 1);
}

static int
attention_plan(struct nn_layer *l)
{
	struct mem_pool *m = l->memory;
	struct attention *s = mem_take(m, 1, sizeof *s);
	size_t batch = nn_batch(l->net), shards = nn_shard_count(batch);

	l->state = s;
	if (s == NULL)
		return ST_SYS;
	s->u = (size_t)l->arg[UNITS];
	s->stride = (l->x->rows + l->x->gap) * s->u;
	s->hidden = mem_take(m, batch * s->stride, sizeof *s->hidden);
	s->weight = mem_take(m, batch * l->x->rows, sizeof *s->weight);
	s->score = mem_take(m, shards * l->x->rows, sizeof *s->score);
	s->partial = mem_take(m, shards * 2 * s->u, sizeof *s->partial);
	return m->status;
}

/* Rows of a shard with the gaps between its examples. */
static size_t
shard_rows(const struct nn_layer *l, size_t first, size_t last)
{
	return nn_all_rows(l->x, last - first);
}

/* e of one example, and its hidden values from h_t W. */
static void
score_example(size_t rows, size_t u, const real *restrict bias, const real *restrict vector, real *restrict hidden,
              real *restrict e)
{
	for (size_t t = 0; t < rows; t++, hidden += u) {
		e[t] = 0;
		for (size_t k = 0; k < u; k++)
			hidden[k] = nn_tanh(hidden[k] + bias[k]);
		for (size_t k = 0; k < u; k++)
			e[t] += hidden[k] * vector[k];
	}
}

static void
pool_example(size_t rows, size_t c, const real *restrict x, const real *restrict a, real epsilon, real *restrict y)
{
	real *restrict deviation = y + c;

	memset(y, 0, 2 * c * sizeof *y);
	for (size_t t = 0; t < rows; t++)
		for (size_t k = 0; k < c; k++)
			y[k] += a[t] * x[t * c + k];
	for (size_t t = 0; t < rows; t++)
		for (size_t k = 0; k < c; k++)
			deviation[k] += a[t] * (x[t * c + k] - y[k]) * (x[t * c + k] - y[k]);
	for (size_t k = 0; k < c; k++)
		deviation[k] = (real)sqrt((double)(deviation[k] > epsilon ? deviation[k] : epsilon));
}

static void
forward_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct attention *s = l->state;
	const struct nn_act *x = l->x;
	real *hidden = s->hidden + first * s->stride, *score = s->score + first / NN_SHARD * x->rows;

	nn_gemm(false, false, shard_rows(l, first, last), s->u, x->row, x->y + first * x->stride, x->row,
	        nn_value(l, KERNEL), s->u, 0, hidden, s->u);
	for (size_t i = first; i < last; i++, hidden += s->stride) {
		size_t rows = nn_valid(x, i);

		score_example(rows, s->u, nn_value(l, BIAS), nn_value(l, VECTOR), hidden, score);
		nn_softmax(rows, score, s->weight + i * x->rows);
		pool_example(rows, x->row, x->y + i * x->stride, s->weight + i * x->rows, (real)l->arg[EPSILON],
		             l->y->y + i * l->y->stride);
	}
}

static void
attention_forward(struct nn_layer *l, size_t n)
{
	nn_shards(l, n, forward_shard);
}

/* dL/da_t, and what h_t gets by mean and variance. dvariance is 0 where epsilon
 * was larger; the variance does not depend on the mean at first order. */
static void
pool_gradient(const struct nn_layer *l, size_t i, const real *restrict a, real *restrict da)
{
	size_t c = l->x->row, rows = nn_valid(l->x, i);
	const real *restrict x = l->x->y + i * l->x->stride, *mean = l->y->y + i * l->y->stride, *deviation = mean + c;
	const real *dmean = l->y->dy + i * l->y->stride, *ddeviation = dmean + c;
	real *restrict dx = l->x->dy + i * l->x->stride;
	const real least = (real)sqrt((double)(real)l->arg[EPSILON]);

	for (size_t t = 0; t < rows; t++) {
		da[t] = 0;
		for (size_t k = 0; k < c; k++) {
			real slope = deviation[k] > least ? ddeviation[k] / deviation[k] : 0, d = x[t * c + k] - mean[k];

			da[t] += dmean[k] * x[t * c + k] + slope * d * d / 2;
			dx[t * c + k] = a[t] * (dmean[k] + slope * d);
		}
	}
}

/* From dL/da_t: the gradients of bias and vector, added up, and the hidden
 * values' arguments'. */
static void
score_gradient(size_t rows, size_t u, const real *restrict a, const real *restrict da, const real *restrict vector,
               real *restrict hidden, real *restrict sum)
{
	real mean = 0;

	for (size_t t = 0; t < rows; t++)
		mean += a[t] * da[t];
	for (size_t t = 0; t < rows; t++, hidden += u) {
		real de = a[t] * (da[t] - mean);

		for (size_t k = 0; k < u; k++) {
			real h = hidden[k], d = de * vector[k] * (1 - h * h);

			sum[u + k] += de * h;
			sum[k] += d;
			hidden[k] = d;
		}
	}
}

static void
backward_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct attention *s = l->state;
	const struct nn_act *x = l->x;
	real *sum = s->partial + first / NN_SHARD * 2 * s->u, *da = s->score + first / NN_SHARD * x->rows;

	memset(sum, 0, 2 * s->u * sizeof *sum);
	for (size_t i = first; i < last; i++) {
		const real *a = s->weight + i * x->rows;
		real *hidden = s->hidden + i * s->stride;
		size_t rows = nn_valid(x, i);

		pool_gradient(l, i, a, da);
		score_gradient(rows, s->u, a, da, nn_value(l, VECTOR), hidden, sum);
		memset(hidden + rows * s->u, 0, (s->stride - rows * s->u) * sizeof *hidden);
	}
}

static void
dx_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct attention *s = l->state;
	const struct nn_act *x = l->x;

	nn_gemm(false, true, shard_rows(l, first, last), x->row, s->u, s->hidden + first * s->stride, s->u,
	        nn_value(l, KERNEL), s->u, 1, x->dy + first * x->stride, x->row);
}

static void
gradients(struct nn_layer *l, size_t n)
{
	const struct attention *s = l->state;
	const struct nn_act *x = l->x;
	size_t rows = nn_all_rows(x, n);
	const struct nn_gradient kernel = { x->row, s->u, 1, &rows, x->y, s->hidden, x->row, s->u, 0, 0, nn_grad(l, KERNEL) };
	real *bias = nn_grad(l, BIAS), *vector = nn_grad(l, VECTOR);

	nn_clear_gaps(x, x->y, 0, n);
	nn_gemm_gradient(l->net, &kernel);
	memset(bias, 0, s->u * sizeof *bias);
	memset(vector, 0, s->u * sizeof *vector);
	for (size_t shard = 0; shard < nn_shard_count(n); shard++)
		for (size_t k = 0; k < s->u; k++) {
			bias[k] += s->partial[shard * 2 * s->u + k];
			vector[k] += s->partial[shard * 2 * s->u + s->u + k];
		}
}

static void
attention_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	nn_clear_gaps(l->x, l->x->dy, 0, n);
	nn_shards(l, n, backward_shard);
	if (!l->frozen)
		gradients(l, n);
	if (need_dx)
		nn_shards(l, n, dx_shard);
}

const struct nn_kind LEVEL_NAME(nn_attention_kinds)[] = {
	{
		.name = "attentionpool",
		.arg = { { "units", NAN, 1, 1 << 16, true, NULL }, { "epsilon", 1e-5, 1e-12, 1, false, NULL } },
		.flags = NN_NEEDS_X | NN_NEEDS_Y,
		.shape = attention_shape,
		.plan = attention_plan,
		.forward = attention_forward,
		.backward = attention_backward,
	},
	{ .name = NULL },
};
