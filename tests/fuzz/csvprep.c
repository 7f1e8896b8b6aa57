/* fuzz/csvprep: the target of tables and recipes. An
 * input is parts apart by lines of "%%": a recipe, its main table, a table `t`
 * to join and a state to apply, of which the later ones may be missing. A recipe
 * that begins with "#fit LIST" learns from those groups. An input whose first byte is '!' is a file for csvread behind it, plain, gzip or xz.
 *
 * What must hold: no crash, leak or undefined step; a state read back gives the
 * same rows; what csvread takes of plain text, and what it refuses, is what the
 * few lines of its definition below do. */
#define _GNU_SOURCE /* memmem */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/describe.h"
#include "base/err.h"
#include "base/text.h"
#include "prep/emit.h"
#include "prep/prep.h"
#include "stream/meta.h"
#include "table/csvread.h"

enum part { RECIPE, MAIN, SIDE, STATE, LEARNT, PARTS }; /* LEARNT is written here, not given */
enum { ROWS_MAX = 64, JOINS_MAX = 2 };

static const char *path[PARTS];
static char fit_groups[64];

static void
put_file(enum part i, const void *bytes, size_t n)
{
	path[i] = fuzz_file((int)i, bytes, n);
}

/* csvread against its definition */

struct dump {
	FILE *out;
	char *text;
	size_t size;
};

static void
dump_open(struct dump *d)
{
	d->out = open_memstream(&d->text, &d->size);
	if (d->out == NULL)
		fuzz_fail("no memory");
}

static void
dump_close(struct dump *d)
{
	if (fclose(d->out) != 0)
		fuzz_fail("no memory");
}

static int
take_header(void *ctx, char *const *name, size_t n)
{
	struct dump *d = ctx;

	for (size_t i = 0; i < n; i++)
		fprintf(d->out, "%zu:%zu[%s]", i, strlen(name[i]), name[i]);
	fprintf(d->out, "\n");
	return ST_OK;
}

static int
take_cell(void *ctx, size_t column, const char *text, size_t n)
{
	struct dump *d = ctx;

	if (strlen(text) != n)
		fuzz_fail("a cell is not as long as it is");
	fprintf(d->out, "%zu:%zu[%s]", column, n, text);
	return ST_OK;
}

static int
take_row(void *ctx, uint64_t line, uint64_t record)
{
	struct dump *d = ctx;

	fprintf(d->out, "@%llu#%llu\n", (unsigned long long)line, (unsigned long long)record);
	return ST_OK;
}

struct reference {
	const unsigned char *at, *end;
	unsigned long line, record;
	size_t width;
};

/* One cell; false where it is malformed. */
static bool
reference_cell(struct reference *r, FILE *out, size_t column)
{
	char *text = NULL;
	size_t n;
	FILE *cell = open_memstream(&text, &n);
	bool good = cell != NULL, quoted = r->at < r->end && *r->at == '"';

	for (r->at += quoted; good && r->at < r->end; r->at++) {
		bool doubled = *r->at == '"' && r->at + 1 < r->end && r->at[1] == '"';

		if (quoted && *r->at == '"' && !doubled)
			break;
		if (!quoted && (*r->at == ',' || *r->at == '\n' || *r->at == '\r'))
			break;
		good = quoted || *r->at != '"';
		r->line += *r->at == '\n';
		r->at += doubled;
		putc(*r->at, cell);
	}
	good = good && (!quoted || r->at < r->end);
	r->at += good && quoted;
	good = good && (r->at == r->end || *r->at == ',' || *r->at == '\n' || (*r->at == '\r'));
	if (cell != NULL && fclose(cell) == 0)
		fprintf(out, "%zu:%zu[%s]", column, n, text);
	free(text);
	return good;
}

/* A line's end; false where it is a lone carriage return. */
static bool
reference_end(struct reference *r)
{
	if (r->at < r->end && *r->at == '\r' && ++r->at == r->end)
		return false;
	if (r->at == r->end)
		return true;
	r->line++;
	return *r->at++ == '\n';
}

