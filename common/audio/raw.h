/* raw: what headerless recordings are, which cannot say it themselves. */
#ifndef SER_AUDIO_RAW_H
#define SER_AUDIO_RAW_H

#include <stdbool.h>
#include <stddef.h>

struct raw {
	int format;      /* as libsndfile names it */
	int rate;        /* Hz */
	int channels;
	size_t width;    /* bytes of a sample */
	bool big;        /* its most significant byte is the first */
	bool has_offset; /* half of the range is 0: libsndfile knows that of 8 bits alone */
	bool padded;     /* 24 bits in the lower bytes of 32 */
};

/* FORMAT,RATE[,CHANNELS] as in "s16le,16000,1", the format by the name that ffmpeg, sox, ALSA,
 * PulseAudio or GStreamer has for it. ST_USAGE, saying what may be given, for another text. */
int raw_parse(const char *text, struct raw *raw);

/* Makes whole samples, n bytes of them, what libsndfile takes them for. */
void raw_turn(const struct raw *raw, unsigned char *data, size_t n);

#endif
