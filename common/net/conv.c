#include "net/conv.h"

#include <string.h>

#include "base/err.h"
#include "base/thread.h"
#include "net/fast.h"
#include "net/gemm.h"
#include "net/windows.h"

/* Zeros around an example are put there in a copy, one a thread; everything
 * after that is a product over windows (windows.h). The input's gradient is
 * one too: pixels whose distance is the stride meet the same taps of the
 * kernel, and each such phase is a convolution of dy with those taps, at a
 * stride of one. */

enum { KERNEL, BIAS };

const char *const conv_paddings[] = { "same", "valid", NULL };

/* An example with zeros around it. */
struct plane {
	size_t in[2], before[2], extent[2]; /* rows and columns: given, of zeros before, in all */
	size_t pixel;                       /* values of a pixel */
};

struct phase {
	struct nn_windows w; /* onto dy; their values are in dx */
	size_t first;        /* its first value in dx */
	const size_t *tap;   /* of the kernel, for each part */
	real *kernel;        /* packed, for dx from dy */
};

struct conv {
	struct fast *fast; /* does it all, where not NULL */
	struct conv_axis axis[2];
	int time;            /* the axis along which examples may differ in length */
	size_t taps, filters;
	struct plane x, dy;
	struct nn_windows w; /* onto x; their values are in y */
	size_t *offset;
	real *kernel;        /* packed */
	size_t parts;        /* that the windows of an example are cut into in this pass */
	real *scratch;       /* a plane for each thread */
	size_t scratch_size;
	struct phase *phase; /* from here on with training only */
	size_t phases;
	size_t *phase_offset, *phase_tap; /* memory of all phases */
	real *phase_kernel;
	real *zeros;         /* as many as values of an input's pixel */
	real *sum;           /* NN_BLOCKS gradients: kernel's and bias's */
	size_t group; /* examples that one of them adds up */
	size_t n;
};

/* Shapes */

static size_t
reach_of(const struct conv_axis *a)
{
	return (a->kernel - 1) * a->dilation + 1;
}

/* Values from the first window's to the last one's. */
static size_t
extent_of(const struct conv_axis *a)
{
	return (a->out - 1) * a->stride + reach_of(a);
}

/* An example shorter than a window has one all the same. */
void
conv_place(struct conv_axis *a)
{
	size_t reach = reach_of(a);

	if (a->padding == CONV_VALID)
		a->out = a->in < reach ? 1 : (a->in - reach) / a->stride + 1;
	else
		a->out = (a->in + a->stride - 1) / a->stride;
	a->before = a->padding == CONV_VALID || extent_of(a) < a->in ? 0 : (extent_of(a) - a->in) / 2;
}

int
conv_fit(struct nn_layer *l, struct conv_axis *a)
{
	if (a->padding == CONV_VALID && a->in < reach_of(a))
		return nn_complain(l, "%s: a window of %zu does not fit into %zu values (padding=valid)", l->kind->name,
		                   reach_of(a), a->in);
	conv_place(a);
	return ST_OK;
}

size_t
conv_rows(const struct nn_layer *l, size_t rows)
{
	const struct conv *c = l->state;
	struct conv_axis a = c->axis[c->time];

	a.in = rows;
	conv_place(&a);
	return a.out;
}

int
conv_declare(struct nn_layer *l, int rank, const size_t *shape)
{
	size_t taps = 1, in = shape[rank - 2], filters = shape[rank - 1];
	int rc;

	for (int i = 0; i < rank - 2; i++)
		taps *= shape[i];
	rc = nn_declare(l, "kernel", rank, shape, NN_DECAYING, NN_GLOROT, (double)(taps * in), (double)(taps * filters));
	return rc != ST_OK ? rc : nn_declare(l, "bias", 1, &filters, NN_PLAIN, NN_ZEROS, 0, 0);
}

/* The plan */

