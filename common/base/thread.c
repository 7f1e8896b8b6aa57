#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

/* A training step is some hundred short jobs. OpenMP's threads wait for the next
 * one in a loop that holds the processor, which slows whatever else runs there;
 * these look for it a moment, longer than what one thread does alone between the
 * jobs of a small net, and then sleep: to be woken takes tens of microseconds. It is
 * a time, as 100 looks take 1 microsecond on one processor and 5 on another. */
enum { LOOKS = 100, LOOK_NS = 50000 };

/* Threads asleep until a counter has come to a number. */
struct sleepers {
	pthread_cond_t cond;
	atomic_int n;
};

/* Jobs are numbered as they come and never from 0 again, so that a worker that
 * was late for some does not take others for these. */
struct workers {
	int threads, started; /* started: beside the calling thread */
	bool looks;           /* before they sleep */
	struct worker *worker;
	struct part *part; /* of workers_run, one for each thread */
	size_t parts;
	void (*fn)(void *ctx, size_t i);
	void *ctx;
	void (*piece)(void *ctx, size_t i); /* of workers_run, whose jobs are do_parts */
	void *of_piece;
	size_t first; /* number of the job that is 0 to fn */
	atomic_size_t given, taken, done; /* jobs so far: done <= taken <= given */
	atomic_bool quit;
	pthread_mutex_t lock;
	struct sleepers idle, caller;
};

struct worker {
	struct workers *workers;
	pthread_t thread;
	size_t number;
};

/* Pieces [next, end) that nobody has. A cache line each, as it is mostly one thread that takes them. */
struct part {
	atomic_size_t next;
	size_t end;
	char rest[48];
};

static _Thread_local size_t worker;

size_t
workers_self(void)
{
	return worker;
}

static void
breathe(void)
{
#if defined(__SSE__)
	_mm_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* True where x has come to n, also where it began from 0 again. */
static bool
reached(const atomic_size_t *x, size_t n)
{
	return atomic_load(x) - n <= SIZE_MAX / 2;
}

static bool
look(const atomic_size_t *x, size_t n)
{
	uint64_t end = clock_nanoseconds() + LOOK_NS;

	do {
		for (int i = 0; i < LOOKS; i++) {
			if (reached(x, n))
				return true;
			breathe();
		}
		sched_yield(); /* to who has work to do, where threads are more than processors */
	} while (clock_nanoseconds() < end);
	return false;
}

static void
await(struct workers *all, struct sleepers *s, const atomic_size_t *x, size_t n)
{
	if (all->looks && look(x, n))
		return;
	pthread_mutex_lock(&all->lock);
	atomic_fetch_add(&s->n, 1);
	while (!reached(x, n))
		pthread_cond_wait(&s->cond, &all->lock);
	atomic_fetch_sub(&s->n, 1);
	pthread_mutex_unlock(&all->lock);
}

/* After a counter's change. A sleeper counts itself before its last look at the
 * counter, so that one of the two sees the other. */
static void
wake(struct workers *all, struct sleepers *s, bool everyone)
{
	if (atomic_load(&s->n) == 0)
		return;
	pthread_mutex_lock(&all->lock);
	if (everyone)
		pthread_cond_broadcast(&s->cond);
	else
		pthread_cond_signal(&s->cond);
	pthread_mutex_unlock(&all->lock);
}

/* False where there is no job to take; *n is then the number of the next. */
static bool
take(struct workers *all, size_t *n)
{
	*n = atomic_load(&all->taken);
	while (*n != atomic_load(&all->given) && !atomic_load(&all->quit))
		if (atomic_compare_exchange_weak(&all->taken, n, *n + 1))
			return true;
	return false;
}

static void
do_job(struct workers *all, size_t n)
{
	all->fn(all->ctx, n - all->first);
	atomic_fetch_add(&all->done, 1);
	wake(all, &all->caller, false);
}

static void *
serve(void *arg)
{
	const struct worker *w = arg;
	struct workers *all = w->workers;
	size_t n;

	worker = w->number;
	while (!atomic_load(&all->quit))
		if (take(all, &n))
			do_job(all, n);
		else
			await(all, &all->idle, &all->given, n + 1);
	return NULL;
}

struct workers *
workers_create(int threads)
{
	struct workers *all = mem_zero(1, sizeof *all);

	if (all == NULL || (all->worker = mem_zero((size_t)threads, sizeof *all->worker)) == NULL ||
	    (all->part = mem_zero((size_t)threads, sizeof *all->part)) == NULL) {
		free(all == NULL ? NULL : all->worker);
		free(all);
		return NULL;
	}
	all->threads = threads;
	all->looks = true;
	pthread_mutex_init(&all->lock, NULL);
	pthread_cond_init(&all->idle.cond, NULL);
	pthread_cond_init(&all->caller.cond, NULL);
	return all;
}

static void
start(struct workers *all)
{
	while (all->started < all->threads - 1) {
		struct worker *w = &all->worker[all->started];

		w->workers = all;
		w->number = (size_t)all->started + 1;
		if (pthread_create(&w->thread, NULL, serve, w) == 0)
			all->started++;
		else
			all->threads = all->started + 1;
	}
}

static void
give(struct workers *all, size_t n)
{
	atomic_fetch_add(&all->given, n);
	wake(all, &all->idle, n > 1);
}

static void
cut(struct workers *all, size_t n)
{
	size_t parts = (size_t)all->started + 1, rest = n % parts, first = 0;

	all->parts = parts;
	for (size_t k = 0; k < parts; k++) {
		size_t pieces = n / parts + (k < rest);

		atomic_store_explicit(&all->part[k].next, first, memory_order_relaxed); /* give publishes them */
		all->part[k].end = first += pieces;
	}
}

/* A thread's own part, which is of the same examples from one run to the next and still in its
 * cache; then what is left of the others'. */
static void
do_parts(void *ctx, size_t job)
{
	struct workers *all = ctx;
	size_t i;

	(void)job;
	for (size_t k = 0; k < all->parts; k++) {
		struct part *p = &all->part[(worker + k) % all->parts];

		while ((i = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed)) < p->end)
			all->piece(all->of_piece, i);
	}
}

