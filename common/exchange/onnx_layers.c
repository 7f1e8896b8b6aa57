#include "exchange/onnx_layers.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "net/pool.h"

/* The layer's argument of that name. */
static double
arg(const struct nn_layer *l, const char *name)
{
	int i = 0;

	while (strcmp(l->kind->arg[i].name, name) != 0)
		i++;
	return l->arg[i];
}

static size_t
count(const struct nn_layer *l, const char *name)
{
	return (size_t)arg(l, name);
}

static bool
is(const struct nn_layer *l, const char *kind)
{
	return strcmp(l->kind->name, kind) == 0;
}

/* The last dimension: channels. */
static size_t
channels(const struct onnx_value *x)
{
	return x->shape.d[x->shape.rank - 1];
}

/* As x, with another name. */
static struct onnx_value
renamed(struct onnx_value x, const char *name)
{
	x.name = name;
	return x;
}

/* Time */

/* Where time is: (B,C,T), or (B,T,C). */
static int64_t
time_axis(const struct onnx_value *x)
{
	return x->first ? 2 : 1;
}

static const char *
rows_of(struct onnx_graph *g, const char *role, const char *x, int64_t axis)
{
	const char *rows = onnx_node(g, "Shape", role, ONNX_IN(x));

	onnx_int(g, "start", (size_t)axis);
	onnx_int(g, "end", (size_t)axis + 1);
	return rows;
}

/* The first so many rows of y. */
static const char *
first_rows(struct onnx_graph *g, const char *role, const char *y, const char *rows, int64_t axis)
{
	static const int64_t zero[] = { 0 };
	char from[64], of[64];

	snprintf(from, sizeof from, "%s_from", role == NULL ? "rows" : role);
	snprintf(of, sizeof of, "%s_axis", role == NULL ? "rows" : role);
	return onnx_node(g, "Slice", role, ONNX_IN(y, onnx_indices(g, from, 1, zero), rows, onnx_indices(g, of, 1, &axis)));
}

/* Windows over any number T of x's rows: y has one for each that begins within them, as
 * what is behind counts for nothing. Those that do not end within them are dropped, but
 * for the first: there are (T - reach + stride) / stride, at least one. */
static const char *
whole_windows(struct onnx_graph *g, const char *x, const char *y, size_t reach, size_t stride)
{
	const int64_t more[] = { (int64_t)stride - (int64_t)reach }, by[] = { (int64_t)stride }, least[] = { 1 };
	const char *rows = rows_of(g, "frames", x, 2);

	if (more[0] != 0)
		rows = onnx_node(g, "Add", "room", ONNX_IN(rows, onnx_indices(g, "more", 1, more)));
	rows = onnx_node(g, "Div", "windows", ONNX_IN(rows, onnx_indices(g, "stride", 1, by)));
	rows = onnx_node(g, "Max", "rows", ONNX_IN(rows, onnx_indices(g, "least", 1, least)));
	return first_rows(g, NULL, y, rows, 2);
}

/* Convolutions and pools */

/* The kernel (..., in, out) as (out, in, ...). */
static const char *
turned_kernel(struct onnx_graph *g)
{
	const struct nn_param *p = nn_param(g->layer->net, g->layer->param[0]);
	int spatial = p->rank - 2;
	size_t in = p->shape[spatial], out = p->shape[spatial + 1], taps = p->n / in / out;
	size_t shape[NN_RANK_MAX] = { out, in, p->shape[0], p->shape[1] };
	const float *from = onnx_values(g, 0);
	float *to = onnx_room(g, p->n);

	if (from == NULL || to == NULL)
		return "";
	for (size_t t = 0; t < taps; t++)
		for (size_t i = 0; i < in; i++)
			for (size_t o = 0; o < out; o++)
				to[(o * in + i) * taps + t] = from[(t * in + i) * out + o];
	return onnx_tensor(g, p->name, p->rank, shape, to);
}

static void
set_axes(struct onnx_graph *g, const struct conv_axis *axis, size_t axes, const int64_t *pads)
{
	int64_t kernel[2] = { 0 }, stride[2] = { 0 }, dilation[2] = { 0 };

	for (size_t i = 0; i < axes; i++) {
		kernel[i] = (int64_t)axis[i].kernel;
		stride[i] = (int64_t)axis[i].stride;
		dilation[i] = (int64_t)axis[i].dilation;
	}
	onnx_ints(g, "kernel_shape", axes, kernel);
	onnx_ints(g, "strides", axes, stride);
	if (is(g->layer, "conv1d") || is(g->layer, "conv2d"))
		onnx_ints(g, "dilations", axes, dilation);
	if (pads == NULL)
		onnx_text(g, "auto_pad", "SAME_UPPER");
	else
		onnx_ints(g, "pads", 2 * axes, pads);
}

