/* melspec: mel spectrograms of signals, as librosa.feature.melspectrogram and
 * librosa.power_to_db make them. */
#ifndef SER_AUDIO_MELSPEC_H
#define SER_AUDIO_MELSPEC_H

#include "audio/mel.h"
#include "audio/stft.h"

enum melspec_scale {
	MELSPEC_DB,    /* 10 log10(S / ref), with amin and top_db */
	MELSPEC_POWER, /* S as it is */
	MELSPEC_LOG,   /* ln(max(S, amin)) */
};

struct melspec_options {
	struct stft_options stft;
	struct mel_options mel; /* its nfft is that of stft */
	double power;           /* S = bank * |X|^power */
	enum melspec_scale scale;
	double ref;             /* NAN: the record's largest value */
	double amin;
	double top_db;          /* NAN: none */
	bool keep;              /* the whole signal stays loaded in the worker's stft */
};

struct melspec; /* tables; threads may share them */

/* A worker's memory for one struct melspec; zero-initialise before use. */
struct melspec_work {
	struct stft_work stft;
	float *bands; /* [bands][FFT_LANES] */
};

int melspec_new(struct melspec **m, const struct melspec_options *o);
void melspec_free(struct melspec *m);
void melspec_work_free(struct melspec_work *w);

/* Frames of a signal of n samples; 0 where it is too short for one. */
size_t melspec_frames(const struct melspec *m, size_t n);

/* See mel_empty. */
size_t melspec_empty(const struct melspec *m);

/* out, shaped (T,F) = (melspec_frames, bands), of the signal x of n samples,
 * which must be long enough for a frame. */
int melspec_run(const struct melspec *m, struct melspec_work *w, const float *x, size_t n, float *out);

#endif