static int
plan_forward(struct conv *c, struct mem_pool *m)
{
	const struct conv_axis *rows = &c->axis[0], *columns = &c->axis[1];
	bool whole = columns->dilation == 1; /* a row of the kernel is one run */
	size_t pixel = c->x.pixel, parts = rows->kernel * (whole ? 1 : columns->kernel);

	for (int i = 0; i < 2; i++) {
		const struct conv_axis *a = &c->axis[i];

		c->x.in[i] = a->in;
		c->x.before[i] = a->before;
		c->x.extent[i] = extent_of(a);
	}
	c->offset = mem_take(m, parts, sizeof *c->offset);
	if (c->offset == NULL)
		return ST_SYS;
	for (size_t p = 0; p < parts; p++)
		c->offset[p] = whole ? p * rows->dilation * c->x.extent[1] * pixel
		                     : (p / columns->kernel * rows->dilation * c->x.extent[1] +
		                        p % columns->kernel * columns->dilation) * pixel;
	c->w = (struct nn_windows){ rows->out, columns->out, rows->stride * c->x.extent[1] * pixel,
		columns->stride * pixel, columns->out * c->filters, c->filters, parts, (whole ? columns->kernel : 1) * pixel,
		c->offset };
	c->kernel = mem_take(m, nn_packed_size(c->taps * pixel, c->filters), sizeof *c->kernel);
	return m->status;
}

/* Whether an example's length decides how many zeros are before it. */
static bool
shifts(const struct conv *c, int axis)
{
	return axis == c->time && c->axis[axis].stride > 1 && c->axis[axis].padding == CONV_SAME;
}

/* Phases along an axis: pixels phase, phase + stride, ... of the input. */
static size_t
phases_of(const struct conv *c, int axis)
{
	const struct conv_axis *a = &c->axis[axis];

	if (shifts(c, axis))
		return a->stride;
	return a->stride < a->in ? a->stride : a->in;
}

static size_t
phase_length(const struct conv_axis *a, size_t phase)
{
	return (a->in - phase + a->stride - 1) / a->stride;
}

/* Whether a tap meets the pixels of a phase, and then the window in which it
 * meets the first of them (there need not be one there). */
static bool
meets(const struct conv_axis *a, size_t phase, size_t tap, ptrdiff_t *window)
{
	ptrdiff_t first = (ptrdiff_t)(phase + a->before) - (ptrdiff_t)(tap * a->dilation);

	*window = first / (ptrdiff_t)a->stride;
	return first % (ptrdiff_t)a->stride == 0;
}

/* dy reaches as far as any pixel of x has a tap on it, and, where an example's
 * zeros may be more or fewer, by a window further. */
static void
plan_dy(struct conv *c)
{
	for (int i = 0; i < 2; i++) {
		const struct conv_axis *a = &c->axis[i];
		ptrdiff_t low = 0, high = 0, window;

		for (size_t phase = 0; phase < phases_of(c, i); phase++)
			for (size_t tap = 0; tap < a->kernel; tap++)
				if (meets(a, phase, tap, &window)) {
					ptrdiff_t last = window + (ptrdiff_t)phase_length(a, phase) - 1;

					low = window < low ? window : low;
					high = last > high ? last : high;
				}
		low -= shifts(c, i);
		high += shifts(c, i);
		c->dy.in[i] = a->out;
		c->dy.before[i] = (size_t)-low;
		c->dy.extent[i] = (size_t)(high - low) + 1;
	}
}

/* The phase of rows and columns that begin at row and column; its parts go to
 * offset and tap. */
