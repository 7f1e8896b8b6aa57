/* Examples of different lengths: padded into one batch, whatever is in the
 * padding, they give what nets of their own lengths give for each of them. */
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "net/layer.h"
#include "tap.h"

enum { BATCH = 19, ROWS = 23, COLUMNS = 9, CLASSES = 3 };

static const char *const nets[] = {
	"normalize\nconv1d 5 4 stride=3\nrelu\ndropout 0.2\nglobalavgpool\ndense classes\nsoftmax",
	"dense 7\nconv1d 6 5 stride=2 dilation=2\nelu\nconv1d 5 3\nglobalmaxpool\ndense classes\nsoftmax",
	"conv2d 5 5 3 stride_height=2\nmaxpool2d\nrelu\nconv2d 7 3 3\navgpool2d 1 2\nglobalstatspool\ndense classes\nsoftmax",
	"conv2d 5 4 2 stride=4\ntanh\nconv2d 4 2 2 stride_height=2 stride_width=1\nglobalavgpool\ndense classes\nsoftmax",
	"conv2d 5 2 2 padding=valid stride=2\nsigmoid\navgpool1d\ndense 6\nglobalstatspool\ndense classes\nsoftmax",
	"conv1d 6 3\nlstm 5 output=sequence\nconv1d 4 3\ngru 5\ndense classes\nsoftmax",
	"bilstm 5 output=sequence\nmaxpool1d 2\nbigru 4\ndense classes\nsoftmax",
	"dense 6\nmaxpool1d 5 stride=2 padding=same\nrelu\navgpool1d 3 stride=2\nglobalstatspool\ndense classes\nsoftmax",
	"conv2d 3 3 3\nmaxpool2d 3 3 stride=2\navgpool2d 3 2 stride=2 stride_width=1 padding=same\nlstm 4\ndense classes\nsoftmax",
	"avgpool1d 3 padding=same\nmaxpool1d 2 1\nconv1d 4 2\nmaxpool1d 2 3 padding=same\nglobalavgpool\ndense classes\nsoftmax",
	"conv2d 3 3 3 stride_height=2\nattentionpool 6\ndense classes\nsoftmax",
	"conv1d 5 3\nlayernorm\nchanneldropout 0.2\nattentionpool 3\nlayernorm\ndense classes\nsoftmax",
	("conv2d 5 3 3\nrelu\nsave a\nconv2d 4 3 3 stride_height=2\nsave b\nload a\nmaxpool2d 1 1\nconv2d 4 1 1 stride_height=2\n"
	 "add b\nsave c\nglobalavgpool\nsigmoid\nmultiply c\nconcat b\nattentionpool 6\ndense classes\nsoftmax"),
	"dense 16\nconv1d 17 5\nrelu\nconv1d 16 4 padding=valid\nglobalavgpool\ndense classes\nsoftmax",
	"conv2d 16 1 1\nconv2d 17 3 3\nmaxpool2d\nconv2d 16 2 4 padding=valid\nglobalstatspool\ndense classes\nsoftmax",
	"gru 3 output=sequence\nattentionpool 6\ndense classes\nsoftmax",
	"bilstm 5\ndense classes\nsoftmax",
};

/* From 6, as no net above passes over fewer. */
static size_t
length_of(size_t i)
{
	return 6 + i * 7 % (ROWS - 5);
}

static struct nn *
create_with(const char *text, size_t rows, int threads)
{
	struct nn *net;

	if (nn_create(&net, text, "net", 2, (size_t[]){ rows, COLUMNS }, CLASSES, BATCH, true, threads) != ST_OK ||
	    nn_use_threads(net) != ST_OK || nn_init(net, 3) != ST_OK) {
		fprintf(stderr, "lengths: %s\n", err_text());
		exit(4);
	}
	return net;
}

static struct nn *
create(const char *text, size_t rows)
{
	return create_with(text, rows, 2);
}

/* Example i, with NaN behind its last row. */
static void
set_input(struct nn *net, size_t place, size_t i)
{
	size_t n = length_of(i) * COLUMNS;

	srand((unsigned)i + 1);
	for (size_t k = 0; k < nn_inputs(net); k++)
		nn_input(net, place)[k] = (real)(k < n ? 2.0 * rand() / RAND_MAX - 1 : (double)NAN);
}

static double
difference(const real *a, const real *b, size_t n)
{
	double worst = 0;

	for (size_t k = 0; k < n; k++) {
		double error = fabs((double)a[k] - (double)b[k]);

		worst = isnan(error) || error > worst ? error : worst;
	}
	return worst;
}

static void
pass(struct nn *net, size_t n, bool training, const size_t *target)
{
	nn_forward(net, n, training, 1);
	nn_loss_cross_entropy(net, target, NULL, 0);
	nn_backward(net);
}

static void
test_net(size_t which)
{
	struct nn *all = create(nets[which], ROWS);
	double worst = 0, sum_off;
	real *sum = mem_zero(nn_trainable(all), sizeof *sum);
	size_t target[BATCH];
	char name[64];

	for (size_t i = 0; i < BATCH; i++) {
		target[i] = i % CLASSES;
		set_input(all, i, i);
		nn_set_length(all, i, length_of(i));
	}
	pass(all, BATCH, false, target);
	for (size_t i = 0; i < BATCH; i++) {
		struct nn *own = create(nets[which], length_of(i));
		double error;

		set_input(own, 0, i);
		pass(own, 1, false, &target[i]);
		error = difference(nn_output(all, i), nn_output(own, 0), CLASSES);
		worst = isnan(error) || error > worst ? error : worst;
		for (size_t k = 0; k < nn_trainable(all); k++)
			sum[k] += nn_gradients(own)[k] / BATCH;
		nn_free(own);
	}
	sum_off = difference(sum, nn_gradients(all), nn_trainable(all));
	snprintf(name, sizeof name, "net %zu: padded, each example gives what it gives alone", which + 1);
	if (!ok(worst < 1e-6, name))
		printf("# off by %g\n", worst);
	snprintf(name, sizeof name, "net %zu: and so do the gradients", which + 1);
	if (!ok(sum_off < 1e-6, name))
		printf("# off by %g\n", sum_off);
	free(sum);
	nn_free(all);
}

