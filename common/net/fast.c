/* Lines of the kernel and of the planes are rows: what winograd.h does along a line is
 * a product over windows of lines (windows.h) at each of its points. Short lines of
 * several examples come together, so that a product has rows enough. */
#include "net/fast.h"

#include <string.h>

#include "base/err.h"
#include "base/thread.h"
#include "net/gemm.h"
#include "net/windows.h"
#include "net/winograd.h"

enum { KERNEL, BIAS };
enum { SLICES = 8 }; /* of a line of the kernel, WINOGRAD_LEAST at most */

/* A pass from one plane to another. */
struct pass {
	size_t in[2], out[2];  /* rows and columns of the planes */
	size_t pixel, filters; /* values of a pixel in, out; of a task some of these, */
	size_t row;            /* of so many in all */
	ptrdiff_t before[2];   /* zeros before the first pixel */
	size_t step;           /* values of a window */
	struct nn_windows w;   /* at a point: onto V; their values are in M */
	size_t parts;          /* of an example, at least */
	size_t together;       /* examples; one where there are parts */
	size_t v, m;           /* values of a part of these at a point */
	real *kernel;          /* packed, of each point */
	size_t kernel_size;
};

struct fast {
	struct nn_layer *l;
	size_t lines, taps; /* the kernel's rows and columns */
	int time;           /* the axis along which examples may differ in length */
	struct pass forward, dx;
	real *zeros;   /* as many as values of a pixel, in or out */
	real *scratch; /* V and M, or a kernel at a point, of each thread */
	size_t scratch_size;
	real *sum; /* NN_BLOCKS gradients: at each point, and the bias's */
	size_t sum_size;
	size_t group;    /* examples of a task, or of a sum */
	size_t n, slices, parts; /* of a pass: examples, and what a task's are cut into: slices of the filters, parts */
};

/* Nothing that an example's length decides, or its answer's bits would depend on it. */
bool
fast_serves(size_t width, size_t pixel, size_t filters)
{
	return width >= WINOGRAD_TAPS && width < WINOGRAD_POINTS && pixel >= WINOGRAD_LEAST && filters >= WINOGRAD_LEAST;
}

/* Lines of V that give so many rows. */
static size_t
lines_of(const struct pass *p, size_t rows)
{
	return rows + p->w.parts - 1;
}

static size_t
divide_up(size_t n, size_t by)
{
	return (n + by - 1) / by;
}

/* p has its planes' sizes. An example's rows or, of one row, its windows are cut into parts so
 * small that V and M stay in the cache and are no more for a longer example. */
