/* functionals: sequences to rows of statistics, by a recipe. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/tool.h"
#include "base/tsv.h"
#include "functional/plan.h"
#include "model/like.h"
#include "stream/filter.h"
#include "stream/provenance.h"
#include "stream/value.h"

static long threads, max_record = 1024;
static const char *like, *beside;
static struct tool_skips skips;
static struct opt_common common = { .feeds = true };
static const struct opt opts[] = {
	OPT(TEXT, "like", &like, "MODEL", "take the recipe from a model, instead of the first operand", .find = FIND_MODEL),
	OPT(TEXT, "beside", &beside, "NAME", "with --like: of the net's second input, which is called NAME"),
	OPT_SKIP(&skips.most),
	OPT_MAXREC(&max_record),
	OPT_THREADS(&threads),
	OPT_PROFILE(&common.profile),
};
static const char *const uses[] = { "RECIPE [STREAM...]", "--like MODEL [STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("functionals", "sequences to rows of statistics", .first = FIND_FUNCTIONALS,
                                         .in_place = true);

struct work {
	struct functional recipe;
	struct plan plan;  /* for the segment's columns */
	bool needs_gain;   /* the head says that levels were set */
	char **own;        /* names of bands, which a head does not list */
	size_t bands;
};

/* The recipe */

/* For a first operand that is no recipe: adds what to type. */
static int
explain(const char *operand, int rc)
{
	if (strstr(err_text(), "this is a tensor stream") == NULL)
		return rc;
	return err_set(rc, "%s: a tensor stream; the recipe comes first: functionals ser1558 %s", operand, operand);
}

static int
read_recipe(struct functional *f, const char *name)
{
	int rc = opt_find(&tool, FIND_FUNCTIONALS, &name);

	if (rc == ST_OK && (rc = functional_read(f, name)) == ST_DATA)
		rc = explain(name, rc);
	return rc;
}

/* As melspec and wavnorm have it: what the model's features were made with. */
static int
read_like(struct functional *f)
{
	struct model m = { 0 };
	int rc = model_read_head(&m, like);

	if (rc == ST_OK && (rc = like_choose(&m, like, beside)) == ST_OK)
		rc = functional_read_meta(f, like, &m.feature);
	model_free(&m);
	return rc;
}

/* Heads */

static double
number(const struct meta *m, const char *name)
{
	const char *text = meta_get(m, name);
	double x;

	return text != NULL && tsv_parse(text, &x) && x > 0 ? x : NAN;
}

/* The bands of a mel stream have no names: mel01, mel02... */
static int
name_bands(struct work *w, const struct tsr_chunk *in)
{
	double bands = number(&in->meta, "mels");
	int width = bands >= 1000 ? 5 : bands >= 100 ? 3 : 2, rc = ST_OK;

	if (!(bands >= 1 && bands <= 65536))
		return err_set(ST_DATA, "%s: the stream does not say its number of bands, mels=", in->file);
	for (size_t i = 0; i < (size_t)bands && rc == ST_OK; i++) {
		struct str s = { 0 };

		if ((rc = mem_push(&w->own, w->bands, sizeof *w->own)) != ST_OK)
			break;
		str_addf(&s, "mel%0*zu", width, i + 1);
		rc = str_take(&s, &w->own[w->bands++]);
	}
	return rc;
}

static void
free_bands(struct work *w)
{
	for (size_t i = 0; i < w->bands; i++)
		free(w->own[i]);
	free(w->own);
	w->own = NULL;
	w->bands = 0;
}

/* The plan for the stream's columns. */
static int
plan(struct work *w, const struct tsr_chunk *in)
{
	bool lists = strcmp(meta_get(&in->meta, "type"), "lld") == 0;
	const char **column = mem_zero(in->meta.n + 1, sizeof *column);
	struct plan_stream s = { in->file, column, 0, number(&in->meta, "rate") / number(&in->meta, "hop") };
	int rc = column == NULL ? ST_SYS : ST_OK;

	for (size_t i = 0; i < in->meta.n && rc == ST_OK && lists; i++)
		if (strcmp(in->meta.item[i].name, "column") == 0)
			column[s.n++] = in->meta.item[i].value;
	if (rc == ST_OK && lists && s.n == 0)
		rc = err_set(ST_DATA, "%s: the stream does not name its columns, column=", in->file);
	if (rc == ST_OK && !lists && (rc = name_bands(w, in)) == ST_OK) {
		s.column = (const char *const *)w->own;
		s.n = w->bands;
	}
	plan_free(&w->plan);
	if (rc == ST_OK)
		rc = plan_make(&w->plan, &w->recipe, &s);
	if (rc == ST_DATA && !lists && strstr(err_text(), " column") != NULL)
		rc = err_set(rc, "%s; a mel stream has bands alone: descriptors makes other columns", err_text());
	free_bands(w);
	free(column);
	return rc;
}