static size_t
reach_of(const struct conv_axis *a)
{
	return (a->kernel - 1) * a->dilation + 1;
}

/* Zeros behind the values that the windows look at. */
static int64_t
after(const struct conv_axis *a)
{
	size_t extent = (a->out - 1) * a->stride + reach_of(a), have = a->before + a->in;

	return extent > have ? (int64_t)(extent - have) : 0;
}

/* x has its channels first. Where time varies, zeros before it follow from T at a stride
 * above 1, which ONNX can only say for all dimensions and without dilation. */
static int
conv(struct onnx_graph *g, struct onnx_value x, struct conv_axis *axis, size_t axes, struct onnx_value *y)
{
	struct nn_layer l = *g->layer;
	int64_t pads[4] = { 0 };
	bool valid = axis[0].padding == CONV_VALID, auto_pad = x.rows != NULL && !valid && axis[0].stride > 1 && axis[0].kernel > 1;
	const char *kernel = turned_kernel(g);
	int rc;

	for (size_t i = 0; i < axes; i++) {
		if ((rc = conv_fit(&l, &axis[i])) != ST_OK)
			return rc;
		pads[i] = (int64_t)axis[i].before;
		pads[axes + i] = after(&axis[i]);
	}
	if (auto_pad && axis[0].dilation > 1)
		return nn_complain(&l, "%s: ONNX has no stride and dilation together over any number of frames", l.kind->name);
	if (valid && x.rows != NULL)
		pads[axes] = (int64_t)reach_of(&axis[0]) - 1;
	y->name = onnx_node(g, "Conv", valid && x.rows != NULL ? "all" : NULL, ONNX_IN(x.name, kernel, onnx_weight(g, 1)));
	set_axes(g, axis, axes, auto_pad ? NULL : pads);
	if (valid && x.rows != NULL)
		y->name = whole_windows(g, x.name, y->name, reach_of(&axis[0]), axis[0].stride);
	y->first = true;
	return ST_OK;
}

static int
conv1d(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	const struct nn_layer *l = g->layer;
	struct conv_axis axis = { .in = l->in.d[0], .kernel = count(l, "width"), .stride = count(l, "stride"),
		.dilation = count(l, "dilation"), .padding = (enum conv_padding)arg(l, "padding") };

	return conv(g, onnx_first(g, onnx_sequence(g, x)), &axis, 1, y);
}

static int
conv2d(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	static const char *const kernel[] = { "height", "width" }, *const stride[] = { "stride_height", "stride_width" };
	const struct nn_layer *l = g->layer;
	struct conv_axis axis[2];

	for (int i = 0; i < 2; i++)
		axis[i] = (struct conv_axis){ .in = l->in.d[i], .kernel = count(l, kernel[i]), .dilation = count(l, "dilation"),
			.stride = count(l, arg(l, stride[i]) == 0 ? "stride" : stride[i]), .padding = (enum conv_padding)arg(l, "padding") };
	return conv(g, onnx_first(g, onnx_plane(g, x)), axis, 2, y);
}

/* What windows see outside is no part of the largest value or the mean: ONNX leaves it out
 * of both, by default. Where time varies, windows look at rows behind the last with
 * padding=valid, and with padding=same a stride above 1 is as in conv. */
