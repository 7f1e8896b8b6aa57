/* descriptors: wave records to low-level descriptors: log-mel bands, cepstrum, pitch, shape. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/lld.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/tool.h"
#include "base/words.h"
#include "model/like.h"
#include "stream/filter.h"
#include "stream/provenance.h"

static long hop = 256, window = 640, fft = 1024, mels = 64, mfcc = 20, delta, threads, max_record = 1024;
static double fmin_hz = 50, fmax_hz = 8000, amin = 1e-8, f0_min = 70, f0_max = 500, octave_cost = 0.01, jump_cost = 0.35;
static const char *like, *beside, *columns = "mel,mfcc,pitch,shape";
static bool restore_gain;
static struct tool_skips skips;
static struct opt_common common = { .feeds = true };
static const struct opt opts[] = {
	OPT(TEXT, "like", &like, "MODEL", "take all settings from a model", .find = FIND_MODEL),
	OPT(TEXT, "beside", &beside, "NAME", "with --like: of the net's second input, which is called NAME"),
	OPT_PG(TEXT, "columns", &columns, "LIST", "groups of columns, comma-separated: mel, mfcc, pitch, shape"),
	OPT_PG(INT, "hop", &hop, "N", "samples from one frame to the next", .min = 1, .max = 1 << 20),
	OPT_PG(INT, "window", &window, "N", "samples of the window in the middle of a frame", .min = 4, .max = 1 << 20),
	OPT_PG(INT, "fft", &fft, "N", "samples that a frame is filled up to with zeros, even", .min = 16, .max = 1 << 20),
	OPT_PG(INT, "mels", &mels, "N", "mel bands", .min = 2, .max = 1024),
	OPT_PG(NUM, "fmin", &fmin_hz, "HZ", "lower edge of the first band", .max = 1e6),
	OPT_PG(NUM, "fmax", &fmax_hz, "HZ", "upper edge of the last band", .min = 1e-3, .max = 1e6),
	OPT_PG(NUM, "amin", &amin, "X", "smaller powers of a band count as this", .min = 1e-30, .max = 1e30),
	OPT_PG(INT, "mfcc", &mfcc, "N", "cepstral coefficients", .min = 1, .max = 1024),
	OPT_PG(NUM, "f0-min", &f0_min, "HZ", "lowest F0", .min = 1, .max = 1e5),
	OPT_PG(NUM, "f0-max", &f0_max, "HZ", "highest F0", .min = 1, .max = 1e5),
	OPT_PG(NUM, "octave-cost", &octave_cost, "X", "of an F0, an octave below the highest", .max = 100),
	OPT_PG(NUM, "jump-cost", &jump_cost, "X", "of an F0 an octave off that of the frame before", .max = 100),
	OPT_PG(INT, "delta", &delta, "N", "orders of differences that follow the columns", .max = 2),
	OPT_PG(FLAG, "restore-gain", &restore_gain, NULL, "bands as loud as in the recording: less the record's gain="),
	OPT_SKIP(&skips.most),
	OPT_MAXREC(&max_record),
	OPT_THREADS(&threads),
	OPT_PROFILE(&common.profile),
};
static const char *const uses[] = { "[STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("descriptors", "wave records to low-level descriptors", .in_place = true);

/* The settings that a head has, each with the option of its name, and the groups of columns
 * that it changes. */
enum { PITCH = 1 << LLD_PITCH, MFCC = 1 << LLD_MFCC, ALL = (1 << LLD_GROUPS) - 1, BANDS = ALL - PITCH };
static const struct setting {
	const char *name;
	const double *number; /* or: */
	const long *whole;
	int groups;
} settings[] = {
	{ "hop", NULL, &hop, ALL },
	{ "window", NULL, &window, ALL },
	{ "fft", NULL, &fft, BANDS },
	{ "mels", NULL, &mels, BANDS },
	{ "fmin", &fmin_hz, NULL, BANDS },
	{ "fmax", &fmax_hz, NULL, BANDS },
	{ "amin", &amin, NULL, BANDS },
	{ "mfcc", NULL, &mfcc, MFCC },
	{ "f0-min", &f0_min, NULL, PITCH },
	{ "f0-max", &f0_max, NULL, PITCH },
	{ "octave-cost", &octave_cost, NULL, PITCH },
	{ "jump-cost", &jump_cost, NULL, PITCH },
	{ "delta", NULL, &delta, ALL },
};

