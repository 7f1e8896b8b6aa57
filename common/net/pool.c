/* Pooling: Keras's MaxPooling, AveragePooling and their global forms, and
 * statistics pooling. A sequence is a plane of one column. */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "net/pool.h"
#include "net/vector.h"

enum { EPSILON };
enum { CHUNK = 64 }; /* values of a pixel worked on at once */

/* One example's windows, one for each pixel of y. */
struct grid {
	size_t in_rows, in_columns, pixel; /* of x; values of a pixel */
	size_t height, width;              /* of a window */
	size_t down, across;               /* from one window to the next */
	size_t above, left;                /* padding before the first pixel */
	size_t rows, columns;              /* of windows */
	size_t line;                       /* values in a row of x */
};

/* Of example i; one shorter than a window has one of its length. */
static struct grid
grid_of(const struct nn_layer *l, size_t i)
{
	size_t in[2] = { nn_valid(l->x, i), l->in.rank == 3 ? l->in.d[1] : 1 };
	struct conv_axis a[2];

	for (int k = 0; k < 2; k++)
		a[k] = l->out.rank == 1 || (k == 1 && l->in.rank < 3)
		           ? (struct conv_axis){ .in = in[k], .kernel = in[k], .stride = in[k], .out = 1 }
		           : pool_axis(l, k, in[k]);
	if (a[0].padding == CONV_VALID && in[0] < a[0].kernel)
		a[0].kernel = a[0].stride = in[0];
	return (struct grid){ in[0], in[1], l->in.d[l->in.rank - 1], a[0].kernel, a[1].kernel, a[0].stride, a[1].stride,
		a[0].before, a[1].before, a[0].out, a[1].out, in[1] * l->in.d[l->in.rank - 1] };
}

static size_t
pool_rows(const struct nn_layer *l, size_t rows)
{
	return pool_axis(l, 0, rows).out;
}

/* Whether windows lie beside and below each other, all of them within x. */
static bool
is_tiled(const struct grid *g)
{
	return g->down == g->height && g->across == g->width && g->rows * g->height <= g->in_rows &&
	       g->columns * g->width <= g->in_columns;
}

/* Where the window begins that belongs to pixel i of y, of windows that are tiled. */
static size_t
window_start(const struct grid *g, size_t i)
{
	return i / g->columns * g->height * g->line + i % g->columns * g->width * g->pixel;
}

/* The part of a window of any grid that lies within x, as the only one of the grid it gives. */
static size_t
cut_window(const struct grid *g, size_t i, struct grid *w)
{
	size_t row = i / g->columns * g->down, column = i % g->columns * g->across;
	size_t top = row < g->above ? 0 : row - g->above, left = column < g->left ? 0 : column - g->left;
	size_t end = row + g->height - g->above, right = column + g->width - g->left;

	*w = *g;
	w->height = (end < g->in_rows ? end : g->in_rows) - top;
	w->width = (right < g->in_columns ? right : g->in_columns) - left;
	return top * g->line + left * g->pixel;
}

static int
pool1d_shape(struct nn_layer *l)
{
	struct conv_axis a;

	if (l->in.rank < 2)
		return nn_complain(l, "%s: its input is of rank 1; (T,C) is required", l->kind->name);
	l->in = nn_as_sequence(&l->in);
	a = pool_axis(l, 0, l->in.d[0]);
	if (a.padding == CONV_VALID && a.in < a.kernel)
		return nn_complain(l, "%s: %zu rows come in, fewer than %zu", l->kind->name, a.in, a.kernel);
	l->out = (struct nn_shape){ 2, { a.out, l->in.d[1], 1 } };
	return ST_OK;
}

static int
pool2d_shape(struct nn_layer *l)
{
	struct conv_axis a[2];

	if (l->in.rank < 2)
		return nn_complain(l, "%s: its input is of rank 1; (H,W,C) or (T,F) is required", l->kind->name);
	l->in = nn_as_plane(&l->in);
	for (int i = 0; i < 2; i++)
		a[i] = pool_axis(l, i, l->in.d[i]);
	if (a[0].padding == CONV_VALID && (a[0].in < a[0].kernel || a[1].in < a[1].kernel))
		return nn_complain(l, "%s: %zu rows of %zu come in, fewer than %zu of %zu", l->kind->name, a[0].in, a[1].in,
		                   a[0].kernel, a[1].kernel);
	l->out = (struct nn_shape){ 3, { a[0].out, a[1].out, l->in.d[2] } };
	return ST_OK;
}

