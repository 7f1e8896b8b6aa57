/* evalconf: judges nnpredict's answers where the truth is known: confusion
 * matrix, accuracy, UAR, precision, recall and F1, with intervals. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "io.h"
#include "json.h"
#include "mem.h"
#include "metrics.h"
#include "opt.h"
#include "preds.h"
#include "tool.h"

static bool as_tsv, as_json, percent;
static long resamples = 1000, seed, skip_bad;
static double level = 0.95, min_uar = NAN;
static const char *matrix_file, *labels_file;
static struct labels labels;
static struct opt_common common;

static const struct opt opts[] = {
	{ 0, "tsv", OPT_FLAG, &as_tsv, NULL, "write a table of all figures instead of text", 0, 0, NULL, false },
	{ 0, "json", OPT_FLAG, &as_json, NULL, "write JSON instead of text", 0, 0, NULL, false },
	{ 0, "percent", OPT_FLAG, &percent, NULL, "text: show the confusion matrix in percent of its rows", 0, 0, NULL,
	  false },
	{ 0, "confusion", OPT_TEXT, &matrix_file, "FILE", "also write the confusion matrix to FILE, as a plain table", 0, 0,
	  NULL, false },
	{ 0, "labels", OPT_TEXT, &labels_file, "FILE", "show classes by the names that FILE has for them", 0, 0, NULL,
	  false },
	{ 0, "min-uar", OPT_NUM, &min_uar, "X", "exit with status 1 where UAR is below X", 0, 1, NULL, false },
	{ 0, "bootstrap", OPT_INT, &resamples, "N", "resamples for the intervals; 0 leaves them out", 0, 1e6, NULL, false },
	{ 0, "level", OPT_NUM, &level, "X", "level of the intervals", 0.01, 0.999, NULL, false },
	OPT_SEED(&seed),
	OPT_SKIP(&skip_bad),
};
static const char *const uses[] = { "[PREDICTIONS.tsv...]", NULL };
static const struct tool tool = { "evalconf", "judge predictions against the truth", uses, opts, OPT_COUNT(opts),
	                              &common };

/* All there is to print. */
struct report {
	struct preds preds;
	struct metrics_counts counts;
	struct metrics_bootstrap how;
	double *figure, *low, *high; /* METRICS_COUNT(classes) each */
};

/* In the order of enum metrics_overall and enum metrics_of_class. */
static const char *const overall_names[METRICS_OVERALL] = { "accuracy",    "uar",      "f1_macro",
	                                                        "f1_weighted", "coverage", "covered_accuracy" };
static const char *const overall_titles[METRICS_OVERALL] = { "accuracy",     "UAR (mean recall)", "F1, macro",
	                                                         "F1, weighted", "coverage",          "covered accuracy" };
static const char *const class_names[METRICS_OF_CLASS] = { "precision", "recall", "f1" };