struct work {
	struct lld_options options;
	int groups;              /* of columns, a bit each */
	struct lld *plan;        /* made at the first segment and where the rate changes */
	struct lld_work *memory; /* by worker */
	int workers;
};

/* Sets groups, and --columns to their names in the columns' order. */
static int
set_columns(int *groups)
{
	static char names[64];
	const char *rest = columns, *word;
	size_t n;

	*groups = 0;
	while (words_next(&rest, &word, &n)) {
		int g = 0;

		while (lld_groups[g] != NULL && (strlen(lld_groups[g]) != n || strncmp(lld_groups[g], word, n) != 0))
			g++;
		if (lld_groups[g] == NULL)
			return err_set(ST_USAGE, "--columns: '%.*s' is none of mel, mfcc, pitch, shape", (int)n, word);
		if ((*groups & 1 << g) != 0)
			return err_set(ST_USAGE, "--columns: %s appears twice", lld_groups[g]);
		*groups |= 1 << g;
	}
	for (int g = 0, at = 0; g < LLD_GROUPS; g++)
		if ((*groups & 1 << g) != 0)
			at += snprintf(names + at, sizeof names - (size_t)at, "%s%s", at == 0 ? "" : ",", lld_groups[g]);
	columns = names;
	return ST_OK;
}

static int
take_gain(const struct model *m)
{
	const char *setting = like_setting(m, like, "restoregain");

	if (setting == NULL)
		return ST_DATA;
	if (restore_gain && strcmp(setting, "yes") != 0)
		return err_set(ST_USAGE, "--restore-gain contradicts %s, which was trained without", like);
	restore_gain = strcmp(setting, "yes") == 0;
	return ST_OK;
}

/* A model's head has no settings that its columns ignore. */
static int
take_like(int *groups)
{
	struct model m = { 0 };
	int rc = like_read(&m, like, beside);

	if (rc == ST_OK && (rc = like_take(&tool, &m, like, "columns")) == ST_OK && (rc = set_columns(groups)) == ST_OK)
		rc = (*groups & BANDS) != 0 ? take_gain(&m) : ST_OK;
	for (size_t i = 0; i < OPT_COUNT(settings) && rc == ST_OK; i++)
		if ((*groups & settings[i].groups) != 0)
			rc = like_take(&tool, &m, like, settings[i].name);
	model_free(&m);
	return rc;
}

static int
set_options(struct work *w)
{
	struct lld_options *o = &w->options;
	int rc = like_check_options(like, beside);

	if (rc != ST_OK || (rc = set_columns(&w->groups)) != ST_OK || (like != NULL && (rc = take_like(&w->groups)) != ST_OK))
		return rc;
	if (fft % 2 != 0)
		return err_set(ST_USAGE, "--fft: %ld is odd", fft);
	if (window > fft && (w->groups & BANDS) != 0)
		return err_set(ST_USAGE, "--window %ld is longer than --fft %ld", window, fft);
	if (mfcc > mels && (w->groups & MFCC) != 0)
		return err_set(ST_USAGE, "--mfcc %ld: there are no more than --mels %ld", mfcc, mels);
	if (fmin_hz >= fmax_hz)
		return err_set(ST_USAGE, "--fmin %g is not below --fmax %g", fmin_hz, fmax_hz);
	if (f0_min >= f0_max)
		return err_set(ST_USAGE, "--f0-min %g is not below --f0-max %g", f0_min, f0_max);
	*o = (struct lld_options){
		.stft = { (size_t)fft, (size_t)window, (size_t)hop, true },
		.mel = { 0, (size_t)fft, (size_t)mels, fmin_hz, fmax_hz, false, false },
		.amin = amin, .mfcc = (size_t)mfcc,
		.pitch = { .low = f0_min, .high = f0_max, .octave_cost = octave_cost, .jump_cost = jump_cost },
		.delta = (int)delta,
	};
	for (int g = 0; g < LLD_GROUPS; g++)
		o->group[g] = (w->groups & 1 << g) != 0;
	return ST_OK;
}

static void
free_plan(struct work *w)
{
	for (int i = 0; i < w->workers; i++)
		lld_work_free(&w->memory[i]);
	lld_free(w->plan);
	w->plan = NULL;
}

