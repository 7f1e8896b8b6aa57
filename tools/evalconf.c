/* evalconf: judges nnpredict's answers where the truth is known: confusion
 * matrix, accuracy, UAR, precision, recall and F1, calibration, and what
 * refusing to answer is worth, with intervals. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/text.h"
#include "base/tool.h"
#include "judge/calibration.h"
#include "judge/json.h"
#include "judge/metrics.h"
#include "judge/predictions.h"
#include "stream/meta.h"

static bool as_tsv, as_json, percent;
static long resamples = 1000, seed, bins = CALIBRATION_BINS;
static double level = 0.95, min_uar = NAN, target_risk = NAN;
static const char *matrix_file, *labels_file, *reliability_file, *curve_file;
static struct labels labels;
static struct tool_skips skips;
static struct opt_common common;

static const struct opt opts[] = {
	OPT(FLAG, "tsv", &as_tsv, NULL, "write a table of all figures instead of text"),
	OPT(FLAG, "json", &as_json, NULL, "write JSON instead of text"),
	OPT(FLAG, "percent", &percent, NULL, "text: show the confusion matrix in percent of its rows"),
	OPT(TEXT, "confusion", &matrix_file, "FILE", "also write the confusion matrix to FILE, as a plain table"),
	OPT(TEXT, "labels", &labels_file, "FILE", "show classes by the names that FILE has for them", .find = FIND_LABELS),
	OPT(INT, "bins", &bins, "N", "bins of equal width over the confidence", .min = 1, .max = CALIBRATION_BINS_MAX),
	OPT(NUM, "target-risk", &target_risk, "R", "find the threshold that keeps the share of wrong answers at R",
	    .max = 1),
	OPT(TEXT, "reliability", &reliability_file, "FILE", "also write the reliability table to FILE"),
	OPT(TEXT, "risk-coverage", &curve_file, "FILE", "also write the risk-coverage curve to FILE"),
	OPT(NUM, "min-uar", &min_uar, "X", "exit with status 1 where UAR is below X", .max = 1),
	OPT(INT, "bootstrap", &resamples, "N", "resamples for the intervals; 0 leaves them out", .max = 1e6),
	OPT(NUM, "level", &level, "X", "level of the intervals", .min = 0.01, .max = 0.999),
	OPT_SEED(&seed),
	OPT_SKIP(&skips.most),
};
static const char *const uses[] = { "[PREDICTIONS.tsv...]", NULL };
static const struct tool tool = OPT_TOOL("evalconf", "judge predictions against the truth");

/* All there is to print. */
struct report {
	struct predictions preds;
	struct metrics_counts counts;
	struct metrics_bootstrap how;
	double *figure, *low, *high; /* METRICS_COUNT(classes) each */
	/* With probabilities: */
	struct calibration_bin *bin; /* [bins] */
	struct calibration_point *point;
	size_t points;
	const struct calibration_point *chosen; /* for --target-risk */
};

/* In the order of enum metrics_overall and enum metrics_of_class. */
static const char *const overall_names[METRICS_OVERALL] = { "accuracy", "uar",   "f1_macro", "f1_weighted", "coverage",
	                                                        "covered_accuracy", "log_loss", "brier", "ece", "aurc",
	                                                        "augrc" };
static const char *const overall_titles[METRICS_OVERALL] = { "accuracy", "UAR (mean recall)", "F1, macro",
	                                                         "F1, weighted", "coverage", "covered accuracy",
	                                                         "log loss (nats)", "Brier score", "calibration error",
	                                                         "AURC", "AUGRC" };
static const char *const class_names[METRICS_OF_CLASS] = { "precision", "recall", "f1" };

/* Columns a UTF-8 string takes on a terminal, one for each code point. */
static int
width_of(const char *s)
{
	return (int)text_characters(s, strlen(s));
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
	return k < r->preds.classes ? r->preds.class[k] : labels_show(&labels, PREDICTIONS_UNCERTAIN);
}

