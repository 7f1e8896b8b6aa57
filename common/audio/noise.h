/* noise: white Gaussian noise added to signals. */
#ifndef SER_AUDIO_NOISE_H
#define SER_AUDIO_NOISE_H

#include <gsl/gsl_rng.h>
#include <stddef.h>

/* out[i] = x[i] + amplitude * g(i), g standard normal (Marsaglia and Tsang's
 * ziggurat). out may be x. */
void noise_add(const float *x, size_t n, double amplitude, gsl_rng *rng, float *out);

/* The same with the amplitude that makes the energy of x exactly db decibels
 * more than that of the noise, and returns it; silence stays silence. out is
 * not x. */
double noise_add_snr(const float *x, size_t n, double db, gsl_rng *rng, float *out);

#endif
