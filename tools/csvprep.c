/* csvprep: CSV files and a recipe to a table stream that nets learn from. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/describe.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "base/tool.h"
#include "base/tsv.h"
#include "prep/emit.h"
#include "prep/prep.h"
#include "stream/meta.h"
#include "stream/provenance.h"

static const char *recipe_file, *fit_file, *apply_file, *fit_groups, *columns;
static const char *delimiter = "comma";
static bool describing, auditing, as_tsv;
static long seed, threads;
static struct opt_common common = { .feeds = true };

static const struct opt opts[] = {
	OPT(TEXT, "recipe", &recipe_file, "FILE", "the steps, as prep(5) says", .find = FIND_PREP),
	OPT(TEXT, "fit", &fit_file, "FILE", "write what the steps have learnt to FILE", .file = OPT_WRITES),
	OPT(TEXT, "apply", &apply_file, "FILE", "do not learn: use what --fit wrote; its steps too without --recipe",
	    .file = OPT_READS),
	OPT_PG(TEXT, "fit-groups", &fit_groups, "LIST", "learn from the rows of these groups alone"),
	OPT_PG(TEXT, "columns", &columns, "LIST", "of the features, keep those that fit a name or pattern"),
	OPT_PG(TEXT, "delimiter", &delimiter, "C", "what separates cells: a character, comma, semicolon or tab"),
	OPT(FLAG, "describe", &describing, NULL, "print what the columns hold, instead of the stream"),
	OPT(FLAG, "audit", &auditing, NULL, "look for features that give the label away, instead of the stream"),
	OPT(FLAG, "tsv", &as_tsv, NULL, "with --describe and --audit: plain TSV"),
	OPT(INT, "seed", &seed, "N", "with --audit: seed of the folds", .letter = 's', .max = 9007199254740992.0),
	OPT_THREADS(&threads),
	OPT_PROFILE(&common.profile),
};
static const char *const uses[] = { "--recipe FILE [TABLE.csv] [NAME=TABLE.csv...]",
	                                "--apply FILE [TABLE.csv] [NAME=TABLE.csv...]",
	                                "--describe [TABLE.csv]", NULL };
static const struct tool tool = OPT_TOOL("csvprep", "CSV files to tables of features");

/* What rows become: a stream, or a table to be looked at as a whole. */
struct job {
	struct prep prep;
	struct emit emit;
	struct table whole;
	struct str lines, notes; /* what is shown of it: cells between tabs, and text below them */
};

/* Operands and options */

enum { SIDES_MAX = 64 };

/* NAME=PATH, where NAME is letters, digits and underscores. */
static size_t
name_length(const char *operand)
{
	size_t n = strspn(operand, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return operand[n] == '=' ? n : 0;
}

/* Sorts the operands into the main table and those to join, whose names become
 * strings of their own within the operand. */
static int
take_operands(char **operand, size_t n, struct prep_plan *plan, struct prep_side *side)
{
	size_t inputs = 0;

	plan->path = NULL;
	plan->side = side;
	for (size_t i = 0; i < n; i++) {
		size_t length = name_length(operand[i]);
		const char *path = operand[i] + (length > 0 ? length + 1 : 0);

		inputs += strcmp(path, "-") == 0;
		if (length == 0 && plan->path != NULL)
			return err_set(ST_USAGE, "two main tables: %s and %s (a table to join is NAME=FILE)", plan->path, operand[i]);
		if (length == 0) {
			plan->path = operand[i];
			continue;
		}
		if (plan->sides == SIDES_MAX)
			return err_set(ST_USAGE, "more than %d tables to join", SIDES_MAX);
		operand[i][length] = '\0';
		for (size_t k = 0; k < plan->sides; k++)
			if (strcmp(side[k].name, operand[i]) == 0)
				return err_set(ST_USAGE, "two tables are called %s: %s and %s", operand[i], side[k].path, path);
		side[plan->sides++] = (struct prep_side){ operand[i], path };
	}
	inputs += (plan->path == NULL) + (recipe_file != NULL && strcmp(recipe_file, "-") == 0) +
	          (apply_file != NULL && strcmp(apply_file, "-") == 0);
	if (plan->path == NULL)
		plan->path = "-";
	return inputs > 1 ? err_set(ST_USAGE, "standard input can be one file only") : ST_OK;
}

static int
take_delimiter(char *c)
{
	static const struct {
		const char *name;
		char c;
	} names[] = { { "comma", ',' }, { "semicolon", ';' }, { "tab", '\t' } };

	*c = delimiter[1] == '\0' ? delimiter[0] : '\0';
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i].name, delimiter) == 0)
			*c = names[i].c;
	if (*c == '\0' || *c == '"' || *c == '\n' || *c == '\r' || (*c & 0x80) != 0)
		return err_set(ST_USAGE, "--delimiter: '%s' is not one character, comma, semicolon or tab", delimiter);
	return ST_OK;
}

