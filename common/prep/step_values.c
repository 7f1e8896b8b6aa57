/* Steps that change cells, most by what they have learnt of a column: clip, fill,
 * scale, encode, onehot. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "prep/step.h"

static int
nothing_to_learn(const struct table *t, size_t column)
{
	return err_set(ST_DATA, "%s: column '%s' has no value to learn from", t->file, t->column[column].name);
}

/* The values, without empty cells, of the rows to learn from, in m's memory. */
static int
learn_values(struct prep *p, struct table *t, size_t column, struct mem_pool *m, double **value, size_t *n)
{
	bool *learns;
	const double *from;
	int rc = step_learns(p, t, m, &learns);

	*n = 0;
	if (rc != ST_OK || (rc = table_to_number(t, column)) != ST_OK) /* it may be the group's, made text */
		return rc;
	if ((*value = mem_take(m, t->rows, sizeof **value)) == NULL)
		return ST_SYS;
	from = t->column[column].value;
	for (size_t r = 0; r < t->rows; r++)
		if (learns[r] && !isnan(from[r]))
			(*value)[(*n)++] = from[r];
	return *n > 0 ? ST_OK : nothing_to_learn(t, column);
}

/* The distinct texts, "" excepted, that occur in the rows to learn from, as codes
 * in the order of table_sort_values or of appearance; count[code] says in how many
 * rows. All in m's memory. */
static int
learn_texts(struct prep *p, struct table *t, size_t column, bool sorted, struct mem_pool *m, uint32_t **code, size_t *n,
            size_t **count)
{
	const struct table_column *c = &t->column[column];
	bool *learns;
	int rc = step_learns(p, t, m, &learns);

	*n = 0;
	*count = mem_take(m, dict_size(c->dict), sizeof **count);
	*code = mem_take(m, dict_size(c->dict), sizeof **code);
	if (rc != ST_OK || m->status != ST_OK)
		return err_status();
	for (size_t r = 0; r < t->rows; r++)
		if (learns[r] && (*count)[c->code[r]]++ == 0 && c->code[r] != DICT_EMPTY)
			(*code)[(*n)++] = c->code[r];
	return sorted ? table_sort_values(c->dict, *code, *n) : ST_OK;
}

/* clip COL... iqr=K | low=X high=Y */

enum { IQR, LOW, HIGH };
static const struct step_option clip_options[] = {
	{ .name = "iqr", .number = true }, { .name = "low", .number = true }, { .name = "high", .number = true }, { NULL },
};

static int
clip_check(struct prep *p, struct prep_step *s)
{
	bool low = s->option[LOW].text != NULL, high = s->option[HIGH].text != NULL;

	if ((s->option[IQR].text != NULL) == (low || high))
		return step_error(p, s, s->args, "clip requires either iqr=, or low= or high= or both");
	if (s->option[IQR].x < 0 || (low && high && s->option[LOW].x > s->option[HIGH].x))
		return step_error(p, s, s->args, "iqr= is negative, or low= above high=");
	return ST_OK;
}

static bool
clip_whole(const struct prep *p, const struct prep_step *s)
{
	return s->option[IQR].text != NULL && step_learning(p, s);
}

/* A quantile between the two values that its position falls between, linearly, as
 * pandas and NumPy have it by default: definition 7 of R. J. Hyndman and Y. Fan,
 * The American Statistician 50(4), 1996. Reorders the values. */
static double
quantile(double *value, size_t n, double fraction)
{
	double index = (double)(n - 1) * fraction, below = floor(index);
	double low = gsl_stats_select(value, 1, n, (size_t)below);

	if (index == below)
		return low;
	return low + (index - below) * (gsl_stats_select(value, 1, n, (size_t)below + 1) - low);
}

