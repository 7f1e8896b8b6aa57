#include "net/winograd.h"

#include <math.h>

#include "base/level.h"
#include "net/vector.h"

/* The points: 0, then each of these and its negative, then infinity. */
#define ONE 0.5
#define TWO 1.0
#define THREE 2.0
enum { PAIRS = 3, LAST = WINOGRAD_POINTS - 1, TAPS_MOST = WINOGRAD_POINTS - 1 };
static const double pairs[PAIRS] = { ONE, TWO, THREE };

static const vector zero;

/* B^T: at a point, x^i counts as often as in the product of (x - p) over all other points p. Those
 * of a pair differ in the sign of their odd powers; a2 and b2 are the other pairs' squares. */
static inline void
pair_points(const vector *d, double at, double a2, double b2, real *v, size_t point)
{
	vector even = d[6] - d[4] * (real)(a2 + b2) + d[2] * (real)(a2 * b2);
	vector odd = (d[5] - d[3] * (real)(a2 + b2) + d[1] * (real)(a2 * b2)) * (real)at;

	*(vector *)v = even + odd;
	*(vector *)(v + point) = even - odd;
}

static inline void
window_points(const vector *d, real *v, size_t point)
{
	const double a2 = ONE * ONE, b2 = TWO * TWO, c2 = THREE * THREE;
	const real e1 = (real)(a2 + b2 + c2), e2 = (real)(a2 * b2 + a2 * c2 + b2 * c2), e3 = (real)(a2 * b2 * c2);

	*(vector *)v = d[6] - d[4] * e1 + d[2] * e2 - d[0] * e3;
	pair_points(d, ONE, b2, c2, v + point, point);
	pair_points(d, TWO, a2, c2, v + 3 * point, point);
	pair_points(d, THREE, a2, b2, v + 5 * point, point);
	*(vector *)(v + LAST * point) = d[7] - d[5] * e1 + d[3] * e2 - d[1] * e3;
}

KERNEL(nn_winograd_windows,
       (size_t tiles, size_t step, ptrdiff_t before, size_t given, size_t pixel, const real *x, real *v, size_t point),
       (tiles, step, before, given, pixel, x, v, point))
{
	for (size_t t = 0; t < tiles; t++, v += pixel) {
		ptrdiff_t first = (ptrdiff_t)(t * step) - before;
		bool inside = first >= 0 && (size_t)first + WINOGRAD_POINTS <= given;

		for (size_t j = 0; j < pixel; j += VECTOR) {
			size_t k = vector_at(j, pixel);
			vector d[WINOGRAD_POINTS];

			for (size_t i = 0; i < WINOGRAD_POINTS; i++)
				d[i] = inside || (size_t)first + i < given ? *(const vector *)(x + ((size_t)first + i) * pixel + k) : zero;
			window_points(d, v + k, point);
		}
	}
}

/* The i-th power of a pair's point. */
static inline real
power(size_t q, size_t i)
{
	static const real of[TAPS_MOST][PAIRS] = { { 1, 1, 1 }, { 0.5, 1, 2 }, { 0.25, 1, 4 }, { 0.125, 1, 8 },
		{ 0.0625, 1, 16 }, { 0.03125, 1, 32 }, { 0.015625, 1, 64 } };

	return of[i][q];
}

/* Of a tile's step values the first that there are. A^T: value i is the sum of p^i times
 * m over the points p. */
static inline void
tile_values(size_t values, size_t step, size_t filters, const real *m, size_t point, const real *start, real *y,
            size_t row)
{
	for (size_t j = 0; j < filters; j += VECTOR) {
		size_t k = vector_at(j, filters);

		for (size_t odd = 0; odd < 2; odd++) {
			vector sum[PAIRS];

			for (size_t q = 0; q < PAIRS; q++) {
				vector plus = *(const vector *)(m + (1 + 2 * q) * point + k),
				       minus = *(const vector *)(m + (2 + 2 * q) * point + k);

				sum[q] = odd ? plus - minus : plus + minus;
			}
			for (size_t i = odd; i < values; i += 2) {
				vector value = *(const vector *)(start + k);

				value += i == 0 ? *(const vector *)(m + k) : zero;
				for (size_t q = 0; q < PAIRS; q++)
					value += sum[q] * power(q, i);
				value += i == step - 1 ? *(const vector *)(m + LAST * point + k) : zero;
				*(vector *)(y + i * row + k) = value;
			}
		}
	}
}

