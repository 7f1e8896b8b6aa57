/* The passes of a net, and its losses. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "base/profile.h"
#include "base/thread.h"
#include "net/gemm.h"
#include "net/net.h"

/* Denormal numbers cost a hundred times what others do, and carry nothing
 * here: the passes flush them to zero, and leave the mode as the caller had it. */
#if defined(__SSE__)
enum { FLUSH = 0x8040 }; /* results, operands */
#define READ_MODE(mode) ((mode) = _mm_getcsr())
#define WRITE_MODE(mode) _mm_setcsr((unsigned)(mode))
#elif defined(__aarch64__)
enum { FLUSH = 1 << 24 };
#define READ_MODE(mode) __asm__ volatile("mrs %0, fpcr" : "=r"(mode))
#define WRITE_MODE(mode) __asm__ volatile("msr fpcr, %0" : : "r"(mode))
#else
enum { FLUSH = 0 };
#define READ_MODE(mode) ((mode) = 0)
#define WRITE_MODE(mode) ((void)(mode))
#endif

/* The mode before. */
static uint64_t
flush_denormals(void)
{
	uint64_t mode;

	READ_MODE(mode);
	WRITE_MODE(mode | FLUSH);
	return mode;
}

struct job {
	void (*fn)(void *ctx, size_t i);
	void *ctx;
};

static void
run_piece(void *ctx, size_t i)
{
	const struct job *j = ctx;
	uint64_t mode = flush_denormals();

	j->fn(j->ctx, i);
	WRITE_MODE(mode);
}

void
nn_for(const struct nn *net, size_t n, void (*fn)(void *ctx, size_t i), void *ctx)
{
	struct job j = { fn, ctx };

	workers_run(net->workers, n, run_piece, &j);
}

struct pieces {
	size_t n, parts;
	void (*fn)(void *ctx, size_t first, size_t last);
	void *ctx;
};

static void
run_examples(void *ctx, size_t i)
{
	const struct pieces *p = ctx;

	p->fn(p->ctx, i * p->n / p->parts, (i + 1) * p->n / p->parts);
}

/* A multiple of the threads, so that each thread's examples stay the same; or one. */
static size_t
part_count(const struct nn *net, size_t most)
{
	size_t threads = nn_threads(net), parts = 4 * threads;

	while (parts > 1 && parts > most)
		parts = parts > threads ? parts / 2 : 1;
	return parts;
}

void
nn_examples(const struct nn *net, size_t n, size_t least, void (*fn)(void *ctx, size_t first, size_t last), void *ctx)
{
	struct pieces p = { n, part_count(net, n / least), fn, ctx };

	nn_for(net, p.parts, run_examples, &p);
}

struct layer_task {
	struct nn_layer *l;
	size_t n, group; /* shards of a task */
	void (*shard)(struct nn_layer *l, size_t first, size_t last);
	void (*task)(struct nn_layer *l, size_t i);
};

static void
run_shard(void *ctx, size_t i)
{
	const struct layer_task *t = ctx;
	size_t end = (i + 1) * t->group * NN_SHARD;

	for (size_t first = i * t->group * NN_SHARD; first < end && first < t->n; first += NN_SHARD)
		t->shard(t->l, first, first + NN_SHARD < t->n ? first + NN_SHARD : t->n);
}

static void
run_task(void *ctx, size_t i)
{
	const struct layer_task *t = ctx;

	t->task(t->l, i);
}

size_t
nn_shard_count(size_t n)
{
	return (n + NN_SHARD - 1) / NN_SHARD;
}

void
nn_shards(struct nn_layer *l, size_t n, void (*fn)(struct nn_layer *l, size_t first, size_t last))
{
	/* Several of a layer of few values, which are done sooner than handed over. */
	size_t values = NN_SHARD * (l->x->stride + l->y->stride), shards = nn_shard_count(n);
	struct layer_task t = { l, n, 1 + NN_WORK / 16 / values, fn, NULL };

	nn_for(l->net, (shards + t.group - 1) / t.group, run_shard, &t);
}

void
nn_tasks(struct nn_layer *l, size_t n, void (*fn)(struct nn_layer *l, size_t i))
{
	struct layer_task t = { l, n, 1, NULL, fn };

	nn_for(l->net, n, run_task, &t);
}

void
nn_clear_gaps(const struct nn_act *a, real *data, size_t first, size_t last)
{
	size_t pad = a->gap * a->row;

	for (size_t i = first + 1; i < last && pad > 0; i++)
		memset(data + i * a->stride - pad, 0, pad * sizeof *data);
}

bool
nn_needs_fit_of(const struct nn *net, size_t k)
{
	const struct nn_kind *first = net->source[k].first->kind;

	return first != NULL && first->fit != NULL;
}

bool
nn_needs_fit(const struct nn *net)
{
	return nn_needs_fit_of(net, 0);
}

