/* filter: the loop of a tool that turns a tsr stream into another: batches
 * of records worked on in parallel, order kept, one segment out for each in. */
#ifndef SER_STREAM_FILTER_H
#define SER_STREAM_FILTER_H

#include "stream/tsr.h"

struct filter_out; /* where process puts what it makes of one record */

struct filter {
	struct tsr_reader *in;
	struct tsr_writer *out;
	int threads;
	long skip_bad;    /* bad records to pass over before giving up */
	long skipped;     /* result: how many were */
	void *ctx;
	/* Once a segment: fills out (empty) from the head's meta. */
	int (*head)(void *ctx, const struct tsr_chunk *head, struct meta *out);
	/* Once a record, in parallel (worker: 0 to threads-1): emits any number of records. */
	int (*process)(void *ctx, int worker, const struct tsr_chunk *in, struct filter_out *out);
};

/* Runs to the end of input and ends the output's segments; the caller opens
 * both and calls tsr_finish. A bad record's message gets file, number, key. */
int filter_run(struct filter *f);

/* Opens the operands and the output, runs and closes both: a filter's whole
 * work on f, whose in and out need not be set. */
int filter_files(struct filter *f, char *const *files, size_t n, uint64_t max_record, const char *out);

/* From process: adds one f32 record. Takes data (from mem_zero) and the
 * pairs of meta, also on failure. */
int filter_emit(struct filter_out *out, int rank, const uint64_t *shape, struct meta *meta, float *data);

#endif
