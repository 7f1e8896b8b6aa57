/* golden: the front end against features that librosa made.
 *
 * golden DIR                      runs common/dsp over the files there, TAP output
 * golden STREAM FILE.npy ATOL MEAN  compares a stream's only record with an array: largest and mean difference */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/decode.h"
#include "audio/melspec.h"
#include "audio/resample.h"
#include "audio/signal.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "numpy/npy.h"
#include "stream/tsr.h"

enum { RATE = 22050, SAMPLES = 55125, FRAMES = 108, BANDS = 128, BINS = 1025 };

struct array {
	float *x;
	size_t n, rows, columns; /* columns 1 where there is one dimension */
};

static const char *dir;
static int count, failures;

static void
ok(bool good, const char *name, const char *what, double max, double mean)
{
	failures += !good;
	printf("%sok %d - %s: %s (largest difference %.3g, mean %.3g)\n", good ? "" : "not ", ++count, name, what, max,
	       mean);
}

static void
die(const char *what)
{
	printf("Bail out! %s: %s\n", what, err_text());
	exit(99);
}

/* A .npy of f32; false where it is absent. */
static bool
load_path(const char *path, struct array *a)
{
	struct zip_stream *s = NULL;
	struct npy head;
	struct map m;
	void *data = NULL;

	*a = (struct array){ 0 };
	if (access(path, F_OK) != 0)
		return false;
	if (map_open(&m, path) != ST_OK || zip_plain(&s, m.data, m.size) != ST_OK || npy_open(&head, s) != ST_OK ||
	    npy_load(&head, s, &data) != ST_OK)
		die(path);
	zip_leave(s);
	map_close(&m);
	if (head.dtype != TSR_F32 || head.rank < 1 || head.rank > 2) {
		err_set(ST_DATA, "not a vector or matrix of f32");
		die(path);
	}
	*a = (struct array){ data, (size_t)head.elements, (size_t)head.shape[0],
		head.rank == 2 ? (size_t)head.shape[1] : 1 };
	return true;
}

static bool
load(const char *name, const char *suffix, struct array *a)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s%s", dir, name, suffix);
	return load_path(path, a);
}

static void
release(struct array *a)
{
	free(a->x);
	*a = (struct array){ 0 };
}

/* Differences of got from want; strides turn bands-first into time-first. */
static void
compare(const float *got, const struct array *want, bool transposed, double *max, double *mean)
{
	double sum = 0;

	*max = 0;
	for (size_t r = 0; r < want->rows; r++)
		for (size_t c = 0; c < want->columns; c++) {
			size_t at = transposed ? c * want->rows + r : r * want->columns + c;
			double d = fabs((double)got[at] - want->x[r * want->columns + c]);

			*max = d > *max || isnan(d) ? d : *max;
			sum += d;
		}
	*mean = sum / (double)want->n;
}

static double
largest(const struct array *a)
{
	return signal_peak(a->x, a->n);
}

static struct melspec_options
options(double fmax, enum melspec_scale scale)
{
	return (struct melspec_options){
		.stft = { 2048, 2048, 512, true },
		.mel = { .rate = RATE, .bands = BANDS, .fmin = 0, .fmax = fmax },
		.power = 2, .scale = scale, .ref = NAN, .amin = 1e-10, .top_db = 80,
	};
}

/* (T,F) features of a padded signal. */
static float *
features(const struct array *padded, double fmax, enum melspec_scale scale)
{
	struct melspec_options o = options(fmax, scale);
	struct melspec *m = NULL;
	struct melspec_work w = { 0 };
	float *out = mem_zero(FRAMES * BANDS, sizeof *out);

	if (out == NULL || melspec_new(&m, &o) != ST_OK ||
	    melspec_frames(m, padded->n) != FRAMES || melspec_run(m, &w, padded->x, padded->n, out) != ST_OK)
		die("melspec");
	melspec_work_free(&w);
	melspec_free(m);
	return out;
}

