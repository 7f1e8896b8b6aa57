/* Shapes, weights and memory of a net. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/thread.h"
#include "net/gemm.h"
#include "net/init.h"
#include "net/net.h"

size_t
nn_size(const struct nn_shape *s)
{
	size_t n = 1;

	for (int i = 0; i < s->rank; i++)
		if (__builtin_mul_overflow(n, s->d[i], &n))
			return SIZE_MAX;
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

int
nn_declare(struct nn_layer *l, const char *role, int rank, const size_t *shape, enum nn_use use, enum nn_fill fill,
           double fan_in, double fan_out)
{
	struct nn *net = l->net;
	struct declared *d;
	size_t length = strlen(l->name) + strlen(role) + 2;
	int rc = mem_push(&net->param, net->params, sizeof *net->param);

	if (rc != ST_OK)
		return rc;
	d = &net->param[net->params];
	*d = (struct declared){ .fill = fill, .fan_in = fan_in, .fan_out = fan_out, .use = use };
	d->p.layer = l->number;
	d->p.decays = use == NN_DECAYING;
	d->p.rank = rank;
	d->p.n = 1;
	for (int i = 0; i < rank; i++) {
		d->p.shape[i] = shape[i];
		if (__builtin_mul_overflow(d->p.n, shape[i], &d->p.n) || d->p.n > (size_t)1 << 31)
			return nn_complain(l, "%s: its %s would be too large", l->kind->name, role);
	}
	d->p.name = mem_take(l->memory, length, 1);
	if (d->p.name == NULL)
		return ST_SYS;
	snprintf(d->p.name, length, "%s/%s", l->name, role);
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
		net->trained += net->param[i].use != NN_STATISTIC ? net->param[i].p.n : 0;
	}
	net->weight = mem_take(&net->memory, net->weights, sizeof *net->weight);
	net->grad = net->train ? mem_take(&net->memory, net->trained, sizeof *net->grad) : NULL;
	if (net->memory.status != ST_OK)
		return ST_SYS;
	for (int trained = 1; trained >= 0; trained--)
		for (size_t i = 0; i < net->params; i++) {
			struct declared *d = &net->param[i];

			if ((d->use != NN_STATISTIC) != trained)
				continue;
			d->p.value = net->weight + at;
			d->p.grad = trained && net->train ? net->grad + at : NULL;
			at += d->p.n;
		}
	return ST_OK;
}

static bool
is_save(const struct nn_layer *l)
{
	return strcmp(l->kind->name, "save") == 0;
}

bool
nn_reads_input(const struct nn_layer *l)
{
	for (size_t k = 0; k < l->net->sources; k++)
		if (l->net->source[k].first == l)
			return true;
	return false;
}

/* What indices of all kinds of passes can count. */
static bool
usable(const struct nn_shape *s)
{
	return nn_size(s) > 0 && nn_size(s) <= (size_t)1 << 31;
}

static int
shape_source(struct nn *net, struct source *to, const struct nn_source *from)
{
	snprintf(to->name, sizeof to->name, "%s", from->name);
	if (from->rank < 1 || from->rank > 3)
		return err_set(ST_DATA, "%s: an example of rank %d cannot go into a net", net->name, from->rank);
	to->shape = (struct nn_shape){ from->rank, { 1, 1, 1 } };
	for (int i = 0; i < from->rank; i++)
		to->shape.d[i] = from->shape[i];
	if (!usable(&to->shape))
		return err_set(ST_DATA, "%s: examples of %zu values are not usable", net->name, nn_size(&to->shape));
	return ST_OK;
}

static int
shape_sources(struct nn *net, const struct nn_source *source, size_t sources)
{
	int rc = ST_OK;

	net->source = mem_take(&net->memory, sources, sizeof *net->source);
	if (net->source == NULL)
		return ST_SYS;
	for (; net->sources < sources && rc == ST_OK; net->sources++)
		rc = shape_source(net, &net->source[net->sources], &source[net->sources]);
	return rc;
}

/* Each line's output and each input are for something. */
static int
check_uses(struct nn *net)
{
	for (size_t i = 0; i < net->layers; i++) {
		struct nn_layer *l = &net->layer[i];

		l->ends = i + 1 < net->layers && (l[1].kind->flags & NN_STARTS) != 0;
		if (is_save(l) && l->last_user == NULL)
			return nn_complain(l, "save: no line after it uses '%s'", l->label);
		if (l->ends && !is_save(l))
			return nn_complain(l, "%s: nothing uses its output, as line %d reads on from elsewhere (save keeps it)",
			                   l->kind->name, l[1].line);
	}
	for (size_t k = 0; k < net->sources; k++)
		if (net->source[k].first == NULL)
			return err_set(ST_DATA, "%s: no line has 'input %s'", net->name, net->source[k].name);
	return ST_OK;
}

