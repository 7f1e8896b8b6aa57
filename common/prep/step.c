#include "prep/step.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "table/csvread.h"

const char *
step_arg(const struct prep_step *s, size_t i)
{
	return s->src->word[s->arg[i]].text;
}

int
step_error(const struct prep *p, const struct prep_step *s, size_t i, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(ST_DATA, fmt, ap);
	va_end(ap);
	return recipe_locate(&p->recipe, s->src, i < s->args ? s->arg[i] : SIZE_MAX);
}

int
step_twice(const struct prep *p, const struct prep_step *s, const char *what)
{
	for (size_t i = 1; i < s->args; i++)
		for (size_t k = 1; k < i; k++)
			if (strcmp(step_arg(s, i), step_arg(s, k)) == 0)
				return step_error(p, s, i, "the %s '%s' appears twice", what, step_arg(s, i));
	return ST_OK;
}

const char *
step_real_name(const struct prep *p, const char *word)
{
	char *end;
	unsigned long index;

	if (word[0] != '@')
		return word;
	index = strtoul(word + 1, &end, 10);
	return end == word + 1 || *end != '\0' || index < 1 || index > p->names ? word : p->header[index - 1];
}

/* Appends a name to the list in text. */
static void
list_name(char *text, size_t size, size_t *used, const char *name)
{
	if (*used < size)
		*used += (size_t)snprintf(text + *used, size - *used, "%s%s", *used == 0 ? "" : ", ", name);
}

/* What could have been meant: the columns that are here, then those of the file
 * that are not, or not any more. */
static int
no_column(const struct prep *p, const struct prep_step *s, const struct table *t, size_t i)
{
	char here[200] = "", file[200] = "";
	size_t used = 0, more = 0;

	for (size_t k = 0; k < t->columns; k++)
		list_name(here, sizeof here, &used, t->column[k].name);
	for (size_t k = 0; k < p->names; k++)
		if (table_find(t, p->header[k]) == TABLE_NONE)
			list_name(file, sizeof file, &more, p->header[k]);
	return step_error(p, s, i, "no column '%s' here: there %s %s%s%s%s%s", step_arg(s, i),
	                  t->columns == 0 ? "is" : "are", used == 0 ? "none" : here, used >= sizeof here ? "..." : "",
	                  more == 0 ? "" : "; not used, or not any more: ", file, more >= sizeof file ? "..." : "");
}

int
step_column(const struct prep *p, const struct prep_step *s, const struct table *t, size_t i, size_t *column)
{
	*column = table_find(t, step_real_name(p, step_arg(s, i)));
	return *column == TABLE_NONE ? no_column(p, s, t, i) : ST_OK;
}

static bool
is_unnamed(const char *name)
{
	return name[0] == '@' || strncmp(name, "Unnamed: ", 9) == 0; /* the second is what pandas writes */
}

static bool
fits(const struct prep *p, const char *word, bool quoted, const char *name)
{
	if (strcmp(step_real_name(p, word), name) == 0)
		return true;
	if (strcmp(word, "@unnamed") == 0)
		return is_unnamed(name);
	return !quoted && fnmatch(word, name, 0) == 0;
}

int
step_columns(const struct prep *p, const struct prep_step *s, const struct table *t, size_t from, size_t to,
             size_t **list, size_t *n)
{
	bool *taken = mem_zero(t->columns + 1, sizeof *taken);

	*n = 0;
	*list = mem_zero(t->columns + 1, sizeof **list);
	if (taken == NULL || *list == NULL) {
		free(taken);
		return ST_SYS;
	}
	for (size_t i = from; i < to; i++) {
		const struct recipe_word *w = &s->src->word[s->arg[i]];
		/* A file may have none without a name, and new rows no label. */
		bool any = strcmp(w->text, "@unnamed") == 0 ||
		           (p->plan.apply != NULL && p->role[PREP_LABEL] != NULL &&
		            strcmp(step_real_name(p, w->text), p->role[PREP_LABEL]) == 0);

		for (size_t k = 0; k < t->columns; k++)
			if (fits(p, w->text, w->quoted, t->column[k].name)) {
				any = true;
				if (!taken[k])
					(*list)[(*n)++] = k;
				taken[k] = true;
			}
		if (!any) {
			free(taken);
			return no_column(p, s, t, i);
		}
	}
	free(taken);
	return ST_OK;
}

int
step_number(const struct prep *p, const struct prep_step *s, size_t i, double *x)
{
	if (!table_parse_number(step_arg(s, i), x))
		return step_error(p, s, i, "'%s' is not a number", step_arg(s, i));
	return ST_OK;
}