static float *
resampled(const float *x, size_t n, double rate, size_t want)
{
	float *out = mem_zero(want, sizeof *out);

	if (out == NULL || resample(&x, &n, rate, RATE, &out, want, 1) != ST_OK)
		die("resample");
	return out;
}

static void
test_resampled(const char *name, const float *x, size_t n, double rate, const struct array *want)
{
	double max, mean;
	float *got = resampled(x, n, rate, want->n);

	ok(resample_length(n, rate, RATE) == (double)want->n, name, "length after resampling", 0, 0);
	compare(got, want, false, &max, &mean);
	ok(max <= 1e-6, name, "resampled", max, mean);
	free(got);
}

static void
test_resampler(const char *name, double rate)
{
	struct array in, want;

	if (!load(name, ".npy", &in) || !load(name, ".resampled.npy", &want))
		return;
	test_resampled(name, in.x, in.n, rate, &want);
	release(&in);
	release(&want);
}

/* The recording, resampled whole, and its first part resampled alone. */
static void
test_recording(const char *name)
{
	char path[4096];
	struct audio a = { 0 };
	struct array want, padded;
	double max, mean;
	float *part;
	size_t reach;

	snprintf(path, sizeof path, "%s/%s.wav", dir, name);
	if (!load(name, ".resampled.npy", &want) || !load(name, ".padded.npy", &padded))
		return;
	if (decode_file(&a, path) != ST_OK)
		die(path);
	test_resampled(name, a.sample, a.n, a.rate, &want);
	reach = resample_reach(SAMPLES, a.rate, RATE);
	part = resampled(a.sample, a.n < reach ? a.n : reach, a.rate, SAMPLES);
	compare(part, &padded, false, &max, &mean);
	ok(max <= 1e-6, name, "first part resampled and padded", max, mean);
	free(part);
	release(&want);
	release(&padded);
	decode_free(&a);
}

static void
test_power(const char *name, const struct array *padded)
{
	struct stft_options o = { 2048, 2048, 512, true };
	struct stft *s = NULL;
	struct stft_work w = { 0 };
	struct array want;
	double max, mean;
	float *got;

	if (!load(name, ".power.npy", &want))
		return;
	got = mem_zero(want.n, sizeof *got);
	if (got == NULL || stft_new(&s, &o) != ST_OK ||
	    stft_load(s, &w, padded->x, padded->n, 0, stft_frames(s, padded->n)) != ST_OK)
		die("stft");
	for (size_t t = 0; t < FRAMES; t += FFT_LANES) {
		const float *block = stft_power(s, &w, t);

		for (size_t l = 0; l < FFT_LANES && t + l < FRAMES; l++)
			for (size_t k = 0; k < BINS; k++)
				got[k * FRAMES + t + l] = block[k * FFT_LANES + l];
	}
	compare(got, &want, false, &max, &mean);
	ok(max <= 1e-6 * largest(&want), name, "power spectrum", max / largest(&want), mean);
	stft_work_free(&w);
	stft_free(s);
	free(got);
	release(&want);
}

static void
test_mel(const char *name, const struct array *padded)
{
	struct array want;
	double max, mean;
	float *got;

	if (load(name, ".melpower.npy", &want)) {
		got = features(padded, 11025, MELSPEC_POWER);
		compare(got, &want, true, &max, &mean);
		ok(max <= 1e-5 * largest(&want), name, "mel power", max, mean);
		free(got);
		release(&want);
	}
	if (load(name, ".logmel.npy", &want)) {
		got = features(padded, 11025, MELSPEC_DB);
		compare(got, &want, true, &max, &mean);
		ok(largest(&want) == 0 ? max <= 1e-5 : max <= 0.002 && mean <= 1e-4, name, "log-mel to 11025 Hz", max, mean);
		free(got);
		release(&want);
	}
	if (load(name, ".default.npy", &want)) {
		got = features(padded, 8000, MELSPEC_DB);
		compare(got, &want, false, &max, &mean);
		ok(max <= 0.002 && mean <= 1e-4, name, "log-mel to 8000 Hz", max, mean);
		free(got);
		release(&want);
	}
}

