/* net: the inside of struct nn, for the files behind nn.h alone. parse.c reads
 * the text, build.c plans shapes and memory, run.c does the passes, length.c
 * keeps padding out of them. */
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

/* An input. */
struct source {
	char name[NN_LABEL_MAX];
	struct nn_shape shape;
	struct nn_act *act;
	struct nn_layer *first; /* that sees it */
	size_t *length;         /* of the next batch's examples; 0: all rows */
};

struct nn {
	const char *name; /* for messages, while it is created */
	struct source *source;
	size_t sources;
	size_t classes, batch, n; /* n: examples of the last forward */
	uint64_t batches; /* of training so far */
	int threads;
	struct workers *workers;
	bool train;
	bool packed; /* no weight was given out since the last pass */
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
	double *loss; /* of each example of a batch */
	uint64_t *group; /* of the next batch's examples; 0: none */
	struct nn_layer *speaker; /* its speakernorm */
};

/* Fills net->layer from the text of net(5). ST_DATA names the line. */
int nn_parse(struct nn *net, const char *text);

/* Takes the lengths of n examples over from nn_set_length to the inputs. */
void length_begin(struct nn *net, size_t n);

/* Once x's are known: the lengths of the layer's output. */
void length_pass(const struct nn_layer *l, size_t n);

/* Zeroes the padding of examples [first, last) in y or dy. */
void length_clear(const struct nn_act *a, real *data, size_t first, size_t last);

#endif
