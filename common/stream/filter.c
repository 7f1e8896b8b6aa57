#include "stream/filter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/tool.h"

enum { SLOTS_PER_THREAD = 4 };

struct emitted {
	int rank;
	uint64_t shape[TSR_RANK_MAX];
	struct meta meta;
	float *data;
};

struct filter_out {
	struct emitted *item;
	size_t n;
};

/* One record on its way. */
struct slot {
	struct tsr_chunk in;
	struct filter_out out;
	int rc;
	char *message; /* of a failure, as messages are a thread's own */
};

/* What is read before there is a slot for it, or before what came earlier is
 * out: a head or an end waits until all records before it are written. */
struct ahead {
	bool full;
	struct tsr_chunk chunk;
	int rc;
	char *message;
};

struct state {
	struct filter *f;
	struct slot *slot;
	struct ahead ahead;
};

int
filter_emit(struct filter_out *out, int rank, const uint64_t *shape, struct meta *meta, float *data)
{
	struct emitted e = { .rank = rank, .meta = *meta, .data = data };
	int rc = mem_push(&out->item, out->n, sizeof *out->item);

	*meta = (struct meta){ 0 };
	if (rc != ST_OK) {
		meta_clear(&e.meta);
		free(data);
		return rc;
	}
	memcpy(e.shape, shape, (size_t)rank * sizeof *shape);
	out->item[out->n++] = e;
	return ST_OK;
}

static void
drop_emitted(struct filter_out *out)
{
	for (size_t i = 0; i < out->n; i++) {
		meta_clear(&out->item[i].meta);
		free(out->item[i].data);
	}
	out->n = 0;
}

static void
look_ahead(struct state *s)
{
	struct ahead *a = &s->ahead;

	if (a->full)
		return;
	a->full = true;
	/* Where the input pauses, what is done goes on to the next program. */
	a->rc = tsr_ready(s->f->in) ? ST_OK : tsr_flush(s->f->out);
	if (a->rc == ST_OK)
		a->rc = tsr_read(s->f->in, &a->chunk);
	if (a->rc != ST_OK)
		a->message = mem_str(err_text());
}

static bool
ready(void *ctx)
{
	struct state *s = ctx;

	if (!s->ahead.full && !tsr_ready(s->f->in))
		return false;
	look_ahead(s);
	return s->ahead.rc == ST_OK && s->ahead.chunk.kind == 'T';
}

/* A record that failed: passed over where --skip-bad allows it. */
static int
judge(struct filter *f, struct slot *s)
{
	int rc = err_set(s->rc, "%s: %s", tsr_where(&s->in), s->message == NULL ? "failed" : s->message);

	free(s->message);
	s->message = NULL;
	if (s->rc != ST_DATA || f->skipped >= f->skip_bad)
		return rc;
	f->skipped++;
	tool_say("%s (skipped, %ld of at most %ld)", err_text(), f->skipped, f->skip_bad);
	return ST_OK;
}

static int
begin_segment(struct filter *f, const struct tsr_chunk *head)
{
	struct meta meta = { 0 };
	int rc = f->head(f->ctx, head, &meta);

	if (rc == ST_OK)
		rc = tsr_head(f->out, &meta);
	meta_clear(&meta);
	return rc;
}

static int
next(void *ctx, size_t i, bool *more)
{
	struct state *s = ctx;
	struct ahead *a = &s->ahead;
	struct tsr_chunk spare = s->slot[i].in;
	int rc = ST_OK;

	for (; rc == ST_OK; a->full = false) {
		look_ahead(s);
		if (a->rc != ST_OK)
			return err_set(a->rc, "%s", a->message == NULL ? "out of memory" : a->message);
		if (a->chunk.kind == 'T')
			break;
		if (a->chunk.kind == 'H')
			rc = begin_segment(s->f, &a->chunk);
		else if (a->chunk.kind == 'E')
			rc = tsr_end(s->f->out);
		else
			*more = false;
		if (!*more)
			return ST_OK;
	}
	s->slot[i].in = a->chunk;
	a->chunk = spare; /* its buffer is used again */
	a->full = false;
	return rc;
}

static void
work(void *ctx, int worker, size_t i)
{
	struct state *s = ctx;
	struct slot *slot = &s->slot[i];

	slot->rc = s->f->process(s->f->ctx, worker, &slot->in, &slot->out);
	if (slot->rc != ST_OK)
		slot->message = mem_str(err_text());
}

static int
emit(void *ctx, size_t i)
{
	struct state *s = ctx;
	struct slot *slot = &s->slot[i];
	int rc = slot->rc == ST_OK ? ST_OK : judge(s->f, slot);

	for (size_t k = 0; slot->rc == ST_OK && rc == ST_OK && k < slot->out.n; k++) {
		struct emitted *e = &slot->out.item[k];

		rc = tsr_record(s->f->out, TSR_F32, e->rank, e->shape, &e->meta, e->data);
	}
	drop_emitted(&slot->out);
	return rc;
}

int
filter_run(struct filter *f)
{
	size_t slots = f->threads > 1 ? (size_t)f->threads * SLOTS_PER_THREAD : 1;
	struct state s = { .f = f, .slot = mem_zero(slots, sizeof *s.slot) };
	const struct crew crew = { .threads = f->threads, .slots = slots, .ctx = &s, .next = next, .ready = ready,
		.work = work, .emit = emit };
	int rc;

	if (s.slot == NULL)
		return ST_SYS;
	f->skipped = 0;
	rc = crew_run(&crew);
	for (size_t i = 0; i < slots; i++) {
		tsr_clear(&s.slot[i].in);
		drop_emitted(&s.slot[i].out);
		free(s.slot[i].out.item);
		free(s.slot[i].message);
	}
	tsr_clear(&s.ahead.chunk);
	free(s.ahead.message);
	free(s.slot);
	return rc;
}

int
filter_files(struct filter *f, char *const *files, size_t n, uint64_t max_record, const char *out)
{
	int rc;

	f->out = NULL;
	rc = tsr_open(&f->in, files, n, max_record, false);
	if (rc == ST_OK)
		rc = tsr_create(&f->out, out);
	if (rc == ST_OK)
		rc = filter_run(f);
	if (rc == ST_OK)
		rc = tsr_finish(f->out);
	else
		tsr_abort(f->out);
	tsr_close(f->in);
	return rc;
}
