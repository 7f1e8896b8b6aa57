/* lld: low-level descriptors of a signal's frames: log-mel spectrum, cepstrum, pitch,
 * and the shape of the spectrum, in named columns. */
#ifndef SER_AUDIO_LLD_H
#define SER_AUDIO_LLD_H

#include "audio/melspec.h"
#include "audio/pitch.h"
#include "base/str.h"

enum lld_group { LLD_MEL, LLD_MFCC, LLD_PITCH, LLD_SHAPE, LLD_GROUPS };

extern const char *const lld_groups[LLD_GROUPS + 1]; /* their names, NULL at the end */

struct lld_options {
	struct stft_options stft;   /* centred */
	struct mel_options mel;     /* its rate is that of all; its nfft is that of stft; 2 bands at least */
	double amin;                /* smaller powers of a band count as this */
	size_t mfcc;                /* coefficients, at most mel.bands */
	struct pitch_options pitch; /* its rate and window follow from the others */
	bool group[LLD_GROUPS];     /* which columns there are, in this order */
	int delta;                  /* orders of differences that follow them, 0 to 2 */
};

struct lld; /* tables; threads may share them */

/* A worker's memory for one struct lld; zero-initialise before use. */
struct lld_work {
	struct melspec_work mel;
	struct pitch_work pitch;
	float *power, *db, *pitches; /* (T,bands), (T,bands), (2,T) */
	size_t power_cap, db_cap, pitch_cap;
};

/* ST_USAGE where the options contradict each other or the rate. */
int lld_new(struct lld **l, const struct lld_options *o);
void lld_free(struct lld *l);
void lld_work_free(struct lld_work *w);

size_t lld_columns(const struct lld *l);

/* Appends a column's name: mel01, mfcc01, f0, strength, slope, centroid, spread, low_high,
 * energy, flux; then, of differences, mel01.delta, mel01.delta2. */
void lld_name(const struct lld *l, size_t column, struct str *out);

/* Frames of a signal of n samples; 0 where it is empty. */
size_t lld_frames(const struct lld *l, size_t n);

/* Bands without a bin, see mel_empty. */
size_t lld_empty(const struct lld *l);

/* out, shaped (T,D) = (lld_frames, lld_columns), of the signal x of n > 0 samples, with
 * gain_db added to the decibels of every band. ST_DATA where a sample is NaN, infinite
 * or too large. */
int lld_run(const struct lld *l, struct lld_work *w, const float *x, size_t n, double gain_db, float *out);

#endif