static int
pool(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	const struct nn_layer *l = g->layer;
	size_t axes = (size_t)l->in.rank - 1;
	struct conv_axis axis[2] = { { 0 } };
	int64_t pads[4] = { 0 };
	bool cut, auto_pad, gaps = false;

	for (size_t i = 0; i < axes; i++) {
		axis[i] = pool_axis(l, (int)i, l->in.d[i]);
		pads[i] = (int64_t)axis[i].before;
		pads[axes + i] = after(&axis[i]);
		gaps |= axis[i].stride > axis[i].kernel;
	}
	auto_pad = x.rows != NULL && axis[0].padding == CONV_SAME && axis[0].stride > 1 && axis[0].kernel > 1;
	if (auto_pad && gaps) /* onnxruntime takes its padding for negative */
		return nn_complain(l, "%s: ONNX has no stride above the size with padding=same over any number of frames", l->kind->name);
	if (x.rows != NULL && axis[0].padding == CONV_VALID)
		pads[axes] = (int64_t)axis[0].kernel - 1;
	cut = axis[0].padding == CONV_VALID && pads[axes] > 0;
	x = onnx_first(g, axes == 2 ? onnx_plane(g, x) : onnx_sequence(g, x));
	y->name = onnx_node(g, l->kind->name[0] == 'm' ? "MaxPool" : "AveragePool", cut ? "all" : NULL, ONNX_IN(x.name));
	set_axes(g, axis, axes, auto_pad ? NULL : pads);
	if (cut)
		y->name = whole_windows(g, x.name, y->name, axis[0].kernel, axis[0].stride);
	y->first = true;
	return ST_OK;
}

/* A reduction over all dimensions but channels. */
static const char *
reduce(struct onnx_graph *g, const char *op, const char *role, struct onnx_value x, bool keep)
{
	static const int64_t axes[] = { 1, 2, 3 };
	const char *y = onnx_node(g, op, role, ONNX_IN(x.name));

	onnx_ints(g, "axes", (size_t)x.shape.rank - 1, axes + x.first);
	onnx_int(g, "keepdims", keep);
	return y;
}

static int
global_pool(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	y->name = reduce(g, is(g->layer, "globalmaxpool") ? "ReduceMax" : "ReduceMean", NULL, x, false);
	return ST_OK;
}

static int
stats_pool(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	const char *mean = reduce(g, "ReduceMean", "kept_mean", x, true);
	const char *centred = onnx_node(g, "Sub", "centred", ONNX_IN(x.name, mean));
	const char *square = onnx_node(g, "Mul", "square", ONNX_IN(centred, centred));
	const char *variance = reduce(g, "ReduceMean", "variance", renamed(x, square), false);
	const char *more = onnx_node(g, "Add", "more", ONNX_IN(variance, onnx_scalar(g, "epsilon", arg(g->layer, "epsilon"))));
	const char *deviation = onnx_node(g, "Sqrt", "deviation", ONNX_IN(more));

	y->name = onnx_node(g, "Concat", NULL, ONNX_IN(reduce(g, "ReduceMean", "mean", x, false), deviation));
	onnx_int(g, "axis", 1);
	return ST_OK;
}

/* Weights w (B,1,T) of the rows; the mean of what they weigh is w times these. */
static int
attention_pool(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	static const int64_t one[] = { 1 };
	const char *in = onnx_last(g, onnx_sequence(g, x)).name;
	const char *product = onnx_node(g, "MatMul", "product", ONNX_IN(in, onnx_weight(g, 0)));
	const char *sum = onnx_node(g, "Add", "sum", ONNX_IN(product, onnx_weight(g, 1)));
	const char *hidden = onnx_node(g, "Tanh", "hidden", ONNX_IN(sum));
	const char *score = onnx_node(g, "MatMul", "score", ONNX_IN(hidden, onnx_weight(g, 2)));
	const char *row = onnx_node(g, "Unsqueeze", "score_row", ONNX_IN(score, onnx_indices(g, "row_axis", 1, one)));
	const char *weight = onnx_node(g, "Softmax", "weight", ONNX_IN(row)), *mean, *centred, *square, *variance, *most;

	onnx_int(g, "axis", 2);
	mean = onnx_node(g, "MatMul", "mean", ONNX_IN(weight, in));
	centred = onnx_node(g, "Sub", "centred", ONNX_IN(in, mean));
	square = onnx_node(g, "Mul", "square", ONNX_IN(centred, centred));
	variance = onnx_node(g, "MatMul", "variance", ONNX_IN(weight, square));
	most = onnx_node(g, "Max", "most", ONNX_IN(variance, onnx_scalar(g, "epsilon", arg(g->layer, "epsilon"))));
	most = onnx_node(g, "Sqrt", "deviation", ONNX_IN(most));
	mean = onnx_node(g, "Concat", "both", ONNX_IN(mean, most));
	onnx_int(g, "axis", 2);
	y->name = onnx_node(g, "Flatten", NULL, ONNX_IN(mean));
	return ST_OK;
}

/* Products */