static int
global_shape(struct nn_layer *l)
{
	if (l->in.rank < 2)
		return nn_complain(l, "%s: its input is of rank 1; (T,C) or (H,W,C) is required", l->kind->name);
	l->out = (struct nn_shape){ 1, { l->in.d[l->in.rank - 1], 1, 1 } };
	return ST_OK;
}

static int
stats_shape(struct nn_layer *l)
{
	int rc = global_shape(l);

	l->out.d[0] *= 2;
	return rc;
}

/* Inline, so that each kind of pool has its own loop. */
static inline void
each_window(struct nn_layer *l, size_t first, size_t last, void (*pool)(const struct grid *, const real *, real *restrict))
{
	for (size_t i = first; i < last; i++) {
		const struct grid g = grid_of(l, i);
		const real *x = l->x->y + i * l->x->stride;
		real *y = l->y->y + i * l->y->stride;
		bool tiled = is_tiled(&g);
		struct grid w = g;

		for (size_t p = 0; p < g.rows * g.columns; p++) {
			size_t at = tiled ? window_start(&g, p) : cut_window(&g, p, &w);

			pool(&w, x + at, y + p * g.pixel);
		}
	}
}

/* The largest value of a window, for each value of a pixel: a vector of these at a time, in
 * registers; or one. */

typedef __typeof__((vector){ 0 } == (vector){ 0 }) mask;

static inline vector
largest(const struct grid *g, const real *x)
{
	vector top = *(const vector *)x;

	for (size_t r = 0; r < g->height; r++)
		for (size_t q = 0; q < g->width; q++) {
			vector v = *(const vector *)(x + r * g->line + q * g->pixel);
			mask more = v > top;

			top = (vector)(((mask)v & more) | ((mask)top & ~more));
		}
	return top;
}

static inline real
largest_value(const struct grid *g, const real *x)
{
	real top = *x;

	for (size_t r = 0; r < g->height; r++)
		for (size_t q = 0; q < g->width; q++)
			top = x[r * g->line + q * g->pixel] > top ? x[r * g->line + q * g->pixel] : top;
	return top;
}

static void
max_window(const struct grid *g, const real *x, real *restrict y)
{
	if (g->pixel < VECTOR)
		for (size_t k = 0; k < g->pixel; k++)
			y[k] = largest_value(g, x + k);
	else
		for (size_t k = 0; k < g->pixel; k += VECTOR)
			*(vector *)(y + vector_at(k, g->pixel)) = largest(g, x + vector_at(k, g->pixel));
}

static void
maxpool_shard(struct nn_layer *l, size_t first, size_t last)
{
	each_window(l, first, last, max_window);
}

/* The derivative goes to the first of the largest. y still holds the maximum
 * or, behind an in-place layer, something else: it is found again from x. */
static void
max_values_dx(const struct grid *g, const real *x, const real *dy, real *dx)
{
	for (size_t k = 0; k < g->pixel; k++) {
		real top = largest_value(g, x + k), left = dy[k];

		for (size_t r = 0; r < g->height; r++)
			for (size_t q = 0; q < g->width; q++) {
				size_t at = r * g->line + q * g->pixel + k;
				bool here = x[at] == top;

				dx[at] = here ? left : 0;
				left = here ? 0 : left;
			}
	}
}

static void
max_window_dx(const struct grid *g, const real *x, const real *dy, real *dx)
{
	for (size_t k = 0; k < g->pixel; k += VECTOR) {
		size_t from = vector_at(k, g->pixel);
		vector top = largest(g, x + from), left = *(const vector *)(dy + from);

		for (size_t r = 0; r < g->height; r++)
			for (size_t q = 0; q < g->width; q++) {
				size_t at = r * g->line + q * g->pixel + from;
				mask here = *(const vector *)(x + at) == top;

				*(vector *)(dx + at) = (vector)((mask)left & here);
				left = (vector)((mask)left & ~here);
			}
	}
}

