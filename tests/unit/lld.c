/* lld: descriptors of signals whose values are known. */
#include <stdlib.h>

#include "audio/lld.h"
#include "audio/shape.h"
#include "base/err.h"
#include "base/mem.h"
#include "tap.h"

#define PI 3.14159265358979323846

enum { LANES = FFT_LANES };

/* The real parts of a transform, against the definition. */
static double
real_error(size_t n)
{
	struct fft *f = NULL;
	float *x = mem_zero(n, LANES * sizeof *x), *ones = mem_zero(n, sizeof *ones), *work, *real;
	size_t *offset = mem_zero(n, sizeof *offset);
	double worst = 0;

	if (x == NULL || ones == NULL || offset == NULL || fft_new(&f, n) != ST_OK)
		exit(99);
	work = mem_zero(fft_work_size(f), sizeof *work);
	real = mem_zero(n / 2 + 1, LANES * sizeof *real);
	if (work == NULL || real == NULL)
		exit(99);
	for (size_t i = 0; i < n * LANES; i++)
		x[i] = (float)(i * 7919 % 1000) / 1000 - 0.5F;
	for (size_t t = 0; t < n; t++) {
		offset[t] = t * LANES;
		ones[t] = 1;
	}
	fft_real(f, &(struct fft_block){ x, offset, ones }, work, real);
	for (size_t k = 0; k <= n / 2; k++)
		for (size_t l = 0; l < LANES; l += 5) {
			double sum = 0;

			for (size_t t = 0; t < n; t++)
				sum += x[t * LANES + l] * cos(2 * PI * (double)(k * t % n) / (double)n);
			worst = fmax(worst, fabs(sum - real[k * LANES + l]));
		}
	fft_free(f);
	free(x);
	free(ones);
	free(offset);
	free(work);
	free(real);
	return worst / sqrt((double)n);
}

static void
test_real(void)
{
	static const size_t sizes[] = { 2, 4, 6, 8, 16, 30, 32, 64, 128, 250, 256, 1024 };
	char name[64];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		double e = real_error(sizes[i]);

		snprintf(name, sizeof name, "fft_real of %zu: %.1e off a direct transform", sizes[i], e);
		ok(e < 1e-6, name);
	}
}

static struct lld_options
options(double rate)
{
	return (struct lld_options){
		.stft = { 1024, 640, 256, true },
		.mel = { .rate = rate, .bands = 64, .fmin = 50, .fmax = rate / 2 },
		.amin = 1e-8,
		.mfcc = 20,
		.pitch = { .low = 70, .high = 500, .octave_cost = 0.01, .jump_cost = 0.35 },
		.group = { [LLD_PITCH] = true },
	};
}

/* (T,2) of a signal; exits where that fails. */
static float *
track(const struct lld_options *o, const float *x, size_t n, size_t *frames)
{
	struct lld *l = NULL;
	struct lld_work w = { 0 };
	float *out;

	if (lld_new(&l, o) != ST_OK)
		exit(99);
	*frames = lld_frames(l, n);
	out = mem_zero(*frames, 2 * sizeof *out);
	if (out == NULL || lld_columns(l) != 2 || lld_run(l, &w, x, n, 0, out) != ST_OK)
		exit(99);
	lld_work_free(&w);
	lld_free(l);
	return out;
}

/* Eight harmonics of a period in samples: F0 is that of the period, not of a part or a
 * multiple of it. */
static void
test_period(double rate, size_t period)
{
	enum { N = 20000 };
	struct lld_options o = options(rate);
	float *x = mem_zero(N, sizeof *x), *got;
	size_t frames, right = 0;
	double weakest = 1;
	char name[128];

	if (x == NULL)
		exit(99);
	for (size_t i = 0; i < N; i++)
		for (int h = 1; h <= 8; h++)
			x[i] += (float)(sin(2 * PI * h * (double)i / (double)period + h * h) / h);
	got = track(&o, x, N, &frames);
	for (size_t t = 2; t + 2 < frames; t++) {
		right += fabs(100 * exp2(got[2 * t]) - rate / (double)period) < 1e-3;
		weakest = fmin(weakest, got[2 * t + 1]);
	}
	snprintf(name, sizeof name, "a period of %zu at %g Hz: in %zu of %zu frames, strength %.3f", period, rate, right,
			 frames, weakest);
	ok(right == frames - 4 && weakest > 0.95, name);
	free(x);
	free(got);
}

