/* tune: fine-tuning: a net that begins with another model's weights, and
 * layers that stay as they are. */
#ifndef SER_TRAIN_TUNE_H
#define SER_TRAIN_TUNE_H

#include "model/model.h"

/* The last layer that has weights, from 0; nn_layers(net) where none has. */
size_t tune_head(struct nn *net);

/* What tune_start did. */
struct tune_report {
	size_t kept, fresh; /* weight arrays taken from the model, and not */
	bool refit;         /* a normalize layer did not get what it had learnt */
};

/* Fills net's weights from the model by name and shape; with new_head, those
 * of the last layer that has any stay as they are. Where batchnorm's running
 * statistics are among what is taken, they move slowly from the start.
 * ST_DATA where nothing fits. */
int tune_start(struct model *from, const char *file, struct nn *net, bool new_head, struct tune_report *report);

/* Freezes the layers of a comma list of numbers (3), ranges (1-5), names
 * (02.batchnorm, or batchnorm for all of that kind) and `all-but-last' (all
 * before tune_head). ST_USAGE where one is no layer or nothing is left. */
int tune_freeze(struct nn *net, const char *list);

#endif
