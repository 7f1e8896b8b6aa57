/* wavnorm: audio files to wave records: one channel, one rate, one length or each its own.
 *
 * Files are decoded and resampled by threads, in jobs of a few files that share
 * the design of the resampling filters; the main thread writes in order. Windows
 * of a file are written by the thread that decodes it, as soon as it is its turn. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/clip.h"
#include "audio/cut.h"
#include "audio/folder.h"
#include "audio/input.h"
#include "audio/raw.h"
#include "audio/signal.h"
#include "audio/source.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/profile.h"
#include "base/thread.h"
#include "base/tool.h"
#include "model/like.h"
#include "stream/provenance.h"
#include "stream/tsr.h"

enum { AT_START, AT_CENTRE };
enum { TRIM_LIBROSA, TRIM_SHORT };

static const char *manifest, *like, *beside, *raw_text;
static struct raw raw;
static long rate = 22050, threads;
static double seconds = 2.5, peak = NAN, rms = NAN, trim = NAN, window = NAN, step = NAN;
static double min_speech = 0.25, min_pause = 0.3, max_speech = NAN;
static bool ignore_length, segments, folders;
static const char *channels_text = "mix";
static int channel; /* as struct clip has it */
static int at = AT_START, key = SOURCE_NAME, trim_frame = TRIM_LIBROSA;
static struct tool_skips skips;
static struct opt_common common = { .feeds = true };
static const char *const places[] = { "start", "centre", NULL };
static const char *const keys[] = { "name", "path", "auto", NULL };
static const char *const frames[] = { "librosa", "short", NULL };
static const struct opt opts[] = {
	OPT(TEXT, "manifest", &manifest, "FILE", "read paths, keys, labels and groups from FILE", .file = OPT_READS),
	OPT(CHOICE, "key", &key, "WHAT", "what of a file becomes the key", .choices = keys),
	OPT(FLAG, "folders", &folders, NULL, "of a folder read all recordings below it"),
	OPT(TEXT, "like", &like, "MODEL", "take all settings of a record from a model", .find = FIND_MODEL),
	OPT(TEXT, "beside", &beside, "NAME", "with --like: of the net's second input, which is called NAME"),
	OPT_PG(INT, "rate", &rate, "HZ", "sampling rate of the output", .min = 100, .max = 1e6),
	OPT_PG(NUM, "seconds", &seconds, "S", "length of a record, or all: each recording whole", .min = 1e-3, .max = 36000,
	    .infinite = "all"),
	OPT_PG(CHOICE, "at", &at, "PLACE", "part of longer audio that is kept", .choices = places),
	OPT_PG(NUM, "peak", &peak, "DB", "scale to this peak, 0 is full scale", .min = -200, .max = 100),
	OPT_PG(NUM, "rms", &rms, "DB", "scale to this root mean square, 0 is 1", .min = -200, .max = 100),
	OPT_PG(NUM, "trim", &trim, "DB", "drop both ends quieter than the loudest frame by DB", .min = 0.1, .max = 200),
	OPT_PG(CHOICE, "trim-frame", &trim_frame, "KIND", "frames that --trim compares", .choices = frames,
	    .unsaid = "librosa"),
	OPT_PG(NUM, "window", &window, "S", "make a record of every S seconds, instead of one a file", .min = 1e-3,
	    .max = 36000),
	OPT_PG(NUM, "step", &step, "S", "seconds from one window to the next (else that of --window)", .min = 1e-3,
	    .max = 36000),
	OPT_PG(FLAG, "segments", &segments, NULL, "make a record of every segment of speech between pauses", .unsaid = "no"),
	OPT_PG(NUM, "min-speech", &min_speech, "S", "with --segments: shorter speech is none", .min = 0.01, .max = 10,
	    .unsaid = "0.25"),
	OPT_PG(NUM, "min-pause", &min_pause, "S", "with --segments: shorter pauses do not end one", .min = 0.01, .max = 10,
	    .unsaid = "0.3"),
	OPT_PG(NUM, "max-speech", &max_speech, "S", "with --segments: longer ones are cut (else of 10 s, or a record)",
	    .min = 0.5, .max = 3600, .unsaid = "none"),
	OPT_PG(TEXT, "channels", &channels_text, "WHICH", "mix, apart: a recording of each, or the number of one",
	    .unsaid = "mix"),
	OPT(TEXT, "raw", &raw_text, "FORMAT,RATE[,CHANNELS]", "the input has no header: its format, as s16le,16000,1"),
	OPT(FLAG, "ignore-length", &ignore_length, NULL, "read to the end, whatever a header says"),
	OPT_SKIP(&skips.most),
	OPT_THREADS(&threads),
	OPT_PROFILE(&common.profile),
};
static const char *const uses[] = { "[FILE...]", "--manifest FILE", NULL };
static const struct tool tool = OPT_TOOL("wavnorm", "audio files to wave records of one rate and length");