/* The same for windows that may overlap: added to what others have given. */
static void
max_window_add(const struct grid *g, const real *restrict x, const real *restrict dy, real *restrict dx)
{
	real top[CHUNK];
	size_t first[CHUNK];

	for (size_t k0 = 0; k0 < g->pixel; k0 += CHUNK) {
		size_t n = g->pixel - k0 < CHUNK ? g->pixel - k0 : CHUNK;

		for (size_t k = 0; k < n; k++) {
			top[k] = x[k0 + k];
			first[k] = k0 + k;
		}
		for (size_t r = 0; r < g->height; r++)
			for (size_t q = 0; q < g->width; q++) {
				size_t at = r * g->line + q * g->pixel + k0;

				for (size_t k = 0; k < n; k++) {
					bool more = x[at + k] > top[k];

					top[k] = more ? x[at + k] : top[k];
					first[k] = more ? at + k : first[k];
				}
			}
		for (size_t k = 0; k < n; k++)
			dx[first[k]] += dy[k0 + k];
	}
}

/* Zeroes what no window covers. */
static void
clear_rest(const struct grid *g, real *dx)
{
	size_t down = g->rows * g->height, across = g->columns * g->width * g->pixel;

	for (size_t r = 0; r < down && across < g->line; r++)
		memset(dx + r * g->line + across, 0, (g->line - across) * sizeof *dx);
	memset(dx + down * g->line, 0, (g->in_rows - down) * g->line * sizeof *dx);
}

/* Of a whole example. */
static void
maxpool_add(const struct grid *g, const real *x, const real *dy, real *dx)
{
	struct grid w;

	memset(dx, 0, g->in_rows * g->line * sizeof *dx);
	for (size_t p = 0; p < g->rows * g->columns; p++) {
		size_t at = cut_window(g, p, &w);

		max_window_add(&w, x + at, dy + p * g->pixel, dx + at);
	}
}

static void
maxpool_dx(struct nn_layer *l, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		const struct grid g = grid_of(l, i);
		const real *x = l->x->y + i * l->x->stride, *dy = l->y->dy + i * l->y->stride;
		real *dx = l->x->dy + i * l->x->stride;

		if (!is_tiled(&g)) {
			maxpool_add(&g, x, dy, dx);
			continue;
		}
		clear_rest(&g, dx);
		for (size_t p = 0; p < g.rows * g.columns; p++) {
			size_t at = window_start(&g, p);

			(g.pixel < VECTOR ? max_values_dx : max_window_dx)(&g, x + at, dy + p * g.pixel, dx + at);
		}
	}
}

/* The mean of a window. */

static void
mean_window(const struct grid *g, const real *x, real *restrict y)
{
	const real scale = 1 / (real)(g->height * g->width);

	memset(y, 0, g->pixel * sizeof *y);
	for (size_t r = 0; r < g->height; r++, x += g->line)
		for (size_t q = 0; q < g->width; q++)
			for (size_t k = 0; k < g->pixel; k++)
				y[k] += x[q * g->pixel + k];
	for (size_t k = 0; k < g->pixel; k++)
		y[k] *= scale;
}

static void
avgpool_shard(struct nn_layer *l, size_t first, size_t last)
{
	each_window(l, first, last, mean_window);
}

static void
mean_window_dx(const struct grid *g, const real *restrict dy, real *restrict dx)
{
	const real scale = 1 / (real)(g->height * g->width);

	for (size_t r = 0; r < g->height; r++, dx += g->line)
		for (size_t q = 0; q < g->width; q++)
			for (size_t k = 0; k < g->pixel; k++)
				dx[q * g->pixel + k] = dy[k] * scale;
}

/* Windows that may overlap, of a whole example. */
static void
avgpool_add(const struct grid *g, const real *restrict dy, real *restrict dx)
{
	struct grid w;

	memset(dx, 0, g->in_rows * g->line * sizeof *dx);
	for (size_t p = 0; p < g->rows * g->columns; p++, dy += g->pixel) {
		real *window = dx + cut_window(g, p, &w);
		const real scale = 1 / (real)(w.height * w.width);

		for (size_t r = 0; r < w.height; r++, window += w.line)
			for (size_t q = 0; q < w.width; q++)
				for (size_t k = 0; k < w.pixel; k++)
					window[q * w.pixel + k] += dy[k] * scale;
	}
}

