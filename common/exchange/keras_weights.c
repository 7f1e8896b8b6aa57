/* Where Keras keeps the weights of a layer. In Keras 3's files, layers are named by their
 * class, numbered from the second on, and their variables by number; in older ones each has a
 * group of its own name, with a list of its weights in their order. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "exchange/hdf5.h"
#include "exchange/keras_inside.h"

#ifdef KERAS_HERE
enum { PATH = 520, ROLES = 6 };

enum only { ALWAYS, BIAS, GAMMA, BETA };

struct role {
	const char *ours;
	const char *part; /* of the group: where the variable is */
	int number;       /* of the variable in its part, from 0 */
	enum only only;   /* it may be missing */
};

#define RECURRENT(way, part)                                                                                           \
	{ way "kernel", part "/cell", 0, ALWAYS }, { way "recurrent", part "/cell", 1, ALWAYS },                            \
	{                                                                                                                  \
		way "bias", part "/cell", 2, BIAS                                                                              \
	}
#define BOTH RECURRENT("forward_", "/forward_layer"), RECURRENT("backward_", "/backward_layer")

static const struct kind {
	const char *ours, *group;
	struct role role[ROLES];
} kinds[] = {
	{ "dense", "dense", { { "kernel", "", 0, ALWAYS }, { "bias", "", 1, BIAS } } },
	{ "conv1d", "conv1d", { { "kernel", "", 0, ALWAYS }, { "bias", "", 1, BIAS } } },
	{ "conv2d", "conv2d", { { "kernel", "", 0, ALWAYS }, { "bias", "", 1, BIAS } } },
	{ "batchnorm", "batch_normalization",
	  { { "gamma", "", 0, GAMMA }, { "beta", "", 1, BETA }, { "mean", "", 2, ALWAYS }, { "variance", "", 3, ALWAYS } } },
	{ "layernorm", "layer_normalization", { { "gamma", "", 0, GAMMA }, { "beta", "", 1, BETA } } },
	{ "normalize", "normalization", { { "mean", "", 0, ALWAYS }, { "deviation", "", 1, ALWAYS } } },
	{ "lstm", "lstm", { RECURRENT("", "") } },
	{ "gru", "gru", { RECURRENT("", "") } },
	{ "bilstm", "bidirectional", { BOTH } },
	{ "bigru", "bidirectional", { BOTH } },
};

static const struct kind *
find_kind(const char *ours)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].ours, ours) == 0)
			return &kinds[i];
	return NULL;
}

const char *
keras_group(const char *kind)
{
	const struct kind *k = find_kind(kind);

	return k == NULL ? NULL : k->group;
}

/* Where a layer's variables are, or (without a number) its part itself. Windows wrote the
 * names of groups, before "vars", as one. */
static void
path_of(const struct keras *k, const char *layers, const char *group, const char *inner, const char *part, char path[PATH])
{
	snprintf(path, PATH, "%s/%s%s%s", layers, group, inner, part);
	for (char *c = path; (c = strchr(c, '/')) != NULL;)
		*c++ = k->between;
}

static void
variable_path(const struct keras *k, const char *group, const char *inner, const char *part, int number, char path[PATH])
{
	size_t n;

	path_of(k, k->layers, group, inner, part, path);
	n = strlen(path);
	snprintf(path + n, PATH - n, "/vars/%d", number);
}

/* The list of layers of tf.keras 2.12 and 2.13. */
static const char twice[] = "_layer_checkpoint_dependencies";

void
keras_find_layers(struct keras *k)
{
	static const char *const layers[] = { "layers", twice };
	char path[PATH];

	k->between = '/';
	for (size_t i = 0; i < 2; i++)
		if (hdf5_has(k->hdf5, layers[i])) {
			k->layers = layers[i];
			return;
		}
	k->between = '\\';
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < sizeof kinds / sizeof *kinds; j++) {
			path_of(k, layers[i], kinds[j].group, "", kinds[j].role[0].part, path);
			if (hdf5_has(k->hdf5, path))
				k->layers = layers[i];
		}
}

