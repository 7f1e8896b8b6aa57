#include "table/table.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static void
clear_column(struct table_column *c)
{
	free(c->name);
	dict_free(c->dict);
	free(c->code);
	free(c->value);
}

void
table_clear(struct table *t)
{
	for (size_t i = 0; i < t->columns; i++)
		clear_column(&t->column[i]);
	free(t->column);
	free(t->origin);
	*t = (struct table){ .file = t->file };
}

size_t
table_find(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->columns; i++)
		if (strcmp(t->column[i].name, name) == 0)
			return i;
	return TABLE_NONE;
}

/* Makes room for cap cells of a column. */
static int
grow_column(struct table_column *c, size_t cap)
{
	return c->kind == TABLE_TEXT ? mem_grow(&c->code, cap, sizeof *c->code) : mem_grow(&c->value, cap, sizeof *c->value);
}

static int
add_column(struct table *t, size_t at, struct table_column *c)
{
	int rc = c->name == NULL ? ST_SYS : ST_OK;

	if (rc == ST_OK && c->kind == TABLE_TEXT && c->dict == NULL && (c->dict = dict_new()) == NULL)
		rc = ST_SYS;
	if (rc == ST_OK && table_find(t, c->name) != TABLE_NONE)
		rc = err_set(ST_DATA, "there is a column '%s' already", c->name);
	if (rc == ST_OK)
		rc = mem_push(&t->column, t->columns, sizeof *t->column);
	if (rc == ST_OK && t->cap > 0)
		rc = grow_column(c, t->cap);
	if (rc != ST_OK) {
		clear_column(c);
		return rc;
	}
	for (size_t i = 0; c->code != NULL && i < t->rows; i++)
		c->code[i] = DICT_EMPTY;
	for (size_t i = 0; c->value != NULL && i < t->rows; i++)
		c->value[i] = (double)NAN;
	memmove(t->column + at + 1, t->column + at, (t->columns - at) * sizeof *t->column);
	t->column[at] = *c;
	t->columns++;
	return ST_OK;
}

int
table_add_text(struct table *t, size_t at, const char *name, struct dict *dict)
{
	struct table_column c = { .name = mem_str(name), .kind = TABLE_TEXT, .dict = dict };

	return add_column(t, at, &c);
}

int
table_add_number(struct table *t, size_t at, const char *name)
{
	struct table_column c = { .name = mem_str(name), .kind = TABLE_NUMBER };

	return add_column(t, at, &c);
}

int
table_rename(struct table *t, size_t column, const char *name)
{
	size_t other = table_find(t, name);
	char *copy;

	if (other == column)
		return ST_OK;
	if (other != TABLE_NONE)
		return err_set(ST_DATA, "there is a column '%s' already", name);
	if ((copy = mem_str(name)) == NULL)
		return ST_SYS;
	free(t->column[column].name);
	t->column[column].name = copy;
	return ST_OK;
}

void
table_remove(struct table *t, size_t column)
{
	clear_column(&t->column[column]);
	t->columns--;
	memmove(t->column + column, t->column + column + 1, (t->columns - column) * sizeof *t->column);
}

int
table_reserve(struct table *t, size_t n)
{
	size_t cap = t->cap + t->cap / 2 > n ? t->cap + t->cap / 2 : n;
	int rc;

	if (n <= t->cap)
		return ST_OK;
	if ((rc = mem_grow(&t->origin, cap, sizeof *t->origin)) != ST_OK)
		return rc;
	for (size_t i = 0; i < t->columns; i++)
		if ((rc = grow_column(&t->column[i], cap)) != ST_OK)
			return rc;
	t->cap = cap;
	return ST_OK;
}

void
table_filter(struct table *t, const bool *keep)
{
	size_t n = 0;

	for (size_t i = 0; i < t->columns; i++) {
		struct table_column *c = &t->column[i];

		n = 0;
		for (size_t r = 0; r < t->rows; r++)
			if (keep[r]) {
				if (c->kind == TABLE_TEXT)
					c->code[n] = c->code[r];
				else
					c->value[n] = c->value[r];
				n++;
			}
	}
	n = 0;
	for (size_t r = 0; r < t->rows; r++)
		if (keep[r])
			t->origin[n++] = t->origin[r];
	t->rows = n;
}

/* Array elements row[0..n) of from, `size` bytes each, as a new array of cap. */
static void *
pick(const void *from, size_t size, const size_t *row, size_t n, size_t cap)
{
	char *to = mem_zero(cap, size);

	for (size_t i = 0; to != NULL && i < n; i++)
		memcpy(to + i * size, (const char *)from + row[i] * size, size);
	return to;
}

static int
replace(void *array, void *with)
{
	if (with == NULL)
		return ST_SYS;
	free(*(void **)array);
	*(void **)array = with;
	return ST_OK;
}

