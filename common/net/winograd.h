/* winograd: convolutions along a line with fewer multiplications (S. Winograd,
 * Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, CVPR 2016).
 *
 * Windows of WINOGRAD_POINTS pixels x, a step apart, give step = 9 - taps values
 * each, y_i = sum of x_(i+q) w_q over q:
 *
 *   y = A^T ((G w) (B^T x))
 *
 * where the product is one for each point, of B^T x's pixels and the matrix (pixel,
 * filters) that G w is there: 8 products instead of taps * step. Rounding errors are two
 * to three times those of the plain sum (tests/unit/gemm.c); of fewer taps than
 * WINOGRAD_TAPS they would be more.
 *
 * The functions are kernels of one thread. Values of a point lie together, point
 * values behind those of the point before; pixel and filters are WINOGRAD_LEAST at least. */
#ifndef SER_NET_WINOGRAD_H
#define SER_NET_WINOGRAD_H

#include <stddef.h>

#include "net/nn.h"

enum { WINOGRAD_POINTS = 8, WINOGRAD_TAPS = 3, WINOGRAD_LEAST = 16 };

/* V (tiles, pixel) = B^T x at each point. x has given pixels, with zeros on both sides;
 * the first window begins so many before the first of them. */
void nn_winograd_windows(size_t tiles, size_t step, ptrdiff_t before, size_t given, size_t pixel, const real *x,
                         real *v, size_t point);

/* Y (out, filters), its rows so far apart, = A^T m + start, which is the same for each; M (tiles, filters) at
 * each point. */
void nn_winograd_values(size_t out, size_t step, size_t filters, const real *m, size_t point, const real *start, real *y,
                        size_t row);

/* M = A dy, for the kernel's gradient at each point: B^T x times this. */
void nn_winograd_spread(size_t tiles, size_t step, size_t out, size_t filters, const real *dy, real *m, size_t point);

/* U (n) = G w at point p, the taps of w so far apart. */
void nn_winograd_kernel(size_t p, size_t taps, size_t n, const real *w, ptrdiff_t apart, real *u);

/* w (n) of each tap = G^T of the sum of parts gradients, which lie part values behind each other. */
void nn_winograd_taps(size_t taps, size_t n, size_t parts, const real *gradient, size_t part, size_t point, real *w,
                      size_t apart);

#endif
