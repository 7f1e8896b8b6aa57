/* conv: convolutions of any stride, padding and dilation, over planes of
 * pixels. conv2d is one; conv1d takes a sequence as a plane of one row. */
#ifndef SER_NET_CONV_H
#define SER_NET_CONV_H

#include "net/layer.h"

enum conv_padding { CONV_SAME, CONV_VALID };

/* One axis of a convolution. */
struct conv_axis {
	size_t in, kernel, stride, dilation;
	enum conv_padding padding;
	size_t out, before; /* windows, and zeros before the first value */
};

extern const char *const conv_paddings[];

/* Sets out and before as Keras does: "same" gives ceil(in / stride) windows,
 * with zeros on both sides, the odd one after the values; "valid" takes the
 * windows that lie within the values, but at least one. */
void conv_place(struct conv_axis *a);

/* The same, ST_DATA where no window lies within the values. */
int conv_fit(struct nn_layer *l, struct conv_axis *a);

/* Declares kernel, whose last two dimensions are values in and out, and bias. */
int conv_declare(struct nn_layer *l, int rank, const size_t *shape);

/* Makes l->state for a plane of axis[0] rows and axis[1] columns, as fitted,
 * once the weights are there. The rest are the passes of nn_kind. */
int conv_plan(struct nn_layer *l, const struct conv_axis axis[2]);
size_t conv_rows(const struct nn_layer *l, size_t rows);
void conv_forward(struct nn_layer *l, size_t n);
void conv_backward(struct nn_layer *l, size_t n, bool need_dx);

#endif