/* The type, what the input says of its records, the names of the values, the recipe; both
 * provenances. */
static int
head(void *ctx, const struct tsr_chunk *in, struct meta *out)
{
	struct work *w = ctx;
	const char *level = meta_get(&in->meta, "level");
	int rc = tsr_expect_type(in, "lld", "mel");

	if (rc != ST_OK || (rc = plan(w, in)) != ST_OK || (rc = meta_copy(out, &in->meta)) != ST_OK ||
	    (rc = meta_set(out, "type", "table")) != ST_OK)
		return rc;
	if (meta_get(&in->meta, "cmvn") != NULL && plan_chooses(&w->plan))
		return err_set(ST_DATA, "%s: the columns are standardised, so that no frames can be chosen by level and strength: "
		                        "functionals come before cmvn", in->file);
	w->needs_gain = level != NULL && strcmp(level, "none") != 0;
	meta_remove(out, "pg");
	meta_remove(out, "column");
	for (size_t i = 0; i < w->plan.values && rc == ST_OK; i++)
		rc = meta_add(out, "column", "%s", w->plan.name[i]);
	if (rc == ST_OK)
		rc = functional_describe(&w->recipe, out);
	for (size_t i = 0; i < in->meta.n && rc == ST_OK; i++)
		if (strcmp(in->meta.item[i].name, "pg") == 0)
			rc = meta_add(out, "pg", "%s", in->meta.item[i].value);
	return rc == ST_OK ? provenance_add(&tool, out) : rc;
}

/* Records */

/* What was added to the record's level, in dB: its gain=, 0 where no level was set. */
static int
find_gain(const struct work *w, const struct meta *m, double *gain)
{
	const char *text = meta_get(m, "gain");

	*gain = 0;
	if (text != NULL && !tsv_parse(text, gain))
		return err_set(ST_DATA, "gain='%.40s' is not a number", text);
	if (text == NULL && w->needs_gain && plan_needs_gain(&w->plan))
		return err_set(ST_DATA, "gain= is missing, without which the level as recorded is not known");
	return ST_OK;
}

static int
process(void *ctx, int worker, const struct tsr_chunk *in, struct filter_out *out)
{
	const struct work *w = ctx;
	uint64_t shape[1] = { w->plan.values };
	struct filter_record *r;
	double gain;
	int rc = tsr_expect(in, TSR_F32, 2);

	(void)worker;
	if (rc != ST_OK)
		return rc;
	if (in->shape[1] != w->plan.columns)
		return err_set(ST_DATA, "%llu columns; the head says %zu", (unsigned long long)in->shape[1], w->plan.columns);
	if (in->shape[0] == 0)
		return err_set(ST_DATA, "no frames");
	if (!value_finite(in->data, (size_t)tsr_elements(in)))
		return err_set(ST_DATA, "a value is NaN or infinite");
	if ((rc = find_gain(w, &in->meta, &gain)) != ST_OK || (rc = filter_add(out, 1, shape, &in->meta, &r)) != ST_OK)
		return rc;
	return plan_run(&w->plan, in->data, (size_t)in->shape[0], gain, r->data);
}

static bool
skip(int status)
{
	return tool_skip(&skips, status);
}

static int
run(char **operands, size_t n)
{
	struct work w = { 0 };
	struct filter f = { .threads = opt_threads(threads), .ctx = &w, .head = head, .process = process, .skip = skip };
	size_t used = like == NULL;
	int rc;

	if (n < used)
		return err_set(ST_USAGE, "a recipe is required, as functionals ser1558 x.tsr (sertools list functionals names those "
		                         "there are)");
	if (like == NULL && strcmp(operands[0], "-") == 0 && n == 1)
		return err_set(ST_USAGE, "standard input cannot be both recipe and stream");
	if ((rc = like_check_options(like, beside)) == ST_OK)
		rc = like == NULL ? read_recipe(&w.recipe, operands[0]) : read_like(&w.recipe);
	if (rc == ST_OK)
		rc = filter_files(&f, operands + used, n - used, (uint64_t)max_record << 20, common.out);
	plan_free(&w.plan);
	functional_free(&w.recipe);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
