#include "prep/emit.h"

#include <float.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/words.h"

enum { KEY, LABEL, GROUP, METAS }; /* indices in carried */
static const char *const *const names = prep_role_names + PREP_KEY;
enum { ITEMS = 64, TEXT = 256, BLOCK = 64 };

/* Which columns */

/* Sorts the columns in list into the order of the state, which must have them all
 * and no more. */
static int
order_features(const struct prep *p, const struct table *t, size_t *list, size_t n)
{
	const struct learnt_item *expected = &p->learnt.feature;
	size_t *ordered = mem_zero(n + 1, sizeof *ordered), found = 0;

	if (ordered == NULL)
		return ST_SYS;
	for (size_t i = 0; i < expected->words; i++) {
		size_t column = table_find(t, expected->word[i]), k = 0;

		while (k < n && list[k] != column)
			k++;
		if (k == n) {
			free(ordered);
			return err_set(ST_DATA, "%s: the feature '%s', which %s knows, is missing", t->file, expected->word[i],
			               p->plan.apply);
		}
		ordered[found++] = column;
		list[k] = TABLE_NONE;
	}
	for (size_t k = 0; k < n && found < n; k++)
		if (list[k] != TABLE_NONE) {
			free(ordered);
			return err_set(ST_DATA, "%s: there is a feature '%s' that %s does not know", t->file,
			               t->column[list[k]].name, p->plan.apply);
		}
	memcpy(list, ordered, n * sizeof *list);
	free(ordered);
	return ST_OK;
}

/* Leaves those that fit one of the patterns (NULL: all). */
static int
choose_features(const struct table *t, const char *patterns, size_t *list, size_t *n)
{
	char **pattern;
	size_t all, kept = 0;
	int rc = words_split(patterns, &pattern, &all);
	bool *used = rc == ST_OK ? mem_zero(all, sizeof *used) : NULL;

	if (used == NULL)
		rc = ST_SYS;
	for (size_t i = 0; rc == ST_OK && all > 0 && i < *n; i++) {
		const char *name = t->column[list[i]].name;
		size_t k = 0;

		while (k < all && strcmp(pattern[k], name) != 0 && fnmatch(pattern[k], name, 0) != 0)
			k++;
		if (k < all) {
			used[k] = true;
			list[kept++] = list[i];
		}
	}
	*n = all > 0 ? kept : *n;
	for (size_t k = 0; rc == ST_OK && k < all; k++)
		if (!used[k])
			rc = err_set(ST_DATA, "--columns: no feature fits '%.200s'", pattern[k]);
	free(pattern);
	free(used);
	return rc;
}

int
emit_features(const struct prep *p, const struct table *t, const char *patterns, size_t **list, size_t *n)
{
	int rc = ST_OK;

	*n = 0;
	*list = mem_zero(t->columns + 1, sizeof **list);
	if (*list == NULL)
		return ST_SYS;
	for (size_t i = 0; i < t->columns; i++)
		if (prep_role_of(p, t->column[i].name) == PREP_FEATURE)
			(*list)[(*n)++] = i;
	if (p->plan.apply != NULL && p->learnt.feature.words > 0)
		rc = order_features(p, t, *list, *n);
	if (rc == ST_OK)
		rc = choose_features(t, patterns, *list, n);
	if (rc == ST_OK && *n == 0)
		rc = err_set(ST_DATA, "%s: no column is left as a feature", t->file);
	return rc;
}

/* Metadata names are narrower than column names. */
static int
check_meta_name(const char *column)
{
	struct meta m = { 0 };
	int rc = ST_DATA;

	if (meta_reserved(column))
		return err_set(ST_DATA, "meta: the name %s is reserved (rename the column)", column);
	if (strlen(column) < TEXT)
		rc = meta_add(&m, column, "x");
	meta_clear(&m);
	if (rc == ST_OK || rc == ST_SYS)
		return rc;
	return err_set(ST_DATA, "meta: a column's name must be letters, digits and ._-: '%s'", column);
}

/* A column that the recipe names for the label, say. */
static int
no_carried(const struct table *t, const char *what, const char *column)
{
	const char *near = NULL;
	size_t n = strlen(column);
	int slips = words_slips(n);

	for (size_t i = 0; i < t->columns; i++)
		if (words_nearer(column, n, t->column[i].name, &slips))
			near = t->column[i].name;
	return err_set(ST_DATA, "%s: the %s's column '%s' is missing at the end of the recipe%s%s%s", t->file, what, column,
	               near == NULL ? " (csvprep --describe lists the columns)" : ": did you mean ", near == NULL ? "" : near,
	               near == NULL ? "" : "?");
}