static int
shape_layers(struct nn *net)
{
	struct nn_shape s = net->source[0].shape;
	int rc;

	if (strcmp(net->layer[0].kind->name, "input") != 0)
		net->source[0].first = &net->layer[0];
	for (size_t i = 0; i < net->layers; i++) {
		struct nn_layer *l = &net->layer[i];

		l->in = s;
		if ((rc = l->kind->shape(l)) != ST_OK)
			return rc;
		s = l->out;
		if (!usable(&s))
			return nn_complain(l, "%s: its output of %zu values is not usable", l->kind->name, nn_size(&s));
		net->gap = l->gap > net->gap ? l->gap : net->gap;
	}
	if ((rc = check_uses(net)) != ST_OK)
		return rc;
	if (s.rank != 1)
		return nn_complain(&net->layer[net->layers - 1],
		                   "the last layer's output is not of rank 1 (flatten, or a pool, comes before dense)");
	return ST_OK;
}

/* Examples, not the padding before them, are aligned. Products may read some
 * values behind the last (windows.h). */
static real *
act_memory(struct nn *net, const struct nn_act *a)
{
	size_t pad = a->gap * a->row;
	real *memory = mem_take(&net->memory, 2 * pad + net->batch * a->stride + 64, sizeof *memory);

	return memory == NULL ? NULL : memory + (pad + 15) / 16 * 16;
}

static struct nn_act *
make_act(struct nn *net, const struct nn_shape *shape)
{
	struct nn_act *a = &net->act[net->acts++];

	a->shape = *shape;
	a->rows = shape->rank == 1 ? 1 : shape->d[0];
	a->row = nn_size(shape) / a->rows;
	a->gap = shape->rank == 1 ? 0 : net->gap;
	a->stride = (a->rows + a->gap) * a->row;
	a->y = act_memory(net, a);
	a->dy = net->train ? act_memory(net, a) : NULL;
	a->length = mem_take(&net->memory, net->batch, sizeof *a->length);
	return net->memory.status == ST_OK ? a : NULL;
}

/* A layer works in place where no backward needs what it would overwrite: of
 * the layer before, and of those before it that work in place themselves. */
