/* stretch: speech faster or slower, higher or lower. */
#ifndef SER_AUDIO_STRETCH_H
#define SER_AUDIO_STRETCH_H

#include <stddef.h>

/* What a factor makes of a length of n samples: n / factor, rounded; at least 1 of 1 or more. */
size_t stretch_length(size_t n, double factor);

/* All take a signal x of n samples and fill out with stretch_length(n, factor) of them. The same
 * input gives the same samples. */

/* Played factor times as fast: tempo and pitch change together, as by the speed of a tape, by
 * resampling (resample.h). */
int stretch_speed(const float *x, size_t n, double factor, float *out);

/* Factor times as fast at the same pitch: by the phase vocoder of the Rubber Band library,
 * which knows rates from STRETCH_RATE_MIN to STRETCH_RATE_MAX Hz. */
#define STRETCH_RATE_MIN 8000.0
#define STRETCH_RATE_MAX 192000.0
int stretch_tempo(const float *x, size_t n, double rate, double factor, float *out);

/* Higher by that many semitones at the same tempo, formants too: n samples; as many seconds more
 * by stretch_tempo, then stretch_speed. */
int stretch_pitch(const float *x, size_t n, double rate, double semitones, float *out);

#endif
