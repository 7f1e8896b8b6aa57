#include "train/optim.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/level.h"
#include "base/mem.h"

/* LANES sums run side by side, so that the compiler can vectorise a sum whose
 * order is nevertheless fixed. */
enum { BLOCK = 1 << 14, LANES = 16 };

struct optim_block {
	size_t from, to;
	bool decays;
};

/* One update, as the blocks see it. */
struct update {
	struct optim *o;
	real *weight;
	const real *grad;
	real rate;  /* with Adam's bias correction */
	real scale; /* of the gradient, by clipping */
	real decay; /* rate times decay */
};

static int
add_block(struct optim *o, size_t from, size_t to, bool decays)
{
	int rc = mem_push(&o->block, o->blocks, sizeof *o->block);

	if (rc == ST_OK)
		o->block[o->blocks++] = (struct optim_block){ from, to, decays };
	return rc;
}

/* Neighbouring weights that are treated alike share blocks, so that the many
 * small ones do not become as many tasks. */
static int
cut_into_blocks(struct optim *o, struct nn *net)
{
	size_t from = 0, to = 0;
	bool decays = false;
	int rc = ST_OK;

	for (size_t i = 0; i <= nn_params(net) && rc == ST_OK; i++) {
		const struct nn_param *p = i < nn_params(net) ? nn_param(net, i) : NULL;
		size_t at;
		bool kernel;

		if (p != NULL && (p->grad == NULL || p->frozen))
			continue;
		at = p == NULL ? 0 : (size_t)(p->grad - nn_gradients(net));
		kernel = p != NULL && p->decays && o->kind == OPTIM_ADAMW;
		if (p != NULL && at == to && kernel == decays) {
			to = at + p->n;
			continue;
		}
		for (size_t b = from; b < to && rc == ST_OK; b += BLOCK)
			rc = add_block(o, b, to - b > BLOCK ? b + BLOCK : to, decays);
		from = at;
		to = p == NULL ? at : at + p->n;
		decays = kernel;
	}
	return rc;
}

KERNEL_OF(int, optim_create, (struct optim *o, enum optim_kind kind, struct nn *net), (o, kind, net))
{
	int rc;

	*o = (struct optim){ .kind = kind, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-7, .momentum = 0.9, .decay = 0.004 };
	o->n = nn_trainable(net);
	o->m = mem_zero(o->n, sizeof *o->m);
	o->v = kind == OPTIM_SGD ? NULL : mem_zero(o->n, sizeof *o->v);
	rc = o->m == NULL || (o->v == NULL && kind != OPTIM_SGD) ? ST_SYS : cut_into_blocks(o, net);
	if (rc == ST_OK && (o->square = mem_zero(o->blocks, sizeof *o->square)) == NULL)
		rc = ST_SYS;
	if (rc != ST_OK)
		optim_free(o);
	return rc;
}

KERNEL(optim_free, (struct optim *o), (o))
{
	free(o->m);
	free(o->v);
	free(o->block);
	free(o->square);
	*o = (struct optim){ 0 };
}

static void
square_block(void *ctx, size_t i)
{
	const struct update *u = ctx;
	const struct optim_block *b = &u->o->block[i];
	const real *g = u->grad + b->from;
	size_t n = b->to - b->from, k = 0;
	double lane[LANES] = { 0 }, sum = 0;

	for (; k + LANES <= n; k += LANES)
		for (size_t j = 0; j < LANES; j++)
			lane[j] += (double)g[k + j] * (double)g[k + j];
	for (; k < n; k++)
		sum += (double)g[k] * (double)g[k];
	for (size_t j = 0; j < LANES; j++)
		sum += lane[j];
	u->o->square[i] = sum;
}

static void
adam_block(void *ctx, size_t i)
{
	const struct update *u = ctx;
	const struct optim_block *b = &u->o->block[i];
	real *restrict w = u->weight + b->from, *restrict m = u->o->m + b->from, *restrict v = u->o->v + b->from;
	const real *restrict g = u->grad + b->from;
	real c1 = (real)(1 - u->o->beta1), c2 = (real)(1 - u->o->beta2), epsilon = (real)u->o->epsilon;
	real keep = b->decays ? 1 - u->decay : 1;

	for (size_t k = 0; k < b->to - b->from; k++) {
		real d = g[k] * u->scale;

		m[k] += (d - m[k]) * c1;
		v[k] += (d * d - v[k]) * c2;
#ifdef NN_DOUBLE
		w[k] = w[k] * keep - u->rate * m[k] / (sqrt(v[k]) + epsilon);
#else
		w[k] = w[k] * keep - u->rate * m[k] / (sqrtf(v[k]) + epsilon);
#endif
	}
}

static void
sgd_block(void *ctx, size_t i)
{
	const struct update *u = ctx;
	const struct optim_block *b = &u->o->block[i];
	real *restrict w = u->weight + b->from, *restrict m = u->o->m + b->from;
	const real *restrict g = u->grad + b->from;
	real momentum = (real)u->o->momentum, step = u->rate * u->scale;

	for (size_t k = 0; k < b->to - b->from; k++) {
		m[k] = momentum * m[k] - step * g[k];
		w[k] += m[k];
	}
}

KERNEL_OF(double, optim_step, (struct optim *o, struct nn *net, double rate, double clip_norm),
          (o, net, rate, clip_norm))
{
	struct update u = { .o = o, .weight = nn_weights(net), .grad = nn_gradients(net), .scale = 1 };
	double norm = 0, t = (double)++o->step;

	if (clip_norm > 0) {
		nn_for(net, o->blocks, square_block, &u);
		for (size_t i = 0; i < o->blocks; i++)
			norm += o->square[i];
		norm = sqrt(norm);
		if (norm > clip_norm)
			u.scale = (real)(clip_norm / norm);
	}
	u.decay = (real)(rate * o->decay);
	if (o->kind == OPTIM_SGD) {
		u.rate = (real)rate;
		nn_for(net, o->blocks, sgd_block, &u);
	} else {
		u.rate = (real)(rate * sqrt(1 - pow(o->beta2, t)) / (1 - pow(o->beta1, t)));
		nn_for(net, o->blocks, adam_block, &u);
	}
	return norm;
}
