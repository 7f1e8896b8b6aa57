#include "audio/resample.h"

#include <math.h>
#include <soxr.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	REACH = 512,  /* the filters reach less than this many samples of the lower rate */
	CHUNK = 1024, /* samples fed at a time: libsoxr's buffers stay small and in the cache */
};

double
resample_length(uint64_t n, double from, double to)
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

/* Where libsoxr's own flush ends a signal of n samples. */
static double
signal_end(uint64_t n, double from, double to)
{
	return floor((double)n / (from / to) + 0.5);
}

static int
fail(double from, double to, soxr_error_t error)
{
	return err_set(ST_DATA, "cannot be resampled from %g to %g Hz: %s", from, to, error);
}

/* NULL where the rates are equal. */
static int
create(soxr_t *soxr, double from, double to, size_t count)
{
	soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_S, SOXR_FLOAT32_S);
	soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
	soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
	soxr_error_t error = NULL;

	*soxr = from == to ? NULL : soxr_create(from, to, (unsigned)count, &error, &io, &quality, &runtime);
	return error == NULL ? ST_OK : fail(from, to, error);
}

int
resample(const float *const *in, const size_t *n, double from, double to, float *const *out, size_t samples,
         size_t count)
{
	soxr_error_t error = NULL;
	soxr_t soxr;
	int rc;

	if (count == 0 || count > RESAMPLE_MAX)
		return err_set(ST_SYS, "%zu signals to resample at a time", count);
	if ((rc = create(&soxr, from, to, count)) != ST_OK)
		return rc;
	if (soxr != NULL)
		error = convert(soxr, in, n, out, samples, count);
	soxr_delete(soxr);
	if (error != NULL)
		return fail(from, to, error);
	for (size_t i = 0; i < count; i++) {
		double end = signal_end(n[i], from, to);

		if (from == to)
			memcpy(out[i], in[i], (n[i] < samples ? n[i] : samples) * sizeof **out);
		if (end < (double)samples)
			memset(out[i] + (size_t)end, 0, (samples - (size_t)end) * sizeof **out);
	}
	return ST_OK;
}

struct resampler {
	soxr_t soxr; /* NULL: the rates are equal */
	double from, to;
	uint64_t fed, made; /* samples so far */
};

int
resampler_open(struct resampler **resampler, double from, double to)
{
	struct resampler *r = mem_zero(1, sizeof *r);
	int rc = r == NULL ? ST_SYS : create(&r->soxr, from, to, 1);

	*resampler = r;
	if (rc != ST_OK) {
		free(r);
		*resampler = NULL;
		return rc;
	}
	r->from = from;
	r->to = to;
	return ST_OK;
}

void
resampler_close(struct resampler *r)
{
	if (r != NULL)
		soxr_delete(r->soxr);
	free(r);
}

static int
process(struct resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room, size_t *made)
{
	const void *from[1] = { in };
	void *to[1] = { out };
	soxr_error_t error;

	if (r->soxr == NULL) {
		*used = *made = n < room ? n : room;
		memcpy(out, in, *used * sizeof *out);
		return ST_OK;
	}
	error = soxr_process(r->soxr, from, n, used, to, room, made);
	return error == NULL ? ST_OK : fail(r->from, r->to, error);
}

int
resampler_run(struct resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room, size_t *made)
{
	static const float zeros[CHUNK];
	double length = resample_length(r->fed, r->from, r->to), end = signal_end(r->fed, r->from, r->to);
	size_t left;
	int rc;

	if (n > 0) {
		rc = process(r, in, n, used, out, room, made);
		r->fed += *used;
		r->made += *made;
		return rc;
	}
	left = (double)r->made < length ? (size_t)(length - (double)r->made) : 0;
	room = left < room ? left : room;
	for (*made = 0, rc = ST_OK; rc == ST_OK && room > 0 && *made == 0;)
		rc = process(r, zeros, CHUNK, used, out, room, made);
	for (size_t i = 0; i < *made; i++)
		if ((double)(r->made + i) >= end)
			out[i] = 0;
	*used = 0;
	r->made += *made;
	return rc;
}
