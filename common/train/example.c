#include "train/example.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "train/random.h"

/* Of the layer that standardises the input, spread over the values of a frame. */
static void
find_statistics(struct example *x)
{
	for (size_t k = 0; k < x->row; k++)
		x->deviation[k] = 1;
	for (size_t i = 0; i < nn_params(x->net); i++) {
		const struct nn_param *p = nn_param(x->net, i);
		real *to = strcmp(p->name, "01.normalize/mean") == 0 ? x->mean
		           : strcmp(p->name, "01.normalize/deviation") == 0 ? x->deviation : NULL;

		for (size_t k = 0; to != NULL && k < x->row; k++)
			to[k] = p->value[k % p->n];
	}
}

int
example_create(struct example *x, const struct example_how *how, struct nn *net, size_t rows, size_t row,
               size_t beside)
{
	struct mem_pool *m = &x->memory;
	size_t n = nn_batch(net);

	x->how = *how;
	x->net = net;
	x->rows = rows;
	x->row = row;
	x->beside = beside;
	x->partner = mem_take(m, n, sizeof *x->partner);
	x->share = mem_take(m, n, sizeof *x->share);
	x->length = mem_take(m, n, sizeof *x->length);
	x->mean = mem_take(m, row, sizeof *x->mean);
	x->deviation = mem_take(m, row, sizeof *x->deviation);
	x->plain = how->mixup > 0 ? mem_take(m, n * nn_inputs(net), sizeof *x->plain) : NULL;
	x->rng = mem_take(m, n, sizeof(gsl_rng *));
	if (m->status != ST_OK)
		return m->status;
	for (size_t i = 0; i < n; i++)
		if ((x->rng[i] = gsl_rng_alloc(gsl_rng_taus2)) == NULL)
			return err_set(ST_SYS, "out of memory");
	find_statistics(x);
	return ST_OK;
}

void
example_free(struct example *x)
{
	for (size_t i = 0; x->rng != NULL && i < nn_batch(x->net); i++)
		if (x->rng[i] != NULL)
			gsl_rng_free(x->rng[i]);
	mem_release(&x->memory);
	*x = (struct example){ 0 };
}

/* A whole number below n. */
static size_t
below(gsl_rng *rng, size_t n)
{
	return n < 2 ? 0 : (size_t)gsl_rng_uniform_int(rng, (unsigned long)n);
}

static void
add_jitter(const struct example *x, gsl_rng *rng, real *to, size_t rows)
{
	real step = (real)(x->how.jitter * gsl_ran_gaussian_ziggurat(rng, 1));

	for (size_t r = 0; r < rows; r++)
		for (size_t k = 0; k < x->row; k++)
			to[r * x->row + k] += step * x->deviation[k];
}

static void
add_noise(const struct example *x, gsl_rng *rng, real *to, size_t rows)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t k = 0; k < x->row; k++)
			to[r * x->row + k] += (real)(x->how.noise * gsl_ran_gaussian_ziggurat(rng, 1)) * x->deviation[k];
}

/* Where a mask of fewer than width of n lies, with the first behind it in *to. */
static size_t
draw_mask(gsl_rng *rng, size_t width, size_t n, size_t *to)
{
	size_t length = below(rng, width <= n ? width : n + 1), from = below(rng, n - length + 1);

	*to = from + length;
	return from;
}

static void
mask(const struct example *x, gsl_rng *rng, real *to, size_t rows)
{
	size_t last;

	for (long i = 0; i < x->how.frame_masks; i++)
		for (size_t r = draw_mask(rng, (size_t)x->how.frames, rows, &last); r < last; r++)
			memcpy(to + r * x->row, x->mean, x->row * sizeof *to);
	for (long i = 0; i < x->how.band_masks; i++)
		for (size_t k = draw_mask(rng, (size_t)x->how.bands, x->row, &last); k < last; k++)
			for (size_t r = 0; r < rows; r++)
				to[r * x->row + k] = x->mean[k];
}

static void
copy(real *to, const float *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (real)from[i];
}

/* What the net is told of example i; only sequences can be shorter than it takes. */
static void
describe(struct nn *net, size_t i, const struct data_record *r, size_t rows)
{
	if (r->elements / r->rows * rows < nn_inputs(net))
		nn_set_length(net, i, rows);
	nn_set_group(net, i, r->speaker);
}

static void
load_example(void *ctx, size_t i)
{
	struct example *x = ctx;
	const struct data_record *r = x->record[i];
	size_t rows = r->rows < x->rows ? r->rows : x->rows;
	real *to = x->plain != NULL ? x->plain + i * nn_inputs(x->net) : nn_input(x->net, i);
	gsl_rng *rng = x->rng[i];

	if (rows < r->rows || x->how.jitter > 0 || x->how.noise > 0 || x->how.frame_masks > 0 || x->how.band_masks > 0)
		gsl_rng_set(rng, (unsigned long)random_named(x->key, r->key));
	copy(to, r->x + below(rng, r->rows - rows + 1) * x->row, rows * x->row);
	x->length[i] = rows;
	if (x->how.jitter > 0)
		add_jitter(x, rng, to, rows);
	if (x->how.noise > 0)
		add_noise(x, rng, to, rows);
	mask(x, rng, to, rows);
	describe(x->net, i, r, rows);
	if (x->use != NULL)
		x->use(x->ctx, i, r, x->record[x->partner[i]], x->share[i]);
}