void
nn_fit_of(struct nn *net, size_t k, const float *example, size_t rows)
{
	struct nn_layer *l = net->source[k].first;

	l->kind->fit(l, example, rows);
}

void
nn_fit_rows(struct nn *net, const float *example, size_t rows)
{
	nn_fit_of(net, 0, example, rows);
}

void
nn_fit(struct nn *net, const float *example)
{
	nn_fit_rows(net, example, net->source[0].act->rows);
}

real *
nn_input_of(struct nn *net, size_t k, size_t i)
{
	const struct nn_act *a = net->source[k].act;

	return a->y + i * a->stride;
}

real *
nn_input(struct nn *net, size_t i)
{
	return nn_input_of(net, 0, i);
}

const real *
nn_output(const struct nn *net, size_t i)
{
	const struct nn_act *a = net->layer[net->layers - 1].y;

	return a->y + i * a->stride;
}

/* Rows of its output, or of its input, for each of which all of its matrices are multiplied by a vector. */
static size_t
products(const struct nn_layer *l)
{
	size_t n = 1;

	for (int i = 0; i < l->out.rank - 1; i++)
		n *= l->out.d[i];
	return l->out.rank > 1 ? n : l->x->rows;
}

/* Weights of its matrices. */
static size_t
matrices(const struct nn_layer *l)
{
	size_t n = 0;

	for (size_t k = 0; k < l->params; k++)
		n += l->net->param[l->param[k]].p.rank > 1 ? l->net->param[l->param[k]].p.n : 0;
	return n;
}

size_t
nn_layer_weights(const struct nn_layer *l)
{
	size_t n = 0;

	for (size_t k = 0; k < l->params; k++)
		n += l->net->param[l->param[k]].p.n;
	return n;
}

/* For --profile: a layer's pass over n examples, which reads its input, output and weights passes times. */
static void
note(const struct nn_layer *l, const char *pass, size_t n, double since, int passes)
{
	char name[sizeof l->name + 16];

	if (!profile_on() || (!l->training && (l->kind->flags & NN_IN_TRAINING) != 0))
		return;
	snprintf(name, sizeof name, "%s/%s", pass, l->name);
	profile_shared(name, since, 2.0 * passes * (double)n * (double)products(l) * (double)matrices(l),
	               (double)sizeof(real) * passes * (double)(n * (nn_size(&l->in) + nn_size(&l->out)) + nn_layer_weights(l)),
	               l->net->threads);
}

static bool
has_trained(const struct nn_layer *l)
{
	for (size_t k = 0; k < l->params; k++)
		if (l->net->param[l->param[k]].p.grad != NULL && !l->frozen)
			return true;
	return false;
}

/* Layers [from, to) that some examples pass one after the other, in backward from the last. */
struct chain {
	struct nn *net;
	size_t from, to, n;
	const bool *below; /* of backward: whether a layer's x->dy is required */
	size_t parts, some; /* tasks, of about as many shards each; examples that pass together */
};

static void
pass_forward(const struct chain *c, size_t first, size_t last)
{
	for (size_t k = c->from; k < c->to; k++) {
		struct nn_layer *l = &c->net->layer[k];

		if (l->kind->forward_shard != NULL)
			l->kind->forward_shard(l, first, last);
		length_clear(l->y, l->y->y, first, last);
	}
}

static bool
has_sums(const struct nn_layer *l)
{
	return l->kind->gradient_shard != NULL && has_trained(l);
}

static void
pass_backward(const struct chain *c, size_t part, bool more, size_t first, size_t last)
{
	for (size_t k = c->to; k-- > c->from;) {
		struct nn_layer *l = &c->net->layer[k];

		if (has_sums(l))
			l->kind->gradient_shard(l, first, last, more, l->sum + part * nn_layer_weights(l));
		if (!c->below[k])
			continue;
		if (l->kind->backward_shard != NULL)
			l->kind->backward_shard(l, first, last);
		length_clear(l->x, l->x->dy, first, last);
	}
}

static void
run_part(void *ctx, size_t i)
{
	const struct chain *c = ctx;
	size_t shards = nn_shard_count(c->n), begin = i * shards / c->parts * NN_SHARD, last;
	size_t end = (i + 1) * shards / c->parts * NN_SHARD < c->n ? (i + 1) * shards / c->parts * NN_SHARD : c->n;

	for (size_t first = begin; first < end; first = last) {
		last = first + c->some < end ? first + c->some : end;
		if (c->below == NULL)
			pass_forward(c, first, last);
		else
			pass_backward(c, i, first > begin, first, last);
	}
}

/* Parts of a batch for which gradients have sums of their own: as many whatever the threads are, and
 * more than two only of so many rows that these take longer than to add up the sums. */
