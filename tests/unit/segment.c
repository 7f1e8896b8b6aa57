/* segment: where speech is, by frames made here, and which frames sounds have. */
#include <math.h>
#include <stdlib.h>

#include "audio/segment.h"
#include "base/err.h"
#include "tap.h"

#define PI 3.14159265358979323846
enum { RATE = 16000, MOST = 20 };

static struct segment found[MOST];
static size_t nfound;

/* Frames as letters: ' ' the noise, 's' somewhat and 'u' well above it, unvoiced; 'v' well above it, voiced;
 * 'q' the same, but quieter. */
static void
segment(const char *frames, double min_speech, double min_pause, double max_speech)
{
	struct segmenter s;
	struct segment *out = found;

	segmenter_begin(&s, &(struct segment_how){ min_speech, min_pause, max_speech }, 0.01);
	for (const char *f = frames; *f != '\0'; f++) {
		struct speech_frame frame = { .above = *f == ' ' ? 0 : *f == 's' ? 4 : 15,
			                          .level = *f == ' ' ? -60 : *f == 'q' ? -40 : -20,
			                          .voiced = *f == 'v' || *f == 'q' };

		out += segmenter_add(&s, &frame, out);
	}
	out += segmenter_add(&s, NULL, out);
	nfound = (size_t)(out - found);
}

static bool
is(size_t i, uint64_t begin, uint64_t end, uint64_t due)
{
	return i < nfound && found[i].begin == begin && found[i].end == end && found[i].due == due;
}

#define TEN_V "vvvvvvvvvv"
#define TEN_S "ssssssssss"
#define TEN_ "          "

static void
test_frames(void)
{
	segment(TEN_ TEN_ TEN_V TEN_V TEN_V TEN_ TEN_ TEN_ TEN_, 0.25, 0.3, 10);
	ok(nfound == 1 && is(0, 10, 60, 79), "speech, with 0.1 s on both sides, known when the pause is long enough");
	segment(TEN_ TEN_V TEN_V TEN_, 0.25, 0.3, 10);
	ok(nfound == 0, "too short");
	segment(TEN_ TEN_V TEN_V TEN_ TEN_ TEN_V TEN_, 0.25, 0.3, 10);
	ok(nfound == 1 && is(0, 0, 70, 70), "a short pause is part of it; the end of all ends it");
	segment(TEN_ TEN_ TEN_V TEN_V TEN_V "          " TEN_V TEN_V TEN_V TEN_, 0.25, 0.1, 10);
	ok(nfound == 2 && is(0, 15, 55, 59) && is(1, 55, 95, 99), "short pauses, on request: half of them on both sides");
	segment(TEN_ TEN_ TEN_S TEN_V TEN_V TEN_S TEN_ TEN_ TEN_, 0.25, 0.3, 10);
	ok(nfound == 1 && is(0, 10, 70, 89), "what is somewhat above the noise belongs to it, but does not make it");
	segment(TEN_ TEN_S TEN_S TEN_S TEN_S TEN_S TEN_S TEN_S TEN_V TEN_V TEN_V TEN_ TEN_ TEN_, 0.25, 0.3, 10);
	ok(nfound == 1 && found[0].begin == 24, "but not for longer than half a second");
	segment(TEN_ "uuuuuuuuuu" "uuuuuuuuuu" "uuuuuuuuuu" "uuuuuuuuuu" "vvvvvv" TEN_ TEN_ TEN_, 0.25, 0.3, 10);
	ok(nfound == 0, "little of it voiced is none");
	segment(TEN_ "uuuuuuuuuu" "uuuuuuuuuu" "vvvvvvu" TEN_ TEN_ TEN_, 0.25, 0.3, 10);
	ok(nfound == 1, "a fifth is");
	segment(TEN_V TEN_V TEN_V "vvvvvvqqqq" "qqvvvvvvvv" TEN_V TEN_V TEN_ TEN_ TEN_, 0.2, 0.3, 0.8);
	ok(nfound == 2 && is(0, 0, 38, 59) && is(1, 38, 80, 99), "too long: cut in the middle of the quietest place");
	segment("", 0.25, 0.3, 10);
	ok(nfound == 0, "nothing");
}

/* Frames of a sound of two seconds: how many are above the noise, and voiced. */
static void
measure(double rate, double (*sound)(double t), size_t piece, size_t *frames, size_t *above, size_t *voiced)
{
	struct speech *s;
	struct speech_frame f;
	size_t n = (size_t)(2 * rate);
	float *x = malloc(n * sizeof *x);

	*frames = *above = *voiced = 0;
	if (x == NULL || speech_open(&s, rate) != ST_OK)
		exit(4);
	for (size_t i = 0; i < n; i++)
		x[i] = (float)sound((double)i / rate);
	for (size_t i = 0; i <= n; i += piece) {
		if ((i < n ? speech_add(s, x + i, n - i < piece ? n - i : piece) : ST_OK) != ST_OK)
			exit(4);
		if (i + piece >= n && speech_end(s) != ST_OK)
			exit(4);
		for (; speech_next(s, &f); ++*frames) {
			*above += f.above > 6;
			*voiced += f.voiced;
		}
	}
	speech_close(s);
	free(x);
}

static double
silence(double t)
{
	(void)t;
	return 0;
}

static double
noise(double t)
{
	static unsigned seed = 1;

	(void)t;
	seed = seed * 1664525 + 1013904223;
	return 0.1 * ((double)seed / 2147483648.0 - 1);
}

/* Pulses of 125 Hz, in the second half of the time. */
static double
voice(double t)
{
	return (t < 1 ? 0 : 0.3 * pow(cos(PI * 125 * t), 20) - 0.05) + 0.001 * noise(t);
}

static void
test_sounds(void)
{
	size_t frames, above, voiced, pieces[3];
	struct speech *s;

	ok(speech_open(&s, 1999) == ST_USAGE, "a rate too low for speech");
	for (double rate = 8000; rate <= 48000; rate *= 6) {
		measure(rate, silence, 999, &frames, &above, &voiced);
		ok(frames == 200 && above == 0 && voiced == 0, "silence");
		measure(rate, noise, 999, &frames, &above, &voiced);
		ok(frames == 200 && above == 0 && voiced < 10, "noise");
		measure(rate, voice, 999, &frames, &above, &voiced);
		ok(frames == 200 && above >= 98 && above <= 106 && voiced >= 95 && voiced <= 110, "voice in half of the time");
		printf("# %g Hz: %zu above, %zu voiced\n", rate, above, voiced);
	}
	for (size_t i = 0; i < 3; i++)
		measure(RATE, voice, (size_t[]){ 1, 160, 2 * RATE }[i], &frames, &pieces[i], &voiced);
	ok(pieces[0] == pieces[1] && pieces[1] == pieces[2], "in pieces of any length");
}

int
main(void)
{
	test_frames();
	test_sounds();
	return finish();
}