static int
learn_limits(struct prep *p, struct prep_step *s, struct table *t, size_t column)
{
	struct mem_pool m = { 0 };
	double *value, k = s->option[IQR].x;
	size_t n;
	int rc = learn_values(p, t, column, &m, &value, &n);

	if (rc == ST_OK) {
		double q1 = quantile(value, n, 0.25), q3 = quantile(value, n, 0.75);
		const struct learnt_figure figures[] = {
			{ "q1", q1 }, { "q3", q3 }, { "low", q1 - k * (q3 - q1) }, { "high", q3 + k * (q3 - q1) },
		};

		rc = learnt_figures(&p->learnt, s->number, t->column[column].name, figures, 4);
	}
	mem_release(&m);
	return rc;
}

/* What the step has learnt of the column: now, by learn, or in the state applied. */
static int
recall(struct prep *p, struct prep_step *s, struct table *t, size_t column,
       int (*learn)(struct prep *p, struct prep_step *s, struct table *t, size_t column), const struct learnt_item **item)
{
	int rc = step_learning(p, s) ? learn(p, s, t, column) : ST_OK;

	return rc == ST_OK ? step_recall(p, s, t->column[column].name, item) : rc;
}

static int
bad_state(const struct prep *p, const char *column)
{
	return err_set(ST_DATA, "%s: what was learnt of column '%s' is malformed", p->plan.apply, column);
}

static int
clip_column(struct prep *p, struct prep_step *s, struct table *t, size_t column)
{
	const struct learnt_item *item;
	double low = s->option[LOW].text != NULL ? s->option[LOW].x : -(double)INFINITY;
	double high = s->option[HIGH].text != NULL ? s->option[HIGH].x : (double)INFINITY, *value;
	int rc = table_to_number(t, column);

	if (rc == ST_OK && s->option[IQR].text != NULL) {
		if ((rc = recall(p, s, t, column, learn_limits, &item)) != ST_OK)
			return rc;
		if (!learnt_get(item, "low", &low) || !learnt_get(item, "high", &high))
			return bad_state(p, t->column[column].name);
	}
	value = t->column[column].value;
	for (size_t r = 0; r < t->rows && rc == ST_OK; r++)
		value[r] = value[r] < low ? low : value[r] > high ? high : value[r];
	return rc;
}

/* scale COL... [method=zscore|minmax] */

enum { ZSCORE, MINMAX };
static const char *const methods[] = { "zscore", "minmax", NULL };
static const char *const scale_names[][2] = { { "mean", "deviation" }, { "min", "range" } };
static const struct step_option scale_options[] = { { .name = "method", .choices = methods }, { NULL } };

/* (x - shift) / unit: the mean and the deviation with N-1, or the least value and
 * the range. A constant column's unit is 1. */
static int
learn_scale(struct prep *p, struct prep_step *s, struct table *t, size_t column)
{
	struct mem_pool m = { 0 };
	const char *const *name = scale_names[s->option[0].choice];
	double *value, shift, unit;
	size_t n;
	int rc = learn_values(p, t, column, &m, &value, &n);

	if (rc == ST_OK) {
		gsl_stats_minmax(&shift, &unit, value, 1, n);
		unit -= shift;
		if (s->option[0].choice == ZSCORE) {
			shift = gsl_stats_mean(value, 1, n);
			unit = n > 1 ? gsl_stats_sd_m(value, 1, n, shift) : 0;
		}
		rc = learnt_figures(&p->learnt, s->number, t->column[column].name,
		                    (struct learnt_figure[]){ { name[0], shift }, { name[1], unit > 0 ? unit : 1 } }, 2);
	}
	mem_release(&m);
	return rc;
}

static int
scale_column(struct prep *p, struct prep_step *s, struct table *t, size_t column)
{
	const struct learnt_item *item;
	double shift, unit, *value;
	const char *const *name = scale_names[s->option[0].choice];
	int rc = table_to_number(t, column);

	if (rc != ST_OK || (rc = recall(p, s, t, column, learn_scale, &item)) != ST_OK)
		return rc;
	if (!learnt_get(item, name[0], &shift) || !learnt_get(item, name[1], &unit) || unit <= 0)
		return bad_state(p, t->column[column].name);
	value = t->column[column].value;
	for (size_t r = 0; r < t->rows; r++)
		value[r] = (value[r] - shift) / unit;
	return ST_OK;
}