/* As far as the partner goes; behind, the example stays as it is. */
static void
mix_example(void *ctx, size_t i)
{
	struct example *x = ctx;
	size_t size = nn_inputs(x->net), with = x->partner[i], own = x->length[i] * x->row;
	size_t both = x->length[with] < x->length[i] ? x->length[with] * x->row : own;
	const real *restrict a = x->plain + i * size, *restrict b = x->plain + with * size;
	real *restrict to = nn_input(x->net, i), share = (real)x->share[i];

	for (size_t k = 0; k < both; k++)
		to[k] = share * a[k] + (1 - share) * b[k];
	memcpy(to + both, a + both, (own - both) * sizeof *to);
}

/* The second input, mixed as the first is. */
static void
load_beside(void *ctx, size_t i)
{
	struct example *x = ctx;
	const float *a = x->record[i]->beside, *b = x->record[x->partner[i]]->beside;
	real *to = nn_input_of(x->net, 1, i), share = (real)x->share[i];

	for (size_t k = 0; k < x->beside; k++)
		to[k] = share * (real)a[k] + (1 - share) * (real)b[k];
}

/* One of the others, of the same group where required; itself where there is none. */
static size_t
draw_partner(const struct example *x, gsl_rng *rng, size_t i, size_t n)
{
	size_t fit = 0, chosen;

	if (!x->how.within)
		return n == 1 ? i : (i + 1 + below(rng, n - 1)) % n;
	for (size_t k = 0; k < n; k++)
		fit += k != i && x->record[k]->speaker == x->record[i]->speaker;
	chosen = below(rng, fit);
	for (size_t k = 0; k < n && fit > 0; k++)
		if (k != i && x->record[k]->speaker == x->record[i]->speaker && chosen-- == 0)
			return k;
	return i;
}

static void
draw_partners(struct example *x, size_t n, uint64_t key)
{
	for (size_t i = 0; i < n; i++) {
		x->partner[i] = i;
		x->share[i] = 1;
		if (x->how.mixup == 0)
			continue;
		gsl_rng_set(x->rng[i], (unsigned long)random_named(key, x->record[i]->key));
		x->share[i] = gsl_ran_beta(x->rng[i], x->how.mixup, x->how.mixup);
		if (isnan(x->share[i])) /* of two numbers too small for a double */
			x->share[i] = 1;
		x->partner[i] = draw_partner(x, x->rng[i], i, n);
	}
}

struct loading {
	void *ctx;
	const struct data_record *const *record;
	void (*load)(void *ctx, size_t i);
};

/* Records come in any order, each of which would be waited for where it is not in the cache:
 * they are asked for together. */
static inline __attribute__((always_inline)) void /* GCC drops calls of a function that does no more than this */
fetch(const struct data_record *const *record, size_t n)
{
	enum { LINE = 64, LINES = 4 }; /* bytes; of values, before the processor sees where this leads */

	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at <= offsetof(struct data_record, key); at += LINE / 2)
			__builtin_prefetch((const char *)record[i] + at);
	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at < record[i]->elements * sizeof(float) && at < LINES * LINE; at += LINE)
			__builtin_prefetch((const char *)record[i]->x + at);
}

static void
load_some(void *ctx, size_t first, size_t last)
{
	const struct loading *s = ctx;

	fetch(s->record + first, last - first);
	for (size_t i = first; i < last; i++)
		s->load(s->ctx, i);
}

static void
load_all(struct nn *net, const struct data_record *const *record, size_t n, void (*load)(void *ctx, size_t i), void *ctx)
{
	struct loading s = { ctx, record, load };

	nn_examples(net, n, 1 + 2048 / nn_inputs(net), load_some, &s);
}

void
example_load(struct example *x, const struct data_record *const *record, size_t n, uint64_t epoch)
{
	x->record = record;
	x->key = random_key(x->how.seed, RANDOM_EXAMPLE, epoch);
	draw_partners(x, n, random_key(x->how.seed, RANDOM_PARTNER, epoch));
	load_all(x->net, record, n, load_example, x);
	if (x->plain != NULL)
		load_all(x->net, record, n, mix_example, x);
	if (x->beside > 0)
		load_all(x->net, record, n, load_beside, x);
}

struct whole {
	struct nn *net;
	const struct data_record *const *record;
	size_t beside;
	example_use *use;
	void *ctx;
};

static void
load_whole(void *ctx, size_t i)
{
	const struct whole *w = ctx;
	const struct data_record *r = w->record[i];

	copy(nn_input(w->net, i), r->x, r->elements);
	if (w->beside > 0)
		copy(nn_input_of(w->net, 1, i), r->beside, w->beside);
	describe(w->net, i, r, r->rows);
	w->use(w->ctx, i, r, r, 1);
}

void
example_load_whole(struct nn *net, const struct data_record *const *record, size_t n, size_t beside, example_use *use,
                   void *ctx)
{
	struct whole w = { net, record, beside, use, ctx };

	load_all(net, record, n, load_whole, &w);
}
