#include "base/peak.h"

#include <stddef.h>

#include "base/level.h"

enum {
	SUMS = 12, /* of two units that take four or five cycles for one; with two factors, 16 registers have room */
	STEPS = 20000,
};

typedef float lanes __attribute__((vector_size(__BIGGEST_ALIGNMENT__)));

KERNEL_OF(double, peak_multiply, (volatile float *x), (x))
{
	lanes sum[SUMS], by = (lanes){ 0 } + *x, add = by;

	for (int i = 0; i < SUMS; i++)
		sum[i] = (lanes){ 0 } + (float)i;
	for (size_t k = 0; k < STEPS; k++)
		for (int i = 0; i < SUMS; i++)
			sum[i] = sum[i] * by + add;
	for (int i = 1; i < SUMS; i++)
		sum[0] += sum[i];
	*x = sum[0][0];
	return 2.0 * SUMS * STEPS * (double)sizeof(lanes) / (double)sizeof(float);
}