static int
plan(struct work *w, const struct tsr_chunk *in)
{
	double rate;
	int rc = tsr_rate(in, &rate);

	if (rc != ST_OK)
		return rc;
	if (w->plan != NULL && rate == w->options.mel.rate)
		return ST_OK;
	free_plan(w);
	w->options.mel.rate = rate;
	rc = lld_new(&w->plan, &w->options);
	if (rc == ST_USAGE) /* the defaults are for 16000 Hz */
		return err_set(ST_DATA, "%s: %s: try %sother values for --fmax, --window, --fft, --f0-min and --f0-max", in->file,
		               err_text(), rate == 16000 ? "" : "wavnorm --rate 16000, or ");
	if (rc == ST_OK && lld_empty(w->plan) > 0 && !common.quiet)
		tool_say("%zu of %ld bands lie between two bins of the spectrum and stay empty", lld_empty(w->plan), mels);
	return rc;
}

/* The settings, and a line for each column. */
static int
describe(const struct work *w, struct meta *m)
{
	int rc = ST_OK;

	for (size_t i = 0; i < OPT_COUNT(settings) && rc == ST_OK; i++) {
		const struct setting *s = &settings[i];
		char name[LIKE_NAME];

		like_name(s->name, name);
		if ((w->groups & s->groups) != 0)
			rc = s->whole != NULL ? meta_add(m, name, "%ld", *s->whole) : meta_add(m, name, "%.10g", *s->number);
	}
	if (rc == ST_OK && (w->groups & BANDS) != 0)
		rc = meta_add(m, "restoregain", "%s", restore_gain ? "yes" : "no");
	if (rc == ST_OK)
		rc = meta_add(m, "columns", "%s", columns);
	for (size_t c = 0; c < lld_columns(w->plan) && rc == ST_OK; c++) {
		struct str column = { 0 };

		lld_name(w->plan, c, &column);
		rc = meta_take(m, "column", &column);
	}
	return rc;
}

/* The type, the fields of the waves and of the descriptors, both provenances. */
static int
head(void *ctx, const struct tsr_chunk *in, struct meta *out)
{
	struct work *w = ctx;
	int rc = tsr_expect_type(in, "wave", NULL);

	if (rc != ST_OK || (rc = plan(w, in)) != ST_OK || (rc = meta_copy(out, &in->meta)) != ST_OK ||
	    (rc = meta_set(out, "type", "lld")) != ST_OK)
		return rc;
	meta_remove(out, "pg");
	rc = describe(w, out);
	return rc == ST_OK ? provenance_follow(&tool, &in->meta, out) : rc;
}

/* What --restore-gain adds to the bands of a record, dB. */
static int
read_gain(const struct meta *m, double *db)
{
	const char *text = meta_get(m, "gain");
	char *end;

	*db = 0;
	if (!restore_gain)
		return ST_OK;
	if (text == NULL)
		return err_set(ST_DATA, "gain= is missing, which --restore-gain requires: wavnorm --peak and --rms write it");
	*db = -strtod(text, &end);
	if (end == text || *end != '\0' || !(fabs(*db) <= 300))
		return err_set(ST_DATA, "gain=%s is not a number of dB", text);
	return ST_OK;
}

static int
process(void *ctx, int worker, const struct tsr_chunk *in, struct filter_out *out)
{
	struct work *w = ctx;
	uint64_t shape[2] = { 0, lld_columns(w->plan) };
	struct filter_record *r;
	double gain;
	int rc = tsr_expect(in, TSR_F32, 1);

	if (rc != ST_OK || (rc = read_gain(&in->meta, &gain)) != ST_OK)
		return rc;
	shape[0] = lld_frames(w->plan, (size_t)in->shape[0]);
	if (shape[0] == 0)
		return err_set(ST_DATA, "the signal is empty");
	if ((rc = filter_add(out, 2, shape, &in->meta, &r)) != ST_OK)
		return rc;
	return lld_run(w->plan, &w->memory[worker], in->data, (size_t)in->shape[0], gain, r->data);
}

static bool
skip(int status)
{
	return tool_skip(&skips, status);
}

static int
run(char **files, size_t n)
{
	struct work w = { .workers = opt_threads(threads) };
	struct filter f = { .threads = w.workers, .ctx = &w, .head = head, .process = process, .skip = skip };
	int rc = set_options(&w);

	if (rc != ST_OK)
		return rc;
	w.memory = mem_zero((size_t)w.workers, sizeof *w.memory);
	if (w.memory == NULL)
		return ST_SYS;
	rc = filter_files(&f, files, n, (uint64_t)max_record << 20, common.out);
	free_plan(&w);
	free(w.memory);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
