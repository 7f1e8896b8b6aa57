/* A tile of MR x NR sums stays in registers while the values of MR rows of A,
 * read where they lie, meet those of one panel of B. B's columns are in panels of
 * NR; of these, DEPTH rows at a time stay in the cache nearest to the processor
 * while all rows of A pass. Sums wait in C meanwhile, which does not change them. */
#include "net/product.h"

#include <string.h>

#include "base/level.h"
#include "net/vector.h"

#define UNROLL _Pragma("GCC unroll 8")
/* A use of a value behind the products with it: gcc gives the register of a value that is
 * not used any more to the sum, and has to move it back, 12 times for 16 products. */
#define USE(value) __asm__("" : : "X"(value))
enum {
	DEPTH = (NV == 4 ? 32 : 16) * 1024 / (NR * sizeof(real)),
	SUMS = 8, /* vectors at least, as a sum waits for the one before */
};

/* Values of A, and of B, that lie this far from the first ones. */
struct run {
	size_t a, b, count;
};

struct tile {
	const real *a[MR], *start[MR], *b;
	real *c[MR];
	size_t panel; /* from one panel of B to the next */
	const struct run *run;
	size_t runs, a_step, b_step;
};

/* rows x vectors sums. Both are constants in each call, so that loops unroll. */
static inline __attribute__((always_inline)) void
sum_tile(size_t rows, size_t vectors, const struct tile *t)
{
	size_t a_step = t->a_step, b_step = t->b_step;
	vector sum[MR][SUMS];

	UNROLL
	for (size_t i = 0; i < rows; i++)
		UNROLL
		for (size_t v = 0; v < vectors; v++)
			sum[i][v] = *(const vector *)(t->start[i] + v * VECTOR);
	for (size_t r = 0; r < t->runs; r++) {
		const real *x[MR], *b = t->b + t->run[r].b;
		size_t end = t->run[r].count * b_step;

		UNROLL
		for (size_t i = 0; i < rows; i++)
			x[i] = t->a[i] + t->run[r].a;
		for (size_t p = 0, q = 0; q < end; q += b_step, p += a_step) {
			vector row[SUMS];

			UNROLL
			for (size_t v = 0; v < vectors; v++)
				row[v] = *(const vector *)(b + q + v / NV * t->panel + v % NV * VECTOR);
			UNROLL
			for (size_t i = 0; i < rows; i++) {
				vector value = x[i][p] - (vector){ 0 };

				UNROLL
				for (size_t v = 0; v < vectors; v++)
					sum[i][v] += value * row[v];
				USE(value);
			}
		}
	}
	UNROLL
	for (size_t i = 0; i < rows; i++)
		UNROLL
		for (size_t v = 0; v < vectors; v++)
			*(vector *)(t->c[i] + v * VECTOR) = sum[i][v];
}

/* Tiles of more rows than registers are never asked for. */
#define TILE(rows, vectors) \
	static void tile_##rows##_##vectors(const struct tile *t) \
	{ \
		if ((rows) <= MR && ((vectors) <= NV || (rows) * (vectors) <= SUMS)) \
			sum_tile((rows) <= MR ? (rows) : 1, vectors, t); \
	}
#define TILES(rows) TILE(rows, 1) TILE(rows, 2) TILE(rows, 4) TILE(rows, 8)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
#undef TILES
#undef TILE

static void (*const tiles[6][4])(const struct tile *t) = {
#define TILES(rows) { tile_##rows##_1, tile_##rows##_2, tile_##rows##_4, tile_##rows##_8 }
	TILES(1), TILES(2), TILES(3), TILES(4), TILES(5), TILES(6)
#undef TILES
};

/* The panel that begins with the columns left: its vectors' binary logarithm. */
static size_t
panel_log(size_t left)
{
	return left > 2 * VECTOR && NV == 4 ? 2 : left > VECTOR ? 1 : 0;
}

static size_t
place_of(const struct nn_places *p, size_t outer, size_t inner)
{
	return (p->offset == NULL ? outer * p->step : p->offset[outer]) + inner * p->inner_step;
}

