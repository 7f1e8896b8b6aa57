/* Steps that drop rows: filter and drop-missing. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "prep/step.h"

enum { COLUMN, OPERATOR, VALUE };

enum test { IN, NOT_IN, MATCHES, NOT_MATCHES, BELOW, AT_MOST, ABOVE, AT_LEAST, TESTS };
static const char *const names[TESTS] = { "in", "not-in", "matches", "not-matches", "<", "<=", ">", ">=" };

static enum test
test_of(const struct prep_step *s)
{
	const char *name = step_arg(s, OPERATOR);
	int i = 0;

	if (strcmp(name, "=") == 0)
		return IN;
	if (strcmp(name, "!=") == 0)
		return NOT_IN;
	while (i < TESTS && strcmp(names[i], name) != 0)
		i++;
	return (enum test)i;
}

/* filter COL in|not-in|matches|not-matches TEXT..., COL = TEXT, COL < NUMBER */
static int
filter_check(struct prep *p, struct prep_step *s)
{
	enum test test = test_of(s);
	double x;

	if (test == TESTS)
		return step_error(p, s, OPERATOR, "'%s' is none of =, !=, in, not-in, matches, not-matches, <, <=, >, >=",
		                  step_arg(s, OPERATOR));
	if (s->args > VALUE + 1 && (test >= BELOW || strchr("=!", step_arg(s, OPERATOR)[0]) != NULL))
		return step_error(p, s, VALUE + 1, "%s compares with one value", step_arg(s, OPERATOR));
	return test >= BELOW ? step_number(p, s, VALUE, &x) : ST_OK;
}

static bool
passes_text(const struct prep_step *s, enum test test, const char *text)
{
	bool found = false;

	for (size_t i = VALUE; i < s->args && !found; i++)
		found = test <= NOT_IN ? strcmp(step_arg(s, i), text) == 0 : fnmatch(step_arg(s, i), text, 0) == 0;
	return found == (test == IN || test == MATCHES);
}

/* Each distinct text is judged once. */
static int
filter_text(struct prep_step *s, struct table *t, size_t column, enum test test, bool *keep)
{
	const struct table_column *c;
	enum { UNKNOWN, PASSES, FAILS } *verdict;
	int rc = table_to_text(t, column);

	if (rc != ST_OK)
		return rc;
	c = &t->column[column];
	verdict = mem_zero(dict_size(c->dict), sizeof *verdict);
	if (verdict == NULL)
		return ST_SYS;
	for (size_t r = 0; r < t->rows; r++) {
		uint32_t code = c->code[r];

		if (verdict[code] == UNKNOWN)
			verdict[code] = passes_text(s, test, dict_text(c->dict, code)) ? PASSES : FAILS;
		keep[r] = verdict[code] == PASSES;
	}
	free(verdict);
	return ST_OK;
}

/* An empty cell is neither below nor above anything. */
static int
filter_number(struct prep_step *s, struct table *t, size_t column, enum test test, bool *keep)
{
	const struct table_column *c;
	double x = 0;
	int rc = table_to_number(t, column);

	if (rc != ST_OK || !table_parse_number(step_arg(s, VALUE), &x))
		return rc;
	c = &t->column[column];
	for (size_t r = 0; r < t->rows; r++)
		keep[r] = test == BELOW ? c->value[r] < x : test == AT_MOST ? c->value[r] <= x : test == ABOVE ? c->value[r] > x
		                                                                                               : c->value[r] >= x;
	return ST_OK;
}

static int
filter_run(struct prep *p, struct prep_step *s, struct table *t)
{
	enum test test = test_of(s);
	bool *keep = mem_zero(t->rows + 1, sizeof *keep);
	size_t column;
	int rc = keep == NULL ? ST_SYS : step_column(p, s, t, COLUMN, &column);

	if (rc == ST_OK)
		rc = test >= BELOW ? filter_number(s, t, column, test, keep) : filter_text(s, t, column, test, keep);
	if (rc == ST_OK)
		step_keep(s, t, keep);
	free(keep);
	return rc;
}

/* drop-missing COL... */
static int
drop_missing_run(struct prep *p, struct prep_step *s, struct table *t)
{
	bool *keep = mem_zero(t->rows + 1, sizeof *keep);
	size_t *list = NULL, n = 0;
	int rc = keep == NULL ? ST_SYS : step_columns(p, s, t, 0, s->args, &list, &n);

	for (size_t r = 0; r < t->rows && rc == ST_OK; r++) {
		keep[r] = true;
		for (size_t i = 0; i < n; i++)
			keep[r] = keep[r] && !table_empty(t, r, list[i]);
	}
	if (rc == ST_OK)
		step_keep(s, t, keep);
	free(list);
	free(keep);
	return rc;
}

const struct step_kind step_rows_kinds[] = {
	{ .name = "filter", .least = 3, .most = STEP_ANY, .check = filter_check, .run = filter_run },
	{ .name = "drop-missing", .least = 1, .most = STEP_ANY, .run = drop_missing_run },
	{ .name = NULL },
};
