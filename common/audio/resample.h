/* resample: sampling-rate conversion by libsoxr at its "high quality" (20 bit,
 * linear phase), the default of librosa.load: the same samples to the last bit. */
#ifndef SER_AUDIO_RESAMPLE_H
#define SER_AUDIO_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

enum { RESAMPLE_MAX = 8 }; /* signals at a time */

/* The length of n samples at rate from (Hz) when resampled to rate to: ceil(n to / from),
 * in librosa's arithmetic, which may give one more. */
double resample_length(uint64_t n, double from, double to);

/* Samples of the input that determine the first samples of the output. */
size_t resample_reach(size_t samples, double from, double to);

/* out[i][samples] = the beginning of signal in[i], of n[i] samples, for each of
 * count signals; zeros from where it ends. Signals do not affect each other's
 * result: together they share the cost of the filters' design. */
int resample(const float *const *in, const size_t *n, double from, double to, float *const *out, size_t samples,
             size_t count);

/* One signal that comes a piece at a time, to the same samples. */
struct resampler;
int resampler_open(struct resampler **r, double from, double to);
void resampler_close(struct resampler *r); /* NULL is fine */

/* Takes *used of n samples, then makes *made samples, room at most. With n 0 the
 * signal has ended: what is left comes, and *made is 0 at its end. */
int resampler_run(struct resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room, size_t *made);

#endif
