#include "audio/stft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { LANES = FFT_LANES };
#define PI 3.14159265358979323846

struct stft {
	struct stft_options o;
	struct fft *fft;
	float *window; /* nfft values */
};

void
stft_hann(float *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		w[i] = (float)(0.5 - 0.5 * cos(2 * PI * (double)i / (double)n));
}

int
stft_new(struct stft **stft, const struct stft_options *o)
{
	struct stft *s;
	int rc;

	*stft = NULL;
	if (o->window < 1 || o->window > o->nfft)
		return err_set(ST_USAGE, "the window, %zu samples, is longer than the frame, %zu", o->window, o->nfft);
	if (o->hop < 1)
		return err_set(ST_USAGE, "the hop is 0");
	s = mem_zero(1, sizeof *s);
	if (s == NULL)
		return ST_SYS;
	s->o = *o;
	rc = fft_new(&s->fft, o->nfft);
	if (rc == ST_OK && (s->window = mem_zero(o->nfft, sizeof *s->window)) == NULL)
		rc = ST_SYS;
	if (rc != ST_OK) {
		stft_free(s);
		return rc;
	}
	stft_hann(s->window + (o->nfft - o->window) / 2, o->window);
	*stft = s;
	return ST_OK;
}

void
stft_free(struct stft *s)
{
	if (s == NULL)
		return;
	fft_free(s->fft);
	free(s->window);
	free(s);
}

void
stft_work_free(struct stft_work *w)
{
	free(w->column);
	free(w->offset);
	free(w->fft);
	free(w->power);
	*w = (struct stft_work){ 0 };
}

size_t
stft_frames(const struct stft *s, size_t n)
{
	if (n < (s->o.center ? 1 : s->o.nfft))
		return 0;
	return 1 + (s->o.center ? n : n - s->o.nfft) / s->o.hop;
}

size_t
stft_bins(const struct stft *s)
{
	return s->o.nfft / 2 + 1;
}

static size_t
whole_lines(size_t n)
{
	return (n + LANES - 1) / LANES * LANES;
}

static int
reserve(const struct stft *s, struct stft_work *w, size_t rows)
{
	/* An odd number of lines of memory, as columns a power of two apart would share few sets of the cache. */
	size_t lines = rows / LANES | 1, size;
	int rc;

	if (w->power == NULL && ((w->offset = mem_zero(s->o.nfft, sizeof *w->offset)) == NULL ||
	                         (w->fft = mem_zero(fft_work_size(s->fft), sizeof *w->fft)) == NULL ||
	                         (w->power = mem_zero(stft_bins(s), LANES * sizeof *w->power)) == NULL))
		return ST_SYS;
	if (rows <= w->rows)
		return ST_OK;
	if (__builtin_mul_overflow(lines * LANES, s->o.hop, &size))
		return err_set(ST_SYS, "out of memory");
	if ((rc = mem_room(&w->column, &w->cap, size, sizeof *w->column)) != ST_OK)
		return rc;
	w->rows = lines * LANES;
	for (size_t k = 0; k < s->o.nfft; k++)
		w->offset[k] = k % s->o.hop * w->rows + k / s->o.hop;
	return ST_OK;
}

/* A tile of the columns, out, from rows of the signal that lie hop apart: a line of memory is written at once. */
static void
load_tile(const float *restrict x, size_t hop, float *restrict out, size_t rows)
{
	for (size_t j = 0; j < LANES; j++)
		for (size_t row = 0; row < LANES; row++)
			out[j * rows + row] = x[row * hop + j];
}

/* The same of the columns j to the last, of rows of the work from row on that lie in the signal from at on, with zeros
 * before it and behind it: its sample 0 is at begin. */
static void
load_edge(const struct stft *s, struct stft_work *w, const float *x, size_t n, size_t row, size_t at, size_t j)
{
	size_t begin = s->o.center ? s->o.nfft / 2 : 0;

	for (; j < s->o.hop; j++)
		for (size_t r = 0; r < LANES; r++) {
			size_t k = at + r * s->o.hop + j;

			w->column[j * w->rows + row + r] = k >= begin && k - begin < n ? x[k - begin] : 0;
		}
}

int
stft_load(const struct stft *s, struct stft_work *w, const float *x, size_t n, size_t first, size_t frames)
{
	size_t hop = s->o.hop, begin = s->o.center ? s->o.nfft / 2 : 0;
	size_t rows = whole_lines(whole_lines(frames) + (s->o.nfft - 1) / hop); /* and what the last frame's end reaches */
	int rc = reserve(s, w, rows);

	for (size_t row = 0; row < rows && rc == ST_OK; row += LANES) {
		size_t at = (first + row) * hop, j = 0;
		bool inside = at >= begin && at + LANES * hop <= begin + n;

		for (; inside && j + LANES <= hop; j += LANES)
			load_tile(x + (at + j - begin), hop, w->column + (j * w->rows + row), w->rows);
		load_edge(s, w, x, n, row, at, j);
	}
	return rc;
}

float *
stft_power(const struct stft *s, struct stft_work *w, size_t first)
{
	struct fft_block in = { w->column + first, w->offset, s->window };

	fft_power(s->fft, &in, w->fft, w->power);
	return w->power;
}