static void
plan_phase(const struct conv *c, size_t row, size_t column, struct phase *p, size_t *offset, size_t *tap)
{
	const struct conv_axis *rows = &c->axis[0], *columns = &c->axis[1];
	size_t parts = 0, line = columns->in * c->x.pixel;
	ptrdiff_t r, q;

	for (size_t i = 0; i < rows->kernel; i++)
		for (size_t j = 0; j < columns->kernel; j++)
			if (meets(rows, row, i, &r) && meets(columns, column, j, &q)) {
				size_t y = (size_t)(r + (ptrdiff_t)c->dy.before[0]), x = (size_t)(q + (ptrdiff_t)c->dy.before[1]);

				offset[parts] = (y * c->dy.extent[1] + x) * c->filters;
				tap[parts++] = i * columns->kernel + j;
			}
	p->first = row * line + column * c->x.pixel;
	p->tap = tap;
	p->w = (struct nn_windows){ phase_length(rows, row), phase_length(columns, column), c->dy.extent[1] * c->filters,
		c->filters, rows->stride * line, columns->stride * c->x.pixel, parts, c->filters, offset };
}

/* A tap belongs to one phase of each axis at most: the kernel's number of taps
 * is enough for all phases together. */
static int
plan_backward(const struct nn_layer *l, struct conv *c)
{
	size_t down = phases_of(c, 0), across = phases_of(c, 1), taps = 0;
	struct mem_pool *m = l->memory;

	plan_dy(c);
	c->phases = down * across;
	c->phase = mem_take(m, c->phases, sizeof *c->phase);
	c->phase_offset = mem_take(m, c->taps, sizeof *c->phase_offset);
	c->phase_tap = mem_take(m, c->taps, sizeof *c->phase_tap);
	c->phase_kernel = mem_take(m, nn_packed_size(c->taps * c->filters, c->x.pixel), sizeof *c->phase_kernel);
	c->zeros = mem_take(m, c->x.pixel, sizeof *c->zeros);
	c->sum = mem_take(m, NN_BLOCKS * nn_layer_weights(l), sizeof *c->sum);
	if (m->status != ST_OK)
		return m->status;
	for (size_t i = 0; i < c->phases; i++) {
		struct phase *p = &c->phase[i];

		p->kernel = c->phase_kernel + nn_packed_size(taps * c->filters, c->x.pixel);
		plan_phase(c, i / across, i % across, p, c->phase_offset + taps, c->phase_tap + taps);
		taps += p->w.parts;
	}
	return ST_OK;
}

static bool
plane_size(const struct plane *p, size_t *size)
{
	return !__builtin_mul_overflow(p->extent[0], p->extent[1], size) &&
	       !__builtin_mul_overflow(*size, p->pixel, size) && *size <= (size_t)1 << 31;
}

static bool
is_plain(const struct conv_axis axis[2])
{
	return axis[0].stride == 1 && axis[1].stride == 1 && axis[0].dilation == 1 && axis[1].dilation == 1;
}

int
conv_plan(struct nn_layer *l, const struct conv_axis axis[2])
{
	struct conv *c = mem_take(l->memory, 1, sizeof *c);
	size_t x = 0, dy = 0;
	int rc;

	l->state = c;
	if (c == NULL)
		return ST_SYS;
	memcpy(c->axis, axis, sizeof c->axis);
	c->time = l->in.rank == 3 ? 0 : 1;
	c->filters = c->dy.pixel = l->out.d[l->out.rank - 1];
	c->x.pixel = nn_size(&l->in) / (axis[0].in * axis[1].in);
	c->taps = axis[0].kernel * axis[1].kernel;
	if (is_plain(axis) && fast_serves(axis[1].kernel, c->x.pixel, c->filters)) {
		c->fast = fast_plan(l, &(struct fast_shape){ { axis[0].in, axis[1].in }, { axis[0].out, axis[1].out },
			{ axis[0].kernel, axis[1].kernel }, { axis[0].before, axis[1].before } });
		return c->fast == NULL ? ST_SYS : ST_OK;
	}
	rc = plan_forward(c, l->memory);
	if (rc == ST_OK && l->x->dy != NULL)
		rc = plan_backward(l, c);
	if (rc != ST_OK)
		return rc;
	if (!plane_size(&c->x, &x) || (l->x->dy != NULL && !plane_size(&c->dy, &dy)))
		return nn_complain(l, "%s: its input with the zeros around it would be too large", l->kind->name);
	c->scratch_size = x > dy ? x : dy;
	c->scratch = mem_take(l->memory, nn_threads(l->net) * c->scratch_size, sizeof *c->scratch);
	return l->memory->status;
}

