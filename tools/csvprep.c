/* csvprep: CSV files and a recipe to a table stream that nets learn from. */
#ifdef __GLIBC__
#include <malloc.h>
#endif
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
#include "base/text.h"
#include "base/tool.h"
#include "prep/emit.h"
#include "prep/prep.h"
#include "stream/meta.h"
#include "stream/provenance.h"

static const char *recipe_file, *fit_file, *apply_file, *fit_groups, *columns;
static const char *delimiter = "comma";
static bool describing, auditing, as_tsv;
static long seed;
static struct opt_common common;

static const struct opt opts[] = {
	OPT(TEXT, "recipe", &recipe_file, "FILE", "the steps, as prep(5) says", .find = FIND_PREP),
	OPT(TEXT, "fit", &fit_file, "FILE", "write what the steps have learnt to FILE"),
	OPT(TEXT, "apply", &apply_file, "FILE", "do not learn: use what --fit wrote; its steps too without --recipe"),
	OPT_PG(TEXT, "fit-groups", &fit_groups, "LIST", "learn from the rows of these groups alone"),
	OPT_PG(TEXT, "columns", &columns, "LIST", "of the features, keep those that fit a name or pattern"),
	OPT_PG(TEXT, "delimiter", &delimiter, "C", "what stands between cells: a character, comma, semicolon or tab"),
	OPT(FLAG, "describe", &describing, NULL, "print what the columns hold, instead of the stream"),
	OPT(FLAG, "audit", &auditing, NULL, "look for features that give the label away, instead of the stream"),
	OPT(FLAG, "tsv", &as_tsv, NULL, "with --describe and --audit: plain TSV"),
	OPT(INT, "seed", &seed, "N", "with --audit: seed of the folds", .letter = 's', .max = 9007199254740992.0),
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
		return err_set(ST_USAGE, "--recipe or --apply is wanted");
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

/* Writes tab-separated lines, as they are or with columns below each other. */
static void
write_aligned(FILE *out, const char *tsv)
{
	size_t width[32] = { 0 }, column = 0;

	for (int pass = 0; pass < 2; pass++)
		for (const char *p = tsv; *p != '\0'; column = 0)
			for (bool end = false; !end; p++, column++) {
				size_t n = strcspn(p, "\t\n"), shown = text_characters(p, n);

				end = p[n] == '\n';
				if (pass == 0 && shown > width[column])
					width[column] = shown;
				if (pass == 1)
					fprintf(out, "%.*s%*s", (int)n, p, end ? 0 : (int)(width[column] - shown + 2), "");
				if (pass == 1 && end)
					putc('\n', out);
				p += n;
			}
}

/* A cell of a table: no tab, no line's end. */
static void
put_text(FILE *f, const char *s)
{
	for (; *s != '\0'; s++)
		putc(*s == '\t' || *s == '\n' || *s == '\r' ? ' ' : *s, f);
}

static void
put_number(FILE *f, double x)
{
	if (isnan(x))
		fputs("\t-", f);
	else
		fprintf(f, "\t%.6g", x);
}

static void
describe_row(FILE *f, const struct table *t, size_t column, const struct describe *d)
{
	char cell[TABLE_CELL_MAX];
	double x;

	put_text(f, d->name);
	fprintf(f, "\t%s\t%zu\t%zu\t%zu", d->kind == TABLE_NUMBER ? "number" : "text", d->rows, d->missing, d->distinct);
	if (d->kind == TABLE_TEXT)
		fprintf(f, "\t%zu", d->longest);
	else
		fputs("\t-", f);
	put_number(f, d->min);
	put_number(f, d->q1);
	put_number(f, d->median);
	put_number(f, d->q3);
	put_number(f, d->max);
	put_number(f, d->mean);
	put_number(f, d->deviation);
	putc('\t', f);
	for (size_t i = 0; i < d->tops; i++) {
		const char *text = table_cell(t, d->top[i].row, column, cell);

		fprintf(f, "%s", i == 0 ? "" : ", ");
		if (d->kind == TABLE_NUMBER && table_parse_number(text, &x))
			fprintf(f, "%.6g", x);
		else
			put_text(f, text);
		fprintf(f, " (%zu)", d->top[i].count);
	}
	fprintf(f, "%s\n", d->tops == 0 ? "-" : d->distinct > d->tops ? ", ..." : "");
}

static int
describe(FILE *f, FILE *notes, const struct job *j)
{
	size_t *list = NULL, n = 0;
	int rc = ST_OK;

	(void)notes;
	fprintf(f, "column\ttype\trows\tmissing\tdistinct\tlongest\tmin\tq1\tmedian\tq3\tmax\tmean\tdeviation\tvalues\n");
	if (columns != NULL && (rc = emit_features(&j->prep, &j->whole, columns, &list, &n)) != ST_OK) {
		free(list);
		return rc;
	}
	for (size_t i = 0; i < (columns != NULL ? n : j->whole.columns) && rc == ST_OK; i++) {
		size_t column = columns != NULL ? list[i] : i;
		struct describe d;

		rc = describe_column(&j->whole, column, &d);
		if (rc == ST_OK)
			describe_row(f, &j->whole, column, &d);
	}
	free(list);
	return rc;
}

static void
audit_row(FILE *f, const struct audit_finding *a)
{
	char reason[AUDIT_REASON];

	put_text(f, a->name);
	fprintf(f, "\t%s\t%s\t%.4f\t%.4f\t%.4f", audit_verdict_name(a->verdict), audit_how_name(a->best.how),
	        a->best.accuracy, a->baseline, a->best.gain);
	if (a->row_order)
		fprintf(f, "\t-\t-"); /* no two rows share a place */
	else
		fprintf(f, "\t%.4f\t%zu", a->memory.accuracy, a->distinct);
	if (as_tsv) {
		putc('\t', f);
		put_text(f, audit_reason(a, reason, sizeof reason));
	}
	putc('\n', f);
}

/* As text, the grounds of what is more than a signal, below the table. */
static void
print_reasons(FILE *out, const struct audit_finding *finding, size_t n)
{
	char reason[AUDIT_REASON];

	for (size_t i = 0; i < n && !as_tsv; i++)
		if (finding[i].verdict < AUDIT_SIGNAL || finding[i].best.gain >= AUDIT_STRONG) {
			fprintf(out, "\n%s: ", audit_verdict_name(finding[i].verdict));
			put_text(out, finding[i].name);
			fprintf(out, ": %s.\n", audit_reason(&finding[i], reason, sizeof reason));
		}
}

static int
audit(FILE *f, FILE *notes, const struct job *j)
{
	const char *const *role = j->prep.role;
	size_t label = role[PREP_LABEL] == NULL ? TABLE_NONE : table_find(&j->whole, role[PREP_LABEL]);
	size_t group = role[PREP_GROUP] == NULL ? TABLE_NONE : table_find(&j->whole, role[PREP_GROUP]);
	struct audit_finding *finding = NULL;
	size_t *list, n;
	bool leak = false;
	int rc;

	if (label == TABLE_NONE)
		return err_set(ST_DATA, "%s: an audit wants a recipe that names the label's column and keeps it",
		               j->prep.recipe.file);
	rc = emit_features(&j->prep, &j->whole, columns, &list, &n);
	if (rc == ST_OK)
		rc = audit_table(&j->whole, label, group, list, n, (uint64_t)seed, &finding);
	fprintf(f, "feature\tverdict\tby\taccuracy\tbaseline\tgain\trows_split\tdistinct%s\n", as_tsv ? "\treason" : "");
	for (size_t i = 0; i <= n && rc == ST_OK; i++) {
		audit_row(f, &finding[i]);
		leak = leak || finding[i].verdict == AUDIT_LEAK;
	}
	if (rc == ST_OK)
		print_reasons(notes, finding, n + 1);
	free(finding);
	free(list);
	return rc == ST_OK && leak ? ST_NO : rc;
}

/* Runs write on the whole table: a table of tabs, and notes below it. Its ST_NO
 * comes out in the end. */
static int
show(const struct job *j, int (*write)(FILE *f, FILE *notes, const struct job *j))
{
	struct io_out *out;
	char *text = NULL, *below = NULL;
	size_t n, m;
	FILE *f = open_memstream(&text, &n), *notes = open_memstream(&below, &m);
	int answer = f == NULL || notes == NULL ? err_sys("report") : write(f, notes, j), rc;

	if ((f != NULL && fclose(f) != 0) || (notes != NULL && fclose(notes) != 0))
		answer = err_sys("report");
	rc = answer == ST_OK || answer == ST_NO ? io_open(&out, common.out, false) : answer;
	if (rc == ST_OK) {
		if (as_tsv)
			fputs(text, io_stream(out));
		else
			write_aligned(io_stream(out), text);
		fputs(below, io_stream(out));
		rc = io_close(out);
	}
	free(text);
	free(below);
	return rc == ST_OK ? answer : rc;
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
	int rc;

	if (fit_file == NULL)
		return ST_OK;
	if ((rc = io_open(state, fit_file, false)) != ST_OK)
		return rc;
	learnt_write(io_stream(*state), &p->recipe, &p->learnt);
	return io_flush(*state);
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
	if (rc == ST_OK)
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
		rc = show(j, auditing ? audit : describe);
	return end_state(state, rc);
}

static int
run(char **operand, size_t n)
{
	struct job j = { 0 };
	struct prep_side side[SIDES_MAX];
	struct prep_plan plan = { .recipe = recipe_file, .apply = apply_file, .fit_groups = fit_groups, .emit = on_rows,
		.ctx = &j, .progress = on_progress };
	int rc;

#ifdef M_TRIM_THRESHOLD /* batches come and go: glibc would return their memory to the kernel each time */
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
#endif
	if ((rc = check_options()) != ST_OK || (rc = take_delimiter(&plan.delimiter)) != ST_OK ||
	    (rc = take_operands(operand, n, &plan, side)) != ST_OK)
		return rc;
	rc = prep_open(&j.prep, &plan);
	if (rc == ST_OK)
		rc = describing || auditing ? look(&j) : make_stream(&j);
	if ((rc == ST_OK || rc == ST_NO) && !common.quiet)
		prep_dropped(&j.prep, say_dropped);
	if (rc == ST_OK && common.verbose)
		tool_say("kept %llu of %llu rows", (unsigned long long)j.prep.kept, (unsigned long long)j.prep.read);
	emit_free(&j.emit);
	table_clear(&j.whole);
	prep_free(&j.prep);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
