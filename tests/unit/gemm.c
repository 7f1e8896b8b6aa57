/* Every form of matrix product against sums written out in double precision:
 * odd sizes, rows farther apart than they are long, C that holds NaN where it
 * is to be overwritten. */
#include "net/gemm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "net/windows.h"
#include "net/winograd.h"
#include "tap.h"

enum { TOP = 120, PAD = 3, GUARD = 64, MEMORY = 1 << 16 };

static const size_t sizes[] = { 1, 2, 5, 8, 13, 17, 33, 40 };
enum { SIZES = sizeof sizes / sizeof sizes[0] };
static real a[MEMORY], b[MEMORY], c[MEMORY], before[MEMORY];

static void
fill(real *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (real)(2.0 * rand() / RAND_MAX - 1);
}

/* Sums of k products between -1 and 1, in single precision or better. */
static bool
close_to(real got, double want, size_t k)
{
	return fabs((double)got - want) <= 1e-6 * (double)(k + 2);
}

/* op(A)(m,k) op(B)(k,n) + beta before, at (i, j). */
static double
product(bool ta, bool tb, size_t k, size_t lda, size_t ldb, size_t i, size_t j)
{
	double sum = 0;

	for (size_t p = 0; p < k; p++)
		sum += (double)a[ta ? p * lda + i : i * lda + p] * (double)b[tb ? j * ldb + p : p * ldb + j];
	return sum;
}

/* Whether C (m,n) is that product, and what lies between its rows and behind it as before. */
static bool
right(bool ta, bool tb, size_t m, size_t n, size_t k, size_t lda, size_t ldb, double beta, size_t ldc)
{
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < ldc; j++) {
			real got = c[i * ldc + j], old = before[i * ldc + j];
			double added = beta == 0 ? 0 : beta * (double)old;

			if (j >= n ? got != old : !close_to(got, product(ta, tb, k, lda, ldb, i, j) + added, k))
				return false;
		}
	return memcmp(c + m * ldc, before + m * ldc, GUARD * sizeof *c) == 0;
}

/* C as it was; with beta 0 its values are NaN. */
static void
prepare(size_t m, size_t n, size_t ldc, double beta)
{
	fill(c, m * ldc + GUARD);
	memcpy(before, c, (m * ldc + GUARD) * sizeof *c);
	for (size_t i = 0; i < m && beta == 0; i++)
		for (size_t j = 0; j < n; j++)
			c[i * ldc + j] = (real)NAN;
}

static bool
padded_product(bool ta, bool tb, size_t m, size_t n, size_t k, double beta, size_t pad)
{
	size_t lda = (ta ? m : k) + pad, ldb = (tb ? k : n) + pad, ldc = n + pad;

	prepare(m, n, ldc, beta);
	nn_gemm(ta, tb, m, n, k, a, lda, b, ldb, (real)beta, c, ldc);
	return right(ta, tb, m, n, k, lda, ldb, beta, ldc);
}

static bool
one_product(bool ta, bool tb, size_t m, size_t n, size_t k, double beta)
{
	return padded_product(ta, tb, m, n, k, beta, PAD) && padded_product(ta, tb, m, n, k, beta, 0);
}

/* C = A op(B) + beta C on the net's threads. */
static void
on_threads(const struct nn *net, bool tb, size_t m, size_t n, size_t k, size_t lda, size_t ldb, double beta, size_t ldc)
{
	nn_multiply_on(net, &(struct nn_product){ .n = n, .row = { 1, m, NULL, 0, lda }, .depth = { 1, k, NULL, 0, 1 }, .a = a,
		.b = b, .b_inner_step = tb ? 1 : ldb, .b_column = tb ? ldb : 1, .beta = (real)beta, .c = c, .c_inner_step = ldc });
}

static bool
one_by_columns(const struct nn *net, bool tb, size_t m, size_t n, size_t k, double beta)
{
	size_t lda = k + PAD, ldb = (tb ? k : n) + PAD, ldc = n + PAD;

	prepare(m, n, ldc, beta);
	on_threads(net, tb, m, n, k, lda, ldb, beta, ldc);
	return right(false, tb, m, n, k, lda, ldb, beta, ldc);
}

