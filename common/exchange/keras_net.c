/* Nets of net(5) from Keras's descriptions of chains of layers. What a layer's settings
 * say must be what net(5) does, or have an option there; otherwise it is refused. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "exchange/keras_inside.h"

#ifdef KERAS_HERE
enum { VALUE_TEXT = 128, WHOLE_MAX = 1 << 24 };

struct maker {
	struct keras *k;
	struct import *to;
	struct keras_net *net;
	struct str text;
	size_t lines;
	struct keras_count count;
	int rank; /* of what the last layer gives, without the batch */
	/* The layer at hand. */
	const char *name, *class;
	const char *inner; /* within a wrapper */
	const char *group; /* of the wrapper's class */
	const cJSON *config;
	bool last;
	const cJSON *logits; /* the loss that takes what comes before softmax or sigmoid; NULL: it does not */
	char ours[48]; /* the last line's, "02.conv1d" */
};

static int
refuse(const struct maker *m, const char *fmt, ...)
{
	char text[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(ST_DATA, "%s: layer '%.100s' (%.60s): %s", m->k->file, m->name, m->class, text);
}

static const cJSON *
get(const cJSON *object, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNull(value) ? NULL : value;
}

static void
value_text(const cJSON *value, char text[VALUE_TEXT])
{
	char *all = value == NULL ? NULL : cJSON_PrintUnformatted(value);

	snprintf(text, VALUE_TEXT, "%s", all == NULL ? "null" : all);
	cJSON_free(all);
}

static int
refuse_setting(const struct maker *m, const char *setting)
{
	char text[VALUE_TEXT];

	value_text(get(m->config, setting), text);
	return refuse(m, "%s=%s cannot be done here", setting, text);
}

/* Settings that must be what is said here, where they are given. */
static const struct {
	const char *class, *setting, *value;
} fixed[] = {
	{ "Conv1D", "data_format", "\"channels_last\"" },
	{ "Conv1D", "groups", "1" },
	{ "Conv2D", "data_format", "\"channels_last\"" },
	{ "Conv2D", "groups", "1" },
	{ "MaxPooling1D", "data_format", "\"channels_last\"" },
	{ "MaxPooling2D", "data_format", "\"channels_last\"" },
	{ "AveragePooling1D", "data_format", "\"channels_last\"" },
	{ "AveragePooling2D", "data_format", "\"channels_last\"" },
	{ "GlobalMaxPooling1D", "data_format", "\"channels_last\"" },
	{ "GlobalMaxPooling2D", "data_format", "\"channels_last\"" },
	{ "GlobalAveragePooling1D", "data_format", "\"channels_last\"" },
	{ "GlobalAveragePooling2D", "data_format", "\"channels_last\"" },
	{ "GlobalMaxPooling1D", "keepdims", "false" },
	{ "GlobalMaxPooling2D", "keepdims", "false" },
	{ "GlobalAveragePooling1D", "keepdims", "false" },
	{ "GlobalAveragePooling2D", "keepdims", "false" },
	{ "Flatten", "data_format", "\"channels_last\"" },
	{ "SpatialDropout2D", "data_format", "\"channels_last\"" },
	{ "LayerNormalization", "rms_scaling", "false" },
	{ "Normalization", "invert", "false" },
	{ "Normalization", "mean", "null" },
	{ "Normalization", "variance", "null" },
	{ "ReLU", "max_value", "null" },
	{ "ReLU", "negative_slope", "0" },
	{ "ReLU", "threshold", "0" },
	{ "LSTM", "activation", "\"tanh\"" },
	{ "LSTM", "recurrent_activation", "\"sigmoid\"" },
	{ "LSTM", "return_state", "false" },
	{ "LSTM", "stateful", "false" },
	{ "LSTM", "time_major", "false" },
	{ "GRU", "activation", "\"tanh\"" },
	{ "GRU", "recurrent_activation", "\"sigmoid\"" },
	{ "GRU", "return_state", "false" },
	{ "GRU", "stateful", "false" },
	{ "GRU", "time_major", "false" },
	{ "GRU", "reset_after", "true" },
	{ "Bidirectional", "merge_mode", "\"concat\"" },
};

static int
check_fixed(const struct maker *m)
{
	char text[VALUE_TEXT];
	int rc = ST_OK;

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed && rc == ST_OK; i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(m->config, fixed[i].setting);

		if (strcmp(fixed[i].class, m->class) != 0 || value == NULL)
			continue;
		value_text(value, text);
		if (strcmp(text, fixed[i].value) != 0)
			rc = refuse(m, "%s=%s cannot be done here, only %s", fixed[i].setting, text, fixed[i].value);
	}
	return rc;
}

