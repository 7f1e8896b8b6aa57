/* example: what training does to its examples, on records of known values: the net's
 * input is looked at, and the loss of mixed examples against its formula. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "net/layer.h"
#include "train/train.h"
#include "tap.h"

enum { N = 16, FRAMES = 40, BANDS = 12, EPOCHS = 400 };

static struct data_record record[N];
static const struct data_record *all[N];
static float values[N][FRAMES * BANDS];
static char keys[N][8];
static const float mean[BANDS] = { 5, 4, 3, 2, 1, 0, -1, -2, -3, -4, -5, -6 };

/* Record i has FRAMES - i frames; (frame, band) is 100 i + frame + band / 16. */
static void
make_records(void)
{
	for (size_t i = 0; i < N; i++) {
		for (size_t k = 0; k < FRAMES * BANDS; k++)
			values[i][k] = (float)(100 * i + k / BANDS) + (float)(k % BANDS) / 16;
		snprintf(keys[i], sizeof keys[i], "k%zu", i);
		record[i] = (struct data_record){ .x = values[i], .rows = FRAMES - i, .elements = (FRAMES - i) * BANDS,
			.key = keys[i], .source = keys[i], .label = "", .sex = "", .group = i % 2 ? "b" : "a", .file = "x",
			.speaker = 1 + i % 2, .class = i % 3 };
		all[i] = &record[i];
	}
}

static struct nn *
make_net(const char *text, size_t rows, int threads)
{
	size_t shape[2] = { rows, BANDS };
	struct nn *net;

	if (nn_create(&net, text, "test", 2, shape, 3, N, true, threads) != ST_OK || nn_use_threads(net) != ST_OK ||
	    nn_init(net, 1) != ST_OK)
		exit(99);
	for (size_t k = 0; k < BANDS && strstr(text, "normalize") != NULL; k++) {
		nn_param(net, 0)->value[k] = (real)mean[k];
		nn_param(net, 1)->value[k] = 2;
	}
	return net;
}

static const char text[] = "normalize\nconv1d 2 width=3\nglobalavgpool\ndense classes\nsoftmax\n";

static void
open_example(struct example *x, struct example_how how, size_t rows)
{
	*x = (struct example){ 0 };
	if (example_create(x, &how, make_net(text, rows, 1), rows, BANDS, 0) != ST_OK)
		exit(99);
}

static void
close_example(struct example *x)
{
	struct nn *net = x->net;

	example_free(x);
	nn_free(net);
}

/* The frame of record i that the example begins with; -1 where it is no piece of it. */
static int
begins(const struct example *x, size_t i)
{
	const real *in = nn_input(x->net, i);
	float first = in[0] - values[i][0];

	for (size_t k = 0; k < x->length[i] * BANDS; k++)
		if (fabsf(in[k] - values[i][k] - first) > 0)
			return -1;
	return (int)first;
}

static void
test_crop(void)
{
	struct example x;
	bool pieces = true, lengths = true, inside = true, all_starts = true;
	int starts[FRAMES] = { 0 };

	open_example(&x, (struct example_how){ .seed = 1, .crop = 30 }, 30);
	for (uint64_t e = 0; e < EPOCHS; e++) {
		example_load(&x, all, N, e);
		for (size_t i = 0; i < N; i++) {
			int at = begins(&x, i);

			pieces = pieces && at >= 0;
			lengths = lengths && x.length[i] == (record[i].rows < 30 ? record[i].rows : 30);
			inside = inside && at + (int)x.length[i] <= (int)record[i].rows;
			starts[i == 0 && at >= 0 ? at : FRAMES - 1]++;
		}
	}
	for (int k = 0; k <= 10; k++)
		all_starts = all_starts && starts[k] > 15;
	ok(pieces && lengths && inside, "crops are 30 frames of a record, or all it has");
	ok(all_starts, "from each frame that leaves so many");
	close_example(&x);
}

