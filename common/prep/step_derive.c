/* derive NEW FUNCTION COL ... : a column made of others, row by row. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/mem.h"
#include "prep/step.h"

enum { NEW, FUNCTION, FIRST };      /* positional words */
enum { ELSE, SEPARATOR, SEED };     /* options */
static const struct step_option options[] = {
	{ .name = "else" }, { .name = "sep" }, { .name = "seed", .number = true }, { NULL },
};

/* A function of one text: writes what it makes to out, "" for an empty cell. */
struct text_function {
	const struct prep *p;
	const struct prep_step *s;
	int (*make)(const struct text_function *f, const char *text, struct str *out);
	double x[2]; /* words behind the column that are numbers; fold's second is its seed */
};

struct function {
	const char *name;
	size_t least, most; /* words behind its name */
	bool option[3];
	int (*check)(struct prep *p, struct prep_step *s);
	/* One of these: of the text of a column, or of rows. */
	int (*make)(const struct text_function *f, const char *text, struct str *out);
	int (*run)(struct prep *p, struct prep_step *s, struct table *t);
	struct {
		size_t word; /* its index; 0: none */
		double least, most;
	} number[2]; /* make's, which are whole */
};

/* Functions of a text, made once for each distinct one */

/* The step's new column, of the texts that f makes of those of column `from`. */
static int
map_text(const struct text_function *f, struct table *t, size_t from)
{
	size_t new = t->columns;
	int rc = table_to_text(t, from);
	uint32_t *map = NULL;
	struct str out = { 0 };

	if (rc == ST_OK)
		rc = table_add_text(t, new, step_arg(f->s, NEW), NULL);
	if (rc == ST_OK)
		map = mem_zero(dict_size(t->column[from].dict), sizeof *map);
	if (rc == ST_OK && map == NULL)
		rc = ST_SYS;
	for (size_t r = 0; rc == ST_OK && r < t->rows; r++) {
		uint32_t code = t->column[from].code[r];

		if (code != DICT_EMPTY && map[code] == 0) { /* empty results are made anew: they are rare */
			str_clear(&out);
			rc = f->make(f, dict_text(t->column[from].dict, code), &out);
			if (rc != ST_OK)
				rc = table_error(t, r, from, "%s", err_text());
			else if ((rc = out.status) == ST_OK)
				rc = dict_add(t->column[new].dict, out.text, out.n, &map[code]);
		}
		t->column[new].code[r] = map[code];
	}
	str_free(&out);
	free(map);
	return rc;
}

static const char *
next_character(const char *s)
{
	do
		s++;
	while (((unsigned char)*s & 0xc0) == 0x80);
	return s;
}

/* substring COL FROM LENGTH: characters, the first is 1 */
static int
make_substring(const struct text_function *f, const char *text, struct str *out)
{
	size_t skip = (size_t)f->x[0] - 1, take = (size_t)f->x[1];
	const char *end;

	for (; skip > 0 && *text != '\0'; skip--)
		text = next_character(text);
	for (end = text; take > 0 && *end != '\0'; take--)
		end = next_character(end);
	str_addn(out, text, (size_t)(end - text));
	return ST_OK;
}

/* split COL SEPARATOR N: the Nth part, from the end where N is negative */
static int
make_split(const struct text_function *f, const char *text, struct str *out)
{
	const char *separator = step_arg(f->s, FIRST + 1), *next;
	size_t length = strlen(separator), parts = 1, number;

	for (const char *q = text; (q = strstr(q, separator)) != NULL; q += length)
		parts++;
	if (fabs(f->x[0]) > (double)parts)
		return err_set(ST_DATA, "'%s' has no part %g between '%s': it has %zu", text, f->x[0], separator, parts);
	number = f->x[0] > 0 ? (size_t)f->x[0] : parts + 1 - (size_t)-f->x[0];
	while (--number > 0)
		text = strstr(text, separator) + length;
	next = strstr(text, separator);
	str_addn(out, text, next == NULL ? strlen(text) : (size_t)(next - text));
	return ST_OK;
}

