#include "audio/stretch.h"

#include <limits.h>
#include <math.h>
#include <rubberband/rubberband-c.h>
#include <stdlib.h>
#include <string.h>

#include "audio/resample.h"
#include "base/err.h"
#include "base/mem.h"

enum { BLOCK = 1024 }; /* samples given and taken at a time: Rubber Band's buffers end */

size_t
stretch_length(size_t n, double factor)
{
	return n == 0 ? 0 : (size_t)fmax(1, floor((double)n / factor + 0.5));
}

int
stretch_speed(const float *x, size_t n, double factor, float *out)
{
	return resample(&x, &n, factor, 1, &out, stretch_length(n, factor), 1);
}

/* What is ready, length samples at most; *made counts them. */
static void
take(RubberBandState s, float *out, size_t length, size_t *made)
{
	int ready;

	while ((ready = rubberband_available(s)) > 0) {
		float rest[BLOCK], *to[1] = { *made < length ? out + *made : rest };
		size_t room = *made < length ? length - *made : BLOCK, n = (size_t)ready < room ? (size_t)ready : room;

		n = rubberband_retrieve(s, to, (unsigned)n);
		if (n == 0)
			break;
		*made += n;
	}
}

/* Samples i to i + BLOCK of the signal, with zeros beyond its end. */
static const float *
block(const float *x, size_t n, size_t i, float *padded)
{
	size_t left = i < n ? n - i : 0;

	if (left >= BLOCK)
		return x + i;
	memset(padded, 0, BLOCK * sizeof *padded);
	memcpy(padded, x + n - left, left * sizeof *x);
	return padded;
}

/* As many zeros behind the signal as make it whole blocks and half a second at least: at the
 * end of a short one Rubber Band goes on sample by sample. */
static void
run(RubberBandState s, double rate, const float *x, size_t n, float *out, size_t length)
{
	size_t least = (size_t)(rate / 2), size = ((n > least ? n : least) + BLOCK - 1) / BLOCK * BLOCK, made = 0;
	float padded[BLOCK];

	rubberband_set_debug_level(s, -1); /* it has warnings of its own */
	rubberband_set_expected_input_duration(s, (unsigned)size);
	rubberband_set_max_process_size(s, BLOCK);
	for (size_t i = 0; i < size; i += BLOCK)
		rubberband_study(s, &(const float *){ block(x, n, i, padded) }, BLOCK, i + BLOCK == size);
	for (size_t i = 0; i < size; i += BLOCK) {
		rubberband_process(s, &(const float *){ block(x, n, i, padded) }, BLOCK, i + BLOCK == size);
		take(s, out, length, &made);
	}
	if (made < length)
		memset(out + made, 0, (length - made) * sizeof *out);
}

int
stretch_tempo(const float *x, size_t n, double rate, double factor, float *out)
{
	/* Without the phase resets at transients that music needs: they detune what is voiced. */
	const RubberBandOptions options =
		RubberBandOptionProcessOffline | RubberBandOptionThreadingNever | RubberBandOptionTransientsSmooth;
	RubberBandState s;

	if (!(rate >= STRETCH_RATE_MIN && rate <= STRETCH_RATE_MAX))
		return err_set(ST_DATA, "tempo and pitch require a rate of %g to %g Hz, not %g", STRETCH_RATE_MIN,
					   STRETCH_RATE_MAX, rate);
	if (n > UINT_MAX / 2)
		return err_set(ST_DATA, "too long for tempo and pitch: %zu samples", n);
	s = rubberband_new((unsigned)rate, 1, options, 1 / factor, 1);
	if (s == NULL)
		return err_set(ST_SYS, "out of memory");
	run(s, rate, x, n, out, stretch_length(n, factor));
	rubberband_delete(s);
	return ST_OK;
}

int
stretch_pitch(const float *x, size_t n, double rate, double semitones, float *out)
{
	double factor = pow(2, semitones / 12);
	size_t longer = stretch_length(n, 1 / factor);
	float *slow = mem_zero(longer + 1, sizeof *slow);
	int rc = slow == NULL ? ST_SYS : stretch_tempo(x, n, rate, 1 / factor, slow);

	if (rc == ST_OK)
		rc = resample(&(const float *){ slow }, &longer, factor, 1, &out, n, 1);
	free(slow);
	return rc;
}
