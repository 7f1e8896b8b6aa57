#include "audio/shape.h"

#include <math.h>

#include "base/level.h"
#include "base/mem.h"

enum { STEP = 8 }; /* coefficients that are computed side by side */
#define PI 3.14159265358979323846

/* basis[n/STEP, rounded up][bands][STEP] */
KERNEL_OF(double *, shape_basis, (size_t bands, size_t n), (bands, n))
{
	size_t steps = (n + STEP - 1) / STEP;
	double *basis = mem_zero(steps * bands, STEP * sizeof *basis);

	for (size_t k = 0; basis != NULL && k < n; k++)
		for (size_t b = 0; b < bands; b++)
			basis[(k / STEP * bands + b) * STEP + k % STEP] =
				sqrt((k == 0 ? 1.0 : 2.0) / (double)bands) * cos(PI * (double)k * ((double)b + 0.5) / (double)bands);
	return basis;
}

KERNEL(shape_cepstrum,
	   (const double *basis, const float *db, size_t frames, size_t bands, size_t n, float *out, size_t stride),
	   (basis, db, frames, bands, n, out, stride))
{
	for (size_t first = 0; first < n; first += STEP, basis += bands * STEP)
		for (size_t t = 0; t < frames; t++) {
			double sum[STEP] = { 0 };

			for (size_t b = 0; b < bands; b++)
#pragma omp simd
				for (size_t k = 0; k < STEP; k++)
					sum[k] += basis[b * STEP + k] * (double)db[t * bands + b];
			for (size_t k = first; k < n && k < first + STEP; k++)
				out[t * stride + k] = (float)sum[k - first];
		}
}

static float
largest(const float *x, size_t n)
{
	float most = x[0];

	for (size_t i = 1; i < n; i++)
		most = x[i] > most ? x[i] : most;
	return most;
}

/* The slope of a line through x[0..n), by least squares. */
static double
fit_slope(const float *x, size_t n)
{
	double middle = (double)(n - 1) / 2, product = 0, square = 0;

#pragma omp simd reduction(+ : product, square)
	for (size_t b = 0; b < n; b++) {
		double d = (double)b - middle;

		product += d * (double)x[b];
		square += d * d;
	}
	return product / square;
}

static double
difference(const float *x, const float *y, size_t n)
{
	double sum = 0;

#pragma omp simd reduction(+ : sum)
	for (size_t b = 0; b < n; b++)
		sum += ((double)x[b] - (double)y[b]) * ((double)x[b] - (double)y[b]);
	return sqrt(sum / (double)n);
}

static void
measure_power(const float *power, size_t n, float *centroid, float *spread, float *energy)
{
	double sum = 0, first = 0, second = 0, mean;

#pragma omp simd reduction(+ : sum, first)
	for (size_t b = 0; b < n; b++) {
		sum += (double)power[b];
		first += (double)power[b] * (double)b;
	}
	mean = first / sum;
#pragma omp simd reduction(+ : second)
	for (size_t b = 0; b < n; b++)
		second += (double)power[b] * ((double)b - mean) * ((double)b - mean);
	*centroid = (float)mean;
	*spread = (float)sqrt(second / sum);
	*energy = (float)(10 * log10(sum + 1e-9));
}

KERNEL(shape_run, (const float *db, const float *power, size_t frames, size_t bands, float *out, size_t stride),
	   (db, power, frames, bands, out, stride))
{
	size_t low = bands * 15 / 32 > 0 ? bands * 15 / 32 : 1;

	for (size_t t = 0; t < frames; t++, db += bands, power += bands, out += stride) {
		out[0] = (float)fit_slope(db, bands);
		measure_power(power, bands, &out[1], &out[2], &out[4]);
		out[3] = largest(db, low) - largest(db + low, bands - low);
		out[5] = t == 0 && frames == 1 ? 0 : (float)difference(db, t == 0 ? db + bands : db - bands, bands);
	}
}
