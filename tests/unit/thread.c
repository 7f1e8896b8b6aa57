/* Workers and queues: every job once, in order, within bounds, and an
 * end to all of it whatever fails. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "base/thread.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "tap.h"

enum { WORKERS = 8, JOBS = 60, SLOTS = 20, NEVER = -1 };

enum { MANY = 1 << 30 };
static int threads_allowed = MANY;

/* Stands before the system's, to run out of threads. */
int
pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *), void *arg)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	void *found = dlsym(RTLD_NEXT, "pthread_create");

	memcpy(&next, &found, sizeof next);
	return threads_allowed-- > 0 ? next(t, a, fn, arg) : 11;
}

static void
dawdle(unsigned seed)
{
	struct timespec t = { 0, (long)(seed * 2654435761U >> 13) % 200000 };

	if (seed % 3 == 0)
		nanosleep(&t, NULL);
}

/* Workers */

struct count {
	atomic_int times[1000];
	atomic_bool stranger;
	size_t threads;
};

static void
piece(void *ctx, size_t i)
{
	struct count *c = ctx;

	atomic_fetch_add(&c->times[i], 1);
	if (workers_self() >= c->threads)
		c->stranger = true;
}

static bool
counts(struct workers *p, size_t threads, size_t n)
{
	static struct count c;
	bool good = true;

	for (size_t i = 0; i < 1000; i++)
		c.times[i] = 0;
	c.threads = threads;
	workers_run(p, n, piece, &c);
	for (size_t i = 0; i < 1000; i++)
		good = good && c.times[i] == (i < n);
	return good && !c.stranger;
}

static void
test_workers(void)
{
	bool good = true;

	for (int threads = 1; threads <= WORKERS; threads++) {
		struct workers *p = workers_create(threads);

		for (size_t round = 0; round < 300; round++)
			good = good && p != NULL && counts(p, (size_t)threads, round * 7919 % 40);
		good = good && counts(p, (size_t)threads, 1000);
		workers_free(p);
	}
	ok(good, "1 to 8 threads: every piece once, by one of them");
	threads_allowed = 2;
	good = true;
	for (int i = 0; i < 2; i++) { /* then with none */
		struct workers *p = workers_create(WORKERS);

		good = good && counts(p, 3, 1000) && counts(p, 3, 5);
		workers_free(p);
	}
	threads_allowed = MANY;
	ok(good, "with fewer threads than asked for, or none");
	workers_free(NULL);
}

/* The queue */

struct run {
	int workers, jobs, slots;
	int next_fails, work_fails, emit_fails; /* at that job, or NEVER */
	int alone, pause; /* every so many jobs; 0: never */
	bool pass_over, light; /* all but the second are light */
	int given, emitted, job[SLOTS];
	atomic_int begun, busy, most_busy;
	atomic_bool wrong;
};

static int
next(void *ctx, size_t slot, enum queue_next *what)
{
	struct run *r = ctx;
	int n = r->given;

	if (slot >= (size_t)r->slots || n - r->emitted >= r->slots)
		r->wrong = true;
	if (r->alone > 0 && n > 0 && (n - 1) % r->alone == 0 && n != r->emitted)
		r->wrong = true;
	if (r->pause > 0 && n % r->pause == 0 && n != r->emitted)
		r->wrong = true;
	if (n == r->next_fails)
		return err_set(ST_DATA, "next %d", n);
	if (n == r->jobs)
		*what = QUEUE_END;
	else if (r->alone > 0 && n % r->alone == 0)
		*what = QUEUE_ALONE;
	else if (r->light && n != 1)
		*what = QUEUE_LIGHT;
	r->job[slot] = n;
	r->given++;
	return ST_OK;
}

static bool
ready(void *ctx)
{
	const struct run *r = ctx;

	return r->pause == 0 || r->given % r->pause != 0;
}

static int
work(void *ctx, int worker, size_t slot)
{
	struct run *r = ctx;
	int n = r->job[slot], begun = atomic_fetch_add(&r->begun, 1), busy = atomic_fetch_add(&r->busy, 1) + 1;

	if (worker < 0 || worker >= (r->workers == 0 ? 1 : r->workers) || (r->workers <= 1 && begun != n))
		r->wrong = true;
	if (busy > r->most_busy)
		r->most_busy = busy; /* a lower bound */
	dawdle((unsigned)(n * 31 + r->slots));
	r->job[slot] = n * n;
	atomic_fetch_sub(&r->busy, 1);
	return n == r->work_fails ? err_set(ST_SYS, "work %d", n) : ST_OK;
}

static int
emit(void *ctx, size_t slot, int rc)
{
	struct run *r = ctx;
	int n = r->emitted++;
	char text[32];

	snprintf(text, sizeof text, "work %d", n);
	if (r->job[slot] != n * n || (rc != ST_OK) != (n == r->work_fails) ||
	    (rc != ST_OK && (rc != ST_SYS || strcmp(err_text(), text) != 0)))
		r->wrong = true;
	if (n == r->emit_fails)
		return err_set(ST_NO, "emit %d", n);
	return r->pass_over ? ST_OK : rc;
}

static int
run(struct run *r)
{
	const struct queue_plan plan = { .workers = r->workers, .slots = (size_t)r->slots, .ctx = r, .next = next,
		.ready = ready, .work = work, .emit = emit };

	r->begun = r->busy = r->most_busy = 0;
	r->given = r->emitted = 0;
	r->wrong = false;
	return queue_run(&plan);
}

/* Runs it with 0 to 8 workers and 1 to 20 slots: each time that status, message
 * and number of jobs that went out. */
