/* epoch: which records an epoch has, in which order and in which batches. */
#ifndef SER_TRAIN_EPOCH_H
#define SER_TRAIN_EPOCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "train/data.h"

struct epoch_how {
	uint64_t seed;
	long batch;         /* examples a batch */
	long groups, clips; /* not 0: batches of so many clips of so many groups each instead */
	bool one_variant;   /* of each recording one of its variants, or itself, at random; not all */
};

/* Zero-initialise before use. */
struct epoch {
	struct epoch_how how;
	/* Of the last epoch_draw: records, batch after batch, and the index that each batch
	 * begins at; behind the last, n. */
	const struct data_record **record;
	size_t *first;
	size_t n;       /* examples of an epoch */
	size_t batches; /* of the last epoch drawn; before, of any, at most */
	size_t most;    /* examples in a batch, at most */
	/* The module's own. */
	const struct data_record **sorted; /* variants of a recording, recordings of a group, side by side */
	struct epoch_recording *recording;
	struct epoch_chunk *chunk;
	size_t chunks, *order;
	struct mem_pool memory;
};

/* Plans the epochs of a training with part's records, which stay where they are.
 * ST_DATA where groups are required and a record has none.
 *
 * With groups, a group's n clips are dealt into as few chunks of at most how.clips as
 * hold them, which differ by one clip at most (60 in chunks of 16: 4 of 15), so that each
 * is in an epoch once. A batch has how.groups chunks, of as many groups where there are
 * so many left; groups with more chunks come more often, and the last batch may have
 * fewer. */
int epoch_create(struct epoch *e, const struct epoch_how *how, const struct data_part *part);
void epoch_free(struct epoch *e);

/* Draws an epoch (from 0). It depends on the seed, the epoch's number and, with
 * groups or one variant, the records' names, else their order. */
int epoch_draw(struct epoch *e, uint64_t number);

/* Most examples in a batch: a last batch of one alone (whose batch statistics
 * would be worthless) joins the one before, so this may be batch + 1. */
size_t epoch_capacity(size_t examples, long batch);

#endif
