#include "audio/noise.h"

#include <gsl/gsl_randist.h>
#include <math.h>

#include "audio/signal.h"

void
noise_add(const float *x, size_t n, double amplitude, gsl_rng *rng, float *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = x[i] + (float)(amplitude * gsl_ran_gaussian_ziggurat(rng, 1));
}

double
noise_add_snr(const float *x, size_t n, double db, gsl_rng *rng, float *out)
{
	double noise, amplitude;

	for (size_t i = 0; i < n; i++)
		out[i] = (float)gsl_ran_gaussian_ziggurat(rng, 1);
	noise = signal_rms(out, n);
	amplitude = noise > 0 ? signal_rms(x, n) / noise * pow(10, -db / 20) : 0;
	for (size_t i = 0; i < n; i++)
		out[i] = x[i] + (float)amplitude * out[i];
	return amplitude;
}
