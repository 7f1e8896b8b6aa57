/* net: the inside of struct nn, for the files behind nn.h alone. parse.c reads
 * the text, build.c plans shapes and memory, run.c does the passes. */
#ifndef SER_NET_NET_H
#define SER_NET_NET_H

#include "net/layer.h"

enum { LAYERS_MAX = 256 };

/* A weight as declared, before the arrays that hold all of them exist. */
struct declared {
	struct nn_param p;
	enum nn_fill fill;
	double fan_in, fan_out;
	enum nn_use use;
};

struct nn {
	const char *name; /* for messages, while it is created */
	struct nn_shape input;
	size_t classes, batch, n; /* n: examples of the last forward */
	uint64_t batches; /* of training so far */
	int threads;
	struct workers *workers;
	bool train;
	bool loss_at_logits; /* the loss left its gradient before the softmax */
	struct nn_layer *layer;
	size_t layers;
	struct nn_act *act;
	size_t acts;
	struct declared *param;
	size_t params;
	real *weight, *grad;
	struct mem_pool memory; /* of all but param, which grows */
	size_t trained, weights;
	size_t gap;
};

/* Fills net->layer from the text of net(5). ST_DATA names the line. */
int nn_parse(struct nn *net, const char *text);

#endif
