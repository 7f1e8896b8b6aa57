#include "audio/speech.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audio/fft.h"
#include "audio/mel.h"
#include "audio/stft.h"
#include "base/err.h"
#include "base/mem.h"

/* Chosen on speakers 1 to 12 of RAVDESS, see tests/segments/evaluate. */
enum {
	BANDS = 16,     /* up to 6000 Hz; in signals of lower rates as many as wide fit */
	LOUDEST = 4,    /* bands that count, those most above their noise: under noise the others are not above it */
	BLOCK = 25,     /* frames (0.25 s) of which the least power is kept, */
	BLOCKS = 20,    /* so many of them (5 s): speech has dips and pauses in it, noise goes on */
	MEAN = 3,       /* frames of which the mean power is held against the noise */
	FIRST = 100,    /* frames held at first: a recording may begin with speech */
};
static const double low = 120, high = 6000;             /* Hz, of the bands: above the hum of mains */
static const double voice_low = 75, voice_high = 500;   /* Hz, of F0 */
static const double voice_from = 80, voice_to = 2500;   /* Hz, of the spectrum whose autocorrelation tells it */
static const double voice_least = 0.5;                  /* of the autocorrelation, relative to that at 0 */
static const double weight = 0.6;                       /* of the frames before, in the power of which the least is noise */
static const double bias = 4;                           /* dB that noise is above its least power */
static const double most = 20;                          /* dB that a band can count */
static const double quiet = -128;                       /* dB/Hz, full scale being 0: no noise counts as less */
static const double gate = 45, decay = 2;               /* dB below the loudest frame, which is forgotten by dB a second */
#define PI 3.14159265358979323846

struct measured {
	float band[BANDS], smooth[BANDS]; /* power density */
	float level;
	bool voiced;
};

struct speech {
	size_t hop, window, nfft, lead; /* samples; zeros in front of the first one, so that frame 0 begins there */
	size_t least_lag, most_lag, bands;
	struct stft *stft;
	struct stft_work work;
	struct mel *mel;
	struct fft *fft;
	float *lag, *lag_work, *in_voice, *gain; /* (nfft/2+1,FFT_LANES); of the FFT; (nfft) the bins of voice; (most_lag+1) */
	size_t *mirror;
	double scale;  /* of a power in the spectrum, to one a Hz */
	float *held;   /* samples that frames to come need */
	size_t nheld, held_cap;
	uint64_t samples, begun; /* so far; frames that are measured */
	bool ended;
	struct measured *frame;  /* those measured, from next on not given yet */
	size_t nframe, next, frame_cap;
	float least[BLOCKS][BANDS]; /* power of blocks, the current one's and those before */
	size_t block, in_block;
	double loudest; /* dB */
	struct mem_pool pool;
};

/* The autocorrelation of the Hann window, relative to that at 0: P. Boersma, "Accurate short-term analysis
 * of the fundamental frequency...", 1993, formula 8. */
static double
hann_lag(double x)
{
	return (1 - x) * (2 + cos(2 * PI * x)) / 3 + sin(2 * PI * x) / (2 * PI);
}

static void
fill(struct speech *s, double rate)
{
	double sum = 0;

	for (size_t i = 0; i < s->window; i++) {
		double h = 0.5 - 0.5 * cos(2 * PI * (double)i / (double)s->window);

		sum += h * h;
	}
	s->scale = 1 / ((double)s->nfft * sum);
	for (size_t k = 0; k < s->nfft; k++) {
		size_t bin = k <= s->nfft / 2 ? k : s->nfft - k;
		double hz = (double)bin * rate / (double)s->nfft;

		s->mirror[k] = bin * FFT_LANES;
		s->in_voice[k] = hz >= voice_from && hz <= voice_to;
	}
	for (size_t k = 0; k <= s->most_lag; k++)
		s->gain[k] = (float)(1 / hann_lag((double)k / (double)s->window));
}

