/* speech: how much each frame of a signal sounds like speech, above the noise under it. */
#ifndef SER_AUDIO_SPEECH_H
#define SER_AUDIO_SPEECH_H

#include <stdbool.h>
#include <stddef.h>

#define SPEECH_RATE_MIN 2000 /* Hz */

/* Frames of 32 ms, 10 ms apart; that of number i lies around the sample i speech_hop() +
 * speech_centre(). */
struct speech_frame {
	float above;  /* dB above the noise, the mean of the bands that are most above it; 0 where it is much quieter than what
	               * was loudest of late */
	float level;  /* dB, of its power from 120 to 6000 Hz, on a scale of its own */
	bool voiced;  /* periodic, at 75 to 500 Hz */
};

struct speech;

/* ST_USAGE where the rate (Hz) is below SPEECH_RATE_MIN. */
int speech_open(struct speech **s, double rate);
void speech_close(struct speech *s); /* NULL is fine */

size_t speech_hop(const struct speech *s);    /* samples */
size_t speech_centre(const struct speech *s); /* samples */

/* Takes n samples more. The frames of a signal do not depend on how it is cut into pieces. */
int speech_add(struct speech *s, const float *x, size_t n);

/* After the last one: the frames that lie around its last samples. */
int speech_end(struct speech *s);

/* The next frame that is known. The first second is known when all of it has come. */
bool speech_next(struct speech *s, struct speech_frame *f);

#endif