static void
test_signal(const char *name)
{
	struct array padded;

	if (!load(name, ".padded.npy", &padded))
		return;
	test_power(name, &padded);
	test_mel(name, &padded);
	release(&padded);
}

static void
test_tables(void)
{
	struct mel_options o = { .rate = RATE, .nfft = 2048, .bands = BANDS, .fmax = 11025 };
	struct array want;
	struct mel *m;
	double max, mean;
	float *got = mem_zero(BANDS * BINS, sizeof *got);

	if (got == NULL || mel_new(&m, &o) != ST_OK)
		die("mel");
	if (load("melfb", ".npy", &want)) {
		for (size_t i = 0; i < want.n; i++)
			got[i] = mel_weight(m, i / BINS, i % BINS);
		compare(got, &want, false, &max, &mean);
		ok(max <= 1e-9, "melfb", "filter bank", max, mean);
		release(&want);
	}
	if (load("hann2048", ".npy", &want)) {
		stft_hann(got, 2048);
		compare(got, &want, false, &max, &mean);
		ok(max <= 6e-8, "hann2048", "window", max, mean);
		release(&want);
	}
	mel_free(m);
	free(got);
}

static int
run_all(void)
{
	static const char *const recordings[] = { "03a01Fa.16k", "03a01Nc.22k", "03a01Wa.48k", "08a01Wa.22k", "09a01Fa.16k",
		"10a01Wa.48k", "11a01Aa.22k", "13a01Ea.16k", "14a01Na.48k", "15a01Ea.22k", "16a01Tb.16k", "16b10Wb.48k",
		"long.16k" };
	static const char *const synthetic[] = { "impulse", "sine1k", "noise0", "silence" };
	static const int rates[] = { 8000, 16000, 44100, 48000 };
	char name[64];

	test_tables();
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		snprintf(name, sizeof name, "chirp%d", rates[i]);
		test_resampler(name, rates[i]);
	}
	for (size_t i = 0; i < sizeof recordings / sizeof recordings[0]; i++) {
		test_recording(recordings[i]);
		test_signal(recordings[i]);
	}
	for (size_t i = 0; i < sizeof synthetic / sizeof synthetic[0]; i++)
		test_signal(synthetic[i]);
	printf("1..%d\n", count);
	return failures > 0;
}

/* 0 where the record is the array within the tolerances, 1 where not. */
static int
run_compare(char **arg)
{
	struct tsr_reader *in;
	struct tsr_chunk head = { 0 }, c = { 0 };
	struct array want;
	double max, mean;

	if (!load_path(arg[1], &want) || tsr_open(&in, arg, 1, 0, false) != ST_OK || tsr_read(in, &head) != ST_OK ||
	    tsr_read(in, &c) != ST_OK || tsr_expect(&c, TSR_F32, 2) != ST_OK)
		die(arg[0]);
	if (c.shape[0] != want.rows || c.shape[1] != want.columns) {
		printf("the shapes differ\n");
		return 1;
	}
	compare(c.data, &want, false, &max, &mean);
	printf("largest difference %.3g, mean %.3g\n", max, mean);
	tsr_clear(&head);
	tsr_clear(&c);
	tsr_close(in);
	release(&want);
	return !(max <= strtod(arg[2], NULL) && mean <= strtod(arg[3], NULL));
}

int
main(int argc, char **argv)
{
	if (argc == 2) {
		dir = argv[1];
		return run_all();
	}
	if (argc == 5)
		return run_compare(argv + 1);
	fprintf(stderr, "usage: golden DIR | golden STREAM FILE.npy ATOL MEAN\n");
	return 2;
}
