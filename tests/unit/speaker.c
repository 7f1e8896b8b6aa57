/* speakernorm against its definition: groups of a batch in training, running
 * statistics, a speaker's given ones. */
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "net/nn.h"
#include "tap.h"

enum { BATCH = 11, F = 5 };

/* 7 and 9 are speakers of the batch; 2 has one example, 0 stands for no group. */
static const uint64_t group[BATCH] = { 7, 7, 0, 9, 7, 9, 0, 2, 9, 7, 9 };
static double x[BATCH][F];

static struct nn *
create(void)
{
	struct nn *net;

	if (nn_create(&net, "speakernorm epsilon=0.01 momentum=0.75", "net", 1, (size_t[]){ F }, 3, BATCH, true, 2) != ST_OK ||
	    nn_init(net, 1) != ST_OK) {
		fprintf(stderr, "speaker: %s\n", err_text());
		exit(4);
	}
	return net;
}

static void
set_batch(struct nn *net, unsigned seed)
{
	srand(seed);
	for (size_t i = 0; i < BATCH; i++) {
		for (size_t k = 0; k < F; k++) {
			x[i][k] = (double)(real)((double)group[i] + 2.0 * rand() / RAND_MAX);
			nn_input(net, i)[k] = (real)x[i][k];
		}
		nn_set_group(net, i, group[i]);
	}
}

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-5; /* false for NaN */
}

/* Of value k over the examples of a group; of all examples where it is 0. */
static void
statistics(uint64_t of, size_t k, double *mean, double *variance)
{
	double n = 0;

	*mean = *variance = 0;
	for (size_t i = 0; i < BATCH; i++)
		n += of == 0 || group[i] == of;
	for (size_t i = 0; i < BATCH; i++)
		*mean += of == 0 || group[i] == of ? x[i][k] / n : 0;
	for (size_t i = 0; i < BATCH; i++)
		*variance += of == 0 || group[i] == of ? (x[i][k] - *mean) * (x[i][k] - *mean) / n : 0;
}

static double
standardised(double value, double mean, double variance)
{
	return (value - mean) / sqrt(variance + 0.01);
}

static void
test_training(void)
{
	struct nn *net = create();
	double all[F] = { 0 }, within[F] = { 0 }, mean, variance, ignored;
	const real *running[2];
	bool groups = true, running_good = true;

	nn_speaker_running(net, &running[0], &running[1]);
	for (unsigned batch = 0; batch < 5; batch++) {
		double momentum = batch < 3 ? batch / (batch + 1.0) : 0.75;

		set_batch(net, batch + 1);
		nn_forward(net, BATCH, true, 1);
		for (size_t k = 0; k < F; k++) {
			double seven, nine;

			statistics(0, k, &mean, &ignored);
			statistics(7, k, &ignored, &seven);
			statistics(9, k, &ignored, &nine);
			all[k] = momentum * all[k] + (1 - momentum) * mean;
			within[k] = momentum * within[k] + (1 - momentum) * (4 * seven + 4 * nine) / 8;
			running_good &= near((double)running[0][k], all[k]) && near((double)running[1][k], within[k]);
			for (size_t i = 0; i < BATCH; i++) {
				statistics(group[i], k, &mean, &variance);
				if (group[i] < 7) {
					mean = all[k];
					variance = within[k];
				}
				groups &= near((double)nn_output(net, i)[k], standardised(x[i][k], mean, variance));
			}
		}
	}
	ok(groups, "in training, values are standardised within the groups of the batch");
	ok(running_good, "running statistics are the mean of all and the variance within a speaker");
	nn_free(net);
}

static void
test_given(void)
{
	struct nn *net = create();
	real mean[F], variance[F];
	const real *running[2];
	bool given = true, rest = true, seen = nn_speaker_values(net) == F;

	set_batch(net, 1);
	nn_forward(net, BATCH, true, 1);
	nn_speaker_running(net, &running[0], &running[1]);
	set_batch(net, 2);
	for (size_t k = 0; k < F; k++) {
		double m, v;

		statistics(7, k, &m, &v);
		mean[k] = (real)m;
		variance[k] = (real)v;
	}
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < BATCH && pass == 0; i++)
			if (group[i] == 7)
				nn_set_speaker(net, i, mean, variance);
		nn_forward(net, BATCH, false, 1);
		for (size_t i = 0; i < BATCH; i++)
			for (size_t k = 0; k < F; k++) {
				double own = standardised(x[i][k], (double)mean[k], (double)variance[k]);
				double any = standardised(x[i][k], (double)running[0][k], (double)running[1][k]);
				bool good = near((double)nn_output(net, i)[k], pass == 0 && group[i] == 7 ? own : any);

				given &= pass == 1 || good;
				rest &= pass == 0 || good;
				seen &= near((double)nn_speaker_input(net, i)[k], x[i][k]);
			}
	}
	ok(given, "outside of training, by the statistics given for an example, or the running ones");
	ok(rest, "which are for one batch only");
	ok(seen, "a speaker's values can be read");
	nn_free(net);
}

static void
test_frozen(void)
{
	struct nn *net = create();
	const real *running[2];
	double mean, variance;
	bool good = true;

	nn_freeze(net, 0, true);
	set_batch(net, 3);
	nn_forward(net, BATCH, true, 1);
	nn_speaker_running(net, &running[0], &running[1]);
	for (size_t k = 0; k < F; k++) {
		statistics(7, k, &mean, &variance);
		good &= running[0][k] == 0 && running[1][k] == 1 &&
		        near((double)nn_output(net, 0)[k], standardised(x[0][k], mean, variance));
	}
	ok(good, "frozen, it standardises within groups, but does not change");
	nn_free(net);
}

int
main(void)
{
	test_training();
	test_given();
	test_frozen();
	return finish();
}
