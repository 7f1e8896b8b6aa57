#include "audio/fft.h"

#include <kiss_fft.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/level.h"
#include "base/mem.h"

/* Signals that are transformed at a time: as many as a register holds, or two, so that a quarter of the transform
 * and what else it takes stay in a first cache of 32 KiB. */
#ifdef __AVX512F__
enum { LANES = FFT_LANES };
#else
enum { LANES = FFT_LANES / 2 };
#endif
/* A complex number of every lane: LANES real parts, then as many imaginary ones. Samples 2k and 2k+1 of a signal
 * are the parts of number k. */
enum { CPX = 2 * LANES };
enum { LENGTH_MAX = 1 << 24 };
#define PI 3.14159265358979323846

struct fft {
	struct mem_pool pool;
	size_t n, half;    /* real samples, complex numbers */
	bool lanes;        /* our own transform, else KissFFT's */
	float *twiddle;    /* of each radix-4 pass: w, w^2, w^3 for every p */
	float *split;      /* exp(-2 pi i k / n), k <= half / 2 */
	size_t *position;  /* index of number k of the transform in its result */
	kiss_fft_cfg kiss; /* of half */
};

static void
set_root(float *w, size_t k, size_t n)
{
	double angle = -2 * PI * (double)k / (double)n;

	w[0] = (float)cos(angle);
	w[1] = (float)sin(angle);
}

static int
make_twiddles(struct fft *f)
{
	float *w;

	/* Passes over half, half/4, ... numbers take 6/4 as many floats each. */
	f->twiddle = w = mem_take(&f->pool, 2 * f->half + 6, sizeof *w);
	if (w == NULL)
		return ST_SYS;
	for (size_t n = f->half; n >= 4; n /= 4)
		for (size_t p = 0; p < n / 4; p++)
			for (size_t k = 1; k <= 3; k++, w += 2)
				set_root(w, k * p, n);
	return ST_OK;
}

/* Passes of decimation in frequency leave the numbers in digit-reversed order. */
static size_t
find_position(size_t k, size_t n)
{
	size_t position = 0, radix;

	for (; n > 1; k /= radix) {
		radix = n == 2 ? 2 : 4;
		n /= radix;
		position += k % radix * n;
	}
	return position;
}

static int
fill(struct fft *f)
{
	f->split = mem_take(&f->pool, f->half / 2 + 1, 2 * sizeof *f->split);
	f->position = mem_take(&f->pool, f->half, sizeof *f->position);
	if (f->pool.status != ST_OK)
		return ST_SYS;
	for (size_t k = 0; k <= f->half / 2; k++)
		set_root(f->split + 2 * k, k, f->n);
	for (size_t k = 0; k < f->half; k++)
		f->position[k] = f->lanes ? find_position(k, f->half) : k;
	if (f->lanes)
		return make_twiddles(f);
	f->kiss = kiss_fft_alloc((int)f->half, 0, NULL, NULL);
	return f->kiss == NULL ? err_set(ST_SYS, "out of memory") : ST_OK;
}

KERNEL_OF(int, fft_new, (struct fft **fft, size_t n), (fft, n))
{
	struct fft *f;
	int rc;

	*fft = NULL;
	if (n < 2 || n % 2 != 0 || n > LENGTH_MAX)
		return err_set(ST_USAGE, "the transform's length, %zu, is odd or not from 2 to %d", n, LENGTH_MAX);
	f = mem_zero(1, sizeof *f);
	if (f == NULL)
		return ST_SYS;
	f->n = n;
	f->half = n / 2;
	f->lanes = n >= 8 && (n & (n - 1)) == 0;
	rc = fill(f);
	if (rc != ST_OK) {
		fft_free(f);
		return rc;
	}
	*fft = f;
	return ST_OK;
}

KERNEL(fft_free, (struct fft *f), (f))
{
	if (f == NULL)
		return;
	kiss_fft_free(f->kiss);
	mem_release(&f->pool);
	free(f);
}

KERNEL_OF(size_t, fft_work_size, (const struct fft *f), (f))
{
	return f->half * (f->lanes ? CPX : CPX + 4);
}

/* Number k of the block's signals, windowed. */
static inline void
take(const struct fft_block *in, size_t k, float *restrict out)
{
	for (size_t part = 0; part < 2; part++) {
		const float *restrict x = in->base + in->offset[2 * k + part];
		float w = in->window[2 * k + part];

#pragma omp simd
		for (int l = 0; l < LANES; l++)
			out[part * LANES + l] = w * x[l];
	}
}

/* One butterfly of four numbers that lie a distance apart in x, to y, which
 * may be x; w holds the roots w, w^2, w^3. */
static inline void
butterfly(const float *x, size_t from, float *y, size_t to, const float *w)
{
	const float *a = x, *b = x + from, *c = x + 2 * from, *d = x + 3 * from;
	float *y0 = y, *y1 = y + to, *y2 = y + 2 * to, *y3 = y + 3 * to;
	const float w1r = w[0], w1i = w[1], w2r = w[2], w2i = w[3], w3r = w[4], w3i = w[5];

#pragma omp simd
	for (int l = 0; l < LANES; l++) {
		float pr = a[l] + c[l], pi = a[LANES + l] + c[LANES + l];
		float mr = a[l] - c[l], mi = a[LANES + l] - c[LANES + l];
		float qr = b[l] + d[l], qi = b[LANES + l] + d[LANES + l];
		float nr = b[l] - d[l], ni = b[LANES + l] - d[LANES + l];
		float ur = mr + ni, ui = mi - nr;
		float vr = pr - qr, vi = pi - qi;
		float sr = mr - ni, si = mi + nr;

		y0[l] = pr + qr;
		y0[LANES + l] = pi + qi;
		y1[l] = ur * w1r - ui * w1i;
		y1[LANES + l] = ur * w1i + ui * w1r;
		y2[l] = vr * w2r - vi * w2i;
		y2[LANES + l] = vr * w2i + vi * w2r;
		y3[l] = sr * w3r - si * w3i;
		y3[LANES + l] = sr * w3i + si * w3r;
	}
}