static void
test_names(void)
{
	struct example x;
	const struct data_record *turned[N];
	struct example_how how = { .seed = 1, .crop = 20, .jitter = 1, .frame_masks = 1, .frames = 5, .noise = 1 };
	real first[20 * BANDS];
	bool other;

	for (size_t i = 0; i < N; i++)
		turned[i] = all[N - 1 - i];
	open_example(&x, how, 20);
	example_load(&x, all, N, 7);
	memcpy(first, nn_input(x.net, 3), sizeof first);
	example_load(&x, turned, N, 7);
	ok(memcmp(first, nn_input(x.net, N - 1 - 3), sizeof first) == 0, "what is drawn for a key is so wherever it is in a batch");
	example_load(&x, turned, N, 8);
	other = memcmp(first, nn_input(x.net, N - 1 - 3), sizeof first) != 0;
	close_example(&x);
	how.seed = 2;
	open_example(&x, how, 20);
	example_load(&x, all, N, 7);
	ok(other && memcmp(first, nn_input(x.net, 3), sizeof first) != 0, "and another in another epoch or with another seed");
	close_example(&x);
}

/* Mean and deviation of n numbers are those of a normal distribution, within 5 standard errors. */
static void
is_normal(const double *v, size_t n, double deviation, const char *name)
{
	double sum = 0, square = 0;

	for (size_t i = 0; i < n; i++) {
		sum += v[i];
		square += v[i] * v[i];
	}
	ok(fabs(sum / (double)n) < 5 * deviation / sqrt((double)n) &&
	   fabs(sqrt(square / (double)n) / deviation - 1) < 5 / sqrt(2.0 * (double)n), name);
}

static void
test_jitter_and_noise(void)
{
	static double jitter[EPOCHS * N], noise[EPOCHS * N];
	struct example x;
	bool same = true;

	open_example(&x, (struct example_how){ .seed = 1, .jitter = 0.15 }, FRAMES);
	for (uint64_t e = 0; e < EPOCHS; e++) {
		example_load(&x, all, N, e);
		for (size_t i = 0; i < N; i++) {
			jitter[e * N + i] = (double)(nn_input(x.net, i)[0] - values[i][0]);
			for (size_t k = 0; k < record[i].elements; k++)
				same = same && fabs((double)(nn_input(x.net, i)[k] - values[i][k]) - jitter[e * N + i]) < 5e-4;
		}
	}
	ok(same, "jitter adds the same to all of an example");
	is_normal(jitter, EPOCHS * N, 0.3, "a normal number of 0.15 of the deviation of 2 that normalize has");
	close_example(&x);
	open_example(&x, (struct example_how){ .seed = 1, .noise = 0.5 }, FRAMES);
	for (uint64_t e = 0; e < EPOCHS; e++) {
		example_load(&x, all, N, e);
		for (size_t i = 0; i < N; i++)
			noise[e * N + i] = (double)(nn_input(x.net, i)[e % 200] - values[i][e % 200]);
	}
	is_normal(noise, EPOCHS * N, 1, "noise is normal");
	close_example(&x);
}

/* Counts by width the masked frames (or bands) of example 0, which lie side by side, all of mean values. */
static bool
count_mask(const struct example *x, bool of_frames, size_t *count)
{
	size_t masked = 0, last = 0, first = SIZE_MAX;

	for (size_t a = 0; a < (of_frames ? FRAMES : BANDS); a++) {
		size_t hit = 0, n = of_frames ? BANDS : FRAMES;

		for (size_t b = 0; b < n; b++) {
			size_t k = of_frames ? a * BANDS + b : b * BANDS + a;

			hit += fabsf(nn_input(x->net, 0)[k] - mean[k % BANDS]) == 0 && values[0][k] != nn_input(x->net, 0)[k];
		}
		if (hit > 0 && hit < n - 1) /* a value may happen to be the mean */
			continue;
		if (hit > 0) {
			masked++;
			last = a;
			first = first == SIZE_MAX ? a : first;
		}
	}
	count[masked]++;
	return masked == 0 || last - first + 1 == masked;
}