/* Columns a UTF-8 string takes on a terminal, one for each code point. */
static int
width_of(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* s in a field of width columns, to the right unless left. */
static void
put_field(FILE *f, const char *s, int width, bool left)
{
	int pad = width - width_of(s);

	fprintf(f, "%*s%s%*s", left || pad < 0 ? 0 : pad, "", s, left && pad > 0 ? pad : 0, "");
}

static int
widest_class(const struct report *r)
{
	int widest = (int)strlen("class");

	for (size_t k = 0; k < r->preds.classes; k++)
		if (width_of(r->preds.class[k]) > widest)
			widest = width_of(r->preds.class[k]);
	return widest;
}

/* The confusion matrix has a column more where some records have no answer. */
static size_t
answer_columns(const struct report *r)
{
	size_t classes = r->preds.classes;

	for (size_t k = 0; k < classes; k++)
		if (metrics_cell(&r->counts, k, classes) > 0)
			return classes + 1;
	return classes;
}

static const char *
answer_name(const struct report *r, size_t k)
{
	return k < r->preds.classes ? r->preds.class[k] : labels_show(&labels, PREDS_UNCERTAIN);
}

static size_t
occurring_classes(const struct report *r)
{
	size_t n = 0;

	for (size_t k = 0; k < r->preds.classes; k++)
		n += metrics_support(&r->counts, k) > 0;
	return n;
}

static void
text_summary(FILE *f, const struct report *r)
{
	fprintf(f, "%zu records, ", r->preds.n);
	if (r->preds.speakers > 0)
		fprintf(f, "%zu speaker%s, ", r->preds.speakers, r->preds.speakers == 1 ? "" : "s");
	fprintf(f, "%zu classes (chance UAR %.4f)\n", r->preds.classes, 1 / (double)occurring_classes(r));
	if (r->preds.skipped > 0)
		fprintf(f, "%ld bad records left out\n", r->preds.skipped);
	fprintf(f, "\n%-18s  %6s", "", "value");
	if (r->how.resamples > 0)
		fprintf(f, "  %g %% interval", 100 * level);
	fprintf(f, "\n");
	for (size_t i = 0; i < METRICS_OVERALL; i++) {
		fprintf(f, "%-18s  ", overall_titles[i]);
		if (isnan(r->figure[i]))
			fprintf(f, "%6s", "-");
		else
			fprintf(f, "%.4f", r->figure[i]);
		if (r->how.resamples > 0 && !isnan(r->low[i]))
			fprintf(f, "  %.4f to %.4f", r->low[i], r->high[i]);
		fprintf(f, "\n");
	}
}

static void
text_classes(FILE *f, const struct report *r)
{
	int wide = widest_class(r);

	fprintf(f, "\n%-*s  precision  recall      F1  records\n", wide, "class");
	for (size_t k = 0; k < r->preds.classes; k++) {
		put_field(f, r->preds.class[k], wide, true);
		fprintf(f, "  %9.4f  %6.4f  %6.4f  %7" PRIu64 "\n", r->figure[METRICS_AT(k, METRICS_PRECISION)],
		        r->figure[METRICS_AT(k, METRICS_RECALL)], r->figure[METRICS_AT(k, METRICS_F1)],
		        metrics_support(&r->counts, k));
	}
}

/* Room for the count, or the percentage, under a column's name. */
static int
column_width(const struct report *r, size_t k)
{
	int width = width_of(answer_name(r, k));

	return width < 6 ? 6 : width;
}

static void
text_cell(FILE *f, int width, uint64_t cell, uint64_t total)
{
	if (!percent)
		fprintf(f, "  %*" PRIu64, width, cell);
	else if (total > 0)
		fprintf(f, "  %*.1f", width, 100 * (double)cell / (double)total);
	else
		fprintf(f, "  %*s", width, "-");
}

static void
text_confusion(FILE *f, const struct report *r)
{
	size_t columns = answer_columns(r);
	int wide = widest_class(r);

	fprintf(f, "\nconfusion, truth by answer%s\n%*s", percent ? ", in percent of the truth" : "", wide, "");
	for (size_t k = 0; k < columns; k++) {
		fprintf(f, "  ");
		put_field(f, answer_name(r, k), column_width(r, k), false);
	}
	fprintf(f, "  %6s\n", "total");
	for (size_t t = 0; t < r->preds.classes; t++) {
		uint64_t total = metrics_support(&r->counts, t);

		put_field(f, r->preds.class[t], wide, true);
		for (size_t k = 0; k < columns; k++)
			text_cell(f, column_width(r, k), metrics_cell(&r->counts, t, k), total);
		fprintf(f, "  %6" PRIu64 "\n", total);
	}
}

static const char *
unit_name(const struct report *r)
{
	return r->how.by_record ? "records" : "speakers";
}

static void
write_text(FILE *f, const struct report *r)
{
	text_summary(f, r);
	text_classes(f, r);
	text_confusion(f, r);
	if (r->how.resamples == 0)
		return;
	fprintf(f, "\nintervals: bootstrap, %zu resamples of ", r->how.resamples);
	if (!r->how.by_record && r->how.loose > 0)
		fprintf(f, "%zu speakers and %zu records without one", r->how.units - r->how.loose, r->how.loose);
	else
		fprintf(f, "%zu %s", r->how.units, unit_name(r));
	fprintf(f, ", seed %ld\n", seed);
}

/* A figure, or what stands for one that does not exist. */
static void
put_number(FILE *f, double x, const char *none)
{
	if (isnan(x))
		fprintf(f, "%s", none);
	else
		fprintf(f, "%.12g", x);
}

static void
tsv_figure(FILE *f, const struct report *r, const char *metric, const char *class, size_t at)
{
	fprintf(f, "%s\t%s\t", metric, class);
	put_number(f, r->figure[at], "-");
	fprintf(f, "\t");
	put_number(f, r->low[at], "-");
	fprintf(f, "\t");
	put_number(f, r->high[at], "-");
	fprintf(f, "\n");
}

static void
write_tsv(FILE *f, const struct report *r)
{
	size_t columns = answer_columns(r);

	fprintf(f, "metric\tclass\tvalue\tlow\thigh\n");
	fprintf(f, "records\t-\t%zu\t-\t-\n", r->preds.n);
	fprintf(f, "speakers\t-\t%zu\t-\t-\n", r->preds.speakers);
	fprintf(f, "skipped\t-\t%ld\t-\t-\n", r->preds.skipped);
	fprintf(f, "resamples\t%s\t%zu\t-\t-\n", r->how.resamples == 0 ? "-" : unit_name(r), r->how.resamples);
	for (size_t i = 0; i < METRICS_OVERALL; i++)
		tsv_figure(f, r, overall_names[i], "-", i);
	for (size_t k = 0; k < r->preds.classes; k++) {
		for (size_t i = 0; i < METRICS_OF_CLASS; i++)
			tsv_figure(f, r, class_names[i], r->preds.class[k], METRICS_AT(k, i));
		fprintf(f, "support\t%s\t%" PRIu64 "\t-\t-\n", r->preds.class[k], metrics_support(&r->counts, k));
	}
	for (size_t t = 0; t < r->preds.classes; t++)
		for (size_t k = 0; k < columns; k++)
			fprintf(f, "confusion\t%s/%s\t%" PRIu64 "\t-\t-\n", r->preds.class[t], answer_name(r, k),
			        metrics_cell(&r->counts, t, k));
}

static void
json_figure(FILE *f, const struct report *r, const char *name, size_t at)
{
	fprintf(f, "\"%s\": {\"value\": ", name);
	put_number(f, r->figure[at], "null");
	fprintf(f, ", \"low\": ");
	put_number(f, r->low[at], "null");
	fprintf(f, ", \"high\": ");
	put_number(f, r->high[at], "null");
	fprintf(f, "}");
}

static void
json_confusion(FILE *f, const struct report *r)
{
	size_t columns = answer_columns(r);

	fprintf(f, "  \"answers\": [");
	for (size_t k = 0; k < columns; k++) {
		fprintf(f, "%s", k == 0 ? "" : ", ");
		json_string(f, answer_name(r, k));
	}
	fprintf(f, "],\n  \"confusion\": [");
	for (size_t t = 0; t < r->preds.classes; t++) {
		fprintf(f, "%s\n    [", t == 0 ? "" : ",");
		for (size_t k = 0; k < columns; k++)
			fprintf(f, "%s%" PRIu64, k == 0 ? "" : ", ", metrics_cell(&r->counts, t, k));
		fprintf(f, "]");
	}
	fprintf(f, "\n  ]\n}\n");
}

static void
write_json(FILE *f, const struct report *r)
{
	fprintf(f, "{\n  \"records\": %zu,\n  \"speakers\": %zu,\n  \"skipped\": %ld,\n", r->preds.n, r->preds.speakers,
	        r->preds.skipped);
	if (r->how.resamples > 0)
		fprintf(f,
		        "  \"bootstrap\": {\"resamples\": %zu, \"of\": \"%s\", \"units\": %zu, \"level\": %g, "
		        "\"seed\": %ld},\n",
		        r->how.resamples, unit_name(r), r->how.units, level, seed);
	else
		fprintf(f, "  \"bootstrap\": null,\n");
	for (size_t i = 0; i < METRICS_OVERALL; i++) {
		fprintf(f, "  ");
		json_figure(f, r, overall_names[i], i);
		fprintf(f, ",\n");
	}
	fprintf(f, "  \"classes\": [");
	for (size_t k = 0; k < r->preds.classes; k++) {
		fprintf(f, "%s\n    {\"class\": ", k == 0 ? "" : ",");
		json_string(f, r->preds.class[k]);
		for (size_t i = 0; i < METRICS_OF_CLASS; i++) {
			fprintf(f, ", ");
			json_figure(f, r, class_names[i], METRICS_AT(k, i));
		}
		fprintf(f, ", \"support\": %" PRIu64 "}", metrics_support(&r->counts, k));
	}
	fprintf(f, "\n  ],\n");
	json_confusion(f, r);
}

/* The matrix alone: a header of answers, a line for each truth. */
static void
write_matrix(FILE *f, const struct report *r)
{
	size_t columns = answer_columns(r);

	fprintf(f, "truth");
	for (size_t k = 0; k < columns; k++)
		fprintf(f, "\t%s", answer_name(r, k));
	fprintf(f, "\n");
	for (size_t t = 0; t < r->preds.classes; t++) {
		fprintf(f, "%s", r->preds.class[t]);
		for (size_t k = 0; k < columns; k++)
			fprintf(f, "\t%" PRIu64, metrics_cell(&r->counts, t, k));
		fprintf(f, "\n");
	}
}

static int
write_file(const char *name, void (*write)(FILE *, const struct report *), const struct report *r)
{
	struct io_out *out;
	int rc = io_open(&out, name, false);

	if (rc != ST_OK)
		return rc;
	write(io_stream(out), r);
	return io_close(out);
}

static void
say_units(const struct report *r)
{
	if (common.quiet || r->how.resamples == 0)
		return;
	if (r->how.by_record)
		tool_say("%s: the intervals come from resampling records, and may be too narrow",
		         r->preds.speakers == 0 ? "no speakers are known" : "only one speaker is known");
	else if (r->how.loose > 0)
		tool_say("%zu records are without a speaker: for the intervals each counts as one of its own", r->how.loose);
}

static int
compute(struct report *r)
{
	size_t classes = r->preds.classes, figures = METRICS_COUNT(classes);
	int rc = metrics_init(&r->counts, classes);

	r->figure = mem_zero(figures, sizeof *r->figure);
	r->low = mem_zero(figures, sizeof *r->low);
	r->high = mem_zero(figures, sizeof *r->high);
	if (rc != ST_OK)
		return rc;
	if (r->figure == NULL || r->low == NULL || r->high == NULL)
		return ST_SYS;
	for (size_t i = 0; i < r->preds.n; i++)
		metrics_add(&r->counts, &r->preds.record[i]);
	metrics_figures(&r->counts, 0, r->figure);
	for (size_t i = 0; i < figures; i++)
		r->low[i] = r->high[i] = NAN;
	r->how = (struct metrics_bootstrap){ .resamples = (size_t)resamples, .level = level, .seed = (uint64_t)seed };
	if (resamples == 0)
		return ST_OK;
	return metrics_intervals(r->preds.record, r->preds.n, classes, &r->how, r->low, r->high);
}

static void
drop(struct report *r)
{
	free(r->figure);
	free(r->low);
	free(r->high);
	metrics_free(&r->counts);
	preds_free(&r->preds);
}

static int
run(char **files, size_t n)
{
	struct report r = { 0 };
	int rc;

	if (as_tsv && as_json)
		return err_set(ST_USAGE, "--tsv and --json exclude each other");
	if (matrix_file != NULL && strcmp(matrix_file, "-") == 0)
		return err_set(ST_USAGE, "--confusion wants a file: standard output is the report's");
	rc = labels_file == NULL ? ST_OK : labels_read(&labels, labels_file);
	if (rc == ST_OK)
		rc = preds_read(&r.preds, files, n, skip_bad, &labels);
	if (rc == ST_OK)
		rc = compute(&r);
	if (rc == ST_OK)
		rc = write_file(common.out, as_tsv ? write_tsv : as_json ? write_json : write_text, &r);
	if (rc == ST_OK && matrix_file != NULL)
		rc = write_file(matrix_file, write_matrix, &r);
	if (rc == ST_OK)
		say_units(&r);
	/* A mean of thirds may miss the figure by the last bit. */
	if (rc == ST_OK && !isnan(min_uar) && r.figure[METRICS_UAR] < min_uar - 1e-12) {
		if (!common.quiet)
			tool_say("UAR is %.4f, below the %g wanted", r.figure[METRICS_UAR], min_uar);
		rc = ST_NO;
	}
	drop(&r);
	labels_free(&labels);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
