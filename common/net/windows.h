/* windows: the products of a convolution, with its windows read where they lie
 * in the input instead of copied out into the rows of a matrix. */
#ifndef SER_NET_WINDOWS_H
#define SER_NET_WINDOWS_H

#include "net/nn.h"

/* A grid of windows onto A and of the values in C that belong to them. A
 * window is parts runs of k values each: parts * k values in all. */
struct nn_windows {
	size_t rows, columns;
	size_t a_row, a_column; /* from one window to the next, in A */
	size_t c_row, c_column; /* from their values to the next's, in C */
	size_t parts, k;
	const size_t *offset;   /* of each run from the window's start */
};

/* Matrices of n columns are given in panels of columns (nn_packed_size values,
 * zero at first), so that the products read them in order. A panel is as wide
 * as two vectors: of 32 columns at most, whatever level runs. */
static inline size_t
nn_packed_size(size_t rows, size_t n)
{
	return rows * ((n + 31) / 32 * 32);
}

/* Writes rows [at, at + count) of the packed matrix of that many rows, from b,
 * whose rows and columns are this far apart. */
void nn_pack(size_t rows, size_t at, size_t count, size_t n, const real *b, size_t row, size_t column, real *packed);

/* Adds rows [at, at + count) of the packed matrix to b (count, n). */
void nn_unpack_add(size_t rows, size_t at, size_t count, size_t n, const real *packed, real *b);

/* The n values of C at each window = start + window * B. B (parts * k, n) and
 * start (1, n) are packed. One thread; the same arguments give the same bits. */
void nn_windows_product(const struct nn_windows *w, size_t n, const real *a, const real *b, const real *start, real *c);

/* G (parts * k, n), packed, += the sum over all windows of the outer product of
 * window and values. Of C, a few values behind the last are read and ignored. */
void nn_windows_gradient(const struct nn_windows *w, size_t n, const real *a, const real *c, real *g);

#endif
