/* join TABLE LEFT=RIGHT : columns of another file, found by a key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/words.h"
#include "prep/step.h"

enum { TABLE, KEYS };
enum { KIND, ABSENT, DUPLICATE, COLUMNS };
enum { LEFT, INNER };
static const char *const kinds[] = { "left", "inner", NULL };
enum { REFUSE, ALLOW };
static const char *const absents[] = { "error", "allow", NULL };
enum { NO_DUPLICATE, FIRST, ALL };
static const char *const duplicates[] = { "error", "first", "all", NULL };
static const struct step_option options[] = {
	{ .name = "kind", .choices = kinds }, { .name = "absent", .choices = absents },
	{ .name = "duplicate", .choices = duplicates }, { .name = "columns" }, { NULL },
};

/* The other table, read once. */
struct join {
	struct table right;
	size_t key;
	size_t *first; /* row of each string of the key's dictionary, or TABLE_NONE */
	size_t strings; /* in first: others may come into a dictionary that tables share */
	size_t *next;  /* row of the same key behind each row, or TABLE_NONE */
	char *left;    /* name of the key's column on the left */
	size_t *take, takes; /* columns that are joined */
};

/* Rows of the result by their rows on both sides. */
struct pairs {
	size_t *left, *right; /* TABLE_NONE: none fits */
	size_t n;
};

static void
join_release(void *state)
{
	struct join *j = state;

	table_clear(&j->right);
	free(j->first);
	free(j->next);
	free(j->left);
	free(j->take);
	free(j);
}

/* Where the table that the step joins is; NULL where it is not given. */
static const char *
path_of(const struct prep *p, const struct prep_step *s)
{
	for (size_t i = 0; i < p->plan.sides; i++)
		if (strcmp(p->plan.side[i].name, step_arg(s, TABLE)) == 0)
			return p->plan.side[i].path;
	return NULL;
}

static int
join_check(struct prep *p, struct prep_step *s)
{
	if (strchr(step_arg(s, KEYS), '=') == NULL)
		return step_error(p, s, KEYS, "'%s' is not LEFT=RIGHT, the key's columns", step_arg(s, KEYS));
	if (path_of(p, s) != NULL)
		return ST_OK;
	return err_set(ST_USAGE, "%s: line %lu joins the table '%s': give it as %s=FILE", p->recipe.file, s->src->line,
	               step_arg(s, TABLE), step_arg(s, TABLE));
}

static int
index_rows(struct join *j, size_t duplicate)
{
	const struct table_column *c = &j->right.column[j->key];
	size_t strings = dict_size(c->dict), rows = j->right.rows;

	j->strings = strings;
	j->first = mem_zero(strings, sizeof *j->first);
	j->next = mem_zero(rows + 1, sizeof *j->next);
	if (j->first == NULL || j->next == NULL)
		return ST_SYS;
	for (size_t i = 0; i < strings; i++)
		j->first[i] = TABLE_NONE;
	for (size_t r = rows; r-- > 0;) {
		uint32_t k = c->code[r];

		j->next[r] = duplicate == ALL && k != DICT_EMPTY ? j->first[k] : TABLE_NONE;
		if (k != DICT_EMPTY) /* an empty key is no key */
			j->first[k] = r;
	}
	for (size_t r = 0; r < rows && duplicate == NO_DUPLICATE; r++)
		if (c->code[r] != DICT_EMPTY && j->first[c->code[r]] != r)
			return table_error(&j->right, r, j->key, "the key '%s' appears in line %llu already (duplicate= would allow it)",
			                   dict_text(c->dict, c->code[r]),
			                   (unsigned long long)j->right.origin[j->first[c->code[r]]].line);
	return ST_OK;
}

/* All columns but the key, or those of columns=. */
static int
choose_columns(const struct prep *p, const struct prep_step *s, struct join *j)
{
	char **name;
	size_t n;
	int rc = words_split(s->option[COLUMNS].text, &name, &n);

	if (rc == ST_OK && (j->take = mem_zero(j->right.columns, sizeof *j->take)) == NULL)
		rc = ST_SYS;
	for (size_t i = 0; rc == ST_OK && i < j->right.columns; i++) {
		bool taken = n == 0 && i != j->key;

		for (size_t k = 0; k < n; k++)
			taken = taken || strcmp(name[k], j->right.column[i].name) == 0;
		if (taken)
			j->take[j->takes++] = i;
	}
	for (size_t k = 0; rc == ST_OK && k < n; k++)
		if (table_find(&j->right, name[k]) == TABLE_NONE)
			rc = step_error(p, s, s->args, "columns=: %s has no column '%s'", j->right.file, name[k]);
	free(name);
	return rc;
}

