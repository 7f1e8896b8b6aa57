/* melspec: wave records to log-mel spectrograms, as librosa makes them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/melspec.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/tool.h"
#include "model/like.h"
#include "stream/filter.h"
#include "stream/provenance.h"

enum { AREA, PEAK };

static long nfft = 2048, window = 2048, hop = 512, mels = 128, threads, max_record = 1024;
static double fmin_hz, fmax_hz = 8000, power = 2, amin = 1e-10;
static const char *like, *beside, *ref = "max", *top_db = "80";
static int scale = MELSPEC_DB, norm = AREA, formula;
static bool center = true;
static struct tool_skips skips;
static struct opt_common common = { .feeds = true };
static const char *const scales[] = { "db", "power", "log", NULL };
static const char *const norms[] = { "area", "peak", NULL };
static const char *const formulas[] = { "slaney", "htk", NULL };
static const struct opt opts[] = {
	OPT(TEXT, "like", &like, "MODEL", "take all settings from a model", .find = FIND_MODEL),
	OPT(TEXT, "beside", &beside, "NAME", "with --like: of the net's second input, which is called NAME"),
	OPT_PG(INT, "nfft", &nfft, "N", "samples a frame, even", .min = 16, .max = 1 << 20),
	OPT_PG(INT, "window", &window, "N", "samples of the window in the middle of a frame; else as --nfft", .min = 1,
	    .max = 1 << 20),
	OPT_PG(INT, "hop", &hop, "N", "samples from one frame to the next", .min = 1, .max = 1 << 20),
	OPT_PG(YES_NO, "center", &center, "yes|no", "centre frames on multiples of the hop, zeros beyond the ends"),
	OPT_PG(NUM, "power", &power, "P", "exponent of the magnitudes: 1 amplitude, 2 power", .min = 1e-3, .max = 100),
	OPT_PG(INT, "mels", &mels, "N", "mel bands", .min = 1, .max = 65536),
	OPT_PG(NUM, "fmin", &fmin_hz, "HZ", "lower edge of the first band", .max = 1e6),
	OPT_PG(NUM, "fmax", &fmax_hz, "HZ", "upper edge of the last band", .min = 1e-3, .max = 1e6),
	OPT_PG(CHOICE, "formula", &formula, "NAME", "formula of the mel scale", .choices = formulas),
	OPT_PG(CHOICE, "norm", &norm, "NAME", "quantity of every band's triangle that is 1", .choices = norms),
	OPT_PG(CHOICE, "scale", &scale, "NAME", "decibels, power as it is, or natural logarithm", .choices = scales),
	OPT_PG(TEXT, "ref", &ref, "X", "power that becomes 0 dB, or max: the record's largest"),
	OPT_PG(NUM, "amin", &amin, "X", "smaller powers count as this, for db and log", .min = 1e-30, .max = 1e30),
	OPT_PG(TEXT, "top-db", &top_db, "DB", "floor below the record's largest, or none"),
	OPT_SKIP(&skips.most),
	OPT_MAXREC(&max_record),
	OPT_THREADS(&threads),
	OPT_PROFILE(&common.profile),
};
static const char *const uses[] = { "[STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("melspec", "wave records to mel spectrograms", .in_place = true);

struct work {
	struct melspec_options options;
	struct melspec *plan; /* made at the first segment and where the rate changes */
	struct melspec_work *memory; /* by worker */
	int workers;
};

/* A positive number, or NAN for the word. */
static int
number_or(const char *word, const char *name, const char *text, double *x)
{
	char *end;

	*x = NAN;
	if (strcmp(text, word) == 0)
		return ST_OK;
	*x = strtod(text, &end);
	if (end == text || *end != '\0' || !isfinite(*x) || *x <= 0)
		return err_set(ST_USAGE, "--%s: '%s' is neither a positive number nor %s", name, text, word);
	return ST_OK;
}

/* A model's head has no settings that its scale ignores. */
static int
take_like(void)
{
	static const char *const always[] = { "nfft", "window", "hop", "mels", "fmin", "fmax", "formula", "norm", "power",
		"center", "scale" };
	struct model m = { 0 };
	int rc = like_read(&m, like, beside);

	if (rc == ST_OK)
		rc = like_check_type(&m, like, "mel");
	for (size_t i = 0; i < OPT_COUNT(always) && rc == ST_OK; i++)
		rc = like_take(&tool, &m, like, always[i]);
	if (rc == ST_OK && scale == MELSPEC_DB && (rc = like_take(&tool, &m, like, "ref")) == ST_OK)
		rc = like_take(&tool, &m, like, "top-db");
	if (rc == ST_OK && scale != MELSPEC_POWER)
		rc = like_take(&tool, &m, like, "amin");
	model_free(&m);
	return rc;
}

