#include "stream/chunks.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/thread.h"

enum { SLOTS_PER_THREAD = 4 };

struct state {
	const struct chunks *k;
	struct tsr_reader *in;
	struct tsr_chunk *chunk; /* by slot */
};

static int
next(void *ctx, size_t slot, enum queue_next *what)
{
	struct state *s = ctx;
	struct tsr_chunk *c = &s->chunk[slot];
	int rc = tsr_read(s->in, c);

	*what = c->kind == 0 ? QUEUE_END : c->kind == 'H' && s->k->heads_alone ? QUEUE_ALONE : QUEUE_JOB;
	return rc;
}

static bool
ready(void *ctx)
{
	const struct state *s = ctx;

	return tsr_ready(s->in);
}

static int
work(void *ctx, int worker, size_t slot)
{
	const struct state *s = ctx;
	const struct tsr_chunk *c = &s->chunk[slot];

	return c->kind == 'T' && s->k->work != NULL ? s->k->work(s->k->ctx, worker, slot, c) : ST_OK;
}

static int
take(const struct chunks *k, size_t slot, struct tsr_chunk *c)
{
	if (c->kind == 'T')
		return k->record != NULL ? k->record(k->ctx, slot, c) : ST_OK;
	if (c->kind == 'H')
		return k->head != NULL ? k->head(k->ctx, c) : ST_OK;
	return k->end != NULL ? k->end(k->ctx) : ST_OK;
}

static int
emit(void *ctx, size_t slot, int rc)
{
	const struct state *s = ctx;
	const struct chunks *k = s->k;
	struct tsr_chunk *c = &s->chunk[slot];

	if (rc == ST_OK) {
		rc = take(k, slot, c);
	} else {
		rc = err_prefix("%s", tsr_where(c));
		if (k->skip != NULL && k->skip(rc))
			rc = ST_OK;
	}
	return rc == ST_OK && k->flush != NULL && !tsr_ready(s->in) ? k->flush(k->ctx) : rc;
}

size_t
chunks_slots(int threads)
{
	return threads > 1 ? (size_t)threads * SLOTS_PER_THREAD : 1;
}

int
chunks_files(const struct chunks *k, char *const *files, size_t n, uint64_t max_record)
{
	size_t slots = chunks_slots(k->threads);
	struct state s = { .k = k, .chunk = mem_zero(slots, sizeof *s.chunk) };
	const struct queue_plan plan = { .workers = k->threads > 1 ? k->threads : 0, .slots = slots, .ctx = &s,
		.next = next, .ready = ready, .work = work, .emit = emit };
	int rc = s.chunk == NULL ? ST_SYS : tsr_open(&s.in, files, n, max_record, false);

	if (rc == ST_OK)
		rc = queue_run(&plan);
	for (size_t i = 0; s.chunk != NULL && i < slots; i++)
		tsr_clear(&s.chunk[i]);
	free(s.chunk);
	tsr_close(s.in);
	return rc;
}
