/* aggregate KEY... ; FUNCTION COL... [by COL...] ; ... : the rows that share their
 * keys become one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "prep/step.h"
#include "table/csvread.h"

enum { REFUSE, IGNORE };
static const char *const unseen[] = { "error", "ignore", NULL };
static const struct step_option options[] = { { .name = "unseen", .choices = unseen }, { NULL } };

enum function { COUNT, SUM, MEAN, MIN, MAX, FIRST, SAME, FUNCTIONS };
static const char *const names[FUNCTIONS] = { "count", "sum", "mean", "min", "max", "first", "same" };

/* One part between semicolons: positional words from..to-1, of which those from
 * by on split the rows further. */
struct part {
	enum function function;
	size_t from, by, to;
};

struct aggregate {
	size_t keys; /* positional words before the first semicolon */
	struct part *part;
	size_t parts;
};

/* Rows numbered by what they share: 0 to n-1 as they appear. */
struct numbering {
	uint32_t *of; /* by row */
	size_t n;
	size_t *first; /* row of each number */
};

static void
aggregate_release(void *state)
{
	struct aggregate *a = state;

	free(a->part);
	free(a);
}

static bool
is_word(const struct prep_step *s, size_t i, const char *word)
{
	const struct recipe_word *w = &s->src->word[s->arg[i]];

	return !w->quoted && strcmp(w->text, word) == 0;
}

static int
add_part(struct prep *p, struct prep_step *s, struct aggregate *a, size_t from, size_t to)
{
	struct part *part = &a->part[a->parts++];

	if (from == to)
		return step_error(p, s, to < s->args ? to : s->args, "nothing behind the semicolon");
	*part = (struct part){ .from = from + 1, .by = from + 1, .to = to };
	while (part->function < FUNCTIONS && strcmp(names[part->function], step_arg(s, from)) != 0)
		part->function++;
	if (part->function == FUNCTIONS)
		return step_error(p, s, from, "'%s' is none of count, sum, mean, min, max, first, same", step_arg(s, from));
	while (part->by < to && !is_word(s, part->by, "by"))
		part->by++;
	if (part->by + 1 == to)
		return step_error(p, s, part->by, "`by' requires columns behind it");
	if (part->function == COUNT ? part->by > part->from : part->by == part->from)
		return step_error(p, s, from, "%s", part->function == COUNT ? "count takes columns only behind `by'"
		                                                            : "columns are required behind the function");
	if (part->function >= FIRST && part->by < to)
		return step_error(p, s, part->by, "%s goes without `by'", names[part->function]);
	return ST_OK;
}

static int
aggregate_check(struct prep *p, struct prep_step *s)
{
	struct aggregate *a = mem_zero(1, sizeof *a);
	size_t from, to;
	int rc = ST_OK;

	s->state = a;
	if (a == NULL || (a->part = mem_zero(s->args, sizeof *a->part)) == NULL)
		return ST_SYS;
	while (a->keys < s->args && !is_word(s, a->keys, ";"))
		a->keys++;
	if (a->keys == 0)
		return step_error(p, s, 0, "aggregate requires the columns that rows share, before the semicolon");
	for (from = a->keys + 1; from <= s->args && rc == ST_OK; from = to + 1) {
		for (to = from; to < s->args && !is_word(s, to, ";");)
			to++;
		rc = add_part(p, s, a, from, to);
	}
	return rc;
}

/* Numbers rows by their cells in the columns listed, in m's memory. */
static int
number_rows(struct table *t, const size_t *column, size_t columns, struct mem_pool *m, struct numbering *g)
{
	int rc = ST_OK;

	g->of = mem_take(m, t->rows, sizeof *g->of);
	g->n = t->rows > 0;
	if (g->of == NULL)
		return ST_SYS;
	for (size_t i = 0; i < columns && rc == ST_OK; i++) {
		struct dict *pairs = dict_new();

		rc = pairs == NULL ? ST_SYS : table_to_text(t, column[i]);
		for (size_t r = 0; r < t->rows && rc == ST_OK; r++) {
			uint32_t pair[2] = { g->of[r], t->column[column[i]].code[r] };

			rc = dict_add(pairs, (const char *)pair, sizeof pair, &g->of[r]);
			g->of[r]--; /* 0 is the empty string's */
		}
		g->n = pairs == NULL ? 0 : dict_size(pairs) - 1;
		dict_free(pairs);
	}
	if (rc == ST_OK && (g->first = mem_take(m, g->n, sizeof *g->first)) == NULL)
		rc = ST_SYS;
	for (size_t r = t->rows; rc == ST_OK && r-- > 0;)
		g->first[g->of[r]] = r;
	return rc;
}

