/* What a net computes depends neither on the number of threads, nor on what
 * else is in a batch, nor on what was in the batches before. */
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "net/layer.h"
#include "tap.h"

enum { BATCH = 19, CLASSES = 3 }; /* three shards, the last one part-filled */

static const struct {
	const char *text;
	int rank;
	size_t d[3];
} nets[] = {
	{ "normalize\ndense 40\nbatchnorm\nrelu\ndropout 0.3\ndense 130\nelu\ndense classes\nsoftmax", 1, { 20 } },
	{ "conv1d 20 width=5\nbatchnorm\nrelu\nmaxpool1d 2\ndropout 0.3\nconv1d 33 3 stride=2\navgpool1d 2\ntanh\n"
	  "flatten\ndense classes\nsoftmax",
	  2, { 21, 6 } },
	{ "conv2d 9 height=3 width=3\nbatchnorm\nrelu\nmaxpool2d\nconv2d 17 2 3 padding=valid\navgpool2d 1 2\n"
	  "globalstatspool\ndense classes\nsoftmax",
	  2, { 12, 14 } },
	{ "conv1d 9 3\nbatchnorm\nrelu\nmaxpool1d 5 stride=2 padding=same\ndropout 0.3\nconv2d 9 3 3\navgpool2d 3 3 stride=2\nrelu\n"
	  "maxpool2d 2 2 1\nglobalstatspool\ndense classes\nsoftmax",
	  2, { 21, 6 } },
	{ "conv2d 5 3 2 dilation=2\nglobalmaxpool\ndense classes\nsoftmax", 3, { 9, 8, 2 } },
	{ "bilstm 20 output=sequence\ndropout 0.3\nbilstm 9\ndense classes\nsoftmax", 2, { 11, 6 } },
	{ "bilstm 20 output=sequence\nbigru 9\ndense classes\nsoftmax", 2, { 37, 6 } },
	{ "bigru 20 output=sequence\ndense 7\nsigmoid\ngru 9\ndense classes\nsoftmax", 2, { 11, 6 } },
	{ "conv2d 9 3 3\nbatchnorm\nrelu\nattentionpool 7\ndense classes\nsoftmax", 2, { 12, 14 } },
	{ "dense 9\nlayernorm\nchanneldropout 0.3\nlstm 4 output=sequence\nlayernorm\nattentionpool 70\ndense classes\nsoftmax", 2, { 11, 6 } },
	{ "conv1d 9 3\nattentionpool 8\nspeakernorm\ndropout 0.3\ndense classes\nsoftmax", 2, { 11, 6 } },
	{ "normalize\nconv1d 9 3\nbatchnorm\nrelu\nsave a\nconv1d 9 3\nadd a\nsave b\nglobalavgpool\ndense 9\nsigmoid\nmultiply b\n"
	  "concat a\nglobalstatspool\ndense classes\nsoftmax",
	  2, { 11, 6 } },
	{ "dense 9\nconv1d 9 width=4\nlstm 12\ndense classes\nsoftmax", 2, { 11, 6 } },
	{ "conv1d 17 width=5\nrelu\nmaxpool1d 2\nconv1d 33 width=3\nglobalavgpool\ndense classes\nsoftmax", 2, { 21, 16 } },
	{ "conv2d 16 1 1\nconv2d 17 3 3\nmaxpool2d\nconv2d 16 2 4\nglobalavgpool\ndense classes\nsoftmax", 2, { 12, 14 } },
	{ "conv1d 130 width=5\nconv1d 200 width=5\nglobalavgpool\ndense classes\nsoftmax", 2, { 40, 16 } }, /* in slices */
	{ "conv1d 16 3\nconv1d 17 width=7\nglobalavgpool\ndense classes\nsoftmax", 2, { 530, 16 } }, /* in parts */
	{ "lstm 5 output=sequence\nconv1d 9 width=7\nglobalavgpool\ndense classes\nsoftmax", 2, { 11, 6 } },
};
enum { NETS = sizeof nets / sizeof nets[0] };

static struct nn *
create(size_t which, int threads)
{
	struct nn *net;

	if (nn_create(&net, nets[which].text, "net", nets[which].rank, nets[which].d, CLASSES, BATCH, true, threads) !=
	        ST_OK ||
	    nn_use_threads(net) != ST_OK || nn_init(net, 5) != ST_OK) {
		fprintf(stderr, "shards: %s\n", err_text());
		exit(4);
	}
	return net;
}

/* Example i of a stream that always is the same. */
static void
set_input(struct nn *net, size_t place, size_t i)
{
	srand((unsigned)i + 1);
	for (size_t k = 0; k < nn_inputs(net); k++)
		nn_input(net, place)[k] = (real)(2.0 * rand() / RAND_MAX - 1);
}

/* Forward and backward of n examples from first on. */
static void
pass(struct nn *net, size_t first, size_t n, uint64_t key)
{
	size_t target[BATCH];

	for (size_t i = 0; i < n; i++) {
		set_input(net, i, first + i);
		target[i] = (first + i) % CLASSES;
		nn_set_group(net, i, 1 + (first + i) % 2);
	}
	nn_forward(net, n, true, key);
	nn_loss_cross_entropy(net, target, NULL, 0.1);
	nn_backward(net);
}

static void
step(struct nn *net, size_t first, size_t n, uint64_t key)
{
	pass(net, first, n, key);
	for (size_t k = 0; k < nn_trainable(net); k++)
		nn_weights(net)[k] -= (real)0.1 * nn_gradients(net)[k];
}

