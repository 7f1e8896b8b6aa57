/* onnx_graph: the nodes and tensors of an ONNX graph, as a net's layers become them. Only
 * files of this room, where there is protobuf-c, know it. */
#ifndef SER_EXCHANGE_ONNX_GRAPH_H
#define SER_EXCHANGE_ONNX_GRAPH_H

#include "base/mem.h"
#include "exchange/onnx.pb-c.h"
#include "net/layer.h"

/* Convolutions and pools of ONNX want channels before the other dimensions, all else here
 * has them last. What a layer gives stays as it is until one wants it otherwise. */
struct onnx_value {
	const char *name;
	struct nn_shape shape; /* of an example, channels last */
	bool first;            /* its channels come first: (B,C,T) or (B,C,H,W) */
	const size_t *rows;    /* where time may be any: its first dimension for 1 to ONNX_ROWS frames; else NULL */
};

enum { ONNX_ROWS = 512, ONNX_AVERAGED = 256 };

/* Zero-initialise before use; onnx_free releases it. A failure stays: names are "" from
 * then on, and one look at the status after all is enough. */
struct onnx_graph {
	struct mem_pool memory;
	int status;
	Onnx__Node **node;
	size_t nodes;
	Onnx__Tensor **tensor;
	size_t tensors;
	const struct nn_layer *layer; /* whose nodes are made: they are called after it */
	struct onnx_value *value;     /* of each layer so far */
};

/* "02.conv1d", or with a role "02.conv1d/ROLE". */
const char *onnx_name(struct onnx_graph *g, const char *role);

/* Adds a node of n inputs ("" is none) with one output, both called onnx_name(role), which
 * it returns. The functions below belong to the last node. */
const char *onnx_node(struct onnx_graph *g, const char *op, const char *role, size_t n, const char *const *in);
void onnx_float(struct onnx_graph *g, const char *name, double x);
void onnx_int(struct onnx_graph *g, const char *name, size_t x);
void onnx_ints(struct onnx_graph *g, const char *name, size_t n, const int64_t *x);
void onnx_text(struct onnx_graph *g, const char *name, const char *text);
void onnx_second(struct onnx_graph *g);                  /* it has a first output before, which nothing reads */
void onnx_call(struct onnx_graph *g, const char *name); /* its output has another name than it has itself */

#define ONNX_IN(...) (sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)), (const char *[]){ __VA_ARGS__ }

/* A tensor of those values, whose memory onnx_room gives or the caller keeps. */
const char *onnx_tensor(struct onnx_graph *g, const char *name, int rank, const size_t *shape, const float *x);
float *onnx_room(struct onnx_graph *g, size_t n);
size_t *onnx_counts(struct onnx_graph *g, size_t n);
const char *onnx_scalar(struct onnx_graph *g, const char *role, double x);
const char *onnx_indices(struct onnx_graph *g, const char *role, size_t n, const int64_t *x);

/* The layer's k-th weight as it is, and of another shape or order. */
const char *onnx_weight(struct onnx_graph *g, size_t k);
const float *onnx_values(struct onnx_graph *g, size_t k);

/* x with its channels first or last. */
struct onnx_value onnx_first(struct onnx_graph *g, struct onnx_value x);
struct onnx_value onnx_last(struct onnx_graph *g, struct onnx_value x);
struct onnx_value onnx_as(struct onnx_graph *g, struct onnx_value x, bool first);

/* x, a sequence or plane, as the other: nn_as_sequence, channels last, and nn_as_plane. */
struct onnx_value onnx_sequence(struct onnx_graph *g, struct onnx_value x);
struct onnx_value onnx_plane(struct onnx_graph *g, struct onnx_value x);

void onnx_free(struct onnx_graph *g);

#endif