static void
test_threads(size_t which)
{
	struct nn *net[2] = { create_with(nets[which], ROWS, 1), create_with(nets[which], ROWS, 3) };
	size_t target[BATCH];
	bool good = true;
	char name[64];

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < BATCH; i++) {
			target[i] = i % CLASSES;
			set_input(net[k], i, i);
			nn_set_length(net[k], i, length_of(i));
		}
		pass(net[k], BATCH, true, target);
	}
	for (size_t i = 0; i < BATCH; i++)
		good &= memcmp(nn_output(net[0], i), nn_output(net[1], i), CLASSES * sizeof(real)) == 0;
	good &= memcmp(nn_gradients(net[0]), nn_gradients(net[1]), nn_trainable(net[0]) * sizeof(real)) == 0;
	snprintf(name, sizeof name, "net %zu: padded, 1 thread and 3 give the same bits", which + 1);
	ok(good, name);
	nn_free(net[0]);
	nn_free(net[1]);
}

/* In one net, an example has the bits among others, longer and shorter, that it has alone. */
static void
test_company(size_t which)
{
	struct nn *net = create(nets[which], ROWS);
	real among[BATCH][CLASSES];
	bool good = true;
	char name[64];

	for (size_t i = 0; i < BATCH; i++) {
		set_input(net, i, i);
		nn_set_length(net, i, length_of(i));
	}
	nn_forward(net, BATCH, false, 1);
	for (size_t i = 0; i < BATCH; i++)
		memcpy(among[i], nn_output(net, i), sizeof among[i]);
	for (size_t i = 0; i < BATCH; i++) {
		set_input(net, 0, i);
		nn_set_length(net, 0, length_of(i));
		nn_forward(net, 1, false, 1);
		good &= memcmp(among[i], nn_output(net, 0), sizeof among[i]) == 0;
	}
	snprintf(name, sizeof name, "net %zu: padded, alone and among others the same bits", which + 1);
	ok(good, name);
	nn_free(net);
}

/* Lengths are of one batch: the next has all its rows again. */
static void
test_next(void)
{
	struct nn *net = create(nets[0], ROWS), *fresh = create(nets[0], ROWS);

	for (size_t i = 0; i < 2; i++) {
		set_input(net, i, 17);
		nn_set_length(net, i, 9);
	}
	nn_forward(net, 2, false, 1);
	for (size_t k = 0; k < nn_inputs(net); k++)
		nn_input(net, 0)[k] = nn_input(fresh, 0)[k] = (real)k;
	nn_forward(net, 1, false, 1);
	nn_forward(fresh, 1, false, 1);
	ok(memcmp(nn_output(net, 0), nn_output(fresh, 0), CLASSES * sizeof(real)) == 0, "the next batch has all its rows");
	nn_free(net);
	nn_free(fresh);
}

/* Statistics of batchnorm and normalize are those of the valid rows. */
static void
test_statistics(void)
{
	struct nn *net = create("normalize\nbatchnorm\nglobalavgpool\ndense 2", ROWS);
	double sum[COLUMNS] = { 0 }, square[COLUMNS] = { 0 }, rows = 0, worst = 0;

	for (size_t i = 0; i < BATCH; i++) {
		float x[ROWS * COLUMNS];

		set_input(net, i, i);
		nn_set_length(net, i, length_of(i));
		rows += (double)length_of(i);
		for (size_t k = 0; k < ROWS * COLUMNS; k++)
			x[k] = (float)nn_input(net, i)[k];
		nn_fit_rows(net, x, length_of(i));
		for (size_t k = 0; k < length_of(i) * COLUMNS; k++) {
			sum[k % COLUMNS] += (double)x[k];
			square[k % COLUMNS] += (double)x[k] * (double)x[k];
		}
	}
	nn_fit(net, NULL);
	nn_forward(net, BATCH, true, 1);
	for (size_t k = 0; k < COLUMNS; k++) {
		double mean = sum[k] / rows, deviation = sqrt(square[k] / rows - mean * mean);

		worst = fmax(worst, fabs((double)nn_param(net, 0)->value[k] - mean));
		worst = fmax(worst, fabs((double)nn_param(net, 1)->value[k] - deviation));
		worst = fmax(worst, fabs((double)nn_param(net, 4)->value[k]));     /* what normalize leaves */
		worst = fmax(worst, fabs((double)nn_param(net, 5)->value[k] - 1));
	}
	if (!ok(worst < 1e-5, "normalize and batchnorm learn from valid rows alone"))
		printf("# off by %g\n", worst);
	nn_free(net);
}

static void
test_refusal(void)
{
	struct nn *net = create("conv1d 3 3\nflatten\ndense 2", ROWS);

	ok(nn_takes_lengths(net) == ST_DATA &&
	       strcmp(err_text(), "net: line 2: flatten: the examples differ in length (a pool over time comes before)") == 0,
	   "flatten refuses examples of different lengths");
	nn_free(net);
	net = create("globalavgpool\nflatten\ndense 2", ROWS);
	ok(nn_takes_lengths(net) == ST_OK, "but not behind a pool");
	nn_free(net);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
		test_net(i);
		test_threads(i);
		test_company(i);
	}
	test_next();
	test_statistics();
	test_refusal();
	return finish();
}