static size_t
sum_count(size_t n, size_t rows)
{
	enum { ROWS = 64 };
	size_t shards = nn_shard_count(n), parts = shards < 2 ? 1 : 2;

	while (parts < NN_BLOCKS && 2 * parts <= shards && 2 * parts * ROWS <= n * rows)
		parts *= 2;
	return parts;
}

/* Some examples pass together, so many that their activations stay in the cache. */
static void
run_chain(struct chain *c)
{
	enum { SOME = 1 << 15 }; /* values */
	size_t work = 0, most = 1, rows = 0, shards = nn_shard_count(c->n);

	for (size_t k = c->from; k < c->to; k++) {
		struct nn_layer *l = &c->net->layer[k];
		size_t values = l->x->stride + l->y->stride;

		if (c->below != NULL && has_sums(l))
			rows = l->x->rows > rows ? l->x->rows : rows;
		if (c->below == NULL ? l->kind->forward_shard == NULL : l->kind->backward_shard == NULL || !c->below[k])
			continue;
		if (l->kind->prepare != NULL)
			l->kind->prepare(l, c->below != NULL);
		work += NN_TOUCH * values + matrices(l) * products(l);
		most = values > most ? values : most;
	}
	c->parts = c->n * work / NN_WORK;
	c->parts = rows > 0 ? sum_count(c->n, rows) : part_count(c->net, c->parts < shards ? c->parts : shards);
	c->some = SOME / most < 1 ? 1 : SOME / most;
	nn_for(c->net, c->parts, run_part, c);
}

struct adding {
	const struct nn_layer *l;
	const real *sum;
	size_t parts, slices;
};

static void
add_slice(void *ctx, size_t i)
{
	const struct adding *a = ctx;
	size_t n = nn_layer_weights(a->l), first = i * n / a->slices, last = (i + 1) * n / a->slices;

	nn_sum_parts(a->parts, last - first, n, a->sum + first, nn_grad(a->l, 0) + first);
}

void
nn_add_sums(const struct nn_layer *l, const real *sum, size_t parts)
{
	enum { LEAST = 1 << 14 }; /* weights that are worth being handed over */
	struct adding a = { l, sum, parts, part_count(l->net, nn_layer_weights(l) / LEAST) };

	nn_for(l->net, a.slices, add_slice, &a);
}

void
nn_forward(struct nn *net, size_t n, bool training, uint64_t key)
{
	uint64_t mode = flush_denormals();

	net->n = n;
	net->loss_at_logits = false;
	length_begin(net, n);
	for (struct nn_layer *l = net->layer; l < net->layer + net->layers; l++) {
		l->training = training;
		l->key = key ^ (UINT64_C(0x9e3779b97f4a7c15) * l->number);
		length_pass(l, n);
	}
	for (struct chain c = { .net = net, .n = n }; c.from < net->layers; c.from = c.to) {
		struct nn_layer *l = &net->layer[c.from];
		double began = profile_now();

		for (c.to = c.from + 1; c.to < net->layers && net->layer[c.to].kind->forward == NULL && !profile_on();)
			c.to++;
		if (l->kind->forward != NULL)
			l->kind->forward(l, n);
		run_chain(&c);
		note(l, training ? "forward" : "predict", n, began, 1);
	}
	net->batches += training;
	net->packed = true;
	memset(net->group, 0, net->batch * sizeof *net->group);
	WRITE_MODE(mode);
}

bool
nn_repacks(const struct nn_layer *l)
{
	return l->net->train || !l->net->packed;
}

uint64_t
nn_batches(const struct nn *net)
{
	return net->batches;
}

void
nn_set_batches(struct nn *net, uint64_t batches)
{
	net->batches = batches;
}

/* Of each layer, whether there are weights to train among those that it reads from. */
static void
find_trained(const struct nn *net, bool *below)
{
	bool reach[LAYERS_MAX] = { false }; /* the same with its own */

	for (size_t i = 0; i < net->layers; i++) {
		const struct nn_layer *l = &net->layer[i];

		below[i] = (l->other != NULL && reach[l->other - net->layer]) ||
		           (i > 0 && (l->kind->flags & NN_STARTS) == 0 && reach[i - 1]);
		reach[i] = below[i] || has_trained(l);
	}
}

void
nn_backward(struct nn *net)
{
	uint64_t mode = flush_denormals();
	bool below[LAYERS_MAX] = { false };
	struct chain c = { .net = net, .to = net->layers - net->loss_at_logits, .n = net->n, .below = below };

	find_trained(net, below);
	for (; c.to > 0; c.to = c.from) {
		struct nn_layer *l = &net->layer[c.from = c.to - 1];
		double began = profile_now();

		if (!below[c.from] && !has_trained(l))
			continue;
		if (l->kind->backward != NULL)
			l->kind->backward(l, net->n, below[c.from]);
		while (c.from > 0 && net->layer[c.from - 1].kind->backward == NULL && !profile_on())
			c.from--;
		run_chain(&c);
		for (size_t k = c.from; k < c.to; k++)
			if (has_sums(&net->layer[k]))
				nn_add_sums(&net->layer[k], net->layer[k].sum, c.parts);
		note(l, "backward", net->n, began, below[c.to - 1] + has_trained(l));
	}
	WRITE_MODE(mode);
}

