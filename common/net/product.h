/* product: the one kernel of every matrix product, on one thread. */
#ifndef SER_NET_PRODUCT_H
#define SER_NET_PRODUCT_H

#include "net/nn.h"

/* outer * inner places: number i * inner + j is offset[i] (i * step where offset
 * is NULL) + j * inner_step. */
struct nn_places {
	size_t outer, inner;
	const size_t *offset;
	size_t step, inner_step;
};

/* C = A B + beta C, or A B + start where that is not NULL: the same n values for
 * each row. A(i,p) is a[row(i) + depth(p)], and row i of C begins at the place of
 * the same number with steps of its own. B is packed by nn_pack, or B(p,j) is the
 * value at the p-th place with steps of its own, and j * b_column.
 *
 * An element of C is one sum over p in its order, begun with beta C or start: its
 * bits depend on its row of A and its column of B alone, however many others are
 * computed in the call. So the work may be cut, and records be put together,
 * anywhere. With beta 0 C is only written to. */
struct nn_product {
	size_t n;
	struct nn_places row, depth;
	const real *a, *b, *start;
	bool packed;
	size_t b_step, b_inner_step, b_column;
	real beta, *c;
	size_t c_step, c_inner_step;
};
void nn_multiply(const struct nn_product *p);

enum { NN_COLUMNS = 64 }; /* so many are whole panels, however a level packs */

/* A packed matrix lies in panels of columns, so that products read it in order:
 * this many values. Levels pack differently. */
static inline size_t
nn_packed_size(size_t rows, size_t n)
{
	size_t rest = n % NN_COLUMNS;

	return rows * (n - rest + (rest == 0 ? 0 : rest <= 16 ? 16 : rest <= 32 ? 32 : NN_COLUMNS));
}

/* Writes rows [at, at + count) of the packed matrix of that many rows, from b,
 * whose rows and columns are this far apart. */
void nn_pack(size_t rows, size_t at, size_t count, size_t n, const real *b, size_t row, size_t column, real *packed);

#endif
