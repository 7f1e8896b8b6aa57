/* conv2d: Keras's Conv2D; kernel (height, width, in, out). */
#include <math.h>

#include "base/err.h"
#include "net/conv.h"

enum { FILTERS, HEIGHT, WIDTH, STRIDE, STRIDE_HEIGHT, STRIDE_WIDTH, PADDING, DILATION };

static int
axes(struct nn_layer *l, struct conv_axis axis[2])
{
	for (int i = 0; i < 2; i++) {
		int rc;

		axis[i] = (struct conv_axis){ .in = l->in.d[i], .kernel = (size_t)l->arg[HEIGHT + i],
			.dilation = (size_t)l->arg[DILATION], .padding = (enum conv_padding)l->arg[PADDING] };
		axis[i].stride = (size_t)l->arg[l->arg[STRIDE_HEIGHT + i] == 0 ? STRIDE : STRIDE_HEIGHT + i];
		if ((rc = conv_fit(l, &axis[i])) != ST_OK)
			return rc;
	}
	return ST_OK;
}

static int
conv2d_shape(struct nn_layer *l)
{
	size_t filters = (size_t)l->arg[FILTERS];
	struct conv_axis axis[2];
	int rc;

	if (l->in.rank < 2)
		return nn_complain(l, "conv2d: its input is of rank 1; (H,W,C) or (T,F) is required");
	l->in = nn_as_plane(&l->in);
	if ((rc = axes(l, axis)) != ST_OK)
		return rc;
	l->out = (struct nn_shape){ 3, { axis[0].out, axis[1].out, filters } };
	return conv_declare(l, 4, (size_t[]){ axis[0].kernel, axis[1].kernel, l->in.d[2], filters });
}

static int
conv2d_plan(struct nn_layer *l)
{
	struct conv_axis axis[2];
	int rc = axes(l, axis);

	return rc != ST_OK ? rc : conv_plan(l, axis);
}

const struct nn_kind nn_conv2d_kinds[] = {
	{
		.name = "conv2d",
		.arg = { { "filters", NAN, 1, 1 << 16, true, NULL }, { "height", NAN, 1, 1024, true, NULL },
		         { "width", NAN, 1, 1024, true, NULL }, { "stride", 1, 1, 1024, true, NULL },
		         { "stride_height", 0, 1, 1024, true, NULL }, { "stride_width", 0, 1, 1024, true, NULL },
		         { "padding", CONV_SAME, 0, 1, false, conv_paddings }, { "dilation", 1, 1, 1024, true, NULL } },
		.flags = NN_NEEDS_X,
		.shape = conv2d_shape,
		.rows = conv_rows,
		.plan = conv2d_plan,
		.forward = conv_forward,
		.backward = conv_backward,
	},
	{ .name = NULL },
};
