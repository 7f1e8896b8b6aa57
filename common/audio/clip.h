/* clip: audio files decoded and resampled, a few at a time. */
#ifndef SER_AUDIO_CLIP_H
#define SER_AUDIO_CLIP_H

#include <stddef.h>

#include "audio/decode.h"

enum { CLIP_GROUP = 4 };

/* One file. Zero-initialise before use; its memory is reused. */
struct clip {
	char *path;       /* "-": standard input; clip_free frees it */
	int rc;           /* result: the status, and its message */
	char *message;
	float *signal;    /* result: the resampled samples */
	size_t n;
	size_t cap;
};

/* A worker's memory; zero-initialise before use. */
struct clip_work {
	struct audio audio[CLIP_GROUP];
};

/* Reads count clips, CLIP_GROUP at most, and resamples them to rate (Hz): that
 * many samples at most, or, with 0, all. Clips of the same rate that are cut so
 * share the design of the resampling filters, which does not change the result.
 * A failure stays with its clip. */
void clip_load(struct clip_work *w, struct clip *const *clips, size_t count, double rate, size_t samples);

/* As err_set, for a clip: "PATH: message". */
int clip_error(const struct clip *c);

void clip_free(struct clip *c);
void clip_work_free(struct clip_work *w);

#endif