/* Adds a line to the net. */
static int __attribute__((format(printf, 3, 4)))
line(struct maker *m, const char *kind, const char *fmt, ...)
{
	va_list ap;

	str_addf(&m->text, "%s", kind);
	va_start(ap, fmt);
	str_addv(&m->text, fmt, ap);
	va_end(ap);
	str_addc(&m->text, '\n');
	snprintf(m->ours, sizeof m->ours, "%02zu.%s", ++m->lines, kind);
	return str_status(&m->text);
}

/* A setting that is a whole number, or element i of a list of them. */
static int
whole(const struct maker *m, const char *setting, int i, size_t fallback, size_t *to)
{
	const cJSON *value = get(m->config, setting);

	if (value == NULL && fallback > 0) {
		*to = fallback;
		return ST_OK;
	}
	if (cJSON_IsArray(value))
		value = cJSON_GetArrayItem(value, i);
	return json_whole(value, 1, WHOLE_MAX, to) ? ST_OK : refuse_setting(m, setting);
}

static int
number(const struct maker *m, const char *setting, double fallback, double *to)
{
	const cJSON *value = get(m->config, setting);

	*to = value == NULL ? fallback : value->valuedouble;
	return value == NULL || cJSON_IsNumber(value) ? ST_OK : refuse_setting(m, setting);
}

static bool
is_true(const cJSON *config, const char *setting, bool fallback)
{
	const cJSON *value = get(config, setting);

	return value == NULL ? fallback : cJSON_IsTrue(value);
}

/* An activation's name: a string, or in an object that older files have. NULL: none. */
static const char *
activation_name(const cJSON *config)
{
	const cJSON *value = get(config, "activation");
	const char *name = cJSON_GetStringValue(value);

	if (name == NULL && cJSON_IsObject(value))
		name = json_text(value, "config") != NULL ? json_text(value, "config") : json_text(value, "class_name");
	return name == NULL && value != NULL ? "?" : name != NULL && strcmp(name, "linear") == 0 ? NULL : name;
}

static int
activation(struct maker *m)
{
	static const char *const known[] = { "relu", "elu", "tanh", "sigmoid", "softmax" };
	const char *name = activation_name(m->config);

	if (name == NULL)
		return ST_OK;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(name, known[i]) == 0)
			return line(m, known[i], "%s", "");
	return refuse_setting(m, "activation");
}

/* Binds the weights of the last line, which is of that kind. */
static int
weights(struct maker *m, const char *kind, struct keras_layer l)
{
	char group[KERAS_GROUP];
	int rc = ST_OK;

	l.ours = m->ours;
	l.kind = kind;
	l.inner = m->inner;
	l.group = m->name;
	if (m->k->layers != NULL) {
		rc = keras_count(&m->count, m->group != NULL ? m->group : keras_group(kind), true, group);
		l.group = group;
	}
	return rc == ST_OK ? keras_bind_layer(m->k, &l, m->to) : rc;
}

static struct keras_layer
with_bias(const struct maker *m)
{
	return (struct keras_layer){ .no_bias = !is_true(m->config, "use_bias", true) };
}