static bool
reference_row(struct reference *r, FILE *out)
{
	unsigned long began = r->line;
	size_t cells = 0;

	if (*r->at == '\n' || *r->at == '\r') /* an empty line is no row */
		return reference_end(r);
	for (;; r->at++) {
		if (!reference_cell(r, out, cells++))
			return false;
		if (r->at == r->end || *r->at != ',')
			break;
	}
	if (r->width == 0)
		fprintf(out, "\n");
	else
		fprintf(out, "@%lu#%lu\n", began, ++r->record);
	if (r->width != 0 && cells != r->width)
		return false;
	r->width = cells;
	return reference_end(r);
}

/* As UTF-8 without NUL; text_check alone also refuses characters that hide. */
static bool
is_text(const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t run = 0;

		while (i + run < n && s[i + run] >= 0x80)
			run++;
		if (run > 0 ? !text_is_utf8((const char *)s + i, run) : s[i] == 0)
			return false;
		i += run > 0 ? run : 1;
	}
	return true;
}

static bool
reference(const unsigned char *s, size_t n, FILE *out)
{
	struct reference r = { .at = s, .end = s + n, .line = 1 };

	if (!is_text(s, n))
		return false;
	if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		r.at += 3;
	while (r.at < r.end)
		if (!reference_row(&r, out))
			return false;
	return r.width > 0;
}

static void
try_file(const uint8_t *data, size_t n)
{
	struct dump got, want;
	const struct csvread_sink sink = { &got, take_header, NULL, take_cell, take_row, NULL, 1 };
	bool packed = n >= 2 && ((data[0] == 0x1f && data[1] == 0x8b) || (data[0] == 0xfd && data[1] == '7')), good;
	int rc;

	put_file(MAIN, data, n);
	dump_open(&got);
	dump_open(&want);
	rc = csvread_file(path[MAIN], ',', &sink);
	good = packed || reference(data, n, want.out);
	dump_close(&got);
	dump_close(&want);
	if (rc == ST_OK && !good)
		fuzz_fail("csvread takes what it should refuse");
	if (rc != ST_OK && !packed && good)
		fuzz_fail("csvread refuses what it should take");
	if (rc == ST_OK && !packed && strcmp(got.text, want.text) != 0)
		fuzz_fail("csvread reads something else");
	free(got.text);
	free(want.text);
}

/* A recipe, its tables and its state */

/* The rows as text, and together for those that look at tables. */
struct result {
	struct prep prep;
	struct emit emit;
	struct dump dump;
	struct table whole;
	bool begun;
	int rc;
};

static int
take_rows(void *ctx, struct table *t)
{
	struct result *r = ctx;
	char buf[TABLE_CELL_MAX];
	int rc;

	for (size_t i = 0; i < t->columns && !r->begun; i++)
		fprintf(r->dump.out, "[%s]", t->column[i].name);
	r->begun = true;
	for (size_t k = 0; k < t->rows; k++) {
		fprintf(r->dump.out, "\n%llu", (unsigned long long)t->origin[k].record);
		for (size_t i = 0; i < t->columns; i++)
			fprintf(r->dump.out, "[%s]", table_cell(t, k, i, buf));
	}
	rc = table_append(&r->whole, t);
	return rc == ST_OK ? emit_rows(&r->emit, t) : rc;
}

/* Runs recipe and state, either of which may be NULL. */
static void
run_prep(struct result *r, const char *recipe, const char *state)
{
	static const struct meta nothing;
	struct prep_side side = { "t", path[SIDE] };
	struct prep_plan plan = { .recipe = recipe, .apply = state, .path = path[MAIN], .side = &side, .sides = 1,
		.delimiter = ',', .emit = take_rows, .ctx = r, .threads = 1 + (state != NULL) };

	if (state == NULL && fit_groups[0] != '\0')
		plan.fit_groups = fit_groups;
	*r = (struct result){ .emit = { .prep = &r->prep, .pg = &nothing } };
	dump_open(&r->dump);
	if (tsr_create(&r->emit.out, "/dev/null") != ST_OK)
		fuzz_fail("no /dev/null");
	r->rc = prep_open(&r->prep, &plan);
	if (r->rc == ST_USAGE) { /* the side table is not joined, or another is */
		prep_free(&r->prep);
		r->prep = (struct prep){ 0 };
		plan.sides = 0;
		r->rc = prep_open(&r->prep, &plan);
	}
	if (r->rc == ST_OK)
		r->rc = prep_run(&r->prep);
	if (r->rc == ST_OK)
		r->rc = tsr_end(r->emit.out);
	if (r->rc == ST_OK)
		r->rc = tsr_finish(r->emit.out);
	else
		tsr_abort(r->emit.out);
	dump_close(&r->dump);
	if (r->rc != ST_OK && (r->rc != err_status() || err_text()[0] == '\0' || strstr(err_text(), "(null)") != NULL))
		fuzz_fail("a failure without a message");
}