/* fill COL... with=VALUE|mean|median|mode */

static const struct step_option fill_options[] = { { .name = "with" }, { NULL } };
enum { MEAN, MEDIAN, MODE, VALUE };

static int
fill_what(const struct prep_step *s)
{
	static const char *const words[] = { "mean", "median", "mode" };
	int i = 0;

	while (i < VALUE && strcmp(words[i], s->option[0].text) != 0)
		i++;
	return i;
}

static int
fill_check(struct prep *p, struct prep_step *s)
{
	if (s->option[0].text == NULL || s->option[0].text[0] == '\0')
		return step_error(p, s, s->args, "fill requires with=VALUE, or with= mean, median or mode");
	return ST_OK;
}

static bool
fill_whole(const struct prep *p, const struct prep_step *s)
{
	return fill_what(s) != VALUE && step_learning(p, s);
}

/* The commonest text; of equals the first in order. */
static int
find_mode(struct prep *p, struct table *t, size_t column, struct mem_pool *m, const char **mode)
{
	size_t *count, n, best = 0;
	uint32_t *code;
	int rc = learn_texts(p, t, column, true, m, &code, &n, &count);

	if (rc == ST_OK && n == 0)
		rc = nothing_to_learn(t, column);
	if (rc != ST_OK)
		return rc;
	for (size_t i = 1; i < n; i++)
		if (count[code[i]] > count[code[best]])
			best = i;
	*mode = dict_text(t->column[column].dict, code[best]);
	return ST_OK;
}

static int
learn_filling(struct prep *p, struct prep_step *s, struct table *t, size_t column)
{
	struct mem_pool m = { 0 };
	struct learnt_item *item;
	const char *mode, *name = t->column[column].name;
	double *value;
	size_t n;
	int what = fill_what(s), rc;

	if (what == MODE) {
		if ((rc = find_mode(p, t, column, &m, &mode)) == ST_OK &&
		    (rc = learnt_add(&p->learnt, s->number, name, &item)) == ST_OK &&
		    (rc = learnt_word(item, "value")) == ST_OK)
			rc = learnt_word(item, mode);
	} else if ((rc = learn_values(p, t, column, &m, &value, &n)) == ST_OK) {
		double x = what == MEAN ? gsl_stats_mean(value, 1, n) : quantile(value, n, 0.5);

		rc = learnt_figures(&p->learnt, s->number, name, &(struct learnt_figure){ "value", x }, 1);
	}
	mem_release(&m);
	return rc;
}

/* Empty cells become text, which must be a number in a column of numbers. */
static int
fill_cells(const struct prep *p, const struct prep_step *s, struct table *t, size_t column, const char *text)
{
	struct table_column *c = &t->column[column];
	uint32_t code = DICT_EMPTY;
	double x = 0;
	int rc = ST_OK;

	if (c->kind == TABLE_TEXT && (rc = table_own_text(t, column)) == ST_OK)
		rc = dict_add(c->dict, text, strlen(text), &code);
	else if (c->kind == TABLE_NUMBER && !table_parse_number(text, &x))
		rc = step_error(p, s, s->args, "column '%s' has numbers; '%s' is none", c->name, text);
	for (size_t r = 0; r < t->rows && rc == ST_OK; r++)
		if (c->kind == TABLE_TEXT && c->code[r] == DICT_EMPTY)
			c->code[r] = code;
		else if (c->kind == TABLE_NUMBER && isnan(c->value[r]))
			c->value[r] = x;
	return rc;
}

