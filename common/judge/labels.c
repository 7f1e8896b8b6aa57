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

int
labels_check(const struct labels *l, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(names[i], names[k]) != 0 && strcmp(labels_show(l, names[i]), labels_show(l, names[k])) == 0)
				return err_set(ST_DATA, "%s: '%s' and '%s' would both be shown as '%s'", l->file, names[k], names[i],
				               labels_show(l, names[i]));
	return ST_OK;
}
