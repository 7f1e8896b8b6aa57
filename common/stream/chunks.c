#include "stream/chunks.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/profile.h"
#include "base/thread.h"

/* To hand a job to a thread takes some microseconds, which may be more than the work on
 * a record: a job is as many records as take JOB_TIME, going by the last one that was done,
 * or CHUNKS_TOGETHER where they are worked on together. */
enum {
	JOBS_PER_THREAD = 4,
	JOB_CHUNKS = 32,        /* of a job, at most */
	JOB_BYTES = 1 << 16,    /* of payloads, beyond which no more are added, */
	JOB_BYTES_TOGETHER = 1 << 19,
	JOB_TIME = 200 * 1000,  /* nanoseconds */
};

struct item {
	struct tsr_chunk chunk;
	double came;             /* when it was there, for --profile */
	bool damaged;
	struct err_kept outcome; /* of its work */
};

struct state {
	const struct chunks *k;
	struct tsr_reader *in;
	struct queue *queue;
	size_t per_job;
	struct item *item;  /* (jobs,per_job) */
	size_t *n;          /* items in each job */
	bool ended;
	struct err_kept end; /* of the last read */
	atomic_ulong cost;  /* nanoseconds of a record; 0: not known */
};

/* Records that the next job should have. */
static size_t
job_size(struct state *s)
{
	unsigned long cost = atomic_load(&s->cost);
	size_t n = cost == 0 ? 1 : JOB_TIME / cost, least = s->k->together == NULL ? 1 : CHUNKS_TOGETHER;

	return n < least ? least : n < s->per_job ? n : s->per_job;
}

/* Whether it is worth trying to read another record while others are in work. */
static bool
ready(void *ctx)
{
	const struct state *s = ctx;

	return tsr_ready(s->in);
}

/* Whether a record could be had without waiting. */
static bool
has_next(const struct state *s)
{
	return tsr_has_next(s->in) && (s->k->ready == NULL || s->k->ready(s->k->ctx));
}

static int
read_item(struct state *s, size_t slot)
{
	struct tsr_chunk *c = &s->item[slot].chunk;
	double began = profile_now();
	int rc = tsr_read(s->in, c);

	profile_stage("read", began, 0, (double)c->bytes);
	if (rc == ST_OK && c->kind == 'T' && s->k->arrive != NULL)
		rc = s->k->arrive(s->k->ctx, slot, c);
	s->item[slot].came = profile_now();
	return rc;
}

/* A job ends with a head or an end, and before what would have to be waited for. */
static int
next(void *ctx, size_t job, enum queue_next *what)
{
	struct state *s = ctx;
	size_t *n = &s->n[job], most = job_size(s), limit = s->k->together == NULL ? JOB_BYTES : JOB_BYTES_TOGETHER;
	char last = 0; /* kind of the chunk before */
	uint64_t bytes = 0;

	for (*n = 0; !s->ended && *n < most && bytes < limit && (last == 0 || (last == 'T' && has_next(s)));) {
		struct tsr_chunk *c = &s->item[job * s->per_job + *n].chunk;
		int rc = read_item(s, job * s->per_job + *n);

		s->ended = rc != ST_OK || c->kind == 0;
		if (s->ended) {
			err_keep(&s->end, rc);
			break;
		}
		last = c->kind;
		bytes += c->bytes;
		++*n;
	}
	*what = last == 0 ? QUEUE_END : last == 'H' && s->k->heads_alone ? QUEUE_ALONE : *n == 1 && last != 'T' ? QUEUE_LIGHT : QUEUE_JOB;
	return last == 0 ? err_recall(&s->end) : ST_OK;
}

static int
work_item(struct state *s, int worker, size_t i)
{
	struct tsr_chunk *c = &s->item[i].chunk;
	double began = profile_now();
	int rc = tsr_check(c);

	s->item[i].damaged = rc != ST_OK;
	if (rc == ST_OK && c->kind == 'T' && s->k->work != NULL) {
		rc = s->k->work(s->k->ctx, worker, i, c);
		profile_stage("work", began, 0, 0);
	}
	return rc;
}

/* A head or an end among the items is the last one. */
static void
work_together(struct state *s, int worker, size_t first, size_t n)
{
	const struct tsr_chunk *record[CHUNKS_TOGETHER];
	size_t k = 0;

	for (size_t i = first; i < first + n; i++) {
		bool is_record = s->item[i].chunk.kind == 'T';

		if (is_record)
			record[k++] = &s->item[i].chunk;
		if (k == CHUNKS_TOGETHER || (k > 0 && (!is_record || i + 1 == first + n))) {
			s->k->together(s->k->ctx, worker, i + 1 - k - !is_record, k, record);
			k = 0;
		}
	}
}

