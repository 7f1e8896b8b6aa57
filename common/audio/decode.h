/* decode: audio files as one channel of float samples, by libsndfile, a block at
 * a time. */
#ifndef SER_AUDIO_DECODE_H
#define SER_AUDIO_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AUDIO_MAX = 1 << 30, /* frames of a whole file in memory: 6.7 hours at 44.1 kHz */
};

struct decoder;
struct raw;

/* How a file is read; zero: as it says itself. */
struct decode_how {
	bool ignore_length; /* read to the end, whatever the header claims */
	const struct raw *raw; /* headerless: what it is; NULL: the header says it */
	bool again;         /* decode_again will be called: what comes from a pipe is kept, on disk where it is long */
};

/* Opens the file of that name, "-" for standard input, which may be a pipe.
 * ST_DATA where it cannot be opened, is no audio or is known to be cut off; the
 * message does not name the file. *d is NULL on failure. */
int decode_open(struct decoder **d, const char *name, const struct decode_how *how);
void decode_close(struct decoder *d); /* NULL is fine */

double decode_rate(const struct decoder *d);     /* Hz */
int decode_channels(const struct decoder *d);    /* of the file */
uint64_t decode_frames(const struct decoder *d); /* that the header claims; 0: it does not say */
uint64_t decode_at(const struct decoder *d);     /* the next frame */

/* What was read otherwise than the header says, or NULL: for those who ask. */
const char *decode_note(const struct decoder *d);

/* Reads at most that many frames into mono: the mean of the channels, integer
 * formats scaled to -1..1. *got may be less before the end. At the end *got is 0, and
 * the file was as long as it claims. ST_DATA where it is cut off, damaged or empty,
 * or has a sample that is not finite; nothing can be read after that. */
int decode_read(struct decoder *d, float *mono, size_t frames, size_t *got);

/* One channel, from 0, of the n frames that decode_read has given last, of a file that has several. */
void decode_channel(const struct decoder *d, size_t channel, size_t n, float *out);

/* Goes forward to a frame, so that the next read gives the same samples as if all
 * before it had been read: formats that cannot promise this are decoded up to there, as are
 * pipes. Where the file ends before, the next read finds the end. */
int decode_seek(struct decoder *d, uint64_t frame);

/* Back to the first frame, of a decoder that was opened with again. */
int decode_again(struct decoder *d);

/* A whole file. Zero-initialise before use; the next read reuses the memory. */
struct audio {
	float *sample;
	size_t n;
	double rate; /* Hz */
	size_t cap;
};

/* decode_open to the end. */
int decode_file(struct audio *a, const char *name);
void decode_free(struct audio *a);

#endif