static int current_shape(const struct maker *m, struct array_shape *s);

/* Layers */

static int
dense(struct maker *m)
{
	const char *act = activation_name(m->config);
	struct keras_layer l = with_bias(m);
	struct array_shape now;
	size_t units;
	int rc = whole(m, "units", 0, 0, &units);

	if (rc != ST_OK)
		return rc;
	if (m->net->rank > 0 && m->rank > 1 && current_shape(m, &now) == ST_OK && now.rank == 3)
		return refuse(m, "of each cell of a plane it cannot be done here: Flatten, or a pool over all, comes before");
	l.binary = m->last && units == 1 && (act != NULL ? strcmp(act, "sigmoid") == 0 : m->logits != NULL);
	if (l.binary) { /* one probability is that of the second of two classes */
		if ((rc = line(m, "dense", " 2")) == ST_OK && (rc = weights(m, "dense", l)) == ST_OK)
			rc = line(m, "softmax", "%s", "");
		return rc;
	}
	if ((rc = line(m, "dense", " %zu", units)) == ST_OK && (rc = weights(m, "dense", l)) == ST_OK)
		rc = activation(m);
	return rc;
}

/* padding=valid and the like, where they are not what net(5) has by default. */
static int
padding(const struct maker *m, const char **text)
{
	const char *name = json_text(m->config, "padding");

	*text = name == NULL || strcmp(name, "valid") == 0 ? " padding=valid" : "";
	return name == NULL || strcmp(name, "same") == 0 || strcmp(name, "valid") == 0 ? ST_OK : refuse_setting(m, "padding");
}

static int
conv1d(struct maker *m)
{
	size_t filters, width, stride, dilation;
	const char *pad;
	int rc;

	if ((rc = whole(m, "filters", 0, 0, &filters)) != ST_OK || (rc = whole(m, "kernel_size", 0, 0, &width)) != ST_OK ||
	    (rc = whole(m, "strides", 0, 1, &stride)) != ST_OK || (rc = whole(m, "dilation_rate", 0, 1, &dilation)) != ST_OK ||
	    (rc = padding(m, &pad)) != ST_OK)
		return rc;
	rc = line(m, "conv1d", " %zu width=%zu", filters, width);
	if (rc == ST_OK) { /* the line goes on */
		m->text.n--;
		if (stride > 1)
			str_addf(&m->text, " stride=%zu", stride);
		if (dilation > 1)
			str_addf(&m->text, " dilation=%zu", dilation);
		str_addf(&m->text, "%s\n", pad);
	}
	if (rc == ST_OK && (rc = weights(m, "conv1d", with_bias(m))) == ST_OK)
		rc = activation(m);
	return rc;
}

static int
conv2d(struct maker *m)
{
	size_t filters, height, width, down, across, dilation, other;
	const char *pad;
	int rc;

	if ((rc = whole(m, "filters", 0, 0, &filters)) != ST_OK || (rc = whole(m, "kernel_size", 0, 0, &height)) != ST_OK ||
	    (rc = whole(m, "kernel_size", 1, 0, &width)) != ST_OK || (rc = whole(m, "strides", 0, 1, &down)) != ST_OK ||
	    (rc = whole(m, "strides", 1, 1, &across)) != ST_OK || (rc = whole(m, "dilation_rate", 0, 1, &dilation)) != ST_OK ||
	    (rc = whole(m, "dilation_rate", 1, 1, &other)) != ST_OK || (rc = padding(m, &pad)) != ST_OK)
		return rc;
	if (dilation != other)
		return refuse_setting(m, "dilation_rate");
	rc = line(m, "conv2d", " %zu height=%zu width=%zu", filters, height, width);
	if (rc == ST_OK) {
		m->text.n--;
		if (down > 1 || across > 1)
			str_addf(&m->text, " stride_height=%zu stride_width=%zu", down, across);
		if (dilation > 1)
			str_addf(&m->text, " dilation=%zu", dilation);
		str_addf(&m->text, "%s\n", pad);
	}
	if (rc == ST_OK && (rc = weights(m, "conv2d", with_bias(m))) == ST_OK)
		rc = activation(m);
	return rc;
}