static int
prepare(struct speech *s, double rate)
{
	struct mel_options mel = { .rate = rate, .fmin = low, .fmax = fmin(high, 0.475 * rate) };
	double from = mel_from_hz(low, false);
	int rc;

	s->hop = (size_t)round(rate / 100);
	s->window = 2 * (size_t)round(rate * 0.016);
	for (s->nfft = 8; s->nfft < 2 * s->window; s->nfft *= 2)
		continue;
	s->lead = (s->nfft - s->window) / 2;
	s->least_lag = (size_t)(rate / voice_high);
	s->most_lag = (size_t)(rate / voice_low);
	mel.nfft = s->nfft;
	mel.bands = s->bands = (size_t)round(BANDS * (mel_from_hz(mel.fmax, false) - from) / (mel_from_hz(high, false) - from));
	rc = stft_new(&s->stft, &(struct stft_options){ .nfft = s->nfft, .window = s->window, .hop = s->hop });
	if (rc == ST_OK && (rc = mel_new(&s->mel, &mel)) == ST_OK)
		rc = fft_new(&s->fft, s->nfft);
	if (rc == ST_OK)
		rc = mem_room(&s->held, &s->held_cap, s->lead, sizeof *s->held);
	if (rc != ST_OK)
		return rc;
	s->lag = mem_take(&s->pool, (s->nfft / 2 + 1) * FFT_LANES, sizeof *s->lag);
	s->lag_work = mem_take(&s->pool, fft_work_size(s->fft), sizeof *s->lag_work);
	s->in_voice = mem_take(&s->pool, s->nfft, sizeof *s->in_voice);
	s->mirror = mem_take(&s->pool, s->nfft, sizeof *s->mirror);
	s->gain = mem_take(&s->pool, s->most_lag + 1, sizeof *s->gain);
	if (s->pool.status != ST_OK)
		return s->pool.status;
	fill(s, rate);
	memset(s->held, 0, s->lead * sizeof *s->held);
	s->nheld = s->lead;
	s->loudest = -INFINITY;
	for (size_t i = 0; i < BLOCKS; i++)
		for (size_t b = 0; b < s->bands; b++)
			s->least[i][b] = INFINITY;
	return ST_OK;
}

int
speech_open(struct speech **speech, double rate)
{
	struct speech *s;
	int rc;

	*speech = NULL;
	if (!(rate >= SPEECH_RATE_MIN))
		return err_set(ST_USAGE, "speech is found at rates of %d Hz and more, not %.10g Hz", SPEECH_RATE_MIN, rate);
	if ((s = mem_zero(1, sizeof *s)) == NULL)
		return ST_SYS;
	if ((rc = prepare(s, rate)) == ST_OK)
		*speech = s;
	else
		speech_close(s);
	return rc;
}

void
speech_close(struct speech *s)
{
	if (s == NULL)
		return;
	stft_free(s->stft);
	stft_work_free(&s->work);
	mel_free(s->mel);
	fft_free(s->fft);
	mem_release(&s->pool);
	free(s->held);
	free(s->frame);
	free(s);
}

size_t
speech_hop(const struct speech *s)
{
	return s->hop;
}

size_t
speech_centre(const struct speech *s)
{
	return s->window / 2;
}

static bool
is_voiced(const struct speech *s, size_t lane)
{
	double top = 0, all = (double)s->lag[lane];

	for (size_t k = s->least_lag; k <= s->most_lag; k++)
		top = fmax(top, (double)(s->lag[k * FFT_LANES + lane] * s->gain[k]));
	return top > voice_least * all;
}

/* Measures n frames, FFT_LANES at most, from x on. */
static int
measure(struct speech *s, const float *x, size_t n)
{
	float band[BANDS * FFT_LANES], *power;
	int rc = mem_room(&s->frame, &s->frame_cap, s->nframe + n, sizeof *s->frame);

	if (rc != ST_OK || (rc = stft_load(s->stft, &s->work, x, (n - 1) * s->hop + s->nfft, 0, n)) != ST_OK)
		return rc;
	power = stft_power(s->stft, &s->work, 0);
	mel_apply(s->mel, power, band);
	fft_real(s->fft, &(struct fft_block){ power, s->mirror, s->in_voice }, s->lag_work, s->lag);
	for (size_t i = 0; i < n; i++) {
		struct measured *f = &s->frame[s->nframe + i];
		double sum = 0;

		for (size_t b = 0; b < s->bands; b++) {
			double p = (double)band[b * FFT_LANES + i] * s->scale;

			sum += p;
			f->band[b] = (float)p;
			f->smooth[b] = (float)(s->begun + i == 0 ? p : (1 - weight) * p + weight * (double)f[-1].smooth[b]);
		}
		f->level = (float)(10 * log10(sum + 1e-30));
		f->voiced = is_voiced(s, i);
	}
	s->nframe += n;
	s->begun += n;
	return ST_OK;
}

