/* filter: the loop of a tool that turns a tsr stream into another: records are
 * processed in parallel, their order is kept, each segment becomes one. */
#ifndef SER_STREAM_FILTER_H
#define SER_STREAM_FILTER_H

#include "stream/tsr.h"
#include "stream/unique.h"

struct filter_out; /* the records that process makes of one */

struct filter {
	int threads;
	void *ctx;
	/* Once a segment: fills out (empty) from the head's meta. */
	int (*head)(void *ctx, const struct tsr_chunk *head, struct meta *out);
	/* Once a record, in parallel (worker: 0 to threads-1): emits any number of records. */
	int (*process)(void *ctx, int worker, const struct tsr_chunk *in, struct filter_out *out);
	bool (*skip)(int status); /* as in chunks.h */
	struct unique *keys;      /* counts the records of the input; NULL: not wanted */
};

/* Opens the operands and the output, runs to the end of the input, and closes
 * both. A bad record's message gets file, number, key. */
int filter_files(const struct filter *f, char *const *files, size_t n, uint64_t max_record, const char *out);

struct filter_record {
	int rank;
	uint64_t shape[TSR_RANK_MAX];
	struct meta meta;
	float *data;
};

/* From process: adds a record of zeros with a copy of meta; *record is valid until
 * the next is added. Where process fails, all of them are dropped. */
int filter_add(struct filter_out *out, int rank, const uint64_t *shape, const struct meta *meta,
               struct filter_record **record);

#endif