int
table_gather(struct table *t, const size_t *row, size_t n)
{
	size_t cap = n > t->cap ? n : t->cap;
	int rc = ST_OK;

	if (cap == 0)
		return ST_OK;
	for (size_t i = 0; i < t->columns && rc == ST_OK; i++) {
		struct table_column *c = &t->column[i];

		rc = c->kind == TABLE_TEXT ? replace(&c->code, pick(c->code, sizeof *c->code, row, n, cap))
		                           : replace(&c->value, pick(c->value, sizeof *c->value, row, n, cap));
	}
	if (rc == ST_OK)
		rc = replace(&t->origin, pick(t->origin, sizeof *t->origin, row, n, cap));
	if (rc != ST_OK)
		return rc;
	t->rows = n;
	t->cap = cap;
	return ST_OK;
}

/* Copies n cells of text, translating the numbers of one dictionary to the other's. */
static int
copy_text(struct dict *to, uint32_t *cell, const struct dict *from, const uint32_t *code, size_t n)
{
	uint32_t *map = mem_zero(dict_size(from), sizeof *map);
	int rc = map == NULL ? ST_SYS : ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		uint32_t c = code[i];

		if (c != DICT_EMPTY && map[c] == 0) {
			const char *s = dict_text(from, c);

			rc = dict_add(to, s, strlen(s), &map[c]);
		}
		cell[i] = map[c];
	}
	free(map);
	return rc;
}

/* Gives t (empty) the columns of from, which may share their dictionaries. */
static int
add_columns(struct table *t, const struct table *from, bool share)
{
	int rc = ST_OK;

	for (size_t i = 0; i < from->columns && rc == ST_OK; i++) {
		const struct table_column *c = &from->column[i];

		rc = c->kind == TABLE_TEXT ? table_add_text(t, i, c->name, share ? dict_share(c->dict) : NULL)
		                           : table_add_number(t, i, c->name);
	}
	return rc;
}

