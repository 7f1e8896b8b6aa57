/* keras_inside: for the files behind keras.h alone. keras_open.c opens files, keras_net.c makes
 * nets of descriptions, keras_weights.c finds weights. */
#ifndef SER_EXCHANGE_KERAS_INSIDE_H
#define SER_EXCHANGE_KERAS_INSIDE_H

#include "exchange/json.h"
#include "exchange/keras.h"

#if defined HAVE_hdf5 && defined HAVE_libcjson
#define KERAS_HERE

struct keras {
	const char *file;
	char *unpacked;      /* the HDF5 file of an archive */
	struct hdf5 *hdf5;
	cJSON *config;       /* of the model; NULL: not known */
	cJSON *training;     /* of HDF5 files; NULL: not known */
	const char *layers;  /* the group of layers, named by class; NULL in older files */
	char between;        /* names of groups: '\\' in files that Windows wrote, else '/' */
	const char *root;    /* the group of layers, by their own names, in these */
	char **group;        /* their names, in order */
	size_t groups;
};

enum { KERAS_GROUP = 256, KERAS_CLASSES = 64 };

/* How often each class of layer was met. */
struct keras_count {
	struct {
		char group[KERAS_GROUP];
		size_t n;
	} of[KERAS_CLASSES];
	size_t n;
	size_t names; /* that each layer with weights takes */
};

/* What is known of a layer whose weights are to be bound. */
struct keras_layer {
	const char *ours;  /* "02.batchnorm" */
	const char *kind;  /* "batchnorm" */
	const char *group; /* of its class: "batch_normalization"; or the layer's own name */
	const char *inner; /* of a wrapper: "/layer"; else "" */
	bool open;         /* what may be missing is not known: the file tells */
	bool no_bias, no_gamma, no_beta;
	bool binary;       /* IMPORT_BINARY */
};

/* None of a file's layers yet. */
struct keras_count keras_counted(const struct keras *k);

/* The group of the next layer of that class, as "conv1d_2", with weights or without; ST_DATA
 * where there are too many. */
int keras_count(struct keras_count *c, const char *group, bool weights, char name[KERAS_GROUP]);

/* Finds the group of layers named by class, if the file has it. */
void keras_find_layers(struct keras *k);

/* The group of the Keras class that is our kind of layer; NULL where there is none. */
const char *keras_group(const char *kind);

/* Binds all weights of a layer. */
int keras_bind_layer(struct keras *k, const struct keras_layer *l, struct import *to);
#endif

#endif