static int
work(void *ctx, int worker, size_t job)
{
	struct state *s = ctx;
	size_t first = job * s->per_job, records = 0;
	uint64_t began = s->per_job > 1 ? clock_nanoseconds() : 0;

	if (s->k->together != NULL)
		work_together(s, worker, first, s->n[job]);
	for (size_t i = first; i < first + s->n[job]; i++) {
		records += s->item[i].chunk.kind == 'T';
		err_keep(&s->item[i].outcome, work_item(s, worker, i));
	}
	if (s->per_job > 1 && records > 0)
		atomic_store(&s->cost, (unsigned long)((clock_nanoseconds() - began) / records + 1));
	return ST_OK;
}

static int
take(const struct chunks *k, const struct tsr_chunk *c)
{
	if (c->kind == 'H')
		return k->head != NULL ? k->head(k->ctx, c) : ST_OK;
	return k->end != NULL ? k->end(k->ctx) : ST_OK;
}

/* With --profile each is written at once, so that it is known when. */
static int
take_record(struct state *s, size_t slot)
{
	const struct chunks *k = s->k;
	double began = profile_now();
	int rc = k->record != NULL ? k->record(k->ctx, slot, &s->item[slot].chunk) : ST_OK;

	if (rc != ST_OK || !profile_on() || k->flush == NULL)
		return rc;
	rc = k->flush(k->ctx);
	profile_stage("write", began, 0, 0);
	profile_written(s->item[slot].came);
	return rc;
}

static int
emit_item(struct state *s, size_t slot)
{
	const struct chunks *k = s->k;
	struct tsr_chunk *c = &s->item[slot].chunk;
	int rc = err_recall(&s->item[slot].outcome);

	if (rc == ST_OK)
		return c->kind == 'T' ? take_record(s, slot) : take(k, c);
	if (s->item[slot].damaged)
		return rc;
	rc = err_prefix("%s", tsr_where(c));
	return k->skip != NULL && k->skip(rc) ? ST_OK : rc;
}

static int
emit(void *ctx, size_t job, int rc)
{
	struct state *s = ctx;
	size_t first = job * s->per_job;

	for (size_t i = first; i < first + s->n[job] && rc == ST_OK; i++) {
		rc = emit_item(s, i);
		if (i > first && s->item[i].chunk.cap > JOB_BYTES)
			tsr_clear(&s->item[i].chunk); /* large ones lie first, as a rule */
	}
	return rc;
}

/* What has come would wait with what has not: hands it on. */
static int
meanwhile(void *ctx, bool *busy)
{
	struct state *s = ctx;
	int rc = queue_emit(s->queue, busy);

	return rc == ST_OK && !*busy && s->k->flush != NULL ? s->k->flush(s->k->ctx) : rc;
}

static size_t
per_job(int threads, bool together)
{
	return threads > 1 ? JOB_CHUNKS : together ? CHUNKS_TOGETHER : 1;
}

static size_t
jobs(int threads)
{
	return threads > 1 ? (size_t)threads * JOBS_PER_THREAD : 1;
}

size_t
chunks_slots(int threads, bool together)
{
	return jobs(threads) * per_job(threads, together);
}

int
chunks_files(const struct chunks *k, char *const *files, size_t n, uint64_t max_record)
{
	size_t slots = chunks_slots(k->threads, k->together != NULL);
	struct mem_pool memory = { 0 };
	struct state s = { .k = k, .per_job = per_job(k->threads, k->together != NULL), .item = mem_take(&memory, slots, sizeof *s.item),
		.n = mem_take(&memory, jobs(k->threads), sizeof *s.n) };
	const struct queue_plan plan = { .workers = k->threads > 1 ? k->threads : 0, .slots = jobs(k->threads), .ctx = &s,
		.next = next, .ready = ready, .work = work, .emit = emit, .self = &s.queue };
	struct tsr_meanwhile before = tsr_set_meanwhile((struct tsr_meanwhile){ meanwhile, &s });
	int rc = memory.status == ST_OK ? tsr_open(&s.in, files, n, max_record, false) : ST_SYS;

	if (rc == ST_OK) {
		tsr_check_later(s.in);
		rc = queue_run(&plan);
	}
	tsr_set_meanwhile(before);
	for (size_t i = 0; memory.status == ST_OK && i < slots; i++) {
		tsr_clear(&s.item[i].chunk);
		err_forget(&s.item[i].outcome);
	}
	err_forget(&s.end);
	mem_release(&memory);
	tsr_close(s.in);
	return rc;
}