static void
test_masks(void)
{
	size_t frames[FRAMES + 1] = { 0 }, bands[BANDS + 1] = { 0 };
	struct example x;
	bool side = true, even = true;

	open_example(&x, (struct example_how){ .seed = 1, .frame_masks = 1, .frames = 8 }, FRAMES);
	for (uint64_t e = 0; e < 4 * EPOCHS; e++) {
		example_load(&x, all, 1, e);
		side = count_mask(&x, true, frames) && side;
	}
	close_example(&x);
	for (size_t w = 0; w <= FRAMES; w++) /* 200 of each, deviation 13 */
		even = even && (w < 8 ? frames[w] > 130 && frames[w] < 270 : frames[w] == 0);
	ok(side && even, "a mask of fewer than 8 frames: 0 to 7 side by side, as likely, become the mean");
	open_example(&x, (struct example_how){ .seed = 1, .band_masks = 1, .bands = 20 }, FRAMES);
	for (uint64_t e = 0; e < 4 * EPOCHS; e++) {
		example_load(&x, all, 1, e);
		side = count_mask(&x, false, bands) && side;
	}
	close_example(&x);
	even = true;
	for (size_t w = 0; w <= BANDS; w++) /* 123 of each, deviation 11 */
		even = even && bands[w] > 70 && bands[w] < 180;
	ok(side && even, "a mask of fewer than 20 bands of 12: 0 to 12");
}

static void
test_mixup(bool within)
{
	struct example x, plain;
	struct example_how how = { .seed = 1, .crop = 30, .jitter = 0.1, .mixup = 0.2, .within = within };
	double sum = 0, square = 0, n = EPOCHS * N;
	bool mixed = true, partners = true;

	open_example(&x, how, 30);
	how.mixup = 0;
	open_example(&plain, how, 30);
	for (uint64_t e = 0; e < EPOCHS; e++) {
		example_load(&x, all, N, e);
		example_load(&plain, all, N, e);
		for (size_t i = 0; i < N; i++) {
			size_t p = x.partner[i];
			double share = x.share[i];

			sum += share;
			square += (share - 0.5) * (share - 0.5);
			partners = partners && p != i && (!within || record[p].speaker == record[i].speaker);
			for (size_t k = 0; k < x.length[i] * BANDS; k++) {
				double a = (double)nn_input(plain.net, i)[k], b = (double)nn_input(plain.net, p)[k];
				double want = k < x.length[p] * BANDS ? share * a + (1 - share) * b : a;

				mixed = mixed && fabs((double)nn_input(x.net, i)[k] - want) < 1e-3;
			}
		}
	}
	ok(mixed, "mixup: the shares of two examples as they would be, to the end of the shorter");
	ok(partners, within ? "of two records of a group" : "of two records");
	/* Beta(a,a) has a mean of 1/2 and a variance of 1 / (4 (2 a + 1)). */
	ok(fabs(sum / n - 0.5) < 5 * 0.4226 / sqrt(n) && fabs(square / n * 4 * 1.4 - 1) < 0.05, "shares are Beta(0.2, 0.2)");
	close_example(&plain);
	close_example(&x);
}

