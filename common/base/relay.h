/* relay: numbered slots that one thread fills and another empties, in turn. The
 * slots' memory is the caller's. */
#ifndef SER_BASE_RELAY_H
#define SER_BASE_RELAY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct relay {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	size_t slots, given, done; /* number i lives in slot i % slots; done <= given <= done + slots */
	bool ended, stopped;
};

/* For that many slots; relay_destroy once both threads are through. */
int relay_init(struct relay *r, size_t slots);
void relay_destroy(struct relay *r);

/* For who fills. relay_want waits for an empty slot, relay_give says that it is
 * full, relay_drain waits until all are empty; false where the other side has
 * stopped. relay_end: nothing more comes. */
bool relay_want(struct relay *r, size_t *slot);
void relay_give(struct relay *r);
bool relay_drain(struct relay *r);
void relay_end(struct relay *r);

/* For who empties. relay_next waits for a full slot, false where none will come;
 * relay_done says that it is empty; relay_stop: no more are wanted. */
bool relay_next(struct relay *r, size_t *slot);
void relay_done(struct relay *r);
void relay_stop(struct relay *r);

#endif