struct item {
	struct meta meta;
	int key_length; /* of the key without channel */
	bool speaks;    /* there was a record */
	struct clip clip;
	struct cut cut; /* where the clip's beginning is not enough */
	double came;    /* when its last bytes were read, for --profile */
};

struct job {
	struct item item[CLIP_GROUP];
	size_t n;
	size_t number;
};

/* Which job writes: those before it are out. */
struct turn {
	pthread_mutex_t lock;
	pthread_cond_t next;
	size_t job;
	bool stopped; /* nothing is written any more */
};

struct work {
	struct mem_pool pool;
	struct source *source;
	size_t group; /* files a job */
	struct job *jobs;
	size_t njobs, given;
	struct turn turn;
	struct clip_work *memory; /* by worker */
	struct tsr_writer *out;
	struct cut_how how;
	float *scratch; /* a record that is padded or scaled */
	size_t scratch_cap;
	bool head;      /* a signal's beginning is enough */
	bool pieces;    /* several records a recording */
	size_t total; /* files; 0: not known */
	long files, clipped, silent, speechless;
};

/* Whether records are scaled, and say so in gain=. */
static bool
scales(void)
{
	return !isnan(peak) || !isnan(rms);
}

/* A manifest must not have a field that is written. */
static int
check_field(const struct item *it, const char *name, const char *who)
{
	if (meta_get(&it->meta, name) == NULL)
		return ST_OK;
	return err_set(ST_DATA, "%s: the manifest has a field %s=, which %s; give it another name", it->clip.path, name, who);
}

static int
next_job(void *ctx, size_t slot, enum queue_next *what)
{
	struct work *w = ctx;
	struct job *job = &w->jobs[slot];
	int rc = ST_OK;

	for (job->n = 0; job->n < w->group; job->n++) {
		struct item *it = &job->item[job->n];

		meta_clear(&it->meta);
		it->clip.look = common.verbose;
		it->clip.channel = channel;
		rc = source_next(w->source, &it->clip, &it->meta);
		if (rc == ST_OK && scales())
			rc = check_field(it, "gain", "--peak and --rms write");
		if (rc == ST_OK && channel != CLIP_MIX)
			rc = check_field(it, "channel", "--channels writes");
		if (rc != ST_OK || it->clip.path == NULL)
			break;
		it->key_length = (int)strlen(meta_get(&it->meta, "key"));
		it->speaks = false;
	}
	if (job->n == 0)
		*what = QUEUE_END;
	else
		job->number = w->given++;
	return rc;
}

/* True where the job may write; with wait it may later. */
static bool
take_turn(struct turn *t, size_t job, bool wait)
{
	bool mine;

	pthread_mutex_lock(&t->lock);
	while (wait && !t->stopped && t->job != job)
		pthread_cond_wait(&t->next, &t->lock);
	mine = t->job == job && !t->stopped;
	pthread_mutex_unlock(&t->lock);
	return mine;
}

static void
pass_turn(struct turn *t, bool stopped)
{
	pthread_mutex_lock(&t->lock);
	t->job++;
	t->stopped = stopped;
	pthread_cond_broadcast(&t->next);
	pthread_mutex_unlock(&t->lock);
}

