/* Kernels for sums of rows. */
#include "base/level.h"
#include "net/gemm.h"

KERNEL(nn_add_rows, (size_t rows, size_t width, const real *restrict d, real *restrict sum), (rows, width, d, sum))
{
	for (size_t r = 0; r < rows; r++, d += width)
		for (size_t k = 0; k < width; k++)
			sum[k] += d[k];
}

KERNEL(nn_add_pixels, (size_t pixels, size_t pixel, const real *restrict d, real *restrict sum),
       (pixels, pixel, d, sum))
{
	size_t i = 0;

	for (; i + 4 <= pixels; i += 4, d += 4 * pixel)
		for (size_t k = 0; k < pixel; k++)
			sum[k] += (d[k] + d[pixel + k]) + (d[2 * pixel + k] + d[3 * pixel + k]);
	for (; i < pixels; i++, d += pixel)
		for (size_t k = 0; k < pixel; k++)
			sum[k] += d[k];
}