/* The runs of count values of the sum from the at-th on. */
static size_t
cut(const struct nn_product *p, size_t at, size_t count, struct run *run)
{
	size_t n = 0, step, outer = count == 0 ? 0 : at / p->depth.inner, inner = count == 0 ? 0 : at % p->depth.inner;

	for (; count > 0; count -= step, outer++, inner = 0) {
		step = p->depth.inner - inner < count ? p->depth.inner - inner : count;
		run[n++] = (struct run){ place_of(&p->depth, outer, inner), outer * p->b_step + inner * p->b_inner_step, step };
	}
	return n;
}

typedef real four __attribute__((vector_size(4 * sizeof(real)), aligned(sizeof(real)), may_alias));

/* 4 x 4 values, transposed. */
static void
transpose(const real *b, size_t column, real *restrict to, size_t width)
{
	four c0 = *(const four *)b, c1 = *(const four *)(b + column), c2 = *(const four *)(b + 2 * column);
	four c3 = *(const four *)(b + 3 * column);
	four low01 = __builtin_shufflevector(c0, c1, 0, 4, 1, 5), high01 = __builtin_shufflevector(c0, c1, 2, 6, 3, 7);
	four low23 = __builtin_shufflevector(c2, c3, 0, 4, 1, 5), high23 = __builtin_shufflevector(c2, c3, 2, 6, 3, 7);

	*(four *)to = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
	*(four *)(to + width) = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
	*(four *)(to + 2 * width) = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
	*(four *)(to + 3 * width) = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

/* count rows of a panel so wide, its last columns zero. */
static void
pack_rows(size_t count, size_t columns, size_t width, const real *b, size_t row, size_t column, real *restrict packed)
{
	if (column == 1 && columns == NR)
		for (size_t r = 0; r < count; r++)
			for (size_t j = 0; j < NR; j++)
				packed[r * NR + j] = b[r * row + j];
	else
		for (size_t j = 0; j < width; j += 4) {
			size_t r = 0;

			for (; j >= columns && r < count; r++)
				*(four *)(packed + r * width + j) = (four){ 0 };
			for (; column == 1 && j + 4 <= columns && r < count; r++)
				*(four *)(packed + r * width + j) = *(const four *)(b + r * row + j);
			for (; row == 1 && j + 4 <= columns && r + 4 <= count; r += 4)
				transpose(b + r + j * column, column, packed + r * width + j, width);
			for (; r < count; r++)
				for (size_t k = j; k < j + 4 && k < width; k++)
					packed[r * width + k] = k < columns ? b[r * row + k * column] : 0;
		}
}

KERNEL(nn_pack,
       (size_t rows, size_t at, size_t count, size_t n, const real *b, size_t row, size_t column, real *packed),
       (rows, at, count, n, b, row, column, packed))
{
	for (size_t j = 0; j < n; j += NR) {
		size_t columns = n - j < NR ? n - j : NR, width = (size_t)VECTOR << panel_log(columns);

		pack_rows(count, columns, width, b + j * column, row, column, packed + j * rows + at * width);
	}
}

/* A tile whose columns are fewer than its vectors have: in memory of its own. */
static void
edge_tile(size_t rows, size_t columns, size_t log, struct tile *t)
{
	real edge[MR * NR];
	real *c[MR];

	memcpy(c, t->c, sizeof c);
	for (size_t i = 0; i < rows; i++) {
		memcpy(edge + i * NR, t->start[i], columns * sizeof *edge);
		t->start[i] = t->c[i] = edge + i * NR;
	}
	tiles[rows - 1][log](t); /* NOLINT(clang-analyzer-core.CallAndMessage): rows is 1 to MR */
	for (size_t i = 0; i < rows; i++)
		memcpy(c[i], edge + i * NR, columns * sizeof *edge);
}

static const real zeros[SUMS * VECTOR];

/* A row of A and of C. */
struct cursor {
	size_t outer, left; /* inner ones */
	const real *a;
	real *c;
};

static void
begin_inner(const struct nn_product *p, size_t j, struct cursor *at)
{
	at->left = p->row.inner;
	at->a = p->a + place_of(&p->row, at->outer, 0);
	at->c = p->c + at->outer * p->c_step + j;
}

static inline void
advance(const struct nn_product *p, size_t j, struct cursor *at)
{
	at->a += p->row.inner_step;
	at->c += p->c_inner_step;
	if (--at->left == 0 && ++at->outer < p->row.outer)
		begin_inner(p, j, at);
}

/* Whether rows of C that follow may hold, until their own sums come, what a tile writes behind its columns. */
static bool
spills(const struct nn_product *p, size_t columns, size_t width, size_t behind)
{
	return p->row.outer == 1 && p->c_inner_step == columns && behind * columns >= width - columns;
}

/* All rows of A by the panels of some columns, from the j-th on. first: the sums begin. */
static void
multiply_panel(const struct nn_product *p, bool first, size_t j, size_t columns, size_t log, struct tile *t)
{
	struct cursor at = { 0 };
	size_t left = p->row.outer * p->row.inner, rows;
	size_t width = (size_t)VECTOR << log;
	const real *start = !first ? NULL : p->start != NULL ? p->start + j : p->beta == 0 ? zeros : NULL;
	real padded[NR] = { 0 };

	if (start != NULL && columns < width)
		start = memcpy(padded, start, columns * sizeof *start);
	begin_inner(p, j, &at);
	for (; left > 0; left -= rows) {
		rows = left >= 2 * MR ? MR : left > MR ? (left + 1) / 2 : left;
		for (size_t i = 0; i < rows; i++, advance(p, j, &at)) {
			t->a[i] = at.a;
			t->c[i] = at.c;
			t->start[i] = start != NULL ? start : t->c[i];
		}
		if (columns < width && (start == NULL || !spills(p, columns, width, left - rows)))
			edge_tile(rows, columns, log, t);
		else
			tiles[rows - 1][log](t); /* NOLINT(clang-analyzer-core.CallAndMessage) */
	}
}

/* Whether B lies as if it were packed, or rows are so few that packing it would take longer than it gains. */
static bool
reads_in_place(const struct nn_product *p)
{
	return !p->packed && p->b_column == 1 && (p->b_inner_step <= NR || p->row.outer * p->row.inner <= 2 * MR);
}

/* The sums of some panels, DEPTH rows of them after DEPTH rows. */
static void
multiply_columns(const struct nn_product *p, size_t j, size_t columns, size_t log)
{
	size_t depth = p->depth.outer * p->depth.inner, at = 0, count, width = (size_t)VECTOR << log;
	struct run run[DEPTH];
	_Alignas(VECTOR_BYTES) real block[DEPTH * NR];
	bool in_place = reads_in_place(p) && columns == width;
	struct tile t = { .run = run, .a_step = p->depth.inner_step, .panel = in_place ? NR : depth * NR,
		.b_step = in_place ? p->b_inner_step : width < NR ? width : NR };

	do {
		count = depth - at < DEPTH ? depth - at : DEPTH;
		t.runs = cut(p, at, count, run);
		t.b = in_place ? p->b + j : p->packed ? p->b + j * depth + at * t.b_step : block;
		for (size_t r = 0, k = 0; r < t.runs && !in_place; k += run[r++].count) {
			if (!p->packed)
				pack_rows(run[r].count, columns, width, p->b + run[r].b + j * p->b_column, p->b_inner_step, p->b_column,
				          block + k * width);
			run[r].b = k * t.b_step;
		}
		multiply_panel(p, at == 0, j, columns, log, &t);
		at += count;
	} while (at < depth);
}

static void
scale(const struct nn_product *p)
{
	for (size_t i = 0; i < p->row.outer * p->row.inner; i++) {
		real *c = p->c + i / p->row.inner * p->c_step + i % p->row.inner * p->c_inner_step;

		for (size_t j = 0; j < p->n; j++)
			c[j] *= p->beta;
	}
}

KERNEL(nn_multiply, (const struct nn_product *p), (p))
{
	size_t rows = p->row.outer * p->row.inner, log;
	size_t most = rows == 1 ? 3 : rows == 2 ? 2 : panel_log(NR); /* several panels where rows are too few */

	if (p->start == NULL && p->beta != 0 && p->beta != 1)
		scale(p);
	for (size_t j = 0; j < p->n; j += (size_t)VECTOR << log) {
		size_t left = p->n - j;

		log = (p->packed || reads_in_place(p)) && left >= (size_t)VECTOR << most ? most : panel_log(left);
		multiply_columns(p, j, left < (size_t)VECTOR << log ? left : (size_t)VECTOR << log, log);
	}
}
