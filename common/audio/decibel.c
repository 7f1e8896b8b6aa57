#include "audio/decibel.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/level.h"

enum { LANES = 16 }; /* compared side by side */

/* The natural logarithm of a normal positive x, in a form that compilers turn
 * into vector instructions: x = m 2^e with m from sqrt(1/2) to sqrt(2), and
 * ln m = 2 (s + s^3/3 + s^5/5 + ...) with s = (m-1)/(m+1), |s| < 0.1716, where
 * the first term left out is below 1e-9 (Abramowitz and Stegun, 4.1.27). */
static inline float
logarithm(float x)
{
	uint32_t bits, e;
	float m, s, s2;

	memcpy(&bits, &x, sizeof bits);
	e = (bits + (0x3f800000 - 0x3f3504f3)) >> 23; /* 127 + exponent; 0x3f3504f3 is sqrt(1/2) */
	bits -= (e - 127) << 23;
	memcpy(&m, &bits, sizeof m);
	s = (m - 1) / (m + 1);
	s2 = s * s;
	s *= 2 + s2 * (2.0f / 3 + s2 * (2.0f / 5 + s2 * (2.0f / 7 + s2 * (2.0f / 9))));
	return (float)((int32_t)e - 127) * 0.69314718f + s;
}

KERNEL(decibel_log, (float *x, size_t n, double amin), (x, n, amin))
{
	float least = (float)amin;

	for (size_t i = 0; i < n; i++)
		x[i] = logarithm(x[i] > least ? x[i] : least);
}

static float
largest(const float *x, size_t n)
{
	float part[LANES], max = -INFINITY;
	size_t i = 0;

	for (size_t l = 0; l < LANES; l++)
		part[l] = max;
	for (; i + LANES <= n; i += LANES)
		for (size_t l = 0; l < LANES; l++)
			part[l] = x[i + l] > part[l] ? x[i + l] : part[l];
	for (; i < n; i++)
		max = fmaxf(max, x[i]);
	for (size_t l = 0; l < LANES; l++)
		max = fmaxf(max, part[l]);
	return max;
}

KERNEL(decibel_from_power, (float *x, size_t n, double ref, double amin, double top_db), (x, n, ref, amin, top_db))
{
	const float scale = (float)(10 / log(10));
	float max, zero, floor;

	decibel_log(x, n, amin);
	max = largest(x, n);
	zero = isnan(ref) ? max : (float)log(fmax(amin, ref)); /* what becomes 0 dB */
	floor = isnan(top_db) ? -INFINITY : scale * (max - zero) - (float)top_db;
	for (size_t i = 0; i < n; i++) {
		float db = scale * (x[i] - zero);

		x[i] = db > floor ? db : floor;
	}
}