/* The combinations that `by' splits into are learnt: name after name. */

/* A combination's cells for sorting: indices of its values in sorted order. */
struct combination {
	uint32_t number;
	size_t columns;
	const size_t *index;
};

static int
by_indices(const void *a, const void *b)
{
	const struct combination *x = a, *y = b;

	for (size_t i = 0; i < x->columns; i++)
		if (x->index[i] != y->index[i])
			return x->index[i] < y->index[i] ? -1 : 1;
	return 0;
}

/* index[n * columns + i]: of combination n's value among the sorted ones of column i. */
static int
index_values(const struct table *t, const size_t *column, size_t columns, const struct numbering *g,
             struct mem_pool *m, size_t *index)
{
	for (size_t i = 0; i < columns; i++) {
		const struct table_column *c = &t->column[column[i]];
		size_t n = dict_size(c->dict), *order = mem_take(m, n, sizeof *order);
		uint32_t *code = mem_take(m, n, sizeof *code);

		for (uint32_t k = 0; m->status == ST_OK && k < n; k++)
			code[k] = k;
		if (m->status != ST_OK || table_sort_values(c->dict, code + 1, n - 1) != ST_OK)
			return err_status();
		for (size_t k = 0; k < n; k++)
			order[code[k]] = k;
		for (size_t k = 0; k < g->n; k++)
			index[k * columns + i] = order[c->code[g->first[k]]];
	}
	return ST_OK;
}

static int
add_combinations(const struct table *t, const size_t *column, size_t columns, const struct numbering *g,
                 const struct combination *sorted, const bool *seen, struct learnt_item *item)
{
	int rc = ST_OK;

	for (size_t k = 0; k < g->n && rc == ST_OK; k++)
		for (size_t i = 0; i < columns && rc == ST_OK && seen[sorted[k].number]; i++) {
			const struct table_column *c = &t->column[column[i]];
			uint32_t code = c->code[g->first[sorted[k].number]];

			rc = code == DICT_EMPTY ? table_error(t, g->first[sorted[k].number], column[i],
			                                  "the cell is empty, and rows are put together by it (fill or "
			                                  "drop-missing come before)")
			                        : learnt_word(item, dict_text(c->dict, code));
		}
	return rc;
}

static int
learn_combinations(struct prep *p, struct prep_step *s, struct table *t, const char *name, const size_t *column,
                   size_t columns, const struct numbering *g, struct mem_pool *m)
{
	size_t *index = mem_take(m, g->n, columns * sizeof *index);
	struct combination *sorted = mem_take(m, g->n, sizeof *sorted);
	bool *learns, *seen = mem_take(m, g->n, sizeof *seen);
	struct learnt_item *item;

	if (m->status != ST_OK || step_learns(p, t, m, &learns) != ST_OK ||
	    index_values(t, column, columns, g, m, index) != ST_OK ||
	    learnt_add(&p->learnt, s->number, name, &item) != ST_OK)
		return err_status();
	for (size_t k = 0; k < g->n; k++)
		sorted[k] = (struct combination){ (uint32_t)k, columns, index + k * columns };
	for (size_t r = 0; r < t->rows; r++)
		seen[g->of[r]] = seen[g->of[r]] || learns[r];
	qsort(sorted, g->n, sizeof *sorted, by_indices);
	return add_combinations(t, column, columns, g, sorted, seen, item);
}

/* slot[k]: which learnt combination number k of g is, or SIZE_MAX. */
static int
match_combinations(struct prep_step *s, const struct table *t, const size_t *column, size_t columns,
                   const struct numbering *g, const struct learnt_item *item, size_t *slot)
{
	size_t n = item->words / columns;

	for (size_t k = 0; k < g->n; k++) {
		slot[k] = SIZE_MAX;
		for (size_t m = 0; m < n && slot[k] == SIZE_MAX; m++) {
			size_t i = 0;

			while (i < columns && strcmp(item->word[m * columns + i],
			                             dict_text(t->column[column[i]].dict,
			                                       t->column[column[i]].code[g->first[k]])) == 0)
				i++;
			if (i == columns)
				slot[k] = m;
		}
		if (slot[k] == SIZE_MAX && s->option[0].choice == REFUSE)
			return table_error(t, g->first[k], column[0], "'%s' with what it goes with was not seen before (unseen=ignore)",
			                   dict_text(t->column[column[0]].dict, t->column[column[0]].code[g->first[k]]));
	}
	return ST_OK;
}