static void
test_products(void)
{
	static const double betas[] = { 0, 1, -0.5 };
	static const char *const names[] = { "A B", "A B^T", "A^T B", "A^T B^T" };

	for (int t = 0; t < 4; t++) {
		bool good = true;
		size_t count = 0;

		for (size_t i = 0; i < SIZES * SIZES * SIZES; i++)
			good &= one_product(t / 2, t % 2, sizes[i % SIZES], sizes[i / SIZES % SIZES], sizes[i / SIZES / SIZES],
			                    betas[count++ % 3]);
		ok(good, names[t]);
	}
	ok(one_product(false, false, 3, TOP, TOP, 1) && one_product(false, false, 12, TOP, TOP, 0) &&
	       one_product(false, false, 13, TOP, TOP, 0),
	   "A B of few rows and many columns");
	ok(one_product(true, false, 5, 7, 0, 0) && one_product(false, false, 5, 40, 0, 0) &&
	       one_product(false, false, 20, 40, 0, 1),
	   "a sum of nothing");
}

static void
test_columns(const struct nn *net)
{
	bool good = true;

	for (size_t i = 0; i < SIZES * SIZES; i++)
		for (int t = 0; t < 2; t++)
			good &= one_by_columns(net, t, sizes[i % SIZES], 7 * sizes[i / SIZES] + 3, 9, t) &&
			        one_by_columns(net, t, 3, sizes[i % SIZES], sizes[i / SIZES], 1 - t);
	ok(good, "products cut by columns");
}

/* A gradient's C from parts products: rows[p] rows at A + p step_a, B + p step_b. */
static bool
one_gradient(const struct nn *net, size_t m, size_t n, size_t parts)
{
	size_t rows[5] = { 7, 1, 40, 0, 12 }, total = 0, step_a = 31, step_b = 17, lda = m + PAD, ldb = n + PAD;
	const struct nn_gradient g = { m, n, parts, rows, a, b, lda, ldb, step_a, step_b, c };

	for (size_t i = 0; i < m * n; i++)
		c[i] = (real)NAN;
	nn_gemm_gradient(net, &g);
	for (size_t p = 0; p < parts; p++)
		total += rows[p];
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < n; j++) {
			double sum = 0;

			for (size_t p = 0; p < parts; p++)
				for (size_t r = 0; r < rows[p]; r++)
					sum += (double)a[p * step_a + r * lda + i] * (double)b[p * step_b + r * ldb + j];
			if (!close_to(c[i * n + j], sum, total))
				return false;
		}
	return true;
}

static void
test_gradient(const struct nn *net)
{
	bool good = true;

	for (size_t i = 0; i < SIZES * SIZES; i++)
		good &= one_gradient(net, 3 * sizes[i % SIZES] + 1, 4 * sizes[i / SIZES] + 1, 1 + i % 5);
	ok(good, "gradients in parts");
	ok(one_gradient(net, 300, 20, 2) && one_gradient(net, 20, 300, 5) && one_gradient(net, 130, 140, 3),
	   "gradients cut into blocks");
}

/* Windows: runs of k values, 3 of them, the middle one before the others. */

static const size_t offset[] = { 50, 0, 90 };

static size_t
place(const struct nn_windows *w, size_t i, bool in_c)
{
	size_t r = i / w->columns, q = i % w->columns;

	return in_c ? r * w->c_row + q * w->c_column : r * w->a_row + q * w->a_column;
}

static double
in_window(const struct nn_windows *w, size_t i, size_t e)
{
	return (double)a[place(w, i, false) + w->offset[e / w->k] + e % w->k];
}

static bool
one_windows_product(const struct nn_windows *w, size_t n)
{
	static real packed[MEMORY];
	size_t depth = w->parts * w->k, written = 0;

	nn_pack(depth, 0, 1, n, b, n, 1, packed);
	nn_pack(depth, 1, depth - 1, n, b + n, n, 1, packed);
	fill(c, MEMORY);
	memcpy(before, c, sizeof c);
	nn_windows_product(w, n, a, packed, b + 5, c);
	for (size_t i = 0; i < w->rows * w->columns; i++)
		for (size_t j = 0; j < n; j++) {
			double sum = (double)b[5 + j];

			for (size_t e = 0; e < depth; e++)
				sum += in_window(w, i, e) * (double)b[e * n + j];
			if (!close_to(c[place(w, i, true) + j], sum, depth))
				return false;
		}
	for (size_t i = 0; i < MEMORY; i++)
		written += c[i] != before[i];
	return written <= w->rows * w->columns * n;
}

