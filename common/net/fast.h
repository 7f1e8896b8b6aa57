/* fast: the passes of a convolution whose stride and dilation are one, by
 * winograd.h. */
#ifndef SER_NET_FAST_H
#define SER_NET_FAST_H

#include "net/layer.h"

/* Rows and columns of the planes that go in and come out, and of the kernel; zeros
 * before the first pixel. */
struct fast_shape {
	size_t in[2], out[2], kernel[2], before[2];
};

struct fast;

/* Whether that is worth the way to the points and back, for so many values of a pixel. */
bool fast_serves(size_t width, size_t pixel, size_t filters);

/* NULL where memory fails. */
struct fast *fast_plan(struct nn_layer *l, const struct fast_shape *s);
void fast_forward(struct fast *f, size_t n);
void fast_backward(struct fast *f, size_t n, bool need_dx);

#endif
