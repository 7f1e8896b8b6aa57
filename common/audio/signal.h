/* signal: levels, trimming and shifts of samples. */
#ifndef SER_AUDIO_SIGNAL_H
#define SER_AUDIO_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Largest magnitude, and root mean square; 0 of nothing. */
double signal_peak(const float *x, size_t n);
double signal_rms(const float *x, size_t n);

void signal_scale(float *x, size_t n, double gain);

/* Scales x so that its level (what signal_peak or signal_rms gives) becomes db
 * decibels below (negative) or above 1. Silence stays silence. */
void signal_level(float *x, size_t n, double level, double db);

/* Finds the silence at a signal's ends. Zero-initialise before use; memory is
 * reused: a number for each 512 samples, and some 20,000 samples. */
struct trim {
	uint64_t n;    /* samples so far */
	double *power; /* of the frames that are complete */
	size_t frames, power_cap;
	float *held;   /* the last samples, which frames to come need */
	size_t past, nheld, held_cap; /* behind some that no frame needs any more */
};

void trim_begin(struct trim *t);
int trim_add(struct trim *t, const float *x, size_t n);

/* The part [*first, *last) between the first and the last frame that is less
 * than db decibels below the loudest one: as librosa.effects.trim, by the root
 * mean square of centred frames of 2048 samples, 512 apart. Digital silence is
 * kept whole. */
int trim_end(struct trim *t, double db, uint64_t *first, uint64_t *last);
void trim_free(struct trim *t);

/* out[(i + shift) mod n] = x[i]; the two must not overlap. */
void signal_shift(const float *x, size_t n, long shift, float *out);

#endif