/* The second input of i is 10 i and 10 i + 1. */
static void
test_beside(void)
{
	static const char text2[] = "globalavgpool\nsave a\ninput rows\nconcat a\ndense classes\nsoftmax\n";
	static float rows[N][2];
	size_t shape[2] = { FRAMES, BANDS }, two = 2;
	const struct nn_source source[] = { { "main", 2, shape }, { "rows", 1, &two } };
	struct example_how how = { .seed = 4, .mixup = 1 };
	struct example x = { 0 };
	struct nn *net;
	bool mixed = true;

	for (size_t i = 0; i < N; i++) {
		rows[i][0] = (float)(10 * i);
		rows[i][1] = (float)(10 * i + 1);
		record[i].beside = rows[i];
	}
	if (nn_open_inputs(&net, text2, "test", source, 2, 3, N, true, 1) != ST_OK || nn_allocate(net, 0, 0) != ST_OK ||
	    example_create(&x, &how, net, FRAMES, BANDS, 2) != ST_OK)
		exit(99);
	example_load(&x, all, N, 0);
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < 2; k++) {
			double want = x.share[i] * (double)rows[i][k] + (1 - x.share[i]) * (double)rows[x.partner[i]][k];

			mixed = mixed && fabs((double)nn_input_of(net, 1, i)[k] - want) < 1e-4;
		}
	ok(mixed, "a second input is mixed with the same partner and share");
	close_example(&x);
}

static double expected, got;

/* The loss of the step from the outputs and shares that are there. */
static void
watch(struct train *t, size_t batch)
{
	(void)batch;
	for (size_t i = 0; i < N; i++) {
		size_t own = t->example.record[i]->class, other = t->example.record[t->example.partner[i]]->class;
		double share = t->example.share[i], w = share * t->class_weight[own] + (1 - share) * t->class_weight[other];
		const real *p = nn_output(t->net, i);

		for (size_t c = 0; c < 3; c++) {
			double a = (c == own ? 0.9 : 0) + 0.1 / 3, b = (c == other ? 0.9 : 0) + 0.1 / 3;

			expected -= w * (share * a + (1 - share) * b) * log((double)p[c]) / N;
		}
	}
	got = t->loss_sum / (double)t->seen;
}

static void
test_loss(void)
{
	struct train t = { .how = { .epochs = 1, .epoch = { .batch = N }, .example = { .seed = 3, .mixup = 0.4 },
		.schedule = { SCHEDULE_CONSTANT, .rate = 0.01 }, .loss = TRAIN_CROSS_ENTROPY, .smoothing = 0.1, .balanced = true },
		.kind = OUTPUT_SOFTMAX, .classes = 3, .train = { all, N }, .rows = FRAMES, .row = BANDS, .on_step = watch };

	t.whole = t.net = make_net(text, FRAMES, 1);
	for (size_t k = 0; k < BANDS; k++)
		nn_param(t.net, 1)->value[k] = 1000; /* so that no class is certain */
	if (epoch_create(&t.epoch, &t.how.epoch, &t.train) != ST_OK || optim_create(&t.optim, OPTIM_ADAM, t.net) != ST_OK ||
	    train_init(&t) != ST_OK || train_run(&t) != ST_OK)
		exit(99);
	agrees(got, expected, 1e-6, "the loss of mixed examples with smoothing and class weights");
	train_free(&t);
	optim_free(&t.optim);
	epoch_free(&t.epoch);
	nn_free(t.net);
}

static void
test_threads(void)
{
	struct example_how how = { .seed = 9, .crop = 30, .jitter = 1, .noise = 1, .frame_masks = 2, .frames = 9, .mixup = 1 };
	struct example x = { 0 }, y = { 0 };
	bool same = true;

	if (example_create(&x, &how, make_net(text, 30, 1), 30, BANDS, 0) != ST_OK ||
	    example_create(&y, &how, make_net(text, 30, 4), 30, BANDS, 0) != ST_OK)
		exit(99);
	example_load(&x, all, N, 1);
	example_load(&y, all, N, 1);
	for (size_t i = 0; i < N; i++)
		same = same && memcmp(nn_input(x.net, i), nn_input(y.net, i), x.length[i] * BANDS * sizeof(real)) == 0;
	ok(same, "1 thread equals 4");
	close_example(&x);
	close_example(&y);
}

int
main(void)
{
	make_records();
	test_crop();
	test_names();
	test_jitter_and_noise();
	test_masks();
	test_mixup(false);
	test_mixup(true);
	test_beside();
	test_loss();
	test_threads();
	return finish();
}
