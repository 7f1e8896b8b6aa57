#include "audio/pitch.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/level.h"
#include "base/mem.h"

enum { LANES = FFT_LANES, CANDIDATES = 24 };

/* By lag, in samples, of the window's and a frame's autocorrelations w and a. */
struct pitch {
	struct mem_pool pool;
	size_t window, least, most;
	float jump_cost;
	size_t n; /* samples of the transforms: no lag of interest wraps around */
	struct fft *fft;
	float *hann, *ones, *scale;  /* the window; 1 over its samples; 1/n */
	size_t *row, *mirror;        /* offsets of a block's samples; of an even signal's */
	float *gain, *cost, *octave; /* w(0) / w(lag); of a candidate; its F0 in octaves over 100 Hz */
};

/* A frame's candidates, the best first. */
struct pitch_frame {
	float score[CANDIDATES]; /* strength less cost; -INFINITY: none, as there are fewer lags */
	uint32_t lag[CANDIDATES];
	uint8_t previous[CANDIDATES]; /* the candidate before, on the best path to this one */
};

/* The end of the best path to each candidate of the last frame. */
struct path {
	float total[CANDIDATES], octave[CANDIDATES];
};

static int
check(const struct pitch_options *o)
{
	double periods = 2 * floor(o->rate / o->low);

	if (!(o->low > 0 && o->low < o->high))
		return err_set(ST_USAGE, "the range of F0, %g to %g Hz, is empty", o->low, o->high);
	if (o->high > o->rate / 2)
		return err_set(ST_USAGE, "F0 of %g Hz is above half of the rate of %g Hz", o->high, o->rate);
	if (periods > (double)o->window)
		return err_set(ST_USAGE,
					   "a window of %zu samples is shorter than two periods of %g Hz at a rate of %g Hz, %.0f samples",
					   o->window, o->low, o->rate, periods);
	return ST_OK;
}

static int
reserve(const struct pitch *p, struct pitch_work *w)
{
	if (w->lag == NULL && ((w->block = mem_zero(p->window, LANES * sizeof *w->block)) == NULL ||
						   (w->fft = mem_zero(fft_work_size(p->fft), sizeof *w->fft)) == NULL ||
						   (w->power = mem_zero(p->n / 2 + 1, LANES * sizeof *w->power)) == NULL ||
						   (w->lag = mem_zero(p->n / 2 + 1, LANES * sizeof *w->lag)) == NULL))
		return ST_SYS;
	return ST_OK;
}

/* The autocorrelations of w->block, to w->lag. */
static void
correlate(const struct pitch *p, struct pitch_work *w)
{
	fft_power(p->fft, &(struct fft_block){ w->block, p->row, p->ones }, w->fft, w->power);
	fft_real(p->fft, &(struct fft_block){ w->power, p->mirror, p->scale }, w->fft, w->lag);
}

static int
fill_lags(struct pitch *p, const struct pitch_options *o)
{
	struct pitch_work w = { 0 };
	int rc = reserve(p, &w);

	if (rc == ST_OK) {
		for (size_t k = 0; k < p->window; k++)
			w.block[k * LANES] = p->hann[k];
		correlate(p, &w);
		for (size_t i = p->least; i <= p->most; i++) {
			p->gain[i] = w.lag[0] / w.lag[i * LANES];
			p->cost[i] = (float)(o->octave_cost * log2((double)i / (double)p->least));
			p->octave[i] = (float)log2(o->rate / (double)i / 100);
		}
	}
	pitch_work_free(&w);
	return rc;
}

static int
fill(struct pitch *p, const struct pitch_options *o)
{
	int rc = fft_new(&p->fft, p->n);

	if (rc != ST_OK)
		return rc;
	p->hann = mem_take(&p->pool, p->window, sizeof *p->hann);
	p->ones = mem_take(&p->pool, p->n, sizeof *p->ones);
	p->scale = mem_take(&p->pool, p->n, sizeof *p->scale);
	p->row = mem_take(&p->pool, p->n, sizeof *p->row);
	p->mirror = mem_take(&p->pool, p->n, sizeof *p->mirror);
	p->gain = mem_take(&p->pool, p->most + 1, sizeof *p->gain);
	p->cost = mem_take(&p->pool, p->most + 1, sizeof *p->cost);
	p->octave = mem_take(&p->pool, p->most + 1, sizeof *p->octave);
	if (p->pool.status != ST_OK)
		return p->pool.status;
	stft_hann(p->hann, p->window);
	for (size_t k = 0; k < p->n; k++) {
		p->ones[k] = k < p->window;
		p->row[k] = k < p->window ? k * LANES : 0;
		p->scale[k] = 1 / (float)p->n;
		p->mirror[k] = (k <= p->n / 2 ? k : p->n - k) * LANES;
	}
	return fill_lags(p, o);
}

KERNEL_OF(int, pitch_new, (struct pitch * *pitch, const struct pitch_options *o), (pitch, o))
{
	struct pitch *p;
	int rc = check(o);

	*pitch = NULL;
	if (rc != ST_OK)
		return rc;
	p = mem_zero(1, sizeof *p);
	if (p == NULL)
		return ST_SYS;
	p->window = o->window;
	p->least = (size_t)(o->rate / o->high);
	p->most = (size_t)(o->rate / o->low);
	p->jump_cost = (float)o->jump_cost;
	for (p->n = 8; p->n <= p->window + p->most; p->n *= 2)
		continue;
	rc = fill(p, o);
	if (rc != ST_OK) {
		pitch_free(p);
		return rc;
	}
	*pitch = p;
	return ST_OK;
}

