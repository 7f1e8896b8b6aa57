#include "model/speech.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/level.h"
#include "base/mem.h"

static const double range = 80, loud = 40; /* dB below the largest value */

KERNEL_OF(enum speech_scale, speech_scale, (const struct meta *feature, int rank), (feature, rank))
{
	static const char *const names[] = { "db", "log", "power" };
	const char *type = meta_get(feature, "type"), *scale = meta_get(feature, "scale"), *columns = meta_get(feature, "columns");

	if (type == NULL || rank != 2)
		return SPEECH_NONE;
	if (strcmp(type, "lld") == 0 && columns != NULL && strcmp(columns, "mel") == 0)
		return SPEECH_DB;
	if (scale == NULL || strcmp(type, "mel") != 0)
		return SPEECH_NONE;
	for (int i = 0; i < 3; i++)
		if (strcmp(scale, names[i]) == 0)
			return (enum speech_scale)(SPEECH_DB + i);
	return SPEECH_NONE;
}

/* The faster sort of fmax, as no value is NaN. */
static inline double
larger(double a, double b)
{
	return a > b ? a : b;
}

static void
to_decibels(enum speech_scale scale, const float *x, size_t n, double *to)
{
	const double factor = scale == SPEECH_LOG ? 10 / log(10) : 1;

	for (size_t i = 0; i < n; i++)
		to[i] = (double)x[i] * factor;
	for (size_t i = 0; i < n && scale == SPEECH_POWER; i++)
		to[i] = 10 * log10(larger(to[i], FLT_MIN));
}

/* Sums over loud frames. */
struct sums {
	double *band;           /* of the values, by band */
	double square;          /* of squared values */
	double mean_square;     /* of the frames' squared means */
	double mean;            /* of the frames' means */
	double peak, peak_square;
	size_t frames;
};

/* row: a frame in dB below the record's largest value. */
static void
add_frame(struct sums *s, const double *row, size_t bands)
{
	double sum = 0, square = 0, peak = -range;

#pragma omp simd reduction(+ : sum, square) reduction(max : peak)
	for (size_t b = 0; b < bands; b++) {
		sum += row[b];
		square += row[b] * row[b];
		peak = larger(peak, row[b]);
	}
	if (peak < -loud)
		return;
	for (size_t b = 0; b < bands; b++)
		s->band[b] += row[b];
	s->square += square;
	s->mean += sum / (double)bands;
	s->mean_square += sum * sum / (double)(bands * bands);
	s->peak += peak;
	s->peak_square += peak * peak;
	s->frames++;
}

/* The loudest frame is always among them. Sums of squares as in a two-way
 * analysis of variance: what neither frames nor bands explain. */
static void
finish(const struct sums *s, size_t bands, double *measure)
{
	double t = (double)s->frames, b = (double)bands, mean = s->mean / t, by_band = 0;

	for (size_t i = 0; i < bands; i++)
		by_band += s->band[i] * s->band[i] / (t * t);
	measure[SPEECH_PEAK] = sqrt(fmax(0, s->peak_square / t - s->peak * s->peak / (t * t)));
	measure[SPEECH_CONTRAST] = sqrt(fmax(0, s->square / (t * b) - s->mean_square / t));
	measure[SPEECH_CHANGE] = sqrt(fmax(0, s->square / (t * b) - s->mean_square / t - by_band / b + mean * mean));
}

KERNEL_OF(int, speech_measure, (enum speech_scale scale, const float *x, size_t frames, size_t bands, double *measure),
          (scale, x, frames, bands, measure))
{
	double *row = mem_zero(2 * bands, sizeof *row);
	struct sums s = { .band = row == NULL ? NULL : row + bands };
	float top = -INFINITY;
	double largest;

	if (row == NULL)
		return ST_SYS;
#pragma omp simd reduction(max : top)
	for (size_t i = 0; i < frames * bands; i++)
		top = x[i] > top ? x[i] : top;
	to_decibels(scale, &top, 1, &largest);
	for (size_t t = 0; t < frames; t++) {
		to_decibels(scale, x + t * bands, bands, row);
		for (size_t b = 0; b < bands; b++)
			row[b] = larger(row[b] - largest, -range);
		add_frame(&s, row, bands);
	}
	finish(&s, bands, measure);
	free(row);
	return ST_OK;
}

KERNEL_OF(bool, speech_reaches, (const double *measure, const double *floor), (measure, floor))
{
	for (size_t i = 0; i < SPEECH_MEASURES; i++)
		if (measure[i] < floor[i])
			return false;
	return true;
}
