/* stft: power spectra of the overlapping windowed frames of a signal. */
#ifndef SER_AUDIO_STFT_H
#define SER_AUDIO_STFT_H

#include <stdbool.h>
#include <stddef.h>

#include "audio/fft.h"

struct stft_options {
	size_t nfft;   /* samples a frame, even */
	size_t window; /* samples of the window, at most nfft; zeros on both sides fill it up */
	size_t hop;    /* samples from one frame to the next */
	bool center;   /* frame t is centred on sample t*hop, with zeros beyond the ends; else it begins there */
};

struct stft; /* tables; threads may share them */

/* A worker's memory for one struct stft; zero-initialise before use. The signal is
 * kept by columns: of what is loaded, column j holds the samples j, hop+j, 2 hop+j and so on, so that
 * sample k of frames t, t+1, ... lies in a row of memory: column[k % hop][t + k / hop]. */
struct stft_work {
	float *column;  /* [hop][rows] */
	size_t rows, cap;
	size_t *offset; /* of sample k of frame 0 in column */
	float *fft;
	float *power;   /* [nfft/2+1][FFT_LANES] */
};

int stft_new(struct stft **s, const struct stft_options *o);
void stft_free(struct stft *s);
void stft_work_free(struct stft_work *w);

/* Frames of a signal of n samples: 0 where it is shorter than one (centred:
 * where it is empty). */
size_t stft_frames(const struct stft *s, size_t n);

/* Bins of a spectrum, nfft/2+1. */
size_t stft_bins(const struct stft *s);

/* Loads what the frames first to first+frames-1 have of the signal x of n samples;
 * allocates only for the first and where they are more than all before. */
int stft_load(const struct stft *s, struct stft_work *w, const float *x, size_t n, size_t first, size_t frames);

/* |X|^2 of the frames first to first+FFT_LANES-1 of the loaded ones (first a
 * multiple of FFT_LANES), bin by bin: power[nfft/2+1][FFT_LANES]. Frames past
 * the last are undefined. Valid until the next call. */
float *stft_power(const struct stft *s, struct stft_work *w, size_t first);

/* Periodic Hann window, w(i) = 1/2 - 1/2 cos(2 pi i / n). */
void stft_hann(float *w, size_t n);

#endif
