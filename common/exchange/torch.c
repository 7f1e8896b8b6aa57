/* A module of PyTorch is known by what its weights are called and how they are shaped
 * (pytorch.org/docs/stable/nn.html):
 *
 *     Linear              weight (out,in), bias
 *     Conv1d, Conv2d      weight (out,in,window...), bias
 *     BatchNorm           running_mean, running_var; weight and bias unless affine=False
 *     LayerNorm           weight and bias of rank 1
 *     LSTM, GRU           weight_ih_lN (gates*units,in), weight_hh_lN, bias_ih_lN, bias_hh_lN, and
 *                         the same with _reverse; gates i f g o, and r z n
 *     buffers             mean and std, for normalize
 *
 * A layer N of an LSTM or GRU counts as a module MODULE.lN. */
#include "exchange/torch.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { NAME = 256 };

enum part {
	WEIGHT, BIAS, MEAN, VARIANCE, BATCHES, IH, HH, BIAS_IH, BIAS_HH, BACK_IH, BACK_HH, BACK_BIAS_IH, BACK_BIAS_HH,
	AVERAGE, STD, PARTS
};
static const char *const part_names[PARTS] = { "weight", "bias", "running_mean", "running_var", "num_batches_tracked",
	"weight_ih_l#", "weight_hh_l#", "bias_ih_l#", "bias_hh_l#", "weight_ih_l#_reverse", "weight_hh_l#_reverse",
	"bias_ih_l#_reverse", "bias_hh_l#_reverse", "mean", "std" };

struct module {
	char name[NAME];
	const char *part[PARTS]; /* whole names, NULL: it has none */
	bool used;
};

struct torch {
	struct safetensors *file;
	struct arrays arrays;
	const char *name; /* of the file */
	struct nn *net;
	struct module *module;
	size_t modules;
	struct import *to;
};

/* Text */

/* Whether a line's words set that option, by name or as the n-th value alone. */
static bool
sets(const char *line, size_t n, const char *option, int nth)
{
	int values = -1; /* the first word is the layer */

	for (size_t i = 0; i < n;) {
		size_t from = i += strspn(line + i, " \t\r"), end = from + strcspn(line + from, " \t\r\n#");

		if (end > n || end == from)
			break;
		if (memchr(line + from, '=', end - from) == NULL)
			values++;
		else if (strncmp(line + from, option, strlen(option)) == 0 && line[from + strlen(option)] == '=')
			return true;
		i = end;
	}
	return values >= nth;
}

int
torch_text(const char *text, char **out)
{
	struct str s = { 0 };

	while (*text != '\0') {
		size_t n = strcspn(text, "\n"), code = strcspn(text, "\n#"), at = strspn(text, " \t");
		size_t word = strcspn(text + at, " \t\r\n#");
		bool batch = word == 9 && strncmp(text + at, "batchnorm", 9) == 0;
		bool layer = word == 9 && strncmp(text + at, "layernorm", 9) == 0;

		if ((batch || layer) && !sets(text, code, "epsilon", batch ? 2 : 1)) {
			size_t end = code;

			while (end > 0 && strchr(" \t\r", text[end - 1]) != NULL)
				end--;
			str_addn(&s, text, end);
			str_add(&s, " epsilon=1e-05");
			str_addn(&s, text + end, n - end);
		} else {
			str_addn(&s, text, n);
		}
		text += n;
		if (*text == '\n') {
			str_addc(&s, '\n');
			text++;
		}
	}
	return str_take(&s, out);
}

/* Modules */

/* Whether a part's name is that pattern, where # is a number, put into *number. */
static bool
is_part(const char *name, const char *pattern, size_t *number)
{
	const char *mark = strchr(pattern, '#');
	size_t before = mark == NULL ? 0 : (size_t)(mark - pattern), digits;

	if (mark == NULL)
		return strcmp(name, pattern) == 0;
	if (strncmp(name, pattern, before) != 0)
		return false;
	digits = strspn(name + before, "0123456789");
	*number = digits > 0 && digits < 6 ? strtoul(name + before, NULL, 10) : 0;
	return digits > 0 && digits < 6 && strcmp(name + before + digits, mark + 1) == 0;
}

