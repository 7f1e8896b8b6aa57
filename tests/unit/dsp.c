/* dsp: the numeric front end against direct evaluation of its definitions. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "audio/container.h"
#include "audio/decibel.h"
#include "audio/melspec.h"
#include "audio/noise.h"
#include "audio/resample.h"
#include "audio/signal.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "stream/value.h"
#include "tap.h"

#define PI 3.14159265358979323846

enum { LANES = FFT_LANES, WHOLE = 1 << 20 };

static uint64_t state = 1;

/* Numbers from -1 to 1: a small generator of the test's own (xorshift64). */
static float
any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (float)((double)(state >> 11) / 4503599627370496.0 - 1);
}

static float *
some(size_t n)
{
	float *x = mem_zero(n, sizeof *x);

	if (x == NULL)
		exit(99);
	for (size_t i = 0; i < n; i++)
		x[i] = any();
	return x;
}

/* |X(k)|^2 by the definition, in double. */
static double
direct(const double *x, size_t n, size_t k)
{
	double re = 0, im = 0;

	for (size_t t = 0; t < n; t++) {
		double a = 2 * PI * (double)(k * t % n) / (double)n;

		re += x[t] * cos(a);
		im -= x[t] * sin(a);
	}
	return re * re + im * im;
}

static double
fft_error(size_t n)
{
	struct fft *f;
	float *x = some(n * LANES), *work, *power, *window = some(n);
	size_t *offset = mem_zero(n, sizeof *offset), step = n > 512 ? n / 64 + 1 : 1;
	double *one = mem_zero(n, sizeof *one), worst = 0, largest = 0;

	if (fft_new(&f, n) != ST_OK)
		return INFINITY;
	work = some(fft_work_size(f));
	power = some((n / 2 + 1) * LANES);
	for (size_t t = 0; t < n; t++)
		offset[t] = (t * 7 % n) * LANES; /* any order */
	fft_power(f, &(struct fft_block){ x, offset, window }, work, power);
	for (size_t l = 0; l < LANES; l += 5) {
		for (size_t t = 0; t < n; t++)
			one[t] = (double)window[t] * x[offset[t] + l];
		for (size_t k = 0; k <= n / 2; k += k == 0 || n / 2 - k <= step ? 1 : step) {
			double want = direct(one, n, k), d = fabs(want - power[k * LANES + l]);

			worst = d > worst ? d : worst;
			largest = want > largest ? want : largest;
		}
	}
	fft_free(f);
	free(x);
	free(work);
	free(power);
	free(window);
	free(offset);
	free(one);
	return worst / largest;
}

static void
test_fft(void)
{
	static const size_t sizes[] = { 2, 4, 6, 8, 10, 16, 18, 30, 32, 64, 100, 128, 250, 256, 512, 1000, 1022, 1024, 2048,
		4096, 14700 };
	struct fft *f;
	char name[128];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		double e = fft_error(sizes[i]);

		snprintf(name, sizeof name, "fft of %zu: %.1e off a direct transform", sizes[i], e);
		ok(e < 1e-6, name);
	}
	ok(fft_new(&f, 7) == ST_USAGE && f == NULL, "fft: an odd length is refused");
	ok(fft_new(&f, 0) == ST_USAGE && f == NULL, "fft: no length is refused");
}

/* Every frame of the signal, loaded in parts, against its definition. */
static double
stft_error(struct stft_options o, size_t n, size_t part)
{
	struct stft *s;
	struct stft_work w = { 0 };
	float *x = some(n);
	double *frame = mem_zero(o.nfft, sizeof *frame), worst = 0, largest = 0;
	const float *power = NULL;

	if (frame == NULL || stft_new(&s, &o) != ST_OK)
		return INFINITY;
	for (size_t t = 0, all = stft_frames(s, n); t < all; t++) {
		if (t % part == 0 && stft_load(s, &w, x, n, t, all - t < part ? all - t : part) != ST_OK)
			return INFINITY;
		for (size_t k = 0; k < o.nfft; k++) {
			long at = (long)(t * o.hop + k) - (long)(o.center ? o.nfft / 2 : 0);
			long j = (long)k - (long)((o.nfft - o.window) / 2);

			frame[k] = at < 0 || at >= (long)n || j < 0 || j >= (long)o.window
			               ? 0 : x[at] * (0.5 - 0.5 * cos(2 * PI * (double)j / (double)o.window));
		}
		if (t % LANES == 0)
			power = stft_power(s, &w, t % part);
		for (size_t k = 0; k < stft_bins(s); k++) {
			double want = direct(frame, o.nfft, k), d = fabs(want - power[k * LANES + t % LANES]);

			worst = d > worst ? d : worst;
			largest = want > largest ? want : largest;
		}
	}
	stft_work_free(&w);
	stft_free(s);
	free(frame);
	free(x);
	return worst / largest;
}

