/* windows: the products of a convolution, with its windows read where they lie
 * in the input instead of copied out into the rows of a matrix. */
#ifndef SER_NET_WINDOWS_H
#define SER_NET_WINDOWS_H

#include "net/product.h"

/* A grid of windows onto A and of the values in C that belong to them. A
 * window is parts runs of k values each: parts * k values in all. */
struct nn_windows {
	size_t rows, columns;
	size_t a_row, a_column; /* from one window to the next, in A */
	size_t c_row, c_column; /* from their values to the next's, in C */
	size_t parts, k;
	const size_t *offset;   /* of each run from the window's start */
};

/* The n values of C at each window = start + window * B. B (parts * k, n)
 * is packed (product.h); start has n values. One thread. */
void nn_windows_product(const struct nn_windows *w, size_t n, const real *a, const real *b, const real *start, real *c);

/* G (parts * k, n) = the sum over all windows of the outer product of window and
 * values, + beta G: 0 or 1. One thread. */
void nn_windows_gradient(const struct nn_windows *w, size_t n, const real *a, const real *c, real beta, real *g);

#endif
