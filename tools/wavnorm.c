/* wavnorm: audio files to wave records: one channel, one rate, one length.
 *
 * Files are decoded and resampled by threads, in jobs of a few files that share
 * the design of the resampling filters; the main thread writes in order. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/clip.h"
#include "audio/signal.h"
#include "audio/source.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/thread.h"
#include "base/tool.h"
#include "model/like.h"
#include "stream/provenance.h"
#include "stream/tsr.h"

enum { AT_START, AT_CENTRE };

static const char *manifest, *like;
static long rate = 22050, threads;
static double seconds = 2.5, peak = NAN, rms = NAN, trim = NAN, window = NAN, step = NAN;
static int at = AT_START;
static struct tool_skips skips;
static struct opt_common common = { .feeds = true };
static const char *const places[] = { "start", "centre", NULL };
static const struct opt opts[] = {
	OPT(TEXT, "manifest", &manifest, "FILE", "read paths, keys, labels and groups from FILE"),
	OPT(TEXT, "like", &like, "MODEL", "take all settings of a record from a model", .find = FIND_MODEL),
	OPT_PG(INT, "rate", &rate, "HZ", "sampling rate of the output", .min = 100, .max = 1e6),
	OPT_PG(NUM, "seconds", &seconds, "S", "length of a record", .min = 1e-3, .max = 36000),
	OPT_PG(CHOICE, "at", &at, "PLACE", "part of longer audio that is kept", .choices = places),
	OPT_PG(NUM, "peak", &peak, "DB", "scale to this peak, 0 is full scale", .min = -200, .max = 100),
	OPT_PG(NUM, "rms", &rms, "DB", "scale to this root mean square, 0 is 1", .min = -200, .max = 100),
	OPT_PG(NUM, "trim", &trim, "DB", "drop both ends quieter than the loudest frame by DB", .min = 0.1, .max = 200),
	OPT_PG(NUM, "window", &window, "S", "make a record of every S seconds, instead of one a file", .min = 1e-3,
	    .max = 36000),
	OPT_PG(NUM, "step", &step, "S", "seconds from one window to the next (else that of --window)", .min = 1e-3,
	    .max = 36000),
	OPT_SKIP(&skips.most),
	OPT_THREADS(&threads),
};
static const char *const uses[] = { "[FILE...]", "--manifest FILE", NULL };
static const struct tool tool = OPT_TOOL("wavnorm", "audio files to wave records of one rate and length");

struct item {
	struct meta meta;
	struct clip clip;
	size_t first, last; /* samples that --trim leaves */
};

struct job {
	struct item item[CLIP_GROUP];
	size_t n;
};

struct work {
	struct mem_pool pool;
	struct source *source;
	size_t group; /* files a job */
	struct job *jobs;
	size_t njobs;
	struct clip_work *memory; /* by worker */
	struct tsr_writer *out;
	size_t samples, stride; /* of a record, and from one window to the next */
	float *scratch;         /* a record that is padded or scaled */
	bool whole;             /* the whole signal is needed, not only its beginning */
	long files;
};

static int
next_job(void *ctx, size_t slot, enum queue_next *what)
{
	struct work *w = ctx;
	struct job *job = &w->jobs[slot];
	int rc = ST_OK;

	for (job->n = 0; job->n < w->group; job->n++) {
		struct item *it = &job->item[job->n];

		meta_clear(&it->meta);
		free(it->clip.path);
		rc = source_next(w->source, &it->clip.path, &it->meta);
		if (rc != ST_OK || it->clip.path == NULL)
			break;
	}
	if (job->n == 0)
		*what = QUEUE_END;
	return rc;
}

static int
do_job(void *ctx, int worker, size_t slot)
{
	struct work *w = ctx;
	struct job *job = &w->jobs[slot];
	struct clip *clips[CLIP_GROUP];

	for (size_t i = 0; i < job->n; i++)
		clips[i] = &job->item[i].clip;
	clip_load(&w->memory[worker], clips, job->n, (double)rate, w->whole ? 0 : w->samples);
	for (size_t i = 0; i < job->n; i++) {
		struct item *it = &job->item[i];

		it->first = 0;
		it->last = it->clip.n;
		if (it->clip.rc == ST_OK && !isnan(trim))
			signal_trim(it->clip.signal, it->clip.n, trim, &it->first, &it->last);
	}
	return ST_OK; /* failures stay with their files */
}

