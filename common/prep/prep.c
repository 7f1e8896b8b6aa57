#include "prep/prep.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/profile.h"
#include "base/thread.h"
#include "base/words.h"
#include "prep/step.h"
#include "table/csvread.h"

#ifdef SER_FUZZ /* small tables have several */
enum { BATCH = 4, SLICES = 4 };
#else
enum { BATCH = 4096, SLICES = 64 };
#endif
enum { PROGRESS = 1 << 16 };

/* The recipe */

/* The kind of that name; or NULL, and *near is the nearest, which may be NULL too. */
static const struct step_kind *
find_kind(const char *name, const char **near)
{
	static const struct step_kind *const lists[] = { step_columns_kinds, step_derive_kinds,   step_rows_kinds,
		                                             step_join_kinds,    step_values_kinds, step_aggregate_kinds };

	size_t n = strlen(name);
	int slips = words_slips(n);

	*near = NULL;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		for (const struct step_kind *k = lists[i]; k->name != NULL; k++)
			if (strcmp(k->name, name) == 0)
				return k;
			else if (words_nearer(name, n, k->name, &slips))
				*near = k->name;
	return NULL;
}

/* The option of which a word NAME=VALUE gives the value, or NULL; *meant is then one
 * that it nearly names: a slip in it shall not become a value. Short names are near
 * too many others. */
static const struct step_option *
option_of(const struct step_kind *kind, const struct recipe_word *w, const char **meant)
{
	const char *equals = w->quoted ? NULL : strchr(w->text, '=');
	size_t n = equals == NULL ? 0 : (size_t)(equals - w->text);

	*meant = NULL;
	for (const struct step_option *o = kind->options; n > 0 && o != NULL && o->name != NULL; o++) {
		size_t m = strlen(o->name);

		if (m == n && strncmp(o->name, w->text, n) == 0)
			return o;
		if (*meant == NULL && !kind->equals && m >= 4 && words_near(w->text, n, o->name, m, m > 4 ? 2 : 1))
			*meant = o->name;
	}
	return NULL;
}

static int
take_option(struct prep *p, struct prep_step *s, const struct step_option *o, const char *text)
{
	struct step_value *v = &s->option[o - s->kind->options];
	struct str all = { 0 };
	int rc;

	v->text = text;
	if (o->number && !table_parse_number(text, &v->x))
		return step_error(p, s, SIZE_MAX, "%s=%s is not a number", o->name, text);
	if (o->choices == NULL)
		return ST_OK;
	for (v->choice = 0; o->choices[v->choice] != NULL; v->choice++)
		if (strcmp(o->choices[v->choice], text) == 0)
			return ST_OK;
	for (size_t i = 0; o->choices[i] != NULL; i++)
		str_addf(&all, "%s%s", i == 0 ? "" : ", ", o->choices[i]);
	rc = str_status(&all);
	if (rc == ST_OK)
		rc = step_error(p, s, SIZE_MAX, "%s=%s is none of %s", o->name, text, all.text);
	str_free(&all);
	return rc;
}

static int
sort_words(struct prep *p, struct prep_step *s)
{
	const struct recipe_step *src = s->src;

	s->arg = mem_zero(src->n, sizeof *s->arg);
	if (s->arg == NULL)
		return ST_SYS;
	for (size_t i = 1; i < src->n; i++) {
		const char *meant;
		const struct step_option *o = option_of(s->kind, &src->word[i], &meant);
		int rc = ST_OK;

		if (o == NULL && meant != NULL)
			return recipe_error(&p->recipe, src, i, "'%s' is nearly %s's option %s= (quotes would make it a plain word)",
			                    src->word[i].text, s->kind->name, meant);
		if (o == NULL)
			s->arg[s->args++] = i;
		else if (s->option[o - s->kind->options].text != NULL)
			rc = recipe_error(&p->recipe, src, i, "%s= appears twice", o->name);
		else
			rc = take_option(p, s, o, strchr(src->word[i].text, '=') + 1);
		if (rc != ST_OK)
			return rc;
	}
	if (s->args < s->kind->least)
		return recipe_error(&p->recipe, src, 0, "%s requires at least %zu words, not %zu", s->kind->name,
		                    s->kind->least, s->args);
	if (s->args > s->kind->most)
		return step_error(p, s, s->kind->most, "%s takes at most %zu words", s->kind->name, s->kind->most);
	return s->kind->check == NULL ? ST_OK : s->kind->check(p, s);
}

