/* speech: whether a mel spectrogram is as lively as those of speech are, by
 * three measures that say nothing of level, pitch or words. */
#ifndef SER_MODEL_SPEECH_H
#define SER_MODEL_SPEECH_H

#include <stdbool.h>

#include "stream/meta.h"

/* All over the frames whose peak (largest band) is within 40 dB of the record's
 * largest value, in dB, with what is more than 80 dB below it at that. */
enum speech_measure {
	SPEECH_PEAK,     /* standard deviation of the frames' peaks: loudness that moves. Low for noise, tones and hum */
	SPEECH_CONTRAST, /* root mean square of a value less its frame's mean: a spectrum with form. Low for noise, clicks */
	SPEECH_CHANGE,   /* that of a value less its frame's and its band's mean, plus the mean of all: a spectrum whose
	                  * form changes. Low for all that is steady */
	SPEECH_MEASURES
};

/* How values become dB, or 0 where features of that head (type= and scale= of
 * melspec(1), or the mels alone of descriptors(1)) and rank are no spectrogram. */
enum speech_scale { SPEECH_NONE, SPEECH_DB, SPEECH_LOG, SPEECH_POWER };
enum speech_scale speech_scale(const struct meta *feature, int rank);

/* Fills measure[SPEECH_MEASURES] for a record x (frames,bands). */
int speech_measure(enum speech_scale scale, const float *x, size_t frames, size_t bands, double *measure);

/* Whether no measure is below its floor. */
bool speech_reaches(const double *measure, const double *floor);

#endif