/* The passes */

/* Planes and windows of example i, and how many zeros more than planned are before it. */
struct fitted {
	struct plane x, dy;
	struct nn_windows w;
	size_t in; /* along time */
	ptrdiff_t shift;
};

static struct fitted
fit_example(const struct nn_layer *l, size_t i)
{
	const struct conv *c = l->state;
	struct conv_axis a = c->axis[c->time];
	struct fitted f = { c->x, c->dy, c->w, nn_valid(l->x, i), 0 };

	if (f.in == a.in)
		return f;
	f.x.in[c->time] = a.in = f.in;
	conv_place(&a);
	f.x.before[c->time] = a.before;
	f.x.extent[c->time] = extent_of(&a);
	f.dy.in[c->time] = a.out;
	*(c->time == 0 ? &f.w.rows : &f.w.columns) = a.out;
	f.shift = (ptrdiff_t)a.before - (ptrdiff_t)c->axis[c->time].before;
	return f;
}

/* The plane around an example: in this thread's scratch, or, where it has
 * nothing to add, the example itself. */
static const real *
padded(const struct conv *c, const struct plane *p, const real *from)
{
	real *plane = c->scratch + workers_self() * c->scratch_size, *to = plane;
	size_t line = p->extent[1] * p->pixel, left = p->before[1] * p->pixel, given = p->in[1] * p->pixel;
	size_t copied = given < line - left ? given : line - left;

	if (p->before[0] == 0 && p->extent[0] <= p->in[0] && left == 0 && line == given)
		return from;
	for (size_t r = 0; r < p->extent[0]; r++, to += line) {
		if (r < p->before[0] || r - p->before[0] >= p->in[0]) {
			memset(to, 0, line * sizeof *to);
			continue;
		}
		memset(to, 0, left * sizeof *to);
		memcpy(to + left, from + (r - p->before[0]) * given, copied * sizeof *to);
		memset(to + left + copied, 0, (line - left - copied) * sizeof *to);
	}
	return plane;
}

/* Part of the windows of an example. */
static void
forward_part(struct nn_layer *l, size_t task)
{
	const struct conv *c = l->state;
	size_t i = task / c->parts, part = task % c->parts, first;
	struct fitted f = fit_example(l, i);
	bool down = f.w.rows > 1;
	size_t *count = down ? &f.w.rows : &f.w.columns;

	first = *count * part / c->parts;
	*count = *count * (part + 1) / c->parts - first;
	nn_windows_product(&f.w, c->filters,
	                   padded(c, &f.x, l->x->y + i * l->x->stride) + first * (down ? f.w.a_row : f.w.a_column), c->kernel,
	                   nn_value(l, BIAS), l->y->y + i * l->y->stride + first * (down ? f.w.c_row : f.w.c_column));
}

void
conv_forward(struct nn_layer *l, size_t n)
{
	struct conv *c = l->state;
	size_t depth = c->taps * c->x.pixel, threads = nn_threads(l->net);
	size_t work = c->w.rows * c->w.columns * depth * c->filters;

	if (c->fast != NULL) {
		fast_forward(c->fast, n);
		return;
	}
	if (nn_repacks(l))
		nn_pack(depth, 0, depth, c->filters, nn_value(l, KERNEL), c->filters, 1, c->kernel);
	c->parts = n < threads && work > NN_WORK ? threads : 1;
	nn_tasks(l, n * c->parts, forward_part);
}