/* True for the last axis, by its number or -1, or in a list alone. */
static bool
is_last_axis(const struct maker *m)
{
	const cJSON *axis = get(m->config, "axis");

	if (cJSON_IsArray(axis) && cJSON_GetArraySize(axis) == 1)
		axis = cJSON_GetArrayItem(axis, 0);
	return axis == NULL || (cJSON_IsNumber(axis) && (axis->valuedouble == -1 || axis->valuedouble == m->rank));
}

static int
norm(struct maker *m, const char *kind)
{
	const struct keras_layer l = { .no_gamma = !is_true(m->config, "scale", true),
		.no_beta = !is_true(m->config, "center", true) };
	double epsilon = 1e-3;
	int rc = is_last_axis(m) ? number(m, "epsilon", 1e-3, &epsilon) : refuse_setting(m, "axis");

	if (rc == ST_OK)
		rc = epsilon == 1e-3 ? line(m, kind, "%s", "") : line(m, kind, " epsilon=%.9g", epsilon);
	return rc == ST_OK ? weights(m, kind, l) : rc;
}

static int
batchnorm(struct maker *m)
{
	return norm(m, "batchnorm");
}

static int
layernorm(struct maker *m)
{
	return norm(m, "layernorm");
}

static int
normalize(struct maker *m)
{
	const cJSON *axis = cJSON_GetObjectItemCaseSensitive(m->config, "axis");
	bool all = cJSON_IsNull(axis);
	int rc = all || is_last_axis(m) ? line(m, "normalize", "%s", all ? " axis=all" : "") : refuse_setting(m, "axis");

	return rc == ST_OK ? weights(m, "normalize", (struct keras_layer){ 0 }) : rc;
}

static int
activation_layer(struct maker *m)
{
	return activation(m);
}

static int
relu(struct maker *m)
{
	return line(m, "relu", "%s", "");
}

static int
elu(struct maker *m)
{
	double alpha;
	int rc = number(m, "alpha", 1, &alpha);

	return rc == ST_OK ? line(m, "elu", " %.9g", alpha) : rc;
}

static int
softmax(struct maker *m)
{
	return is_last_axis(m) ? line(m, "softmax", "%s", "") : refuse_setting(m, "axis");
}

static int
drop(struct maker *m, const char *kind)
{
	double rate;
	int rc = number(m, "rate", 0, &rate);

	return rc != ST_OK ? rc : rate >= 0 && rate <= 0.99 ? line(m, kind, " %.9g", rate) : refuse_setting(m, "rate");
}

static int
dropout(struct maker *m)
{
	return drop(m, "dropout");
}

static int
channeldropout(struct maker *m)
{
	return drop(m, "channeldropout");
}

/* What does nothing outside of training. */
static int
nothing(struct maker *m)
{
	(void)m;
	return ST_OK;
}


static int
global_pool(struct maker *m)
{
	m->rank = 1;
	return line(m, m->class[6] == 'M' ? "globalmaxpool" : "globalavgpool", "%s", "");
}

static int
flatten(struct maker *m)
{
	m->rank = 1;
	return line(m, "flatten", "%s", "");
}

static int
recurrent(struct maker *m, const char *kind, const cJSON *config)
{
	bool sequence = is_true(config, "return_sequences", false);
	const cJSON *units = get(config, "units");
	size_t n;
	int rc = json_whole(units, 1, WHOLE_MAX, &n) ? line(m, kind, " %zu%s", n, sequence ? " output=sequence" : "")
	                                             : refuse(m, "units are missing");

	m->rank = sequence ? 2 : 1;
	return rc == ST_OK ? weights(m, kind, (struct keras_layer){ .no_bias = !is_true(config, "use_bias", true) }) : rc;
}

