#include "net/gemm.h"

#include <string.h>

/* n places in a row. */
static struct nn_places
places(size_t n, size_t step)
{
	return (struct nn_places){ 1, n, NULL, 0, step };
}

void
nn_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b,
        size_t ldb, real beta, real *c, size_t ldc)
{
	nn_multiply(&(struct nn_product){
		.n = n, .row = places(m, transpose_a ? 1 : lda), .depth = places(k, transpose_a ? lda : 1),
		.a = a, .b = b, .b_inner_step = transpose_b ? 1 : ldb, .b_column = transpose_b ? ldb : 1,
		.beta = beta, .c = c, .c_inner_step = ldc });
}

void
nn_gemm_packed(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *packed, const real *start,
               real beta, real *c, size_t ldc)
{
	nn_multiply(&(struct nn_product){ .n = n, .row = places(m, lda), .depth = places(k, 1), .a = a,
		.b = packed, .packed = true, .start = start, .beta = beta, .c = c, .c_inner_step = ldc });
}

/* The [*from, *to) of part i of n cut into parts equal ones, multiples of 16
 * but for the last. */
static void
part_of(size_t n, size_t parts, size_t i, size_t *from, size_t *to)
{
	size_t step = (n + parts - 1) / parts;

	step = (step + 15) / 16 * 16;
	*from = i * step < n ? i * step : n;
	*to = *from + step < n ? *from + step : n;
}

struct gradient_task {
	const struct nn_gradient *g;
	size_t rows, columns; /* the grid */
};

static void
gradient_block(void *ctx, size_t i)
{
	const struct gradient_task *t = ctx;
	const struct nn_gradient *g = t->g;
	size_t m0, m1, n0, n1;

	part_of(g->m, t->rows, i / t->columns, &m0, &m1);
	part_of(g->n, t->columns, i % t->columns, &n0, &n1);
	if (m0 == m1 || n0 == n1)
		return;
	for (size_t p = 0; p < g->parts; p++)
		nn_gemm(true, false, m1 - m0, n1 - n0, g->rows[p], g->a + p * g->step_a + m0, g->lda,
		        g->b + p * g->step_b + n0, g->ldb, p > 0, g->c + m0 * g->n + n0, g->n);
}

void
nn_gemm_gradient(const struct nn *net, const struct nn_gradient *g)
{
	struct gradient_task t = { g, 1, 1 };

	/* Blocks as square as can be, none below 64 on its longer side. */
	while (t.rows * t.columns < NN_BLOCKS) {
		size_t m = g->m / t.rows, n = g->n / t.columns;

		if (m < 128 && n < 128)
			break;
		if (m >= n)
			t.rows *= 2;
		else
			t.columns *= 2;
	}
	nn_for(net, t.rows * t.columns, gradient_block, &t);
}

struct columns_task {
	bool transpose_b;
	size_t m, n, k, parts;
	const real *a, *b;
	size_t lda, ldb, ldc;
	real beta, *c;
};

static void
columns_block(void *ctx, size_t i)
{
	const struct columns_task *t = ctx;
	size_t from, to;

	part_of(t->n, t->parts, i, &from, &to);
	if (from < to)
		nn_gemm(false, t->transpose_b, t->m, to - from, t->k, t->a, t->lda,
		        t->transpose_b ? t->b + from * t->ldb : t->b + from, t->ldb, t->beta, t->c + from, t->ldc);
}

void
nn_gemm_columns(const struct nn *net, bool transpose_b, size_t m, size_t n, size_t k, const real *a, size_t lda,
                const real *b, size_t ldb, real beta, real *c, size_t ldc)
{
	size_t parts = n / 64 < 1 ? 1 : n / 64 > NN_BLOCKS ? NN_BLOCKS : n / 64;
	struct columns_task t = { transpose_b, m, n, k, parts, a, b, lda, ldb, ldc, beta, c };

	nn_for(net, parts, columns_block, &t);
}

void
nn_transpose(size_t m, size_t n, const real *a, real *b)
{
	enum { TILE = 16 };

	for (size_t i0 = 0; i0 < m; i0 += TILE)
		for (size_t j0 = 0; j0 < n; j0 += TILE)
			for (size_t i = i0; i < m && i < i0 + TILE; i++)
				for (size_t j = j0; j < n && j < j0 + TILE; j++)
					b[j * m + i] = a[i * n + j];
}

struct sum_task {
	size_t rows, width, block;
	const real *d;
	real *partial;
};

static void
sum_block(void *ctx, size_t i)
{
	const struct sum_task *t = ctx;
	size_t first = i * t->block, last = t->rows - first < t->block ? t->rows : first + t->block;
	real *sum = t->partial + i * t->width;

	memset(sum, 0, t->width * sizeof *sum);
	nn_add_rows(last - first, t->width, t->d + first * t->width, sum);
}

void
nn_sum_rows(const struct nn *net, size_t rows, size_t width, size_t block, const real *d, real *partial, real *sum)
{
	struct sum_task t = { rows, width, block, d, partial };
	size_t blocks = (rows + block - 1) / block;

	nn_for(net, blocks, sum_block, &t);
	memset(sum, 0, width * sizeof *sum);
	for (size_t i = 0; i < blocks; i++)
		for (size_t k = 0; k < width; k++)
			sum[k] += partial[i * width + k];
}
