/* segment: where speech is in a signal, cut at its pauses, as its frames come. */
#ifndef SER_AUDIO_SEGMENT_H
#define SER_AUDIO_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/speech.h"

struct segment_how {
	double min_speech; /* s: shorter speech is none */
	double min_pause;  /* s: shorter pauses are part of a segment */
	double max_speech; /* s: longer segments are cut where their second half is quietest; at least 2 min_speech */
};

/* Frames [begin, end), numbered from 0; the end may be beyond the last one. */
struct segment {
	uint64_t begin, end;
	uint64_t due; /* it was known with this frame */
};

enum { SEGMENT_MEAN = 5 }; /* frames, of which the mean power is compared */

struct segmenter {
	uint64_t min_speech, min_pause, max_speech, pad; /* frames */
	uint64_t at;          /* the next frame */
	uint64_t from;        /* no segment to come begins before this one */
	uint64_t run;         /* frames in a row above the noise, before at, while there is no segment, */
	unsigned loud;        /* and how many of them are so by much */
	bool speaks;          /* there is a segment, */
	uint64_t begin, last; /* whose first frame, and last one above the noise, these are, */
	bool cut;             /* which begins where another one was cut, */
	uint64_t voiced;      /* and which has so many voiced frames */
	double power[SEGMENT_MEAN]; /* of the last frames */
	double least;               /* their least mean in the second half, */
	uint64_t quiet, quiet_voiced; /* around this frame, and voiced frames up to there */
};

/* Frames are that many seconds apart. */
void segmenter_begin(struct segmenter *s, const struct segment_how *how, double hop);

/* Takes the next frame, or NULL at the end. True where a segment is known now; they do not overlap, and
 * have 0.1 s (or half of min_pause) more on both sides, unless cut there. */
bool segmenter_add(struct segmenter *s, const struct speech_frame *f, struct segment *out);

/* The first frame that a segment to come may have. */
uint64_t segmenter_from(const struct segmenter *s);

#endif