static int
plan_pass(const struct fast *f, struct mem_pool *m, struct pass *p)
{
	enum { LEAST = 48, MOST = 256 };
	size_t rows = p->out[0], tiles, *offset = mem_take(m, f->lines, sizeof *offset);

	p->row = p->filters;
	p->step = WINOGRAD_POINTS + 1 - f->taps;
	tiles = divide_up(p->out[1], p->step);
	p->w = (struct nn_windows){ rows, tiles, 0, p->pixel, 0, p->filters, f->lines, p->pixel, offset };
	p->parts = rows == 1 ? divide_up(tiles, MOST) : divide_up(rows, tiles < MOST ? MOST / tiles : 1);
	*(rows == 1 ? &tiles : &rows) = divide_up(rows == 1 ? tiles : rows, p->parts);
	p->w.a_row = tiles * p->pixel;
	p->w.c_row = tiles * p->filters;
	for (size_t i = 0; i < f->lines && offset != NULL; i++)
		offset[i] = i * p->w.a_row;
	for (p->together = 1; p->together < NN_SHARD && f->lines * p->out[0] == 1 && p->together * tiles < LEAST;)
		p->together *= 2;
	p->v = p->together * lines_of(p, rows) * p->w.a_row;
	p->m = p->together * rows * p->w.c_row;
	p->kernel_size = nn_packed_size(f->lines * p->pixel, p->filters);
	p->kernel = mem_take(m, WINOGRAD_POINTS * p->kernel_size, sizeof *p->kernel);
	return m->status;
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

struct fast *
fast_plan(struct nn_layer *l, const struct fast_shape *s)
{
	struct mem_pool *m = l->memory;
	struct fast *f = mem_take(m, 1, sizeof *f);
	size_t filters = l->out.d[l->out.rank - 1], pixel = nn_size(&l->in) / (s->in[0] * s->in[1]);
	bool training = l->x->dy != NULL;

	if (f == NULL)
		return NULL;
	*f = (struct fast){ .l = l, .lines = s->kernel[0], .taps = s->kernel[1], .time = l->in.rank == 3 ? 0 : 1 };
	f->forward = (struct pass){ .pixel = pixel, .filters = filters };
	f->dx = (struct pass){ .pixel = filters, .filters = pixel };
	for (int i = 0; i < 2; i++) {
		f->forward.in[i] = f->dx.out[i] = s->in[i];
		f->forward.out[i] = f->dx.in[i] = s->out[i];
		f->forward.before[i] = (ptrdiff_t)s->before[i];
		f->dx.before[i] = (ptrdiff_t)(s->kernel[i] - 1 - s->before[i]);
	}
	if (plan_pass(f, m, &f->forward) != ST_OK || (training && plan_pass(f, m, &f->dx) != ST_OK))
		return NULL;
	f->scratch_size = WINOGRAD_POINTS * larger(f->forward.v + f->forward.m, f->dx.v + f->dx.m);
	f->scratch_size = larger(f->scratch_size, pixel * filters);
	f->scratch = mem_take(m, nn_threads(l->net) * f->scratch_size, sizeof *f->scratch);
	f->zeros = mem_take(m, larger(pixel, filters), sizeof *f->zeros);
	f->sum_size = (WINOGRAD_POINTS * f->lines * pixel + 1) * filters;
	if (training)
		f->sum = mem_take(m, NN_BLOCKS * f->sum_size, sizeof *f->sum);
	return m->status == ST_OK ? f : NULL;
}

static real *
scratch_of(const struct fast *f)
{
	return f->scratch + workers_self() * f->scratch_size;
}

/* An example of a pass, and how much of its planes there is. */
struct view {
	const real *from;
	real *to;
	size_t in[2], out[2];
};

/* Of padding and its zeros, x has rows less those that the plan has more than y. */
static struct view
view_of(const struct fast *f, const struct pass *p, const real *from, real *to, size_t i)
{
	struct view e = { from, to, { p->in[0], p->in[1] }, { p->out[0], p->out[1] } };
	size_t x = nn_valid(f->l->x, i), planned = f->forward.in[f->time], y = f->forward.out[f->time], less = planned - x;

	y = y > less ? y - less : 1;
	e.in[f->time] = p == &f->forward ? x : y;
	e.out[f->time] = p == &f->forward ? y : x;
	return e;
}

/* V of example i among those together. */
static void
to_points(const struct pass *p, size_t i, const struct view *e, real *v)
{
	size_t lines = lines_of(p, p->w.rows);

	v += i * lines * p->w.a_row;
	for (size_t r = 0; r < lines; r++, v += p->w.a_row) {
		size_t at = r - (size_t)p->before[0];
		bool given = at < e->in[0];

		nn_winograd_windows(p->w.columns, p->step, p->before[1], given ? e->in[1] : 0, p->pixel,
		                    given ? e->from + at * p->in[1] * p->pixel : e->from, v, p->v);
	}
}

static void
run_pass(const struct fast *f, const struct pass *p, size_t examples, const struct view *e, const real *start)
{
	struct nn_windows w = p->w;
	real *v = scratch_of(f), *m = v + WINOGRAD_POINTS * p->v;

	for (size_t i = 0; i < examples; i++)
		to_points(p, i, &e[i], v);
	w.rows *= examples;
	for (size_t k = 0; k < WINOGRAD_POINTS; k++)
		nn_windows_product(&w, p->filters, v + k * p->v, p->kernel + k * p->kernel_size, f->zeros, m + k * p->m);
	for (size_t i = 0; i < w.rows; i++, m += w.c_row) {
		const struct view *one = &e[i / p->w.rows];

		nn_winograd_values(one->out[1], p->step, p->filters, m, p->m, start,
		                   one->to + i % p->w.rows * p->out[1] * p->row, p->row);
	}
}

/* Part of an example: some of its rows or, if it has one, of its windows. */
static void
cut(struct pass *p, size_t part, size_t parts, struct view *e)
{
	bool down = p->w.rows > 1;
	size_t *count = down ? &p->w.rows : &p->w.columns, first = *count * part / parts;
	size_t skip = down ? first : first * p->step, end, *out = &e->out[down ? 0 : 1];

	*count = *count * (part + 1) / parts - first;
	end = *count * (down ? 1 : p->step);
	p->before[down ? 0 : 1] -= (ptrdiff_t)skip;
	e->to += skip * (down ? p->out[1] : 1) * p->row;
	*out = *out < skip ? 0 : *out - skip < end ? *out - skip : end;
}

/* Some of the filters: where the first of them is. */
static size_t
slice(const struct fast *f, struct pass *p, size_t i)
{
	size_t panels = p->filters / NN_COLUMNS, first = i * panels / f->slices * NN_COLUMNS;

	p->filters = (i + 1 == f->slices ? p->filters : (i + 1) * panels / f->slices * NN_COLUMNS) - first;
	p->kernel += nn_packed_size(f->lines * p->pixel, first);
	p->w.c_row = p->w.columns * p->filters;
	p->w.c_column = p->filters;
	return first;
}

static void
do_task(const struct fast *f, bool dx, size_t task)
{
	const struct nn_act *x = f->l->x, *y = f->l->y;
	const struct pass *planned = dx ? &f->dx : &f->forward;
	struct pass p = *planned;
	size_t cuts = f->slices * f->parts, first = task / cuts * f->group, count = 0;
	size_t at = slice(f, &p, task % cuts / f->parts);
	struct view e[NN_SHARD] = { 0 };

	for (size_t i = first; i < first + f->group && i < f->n; i++)
		e[count++] = dx ? view_of(f, planned, y->dy + i * y->stride, x->dy + i * x->stride + at, i)
		                : view_of(f, planned, x->y + i * x->stride, y->y + i * y->stride + at, i);
	if (f->parts > 1 && count > 0)
		cut(&p, task % f->parts, f->parts, e);
	run_pass(f, &p, count, e, dx ? f->zeros : nn_value(f->l, BIAS) + at);
}

static void
forward_task(void *ctx, size_t i)
{
	do_task(ctx, false, i);
}

static void
dx_task(void *ctx, size_t i)
{
	do_task(ctx, true, i);
}

/* Few examples are cut, so that each thread has some of the work: what is larger, the kernel or the
 * planes, as each thread reads all of the other. */
static void
do_tasks(struct fast *f, bool dx)
{
	const struct nn *net = f->l->net;
	const struct pass *p = dx ? &f->dx : &f->forward;
	size_t threads = nn_threads(net), each = divide_up(f->n, threads), panels = p->filters / NN_COLUMNS;
	size_t work = p->w.rows * p->w.columns * WINOGRAD_POINTS * f->lines * p->pixel * p->filters;
	size_t cuts = f->n < threads && work > NN_WORK ? threads : 1;

	f->slices = panels < 2 || p->kernel_size < p->v + p->m ? 1 : panels < cuts ? panels : cuts;
	f->parts = larger(divide_up(cuts, f->slices), p->parts);
	f->group = each < p->together ? each : p->together;
	nn_for(net, divide_up(f->n, f->group) * f->slices * f->parts, dx ? dx_task : forward_task, f);
}

/* The kernel at a point, for the pass forward or, transposed and read backwards, for dx. */
static void
pack(const struct fast *f, size_t k, bool dx)
{
	const struct pass *p = dx ? &f->dx : &f->forward;
	size_t tap = p->pixel * p->filters, line = f->taps * tap;
	real *kernel = scratch_of(f);

	for (size_t r = 0; r < f->lines; r++) {
		const real *value = nn_value(f->l, KERNEL) + (dx ? f->lines - 1 - r : r) * line + (dx ? line - tap : 0);

		nn_winograd_kernel(k, f->taps, tap, value, (ptrdiff_t)(dx ? -tap : tap), kernel);
		nn_pack(f->lines * p->pixel, r * p->pixel, p->pixel, p->filters, kernel, dx ? 1 : p->filters, dx ? p->pixel : 1,
		        p->kernel + k * p->kernel_size);
	}
}

static void
pack_forward(void *ctx, size_t k)
{
	pack(ctx, k, false);
}

static void
pack_dx(void *ctx, size_t k)
{
	pack(ctx, k, true);
}

void
fast_forward(struct fast *f, size_t n)
{
	if (nn_repacks(f->l))
		nn_for(f->l->net, WINOGRAD_POINTS, pack_forward, f);
	f->n = n;
	do_tasks(f, false);
}

/* The sums at the points over some examples, or part of one, + beta sum. */
static void
add_part(const struct fast *f, const struct pass *p, size_t count, const struct view *e, real beta, real *sum)
{
	size_t kernel = f->lines * p->pixel * p->filters;
	struct nn_windows w = p->w;
	real *v = scratch_of(f), *values = v + WINOGRAD_POINTS * p->v, *m = values;

	for (size_t i = 0; i < count; i++) {
		to_points(p, i, &e[i], v);
		for (size_t r = 0; r < p->w.rows; r++, m += w.c_row)
			nn_winograd_spread(w.columns, p->step, r < e[i].out[0] ? e[i].out[1] : 0, p->filters,
			                   e[i].to + r * p->out[1] * p->filters, m, p->m);
	}
	w.rows *= count;
	for (size_t k = 0; k < WINOGRAD_POINTS; k++)
		nn_windows_gradient(&w, p->filters, v + k * p->v, values + k * p->m, beta, sum + k * kernel);
}

/* The same over whole examples; and adds to the bias's. */
static void
add_examples(const struct fast *f, size_t first, size_t count, real beta, real *sum)
{
	const struct nn_act *x = f->l->x, *y = f->l->y;
	const struct pass *p = &f->forward;
	struct view e[NN_SHARD] = { 0 };

	for (size_t i = 0; i < count; i++) {
		e[i] = view_of(f, p, x->y + (first + i) * x->stride, y->dy + (first + i) * y->stride, first + i);
		nn_add_pixels(e[i].out[0] * e[i].out[1], p->filters, e[i].to, sum + f->sum_size - p->filters);
	}
	for (size_t part = 0; part < p->parts; part++) {
		struct pass q = *p;
		struct view one = e[0];

		if (p->parts > 1)
			cut(&q, part, p->parts, &one);
		add_part(f, &q, count, p->parts > 1 ? &one : e, part == 0 ? beta : 1, sum);
	}
}

static void
gradient_group(void *ctx, size_t g)
{
	const struct fast *f = ctx;
	size_t end = (g + 1) * f->group < f->n ? (g + 1) * f->group : f->n, count;
	real *sum = f->sum + g * f->sum_size;

	memset(sum + f->sum_size - f->forward.filters, 0, f->forward.filters * sizeof *sum);
	for (size_t i = g * f->group; i < end; i += count) {
		count = end - i < f->forward.together ? end - i : f->forward.together;
		add_examples(f, i, count, i > g * f->group, sum);
	}
}

/* A slice of each tap's gradient in a line of the kernel, from the groups' sums in their order. */
static void
add_groups(void *ctx, size_t i)
{
	const struct fast *f = ctx;
	const struct pass *p = &f->forward;
	size_t line = i / SLICES, first = p->pixel * (i % SLICES) / SLICES, end = p->pixel * (i % SLICES + 1) / SLICES;
	size_t tap = p->pixel * p->filters, groups = divide_up(f->n, f->group);

	nn_winograd_taps(f->taps, (end - first) * p->filters, groups, f->sum + line * tap + first * p->filters, f->sum_size,
	                 f->lines * tap, nn_grad(f->l, KERNEL) + line * f->taps * tap + first * p->filters, tap);
}

static void
weight_gradients(struct fast *f)
{
	const struct nn *net = f->l->net;
	size_t filters = f->forward.filters;

	f->group = divide_up(f->n, NN_BLOCKS);
	nn_for(net, divide_up(f->n, f->group), gradient_group, f);
	nn_for(net, f->lines * SLICES, add_groups, f);
	nn_sum_parts(divide_up(f->n, f->group), filters, f->sum_size, f->sum + f->sum_size - filters, nn_grad(f->l, BIAS));
}

void
fast_backward(struct fast *f, size_t n, bool need_dx)
{
	f->n = n;
	if (!f->l->frozen)
		weight_gradients(f);
	if (!need_dx)
		return;
	nn_for(f->l->net, WINOGRAD_POINTS, pack_dx, f);
	do_tasks(f, true);
}
