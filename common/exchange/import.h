/* import: which weight of a net comes from which arrays of another program's file, and in
 * which layout. Nothing is read before the net says what must be there. */
#ifndef SER_EXCHANGE_IMPORT_H
#define SER_EXCHANGE_IMPORT_H

#include "exchange/arrays.h"
#include "net/nn.h"

/* What their array becomes; ours has the shape that net(5) says. */
enum import_form {
	IMPORT_SAME,     /* as it is */
	IMPORT_CONSTANT, /* no array: `value` everywhere */
	IMPORT_ROOT,     /* a variance becomes a deviation, of at least 1e-7 */
	IMPORT_BINARY,   /* one output z becomes two, 0 and z: softmax(0, z) = sigmoid(z) */
	IMPORT_TURNED,   /* (out,in) */
	IMPORT_WINDOW,   /* (out,in,window...) */
	IMPORT_SUM,      /* two biases, which were added */
	IMPORT_PAIR,     /* two biases, one for each row */
};

struct import_binding {
	char *weight;  /* ours: "02.conv1d/kernel" */
	char *from[2]; /* theirs */
	enum import_form form;
	double value;
	bool gru;      /* PyTorch's gates r, z, n are ours z, r, h */
	/* What was flattened as (channels,positions) and is (positions,channels) here, in the
	 * first of our dimensions; channels 0: nothing was. */
	size_t channels, positions;
};

struct import {
	const char *file; /* for messages */
	struct import_binding *binding;
	size_t bindings;
};

/* Adds a binding of the layer ("02.conv1d") and role, with the form and names given; names
 * are copied, NULL where there are none. *to may be changed until the next one. */
int import_bind(struct import *m, const char *layer, const char *role, enum import_form form, const char *from,
                const char *and_from, struct import_binding **to);

/* Checks shapes, which must be those that the net's weights require, then, where the net is
 * allocated, fills its weights: ST_DATA, naming both, for a weight without a binding, or an
 * array that is missing, of another shape, or not finite. */
int import_fill(const struct import *m, const struct arrays *file, struct nn *net);

/* Whether the bindings of that layer (from 0) are of arrays of the shapes required. */
bool import_fits(const struct import *m, const struct arrays *file, struct nn *net, size_t layer);

void import_free(struct import *m);

#endif