static bool
in_place(const struct nn *net, size_t i)
{
	unsigned flags = net->layer[i].kind->flags;

	if (i == 0 || (flags & NN_IN_PLACE) == 0 || (net->layer[i - 1].kind->flags & NN_SHARED) != 0)
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

/* The same values with a derivative of their own. */
static struct nn_act *
share_act(struct nn *net, const struct nn_act *of)
{
	struct nn_act *a = &net->act[net->acts++];

	*a = *of;
	a->dy = net->train ? act_memory(net, a) : NULL;
	return a;
}

static int
plan_sources(struct nn *net)
{
	net->act = mem_take(&net->memory, net->sources + 2 * net->layers, sizeof *net->act);
	net->loss = mem_take(&net->memory, net->batch, sizeof *net->loss);
	net->group = mem_take(&net->memory, net->batch, sizeof *net->group);
	for (size_t k = 0; k < net->sources && net->memory.status == ST_OK; k++) {
		net->source[k].act = make_act(net, &net->source[k].shape);
		net->source[k].length = mem_take(&net->memory, net->batch, sizeof *net->source[k].length);
	}
	return net->memory.status;
}

/* Where layer i reads and writes; x is what the one before it gives. */
static int
place_layer(struct nn *net, size_t i, struct nn_act *x)
{
	struct nn_layer *l = &net->layer[i];
	bool starts = (l->kind->flags & NN_STARTS) != 0, shared = (l->kind->flags & NN_SHARED) != 0;

	l->x = !starts ? x : l->source != NULL ? l->source->act : l->other->kept;
	if (l->source != NULL || in_place(net, i))
		l->y = l->x;
	else
		l->y = shared ? share_act(net, l->x) : make_act(net, &l->out);
	if (shared && !starts)
		l->kept = share_act(net, l->x);
	return net->memory.status;
}

static int
plan_layers(struct nn *net)
{
	struct nn_act *x;
	int rc = plan_sources(net);

	if (rc != ST_OK)
		return rc;
	x = net->source[0].act;
	for (size_t i = 0; i < net->layers; i++) {
		struct nn_layer *l = &net->layer[i];

		if ((rc = place_layer(net, i, x)) != ST_OK)
			return rc;
		x = l->y;
		if (l->kind->plan != NULL && (rc = l->kind->plan(l)) != ST_OK)
			return rc;
		if (net->train && l->kind->gradient_shard != NULL)
			l->sum = mem_take(&net->memory, NN_BLOCKS * nn_layer_weights(l), sizeof *l->sum);
	}
	return net->memory.status;
}

/* Where there is so little work that threads would wait for each other most of the
 * time, the calling thread does it alone. */
static bool
worth_threads(const struct nn *net)
{
	const double least = 1e6; /* multiply-adds of a forward pass */
	double work = 0;

	for (size_t i = 0; i < net->layers; i++)
		for (size_t k = 0; k < net->layer[i].params; k++)
			work += (double)net->param[net->layer[i].param[k]].p.n * (double)net->layer[i].y->rows;
	return work * (double)net->batch > least;
}

int
nn_open(struct nn **out, const char *text, const char *name, int rank, const size_t *shape, size_t classes,
        size_t batch, bool train, int threads)
{
	const struct nn_source source = { "main", rank, shape };

	return nn_open_inputs(out, text, name, &source, 1, classes, batch, train, threads);
}

int
nn_open_inputs(struct nn **out, const char *text, const char *name, const struct nn_source *source, size_t sources,
               size_t classes, size_t batch, bool train, int threads)
{
	struct nn *net = mem_zero(1, sizeof *net);
	int rc;

	*out = NULL;
	if (net == NULL)
		return ST_SYS;
	net->classes = classes;
	net->batch = batch;
	net->train = train;
	net->threads = threads < 1 ? 1 : threads;
	net->name = name;
	net->layer = mem_take(&net->memory, LAYERS_MAX + 1, sizeof *net->layer);
	if (net->layer == NULL)
		rc = ST_SYS;
	else if ((rc = shape_sources(net, source, sources)) == ST_OK && (rc = nn_parse(net, text)) == ST_OK)
		rc = shape_layers(net);
	if (rc != ST_OK)
		nn_free(net);
	else
		*out = net;
	return rc;
}

int
nn_allocate(struct nn *net, uint64_t limit, uint64_t beside)
{
	uint64_t left = limit > beside ? limit - beside : limit > 0;
	int rc;

	net->memory.limit = left < SIZE_MAX ? (size_t)left : SIZE_MAX;
	if ((rc = place_weights(net)) == ST_OK)
		rc = plan_layers(net);
	if (net->memory.full)
		return err_set(ST_DATA, "%s: the net requires more than %" PRIu64 " MiB of memory; --max-memory allows more",
		               net->name, limit >> 20);
	if (rc != ST_OK)
		return rc;
	net->workers = workers_create(worth_threads(net) ? net->threads : 1);
	return net->workers == NULL ? ST_SYS : ST_OK;
}

int
nn_create(struct nn **out, const char *text, const char *name, int rank, const size_t *shape, size_t classes,
          size_t batch, bool train, int threads)
{
	int rc = nn_open(out, text, name, rank, shape, classes, batch, train, threads);

	if (rc != ST_OK || (rc = nn_allocate(*out, 0, 0)) == ST_OK)
		return rc;
	nn_free(*out);
	*out = NULL;
	return rc;
}

size_t
nn_threads(const struct nn *net)
{
	return (size_t)net->threads;
}

int
nn_use_threads(struct nn *net)
{
	struct workers *workers = workers_create(net->threads);

	if (workers == NULL)
		return ST_SYS;
	workers_free(net->workers);
	net->workers = workers;
	return ST_OK;
}

void
nn_free(struct nn *net)
{
	if (net == NULL)
		return;
	workers_free(net->workers);
	free(net->param);
	mem_release(&net->memory);
	free(net);
}

size_t
nn_batch(const struct nn *net)
{
	return net->batch;
}

size_t
nn_inputs_of(const struct nn *net, size_t k)
{
	return nn_size(&net->source[k].shape);
}

size_t
nn_inputs(const struct nn *net)
{
	return nn_inputs_of(net, 0);
}

size_t
nn_outputs(const struct nn *net)
{
	return nn_size(&net->layer[net->layers - 1].out);
}

bool
nn_ends_in_softmax(const struct nn *net)
{
	return nn_averages(net) || strcmp(net->layer[net->layers - 1].kind->name, "softmax") == 0;
}

bool
nn_averages(const struct nn *net)
{
	return (net->layer[net->layers - 1].kind->flags & NN_AVERAGES) != 0;
}

size_t
nn_layers(const struct nn *net)
{
	return net->layers;
}

const struct nn_layer *
nn_layer_at(const struct nn *net, size_t i)
{
	return &net->layer[i];
}

const char *
nn_layer_name(const struct nn *net, size_t i)
{
	return net->layer[i].name;
}

void
nn_shape_text(const struct nn_shape *s, char *text)
{
	int n = 0;

	for (int k = 0; k < s->rank; k++)
		n += snprintf(text + n, NN_SHAPE_TEXT - (size_t)n, "%s%zu", k == 0 ? "(" : ",", s->d[k]);
	snprintf(text + n, NN_SHAPE_TEXT - (size_t)n, ")");
}

const char *
nn_layer_shape(const struct nn *net, size_t i)
{
	static _Thread_local char text[NN_SHAPE_TEXT];

	nn_shape_text(&net->layer[i].out, text);
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
	net->packed = false;
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
	net->packed = false;
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

	net->packed = false;
	for (size_t i = 0; i < net->params && rc == ST_OK; i++) {
		const struct declared *d = &net->param[i];

		rc = init_fill(d->p.value, d->p.rank, d->p.shape, d->fill, d->fan_in, d->fan_out, seed, d->p.name);
	}
	return rc;
}