void
workers_run(struct workers *all, size_t n, void (*fn)(void *ctx, size_t i), void *ctx)
{
	size_t outer = worker, i, jobs;

	worker = 0;
	if (all->started == 0)
		start(all);
	if (all->started == 0 || n < 2) {
		for (i = 0; i < n; i++)
			fn(ctx, i);
	} else {
		cut(all, n);
		jobs = n < all->parts ? n : all->parts;
		all->piece = fn;
		all->of_piece = ctx;
		all->fn = do_parts;
		all->ctx = all;
		all->first = atomic_load(&all->given);
		give(all, jobs);
		while (take(all, &i))
			do_job(all, i);
		await(all, &all->caller, &all->done, all->first + jobs);
	}
	worker = outer;
}

void
workers_free(struct workers *all)
{
	if (all == NULL)
		return;
	atomic_store(&all->quit, true);
	give(all, 2); /* jobs that nobody takes, to wake all */
	for (int i = 0; i < all->started; i++)
		pthread_join(all->worker[i].thread, NULL);
	pthread_cond_destroy(&all->caller.cond);
	pthread_cond_destroy(&all->idle.cond);
	pthread_mutex_destroy(&all->lock);
	free(all->part);
	free(all->worker);
	free(all);
}

/* Of the job in a slot. */
struct result {
	struct err_kept kept;
	atomic_size_t done; /* jobs up to the one whose result it is */
};

struct queue {
	struct queue_plan plan;
	struct workers *workers;
	struct result *result; /* by slot */
	struct err_kept end;   /* of next */
	struct err_kept failed; /* of queue_emit */
	bool ended, alone;
	size_t held; /* the last jobs, which nobody has yet; */
	bool heavy;  /* one of them is no light one */
	size_t given, out; /* jobs so far; number i lives in slot i % plan.slots */
};

static void
work(struct queue *q, int who, size_t n)
{
	size_t slot = n % q->plan.slots;
	struct result *r = &q->result[slot];

	err_keep(&r->kept, q->plan.work(q->plan.ctx, who, slot));
	atomic_store(&r->done, n + 1);
}

static void
work_beside(void *ctx, size_t n)
{
	work(ctx, (int)worker - 1, n);
}

