/* gemm: products of matrices, row-major, by the one kernel (product.h): an element
 * of C has the same bits wherever it lies and however many others come with it. */
#ifndef SER_NET_GEMM_H
#define SER_NET_GEMM_H

#include "net/layer.h"
#include "net/product.h"

/* C(m,n) = op(A)(m,k) op(B)(k,n) + beta C, op the transpose where asked for. One
 * thread. B is packed at each call, but for few rows of A. */
void nn_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b,
             size_t ldb, real beta, real *c, size_t ldc);

/* C(m,n) = A(m,k) B(k,n) + beta C, or A B + start where start, the same n values for
 * each row, is not NULL. B was packed by nn_pack(k, 0, k, n, B, ldb, 1, packed): for
 * few rows at a time, or B that is used again. One thread. */
void nn_gemm_packed(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *packed, const real *start,
                    real beta, real *c, size_t ldc);

/* A product whose row.outer is 1, on the net's threads. */
void nn_multiply_on(const struct nn *net, const struct nn_product *p);

/* C(m,n) = A(k,m)^T B(k,n) on the net's threads: a weight gradient over the whole
 * batch. parts products are summed, the p-th with A + p*step_a, B + p*step_b and
 * rows[p] rows. */
struct nn_gradient {
	size_t m, n, parts;
	const size_t *rows;
	const real *a, *b;
	size_t lda, ldb, step_a, step_b;
	real *c;
};
void nn_gemm_gradient(const struct nn *net, const struct nn_gradient *g);

/* sum(width) = the sum of the rows of D(rows,width), a bias's gradient, on the net's
 * threads: blocks of that many rows are summed in partial, (blocks,width), and added
 * in their order. */
void nn_sum_rows(const struct nn *net, size_t rows, size_t width, size_t block, const real *d, real *partial, real *sum);

/* sum(width) = the sum of so many rows of that many values, which are step apart, in
 * their order. One thread. */
void nn_sum_parts(size_t parts, size_t width, size_t step, const real *d, real *sum);

/* Kernels of one thread (rows.c): sum(width) += the rows of D(rows,width); and
 * again, four at a time, which is faster where they are many and gives other bits. */
void nn_add_rows(size_t rows, size_t width, const real *restrict d, real *restrict sum);
void nn_add_pixels(size_t pixels, size_t pixel, const real *restrict d, real *restrict sum);

#endif
