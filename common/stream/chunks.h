/* chunks: the loop over the chunks of an input. */
#ifndef SER_STREAM_CHUNKS_H
#define SER_STREAM_CHUNKS_H

#include "stream/tsr.h"

enum { CHUNKS_TOGETHER = 8 };

struct chunks {
	int threads;      /* with 0 or 1 all is done in the calling thread */
	bool heads_alone; /* no work begins while head runs */
	void *ctx;
	/* Called for each record in order, before its work, in the calling thread; a failure ends the input. NULL: nothing to do. */
	int (*arrive)(void *ctx, size_t slot, const struct tsr_chunk *record);
	/* Whether that would not wait. NULL: it never does. */
	bool (*ready)(void *ctx);
	/* Called before the work on n records that have come together, CHUNKS_TOGETHER at most, in slots one after the
	 * other, by the worker that does it. NULL: nothing to do. */
	void (*together)(void *ctx, int worker, size_t slot, size_t n, const struct tsr_chunk *const *record);
	/* Works on a record, in parallel (worker: 0 to threads-1; slot: below chunks_slots). NULL: no work. */
	int (*work)(void *ctx, int worker, size_t slot, const struct tsr_chunk *record);
	/* Called for each head, record and end, in order; not for a record whose work has failed. NULL: ignored. */
	int (*head)(void *ctx, const struct tsr_chunk *head);
	int (*record)(void *ctx, size_t slot, struct tsr_chunk *record);
	int (*end)(void *ctx);
	/* Whether a record whose work has failed is skipped. NULL: never. */
	bool (*skip)(int status);
	/* Called where reading the next chunk has to wait: writes out what is done. NULL: nothing to do. */
	int (*flush)(void *ctx);
};

/* Records that may be in work at a time; together: whether there is such a function. */
size_t chunks_slots(int threads, bool together);

/* Runs to the end of the input that tsr_open makes of these operands. A bad
 * record's message gets file, number, key. */
int chunks_files(const struct chunks *k, char *const *files, size_t n, uint64_t max_record);

#endif