/* Writes the record that begins at sample begin of the item's signal. */
static int
emit_record(struct work *w, struct item *it, size_t begin)
{
	size_t n = it->last - begin < w->samples ? it->last - begin : w->samples;
	uint64_t shape[1] = { w->samples };
	const float *data = it->clip.signal + begin;
	bool scaled = !isnan(peak) || !isnan(rms);

	if (n < w->samples || scaled) {
		memcpy(w->scratch, data, n * sizeof *data);
		memset(w->scratch + n, 0, (w->samples - n) * sizeof *data);
		data = w->scratch;
	}
	if (scaled)
		signal_level(w->scratch, n, isnan(peak) ? signal_rms(data, n) : signal_peak(data, n), isnan(peak) ? rms : peak);
	return tsr_record(w->out, TSR_F32, 1, shape, &it->meta, data);
}

/* Writes one record, or one a window until a window reaches the end. */
static int
emit_item(struct work *w, struct item *it)
{
	size_t length = it->last - it->first, begin = it->first;
	int rc = ST_OK;

	if (isnan(window)) {
		if (at == AT_CENTRE && length > w->samples)
			begin += (length - w->samples) / 2;
		return emit_record(w, it, begin);
	}
	for (; rc == ST_OK && begin < it->last; begin += w->stride) {
		rc = meta_set(&it->meta, "start", "%.3f", (double)begin / (double)rate);
		if (rc == ST_OK)
			rc = emit_record(w, it, begin);
		if (it->last - begin <= w->samples)
			break;
	}
	return rc;
}

static int
emit_job(void *ctx, size_t slot, int rc)
{
	struct work *w = ctx;
	struct job *job = &w->jobs[slot];

	for (size_t i = 0; i < job->n && rc == ST_OK; i++, w->files++) {
		struct item *it = &job->item[i];

		if (it->clip.rc == ST_OK)
			rc = emit_item(w, it);
		else if (!tool_skip(&skips, clip_error(&it->clip)))
			rc = it->clip.rc;
	}
	if (!common.quiet)
		tool_progress("%ld files", w->files);
	return rc;
}

/* level= is none, peak DB or rms DB. */
static int
take_level(const struct model *m)
{
	const char *level = like_setting(m, like, "level");
	bool is_peak = level != NULL && strncmp(level, "peak ", 5) == 0;
	bool is_rms = level != NULL && strncmp(level, "rms ", 4) == 0;
	int rc = level == NULL ? ST_DATA : opt_impose(&tool, "peak", is_peak ? level + 5 : "none", like);

	return rc == ST_OK ? opt_impose(&tool, "rms", is_rms ? level + 4 : "none", like) : rc;
}

/* Seconds that give as many samples do not contradict the model. */
static int
take_length(const struct model *m)
{
	bool windows = !isnan(window) || !isnan(step);
	const char *text = like_setting(m, like, "samples");
	double samples = text == NULL ? 0 : strtod(text, NULL);
	char length[32];

	if (text == NULL || fmax(1, round((windows ? window : seconds) * (double)rate)) == samples)
		return text == NULL ? ST_DATA : ST_OK;
	snprintf(length, sizeof length, "%.17g", samples / (double)rate);
	return opt_impose(&tool, windows ? "window" : "seconds", length, like);
}

static int
take_like(void)
{
	static const char *const names[] = { "rate", "at", "trim" };
	struct model m = { 0 };
	int rc = like_read(&m, like);

	for (size_t i = 0; i < OPT_COUNT(names) && rc == ST_OK; i++)
		rc = like_take(&tool, &m, like, names[i]);
	if (rc == ST_OK && (rc = take_level(&m)) == ST_OK)
		rc = take_length(&m);
	model_free(&m);
	return rc;
}

