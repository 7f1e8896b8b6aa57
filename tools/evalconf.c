/* evalconf: evaluates nnpredict's predictions where the truth is known: confusion
 * matrix, accuracy, UAR, precision, recall and F1, calibration, and what refusing
 * the least confident ones is worth, with intervals. */
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
#include "judge/by.h"
#include "judge/evaluation.h"
#include "judge/print.h"

static bool as_tsv, as_json, percent, mixed;
static struct opt_list fields;
static long resamples = 1000, seed, bins = CALIBRATION_BINS;
static double level = 0.95, min_uar = NAN, target_risk = NAN;
static const char *matrix_file, *labels_file, *reliability_file, *curve_file;
static struct labels labels;
static struct tool_skips skips;
static struct opt_common common;
static struct by *by; /* of each of the fields */
static char protocol_text[PREDICTIONS_PROTOCOL_MAX];
static const char *protocol; /* that, or NULL: nothing says so */

static const struct opt opts[] = {
	OPT(FLAG, "tsv", &as_tsv, NULL, "write a table of all figures instead of text"),
	OPT(FLAG, "json", &as_json, NULL, "write JSON instead of text"),
	OPT(LIST, "by", &fields, "COLUMN", "also evaluate the parts that have one value there, as sex; may be given again"),
	OPT(FLAG, "mixed-protocols", &mixed, NULL, "evaluate records of several protocols together"),
	OPT(FLAG, "percent", &percent, NULL, "text: show the confusion matrix in percent of its rows"),
	OPT(TEXT, "confusion", &matrix_file, "FILE", "also write the confusion matrix to FILE, as a plain table",
	    .file = OPT_WRITES),
	OPT(TEXT, "labels", &labels_file, "FILE", "show classes by the names that FILE has for them", .find = FIND_LABELS),
	OPT(INT, "bins", &bins, "N", "bins of equal width over the confidence", .min = 1, .max = CALIBRATION_BINS_MAX),
	OPT(NUM, "target-risk", &target_risk, "R", "find the threshold that keeps the risk at R",
	    .max = 1),
	OPT(TEXT, "reliability", &reliability_file, "FILE", "also write the reliability table to FILE", .file = OPT_WRITES),
	OPT(TEXT, "risk-coverage", &curve_file, "FILE", "also write the risk-coverage curve to FILE", .file = OPT_WRITES),
	OPT(NUM, "min-uar", &min_uar, "X", "exit with status 1 where UAR is below X", .max = 1),
	OPT(INT, "bootstrap", &resamples, "N", "resamples for the intervals; 0 leaves them out", .max = 1e6),
	OPT(NUM, "level", &level, "X", "level of the intervals", .min = 0.01, .max = 0.999),
	OPT_SEED(&seed),
	OPT_SKIP(&skips.most),
};
static const char *const uses[] = { "[PREDICTIONS.tsv...]", NULL };
static const struct tool tool = OPT_TOOL("evalconf", "evaluate predictions against the truth");

/* In the order of enum metrics_overall and enum metrics_of_class. */
static const char *const overall_names[METRICS_OVERALL] = { "accuracy", "uar",   "f1_macro", "f1_weighted", "coverage",
	                                                        "covered_accuracy", "log_loss", "brier", "ece", "aurc",
	                                                        "augrc" };
static const char *const overall_titles[METRICS_OVERALL] = { "accuracy", "UAR (mean recall)", "F1, macro",
	                                                         "F1, weighted", "coverage", "covered accuracy",
	                                                         "log loss (nats)", "Brier score", "calibration error",
	                                                         "AURC", "AUGRC" };
static const char *const class_names[METRICS_OF_CLASS] = { "precision", "recall", "f1" };

/* Columns that a name takes on a terminal, at least so many. */
static int
width_of(const char *name, int least)
{
	int width = (int)text_characters(name, strlen(name));

	return width < least ? least : width;
}

static int
widest_class(const struct evaluation *e)
{
	int widest = (int)strlen("class");

	for (size_t k = 0; k < e->of->classes; k++)
		widest = width_of(e->of->class[k], widest);
	return widest;
}

/* Of the confusion matrix. */
static const char *
column_name(const struct evaluation *e, size_t k)
{
	return k < e->of->classes ? e->of->class[k] : labels_show(&labels, PREDICTIONS_UNCERTAIN);
}

