#include "exchange/onnx_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/order.h"

static void *
take(struct onnx_graph *g, size_t n, size_t size)
{
	void *memory = g->status == ST_OK ? mem_take(&g->memory, n, size) : NULL;

	g->status = g->memory.status != ST_OK ? g->memory.status : g->status;
	return memory;
}

/* Whether another item has room behind the n at *items. */
static bool
push(struct onnx_graph *g, void *items, size_t n, size_t size)
{
	if (g->status == ST_OK)
		g->status = mem_push(items, n, size);
	return g->status == ST_OK;
}

static char *
copy(struct onnx_graph *g, const char *text)
{
	size_t n = strlen(text) + 1;
	char *to = take(g, n, 1);

	return to == NULL ? NULL : memcpy(to, text, n);
}

const char *
onnx_name(struct onnx_graph *g, const char *role)
{
	size_t n = strlen(g->layer->name) + (role == NULL ? 0 : strlen(role) + 1) + 1;
	char *name = take(g, n, 1);

	if (name == NULL)
		return "";
	snprintf(name, n, "%s%s%s", g->layer->name, role == NULL ? "" : "/", role == NULL ? "" : role);
	return name;
}

/* Nodes */

static int
fill_node(struct onnx_graph *g, Onnx__Node *node, size_t n, const char *const *in)
{
	node->input = take(g, n, sizeof *node->input);
	node->output = take(g, 2, sizeof *node->output);
	for (size_t i = 0; i < n && node->input != NULL; i++)
		node->input[i] = copy(g, in[i]);
	if (g->status != ST_OK)
		return g->status;
	node->n_input = n;
	node->n_output = 1;
	node->output[0] = node->name;
	return ST_OK;
}

const char *
onnx_node(struct onnx_graph *g, const char *op, const char *role, size_t n, const char *const *in)
{
	const char *name = onnx_name(g, role);
	Onnx__Node *node = take(g, 1, sizeof *node);

	if (node == NULL || !push(g, &g->node, g->nodes, sizeof *g->node))
		return "";
	onnx__node__init(node);
	node->op_type = copy(g, op);
	node->name = copy(g, name);
	if (fill_node(g, node, n, in) != ST_OK)
		return "";
	g->node[g->nodes++] = node;
	return name;
}

/* A new attribute of the last node, or NULL. */
static Onnx__Attribute *
attribute(struct onnx_graph *g, const char *name, Onnx__Attribute__Type type)
{
	Onnx__Attribute *a = take(g, 1, sizeof *a), **all;
	Onnx__Node *node;

	if (a == NULL)
		return NULL;
	node = g->node[g->nodes - 1];
	all = take(g, node->n_attribute + 1, sizeof *all);
	onnx__attribute__init(a);
	a->name = copy(g, name);
	a->has_type = true;
	a->type = type;
	if (g->status != ST_OK)
		return NULL;
	if (node->n_attribute > 0)
		memcpy(all, node->attribute, node->n_attribute * sizeof *all);
	all[node->n_attribute++] = a;
	node->attribute = all;
	return a;
}

void
onnx_float(struct onnx_graph *g, const char *name, double x)
{
	Onnx__Attribute *a = attribute(g, name, ONNX__ATTRIBUTE__TYPE__FLOAT);

	if (a == NULL)
		return;
	a->has_f = true;
	a->f = (float)x;
}

void
onnx_int(struct onnx_graph *g, const char *name, size_t x)
{
	Onnx__Attribute *a = attribute(g, name, ONNX__ATTRIBUTE__TYPE__INT);

	if (a == NULL)
		return;
	a->has_i = true;
	a->i = (int64_t)x;
}

void
onnx_ints(struct onnx_graph *g, const char *name, size_t n, const int64_t *x)
{
	Onnx__Attribute *a = attribute(g, name, ONNX__ATTRIBUTE__TYPE__INTS);
	int64_t *ints = take(g, n, sizeof *ints);

	if (a == NULL || ints == NULL)
		return;
	memcpy(ints, x, n * sizeof *ints);
	a->n_ints = n;
	a->ints = ints;
}

void
onnx_text(struct onnx_graph *g, const char *name, const char *text)
{
	Onnx__Attribute *a = attribute(g, name, ONNX__ATTRIBUTE__TYPE__STRING);
	char *s = copy(g, text);

	if (a == NULL || s == NULL)
		return;
	a->has_s = true;
	a->s = (ProtobufCBinaryData){ strlen(s), (uint8_t *)s };
}

void
onnx_second(struct onnx_graph *g)
{
	Onnx__Node *node;
	char *none = copy(g, "");

	if (none == NULL)
		return;
	node = g->node[g->nodes - 1];
	node->n_output = 2;
	node->output[1] = node->output[0];
	node->output[0] = none;
}

void
onnx_call(struct onnx_graph *g, const char *name)
{
	char *own = copy(g, name);

	if (own != NULL)
		g->node[g->nodes - 1]->output[0] = own;
}

/* Tensors */