static int
find_module(struct torch *t, const char *name, struct module **m)
{
	int rc;

	for (size_t i = 0; i < t->modules; i++)
		if (strcmp(t->module[i].name, name) == 0) {
			*m = &t->module[i];
			return ST_OK;
		}
	if ((rc = mem_push(&t->module, t->modules, sizeof *t->module)) != ST_OK)
		return rc;
	*m = &t->module[t->modules++];
	**m = (struct module){ .used = false };
	snprintf((*m)->name, NAME, "%s", name);
	return ST_OK;
}

static int
take_name(struct torch *t, const char *name)
{
	const char *dot = strrchr(name, '.'), *last = dot == NULL ? name : dot + 1;
	size_t n = dot == NULL ? 0 : (size_t)(dot - name), number = 0;
	enum part part = 0;
	struct module *m;
	char module[NAME];
	int rc;

	while (part < PARTS && !is_part(last, part_names[part], &number))
		part++;
	if (part == PARTS)
		return err_set(ST_DATA, "%s: '%.200s' is no weight of a module that can be imported", t->name, name);
	if (n > NAME - 16)
		return err_set(ST_DATA, "%s: '%.60s...' is too long a name", t->name, name);
	if (part >= IH && part <= BACK_BIAS_HH)
		snprintf(module, sizeof module, "%.*s%sl%zu", (int)n, name, n == 0 ? "" : ".", number);
	else
		snprintf(module, sizeof module, "%.*s", (int)n, name);
	if ((rc = find_module(t, module, &m)) == ST_OK)
		m->part[part] = name;
	return rc;
}

static int
weight_rank(const struct torch *t, const char *name, size_t *rows, size_t *columns)
{
	struct array_shape s;

	if (name == NULL || t->arrays.shape(t->arrays.ctx, name, &s) != ST_OK)
		return 0;
	*rows = s.rank > 0 ? s.d[0] : 0;
	*columns = s.rank > 1 ? s.d[1] : 0;
	return s.rank;
}

/* The kind of layer that a module is, NULL where it is none. */
static const char *
kind_of(const struct torch *t, const struct module *m)
{
	static const char *const by_rank[] = { NULL, "layernorm", "dense", "conv1d", "conv2d" };
	size_t rows = 0, columns = 0;
	int rank = weight_rank(t, m->part[m->part[HH] != NULL ? HH : WEIGHT], &rows, &columns);
	bool both = m->part[BACK_HH] != NULL;

	if (m->part[HH] != NULL)
		return rows == 4 * columns ? (both ? "bilstm" : "lstm") : rows == 3 * columns ? (both ? "bigru" : "gru") : NULL;
	if (m->part[MEAN] != NULL)
		return "batchnorm";
	if (m->part[STD] != NULL)
		return "normalize";
	return rank < 5 ? by_rank[rank] : NULL;
}

/* Net */

static const char *
kind_at(const struct torch *t, size_t layer)
{
	const char *name = nn_layer_name(t->net, layer), *dot = strchr(name, '.');

	return dot == NULL ? name : dot + 1;
}

static bool
is_one_of(const char *word, const char *const *list)
{
	while (*list != NULL && strcmp(*list, word) != 0)
		list++;
	return *list != NULL;
}

/* The nearest layer before that one which is none of a list; false where there is none. */
static bool
pass_over(const struct torch *t, size_t *layer, const char *const *list)
{
	while ((*layer)-- > 0)
		if (!is_one_of(kind_at(t, *layer), list))
			return true;
	return false;
}

/* Of a layer that reads what was flattened: PyTorch's convolutions have channels first, so
 * that a row is (channels,positions) there and (positions,channels) here. Others have them
 * last in both. */
static int
flattened(const struct torch *t, size_t layer, struct import_binding *b)
{
	static const char *const also[] = { "relu", "elu", "tanh", "sigmoid", "dropout", "channeldropout", "batchnorm", "save",
		"add", "maxpool1d", "maxpool2d", "avgpool1d", "avgpool2d", NULL };
	static const char *const keep[] = { "relu", "elu", "tanh", "sigmoid", "dropout", "channeldropout", "batchnorm", "save",
		NULL };
	static const char *const unclear[] = { "load", "concat", "multiply", NULL };
	bool plane = is_one_of(kind_at(t, layer), (const char *const[]){ "lstm", "gru", "bilstm", "bigru", NULL });
	struct array_shape from;
	size_t at = layer;

	if (!plane && (!pass_over(t, &at, keep) || strcmp(kind_at(t, at), "flatten") != 0))
		return ST_OK;
	if (at == 0)
		return ST_OK;
	from = arrays_parse(nn_layer_shape(t->net, at - 1));
	if (!pass_over(t, &at, also) || from.rank < 2 || (plane && from.rank < 3))
		return ST_OK;
	if (is_one_of(kind_at(t, at), unclear))
		return err_set(ST_DATA, "%s: whether what %s reads has its channels first is not clear behind %s", t->name,
		               nn_layer_name(t->net, layer), kind_at(t, at));
	if (strcmp(kind_at(t, at), "conv1d") == 0 || strcmp(kind_at(t, at), "conv2d") == 0) {
		b->channels = from.d[from.rank - 1];
		b->positions = plane ? from.d[1] : from.rank == 3 ? from.d[0] * from.d[1] : from.d[0];
	}
	return ST_OK;
}

