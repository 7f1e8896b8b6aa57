#include "exchange/onnx.h"

#include "base/err.h"

#ifdef HAVE_libprotobuf_c
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/head.h"
#include "exchange/onnx_layers.h"
#include "model/output.h"

enum { IR_VERSION = 8, OPSET = 17 };
static const char probabilities[] = "probabilities", logits[] = "logits", batch[] = "batch", frames[] = "frames";

struct export {
	struct onnx_graph g;
	const struct model *m;
	const char *file;
	struct nn *net;
	const char *input; /* the first's name */
	bool has_logits;
	Onnx__Graph graph;
	Onnx__ValueInfo *port[4]; /* inputs, then outputs */
};

/* Inputs and outputs */

static void *
take(struct export *e, size_t n, size_t size)
{
	return mem_take(&e->g.memory, n, size);
}

/* A value of floats (batch,...), of which a dimension of 0 may be any. */
static Onnx__ValueInfo *
make_port(struct export *e, const char *name, int rank, const size_t *shape, const char *what)
{
	Onnx__ValueInfo *v = take(e, 1, sizeof *v);
	Onnx__Type *type = take(e, 1, sizeof *type);
	Onnx__Type__Tensor *tensor = take(e, 1, sizeof *tensor);
	Onnx__Shape *s = take(e, 1, sizeof *s);
	Onnx__Shape__Dimension **all = take(e, NN_RANK_MAX + 1, sizeof *all), *dim = take(e, NN_RANK_MAX + 1, sizeof *dim);

	if (e->g.memory.status != ST_OK)
		return NULL;
	onnx__value_info__init(v);
	onnx__type__init(type);
	onnx__type__tensor__init(tensor);
	onnx__shape__init(s);
	for (int i = 0; i <= rank; i++) {
		onnx__shape__dimension__init(&dim[i]);
		all[i] = &dim[i];
		dim[i].value_case = i == 0 || shape[i - 1] == 0 ? ONNX__SHAPE__DIMENSION__VALUE_DIM_PARAM : ONNX__SHAPE__DIMENSION__VALUE_DIM_VALUE;
		if (i == 0 || shape[i - 1] == 0)
			dim[i].dim_param = (char *)(i == 0 ? batch : frames);
		else
			dim[i].dim_value = (int64_t)shape[i - 1];
	}
	s->n_dim = (size_t)rank + 1;
	s->dim = all;
	tensor->has_elem_type = true;
	tensor->elem_type = ONNX__TENSOR__DATA_TYPE__FLOAT;
	tensor->shape = s;
	type->tensor_type = tensor;
	v->name = (char *)name;
	v->type = type;
	v->doc_string = (char *)what;
	return v;
}

static int
make_ports(struct export *e)
{
	static const char what[] = "as nnpredict(1) takes them: the metadata has their settings";
	const struct model *m = e->m;
	Onnx__ValueInfo **to = e->port;

	e->graph.input = to;
	*to++ = make_port(e, e->input, m->rank, m->shape, what);
	if (m->beside.name != NULL)
		*to++ = make_port(e, m->beside.name, m->beside.rank, m->beside.shape, what);
	e->graph.n_input = (size_t)(to - e->port);
	e->graph.output = to;
	*to++ = make_port(e, probabilities, 1, &m->classes, "of the classes in the order of the metadata's, at the model's temperature");
	if (e->has_logits)
		*to++ = make_port(e, logits, 1, &m->classes, "before the temperature and softmax");
	e->graph.n_output = (size_t)(to - e->graph.output);
	return e->g.memory.status;
}

/* The first input is `features` unless the second is called so. */
static int
name_inputs(struct export *e)
{
	const char *second = e->m->beside.name;

	e->input = second != NULL && strcmp(second, "features") == 0 ? "main" : "features";
	if (second != NULL && (strcmp(second, probabilities) == 0 || strcmp(second, logits) == 0 || (second[0] >= '0' && second[0] <= '9')))
		return err_set(ST_DATA, "%s: its net has an input '%s', which is what ONNX calls something else", e->file, second);
	return ST_OK;
}

/* The net's layers */

/* 1, 2, ... frames, where their number is not fixed. */
static const size_t *
count_frames(struct onnx_graph *g, const struct model *m)
{
	size_t *rows = model_varies(m) ? onnx_counts(g, ONNX_ROWS) : NULL;

	for (size_t t = 0; t < ONNX_ROWS && rows != NULL; t++)
		rows[t] = t + 1;
	return rows;
}

