#include "audio/lld.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/decibel.h"
#include "audio/shape.h"
#include "base/err.h"
#include "base/mem.h"
#include "stream/value.h"

const char *const lld_groups[LLD_GROUPS + 1] = { "mel", "mfcc", "pitch", "shape", NULL };

static const char *const pitch_names[] = { "f0", "strength" };
static const char *const shape_names[SHAPES] = { "slope", "centroid", "spread", "low_high", "energy", "flux" };

struct lld {
	struct lld_options o;
	struct melspec *mel;      /* NULL where pitch is the only group, then: */
	struct stft *stft;        /* loads the frames */
	struct pitch *pitch;      /* NULL without that group */
	double *basis;            /* of the cepstrum, NULL likewise */
	size_t width[LLD_GROUPS]; /* columns of each group, 0 of those not chosen */
	size_t columns;           /* without differences */
};

static int
build(struct lld *l)
{
	struct lld_options *o = &l->o;
	struct melspec_options mel = { .stft = o->stft, .mel = o->mel, .power = 2, .scale = MELSPEC_POWER,
		.keep = o->group[LLD_PITCH] };
	bool bands = l->columns > l->width[LLD_PITCH];
	int rc;

	if (bands && (o->mel.bands < 2 || (o->group[LLD_MFCC] && o->mfcc > o->mel.bands)))
		return err_set(ST_USAGE,
					   "%zu bands and %zu cepstral coefficients: 2 bands and as many as coefficients are required",
					   o->mel.bands, o->mfcc);
	if (!bands)
		o->stft.nfft = o->stft.window + o->stft.window % 2;
	if ((rc = bands ? melspec_new(&l->mel, &mel) : stft_new(&l->stft, &o->stft)) != ST_OK)
		return rc;
	if (o->group[LLD_MFCC] && (l->basis = shape_basis(o->mel.bands, o->mfcc)) == NULL)
		return ST_SYS;
	return o->group[LLD_PITCH] ? pitch_new(&l->pitch, &o->pitch) : ST_OK;
}

int
lld_new(struct lld **lld, const struct lld_options *o)
{
	const size_t width[LLD_GROUPS] = { o->mel.bands, o->mfcc, 2, SHAPES };
	struct lld *l = mem_zero(1, sizeof *l);
	int rc;

	*lld = NULL;
	if (l == NULL)
		return ST_SYS;
	l->o = *o;
	l->o.pitch.rate = o->mel.rate;
	l->o.pitch.window = o->stft.window;
	for (int g = 0; g < LLD_GROUPS; g++) {
		l->width[g] = o->group[g] ? width[g] : 0;
		l->columns += l->width[g];
	}
	rc = build(l);
	if (rc != ST_OK) {
		lld_free(l);
		return rc;
	}
	*lld = l;
	return ST_OK;
}

void
lld_free(struct lld *l)
{
	if (l == NULL)
		return;
	melspec_free(l->mel);
	stft_free(l->stft);
	pitch_free(l->pitch);
	free(l->basis);
	free(l);
}

void
lld_work_free(struct lld_work *w)
{
	melspec_work_free(&w->mel);
	pitch_work_free(&w->pitch);
	free(w->power);
	free(w->db);
	free(w->pitches);
	*w = (struct lld_work){ 0 };
}

size_t
lld_columns(const struct lld *l)
{
	return l->columns * (size_t)(1 + l->o.delta);
}

void
lld_name(const struct lld *l, size_t column, struct str *out)
{
	static const char *const suffix[] = { "", ".delta", ".delta2" };
	size_t c = column % l->columns;
	int g = 0;

	for (; c >= l->width[g]; g++)
		c -= l->width[g];
	if (g == LLD_PITCH || g == LLD_SHAPE)
		str_addf(out, "%s", g == LLD_PITCH ? pitch_names[c] : shape_names[c]);
	else
		str_addf(out, "%s%02zu", lld_groups[g], c + 1);
	str_addf(out, "%s", suffix[column / l->columns]);
}