/* Each group to learn from must be there: a slip in one would go unnoticed. */
static int
check_fit_groups(struct prep *p, const struct table_column *c)
{
	for (uint32_t i = 1; i < dict_size(p->fit); i++) {
		const char *name = dict_text(p->fit, i);

		if (dict_find(c->dict, name, strlen(name)) == DICT_NONE)
			return err_set(ST_DATA, "%s: no row of the group '%s' to learn from", p->whole.file, name);
	}
	p->fit_checked = true;
	return ST_OK;
}

int
step_learns(struct prep *p, struct table *t, struct mem_pool *m, bool **learns)
{
	size_t group = p->role[PREP_GROUP] == NULL ? TABLE_NONE : table_find(t, p->role[PREP_GROUP]);
	const struct table_column *c;
	bool *fit;
	int rc;

	if ((*learns = mem_take(m, t->rows, sizeof **learns)) == NULL)
		return ST_SYS;
	if (p->fit == NULL) {
		memset(*learns, true, t->rows);
		return ST_OK;
	}
	if (group == TABLE_NONE)
		return err_set(ST_DATA, "to learn from some groups, a step `group' must name their column, which must be here");
	if ((rc = table_to_text(t, group)) != ST_OK)
		return rc;
	c = &t->column[group];
	if ((fit = mem_take(m, dict_size(c->dict), sizeof *fit)) == NULL ||
	    (!p->fit_checked && (rc = check_fit_groups(p, c)) != ST_OK))
		return err_status();
	for (uint32_t i = 1; i < dict_size(c->dict); i++)
		fit[i] = dict_find(p->fit, dict_text(c->dict, i), strlen(dict_text(c->dict, i))) != DICT_NONE;
	for (size_t r = 0; r < t->rows; r++)
		(*learns)[r] = fit[c->code[r]];
	return ST_OK;
}

void
step_keep(struct prep_step *s, struct table *t, const bool *keep)
{
	size_t before = t->rows;

	table_filter(t, keep);
	s->dropped += before - t->rows;
}

int
step_recall(const struct prep *p, const struct prep_step *s, const char *column, const struct learnt_item **item)
{
	*item = learnt_find(&p->learnt, s->number, column);
	if (*item == NULL)
		return err_set(ST_DATA, "%s has nothing learnt of column '%s'", p->plan.apply == NULL ? "the state" : p->plan.apply,
		               column);
	return ST_OK;
}

bool
step_learning(const struct prep *p, const struct prep_step *s)
{
	(void)s;
	return p->plan.apply == NULL;
}

/* Loading a whole table */

static int
load_header(void *ctx, char *const *name, size_t n)
{
	struct table *t = ctx;
	char unnamed[TABLE_CELL_MAX];
	int rc = ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = table_add_text(t, i, table_header_name(name[i], i, unnamed), NULL);
	if (rc != ST_OK)
		return err_prefix("%s: line 1", t->file);
	return table_reserve(t, 1);
}

static int
load_cell(void *ctx, size_t column, const char *text, size_t n)
{
	struct table *t = ctx;

	return dict_add(t->column[column].dict, text, n, &t->column[column].code[t->rows]);
}

static int
load_row(void *ctx, uint64_t line, uint64_t record)
{
	struct table *t = ctx;

	t->origin[t->rows++] = (struct table_origin){ line, record };
	return table_reserve(t, t->rows + 1);
}

int
step_load(const struct prep *p, const char *path, struct table *t)
{
	const struct csvread_sink sink = { t, load_header, NULL, load_cell, load_row, NULL, p->plan.threads };

	return csvread_file(path, p->plan.delimiter, &sink);
}

/* Roles */

const char *const prep_role_names[PREP_META] = { NULL, "key", "label", "group" };

enum prep_role
prep_role_of(const struct prep *p, const char *column)
{
	for (int i = PREP_KEY; i < PREP_META; i++)
		if (p->role[i] != NULL && strcmp(p->role[i], column) == 0)
			return (enum prep_role)i;
	for (size_t i = 0; i < p->recipe.steps; i++)
		for (size_t k = 0; strcmp(p->step[i].kind->name, "meta") == 0 && k < p->step[i].args; k++)
			if (fits(p, step_arg(&p->step[i], k), p->step[i].src->word[p->step[i].arg[k]].quoted, column))
				return PREP_META;
	return PREP_FEATURE;
}