KERNEL(nn_winograd_values,
       (size_t out, size_t step, size_t filters, const real *m, size_t point, const real *start, real *y, size_t row),
       (out, step, filters, m, point, start, y, row))
{
	for (size_t i = 0; i < out; i += step, m += filters)
		tile_values(out - i < step ? out - i : step, step, filters, m, point, start, y + i * row, row);
}

KERNEL(nn_winograd_spread,
       (size_t tiles, size_t step, size_t out, size_t filters, const real *dy, real *m, size_t point),
       (tiles, step, out, filters, dy, m, point))
{
	for (size_t t = 0, left = out; t < tiles;
		 t++, m += filters, dy += step * filters, left -= left < step ? left : step)
		for (size_t j = 0; j < filters; j += VECTOR) {
			size_t k = vector_at(j, filters);
			vector even[PAIRS] = { 0 }, odd[PAIRS] = { 0 };

			for (size_t i = 0; i < step && i < left; i++)
				for (size_t q = 0; q < PAIRS; q++)
					*(i % 2 == 0 ? &even[q] : &odd[q]) += *(const vector *)(dy + i * filters + k) * power(q, i);
			*(vector *)(m + k) = left > 0 ? *(const vector *)(dy + k) : zero;
			for (size_t q = 0; q < PAIRS; q++) {
				*(vector *)(m + (1 + 2 * q) * point + k) = even[q] + odd[q];
				*(vector *)(m + (2 + 2 * q) * point + k) = even[q] - odd[q];
			}
			*(vector *)(m + LAST * point + k) = left >= step ? *(const vector *)(dy + (step - 1) * filters + k) : zero;
		}
}

/* G: tap q counts p^q / the product of p - r over all other points r. */
static double
factor(size_t p, size_t taps, size_t q)
{
	double at, others;

	if (p == LAST)
		return q == taps - 1;
	at = p == 0 ? 0 : p % 2 == 1 ? pairs[(p - 1) / 2] : -pairs[(p - 1) / 2];
	others = p == 0 ? 1 : 2 * at * at;
	for (size_t i = 0; i < PAIRS; i++)
		if (p == 0 || i != (p - 1) / 2)
			others *= at * at - pairs[i] * pairs[i];
	return pow(at, (double)q) / others;
}

KERNEL(nn_winograd_kernel, (size_t p, size_t taps, size_t n, const real *w, ptrdiff_t apart, real *u),
       (p, taps, n, w, apart, u))
{
	real by[TAPS_MOST];

	for (size_t q = 0; q < taps; q++)
		by[q] = (real)factor(p, taps, q);
	for (size_t j = 0; j < n; j += VECTOR) {
		size_t k = vector_at(j, n);
		vector sum = zero;

		for (size_t q = 0; q < taps; q++)
			sum += *(const vector *)(w + (ptrdiff_t)q * apart + (ptrdiff_t)k) * by[q];
		*(vector *)(u + k) = sum;
	}
}

KERNEL(nn_winograd_taps,
       (size_t taps, size_t n, size_t parts, const real *gradient, size_t part, size_t point, real *w, size_t apart),
       (taps, n, parts, gradient, part, point, w, apart))
{
	real by[WINOGRAD_POINTS][TAPS_MOST];

	for (size_t p = 0; p < WINOGRAD_POINTS; p++)
		for (size_t q = 0; q < taps; q++)
			by[p][q] = (real)factor(p, taps, q);
	for (size_t j = 0; j < n; j += VECTOR) {
		size_t k = vector_at(j, n);
		vector sum[WINOGRAD_POINTS] = { 0 };

		for (size_t i = 0; i < parts; i++)
			for (size_t p = 0; p < WINOGRAD_POINTS; p++)
				sum[p] += *(const vector *)(gradient + i * part + p * point + k);
		for (size_t q = 0; q < taps; q++) {
			vector tap = zero;

			for (size_t p = 0; p < WINOGRAD_POINTS; p++)
				tap += sum[p] * by[p][q];
			*(vector *)(w + q * apart + k) = tap;
		}
	}
}
