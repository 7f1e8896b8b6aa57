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
#include "judge/preds.h"

static struct opt_list versus;
static const char *labels_file;
static struct labels labels;
static bool as_tsv;
static long resamples = 1000, permutations = 100000, seed;
static double level = 0.95;
static struct opt_common common;

static const struct opt opts[] = {
	OPT(LIST, "versus", &versus, "B.tsv", "predictions of the other one; may be given again"),
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

/* Both inputs, with what messages call them. */
struct pair {
	struct preds of[2];
	const char *file[2]; /* the first, and how many there are */
	size_t files[2];
	struct compare_record *record;
};

/* Where a record stands in its input, for the search by key. */
struct place {
	const char *key;
	size_t at;
};

static int
compare_places(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->key, ((const struct place *)b)->key);
}

/* The records of an input by key, each of which must be its only one. */
static int
sort_keys(const struct preds *p, const char *file, struct place **places)
{
	*places = mem_zero(p->n, sizeof **places);
	if (*places == NULL)
		return ST_SYS;
	for (size_t i = 0; i < p->n; i++)
		(*places)[i] = (struct place){ p->key[i], i };
	qsort(*places, p->n, sizeof **places, compare_places);
	if ((*places)[0].key[0] == '\0')
		return err_set(ST_DATA, "%s: a record without a key", file);
	for (size_t i = 1; i < p->n; i++)
		if (compare_places(*places + i - 1, *places + i) == 0)
			return err_set(ST_DATA, "%s: '%s' stands twice", file, (*places)[i].key);
	return ST_OK;
}

/* The two answers to one record; its truth and speaker must be the same. */
static int
pair_record(const struct pair *p, size_t a, size_t b, struct compare_record *r)
{
	const struct metrics_record *x = &p->of[A].record[a], *y = &p->of[B].record[b];
	const char *truth = p->of[A].class[x->truth], *other = p->of[B].class[y->truth];

	if (strcmp(truth, other) != 0)
		return err_set(ST_DATA, "%s: the label of '%s' is '%s', but '%s' in %s", p->file[B], p->of[B].key[b], other,
		               truth, p->file[A]);
	if (x->group != y->group)
		return err_set(ST_DATA, "%s: '%s' is not of the speaker that %s says", p->file[B], p->of[B].key[b], p->file[A]);
	*r = (struct compare_record){ x->truth, x->group, { x->pred == x->truth, y->pred == y->truth } };
	return ST_OK;
}

static int
missing(const struct pair *p, int which, const char *key)
{
	return err_set(ST_DATA, "%s: no record '%s', which %s has", p->file[which], key, p->file[!which]);
}

static int
join(struct pair *p)
{
	struct place *place[2] = { NULL, NULL };
	size_t n = p->of[A].n;
	int rc = sort_keys(&p->of[A], p->file[A], &place[A]);

	if (rc == ST_OK)
		rc = sort_keys(&p->of[B], p->file[B], &place[B]);
	if (rc == ST_OK && (p->record = mem_zero(n, sizeof *p->record)) == NULL)
		rc = ST_SYS;
	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		int order = i < p->of[B].n ? compare_places(&place[A][i], &place[B][i]) : -1;

		rc = order < 0   ? missing(p, B, place[A][i].key)
		     : order > 0 ? missing(p, A, place[B][i].key)
		                 : pair_record(p, place[A][i].at, place[B][i].at, &p->record[i]);
	}
	if (rc == ST_OK && p->of[B].n > n)
		rc = missing(p, A, place[B][n].key);
	free(place[A]);
	free(place[B]);
	return rc;
}

static void
put_number(FILE *f, double x)
{
	if (isnan(x))
		fprintf(f, "\t-");
	else
		fprintf(f, "\t%.12g", x);
}

static void
write_tsv(FILE *f, const struct pair *p, const struct compare *c)
{
	fprintf(f, "figure\ta\tb\tdifference\tlow\thigh\tp\tassignments\trecords\tunits\ta_better\tb_better\n");
	for (int i = 0; i < COMPARE_FIGURES; i++) {
		const struct compare_result *r = &c->of[i];

		fprintf(f, "%s", names[i]);
		put_number(f, r->value[A]);
		put_number(f, r->value[B]);
		put_number(f, r->difference);
		put_number(f, r->low);
		put_number(f, r->high);
		put_number(f, r->p);
		if (r->exact)
			fprintf(f, "\tall");
		else
			fprintf(f, "\t%zu", c->permutations);
		fprintf(f, "\t%zu\t%zu\t%zu\t%zu\n", p->of[A].n, c->units, r->better[A], r->better[B]);
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
	fprintf(f, "%c: %s", which == A ? 'A' : 'B', p->file[which]);
	if (p->files[which] > 1)
		fprintf(f, " and %zu more", p->files[which] - 1);
	putc('\n', f);
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
	fprintf(f, "\np: the share of swaps of A's and B's answers, %s by %s, that differ as much;\n",
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

static const char *
input_name(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
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
		rc = preds_read(&p->of[A], files, n, 0, &labels);
	if (rc == ST_OK)
		rc = preds_read(&p->of[B], (char *const *)(uintptr_t)versus.item, versus.n, 0, &labels);
	if (rc == ST_OK)
		rc = join(p);
	if (rc != ST_OK)
		return rc;
	c.classes = p->of[A].classes;
	rc = compare_records(p->record, p->of[A].n, &c);
	if (rc == ST_OK)
		rc = write_result(p, &c);
	if (rc == ST_OK && !common.quiet)
		say_units(&c);
	return rc;
}

static int
run(char **files, size_t n)
{
	struct pair p = { .file = { n == 0 ? "standard input" : input_name(files[0]) }, .files = { n, versus.n } };
	int rc;

	if (versus.n == 0)
		return err_set(ST_USAGE, "--versus B.tsv is wanted (see --help)");
	p.file[B] = input_name(versus.item[0]);
	rc = compare(&p, files, n);
	preds_free(&p.of[A]);
	preds_free(&p.of[B]);
	free(p.record);
	labels_free(&labels);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
