#include "exchange/keras.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "exchange/keras_inside.h"

#ifdef KERAS_HERE
#include "base/mem.h"
#include "exchange/hdf5.h"
#include "exchange/member.h"

enum { CONFIG, WEIGHTS, MEMBERS };

static bool
is_zip(const void *data, size_t n)
{
	return n >= 2 && memcmp(data, "PK", 2) == 0;
}

static int
parse(struct keras *k, const char *what, const char *text, size_t n, cJSON **to)
{
	int rc = json_parse(to, text, n);

	return rc == ST_OK ? rc : err_prefix("%s: %s", k->file, what);
}

/* A group's attribute that is one text, as JSON. */
static int
parse_attribute(struct keras *k, const char *name, cJSON **to)
{
	char **text = NULL;
	size_t n = 0;
	int rc = hdf5_texts(k->hdf5, "/", name, &text, &n);

	if (rc == ST_OK && n != 1)
		rc = err_set(ST_DATA, "%s: the attribute '%s' is no single text", k->file, name);
	if (rc == ST_OK)
		rc = parse(k, name, text[0], strlen(text[0]), to);
	hdf5_free_texts(text, n);
	return rc;
}

static int
open_archive(struct keras *k, const void *data, size_t n)
{
	struct member member[MEMBERS] = { { .name = "config.json" }, { .name = "model.weights.h5" } };
	int rc = member_read(data, n, member, MEMBERS, ARRAYS_FILE_MAX);

	k->unpacked = member[WEIGHTS].data;
	if (rc != ST_OK)
		err_prefix("%s", k->file);
	for (int i = 0; i < MEMBERS && rc == ST_OK; i++)
		if (member[i].data == NULL)
			rc = err_set(ST_DATA, "%s: no Keras model: there is no %s in it", k->file, member[i].name);
	if (rc == ST_OK && (rc = parse(k, "config.json", member[CONFIG].data, member[CONFIG].n, &k->config)) == ST_OK)
		rc = hdf5_open(&k->hdf5, k->unpacked, member[WEIGHTS].n, k->file);
	free(member[CONFIG].data);
	return rc;
}

/* An HDF5 file of one of three forms. */
static int
open_file(struct keras *k, const void *data, size_t n)
{
	int rc = hdf5_open(&k->hdf5, data, n, k->file);

	if (rc == ST_OK && hdf5_has_attribute(k->hdf5, "/", "model_config"))
		rc = parse_attribute(k, "model_config", &k->config);
	if (rc == ST_OK && k->config != NULL && hdf5_has_attribute(k->hdf5, "/", "training_config"))
		rc = parse_attribute(k, "training_config", &k->training);
	return rc;
}

/* Where the layers' weights are. */
static int
find_weights(struct keras *k)
{
	static const char *const roots[] = { "model_weights", "/" };

	keras_find_layers(k);
	for (int i = 0; i < 2 && k->layers == NULL; i++)
		if (hdf5_has_attribute(k->hdf5, roots[i], "layer_names")) {
			k->root = roots[i];
			return hdf5_texts(k->hdf5, k->root, "layer_names", &k->group, &k->groups);
		}
	return k->layers != NULL ? ST_OK : err_set(ST_DATA, "%s: no weights of a Keras model are in it", k->file);
}

int
keras_open(struct keras **out, const char *file, const void *data, size_t n)
{
	struct keras *k = mem_zero(1, sizeof *k);
	int rc;

	*out = NULL;
	if (k == NULL)
		return ST_SYS;
	k->file = file;
	rc = is_zip(data, n) ? open_archive(k, data, n) : open_file(k, data, n);
	if (rc == ST_OK)
		rc = find_weights(k);
	if (rc == ST_OK)
		*out = k;
	else
		keras_close(k);
	return rc;
}

void
keras_close(struct keras *k)
{
	if (k == NULL)
		return;
	hdf5_free_texts(k->group, k->groups);
	hdf5_close(k->hdf5);
	cJSON_Delete(k->config);
	cJSON_Delete(k->training);
	free(k->unpacked);
	free(k);
}

bool
keras_describes(const struct keras *k)
{
	return k->config != NULL;
}

struct arrays
keras_arrays(struct keras *k)
{
	return hdf5_arrays(k->hdf5);
}
#else
int
keras_open(struct keras **out, const char *file, const void *data, size_t n)
{
	(void)data;
	(void)n;
	*out = NULL;
	return err_set(ST_SYS, "%s: this program was built without Keras's files: install libhdf5-dev and libcjson-dev, and "
	               "build it again", file);
}

void
keras_close(struct keras *k)
{
	(void)k;
}

bool
keras_describes(const struct keras *k)
{
	(void)k;
	return false;
}

struct arrays
keras_arrays(struct keras *k)
{
	(void)k;
	return (struct arrays){ 0 };
}

int
keras_net(struct keras *k, struct keras_net *net, struct import *to)
{
	(void)k;
	(void)net;
	(void)to;
	return ST_SYS;
}

int
keras_bind(struct keras *k, struct nn *net, struct import *to)
{
	(void)k;
	(void)net;
	(void)to;
	return ST_SYS;
}
#endif

void
keras_net_free(struct keras_net *net)
{
	free(net->text);
	*net = (struct keras_net){ 0 };
}
