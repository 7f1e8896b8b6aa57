/* mel: banks of triangular filters on the mel scale. */
#ifndef SER_AUDIO_MEL_H
#define SER_AUDIO_MEL_H

#include <stdbool.h>
#include <stddef.h>

struct mel_options {
	double rate;        /* Hz of the signal */
	size_t nfft;        /* samples a frame: bin k of its spectrum lies at k*rate/nfft Hz */
	size_t bands;
	double fmin, fmax;  /* Hz: lower edge of the first band, upper edge of the last */
	bool htk;           /* HTK's mel scale instead of Slaney's */
	bool peaks;         /* every triangle's peak is 1; else its area is 1 (Slaney) */
};

struct mel; /* read-only in use, so threads may share it */

/* Triangles between neighbouring band edges that are equally far apart in mel,
 * as librosa.filters.mel: Slaney's scale is linear below 1 kHz, logarithmic
 * above (Auditory Toolbox, 1998). */
int mel_new(struct mel **m, const struct mel_options *o);
void mel_free(struct mel *m);

/* Frequency in Hz to mel and back. */
double mel_from_hz(double hz, bool htk);
double mel_to_hz(double mel, bool htk);

/* Bands without a bin: too many bands for so short a frame. */
size_t mel_empty(const struct mel *m);

/* The weight of a spectrum's bin in a band, for tests and prints. */
float mel_weight(const struct mel *m, size_t band, size_t bin);

/* The bank applied to FFT_LANES spectra: out[bands][FFT_LANES] from
 * spectrum[nfft/2+1][FFT_LANES]. */
void mel_apply(const struct mel *m, const float *spectrum, float *out);

#endif
