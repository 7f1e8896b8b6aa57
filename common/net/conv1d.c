/* conv1d: Keras's Conv1D; kernel (width, in, out). */
#include <math.h>

#include "base/err.h"
#include "net/conv.h"

enum { FILTERS, WIDTH, STRIDE, PADDING, DILATION };

/* A sequence is a plane of one row. */
static int
axes(struct nn_layer *l, struct conv_axis axis[2])
{
	axis[0] = (struct conv_axis){ .in = 1, .kernel = 1, .stride = 1, .dilation = 1, .out = 1 };
	axis[1] = (struct conv_axis){ .in = l->in.d[0], .kernel = (size_t)l->arg[WIDTH], .stride = (size_t)l->arg[STRIDE],
		.dilation = (size_t)l->arg[DILATION], .padding = (enum conv_padding)l->arg[PADDING] };
	return conv_fit(l, &axis[1]);
}

static int
conv1d_shape(struct nn_layer *l)
{
	size_t filters = (size_t)l->arg[FILTERS];
	struct conv_axis axis[2];
	int rc;

	if (l->in.rank < 2)
		return nn_complain(l, "conv1d: its input is of rank 1; (T,C) is required");
	l->in = nn_as_sequence(&l->in);
	if ((rc = axes(l, axis)) != ST_OK)
		return rc;
	l->out = (struct nn_shape){ 2, { axis[1].out, filters, 1 } };
	return conv_declare(l, 3, (size_t[]){ axis[1].kernel, l->in.d[1], filters });
}

static int
conv1d_plan(struct nn_layer *l)
{
	struct conv_axis axis[2];
	int rc = axes(l, axis);

	return rc != ST_OK ? rc : conv_plan(l, axis);
}

const struct nn_kind nn_conv1d_kinds[] = {
	{
		.name = "conv1d",
		.arg = { { "filters", NAN, 1, 1 << 16, true, NULL }, { "width", NAN, 1, 1024, true, NULL },
		         { "stride", 1, 1, 1024, true, NULL }, { "padding", CONV_SAME, 0, 1, false, conv_paddings },
		         { "dilation", 1, 1, 1024, true, NULL } },
		.flags = NN_NEEDS_X,
		.shape = conv1d_shape,
		.rows = conv_rows,
		.plan = conv1d_plan,
		.forward = conv_forward,
		.backward = conv_backward,
	},
	{ .name = NULL },
};