/* In that list a layer with weights is twice, and the second time takes a number, too. */
struct keras_count
keras_counted(const struct keras *k)
{
	return (struct keras_count){ .names = k->layers == twice ? 2 : 1 };
}

int
keras_count(struct keras_count *c, const char *group, bool weights, char name[KERAS_GROUP])
{
	size_t i = 0;

	while (i < c->n && strcmp(c->of[i].group, group) != 0)
		i++;
	if (i == KERAS_CLASSES)
		return err_set(ST_DATA, "layers of more than %d classes", KERAS_CLASSES);
	if (i == c->n) {
		snprintf(c->of[i].group, KERAS_GROUP, "%s", group);
		c->n++;
	}
	if (c->of[i].n == 0)
		snprintf(name, KERAS_GROUP, "%s", group);
	else
		snprintf(name, KERAS_GROUP, "%.200s_%zu", group, c->of[i].n);
	c->of[i].n += weights ? c->names : 1;
	return ST_OK;
}

static bool
is_left_out(const struct keras_layer *l, enum only only)
{
	return (only == BIAS && l->no_bias) || (only == GAMMA && l->no_gamma) || (only == BETA && l->no_beta);
}

static enum import_form
form_of(const struct keras_layer *l, const struct role *r)
{
	return l->binary ? IMPORT_BINARY : strcmp(r->ours, "deviation") == 0 ? IMPORT_ROOT : IMPORT_SAME;
}

/* Binds one: to nothing where it is left out. */
static int
bind(const struct keras_layer *l, const struct role *r, const char *path, struct import *to)
{
	struct import_binding *b;
	int rc = import_bind(to, l->ours, r->ours, path == NULL ? IMPORT_CONSTANT : form_of(l, r), path, NULL, &b);

	if (rc == ST_OK)
		b->value = r->only == GAMMA;
	return rc;
}

/* Those of Keras 3. A variable that is left out gives its number to the next of its part. */
static int
bind_numbered(struct keras *k, const struct keras_layer *l, const struct kind *kind, struct import *to)
{
	int left_out = 0, rc = ST_OK;

	for (int i = 0; i < ROLES && kind->role[i].ours != NULL && rc == ST_OK; i++) {
		const struct role *r = &kind->role[i];
		char path[PATH];

		if (i > 0 && strcmp(r->part, r[-1].part) != 0)
			left_out = 0;
		variable_path(k, l->group, l->inner, r->part, r->number - left_out, path);
		if (is_left_out(l, r->only) || (l->open && r->only == BIAS && !hdf5_has(k->hdf5, path))) {
			left_out++;
			rc = bind(l, r, NULL, to);
		} else {
			rc = bind(l, r, path, to);
		}
	}
	return rc;
}

static int
count_roles(const struct keras_layer *l, const struct kind *kind)
{
	int n = 0;

	for (int i = 0; i < ROLES && kind->role[i].ours != NULL; i++)
		n += !is_left_out(l, kind->role[i].only);
	return n;
}

/* Those of older files: by the list of them. */
static int
bind_listed(struct keras *k, const struct keras_layer *l, const struct kind *kind, struct import *to)
{
	struct keras_layer own = *l;
	char group[PATH], path[PATH];
	char **name = NULL;
	size_t n = 0, next = 0;
	int rc;

	snprintf(group, sizeof group, "%s%s%.250s", k->root, strcmp(k->root, "/") == 0 ? "" : "/", l->group);
	if ((rc = hdf5_texts(k->hdf5, group, "weight_names", &name, &n)) != ST_OK)
		return rc;
	own.no_bias = own.no_bias || (l->open && n < (size_t)count_roles(l, kind));
	if (n < (size_t)count_roles(&own, kind))
		rc = err_set(ST_DATA, "%s: %s has %zu weights; %d are required", k->file, group, n, count_roles(&own, kind));
	for (int i = 0; i < ROLES && kind->role[i].ours != NULL && rc == ST_OK; i++) {
		bool left_out = is_left_out(&own, kind->role[i].only);

		if (!left_out)
			snprintf(path, sizeof path, "%.300s/%.200s", group, name[next++]);
		rc = bind(l, &kind->role[i], left_out ? NULL : path, to);
	}
	hdf5_free_texts(name, n);
	return rc;
}