static int
fill_column(struct prep *p, struct prep_step *s, struct table *t, size_t column)
{
	int what = fill_what(s), rc;
	const struct learnt_item *item;

	if (what == VALUE)
		return fill_cells(p, s, t, column, s->option[0].text);
	rc = what == MODE ? table_to_text(t, column) : table_to_number(t, column);
	if (rc != ST_OK || (rc = recall(p, s, t, column, learn_filling, &item)) != ST_OK)
		return rc;
	return item->words == 2 ? fill_cells(p, s, t, column, item->word[1]) : bad_state(p, t->column[column].name);
}

/* encode COL [VALUE...] [order=sorted|appearance] [unseen=error|NUMBER]
 * onehot COL [VALUE...] [order=sorted|appearance] [unseen=error|zero] */

enum { ORDER, UNSEEN };
static const char *const orders[] = { "sorted", "appearance", NULL };
static const struct step_option code_options[] = { { .name = "order", .choices = orders }, { .name = "unseen" }, { NULL } };

/* The categories of a column, as positional words or learnt. */
struct categories {
	const struct prep_step *step;
	const struct learnt_item *item; /* NULL: words of the step */
	size_t n;
};

static const char *
category_name(const struct categories *c, size_t k)
{
	return c->item != NULL ? c->item->word[k] : step_arg(c->step, k + 1);
}

static bool
is_onehot(const struct prep_step *s)
{
	return strcmp(s->kind->name, "onehot") == 0;
}

static int
code_check(struct prep *p, struct prep_step *s)
{
	bool onehot = is_onehot(s);
	const char *unseen = s->option[UNSEEN].text;
	double x;
	int rc = step_twice(p, s, "value");

	if (rc != ST_OK)
		return rc;
	if (unseen != NULL && strcmp(unseen, "error") != 0 &&
	    (onehot ? strcmp(unseen, "zero") != 0 : !table_parse_number(unseen, &x)))
		return step_error(p, s, s->args, "unseen=%s: error or %s is required", unseen, onehot ? "zero" : "a number");
	return ST_OK;
}

static bool
code_whole(const struct prep *p, const struct prep_step *s)
{
	return s->args == 1 && step_learning(p, s);
}

static int
learn_categories(struct prep *p, struct prep_step *s, struct table *t, size_t column)
{
	struct mem_pool m = { 0 };
	struct learnt_item *item;
	size_t n, *count;
	uint32_t *code;
	int rc = learn_texts(p, t, column, s->option[ORDER].choice == 0, &m, &code, &n, &count);

	if (rc == ST_OK)
		rc = learnt_add(&p->learnt, s->number, t->column[column].name, &item);
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = learnt_word(item, dict_text(t->column[column].dict, code[i]));
	mem_release(&m);
	return rc;
}

static int
find_categories(struct prep *p, struct prep_step *s, struct table *t, size_t column, struct categories *c)
{
	int rc = ST_OK;

	*c = (struct categories){ .step = s, .n = s->args - 1 };
	if (c->n == 0 && (rc = recall(p, s, t, column, learn_categories, &c->item)) == ST_OK)
		c->n = c->item->words;
	return rc;
}

/* index[code]: of each string of the column among the categories, or SIZE_MAX. */
static size_t *
category_indices(const struct table_column *column, const struct categories *c)
{
	size_t *index = mem_zero(dict_size(column->dict), sizeof *index);

	for (uint32_t i = 0; index != NULL && i < dict_size(column->dict); i++)
		index[i] = SIZE_MAX;
	for (size_t k = 0; index != NULL && k < c->n; k++) {
		uint32_t code = dict_find(column->dict, category_name(c, k), strlen(category_name(c, k)));

		if (code != DICT_NONE)
			index[code] = k;
	}
	return index;
}

static int
unseen_error(const struct table *t, size_t row, size_t column)
{
	return table_error(t, row, column, "'%s' is none of the step's values (unseen= would allow it)",
	                   dict_text(t->column[column].dict, t->column[column].code[row]));
}

