/* clip: recordings, or parts of them, decoded and resampled: the beginnings of a
 * few at a time, or one as a stream. */
#ifndef SER_AUDIO_CLIP_H
#define SER_AUDIO_CLIP_H

#include <stdbool.h>
#include <stddef.h>

#include "audio/decode.h"

enum { CLIP_GROUP = 4 };

enum { CLIP_MIX = 0, CLIP_APART = -1 }; /* the mean of the channels; each by itself, of a stream */

/* A recording. Zero-initialise before use; its memory is reused. */
struct clip {
	char *path;        /* "-": standard input; clip_free frees it */
	char *where;       /* for messages on the part: where it comes from; NULL: the whole recording */
	double start, end; /* seconds: the part, rounded to whole frames; end NAN: to the recording's end */
	int channel;       /* CLIP_MIX, CLIP_APART, or the one that is taken, from 1 */
	bool look;         /* for clipping, where channels are apart that of their mean */
	int rc;            /* result: the status, and its message */
	char *message;
	bool clipped;  /* result: has three consecutive samples of one value at full scale (0.98 at least) */
	const char *note; /* result: how it was read otherwise than its header says, or NULL */
	float *signal; /* result: the first resampled samples, n of them, and zeros up to as many as were asked for */
	size_t n;
	size_t cap;
};

/* The beginning of a decoded clip. */
struct clip_head {
	float *sample;
	size_t n, cap;
	uint64_t frames; /* of the whole clip */
	double rate;     /* Hz */
};

/* The file of which the last part was read stays open, as the next part is often of it. */
struct clip_kept {
	char *path;
	struct decoder *decoder;
};

/* A worker's memory; zero-initialise before use. */
struct clip_work {
	struct clip_head head[CLIP_GROUP];
	struct clip_kept kept;
};

/* Decodes count clips to their ends, CLIP_GROUP at most, and resamples them to rate
 * (Hz): that many samples at most. Clips of the same rate share the design of the
 * resampling filters, which does not change the result. A failure stays with its
 * clip. */
void clip_load(struct clip_work *w, struct clip *const *clips, size_t count, double rate, size_t samples,
               const struct decode_how *how);

/* A clip whose samples are resampled as they are decoded. */
struct clip_stream;
int clip_open(struct clip_stream **s, struct clip *c, double rate, const struct decode_how *how,
              struct clip_kept *kept);
void clip_close(struct clip_stream *s); /* NULL is fine */

size_t clip_channels(const struct clip_stream *s); /* 1 but for CLIP_APART */

/* Some samples of a channel, from 0, more, room at most, about 50 ms of them; *got is 0 at the
 * clip's end, where the recording has been found whole. What one channel is ahead of others is held. */
int clip_read(struct clip_stream *s, size_t channel, float *out, size_t room, size_t *got);

/* Back to the clip's beginning: how->again was set. */
int clip_again(struct clip_stream *s);

/* Keeps the thread's message as the clip's; says it, as err_set, as "PATH: message". */
void clip_fail(struct clip *c, int rc);
int clip_error(const struct clip *c);

void clip_free(struct clip *c);
void clip_work_free(struct clip_work *w);

#endif