static int
check_options(void)
{
	if (recipe_file == NULL && apply_file == NULL && !describing)
		return err_set(ST_USAGE, "--recipe or --apply is required");
	if (apply_file != NULL && (fit_file != NULL || fit_groups != NULL))
		return err_set(ST_USAGE, "--apply learns nothing: it goes without --fit and --fit-groups");
	if (fit_file != NULL && strcmp(fit_file, "-") == 0 && (common.out == NULL || strcmp(common.out, "-") == 0))
		return err_set(ST_USAGE, "--fit - and the stream cannot both go to standard output");
	if (describing && auditing)
		return err_set(ST_USAGE, "--describe and --audit exclude each other");
	if (as_tsv && !describing && !auditing)
		return err_set(ST_USAGE, "--tsv goes with --describe and --audit");
	return ST_OK;
}

/* Tables to be looked at */

static int
describe(struct job *j)
{
	size_t *list = NULL, n = j->whole.columns;
	int rc = columns == NULL ? ST_OK : emit_features(&j->prep, &j->whole, columns, &list, &n);

	str_add(&j->lines, DESCRIBE_HEADER);
	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		size_t column = list != NULL ? list[i] : i;
		struct describe d;

		rc = describe_column(&j->whole, column, &d);
		if (rc == ST_OK)
			describe_add_row(&j->lines, &j->whole, column, &d);
	}
	free(list);
	return rc;
}

/* The grounds are a column, or in text below the table those of what is more than
 * a signal. */
static void
add_finding(struct job *j, const struct audit_finding *f)
{
	audit_add_row(&j->lines, f);
	if (as_tsv) {
		str_addc(&j->lines, '\t');
		audit_add_reason(&j->lines, f);
	} else if (f->verdict < AUDIT_SIGNAL || f->best.gain >= AUDIT_STRONG) {
		str_addf(&j->notes, "\n%s: ", audit_verdict_name(f->verdict));
		tsv_add(&j->notes, f->name);
		str_add(&j->notes, ": ");
		audit_add_reason(&j->notes, f);
		str_add(&j->notes, ".\n");
	}
	str_addc(&j->lines, '\n');
}

static int
audit(struct job *j)
{
	const char *const *role = j->prep.role;
	size_t label = role[PREP_LABEL] == NULL ? TABLE_NONE : table_find(&j->whole, role[PREP_LABEL]);
	size_t group = role[PREP_GROUP] == NULL ? TABLE_NONE : table_find(&j->whole, role[PREP_GROUP]);
	struct audit_finding *finding = NULL;
	size_t *list, n;
	bool leak = false;
	int rc;

	if (label == TABLE_NONE)
		return err_set(ST_DATA, "%s: an audit requires a recipe that names the label's column and keeps it",
		               j->prep.recipe.file);
	rc = emit_features(&j->prep, &j->whole, columns, &list, &n);
	if (rc == ST_OK)
		rc = audit_table(&j->whole, label, group, list, n, (uint64_t)seed, &finding);
	str_addf(&j->lines, "%s%s\n", AUDIT_HEADER, as_tsv ? "\treason" : "");
	for (size_t i = 0; i <= n && rc == ST_OK; i++) {
		add_finding(j, &finding[i]);
		leak = leak || finding[i].verdict == AUDIT_LEAK;
	}
	free(finding);
	free(list);
	return rc == ST_OK && leak ? ST_NO : rc;
}

/* A description or an audit of the whole table; the audit's ST_NO comes out in the
 * end. */
static int
show(struct job *j)
{
	struct io_out *out;
	int verdict = auditing ? audit(j) : describe(j), rc = verdict;

	if (rc != ST_OK && rc != ST_NO)
		return rc;
	if ((rc = str_status(&j->lines)) != ST_OK || (rc = str_status(&j->notes)) != ST_OK ||
	    (rc = io_open(&out, common.out, false)) != ST_OK)
		return rc;
	if (as_tsv)
		fputs(j->lines.text, io_stream(out));
	else
		tsv_align(io_stream(out), j->lines.text);
	if (j->notes.text != NULL)
		fputs(j->notes.text, io_stream(out));
	rc = io_close(out);
	return rc == ST_OK ? verdict : rc;
}