static int
make_steps(struct prep *p)
{
	int rc = ST_OK;

	p->step = mem_zero(p->recipe.steps == 0 ? 1 : p->recipe.steps, sizeof *p->step);
	if (p->step == NULL)
		return ST_SYS;
	for (size_t i = 0; i < p->recipe.steps && rc == ST_OK; i++) {
		struct prep_step *s = &p->step[i];
		const char *near;

		s->src = &p->recipe.step[i];
		s->number = i + 1;
		s->kind = find_kind(s->src->word[0].text, &near);
		if (s->kind == NULL)
			return recipe_error(&p->recipe, s->src, 0, "there is no step '%s'%s%s%s", s->src->word[0].text,
			                    near == NULL ? "" : ": did you mean ", near == NULL ? "" : near, near == NULL ? "" : "?");
		rc = sort_words(p, s);
	}
	p->local = p->recipe.steps;
	for (size_t i = p->recipe.steps; rc == ST_OK && i-- > 0;) {
		const struct step_kind *k = p->step[i].kind;

		if (k->gathers || (k->whole != NULL && k->whole(p, &p->step[i]))) {
			p->local = i;
			p->together = p->together == 0 ? i + 1 : p->together;
		}
	}
	return rc;
}

/* The recipe given must be the one that the state was learnt with. */
static int
check_same(const struct prep *p, const struct recipe *state)
{
	size_t n = p->recipe.steps < state->steps ? p->recipe.steps : state->steps;
	int rc = ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		struct str a = { 0 }, b = { 0 };

		recipe_add_step(&a, &p->recipe.step[i]);
		recipe_add_step(&b, &state->step[i]);
		if (a.status != ST_OK || b.status != ST_OK)
			rc = ST_SYS;
		else if (strcmp(a.text, b.text) != 0)
			rc = recipe_error(&p->recipe, &p->recipe.step[i], SIZE_MAX, "%s was learnt with another step: %s", state->file,
			                  b.text);
		str_free(&a);
		str_free(&b);
	}
	if (rc == ST_OK && p->recipe.steps != state->steps)
		rc = err_set(ST_DATA, "%s: has %zu steps; %s was learnt with %zu", p->recipe.file, p->recipe.steps, state->file,
		             state->steps);
	return rc;
}

static int
read_recipe(struct prep *p)
{
	char *text;
	size_t n;
	int rc;

	if (p->plan.recipe == NULL)
		return ST_OK;
	p->recipe.file = strcmp(p->plan.recipe, "-") == 0 ? "standard input" : p->plan.recipe;
	if ((rc = io_slurp(p->plan.recipe, RECIPE_MAX, &text, &n)) != ST_OK)
		return rc;
	rc = recipe_parse(&p->recipe, text, n);
	free(text);
	return rc;
}

static int
read_state(struct prep *p)
{
	struct recipe state = { .file = p->plan.apply };
	int rc;

	if (p->plan.apply == NULL)
		return ST_OK;
	rc = learnt_read(p->plan.apply, &state, &p->learnt);
	if (p->plan.recipe == NULL) {
		p->recipe = state;
		return rc;
	}
	if (rc == ST_OK)
		rc = check_same(p, &state);
	recipe_clear(&state);
	return rc;
}

static int
list_fit_groups(struct prep *p)
{
	const char *rest = p->plan.fit_groups, *word;
	size_t n;
	uint32_t number;
	int rc = ST_OK;

	if (rest == NULL)
		return ST_OK;
	p->fit = dict_new();
	if (p->fit == NULL)
		return ST_SYS;
	while (rc == ST_OK && words_next(&rest, &word, &n))
		rc = dict_add(p->fit, word, n, &number);
	return rc;
}