/* The pass left over where the length is an odd power of two. */
static void
radix2(float *x, size_t n)
{
	for (size_t i = 0; i < n * CPX; i += 2 * CPX)
#pragma omp simd
		for (int l = 0; l < CPX; l++) {
			float a = x[i + l], b = x[i + CPX + l];

			x[i + l] = a + b;
			x[i + CPX + l] = a - b;
		}
}

/* The complex transform of all lanes into x: a first radix-4 pass that takes
 * the samples in, then the others, in place, over one quarter after the other,
 * which stays in the cache. Decimation in frequency: van Loan, Computational
 * Frameworks for the Fast Fourier Transform, 1992, 1.9 and 2.1. */
static void
transform_lanes(const struct fft *f, const struct fft_block *in, float *x)
{
	size_t quarter = f->half / 4, n;
	const float *w = f->twiddle;
	float four[4 * CPX];

	for (size_t p = 0; p < quarter; p++, w += 6) {
		for (size_t i = 0; i < 4; i++)
			take(in, p + i * quarter, four + i * CPX);
		butterfly(four, CPX, x + p * CPX, quarter * CPX, w);
	}
	for (float *part = x; part < x + f->half * CPX; part += quarter * CPX) {
		const float *v = w;

		for (n = quarter; n >= 4; v += n / 4 * 6, n /= 4)
			for (size_t i = 0; i < quarter; i += n)
				for (size_t p = 0; p < n / 4; p++) {
					float *y = part + (i + p) * CPX;

					butterfly(y, n / 4 * CPX, y, n / 4 * CPX, v + 6 * p);
				}
		if (n == 2)
			radix2(part, quarter);
	}
}

static void
transform_kiss(const struct fft *f, const struct fft_block *in, float *x)
{
	kiss_fft_cpx *from = (kiss_fft_cpx *)(x + f->half * CPX), *to = from + f->half;

	for (size_t k = 0; k < f->half; k++)
		take(in, k, x + k * CPX);
	for (size_t l = 0; l < LANES; l++) {
		for (size_t k = 0; k < f->half; k++)
			from[k] = (kiss_fft_cpx){ x[k * CPX + l], x[k * CPX + LANES + l] };
		kiss_fft(f->kiss, from, to);
		for (size_t k = 0; k < f->half; k++) {
			x[k * CPX + l] = to[k].r;
			x[k * CPX + LANES + l] = to[k].i;
		}
	}
}

/* Bins k and half-k of the real signal from numbers k and half-k of the
 * transform z of its pairs: with e and o the spectra of its even and odd
 * samples, X(k) = e + w^k o and X(half-k) = conj(e - w^k o). Their powers, or
 * their real parts. */
static inline void
split(const float *restrict z, const float *restrict mirror, const float *restrict w, float *restrict low,
      float *restrict high, bool real)
{
#pragma omp simd
	for (int l = 0; l < LANES; l++) {
		float er = 0.5f * (z[l] + mirror[l]), ei = 0.5f * (z[LANES + l] - mirror[LANES + l]);
		float or = 0.5f * (z[LANES + l] + mirror[LANES + l]), oi = 0.5f * (mirror[l] - z[l]);
		float tr = or * w[0] - oi * w[1], ti = or * w[1] + oi * w[0];
		float xr = er + tr, xi = ei + ti, yr = er - tr, yi = ei - ti;

		low[l] = real ? xr : xr * xr + xi * xi;
		high[l] = real ? yr : yr * yr + yi * yi;
	}
}

static inline void
spectrum(const struct fft *f, const struct fft_block *in, float *work, float *out, bool real)
{
	size_t half = f->half;
	const float *z = work, *middle = z + f->position[half / 2] * CPX;

	if (f->lanes)
		transform_lanes(f, in, work);
	else
		transform_kiss(f, in, work);
	for (size_t l = 0; l < LANES; l++) {
		float sum = z[l] + z[LANES + l], difference = z[l] - z[LANES + l];

		out[l] = real ? sum : sum * sum;
		out[half * FFT_LANES + l] = real ? difference : difference * difference;
	}
	for (size_t k = 1; 2 * k < half; k++)
		split(z + f->position[k] * CPX, z + f->position[half - k] * CPX, f->split + 2 * k, out + k * FFT_LANES,
		      out + (half - k) * FFT_LANES, real);
	if (half % 2 == 0)
		for (size_t l = 0; l < LANES; l++)
			out[half / 2 * FFT_LANES + l] =
				real ? middle[l] : middle[l] * middle[l] + middle[LANES + l] * middle[LANES + l];
}

static inline void
spectra(const struct fft *f, const struct fft_block *in, float *work, float *out, bool real)
{
	for (size_t l = 0; l < FFT_LANES; l += LANES)
		spectrum(f, &(struct fft_block){ in->base + l, in->offset, in->window }, work, out + l, real);
}

KERNEL(fft_power, (const struct fft *f, const struct fft_block *in, float *work, float *power), (f, in, work, power))
{
	spectra(f, in, work, power, false);
}

KERNEL(fft_real, (const struct fft *f, const struct fft_block *in, float *work, float *real), (f, in, work, real))
{
	spectra(f, in, work, real, true);
}