static void
text_summary(FILE *f, const struct evaluation *e)
{
	const struct predictions *p = e->of;
	size_t occurring = 0;

	for (size_t k = 0; k < p->classes; k++)
		occurring += metrics_support(&e->counts, k) > 0;
	fprintf(f, "%zu records, ", p->n);
	if (p->speakers > 0)
		fprintf(f, "%zu speaker%s, ", p->speakers, p->speakers == 1 ? "" : "s");
	fprintf(f, "%zu classes (chance UAR %.4f)%s%s\n", p->classes, 1 / (double)occurring, protocol == NULL ? "" : ", ",
	        protocol == NULL ? "" : protocol);
	if (skips.n > 0)
		fprintf(f, "%ld bad records left out\n", skips.n);
	fprintf(f, "\n%-18s  %6s", protocol == NULL ? "" : protocol, "value");
	if (resamples > 0)
		fprintf(f, "  %g %% interval", 100 * level);
	fprintf(f, "\n");
	for (size_t i = 0; i < e->overall; i++) {
		fprintf(f, "%-18s  ", overall_titles[i]);
		if (isnan(e->figure[i]))
			fprintf(f, "%6s", "-");
		else
			fprintf(f, "%.4f", e->figure[i]);
		if (!isnan(e->low[i]))
			fprintf(f, "  %.4f to %.4f", e->low[i], e->high[i]);
		fprintf(f, "\n");
	}
}

/* A number in its column, or a dash. */
static void
text_number(FILE *f, int width, double x)
{
	if (isnan(x))
		fprintf(f, "  %*s", width, "-");
	else
		fprintf(f, "  %*.4f", width, x);
}

static void
text_by(FILE *f, const struct by *b)
{
	char title[256];
	int wide;

	snprintf(title, sizeof title, "by %s%s%s", b->field, protocol == NULL ? "" : ", ", protocol == NULL ? "" : protocol);
	wide = width_of(title, 0);
	for (size_t i = 0; i < b->parts; i++)
		wide = width_of(b->part[i].value, wide);
	fputs("\n", f);
	print_padded(f, title, -wide);
	fprintf(f, "  records  speakers  accuracy     UAR     ECE%s\n", resamples > 0 ? "  UAR's interval" : "");
	for (const struct by_part *p = b->part; p < b->part + b->parts; p++) {
		const struct evaluation *e = &p->figures;

		print_padded(f, p->value, -wide);
		fprintf(f, "  %7zu  %8zu", p->of.n, p->of.speakers);
		text_number(f, 8, e->figure[METRICS_ACCURACY]);
		text_number(f, 6, e->figure[METRICS_UAR]);
		text_number(f, 6, e->bin == NULL ? NAN : e->figure[METRICS_CALIBRATION + CALIBRATION_ECE]);
		if (!isnan(e->low[METRICS_UAR]))
			fprintf(f, "  %.4f to %.4f", e->low[METRICS_UAR], e->high[METRICS_UAR]);
		fputs("\n", f);
	}
}