static size_t
frames(size_t nfft, size_t hop, bool center, size_t n)
{
	struct stft_options o = { nfft, nfft, hop, center };
	struct stft *s;
	size_t t;

	if (stft_new(&s, &o) != ST_OK)
		return (size_t)-1;
	t = stft_frames(s, n);
	stft_free(s);
	return t;
}

static void
test_stft(void)
{
	struct stft *s;
	float w[6];

	ok(stft_error((struct stft_options){ 64, 64, 16, true }, 1000, WHOLE) < 1e-6, "stft: centred frames");
	ok(stft_error((struct stft_options){ 64, 64, 16, false }, 1000, WHOLE) < 1e-6, "stft: frames from the beginning");
	ok(stft_error((struct stft_options){ 64, 41, 13, true }, 777, WHOLE) < 1e-6, "stft: a short window, an odd hop");
	ok(stft_error((struct stft_options){ 60, 60, 100, true }, 1234, WHOLE) < 1e-6, "stft: gaps, not a power of two");
	ok(stft_error((struct stft_options){ 32, 32, 1, false }, 90, WHOLE) < 1e-6, "stft: a frame for every sample");
	ok(stft_error((struct stft_options){ 64, 64, 16, true }, 3, WHOLE) < 1e-6, "stft: a signal shorter than half a frame");
	ok(stft_error((struct stft_options){ 64, 64, 16, true }, 1000, LANES) < 1e-6, "stft: centred frames, in parts");
	ok(stft_error((struct stft_options){ 64, 41, 13, false }, 777, 2 * LANES) < 1e-6, "stft: an odd hop, in parts");
	ok(stft_error((struct stft_options){ 32, 32, 1, true }, 90, 3 * LANES) < 1e-6, "stft: a frame for every sample, in parts");
	ok(frames(2048, 512, true, 55125) == 108, "stft: 2.5 s are 108 frames");
	ok(frames(2048, 512, false, 55125) == 104, "stft: 104 of them lie inside");
	ok(frames(2048, 512, true, 1) == 1 && frames(2048, 512, true, 0) == 0, "stft: centred, a sample is a frame");
	ok(frames(2048, 512, false, 2048) == 1 && frames(2048, 512, false, 2047) == 0, "stft: else a frame wants all of it");
	ok(stft_new(&s, &(struct stft_options){ 64, 65, 16, true }) == ST_USAGE, "stft: too long a window is refused");
	stft_hann(w, 6);
	ok(w[0] == 0 && fabsf(w[1] - 0.25f) < 1e-7f && fabsf(w[2] - 0.75f) < 1e-7f && w[3] == 1 && w[4] == w[2],
	   "stft: the Hann window is periodic");
}

/* Equal values, bit by bit but for the sign of zeros. */
static bool
equal(const float *a, const float *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static bool
near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance;
}

/* The numbers are those of librosa's manual. */
static void
test_mel_scale(void)
{
	bool good = true;

	ok(near(mel_from_hz(60, false), 0.9, 1e-12) && near(mel_from_hz(440, false), 6.6, 1e-12),
	   "mel: linear below 1 kHz");
	ok(near(mel_from_hz(1000, false), 15, 1e-12) && near(mel_from_hz(6400, false), 42, 1e-9), "mel: logarithmic above");
	ok(near(mel_to_hz(3, false), 200, 1e-9) && near(mel_to_hz(42, false), 6400, 1e-6), "mel: back to Hz");
	ok(near(mel_from_hz(1000, true), 999.9855, 1e-3), "mel: HTK's formula");
	for (int hz = 0; hz < 20000; hz += 37)
		good = good && near(mel_to_hz(mel_from_hz(hz, false), false), hz, 1e-8) &&
		       near(mel_to_hz(mel_from_hz(hz, true), true), hz, 1e-8);
	ok(good, "mel: both ways are inverse");
}