static struct nn_shape
shape_of(int rank, const size_t *d)
{
	struct nn_shape s = { rank, { 1, 1, 1 } };

	memcpy(s.d, d, (size_t)rank * sizeof *d);
	return s;
}

static struct onnx_value
find_input(struct export *e, const char *name)
{
	const struct model_beside *b = &e->m->beside;

	if (b->name != NULL && name != NULL && strcmp(name, b->name) == 0)
		return (struct onnx_value){ .name = b->name, .shape = shape_of(b->rank, b->shape) };
	return (struct onnx_value){ .name = e->input, .shape = shape_of(e->m->rank, e->m->shape), .rows = count_frames(&e->g, e->m) };
}

static bool
is(const struct nn_layer *l, const char *kind)
{
	return strcmp(l->kind->name, kind) == 0;
}

/* What comes into the last layer where that is softmax, by the name of the output. */
static struct onnx_value
show_logits(struct export *e, struct onnx_value x)
{
	struct onnx_graph *g = &e->g;

	e->has_logits = true;
	onnx_node(g, "Identity", logits, ONNX_IN(x.name));
	if (g->status == ST_OK)
		onnx_call(g, logits);
	x.name = logits;
	if (e->m->temperature != 1)
		x.name = onnx_node(g, "Div", "tempered", ONNX_IN(logits, onnx_scalar(g, "temperature", e->m->temperature)));
	return x;
}

/* Scores: what is negative counts as 0, then parts of the sum, equal ones where that is 0. */
static void
from_scores(struct export *e, const char *x)
{
	struct onnx_graph *g = &e->g;
	const char *positive = onnx_node(g, "Relu", "positive", ONNX_IN(x)), *sum, *any, *zero = onnx_scalar(g, "zero", 0);
	const size_t classes = e->m->classes;

	sum = onnx_node(g, "ReduceSum", "sum", ONNX_IN(positive, onnx_indices(g, "axis", 1, (int64_t[]){ 1 })));
	any = onnx_node(g, "Greater", "any", ONNX_IN(sum, zero));
	positive = onnx_node(g, "Div", "part", ONNX_IN(positive, sum));
	onnx_node(g, "Where", probabilities, ONNX_IN(any, positive, onnx_scalar(g, "equal", 1 / (double)classes)));
}

/* A number between two classes is split between them by its nearness. */
static void
from_number(struct export *e, const char *x)
{
	struct onnx_graph *g = &e->g;
	size_t classes = e->m->classes;
	float *index = onnx_room(g, classes);

	for (size_t i = 0; i < classes && index != NULL; i++)
		index[i] = (float)i;
	x = onnx_node(g, "Clip", "within", ONNX_IN(x, onnx_scalar(g, "least", 0), onnx_scalar(g, "most", (double)(classes - 1))));
	x = onnx_node(g, "Sub", "difference", ONNX_IN(x, onnx_tensor(g, onnx_name(g, "indices"), 1, &classes, index)));
	x = onnx_node(g, "Abs", "distance", ONNX_IN(x));
	x = onnx_node(g, "Sub", "nearness", ONNX_IN(onnx_scalar(g, "one", 1), x));
	onnx_node(g, "Relu", probabilities, ONNX_IN(x));
}

/* The mean of softmaxes at a temperature: the softmax of its logarithms over that. */
static void
temper(struct export *e, const char *x)
{
	struct onnx_graph *g = &e->g;
	const char *logarithm = onnx_node(g, "Log", "logarithm", ONNX_IN(x));

	logarithm = onnx_node(g, "Div", "tempered", ONNX_IN(logarithm, onnx_scalar(g, "temperature", e->m->temperature)));
	onnx_node(g, "Softmax", probabilities, ONNX_IN(logarithm));
	onnx_int(g, "axis", 1);
}

/* What nnpredict makes of the net's outputs (model/output.h). The last node's is the
 * probabilities. */
static int
finish(struct export *e, const char *x)
{
	enum output_kind kind;
	int rc = output_kind(e->net, e->file, e->m->classes, &kind);

	if (rc != ST_OK)
		return rc;
	if (kind == OUTPUT_SCORES)
		from_scores(e, x);
	else if (kind == OUTPUT_NUMBER)
		from_number(e, x);
	else if (nn_averages(e->net) && e->m->temperature != 1)
		temper(e, x);
	if (e->g.status == ST_OK)
		onnx_call(&e->g, probabilities);
	return e->g.status;
}

