/* fuse: one prediction of several modalities' (audio, video), joined by key, by a
 * table of rules in plain text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/tool.h"
#include "judge/predictions.h"
#include "judge/rules.h"

enum { MISSING_ERROR, MISSING_SKIP };
static const char *const missing_names[] = { "error", "skip", NULL };
static const char *rules_file, *report_file;
static int missing;
static struct opt_common common = { .feeds = true };

static const struct opt opts[] = {
	OPT(TEXT, "rules", &rules_file, "FILE", "the rules, first match wins", .find = FIND_RULES),
	OPT(CHOICE, "missing", &missing, "WHAT", "a key that not all modalities have", .choices = missing_names),
	OPT(TEXT, "report", &report_file, "FILE", "also write to FILE what each rule did", .file = OPT_WRITES),
};
static const char *const uses[] = { "--rules FILE NAME=PREDICTIONS.tsv...", NULL };
static const struct tool tool = OPT_TOOL("fuse", "one prediction of several modalities, by rules");

/* What a rule did, by the records whose truth is known. */
struct tally {
	uint64_t fired, known, right;
	uint64_t alone[RULES_MODALITIES_MAX]; /* where the modality would be right */
};

struct job {
	struct predictions of[RULES_MODALITIES_MAX];
	char *name[RULES_MODALITIES_MAX];
	size_t n;
	struct rules rules;
	struct tally *tally; /* of each rule, then of all */
	struct io_out *out;
	size_t left_out;
};