/* Binding */

static int
bind(const struct torch *t, struct import *to, size_t layer, const char *role, enum import_form form, const char *from,
     const char *and_from, double otherwise)
{
	struct import_binding *b;
	int rc = import_bind(to, nn_layer_name(t->net, layer), role, from == NULL ? IMPORT_CONSTANT : form, from,
	                     from == NULL ? NULL : and_from, &b);

	if (rc == ST_OK)
		b->value = otherwise;
	return rc;
}

/* One direction of an LSTM or GRU; first is its IH. */
static int
bind_recurrent(const struct torch *t, struct import *to, size_t layer, const struct module *m, enum part first,
               const char *way, bool gru)
{
	const char *const *part = &m->part[first];
	char role[3][32];
	size_t before = to->bindings;
	int rc;

	snprintf(role[0], sizeof role[0], "%skernel", way);
	snprintf(role[1], sizeof role[1], "%srecurrent", way);
	snprintf(role[2], sizeof role[2], "%sbias", way);
	if ((rc = bind(t, to, layer, role[0], IMPORT_TURNED, part[0], NULL, 0)) != ST_OK ||
	    (rc = bind(t, to, layer, role[1], IMPORT_TURNED, part[1], NULL, 0)) != ST_OK ||
	    (rc = bind(t, to, layer, role[2], gru ? IMPORT_PAIR : IMPORT_SUM, part[2], part[3], 0)) != ST_OK)
		return rc;
	for (size_t i = before; i < to->bindings; i++)
		to->binding[i].gru = gru;
	return flattened(t, layer, &to->binding[before]);
}

static int
bind_norm(const struct torch *t, struct import *to, size_t layer, const struct module *m, bool batch)
{
	size_t before = to->bindings;
	int rc;

	if ((rc = bind(t, to, layer, "gamma", IMPORT_SAME, m->part[WEIGHT], NULL, 1)) != ST_OK ||
	    (rc = bind(t, to, layer, "beta", IMPORT_SAME, m->part[BIAS], NULL, 0)) != ST_OK)
		return rc;
	if (batch && ((rc = bind(t, to, layer, "mean", IMPORT_SAME, m->part[MEAN], NULL, 0)) != ST_OK ||
	              (rc = bind(t, to, layer, "variance", IMPORT_SAME, m->part[VARIANCE], NULL, 1)) != ST_OK))
		return rc;
	for (size_t i = before; i < to->bindings && rc == ST_OK; i++)
		rc = flattened(t, layer, &to->binding[i]);
	return rc;
}

/* All weights of a layer to those of a module of its kind. */
static int
bind_module(const struct torch *t, struct import *to, size_t layer, const struct module *m)
{
	const char *kind = kind_at(t, layer);
	bool gru = strstr(kind, "gru") != NULL;
	int rc;

	if (m->part[HH] != NULL) {
		rc = bind_recurrent(t, to, layer, m, IH, kind[0] == 'b' ? "forward_" : "", gru);
		return rc == ST_OK && kind[0] == 'b' ? bind_recurrent(t, to, layer, m, BACK_IH, "backward_", gru) : rc;
	}
	if (strcmp(kind, "batchnorm") == 0 || strcmp(kind, "layernorm") == 0)
		return bind_norm(t, to, layer, m, kind[0] == 'b');
	if (strcmp(kind, "normalize") == 0)
		return (rc = bind(t, to, layer, "mean", IMPORT_SAME, m->part[AVERAGE], NULL, 0)) != ST_OK
		           ? rc
		           : bind(t, to, layer, "deviation", IMPORT_SAME, m->part[STD], NULL, 1);
	rc = bind(t, to, layer, "kernel", kind[0] == 'd' ? IMPORT_TURNED : IMPORT_WINDOW, m->part[WEIGHT], NULL, 0);
	if (rc == ST_OK && kind[0] == 'd')
		rc = flattened(t, layer, &to->binding[to->bindings - 1]);
	return rc == ST_OK ? bind(t, to, layer, "bias", IMPORT_SAME, m->part[BIAS], NULL, 0) : rc;
}