/* Keras's floor keeps the logarithm finite, but NaN is NaN. */
static double
log_loss(const struct nn_act *y, size_t i, size_t c)
{
	double p = (double)y->y[i * y->stride + c];

	return -log(p < 1e-7 ? 1e-7 : p);
}

/* Where the output is a mean of softmaxes: the mean of their log losses. The last
 * layer's dy is what its backward divides by each softmax's probability. */
static double
averaged_cross_entropy(struct nn *net, size_t i, size_t c, double q, double weight)
{
	const struct nn_layer *l = &net->layer[net->layers - 1];
	const struct nn_act *y = l->y;
	double sum = 0;
	size_t heads = 1;

	for (; (l->kind->flags & NN_AVERAGES) != 0; l--, heads++)
		sum += log_loss(l->other->kept, i, c);
	sum += log_loss(l->y, i, c);
	if (y->dy != NULL)
		y->dy[i * y->stride + c] = (real)(-weight * q / ((double)net->n * (double)heads));
	return q > 0 ? weight * q * sum / (double)heads : 0;
}

struct targets {
	struct nn *net;
	const size_t *class;     /* of each example, or NULL and */
	const double *soft;      /* probabilities of its classes */
	const double *weight;    /* by class, or of each example; NULL: 1 */
	double smoothing;
};

/* The probability that class c of k should have. */
static inline double
target_of(const struct targets *t, size_t k, size_t i, size_t c)
{
	return t->class == NULL ? t->soft[i * k + c] : (c == t->class[i] ? 1 - t->smoothing : 0) + t->smoothing / (double)k;
}

/* Example i's loss, and its gradient before the last softmax. */
static double
softmax_cross_entropy(const struct targets *t, size_t k, size_t i, double weight)
{
	const struct nn_layer *last = &t->net->layer[t->net->layers - 1];
	const real *y = last->y->y + i * last->y->stride;
	real *dx = last->x->dy == NULL ? NULL : last->x->dy + i * last->x->stride;
	double scale = weight / (double)t->net->n, sum = 0;

	for (size_t c = 0; c < k; c++) {
		double q = target_of(t, k, i, c);

		if (dx != NULL)
			dx[c] = (real)(scale * ((double)y[c] - q));
		if (q > 0)
			sum += q * log_loss(last->y, i, c);
	}
	return weight * sum;
}

static void
cross_entropies(void *ctx, size_t first, size_t last)
{
	const struct targets *t = ctx;
	size_t k = nn_outputs(t->net);

	for (size_t i = first; i < last; i++) {
		double weight = t->weight == NULL ? 1 : t->weight[t->class != NULL ? t->class[i] : i];
		double *loss = &t->net->loss[i];

		*loss = t->net->loss_at_logits ? softmax_cross_entropy(t, k, i, weight) : 0;
		for (size_t c = 0; c < k && !t->net->loss_at_logits; c++)
			*loss += averaged_cross_entropy(t->net, i, c, target_of(t, k, i, c), weight);
	}
}

static double
mean_cross_entropy(struct targets t)
{
	struct nn *net = t.net;
	double sum = 0;

	net->loss_at_logits = !nn_averages(net);
	nn_examples(net, net->n, 1 + 256 / nn_outputs(net), cross_entropies, &t);
	for (size_t i = 0; i < net->n; i++)
		sum += net->loss[i];
	return sum / (double)net->n;
}

double
nn_loss_cross_entropy(struct nn *net, const size_t *target, const double *weight, double smoothing)
{
	return mean_cross_entropy((struct targets){ .net = net, .class = target, .weight = weight, .smoothing = smoothing });
}

double
nn_loss_soft(struct nn *net, const double *target, const double *weight)
{
	return mean_cross_entropy((struct targets){ .net = net, .soft = target, .weight = weight });
}

double
nn_loss_squared(struct nn *net, const double *value)
{
	struct nn_act *y = net->layer[net->layers - 1].y;
	size_t k = nn_outputs(net);
	double loss = 0, scale = 1 / (double)(net->n * k);

	for (size_t i = 0; i < net->n; i++)
		for (size_t c = 0; c < k; c++) {
			double e = (double)y->y[i * y->stride + c] - value[i * k + c];

			loss += e * e * scale;
			if (y->dy != NULL)
				y->dy[i * y->stride + c] = (real)(2 * e * scale);
		}
	net->loss_at_logits = false;
	return loss;
}
