#include "audio/room.h"

#include <gsl/gsl_randist.h>
#include <kiss_fftr.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/signal.h"
#include "base/err.h"
#include "base/mem.h"

/* The response after the direct sound, of taps samples. */
static void
make_tail(float *h, size_t taps, double rate, double rt60, double drr, gsl_rng *rng)
{
	double norm;

	for (size_t k = 0; k < taps; k++)
		h[k] = (float)(gsl_ran_gaussian_ziggurat(rng, 1) * pow(10, -3 * (double)(k + 1) / (rt60 * rate)));
	norm = signal_rms(h, taps) * sqrt((double)taps);
	signal_scale(h, taps, norm > 0 ? pow(10, -drr / 20) / norm : 0);
}

/* Fast convolution, block by block (overlap-add). */
struct convolver {
	struct mem_pool pool;
	size_t size, bins; /* of a transform */
	kiss_fftr_cfg to, back;
	float *block;        /* size samples */
	kiss_fft_cpx *h, *x; /* bins numbers */
};

static int
begin(struct convolver *c, const float *h, size_t taps)
{
	c->size = (size_t)kiss_fftr_next_fast_size_real((int)(2 * taps));
	c->bins = c->size / 2 + 1;
	c->to = kiss_fftr_alloc((int)c->size, 0, NULL, NULL);
	c->back = kiss_fftr_alloc((int)c->size, 1, NULL, NULL);
	c->block = mem_take(&c->pool, c->size, sizeof *c->block);
	c->h = mem_take(&c->pool, c->bins, sizeof *c->h);
	c->x = mem_take(&c->pool, c->bins, sizeof *c->x);
	if (c->pool.status != ST_OK)
		return c->pool.status;
	if (c->to == NULL || c->back == NULL)
		return err_set(ST_SYS, "out of memory");
	memcpy(c->block, h, taps * sizeof *h);
	kiss_fftr(c->to, c->block, c->h);
	return ST_OK;
}

/* block = the convolution of n samples of x with h. */
static void
convolve(struct convolver *c, const float *x, size_t n)
{
	float scale = 1 / (float)c->size;

	memcpy(c->block, x, n * sizeof *x);
	memset(c->block + n, 0, (c->size - n) * sizeof *x);
	kiss_fftr(c->to, c->block, c->x);
	for (size_t k = 0; k < c->bins; k++) {
		kiss_fft_cpx a = c->x[k], b = c->h[k];

		c->x[k].r = (a.r * b.r - a.i * b.i) * scale;
		c->x[k].i = (a.r * b.i + a.i * b.r) * scale;
	}
	kiss_fftri(c->back, c->x, c->block);
}

static void
end(struct convolver *c)
{
	free(c->to);
	free(c->back);
	mem_release(&c->pool);
}

int
room_apply(const float *x, size_t n, double rate, double rt60, double drr, gsl_rng *rng, float *out)
{
	size_t taps = (size_t)fmax(1, floor(rt60 * rate + 0.5)), step;
	struct convolver c = { 0 };
	float *h = mem_zero(taps, sizeof *h);
	int rc = ST_SYS;

	if (h != NULL) {
		make_tail(h, taps, rate, rt60, drr, rng);
		rc = begin(&c, h, taps);
	}
	step = c.size - taps + 1;
	memcpy(out, x, n * sizeof *x);
	for (size_t at = 0; rc == ST_OK && at < n; at += step) {
		size_t part = n - at < step ? n - at : step;

		convolve(&c, x + at, part);
		for (size_t i = 0; i < part + taps - 1 && at + 1 + i < n; i++) /* the tail begins a sample later */
			out[at + 1 + i] += c.block[i];
	}
	end(&c);
	free(h);
	return rc;
}