/* Whether the module is of the layer's kind, and its weights of the shapes required. */
static bool
fits(const struct torch *t, size_t layer, const struct module *m)
{
	struct import trial = { .file = t->name };
	const char *kind = kind_of(t, m);
	bool fit = kind != NULL && strcmp(kind, kind_at(t, layer)) == 0 && bind_module(t, &trial, layer, m) == ST_OK &&
	           import_fits(&trial, &t->arrays, t->net, layer);

	import_free(&trial);
	return fit;
}

/* Choice */

/* By the numbers in names that are the same but for them. */
static int
by_number(const void *a, const void *b)
{
	const char *x = (*(struct module *const *)a)->name, *y = (*(struct module *const *)b)->name;

	while (*x != '\0' && *y != '\0') {
		if (isdigit((unsigned char)*x) && isdigit((unsigned char)*y)) {
			char *after_x, *after_y;
			unsigned long long n = strtoull(x, &after_x, 10), k = strtoull(y, &after_y, 10);

			if (n != k)
				return n < k ? -1 : 1;
			x = after_x;
			y = after_y;
		} else if (*x++ != *y++) {
			break;
		}
	}
	return 0;
}

static bool
differ_in_numbers(const char *x, const char *y)
{
	for (; *x != '\0' || *y != '\0'; x++, y++) {
		bool digits = isdigit((unsigned char)*x) && isdigit((unsigned char)*y);

		if (!digits && *x != *y)
			return false;
		while (digits && isdigit((unsigned char)x[1]))
			x++;
		while (digits && isdigit((unsigned char)y[1]))
			y++;
	}
	return true;
}

/* The k-th weight of a layer, NULL behind its last. */
static const struct nn_param *
param_of(const struct torch *t, size_t layer, size_t k)
{
	for (size_t i = 0; i < nn_params(t->net); i++)
		if (nn_param(t->net, i)->layer == layer + 1 && k-- == 0)
			return nn_param(t->net, i);
	return NULL;
}

/* Whether two layers could take each other's weights. */
static bool
are_alike(const struct torch *t, size_t a, size_t b)
{
	const struct nn_param *p = param_of(t, a, 0), *q = param_of(t, b, 0);

	if (strcmp(kind_at(t, a), kind_at(t, b)) != 0)
		return false;
	for (size_t k = 0; p != NULL && q != NULL; p = param_of(t, a, ++k), q = param_of(t, b, k))
		if (p->rank != q->rank || memcmp(p->shape, q->shape, (size_t)p->rank * sizeof *p->shape) != 0)
			return false;
	return p == q;
}

/* Layers of the same kind and shapes as one. */
static size_t
alike(const struct torch *t, size_t layer, const bool *done, size_t *list)
{
	size_t n = 0;

	for (size_t i = 0; i < nn_layers(t->net); i++)
		if (!done[i] && are_alike(t, layer, i))
			list[n++] = i;
	return n;
}

static int
complain(const struct torch *t, const struct nn_param *p, struct module *const *fit, size_t n, size_t layers)
{
	const char *ours = nn_layer_name(t->net, p->layer - 1);
	struct str names = { 0 };

	if (n == 0) {
		struct array_shape shape = { .rank = p->rank };
		char text[ARRAYS_TEXT];

		for (int i = 0; i < p->rank; i++)
			shape.d[i] = p->shape[i];
		return err_set(ST_DATA, "%s: no module in it is a %s whose weights fit %s, of shape %s as net(5) has it", t->name,
		               kind_at(t, p->layer - 1), p->name, arrays_text(&shape, text));
	}
	for (size_t i = 0; i < n && i < 8; i++)
		str_addf(&names, "%s%.60s", i == 0 ? "" : ", ", fit[i]->name);
	err_set(ST_DATA, "%s: %s %s of %zu modules that fit (%s): --map %s=%.60s says which", t->name, ours,
	        layers > 1 ? "and others may be any" : "may be any", n, names.text == NULL ? "" : names.text, ours, fit[0]->name);
	str_free(&names);
	return ST_DATA;
}