/* Computing */

/* What a part's numbers are gathered into: groups x slots. */
struct cells {
	size_t slots;
	const uint32_t *group; /* by row */
	const uint32_t *combination; /* by row; NULL: one slot */
	const size_t *slot;    /* by combination */
};

/* The function over a column's values (NULL for count), into result. */
static void
gather(const struct cells *c, enum function f, const double *value, size_t rows, double *result, double *count, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		result[i] = f == MIN ? (double)INFINITY : f == MAX ? -(double)INFINITY : 0;
		count[i] = 0;
	}
	for (size_t r = 0; r < rows; r++) {
		size_t slot = c->combination == NULL ? 0 : c->slot[c->combination[r]];
		size_t at = c->group[r] * c->slots + slot;

		double x = value == NULL ? 0 : value[r];

		if (slot == SIZE_MAX || isnan(x))
			continue;
		count[at]++;
		result[at] = f == MIN ? fmin(result[at], x) : f == MAX ? fmax(result[at], x) : result[at] + x;
	}
	for (size_t i = 0; i < n; i++)
		if (f == COUNT)
			result[i] = count[i];
		else if (count[i] == 0 && f != SUM)
			result[i] = (double)NAN; /* of no values there is none */
		else if (f == MEAN)
			result[i] /= count[i];
}

/* Adds a column "mean.level.voice.A" for each slot. */
static int
put_results(struct table *to, enum function f, const char *column, const struct learnt_item *item, size_t by,
            const struct cells *c, const double *result)
{
	struct str name = { 0 };
	int rc = ST_OK;

	for (size_t k = 0; k < c->slots && rc == ST_OK; k++) {
		str_clear(&name);
		str_add(&name, names[f]);
		if (column != NULL)
			str_addf(&name, ".%s", column);
		for (size_t i = 0; i < by; i++)
			str_addf(&name, ".%s", item->word[k * by + i]);
		if ((rc = name.status) == ST_OK)
			rc = table_add_number(to, to->columns, name.text);
		for (size_t g = 0; g < to->rows && rc == ST_OK; g++)
			to->column[to->columns - 1].value[g] = result[g * c->slots + k];
	}
	str_free(&name);
	return rc;
}

static int
compute(struct prep *p, struct prep_step *s, const struct part *part, const struct table *from, struct table *to,
        const struct cells *c, const struct learnt_item *item)
{
	struct mem_pool m = { 0 };
	size_t n = to->rows * c->slots, *list = NULL, columns = 0;
	double *result = mem_take(&m, n, sizeof *result), *count = mem_take(&m, n, sizeof *count);
	double *value = mem_take(&m, from->rows, sizeof *value); /* the cells' text stays for other parts */
	size_t by = item == NULL ? 0 : part->to - part->by - 1;
	int rc = m.status;

	if (rc == ST_OK && part->function == COUNT) {
		gather(c, COUNT, NULL, from->rows, result, count, n);
		rc = put_results(to, COUNT, NULL, item, by, c, result);
	} else if (rc == ST_OK) {
		rc = step_columns(p, s, from, part->from, part->by, &list, &columns);
	}
	for (size_t i = 0; i < columns && rc == ST_OK; i++) {
		if ((rc = table_numbers(from, list[i], value)) != ST_OK)
			break;
		gather(c, part->function, value, from->rows, result, count, n);
		rc = put_results(to, part->function, from->column[list[i]].name, item, by, c, result);
	}
	free(list);
	mem_release(&m);
	return rc;
}

/* The combinations that `by' splits the rows into, as slots. */
static int
make_slots(struct prep *p, struct prep_step *s, const struct part *part, struct table *from, const size_t *by, size_t n,
           struct mem_pool *m, struct cells *c, const struct learnt_item **item)
{
	struct numbering g = { 0 };
	size_t *slot;
	char name[32];
	int rc;

	snprintf(name, sizeof name, "part %td", part - ((struct aggregate *)s->state)->part + 1);
	if ((rc = number_rows(from, by, n, m, &g)) != ST_OK ||
	    (step_learning(p, s) && (rc = learn_combinations(p, s, from, name, by, n, &g, m)) != ST_OK) ||
	    (rc = step_recall(p, s, name, item)) != ST_OK)
		return rc;
	if ((slot = mem_take(m, g.n, sizeof *slot)) == NULL)
		return ST_SYS;
	*c = (struct cells){ (*item)->words / n, c->group, g.of, slot };
	if (c->slots > CSVREAD_COLUMNS_MAX)
		return step_error(p, s, part->by, "%zu combinations, which would be columns, are too many", c->slots);
	return match_combinations(s, from, by, n, &g, *item, slot);
}