/* Writes a record of n samples, which zeros complete where it has a length. */
static int
write_record(struct work *w, struct item *it, const float *data, size_t n)
{
	size_t length = isinf(seconds) ? n : w->how.samples;
	uint64_t shape[1] = { length };
	double began;
	int rc = ST_OK;

	if (common.verbose && signal_peak(data, n) == 0)
		w->silent++;
	if ((n < length && !w->head) || scales()) { /* a beginning has its zeros */
		if ((rc = mem_room(&w->scratch, &w->scratch_cap, length, sizeof *w->scratch)) != ST_OK)
			return rc;
		memcpy(w->scratch, data, n * sizeof *data);
		memset(w->scratch + n, 0, (length - n) * sizeof *data);
		data = w->scratch;
	}
	if (scales()) {
		double level = isnan(peak) ? signal_rms(data, n) : signal_peak(data, n);

		rc = meta_set(&it->meta, "gain", "%.6f", signal_level(w->scratch, n, level, isnan(peak) ? rms : peak));
	}
	began = profile_now();
	if (rc == ST_OK)
		rc = tsr_record(w->out, TSR_F32, 1, shape, &it->meta, data);
	if (rc == ST_OK && profile_on()) { /* written at once, so that it is known when */
		rc = tsr_flush(w->out);
		profile_stage("write", began, 0, (double)(length * sizeof *data));
		profile_written(it->came);
	}
	return rc;
}

/* Says which channel and piece of its file a record is. */
static int
set_place(const struct work *w, struct item *it, const struct cut_piece *p)
{
	double start = it->clip.where == NULL ? 0 : it->clip.start;
	long number = channel == CLIP_APART ? (long)p->channel + 1 : channel;
	int rc = ST_OK;

	if (channel == CLIP_APART)
		rc = meta_set(&it->meta, "key", "%.*s.ch%ld", it->key_length, meta_get(&it->meta, "key"), number);
	if (rc == ST_OK && channel != CLIP_MIX)
		rc = meta_set(&it->meta, "channel", "%ld", number);
	if (rc != ST_OK || !w->pieces)
		return rc;
	rc = meta_set(&it->meta, "start", "%.3f", start + (double)p->begin / w->how.rate);
	return rc == ST_OK ? meta_set(&it->meta, "end", "%.3f", start + (double)p->end / w->how.rate) : rc;
}

/* Writes what is complete; *any is set where there was something. */
static int
write_cut(struct work *w, struct item *it, bool *any)
{
	struct cut_piece p;
	int rc = ST_OK;

	while (rc == ST_OK && cut_next(&it->cut, &p)) {
		rc = set_place(w, it, &p);
		if (rc == ST_OK && (rc = cut_trim(&it->cut, &p)) == ST_OK)
			rc = write_record(w, it, p.data, p.n);
		*any = it->speaks = true;
	}
	return rc;
}

/* Cuts a file while it is decoded. Windows leave at once where it is the job's
 * turn; until then they wait, and when they are many, so does the decoding. */
static int
cut_item(struct work *w, int worker, const struct job *job, struct item *it)
{
	struct cut *cut = &it->cut;
	bool any = false;
	int rc = ST_OK;

	cut_begin(cut, &it->clip, &w->how, &w->memory[worker].kept);
	it->came = input_came();
	while (rc == ST_OK && cut->stream != NULL) {
		cut_read(cut);
		it->came = input_came();
		if (!w->pieces)
			continue;
		if (take_turn(&w->turn, job->number, cut_held(cut) >= CUT_HELD))
			rc = write_cut(w, it, &any);
		else if (cut_held(cut) >= CUT_HELD)
			break; /* stopped */
		if (rc == ST_OK && any)
			rc = tsr_flush(w->out);
		any = false;
	}
	if (cut->stream != NULL)
		cut_free(cut);
	return rc;
}

static int
do_job(void *ctx, int worker, size_t slot)
{
	struct work *w = ctx;
	struct job *job = &w->jobs[slot];
	struct clip *clips[CLIP_GROUP];
	double began = profile_now();

	if (!w->head) {
		int rc = cut_item(w, worker, job, &job->item[0]);

		profile_stage("work", began, 0, 0);
		return rc;
	}
	for (size_t i = 0; i < job->n; i++)
		clips[i] = &job->item[i].clip;
	clip_load(&w->memory[worker], clips, job->n, w->how.rate, w->how.samples, &w->how.decode);
	for (size_t i = 0; i < job->n; i++)
		job->item[i].came = input_came();
	profile_stage("work", began, 0, 0);
	return ST_OK; /* failures stay with their files */
}