static int
take(struct torch *t, size_t layer, struct module *m, bool *done)
{
	m->used = true;
	done[layer] = true;
	return bind_module(t, t->to, layer, m);
}

/* The layer of a weight, its first, and those like it. */
static int
choose(struct torch *t, const struct nn_param *p, bool *done, struct module **fit, size_t *layers)
{
	size_t layer = p->layer - 1, n = 0, required = alike(t, layer, done, layers);
	bool clear = true;
	int rc = ST_OK;

	for (size_t i = 0; i < t->modules; i++)
		if (!t->module[i].used && fits(t, layer, &t->module[i]))
			fit[n++] = &t->module[i];
	for (size_t i = 1; i < n; i++)
		clear = clear && differ_in_numbers(fit[0]->name, fit[i]->name);
	if (n < required && err_status() == ST_SYS) /* one that could not be looked at */
		return ST_SYS;
	if (n == 0 || n != required || !clear)
		return complain(t, p, fit, n, required);
	qsort(fit, n, sizeof *fit, by_number);
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = take(t, layers[i], fit[i], done);
	return rc;
}

/* "LAYER=MODULE" */
static int
take_mapped(struct torch *t, const char *map, bool *done)
{
	const char *equals = strchr(map, '=');
	size_t n = equals == NULL ? 0 : (size_t)(equals - map), layer = 0, i = 0;

	while (layer < nn_layers(t->net) &&
	       (n != strlen(nn_layer_name(t->net, layer)) || strncmp(nn_layer_name(t->net, layer), map, n) != 0))
		layer++;
	if (equals == NULL || layer == nn_layers(t->net))
		return err_set(ST_USAGE, "--map: '%.100s' is not LAYER=MODULE with a layer of the net, as in 03.dense=fc", map);
	while (i < t->modules && strcmp(t->module[i].name, equals + 1) != 0)
		i++;
	if (i == t->modules)
		return err_set(ST_USAGE, "--map %.100s: there is no such module in %s", map, t->name);
	if (done[layer] || t->module[i].used)
		return err_set(ST_USAGE, "--map %.100s: given twice", map);
	if (!fits(t, layer, &t->module[i]))
		return err_set(ST_USAGE, "--map %.100s: that module is of another kind or shape", map);
	return take(t, layer, &t->module[i], done);
}

static int
check_used(const struct torch *t)
{
	for (size_t i = 0; i < t->modules; i++)
		if (!t->module[i].used)
			return err_set(ST_DATA, "%s: no layer of the net takes the weights of module '%.200s'", t->name,
			               t->module[i].name);
	return ST_OK;
}

/* Each layer that has weights. */
static int
bind_all(struct torch *t, char *const *map, size_t maps, bool *done, struct module **fit, size_t *layers)
{
	int rc = ST_OK;

	for (size_t i = 0; i < maps && rc == ST_OK; i++)
		rc = take_mapped(t, map[i], done);
	for (size_t i = 0; i < nn_params(t->net) && rc == ST_OK; i++) {
		const struct nn_param *p = nn_param(t->net, i);

		if (!done[p->layer - 1])
			rc = choose(t, p, done, fit, layers);
	}
	return rc == ST_OK ? check_used(t) : rc;
}

int
torch_bind(struct safetensors *s, const char *file, struct nn *net, char *const *map, size_t maps, struct import *to)
{
	struct torch t = { .file = s, .arrays = safetensors_arrays(s), .name = file, .net = net, .to = to };
	bool *done = mem_zero(nn_layers(net), sizeof *done);
	size_t *layers = mem_zero(nn_layers(net), sizeof *layers);
	struct module **fit = NULL;
	int rc = done == NULL || layers == NULL ? ST_SYS : ST_OK;

	for (size_t i = 0; i < safetensors_count(s) && rc == ST_OK; i++)
		rc = take_name(&t, safetensors_name(s, i));
	if (rc == ST_OK && (fit = mem_zero(t.modules, sizeof(struct module *))) == NULL)
		rc = ST_SYS;
	if (rc == ST_OK)
		rc = bind_all(&t, map, maps, done, fit, layers);
	free(t.module);
	free(fit);
	free(layers);
	free(done);
	return rc;
}
