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

/* A product whose row.outer is 1, cut into parts: of so many columns, or of rows. */
struct cut {
	struct nn_product p;
	size_t rows, columns, parts;
};

static void
multiply_part(void *ctx, size_t i)
{
	const struct cut *t = ctx;
	struct nn_product p = t->p;
	size_t row = t->rows < p.row.inner ? i * t->rows : 0, column = row == 0 && t->columns < p.n ? i * t->columns : 0;

	p.a += row * p.row.inner_step;
	p.c += row * p.c_inner_step + column;
	p.b += column * (p.packed ? p.depth.outer * p.depth.inner : p.b_column);
	p.start += p.start == NULL ? 0 : column;
	p.row.inner = p.row.inner - row < t->rows ? p.row.inner - row : t->rows;
	p.n = p.n - column < t->columns ? p.n - column : t->columns;
	nn_multiply(&p);
}

/* By columns, where there are enough, as B is packed by each part; none so small that
 * handing it over takes longer. */
static struct cut
cut_product(const struct nn *net, const struct nn_product *p)
{
	enum { ROWS = 24 };
	size_t threads = nn_threads(net), m = p->row.inner;
	size_t work = (m + NN_TOUCH) * p->n * p->depth.outer * p->depth.inner / NN_WORK;
	size_t parts = work < 4 * threads ? work : 4 * threads, columns = p->n / NN_COLUMNS, rows = m / ROWS;
	struct cut t = { *p, m, p->n, 0 };

	if (m == 0 || p->n == 0)
		return t;
	if (parts > 1 && (columns >= threads || columns >= rows)) {
		columns = columns < parts ? columns : parts;
		t.columns = columns < 2 ? p->n : (p->n / columns + NN_COLUMNS - 1) / NN_COLUMNS * NN_COLUMNS;
	} else if (parts > 1) {
		t.rows = rows < parts ? (m + rows - 1) / rows : (m + parts - 1) / parts;
	}
	t.parts = ((m + t.rows - 1) / t.rows) * ((p->n + t.columns - 1) / t.columns);
	return t;
}

void
nn_multiply_on(const struct nn *net, const struct nn_product *p)
{
	struct cut t = cut_product(net, p);

	nn_for(net, t.parts, multiply_part, &t);
}

void
nn_gemm_gradient(const struct nn *net, const struct nn_gradient *g)
{
	for (size_t p = 0; p < g->parts; p++)
		nn_multiply_on(net, &(struct nn_product){ .n = g->n, .row = places(g->m, 1), .depth = places(g->rows[p], g->lda),
			.a = g->a + p * g->step_a, .b = g->b + p * g->step_b, .b_inner_step = g->ldb, .b_column = 1, .beta = p > 0,
			.c = g->c, .c_inner_step = g->n });
}

void
nn_sum_parts(size_t parts, size_t width, size_t step, const real *d, real *sum)
{
	memset(sum, 0, width * sizeof *sum);
	for (size_t i = 0; i < parts; i++)
		nn_add_rows(1, width, d + i * step, sum);
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

	if (rows * width < NN_WORK / 4)
		for (size_t i = 0; i < blocks; i++)
			sum_block(&t, i);
	else
		nn_for(net, blocks, sum_block, &t);
	nn_sum_parts(blocks, width, width, partial, sum);
}