static int
split_check(struct prep *p, struct prep_step *s)
{
	double x;
	int rc = step_number(p, s, FIRST + 2, &x);

	if (rc == ST_OK && (x == 0 || step_arg(s, FIRST + 1)[0] == '\0'))
		rc = step_error(p, s, FIRST + 2, "parts count from 1, or from -1 at the end, and a separator is not empty");
	return rc;
}

/* lookup COL TEXT VALUE ... [else=VALUE] */
static int
make_lookup(const struct text_function *f, const char *text, struct str *out)
{
	for (size_t i = FIRST + 1; i + 1 < f->s->args; i += 2)
		if (strcmp(step_arg(f->s, i), text) == 0) {
			str_add(out, step_arg(f->s, i + 1));
			return ST_OK;
		}
	if (f->s->option[ELSE].text == NULL)
		return err_set(ST_DATA, "'%s' is not in the step's list (else= would give it a value)", text);
	str_add(out, f->s->option[ELSE].text);
	return ST_OK;
}

static int
lookup_check(struct prep *p, struct prep_step *s)
{
	if (s->args % 2 == 0)
		return step_error(p, s, s->args - 1, "'%s' has no value", step_arg(s, s->args - 1));
	return ST_OK;
}

/* copy COL */
static int
make_copy(const struct text_function *f, const char *text, struct str *out)
{
	(void)f;
	str_add(out, text);
	return ST_OK;
}

/* fold COL N [seed=S]: a number from 0 to N-1 that depends on the text alone, so
 * that equal cells share a fold */
static int
make_fold(const struct text_function *f, const char *text, struct str *out)
{
	str_addf(out, "%llu", (unsigned long long)(XXH3_64bits_withSeed(text, strlen(text), (XXH64_hash_t)f->x[1]) %
	                                           (uint64_t)f->x[0]));
	return ST_OK;
}

static int
fold_check(struct prep *p, struct prep_step *s)
{
	double seed = s->option[SEED].x;

	return seed < 0 || seed > 9e15 ? step_error(p, s, s->args, "seed=%g is out of range", seed) : ST_OK;
}

/* Functions of rows */

/* record: the row's number in the file, from 1 */
static int
record_run(struct prep *p, struct prep_step *s, struct table *t)
{
	int rc = table_add_number(t, t->columns, step_arg(s, NEW));

	(void)p;
	for (size_t r = 0; r < t->rows && rc == ST_OK; r++)
		t->column[t->columns - 1].value[r] = (double)t->origin[r].record;
	return rc;
}

/* concat COL COL ... [sep=TEXT] */
static int
concat_run(struct prep *p, struct prep_step *s, struct table *t)
{
	const char *separator = s->option[SEPARATOR].text == NULL ? "" : s->option[SEPARATOR].text;
	char buf[TABLE_CELL_MAX];
	size_t *list = NULL, n = 0;
	struct str out = { 0 };
	int rc = step_columns(p, s, t, FIRST, s->args, &list, &n);

	if (rc == ST_OK)
		rc = table_add_text(t, t->columns, step_arg(s, NEW), NULL);
	for (size_t r = 0; r < t->rows && rc == ST_OK; r++) {
		const struct table_column *c = &t->column[t->columns - 1];

		str_clear(&out);
		for (size_t i = 0; i < n; i++) {
			str_add(&out, i == 0 ? "" : separator);
			str_add(&out, table_cell(t, r, list[i], buf));
		}
		if ((rc = out.status) == ST_OK)
			rc = dict_add(c->dict, out.text, out.n, &c->code[r]);
	}
	str_free(&out);
	free(list);
	return rc;
}

/* sum, difference, product, ratio COL COL: empty where one is, or where the
 * divisor is 0 */
static double
calculate(char operation, double a, double b)
{
	switch (operation) {
	case 's':
		return a + b;
	case 'd':
		return a - b;
	case 'p':
		return a * b;
	default:
		return b == 0 ? (double)NAN : a / b;
	}
}