static int
check_options(int operands)
{
	int rc = like == NULL ? ST_OK : take_like();

	if (rc != ST_OK)
		return rc;
	if (manifest != NULL && operands > 0)
		return err_set(ST_USAGE, "--manifest and files exclude each other");
	if (!isnan(peak) && !isnan(rms))
		return err_set(ST_USAGE, "--peak and --rms exclude each other");
	if (isnan(window) && !isnan(step))
		return err_set(ST_USAGE, "--step requires --window or --like");
	if (!isnan(window) && (opt_given(&tool, "seconds") || at == AT_CENTRE))
		return err_set(ST_USAGE, "--window excludes --seconds and --at centre");
	return ST_OK;
}

static int
write_head(struct work *w)
{
	struct meta m = { 0 };
	int rc = meta_add(&m, "type", "wave");

	rc = rc != ST_OK ? rc : meta_add(&m, "rate", "%ld", rate);
	rc = rc != ST_OK ? rc : meta_add(&m, "samples", "%zu", w->samples);
	rc = rc != ST_OK ? rc : meta_add(&m, "at", "%s", places[at]);
	if (rc == ST_OK)
		rc = !isnan(peak)  ? meta_add(&m, "level", "peak %.10g", peak)
		     : !isnan(rms) ? meta_add(&m, "level", "rms %.10g", rms)
		                   : meta_add(&m, "level", "none");
	if (rc == ST_OK)
		rc = isnan(trim) ? meta_add(&m, "trim", "none") : meta_add(&m, "trim", "%.10g", trim);
	rc = rc != ST_OK ? rc : provenance_add(&tool, &m);
	rc = rc != ST_OK ? rc : tsr_head(w->out, &m);
	meta_clear(&m);
	return rc;
}

static int
prepare(struct work *w, size_t nfiles, int n)
{
	w->samples = (size_t)fmax(1, round((isnan(window) ? seconds : window) * (double)rate));
	w->stride = isnan(step) ? w->samples : (size_t)fmax(1, round(step * (double)rate));
	w->whole = at == AT_CENTRE || !isnan(trim) || !isnan(window);
	/* Few or long files are spread over the threads instead of sharing filters. */
	w->group = w->whole || (manifest == NULL && nfiles < (size_t)(2 * CLIP_GROUP * n)) ? 1 : CLIP_GROUP;
	w->njobs = n > 1 ? 2 * (size_t)n : 1;
	w->jobs = mem_take(&w->pool, w->njobs, sizeof *w->jobs);
	w->memory = mem_take(&w->pool, (size_t)n, sizeof *w->memory);
	w->scratch = mem_take(&w->pool, w->samples, sizeof *w->scratch);
	return w->pool.status;
}

static void
release(struct work *w, int n)
{
	for (size_t i = 0; w->jobs != NULL && i < w->njobs * CLIP_GROUP; i++) {
		struct item *it = &w->jobs[i / CLIP_GROUP].item[i % CLIP_GROUP];

		meta_clear(&it->meta);
		clip_free(&it->clip);
	}
	for (int i = 0; w->memory != NULL && i < n; i++)
		clip_work_free(&w->memory[i]);
	mem_release(&w->pool);
	source_close(w->source);
	tsr_abort(w->out);
}

static int
run(char **files, size_t nfiles)
{
	struct work w = { 0 };
	int n = opt_threads(threads), rc = check_options(nfiles);
	struct queue_plan plan = { .workers = n > 1 ? n : 0, .ctx = &w, .next = next_job, .work = do_job, .emit = emit_job };

	if (rc != ST_OK)
		return rc;
	rc = source_open(&w.source, files, nfiles, manifest);
	if (rc == ST_OK && (rc = prepare(&w, nfiles, n)) == ST_OK && (rc = tsr_create(&w.out, common.out)) == ST_OK &&
	    (rc = write_head(&w)) == ST_OK) {
		plan.slots = w.njobs;
		rc = queue_run(&plan);
	}
	if (rc == ST_OK && (rc = tsr_end(w.out)) == ST_OK) {
		if (common.verbose)
			tool_say("%ld files, %llu records", w.files, (unsigned long long)tsr_records(w.out));
		rc = tsr_finish(w.out);
		w.out = NULL;
	}
	release(&w, n);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