/* Of numbers of size bytes, which this turns into the order of files. */
static const char *
add_tensor(struct onnx_graph *g, const char *name, int rank, const size_t *shape, Onnx__Tensor__DataType type, size_t size,
           void *data)
{
	Onnx__Tensor *t = take(g, 1, sizeof *t);
	int64_t *dims = take(g, NN_RANK_MAX, sizeof *dims);
	uint64_t n = 1;

	if (g->status != ST_OK || !push(g, &g->tensor, g->tensors, sizeof *g->tensor))
		return "";
	onnx__tensor__init(t);
	for (int i = 0; i < rank; i++) {
		dims[i] = (int64_t)shape[i];
		n *= shape[i];
	}
	t->n_dims = (size_t)rank;
	t->dims = dims;
	t->has_data_type = t->has_raw_data = true;
	t->data_type = (int32_t)type;
	t->raw_data = (ProtobufCBinaryData){ (size_t)n * size, data };
	t->name = copy(g, name);
	if (order_differs())
		order_turn(data, size, n);
	g->tensor[g->tensors++] = t;
	return t->name == NULL ? "" : t->name;
}

float *
onnx_room(struct onnx_graph *g, size_t n)
{
	return take(g, n, sizeof(float));
}

size_t *
onnx_counts(struct onnx_graph *g, size_t n)
{
	return take(g, n, sizeof(size_t));
}

const char *
onnx_tensor(struct onnx_graph *g, const char *name, int rank, const size_t *shape, const float *x)
{
	size_t n = 1;
	float *own;

	for (int i = 0; i < rank; i++)
		n *= shape[i];
	own = onnx_room(g, n);
	if (own == NULL || x == NULL)
		return "";
	memcpy(own, x, n * sizeof *own);
	return add_tensor(g, name, rank, shape, ONNX__TENSOR__DATA_TYPE__FLOAT, sizeof *own, own);
}

const char *
onnx_scalar(struct onnx_graph *g, const char *role, double x)
{
	const float value = (float)x;

	return onnx_tensor(g, onnx_name(g, role), 0, NULL, &value);
}

const char *
onnx_indices(struct onnx_graph *g, const char *role, size_t n, const int64_t *x)
{
	int64_t *own = take(g, n, sizeof *own);

	if (own == NULL)
		return "";
	memcpy(own, x, n * sizeof *own);
	return add_tensor(g, onnx_name(g, role), 1, &n, ONNX__TENSOR__DATA_TYPE__INT64, sizeof *own, own);
}

const float *
onnx_values(struct onnx_graph *g, size_t k)
{
	const struct nn_param *p = nn_param(g->layer->net, g->layer->param[k]);
	float *to = onnx_room(g, p->n);

	for (size_t i = 0; i < p->n && to != NULL; i++)
		to[i] = (float)p->value[i];
	return to;
}

const char *
onnx_weight(struct onnx_graph *g, size_t k)
{
	const struct nn_param *p = nn_param(g->layer->net, g->layer->param[k]);

	return onnx_tensor(g, p->name, p->rank, p->shape, onnx_values(g, k));
}

/* Layouts */

struct onnx_value
onnx_as(struct onnx_graph *g, struct onnx_value x, bool first)
{
	static const int64_t to_first[] = { 0, 3, 1, 2 }, to_last[] = { 0, 2, 3, 1 }, turn[] = { 0, 2, 1 };

	if (x.first == first || x.shape.rank == 1)
		return x;
	x.name = onnx_node(g, "Transpose", first ? "channels_first" : "channels_last", ONNX_IN(x.name));
	onnx_ints(g, "perm", (size_t)x.shape.rank + 1, x.shape.rank == 2 ? turn : first ? to_first : to_last);
	x.first = first;
	return x;
}

struct onnx_value
onnx_first(struct onnx_graph *g, struct onnx_value x)
{
	return onnx_as(g, x, true);
}

struct onnx_value
onnx_last(struct onnx_graph *g, struct onnx_value x)
{
	return onnx_as(g, x, false);
}

struct onnx_value
onnx_sequence(struct onnx_graph *g, struct onnx_value x)
{
	if (x.shape.rank != 3)
		return x;
	x = onnx_last(g, x);
	x.name = onnx_node(g, "Reshape", "rows", ONNX_IN(x.name, onnx_indices(g, "rows_shape", 3, (int64_t[]){ 0, 0, -1 })));
	x.shape = nn_as_sequence(&x.shape);
	return x;
}

struct onnx_value
onnx_plane(struct onnx_graph *g, struct onnx_value x)
{
	if (x.shape.rank != 2)
		return x;
	x = onnx_last(g, x);
	x.name = onnx_node(g, "Unsqueeze", "plane", ONNX_IN(x.name, onnx_indices(g, "plane_axis", 1, (int64_t[]){ 1 })));
	x.shape = nn_as_plane(&x.shape);
	x.first = true;
	return x;
}

void
onnx_free(struct onnx_graph *g)
{
	free(g->node);
	free(g->tensor);
	mem_release(&g->memory);
	*g = (struct onnx_graph){ 0 };
}