static int
append_rows(struct table *t, const struct table *from, size_t first, size_t n)
{
	int rc = table_reserve(t, t->rows + n);

	if (rc != ST_OK || n == 0)
		return rc;
	for (size_t i = 0; i < t->columns && rc == ST_OK; i++) {
		const struct table_column *to = &t->column[i], *c = &from->column[i];

		if (c->kind == TABLE_NUMBER)
			memcpy(to->value + t->rows, c->value + first, n * sizeof *c->value);
		else if (c->dict == to->dict)
			/* There is room since table_reserve. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
			memcpy(to->code + t->rows, c->code + first, n * sizeof *c->code);
		else
			rc = copy_text(to->dict, to->code + t->rows, c->dict, c->code + first, n);
	}
	memcpy(t->origin + t->rows, from->origin + first, n * sizeof *t->origin);
	t->rows += n;
	return rc;
}

int
table_append(struct table *t, const struct table *from)
{
	int rc = t->columns == 0 && t->rows == 0 ? add_columns(t, from, false) : ST_OK;

	return rc == ST_OK ? append_rows(t, from, 0, from->rows) : rc;
}

int
table_slice(struct table *to, const struct table *from, size_t first, size_t n)
{
	int rc = add_columns(to, from, true);

	to->file = from->file;
	return rc == ST_OK ? append_rows(to, from, first, n) : rc;
}

const char *
table_header_name(const char *name, size_t index, char buf[TABLE_CELL_MAX])
{
	if (name[0] != '\0')
		return name;
	snprintf(buf, TABLE_CELL_MAX, "@%zu", index + 1);
	return buf;
}

const char *
table_print_number(double x, char buf[TABLE_CELL_MAX])
{
	int digits = 15;

	do
		snprintf(buf, TABLE_CELL_MAX, "%.*g", digits, x);
	while (++digits <= 17 && strtod(buf, NULL) != x);
	return buf;
}

bool
table_empty(const struct table *t, size_t row, size_t column)
{
	const struct table_column *c = &t->column[column];

	return c->kind == TABLE_TEXT ? c->code[row] == DICT_EMPTY : isnan(c->value[row]);
}

const char *
table_cell(const struct table *t, size_t row, size_t column, char buf[TABLE_CELL_MAX])
{
	const struct table_column *c = &t->column[column];

	if (c->kind == TABLE_TEXT)
		return dict_text(c->dict, c->code[row]);
	return isnan(c->value[row]) ? "" : table_print_number(c->value[row], buf);
}

bool
table_parse_number(const char *text, double *x)
{
	const char *digits = text + strspn(text, " \t+-");
	char *end;

	/* strtod takes hexadecimal, "inf" and "nan" as well. */
	if (!(isdigit((unsigned char)*digits) || *digits == '.') || strpbrk(digits, "xXpP") != NULL)
		return false;
	errno = 0;
	*x = strtod(text, &end);
	if (end == text || end[strspn(end, " \t")] != '\0')
		return false;
	return isfinite(*x);
}

int
table_error(const struct table *t, size_t row, size_t column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(ST_DATA, fmt, ap);
	va_end(ap);
	if (column == TABLE_NONE)
		return err_prefix("%s: line %llu", t->file, (unsigned long long)t->origin[row].line);
	return err_prefix("%s: line %llu, column '%s'", t->file, (unsigned long long)t->origin[row].line, t->column[column].name);
}

/* Each distinct string is parsed once, when a row first has it. */
static int
parse_cells(const struct table *t, size_t column, double *value)
{
	const struct table_column *c = &t->column[column];
	uint32_t n = dict_size(c->dict);
	double *parsed = mem_zero(n, sizeof *parsed);
	bool *done = mem_zero(n, sizeof *done);
	int rc = parsed == NULL || done == NULL ? ST_SYS : ST_OK;

	if (rc == ST_OK) {
		done[DICT_EMPTY] = true;
		parsed[DICT_EMPTY] = (double)NAN;
	}
	for (size_t r = 0; r < t->rows && rc == ST_OK; r++) {
		uint32_t k = c->code[r];

		if (!done[k] && !table_parse_number(dict_text(c->dict, k), &parsed[k]))
			rc = table_error(t, r, column, "'%s' is not a number", dict_text(c->dict, k));
		done[k] = true;
		value[r] = parsed[k];
	}
	free(parsed);
	free(done);
	return rc;
}

int
table_numbers(const struct table *t, size_t column, double *value)
{
	const struct table_column *c = &t->column[column];

	if (c->kind == TABLE_TEXT)
		return parse_cells(t, column, value);
	if (t->rows > 0)
		memcpy(value, c->value, t->rows * sizeof *value);
	return ST_OK;
}

int
table_to_number(struct table *t, size_t column)
{
	struct table_column *c = &t->column[column];
	double *value = NULL;
	int rc;

	if (c->kind == TABLE_NUMBER)
		return ST_OK;
	rc = mem_grow(&value, t->cap + 1, sizeof *value);
	if (rc == ST_OK)
		rc = parse_cells(t, column, value);
	if (rc != ST_OK) {
		free(value);
		return rc;
	}
	free(c->code);
	dict_free(c->dict);
	*c = (struct table_column){ .name = c->name, .kind = TABLE_NUMBER, .value = value };
	return ST_OK;
}

int
table_to_text(struct table *t, size_t column)
{
	struct table_column *c = &t->column[column], text = { .name = c->name, .kind = TABLE_TEXT };
	char buf[TABLE_CELL_MAX];
	int rc;

	if (c->kind == TABLE_TEXT)
		return ST_OK;
	text.dict = dict_new();
	rc = text.dict == NULL ? ST_SYS : ST_OK;
	if (rc == ST_OK && t->cap > 0)
		rc = grow_column(&text, t->cap);
	for (size_t r = 0; r < t->rows && rc == ST_OK; r++) {
		const char *s = table_cell(t, r, column, buf);

		rc = dict_add(text.dict, s, strlen(s), &text.code[r]);
	}
	if (rc != ST_OK) {
		dict_free(text.dict);
		free(text.code);
		return rc;
	}
	free(c->value);
	*c = text;
	return ST_OK;
}

int
table_own_text(struct table *t, size_t column)
{
	struct table_column *c = &t->column[column];
	struct dict *own;
	int rc;

	if (!dict_shared(c->dict))
		return ST_OK;
	if ((own = dict_new()) == NULL)
		return ST_SYS;
	if ((rc = copy_text(own, c->code, c->dict, c->code, t->rows)) != ST_OK) {
		dict_free(own);
		return rc;
	}
	dict_free(c->dict);
	c->dict = own;
	return ST_OK;
}

struct sortable {
	const char *text;
	double x; /* 0 where not all are numbers */
	uint32_t number;
};

static int
by_value(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;

	return x->x != y->x ? (x->x < y->x ? -1 : 1) : strcmp(x->text, y->text);
}

int
table_sort_values(const struct dict *d, uint32_t *number, size_t n)
{
	struct sortable *s = mem_zero(n == 0 ? 1 : n, sizeof *s);
	bool numbers = true;

	if (s == NULL)
		return ST_SYS;
	for (size_t i = 0; i < n; i++) {
		s[i].number = number[i];
		s[i].text = dict_text(d, number[i]);
		numbers = numbers && table_parse_number(s[i].text, &s[i].x);
	}
	for (size_t i = 0; i < n && !numbers; i++)
		s[i].x = 0;
	qsort(s, n, sizeof *s, by_value);
	for (size_t i = 0; i < n; i++)
		number[i] = s[i].number;
	free(s);
	return ST_OK;
}
