#include "base/relay.h"

#include "base/err.h"

int
relay_init(struct relay *r, size_t slots)
{
	*r = (struct relay){ .slots = slots };
	if (pthread_mutex_init(&r->lock, NULL) != 0)
		return err_set(ST_SYS, "no lock is to be had");
	if (pthread_cond_init(&r->moved, NULL) != 0) {
		pthread_mutex_destroy(&r->lock);
		return err_set(ST_SYS, "no condition is to be had");
	}
	return ST_OK;
}

void
relay_destroy(struct relay *r)
{
	pthread_cond_destroy(&r->moved);
	pthread_mutex_destroy(&r->lock);
}

/* Waits until no more than n slots are full. */
static bool
wait_below(struct relay *r, size_t n)
{
	bool goes_on;

	pthread_mutex_lock(&r->lock);
	while (!r->stopped && r->given - r->done > n)
		pthread_cond_wait(&r->moved, &r->lock);
	goes_on = !r->stopped;
	pthread_mutex_unlock(&r->lock);
	return goes_on;
}

bool
relay_want(struct relay *r, size_t *slot)
{
	*slot = r->given % r->slots; /* only this side changes given */
	return wait_below(r, r->slots - 1);
}

bool
relay_drain(struct relay *r)
{
	return wait_below(r, 0);
}

/* Counts or marks something, and tells the other side. */
static void
move(struct relay *r, size_t *count, bool *mark)
{
	pthread_mutex_lock(&r->lock);
	if (count != NULL)
		(*count)++;
	if (mark != NULL)
		*mark = true;
	pthread_cond_signal(&r->moved); /* the two never wait at the same time */
	pthread_mutex_unlock(&r->lock);
}

void
relay_give(struct relay *r)
{
	move(r, &r->given, NULL);
}

void
relay_end(struct relay *r)
{
	move(r, NULL, &r->ended);
}

bool
relay_next(struct relay *r, size_t *slot)
{
	bool there;

	pthread_mutex_lock(&r->lock);
	while (!r->ended && r->given == r->done)
		pthread_cond_wait(&r->moved, &r->lock);
	there = r->given > r->done;
	*slot = r->done % r->slots;
	pthread_mutex_unlock(&r->lock);
	return there;
}

void
relay_done(struct relay *r)
{
	move(r, &r->done, NULL);
}

void
relay_stop(struct relay *r)
{
	move(r, NULL, &r->stopped);
}
