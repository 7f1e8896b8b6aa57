/* team: threads that share out the numbered pieces of one job at a time.
 *
 * A training step is some hundred short jobs. OpenMP's threads wait for the
 * next one in a loop that holds the processor, which slows whatever else runs
 * there, this program's other threads above all; these look for it a moment
 * and then sleep. */
#ifndef SER_BASE_TEAM_H
#define SER_BASE_TEAM_H

#include <stddef.h>

struct team;

/* A team of threads, the calling one among them; the others start with the
 * first job. NULL, with the message set, where memory ends. */
struct team *team_create(int threads);
void team_free(struct team *t);

/* Runs fn(ctx, i) for i in [0,n) and returns when all are done. Where fewer
 * threads can be started than asked for, those there do the work. */
void team_run(struct team *t, size_t n, void (*fn)(void *ctx, size_t i), void *ctx);

/* Which of the team's threads this is, from 0: for scratch memory. */
size_t team_worker(void);

#endif
