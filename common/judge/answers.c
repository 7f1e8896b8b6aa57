#include "judge/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/tsv.h"

const char *const answers_columns[ANSWERS_CELLS] = { "key", "label", "group", "start", "pred" };

bool
answers_has_label(const struct answers *a, const char *label)
{
	size_t i = 0;

	while (i < a->labels && strcmp(a->label[i], label) != 0)
		i++;
	return i < a->labels;
}

static int
add_label(struct answers *a, const char *label)
{
	if (answers_has_label(a, label))
		return ST_OK;
	if (mem_grow(&a->label, a->labels + 1, sizeof *a->label) != ST_OK ||
	    (a->label[a->labels] = mem_str(label)) == NULL)
		return ST_SYS;
	a->labels++;
	return ST_OK;
}

static int
take_header(struct answers *a, const struct tsv *in)
{
	const struct tsv_row *head = tsv_header(in);
	bool declares = false;
	int rc = ST_OK;

	for (size_t i = 0; i < head->n && rc == ST_OK; i++)
		if (strncmp(head->field[i], "p.", 2) == 0) {
			declares = true;
			rc = add_label(a, head->field[i] + 2);
		}
	if (rc != ST_OK)
		return rc;
	a->declared = declares && (a->n == 0 || a->declared);
	if (tsv_column(in, "confidence") == TSV_NONE)
		a->unsure = a->file;
	for (size_t i = ANSWERS_KEY; i <= ANSWERS_PRED; i += ANSWERS_PRED - ANSWERS_KEY)
		if (tsv_column(in, answers_columns[i]) == TSV_NONE)
			return tsv_error(in, head, "no column '%s' in the header", answers_columns[i]);
	return ST_OK;
}

static int
take_record(struct answers *a, const struct tsv *in, const struct tsv_row *row)
{
	size_t at = tsv_column(in, "confidence");
	struct answer *r;
	int rc = ST_OK;

	if (a->n == a->cap) {
		size_t cap = a->cap == 0 ? 1024 : 2 * a->cap;

		if ((rc = mem_grow(&a->record, cap, sizeof *a->record)) != ST_OK)
			return rc;
		a->cap = cap;
	}
	r = &a->record[a->n++];
	*r = (struct answer){ 0 };
	for (size_t i = 0; i < ANSWERS_CELLS; i++) {
		size_t column = tsv_column(in, answers_columns[i]);
		const char *cell = column == TSV_NONE || row->field[column][0] == '\0' ? "-" : row->field[column];

		if ((i == ANSWERS_KEY || i == ANSWERS_PRED) && strcmp(cell, "-") == 0)
			return tsv_error(in, row, "column '%s' is empty", answers_columns[i]);
		if ((r->cell[i] = mem_str(cell)) == NULL)
			return ST_SYS;
	}
	if (at != TSV_NONE && (rc = tsv_number(in, row, at, &r->conf)) == ST_OK && !(r->conf >= 0 && r->conf <= 1))
		rc = tsv_error(in, row, "confidence %g is not between 0 and 1", r->conf);
	return rc == ST_OK ? add_label(a, r->cell[ANSWERS_PRED]) : rc;
}

/* A header again, where cat(1) put files together. */
static bool
is_header(const struct tsv *in, const struct tsv_row *row)
{
	const struct tsv_row *head = tsv_header(in);

	for (size_t i = 0; i < row->n; i++)
		if (strcmp(row->field[i], head->field[i]) != 0)
			return false;
	return true;
}

int
answers_read(struct answers *a, const char *file)
{
	struct tsv *in = NULL;
	struct tsv_row row;
	int rc = tsv_open(&in, file, TSV_HEADER | TSV_WHOLE);

	if (a->file == NULL)
		a->file = strcmp(file, "-") == 0 ? "standard input" : file;
	if (rc == ST_OK)
		rc = take_header(a, in);
	while (rc == ST_OK && (rc = tsv_next(in, &row)) == ST_OK && row.n > 0)
		if (!is_header(in, &row))
			rc = take_record(a, in, &row);
	tsv_close(in);
	return rc;
}

static int
compare_keys(const struct answer *a, const struct answer *b)
{
	int order = strcmp(a->cell[ANSWERS_KEY], b->cell[ANSWERS_KEY]);

	return order != 0 ? order : strcmp(a->cell[ANSWERS_START], b->cell[ANSWERS_START]);
}

static int
compare_sorted(const void *a, const void *b)
{
	return compare_keys(*(struct answer *const *)a, *(struct answer *const *)b);
}

const char *
answers_name(const struct answer *a)
{
	static char text[256];
	bool window = strcmp(a->cell[ANSWERS_START], "-") != 0;

	snprintf(text, sizeof text, "'%s'%s%s", a->cell[ANSWERS_KEY], window ? " at " : "",
	         window ? a->cell[ANSWERS_START] : "");
	return text;
}

int
answers_sort(struct answers *a)
{
	if (a->n == 0)
		return err_set(ST_DATA, "%s: no records", a->file);
	a->sorted = mem_zero(a->n, sizeof(void *));
	if (a->sorted == NULL)
		return ST_SYS;
	for (size_t i = 0; i < a->n; i++)
		a->sorted[i] = &a->record[i];
	qsort(a->sorted, a->n, sizeof(void *), compare_sorted);
	for (size_t i = 1; i < a->n; i++)
		if (compare_keys(a->sorted[i - 1], a->sorted[i]) == 0)
			return err_set(ST_DATA, "%s: %s stands twice", a->file, answers_name(a->sorted[i]));
	return ST_OK;
}

const struct answer *
answers_find(const struct answers *a, const struct answer *key)
{
	struct answer **found = a->n == 0 ? NULL : bsearch(&key, a->sorted, a->n, sizeof(void *), compare_sorted);

	return found == NULL ? NULL : *found;
}

void
answers_free(struct answers *a)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < ANSWERS_CELLS; k++)
			free(a->record[i].cell[k]);
	for (size_t i = 0; i < a->labels; i++)
		free(a->label[i]);
	free(a->record);
	free(a->sorted);
	free(a->label);
	*a = (struct answers){ 0 };
}
