/* room: speech as in a room, by a made impulse response. */
#ifndef SER_AUDIO_ROOM_H
#define SER_AUDIO_ROOM_H

#include <gsl/gsl_rng.h>
#include <stddef.h>

/* out[i] = sum over k of h(k) x(i - k), n samples: h(0) = 1, the direct sound, and after it
 * Gaussian noise whose amplitude falls exponentially, by 60 dB in rt60 seconds, where it ends
 * (after Polack's model, 1988). The energy of the direct sound is drr decibels above that of
 * the noise. rate is in Hz. */
int room_apply(const float *x, size_t n, double rate, double rt60, double drr, gsl_rng *rng, float *out);

#endif
