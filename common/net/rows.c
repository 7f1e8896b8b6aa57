/* Kernels for rows: products where A has few of them, and sums.
 *
 * A library packs both operands before it multiplies, which costs more than
 * the product itself where A has few rows, as in every step of a recurrent
 * layer. This one reads B in place: a tile of MR x NR sums stays in registers
 * while one row of B after another passes. */
#include "base/level.h"
#include "net/gemm.h"
#include "net/vector.h"

/* rows x NR sums; rows is a constant in each call, so that loops unroll. */
static inline __attribute__((always_inline)) void
tile(size_t rows, size_t k, const real *a, size_t lda, const real *b, size_t ldb, real beta, real *c, size_t ldc)
{
	vector sum[MR][2];

	for (size_t i = 0; i < rows; i++)
		sum[i][0] = sum[i][1] = (vector){ 0 };
	for (size_t p = 0; p < k; p++) {
		vector b0 = *(const vector *)(b + p * ldb), b1 = *(const vector *)(b + p * ldb + VECTOR);

		for (size_t i = 0; i < rows; i++) {
			sum[i][0] += a[i * lda + p] * b0;
			sum[i][1] += a[i * lda + p] * b1;
		}
	}
	for (size_t i = 0; i < rows; i++) {
		vector *c0 = (vector *)(c + i * ldc), *c1 = (vector *)(c + i * ldc + VECTOR);

		if (beta != 0) {
			sum[i][0] += beta * *c0;
			sum[i][1] += beta * *c1;
		}
		*c0 = sum[i][0];
		*c1 = sum[i][1];
	}
}

/* Columns that fill no tile. */
static void
edge(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b, size_t ldb, real beta, real *c, size_t ldc)
{
	for (size_t i = 0; i < m; i++) {
		real sum[NR] = { 0 };

		for (size_t p = 0; p < k; p++)
			for (size_t j = 0; j < n; j++)
				sum[j] += a[i * lda + p] * b[p * ldb + j];
		for (size_t j = 0; j < n; j++)
			c[i * ldc + j] = beta == 0 ? sum[j] : sum[j] + beta * c[i * ldc + j];
	}
}

KERNEL(nn_few_rows,
       (size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b, size_t ldb, real beta, real *c,
        size_t ldc),
       (m, n, k, a, lda, b, ldb, beta, c, ldc))
{
	size_t tiles = (m + MR - 1) / MR, rows = (m + tiles - 1) / tiles, j = 0;

	for (; j + NR <= n; j += NR)
		for (size_t i = 0; i < m; i += rows)
			switch (m - i < rows ? m - i : rows) {
#define ROWS(n) case (n): tile((n) < MR ? (n) : MR, k, a + i * lda, lda, b + j, ldb, beta, c + i * ldc + j, ldc); break;
			ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6) ROWS(7) ROWS(8)
#undef ROWS
			}
	if (j < n)
		edge(m, n - j, k, a, lda, b + j, ldb, beta, c + j, ldc);
}

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
