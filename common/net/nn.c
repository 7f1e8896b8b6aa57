#include "net/nn.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "base/err.h"
#include "base/mem.h"
#include "base/team.h"
#include "net/gemm.h"
#include "net/init.h"
#include "net/layer.h"

enum { LAYERS_MAX = 256, WORDS_MAX = 16, LINE_MAX_BYTES = 1024 };

/* A weight as declared, before the arrays that hold all of them exist. */
struct declared {
	struct nn_param p;
	enum nn_fill fill;
	double fan_in, fan_out;
	bool trained; /* by gradient */
};

struct nn {
	char *name;
	size_t classes, batch, n; /* n: examples of the last forward */
	uint64_t batches; /* of training so far */
	int threads;
	struct team *team;
	bool train;
	bool loss_at_logits; /* the loss left its gradient before the softmax */
	struct nn_layer *layer;
	size_t layers;
	struct nn_act *act;
	size_t acts;
	struct declared *param;
	size_t params;
	real *weight, *grad;
	size_t trained, weights;
	size_t gap;
};

static const struct nn_kind *const tables[] = { nn_dense_kinds, nn_conv1d_kinds, nn_conv2d_kinds, nn_norm_kinds,
	nn_normalize_kinds, nn_activation_kinds, nn_pool_kinds, nn_lstm_kinds, nn_gru_kinds };

/* Reading the text */

int
nn_complain(const struct nn_layer *l, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(ST_DATA, "%s: line %d: %s", l->net->name, l->line, text);
}

const struct nn_kind *
nn_kind_at(size_t i)
{
	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
		for (const struct nn_kind *k = tables[t]; k->name != NULL; k++)
			if (i-- == 0)
				return k;
	return NULL;
}

static const struct nn_kind *
find_kind(const char *word)
{
	const struct nn_kind *k;

	for (size_t i = 0; (k = nn_kind_at(i)) != NULL && strcmp(k->name, word) != 0;)
		i++;
	return k;
}

static int
complain_of_choice(const struct nn_layer *l, const struct nn_arg *a, const char *text)
{
	char list[128] = "";

	for (int i = 0; a->choices[i] != NULL; i++) {
		size_t n = strlen(list);

		snprintf(list + n, sizeof list - n, "%s%s", i == 0 ? "" : ", ", a->choices[i]);
	}
	return nn_complain(l, "%s: %s: '%s' is none of %s", l->kind->name, a->name, text, list);
}

static int
parse_value(struct nn_layer *l, const struct nn_arg *a, const char *text, double *value)
{
	char *end;

	if (a->choices != NULL) {
		for (int i = 0; a->choices[i] != NULL; i++)
			if (strcmp(a->choices[i], text) == 0) {
				*value = i;
				return ST_OK;
			}
		return complain_of_choice(l, a, text);
	}
	if (a->whole && strcmp(text, "classes") == 0) {
		*value = (double)l->net->classes;
		return ST_OK;
	}
	*value = strtod(text, &end);
	if (end == text || *end != '\0' || !isfinite(*value) || (a->whole && *value != floor(*value)))
		return nn_complain(l, "%s: %s: '%s' is not a %snumber", l->kind->name, a->name, text, a->whole ? "whole " : "");
	if (*value < a->min || *value > a->max)
		return nn_complain(l, "%s: %s: %s is not between %g and %g", l->kind->name, a->name, text, a->min, a->max);
	return ST_OK;
}

/* The argument that a word sets: by name, or the first not yet given. */
static int
match_argument(struct nn_layer *l, char *word, const bool *given, size_t *which, const char **text)
{
	char *equals = strchr(word, '=');

	*text = equals == NULL ? word : equals + 1;
	if (equals != NULL)
		*equals = '\0';
	for (size_t i = 0; i < NN_ARGS_MAX && l->kind->arg[i].name != NULL; i++)
		if (equals == NULL ? !given[i] : strcmp(l->kind->arg[i].name, word) == 0) {
			*which = i;
			return given[i] ? nn_complain(l, "%s: %s is given twice", l->kind->name, word) : ST_OK;
		}
	return nn_complain(l, "%s: '%s' is not an option of it", l->kind->name, word);
}

