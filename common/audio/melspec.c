#include "audio/melspec.h"

#include <math.h>
#include <stdlib.h>

#include "audio/decibel.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/profile.h"
#include "stream/value.h"

enum { LANES = FFT_LANES, PART = 4 * LANES }; /* frames that are loaded at a time, so that they stay in the cache */

struct melspec {
	struct melspec_options o;
	struct stft *stft;
	struct mel *mel;
};

int
melspec_new(struct melspec **melspec, const struct melspec_options *o)
{
	struct melspec *m = mem_zero(1, sizeof *m);
	int rc;

	*melspec = NULL;
	if (m == NULL)
		return ST_SYS;
	m->o = *o;
	m->o.mel.nfft = o->stft.nfft;
	if ((rc = stft_new(&m->stft, &m->o.stft)) != ST_OK || (rc = mel_new(&m->mel, &m->o.mel)) != ST_OK) {
		melspec_free(m);
		return rc;
	}
	*melspec = m;
	return ST_OK;
}

void
melspec_free(struct melspec *m)
{
	if (m == NULL)
		return;
	stft_free(m->stft);
	mel_free(m->mel);
	free(m);
}

void
melspec_work_free(struct melspec_work *w)
{
	stft_work_free(&w->stft);
	free(w->bands);
	w->bands = NULL;
}

size_t
melspec_frames(const struct melspec *m, size_t n)
{
	return stft_frames(m->stft, n);
}

size_t
melspec_empty(const struct melspec *m)
{
	return mel_empty(m->mel);
}

/* |X|^2 to |X|^power. */
static void
set_power(float *x, size_t n, double power)
{
	if (power == 1)
		for (size_t i = 0; i < n; i++)
			x[i] = sqrtf(x[i]);
	else if (power != 2)
		for (size_t i = 0; i < n; i++)
			x[i] = powf(x[i], (float)(power / 2));
}

static void
store(const float *bands, size_t n, size_t frames, float *out)
{
	for (size_t t = 0; t < frames; t++)
		for (size_t b = 0; b < n; b++)
			out[t * n + b] = bands[b * LANES + t];
}

int
melspec_run(const struct melspec *m, struct melspec_work *w, const float *x, size_t n, float *out)
{
	size_t frames = melspec_frames(m, n), bands = m->o.mel.bands, part = m->o.keep ? frames : PART;
	double began;

	if (w->bands == NULL && (w->bands = mem_zero(bands, LANES * sizeof *w->bands)) == NULL)
		return ST_SYS;
	for (size_t t = 0; t < frames; t += LANES) {
		size_t bins = stft_bins(m->stft);
		float *spectrum;

		began = profile_now();
		if (t % part == 0 && stft_load(m->stft, &w->stft, x, n, t, frames - t < part ? frames - t : part) != ST_OK)
			return ST_SYS;
		spectrum = stft_power(m->stft, &w->stft, t % part);
		set_power(spectrum, bins * LANES, m->o.power);
		/* 2.5 N log2 N operations are the customary count of a real transform of N samples. */
		began = profile_stage("work/stft", began, LANES * 2.5 * (double)m->o.stft.nfft * log2((double)m->o.stft.nfft),
		                      (double)(bins * LANES * sizeof *x));
		mel_apply(m->mel, spectrum, w->bands);
		store(w->bands, bands, frames - t < LANES ? frames - t : LANES, out + t * bands);
		profile_stage("work/mel", began, 0, (double)((bins + 2 * bands) * LANES * sizeof *x));
	}
	began = profile_now();
	if (!value_finite(out, frames * bands))
		return err_set(ST_DATA, "a sample is NaN, infinite or too large");
	if (m->o.scale == MELSPEC_DB)
		decibel_from_power(out, frames * bands, m->o.ref, m->o.amin, m->o.top_db);
	else if (m->o.scale == MELSPEC_LOG)
		decibel_log(out, frames * bands, m->o.amin);
	profile_stage("work/decibel", began, 0, 2.0 * (double)(frames * bands * sizeof *out));
	return ST_OK;
}