static int
one_way(struct maker *m)
{
	if (is_true(m->config, "go_backwards", false))
		return refuse_setting(m, "go_backwards");
	return recurrent(m, m->class[0] == 'L' ? "lstm" : "gru", m->config);
}

/* Whether the second of two layers does as the first, but for its direction. */
static int
check_backward(const struct maker *m, const cJSON *forward, const cJSON *backward)
{
	static const char *const same[] = { "units", "activation", "recurrent_activation", "use_bias", "return_sequences",
		"reset_after", "stateful" };

	if (!is_true(backward, "go_backwards", false))
		return refuse(m, "its backward_layer does not go backwards");
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (!cJSON_Compare(get(forward, same[i]), get(backward, same[i]), true) &&
		    (get(forward, same[i]) != NULL || get(backward, same[i]) != NULL))
			return refuse(m, "%s of its layer and its backward_layer are not the same", same[i]);
	return ST_OK;
}

static int
both_ways(struct maker *m)
{
	const cJSON *layer = get(m->config, "layer"), *other = get(m->config, "backward_layer"), *config = get(layer, "config");
	const char *class = json_text(layer, "class_name");
	struct maker inside = *m;
	int rc;

	inside.class = class == NULL ? "?" : class;
	inside.config = config;
	if (strcmp(inside.class, "LSTM") != 0 && strcmp(inside.class, "GRU") != 0)
		return refuse(m, "a layer of class %.60s cannot be done in both directions here", inside.class);
	if ((rc = check_fixed(&inside)) != ST_OK)
		return rc;
	if (is_true(config, "go_backwards", false))
		return refuse(m, "its first layer goes backwards");
	if (other != NULL && (rc = check_backward(m, config, get(other, "config"))) != ST_OK)
		return rc;
	return recurrent(m, inside.class[0] == 'L' ? "bilstm" : "bigru", config);
}

/* What is done with each row by itself: dense does that here. A plane's rows count as rows of
 * a sequence here without being flattened. */
static int
time_distributed(struct maker *m)
{
	const cJSON *layer = get(m->config, "layer");
	const char *class = json_text(layer, "class_name");
	struct maker outside = *m;
	char group[KERAS_GROUP];
	int rc;

	if (class == NULL || (strcmp(class, "Dense") != 0 && strcmp(class, "Flatten") != 0))
		return refuse(m, "a layer of class %.60s cannot be done for each row here", class == NULL ? "?" : class);
	if (class[0] == 'F') {
		m->rank = 2;
		return keras_count(&m->count, "time_distributed", false, group);
	}
	m->config = get(layer, "config");
	m->group = "time_distributed";
	m->inner = "/layer";
	m->last = false;
	rc = dense(m);
	m->config = outside.config;
	m->last = outside.last;
	return rc;
}

/* The shape that the last line gives, of a sequence or plane: as the net itself says. */
static int
current_shape(const struct maker *m, struct array_shape *s)
{
	struct str text = { 0 };
	struct nn *net = NULL;
	size_t in[NN_RANK_MAX];
	int rc;

	*s = (struct array_shape){ .rank = m->net->rank };
	for (int i = 0; i < m->net->rank; i++)
		s->d[i] = in[i] = i == 0 && m->net->shape[0] == 0 ? 1 << 12 : m->net->shape[i];
	if (m->lines == 0)
		return ST_OK;
	str_addn(&text, m->text.text, m->text.n);
	str_add(&text, "globalavgpool\n"); /* nets end with one dimension */
	rc = str_status(&text);
	if (rc == ST_OK && (rc = nn_open(&net, text.text, m->k->file, m->net->rank, in, 1, 1, false, 1)) == ST_OK) {
		*s = arrays_parse(nn_layer_shape(net, m->lines - 1));
		nn_free(net);
	}
	str_free(&text);
	return rc;
}