static int
arithmetic_run(struct prep *p, struct prep_step *s, struct table *t)
{
	char operation = step_arg(s, FUNCTION)[0];
	size_t a, b, new = t->columns;
	int rc = step_column(p, s, t, FIRST, &a);

	if (rc != ST_OK || (rc = step_column(p, s, t, FIRST + 1, &b)) != ST_OK || (rc = table_to_number(t, a)) != ST_OK ||
	    (rc = table_to_number(t, b)) != ST_OK || (rc = table_add_number(t, new, step_arg(s, NEW))) != ST_OK)
		return rc;
	for (size_t r = 0; r < t->rows; r++) {
		double x = calculate(operation, t->column[a].value[r], t->column[b].value[r]);

		if (isinf(x))
			return table_error(t, r, new, "the %s is too large", step_arg(s, FUNCTION));
		t->column[new].value[r] = x;
	}
	return ST_OK;
}

/* The step itself */

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a designated initialiser's field */
#define NUMBERS(NAME) { .name = NAME, .least = 2, .most = 2, .run = arithmetic_run }
static const struct function functions[] = {
	{ .name = "substring", .least = 3, .most = 3, .make = make_substring,
	  .number = { { FIRST + 1, 1, 1e6 }, { FIRST + 2, 1, 1e6 } } },
	{ .name = "split", .least = 3, .most = 3, .check = split_check, .make = make_split,
	  .number = { { FIRST + 2, -1e6, 1e6 } } },
	{ .name = "lookup", .least = 3, .most = STEP_ANY, .option = { [ELSE] = true }, .check = lookup_check, .make = make_lookup },
	{ .name = "copy", .least = 1, .most = 1, .make = make_copy },
	{ .name = "fold", .least = 2, .most = 2, .option = { [SEED] = true }, .check = fold_check, .make = make_fold,
	  .number = { { FIRST + 1, 2, 1e6 } } },
	{ .name = "record", .run = record_run },
	{ .name = "concat", .least = 1, .most = STEP_ANY, .option = { [SEPARATOR] = true }, .run = concat_run },
	NUMBERS("sum"),
	NUMBERS("difference"),
	NUMBERS("product"),
	NUMBERS("ratio"),
};

static const struct function *
function_of(const struct prep_step *s)
{
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (strcmp(functions[i].name, step_arg(s, FUNCTION)) == 0)
			return &functions[i];
	return NULL;
}

static int
derive_check(struct prep *p, struct prep_step *s)
{
	const struct function *f = function_of(s);

	if (f == NULL)
		return step_error(p, s, FUNCTION, "there is no function '%s'", step_arg(s, FUNCTION));
	if (s->args - FIRST < f->least || s->args - FIRST > f->most)
		return step_error(p, s, FUNCTION, "%s requires %zu words%s, not %zu", f->name, f->least,
		                  f->most > f->least ? " at least" : "", s->args - FIRST);
	for (size_t i = 0; options[i].name != NULL; i++)
		if (s->option[i].text != NULL && !f->option[i])
			return step_error(p, s, FUNCTION, "%s has no option %s=", f->name, options[i].name);
	for (size_t i = 0; i < 2 && f->number[i].word > 0; i++) {
		size_t word = f->number[i].word;
		double x;
		int rc = step_number(p, s, word, &x);

		if (rc != ST_OK)
			return rc;
		if (x != floor(x) || x < f->number[i].least || x > f->number[i].most)
			return step_error(p, s, word, "a whole number from %g to %g is required, not %s", f->number[i].least,
			                  f->number[i].most, step_arg(s, word));
	}
	return f->check == NULL ? ST_OK : f->check(p, s);
}

static int
run_text(struct prep *p, struct prep_step *s, struct table *t, const struct function *function)
{
	struct text_function f = { .p = p, .s = s, .make = function->make, .x = { 0, s->option[SEED].x } };
	size_t from;
	int rc = step_column(p, s, t, FIRST, &from);

	for (size_t i = 0; rc == ST_OK && i < 2 && function->number[i].word > 0; i++)
		rc = step_number(p, s, function->number[i].word, &f.x[i]);
	return rc == ST_OK ? map_text(&f, t, from) : rc;
}

static int
derive_run(struct prep *p, struct prep_step *s, struct table *t)
{
	const struct function *f = function_of(s);

	if (f == NULL)
		return derive_check(p, s);
	return f->make != NULL ? run_text(p, s, t, f) : f->run(p, s, t);
}

const struct step_kind step_derive_kinds[] = {
	{ .name = "derive", .least = 2, .most = STEP_ANY, .options = options, .check = derive_check, .run = derive_run },
	{ .name = NULL },
};
