/* mpeg: MPEG audio, layers 1 to 3, by libmpg123. libsndfile reads it too, but of a
 * file without a count of frames only as many as it guesses. */
#ifndef SER_AUDIO_MPEG_H
#define SER_AUDIO_MPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/input.h"

struct mpeg;

/* Bytes of the ID3v2 tag, with its header and footer, that begins so; 0: none does. */
uint64_t mpeg_id3v2(const unsigned char *p, size_t n);

/* Opens the recording at bytes from to to of the input, which must seek, and looks at
 * all its frames: *end is where it ends and another one may begin. *m is NULL where there
 * are fewer frames than least. ST_DATA where it is cut off or damaged and not any length
 * will do. The input must outlive it. */
int mpeg_open(struct mpeg **m, struct input *in, uint64_t from, uint64_t to, uint64_t least, bool any_length,
			  uint64_t *end);
void mpeg_close(struct mpeg *m); /* NULL is fine */

long mpeg_rate(const struct mpeg *m); /* Hz */
int mpeg_channels(const struct mpeg *m);
uint64_t mpeg_frames(const struct mpeg *m); /* samples of each channel; 0: not known */

/* Reads at most that many frames, interleaved; *got is 0 at the end. */
int mpeg_read(struct mpeg *m, float *to, size_t frames, size_t *got);

#endif
