#include "audio/signal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { TRIM_PAST = 1 << 14, LANES = 16 };
#define AMIN 1e-5 /* amplitude of a frame */

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

double
signal_level(float *x, size_t n, double level, double db)
{
	double gain = level > 0 ? pow(10, db / 20) / level : 1;

	if (level > 0)
		signal_scale(x, n, gain);
	return 20 * log10(gain);
}

struct trim_how
trim_librosa(double db)
{
	return (struct trim_how){ .db = db, .frame = 2048, .hop = 512, .centred = true, .behind = 512 };
}

/* At least one, as a rate may be of 100 Hz. */
static size_t
samples(double seconds, double rate)
{
	return (size_t)fmax(1, round(seconds * rate));
}

struct trim_how
trim_short(double db, double rate)
{
	return (struct trim_how){ .db = db, .frame = samples(0.025, rate), .hop = samples(0.01, rate), .added = true,
		.front = samples(0.05, rate), .behind = samples(0.075, rate) };
}

void
trim_begin(struct trim *t, const struct trim_how *how)
{
	t->how = *how;
	t->n = 0;
	t->frames = t->past = t->nheld = 0;
}

/* Samples of a frame that lie before where it is. */
static size_t
lead(const struct trim *t)
{
	return t->how.centred ? t->how.frame / 2 : 0;
}

/* The mean power of the next frame. */
static int
add_frame(struct trim *t)
{
	uint64_t at = (uint64_t)t->frames * t->how.hop, base = t->n - t->nheld, end = at + t->how.frame - lead(t);
	uint64_t first = at < lead(t) ? 0 : at - lead(t), last = end < t->n ? end : t->n;
	size_t past = first > base ? (size_t)(first - base) : 0; /* frames to come begin later still */
	int rc = mem_room(&t->power, &t->power_cap, t->frames + 1, sizeof *t->power);

	if (rc != ST_OK)
		return rc;
	t->nheld -= past;
	t->past += past;
	t->power[t->frames++] = first < last ? energy(t->held + t->past, (size_t)(last - first)) / (double)t->how.frame : 0;
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
	while (rc == ST_OK && (uint64_t)t->frames * t->how.hop + t->how.frame - lead(t) <= t->n)
		rc = add_frame(t);
	return rc;
}

/* The part whose frames are t0 to t1, the last one not among them; all of it where there is none. */
static void
keep(const struct trim *t, size_t t0, size_t t1, uint64_t *first, uint64_t *last)
{
	uint64_t at = (uint64_t)t0 * t->how.hop, end = (uint64_t)(t1 - 1) * t->how.hop + t->how.behind;

	*first = t1 == 0 || at < t->how.front ? 0 : at - t->how.front;
	*last = t1 == 0 || end > t->n ? t->n : end;
}

int
trim_end(struct trim *t, uint64_t *first, uint64_t *last)
{
	const struct trim_how *how = &t->how;
	const double least = AMIN * AMIN, added = how->added ? least : 0;
	size_t t0 = 0, t1;
	double max = 0, floor;
	int rc = ST_OK;

	while (rc == ST_OK && how->centred && t->frames < 1 + t->n / how->hop)
		rc = add_frame(t);
	if (rc != ST_OK)
		return rc;
	t1 = t->frames;
	for (size_t i = 0; i < t1; i++)
		max = fmax(max, t->power[i]);
	floor = (how->added ? max + least : fmax(max, least)) * pow(10, -how->db / 10);
	if (!how->added && floor < least) /* even a frame of zeros is loud enough */
		floor = -1;
	while (t0 < t1 && t->power[t0] + added <= floor)
		t0++;
	while (t1 > t0 && t->power[t1 - 1] + added <= floor)
		t1--;
	keep(t, t0, t1, first, last);
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
