/* thread: workers that share out the pieces of a job, and a bounded queue of jobs
 * that they do in order. */
#ifndef SER_BASE_THREAD_H
#define SER_BASE_THREAD_H

#include <stdbool.h>
#include <stddef.h>

struct workers;

/* That many threads, the calling one among them; the others start with the first
 * job, and where fewer can be started, those there do the work. NULL, with the
 * message set, where memory ends. */
struct workers *workers_create(int threads);
void workers_free(struct workers *all); /* NULL is fine */

/* Runs fn(ctx, i) for i in [0,n) and returns when all are done. */
void workers_run(struct workers *all, size_t n, void (*fn)(void *ctx, size_t i), void *ctx);

/* Which of the threads this is, from 0: for scratch memory. */
size_t workers_self(void);

/* What next has put into a slot. */
enum queue_next {
	QUEUE_JOB,
	QUEUE_ALONE, /* a job that must be out before next is called again */
	QUEUE_LIGHT, /* one that is next to nothing */
	QUEUE_END,   /* nothing: there are no more */
};

/* Jobs that workers do and that leave in the order in which they came. A job
 * lives in a numbered slot whose memory is the caller's. next, ready and emit
 * run in the calling thread. */
struct queue;
struct queue_plan {
	int workers;  /* threads beside the calling one, which does all where there is none; of one, jobs begin in order */
	size_t slots; /* jobs that may be under way, one at least; memory is bounded by it */
	void *ctx;
	int (*next)(void *ctx, size_t slot, enum queue_next *what);
	/* False where next would wait: what is under way goes out first. NULL: never. Where it is given, threads
	 * start with the second job that is no light one and does not wait: a process that has one starts none. */
	bool (*ready)(void *ctx);
	/* Does the slot's job (worker: from 0). */
	int (*work)(void *ctx, int worker, size_t slot);
	/* Takes the slot's result; rc is what work returned, with its message. */
	int (*emit)(void *ctx, size_t slot, int rc);
	struct queue **self; /* gets the queue, for queue_emit; NULL: not needed */
};

/* Runs until next has no more, or next or emit fails. What came before a failure
 * of next still goes out. */
int queue_run(const struct queue_plan *plan);

/* For a next that has to wait: emits the jobs that are done. *busy is whether others are under way,
 * so that it should not wait for long before it calls this again. */
int queue_emit(struct queue *q, bool *busy);

/* The same by hand, with work alone: queue_slot waits for a free slot, queue_push
 * says that it is filled, queue_drain waits until all are done. These two return
 * the status, with its message, of the oldest job that was not yet asked for.
 * queue_close drops what no worker has begun. */
int queue_open(struct queue **queue, const struct queue_plan *plan);
int queue_slot(struct queue *q, size_t *slot);
void queue_push(struct queue *q);
int queue_drain(struct queue *q);
void queue_close(struct queue *q); /* NULL is fine */

#endif