/* Forgets frames that were given, all but those that the next ones go on from. */
static void
forget(struct speech *s)
{
	size_t past = s->next;

	if (past < MEAN)
		return;
	past -= MEAN - 1;
	memmove(s->frame, s->frame + past, (s->nframe - past) * sizeof *s->frame);
	s->nframe -= past;
	s->next -= past;
}

/* Measures all frames that are complete. */
static int
run(struct speech *s)
{
	size_t at = 0;
	int rc = ST_OK;

	while (rc == ST_OK && s->nheld - at >= s->nfft) {
		size_t n = (s->nheld - at - s->nfft) / s->hop + 1;

		n = n < FFT_LANES ? n : FFT_LANES;
		rc = measure(s, s->held + at, n);
		at += n * s->hop;
	}
	s->nheld -= at;
	memmove(s->held, s->held + at, s->nheld * sizeof *s->held);
	return rc;
}

int
speech_add(struct speech *s, const float *x, size_t n)
{
	int rc = mem_room(&s->held, &s->held_cap, s->nheld + n, sizeof *s->held);

	if (rc != ST_OK)
		return rc;
	memcpy(s->held + s->nheld, x, n * sizeof *x);
	s->nheld += n;
	s->samples += n;
	forget(s);
	return run(s);
}

int
speech_end(struct speech *s)
{
	uint64_t frames = (s->samples + s->hop - 1) / s->hop;
	int rc = ST_OK;

	s->ended = true;
	if (frames > s->begun) {
		size_t n = (size_t)(frames - s->begun - 1) * s->hop + s->nfft;

		if ((rc = mem_room(&s->held, &s->held_cap, n, sizeof *s->held)) != ST_OK)
			return rc;
		memset(s->held + s->nheld, 0, (n - s->nheld) * sizeof *s->held);
		s->nheld = n;
		forget(s);
		rc = run(s);
	}
	return rc;
}

/* The least power of the band in the last 5 s. */
static double
noise(const struct speech *s, size_t b)
{
	double least = INFINITY;

	for (size_t i = 0; i < BLOCKS; i++)
		least = fmin(least, (double)s->least[i][b]);
	return least;
}

static void
learn(struct speech *s, const struct measured *f)
{
	if (s->in_block == BLOCK) {
		s->in_block = 0;
		s->block = (s->block + 1) % BLOCKS;
	}
	for (size_t b = 0; b < s->bands; b++)
		if (s->in_block == 0 || f->smooth[b] < s->least[s->block][b])
			s->least[s->block][b] = f->smooth[b];
	s->in_block++;
}

/* The mean of the LOUDEST largest decibels above the noise. */
static double
mean_above(const struct speech *s, const struct measured *f)
{
	double top[LOUDEST + 1] = { 0 }, sum = 0, floor = pow(10, quiet / 10);
	size_t n = s->next < MEAN ? s->next + 1 : MEAN;

	for (size_t b = 0; b < s->bands; b++) {
		double p = 0, x;
		size_t k = LOUDEST;

		for (size_t i = 0; i < n; i++)
			p += (double)(f - i)->band[b];
		x = 10 * log10((p / (double)n + floor) / (noise(s, b) + floor)) - bias;
		for (top[k] = fmin(fmax(x, 0), most); k > 0 && top[k] > top[k - 1]; k--) {
			double lower = top[k - 1];

			top[k - 1] = top[k];
			top[k] = lower;
		}
	}
	for (size_t k = 0; k < LOUDEST; k++)
		sum += top[k];
	return sum / LOUDEST;
}

bool
speech_next(struct speech *s, struct speech_frame *out)
{
	const struct measured *f = s->frame + s->next;

	if (s->next == s->nframe || (s->begun < FIRST && !s->ended))
		return false;
	if (isinf(s->loudest)) /* the first one of all: what comes soon tells the noise */
		for (size_t i = 0; i < s->nframe && i < FIRST; i++)
			for (size_t b = 0; b < s->bands; b++)
				s->least[BLOCKS - 1][b] = fminf(s->least[BLOCKS - 1][b], f[i].smooth[b]);
	learn(s, f);
	s->loudest = fmax(s->loudest - decay / 100, (double)f->level);
	out->level = f->level;
	out->voiced = f->voiced;
	out->above = (double)f->level < s->loudest - gate ? 0 : (float)mean_above(s, f);
	s->next++;
	return true;
}
