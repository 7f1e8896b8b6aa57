#include "audio/signal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { TRIM_FRAME = 2048, TRIM_HOP = 512, TRIM_PAST = 1 << 14, LANES = 16 };
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

void
trim_begin(struct trim *t)
{
	t->n = 0;
	t->frames = t->past = t->nheld = 0;
}

/* The mean power of the next frame, centred on sample frames * TRIM_HOP, the
 * signal having zeros beyond its ends. */
static int
add_frame(struct trim *t)
{
	const size_t half = TRIM_FRAME / 2;
	uint64_t middle = (uint64_t)t->frames * TRIM_HOP, base = t->n - t->nheld;
	uint64_t first = middle < half ? 0 : middle - half, last = middle + half < t->n ? middle + half : t->n;
	size_t past = first > base ? (size_t)(first - base) : 0; /* frames to come begin later still */
	int rc = mem_room(&t->power, &t->power_cap, t->frames + 1, sizeof *t->power);

	if (rc != ST_OK)
		return rc;
	t->nheld -= past;
	t->past += past;
	t->power[t->frames++] = first < last ? energy(t->held + t->past, (size_t)(last - first)) / TRIM_FRAME : 0;
	return ST_OK;
}

int
trim_add(struct trim *t, const float *x, size_t n)
{
	int rc;

	if (t->past > TRIM_PAST) {
		memmove(t->held, t->held + t->past, t->nheld * sizeof *t->held);
		t->past = 0;
	}
	if ((rc = mem_room(&t->held, &t->held_cap, t->past + t->nheld + n, sizeof *t->held)) != ST_OK)
		return rc;
	memcpy(t->held + t->past + t->nheld, x, n * sizeof *x);
	t->nheld += n;
	t->n += n;
	while (rc == ST_OK && (uint64_t)t->frames * TRIM_HOP + TRIM_FRAME / 2 <= t->n)
		rc = add_frame(t);
	return rc;
}

int
trim_end(struct trim *t, double db, uint64_t *first, uint64_t *last)
{
	const double least = TRIM_AMIN * TRIM_AMIN;
	size_t t0 = 0, t1;
	double max = least, floor;
	int rc = ST_OK;

	while (rc == ST_OK && t->frames < 1 + t->n / TRIM_HOP)
		rc = add_frame(t);
	if (rc != ST_OK)
		return rc;
	t1 = t->frames;
	for (size_t i = 0; i < t1; i++)
		max = fmax(max, t->power[i]);
	floor = max * pow(10, -db / 10);
	if (floor < least) /* even a frame of zeros is loud enough */
		floor = -1;
	while (t0 < t1 && t->power[t0] <= floor)
		t0++;
	while (t1 > t0 && t->power[t1 - 1] <= floor)
		t1--;
	*first = (uint64_t)t0 * TRIM_HOP < t->n ? (uint64_t)t0 * TRIM_HOP : t->n;
	*last = (uint64_t)t1 * TRIM_HOP < t->n ? (uint64_t)t1 * TRIM_HOP : t->n;
	return ST_OK;
}

void
trim_free(struct trim *t)
{
	free(t->power);
	free(t->held);
	*t = (struct trim){ 0 };
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
