#include "base/thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "base/err.h"
#include "base/mem.h"

/* A training step is some hundred short jobs. OpenMP's threads wait for the next
 * one in a loop that holds the processor, which slows whatever else runs there;
 * a pool's look for it a moment, some tens of microseconds, and then sleep. */
enum { LOOKS = 2000 };

/* Threads asleep until a counter has come to a number. */
struct sleepers {
	pthread_cond_t cond;
	atomic_int n;
};

/* Jobs are numbered as they come and never from 0 again, so that a worker that
 * was late for some does not take others for these. */
struct pool {
	int threads, started, looks; /* started: beside the calling thread */
	struct worker *worker;
	void (*fn)(void *ctx, size_t i);
	void *ctx;
	size_t first; /* number of the job that is 0 to fn */
	atomic_size_t given, taken, done; /* jobs so far: done <= taken <= given */
	atomic_bool quit;
	pthread_mutex_t lock;
	struct sleepers workers, caller;
};

struct worker {
	struct pool *pool;
	pthread_t thread;
	size_t number;
};

static _Thread_local size_t worker;

size_t
pool_worker(void)
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

static void
await(struct pool *p, struct sleepers *s, const atomic_size_t *x, size_t n)
{
	for (int i = 0; i < p->looks; i++) {
		if (reached(x, n))
			return;
		breathe();
	}
	pthread_mutex_lock(&p->lock);
	atomic_fetch_add(&s->n, 1);
	while (!reached(x, n))
		pthread_cond_wait(&s->cond, &p->lock);
	atomic_fetch_sub(&s->n, 1);
	pthread_mutex_unlock(&p->lock);
}

/* After a counter's change. A sleeper counts itself before its last look at the
 * counter, so that one of the two sees the other. */
static void
wake(struct pool *p, struct sleepers *s, bool all)
{
	if (atomic_load(&s->n) == 0)
		return;
	pthread_mutex_lock(&p->lock);
	if (all)
		pthread_cond_broadcast(&s->cond);
	else
		pthread_cond_signal(&s->cond);
	pthread_mutex_unlock(&p->lock);
}

/* False where there is no job to take; *n is then the number of the next. */
static bool
take(struct pool *p, size_t *n)
{
	*n = atomic_load(&p->taken);
	while (*n != atomic_load(&p->given) && !atomic_load(&p->quit))
		if (atomic_compare_exchange_weak(&p->taken, n, *n + 1))
			return true;
	return false;
}

static void
do_job(struct pool *p, size_t n)
{
	p->fn(p->ctx, n - p->first);
	atomic_fetch_add(&p->done, 1);
	wake(p, &p->caller, false);
}

static void *
serve(void *arg)
{
	const struct worker *w = arg;
	struct pool *p = w->pool;
	size_t n;

	worker = w->number;
	while (!atomic_load(&p->quit))
		if (take(p, &n))
			do_job(p, n);
		else
			await(p, &p->workers, &p->given, n + 1);
	return NULL;
}

struct pool *
pool_create(int threads)
{
	struct pool *p = mem_zero(1, sizeof *p);

	if (p == NULL || (p->worker = mem_zero((size_t)threads, sizeof *p->worker)) == NULL) {
		free(p);
		return NULL;
	}
	p->threads = threads;
	p->looks = LOOKS;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->workers.cond, NULL);
	pthread_cond_init(&p->caller.cond, NULL);
	return p;
}

static void
start(struct pool *p)
{
	while (p->started < p->threads - 1) {
		struct worker *w = &p->worker[p->started];

		w->pool = p;
		w->number = (size_t)p->started + 1;
		if (pthread_create(&w->thread, NULL, serve, w) == 0)
			p->started++;
		else
			p->threads = p->started + 1;
	}
}

static void
give(struct pool *p, size_t n)
{
	atomic_fetch_add(&p->given, n);
	wake(p, &p->workers, n > 1);
}