int
keras_bind_layer(struct keras *k, const struct keras_layer *l, struct import *to)
{
	const struct kind *kind = find_kind(l->kind);

	if (kind == NULL)
		return err_set(ST_DATA, "%s: %s is no layer that Keras has", k->file, l->ours);
	return k->layers != NULL ? bind_numbered(k, l, kind, to) : bind_listed(k, l, kind, to);
}

/* The next group of an older file that has weights. */
static int
next_group(struct keras *k, size_t *at, char group[KERAS_GROUP])
{
	char path[PATH];
	char **name;
	size_t n;
	int rc;

	for (; *at < k->groups; ++*at) {
		snprintf(path, sizeof path, "%s%s%.250s", k->root, strcmp(k->root, "/") == 0 ? "" : "/", k->group[*at]);
		if ((rc = hdf5_texts(k->hdf5, path, "weight_names", &name, &n)) != ST_OK)
			return rc;
		hdf5_free_texts(name, n);
		if (n > 0) {
			snprintf(group, KERAS_GROUP, "%s", k->group[(*at)++]);
			return ST_OK;
		}
	}
	return err_set(ST_DATA, "%s: it has weights of fewer layers than the net", k->file);
}

static int
left_over(const struct keras *k, const char *folder, const char *group)
{
	return err_set(ST_DATA, "%s: no layer of the net takes the weights of '%s%s'", k->file, folder, group);
}

/* ST_DATA where the file has weights of more layers than were asked for. */
static int
check_all_bound(struct keras *k, struct keras_count *count, size_t at)
{
	char group[KERAS_GROUP], path[PATH];
	int rc = ST_OK;

	if (k->layers == NULL)
		return next_group(k, &at, group) != ST_OK ? ST_OK : left_over(k, "", group);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && rc == ST_OK; i++) {
		if ((rc = keras_count(count, kinds[i].group, true, group)) != ST_OK)
			break;
		variable_path(k, group, "", kinds[i].role[0].part, 0, path);
		if (hdf5_has(k->hdf5, path))
			rc = left_over(k, "layers/", group);
	}
	return rc;
}

/* The word behind the number: "02.conv1d" is a conv1d. */
static const char *
kind_word(const char *layer)
{
	const char *dot = strchr(layer, '.');

	return dot == NULL ? layer : dot + 1;
}

/* The group of a layer's weights in a file without a description. A dense of each row may be
 * in a wrapper there. */
static int
find_group(struct keras *k, struct nn *net, struct keras_layer *l, size_t layer, struct keras_count *count, size_t *at,
           char group[KERAS_GROUP])
{
	const struct kind *kind = find_kind(l->kind);
	char path[PATH];

	l->group = group;
	if (kind == NULL)
		return ST_OK;
	if (k->layers == NULL)
		return next_group(k, at, group);
	path_of(k, k->layers, "time_distributed", "/layer", "", path);
	if (strcmp(kind->ours, "dense") != 0 || strchr(nn_layer_shape(net, layer), ',') == NULL || !hdf5_has(k->hdf5, path))
		return keras_count(count, kind->group, true, group);
	l->inner = "/layer";
	return keras_count(count, "time_distributed", true, group);
}

int
keras_bind(struct keras *k, struct nn *net, struct import *to)
{
	struct keras_count count = keras_counted(k);
	size_t at = 0, bound = 0;
	int rc = ST_OK;

	for (size_t i = 0; i < nn_params(net) && rc == ST_OK; i++) {
		const char *ours = nn_layer_name(net, nn_param(net, i)->layer - 1);
		struct keras_layer l = { .ours = ours, .kind = kind_word(ours), .inner = "", .open = true };
		char group[KERAS_GROUP];

		if (nn_param(net, i)->layer == bound)
			continue;
		bound = nn_param(net, i)->layer;
		if ((rc = find_group(k, net, &l, bound - 1, &count, &at, group)) == ST_OK)
			rc = keras_bind_layer(k, &l, to);
	}
	return rc == ST_OK ? check_all_bound(k, &count, at) : rc;
}
#endif