static void
test_mel_bank(void)
{
	enum { NFFT = 8192, BINS = NFFT / 2 + 1, BANDS = 20 };
	struct mel_options o = { 22050, NFFT, BANDS, 100, 9000, false, false };
	struct mel *m, *peaks;
	float *x = some(BINS * LANES), *got = some(BANDS * LANES);
	double worst = 0, area = 0, worst_area = 0, top = 0, crossing = 0;

	if (mel_new(&m, &o) != ST_OK)
		exit(99);
	mel_apply(m, x, got);
	o.peaks = true;
	if (mel_new(&peaks, &o) != ST_OK)
		exit(99);
	for (size_t b = 0; b < BANDS; b++) {
		double sum = 0;

		area = top = 0;
		for (size_t k = 0; k < BINS; k++) {
			area += mel_weight(m, b, k) * 22050.0 / NFFT;
			sum += (double)mel_weight(m, b, k) * x[k * LANES + 3];
			top = fmax(top, mel_weight(peaks, b, k));
			if (b == 7) /* neighbours' triangles add up to 1 between their peaks */
				crossing = fmax(crossing, mel_weight(peaks, 7, k) > 0 && mel_weight(peaks, 8, k) > 0
				                              ? fabs(mel_weight(peaks, 7, k) + mel_weight(peaks, 8, k) - 1.0) : 0);
		}
		worst = fmax(worst, fabs(sum - got[b * LANES + 3]));
		worst_area = fmax(worst_area, fabs(area - 1));
	}
	ok(worst < 1e-6, "mel: sparse and full products agree");
	ok(worst_area < 2e-3, "mel: the area of each band is 1");
	ok(top > 0.95 && top <= 1, "mel: or its peak");
	ok(crossing < 1e-6, "mel: bands overlap by half");
	ok(mel_weight(m, 0, 36) == 0 && mel_weight(m, 0, 39) > 0 && mel_weight(m, BANDS - 1, 3344) == 0,
	   "mel: nothing outside of fmin and fmax");
	ok(mel_empty(m) == 0, "mel: no band is empty");
	mel_free(m);
	o = (struct mel_options){ 22050, 256, 128, 0, 8000, false, false };
	ok(mel_new(&m, &o) == ST_OK && mel_empty(m) > 0, "mel: narrow bands between two bins are");
	mel_free(m);
	mel_free(peaks);
	o.fmax = 11026;
	ok(mel_new(&m, &o) == ST_USAGE, "mel: a band above half the rate is refused");
	o.fmin = o.fmax = 500;
	ok(mel_new(&m, &o) == ST_USAGE, "mel: an empty range is refused");
	free(x);
	free(got);
}

static void
test_decibel(void)
{
	enum { N = 4000 };
	float x[N], y[N], silence[5] = { 0 };
	double worst = 0, worst_log = 0;

	for (size_t i = 0; i < N; i++)
		x[i] = y[i] = (float)pow(10, -12 + 16.0 * (double)i / N);
	decibel_from_power(y, N, 2, 1e-10, NAN);
	for (size_t i = 0; i < N; i++)
		worst = fmax(worst, fabs(y[i] - 10 * log10(fmax(x[i], 1e-10) / 2)));
	memcpy(y, x, sizeof x);
	decibel_log(y, N, 1e-11);
	for (size_t i = 0; i < N; i++)
		worst_log = fmax(worst_log, fabs(y[i] / log(fmax(x[i], 1e-11)) - 1));
	ok(worst < 2e-5, "decibel: against log10");
	ok(worst_log < 1e-6, "decibel: the natural logarithm");
	decibel_from_power(x, N, NAN, 1e-10, 80);
	ok(x[N - 1] == 0 && x[0] == -80 && x[N / 2] > -80 && x[N / 2] < 0, "decibel: the largest is 0, none below -80");
	decibel_from_power(silence, 5, NAN, 1e-10, 80);
	ok(silence[0] == 0 && silence[4] == 0, "decibel: silence is 0");
	/* The largest in each place of each number of values, all far below 1. */
	worst = 0;
	for (size_t n = 1; n <= 70; n++)
		for (size_t at = 0; at < n; at++) {
			for (size_t i = 0; i < n; i++)
				x[i] = i == at ? 1e-3f : 1e-5f;
			decibel_from_power(x, n, NAN, 1e-10, 80);
			for (size_t i = 0; i < n; i++)
				worst = fmax(worst, fabs(x[i] - (i == at ? 0 : -20)));
		}
	ok(worst < 2e-5, "decibel: the largest is found in any place");
}

