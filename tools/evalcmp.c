/* evalcmp: is one classifier better than another on the same records? Both
 * figures, the interval of their difference, and a p-value, by speaker. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/tool.h"
#include "judge/compare.h"
#include "judge/labels.h"
#include "judge/predictions.h"
#include "judge/print.h"

static struct opt_list versus;
static const char *labels_file;
static struct labels labels;
static bool as_tsv;
static long resamples = 1000, permutations = 100000, seed;
static double level = 0.95;
static struct opt_common common;

static const struct opt opts[] = {
	OPT(LIST, "versus", &versus, "B.tsv", "predictions of the other one; may be given again", .file = OPT_READS),
	OPT(FLAG, "tsv", &as_tsv, NULL, "write a table instead of text"),
	OPT(TEXT, "labels", &labels_file, "FILE", "names by which classes may be shown in the inputs", .find = FIND_LABELS),
	OPT(INT, "permutations", &permutations, "N", "random ones, where there are too many for all", .min = 1, .max = 1e9),
	OPT(INT, "bootstrap", &resamples, "N", "resamples for the intervals; 0 leaves them out", .max = 1e6),
	OPT(NUM, "level", &level, "X", "level of the intervals", .min = 0.01, .max = 0.999),
	OPT_SEED(&seed),
};
static const char *const uses[] = { "--versus B.tsv [A.tsv...]", NULL };
static const struct tool tool = OPT_TOOL("evalcmp", "compare two classifiers on the same records");

static const char *const names[COMPARE_FIGURES] = { "accuracy", "uar" };
static const char *const titles[COMPARE_FIGURES] = { "accuracy", "UAR (mean recall)" };
enum { A, B };

/* Both inputs. */
struct pair {
	struct predictions of[2];
	size_t files[2];
	char protocol[2][PREDICTIONS_PROTOCOL_MAX];
	struct compare_record *record;
};

/* The two predictions for one record; its truth and speaker must be the same. */
static int
pair_record(const struct pair *p, const struct prediction *a, const struct prediction *b, struct compare_record *r)
{
	const struct metrics_record *x = &p->of[A].outcome[a - p->of[A].record];
	const struct metrics_record *y = &p->of[B].outcome[b - p->of[B].record];

	if (strcmp(a->cell[PREDICTIONS_LABEL], b->cell[PREDICTIONS_LABEL]) != 0)
		return err_set(ST_DATA, "%s: the label of %s is '%s', but '%s' in %s", p->of[B].file, predictions_name(b),
		               b->cell[PREDICTIONS_LABEL], a->cell[PREDICTIONS_LABEL], p->of[A].file);
	if (strcmp(a->cell[PREDICTIONS_GROUP], b->cell[PREDICTIONS_GROUP]) != 0)
		return err_set(ST_DATA, "%s: %s is not of the speaker that %s says", p->of[B].file, predictions_name(b),
		               p->of[A].file);
	*r = (struct compare_record){ .truth = x->truth,
		                          .group = x->group,
		                          .right = { x->pred == x->truth, y->pred == y->truth } };
	return ST_OK;
}

static int
join(struct pair *p)
{
	p->record = mem_zero(p->of[A].n, sizeof *p->record);
	if (p->record == NULL)
		return ST_SYS;
	for (int w = A; w <= B; w++)
		for (size_t i = 0; i < p->of[w].n; i++) {
			const struct prediction *one = p->of[w].sorted[i], *other = predictions_find(&p->of[!w], one);
			int rc = ST_OK;

			if (other == NULL)
				return err_set(ST_DATA, "%s: no record %s, which %s has", p->of[!w].file, predictions_name(one),
				               p->of[w].file);
			if (w == A && (rc = pair_record(p, one, other, &p->record[i])) != ST_OK)
				return rc;
		}
	return ST_OK;
}

static bool
says_protocol(const struct pair *p)
{
	return p->of[A].says_protocol || p->of[B].says_protocol;
}

static void
write_tsv(FILE *f, const struct pair *p, const struct compare *c)
{
	fprintf(f, "figure\ta\tb\tdifference\tlow\thigh\tp\tassignments\trecords\tunits\ta_better\tb_better%s\n",
	        says_protocol(p) ? "\ta_protocol\tb_protocol" : "");
	for (int i = 0; i < COMPARE_FIGURES; i++) {
		const struct compare_result *r = &c->of[i];

		fprintf(f, "%s", names[i]);
		print_cells(f, (double[]){ r->value[A], r->value[B], r->difference, r->low, r->high, r->p }, 6);
		if (r->exact)
			fprintf(f, "\tall");
		else
			fprintf(f, "\t%zu", c->permutations);
		fprintf(f, "\t%zu\t%zu\t%zu\t%zu", p->of[A].n, c->units, r->better[A], r->better[B]);
		if (says_protocol(p))
			fprintf(f, "\t%s\t%s", p->protocol[A], p->protocol[B]);
		putc('\n', f);
	}
}