static bool
same_outputs(const struct nn *a, const struct nn *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(nn_output(a, i), nn_output(b, i), nn_outputs(a) * sizeof(real)) != 0)
			return false;
	return true;
}

static bool
same_weights(struct nn *a, struct nn *b)
{
	for (size_t i = 0; i < nn_params(a); i++)
		if (memcmp(nn_param(a, i)->value, nn_param(b, i)->value, nn_param(a, i)->n * sizeof(real)) != 0)
			return false;
	return true;
}

static bool
same_gradients(struct nn *a, struct nn *b)
{
	return memcmp(nn_gradients(a), nn_gradients(b), nn_trainable(a) * sizeof(real)) == 0;
}

/* Training with one thread and with several, the last batches smaller, and fewer than the threads. */
static void
test_threads(size_t which, int threads)
{
	static const size_t n[] = { BATCH, BATCH, 9, 2 };
	struct nn *one = create(which, 1), *more = create(which, threads);
	bool good = true;
	char name[64];

	for (size_t s = 0; s < sizeof n / sizeof n[0]; s++) {
		step(one, s * BATCH, n[s], s);
		step(more, s * BATCH, n[s], s);
		good &= same_outputs(one, more, n[s]) && same_gradients(one, more);
	}
	snprintf(name, sizeof name, "net %zu: 1 thread and %d give the same bits", which + 1, threads);
	ok(good && same_weights(one, more), name);
	nn_free(one);
	nn_free(more);
}

/* Each example by itself, and among others. */
static void
test_company(size_t which)
{
	struct nn *all = create(which, 2), *single = create(which, 1);
	bool good = true;
	char name[64];

	step(all, 0, BATCH, 1); /* running statistics that matter */
	for (size_t i = 0; i < nn_params(all); i++)
		memcpy(nn_param(single, i)->value, nn_param(all, i)->value, nn_param(all, i)->n * sizeof(real));
	for (size_t i = 0; i < BATCH; i++)
		set_input(all, i, i);
	nn_forward(all, BATCH, false, 1);
	for (size_t i = 0; i < BATCH; i++) {
		set_input(single, 0, i);
		nn_forward(single, 1, false, 2);
		good &= memcmp(nn_output(single, 0), nn_output(all, i), CLASSES * sizeof(real)) == 0 && !isnan(nn_output(all, i)[0]);
	}
	snprintf(name, sizeof name, "net %zu: no bit of an example's answer depends on another", which + 1);
	ok(good, name);
	nn_free(all);
	nn_free(single);
}

/* A batch after one of NaN, and the same batch in a fresh net. */
static void
test_past(size_t which)
{
	struct nn *net = create(which, 2), *fresh = create(which, 2);
	size_t target[BATCH] = { 0 };
	bool good = true;
	char name[64];

	for (size_t i = 0; i < BATCH; i++)
		for (size_t k = 0; k < nn_inputs(net); k++)
			nn_input(net, i)[k] = (real)NAN;
	nn_forward(net, BATCH, true, 1);
	nn_loss_cross_entropy(net, target, NULL, 0);
	nn_backward(net);
	/* Of an only example of a speaker, the running statistics are left. */
	for (size_t n = BATCH; n > (strstr(nets[which].text, "speakernorm") == NULL ? 0 : 3); n /= 2) {
		pass(net, n, n, 2);
		pass(fresh, n, n, 2);
		good &= same_outputs(net, fresh, n) && same_gradients(net, fresh);
	}
	snprintf(name, sizeof name, "net %zu: nothing is left of the batches before", which + 1);
	ok(good && !isnan(nn_gradients(net)[0]), name);
	nn_free(net);
	nn_free(fresh);
}

/* All layers frozen but the last: the others' weights get no gradient, nor
 * batchnorm's statistics a batch; the last one's gradient is as ever, where
 * batchnorm does not change what comes to it. */
static void
test_frozen(size_t which)
{
	struct nn *net = create(which, 2), *whole = create(which, 2);
	struct nn_param *last = nn_param(net, nn_params(net) - 1);
	size_t from = (size_t)(last->grad - nn_gradients(net));
	char name[64];
	bool good = true;

	for (size_t i = 0; i + 1 < last->layer; i++)
		nn_freeze(net, i, true);
	pass(net, 0, BATCH, 1);
	for (size_t i = 0; i < nn_params(net); i++) {
		const struct nn_param *p = nn_param(net, i);
		const real *before = nn_param(whole, i)->value;

		good &= memcmp(p->value, before, p->n * sizeof(real)) == 0;
		for (size_t k = 0; p->grad != NULL && p->layer < last->layer && k < p->n; k++)
			good &= p->grad[k] == 0;
	}
	pass(whole, 0, BATCH, 1);
	if (strstr(nets[which].text, "batchnorm") == NULL)
		good &= memcmp(last->grad, nn_gradients(whole) + from, last->n * sizeof(real)) == 0;
	snprintf(name, sizeof name, "net %zu: frozen layers stay as they are", which + 1);
	ok(good, name);
	nn_free(net);
	nn_free(whole);
}

/* Passes flush denormal numbers to zero; the caller's arithmetic does not. */
static void
test_mode(size_t which)
{
	struct nn *net = create(which, 2);
	volatile float smallest = 1.17549435e-38F, half;

	pass(net, 0, BATCH, 1);
	half = smallest / 2;
	ok(half > 0, "passes leave the caller's floating-point mode as it was");
	nn_free(net);
}

int
main(void)
{
	test_mode(0);
	for (size_t i = 0; i < NETS; i++) {
		test_threads(i, 2);
		test_threads(i, 5);
		test_company(i);
		test_past(i);
		test_frozen(i);
	}
	return finish();
}
