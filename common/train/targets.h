/* targets: probabilities of a teacher that training records learn beside their labels. */
#ifndef SER_TRAIN_TARGETS_H
#define SER_TRAIN_TARGETS_H

#include "base/mem.h"
#include "train/data.h"

/* Zero-initialise before use. */
struct targets {
	uint64_t hash; /* of all of them, in the records' order */
	struct mem_pool memory;
};

/* Sets the soft targets of part's records from a table of predictions (nnpredict), by key
 * and start; an augmented variant that has none of its own learns those of its recording.
 * ST_DATA where the table's classes are not the given ones, or a record has no prediction. */
int targets_read(struct targets *t, const char *file, char *const *class, size_t classes, const struct data_part *part);
void targets_free(struct targets *t);

#endif
