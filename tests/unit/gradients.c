/* Holds every layer's gradients against finite differences, in a double-
 * precision build of the nets' own code (-DNN_DOUBLE). A layer stands behind a
 * dense one, so that the derivative of its input is tested with its weights'. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "net/layer.h"

enum { SAMPLES = 40, BATCH = 11, ROW = 3 }; /* more than one shard, the last one part-filled */

struct shape {
	int rank;
	size_t d[3];
};

static const struct {
	const char *name, *text;
	struct shape in;
} cases[] = {
	{ "dense", "dense 7\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "dense over time", "dense 7\ndense 3\nflatten\ndense classes\nsoftmax", { 2, { 4, 5 } } },
	{ "softmax inside", "dense 7\nsoftmax\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "relu", "dense 7\nrelu\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "elu", "dense 7\nelu alpha=0.7\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "tanh", "dense 7\ntanh\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "sigmoid", "dense 7\nsigmoid\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "activations in a row", "dense 7\nrelu\ndropout 0.2\nsigmoid\ndropout 0.3\nelu\ntanh\ndense classes\nsoftmax",
	  { 1, { 5 } } },
	{ "dropout", "dense 40\ndropout 0.4\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "dropout of nothing", "dense 7\ndropout 0\ntanh\ndropout 0\ndropout 0.2\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "batchnorm", "dense 7\nbatchnorm\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "batchnorm over time", "dense 3\nbatchnorm\nflatten\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "conv1d", "dense 3\nconv1d 4 width=5\nflatten\ndense classes\nsoftmax", { 2, { 9, 4 } } },
	{ "conv1d of even width", "dense 3\nconv1d 4 width=4\nflatten\ndense classes\nsoftmax", { 2, { 9, 4 } } },
	{ "conv1d wider than its input", "dense 3\nconv1d 4 width=7\nflatten\ndense classes\nsoftmax", { 2, { 3, 4 } } },
	{ "conv1d on conv1d", "conv1d 3 width=3\nconv1d 4 width=5\nflatten\ndense classes\nsoftmax", { 2, { 8, 4 } } },
	{ "maxpool1d", "dense 3\nmaxpool1d 2\nflatten\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "maxpool1d by 3", "dense 3\nmaxpool1d 3\nflatten\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "lstm", "dense 3\nlstm 5\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "lstm sequence", "dense 3\nlstm 5 output=sequence\nflatten\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "lstm of one step", "dense 3\nlstm 5\ndense classes\nsoftmax", { 2, { 1, 4 } } },
	{ "bilstm", "dense 3\nbilstm 5\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "bilstm sequence", "dense 3\nbilstm 5 output=sequence\nflatten\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "conv1d of stride 2", "dense 3\nconv1d 4 width=5 stride=2\nflatten\ndense classes\nsoftmax", { 2, { 10, 4 } } },
	{ "conv1d of stride 3, valid",
	  "dense 3\nconv1d 4 width=2 stride=3 padding=valid\nflatten\ndense classes\nsoftmax", { 2, { 10, 4 } } },
	{ "conv1d, valid", "dense 3\nconv1d 4 width=4 padding=valid\nflatten\ndense classes\nsoftmax", { 2, { 9, 4 } } },
	{ "conv1d of dilation 2", "dense 3\nconv1d 4 width=3 dilation=2\nflatten\ndense classes\nsoftmax",
	  { 2, { 9, 4 } } },
	{ "conv1d of stride 2, dilation 3",
	  "dense 3\nconv1d 4 width=3 stride=2 dilation=3\nflatten\ndense classes\nsoftmax", { 2, { 9, 4 } } },
	{ "conv2d", "conv2d 3 height=3 width=3\nconv2d 4 height=3 width=5\nflatten\ndense classes\nsoftmax",
	  { 2, { 6, 5 } } },
	{ "conv2d of even size", "conv2d 3 2 2\nconv2d 4 height=4 width=2\nflatten\ndense classes\nsoftmax",
	  { 3, { 5, 4, 2 } } },
	{ "conv2d of stride 2", "conv2d 3 1 1\nconv2d 4 height=3 width=3 stride=2\nflatten\ndense classes\nsoftmax",
	  { 2, { 6, 5 } } },
	{ "conv2d of strides 1 and 3, valid",
	  "conv2d 3 1 1\nconv2d 4 height=2 width=2 stride_width=3 padding=valid\nflatten\ndense classes\nsoftmax",
	  { 2, { 4, 9 } } },
	{ "conv2d of dilation 2", "conv2d 3 1 1\nconv2d 4 3 2 dilation=2\nflatten\ndense classes\nsoftmax",
	  { 2, { 6, 5 } } },
	{ "conv2d of stride 2, dilation 3",
	  "conv2d 3 1 1\nconv2d 4 2 3 stride=2 dilation=3\nflatten\ndense classes\nsoftmax", { 2, { 7, 6 } } },
	{ "conv2d larger than its input", "conv2d 3 1 1\nconv2d 4 height=7 width=5\nflatten\ndense classes\nsoftmax",
	  { 2, { 2, 3 } } },
	{ "conv2d of many filters", "conv2d 9 3 3\nconv2d 37 3 3\nrelu\nglobalavgpool\ndense classes\nsoftmax",
	  { 3, { 12, 11, 2 } } },
	{ "batchnorm of a plane", "conv2d 3 3 3\nbatchnorm\nflatten\ndense classes\nsoftmax", { 2, { 4, 3 } } },
	{ "maxpool2d", "conv2d 3 1 1\nmaxpool2d\nflatten\ndense classes\nsoftmax", { 2, { 5, 7 } } },
	{ "maxpool2d of 3 by 1", "conv2d 70 1 1\nmaxpool2d height=3 width=1\nflatten\ndense classes\nsoftmax",
	  { 2, { 7, 2 } } },
	{ "avgpool1d", "dense 3\navgpool1d 3\nflatten\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "avgpool2d", "conv2d 3 1 1\navgpool2d 2 3\nflatten\ndense classes\nsoftmax", { 2, { 5, 7 } } },
	{ "maxpool1d that overlaps", "dense 3\nmaxpool1d 5 stride=2 padding=same\nflatten\ndense classes\nsoftmax", { 2, { 8, 4 } } },
	{ "maxpool1d that overlaps, over time", "dense 70\nmaxpool1d 4 stride=3\nconv1d 3 2\nmaxpool1d 3 1 padding=same\nglobalavgpool\n"
	                                        "dense classes\nsoftmax", { 2, { 11, 4 } } },
	{ "maxpool2d that overlaps", "conv2d 3 1 1\nmaxpool2d 3 2 stride=2 stride_width=1 padding=same\nattentionpool 3\ndense classes\nsoftmax",
	  { 2, { 7, 4 } } },
	{ "maxpool2d that leaves out", "conv2d 3 1 1\nmaxpool2d 2 1 stride=3\nflatten\ndense classes\nsoftmax", { 2, { 8, 7 } } },
	{ "avgpool1d that overlaps", "dense 3\navgpool1d 5 stride=2 padding=same\nglobalstatspool\ndense classes\nsoftmax", { 2, { 9, 4 } } },
	{ "avgpool1d of a rest", "dense 3\navgpool1d 3 padding=same\nlstm 3\ndense classes\nsoftmax", { 2, { 10, 4 } } },
	{ "avgpool2d that overlaps", "conv2d 3 1 1\navgpool2d 3 2 stride_height=2 stride_width=1\nglobalavgpool\ndense classes\nsoftmax",
	  { 2, { 7, 4 } } },
	{ "globalavgpool", "dense 3\nglobalavgpool\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "globalavgpool of a plane", "conv2d 3 1 1\nglobalavgpool\ndense classes\nsoftmax", { 2, { 5, 3 } } },
	{ "globalmaxpool", "dense 3\nglobalmaxpool\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "globalmaxpool of a plane", "conv2d 3 1 1\nglobalmaxpool\ndense classes\nsoftmax", { 2, { 5, 3 } } },
	{ "globalstatspool", "dense 3\nglobalstatspool\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "globalstatspool, activated", "dense 3\nglobalstatspool\nrelu\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "globalstatspool of a plane", "conv2d 3 1 1\nglobalstatspool\ndense classes\nsoftmax", { 2, { 5, 3 } } },
	{ "conv1d on a plane", "conv2d 3 1 1\nconv1d 4 width=3\nglobalavgpool\ndense classes\nsoftmax", { 2, { 5, 3 } } },
	{ "lstm on a plane", "conv2d 3 3 3\nmaxpool2d 1 2\nlstm 4\ndense classes\nsoftmax", { 2, { 5, 4 } } },
	{ "normalize", "normalize\ndense 7\ntanh\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "gru", "dense 3\ngru 5\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "gru sequence", "dense 3\ngru 5 output=sequence\nflatten\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "gru of one step", "dense 3\ngru 5\ndense classes\nsoftmax", { 2, { 1, 4 } } },
	{ "bigru", "dense 3\nbigru 5\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "bigru sequence", "dense 3\nbigru 5 output=sequence\nflatten\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "gru on lstm on dense", "lstm 4 output=sequence\ndense 5\ngru 3\ndense classes\nsoftmax", { 2, { 5, 4 } } },
	{ "cnn1d", "conv1d 4 width=5\nbatchnorm\nrelu\nmaxpool1d 2\ndropout 0.3\nconv1d 5 width=5\nbatchnorm\nrelu\n"
	           "maxpool1d 2\ndropout 0.3\nflatten\ndense 6\nrelu\nbatchnorm\ndropout 0.4\ndense classes\nsoftmax",
	  { 2, { 12, 4 } } },
	{ "two bilstms", "bilstm 4 output=sequence\ndropout 0.3\nbilstm 3\ndropout 0.3\ndense classes\nsoftmax",
	  { 2, { 5, 4 } } },
	{ "crnn", "conv1d 4 width=5\nbatchnorm\nrelu\nmaxpool1d 2\ndropout 0.3\nlstm 5\ndropout 0.4\ndense classes\nsoftmax",
	  { 2, { 12, 4 } } },
	{ "conv1d of stride 3, pooled", "dense 3\nconv1d 4 width=4 stride=3\nglobalavgpool\ndense classes\nsoftmax", { 2, { 11, 4 } } },
	{ "conv1d of stride 5, narrow", "dense 3\nconv1d 4 width=2 stride=5\nglobalavgpool\ndense classes\nsoftmax", { 2, { 4, 4 } } },
	{ "conv2d of stride 2, pooled",
	  "conv2d 3 1 1\nconv2d 4 5 3 stride_height=2\nmaxpool2d\nbatchnorm\nconv2d 3 2 2 stride=2 dilation=2\nglobalstatspool\n"
	  "dense classes\nsoftmax",
	  { 2, { 13, 6 } } },
	{ "conv2d of stride 3, valid", "conv2d 3 2 2 padding=valid\nconv2d 4 2 2 stride=3 padding=valid\nglobalavgpool\n"
	  "dense classes\nsoftmax",
	  { 2, { 12, 6 } } },
	{ "recurrent layers", "bigru 3 output=sequence\nbilstm 3 output=sequence\nmaxpool1d\nlstm 3 output=sequence\n"
	  "gru 3 output=sequence\nbigru 3\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "attentionpool", "dense 3\nattentionpool 5\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "attentionpool of a plane", "conv2d 3 3 3\nattentionpool 4\nrelu\ndense classes\nsoftmax", { 2, { 5, 3 } } },
	{ "attentionpool of one step", "dense 3\nattentionpool 4\ndense classes\nsoftmax", { 2, { 1, 3 } } },
	{ "attentionpool of recurrent rows", "lstm 4 output=sequence\nattentionpool 4 epsilon=0.03\ndense classes\nsoftmax",
	  { 2, { 5, 3 } } },
	{ "layernorm", "dense 7\nlayernorm\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "layernorm over time", "dense 3\nlayernorm\nrelu\nglobalavgpool\ndense classes\nsoftmax", { 2, { 6, 4 } } },
	{ "layernorm of a plane", "conv2d 3 3 3\nlayernorm epsilon=0.1\nglobalstatspool\ndense classes\nsoftmax", { 2, { 4, 3 } } },
	{ "channeldropout", "conv2d 9 3 3\nrelu\nchanneldropout 0.3\nglobalavgpool\ndense classes\nsoftmax", { 2, { 4, 3 } } },
	{ "channeldropout of values", "dense 9\nchanneldropout 0.3\ntanh\nchanneldropout 0.2\ndense classes\nsoftmax", { 1, { 4 } } },
	{ "speakernorm", "dense 7\nspeakernorm momentum=1\ndense classes\nsoftmax", { 1, { 5 } } },
	{ "speakernorm of a pool", "conv1d 4 3\nattentionpool 3\nspeakernorm 0.1 1\nrelu\ndense classes\nsoftmax", { 2, { 5, 4 } } },
	{ "a residual block", "conv2d 3 3 3\nrelu\nsave a\nconv2d 4 3 3\nbatchnorm\nrelu\nconv2d 3 3 3\nbatchnorm\nadd a\nrelu\n"
	                      "globalstatspool\ndense classes\nsoftmax", { 2, { 5, 4 } } },
	{ "a residual block with a projection",
	  "conv1d 3 3\nsave a\nconv1d 5 3 stride=2\nrelu\nconv1d 5 3\nsave b\nload a\nconv1d 5 1 stride=2\nadd b\ntanh\n"
	  "attentionpool 3\ndense classes\nsoftmax", { 2, { 7, 4 } } },
	{ "squeeze and excitation", "conv2d 6 3 3\nrelu\nsave a\nglobalavgpool\ndense 3\nrelu\ndense 6\nsigmoid\nmultiply a\n"
	                            "conv2d 3 3 3\nglobalavgpool\ndense classes\nsoftmax", { 2, { 5, 4 } } },
	{ "a gate from before", "conv1d 4 3\nsave a\nglobalavgpool\ndense 5\nsigmoid\nsave gate\nload a\nconv1d 5 3\nmultiply gate\n"
	                        "attentionpool 3\ndense classes\nsoftmax", { 2, { 5, 4 } } },
	{ "values that meet themselves", "dense 5\nsave a\nadd a\nmultiply a\nconcat a\nsave b\nmultiply b\ntanh\ndense classes\nsoftmax",
	  { 1, { 4 } } },
	{ "saved three times, read many times",
	  "dense 5\nrelu\nsave a\ndropout 0.2\nsave b\nrelu\nsave c\nload a\ntanh\nadd b\nadd c\nadd a\nsave d\nload c\nadd b\nconcat d\n"
	  "dense classes\nsoftmax", { 1, { 4 } } },
	{ "planes side by side", "conv2d 3 3 3\nrelu\nsave a\nconv2d 4 3 3\nconcat a\nmaxpool2d\nsave b\nlstm 4 output=sequence\nsave c\n"
	                         "load b\nconv1d 3 3\nconcat c\nattentionpool 3\ndense classes\nsoftmax", { 2, { 5, 4 } } },
	{ "two heads", "input row\ndense 6\ntanh\ndense classes\nsoftmax\nsave r\ninput main\nconv1d 4 3\nattentionpool 3\ndense classes\nsoftmax\naverage r",
	  { 2, { 5, 4 } } },
	{ "three heads", "conv1d 4 3\nglobalavgpool\nsave m\ndense classes\nsoftmax\nsave a\nload m\ndense 4\nrelu\ndense classes\nsoftmax\nsave b\n"
	  "load m\ndense classes\nsoftmax\naverage a\naverage b", { 2, { 5, 4 } } },
	{ "two inputs", "input row\ndense 6\nrelu\nsave r\ninput main\nconv1d 4 3\nattentionpool 3\nconcat r\ndense classes\nsoftmax",
	  { 2, { 5, 4 } } },
	{ "a second input that is not trained",
	  "conv1d 4 3\nglobalavgpool\nsave m\ninput row\nnormalize\nconcat m\ntanh\ndense classes\nsoftmax", { 2, { 5, 4 } } },
	{ "a gate by a second input", "input row\nsave r\ninput main\nconv1d 3 3\nrelu\nmultiply r\nconv1d 3 3\nglobalavgpool\nmultiply r\ndense classes\nsoftmax", { 2, { 5, 4 } } },
	{ "squared loss", "dense 7\ntanh\ndense 1", { 1, { 5 } } },
	{ "conv1d by points", "dense 17\nconv1d 18 width=5\nflatten\ndense classes\nsoftmax", { 2, { 9, 4 } } },
	{ "conv1d by points, on each other", "conv1d 16 width=3\nconv1d 17 width=2\nconv1d 33 width=7\nglobalavgpool\ndense classes\nsoftmax",
	  { 2, { 11, 16 } } },
	{ "conv1d by points, valid", "dense 16\nconv1d 16 width=4 padding=valid\nconv1d 16 width=6 padding=valid\nglobalavgpool\ndense classes\nsoftmax",
	  { 2, { 19, 4 } } },
	{ "conv2d by points", "conv2d 16 1 1\nconv2d 17 3 3\nconv2d 16 height=2 width=5 padding=valid\nglobalavgpool\ndense classes\nsoftmax",
	  { 2, { 5, 9 } } },
	{ "bigru on bilstm of many rows", "bilstm 3 output=sequence\nbigru 3\ndense classes\nsoftmax", { 2, { 37, 4 } } },
	{ "conv1d by points, in parts", "conv1d 16 width=7\nglobalavgpool\ndense classes\nsoftmax", { 2, { 530, 16 } } },
	{ "conv2d by points, in parts", "conv2d 16 1 1\nconv2d 16 3 3\nglobalavgpool\ndense classes\nsoftmax", { 2, { 60, 25 } } },
};

static const double class_weight[] = { 0.5, 1.25, 2 };
static size_t target[BATCH];
static double value[BATCH];
static size_t length[BATCH]; /* 0: all rows */
static const uint64_t group[BATCH] = { 7, 7, 0, 9, 7, 9, 0, 2, 9, 7, 9 };

static double
uniform(void)
{
	return 2.0 * rand() / RAND_MAX - 1;
}

/* The same batch and masks every time. */
static double
loss(struct nn *net)
{
	for (size_t i = 0; i < BATCH; i++)
		nn_set_length(net, i, length[i]);
	for (size_t i = 0; i < BATCH; i++)
		nn_set_group(net, i, group[i]);
	nn_forward(net, BATCH, true, 42);
	return nn_ends_in_softmax(net) ? nn_loss_cross_entropy(net, target, class_weight, 0.1) : nn_loss_squared(net, value);
}

static double
worst_of(struct nn *net, const struct nn_param *p)
{
	const double h = 1e-5;
	double worst = 0;

	for (size_t s = 0; s < p->n && s < SAMPLES; s++) {
		size_t k = p->n <= SAMPLES ? s : (size_t)rand() % p->n;
		double grad = (double)p->grad[k], keep = (double)p->value[k], up, down, error;

		p->value[k] = (real)(keep + h);
		up = loss(net);
		p->value[k] = (real)(keep - h);
		down = loss(net);
		p->value[k] = (real)keep;
		error = fabs((up - down) / (2 * h) - grad) / (fabs(grad) + 1e-4);
		worst = error > worst ? error : worst;
	}
	return worst;
}

static struct nn *
open_net(const char *text, const struct shape *in, bool train)
{
	const size_t row = ROW;
	const struct nn_source source[] = { { "main", in->rank, in->d }, { "row", 1, &row } };
	size_t sources = strstr(text, "input row") != NULL ? 2 : 1;
	struct nn *net;

	return nn_open_inputs(&net, text, "net", source, sources, 3, BATCH, train, 2) == ST_OK ? net : NULL;
}

/* The worst relative error over all weights; negative where the net fails. */
static double
check(const char *text, const struct shape *in, bool padded, const char **where)
{
	double worst = 0;
	struct nn *net = open_net(text, in, true);

	*where = NULL;
	if (net == NULL || nn_allocate(net, 0, 0) != ST_OK || nn_use_threads(net) != ST_OK || nn_init(net, 3) != ST_OK)
		return -1;
	for (size_t i = 0; i < BATCH; i++) {
		target[i] = (size_t)rand() % 3;
		value[i] = uniform();
		length[i] = padded ? 1 + (i * 5 + 2) % in->d[0] : 0;
		for (size_t k = 0; k < nn_inputs(net); k++)
			nn_input(net, i)[k] = (real)uniform();
		for (size_t k = 0; strstr(text, "input row") != NULL && k < ROW; k++)
			nn_input_of(net, 1, i)[k] = (real)uniform();
	}
	nn_set_batches(net, UINT64_C(1) << 60); /* so that momentum=1 keeps running statistics */
	for (size_t i = 0; i < nn_trainable(net); i++)
		nn_weights(net)[i] += (real)(0.3 * uniform());
	loss(net);
	nn_backward(net);
	for (size_t i = 0; i < nn_params(net); i++) {
		const struct nn_param *p = nn_param(net, i);
		double error = p->grad == NULL ? 0 : worst_of(net, p);

		if (error > worst) {
			worst = error;
			*where = p->name;
		}
	}
	if (*where != NULL) {
		static char name[64];

		snprintf(name, sizeof name, "%s", *where);
		*where = name;
	}
	nn_free(net);
	return worst;
}

static void
report(size_t i, bool padded)
{
	static size_t count;
	const char *where;
	double worst;
	int good;

	srand(1); /* a case is the same whatever others come before */
	worst = check(cases[i].text, &cases[i].in, padded, &where);
	good = worst >= 0 && worst < 1e-3;
	printf("%s %zu - gradients of %s%s agree with finite differences\n", good ? "ok" : "not ok", ++count, cases[i].name,
	       padded ? ", padded," : "");
	if (worst < 0)
		printf("# %s\n", err_text());
	else
		printf("# worst relative error %.2g (%s)\n", worst, where == NULL ? "-" : where);
}

/* Whether its examples may differ in length. */
static bool
takes_lengths(size_t i)
{
	struct nn *net = open_net(cases[i].text, &cases[i].in, false);
	bool takes = net != NULL && cases[i].in.rank > 1 && nn_takes_lengths(net) == ST_OK;

	nn_free(net);
	return takes;
}

int
main(void)
{
	size_t n = sizeof cases / sizeof cases[0], tests = n;

	for (size_t i = 0; i < n; i++)
		tests += takes_lengths(i);
	printf("1..%zu\n", tests);
	for (size_t i = 0; i < n; i++)
		report(i, false);
	for (size_t i = 0; i < n; i++)
		if (takes_lengths(i))
			report(i, true);
	return 0;
}