static struct melspec *
small_plan(enum melspec_scale scale, double power)
{
	struct melspec_options o = { { 256, 256, 64, true }, { 8000, 256, 10, 0, 4000, false, false }, power, scale, NAN,
		1e-10, 80, false };
	struct melspec *m;

	if (melspec_new(&m, &o) != ST_OK)
		exit(99);
	return m;
}

static void
test_melspec(void)
{
	enum { N = 3000, T = 1 + N / 64, F = 10 };
	struct melspec_work w = { 0 }, w1 = { 0 };
	struct melspec *m = small_plan(MELSPEC_POWER, 2), *m1 = small_plan(MELSPEC_POWER, 1);
	float *x = some(N), *a = some(T * F), *b = some(T * F), *c = some(T * F);
	double worst = 0;

	ok(melspec_frames(m, N) == T, "melspec: its number of frames");
	melspec_run(m, &w, x, N, a);
	signal_scale(x, N, 3);
	melspec_run(m, &w, x, N, b);
	for (size_t i = 0; i < T * F; i++)
		worst = fmax(worst, fabs((double)b[i] / a[i] - 9));
	ok(worst < 1e-4, "melspec: a signal three times as large has nine times the power");
	melspec_run(m1, &w1, x, N, b);
	signal_scale(x, N, 0.5);
	melspec_run(m1, &w1, x, N, c);
	worst = 0;
	for (size_t i = 0; i < T * F; i++)
		worst = fmax(worst, fabs(c[i] / b[i] - 0.5));
	ok(worst < 1e-5, "melspec: power 1 is proportional");
	melspec_run(m, &w, x, 100, a); /* shorter, longer and shorter again in the same memory */
	melspec_run(m, &w, x, N, b);
	melspec_run(m, &w, x, 100, c);
	ok(equal(a, c, 2 * F), "melspec: nothing is left of the record before");
	x[500] = NAN;
	ok(melspec_run(m, &w, x, N, a) == ST_DATA, "melspec: NaN is refused");
	x[500] = 1e30f;
	ok(melspec_run(m, &w, x, N, a) == ST_DATA, "melspec: so is what overflows");
	melspec_work_free(&w);
	melspec_work_free(&w1);
	melspec_free(m);
	melspec_free(m1);
	free(x);
	free(a);
	free(b);
	free(c);
}

/* Largest difference of a resampled sine from the sine, apart from the ends. */
static double
sine_error(double from, double to, double hz)
{
	enum { SECONDS = 1 };
	size_t n = (size_t)from * SECONDS, want = (size_t)resample_length(n, from, to), edge = (size_t)(to / 20);
	float *x = some(n), *y = some(want);
	double worst = 0;

	for (size_t i = 0; i < n; i++)
		x[i] = (float)sin(2 * PI * hz * (double)i / from);
	if (resample((const float *const[]){ x }, &n, from, to, (float *const[]){ y }, want, 1) != ST_OK)
		return INFINITY;
	for (size_t i = edge; i + edge < want; i++)
		worst = fmax(worst, fabs(y[i] - sin(2 * PI * hz * (double)i / to)));
	free(x);
	free(y);
	return worst;
}