/* The line of a pool over d dimensions. Keras's strides are as its sizes by default, too. */
static int
pool(struct maker *m, int d)
{
	const char *pad = json_text(m->config, "padding");
	size_t size[2] = { 0 }, stride[2] = { 0 };
	char kind[] = "maxpool1d";
	int rc = ST_OK;

	if (pad != NULL && strcmp(pad, "valid") != 0 && strcmp(pad, "same") != 0)
		return refuse_setting(m, "padding");
	for (int i = 0; i < d && rc == ST_OK; i++)
		if ((rc = whole(m, "pool_size", i, 2, &size[i])) == ST_OK)
			rc = whole(m, "strides", i, size[i], &stride[i]);
	if (rc != ST_OK)
		return rc;
	snprintf(kind, sizeof kind, "%spool%dd", m->class[0] == 'M' ? "max" : "avg", d);
	rc = d == 1 ? line(m, kind, " %zu", size[0]) : line(m, kind, " %zu %zu", size[0], size[1]);
	if (rc != ST_OK)
		return rc;
	m->text.n--; /* the line goes on */
	if (d == 1 && stride[0] != size[0])
		str_addf(&m->text, " stride=%zu", stride[0]);
	if (d == 2 && (stride[0] != size[0] || stride[1] != size[1]))
		str_addf(&m->text, " stride_height=%zu stride_width=%zu", stride[0], stride[1]);
	str_addf(&m->text, "%s\n", pad != NULL && pad[0] == 's' ? " padding=same" : "");
	return str_status(&m->text);
}

static int
pool1d(struct maker *m)
{
	return pool(m, 1);
}

static int
pool2d(struct maker *m)
{
	return pool(m, 2);
}

/* What changes nothing here: a sequence is a plane of one channel, and a plane a sequence of
 * its rows. */
static int
reshape(struct maker *m)
{
	const cJSON *target = get(m->config, "target_shape");
	int rank = cJSON_GetArraySize(target), rc = m->net->rank == 0 ? refuse(m, "the shape of its input is not known") : ST_OK;
	struct array_shape now;
	size_t d[3] = { 0, 0, 0 }, first;

	if (rc != ST_OK || (rc = current_shape(m, &now)) != ST_OK)
		return rc;
	for (int i = 0; i < rank && i < 3; i++)
		if (!json_whole(cJSON_GetArrayItem(target, i), 1, WHOLE_MAX, &d[i]))
			d[i] = 0; /* -1: what is left */
	first = m->net->shape[0] == 0 ? 0 : now.d[0];
	if ((d[0] == first || d[0] == 0) &&
	    ((m->rank == 2 && rank == 3 && (d[1] == now.d[1] || d[1] == 0) && d[2] == 1) ||
	     (m->rank == 3 && rank == 2 && (d[1] == now.d[1] * (now.rank == 3 ? now.d[2] : 1) || (d[1] == 0 && d[0] != 0))))) {
		m->rank = rank;
		return ST_OK;
	}
	return refuse_setting(m, "target_shape");
}