static int
parse_arguments(struct nn_layer *l, char **word, size_t words)
{
	bool given[NN_ARGS_MAX] = { false };
	const char *text;
	size_t which = 0;
	int rc;

	for (size_t i = 1; i < words; i++) {
		if ((rc = match_argument(l, word[i], given, &which, &text)) != ST_OK ||
		    (rc = parse_value(l, &l->kind->arg[which], text, &l->arg[which])) != ST_OK)
			return rc;
		given[which] = true;
	}
	for (size_t i = 0; i < NN_ARGS_MAX && l->kind->arg[i].name != NULL; i++) {
		if (!given[i])
			l->arg[i] = l->kind->arg[i].fallback;
		if (isnan(l->arg[i]))
			return nn_complain(l, "%s: %s is missing", l->kind->name, l->kind->arg[i].name);
	}
	return ST_OK;
}

/* One line of the net, already cut out of the text. */
static int
parse_line(struct nn *net, char *line, int number)
{
	struct nn_layer *l = &net->layer[net->layers];
	char *word[WORDS_MAX], *rest = line, *hash = strchr(line, '#');
	size_t words = 0;

	if (hash != NULL)
		*hash = '\0';
	*l = (struct nn_layer){ .net = net, .line = number, .place = net->layers + 1 };
	for (char *w; (w = strtok_r(words == 0 ? line : NULL, " \t\r", &rest)) != NULL;) {
		if (words == WORDS_MAX)
			return nn_complain(l, "too many words");
		word[words++] = w;
	}
	if (words == 0)
		return ST_OK;
	l->kind = find_kind(word[0]);
	if (l->kind == NULL)
		return nn_complain(l, "'%.40s' is not a layer", word[0]);
	if (net->layers == LAYERS_MAX)
		return nn_complain(l, "more than %d layers", LAYERS_MAX);
	snprintf(l->name, sizeof l->name, "%02zu.%s", l->place, l->kind->name);
	net->layers++;
	return parse_arguments(l, word, words);
}

static int
parse(struct nn *net, const char *text)
{
	char line[LINE_MAX_BYTES];
	int number = 0, rc = ST_OK;

	while (*text != '\0' && rc == ST_OK) {
		size_t n = strcspn(text, "\n");

		number++;
		if (n >= sizeof line)
			return err_set(ST_DATA, "%s: line %d: longer than %d bytes", net->name, number, LINE_MAX_BYTES - 1);
		memcpy(line, text, n);
		line[n] = '\0';
		rc = parse_line(net, line, number);
		text += n + (text[n] == '\n');
	}
	if (rc == ST_OK && net->layers == 0)
		return err_set(ST_DATA, "%s: no layers", net->name);
	return rc;
}

/* Shapes and memory */

size_t
nn_size(const struct nn_shape *s)
{
	size_t n = 1;

	for (int i = 0; i < s->rank; i++)
		n *= s->d[i];
	return n;
}

struct nn_shape
nn_as_sequence(const struct nn_shape *s)
{
	struct nn_shape q = { 2, { s->d[0], s->rank == 3 ? s->d[1] * s->d[2] : s->d[1], 1 } };

	return q;
}

struct nn_shape
nn_as_plane(const struct nn_shape *s)
{
	struct nn_shape p = { 3, { s->d[0], s->d[1], s->rank == 3 ? s->d[2] : 1 } };

	return p;
}

bool
nn_training_net(const struct nn *net)
{
	return net->train;
}

int
nn_declare(struct nn_layer *l, const char *role, int rank, const size_t *shape, bool trained, enum nn_fill fill,
           double fan_in, double fan_out)
{
	struct nn *net = l->net;
	struct declared *d;
	size_t length = strlen(l->name) + strlen(role) + 2;
	int rc = mem_grow(&net->param, net->params + 1, sizeof *net->param);

	if (rc != ST_OK)
		return rc;
	d = &net->param[net->params];
	*d = (struct declared){ .fill = fill, .fan_in = fan_in, .fan_out = fan_out };
	d->p.layer = l->place;
	d->p.rank = rank;
	d->p.n = 1;
	for (int i = 0; i < rank; i++) {
		d->p.shape[i] = shape[i];
		if (__builtin_mul_overflow(d->p.n, shape[i], &d->p.n) || d->p.n > (size_t)1 << 31)
			return nn_complain(l, "%s: its %s would be too large", l->kind->name, role);
	}
	d->p.name = mem_zero(length, 1);
	if (d->p.name == NULL)
		return ST_SYS;
	snprintf(d->p.name, length, "%s/%s", l->name, role);
	d->trained = trained;
	l->param[l->params++] = net->params++;
	return ST_OK;
}