static int
dense(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	const char *kernel = onnx_weight(g, 0), *bias = onnx_weight(g, 1);

	x = onnx_last(g, x);
	if (x.shape.rank == 1)
		y->name = onnx_node(g, "Gemm", NULL, ONNX_IN(x.name, kernel, bias));
	else
		y->name = onnx_node(g, "Add", NULL, ONNX_IN(onnx_node(g, "MatMul", "product", ONNX_IN(x.name, kernel)), bias));
	return ST_OK;
}

static int
flatten(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	y->name = onnx_node(g, "Flatten", NULL, ONNX_IN(onnx_last(g, x).name));
	return ST_OK;
}

/* Recurrent layers */

/* A weight (rows, gates u) of one direction, whose gates ONNX has in another order, at to as
 * (gates u, rows). */
static void
turn_gates(struct onnx_graph *g, size_t k, size_t u, const size_t *order, float *to)
{
	const struct nn_param *p = nn_param(g->layer->net, g->layer->param[k]);
	size_t all = p->shape[p->rank - 1], rows = p->n / all;
	const float *from = onnx_values(g, k);

	for (size_t c = 0; c < all && from != NULL; c++)
		for (size_t r = 0; r < rows; r++)
			to[c * rows + r] = from[r * all + order[c / u] * u + c % u];
}

/* A weight of all directions, (directions, gates u, rows). */
static const char *
gates(struct onnx_graph *g, size_t k, size_t directions, size_t u, const size_t *order, const char *role)
{
	const struct nn_param *p = nn_param(g->layer->net, g->layer->param[k]);
	const size_t shape[] = { directions, p->shape[1], p->shape[0] };
	float *to = onnx_room(g, directions * p->n);

	for (size_t d = 0; d < directions && to != NULL; d++)
		turn_gates(g, 3 * d + k, u, order, to + d * p->n);
	return onnx_tensor(g, onnx_name(g, role), 3, shape, to);
}

/* Biases of x's products, and behind them of the state's, (directions, 2 gates u). */
static const char *
biases(struct onnx_graph *g, size_t directions, size_t u, const size_t *order)
{
	const struct nn_param *p = nn_param(g->layer->net, g->layer->param[2]);
	size_t all = p->shape[p->rank - 1], rows = p->n / all;
	const size_t shape[] = { directions, 2 * all };
	float *to = onnx_room(g, directions * 2 * all);

	for (size_t d = 0; d < directions && to != NULL; d++) {
		const float *from = onnx_values(g, 3 * d + 2);

		for (size_t c = 0; c < rows * all && from != NULL; c++)
			to[d * 2 * all + c] = from[c / all * all + order[c % all / u] * u + c % u];
	}
	return onnx_tensor(g, onnx_name(g, "bias"), 2, shape, to);
}

/* y (T,directions,B,u), or the last state (directions,B,u), as (B,T,directions u) or
 * (B,directions u). */
static const char *
batch_first(struct onnx_graph *g, const char *y, bool sequence)
{
	static const int64_t all[] = { 2, 0, 1, 3 }, last[] = { 1, 0, 2 }, shape[] = { 0, 0, -1 };
	const char *turned = onnx_node(g, "Transpose", "batch_first", ONNX_IN(y));

	onnx_ints(g, "perm", sequence ? 4 : 3, sequence ? all : last);
	if (!sequence)
		return onnx_node(g, "Flatten", NULL, ONNX_IN(turned));
	return onnx_node(g, "Reshape", NULL, ONNX_IN(turned, onnx_indices(g, "shape", 3, shape)));
}

static int
recurrent(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	static const size_t iofc[] = { 0, 3, 1, 2 }, zrh[] = { 0, 1, 2 };
	static const int64_t time_first[] = { 1, 0, 2 };
	const struct nn_layer *l = g->layer;
	size_t u = count(l, "units"), directions = l->params / 3;
	bool is_lstm = strstr(l->kind->name, "lstm") != NULL, sequence = l->out.rank == 2;
	const size_t *order = is_lstm ? iofc : zrh;
	const char *in = onnx_last(g, onnx_sequence(g, x)).name, *steps = onnx_node(g, "Transpose", "time_first", ONNX_IN(in));
	const char *kernel, *state, *bias;

	onnx_ints(g, "perm", 3, time_first);
	kernel = gates(g, 0, directions, u, order, "kernel");
	state = gates(g, 1, directions, u, order, "recurrent");
	bias = biases(g, directions, u, order);
	y->name = onnx_node(g, is_lstm ? "LSTM" : "GRU", "states", ONNX_IN(steps, kernel, state, bias));
	onnx_text(g, "direction", directions == 2 ? "bidirectional" : "forward");
	onnx_int(g, "hidden_size", u);
	if (!is_lstm)
		onnx_int(g, "linear_before_reset", 1);
	if (!sequence)
		onnx_second(g);
	y->name = batch_first(g, y->name, sequence);
	return ST_OK;
}