/* What to type instead names the command that the user has typed, where that is another one: sertools
 * says which. */
static int
name_reader(int rc)
{
	const char *reader = getenv("SERTOOLS_READER"), *text = err_text(), *pipe = strstr(text, "| wavnorm");
	const char *found = pipe != NULL ? pipe : strstr(text, ": wavnorm --raw");
	int n = reader == NULL ? 0 : (int)strlen(reader) - (pipe != NULL ? 0 : (int)strlen(" -")); /* what it reads follows */

	if (rc == ST_OK || found == NULL || n <= 0)
		return rc;
	return err_set(rc, "%.*s%.*s%s", (int)(found + 2 - text), text, n, reader, found + strlen("| wavnorm"));
}

static int
emit_item(struct work *w, struct item *it)
{
	const char *name = strcmp(it->clip.path, "-") == 0 ? "standard input" : it->clip.path;
	bool any = false;
	int rc = ST_OK;

	if (!w->head)
		rc = write_cut(w, it, &any);
	else if (it->clip.rc == ST_OK)
		rc = write_record(w, it, it->clip.signal, it->clip.n);
	if (rc == ST_OK && it->clip.rc != ST_OK && !tool_skip(&skips, name_reader(clip_error(&it->clip))))
		rc = it->clip.rc;
	w->files++;
	if (common.verbose && it->clip.rc == ST_OK && it->clip.note != NULL)
		tool_say("%s: %s", name, it->clip.note);
	w->clipped += it->clip.rc == ST_OK && it->clip.clipped;
	if (segments && it->clip.rc == ST_OK && !it->speaks) {
		w->speechless++;
		if (!common.quiet)
			tool_say("%s: no speech in it: no record", name);
	}
	return rc;
}