int
queue_open(struct queue **queue, const struct queue_plan *plan)
{
	struct queue *q = mem_zero(1, sizeof *q);

	*queue = q;
	if (q == NULL)
		return ST_SYS;
	q->plan = *plan;
	q->result = mem_zero(plan->slots, sizeof *q->result);
	q->workers = workers_create(plan->workers + 1);
	if (q->result == NULL || q->workers == NULL) {
		queue_close(q);
		*queue = NULL;
		return ST_SYS;
	}
	q->workers->looks = false; /* its jobs are long, and whoever fills it may have to wait */
	q->workers->fn = work_beside;
	q->workers->ctx = q;
	if (plan->ready == NULL || plan->workers == 0)
		start(q->workers);
	if (q->workers->threads == 1)
		q->plan.slots = 1;
	return ST_OK;
}

/* Does the jobs that nobody has. */
static void
do_held(struct queue *q)
{
	for (; q->held > 0; q->held--)
		work(q, 0, q->given - q->held);
	q->heavy = false;
}

/* Waits for the oldest job. */
static int
finish(struct queue *q)
{
	struct result *r = &q->result[q->out % q->plan.slots];

	do_held(q);
	await(q->workers, &q->workers->caller, &r->done, ++q->out);
	return err_recall(&r->kept);
}

int
queue_slot(struct queue *q, size_t *slot)
{
	*slot = q->given % q->plan.slots;
	return q->given - q->out == q->plan.slots ? finish(q) : ST_OK;
}

/* Starts the threads and gives them the jobs that nobody has. */
static void
start_late(struct queue *q)
{
	struct workers *all = q->workers;
	size_t first = q->given - q->held;

	atomic_store(&all->taken, first);
	atomic_store(&all->given, first);
	start(all);
	if (all->started == 0)
		do_held(q);
	give(all, q->held);
	q->held = 0;
}

static void
push(struct queue *q, bool light)
{
	struct workers *all = q->workers;

	if (all->started == 0 && all->threads > 1 && (light || !q->heavy)) {
		q->held++;
		q->heavy |= !light;
	} else {
		if (q->held > 0)
			start_late(q);
		if (all->started > 0)
			give(all, 1);
		else
			work(q, 0, q->given);
	}
	q->given++;
}

void
queue_push(struct queue *q)
{
	push(q, false);
}

int
queue_drain(struct queue *q)
{
	int rc = ST_OK;

	while (rc == ST_OK && q->out != q->given)
		rc = finish(q);
	return rc;
}

void
queue_close(struct queue *q)
{
	if (q == NULL)
		return;
	workers_free(q->workers);
	for (size_t i = 0; q->result != NULL && i < q->plan.slots; i++)
		err_forget(&q->result[i].kept);
	err_forget(&q->end);
	err_forget(&q->failed);
	free(q->result);
	free(q);
}

/* Fills slots while there is one and next need not wait. */
static void
fill(struct queue *q)
{
	const struct queue_plan *p = &q->plan;

	while (!q->ended && q->given - q->out < p->slots &&
	       (q->given == q->out || (!q->alone && (p->ready == NULL || p->ready(p->ctx))))) {
		enum queue_next what = QUEUE_JOB;

		err_keep(&q->end, p->next(p->ctx, q->given % p->slots, &what));
		q->ended = q->end.status != ST_OK || what == QUEUE_END;
		q->alone = what == QUEUE_ALONE;
		if (!q->ended)
			push(q, what == QUEUE_LIGHT);
	}
}

/* The oldest job. */
static int
emit(struct queue *q)
{
	size_t slot = q->out % q->plan.slots;

	return q->plan.emit(q->plan.ctx, slot, finish(q));
}

int
queue_emit(struct queue *q, bool *busy)
{
	int rc = ST_OK;

	do_held(q);
	while (rc == ST_OK && q->out != q->given && reached(&q->result[q->out % q->plan.slots].done, q->out + 1))
		rc = emit(q);
	*busy = q->out != q->given;
	if (rc != ST_OK)
		err_keep(&q->failed, rc);
	return rc;
}

int
queue_run(const struct queue_plan *plan)
{
	struct queue *q;
	int rc = queue_open(&q, plan);

	if (plan->self != NULL)
		*plan->self = q;
	while (rc == ST_OK) {
		fill(q);
		rc = err_recall(&q->failed);
		if (rc == ST_OK && q->out == q->given) {
			rc = err_recall(&q->end);
			break;
		}
		if (rc == ST_OK)
			rc = emit(q);
	}
	queue_close(q);
	return rc;
}
