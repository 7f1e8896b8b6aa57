#include "filter.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "tool.h"

enum { BATCH_PER_THREAD = 4 };

struct emitted {
	int rank;
	uint64_t shape[TSR_RANK_MAX];
	struct meta meta;
	float *data;
};

struct filter_out {
	struct emitted *item;
	size_t n, cap;
};

/* One record's way through a batch. */
struct slot {
	struct tsr_chunk in;
	struct filter_out out;
	int rc;
	char *message; /* of a failure, as messages are a thread's own */
};

int
filter_emit(struct filter_out *out, int rank, const uint64_t *shape, struct meta *meta, float *data)
{
	struct emitted e = { .rank = rank, .meta = *meta, .data = data };
	int rc = ST_OK;

	*meta = (struct meta){ 0 };
	if (out->n == out->cap) {
		size_t cap = out->cap == 0 ? 4 : 2 * out->cap;

		if ((rc = mem_grow(&out->item, cap, sizeof *out->item)) == ST_OK)
			out->cap = cap;
	}
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

/* Reads up to max records that are there without waiting, one at least.
 * *last gets the chunk that ended the batch where it is no record. */
static int
fill(struct filter *f, struct slot *slots, size_t max, size_t *n, char *last)
{
	int rc = ST_OK;

	*n = 0;
	*last = 'T';
	while (rc == ST_OK && *n < max && (*n == 0 || tsr_ready(f->in))) {
		struct slot *s = &slots[*n];

		rc = tsr_read(f->in, &s->in);
		if (rc == ST_OK && s->in.kind != 'T') {
			*last = s->in.kind;
			break;
		}
		if (rc == ST_OK)
			++*n;
	}
	return rc;
}

static void
work(struct filter *f, struct slot *slots, size_t n)
{
#pragma omp parallel for num_threads(f->threads) schedule(dynamic, 1) if (n > 1 && f->threads > 1)
	for (size_t i = 0; i < n; i++) {
		struct slot *s = &slots[i];

		s->rc = f->process(f->ctx, omp_get_thread_num(), &s->in, &s->out);
		if (s->rc != ST_OK)
			s->message = mem_str(err_text());
	}
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
drain(struct filter *f, struct slot *slots, size_t n)
{
	int rc = ST_OK;

	for (size_t i = 0; i < n; i++) {
		struct slot *s = &slots[i];

		if (rc == ST_OK && s->rc != ST_OK) {
			rc = judge(f, s);
		} else if (rc == ST_OK) {
			for (size_t k = 0; k < s->out.n && rc == ST_OK; k++) {
				struct emitted *e = &s->out.item[k];

				rc = tsr_record(f->out, TSR_F32, e->rank, e->shape, &e->meta, e->data);
			}
		}
		free(s->message);
		s->message = NULL;
		drop_emitted(&s->out);
	}
	return rc;
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
run(struct filter *f, struct slot *slots, size_t max)
{
	size_t n;
	char last;
	int rc;

	while ((rc = fill(f, slots, max, &n, &last)) == ST_OK) {
		work(f, slots, n);
		if ((rc = drain(f, slots, n)) != ST_OK)
			return rc;
		if (last == 'H')
			rc = begin_segment(f, &slots[n].in);
		else if (last == 'E')
			rc = tsr_end(f->out);
		else if (last == 0)
			return ST_OK;
		if (rc != ST_OK)
			return rc;
		if (!tsr_ready(f->in) && (rc = tsr_flush(f->out)) != ST_OK)
			return rc;
	}
	/* What came whole before the defect has been worked on in earlier
	 * batches; without an E it proves nothing, so the rest is dropped. */
	return rc;
}

int
filter_run(struct filter *f)
{
	size_t max = f->threads > 1 ? (size_t)f->threads * BATCH_PER_THREAD : 1;
	struct slot *slots = mem_zero(max, sizeof *slots);
	int rc;

	if (slots == NULL)
		return ST_SYS;
	f->skipped = 0;
	rc = run(f, slots, max);
	for (size_t i = 0; i < max; i++) {
		tsr_clear(&slots[i].in);
		drop_emitted(&slots[i].out);
		free(slots[i].out.item);
	}
	free(slots);
	return rc;
}