/* Differences between the beginning resampled alone and as part of the whole,
 * among others of other lengths. */
static bool
part_is_whole(double from, double to)
{
	enum { WANT = 20000 };
	size_t reach = resample_reach(WANT, from, to), whole = 2 * reach, all = (size_t)resample_length(whole, from, to);
	float *x = some(whole), *y = some(all), *part = some(WANT), *among = some(WANT), *rest = some(2 * WANT);
	double worst = 0;
	int rc = resample((const float *const[]){ x }, &whole, from, to, (float *const[]){ y }, all, 1);

	if (rc == ST_OK)
		rc = resample((const float *const[]){ x }, &reach, from, to, (float *const[]){ part }, WANT, 1);
	if (rc == ST_OK)
		rc = resample((const float *const[]){ x + 5, x, x + 9 }, (const size_t[]){ 100, reach, whole - 9 }, from, to,
		              (float *const[]){ rest, among, rest + WANT }, WANT, 3);
	for (size_t i = 0; i < WANT; i++)
		worst = fmax(worst, fmax(fabs((double)part[i] - y[i]), fabs((double)among[i] - y[i])));
	if (rest[resample_length(100, from, to) < WANT ? (size_t)resample_length(100, from, to) : 0] != 0)
		worst = INFINITY;
	free(x);
	free(y);
	free(part);
	free(among);
	free(rest);
	return rc == ST_OK && worst <= 1e-6;
}

/* Samples of a signal that comes in pieces that differ from the whole's. */
static size_t
pieces_differ(double from, double to, size_t piece)
{
	size_t n = (size_t)(3 * from) + 17, all = (size_t)resample_length(n, from, to), fed = 0, made = 0, wrong = 0;
	size_t used, got = 1;
	bool ended = false;
	float *x = some(n), *y = some(all), *z = some(all + 1);
	struct resampler *r = NULL;

	if (resampler_open(&r, from, to) != ST_OK || resample((const float *const[]){ x }, &n, from, to,
	                                                       (float *const[]){ y }, all, 1) != ST_OK)
		return SIZE_MAX;
	while (!ended || got > 0) {
		size_t room = all + 1 - made < piece ? all + 1 - made : piece;

		ended = fed == n;
		if (resampler_run(r, x + fed, n - fed < piece ? n - fed : piece, &used, z + made, room, &got) != ST_OK)
			return SIZE_MAX;
		fed += used;
		made += got;
	}
	for (size_t i = 0; i < all && made == all; i++)
		wrong += memcmp(&y[i], &z[i], sizeof *y) != 0;
	resampler_close(r);
	free(x);
	free(y);
	free(z);
	return made == all ? wrong : SIZE_MAX;
}

static void
test_resample(void)
{
	static const double rates[] = { 8000, 11025, 16000, 22050, 24000, 44100, 48000, 96000, 192000 };
	char name[128];
	size_t n = 1000;
	float *x = some(n), y[1000];

	ok(resample_length(40000, 16000, 22050) == 55125, "resample: a length without rest");
	ok(resample_length(40001, 16000, 22050) == 55127, "resample: another is rounded up");
	ok(sine_error(16000, 22050, 1000) < 1e-5 && sine_error(48000, 22050, 5000) < 1e-5, "resample: a sine stays a sine");
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		snprintf(name, sizeof name, "resample: %g Hz, the part is as in the whole", rates[i]);
		ok(part_is_whole(rates[i], 22050), name);
		snprintf(name, sizeof name, "resample: %g Hz, in pieces to the last bit as in one call", rates[i]);
		ok(pieces_differ(rates[i], 22050, 1000) == 0 && pieces_differ(rates[i], 22050, 77) == 0 &&
		       pieces_differ(rates[i], 16000, 4096) == 0 && pieces_differ(rates[i], 1000, 2000) == 0, name);
	}
	ok(part_is_whole(44100, 16000) && part_is_whole(22051, 22050), "resample: other ratios too");
	ok(resample((const float *const[]){ x }, &n, 22050, 22050, (float *const[]){ y }, n, 1) == ST_OK &&
	       equal(x, y, n), "resample: the same rate changes nothing");
	free(x);
}