/* Empty cells stay empty. */
static int
encode_cells(const struct prep_step *s, struct table *t, size_t column, const size_t *index)
{
	struct table_column *c = &t->column[column];
	double other = (double)NAN, *value = mem_zero(t->cap + 1, sizeof *value);
	bool allowed = s->option[UNSEEN].text != NULL && table_parse_number(s->option[UNSEEN].text, &other);

	if (value == NULL)
		return ST_SYS;
	for (size_t r = 0; r < t->rows; r++) {
		size_t k = index[c->code[r]];

		if (k == SIZE_MAX && c->code[r] != DICT_EMPTY && !allowed) {
			free(value);
			return unseen_error(t, r, column);
		}
		value[r] = k != SIZE_MAX ? (double)k : c->code[r] == DICT_EMPTY ? (double)NAN : other;
	}
	dict_free(c->dict);
	free(c->code);
	*c = (struct table_column){ .name = c->name, .kind = TABLE_NUMBER, .value = value };
	return ST_OK;
}

/* A column of 0 and 1 for each category instead of the one there was. */
static int
add_category_columns(struct table *t, size_t at, const struct categories *c)
{
	struct str name = { 0 };
	int rc = ST_OK;

	for (size_t k = 0; k < c->n && rc == ST_OK; k++) {
		str_clear(&name);
		str_addf(&name, "%s=%s", t->column[at].name, category_name(c, k));
		if ((rc = name.status) == ST_OK)
			rc = table_add_number(t, at + 1 + k, name.text);
	}
	str_free(&name);
	return rc;
}

static int
onehot_cells(const struct prep_step *s, struct table *t, size_t at, const struct categories *c, const size_t *index)
{
	const uint32_t *code;
	int rc = add_category_columns(t, at, c);
	bool allowed = s->option[UNSEEN].text != NULL && strcmp(s->option[UNSEEN].text, "zero") == 0;

	if (rc != ST_OK)
		return rc;
	code = t->column[at].code;
	for (size_t r = 0; r < t->rows; r++) {
		size_t hot = index[code[r]];

		if (code[r] == DICT_EMPTY)
			return table_error(t, r, at, "the cell is empty (fill or drop-missing come before onehot)");
		if (hot == SIZE_MAX && !allowed)
			return unseen_error(t, r, at);
		for (size_t k = 0; k < c->n; k++)
			t->column[at + 1 + k].value[r] = k == hot;
	}
	table_remove(t, at);
	return ST_OK;
}

static int
code_run(struct prep *p, struct prep_step *s, struct table *t)
{
	struct categories c;
	size_t at, *index;
	int rc = step_column(p, s, t, 0, &at);

	if (rc != ST_OK || (rc = table_to_text(t, at)) != ST_OK || (rc = find_categories(p, s, t, at, &c)) != ST_OK)
		return rc;
	index = category_indices(&t->column[at], &c);
	if (index == NULL)
		return ST_SYS;
	rc = is_onehot(s) ? onehot_cells(s, t, at, &c, index) : encode_cells(s, t, at, index);
	free(index);
	return rc;
}

const struct step_kind step_values_kinds[] = {
	{ .name = "clip", .least = 1, .most = STEP_ANY, .options = clip_options, .check = clip_check, .whole = clip_whole,
	  .column = clip_column },
	{ .name = "scale", .least = 1, .most = STEP_ANY, .options = scale_options, .whole = step_learning,
	  .column = scale_column },
	{ .name = "fill", .least = 1, .most = STEP_ANY, .options = fill_options, .check = fill_check, .whole = fill_whole,
	  .column = fill_column },
	{ .name = "encode", .least = 1, .most = STEP_ANY, .options = code_options, .check = code_check, .whole = code_whole,
	  .run = code_run },
	{ .name = "onehot", .least = 1, .most = STEP_ANY, .options = code_options, .check = code_check, .whole = code_whole,
	  .run = code_run },
	{ .name = NULL },
};