static bool
one_windows_gradient(const struct nn_windows *w, size_t n)
{
	static real sum[MEMORY];
	size_t depth = w->parts * w->k, windows = w->rows * w->columns;

	for (size_t i = 0; i < MEMORY; i++)
		sum[i] = (real)NAN;
	nn_windows_gradient(w, n, a, b, 0, sum);
	nn_windows_gradient(w, n, a, b, 1, sum);
	for (size_t e = 0; e < depth; e++)
		for (size_t j = 0; j < n; j++) {
			double want = 0;

			for (size_t i = 0; i < windows; i++)
				want += 2 * in_window(w, i, e) * (double)b[place(w, i, true) + j];
			if (!close_to(sum[e * n + j], want, 2 * windows))
				return false;
		}
	return true;
}

static void
test_windows(void)
{
	static const size_t widths[] = { 1, 3, 16, 17, 32, 33, 70 };
	bool product_good = true, gradient_good = true;

	for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
		for (size_t k = 1; k < 8; k += 2) {
			const struct nn_windows w = { 1 + i, 2 + 3 * i, 200, 1 + k / 2, 3000, 100, 1 + (i + k / 2) % 3, k, offset };
			const struct nn_windows line = { 1, 300, 0, 2, 0, 71, 1, k, offset };

			product_good &= one_windows_product(&w, widths[i]) && one_windows_product(&line, widths[i]);
			gradient_good &= one_windows_gradient(&w, widths[i]) && one_windows_gradient(&line, widths[i]);
		}
	ok(product_good, "products over windows");
	ok(gradient_good, "gradients over windows");
}

enum { PIXELS = 60, PIXEL = 64, FILTERS = 16, POINT = PIXELS * PIXEL };

/* y (PIXELS, FILTERS) of the line a and the kernel b (taps, PIXEL, FILTERS), by points. */
static void
by_points(size_t taps, real *y)
{
	static real v[WINOGRAD_POINTS * POINT], m[WINOGRAD_POINTS * POINT], u[PIXEL * FILTERS];
	static const real zeros[FILTERS];
	size_t step = WINOGRAD_POINTS + 1 - taps, tiles = (PIXELS + step - 1) / step;

	nn_winograd_windows(tiles, step, (ptrdiff_t)(taps - 1) / 2, PIXELS, PIXEL, a, v, POINT);
	for (size_t p = 0; p < WINOGRAD_POINTS; p++) {
		nn_winograd_kernel(p, taps, PIXEL * FILTERS, b, PIXEL * FILTERS, u);
		nn_gemm(false, false, tiles, FILTERS, PIXEL, v + p * POINT, PIXEL, u, FILTERS, 0, m + p * POINT, FILTERS);
	}
	nn_winograd_values(PIXELS, step, FILTERS, m, POINT, zeros, y, FILTERS);
}

/* The squares of both errors, of a sum over the taps in its order and of y, for value i of y. */
static void
add_errors(size_t taps, size_t i, real y, double *plain, double *points)
{
	real sum = 0;
	double exact = 0;

	for (size_t q = 0; q < taps; q++)
		for (size_t k = 0; k < PIXEL; k++) {
			size_t at = i / FILTERS + q - (taps - 1) / 2;
			real x = at < PIXELS ? a[at * PIXEL + k] : 0, w = b[(q * PIXEL + k) * FILTERS + i % FILTERS];

			sum += x * w;
			exact += (double)x * (double)w;
		}
	*plain += pow((double)sum - exact, 2);
	*points += pow((double)y - exact, 2);
}

static void
test_winograd(void)
{
	static real y[PIXELS * FILTERS];

	for (size_t taps = WINOGRAD_TAPS; taps < WINOGRAD_POINTS; taps++) {
		double plain = 0, points = 0;
		char name[100];

		by_points(taps, y);
		for (size_t i = 0; i < PIXELS * FILTERS; i++)
			add_errors(taps, i, y[i], &plain, &points);
		snprintf(name, sizeof name, "%zu taps by points: rounding errors of less than 3.5 times a plain sum's", taps);
		if (!ok(sqrt(points) < 3.5 * sqrt(plain), name))
			printf("# %g times\n", sqrt(points / plain));
	}
}