static void
test_signal(void)
{
	float x[5] = { 0, 3, -4, 0, 0 }, y[5], bad[3] = { 1, INFINITY, 1 };
	const float want[5] = { 0, 0, 0, 3, -4 }, back[5] = { 3, -4, 0, 0, 0 };

	ok(signal_peak(x, 5) == 4 && near(signal_rms(x, 5), sqrt(5), 1e-12), "signal: peak and rms");
	ok(signal_peak(x, 0) == 0 && signal_rms(x, 0) == 0, "signal: of nothing");
	signal_shift(x, 5, 2, y);
	ok(equal(y, want, 5), "signal: shifted by 2");
	signal_shift(x, 5, -1001, y);
	ok(equal(y, back, 5), "signal: shifted by -1001");
	signal_shift(x, 5, 0, y);
	ok(equal(y, x, 5), "signal: shifted by 0");
	signal_level(x, 5, signal_peak(x, 5), -6);
	ok(near(signal_peak(x, 5), pow(10, -0.3), 1e-6), "signal: a peak of -6 dB");
	signal_level(x, 5, signal_rms(x, 5), -20);
	ok(near(signal_rms(x, 5), 0.1, 1e-7), "signal: an rms of -20 dB");
	ok(value_finite(x, 5) && !value_finite(bad, 3), "signal: infinity is found");
	bad[1] = NAN;
	ok(!value_finite(bad, 3), "signal: NaN is found");
}

/* In pieces of some lengths, which must not matter. */
static void
trim(const float *x, size_t n, double db, size_t *first, size_t *last)
{
	static const size_t pieces[] = { 1, 22050, 100, 5000 };
	static struct trim t;
	const struct trim_how how = trim_librosa(db);
	uint64_t begin, end;

	for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		trim_begin(&t, &how);
		for (size_t k = 0; k < n; k += pieces[i])
			if (trim_add(&t, x + k, n - k < pieces[i] ? n - k : pieces[i]) != ST_OK)
				exit(99);
		if (trim_end(&t, &begin, &end) != ST_OK)
			exit(99);
		if (i > 0 && (*first != begin || *last != end))
			begin = end = SIZE_MAX;
		*first = (size_t)begin;
		*last = (size_t)end;
	}
	trim_free(&t);
}

static void
test_trim(void)
{
	enum { N = 22050, FROM = 8000, TO = 12000 };
	float *x = mem_zero(N, sizeof *x);
	size_t first, last;

	if (x == NULL)
		exit(99);
	trim(x, N, 60, &first, &last);
	ok(first == 0 && last == N, "trim: silence is kept");
	for (size_t i = FROM; i < TO; i++)
		x[i] = 0.5f;
	trim(x, N, 60, &first, &last);
	/* Frames of 2048 about multiples of 512 that hold a sample of the tone; up to the next one. */
	ok(first == 7168 && last == 13312, "trim: silence at both ends goes, by whole hops");
	for (size_t i = 0; i < N; i++)
		x[i] += 0.01f;
	trim(x, N, 60, &first, &last);
	ok(first == 0 && last == N, "trim: what is 34 dB below is kept");
	trim(x, N, 20, &first, &last);
	ok(first > 6000 && last < 14000, "trim: and dropped by 20 dB");
	free(x);
}

static void
test_noise(void)
{
	enum { N = 200000 };
	float *x = some(N), *y = some(N), *z = some(N);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double sum = 0, squares = 0, tails = 0, a;

	gsl_rng_set(rng, 5);
	noise_add(x, N, 0.5, rng, y);
	for (size_t i = 0; i < N; i++) {
		double d = y[i] - x[i];

		sum += d;
		squares += d * d;
		tails += fabs(d) > 1;
	}
	ok(fabs(sum / N) < 0.005 && near(sqrt(squares / N), 0.5, 0.005), "noise: mean 0, standard deviation as asked");
	ok(near(tails / N, 0.0455, 0.003), "noise: one in 22 is beyond two standard deviations");
	gsl_rng_set(rng, 5);
	noise_add(x, N, 0.5, rng, z);
	ok(equal(y, z, N), "noise: the same seed, the same noise");
	a = noise_add_snr(x, N, 10, rng, y);
	for (size_t i = 0; i < N; i++)
		z[i] = y[i] - x[i];
	ok(a > 0 && near(20 * log10(signal_rms(x, N) / signal_rms(z, N)), 10, 1e-3), "noise: the ratio is exact");
	memset(x, 0, N * sizeof *x);
	ok(noise_add_snr(x, N, 10, rng, y) == 0 && signal_peak(y, N) == 0, "noise: none to silence");
	gsl_rng_free(rng);
	free(x);
	free(y);
	free(z);
}

