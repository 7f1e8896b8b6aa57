#include "judge/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/tsv.h"
#include "base/words.h"
#include "stream/meta.h"

const char *
labels_show(const struct labels *l, const char *name)
{
	size_t i;

	if (l == NULL || name == NULL)
		return name;
	i = words_index(l->name, l->n, name);
	return i < l->n ? l->shown[i] : name;
}

static int
add(struct labels *l, const struct tsv *in, const struct tsv_row *row)
{
	int rc;

	for (size_t i = 0; i < row->n; i++) {
		if (row->field[i][0] == '\0' || strcmp(row->field[i], "-") == 0)
			return tsv_error(in, row, "'%s' cannot be the name of a class", row->field[i]);
		if (text_check(row->field[i], strlen(row->field[i])) != ST_OK)
			return tsv_error(in, row, "name of a class: %s", err_text());
	}
	if (row->n != 2)
		return tsv_error(in, row, "a name, a tab and the name shown are required");
	if (words_index(l->name, l->n, row->field[0]) < l->n)
		return tsv_error(in, row, "'%s' has a line already", row->field[0]);
	rc = mem_push(&l->name, l->n, sizeof *l->name);
	if (rc == ST_OK)
		rc = mem_push(&l->shown, l->n, sizeof *l->shown);
	if (rc != ST_OK)
		return rc;
	l->name[l->n] = mem_str(row->field[0]);
	l->shown[l->n] = mem_str(row->field[1]);
	l->n++;
	return l->name[l->n - 1] == NULL || l->shown[l->n - 1] == NULL ? ST_SYS : ST_OK;
}

/* What is shown must not be renamed in its turn. */
static int
check_chains(const struct labels *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(labels_show(l, l->shown[i]), l->shown[i]) != 0)
			return err_set(ST_DATA, "%s: '%s' is shown for '%s', but '%s' is shown for it", l->file, l->shown[i],
			               l->name[i], labels_show(l, l->shown[i]));
	return ST_OK;
}

int
labels_read(struct labels *l, const char *file)
{
	struct tsv *in = NULL;
	struct tsv_row row;
	int rc = tsv_open(&in, file, TSV_COMMENTS | TSV_RAGGED);

	*l = (struct labels){ 0 };
	if (rc == ST_OK && (l->file = mem_str(tsv_name(in))) == NULL)
		rc = ST_SYS;
	while (rc == ST_OK && (rc = tsv_next(in, &row)) == ST_OK && row.n > 0)
		rc = add(l, in, &row);
	tsv_close(in);
	return rc == ST_OK ? check_chains(l) : rc;
}

void
labels_free(struct labels *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->name[i]);
		free(l->shown[i]);
	}
	free(l->name);
	free(l->shown);
	free(l->file);
	*l = (struct labels){ 0 };
}

/* A name and what is shown for it. */
struct pair {
	const char *name, *shown;
	size_t at; /* in the list */
};

static int
by_shown(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = strcmp(x->shown, y->shown);

	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

int
labels_check(const struct labels *l, const char *const *names, size_t n)
{
	struct pair *p = mem_zero(n, sizeof *p);
	int rc = p == NULL ? ST_SYS : ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		p[i] = (struct pair){ names[i], labels_show(l, names[i]), i };
	if (rc == ST_OK)
		qsort(p, n, sizeof *p, by_shown);
	for (size_t i = 1; i < n && rc == ST_OK; i++)
		if (strcmp(p[i - 1].shown, p[i].shown) == 0 && strcmp(p[i - 1].name, p[i].name) != 0)
			rc = err_set(ST_DATA, "%s: '%s' and '%s' would both be shown as '%s'", l->file, p[i - 1].name, p[i].name,
			             p[i].shown);
	free(p);
	return rc;
}
