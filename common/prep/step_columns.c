/* Steps about columns as wholes: select, drop, rename, number, missing, and what
 * a column is: label, group, key, meta. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "prep/step.h"

/* select COL... : these and no others, in this order. Columns that are no
 * features stay, behind them. */
static int
select_run(struct prep *p, struct prep_step *s, struct table *t)
{
	struct table_column *ordered = mem_zero(t->columns + 1, sizeof *ordered);
	bool *kept = mem_zero(t->columns + 1, sizeof *kept);
	size_t *list = NULL, n = 0;
	int rc = ordered == NULL || kept == NULL ? ST_SYS : step_columns(p, s, t, 0, s->args, &list, &n);

	for (size_t i = 0; rc == ST_OK && i < n; i++) {
		ordered[i] = t->column[list[i]];
		kept[list[i]] = true;
	}
	for (size_t i = 0; rc == ST_OK && i < t->columns; i++)
		if (!kept[i] && prep_role_of(p, t->column[i].name) != PREP_FEATURE) {
			kept[i] = true;
			ordered[n++] = t->column[i];
		}
	for (size_t i = t->columns; rc == ST_OK && i-- > 0;)
		if (!kept[i])
			table_remove(t, i);
	if (rc == ST_OK)
		memcpy(t->column, ordered, n * sizeof *ordered); /* as many as are left */
	free(list);
	free(kept);
	free(ordered);
	return rc;
}

static int
compare_indices(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

/* drop COL... */
static int
drop_run(struct prep *p, struct prep_step *s, struct table *t)
{
	size_t *list, n;
	int rc = step_columns(p, s, t, 0, s->args, &list, &n);

	if (rc == ST_OK)
		qsort(list, n, sizeof *list, compare_indices);
	while (rc == ST_OK && n > 0)
		table_remove(t, list[--n]);
	free(list);
	return rc;
}

/* rename OLD NEW ... */
static int
pairs_check(struct prep *p, struct prep_step *s)
{
	return s->args % 2 == 0 ? ST_OK : step_error(p, s, s->args - 1, "'%s' has no partner", step_arg(s, s->args - 1));
}

static int
rename_run(struct prep *p, struct prep_step *s, struct table *t)
{
	size_t column;
	int rc = ST_OK;

	for (size_t i = 0; i < s->args && rc == ST_OK; i += 2) {
		rc = step_column(p, s, t, i, &column);
		if (rc == ST_OK)
			rc = table_rename(t, column, step_arg(s, i + 1));
	}
	return rc;
}

/* number COL... : what is no number is found here, and not later. */
static int
number_column(struct prep *p, struct prep_step *s, struct table *t, size_t column)
{
	(void)p;
	(void)s;
	return table_to_number(t, column);
}

/* missing TEXT... : cells that are this count as empty, in all columns. */
static int
missing_run(struct prep *p, struct prep_step *s, struct table *t)
{
	(void)p;
	for (size_t i = 0; i < t->columns; i++) {
		struct table_column *c = &t->column[i];

		for (size_t k = 0; c->kind == TABLE_TEXT && k < s->args; k++) {
			const char *text = step_arg(s, k);
			uint32_t code = dict_find(c->dict, text, strlen(text));

			for (size_t r = 0; code != DICT_NONE && r < t->rows; r++)
				if (c->code[r] == code)
					c->code[r] = DICT_EMPTY;
		}
	}
	return ST_OK;
}

/* label COL [VALUE...], group COL, key COL, meta COL... : prep has read them;
 * that the columns are there at the end whoever requires them checks. */
static int
role_check(struct prep *p, struct prep_step *s)
{
	for (size_t i = 0; &p->step[i] != s; i++)
		if (p->step[i].kind == s->kind)
			return recipe_error(&p->recipe, s->src, 0, "%s appears in line %lu already", s->kind->name,
			                    p->step[i].src->line);
	return ST_OK;
}

static int
label_check(struct prep *p, struct prep_step *s)
{
	int rc = step_twice(p, s, "label");

	p->label = s;
	p->labels = s->args - 1;
	return rc == ST_OK ? role_check(p, s) : rc;
}

/* What meta names must be there, as it is for the records of others. */
static int
meta_run(struct prep *p, struct prep_step *s, struct table *t)
{
	size_t *list, n;
	int rc = step_columns(p, s, t, 0, s->args, &list, &n);

	free(list);
	return rc;
}

const struct step_kind step_columns_kinds[] = {
	{ .name = "select", .least = 1, .most = STEP_ANY, .restricts = true, .run = select_run },
	{ .name = "drop", .least = 1, .most = STEP_ANY, .run = drop_run },
	{ .name = "rename", .least = 2, .most = STEP_ANY, .check = pairs_check, .run = rename_run },
	{ .name = "number", .least = 1, .most = STEP_ANY, .column = number_column },
	{ .name = "missing", .least = 1, .most = STEP_ANY, .run = missing_run },
	{ .name = "label", .least = 1, .most = STEP_ANY, .check = label_check },
	{ .name = "group", .least = 1, .most = 1, .check = role_check },
	{ .name = "key", .least = 1, .most = 1, .check = role_check },
	{ .name = "meta", .least = 1, .most = STEP_ANY, .run = meta_run },
	{ .name = NULL },
};