size_t
lld_frames(const struct lld *l, size_t n)
{
	return l->mel != NULL ? melspec_frames(l->mel, n) : stft_frames(l->stft, n);
}

size_t
lld_empty(const struct lld *l)
{
	return l->mel != NULL ? melspec_empty(l->mel) : 0;
}

/* w->power and w->db. */
static int
run_mel(const struct lld *l, struct lld_work *w, const float *x, size_t n, double gain_db)
{
	size_t values = lld_frames(l, n) * l->o.mel.bands;
	float gain = (float)pow(10, gain_db / 10), amin = (float)l->o.amin;
	int rc = mem_room(&w->power, &w->power_cap, values, sizeof *w->power);

	rc = rc != ST_OK ? rc : mem_room(&w->db, &w->db_cap, values, sizeof *w->db);
	rc = rc != ST_OK ? rc : melspec_run(l->mel, &w->mel, x, n, w->power);
	if (rc != ST_OK)
		return rc;
	memcpy(w->db, w->power, values * sizeof *w->db);
	decibel_from_power(w->db, values, 1, l->o.amin, NAN);
	for (size_t i = 0; i < values; i++) {
		w->power[i] = fmaxf(w->power[i], amin) * gain;
		w->db[i] += (float)gain_db;
	}
	return ST_OK;
}

/* F0 and strength, a row each, to columns of out. */
static int
run_pitch(const struct lld *l, struct lld_work *w, size_t frames, float *out, size_t stride)
{
	int rc = mem_room(&w->pitches, &w->pitch_cap, 2 * frames, sizeof *w->pitches);

	if (rc == ST_OK)
		rc = pitch_run(l->pitch, &w->pitch, &w->mel.stft, (l->o.stft.nfft - l->o.stft.window) / 2, frames, w->pitches,
					   w->pitches + frames);
	for (size_t t = 0; t < frames && rc == ST_OK; t++) {
		out[t * stride] = w->pitches[t];
		out[t * stride + 1] = w->pitches[frames + t];
	}
	return rc;
}

/* Half the difference of the neighbours; at the ends, the difference from the only one. */
static void
differentiate(const float *x, size_t frames, size_t columns, float *out, size_t stride)
{
	for (size_t t = 0; t < frames; t++) {
		size_t before = t > 0 ? t - 1 : t, after = t + 1 < frames ? t + 1 : t;
		float by = after - before == 2 ? 0.5f : 1;

		for (size_t c = 0; c < columns; c++)
			out[t * stride + c] = by * (x[after * stride + c] - x[before * stride + c]);
	}
}

int
lld_run(const struct lld *l, struct lld_work *w, const float *x, size_t n, double gain_db, float *out)
{
	size_t frames = lld_frames(l, n), bands = l->o.mel.bands, stride = lld_columns(l);
	float *mfcc = out + l->width[LLD_MEL], *pitch = mfcc + l->width[LLD_MFCC], *shape = pitch + l->width[LLD_PITCH];
	int rc = l->mel != NULL ? run_mel(l, w, x, n, gain_db) : stft_load(l->stft, &w->mel.stft, x, n, 0, frames);

	if (rc != ST_OK)
		return rc;
	for (size_t t = 0; t < frames && l->o.group[LLD_MEL]; t++)
		memcpy(out + t * stride, w->db + t * bands, bands * sizeof *out);
	if (l->o.group[LLD_MFCC])
		shape_cepstrum(l->basis, w->db, frames, bands, l->o.mfcc, mfcc, stride);
	if (l->o.group[LLD_SHAPE])
		shape_run(w->db, w->power, frames, bands, shape, stride);
	if (l->o.group[LLD_PITCH] && (rc = run_pitch(l, w, frames, pitch, stride)) != ST_OK)
		return rc;
	for (int order = 0; order < l->o.delta; order++)
		differentiate(out + (size_t)order * l->columns, frames, l->columns, out + (size_t)(order + 1) * l->columns,
					  stride);
	return value_finite(out, frames * stride) ? ST_OK : err_set(ST_DATA, "a sample is NaN, infinite or too large");
}