static int
emit_job(void *ctx, size_t slot, int rc)
{
	struct work *w = ctx;
	struct job *job = &w->jobs[slot];

	for (size_t i = 0; i < job->n && rc == ST_OK; i++)
		rc = emit_item(w, &job->item[i]);
	pass_turn(&w->turn, rc != ST_OK);
	if (!common.quiet && w->total > 1)
		tool_progress("%ld of %zu files", w->files, w->total);
	else if (!common.quiet)
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

/* A model of whole recordings is asked about windows of any length. */
static int
take_whole(void)
{
	if (isnan(window) && !isnan(step))
		return err_set(ST_USAGE, "--step requires --window: %s was trained on whole recordings", like);
	if (isnan(window))
		return opt_impose(&tool, "seconds", "all", like);
	seconds = INFINITY;
	return ST_OK;
}

/* Seconds that give as many samples do not contradict the model. */
static int
take_length(const struct model *m)
{
	bool windows = !isnan(window) || !isnan(step);
	const char *text = like_setting(m, like, "samples");
	double samples = text == NULL ? 0 : strtod(text, NULL);
	char length[32];

	if (text != NULL && strcmp(text, "all") == 0)
		return take_whole();
	if (text == NULL || fmax(1, round((windows ? window : seconds) * (double)rate)) == samples)
		return text == NULL ? ST_DATA : ST_OK;
	snprintf(length, sizeof length, "%.17g", samples / (double)rate);
	return opt_impose(&tool, windows ? "window" : "seconds", length, like);
}

/* Of features that were trimmed otherwise, the head says nothing of it. */
static int
take_trim_frame(const struct model *m)
{
	const char *text = meta_get(&m->feature, "trimframe");

	return opt_impose(&tool, "trim-frame", text == NULL ? frames[TRIM_LIBROSA] : text, like);
}

static int
take_like(void)
{
	static const char *const names[] = { "rate", "at", "trim" };
	struct model m = { 0 };
	int rc = like_read(&m, like, beside);

	for (size_t i = 0; i < OPT_COUNT(names) && rc == ST_OK; i++)
		rc = like_take(&tool, &m, like, names[i]);
	if (rc == ST_OK && (rc = take_trim_frame(&m)) == ST_OK && (rc = take_level(&m)) == ST_OK)
		rc = take_length(&m);
	model_free(&m);
	return rc;
}

static int
take_channels(void)
{
	char *end;
	long n = strtol(channels_text, &end, 10);

	if (strcmp(channels_text, "mix") == 0 || strcmp(channels_text, "apart") == 0)
		channel = channels_text[0] == 'm' ? CLIP_MIX : CLIP_APART;
	else if (end == channels_text || *end != '\0' || n < 1 || n > 65535)
		return err_set(ST_USAGE, "--channels: '%s' is neither mix, apart nor a number from 1 on", channels_text);
	else
		channel = (int)n;
	return ST_OK;
}

static int
check_segments(void)
{
	static const char *const only[] = { "min-speech", "min-pause", "max-speech" };

	if (segments && (!isnan(window) || !isnan(step)))
		return err_set(ST_USAGE, "--segments and --%s exclude each other", isnan(window) ? "step" : "window");
	for (size_t i = 0; i < OPT_COUNT(only); i++)
		if (!segments && opt_given(&tool, only[i]))
			return err_set(ST_USAGE, "--%s requires --segments", only[i]);
	if (segments && rate < SPEECH_RATE_MIN)
		return err_set(ST_USAGE, "--segments requires a --rate of %d at least", SPEECH_RATE_MIN);
	if (segments && !isnan(max_speech) && max_speech < 2 * min_speech)
		return err_set(ST_USAGE, "--max-speech must be twice --min-speech at least");
	if (segments && !isnan(max_speech) && max_speech * (double)rate > CUT_MOST)
		return err_set(ST_USAGE, "--max-speech: at %ld Hz a record can have %.0f s", rate, CUT_MOST / (double)rate);
	return ST_OK;
}

static int
check_options(int operands)
{
	int rc = like == NULL ? like_check_options(like, beside) : take_like();

	if (rc != ST_OK || (raw_text != NULL && (rc = raw_parse(raw_text, &raw)) != ST_OK) ||
	    (rc = take_channels()) != ST_OK || (rc = check_segments()) != ST_OK)
		return rc;
	if (manifest != NULL && operands > 0)
		return err_set(ST_USAGE, "--manifest and files exclude each other");
	if (!isnan(peak) && !isnan(rms))
		return err_set(ST_USAGE, "--peak and --rms exclude each other");
	if (isnan(window) && !isnan(step))
		return err_set(ST_USAGE, "--step requires --window or --like");
	if (!isnan(window) && (opt_given(&tool, "seconds") || at == AT_CENTRE))
		return err_set(ST_USAGE, "--window excludes --seconds and --at centre");
	if (isinf(seconds) && at == AT_CENTRE)
		return err_set(ST_USAGE, "--seconds all excludes --at centre");
	if (isnan(trim) && opt_given(&tool, "trim-frame") && trim_frame != TRIM_LIBROSA)
		return err_set(ST_USAGE, "--trim-frame requires --trim");
	return ST_OK;
}

static int
write_head(struct work *w)
{
	struct meta m = { 0 };
	int rc = meta_add(&m, "type", "wave");

	rc = rc != ST_OK ? rc : meta_add(&m, "rate", "%ld", rate);
	rc = rc != ST_OK ? rc : isinf(seconds) ? meta_add(&m, "samples", "all") : meta_add(&m, "samples", "%zu", w->how.samples);
	rc = rc != ST_OK ? rc : meta_add(&m, "at", "%s", places[at]);
	if (rc == ST_OK)
		rc = !isnan(peak)  ? meta_add(&m, "level", "peak %.10g", peak)
		     : !isnan(rms) ? meta_add(&m, "level", "rms %.10g", rms)
		                   : meta_add(&m, "level", "none");
	if (rc == ST_OK)
		rc = isnan(trim) ? meta_add(&m, "trim", "none") : meta_add(&m, "trim", "%.10g", trim);
	if (rc == ST_OK && !isnan(trim) && trim_frame != TRIM_LIBROSA) /* heads from before it was a choice are without it */
		rc = meta_add(&m, "trimframe", "%s", frames[trim_frame]);
	rc = rc != ST_OK ? rc : provenance_add(&tool, &m);
	rc = rc != ST_OK ? rc : tsr_head(w->out, &m);
	meta_clear(&m);
	return rc;
}

static int
prepare(struct work *w, size_t nfiles, int n)
{
	double length = isnan(window) ? seconds : window, stride = isnan(window) ? 0 : isnan(step) ? window : step;

	w->how = (struct cut_how){ .rate = (double)rate, .centre = at == AT_CENTRE, .whole = isinf(length) };
	w->how.trim = trim_frame == TRIM_SHORT ? trim_short(trim, w->how.rate) : trim_librosa(trim);
	w->how.decode.ignore_length = ignore_length;
	w->how.decode.raw = raw_text == NULL ? NULL : &raw;
	w->how.samples = w->how.whole ? CUT_MOST : (size_t)fmax(1, round(length * w->how.rate));
	w->how.stride = isnan(window) ? 0 : (size_t)fmax(1, round(stride * w->how.rate));
	w->how.segments = segments;
	w->how.segment = (struct segment_how){ min_speech, min_pause, max_speech };
	if (isnan(max_speech))
		w->how.segment.max_speech = fmax(fmin(10, length), 2 * min_speech);
	w->pieces = segments || w->how.stride > 0;
	w->head = at == AT_START && isnan(trim) && !w->pieces && !w->how.whole && channel == CLIP_MIX;
	pthread_mutex_init(&w->turn.lock, NULL);
	pthread_cond_init(&w->turn.next, NULL);
	/* Few or long files are spread over the threads instead of sharing filters. */
	w->group = !w->head || (manifest == NULL && nfiles < (size_t)(2 * CLIP_GROUP * n)) ? 1 : CLIP_GROUP;
	w->njobs = n > 1 ? 2 * (size_t)n : 1;
	w->jobs = mem_take(&w->pool, w->njobs, sizeof *w->jobs);
	w->memory = mem_take(&w->pool, (size_t)n, sizeof *w->memory);
	return w->pool.status;
}

static void
release(struct work *w, int n)
{
	for (size_t i = 0; w->jobs != NULL && i < w->njobs * CLIP_GROUP; i++) {
		struct item *it = &w->jobs[i / CLIP_GROUP].item[i % CLIP_GROUP];

		meta_clear(&it->meta);
		clip_free(&it->clip);
		cut_free(&it->cut);
	}
	for (int i = 0; w->memory != NULL && i < n; i++)
		clip_work_free(&w->memory[i]);
	mem_release(&w->pool);
	free(w->scratch);
	source_close(w->source);
	tsr_abort(w->out);
}

static void
sum_up(const struct work *w)
{
	char clipped[48] = "", silent[48] = "", speechless[48] = "";

	if (w->clipped > 0)
		snprintf(clipped, sizeof clipped, " (%ld clipped)", w->clipped);
	if (w->silent > 0)
		snprintf(silent, sizeof silent, " (%ld digital silence)", w->silent);
	if (w->speechless > 0)
		snprintf(speechless, sizeof speechless, " (%ld without speech)", w->speechless);
	tool_say("%ld files%s%s, %llu records%s", w->files, clipped, speechless, (unsigned long long)tsr_records(w->out), silent);
}

static int
run_files(char **files, size_t nfiles)
{
	struct work w = { .total = nfiles };
	int n = manifest == NULL && nfiles < 2 ? 1 : opt_threads(threads), rc = check_options(nfiles);
	struct queue_plan plan = { .workers = n > 1 ? n : 0, .ctx = &w, .next = next_job, .work = do_job, .emit = emit_job };

	if (rc != ST_OK)
		return rc;
	rc = source_open(&w.source, files, nfiles, manifest, (enum source_key)key);
	if (rc == ST_OK && (rc = prepare(&w, nfiles, n)) == ST_OK && (rc = tsr_create(&w.out, common.out)) == ST_OK &&
	    (rc = write_head(&w)) == ST_OK) {
		plan.slots = w.njobs;
		rc = queue_run(&plan);
	}
	if (rc == ST_OK && (rc = tsr_end(w.out)) == ST_OK) {
		if (common.verbose)
			sum_up(&w);
		rc = tsr_finish(w.out);
		w.out = NULL;
	}
	release(&w, n);
	return rc;
}

static int
run(char **files, size_t n)
{
	struct folder all = { 0 };
	int rc = folders ? folder_expand(&all, files, n) : ST_OK;

	if (rc == ST_OK)
		rc = folders ? run_files(all.path, all.n) : run_files(files, n);
	folder_free(&all);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