static void
avgpool_dx(struct nn_layer *l, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		const struct grid g = grid_of(l, i);
		const real *dy = l->y->dy + i * l->y->stride;
		real *dx = l->x->dy + i * l->x->stride;

		if (!is_tiled(&g)) {
			avgpool_add(&g, dy, dx);
			continue;
		}
		clear_rest(&g, dx);
		for (size_t p = 0; p < g.rows * g.columns; p++)
			mean_window_dx(&g, dy + p * g.pixel, dx + window_start(&g, p));
	}
}

/* Mean and deviation over time, one after the other: the statistics pooling of
 * D. Snyder et al., Interspeech 2017. The deviation is sqrt(variance +
 * epsilon), so that its slope is finite where nothing varies. */

static void
statspool_shard(struct nn_layer *l, size_t first, size_t last)
{
	const real epsilon = (real)l->arg[EPSILON];

	for (size_t i = first; i < last; i++) {
		const struct grid g = grid_of(l, i);
		const real scale = 1 / (real)(g.height * g.width);
		const real *restrict x = l->x->y + i * l->x->stride;
		real *restrict mean = l->y->y + i * l->y->stride, *restrict deviation = mean + g.pixel;

		mean_window(&g, x, mean);
		memset(deviation, 0, g.pixel * sizeof *deviation);
		for (size_t p = 0; p < g.height * g.width; p++)
			for (size_t k = 0; k < g.pixel; k++) {
				real d = x[p * g.pixel + k] - mean[k];

				deviation[k] += d * d;
			}
		for (size_t k = 0; k < g.pixel; k++)
			deviation[k] = (real)sqrt((double)(deviation[k] * scale + epsilon));
	}
}

static void
statspool_dx(struct nn_layer *l, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		const struct grid g = grid_of(l, i);
		const real scale = 1 / (real)(g.height * g.width);
		const real *restrict x = l->x->y + i * l->x->stride;
		const real *restrict mean = l->y->y + i * l->y->stride, *restrict deviation = mean + g.pixel;
		const real *restrict dmean = l->y->dy + i * l->y->stride, *restrict ddeviation = dmean + g.pixel;
		real *restrict dx = l->x->dy + i * l->x->stride;

		for (size_t p = 0; p < g.height * g.width; p++)
			for (size_t k = 0; k < g.pixel; k++)
				dx[p * g.pixel + k] =
				    scale * (dmean[k] + ddeviation[k] * (x[p * g.pixel + k] - mean[k]) / deviation[k]);
	}
}

#define POOL(word, pass, shapes, keep, ...) \
	{ \
		.name = word, .arg = { __VA_ARGS__ }, .flags = (keep), .shape = shapes, .rows = pool_rows, \
		.forward_shard = pass##_shard, .backward_shard = pass##_dx \
	}
#define SIZE(word) { word, 2, 1, 1 << 20, true, NULL }
#define STRIDE(word) { word, 0, 1, 1 << 20, true, NULL } /* 0: the size */
#define PADDING { "padding", CONV_VALID, 0, 1, false, conv_paddings }
#define ARGS_1D SIZE("size"), STRIDE("stride"), PADDING
#define ARGS_2D SIZE("height"), SIZE("width"), STRIDE("stride"), STRIDE("stride_height"), STRIDE("stride_width"), PADDING

const struct nn_kind LEVEL_NAME(nn_pool_kinds)[] = {
	POOL("maxpool1d", maxpool, pool1d_shape, NN_NEEDS_X, ARGS_1D),
	POOL("maxpool2d", maxpool, pool2d_shape, NN_NEEDS_X, ARGS_2D),
	POOL("avgpool1d", avgpool, pool1d_shape, 0, ARGS_1D),
	POOL("avgpool2d", avgpool, pool2d_shape, 0, ARGS_2D),
	POOL("globalmaxpool", maxpool, global_shape, NN_NEEDS_X, { .name = NULL }),
	POOL("globalavgpool", avgpool, global_shape, 0, { .name = NULL }),
	POOL("globalstatspool", statspool, stats_shape, NN_NEEDS_X | NN_NEEDS_Y,
	     { "epsilon", 1e-5, 1e-12, 1, false, NULL }),
	{ .name = NULL },
};