/* The work */

static int
on_rows(void *ctx, struct table *t)
{
	struct job *j = ctx;

	return describing || auditing ? table_append(&j->whole, t) : emit_rows(&j->emit, t);
}

static void
on_progress(uint64_t rows)
{
	if (!common.quiet)
		tool_progress("%llu rows", (unsigned long long)rows);
}

static void
say_dropped(const char *where, uint64_t rows)
{
	tool_say("%s: rows dropped: %llu", where, (unsigned long long)rows);
}

/* The state is written, but appears only when all else has come out. */
static int
begin_state(const struct prep *p, struct io_out **state)
{
	struct str text = { 0 };
	int rc;

	if (fit_file == NULL)
		return ST_OK;
	learnt_add_state(&text, &p->recipe, &p->learnt);
	if ((rc = str_status(&text)) == ST_OK && (rc = io_open(state, fit_file, false)) == ST_OK &&
	    (rc = io_write(*state, text.text, text.n)) == ST_OK)
		rc = io_flush(*state);
	str_free(&text);
	return rc;
}

/* With the status of all else, which it returns unless its own is worse. */
static int
end_state(struct io_out *state, int rc)
{
	int end = ST_OK;

	if (rc != ST_OK && rc != ST_NO)
		io_abort(state);
	else if (state != NULL)
		end = io_close(state);
	return end == ST_OK ? rc : end;
}

static int
make_stream(struct job *j)
{
	struct meta pg = { 0 };
	struct io_out *state = NULL;
	int rc = provenance_add(&tool, &pg);

	j->emit = (struct emit){ .prep = &j->prep, .columns = columns, .pg = &pg };
	if (rc == ST_OK)
		rc = tsr_create(&j->emit.out, common.out);
	if (rc == ST_OK && j->prep.plan.threads > 1)
		rc = tsr_behind(j->emit.out);
	if (rc == ST_OK)
		rc = prep_run(&j->prep);
	if (rc == ST_OK)
		rc = begin_state(&j->prep, &state);
	if (rc == ST_OK)
		rc = tsr_end(j->emit.out);
	if (rc == ST_OK)
		rc = tsr_finish(j->emit.out);
	else
		tsr_abort(j->emit.out);
	meta_clear(&pg);
	return end_state(state, rc);
}

static int
look(struct job *j)
{
	struct io_out *state = NULL;
	int rc = prep_run(&j->prep);

	if (rc == ST_OK)
		rc = begin_state(&j->prep, &state);
	if (rc == ST_OK)
		rc = show(j);
	return end_state(state, rc);
}

static int
run(char **operand, size_t n)
{
	struct job j = { 0 };
	struct prep_side side[SIDES_MAX];
	uint64_t duplicates = 0;
	struct prep_plan plan = { .recipe = recipe_file, .apply = apply_file, .fit_groups = fit_groups, .emit = on_rows,
		.ctx = &j, .progress = on_progress, .duplicates = common.verbose ? &duplicates : NULL, .threads = opt_threads(threads) };
	int rc;

	common.feeds = !describing && !auditing;
	if ((rc = check_options()) != ST_OK || (rc = take_delimiter(&plan.delimiter)) != ST_OK ||
	    (rc = take_operands(operand, n, &plan, side)) != ST_OK)
		return rc;
	rc = prep_open(&j.prep, &plan);
	if (rc == ST_OK)
		rc = describing || auditing ? look(&j) : make_stream(&j);
	if ((rc == ST_OK || rc == ST_NO) && !common.quiet)
		prep_dropped(&j.prep, say_dropped);
	if (duplicates > 0)
		tool_say("%s: rows equal to an earlier one: %llu", plan.path, (unsigned long long)duplicates);
	if (rc == ST_OK && common.verbose)
		tool_say("kept %llu of %llu rows", (unsigned long long)j.prep.kept, (unsigned long long)j.prep.read);
	emit_free(&j.emit);
	table_clear(&j.whole);
	str_free(&j.lines);
	str_free(&j.notes);
	prep_free(&j.prep);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
