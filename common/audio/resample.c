#include "audio/resample.h"

#include <math.h>
#include <soxr.h>
#include <string.h>

#include "base/err.h"

enum {
	REACH = 512,  /* the filters reach less than this many samples of the lower rate */
	CHUNK = 1024, /* samples fed at a time: libsoxr's buffers stay small and in the cache */
};

double
resample_length(size_t n, double from, double to)
{
	return ceil((double)n * (to / from));
}

size_t
resample_reach(size_t samples, double from, double to)
{
	double ratio = from / to;

	return (size_t)ceil((double)samples * ratio) + (size_t)ceil(REACH * fmax(ratio, 1));
}

/* Samples fed to fed+CHUNK of the signal, with zeros beyond its end. */
static const float *
chunk(const float *in, size_t n, size_t fed, float *padded)
{
	size_t left = fed < n ? n - fed : 0;

	if (left >= CHUNK)
		return in + fed;
	if (left > 0)
		memcpy(padded, in + fed, left * sizeof *in);
	memset(padded + left, 0, (CHUNK - left) * sizeof *padded);
	return padded;
}

/* Feeds the signals, then silence, until that many samples of each are made. */
static soxr_error_t
convert(soxr_t soxr, const float *const *in, const size_t *n, float *const *out, size_t samples, size_t count)
{
	float padded[RESAMPLE_MAX][CHUNK];
	const void *from[RESAMPLE_MAX];
	void *to[RESAMPLE_MAX];
	size_t fed = 0, done = 0, used = 0, made = 0;
	soxr_error_t error = NULL;

	while (error == NULL && done < samples) {
		for (size_t i = 0; i < count; i++) {
			from[i] = chunk(in[i], n[i], fed, padded[i]);
			to[i] = out[i] + done;
		}
		error = soxr_process(soxr, from, CHUNK, &used, to, samples - done, &made);
		if (error == NULL && used + made == 0)
			error = "libsoxr makes no progress";
		fed += used;
		done += made;
	}
	return error;
}

int
resample(const float *const *in, const size_t *n, double from, double to, float *const *out, size_t samples,
         size_t count)
{
	soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_S, SOXR_FLOAT32_S);
	soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
	soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
	soxr_error_t error = NULL;
	soxr_t soxr = NULL;

	if (count == 0 || count > RESAMPLE_MAX)
		return err_set(ST_SYS, "%zu signals to resample at a time", count);
	if (from != to)
		soxr = soxr_create(from, to, (unsigned)count, &error, &io, &quality, &runtime);
	if (soxr != NULL && error == NULL)
		error = convert(soxr, in, n, out, samples, count);
	soxr_delete(soxr);
	if (error != NULL)
		return err_set(ST_DATA, "cannot be resampled from %g to %g Hz: %s", from, to, error);
	for (size_t i = 0; i < count; i++) {
		double end = floor((double)n[i] / (from / to) + 0.5); /* where libsoxr's own flush ends */

		if (from == to)
			memcpy(out[i], in[i], (n[i] < samples ? n[i] : samples) * sizeof **out);
		if (end < (double)samples)
			memset(out[i] + (size_t)end, 0, (samples - (size_t)end) * sizeof **out);
	}
	return ST_OK;
}