/* Numbers count, sum, ... of a part. */
static int
run_numbers(struct prep *p, struct prep_step *s, const struct part *part, struct table *from, struct table *to,
            const struct numbering *groups)
{
	struct cells c = { .slots = 1, .group = groups->of };
	struct mem_pool m = { 0 };
	const struct learnt_item *item = NULL;
	size_t *by = NULL, n = 0;
	int rc = ST_OK;

	if (part->by < part->to) {
		if ((rc = step_columns(p, s, from, part->by + 1, part->to, &by, &n)) == ST_OK &&
		    n != part->to - part->by - 1)
			rc = step_error(p, s, part->by, "behind `by' single columns are required, each once");
		if (rc == ST_OK)
			rc = make_slots(p, s, part, from, by, n, &m, &c, &item);
	}
	if (rc == ST_OK)
		rc = compute(p, s, part, from, to, &c, item);
	mem_release(&m);
	free(by);
	return rc;
}

/* The first row's cell of each group; with `same' those of the others must be equal. */
static int
take_column(const struct table *from, size_t column, struct table *to, const struct numbering *groups, bool same)
{
	const struct table_column *c = &from->column[column];
	int rc = ST_OK;

	for (size_t r = 0; r < from->rows && same; r++)
		if (c->code[r] != c->code[groups->first[groups->of[r]]])
			return table_error(from, r, column, "'%s' differs from '%s' of line %llu, which is of the same group",
			                   dict_text(c->dict, c->code[r]), dict_text(c->dict, c->code[groups->first[groups->of[r]]]),
			                   (unsigned long long)from->origin[groups->first[groups->of[r]]].line);
	rc = table_add_text(to, to->columns, c->name, dict_share(c->dict));
	for (size_t g = 0; g < groups->n && rc == ST_OK; g++)
		to->column[to->columns - 1].code[g] = c->code[groups->first[g]];
	return rc;
}

static int
take_columns(struct prep *p, struct prep_step *s, struct table *from, struct table *to, const struct numbering *groups,
             size_t first, size_t last, bool same)
{
	size_t *list, n;
	int rc = step_columns(p, s, from, first, last, &list, &n);

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		if ((rc = table_to_text(from, list[i])) == ST_OK)
			rc = take_column(from, list[i], to, groups, same);
	free(list);
	return rc;
}

static int
run_parts(struct prep *p, struct prep_step *s, struct table *from, struct table *to, const struct numbering *groups)
{
	const struct aggregate *a = s->state;
	int rc = table_reserve(to, groups->n + 1);

	for (size_t g = 0; g < groups->n && rc == ST_OK; g++)
		to->origin[g] = from->origin[groups->first[g]];
	to->rows = groups->n;
	if (rc == ST_OK)
		rc = take_columns(p, s, from, to, groups, 0, a->keys, false);
	for (size_t i = 0; i < a->parts && rc == ST_OK; i++) {
		const struct part *part = &a->part[i];

		rc = part->function >= FIRST
		         ? take_columns(p, s, from, to, groups, part->from, part->to, part->function == SAME)
		         : run_numbers(p, s, part, from, to, groups);
	}
	return rc;
}

static int
aggregate_run(struct prep *p, struct prep_step *s, struct table *t)
{
	const struct aggregate *a = s->state;
	struct table to = { .file = t->file };
	struct numbering groups = { 0 };
	struct mem_pool m = { 0 };
	size_t *keys, n;
	int rc = step_columns(p, s, t, 0, a->keys, &keys, &n);

	if (rc == ST_OK)
		rc = number_rows(t, keys, n, &m, &groups);
	if (rc == ST_OK)
		rc = run_parts(p, s, t, &to, &groups);
	mem_release(&m);
	free(keys);
	if (rc != ST_OK) {
		table_clear(&to);
		return rc;
	}
	table_clear(t);
	*t = to;
	return ST_OK;
}

const struct step_kind step_aggregate_kinds[] = {
	{ .name = "aggregate", .least = 1, .most = STEP_ANY, .options = options, .restricts = true, .gathers = true,
	  .check = aggregate_check, .run = aggregate_run, .release = aggregate_release },
	{ .name = NULL },
};