/* Normalisation */

static int
normalize(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	const char *mean = onnx_weight(g, 0), *deviation = onnx_weight(g, 1);

	x = onnx_last(g, x);
	y->name = onnx_node(g, "Div", NULL, ONNX_IN(onnx_node(g, "Sub", "centred", ONNX_IN(x.name, mean)), deviation));
	return ST_OK;
}

static int
batchnorm(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	x = onnx_first(g, x);
	y->name = onnx_node(g, "BatchNormalization", NULL,
	                    ONNX_IN(x.name, onnx_weight(g, 0), onnx_weight(g, 1), onnx_weight(g, 2), onnx_weight(g, 3)));
	onnx_float(g, "epsilon", arg(g->layer, "epsilon"));
	y->first = x.first;
	return ST_OK;
}

static int
layernorm(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	y->name = onnx_node(g, "LayerNormalization", NULL, ONNX_IN(onnx_last(g, x).name, onnx_weight(g, 0), onnx_weight(g, 1)));
	onnx_float(g, "epsilon", arg(g->layer, "epsilon"));
	return ST_OK;
}

/* By what it has learnt of all speakers: nothing else is known there. */
static int
speakernorm(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	size_t f = channels(&x);
	float *one = onnx_room(g, f), *zero = onnx_room(g, f);
	const char *gamma, *beta;

	for (size_t i = 0; i < f && one != NULL; i++)
		one[i] = 1;
	gamma = onnx_tensor(g, onnx_name(g, "one"), 1, &f, one);
	beta = onnx_tensor(g, onnx_name(g, "zero"), 1, &f, zero);
	y->name = onnx_node(g, "BatchNormalization", NULL, ONNX_IN(x.name, gamma, beta, onnx_weight(g, 0), onnx_weight(g, 1)));
	onnx_float(g, "epsilon", arg(g->layer, "epsilon"));
	return ST_OK;
}

/* Activations */

static int
activation(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	static const char *const op[][2] = { { "relu", "Relu" }, { "elu", "Elu" }, { "tanh", "Tanh" }, { "sigmoid", "Sigmoid" } };
	size_t i = 0;

	while (!is(g->layer, op[i][0]))
		i++;
	*y = renamed(x, onnx_node(g, op[i][1], NULL, ONNX_IN(x.name)));
	if (is(g->layer, "elu"))
		onnx_float(g, "alpha", arg(g->layer, "alpha"));
	return ST_OK;
}

static int
softmax(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	y->name = onnx_node(g, "Softmax", NULL, ONNX_IN(x.name));
	onnx_int(g, "axis", 1);
	return ST_OK;
}

/* dropout does nothing outside of training, and save and input are no work. */
static int
nothing(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	(void)g;
	*y = x;
	return ST_OK;
}

/* Branches */

static struct onnx_value
saved(const struct onnx_graph *g, const struct nn_layer *l)
{
	return g->value[l->other->number - 1];
}

static int
load(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	(void)x;
	*y = saved(g, g->layer);
	return ST_OK;
}

/* Cuts x and b, whose layout is the same, to the rows of the shorter. */
static void
cut_to_shorter(struct onnx_graph *g, struct onnx_value *x, struct onnx_value *b)
{
	int64_t axis = time_axis(x);
	const char *one = rows_of(g, "frames", x->name, axis), *other = rows_of(g, "saved_frames", b->name, axis);
	const char *rows = onnx_node(g, "Min", "rows", ONNX_IN(one, other));

	x->name = first_rows(g, "cut", x->name, rows, axis);
	b->name = first_rows(g, "saved_cut", b->name, rows, axis);
}

/* The saved activation, laid out as x is. A number of frames may leave one of the branches
 * a row more: that is cut off. */
static struct onnx_value
beside(struct onnx_graph *g, struct onnx_value *x)
{
	struct onnx_value b = onnx_as(g, saved(g, g->layer), x->first);

	if (x->rows != NULL && b.rows != NULL && memcmp(x->rows, b.rows, ONNX_ROWS * sizeof *b.rows) != 0)
		cut_to_shorter(g, x, &b);
	return b;
}