/* Each element has the bits of a product of its row and some columns alone, packed before or not. */
static void
test_bits(const struct nn *net)
{
	enum { M = 25, N = 91, K = 333 };
	static real packed[K * 128], all[M * N], some[N];
	bool sums = true, rows = true, columns = true;

	nn_gemm(false, false, M, N, K, a, K, b, N, 0, all, N);
	for (size_t i = 0; i < M * N; i++)
		sums &= close_to(all[i], product(false, false, K, K, N, i / N, i % N), K);
	ok(sums, "a long sum");
	nn_pack(K, 0, K, N, b, N, 1, packed);
	for (size_t m = 1; m <= M; m++) {
		nn_gemm_packed(m, N, K, a, K, packed, NULL, 0, c, N);
		rows &= memcmp(c, all, m * N * sizeof *c) == 0;
		nn_gemm_packed(1, N, K, a + (m - 1) * K, K, packed, NULL, 0, c, N);
		rows &= memcmp(c, all + (m - 1) * N, N * sizeof *c) == 0;
	}
	ok(rows, "some rows have the bits of all, packed before or not");
	for (size_t n = 1; n < N; n++) {
		nn_gemm(false, false, 1, N - n, K, a + 7 * K, K, b + n, N, 0, some, N);
		columns &= memcmp(some, all + 7 * N + n, (N - n) * sizeof *some) == 0;
	}
	on_threads(net, false, M, N, K, K, N, 0, N);
	ok(columns && memcmp(c, all, sizeof all) == 0, "and so have columns, and parts on threads");
}

static void
answer(struct nn *net, size_t n, real *to)
{
	for (size_t i = 0; i < n; i++)
		memcpy(nn_input(net, i), a + 100 * i, 30 * 40 * sizeof *a);
	nn_forward(net, n, false, 0);
	for (size_t i = 0; i < n; i++)
		memcpy(to + i * nn_outputs(net), nn_output(net, i), nn_outputs(net) * sizeof *to);
}

/* A net that is not for training packs its weights once, until they change. */
static void
test_changes(void)
{
	static const char text[] = "conv1d 200 7\nconv2d 17 3 3\nconv2d 16 3 3\nbilstm 5\ndense 130\ndense 3";
	struct nn *net[2];
	real got[4][9];
	bool same = true;

	for (int t = 0; t < 2; t++)
		if (nn_create(&net[t], text, "net", 2, (size_t[]){ 30, 40 }, 1, 3, false, 1 + 2 * t) != ST_OK ||
		    nn_use_threads(net[t]) != ST_OK || nn_init(net[t], 1) != ST_OK)
			exit(4);
	answer(net[0], 3, got[0]);
	answer(net[1], 3, got[1]);
	for (size_t i = 0; i < 3; i++) {
		answer(net[1], 1, got[2]); /* the first alone, cut among three threads */
		same &= memcmp(got[2], got[0], 3 * sizeof(real)) == 0;
	}
	ok(same && memcmp(got[0], got[1], sizeof got[0]) == 0, "threads and others in the batch leave the bits of an answer");
	for (size_t i = 0; i < nn_params(net[0]); i++) {
		real *value = nn_param(net[0], i)->value, kept = value[0];

		value[0] += 1;
		answer(net[0], 3, got[2]);
		nn_weights(net[0]);
		value[0] = kept;
		answer(net[0], 3, got[3]);
		same &= memcmp(got[2], got[0], sizeof got[0]) != 0 && memcmp(got[3], got[0], sizeof got[0]) == 0;
	}
	ok(same, "changed weights are seen");
	nn_free(net[0]);
	nn_free(net[1]);
}

int
main(void)
{
	struct nn *net;

	if (nn_create(&net, "dense 1", "net", 1, (size_t[]){ 1 }, 1, 1, true, 3) != ST_OK || nn_use_threads(net) != ST_OK) {
		fprintf(stderr, "gemm: %s\n", err_text());
		return 4;
	}
	fill(a, MEMORY);
	fill(b, MEMORY);
	test_products();
	test_columns(net);
	test_gradient(net);
	test_windows();
	test_winograd();
	test_bits(net);
	test_changes();
	nn_free(net);
	return finish();
}
