/* Times one training step (forward, backward, Adam) of a net on random data,
 * as PyTorch users do theirs: step NET THREADS [BATCH [ROWS COLUMNS]]; prints a
 * TSV line. BENCH_SECONDS is how long it measures (5). */
#include <gsl/gsl_sort.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/level.h"
#include "base/mem.h"
#include "net/nn.h"
#include "train/optim.h"

enum { CLASSES = 6, POOL = 512, ROUNDS = 5 };

static double
step(struct nn *net, struct optim *o, size_t batch, const float *data, uint64_t key)
{
	size_t target[1024];
	double loss;

	for (size_t i = 0; i < batch; i++) {
		size_t pick = (key * 7919 + i * 104729) % POOL, size = nn_inputs(net);
		real *in = nn_input(net, i);

		target[i] = pick % CLASSES;
		nn_set_group(net, i, 1 + i / 16);
		for (size_t k = 0; k < size; k++)
			in[k] = data[pick * size + k];
	}
	nn_forward(net, batch, true, key);
	loss = nn_loss_cross_entropy(net, target, NULL, 0);
	nn_backward(net);
	optim_step(o, net, 5e-4, 0);
	return loss;
}

int
main(int argc, char **argv)
{
	size_t n, batch = argc > 3 ? (size_t)atoi(argv[3]) : 64;
	size_t shape[2] = { argc > 5 ? (size_t)atoi(argv[4]) : 108, argc > 5 ? (size_t)atoi(argv[5]) : 128 };
	size_t size = shape[0] * shape[1];
	float *data = mem_zero(POOL * size, sizeof *data);
	struct nn *net;
	struct optim o;
	const char *span = getenv("BENCH_SECONDS");
	double runs[ROUNDS], t, cpu, loss = 0;
	uint64_t key = 0;
	char *text;
	int count;

	if (argc < 3 || batch > 1024 || data == NULL || io_slurp(argv[1], 1 << 20, &text, &n) != ST_OK ||
	    nn_create(&net, text, argv[1], 2, shape, CLASSES, batch, true, atoi(argv[2])) != ST_OK ||
	    nn_init(net, 1) != ST_OK || optim_create(&o, OPTIM_ADAM, net) != ST_OK) {
		fprintf(stderr, "usage: step NET THREADS [BATCH [ROWS COLUMNS]] (%s)\n", err_text());
		return 2;
	}
	for (size_t k = 0; k < POOL * size; k++) /* a sum of twelve: nearly normal */
		for (int r = 0; r < 12; r++)
			data[k] += (float)rand() / (float)RAND_MAX - 0.5F;
	for (int i = 0; i < 3; i++)
		step(net, &o, batch, data, ++key);
	t = clock_seconds();
	step(net, &o, batch, data, ++key);
	count = 1 + (int)((span == NULL ? 5 : atof(span)) / ROUNDS / (clock_seconds() - t));
	cpu = (double)clock();
	for (int r = 0; r < ROUNDS; r++) {
		t = clock_seconds();
		for (int i = 0; i < count; i++)
			loss = step(net, &o, batch, data, ++key);
		runs[r] = (clock_seconds() - t) / count;
	}
	cpu = ((double)clock() - cpu) / CLOCKS_PER_SEC / (ROUNDS * count);
	gsl_sort(runs, 1, ROUNDS);
	printf("%s\tthreads=%s\tbatch=%zu\t%.2f ms/step\t%.2f ms of CPU\t%.0f clips/s\tloss %.4f\t%s\n", argv[1], argv[2], batch,
	       runs[ROUNDS / 2] * 1e3, cpu * 1e3, (double)batch / runs[ROUNDS / 2], loss,
	       level_name());
	return 0;
}