static int
make_nodes(struct export *e)
{
	struct onnx_graph *g = &e->g;
	size_t layers = nn_layers(e->net);
	struct onnx_value x = find_input(e, NULL);
	int rc = ST_OK;

	g->value = take(e, layers, sizeof *g->value);
	if (g->memory.status != ST_OK)
		return ST_SYS;
	for (size_t i = 0; i < layers && rc == ST_OK; i++) {
		g->layer = nn_layer_at(e->net, i);
		if (is(g->layer, "input"))
			x = find_input(e, g->layer->label);
		if (i + 1 == layers && is(g->layer, "softmax"))
			x = show_logits(e, x);
		if ((rc = onnx_layer(g, x, &g->value[i])) == ST_OK)
			x = g->value[i];
	}
	return rc == ST_OK ? finish(e, x.name) : rc;
}

/* The file */

static int
add_head(struct export *e, const struct meta *head, Onnx__Model *model)
{
	struct head_pair *pair;
	Onnx__Property **all, *property;
	size_t n;
	int rc = head_pairs(head, &e->g.memory, &pair, &n);

	if (rc != ST_OK)
		return rc;
	all = take(e, n, sizeof *all);
	property = take(e, n, sizeof *property);
	if (all == NULL || property == NULL)
		return ST_SYS;
	for (size_t i = 0; i < n; i++) {
		onnx__property__init(&property[i]);
		property[i].key = (char *)pair[i].name;
		property[i].value = (char *)pair[i].value;
		all[i] = &property[i];
	}
	model->n_metadata_props = n;
	model->metadata_props = all;
	return ST_OK;
}

/* What protobuf-c gives goes on to the output; a failure stays. */
struct sink {
	ProtobufCBuffer base;
	struct io_out *out;
	int status;
};

static void
append(ProtobufCBuffer *buffer, size_t n, const uint8_t *data)
{
	struct sink *s = (struct sink *)buffer;

	if (s->status == ST_OK)
		s->status = io_write(s->out, data, n);
}

static int
write_model(struct export *e, const struct meta *head, struct io_out *out)
{
	static const char what[] = "Probabilities of classes for a recording's features. The metadata has what the model's "
		"head says, values of one name on a line each: class, net, feature.*, temperature, pg. The examples of a batch "
		"have the same number of frames.";
	Onnx__OperatorSet set = ONNX__OPERATOR_SET__INIT, *sets = &set;
	Onnx__Model model = ONNX__MODEL__INIT;
	struct sink sink = { { append }, out, ST_OK };
	int rc = add_head(e, head, &model);

	if (rc != ST_OK)
		return rc;
	set.domain = (char *)"";
	set.has_version = model.has_ir_version = true;
	set.version = OPSET;
	model.ir_version = IR_VERSION;
	model.producer_name = (char *)"sertools";
	model.producer_version = (char *)SER_VERSION;
	model.doc_string = (char *)what;
	model.graph = &e->graph;
	model.n_opset_import = 1;
	model.opset_import = &sets;
	if (onnx__model__get_packed_size(&model) > INT32_MAX)
		return err_set(ST_DATA, "%s: it has more than the 2 GB that an ONNX file can hold", e->file);
	onnx__model__pack_to_buffer(&model, &sink.base);
	return sink.status;
}

int
onnx_write(const struct model *m, const char *file, struct nn *net, const struct meta *head, struct io_out *out)
{
	struct export e = { .m = m, .file = file, .net = net };
	int rc = name_inputs(&e);

	onnx__graph__init(&e.graph);
	e.graph.name = (char *)"net";
	if (rc == ST_OK && (rc = make_nodes(&e)) == ST_OK && (rc = make_ports(&e)) == ST_OK) {
		e.graph.n_node = e.g.nodes;
		e.graph.node = e.g.node;
		e.graph.n_initializer = e.g.tensors;
		e.graph.initializer = e.g.tensor;
		rc = write_model(&e, head, out);
	}
	onnx_free(&e.g);
	return rc;
}
#else
int
onnx_write(const struct model *m, const char *file, struct nn *net, const struct meta *head, struct io_out *out)
{
	(void)m;
	(void)file;
	(void)net;
	(void)head;
	(void)out;
	return err_set(ST_SYS, "built without ONNX: install libprotobuf-c-dev and protobuf-c-compiler, then make again");
}
#endif
