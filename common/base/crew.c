#include "base/crew.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

/* Jobs are numbered as they come; number i lives in slot i % slots. */
struct state {
	const struct crew *crew;
	pthread_mutex_t lock;
	pthread_cond_t ready, done;
	size_t emitted, taken, filled; /* jobs so far: emitted <= taken <= filled */
	bool *finished;                /* by slot */
	bool stop;
};

struct worker {
	struct state *state;
	pthread_t thread;
	int number;
};

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct state *s = w->state;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		size_t slot;

		while (!s->stop && s->taken == s->filled)
			pthread_cond_wait(&s->ready, &s->lock);
		if (s->stop)
			break;
		slot = s->taken++ % s->crew->slots;
		pthread_mutex_unlock(&s->lock);
		s->crew->work(s->crew->ctx, w->number, slot);
		pthread_mutex_lock(&s->lock);
		s->finished[slot] = true;
		pthread_cond_signal(&s->done);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static bool
is_ready(const struct state *s)
{
	return s->filled == s->emitted || s->crew->ready == NULL || s->crew->ready(s->crew->ctx);
}

/* Gives out as many jobs as are ready and have a free slot. */
static int
fill(struct state *s, bool *more)
{
	const struct crew *c = s->crew;
	int rc = ST_OK;

	while (*more && s->filled - s->emitted < c->slots && is_ready(s)) {
		size_t slot = s->filled % c->slots;

		rc = c->next(c->ctx, slot, more);
		if (rc != ST_OK)
			*more = false;
		if (!*more)
			break;
		pthread_mutex_lock(&s->lock);
		s->finished[slot] = false;
		s->filled++;
		pthread_cond_signal(&s->ready);
		pthread_mutex_unlock(&s->lock);
	}
	return rc;
}

/* The calling thread's part; an error of next waits until all before it is out. */
static int
conduct(struct state *s)
{
	const struct crew *c = s->crew;
	bool more = true;
	char *message = NULL;
	int rc = ST_OK, late = ST_OK;

	while (rc == ST_OK) {
		int filled = fill(s, &more);

		if (filled != ST_OK) {
			late = filled;
			message = mem_str(err_text());
		}
		if (s->emitted == s->filled)
			break;
		pthread_mutex_lock(&s->lock);
		while (!s->finished[s->emitted % c->slots])
			pthread_cond_wait(&s->done, &s->lock);
		pthread_mutex_unlock(&s->lock);
		rc = c->emit(c->ctx, s->emitted % c->slots);
		s->emitted++;
	}
	if (rc == ST_OK && late != ST_OK)
		rc = err_set(late, "%s", message == NULL ? "out of memory" : message);
	free(message);
	return rc;
}

static int
run_alone(const struct crew *c)
{
	bool more = true;
	int rc;

	while ((rc = c->next(c->ctx, 0, &more)) == ST_OK && more) {
		c->work(c->ctx, 0, 0);
		if ((rc = c->emit(c->ctx, 0)) != ST_OK)
			break;
	}
	return rc;
}

int
crew_run(const struct crew *c)
{
	struct state s = { .crew = c, .lock = PTHREAD_MUTEX_INITIALIZER, .ready = PTHREAD_COND_INITIALIZER,
		.done = PTHREAD_COND_INITIALIZER };
	struct worker *workers;
	int started = 0, rc;

	if (c->threads <= 1)
		return run_alone(c);
	workers = mem_zero((size_t)c->threads, sizeof *workers);
	s.finished = mem_zero(c->slots, sizeof *s.finished);
	if (workers == NULL || s.finished == NULL) {
		rc = ST_SYS;
		goto out;
	}
	for (; started < c->threads; started++) {
		struct worker *w = &workers[started];

		w->state = &s;
		w->number = started;
		if (pthread_create(&w->thread, NULL, work, w) != 0)
			break;
	}
	rc = started == 0 ? run_alone(c) : conduct(&s);
	pthread_mutex_lock(&s.lock);
	s.stop = true;
	pthread_cond_broadcast(&s.ready);
	pthread_mutex_unlock(&s.lock);
	for (int i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
out:
	free(s.finished);
	free(workers);
	return rc;
}