static const struct {
	const char *name;
	int (*make)(struct maker *m);
} classes[] = {
	{ "InputLayer", nothing },
	{ "Dense", dense },
	{ "Conv1D", conv1d },
	{ "Convolution1D", conv1d },
	{ "Conv2D", conv2d },
	{ "Convolution2D", conv2d },
	{ "BatchNormalization", batchnorm },
	{ "LayerNormalization", layernorm },
	{ "Normalization", normalize },
	{ "Activation", activation_layer },
	{ "ReLU", relu },
	{ "ELU", elu },
	{ "Softmax", softmax },
	{ "Dropout", dropout },
	{ "SpatialDropout1D", channeldropout },
	{ "SpatialDropout2D", channeldropout },
	{ "AlphaDropout", nothing },
	{ "GaussianDropout", nothing },
	{ "GaussianNoise", nothing },
	{ "ActivityRegularization", nothing },
	{ "Identity", nothing },
	{ "MaxPooling1D", pool1d },
	{ "AveragePooling1D", pool1d },
	{ "MaxPooling2D", pool2d },
	{ "AveragePooling2D", pool2d },
	{ "GlobalMaxPooling1D", global_pool },
	{ "GlobalMaxPooling2D", global_pool },
	{ "GlobalAveragePooling1D", global_pool },
	{ "GlobalAveragePooling2D", global_pool },
	{ "Flatten", flatten },
	{ "LSTM", one_way },
	{ "GRU", one_way },
	{ "Bidirectional", both_ways },
	{ "TimeDistributed", time_distributed },
	{ "Reshape", reshape },
};

/* The input's shape: [null,108,128], of which the last 1 of a plane is not written here. */
static void
take_shape(struct maker *m, const cJSON *shape)
{
	struct keras_net *net = m->net;
	int n = cJSON_GetArraySize(shape) - 1;

	if (net->rank > 0 || n < 1 || n > 3)
		return;
	m->rank = n;
	for (int i = 0; i < n; i++) {
		const cJSON *d = cJSON_GetArrayItem(shape, i + 1);

		if (!json_whole(d, 1, WHOLE_MAX, &net->shape[i])) {
			if (!cJSON_IsNull(d) || i > 0 || n == 1)
				return;
			net->shape[0] = 0;
		}
	}
	net->rank = n == 3 && net->shape[2] == 1 ? 2 : n;
}

static int
make_layer(struct maker *m, const cJSON *layer, bool last)
{
	const char *class = json_text(layer, "class_name"), *name;

	m->config = get(layer, "config");
	name = json_text(m->config, "name");
	m->class = class == NULL ? "?" : class;
	m->name = name == NULL ? "?" : name;
	m->inner = "";
	m->group = NULL;
	m->last = last;
	take_shape(m, get(m->config, "batch_shape"));
	take_shape(m, get(m->config, "batch_input_shape"));
	take_shape(m, get(get(layer, "build_config"), "input_shape"));
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (strcmp(classes[i].name, m->class) == 0) {
			int rc = check_fixed(m);

			return rc == ST_OK ? classes[i].make(m) : rc;
		}
	return refuse(m, "there is no such layer here (net(5) lists those there are)");
}

/* The chain */

/* The name of the layer whose output an inbound node is, or NULL where it is none or several:
 * [["NAME",0,0,{}]], or {"args":[{"config":{"keras_history":["NAME",0,0]}}]}. */
static const char *
origin(const cJSON *node)
{
	const cJSON *list = cJSON_IsObject(node) ? get(node, "args") : node, *first = cJSON_GetArrayItem(list, 0);

	if (cJSON_IsString(first))
		return first->valuestring;
	if (cJSON_GetArraySize(list) != 1)
		return NULL;
	if (cJSON_IsObject(first))
		first = get(get(first, "config"), "keras_history");
	return cJSON_GetStringValue(cJSON_GetArrayItem(first, 0));
}

/* Whether a layer is called with nothing but its input: masks, states and training=True make it
 * another. */
static bool
is_plain(const cJSON *node)
{
	const cJSON *first = cJSON_GetArrayItem(node, 0), *kwargs, *value;

	kwargs = cJSON_IsObject(node) ? get(node, "kwargs") : cJSON_GetArrayItem(cJSON_IsString(first) ? node : first, 3);
	cJSON_ArrayForEach(value, kwargs)
		if (!cJSON_IsNull(value) && !cJSON_IsFalse(value))
			return false;
	return true;
}