static int
load(struct prep *p, struct prep_step *s)
{
	struct join *j = mem_zero(1, sizeof *j);
	const char *keys = step_arg(s, KEYS), *equals = strchr(keys, '=');
	const char *path = path_of(p, s);
	int rc;

	s->state = j;
	if (j == NULL || path == NULL) /* join_check has found it */
		return ST_SYS;
	j->right.file = strcmp(path, "-") == 0 ? "standard input" : path;
	j->left = mem_strn(keys, (size_t)(equals - keys));
	if (j->left == NULL)
		return ST_SYS;
	if ((rc = step_load(p, path, &j->right)) != ST_OK)
		return rc;
	j->key = table_find(&j->right, equals + 1);
	if (j->key == TABLE_NONE)
		return step_error(p, s, KEYS, "%s has no column '%s'", j->right.file, equals + 1);
	if ((rc = index_rows(j, s->option[DUPLICATE].choice)) != ST_OK)
		return rc;
	return choose_columns(p, s, j);
}

static int
add_pair(struct pairs *q, size_t left, size_t right)
{
	int rc = mem_push(&q->left, q->n, sizeof *q->left);

	if (rc != ST_OK || (rc = mem_push(&q->right, q->n, sizeof *q->right)) != ST_OK)
		return rc;
	q->left[q->n] = left;
	q->right[q->n++] = right;
	return ST_OK;
}

/* The other table's first row of that key, or TABLE_NONE; looked up once a
 * string, as known[code] - 1 (0: not yet, or there is none). */
static size_t
find_row(const struct join *j, const struct table_column *key, uint32_t code, size_t *known)
{
	if (known[code] == 0) {
		const char *text = dict_text(key->dict, code);
		uint32_t k = dict_find(j->right.column[j->key].dict, text, strlen(text));

		known[code] = k >= j->strings ? 0 : j->first[k] + 1; /* DICT_NONE is the largest */
	}
	return known[code] - 1;
}

static int
find_pairs(struct prep_step *s, const struct table *t, size_t key, struct pairs *q)
{
	const struct join *j = s->state;
	const struct table_column *c = &t->column[key];
	size_t kind = s->option[KIND].choice, *known = mem_zero(dict_size(c->dict), sizeof *known);
	int rc = known == NULL ? ST_SYS : ST_OK;

	for (size_t r = 0; r < t->rows && rc == ST_OK; r++) {
		size_t right = find_row(j, c, c->code[r], known);

		if (right == TABLE_NONE && s->option[ABSENT].choice == REFUSE)
			rc = table_error(t, r, key, "%s has no row for '%s' (absent=allow would do without)", j->right.file,
			                 dict_text(c->dict, c->code[r]));
		else if (right == TABLE_NONE && kind == INNER)
			s->dropped++;
		else if (right == TABLE_NONE)
			rc = add_pair(q, r, TABLE_NONE);
		for (; right != TABLE_NONE && rc == ST_OK; right = j->next[right])
			rc = add_pair(q, r, right);
	}
	free(known);
	return rc;
}

static int
add_columns(const struct join *j, struct table *t, const struct pairs *q)
{
	int rc = ST_OK;

	for (size_t i = 0; i < j->takes && rc == ST_OK; i++) {
		const struct table_column *from = &j->right.column[j->take[i]];

		rc = table_add_text(t, t->columns, from->name, dict_share(from->dict));
		if (rc == ST_DATA)
			rc = err_set(rc, "%s, and one in %s (columns= says which to join; rename, before)", err_text(), j->right.file);
		for (size_t r = 0; r < q->n && rc == ST_OK; r++)
			t->column[t->columns - 1].code[r] = q->right[r] == TABLE_NONE ? DICT_EMPTY : from->code[q->right[r]];
	}
	return rc;
}

static int
join_run(struct prep *p, struct prep_step *s, struct table *t)
{
	struct pairs q = { 0 };
	struct join *j;
	size_t key;
	int rc = s->state == NULL ? load(p, s) : ST_OK;

	if (rc != ST_OK)
		return rc;
	j = s->state;
	key = table_find(t, step_real_name(p, j->left));
	if (key == TABLE_NONE)
		return step_error(p, s, KEYS, "no column '%s' here", j->left);
	if ((rc = table_to_text(t, key)) == ST_OK && (rc = find_pairs(s, t, key, &q)) == ST_OK) {
		bool same = q.n == t->rows;

		for (size_t r = 0; r < q.n && same; r++)
			same = q.left[r] == r;
		if (!same)
			rc = table_gather(t, q.left, q.n);
	}
	if (rc == ST_OK)
		rc = add_columns(j, t, &q);
	free(q.left);
	free(q.right);
	return rc;
}

const struct step_kind step_join_kinds[] = {
	{ .name = "join", .least = 2, .most = 2, .options = options, .equals = true, .check = join_check, .run = join_run,
	  .release = join_release },
	{ .name = NULL },
};
