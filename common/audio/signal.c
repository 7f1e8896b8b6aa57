#include "audio/signal.h"

#include <math.h>
#include <string.h>

enum { TRIM_FRAME = 2048, TRIM_HOP = 512, LANES = 16 };
#define TRIM_AMIN 1e-5 /* amplitude: quieter frames count as this */

double
signal_peak(const float *x, size_t n)
{
	float part[LANES] = { 0 }, peak = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (size_t l = 0; l < LANES; l++)
			part[l] = fabsf(x[i + l]) > part[l] ? fabsf(x[i + l]) : part[l];
	for (; i < n; i++)
		peak = fmaxf(peak, fabsf(x[i]));
	for (size_t l = 0; l < LANES; l++)
		peak = fmaxf(peak, part[l]);
	return (double)peak;
}

/* In a fixed order of additions, so that results do not depend on the compiler. */
static double
energy(const float *x, size_t n)
{
	double part[8] = { 0 };
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		for (size_t l = 0; l < 8; l++)
			part[l] += (double)x[i + l] * x[i + l];
	for (; i < n; i++)
		part[0] += (double)x[i] * x[i];
	return ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
}

double
signal_rms(const float *x, size_t n)
{
	return n == 0 ? 0 : sqrt(energy(x, n) / (double)n);
}

void
signal_scale(float *x, size_t n, double gain)
{
	float g = (float)gain;

	for (size_t i = 0; i < n; i++)
		x[i] *= g;
}

void
signal_level(float *x, size_t n, double level, double db)
{
	if (level > 0)
		signal_scale(x, n, pow(10, db / 20) / level);
}

/* Mean power of the frame that is centred on sample t * TRIM_HOP, the signal
 * having zeros beyond its ends. */
static double
frame_power(const float *x, size_t n, size_t t)
{
	size_t middle = t * TRIM_HOP, half = TRIM_FRAME / 2;
	size_t first = middle < half ? 0 : middle - half, last = middle + half < n ? middle + half : n;

	return first < last ? energy(x + first, last - first) / TRIM_FRAME : 0;
}

void
signal_trim(const float *x, size_t n, double db, size_t *first, size_t *last)
{
	const double least = TRIM_AMIN * TRIM_AMIN;
	size_t frames = 1 + n / TRIM_HOP, t0 = 0, t1 = frames;
	double max = least, floor;

	for (size_t t = 0; t < frames; t++)
		max = fmax(max, frame_power(x, n, t));
	floor = max * pow(10, -db / 10);
	if (floor < least) /* even a frame of zeros is loud enough */
		floor = -1;
	while (t0 < t1 && frame_power(x, n, t0) <= floor)
		t0++;
	while (t1 > t0 && frame_power(x, n, t1 - 1) <= floor)
		t1--;
	*first = t0 * TRIM_HOP < n ? t0 * TRIM_HOP : n;
	*last = t1 * TRIM_HOP < n ? t1 * TRIM_HOP : n;
}

void
signal_shift(const float *x, size_t n, long shift, float *out)
{
	long size = (long)n;
	size_t to;

	if (n == 0)
		return;
	to = (size_t)((shift % size + size) % size);
	memcpy(out + to, x, (n - to) * sizeof *x);
	memcpy(out, x + (n - to), to * sizeof *x);
}