/* The columns that go into the metadata. */
static int
find_carried(struct emit *e, const struct table *t)
{
	const char *const *role = e->prep->role + PREP_KEY;
	int rc = ST_OK;

	e->carried = mem_zero(METAS + t->columns, sizeof *e->carried);
	if (e->carried == NULL)
		return ST_SYS;
	for (size_t i = 0; i < METAS; i++) {
		e->carried[i] = role[i] == NULL ? TABLE_NONE : table_find(t, role[i]);
		/* New rows, whose labels nobody knows, may come without their column. */
		if (role[i] != NULL && e->carried[i] == TABLE_NONE && !(i == LABEL && e->prep->plan.apply != NULL))
			return no_carried(t, names[i], role[i]);
	}
	e->metas = 0;
	for (size_t i = 0; i < t->columns; i++)
		if (prep_role_of(e->prep, t->column[i].name) == PREP_META)
			e->carried[METAS + e->metas++] = i;
	if (e->metas > ITEMS - METAS)
		return err_set(ST_DATA, "more than %d columns as meta", ITEMS - METAS);
	for (size_t i = 0; i < e->metas && rc == ST_OK; i++)
		rc = check_meta_name(t->column[e->carried[METAS + i]].name);
	return rc;
}

/* The head */

static int
describe(const struct emit *e, const struct table *t, struct meta *m)
{
	const struct prep *p = e->prep;
	struct str text = { 0 };
	int rc = meta_add(m, "type", "table");

	for (size_t i = 0; i < e->features && rc == ST_OK; i++)
		rc = meta_add(m, "column", "%s", t->column[e->feature[i]].name);
	for (size_t i = 0; i < p->labels && rc == ST_OK; i++)
		rc = meta_add(m, "class", "%s", step_arg(p->label, i + 1));
	for (size_t i = 0; i < p->recipe.steps && rc == ST_OK; i++) {
		recipe_add_step(&text, &p->recipe.step[i]);
		rc = meta_take(m, "step", &text);
	}
	for (size_t i = 0; i < p->learnt.n && rc == ST_OK; i++) {
		learnt_add_item(&text, &p->learnt.item[i]);
		rc = meta_take(m, "learnt", &text);
	}
	return rc == ST_OK ? meta_copy(m, e->pg) : err_prefix("%s", t->file);
}

/* New rows get the features in the same order, whatever that of their columns is. */
static int
learn_features(struct prep *p, const struct table *t)
{
	size_t *list, n;
	int rc;

	if (p->plan.apply != NULL)
		return ST_OK;
	rc = emit_features(p, t, NULL, &list, &n);
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = learnt_word(&p->learnt.feature, t->column[list[i]].name);
	free(list);
	return rc;
}

static int
begin(struct emit *e, const struct table *t)
{
	struct meta meta = { 0 };
	int rc = learn_features(e->prep, t);

	if (rc == ST_OK)
		rc = emit_features(e->prep, t, e->columns, &e->feature, &e->features);

	e->begun = true;
	if (rc == ST_OK)
		rc = find_carried(e, t);
	if (rc == ST_OK && (e->rows = mem_zero(e->features * BLOCK, sizeof *e->rows)) == NULL)
		rc = ST_SYS;
	if (rc == ST_OK)
		rc = describe(e, t, &meta);
	if (rc == ST_OK)
		rc = tsr_head(e->out, &meta);
	meta_clear(&meta);
	return rc;
}

/* Rows */

/* known[i], by code: the text of carried column i can be metadata. */
static int
begin_checks(const struct emit *e, struct table *t, struct mem_pool *m, bool ***known)
{
	int rc = ST_OK;

	*known = mem_take(m, METAS + e->metas, sizeof **known);
	for (size_t i = 0; i < METAS + e->metas && rc == ST_OK && m->status == ST_OK; i++)
		if (e->carried[i] != TABLE_NONE && (rc = table_to_text(t, e->carried[i])) == ST_OK)
			(*known)[i] = mem_take(m, dict_size(t->column[e->carried[i]].dict), sizeof(bool));
	return rc == ST_OK ? m->status : rc;
}

static int
check_text(const struct emit *e, const struct table *t, size_t row, size_t i)
{
	const struct table_column *c = &t->column[e->carried[i]];
	const char *text = dict_text(c->dict, c->code[row]);
	size_t k = 0;

	if (text_check(text, strlen(text)) != ST_OK)
		return table_error(t, row, e->carried[i], "%s", err_text());
	if (i != LABEL || e->prep->labels == 0)
		return ST_OK;
	while (k < e->prep->labels && strcmp(step_arg(e->prep->label, k + 1), text) != 0)
		k++;
	if (k == e->prep->labels)
		return table_error(t, row, e->carried[i], "'%s' is not among the recipe's labels", text);
	return ST_OK;
}

