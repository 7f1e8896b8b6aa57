/* resample: sampling-rate conversion by libsoxr at its "high quality" (20 bit,
 * linear phase), the default of librosa.load: the same samples to the last bit. */
#ifndef SER_AUDIO_RESAMPLE_H
#define SER_AUDIO_RESAMPLE_H

#include <stddef.h>

enum { RESAMPLE_MAX = 8 }; /* signals at a time */

/* The length of n samples at rate from (Hz) when resampled to rate to: ceil(n to / from),
 * in librosa's arithmetic, which may give one more. */
double resample_length(size_t n, double from, double to);

/* Samples of the input that determine the first samples of the output. */
size_t resample_reach(size_t samples, double from, double to);

/* out[i][samples] = the beginning of signal in[i], of n[i] samples, for each of
 * count signals; zeros from where it ends. Signals do not affect each other's
 * result: together they share the cost of the filters' design. */
int resample(const float *const *in, const size_t *n, double from, double to, float *const *out, size_t samples,
             size_t count);

#endif