static void
everywhere(struct run r, int status, const char *message, int emitted, const char *name)
{
	bool good = true;

	for (r.workers = 0; r.workers <= WORKERS; r.workers++)
		for (r.slots = 1; r.slots <= SLOTS; r.slots += r.slots < 4 ? 1 : 8) {
			int rc = run(&r);

			good = good && rc == status && (rc == ST_OK || strcmp(err_text(), message) == 0) && !r.wrong &&
			       r.emitted == emitted && r.most_busy <= (r.workers == 0 ? 1 : r.workers) && r.busy == 0;
		}
	ok(good, name);
}

static void
test_queue(void)
{
	const struct run plain = { .jobs = JOBS, .next_fails = NEVER, .work_fails = NEVER, .emit_fails = NEVER };
	struct run r = plain;

	everywhere(r, ST_OK, "", JOBS, "jobs leave in the order in which they came");
	r.jobs = 0;
	everywhere(r, ST_OK, "", 0, "no job at all");
	r.jobs = 3;
	everywhere(r, ST_OK, "", 3, "fewer than slots");
	r = plain;
	r.alone = 5;
	everywhere(r, ST_OK, "", JOBS, "a job that goes alone is out before the next");
	r = plain;
	r.pause = 7;
	everywhere(r, ST_OK, "", JOBS, "while the next would wait, all that came goes out");
	r = plain;
	r.next_fails = 41;
	everywhere(r, ST_DATA, "next 41", 41, "what came before a failure of next goes out");
	r.next_fails = 0;
	everywhere(r, ST_DATA, "next 0", 0, "next fails at once");
	r = plain;
	r.work_fails = 23;
	everywhere(r, ST_SYS, "work 23", 24, "a failure of work stops where emit says so, with the worker's message");
	r.pass_over = true;
	everywhere(r, ST_OK, "", JOBS, "and else is passed over");
	r.next_fails = 24;
	everywhere(r, ST_DATA, "next 24", 24, "work and then next fail");
	r = plain;
	r.emit_fails = 17;
	everywhere(r, ST_NO, "emit 17", 18, "a failure of emit stops all");
	r.next_fails = 18;
	everywhere(r, ST_NO, "emit 17", 18, "also where next fails behind it");
	r = plain;
	for (threads_allowed = 0; threads_allowed < 3; threads_allowed++) {
		int allowed = threads_allowed;

		r.workers = WORKERS;
		r.slots = SLOTS;
		ok(run(&r) == ST_OK && !r.wrong && r.emitted == JOBS && r.most_busy <= (allowed == 0 ? 1 : allowed),
		   "fewer workers than asked for");
		threads_allowed = allowed;
	}
	threads_allowed = MANY;
	r.jobs = 1;
	ok(run(&r) == ST_OK && !r.wrong && r.emitted == 1 && threads_allowed == MANY, "one job needs no thread");
	r.jobs = 9;
	r.light = true;
	ok(run(&r) == ST_OK && !r.wrong && r.emitted == 9 && threads_allowed == MANY, "nor does one among light ones");
	everywhere(r, ST_OK, "", 9, "which go out in their order");
	r.light = false;
	r.jobs = 2;
	ok(run(&r) == ST_OK && r.emitted == 2 && threads_allowed == MANY - WORKERS, "two start them");
	threads_allowed = MANY;
}

/* By hand */

struct sums {
	atomic_int sum, jobs;
	int fails; /* the job that does, from 1 on */
	int value[4];
};

static int
add(void *ctx, int worker, size_t slot)
{
	struct sums *s = ctx;

	(void)worker;
	dawdle((unsigned)s->value[slot]);
	atomic_fetch_add(&s->sum, s->value[slot]);
	return atomic_fetch_add(&s->jobs, 1) + 1 == s->fails ? err_set(ST_SYS, "job %d", s->fails) : ST_OK;
}

/* Pushes the numbers up to 100 until it fails. */
static int
push_numbers(struct queue *q, struct sums *s)
{
	int rc = ST_OK;

	for (int i = 1; i <= 100; i++) {
		size_t slot;

		if ((rc = queue_slot(q, &slot)) != ST_OK)
			return rc;
		s->value[slot] = i;
		queue_push(q);
		if (i == 50 && (rc = queue_drain(q)) != ST_OK)
			return rc;
		if (i == 50 && s->sum != 50 * 51 / 2)
			return -1;
	}
	return rc;
}

static void
test_hand(void)
{
	bool good = true, failed = true, stopped = true;

	for (int workers = 0; workers <= 4; workers++) {
		struct sums s = { .fails = 0 };
		struct queue_plan plan = { .workers = workers, .slots = 4, .ctx = &s, .work = add };
		struct queue *q;

		good = queue_open(&q, &plan) == ST_OK && push_numbers(q, &s) == ST_OK && queue_drain(q) == ST_OK && good;
		queue_close(q);
		good = good && s.sum == 5050;
		s = (struct sums){ .fails = 70 };
		failed = queue_open(&q, &plan) == ST_OK && (push_numbers(q, &s) == ST_SYS || queue_drain(q) == ST_SYS) &&
		         strcmp(err_text(), "job 70") == 0 && failed;
		queue_close(q);
		s = (struct sums){ .fails = 0 };
		stopped = queue_open(&q, &plan) == ST_OK && push_numbers(q, &s) == ST_OK && stopped;
		queue_close(q); /* with jobs in it */
		stopped = stopped && s.jobs >= 96 && s.jobs <= 100;
	}
	ok(good, "by hand: all is done when drained");
	ok(failed, "by hand: a failure is told");
	ok(stopped, "by hand: closed with jobs in it");
	queue_close(NULL);
}

int
main(void)
{
	test_workers();
	test_queue();
	test_hand();
	return finish();
}