/* The text of carried column i; NULL where the cell is empty and may be. */
static int
carried_text(const struct emit *e, const struct table *t, size_t row, size_t i, bool *known, const char **text)
{
	const struct table_column *c = &t->column[e->carried[i]];
	uint32_t code = c->code[row];
	int rc = ST_OK;

	*text = code == DICT_EMPTY ? NULL : dict_text(c->dict, code);
	if (code == DICT_EMPTY)
		return i >= METAS || (i == LABEL && e->prep->plan.apply != NULL)
		           ? ST_OK
		           : table_error(t, row, e->carried[i], "the cell is empty, and the %s of the row (see drop-missing)",
		                         names[i]);
	if (!known[code])
		rc = check_text(e, t, row, i);
	known[code] = true;
	return rc;
}

/* The digits of x, which end at end: snprintf would take as long as all the rest
 * of a record. */
static const char *
print_whole(uint64_t x, char *end)
{
	*--end = '\0';
	do
		*--end = (char)('0' + x % 10);
	while ((x /= 10) > 0);
	return end;
}

/* The items' texts belong to the table, but for the key by number. */
static int
row_meta(const struct emit *e, const struct table *t, size_t row, bool *const *known, struct meta_item *item,
         size_t *n, char *number)
{
	int rc = ST_OK;

	*n = 0;
	for (size_t i = 0; i < METAS + e->metas && rc == ST_OK; i++) {
		const char *text = NULL;

		if (e->carried[i] != TABLE_NONE)
			rc = carried_text(e, t, row, i, known[i], &text);
		else if (i == KEY)
			text = print_whole(t->origin[row].record, number + TEXT);
		if (text != NULL)
			item[(*n)++] = (struct meta_item){ i < METAS ? names[i] : t->column[e->carried[i]].name, text, NULL };
	}
	return rc;
}

static int
bad_cell(const struct emit *e, const struct table *t, size_t row)
{
	for (size_t i = 0; i < e->features; i++) {
		double x = t->column[e->feature[i]].value[row];

		if (isnan(x))
			return table_error(t, row, e->feature[i], "the cell is empty, and a feature (see fill and drop-missing)");
		if (fabs(x) > (double)FLT_MAX)
			return table_error(t, row, e->feature[i], "%g is beyond single precision", x);
	}
	return ST_OK;
}

/* The features of rows first..first+n-1, row after row. Column by column, as they
 * lie in memory; n is so small that all of it stays near. */
static int
fill_rows(const struct emit *e, const struct table *t, size_t first, size_t n)
{
	bool bad = false;
	int rc = ST_OK;

	for (size_t i = 0; i < e->features; i++) {
		const double *value = t->column[e->feature[i]].value + first;

		for (size_t r = 0; r < n; r++) {
			bad |= !(fabs(value[r]) <= (double)FLT_MAX);
			e->rows[r * e->features + i] = (float)value[r];
		}
	}
	for (size_t r = 0; bad && r < n && rc == ST_OK; r++)
		rc = bad_cell(e, t, first + r);
	return rc;
}

/* Writes rows first..first+n-1. */
static int
emit_block(struct emit *e, const struct table *t, bool *const *known, size_t first, size_t n)
{
	struct meta_item item[ITEMS];
	struct meta meta = { .item = item };
	uint64_t shape[1] = { e->features };
	char number[TEXT];
	int rc = fill_rows(e, t, first, n);

	for (size_t r = 0; r < n && rc == ST_OK; r++)
		if ((rc = row_meta(e, t, first + r, known, item, &meta.n, number)) == ST_OK)
			rc = tsr_record(e->out, TSR_F32, 1, shape, &meta, e->rows + r * e->features);
	return rc;
}

/* Features become numbers. */
static int
to_numbers(const struct emit *e, struct table *t)
{
	int rc = ST_OK;

	for (size_t i = 0; i < e->features && rc == ST_OK; i++)
		if ((rc = table_to_number(t, e->feature[i])) != ST_OK)
			rc = err_set(rc, "%s, and a feature (encode, onehot or drop it)", err_text());
	return rc;
}

int
emit_rows(struct emit *e, struct table *t)
{
	struct mem_pool m = { 0 };
	bool **known;
	int rc = e->begun ? ST_OK : begin(e, t);

	if (rc == ST_OK)
		rc = to_numbers(e, t);
	if (rc == ST_OK)
		rc = begin_checks(e, t, &m, &known);
	for (size_t r = 0; r < t->rows && rc == ST_OK; r += BLOCK)
		rc = emit_block(e, t, known, r, t->rows - r < BLOCK ? t->rows - r : BLOCK);
	mem_release(&m);
	return rc;
}

void
emit_free(struct emit *e)
{
	free(e->feature);
	free(e->carried);
	free(e->rows);
}
