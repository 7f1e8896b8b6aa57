#include "stream/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "stream/chunks.h"

struct filter_out {
	struct filter_record *item;
	size_t n;
};

struct state {
	const struct filter *f;
	struct tsr_writer *out;
	struct filter_out *made; /* by slot */
};

int
filter_add(struct filter_out *out, int rank, const uint64_t *shape, const struct meta *meta, struct filter_record **record)
{
	struct filter_record *r;
	size_t row = sizeof *r->data;
	int rc = mem_push(&out->item, out->n, sizeof *out->item);

	if (rc != ST_OK)
		return rc;
	*record = r = &out->item[out->n++];
	*r = (struct filter_record){ .rank = rank };
	memcpy(r->shape, shape, (size_t)rank * sizeof *shape);
	for (int i = 1; i < rank; i++)
		row *= (size_t)shape[i];
	r->data = mem_zero((size_t)shape[0], row);
	return r->data == NULL ? ST_SYS : meta_copy(&r->meta, meta);
}

static void
drop_records(struct filter_out *out)
{
	for (size_t i = 0; i < out->n; i++) {
		meta_clear(&out->item[i].meta);
		free(out->item[i].data);
	}
	out->n = 0;
}

static int
head(void *ctx, const struct tsr_chunk *in)
{
	const struct state *s = ctx;
	struct meta meta = { 0 };
	int rc = s->f->head(s->f->ctx, in, &meta);

	if (rc == ST_OK)
		rc = tsr_head(s->out, &meta);
	meta_clear(&meta);
	return rc;
}

static int
work(void *ctx, int worker, size_t slot, const struct tsr_chunk *record)
{
	const struct state *s = ctx;

	drop_records(&s->made[slot]); /* of a skipped record */
	return s->f->process(s->f->ctx, worker, record, &s->made[slot]);
}

static int
record(void *ctx, size_t slot, struct tsr_chunk *in)
{
	const struct state *s = ctx;
	struct filter_out *made = &s->made[slot];
	int rc = s->f->keys == NULL ? ST_OK : unique_count(s->f->keys, &in->meta);

	for (size_t i = 0; rc == ST_OK && i < made->n; i++) {
		const struct filter_record *r = &made->item[i];

		rc = tsr_record(s->out, TSR_F32, r->rank, r->shape, &r->meta, r->data);
	}
	drop_records(made);
	return rc;
}

static int
end(void *ctx)
{
	const struct state *s = ctx;

	return tsr_end(s->out);
}

static int
flush(void *ctx)
{
	const struct state *s = ctx;

	return tsr_flush(s->out);
}

int
filter_files(const struct filter *f, char *const *files, size_t n, uint64_t max_record, const char *out)
{
	size_t slots = chunks_slots(f->threads, false);
	struct state s = { .f = f, .made = mem_zero(slots, sizeof *s.made) };
	const struct chunks chunks = { .threads = f->threads, .heads_alone = true, .ctx = &s, .work = work, .head = head,
		.record = record, .end = end, .skip = f->skip, .flush = flush };
	int rc = s.made == NULL ? ST_SYS : tsr_create(&s.out, out);

	if (rc == ST_OK)
		rc = chunks_files(&chunks, files, n, max_record);
	if (rc == ST_OK)
		rc = tsr_finish(s.out);
	else
		tsr_abort(s.out);
	for (size_t i = 0; s.made != NULL && i < slots; i++) {
		drop_records(&s.made[i]);
		free(s.made[i].item);
	}
	free(s.made);
	return rc;
}
