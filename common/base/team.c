#include "base/team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "base/mem.h"

enum { LOOKS = 2000 }; /* before a thread sleeps: some tens of microseconds */

struct member {
	struct team *team;
	pthread_t thread;
	size_t number;
};

struct team {
	int threads, started; /* started: members besides the calling thread */
	struct member *member;
	void (*fn)(void *ctx, size_t i);
	void *ctx;
	size_t n;
	atomic_size_t next;  /* piece to be taken */
	atomic_int busy;     /* members that have not finished this job */
	atomic_uint round;   /* jobs so far; changes under lock */
	bool quit;
	pthread_mutex_t lock;
	pthread_cond_t begin, done;
};

static _Thread_local size_t worker;

size_t
team_worker(void)
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

static void
work(struct team *t)
{
	size_t i;

	while ((i = atomic_fetch_add_explicit(&t->next, 1, memory_order_relaxed)) < t->n)
		t->fn(t->ctx, i);
}

static void
await_round(struct team *t, unsigned seen)
{
	for (int i = 0; i < LOOKS; i++) {
		if (atomic_load_explicit(&t->round, memory_order_acquire) != seen)
			return;
		breathe();
	}
	pthread_mutex_lock(&t->lock);
	while (atomic_load_explicit(&t->round, memory_order_acquire) == seen)
		pthread_cond_wait(&t->begin, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

static void
await_members(struct team *t)
{
	for (int i = 0; i < LOOKS; i++) {
		if (atomic_load_explicit(&t->busy, memory_order_acquire) == 0)
			return;
		breathe();
	}
	pthread_mutex_lock(&t->lock);
	while (atomic_load_explicit(&t->busy, memory_order_acquire) != 0)
		pthread_cond_wait(&t->done, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

static void *
serve(void *arg)
{
	struct member *m = arg;
	struct team *t = m->team;

	worker = m->number;
	for (unsigned seen = 0;; seen++) {
		await_round(t, seen);
		if (t->quit)
			return NULL;
		work(t);
		if (atomic_fetch_sub_explicit(&t->busy, 1, memory_order_acq_rel) == 1) {
			pthread_mutex_lock(&t->lock);
			pthread_cond_signal(&t->done);
			pthread_mutex_unlock(&t->lock);
		}
	}
}

struct team *
team_create(int threads)
{
	struct team *t = mem_zero(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->threads = threads;
	t->member = mem_zero((size_t)threads, sizeof *t->member);
	if (t->member == NULL) {
		free(t);
		return NULL;
	}
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->begin, NULL);
	pthread_cond_init(&t->done, NULL);
	return t;
}

static void
start_members(struct team *t)
{
	while (t->started < t->threads - 1) {
		struct member *m = &t->member[t->started];

		m->team = t;
		m->number = (size_t)t->started + 1;
		if (pthread_create(&m->thread, NULL, serve, m) != 0) {
			t->threads = t->started + 1;
			return;
		}
		t->started++;
	}
}

static void
announce(struct team *t)
{
	pthread_mutex_lock(&t->lock);
	atomic_fetch_add_explicit(&t->round, 1, memory_order_release);
	pthread_cond_broadcast(&t->begin);
	pthread_mutex_unlock(&t->lock);
}

void
team_run(struct team *t, size_t n, void (*fn)(void *ctx, size_t i), void *ctx)
{
	worker = 0;
	if (t->threads > 1 && t->started == 0)
		start_members(t);
	t->fn = fn;
	t->ctx = ctx;
	t->n = n;
	atomic_store_explicit(&t->next, 0, memory_order_relaxed);
	if (t->started == 0 || n < 2) {
		work(t);
		return;
	}
	atomic_store_explicit(&t->busy, t->started, memory_order_relaxed);
	announce(t);
	work(t);
	await_members(t);
}

void
team_free(struct team *t)
{
	if (t == NULL)
		return;
	t->quit = true;
	announce(t);
	for (int i = 0; i < t->started; i++)
		pthread_join(t->member[i].thread, NULL);
	pthread_cond_destroy(&t->done);
	pthread_cond_destroy(&t->begin);
	pthread_mutex_destroy(&t->lock);
	free(t->member);
	free(t);
}
