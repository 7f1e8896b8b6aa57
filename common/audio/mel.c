#include "audio/mel.h"

#include <math.h>
#include <stdlib.h>

#include "audio/fft.h"
#include "base/err.h"
#include "base/level.h"
#include "base/mem.h"

enum { LANES = FFT_LANES };

/* Slaney's scale: 3 mel for every 200 Hz up to 1 kHz (15 mel), from there a
 * factor of 6.4 for every 27 mel. */
#define SLANEY_HZ (200.0 / 3)
#define SLANEY_BREAK_HZ 1000.0
#define SLANEY_BREAK (SLANEY_BREAK_HZ / SLANEY_HZ)
#define SLANEY_STEP (log(6.4) / 27)

/* A band's triangle covers few bins: only those are kept. */
struct band {
	size_t first, count; /* bins */
	float *weight;       /* into mel.weights */
};

struct mel {
	size_t bands;
	struct band *band;
	float *weights;
};

KERNEL_OF(double, mel_from_hz, (double hz, bool htk), (hz, htk))
{
	if (htk)
		return 2595 * log10(1 + hz / 700);
	return hz < SLANEY_BREAK_HZ ? hz / SLANEY_HZ : SLANEY_BREAK + log(hz / SLANEY_BREAK_HZ) / SLANEY_STEP;
}

KERNEL_OF(double, mel_to_hz, (double mel, bool htk), (mel, htk))
{
	if (htk)
		return 700 * (pow(10, mel / 2595) - 1);
	return mel < SLANEY_BREAK ? mel * SLANEY_HZ : SLANEY_BREAK_HZ * exp(SLANEY_STEP * (mel - SLANEY_BREAK));
}

static int
check(const struct mel_options *o)
{
	if (o->bands < 1 || o->nfft < 2)
		return err_set(ST_USAGE, "a mel bank requires a band and two samples a frame at least");
	if (!(o->rate > 0) || !(o->fmin >= 0) || !(o->fmin < o->fmax))
		return err_set(ST_USAGE, "mel bands from %g to %g Hz: the range is not valid", o->fmin, o->fmax);
	if (o->fmax > o->rate / 2)
		return err_set(ST_USAGE, "mel bands up to %g Hz, but a signal of %g Hz only reaches %g Hz", o->fmax, o->rate,
		               o->rate / 2);
	return ST_OK;
}

/* The triangle over edge[0..2] at hz; rounded to float before it is scaled, as
 * librosa does, so that the weights are the same to the last bit. */
static float
triangle(const double *edge, double hz, double scale)
{
	double rise = (hz - edge[0]) / (edge[1] - edge[0]), fall = (edge[2] - hz) / (edge[2] - edge[1]);

	return (float)((float)fmax(0, fmin(rise, fall)) * scale);
}

static void
set_band(struct band *b, const struct mel_options *o, const double *edge)
{
	double scale = o->peaks ? 1 : 2 / (edge[2] - edge[0]), bin = o->rate / (double)o->nfft; /* Hz */

	for (size_t k = (size_t)(edge[0] / bin); k <= o->nfft / 2 && (double)k * bin < edge[2]; k++) {
		float w = triangle(edge, (double)k * bin, scale);

		if (w > 0 && b->count == 0)
			b->first = k;
		if (w > 0)
			b->weight[b->count++] = w;
	}
}

static int
build(struct mel *m, const struct mel_options *o)
{
	double low = mel_from_hz(o->fmin, o->htk), high = mel_from_hz(o->fmax, o->htk);
	double step = (high - low) / (double)(o->bands + 1);
	float *next;

	m->bands = o->bands;
	m->band = mem_zero(o->bands, sizeof *m->band);
	/* A bin lies under two triangles at most. */
	m->weights = next = mem_zero(o->nfft / 2 + 1, 2 * sizeof *m->weights);
	if (m->band == NULL || m->weights == NULL)
		return ST_SYS;
	for (size_t b = 0; b < o->bands; b++) {
		double edge[3];

		for (size_t e = 0; e < 3; e++)
			edge[e] = mel_to_hz(b + e == o->bands + 1 ? high : low + (double)(b + e) * step, o->htk);
		m->band[b].weight = next;
		set_band(&m->band[b], o, edge);
		next += m->band[b].count;
	}
	return ST_OK;
}

KERNEL_OF(int, mel_new, (struct mel **mel, const struct mel_options *o), (mel, o))
{
	struct mel *m;
	int rc = check(o);

	*mel = NULL;
	if (rc != ST_OK)
		return rc;
	m = mem_zero(1, sizeof *m);
	if (m == NULL)
		return ST_SYS;
	rc = build(m, o);
	if (rc != ST_OK) {
		mel_free(m);
		return rc;
	}
	*mel = m;
	return ST_OK;
}

KERNEL(mel_free, (struct mel *m), (m))
{
	if (m == NULL)
		return;
	free(m->band);
	free(m->weights);
	free(m);
}

KERNEL_OF(size_t, mel_empty, (const struct mel *m), (m))
{
	size_t n = 0;

	for (size_t b = 0; b < m->bands; b++)
		n += m->band[b].count == 0;
	return n;
}

KERNEL_OF(float, mel_weight, (const struct mel *m, size_t band, size_t bin), (m, band, bin))
{
	const struct band *b = &m->band[band];

	return bin < b->first || bin - b->first >= b->count ? 0 : b->weight[bin - b->first];
}

KERNEL(mel_apply, (const struct mel *m, const float *spectrum, float *out), (m, spectrum, out))
{
	for (size_t i = 0; i < m->bands; i++, out += LANES) {
		const struct band *b = &m->band[i];
		const float *in = spectrum + b->first * LANES;
		float sum[LANES] = { 0 };

		for (size_t k = 0; k < b->count; k++, in += LANES)
#pragma omp simd
			for (int l = 0; l < LANES; l++)
				sum[l] += b->weight[k] * in[l];
		for (int l = 0; l < LANES; l++)
			out[l] = sum[l];
	}
}