/* What link_find says of a file of these bytes. */
static int
container_check(const unsigned char *data, size_t size)
{
	char name[] = "container.XXXXXX";
	int fd = mkstemp(name), rc;
	struct input *in;
	struct link l;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) != 0 || input_open(&in, name) != ST_OK)
		exit(99);
	remove(name);
	rc = link_find(in, 0, false, &l);
	input_close(in);
	return rc;
}

/* A header whose audio is cut at every byte; the whole passes. */
static void
test_container(const char *name, const unsigned char *file, size_t head, size_t audio)
{
	unsigned char *copy = mem_zero(head + audio, 1);
	bool good = true;

	if (copy == NULL)
		exit(99);
	memcpy(copy, file, head);
	good = container_check(copy, head + audio) == ST_OK;
	for (size_t n = head; n < head + audio; n++)
		good = good && container_check(copy, n) == ST_DATA;
	for (size_t n = 0; n < head; n++)
		container_check(copy, n); /* may say what it likes, but not read beyond */
	ok(good, name);
	free(copy);
}

static void
test_containers(void)
{
	static const unsigned char wav[] = "RIFF\x38\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x04\0\0\0abcddata\x14\0\0";
	static const unsigned char piped[] = "RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff" "12345";
	static const unsigned char unclosed[] = "RIFF\0\0\0\0WAVEdata\0\0\0\0" "12345678";
	static const unsigned char rf64[] =
		"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0--------\x14\0\0\0\0\0\0\0--------\0\0\0\0data\xff\xff\xff\xff";
	static const unsigned char aiff[] = "FORM\0\0\0\x2a" "AIFFCOMM\0\0\0\x02" "abSSND\0\0\0\x14";
	static const unsigned char au[] = ".snd\0\0\0\x18\0\0\0\x14\0\0\0\x03\0\0\x1f\x40\0\0\0\x01";
	static const unsigned char caf[] = "caff\0\x01\0\0desc\0\0\0\0\0\0\0\x03" "abcdata\0\0\0\0\0\0\0\x14";

	test_container("container: WAV", wav, sizeof wav, 20);
	test_container("container: RF64", rf64, sizeof rf64 - 1, 20);
	test_container("container: AIFF", aiff, sizeof aiff - 1, 20);
	test_container("container: AU", au, sizeof au - 1, 20);
	test_container("container: CAF", caf, sizeof caf - 1, 20);
	ok(container_check(piped, sizeof piped) == ST_OK, "container: WAV from a pipe leaves the size open");
	ok(container_check(unclosed, sizeof unclosed) == ST_OK, "container: WAV that was not closed, too");
	ok(container_check((const unsigned char *)"plain text, no audio", 20) == ST_OK, "container: others pass");
}

static void
test_hash(void)
{
	static const size_t sizes[] = { 0, 1, 8, 100, 240, 241, 1024, 4097, 20000 };
	float *x = some(20000);
	bool same = true;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		for (uint64_t seed = 0; seed < 2; seed++)
			same = same && hash_bytes(sizes[i] == 0 ? NULL : x, sizes[i], seed) == XXH3_64bits_withSeed(x, sizes[i], seed);
	ok(same, "hash: as the library's");
	free(x);
}

int
main(void)
{
	test_hash();
	gsl_set_error_handler_off();
	test_fft();
	test_stft();
	test_mel_scale();
	test_mel_bank();
	test_decibel();
	test_melspec();
	test_resample();
	test_signal();
	test_trim();
	test_noise();
	test_containers();
	return finish();
}
