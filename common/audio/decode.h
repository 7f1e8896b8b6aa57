/* audio: whole audio files as one channel of float samples, by libsndfile. */
#ifndef SER_AUDIO_DECODE_H
#define SER_AUDIO_DECODE_H

#include <stddef.h>

/* Zero-initialise before use; the next read reuses the memory. */
struct audio {
	float *sample; /* the mean of the channels; integer formats scaled to -1..1 */
	size_t n;
	double rate;   /* Hz */
	int channels;  /* of the file */
	size_t cap;
	float *block;  /* interleaved, as decoded */
	size_t block_cap;
};

enum {
	AUDIO_MAX = 1 << 30,      /* frames: 6.7 hours at 44.1 kHz */
	AUDIO_PIPE_MAX = 1 << 30, /* bytes from a pipe, which are kept in memory */
};

/* Reads the file of that name, "-" for standard input, which may be a pipe.
 * ST_DATA where it cannot be opened, is no audio, is cut off, is empty or has a
 * sample that is not finite; the message does not name the file. */
int decode_file(struct audio *a, const char *name);
void decode_free(struct audio *a);

#endif
