/* Times a forward pass of a net on random data, its input filled each time, as
 * whoever has a tensor of his own must: infer NET THREADS BATCH [ROWS COLUMNS];
 * prints a TSV line. BENCH_SECONDS is how long it measures (0.3). */
#include <gsl/gsl_sort.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/level.h"
#include "base/mem.h"
#include "net/nn.h"

enum { CLASSES = 6, RUNS = 4000, WARM = 10 };

/* Seconds. */
static double
forward(struct nn *net, size_t batch, const float *data)
{
	size_t size = nn_inputs(net);
	double t = clock_seconds();

	for (size_t i = 0; i < batch; i++)
		memcpy(nn_input(net, i), data + i * size, size * sizeof *data);
	nn_forward(net, batch, false, 0);
	return clock_seconds() - t;
}

int
main(int argc, char **argv)
{
	static double run[RUNS];
	size_t shape[2] = { argc > 5 ? (size_t)atoi(argv[4]) : 108, argc > 5 ? (size_t)atoi(argv[5]) : 128 };
	size_t batch = argc > 3 ? (size_t)atoi(argv[3]) : 0, n, runs = 0;
	float *data = mem_zero((batch + 1) * shape[0] * shape[1], sizeof *data);
	const char *span = getenv("BENCH_SECONDS");
	double all = 0, most = span == NULL ? 0.3 : atof(span);
	struct nn *net;
	char *text;

	if (batch == 0 || data == NULL || io_slurp(argv[1], 1 << 20, &text, &n) != ST_OK ||
	    nn_create(&net, text, argv[1], 2, shape, CLASSES, batch, false, atoi(argv[2])) != ST_OK || nn_init(net, 1) != ST_OK) {
		fprintf(stderr, "usage: infer NET THREADS BATCH [ROWS COLUMNS] (%s)\n", err_text());
		return 2;
	}
	for (size_t k = 0; k < batch * shape[0] * shape[1]; k++) /* a sum of twelve: nearly normal */
		for (int r = 0; r < 12; r++)
			data[k] += (float)rand() / (float)RAND_MAX - 0.5F;
	for (int i = 0; i < WARM; i++)
		forward(net, batch, data);
	while (runs < RUNS && (all < most || runs < 10))
		all += run[runs++] = forward(net, batch, data);
	gsl_sort(run, 1, runs);
	printf("%s\tthreads=%s\tbatch=%zu\tp50 %.3f ms\tp99 %.3f ms\t%.0f clips/s\t%s\n", argv[1], argv[2], batch,
	       run[runs / 2] * 1e3, run[runs * 99 / 100] * 1e3, (double)batch / run[runs / 2], level_name());
	return 0;
}