/* Every table given is joined by a step; steps check the other way. */
static int
check_sides(const struct prep *p)
{
	for (size_t i = 0; i < p->plan.sides; i++) {
		size_t k = 0;

		while (k < p->recipe.steps && (strcmp(p->step[k].kind->name, "join") != 0 ||
		                               strcmp(step_arg(&p->step[k], 0), p->plan.side[i].name) != 0))
			k++;
		if (k == p->recipe.steps)
			return err_set(ST_USAGE, "%s=%s: no step of the recipe joins it", p->plan.side[i].name, p->plan.side[i].path);
	}
	return ST_OK;
}

int
prep_open(struct prep *p, const struct prep_plan *plan)
{
	int rc;

	p->plan = *plan;
	p->whole.file = strcmp(plan->path, "-") == 0 ? "standard input" : plan->path;
	p->raw = p->batch;
	for (size_t i = 0; i < PREP_BATCHES; i++)
		p->batch[i].file = p->whole.file;
	if ((rc = read_recipe(p)) != ST_OK || (rc = read_state(p)) != ST_OK || (rc = make_steps(p)) != ST_OK ||
	    (rc = check_sides(p)) != ST_OK)
		return rc;
	return list_fit_groups(p);
}

/* The header, and which columns are required */

/* True where the word may mean the raw column of that name at that index. */
static bool
word_means(const char *word, const char *name, size_t index)
{
	const char *equals = strchr(word, '=');
	size_t n = equals == NULL ? 0 : (size_t)(equals - word);

	if (strcmp(word, name) == 0 || fnmatch(word, name, 0) == 0)
		return true;
	if (n > 0 && strlen(name) == n && strncmp(word, name, n) == 0) /* join's KEY=KEY */
		return true;
	if (word[0] != '@')
		return false;
	return strcmp(word, "@unnamed") == 0 || strtoul(word + 1, NULL, 10) == index + 1;
}

/* Words that mean something else may keep a column that nobody uses: that costs
 * memory, no more. */
static bool
is_needed(const struct prep *p, size_t index)
{
	bool restricted = false;

	for (size_t i = 0; i < p->recipe.steps; i++) {
		const struct prep_step *s = &p->step[i];

		restricted = restricted || s->kind->restricts;
		for (size_t k = 1; k < s->src->n; k++)
			if (word_means(s->src->word[k].text, p->header[index], index))
				return true;
	}
	return !restricted;
}

static int
add_raw_columns(struct prep *p)
{
	int rc = ST_OK;

	for (size_t i = 0; i < p->names && rc == ST_OK; i++)
		if (p->index[i] != TABLE_NONE)
			rc = table_add_text(p->raw, p->raw->columns, p->header[i], NULL);
	return rc == ST_OK ? table_reserve(p->raw, BATCH) : rc;
}

static int
check_twins(const struct prep *p)
{
	for (size_t i = 0; i < p->names; i++)
		for (size_t k = 0; k < i && p->index[i] != TABLE_NONE; k++)
			if (p->index[k] != TABLE_NONE && strcmp(p->header[i], p->header[k]) == 0)
				return err_set(ST_DATA, "%s: the header calls both columns %zu and %zu '%s'", p->raw->file, k + 1, i + 1,
				               p->header[i]);
	return ST_OK;
}

static void
bind_roles(struct prep *p)
{
	for (size_t i = 0; i < p->recipe.steps; i++)
		for (int role = PREP_KEY; role < PREP_META; role++)
			if (strcmp(p->step[i].kind->name, prep_role_names[role]) == 0)
				p->role[role] = step_real_name(p, step_arg(&p->step[i], 0));
}