/* A step of F0 over one frame of noise costs more than it gains: the path stays. */
static void
test_path(void)
{
	enum { N = 16000 };
	struct lld_options o = options(16000);
	float *x = mem_zero(N, sizeof *x), *got;
	size_t frames, steps = 0;

	if (x == NULL)
		exit(99);
	for (size_t i = 0; i < N; i++)
		x[i] = i > 7900 && i < 8100 ? (float)(i * i * 7919 % 1000) / 1000 - 0.5F : (float)sin(2 * PI * (double)i / 100);
	got = track(&o, x, N, &frames);
	for (size_t t = 1; t < frames; t++)
		steps += fabsf(got[2 * t] - got[2 * t - 2]) > 0.2F;
	ok(steps == 0, "no jump for a moment of noise");
	free(got);
	o.pitch.low = 155; /* lags of 100 to 103 samples */
	o.pitch.high = 160;
	got = track(&o, x, N, &frames);
	for (size_t t = 0; t < frames; t++)
		steps += !(got[2 * t] > 0.62F && got[2 * t] <= 0.6781F) || !(got[2 * t + 1] >= 0 && got[2 * t + 1] <= 1);
	ok(steps == 0, "fewer lags than candidates");
	free(x);
	free(got);
}

static void
test_errors(void)
{
	struct lld *l = NULL;
	struct lld_options o = options(16000);

	o.pitch.low = 500;
	ok(lld_new(&l, &o) == ST_USAGE && l == NULL, "an empty range of F0");
	has(err_text(), "500 to 500 Hz, is empty", "is named");
	o = options(16000);
	o.pitch.low = 49;
	ok(lld_new(&l, &o) == ST_USAGE && l == NULL, "a window shorter than two periods");
	has(err_text(), "652 samples", "says how long it must be");
	o = options(999);
	o.stft.window = 32;
	ok(lld_new(&l, &o) == ST_USAGE, "F0 beyond the rate");
	o = options(16000);
	o.mfcc = 65;
	o.group[LLD_MFCC] = true;
	ok(lld_new(&l, &o) == ST_USAGE, "more coefficients than bands");
	o = options(16000);
	o.mel.bands = 1;
	o.group[LLD_SHAPE] = true;
	ok(lld_new(&l, &o) == ST_USAGE, "one band");
}

/* Two frames of four bands, by hand. */
static void
test_shape(void)
{
	static const float db[] = { 0, 10, 20, 0, 3, 13, 17, 0 }, power[] = { 1, 10, 100, 1, 2, 20, 50, 1 };
	float out[2][SHAPES + 1];
	double mean = 213.0 / 112;
	double *basis = shape_basis(4, 4);
	float cepstrum[2][4];

	shape_run(db, power, 2, 4, out[0], SHAPES + 1);
	agrees(out[0][0], (0 * -1.5 + 10 * -0.5 + 20 * 0.5 + 0) / 5, 1e-6, "slope");
	agrees(out[0][1], mean, 1e-6, "centroid");
	agrees(out[0][2],
		   sqrt((mean * mean + 10 * (mean - 1) * (mean - 1) + 100 * (mean - 2) * (mean - 2) + (mean - 3) * (mean - 3)) /
				112),
		   1e-6, "spread");
	agrees(out[0][3], 0 - 20, 1e-6, "low_high: 15/32 of 4 is one band");
	agrees(out[0][4], 10 * log10(112), 1e-5, "energy");
	agrees(out[0][5], sqrt((9 + 9 + 9) / 4.0), 1e-6, "flux of the first frame is the second's");
	agrees(out[1][5], out[0][5], 1e-9, "flux");
	shape_run(db, power, 1, 4, out[0], SHAPES + 1);
	agrees(out[0][5], 0, 1e-9, "flux of the only frame");
	if (basis == NULL)
		exit(99);
	shape_cepstrum(basis, db, 2, 4, 4, cepstrum[0], 4);
	agrees(cepstrum[0][0], 15, 1e-5, "the first coefficient is the sum over the root of the bands");
	agrees(cepstrum[0][1], sqrt(0.5) * (10 * cos(3 * PI / 8) + 20 * cos(5 * PI / 8)), 1e-5, "the second");
	agrees(cepstrum[1][0] * cepstrum[1][0] + cepstrum[1][1] * cepstrum[1][1] + cepstrum[1][2] * cepstrum[1][2] +
			   cepstrum[1][3] * cepstrum[1][3],
		   9 + 169 + 289, 1e-3, "all of them keep the sum of squares");
	free(basis);
}

int
main(void)
{
	static const size_t periods[] = { 33, 41, 57, 100, 160, 227 };

	test_real();
	for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++)
		test_period(16000, periods[i]);
	test_period(8000, 61);
	test_period(22050, 230);
	test_path();
	test_errors();
	test_shape();
	return finish();
}