static int
set_options(struct melspec_options *o)
{
	int rc = like == NULL ? like_check_options(like, beside) : take_like();

	if (rc != ST_OK)
		return rc;
	if (like == NULL && !opt_given(&tool, "window"))
		window = nfft;
	if (nfft % 2 != 0)
		return err_set(ST_USAGE, "--nfft: %ld is odd", nfft);
	if (window > nfft)
		return err_set(ST_USAGE, "--window %ld is longer than --nfft %ld", window, nfft);
	if (fmin_hz >= fmax_hz)
		return err_set(ST_USAGE, "--fmin %g is not below --fmax %g", fmin_hz, fmax_hz);
	*o = (struct melspec_options){
		.stft = { (size_t)nfft, (size_t)window, (size_t)hop, center },
		.mel = { 0, (size_t)nfft, (size_t)mels, fmin_hz, fmax_hz, formula == 1, norm == PEAK },
		.power = power, .scale = (enum melspec_scale)scale, .amin = amin,
	};
	rc = number_or("max", "ref", ref, &o->ref);
	return rc == ST_OK ? number_or("none", "top-db", top_db, &o->top_db) : rc;
}

static void
free_plan(struct work *w)
{
	for (int i = 0; i < w->workers; i++)
		melspec_work_free(&w->memory[i]);
	melspec_free(w->plan);
	w->plan = NULL;
}

static int
plan(struct work *w, const struct tsr_chunk *in)
{
	double rate;
	int rc = tsr_rate(in, &rate);

	if (rc != ST_OK)
		return rc;
	if (fmax_hz > rate / 2)
		return err_set(ST_DATA, "%s: --fmax %g is above half of the stream's rate of %g Hz", in->file, fmax_hz, rate);
	if (w->plan != NULL && rate == w->options.mel.rate)
		return ST_OK;
	free_plan(w);
	w->options.mel.rate = rate;
	if ((rc = melspec_new(&w->plan, &w->options)) != ST_OK)
		return rc;
	if (melspec_empty(w->plan) > 0 && !common.quiet)
		tool_say("%zu of %ld bands lie between two bins of the spectrum and stay empty", melspec_empty(w->plan), mels);
	return ST_OK;
}

/* A number as text, so that 80 and 80.0 are the same; the word for NAN. */
static int
add_number_or(struct meta *m, const char *name, double x, const char *word)
{
	return isnan(x) ? meta_add(m, name, "%s", word) : meta_add(m, name, "%.10g", x);
}

/* Adds the features' settings, without those that the scale ignores. */
static int
describe(const struct melspec_options *o, struct meta *m)
{
	int rc = meta_add(m, "nfft", "%ld", nfft);

	rc = rc != ST_OK ? rc : meta_add(m, "window", "%ld", window);
	rc = rc != ST_OK ? rc : meta_add(m, "hop", "%ld", hop);
	rc = rc != ST_OK ? rc : meta_add(m, "mels", "%ld", mels);
	rc = rc != ST_OK ? rc : meta_add(m, "fmin", "%.10g", fmin_hz);
	rc = rc != ST_OK ? rc : meta_add(m, "fmax", "%.10g", fmax_hz);
	rc = rc != ST_OK ? rc : meta_add(m, "formula", "%s", formulas[formula]);
	rc = rc != ST_OK ? rc : meta_add(m, "norm", "%s", norms[norm]);
	rc = rc != ST_OK ? rc : meta_add(m, "power", "%.10g", power);
	rc = rc != ST_OK ? rc : meta_add(m, "center", "%s", center ? "yes" : "no");
	rc = rc != ST_OK ? rc : meta_add(m, "scale", "%s", scales[scale]);
	if (scale == MELSPEC_DB) {
		rc = rc != ST_OK ? rc : add_number_or(m, "ref", o->ref, "max");
		rc = rc != ST_OK ? rc : add_number_or(m, "topdb", o->top_db, "none");
	}
	if (scale != MELSPEC_POWER)
		rc = rc != ST_OK ? rc : meta_add(m, "amin", "%.10g", amin);
	return rc;
}

/* The type, the fields of the waves and of the features, both provenances. */
static int
head(void *ctx, const struct tsr_chunk *in, struct meta *out)
{
	struct work *w = ctx;
	int rc = tsr_expect_type(in, "wave", NULL);

	if (rc != ST_OK || (rc = plan(w, in)) != ST_OK || (rc = meta_copy(out, &in->meta)) != ST_OK ||
	    (rc = meta_set(out, "type", "mel")) != ST_OK)
		return rc;
	meta_remove(out, "pg");
	rc = describe(&w->options, out);
	return rc == ST_OK ? provenance_follow(&tool, &in->meta, out) : rc;
}

static int
process(void *ctx, int worker, const struct tsr_chunk *in, struct filter_out *out)
{
	struct work *w = ctx;
	uint64_t shape[2] = { 0, (uint64_t)mels };
	struct filter_record *r;
	int rc = tsr_expect(in, TSR_F32, 1);

	if (rc != ST_OK)
		return rc;
	shape[0] = melspec_frames(w->plan, (size_t)in->shape[0]);
	if (shape[0] == 0)
		return err_set(ST_DATA, "the signal, %llu samples, is shorter than one frame",
		               (unsigned long long)in->shape[0]);
	if ((rc = filter_add(out, 2, shape, &in->meta, &r)) != ST_OK)
		return rc;
	return melspec_run(w->plan, &w->memory[worker], in->data, (size_t)in->shape[0], r->data);
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
	int rc = set_options(&w.options);

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