KERNEL(pitch_free, (struct pitch * p), (p))
{
	if (p == NULL)
		return;
	fft_free(p->fft);
	mem_release(&p->pool);
	free(p);
}

KERNEL(pitch_work_free, (struct pitch_work * w), (w))
{
	free(w->block);
	free(w->fft);
	free(w->power);
	free(w->lag);
	free(w->frame);
	*w = (struct pitch_work){ 0 };
}

/* The block's frames, windowed, less their means. */
static void
take(const struct pitch *p, struct pitch_work *w, const float *signal, const size_t *offset)
{
	float mean[LANES] = { 0 };

	for (size_t k = 0; k < p->window; k++) {
		float *restrict out = w->block + k * LANES;
		const float *restrict x = signal + offset[k];

#pragma omp simd
		for (int l = 0; l < LANES; l++) {
			out[l] = p->hann[k] * x[l];
			mean[l] += out[l];
		}
	}
	for (int l = 0; l < LANES; l++)
		mean[l] /= (float)p->window;
	for (size_t k = 0; k < p->window; k++)
#pragma omp simd
		for (int l = 0; l < LANES; l++)
			w->block[k * LANES + l] -= mean[l];
}

/* Turns the autocorrelations of the lags of interest into scores. The small number
 * keeps silence at 0. */
static void
score(const struct pitch *p, float *lag)
{
	float whole[LANES];

	for (int l = 0; l < LANES; l++)
		whole[l] = 1 / (lag[l] + 1e-9f);
	for (size_t i = p->least; i <= p->most; i++)
#pragma omp simd
		for (int l = 0; l < LANES; l++)
			lag[i * LANES + l] = lag[i * LANES + l] * whole[l] * p->gain[i] - p->cost[i];
}

/* The best candidates of a lane, by insertion: few are better than the last one kept. */
static void
keep_best(const struct pitch *p, const float *lane, struct pitch_frame *f)
{
	for (int j = 0; j < CANDIDATES; j++) {
		f->score[j] = -INFINITY;
		f->lag[j] = (uint32_t)p->least;
	}
	for (size_t i = p->least; i <= p->most; i++) {
		float s = lane[i * LANES];
		int j = CANDIDATES - 1;

		if (!(s > f->score[j]))
			continue;
		for (; j > 0 && s > f->score[j - 1]; j--) {
			f->score[j] = f->score[j - 1];
			f->lag[j] = f->lag[j - 1];
		}
		f->score[j] = s;
		f->lag[j] = (uint32_t)i;
	}
}

/* Leads the paths on to the candidates of the next frame, at that cost a changed octave.
 * Totals are kept relative to the best one, so that they lose no digits however long the
 * signal is. */
static void
lead(const struct pitch *p, float cost, struct path *path, struct pitch_frame *f)
{
	struct path before = *path;
	float best[CANDIDATES], most = -INFINITY;
	int32_t from[CANDIDATES] = { 0 };

	for (int i = 0; i < CANDIDATES; i++) {
		path->octave[i] = p->octave[f->lag[i]];
		best[i] = -INFINITY;
	}
	for (int j = 0; j < CANDIDATES; j++)
#pragma omp simd
		for (int i = 0; i < CANDIDATES; i++) {
			float total = before.total[j] - cost * fabsf(path->octave[i] - before.octave[j]);

			from[i] = total > best[i] ? j : from[i];
			best[i] = total > best[i] ? total : best[i];
		}
	for (int i = 0; i < CANDIDATES; i++) /* a loop of its own: GCC 12 for arm64 fails where bytes are beside the maximum */
		f->previous[i] = (uint8_t)from[i];
	for (int i = 0; i < CANDIDATES; i++) {
		path->total[i] = best[i] + f->score[i];
		most = fmaxf(most, path->total[i]);
	}
	for (int i = 0; i < CANDIDATES; i++)
		path->total[i] -= most;
}

static void
trace(const struct pitch *p, const struct pitch_frame *frame, size_t frames, const struct path *path, float *octave,
	  float *strength)
{
	int k = 0;

	for (int i = 1; i < CANDIDATES; i++)
		if (path->total[i] > path->total[k])
			k = i;
	for (size_t t = frames; t-- > 0; k = frame[t].previous[k]) {
		uint32_t lag = frame[t].lag[k];

		octave[t] = p->octave[lag];
		strength[t] = fminf(fmaxf(frame[t].score[k] + p->cost[lag], 0), 1);
	}
}

KERNEL_OF(int, pitch_run,
		  (const struct pitch *p, struct pitch_work *w, const struct stft_work *signal, size_t begin, size_t frames,
		   float *octave, float *strength),
		  (p, w, signal, begin, frames, octave, strength))
{
	struct path path = { { 0 }, { 0 } };
	int rc = reserve(p, w);

	if (rc != ST_OK || (rc = mem_room(&w->frame, &w->cap, frames, sizeof *w->frame)) != ST_OK)
		return rc;
	for (size_t t = 0; t < frames; t++) {
		size_t l = t % LANES;

		if (l == 0) {
			take(p, w, signal->column + t, signal->offset + begin);
			correlate(p, w);
			score(p, w->lag);
		}
		if (!isfinite(w->lag[l]))
			return err_set(ST_DATA, "a sample is NaN, infinite or too large");
		keep_best(p, w->lag + l, &w->frame[t]);
		lead(p, t == 0 ? 0 : p->jump_cost, &path, &w->frame[t]);
	}
	trace(p, w->frame, frames, &path, octave, strength);
	return ST_OK;
}