/* Figures over all classes: without probabilities there are fewer. */
static size_t
overall_figures(const struct report *r)
{
	return r->bin == NULL ? METRICS_CALIBRATION : METRICS_OVERALL;
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
	if (skips.n > 0)
		fprintf(f, "%ld bad records left out\n", skips.n);
	fprintf(f, "\n%-18s  %6s", "", "value");
	if (r->how.resamples > 0)
		fprintf(f, "  %g %% interval", 100 * level);
	fprintf(f, "\n");
	for (size_t i = 0; i < overall_figures(r); i++) {
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

/* The point that answers at least k tenths of the records. */
static const struct calibration_point *
tenth_point(const struct report *r, int k)
{
	size_t i = 0;

	/* A sum of whole weights over their sum may miss the tenth by the last bit. */
	while (i + 1 < r->points && r->point[i].coverage < (double)k / 10 - 1e-12)
		i++;
	return &r->point[i];
}

static void
text_calibration(FILE *f, const struct report *r)
{
	fprintf(f, "\nreliability, %ld bins of equal width\nconfidence        records    mean  accuracy\n", bins);
	for (long b = 0; b < bins; b++)
		if (r->bin[b].records > 0)
			fprintf(f, "%.4f to %.4f  %7.0f  %.4f    %.4f\n", r->bin[b].low, r->bin[b].high, r->bin[b].records,
			        r->bin[b].confidence, r->bin[b].accuracy);
	fprintf(f, "\nrisk where less confidence than the threshold is refused\ncoverage  threshold    risk\n");
	for (int k = 1; k <= 10; k++) {
		const struct calibration_point *p = tenth_point(r, k);

		fprintf(f, "%8.4f  %9.6f  %.4f\n", p->coverage, p->threshold, p->risk);
	}
	if (r->chosen != NULL)
		fprintf(f, "\na risk of at most %g: threshold %.6f, coverage %.4f, risk %.4f\n", target_risk,
		        r->chosen->threshold, r->chosen->coverage, r->chosen->risk);
	else if (!isnan(target_risk))
		fprintf(f, "\na risk of at most %g: no threshold keeps it\n", target_risk);
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
	if (r->bin != NULL)
		text_calibration(f, r);
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

/* A figure that has no interval. */
static void
tsv_plain(FILE *f, const char *metric, const char *class, double x)
{
	fprintf(f, "%s\t%s\t", metric, class);
	put_number(f, x, "-");
	fprintf(f, "\t-\t-\n");
}

static void
tsv_calibration(FILE *f, const struct report *r)
{
	char where[64];

	if (!isnan(target_risk)) {
		tsv_plain(f, "target_risk", "-", target_risk);
		tsv_plain(f, "target_threshold", "-", r->chosen == NULL ? (double)NAN : r->chosen->threshold);
		tsv_plain(f, "target_coverage", "-", r->chosen == NULL ? 0 : r->chosen->coverage);
		tsv_plain(f, "target_realised", "-", r->chosen == NULL ? (double)NAN : r->chosen->risk);
	}
	for (long b = 0; b < bins; b++) {
		snprintf(where, sizeof where, "%.6g-%.6g", r->bin[b].low, r->bin[b].high);
		tsv_plain(f, "bin_records", where, r->bin[b].records);
		tsv_plain(f, "bin_confidence", where, r->bin[b].confidence);
		tsv_plain(f, "bin_accuracy", where, r->bin[b].accuracy);
	}
	for (int k = 1; k <= 10; k++) {
		snprintf(where, sizeof where, "%g", k / 10.0);
		tsv_plain(f, "coverage_threshold", where, tenth_point(r, k)->threshold);
		tsv_plain(f, "coverage_risk", where, tenth_point(r, k)->risk);
	}
}

static void
write_tsv(FILE *f, const struct report *r)
{
	size_t columns = answer_columns(r);

	fprintf(f, "metric\tclass\tvalue\tlow\thigh\n");
	fprintf(f, "records\t-\t%zu\t-\t-\n", r->preds.n);
	fprintf(f, "speakers\t-\t%zu\t-\t-\n", r->preds.speakers);
	fprintf(f, "skipped\t-\t%ld\t-\t-\n", skips.n);
	fprintf(f, "resamples\t%s\t%zu\t-\t-\n", r->how.resamples == 0 ? "-" : unit_name(r), r->how.resamples);
	for (size_t i = 0; i < overall_figures(r); i++)
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
	if (r->bin != NULL)
		tsv_calibration(f, r);
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
json_number(FILE *f, const char *before, double x)
{
	fputs(before, f);
	put_number(f, x, "null");
}

static void
json_point(FILE *f, const struct calibration_point *p)
{
	json_number(f, "{\"threshold\": ", p->threshold);
	json_number(f, ", \"coverage\": ", p->coverage);
	json_number(f, ", \"risk\": ", p->risk);
	json_number(f, ", \"generalised_risk\": ", p->generalised_risk);
	fputs("}", f);
}

static void
json_calibration(FILE *f, const struct report *r)
{
	json_number(f, "  \"target_risk\": ", target_risk);
	fputs(",\n  \"target\": ", f);
	if (r->chosen != NULL)
		json_point(f, r->chosen);
	else
		fputs("null", f);
	fputs(",\n  \"reliability\": [", f);
	for (long b = 0; b < bins; b++) {
		json_number(f, b == 0 ? "\n    {\"low\": " : ",\n    {\"low\": ", r->bin[b].low);
		json_number(f, ", \"high\": ", r->bin[b].high);
		json_number(f, ", \"records\": ", r->bin[b].records);
		json_number(f, ", \"confidence\": ", r->bin[b].confidence);
		json_number(f, ", \"accuracy\": ", r->bin[b].accuracy);
		fputs("}", f);
	}
	fputs("\n  ],\n  \"risk_coverage\": [", f);
	for (size_t i = 0; i < r->points; i++) {
		fputs(i == 0 ? "\n    " : ",\n    ", f);
		json_point(f, &r->point[i]);
	}
	fputs("\n  ],\n", f);
}

static void
write_json(FILE *f, const struct report *r)
{
	fprintf(f, "{\n  \"records\": %zu,\n  \"speakers\": %zu,\n  \"skipped\": %ld,\n", r->preds.n, r->preds.speakers,
	        skips.n);
	if (r->how.resamples > 0)
		fprintf(f,
		        "  \"bootstrap\": {\"resamples\": %zu, \"of\": \"%s\", \"units\": %zu, \"level\": %g, "
		        "\"seed\": %ld},\n",
		        r->how.resamples, unit_name(r), r->how.units, level, seed);
	else
		fprintf(f, "  \"bootstrap\": null,\n");
	for (size_t i = 0; i < overall_figures(r); i++) {
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
	if (r->bin != NULL)
		json_calibration(f, r);
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

static void
write_reliability(FILE *f, const struct report *r)
{
	fprintf(f, "low\thigh\trecords\tconfidence\taccuracy\n");
	for (long b = 0; b < bins; b++) {
		fprintf(f, "%.12g\t%.12g\t%.0f\t", r->bin[b].low, r->bin[b].high, r->bin[b].records);
		put_number(f, r->bin[b].confidence, "-");
		fprintf(f, "\t");
		put_number(f, r->bin[b].accuracy, "-");
		fprintf(f, "\n");
	}
}

static void
write_curve(FILE *f, const struct report *r)
{
	fprintf(f, "threshold\trecords\tcoverage\trisk\tgeneralised_risk\n");
	for (size_t i = 0; i < r->points; i++)
		fprintf(f, "%.12g\t%.0f\t%.12g\t%.12g\t%.12g\n", r->point[i].threshold, r->point[i].records,
		        r->point[i].coverage, r->point[i].risk, r->point[i].generalised_risk);
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

/* What the probabilities tell, where there are any. */
static int
calibrate(struct report *r)
{
	size_t n = r->preds.n;
	struct calibration_record *sorted;

	if (!r->preds.probabilities)
		return isnan(target_risk) && reliability_file == NULL && curve_file == NULL
		           ? ST_OK
		           : err_set(ST_DATA, "without p. columns there is neither calibration nor a threshold to find");
	r->bin = mem_zero((size_t)bins, sizeof *r->bin);
	r->point = mem_zero(n, sizeof *r->point);
	sorted = mem_zero(n, sizeof *sorted);
	if (r->bin == NULL || r->point == NULL || sorted == NULL) {
		free(sorted);
		return ST_SYS;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = r->preds.outcome[i].calibration;
	calibration_sort(sorted, n);
	calibration_figures(sorted, n, (size_t)bins, r->figure + METRICS_CALIBRATION);
	calibration_reliability(sorted, n, (size_t)bins, r->bin);
	r->points = calibration_curve(sorted, n, r->point);
	if (!isnan(target_risk))
		r->chosen = calibration_choose(r->point, r->points, target_risk, 0);
	free(sorted);
	return ST_OK;
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
		metrics_add(&r->counts, &r->preds.outcome[i]);
	metrics_figures(&r->counts, 0, r->figure);
	if ((rc = calibrate(r)) != ST_OK)
		return rc;
	for (size_t i = 0; i < figures; i++)
		r->low[i] = r->high[i] = NAN;
	r->how = (struct metrics_bootstrap){ .resamples = (size_t)resamples, .level = level, .seed = (uint64_t)seed,
		.bins = r->bin == NULL ? 0 : (size_t)bins };
	if (resamples == 0)
		return ST_OK;
	return metrics_intervals(r->preds.outcome, r->preds.n, classes, &r->how, r->low, r->high);
}

static void
drop(struct report *r)
{
	free(r->figure);
	free(r->low);
	free(r->high);
	free(r->bin);
	free(r->point);
	metrics_free(&r->counts);
	predictions_free(&r->preds);
}

/* What can also be written as a table of its own. */
static const struct {
	const char *option, **file;
	void (*write)(FILE *, const struct report *);
} plain[] = {
	{ "confusion", &matrix_file, write_matrix },
	{ "reliability", &reliability_file, write_reliability },
	{ "risk-coverage", &curve_file, write_curve },
};

static bool
skip(int status)
{
	return tool_skip(&skips, status);
}

static int
read_all(struct predictions *p, char *const *files, size_t n)
{
	int rc = n == 0 ? predictions_read(p, "-") : ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = predictions_read(p, files[i]);
	return rc == ST_OK ? predictions_finish(p, false) : rc;
}

static int
run(char **files, size_t n)
{
	struct report r = { .preds = { .evaluated = true, .labels = &labels, .skip = skip } };
	int rc;

	if (as_tsv && as_json)
		return err_set(ST_USAGE, "--tsv and --json exclude each other");
	for (size_t i = 0; i < OPT_COUNT(plain); i++)
		if (*plain[i].file != NULL && strcmp(*plain[i].file, "-") == 0)
			return err_set(ST_USAGE, "--%s wants a file: standard output is the report's", plain[i].option);
	rc = labels_file == NULL ? ST_OK : labels_read(&labels, labels_file);
	if (rc == ST_OK)
		rc = read_all(&r.preds, files, n);
	if (rc == ST_OK)
		rc = compute(&r);
	if (rc == ST_OK)
		rc = write_file(common.out, as_tsv ? write_tsv : as_json ? write_json : write_text, &r);
	for (size_t i = 0; i < OPT_COUNT(plain) && rc == ST_OK; i++)
		if (*plain[i].file != NULL)
			rc = write_file(*plain[i].file, plain[i].write, &r);
	if (rc == ST_OK)
		say_units(&r);
	/* A mean of thirds may miss the figure by the last bit. */
	if (rc == ST_OK && !isnan(min_uar) && r.figure[METRICS_UAR] < min_uar - 1e-12) {
		if (!common.quiet)
			tool_say("UAR is %.4f, below the %g required", r.figure[METRICS_UAR], min_uar);
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
