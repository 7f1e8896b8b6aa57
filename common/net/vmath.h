/* vmath: exponentials written so that compilers vectorise loops over them. */
#ifndef SER_NET_VMATH_H
#define SER_NET_VMATH_H

#include "net/nn.h"

#ifdef NN_DOUBLE
#include <math.h>
static inline real
nn_exp(real x)
{
	return exp(x);
}
#else
/* e^x within 2 units in the last place; x is held to what float can give.
 * Range reduction by n = round(x / ln 2) with ln 2 in two parts (Cody and
 * Waite), then the Taylor polynomial of degree 7 on |r| <= ln(2)/2. */
static inline real
nn_exp(real x)
{
	/* 1.5 * 2^23, adding which rounds to a whole number, and an exponent's 127. */
	const float magic = 12582912.0F + 127;
	union {
		float f;
		uint32_t i; /* so that NaN, too, can be shifted */
	} t, scale;
	float n, r, p;

	x = x > 88.0F ? 88.0F : x;
	x = x < -87.0F ? -87.0F : x;
	t.f = x * 1.44269504F + magic;
	n = t.f - magic;
	r = x - n * 0.693359375F;
	r = r + n * 2.12194440e-4F;
	p = 1.0F / 5040;
	p = p * r + 1.0F / 720;
	p = p * r + 1.0F / 120;
	p = p * r + 1.0F / 24;
	p = p * r + 1.0F / 6;
	p = p * r + 0.5F;
	p = p * r + 1;
	p = p * r + 1;
	scale.i = t.i << 23;
	return p * scale.f;
}
#endif

static inline real
nn_sigmoid(real x)
{
	return 1 / (1 + nn_exp(-x));
}

static inline real
nn_tanh(real x)
{
	return 1 - 2 / (nn_exp(2 * x) + 1);
}

/* What softmax does before the exponentials, so that none overflows, and behind them. */
static inline void
nn_softmax_shift(size_t n, const real *x, real *restrict y)
{
	real top = x[0];

	for (size_t k = 1; k < n; k++)
		top = x[k] > top ? x[k] : top;
	for (size_t k = 0; k < n; k++)
		y[k] = x[k] - top;
}

static inline void
nn_softmax_scale(size_t n, real *y)
{
	real sum = 0;

	for (size_t k = 0; k < n; k++)
		sum += y[k];
	for (size_t k = 0; k < n; k++)
		y[k] /= sum;
}

/* y = softmax(x), n > 0 values each. */
static inline void
nn_softmax(size_t n, const real *x, real *restrict y)
{
	nn_softmax_shift(n, x, y);
	for (size_t k = 0; k < n; k++)
		y[k] = nn_exp(y[k]);
	nn_softmax_scale(n, y);
}

#endif