real *
nn_value(const struct nn_layer *l, size_t k)
{
	return l->net->param[l->param[k]].p.value;
}

real *
nn_grad(const struct nn_layer *l, size_t k)
{
	return l->net->param[l->param[k]].p.grad;
}

/* All weights in one array, those trained by gradient first. */
static int
place_weights(struct nn *net)
{
	size_t at = 0;

	for (size_t i = 0; i < net->params; i++) {
		net->weights += net->param[i].p.n;
		net->trained += net->param[i].trained ? net->param[i].p.n : 0;
	}
	net->weight = mem_zero(net->weights, sizeof *net->weight);
	net->grad = net->train ? mem_zero(net->trained, sizeof *net->grad) : NULL;
	if (net->weight == NULL || (net->train && net->grad == NULL))
		return ST_SYS;
	for (int trained = 1; trained >= 0; trained--)
		for (size_t i = 0; i < net->params; i++) {
			struct declared *d = &net->param[i];

			if (d->trained != trained)
				continue;
			d->p.value = net->weight + at;
			d->p.grad = trained && net->train ? net->grad + at : NULL;
			at += d->p.n;
		}
	return ST_OK;
}

static int
shape_layers(struct nn *net, int rank, const size_t *shape)
{
	struct nn_shape s = { rank, { 1, 1, 1 } };
	int rc;

	for (int i = 0; i < rank; i++)
		s.d[i] = shape[i];
	for (size_t i = 0; i < net->layers; i++) {
		struct nn_layer *l = &net->layer[i];

		l->in = s;
		if ((rc = l->kind->shape(l)) != ST_OK)
			return rc;
		s = l->out;
		if (nn_size(&s) == 0 || nn_size(&s) > (size_t)1 << 31)
			return nn_complain(l, "%s: its output of %zu values is not usable", l->kind->name, nn_size(&s));
		net->gap = l->gap > net->gap ? l->gap : net->gap;
	}
	if (s.rank != 1)
		return nn_complain(&net->layer[net->layers - 1],
		                   "the last layer's output is not of rank 1 (flatten, or a pool, comes before dense)");
	return ST_OK;
}

static real *
act_memory(const struct nn *net, const struct nn_act *a, void **memory)
{
	size_t pad = a->gap * a->row;

	/* Examples, not the padding before them, are aligned. Products may read
	 * some values behind the last (windows.h). */
	*memory = mem_zero(2 * pad + net->batch * a->stride + 64, sizeof(real));
	return *memory == NULL ? NULL : (real *)*memory + (pad + 15) / 16 * 16;
}

static int
make_act(struct nn *net, const struct nn_shape *shape, bool gradient)
{
	struct nn_act *a = &net->act[net->acts++];

	a->shape = *shape;
	a->rows = shape->rank == 1 ? 1 : shape->d[0];
	a->row = nn_size(shape) / a->rows;
	a->gap = shape->rank == 1 ? 0 : net->gap;
	a->stride = (a->rows + a->gap) * a->row;
	a->y = act_memory(net, a, &a->memory);
	if (a->y == NULL)
		return ST_SYS;
	if (gradient && (a->dy = act_memory(net, a, &a->dmemory)) == NULL)
		return ST_SYS;
	return ST_OK;
}

/* A layer works in place where no backward needs what it would overwrite: of
 * the layer before, and of those before it that work in place themselves. */