static int
on_header(void *ctx, char *const *name, size_t n)
{
	struct prep *p = ctx;
	char unnamed[TABLE_CELL_MAX];
	size_t needed = 0;
	int rc;

	p->header = mem_zero(n, sizeof *p->header);
	p->index = mem_zero(n, sizeof *p->index);
	if (p->header == NULL || p->index == NULL)
		return ST_SYS;
	for (size_t i = 0; i < n; i++) {
		p->header[i] = mem_str(table_header_name(name[i], i, unnamed));
		if (p->header[i] == NULL)
			return ST_SYS;
		p->names++;
	}
	bind_roles(p);
	for (size_t i = 0; i < n; i++)
		p->index[i] = is_needed(p, i) ? needed++ : TABLE_NONE;
	if ((rc = check_twins(p)) != ST_OK)
		return rc;
	return add_raw_columns(p);
}

/* Rows */

static int
emit(struct prep *p, struct table *t)
{
	double began = profile_now();
	int rc;

	p->kept += t->rows;
	rc = p->plan.emit(p->plan.ctx, t);
	profile_stage("write", began, 0, 0);
	return rc;
}

static int
run_step(struct prep *p, struct prep_step *s, struct table *t)
{
	size_t *list = NULL, n = 0;
	double began = profile_now();
	char stage[64];
	int rc = s->kind->run != NULL ? s->kind->run(p, s, t) : ST_OK;

	if (s->kind->column != NULL)
		rc = step_columns(p, s, t, 0, s->args, &list, &n);
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = s->kind->column(p, s, t, list[i]);
	free(list);
	if (profile_on()) {
		snprintf(stage, sizeof stage, "work/%lu.%s", s->src->line, s->kind->name);
		profile_stage(stage, began, 0, 0);
	}
	if (rc == ST_OK || err_located())
		return rc;
	return err_prefix("%s: line %lu (%s)", p->recipe.file, s->src->line, s->kind->name);
}

/* Steps of one batch, and of the next when that is done: all that they write to is
 * theirs. */
static int
run_batch(void *ctx, int worker, size_t slot)
{
	struct prep *p = ctx;
	struct table *t = &p->batch[slot];
	int rc = ST_OK;

	(void)worker;
	if (p->failed)
		return ST_OK;
	for (size_t i = 0; i < p->local && rc == ST_OK; i++)
		rc = run_step(p, &p->step[i], t);
	if (rc == ST_OK)
		rc = p->local == p->recipe.steps ? emit(p, t) : table_append(&p->whole, t);
	table_clear(t);
	p->failed = rc != ST_OK;
	return rc;
}

static int
end_batch(struct prep *p)
{
	size_t slot;
	int rc;

	queue_push(p->queue);
	if ((rc = queue_slot(p->queue, &slot)) != ST_OK)
		return rc;
	p->raw = &p->batch[slot];
	return add_raw_columns(p);
}

static bool
on_needs(void *ctx, size_t column)
{
	const struct prep *p = ctx;

	return p->index[column] != TABLE_NONE;
}

static int
on_cell(void *ctx, size_t column, const char *text, size_t n)
{
	struct prep *p = ctx;
	struct table_column *c = &p->raw->column[p->index[column]];

	return dict_add(c->dict, text, n, &c->code[p->raw->rows]);
}

static int
on_row(void *ctx, uint64_t line, uint64_t record)
{
	struct prep *p = ctx;

	p->raw->origin[p->raw->rows++] = (struct table_origin){ line, record };
	p->read++;
	if (p->plan.progress != NULL && record % PROGRESS == 0)
		p->plan.progress(record);
	return p->raw->rows == BATCH ? end_batch(p) : ST_OK;
}

/* The steps behind the last one that needs all rows, slice by slice, so that
 * columns which only they make (one-hot ones) never are there as wholes. A
 * dictionary may be as large as the table: the number of slices is bounded. */
struct slices {
	struct prep *p;
	struct table table[PREP_BATCHES];
	size_t first[PREP_BATCHES]; /* its first row */
	size_t rows;                /* of a slice, at most */
	size_t next;                /* row */
	bool begun;                 /* a table without rows is one slice */
};