static int
check_name(const char *operand, size_t len)
{
	static const char *const reserved[] = { "conf", "confidence", "else", "labels", "rule" };
	bool bad = len == 0 || strspn(operand, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") < len;

	for (size_t i = 0; i < PREDICTIONS_COLUMNS; i++)
		bad |= strlen(predictions_columns[i]) == len && strncmp(predictions_columns[i], operand, len) == 0;
	for (size_t i = 0; i < OPT_COUNT(reserved); i++)
		bad |= strlen(reserved[i]) == len && strncmp(reserved[i], operand, len) == 0;
	return bad ? err_set(ST_USAGE, "'%.*s' cannot be a modality's name", (int)len, operand) : ST_OK;
}

/* NAME=FILE; a name given again adds to its records. */
static int
take_operand(struct job *j, const char *operand)
{
	const char *equals = strchr(operand, '=');
	size_t i = 0, len = equals == NULL ? 0 : (size_t)(equals - operand);
	int rc = equals == NULL ? err_set(ST_USAGE, "'%s' is not NAME=PREDICTIONS.tsv", operand) : check_name(operand, len);

	if (rc != ST_OK)
		return rc;
	while (i < j->n && (strlen(j->name[i]) != len || strncmp(j->name[i], operand, len) != 0))
		i++;
	if (i == RULES_MODALITIES_MAX)
		return err_set(ST_USAGE, "more than %d modalities", RULES_MODALITIES_MAX);
	if (i == j->n) {
		if ((j->name[i] = mem_strn(operand, len)) == NULL)
			return ST_SYS;
		j->n++;
	}
	return predictions_read(&j->of[i], equals + 1);
}

/* What the rules ask for must be there. */

/* label NULL: any at all. */
static bool
is_declared(const struct rules *r, size_t who, const char *label)
{
	for (size_t i = 0; i < r->declarations; i++)
		if (r->declared[i].who == who && (label == NULL || strcmp(r->declared[i].label, label) == 0))
			return true;
	return false;
}

static int
unknown_label(const struct job *j, const struct rules_rule *rule, size_t who, const char *label)
{
	const struct predictions *p = &j->of[who];
	char list[300];

	return err_set(ST_DATA, "%s: line %lu: '%s' is no label of %s; %s has %s%s", j->rules.file, rule->line, label,
	               j->name[who], p->file,
	               predictions_list((const char *const *)p->class, p->classes, list, sizeof list),
	               p->probabilities ? "" : " (a line 'labels NAME LABEL...' declares others)");
}

static int
check_condition(const struct job *j, const struct rules_rule *rule, const struct rules_condition *c)
{
	if (c->relation == RULES_IS || c->relation == RULES_IS_NOT) {
		bool known = c->label == NULL || predictions_refusal(NULL, c->label) ||
		             is_declared(&j->rules, c->who, c->label) ||
		             predictions_class(&j->of[c->who], c->label) != METRICS_NONE;

		return known ? ST_OK : unknown_label(j, rule, c->who, c->label);
	}
	for (size_t i = 0; i < j->n; i++)
		if ((c->who == i || c->who == RULES_NONE) && j->of[i].no_confidence != NULL)
			return err_set(ST_DATA, "%s: line %lu asks for the confidence of %s, but %s has no such column", j->rules.file,
			               rule->line, j->name[i], j->of[i].no_confidence);
	return ST_OK;
}

/* Labels that the file declares for a modality are all it may predict. */
static int
check_declared(const struct job *j, size_t who)
{
	const struct predictions *p = &j->of[who];

	if (!is_declared(&j->rules, who, NULL))
		return ST_OK;
	for (size_t i = 0; i < p->n; i++) {
		const char *pred = p->record[i].cell[PREDICTIONS_PRED];

		if (!predictions_refusal(NULL, pred) && !is_declared(&j->rules, who, pred))
			return err_set(ST_DATA, "%s: %s: '%s' is not among the labels that %s declares for %s", p->file,
			               predictions_name(&p->record[i]), pred, j->rules.file, j->name[who]);
	}
	return ST_OK;
}

static int
check_rules(const struct job *j)
{
	const struct rules *r = &j->rules;
	bool checked;
	int rc = ST_OK;

	for (size_t i = 0; i < j->n && rc == ST_OK; i++)
		rc = check_declared(j, i);
	for (size_t i = 0; i < r->n && rc == ST_OK; i++)
		for (size_t k = 0; k < r->rule[i].n && rc == ST_OK; k++)
			rc = check_condition(j, &r->rule[i], &r->rule[i].when[k]);
	if (rc == ST_OK)
		rc = rules_check(r, &checked);
	if (rc == ST_OK && !checked && !common.quiet)
		tool_say("%s: too many cases to check whether each rule can apply", r->file);
	return rc;
}

/* Fusing */

/* The record in all modalities; *all is false where it is missing in one. */
static int
join(struct job *j, const struct prediction *key, const struct prediction **row, bool *all)
{
	*all = true;
	for (size_t i = 0; i < j->n; i++) {
		row[i] = predictions_find(&j->of[i], key);
		if (row[i] == NULL && missing == MISSING_ERROR)
			return err_set(ST_DATA, "%s: no record %s, which another modality has (--missing skip leaves it out)",
			               j->of[i].file, predictions_name(key));
		*all &= row[i] != NULL;
	}
	return ST_OK;
}

/* Truth and speaker may be known to one modality only, but not differ. */
static int
agree(const struct job *j, const struct prediction *const *row, size_t cell, const char **value)
{
	size_t from = 0;

	*value = "-";
	for (size_t i = 0; i < j->n; i++) {
		const char *x = row[i]->cell[cell];

		if (strcmp(x, "-") == 0)
			continue;
		if (strcmp(*value, "-") != 0 && strcmp(*value, x) != 0)
			return err_set(ST_DATA, "%s: the %s of %s is '%s', but '%s' in %s", j->of[i].file, predictions_columns[cell],
			               predictions_name(row[i]), x, *value, j->of[from].file);
		from = i;
		*value = x;
	}
	return ST_OK;
}

static void
count(const struct job *j, struct tally *t, const char *truth, const char *pred, const char *const *each)
{
	t->fired++;
	if (strcmp(truth, "-") == 0)
		return;
	t->known++;
	t->right += strcmp(truth, pred) == 0;
	for (size_t i = 0; i < j->n; i++)
		t->alone[i] += strcmp(truth, each[i]) == 0;
}

static int
fuse_record(struct job *j, const struct prediction *const *row)
{
	const char *each[RULES_MODALITIES_MAX], *label, *group, *pred;
	double conf[RULES_MODALITIES_MAX];
	FILE *f = io_stream(j->out);
	size_t rule;
	int rc = agree(j, row, PREDICTIONS_LABEL, &label);

	if (rc == ST_OK)
		rc = agree(j, row, PREDICTIONS_GROUP, &group);
	if (rc != ST_OK)
		return rc;
	for (size_t i = 0; i < j->n; i++) {
		each[i] = row[i]->cell[PREDICTIONS_PRED];
		conf[i] = row[i]->confidence;
	}
	rule = rules_first(&j->rules, each, conf);
	if (rule == RULES_NONE)
		return err_set(ST_DATA, "%s: no rule for %s", j->rules.file, predictions_name(row[0]));
	pred = rules_predict(&j->rules, rule, each);
	count(j, &j->tally[rule], label, pred, each);
	count(j, &j->tally[j->rules.n], label, pred, each);
	fprintf(f, "%s\t%s\t%s\t%s\t%s\t%zu", row[0]->cell[PREDICTIONS_KEY], label, group, row[0]->cell[PREDICTIONS_START], pred,
	        rule + 1);
	for (size_t i = 0; i < j->n; i++)
		fprintf(f, "\t%s", each[i]);
	putc('\n', f);
	return ST_OK;
}

/* In the order of the first modality's records; those that only another one
 * has are an error or left out. */
static int
fuse_all(struct job *j)
{
	const struct prediction *row[RULES_MODALITIES_MAX];
	FILE *f = io_stream(j->out);
	bool all, first;
	int rc = ST_OK;

	fprintf(f, "key\tlabel\tgroup\tstart\tpred\trule");
	for (size_t i = 0; i < j->n; i++)
		fprintf(f, "\t%s", j->name[i]);
	putc('\n', f);
	for (size_t m = 0; m < j->n; m++)
		for (size_t i = 0; i < j->of[m].n; i++) {
			rc = join(j, &j->of[m].record[i], row, &all);
			if (rc == ST_OK && m == 0 && all)
				rc = fuse_record(j, row);
			if (rc != ST_OK)
				return rc;
			first = true;
			for (size_t k = 0; k < m; k++)
				first &= row[k] == NULL;
			j->left_out += !all && first;
		}
	return ST_OK;
}

/* The report */

static void
put_fraction(FILE *f, uint64_t part, uint64_t whole)
{
	if (whole == 0)
		fputs("\t-", f);
	else
		fprintf(f, "\t%.6f", (double)part / (double)whole);
}

static void
put_tally(FILE *f, const struct job *j, const struct tally *t)
{
	fprintf(f, "\t%" PRIu64, t->fired);
	put_fraction(f, t->fired, j->tally[j->rules.n].fired);
	fprintf(f, "\t%" PRIu64 "\t%" PRIu64, t->known, t->right);
	put_fraction(f, t->right, t->known);
	for (size_t i = 0; i < j->n; i++)
		put_fraction(f, t->alone[i], t->known);
	putc('\n', f);
}

static int
write_report(const struct job *j)
{
	struct io_out *out;
	FILE *f;
	int rc = io_open(&out, report_file, false);

	if (rc != ST_OK)
		return rc;
	f = io_stream(out);
	fprintf(f, "rule\tline\ttext\tfired\tshare\tknown\tright\taccuracy");
	for (size_t i = 0; i < j->n; i++)
		fprintf(f, "\taccuracy.%s", j->name[i]);
	putc('\n', f);
	for (size_t i = 0; i < j->rules.n; i++) {
		fprintf(f, "%zu\t%lu\t%s", i + 1, j->rules.rule[i].line, j->rules.rule[i].text);
		put_tally(f, j, &j->tally[i]);
	}
	fprintf(f, "all\t-\t-");
	put_tally(f, j, &j->tally[j->rules.n]);
	return io_close(out);
}

static int
fuse(struct job *j, char **operands, size_t n)
{
	int rc = ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = take_operand(j, operands[i]);
	for (size_t i = 0; i < j->n && rc == ST_OK; i++)
		rc = predictions_finish(&j->of[i], true);
	if (rc == ST_OK)
		rc = rules_read(&j->rules, rules_file, (const char *const *)j->name, j->n);
	if (rc == ST_OK)
		rc = check_rules(j);
	if (rc == ST_OK && (j->tally = mem_zero(j->rules.n + 1, sizeof *j->tally)) == NULL)
		rc = ST_SYS;
	if (rc == ST_OK)
		rc = io_open(&j->out, common.out, false);
	if (rc == ST_OK && (rc = fuse_all(j)) == ST_OK) {
		rc = io_close(j->out);
		j->out = NULL;
	}
	if (rc == ST_OK && report_file != NULL)
		rc = write_report(j);
	if (rc == ST_OK && j->left_out > 0 && !common.quiet)
		tool_say("%zu record%s left out, which not all modalities have", j->left_out, j->left_out == 1 ? "" : "s");
	return rc;
}

static int
run(char **operands, size_t n)
{
	struct job j = { 0 };
	int rc;

	if (rules_file == NULL)
		return err_set(ST_USAGE, "--rules FILE is required (see --help)");
	if (n == 0)
		return err_set(ST_USAGE, "predictions are required, as NAME=PREDICTIONS.tsv (see --help)");
	if (report_file != NULL && strcmp(report_file, "-") == 0)
		return err_set(ST_USAGE, "--report requires a file: standard output is for the predictions");
	rc = fuse(&j, operands, n);
	io_abort(j.out);
	for (size_t i = 0; i < j.n; i++) {
		predictions_free(&j.of[i]);
		free(j.name[i]);
	}
	rules_free(&j.rules);
	free(j.tally);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