static bool
in_place(const struct nn *net, size_t i)
{
	unsigned flags = net->layer[i].kind->flags;

	if (i == 0 || (flags & NN_IN_PLACE) == 0)
		return false;
	for (size_t k = i; net->train && k-- > 0;) {
		const struct nn_layer *before = &net->layer[k];

		if ((before->kind->flags & NN_NEEDS_Y) != 0)
			return false;
		if ((before->kind->flags & NN_NEEDS_SIGN) != 0 && (flags & NN_KEEPS_SIGN) == 0)
			return false;
		if (before->x != before->y)
			break;
	}
	return true;
}

static int
plan_layers(struct nn *net, int rank, const size_t *shape)
{
	struct nn_shape first = { rank, { 1, 1, 1 } };
	int rc;

	for (int i = 0; i < rank; i++)
		first.d[i] = shape[i];
	net->act = mem_zero(net->layers + 1, sizeof *net->act);
	if (net->act == NULL || make_act(net, &first, net->train) != ST_OK)
		return ST_SYS;
	for (size_t i = 0; i < net->layers; i++) {
		struct nn_layer *l = &net->layer[i];

		l->x = i == 0 ? &net->act[0] : net->layer[i - 1].y;
		if (in_place(net, i))
			l->y = l->x;
		else if (make_act(net, &l->out, net->train) == ST_OK)
			l->y = &net->act[net->acts - 1];
		else
			return ST_SYS;
		if (l->kind->plan != NULL && (rc = l->kind->plan(l)) != ST_OK)
			return rc;
	}
	return ST_OK;
}

/* Where a batch is one shard, or so little work that threads would wait for
 * each other most of the time, the calling thread does it alone. */
static bool
worth_threads(const struct nn *net)
{
	const double least = 4e6; /* multiply-adds of a forward pass */
	double work = 0;

	for (size_t i = 0; i < net->layers; i++)
		for (size_t k = 0; k < net->layer[i].params; k++)
			work += (double)net->param[net->layer[i].param[k]].p.n * (double)net->layer[i].y->rows;
	return net->batch > NN_SHARD && work * (double)net->batch > least;
}

int
nn_create(struct nn **out, const char *text, const char *name, int rank, const size_t *shape, size_t classes,
          size_t batch, bool train, int threads)
{
	struct nn *net = mem_zero(1, sizeof *net);
	int rc;

	*out = NULL;
	if (net == NULL)
		return ST_SYS;
	nn_gemm_setup();
	net->classes = classes;
	net->batch = batch;
	net->train = train;
	net->threads = threads < 1 ? 1 : threads;
	net->name = mem_str(name);
	net->layer = mem_zero(LAYERS_MAX + 1, sizeof *net->layer);
	if (net->name == NULL || net->layer == NULL)
		rc = ST_SYS;
	else if (rank < 1 || rank > 3)
		rc = err_set(ST_DATA, "%s: an example of rank %d cannot go into a net", name, rank);
	else if ((rc = parse(net, text)) == ST_OK && (rc = shape_layers(net, rank, shape)) == ST_OK &&
	         (rc = place_weights(net)) == ST_OK)
		rc = plan_layers(net, rank, shape);
	if (rc == ST_OK && (net->team = team_create(worth_threads(net) ? net->threads : 1)) == NULL)
		rc = ST_SYS;
	if (rc != ST_OK) {
		nn_free(net);
		return rc;
	}
	*out = net;
	return ST_OK;
}

void
nn_free(struct nn *net)
{
	if (net == NULL)
		return;
	for (size_t i = 0; net->layer != NULL && i < net->layers; i++) {
		struct nn_layer *l = &net->layer[i];

		if (l->kind != NULL && l->kind->release != NULL && l->state != NULL)
			l->kind->release(l);
		else
			free(l->state);
	}
	for (size_t i = 0; net->act != NULL && i < net->acts; i++) {
		free(net->act[i].memory);
		free(net->act[i].dmemory);
	}
	for (size_t i = 0; i < net->params; i++)
		free(net->param[i].p.name);
	team_free(net->team);
	free(net->param);
	free(net->weight);
	free(net->grad);
	free(net->act);
	free(net->layer);
	free(net->name);
	free(net);
}

/* Looking at a net */

size_t
nn_batch(const struct nn *net)
{
	return net->batch;
}

size_t
nn_inputs(const struct nn *net)
{
	return nn_size(&net->act[0].shape);
}