static int
add(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	struct onnx_value b = beside(g, &x);

	*y = renamed(x, onnx_node(g, "Add", NULL, ONNX_IN(x.name, b.name)));
	return ST_OK;
}

static int
concat(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	struct onnx_value b = beside(g, &x);

	y->name = onnx_node(g, "Concat", NULL, ONNX_IN(x.name, b.name));
	onnx_int(g, "axis", x.first ? 1 : (size_t)x.shape.rank);
	y->first = x.first;
	return ST_OK;
}

/* (B,C) with dimensions of 1 where the other value has more of them. */
static struct onnx_value
spread(struct onnx_graph *g, struct onnx_value c, const struct onnx_value *other)
{
	static const int64_t axes[] = { 1, 2, 3 };
	size_t n = (size_t)other->shape.rank - 1;

	c.name = onnx_node(g, "Unsqueeze", "spread", ONNX_IN(c.name, onnx_indices(g, "spread_axes", n, axes + other->first)));
	return c;
}

static int
multiply(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	struct onnx_value b = saved(g, g->layer);

	if (x.shape.rank == b.shape.rank)
		b = beside(g, &x);
	else if (x.shape.rank == 1)
		x = spread(g, x, &b);
	else
		b = spread(g, b, &x);
	y->name = onnx_node(g, "Mul", NULL, ONNX_IN(x.name, b.name));
	y->first = x.shape.rank > 1 ? x.first : b.first;
	return ST_OK;
}

/* Of all softmaxes so far: x stands for those before this one. */
static int
average(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	const char *all[ONNX_AVERAGED];
	size_t n = 0;

	for (const struct nn_layer *l = g->layer; n + 1 < ONNX_AVERAGED && is(l, "average"); l--)
		all[n++] = x.name;
	all[n++] = saved(g, g->layer).name;
	y->name = onnx_node(g, "Mean", NULL, n, all);
	return ST_OK;
}

static const struct {
	const char *kind;
	int (*make)(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y);
} kinds[] = {
	{ "conv1d", conv1d }, { "conv2d", conv2d }, { "dense", dense }, { "flatten", flatten },
	{ "maxpool1d", pool }, { "maxpool2d", pool }, { "avgpool1d", pool }, { "avgpool2d", pool },
	{ "globalmaxpool", global_pool }, { "globalavgpool", global_pool }, { "globalstatspool", stats_pool },
	{ "attentionpool", attention_pool },
	{ "lstm", recurrent }, { "bilstm", recurrent }, { "gru", recurrent }, { "bigru", recurrent },
	{ "normalize", normalize }, { "batchnorm", batchnorm }, { "layernorm", layernorm }, { "speakernorm", speakernorm },
	{ "relu", activation }, { "elu", activation }, { "tanh", activation }, { "sigmoid", activation }, { "softmax", softmax },
	{ "dropout", nothing }, { "channeldropout", nothing }, { "save", nothing }, { "input", nothing },
	{ "load", load }, { "add", add }, { "concat", concat }, { "multiply", multiply }, { "average", average },
};

/* Rows of y for each number of frames; NULL where it has no time. */
static const size_t *
rows_behind(struct onnx_graph *g, const size_t *rows)
{
	const struct nn_layer *l = g->layer;
	const size_t *other = l->other == NULL ? NULL : g->value[l->other->number - 1].rows;
	size_t *to;

	if (l->out.rank == 1)
		return NULL;
	if (rows == NULL || is(l, "load"))
		return other != NULL ? other : rows;
	if ((l->kind->rows == NULL && other == NULL) || (to = onnx_counts(g, ONNX_ROWS)) == NULL)
		return rows;
	for (size_t t = 0; t < ONNX_ROWS; t++) {
		to[t] = l->kind->rows == NULL ? rows[t] : l->kind->rows(l, rows[t]);
		to[t] = other != NULL && other[t] < to[t] ? other[t] : to[t];
	}
	return to;
}

int
onnx_layer(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y)
{
	const struct nn_layer *l = g->layer;

	*y = (struct onnx_value){ .shape = l->out };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (is(l, kinds[i].kind)) {
			int rc = kinds[i].make(g, x, y);

			y->shape = l->out;
			y->rows = rows_behind(g, x.rows);
			return rc == ST_OK ? g->status : rc;
		}
	return nn_complain(l, "%s: there is no such layer in ONNX", l->kind->name);
}
