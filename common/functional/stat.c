#include "functional/stat.h"

#include <math.h>
#include <string.h>

#include "base/level.h"

enum { L = STAT_LANES };

/* What one pass adds up, by sequence. */
struct sums {
	double d2[L], d3[L], d4[L], td[L], absolute[L], squared[L];
};

static void
add_row(struct sums *s, const double *x, const double *mean, double t)
{
#pragma omp simd
	for (int l = 0; l < L; l++) {
		double d = x[l] - mean[l], d2 = d * d;

		s->d2[l] += d2;
		s->d3[l] += d2 * d;
		s->d4[l] += d2 * d2;
		s->td[l] += t * d;
	}
}

static void
add_difference(struct sums *s, const double *x, const double *step)
{
#pragma omp simd
	for (int l = 0; l < L; l++) {
		double d = x[L + l] - x[l], e = d - step[l];

		s->absolute[l] += fabs(d);
		s->squared[l] += e * e;
	}
}

KERNEL(stat_measure, (const double *x, size_t n, struct stat_moments *m), (x, n, m))
{
	double step[L] = { 0 }, t2 = 0, last = n > 1 ? (double)(n - 1) : 1, count = (double)n;
	struct sums s = { 0 };

	memset(m, 0, sizeof *m);
	for (size_t i = 0; i < n; i++)
		for (int l = 0; l < L; l++)
			m->mean[l] += x[i * L + (size_t)l];
	for (int l = 0; l < L; l++) {
		m->mean[l] /= count;
		step[l] = (x[(n - 1) * L + (size_t)l] - x[l]) / last;
	}
	for (size_t i = 0; i < n; i++) {
		double t = 2 * (double)i / last - 1;

		t2 += t * t;
		add_row(&s, x + i * L, m->mean, t);
		if (i + 1 < n)
			add_difference(&s, x + i * L, step);
	}
	for (int l = 0; l < L; l++) {
		double sd = sqrt(s.d2[l] / count), guarded = sd + 1e-6;

		m->sd[l] = sd;
		m->absdiff[l] = s.absolute[l] / last;
		m->diffsd[l] = sqrt(s.squared[l] / last);
		m->slope[l] = s.td[l] / t2;
		m->skewness[l] = s.d3[l] / count / (guarded * guarded * guarded);
		m->kurtosis[l] = sd < 1e-6 ? 0 : s.d4[l] / count / (sd * sd * sd * sd) - 3;
	}
}

static void
exchange(double *a, double *b)
{
#pragma omp simd
	for (int l = 0; l < L; l++) {
		double low = a[l] < b[l] ? a[l] : b[l], high = a[l] < b[l] ? b[l] : a[l];

		a[l] = low;
		b[l] = high;
	}
}

KERNEL(stat_sort, (double *x, size_t n), (x, n))
{
	size_t top = 1;

	while (2 * top < n)
		top *= 2;
	for (size_t p = top; p > 0 && n > 1; p /= 2)
		for (size_t q = top, d = p, r = 0;; d = q - p, q /= 2, r = p) {
			for (size_t i = 0; i + d < n; i++)
				if ((i & p) == r)
					exchange(x + i * L, x + (i + d) * L);
			if (q == p)
				break;
		}
}
