#include "net/windows.h"

#include "net/product.h"

void
nn_windows_product(const struct nn_windows *w, size_t n, const real *a, const real *b, const real *start, real *c)
{
	nn_multiply(&(struct nn_product){ .n = n, .row = { w->rows, w->columns, NULL, w->a_row, w->a_column },
		.depth = { w->parts, w->k, w->offset, 0, 1 }, .a = a, .b = b, .packed = true, .start = start, .c = c,
		.c_step = w->c_row, .c_inner_step = w->c_column });
}

void
nn_windows_gradient(const struct nn_windows *w, size_t n, const real *a, const real *c, real beta, real *g)
{
	nn_multiply(&(struct nn_product){ .n = n, .row = { w->parts, w->k, w->offset, 0, 1 },
		.depth = { w->rows, w->columns, NULL, w->a_row, w->a_column }, .a = a, .b = c, .b_step = w->c_row,
		.b_inner_step = w->c_column, .b_column = 1, .beta = beta, .c = g, .c_step = w->k * n, .c_inner_step = n });
}
