#include "base/peak.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/level.h"

enum {
	SUMS = 12, /* of two units that take four or five cycles for one; with two factors, 16 registers have room */
	STEPS = 20000,
	ROUNDS = 20,
	COPIED = 64 << 20, /* bytes */
};

typedef float lanes __attribute__((vector_size(__BIGGEST_ALIGNMENT__)));

/* Operations that it has done; out gets what keeps the compiler from leaving them out. */
static double
multiply_add(size_t steps, float x, volatile float *out)
{
	lanes sum[SUMS], by = (lanes){ 0 } + x, add = by;

	for (int i = 0; i < SUMS; i++)
		sum[i] = (lanes){ 0 } + (float)i;
	for (size_t k = 0; k < steps; k++)
		for (int i = 0; i < SUMS; i++)
			sum[i] = sum[i] * by + add;
	for (int i = 1; i < SUMS; i++)
		sum[0] += sum[i];
	*out = sum[0][0];
	return 2.0 * SUMS * (double)steps * (double)sizeof(lanes) / (double)sizeof(float);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

KERNEL_OF(double, peak_flops, (void), ())
{
	double best = 0;

	for (int i = 0; i < ROUNDS; i++) {
		volatile float x = 0.5F;
		double began = now(), done = multiply_add(STEPS, x, &x), rate = done / (now() - began);

		best = rate > best ? rate : best;
	}
	return best;
}

KERNEL_OF(double, peak_bytes, (void), ())
{
	char *volatile from = malloc(COPIED), *volatile to = malloc(COPIED);
	double best = 0;

	for (int i = 0; i < 3 && from != NULL && to != NULL; i++) {
		double began;

		memset(from, i, COPIED); /* the first time, it gets its pages */
		if (i == 0)
			memset(to, i, COPIED);
		began = now();
		memcpy(to, from, COPIED);
		best = 2.0 * COPIED / (now() - began) > best ? 2.0 * COPIED / (now() - began) : best;
	}
	free(from);
	free(to);
	return best;
}