static void
gradient_group(struct nn_layer *l, size_t g)
{
	const struct conv *c = l->state;
	real *sum = c->sum + g * nn_layer_weights(l), *bias = sum + c->taps * c->x.pixel * c->filters;

	memset(bias, 0, c->filters * sizeof *bias);
	for (size_t i = g * c->group; i < c->n && i < (g + 1) * c->group; i++) {
		const struct fitted f = fit_example(l, i);
		const real *dy = l->y->dy + i * l->y->stride;

		nn_windows_gradient(&f.w, c->filters, padded(c, &f.x, l->x->y + i * l->x->stride), dy,
		                    i > g * c->group, sum);
		nn_add_pixels(f.w.rows * f.w.columns, c->filters, dy, bias);
	}
}

static void
weight_gradients(struct nn_layer *l, size_t n)
{
	struct conv *c = l->state;

	c->n = n;
	c->group = (n + NN_BLOCKS - 1) / NN_BLOCKS;
	nn_tasks(l, (n + c->group - 1) / c->group, gradient_group);
	nn_add_sums(l, c->sum, (n + c->group - 1) / c->group);
}

/* The part of phase k that lies in an example: with more zeros before it than
 * planned, its pixels are those that the plan has so much further behind. */
static void
dx_phase(const struct conv *c, size_t k, const struct fitted *f, const real *dy, real *dx)
{
	const struct phase *p = &c->phase[k];
	struct nn_windows w = p->w;
	ptrdiff_t stride = (ptrdiff_t)c->axis[c->time].stride, across = (ptrdiff_t)phases_of(c, 1);
	ptrdiff_t at = (c->time == 0 ? (ptrdiff_t)k / across : (ptrdiff_t)k % across) - f->shift, skip = 0;
	ptrdiff_t a = (ptrdiff_t)(c->time == 0 ? w.a_row : w.a_column), in = (ptrdiff_t)f->in;
	ptrdiff_t pixel = (ptrdiff_t)(c->time == 0 ? c->axis[1].in * c->x.pixel : c->x.pixel);

	while (at + skip * stride < 0)
		skip++;
	while (at + (skip - 1) * stride >= 0)
		skip--;
	at += skip * stride;
	*(c->time == 0 ? &w.rows : &w.columns) = at < in ? (size_t)((in - at + stride - 1) / stride) : 0;
	nn_windows_product(&w, c->x.pixel, dy + skip * a, p->kernel, c->zeros,
	                   dx + (ptrdiff_t)p->first + (skip * stride - f->shift) * pixel);
}

static void
dx_shard(struct nn_layer *l, size_t first, size_t last)
{
	const struct conv *c = l->state;

	for (size_t i = first; i < last; i++) {
		const struct fitted f = fit_example(l, i);
		const real *dy = padded(c, &f.dy, l->y->dy + i * l->y->stride);

		for (size_t k = 0; k < c->phases; k++)
			dx_phase(c, k, &f, dy, l->x->dy + i * l->x->stride);
	}
}

/* Each tap of a phase's kernel, transposed: dy's values in, x's out. */
static void
pack_phases(struct nn_layer *l)
{
	const struct conv *c = l->state;
	size_t in = c->x.pixel;

	for (size_t k = 0; k < c->phases; k++)
		for (size_t part = 0; part < c->phase[k].w.parts; part++)
			nn_pack(c->phase[k].w.parts * c->filters, part * c->filters, c->filters, in,
			        nn_value(l, KERNEL) + c->phase[k].tap[part] * in * c->filters, 1, c->filters, c->phase[k].kernel);
}

void
conv_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	const struct conv *c = l->state;

	if (c->fast != NULL) {
		fast_backward(c->fast, n, need_dx);
		return;
	}
	if (!l->frozen)
		weight_gradients(l, n);
	if (!need_dx)
		return;
	pack_phases(l);
	nn_shards(l, n, dx_shard);
}
