/* speech_floor: the measures of model/speech.h below which a sound is no speech,
 * learnt from a training set. */
#ifndef SER_TRAIN_SPEECH_FLOOR_H
#define SER_TRAIN_SPEECH_FLOOR_H

#include "model/speech.h"
#include "train/data.h"

enum { SPEECH_FLOOR_LEAST = 100 }; /* records to learn from: the quantiles of fewer say nothing */

/* Sets floor[SPEECH_MEASURES] to what the records of a training, (frames,bands), with
 * variants left out, hardly fall below: of each measure the 0.1 %
 * quantile, less half of its distance from the median. *learnt says whether there
 * were SPEECH_FLOOR_LEAST. */
int speech_floor_learn(enum speech_scale scale, const struct data_part *part, size_t bands, double *floor,
                       bool *learnt);

#endif