static const char *
unit_name(const struct compare *c)
{
	return c->by_record ? "records" : c->loose > 0 ? "speakers and records without one" : "speakers";
}

static void
put_input(FILE *f, const struct pair *p, int which)
{
	fprintf(f, "%c: %s", which == A ? 'A' : 'B', p->of[which].file);
	if (p->files[which] > 1)
		fprintf(f, " and %zu more", p->files[which] - 1);
	fprintf(f, "%s%s\n", says_protocol(p) ? ", " : "", says_protocol(p) ? p->protocol[which] : "");
}

static void
write_text(FILE *f, const struct pair *p, const struct compare *c)
{
	char interval[32];

	put_input(f, p, A);
	put_input(f, p, B);
	fprintf(f, "%zu records, %zu %s\n\n", p->of[A].n, c->units, unit_name(c));
	snprintf(interval, sizeof interval, "%g %% interval", 100 * c->level);
	fprintf(f, "%-18s  %6s  %6s  %7s  %-18s  %7s  %8s  %8s\n", "", "A", "B", "A - B", c->resamples > 0 ? interval : "",
	        "p", "A better", "B better");
	for (int i = 0; i < COMPARE_FIGURES; i++) {
		const struct compare_result *r = &c->of[i];

		fprintf(f, "%-18s  %.4f  %.4f  %+.4f  ", titles[i], r->value[A], r->value[B], r->difference);
		if (c->resamples > 0)
			fprintf(f, "%+.4f to %+.4f", r->low, r->high);
		fprintf(f, "%*s  %7.4g  %8zu  %8zu\n", c->resamples > 0 ? 0 : 18, "", r->p, r->better[A], r->better[B]);
	}
	fprintf(f, "\np: the fraction of swaps of A's and B's predictions, %s by %s, that differ as much;\n",
	        c->by_record ? "record" : "speaker", c->by_record ? "record" : "speaker");
	for (int i = 0; i < COMPARE_FIGURES; i++)
		if (c->of[i].exact)
			fprintf(f, "   of %s: of all swaps\n", titles[i]);
		else
			fprintf(f, "   of %s: of %zu random swaps, seed %ld\n", titles[i], c->permutations, seed);
	if (c->resamples > 0)
		fprintf(f, "intervals: bootstrap, %zu resamples of %s, seed %ld\n", c->resamples, unit_name(c), seed);
}

static int
write_result(const struct pair *p, const struct compare *c)
{
	struct io_out *out;
	int rc = io_open(&out, common.out, false);

	if (rc != ST_OK)
		return rc;
	(as_tsv ? write_tsv : write_text)(io_stream(out), p, c);
	return io_close(out);
}

static void
say_units(const struct compare *c)
{
	if (c->by_record)
		tool_say("fewer than two speakers are known: records are swapped, and p may be too small");
	else if (c->loose > 0)
		tool_say("%zu records are without a speaker: each counts as one of its own", c->loose);
}

/* Knowledge of the speakers is no merit of a classifier. */
static void
say_protocols(const struct pair *p)
{
	if (strcmp(p->protocol[A], p->protocol[B]) != 0)
		tool_say("A is %s, B is %s: they do not know the same of the speakers", p->protocol[A], p->protocol[B]);
}

static int
compare(struct pair *p, char **files, size_t n)
{
	struct compare c = { .permutations = (size_t)permutations,
		                 .resamples = (size_t)resamples,
		                 .level = level,
		                 .seed = (uint64_t)seed };
	int rc = labels_file == NULL ? ST_OK : labels_read(&labels, labels_file);

	if (rc == ST_OK)
		rc = n == 0 ? predictions_read(&p->of[A], "-") : ST_OK;
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = predictions_read(&p->of[A], files[i]);
	for (size_t i = 0; i < versus.n && rc == ST_OK; i++)
		rc = predictions_read(&p->of[B], versus.item[i]);
	for (int w = A; w <= B && rc == ST_OK; w++) {
		predictions_protocol(&p->of[w], p->protocol[w]);
		rc = predictions_finish(&p->of[w], true);
	}
	if (rc == ST_OK)
		rc = join(p);
	if (rc != ST_OK)
		return rc;
	c.classes = p->of[A].classes;
	rc = compare_records(p->record, p->of[A].n, &c);
	if (rc == ST_OK)
		rc = write_result(p, &c);
	if (rc == ST_OK && !common.quiet) {
		say_units(&c);
		say_protocols(p);
	}
	return rc;
}

static int
run(char **files, size_t n)
{
	struct predictions empty = { .evaluated = true, .labels = &labels };
	struct pair p = { .of = { empty, empty }, .files = { n, versus.n } };
	int rc;

	if (versus.n == 0)
		return err_set(ST_USAGE, "--versus B.tsv is required (see --help)");
	rc = compare(&p, files, n);
	predictions_free(&p.of[A]);
	predictions_free(&p.of[B]);
	free(p.record);
	labels_free(&labels);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
