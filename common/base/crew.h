/* crew: jobs done by threads and handed back in their order.
 *
 * A job lives in a numbered slot whose memory the caller owns. next and emit
 * run in the calling thread, work in the others. */
#ifndef SER_BASE_CREW_H
#define SER_BASE_CREW_H

#include <stdbool.h>
#include <stddef.h>

struct crew {
	int threads;  /* that work; with 1 all is done in the calling thread */
	size_t slots; /* jobs that may be under way, one at least */
	void *ctx;
	/* Fills the slot with the next job; *more false where there is none. */
	int (*next)(void *ctx, size_t slot, bool *more);
	/* False where next would wait, or must not be called before all jobs under
	 * way are emitted. NULL: always true. */
	bool (*ready)(void *ctx);
	/* Does the slot's job (worker: 0 to threads-1); failures stay in the slot. */
	void (*work)(void *ctx, int worker, size_t slot);
	/* Takes the slot's result, in the order of next. */
	int (*emit)(void *ctx, size_t slot);
};

/* Runs until next has no more or something fails. What next had given before
 * it failed is still emitted. */
int crew_run(const struct crew *c);

#endif
