/* container: where in a file a recording is, how long its headers say it is, and
 * where another one follows. libsndfile reads a file that is cut off without an
 * error, stops where a header that was never finished says so, and knows only the
 * first of several recordings that were joined. */
#ifndef SER_AUDIO_CONTAINER_H
#define SER_AUDIO_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/input.h"

enum { LINK_CHANNELS_MAX = 1024 }; /* libsndfile's */

/* Bytes of a header that libsndfile is shown instead of those in the file. */
struct patch {
	uint64_t at; /* in the input */
	size_t n;
	unsigned char byte[8];
};

/* Bytes to frames: a block of so many bytes is so many frames; 0: not known. Of a
 * block cut short, the first bytes (lead) are the first frames (first), and each
 * whole group of bytes behind them its part of the others. */
struct blocks {
	uint32_t bytes, frames, lead, first, group;
};

struct layout;

/* One recording. */
struct link {
	uint64_t from, to; /* the bytes that libsndfile is shown; those of a pipe may end before */
	struct patch patch[6];
	size_t npatch;
	bool forward;     /* can be read from a pipe */
	bool mpeg;        /* MPEG audio, layers 1 to 3: see mpeg.h */
	bool raw;         /* headerless */
	bool padded;      /* 24 bits in four bytes */
	bool pcm16;       /* little-endian integers of 16 bits, which need no libsndfile */
	uint32_t rate, channels; /* of pcm16 */
	bool packed;      /* FLAC in Ogg, which libsndfile reads once it is unpacked */
	uint64_t samples; /* where the samples begin; 0: libsndfile alone knows, unless raw */
	uint64_t bytes;   /* of samples, as the header claims; INPUT_OPEN: all that come */
	struct blocks blocks;
	uint64_t next;  /* where another one could begin; INPUT_OPEN: not known */
	uint64_t outer; /* what the file says of its size, less 8; or 0 */
	const struct layout *layout;
	uint64_t watched; /* up to this byte */
	const char *note; /* what was read otherwise than the header says, or NULL */
};

/* The recording that begins at byte at of the input. ST_DATA where it is known to be
 * cut off and not any length will do; what comes from a pipe see link_settle for. */
int link_find(struct input *in, uint64_t at, bool any_length, struct link *l);

/* The whole input as a headerless recording of frames of so many bytes. ST_DATA where it has a
 * header. */
int link_raw(struct input *in, size_t frame, struct link *l);

/* Where the next recording begins, looked for from byte at on where l does not say;
 * INPUT_OPEN: there is none. Reads a pipe to its end. */
int link_next(struct input *in, const struct link *l, uint64_t at, uint64_t *next);

/* Looks for the header of another recording in what a pipe has given up to byte known,
 * where the size is open; samples before byte sure are none of it. */
int link_watch(struct input *in, struct link *l, uint64_t known, uint64_t *sure);

/* Makes l->bytes what there is, once the size of the input is known; ST_DATA where
 * the header claims more. */
int link_settle(struct link *l, uint64_t size, bool any_length);

/* Appends a recording that is packed to a file as libsndfile reads it. */
int link_unpack(struct input *in, const struct link *l, struct input *plain);

/* Frames in the first bytes of the samples, that many. */
uint64_t link_frames(const struct link *l, uint64_t bytes);

#endif