static int
next_slice(void *ctx, size_t slot, enum queue_next *what)
{
	struct slices *s = ctx;

	if (s->begun && s->next >= s->p->whole.rows)
		*what = QUEUE_END;
	s->begun = true;
	s->first[slot] = s->next;
	s->next += s->rows;
	return ST_OK;
}

static int
run_slice(void *ctx, int worker, size_t slot)
{
	struct slices *s = ctx;
	struct prep *p = s->p;
	struct table *t = &s->table[slot];
	size_t left = p->whole.rows - s->first[slot];
	int rc;

	(void)worker;
	t->file = p->whole.file;
	rc = table_slice(t, &p->whole, s->first[slot], left < s->rows ? left : s->rows);
	for (size_t i = p->together; i < p->recipe.steps && rc == ST_OK; i++)
		rc = run_step(p, &p->step[i], t);
	return rc;
}

static int
emit_slice(void *ctx, size_t slot, int rc)
{
	struct slices *s = ctx;
	struct table *t = &s->table[slot];

	if (rc == ST_OK)
		rc = emit(s->p, t);
	table_clear(t);
	return rc;
}

static int
finish_slices(struct prep *p)
{
	size_t rows = p->whole.rows / SLICES + 1;
	struct slices s = { .p = p, .rows = rows < BATCH ? BATCH : rows };
	int rc = queue_run(&(struct queue_plan){ .workers = p->plan.threads > 1, .slots = PREP_BATCHES, .ctx = &s,
	                                         .next = next_slice, .work = run_slice, .emit = emit_slice });

	for (size_t i = 0; i < PREP_BATCHES; i++)
		table_clear(&s.table[i]);
	return rc;
}

/* What a step says of a batch is about rows before those that reading fails at. */
static int
read_batches(struct prep *p)
{
	const struct csvread_sink sink = { p, on_header, on_needs, on_cell, on_row, p->plan.duplicates, p->plan.threads };
	struct err_kept reading = { 0 };
	double began = profile_now();
	int rc = csvread_file(p->plan.path, p->plan.delimiter, &sink);

	profile_stage("read", began, 0, 0);
	/* The last batch runs even without rows: columns get their indices by it. */
	if (rc == ST_OK)
		queue_push(p->queue);
	err_keep(&reading, rc);
	if ((rc = queue_drain(p->queue)) == ST_OK)
		rc = err_recall(&reading);
	err_forget(&reading);
	return rc;
}

int
prep_run(struct prep *p)
{
	const struct queue_plan plan = { .workers = p->plan.threads > 1, .slots = PREP_BATCHES, .ctx = p, .work = run_batch };
	int rc = queue_open(&p->queue, &plan);

	if (rc == ST_OK)
		rc = read_batches(p);
	queue_close(p->queue);
	if (rc != ST_OK || p->local == p->recipe.steps)
		return rc;
	for (size_t i = p->local; i < p->together && rc == ST_OK; i++)
		rc = run_step(p, &p->step[i], &p->whole);
	return rc == ST_OK ? finish_slices(p) : rc;
}

void
prep_dropped(const struct prep *p, void (*say)(const char *where, uint64_t rows))
{
	char where[4096];

	for (size_t i = 0; i < p->recipe.steps; i++)
		if (p->step[i].dropped > 0) {
			snprintf(where, sizeof where, "%s: line %lu (%s)", p->recipe.file, p->step[i].src->line,
			         p->step[i].kind->name);
			say(where, p->step[i].dropped);
		}
}

void
prep_free(struct prep *p)
{
	for (size_t i = 0; p->step != NULL && i < p->recipe.steps; i++) {
		if (p->step[i].state != NULL)
			p->step[i].kind->release(p->step[i].state);
		free(p->step[i].arg);
	}
	free(p->step);
	for (size_t i = 0; i < p->names; i++)
		free(p->header[i]);
	free(p->header);
	free(p->index);
	for (size_t i = 0; i < PREP_BATCHES; i++)
		table_clear(&p->batch[i]);
	table_clear(&p->whole);
	dict_free(p->fit);
	learnt_clear(&p->learnt);
	recipe_clear(&p->recipe);
}
