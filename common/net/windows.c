#include "net/windows.h"

#include <string.h>

#include "base/level.h"
#include "net/vector.h"

enum {
	BLOCK = 16 * MR,  /* windows whose offsets are computed at once */
	SPAN = 256,       /* windows that a tile of the gradient sums up before it is put back */
};

KERNEL(nn_pack,
       (size_t rows, size_t at, size_t count, size_t n, const real *b, size_t row, size_t column, real *packed),
       (rows, at, count, n, b, row, column, packed))
{
	for (size_t j0 = 0; j0 < n; j0 += NR) {
		real *panel = packed + j0 * rows + at * NR;
		size_t width = n - j0 < NR ? n - j0 : NR;

		for (size_t r = 0; r < count; r++)
			for (size_t j = 0; j < width; j++)
				panel[r * NR + j] = b[r * row + (j0 + j) * column];
	}
}

KERNEL(nn_unpack_add, (size_t rows, size_t at, size_t count, size_t n, const real *packed, real *b),
       (rows, at, count, n, packed, b))
{
	for (size_t j0 = 0; j0 < n; j0 += NR) {
		const real *panel = packed + j0 * rows + at * NR;
		size_t width = n - j0 < NR ? n - j0 : NR;

		for (size_t r = 0; r < count; r++)
			for (size_t j = 0; j < width; j++)
				b[r * n + j0 + j] += panel[r * NR + j];
	}
}

/* Sums of MR windows and vectors of columns; both loop bounds are constants in
 * each call, so that the sums stay in registers. width: columns to store. */
static inline __attribute__((always_inline)) void
product_tile(size_t vectors, const struct nn_windows *w, const real *a, const size_t *from, const real *b,
             const real *start, size_t width, real *c, const size_t *to)
{
	vector sum[MR][2];

	for (size_t i = 0; i < MR; i++)
		for (size_t v = 0; v < vectors; v++)
			sum[i][v] = *(const vector *)(start + v * VECTOR);
	for (size_t part = 0; part < w->parts; part++) {
		const real *x[MR];

		for (size_t i = 0; i < MR; i++)
			x[i] = a + from[i] + w->offset[part];
		for (size_t p = 0; p < w->k; p++, b += NR) {
			vector row[2];

			for (size_t v = 0; v < vectors; v++)
				row[v] = *(const vector *)(b + v * VECTOR);
			for (size_t i = 0; i < MR; i++)
				for (size_t v = 0; v < vectors; v++)
					sum[i][v] += x[i][p] * row[v];
		}
	}
	for (size_t i = 0; i < MR; i++) {
		if (width == vectors * VECTOR)
			for (size_t v = 0; v < vectors; v++)
				*(vector *)(c + to[i] + v * VECTOR) = sum[i][v];
		else
			memcpy(c + to[i], &sum[i][0], width * sizeof *c);
	}
}

/* Where the windows from the first'th on begin, and their values: count of
 * them, then the last one again up to a multiple of MR. */
static size_t
locate(const struct nn_windows *w, size_t first, size_t *from, size_t *to)
{
	size_t count = w->rows * w->columns - first, row = first / w->columns, column = first % w->columns;

	count = count < BLOCK ? count : BLOCK;
	for (size_t i = 0; i < count; i++) {
		from[i] = row * w->a_row + column * w->a_column;
		to[i] = row * w->c_row + column * w->c_column;
		if (++column == w->columns) {
			column = 0;
			row++;
		}
	}
	for (size_t i = count; i % MR != 0; i++) {
		from[i] = from[count - 1];
		to[i] = to[count - 1];
	}
	return count;
}

KERNEL(nn_windows_product,
       (const struct nn_windows *w, size_t n, const real *a, const real *b, const real *start, real *c),
       (w, n, a, b, start, c))
{
	size_t depth = w->parts * w->k, from[BLOCK], to[BLOCK];

	for (size_t first = 0; first < w->rows * w->columns; first += BLOCK) {
		size_t count = locate(w, first, from, to);

		for (size_t j = 0; j < n; j += NR) {
			size_t width = n - j < NR ? n - j : NR;

			for (size_t i = 0; i < count; i += MR)
				if (width > VECTOR)
					product_tile(2, w, a, from + i, b + j * depth, start + j, width, c + j, to + i);
				else
					product_tile(1, w, a, from + i, b + j * depth, start + j, width, c + j, to + i);
		}
	}
}

/* A rectangle of windows. */
struct part {
	const struct nn_windows *w;
	size_t row, rows, column, columns;
};

/* rows x vectors of G: rows of a window's values, at offset, times C. */
static inline __attribute__((always_inline)) void
gradient_tile(size_t rows, size_t vectors, const struct part *part, const real *a, const size_t *offset, const real *c,
              real *g)
{
	const struct nn_windows *w = part->w;
	vector sum[MR][2];

	for (size_t i = 0; i < rows; i++)
		for (size_t v = 0; v < vectors; v++)
			sum[i][v] = *(const vector *)(g + i * NR + v * VECTOR);
	for (size_t r = part->row; r < part->row + part->rows; r++) {
		const real *x[MR], *value = c + r * w->c_row + part->column * w->c_column;

		for (size_t i = 0; i < rows; i++)
			x[i] = a + r * w->a_row + part->column * w->a_column + offset[i];
		for (size_t q = 0; q < part->columns; q++, value += w->c_column) {
			vector row[2];

			for (size_t v = 0; v < vectors; v++)
				row[v] = *(const vector *)(value + v * VECTOR);
			for (size_t i = 0; i < rows; i++)
				for (size_t v = 0; v < vectors; v++)
					sum[i][v] += x[i][q * w->a_column] * row[v];
		}
	}
	for (size_t i = 0; i < rows; i++)
		for (size_t v = 0; v < vectors; v++)
			*(vector *)(g + i * NR + v * VECTOR) = sum[i][v];
}

/* One panel of G over a rectangle of windows: tiles of MR rows, then of its
 * halves as long as there is a rest. */
static inline __attribute__((always_inline)) void
gradient_panel(size_t vectors, const struct part *part, const real *a, const real *c, real *g)
{
	const struct nn_windows *w = part->w;
	size_t depth = w->parts * w->k, offset[MR], rows;

	for (size_t e = 0; e < depth; e += rows, g += rows * NR) {
		for (rows = MR; rows > depth - e; rows /= 2) {}
		for (size_t i = 0; i < rows; i++)
			offset[i] = w->offset[(e + i) / w->k] + (e + i) % w->k;
#define ROWS(n) case n: gradient_tile(n, vectors, part, a, offset, c, g); break;
		switch (rows) { /* what halving MR leads to */
		ROWS(1) ROWS(2) ROWS(3) ROWS(4)
		default: gradient_tile(MR, vectors, part, a, offset, c, g);
		}
#undef ROWS
	}
}

KERNEL(nn_windows_gradient, (const struct nn_windows *w, size_t n, const real *a, const real *c, real *g),
       (w, n, a, c, g))
{
	size_t depth = w->parts * w->k, columns = w->columns < SPAN ? w->columns : SPAN, rows = SPAN / columns;

	for (size_t r = 0; r < w->rows; r += rows)
		for (size_t q = 0; q < w->columns; q += columns) {
			const struct part part = { w, r, w->rows - r < rows ? w->rows - r : rows, q,
				w->columns - q < columns ? w->columns - q : columns };

			for (size_t j = 0; j < n; j += NR)
				if (n - j > VECTOR)
					gradient_panel(2, &part, a, c + j, g + j * depth);
				else
					gradient_panel(1, &part, a, c + j, g + j * depth);
		}
}