static void
free_result(struct result *r)
{
	emit_free(&r->emit);
	table_clear(&r->whole);
	prep_free(&r->prep);
	free(r->dump.text);
}

static void
look_at(const struct result *r)
{
	const char *const *role = r->prep.role;
	size_t label = role[PREP_LABEL] == NULL ? TABLE_NONE : table_find(&r->whole, role[PREP_LABEL]);
	size_t group = role[PREP_GROUP] == NULL ? TABLE_NONE : table_find(&r->whole, role[PREP_GROUP]);
	struct audit_finding *finding = NULL;
	struct describe d;
	size_t *list, n;

	for (size_t i = 0; i < r->whole.columns; i++)
		if (describe_column(&r->whole, i, &d) == ST_OK && d.missing + d.distinct > d.rows)
			fuzz_fail("more values than rows");
	if (label == TABLE_NONE)
		return;
	if (emit_features(&r->prep, &r->whole, NULL, &list, &n) == ST_OK &&
	    audit_table(&r->whole, label, group, list, n, 0, &finding) == ST_OK)
		for (size_t i = 0; i <= n; i++) {
			struct str reason = { 0 };

			audit_add_reason(&reason, &finding[i]);
			if (reason.n == 0)
				fuzz_fail("no reason for a verdict");
			str_free(&reason);
		}
	free(finding);
	free(list);
}

/* Writes what was learnt, and applies it with and without the recipe. */
static void
try_state(const struct result *fit)
{
	struct str state = { 0 };

	learnt_add_state(&state, &fit->prep.recipe, &fit->prep.learnt);
	if (state.status != ST_OK)
		fuzz_fail("no memory");
	put_file(LEARNT, state.text, state.n);
	str_free(&state);
	for (int with = 0; with < 2; with++) {
		struct result again;

		run_prep(&again, with ? path[RECIPE] : NULL, path[LEARNT]);
		if (again.rc != ST_OK)
			fuzz_fail("a state is not taken back");
		if (strcmp(again.dump.text, fit->dump.text) != 0)
			fuzz_fail("a state gives other rows");
		free_result(&again);
	}
}

static size_t
count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		n++;
	return n;
}

static void
try_recipe(bool state_given)
{
	struct result r;

	run_prep(&r, path[RECIPE], NULL);
	look_at(&r);
	if (r.rc == ST_OK)
		try_state(&r);
	free_result(&r);
	if (state_given) {
		run_prep(&r, NULL, path[STATE]);
		free_result(&r);
	}
}

void
fuzz_csvprep(const uint8_t *data, size_t n)
{
	char *text, *at;
	size_t length[PARTS] = { 0 };
	int parts = 0;

	if (n > 0 && data[0] == '!') {
		try_file(data + 1, n - 1);
		return;
	}
	text = calloc(n + 1, 1);
	if (text == NULL)
		return;
	memcpy(text, data, n);
	fit_groups[0] = '\0';
	if (strncmp(text, "#fit ", 5) == 0)
		snprintf(fit_groups, sizeof fit_groups, "%.*s", (int)strcspn(text + 5, "\n"), text + 5);
	for (at = text; parts < LEARNT; parts++) {
		char *mark = memmem(at, (size_t)(text + n - at), "\n%%\n", 4);

		length[parts] = mark == NULL ? (size_t)(text + n - at) : (size_t)(mark - at) + 1;
		put_file((enum part)parts, at, length[parts]);
		at += length[parts] + (mark == NULL ? 0 : 3);
	}
	/* Joins that multiply rows are what would be slow; and run_prep looks for a
	 * "(null)" that did not come from here. */
	if (count(text, "join") <= JOINS_MAX && count(text, "\n") <= ROWS_MAX && memmem(text, n, "null", 4) == NULL)
		try_recipe(length[STATE] > 0);
	free(text);
}