void
pool_run(struct pool *p, size_t n, void (*fn)(void *ctx, size_t i), void *ctx)
{
	size_t outer = worker, i;

	worker = 0;
	if (p->started == 0)
		start(p);
	if (p->started == 0 || n < 2) {
		for (i = 0; i < n; i++)
			fn(ctx, i);
	} else {
		p->fn = fn;
		p->ctx = ctx;
		p->first = atomic_load(&p->given);
		give(p, n);
		while (take(p, &i))
			do_job(p, i);
		await(p, &p->caller, &p->done, p->first + n);
	}
	worker = outer;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	atomic_store(&p->quit, true);
	give(p, 2); /* jobs that nobody takes, to wake all */
	for (int i = 0; i < p->started; i++)
		pthread_join(p->worker[i].thread, NULL);
	pthread_cond_destroy(&p->caller.cond);
	pthread_cond_destroy(&p->workers.cond);
	pthread_mutex_destroy(&p->lock);
	free(p->worker);
	free(p);
}

/* A status and its message, which is a thread's own. */
struct result {
	int rc;
	char *message;
	atomic_size_t done; /* jobs up to the one whose result it is */
};

struct queue {
	struct queue_plan plan;
	struct pool *pool;
	struct result *result; /* by slot */
	struct result end;     /* of next */
	bool ended, alone;
	size_t given, out; /* jobs so far; number i lives in slot i % plan.slots */
};

static void
keep(struct result *r, int rc)
{
	r->rc = rc;
	r->message = rc == ST_OK ? NULL : mem_str(err_text());
}

static int
tell(struct result *r)
{
	if (r->rc != ST_OK)
		err_set(r->rc, "%s", r->message == NULL ? "out of memory" : r->message);
	free(r->message);
	r->message = NULL;
	return r->rc;
}

static void
work(struct queue *q, int who, size_t n)
{
	size_t slot = n % q->plan.slots;
	struct result *r = &q->result[slot];

	keep(r, q->plan.work(q->plan.ctx, who, slot));
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
	q->pool = pool_create(plan->workers + 1);
	if (q->result == NULL || q->pool == NULL) {
		queue_close(q);
		*queue = NULL;
		return ST_SYS;
	}
	q->pool->looks = 0; /* its jobs are long, and whoever fills it may have to wait */
	q->pool->fn = work_beside;
	q->pool->ctx = q;
	start(q->pool);
	if (q->pool->started == 0)
		q->plan.slots = 1;
	return ST_OK;
}

/* Waits for the oldest job. */
static int
finish(struct queue *q)
{
	struct result *r = &q->result[q->out % q->plan.slots];

	await(q->pool, &q->pool->caller, &r->done, ++q->out);
	return tell(r);
}

int
queue_slot(struct queue *q, size_t *slot)
{
	*slot = q->given % q->plan.slots;
	return q->given - q->out == q->plan.slots ? finish(q) : ST_OK;
}

void
queue_push(struct queue *q)
{
	if (q->pool->started == 0)
		work(q, 0, q->given);
	else
		give(q->pool, 1);
	q->given++;
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
	pool_free(q->pool);
	for (size_t i = 0; q->result != NULL && i < q->plan.slots; i++)
		free(q->result[i].message);
	free(q->end.message);
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

		keep(&q->end, p->next(p->ctx, q->given % p->slots, &what));
		q->ended = q->end.rc != ST_OK || what == QUEUE_END;
		q->alone = what == QUEUE_ALONE;
		if (!q->ended)
			queue_push(q);
	}
}

int
queue_run(const struct queue_plan *plan)
{
	struct queue *q;
	int rc = queue_open(&q, plan);

	while (rc == ST_OK) {
		size_t slot;

		fill(q);
		if (q->out == q->given) {
			rc = tell(&q->end);
			break;
		}
		slot = q->out % q->plan.slots;
		rc = finish(q);
		rc = plan->emit(plan->ctx, slot, rc);
	}
	queue_close(q);
	return rc;
}
