/* Writes recordings that sound a little like speech: clips wav|flac RATE COUNT SECONDS
 * FOLDER; each is 0.8 to 1.2 times as long, or, where there is one, SECONDS. Prints a
 * manifest: sertools(7). Six labels, 24 speakers. The same arguments give the same bytes. */
#include <math.h>
#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMANTS = 3, CHUNK = 1 << 16, SPEAKERS = 24, LABELS = 6 };

struct voice {
	uint64_t random;
	double rate, pitch, phase, level, want; /* Hz, Hz, turns, and the loudness now and soon */
	double a[FORMANTS], b[FORMANTS], y[FORMANTS][2];
	long left; /* samples of this syllable */
};

/* 0 to 1, by Knuth's generator. */
static double
uniform(struct voice *v)
{
	v->random = v->random * 6364136223846793005U + 1442695040888963407U;
	return (double)(v->random >> 40) / (double)(1 << 24);
}

/* Another vowel, or a pause. */
static void
syllable(struct voice *v, int speaker, int label)
{
	static const double low[FORMANTS] = { 300, 900, 2300 }, span[FORMANTS] = { 500, 1200, 700 };

	v->left = (long)(v->rate * (0.1 + 0.15 * uniform(v)));
	v->want = uniform(v) < 0.2 ? 0 : 0.3 + 0.7 * uniform(v);
	v->pitch = 90 + 4 * speaker + 12 * label + 60 * uniform(v);
	for (int k = 0; k < FORMANTS; k++) {
		double hz = low[k] + span[k] * uniform(v), r = exp(-acos(-1) * (60 + 40 * k) / v->rate);

		v->a[k] = 2 * r * cos(2 * acos(-1) * hz / v->rate);
		v->b[k] = -r * r;
	}
}

/* The next sample: pulses and breath through resonances, and some noise in the room. */
static float
sample(struct voice *v)
{
	double x = 0.02 * (uniform(v) - 0.5), out = 0;

	v->phase += v->pitch / v->rate;
	if (v->phase >= 1) {
		v->phase -= 1;
		x += 0.1;
	}
	v->level += (v->want - v->level) * 0.002;
	for (int k = 0; k < FORMANTS; k++) {
		double y = x + v->a[k] * v->y[k][0] + v->b[k] * v->y[k][1];

		v->y[k][1] = v->y[k][0];
		v->y[k][0] = y;
		out += y / (1 + k);
	}
	out = 0.25 * out * v->level + 0.002 * (uniform(v) - 0.5);
	return (float)(out > 0.99 ? 0.99 : out < -0.99 ? -0.99 : out);
}

static int
clip(const char *path, int flac, int rate, long samples, int index)
{
	static float chunk[CHUNK];
	SF_INFO info = { .samplerate = rate, .channels = 1, .format = (flac ? SF_FORMAT_FLAC : SF_FORMAT_WAV) | SF_FORMAT_PCM_16 };
	SNDFILE *f = sf_open(path, SFM_WRITE, &info);
	struct voice v = { .random = (uint64_t)index * 2654435761U + 1, .rate = rate };
	int good = f != NULL;

	while (good && samples > 0) {
		long n = samples < CHUNK ? samples : CHUNK;

		for (long i = 0; i < n; i++) {
			if (v.left-- <= 0)
				syllable(&v, index % SPEAKERS, index % LABELS);
			chunk[i] = sample(&v);
		}
		good = sf_write_float(f, chunk, n) == n;
		samples -= n;
	}
	return f != NULL && sf_close(f) == 0 && good ? 0 : -1;
}

int
main(int argc, char **argv)
{
	static const char *const label[LABELS] = { "anger", "disgust", "fear", "happy", "neutral", "sad" };
	int rate = argc > 5 ? atoi(argv[2]) : 0, count = argc > 5 ? atoi(argv[3]) : 0;
	double seconds = argc > 5 ? atof(argv[4]) : 0;
	char path[4096];

	if (rate < 1 || count < 1 || seconds <= 0 || strlen(argv[5]) > 4000) {
		fprintf(stderr, "usage: clips wav|flac RATE COUNT SECONDS FOLDER\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		double spread = count == 1 ? 1 : 0.8 + 0.4 * (i * 37 % 100) / 99;

		snprintf(path, sizeof path, "%s/%06d.%s", argv[5], i, argv[1]);
		if (clip(path, argv[1][0] == 'f', rate, (long)(seconds * rate * spread), i) != 0) {
			fprintf(stderr, "clips: %s: cannot be written\n", path);
			return 4;
		}
		printf("%s\t%06d\t%s\t%d\n", path, i, label[i % LABELS], i % SPEAKERS);
	}
	return 0;
}