/* Of a functional model: each layer reads what the one before it gives. */
static int
check_chain(struct maker *m, const cJSON *layer, const char *before)
{
	const cJSON *nodes = get(layer, "inbound_nodes");
	const char *from;

	if (nodes == NULL || (before == NULL && cJSON_GetArraySize(nodes) == 0))
		return ST_OK;
	from = cJSON_GetArraySize(nodes) == 1 && is_plain(nodes->child) ? origin(nodes->child) : NULL;
	if (before != NULL && from != NULL && strcmp(from, before) == 0)
		return ST_OK;
	m->class = json_text(layer, "class_name");
	m->name = json_text(get(layer, "config"), "name");
	m->class = m->class == NULL ? "?" : m->class;
	m->name = m->name == NULL ? "?" : m->name;
	return refuse(m, "it does not read the layer before it alone: only chains of layers can be imported");
}

/* The loss that is told to take what comes before softmax or sigmoid. */
static const cJSON *
takes_logits(const cJSON *value) /* NOLINT(misc-no-recursion): json_parse has limited its depth */
{
	const cJSON *child, *found = NULL;

	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(get(value, "config"), "from_logits")))
		return value;
	cJSON_ArrayForEach(child, value)
		if (found == NULL)
			found = takes_logits(child);
	return found;
}

/* The end that is in the loss, where it is not in the net as well. */
static int
end(struct maker *m)
{
	const char *class = json_text(m->logits, "class_name"), *kind = "softmax";

	if (m->logits == NULL)
		return ST_OK;
	if (class != NULL && strncmp(class, "Binary", 6) == 0)
		kind = "sigmoid";
	if (strstr(m->ours, ".softmax") != NULL || strstr(m->ours, ".sigmoid") != NULL)
		return ST_OK;
	return line(m, kind, "%s", "");
}

/* Of a functional model: one output, which a chain's last layer gives. */
static int
check_outputs(const struct maker *m, const cJSON *outputs)
{
	bool one = !cJSON_IsObject(outputs) && (cJSON_IsString(cJSON_GetArrayItem(outputs, 0)) || cJSON_GetArraySize(outputs) < 2);

	return one ? ST_OK : err_set(ST_DATA, "%s: it has %d outputs: only nets with one can be imported", m->k->file,
	                             cJSON_GetArraySize(outputs));
}

static int
make_chain(struct maker *m, const cJSON *layers)
{
	const char *before = NULL;
	const cJSON *layer;
	int rc = ST_OK;

	cJSON_ArrayForEach(layer, layers) {
		if ((rc = check_chain(m, layer, before)) != ST_OK || (rc = make_layer(m, layer, layer->next == NULL)) != ST_OK)
			return rc;
		before = m->name;
	}
	return end(m);
}

int
keras_net(struct keras *k, struct keras_net *net, struct import *to)
{
	struct maker *m = mem_zero(1, sizeof *m);
	const cJSON *config = get(k->config, "config"), *layers = cJSON_IsArray(config) ? config : get(config, "layers");
	int rc = ST_OK;

	*net = (struct keras_net){ 0 };
	if (m == NULL)
		return ST_SYS;
	*m = (struct maker){ .k = k, .to = to, .net = net, .count = keras_counted(k) };
	if (!cJSON_IsArray(layers))
		rc = err_set(ST_DATA, "%s: it describes no layers", k->file);
	take_shape(m, get(config, "build_input_shape"));
	m->logits = takes_logits(get(get(k->config, "compile_config"), "loss"));
	if (m->logits == NULL)
		m->logits = takes_logits(get(k->training, "loss"));
	if (rc == ST_OK && (rc = check_outputs(m, get(config, "output_layers"))) == ST_OK && (rc = make_chain(m, layers)) == ST_OK && m->lines == 0)
		rc = err_set(ST_DATA, "%s: a net without layers", k->file);
	if (rc == ST_OK)
		rc = str_take(&m->text, &net->text);
	str_free(&m->text);
	free(m);
	return rc;
}
#endif
