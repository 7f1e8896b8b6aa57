/* pitch: fundamental frequency and strength of voicing of a signal's frames, by
 * autocorrelation and the cheapest path through the best candidates of each frame:
 * P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
 * harmonics-to-noise ratio of a sampled sound", Proceedings of the Institute of
 * Phonetic Sciences 17, Amsterdam, 1993, without its unvoiced candidate. */
#ifndef SER_AUDIO_PITCH_H
#define SER_AUDIO_PITCH_H

#include <stddef.h>

#include "audio/stft.h"

struct pitch_options {
	double rate;        /* Hz */
	size_t window;      /* samples: at least two periods of low */
	double low, high;   /* Hz, the range of F0 */
	double octave_cost; /* of a candidate, for each octave below high */
	double jump_cost;   /* of a change from one frame to the next, an octave */
};

struct pitch; /* tables; threads may share them */

/* A worker's memory for one struct pitch; zero-initialise before use. */
struct pitch_work {
	float *block, *fft, *power, *lag; /* of FFT_LANES frames: samples, spectra, autocorrelations */
	struct pitch_frame *frame;
	size_t cap;
};

/* ST_USAGE, saying what would do, where the range of F0 is empty or the rate or
 * the window too small for it. */
int pitch_new(struct pitch **p, const struct pitch_options *o);
void pitch_free(struct pitch *p);
void pitch_work_free(struct pitch_work *w);

/* The track over T frames of the signal that stft_load has loaded, in each of which the
 * window begins at that sample. octave[T]: F0 in octaves over 100 Hz, log2(F0 / 100),
 * also where there is no voice; strength[T]: the autocorrelation at that period, from
 * 0 (noise) to 1 (periodic). ST_DATA where a sample is NaN, infinite or too large. */
int pitch_run(const struct pitch *p, struct pitch_work *w, const struct stft_work *signal, size_t begin, size_t frames,
              float *octave, float *strength);

#endif
