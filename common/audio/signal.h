/* signal: levels, trimming and shifts of samples. */
#ifndef SER_AUDIO_SIGNAL_H
#define SER_AUDIO_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>

/* Largest magnitude, and root mean square; 0 of nothing. */
double signal_peak(const float *x, size_t n);
double signal_rms(const float *x, size_t n);

void signal_scale(float *x, size_t n, double gain);

/* Scales x so that its level (what signal_peak or signal_rms gives) becomes db
 * decibels below (negative) or above 1. Silence stays silence. */
void signal_level(float *x, size_t n, double level, double db);

/* The part [*first, *last) between the first and the last frame that is less
 * than db decibels below the loudest one: as librosa.effects.trim, by the root
 * mean square of centred frames of 2048 samples, 512 apart. Digital silence is
 * kept whole. */
void signal_trim(const float *x, size_t n, double db, size_t *first, size_t *last);

/* out[(i + shift) mod n] = x[i]; the two must not overlap. */
void signal_shift(const float *x, size_t n, long shift, float *out);

#endif
