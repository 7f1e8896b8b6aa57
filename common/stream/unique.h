/* unique: that no two records have the same key and start. */
#ifndef SER_STREAM_UNIQUE_H
#define SER_STREAM_UNIQUE_H

#include <stddef.h>
#include <stdint.h>

#include "stream/meta.h"

/* Zero-initialise before use. 32 bytes a record at most: their hashes. */
struct unique {
	struct unique_slot *slot;
	size_t cap, n;
	uint64_t records, repeated; /* by unique_count: how many there were; those that had the key of another */
	char *first;                /* the key of the first of these */
};

/* Adds a record by its metadata; number (from 1) is the caller's. *before is the number of the
 * one that has the same key= and start=, or 0. */
int unique_add(struct unique *u, const struct meta *meta, uint64_t number, uint64_t *before);

/* Adds a record and counts whether it repeats another's. */
int unique_count(struct unique *u, const struct meta *meta);
void unique_free(struct unique *u);

#endif