static void
text_classes(FILE *f, const struct evaluation *e)
{
	int wide = widest_class(e);

	fprintf(f, "\n%-*s  precision  recall      F1  records\n", wide, "class");
	for (size_t k = 0; k < e->of->classes; k++) {
		print_padded(f, e->of->class[k], -wide);
		fprintf(f, "  %9.4f  %6.4f  %6.4f  %7" PRIu64 "\n", e->figure[METRICS_AT(k, METRICS_PRECISION)],
		        e->figure[METRICS_AT(k, METRICS_RECALL)], e->figure[METRICS_AT(k, METRICS_F1)],
		        metrics_support(&e->counts, k));
	}
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

/* A column has room for a count, or a percentage, under its name. */
static void
text_confusion(FILE *f, const struct evaluation *e)
{
	int wide = widest_class(e);

	fprintf(f, "\nconfusion, truth by prediction%s\n%*s", percent ? ", in percent of the truth" : "", wide, "");
	for (size_t k = 0; k < e->columns; k++) {
		fprintf(f, "  ");
		print_padded(f, column_name(e, k), 6);
	}
	fprintf(f, "  %6s\n", "total");
	for (size_t t = 0; t < e->of->classes; t++) {
		uint64_t total = metrics_support(&e->counts, t);

		print_padded(f, e->of->class[t], -wide);
		for (size_t k = 0; k < e->columns; k++)
			text_cell(f, width_of(column_name(e, k), 6), metrics_cell(&e->counts, t, k), total);
		fprintf(f, "  %6" PRIu64 "\n", total);
	}
}

static void
text_calibration(FILE *f, const struct evaluation *e)
{
	fprintf(f, "\nreliability, %ld bins of equal width\nconfidence        records    mean  accuracy\n", bins);
	for (const struct calibration_bin *b = e->bin; b < e->bin + bins; b++)
		if (b->records > 0)
			fprintf(f, "%.4f to %.4f  %7.0f  %.4f    %.4f\n", b->low, b->high, b->records, b->confidence, b->accuracy);
	fprintf(f, "\nrisk where less confidence than the threshold is refused\ncoverage  threshold    risk\n");
	for (int k = 1; k <= 10; k++) {
		const struct calibration_point *p = evaluation_point(e, k / 10.0);

		fprintf(f, "%8.4f  %9.6f  %.4f\n", p->coverage, p->threshold, p->risk);
	}
	if (e->chosen != NULL)
		fprintf(f, "\na risk of at most %g: threshold %.6f, coverage %.4f, risk %.4f\n", target_risk,
		        e->chosen->threshold, e->chosen->coverage, e->chosen->risk);
	else if (!isnan(target_risk))
		fprintf(f, "\na risk of at most %g: no threshold keeps it\n", target_risk);
}

static const char *
unit_name(const struct evaluation *e)
{
	return e->how.by_record ? "records" : "speakers";
}

static void
write_text(FILE *f, const struct evaluation *e)
{
	text_summary(f, e);
	for (size_t i = 0; i < fields.n; i++)
		text_by(f, &by[i]);
	text_classes(f, e);
	text_confusion(f, e);
	if (e->bin != NULL)
		text_calibration(f, e);
	if (resamples == 0)
		return;
	fprintf(f, "\nintervals: bootstrap, %ld resamples of ", resamples);
	if (!e->how.by_record && e->how.loose > 0)
		fprintf(f, "%zu speakers and %zu records without one", e->how.units - e->how.loose, e->how.loose);
	else
		fprintf(f, "%zu %s", e->how.units, unit_name(e));
	fprintf(f, ", seed %ld\n", seed);
}

static void
tsv_end(FILE *f, const char *last)
{
	if (protocol != NULL)
		fprintf(f, "\t%s", last);
	putc('\n', f);
}

/* A line: a figure with its interval, NAN where it has none. */
static void
tsv_line(FILE *f, const char *metric, const char *class, double value, double low, double high)
{
	fprintf(f, "%s\t%s", metric, class);
	print_cells(f, (double[]){ value, low, high }, 3);
	tsv_end(f, protocol);
}

static void
tsv_plain(FILE *f, const char *metric, const char *class, double value)
{
	tsv_line(f, metric, class, value, NAN, NAN);
}

static void
tsv_figure(FILE *f, const struct evaluation *e, const char *metric, const char *class, size_t at)
{
	tsv_line(f, metric, class, e->figure[at], e->low[at], e->high[at]);
}

static void
tsv_calibration(FILE *f, const struct evaluation *e)
{
	static const struct calibration_point none = { .threshold = NAN, .risk = NAN };
	const struct calibration_point *chosen = e->chosen == NULL ? &none : e->chosen;
	char where[64];

	if (!isnan(target_risk)) {
		tsv_plain(f, "target_risk", "-", target_risk);
		tsv_plain(f, "target_threshold", "-", chosen->threshold);
		tsv_plain(f, "target_coverage", "-", chosen->coverage);
		tsv_plain(f, "target_realised", "-", chosen->risk);
	}
	for (const struct calibration_bin *b = e->bin; b < e->bin + bins; b++) {
		snprintf(where, sizeof where, "%.6g-%.6g", b->low, b->high);
		tsv_plain(f, "bin_records", where, b->records);
		tsv_plain(f, "bin_confidence", where, b->confidence);
		tsv_plain(f, "bin_accuracy", where, b->accuracy);
	}
	for (int k = 1; k <= 10; k++) {
		snprintf(where, sizeof where, "%g", k / 10.0);
		tsv_plain(f, "coverage_threshold", where, evaluation_point(e, k / 10.0)->threshold);
		tsv_plain(f, "coverage_risk", where, evaluation_point(e, k / 10.0)->risk);
	}
}

static void
tsv_by(FILE *f, const struct by *b)
{
	for (const struct by_part *p = b->part; p < b->part + b->parts; p++) {
		const struct evaluation *e = &p->figures;
		char where[256];

		snprintf(where, sizeof where, "%s=%s", b->field, p->value);
		tsv_plain(f, "records", where, (double)p->of.n);
		tsv_plain(f, "speakers", where, (double)p->of.speakers);
		for (size_t i = 0; i < e->overall; i++)
			tsv_figure(f, e, overall_names[i], where, i);
	}
}

static void
write_tsv(FILE *f, const struct evaluation *e)
{
	fprintf(f, "metric\tclass\tvalue\tlow\thigh");
	tsv_end(f, "protocol");
	tsv_plain(f, "records", "-", (double)e->of->n);
	tsv_plain(f, "speakers", "-", (double)e->of->speakers);
	tsv_plain(f, "skipped", "-", (double)skips.n);
	tsv_plain(f, "resamples", resamples == 0 ? "-" : unit_name(e), (double)resamples);
	for (size_t i = 0; i < e->overall; i++)
		tsv_figure(f, e, overall_names[i], "-", i);
	for (size_t i = 0; i < fields.n; i++)
		tsv_by(f, &by[i]);
	for (size_t k = 0; k < e->of->classes; k++) {
		for (size_t i = 0; i < METRICS_OF_CLASS; i++)
			tsv_figure(f, e, class_names[i], e->of->class[k], METRICS_AT(k, i));
		tsv_plain(f, "support", e->of->class[k], (double)metrics_support(&e->counts, k));
	}
	for (size_t t = 0; t < e->of->classes; t++)
		for (size_t k = 0; k < e->columns; k++) {
			fprintf(f, "confusion\t%s/%s\t%" PRIu64 "\t-\t-", e->of->class[t], column_name(e, k),
			        metrics_cell(&e->counts, t, k));
			tsv_end(f, protocol);
		}
	if (e->bin != NULL)
		tsv_calibration(f, e);
}

static void
json_figure(FILE *f, const struct evaluation *e, const char *name, size_t at)
{
	static const char *const members[] = { "value", "low", "high" };

	fprintf(f, "\"%s\": ", name);
	print_object(f, members, (double[]){ e->figure[at], e->low[at], e->high[at] }, 3);
}

static void
json_confusion(FILE *f, const struct evaluation *e)
{
	fprintf(f, "  \"predictions\": [");
	for (size_t k = 0; k < e->columns; k++) {
		fputs(k == 0 ? "" : ", ", f);
		print_json(f, column_name(e, k));
	}
	fprintf(f, "],\n  \"confusion\": [");
	for (size_t t = 0; t < e->of->classes; t++) {
		fprintf(f, "%s\n    [", t == 0 ? "" : ",");
		for (size_t k = 0; k < e->columns; k++)
			fprintf(f, "%s%" PRIu64, k == 0 ? "" : ", ", metrics_cell(&e->counts, t, k));
		fputs("]", f);
	}
	fprintf(f, "\n  ]\n}\n");
}

static void
json_point(FILE *f, const struct calibration_point *p)
{
	static const char *const members[] = { "threshold", "coverage", "risk", "generalised_risk" };

	if (p == NULL)
		fputs("null", f);
	else
		print_object(f, members, (double[]){ p->threshold, p->coverage, p->risk, p->generalised_risk }, 4);
}

static void
json_calibration(FILE *f, const struct evaluation *e)
{
	static const char *const members[] = { "low", "high", "records", "confidence", "accuracy" };

	if (isnan(target_risk))
		fputs("  \"target_risk\": null", f);
	else
		fprintf(f, "  \"target_risk\": %.12g", target_risk);
	fputs(",\n  \"target\": ", f);
	json_point(f, e->chosen);
	fputs(",\n  \"reliability\": [", f);
	for (const struct calibration_bin *b = e->bin; b < e->bin + bins; b++) {
		fputs(b == e->bin ? "\n    " : ",\n    ", f);
		print_object(f, members, (double[]){ b->low, b->high, b->records, b->confidence, b->accuracy }, 5);
	}
	fputs("\n  ],\n  \"risk_coverage\": [", f);
	for (size_t i = 0; i < e->points; i++) {
		fputs(i == 0 ? "\n    " : ",\n    ", f);
		json_point(f, &e->point[i]);
	}
	fputs("\n  ],\n", f);
}

static void
json_by(FILE *f)
{
	fputs("  \"by\": [", f);
	for (const struct by *b = by; b < by + fields.n; b++) {
		fputs(b == by ? "\n    {\"column\": " : ",\n    {\"column\": ", f);
		print_json(f, b->field);
		fputs(", \"parts\": [", f);
		for (const struct by_part *p = b->part; p < b->part + b->parts; p++) {
			fputs(p == b->part ? "\n      {\"value\": " : ",\n      {\"value\": ", f);
			print_json(f, p->value);
			fprintf(f, ", \"records\": %zu, \"speakers\": %zu", p->of.n, p->of.speakers);
			for (size_t i = 0; i < p->figures.overall; i++) {
				fputs(", ", f);
				json_figure(f, &p->figures, overall_names[i], i);
			}
			fputs("}", f);
		}
		fputs("\n    ]}", f);
	}
	fputs("\n  ],\n", f);
}

static void
write_json(FILE *f, const struct evaluation *e)
{
	fputs("{\n", f);
	if (protocol != NULL) {
		fputs("  \"protocol\": ", f);
		print_json(f, protocol);
		fputs(",\n", f);
	}
	fprintf(f, "  \"records\": %zu,\n  \"speakers\": %zu,\n  \"skipped\": %ld,\n  \"bootstrap\": ", e->of->n,
	        e->of->speakers, skips.n);
	if (resamples > 0)
		fprintf(f, "{\"resamples\": %ld, \"of\": \"%s\", \"units\": %zu, \"level\": %g, \"seed\": %ld},\n", resamples,
		        unit_name(e), e->how.units, level, seed);
	else
		fputs("null,\n", f);
	if (fields.n > 0)
		json_by(f);
	for (size_t i = 0; i < e->overall; i++) {
		fputs("  ", f);
		json_figure(f, e, overall_names[i], i);
		fputs(",\n", f);
	}
	fputs("  \"classes\": [", f);
	for (size_t k = 0; k < e->of->classes; k++) {
		fprintf(f, "%s\n    {\"class\": ", k == 0 ? "" : ",");
		print_json(f, e->of->class[k]);
		for (size_t i = 0; i < METRICS_OF_CLASS; i++) {
			fputs(", ", f);
			json_figure(f, e, class_names[i], METRICS_AT(k, i));
		}
		fprintf(f, ", \"support\": %" PRIu64 "}", metrics_support(&e->counts, k));
	}
	fputs("\n  ],\n", f);
	if (e->bin != NULL)
		json_calibration(f, e);
	json_confusion(f, e);
}

/* The confusion matrix alone: a header of predictions, a line for each truth. */
static void
write_matrix(FILE *f, const struct evaluation *e)
{
	fprintf(f, "truth");
	for (size_t k = 0; k < e->columns; k++)
		fprintf(f, "\t%s", column_name(e, k));
	fprintf(f, "\n");
	for (size_t t = 0; t < e->of->classes; t++) {
		fprintf(f, "%s", e->of->class[t]);
		for (size_t k = 0; k < e->columns; k++)
			fprintf(f, "\t%" PRIu64, metrics_cell(&e->counts, t, k));
		fprintf(f, "\n");
	}
}

static void
write_reliability(FILE *f, const struct evaluation *e)
{
	fprintf(f, "low\thigh\trecords\tconfidence\taccuracy\n");
	for (const struct calibration_bin *b = e->bin; b < e->bin + bins; b++) {
		fprintf(f, "%.12g", b->low);
		print_cells(f, (double[]){ b->high, b->records, b->confidence, b->accuracy }, 4);
		putc('\n', f);
	}
}

static void
write_curve(FILE *f, const struct evaluation *e)
{
	fprintf(f, "threshold\trecords\tcoverage\trisk\tgeneralised_risk\n");
	for (const struct calibration_point *p = e->point; p < e->point + e->points; p++) {
		fprintf(f, "%.12g", p->threshold);
		print_cells(f, (double[]){ p->records, p->coverage, p->risk, p->generalised_risk }, 4);
		putc('\n', f);
	}
}

static int
write_file(const char *name, void (*write)(FILE *, const struct evaluation *), const struct evaluation *e)
{
	struct io_out *out;
	int rc = io_open(&out, name, false);

	if (rc != ST_OK)
		return rc;
	write(io_stream(out), e);
	return io_close(out);
}

static void
say_units(const struct evaluation *e)
{
	if (common.quiet || resamples == 0)
		return;
	if (e->how.by_record)
		tool_say("%s: the intervals come from resampling records, and may be too narrow",
		         e->of->speakers == 0 ? "no speakers are known" : "only one speaker is known");
	else if (e->how.loose > 0)
		tool_say("%zu records are without a speaker: for the intervals each counts as one of its own", e->how.loose);
}

/* As scikit-learn warns: its recall is no part of UAR. */
static void
say_absent(const struct evaluation *e)
{
	size_t absent = 0, first = 0, k = e->of->classes;

	while (k-- > 0)
		if (metrics_support(&e->counts, k) == 0) {
			absent++;
			first = k;
		}
	if (absent == 1 && !common.quiet)
		tool_say("no record is of class '%s': UAR is the mean over the others", e->of->class[first]);
	else if (absent > 1 && !common.quiet)
		tool_say("no record is of class '%s', nor of %zu others: UAR is the mean over those that occur",
		         e->of->class[first], absent - 1);
}

/* What can also be written as a table of its own. */
static const struct {
	const char *option, **file;
	void (*write)(FILE *, const struct evaluation *);
} plain[] = {
	{ .option = "confusion", .file = &matrix_file, .write = write_matrix },
	{ .option = "reliability", .file = &reliability_file, .write = write_reliability },
	{ .option = "risk-coverage", .file = &curve_file, .write = write_curve },
};

static bool
skip(int status)
{
	return tool_skip(&skips, status);
}

static int
read_all(struct predictions *p, char *const *files, size_t n)
{
	int rc = labels_file == NULL ? ST_OK : labels_read(&labels, labels_file);

	if (rc == ST_OK && n == 0)
		rc = predictions_read(p, "-");
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = predictions_read(p, files[i]);
	if (rc == ST_DATA && p->protocol_clash)
		rc = err_set(rc, "%s; --mixed-protocols evaluates them together", err_text());
	if (rc == ST_OK)
		rc = predictions_finish(p, false);
	if (rc == ST_OK && p->says_protocol)
		protocol = predictions_protocol(p, protocol_text);
	if (rc == ST_OK && !p->probabilities && (!isnan(target_risk) || reliability_file != NULL || curve_file != NULL))
		rc = err_set(ST_DATA, "without p. columns there is neither calibration nor a threshold to find");
	return rc;
}

static int
part_all(const struct predictions *p, const struct metrics_bootstrap *how)
{
	int rc = ST_OK;

	by = mem_zero(fields.n, sizeof *by);
	if (by == NULL)
		return ST_SYS;
	for (size_t i = 0; i < fields.n && rc == ST_OK; i++)
		rc = by_make(&by[i], p, i, how);
	return rc;
}

static int
write_all(const struct evaluation *e)
{
	int rc = write_file(common.out, as_tsv ? write_tsv : as_json ? write_json : write_text, e);

	for (size_t i = 0; i < OPT_COUNT(plain) && rc == ST_OK; i++)
		if (*plain[i].file != NULL)
			rc = write_file(*plain[i].file, plain[i].write, e);
	if (rc != ST_OK)
		return rc;
	say_units(e);
	say_absent(e);
	/* A mean of thirds may miss the figure by the last bit. */
	if (isnan(min_uar) || e->figure[METRICS_UAR] >= min_uar - 1e-12)
		return ST_OK;
	if (!common.quiet)
		tool_say("UAR is %.4f, below the %g required", e->figure[METRICS_UAR], min_uar);
	return ST_NO;
}

static int
run(char **files, size_t n)
{
	struct predictions p = { .evaluated = true, .labels = &labels, .skip = skip, .field = fields.item,
		.fields = fields.n, .mixed = mixed };
	struct evaluation e = { .of = &p, .target_risk = target_risk };
	int rc;

	if (as_tsv && as_json)
		return err_set(ST_USAGE, "--tsv and --json exclude each other");
	for (size_t i = 0; i < fields.n; i++)
		if (*fields.item[i] == '\0' || strchr(fields.item[i], ',') != NULL)
			return err_set(ST_USAGE, "--by: '%s' is not one column; of several each has a --by of its own", fields.item[i]);
	for (size_t i = 0; i < OPT_COUNT(plain); i++)
		if (*plain[i].file != NULL && strcmp(*plain[i].file, "-") == 0)
			return err_set(ST_USAGE, "--%s requires a file: standard output is the report's", plain[i].option);
	e.how = (struct metrics_bootstrap){
		.resamples = (size_t)resamples, .level = level, .seed = (uint64_t)seed, .bins = (size_t)bins
	};
	rc = read_all(&p, files, n);
	if (rc == ST_OK)
		rc = part_all(&p, &e.how);
	if (rc == ST_OK)
		rc = evaluation_make(&e);
	if (rc == ST_OK)
		rc = write_all(&e);
	for (size_t i = 0; by != NULL && i < fields.n; i++)
		by_free(&by[i]);
	free(by);
	evaluation_free(&e);
	predictions_free(&p);
	labels_free(&labels);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
