/* pool: where the windows of maxpool and avgpool lie. */
#ifndef SER_NET_POOL_H
#define SER_NET_POOL_H

#include "net/conv.h"

/* Along axis i, 0 for rows and 1 for columns, of so many values: size, stride, windows, and
 * padding before the first value. l is a maxpool1d, maxpool2d, avgpool1d or avgpool2d. */
static inline struct conv_axis
pool_axis(const struct nn_layer *l, int i, size_t in)
{
	bool plane = l->in.rank == 3; /* height, width, stride, stride_height, stride_width, padding */
	double stride = plane && l->arg[3 + i] > 0 ? l->arg[3 + i] : l->arg[plane ? 2 : 1];
	struct conv_axis a = { .in = in, .kernel = (size_t)l->arg[i], .dilation = 1,
		.padding = (enum conv_padding)l->arg[plane ? 5 : 2] };

	a.stride = stride > 0 ? (size_t)stride : a.kernel;
	conv_place(&a);
	return a;
}

#endif