size_t
nn_outputs(const struct nn *net)
{
	return nn_size(&net->layer[net->layers - 1].out);
}

bool
nn_ends_in_softmax(const struct nn *net)
{
	return strcmp(net->layer[net->layers - 1].kind->name, "softmax") == 0;
}

size_t
nn_layers(const struct nn *net)
{
	return net->layers;
}

const char *
nn_layer_name(const struct nn *net, size_t i)
{
	return net->layer[i].name;
}

const char *
nn_layer_shape(const struct nn *net, size_t i)
{
	static _Thread_local char text[96];
	const struct nn_shape *s = &net->layer[i].out;
	int n = 0;

	for (int k = 0; k < s->rank; k++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s%zu", k == 0 ? "(" : ",", s->d[k]);
	snprintf(text + n, sizeof text - (size_t)n, ")");
	return text;
}

void
nn_freeze(struct nn *net, size_t i, bool frozen)
{
	net->layer[i].frozen = frozen;
	for (size_t k = 0; k < net->params; k++)
		if (net->param[k].p.layer == i + 1)
			net->param[k].p.frozen = frozen;
}

size_t
nn_params(const struct nn *net)
{
	return net->params;
}

struct nn_param *
nn_param(struct nn *net, size_t i)
{
	return &net->param[i].p;
}

size_t
nn_trainable(const struct nn *net)
{
	return net->trained;
}

real *
nn_weights(struct nn *net)
{
	return net->weight;
}

real *
nn_gradients(struct nn *net)
{
	return net->grad;
}

int
nn_init(struct nn *net, uint64_t seed)
{
	int rc = ST_OK;

	for (size_t i = 0; i < net->params && rc == ST_OK; i++) {
		const struct declared *d = &net->param[i];

		rc = init_fill(d->p.value, d->p.rank, d->p.shape, d->fill, d->fan_in, d->fan_out, seed, d->p.name);
	}
	return rc;
}

/* Running a net */

/* Denormal numbers cost a hundred times what others do, and carry nothing
 * here: every thread flushes them to zero. */
static void
flush_denormals(void)
{
#if defined(__SSE__)
	_mm_setcsr(_mm_getcsr() | 0x8040U);
#elif defined(__aarch64__)
	uint64_t fpcr;

	__asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
	__asm__ volatile("msr fpcr, %0" : : "r"(fpcr | (UINT64_C(1) << 24)));
#endif
}

size_t
nn_threads(const struct nn *net)
{
	return (size_t)net->threads;
}

int
nn_use_threads(struct nn *net)
{
	struct team *team = team_create(net->threads);

	if (team == NULL)
		return ST_SYS;
	team_free(net->team);
	net->team = team;
	return ST_OK;
}

struct job {
	void (*fn)(void *ctx, size_t i);
	void *ctx;
};

static void
run_piece(void *ctx, size_t i)
{
	const struct job *j = ctx;

	flush_denormals();
	j->fn(j->ctx, i);
}

void
nn_for(const struct nn *net, size_t n, void (*fn)(void *ctx, size_t i), void *ctx)
{
	struct job j = { fn, ctx };

	team_run(net->team, n, run_piece, &j);
}

struct layer_task {
	struct nn_layer *l;
	size_t n;
	void (*shard)(struct nn_layer *l, size_t first, size_t last);
	void (*task)(struct nn_layer *l, size_t i);
};

static void
run_shard(void *ctx, size_t i)
{
	const struct layer_task *t = ctx;
	size_t last = (i + 1) * NN_SHARD;

	t->shard(t->l, i * NN_SHARD, last < t->n ? last : t->n);
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
	struct layer_task t = { l, n, fn, NULL };

	nn_for(l->net, nn_shard_count(n), run_shard, &t);
}

void
nn_tasks(struct nn_layer *l, size_t n, void (*fn)(struct nn_layer *l, size_t i))
{
	struct layer_task t = { l, n, NULL, fn };

	nn_for(l->net, n, run_task, &t);
}

void
nn_clear_gaps(const struct nn_act *a, real *data, size_t n)
{
	size_t pad = a->gap * a->row;

	if (pad == 0)
		return;
	for (size_t i = 0; i <= n; i++)
		memset(data + i * a->stride - pad, 0, pad * sizeof *data);
}

struct sum_task {
	struct nn_layer *l;
	size_t n;
	real *partial;
};

static void
sum_shard(void *ctx, size_t shard)
{
	const struct sum_task *t = ctx;
	const struct nn_act *a = t->l->y;
	real *sum = t->partial + shard * a->row;

	memset(sum, 0, a->row * sizeof *sum);
	for (size_t i = shard * NN_SHARD; i < t->n && i < (shard + 1) * NN_SHARD; i++)
		for (size_t r = 0; r < a->rows; r++) {
			const real *d = a->dy + i * a->stride + r * a->row;

			for (size_t c = 0; c < a->row; c++)
				sum[c] += d[c];
		}
}

void
nn_sum_rows(struct nn_layer *l, size_t n, real *partial, real *sum)
{
	struct sum_task t = { l, n, partial };
	size_t row = l->y->row;

	nn_for(l->net, nn_shard_count(n), sum_shard, &t);
	memset(sum, 0, row * sizeof *sum);
	for (size_t s = 0; s < nn_shard_count(n); s++)
		for (size_t c = 0; c < row; c++)
			sum[c] += partial[s * row + c];
}

int
nn_scratch(struct nn_layer *l, size_t n)
{
	l->state = mem_zero(n, sizeof(real));
	return l->state == NULL ? ST_SYS : ST_OK;
}

bool
nn_wants_fit(const struct nn *net)
{
	return net->layer[0].kind->fit != NULL;
}

void
nn_fit_add(struct nn *net, const float *example)
{
	if (nn_wants_fit(net))
		net->layer[0].kind->fit(&net->layer[0], example);
}

void
nn_fit_end(struct nn *net)
{
	if (nn_wants_fit(net))
		net->layer[0].kind->fit(&net->layer[0], NULL);
}

real *
nn_input(struct nn *net, size_t i)
{
	return net->act[0].y + i * net->act[0].stride;
}

const real *
nn_output(const struct nn *net, size_t i)
{
	const struct nn_act *a = net->layer[net->layers - 1].y;

	return a->y + i * a->stride;
}

void
nn_forward(struct nn *net, size_t n, bool training, uint64_t key)
{
	net->n = n;
	net->loss_at_logits = false;
	for (size_t i = 0; i < net->layers; i++) {
		struct nn_layer *l = &net->layer[i];

		l->training = training;
		l->key = key ^ (UINT64_C(0x9e3779b97f4a7c15) * l->place);
		l->kind->forward(l, n);
	}
	net->batches += training;
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

/* The layers below this one have no weights to train. */
static size_t
lowest_trained(const struct nn *net)
{
	for (size_t i = 0; i < net->layers; i++)
		for (size_t k = 0; k < net->layer[i].params; k++)
			if (net->param[net->layer[i].param[k]].p.grad != NULL && !net->layer[i].frozen)
				return i;
	return net->layers;
}

void
nn_backward(struct nn *net)
{
	size_t lowest = lowest_trained(net), i = net->layers - (net->loss_at_logits ? 1 : 0);

	while (i-- > lowest)
		net->layer[i].kind->backward(&net->layer[i], net->n, i > lowest);
}

double
nn_loss_cross_entropy(struct nn *net, const size_t *target, const double *weight, double smoothing)
{
	struct nn_layer *last = &net->layer[net->layers - 1];
	size_t k = nn_outputs(net);
	double loss = 0;

	for (size_t i = 0; i < net->n; i++) {
		const real *p = last->y->y + i * last->y->stride;
		real *d = last->x->dy + i * last->x->stride;
		double w = weight == NULL ? 1 : weight[target[i]];

		for (size_t c = 0; c < k; c++) {
			double q = (c == target[i] ? 1 - smoothing : 0) + smoothing / (double)k;

			if (q > 0) /* Keras's floor keeps the logarithm finite, but NaN is NaN */
				loss -= w * q * log((double)p[c] < 1e-7 ? 1e-7 : (double)p[c]);
			d[c] = (real)(w * ((double)p[c] - q) / (double)net->n);
		}
	}
	net->loss_at_logits = true;
	return loss / (double)net->n;
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
