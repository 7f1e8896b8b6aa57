#include "prep/learnt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "table/table.h"

static const char magic[] = "sertools-prep-state";
enum { STATE_MAX = 1 << 28, VERSION_WORD = 1, ITEM_STEP = 1, ITEM_COLUMN, ITEM_WORDS };

int
learnt_add(struct learnt *l, size_t step, const char *column, struct learnt_item **item)
{
	int rc = mem_push(&l->item, l->n, sizeof *l->item);

	if (rc != ST_OK)
		return rc;
	*item = &l->item[l->n];
	**item = (struct learnt_item){ .step = step, .column = mem_str(column) };
	if ((*item)->column == NULL)
		return ST_SYS;
	l->n++;
	return ST_OK;
}

int
learnt_word(struct learnt_item *item, const char *word)
{
	int rc = mem_push(&item->word, item->words, sizeof *item->word);

	if (rc != ST_OK)
		return rc;
	item->word[item->words] = mem_str(word);
	if (item->word[item->words] == NULL)
		return ST_SYS;
	item->words++;
	return ST_OK;
}

int
learnt_figures(struct learnt *l, size_t step, const char *column, const struct learnt_figure *figure, size_t n)
{
	char text[TABLE_CELL_MAX];
	struct learnt_item *item;
	int rc = learnt_add(l, step, column, &item);

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		if (!isfinite(figure[i].x))
			rc = err_set(ST_DATA, "column '%s': its %s is beyond double precision", column, figure[i].name);
		else if ((rc = learnt_word(item, figure[i].name)) == ST_OK)
			rc = learnt_word(item, table_print_number(figure[i].x, text));
	return rc;
}

const struct learnt_item *
learnt_find(const struct learnt *l, size_t step, const char *column)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->item[i].step == step && strcmp(l->item[i].column, column) == 0)
			return &l->item[i];
	return NULL;
}

bool
learnt_get(const struct learnt_item *item, const char *name, double *x)
{
	for (size_t i = 0; i + 1 < item->words; i += 2)
		if (strcmp(item->word[i], name) == 0)
			return table_parse_number(item->word[i + 1], x);
	return false;
}

void
learnt_add_item(struct str *out, const struct learnt_item *item)
{
	str_addf(out, "%zu ", item->step);
	recipe_add_word(out, item->column, true);
	for (size_t i = 0; i < item->words; i++) {
		str_addc(out, ' ');
		recipe_add_word(out, item->word[i], false);
	}
}

void
learnt_add_state(struct str *out, const struct recipe *r, const struct learnt *l)
{
	str_addf(out, "%s 1\n", magic);
	for (size_t i = 0; i < r->steps; i++) {
		str_add(out, "step ");
		recipe_add_step(out, &r->step[i]);
		str_addc(out, '\n');
	}
	for (size_t i = 0; i < l->n; i++) {
		str_add(out, "learnt ");
		learnt_add_item(out, &l->item[i]);
		str_addc(out, '\n');
	}
	for (size_t i = 0; i < l->feature.words; i++) {
		str_add(out, "feature ");
		recipe_add_word(out, l->feature.word[i], true);
		str_addc(out, '\n');
	}
}

/* A line "learnt STEP COLUMN WORD..." */
static int
take_item(const struct recipe *lines, const struct recipe_step *line, struct learnt *l)
{
	struct learnt_item *item;
	double step;
	int rc;

	if (line->n <= ITEM_COLUMN || !table_parse_number(line->word[ITEM_STEP].text, &step) || step < 1 || step > 1e6)
		return recipe_error(lines, line, line->n, "not a line of a state");
	rc = learnt_add(l, (size_t)step, line->word[ITEM_COLUMN].text, &item);
	for (size_t i = ITEM_WORDS; i < line->n && rc == ST_OK; i++)
		rc = learnt_word(item, line->word[i].text);
	return rc;
}

/* A line "step WORD...": its words become a step of r. */
static int
take_step(struct recipe_step *line, struct recipe *r)
{
	int rc = mem_push(&r->step, r->steps, sizeof *r->step);

	if (rc != ST_OK)
		return rc;
	free(line->word[0].text);
	memmove(line->word, line->word + 1, (line->n - 1) * sizeof *line->word);
	line->n--;
	r->step[r->steps++] = *line;
	*line = (struct recipe_step){ .line = line->line };
	return ST_OK;
}

int
learnt_read(const char *file, struct recipe *r, struct learnt *l)
{
	struct recipe lines = { .file = file };
	char *text;
	size_t n;
	int rc = io_slurp(file, STATE_MAX, &text, &n);

	if (rc != ST_OK)
		return rc;
	rc = recipe_parse(&lines, text, n);
	if (rc == ST_OK && (lines.steps == 0 || strcmp(lines.step[0].word[0].text, magic) != 0 ||
	                    lines.step[0].n != VERSION_WORD + 1 || strcmp(lines.step[0].word[VERSION_WORD].text, "1") != 0))
		rc = err_set(ST_DATA, "%s: not a state that --fit has written, or of another version", file);
	for (size_t i = 1; i < lines.steps && rc == ST_OK; i++) {
		struct recipe_step *line = &lines.step[i];

		if (strcmp(line->word[0].text, "learnt") == 0)
			rc = take_item(&lines, line, l);
		else if (strcmp(line->word[0].text, "feature") == 0 && line->n == 2)
			rc = learnt_word(&l->feature, line->word[1].text);
		else if (strcmp(line->word[0].text, "step") == 0 && line->n > 1)
			rc = take_step(line, r);
		else
			rc = recipe_error(&lines, line, 0, "'%s' is not a line of a state", line->word[0].text);
	}
	recipe_clear(&lines);
	free(text);
	return rc;
}

static void
clear_item(struct learnt_item *item)
{
	for (size_t k = 0; k < item->words; k++)
		free(item->word[k]);
	free(item->word);
	free(item->column);
}

void
learnt_clear(struct learnt *l)
{
	for (size_t i = 0; i < l->n; i++)
		clear_item(&l->item[i]);
	clear_item(&l->feature);
	free(l->item);
	*l = (struct learnt){ 0 };
}
