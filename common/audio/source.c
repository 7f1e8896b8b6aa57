#include "audio/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/tsv.h"

struct source {
	struct tsv *manifest; /* or NULL, and then */
	char *const *files;
	size_t n;
	size_t next;          /* files given so far */
};

int
source_open(struct source **source, char *const *files, size_t n, const char *manifest)
{
	struct source *s = mem_zero(1, sizeof *s);
	int rc = ST_OK;

	*source = NULL;
	if (s == NULL)
		return ST_SYS;
	s->files = files;
	s->n = n;
	if (manifest != NULL)
		rc = tsv_open(&s->manifest, manifest, TSV_COMMENTS | TSV_RAGGED);
	if (rc == ST_OK)
		*source = s;
	else
		free(s);
	return rc;
}

void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	tsv_close(s->manifest);
	free(s);
}

/* The file's name without directory and last extension. */
static int
add_key(struct meta *meta, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1, *dot = strrchr(name, '.');
	size_t n = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);

	if (strcmp(path, "-") == 0)
		return meta_add(meta, "key", "stdin");
	return meta_add(meta, "key", "%.*s", (int)n, name);
}

static int
add_cell(struct meta *meta, const char *cell)
{
	const char *equals = strchr(cell, '=');
	char *name;
	int rc = ST_OK;

	if (equals == NULL)
		return err_set(ST_DATA, "'%s' is not NAME=VALUE", cell);
	name = mem_strn(cell, (size_t)(equals - cell));
	if (name == NULL)
		return ST_SYS;
	if (meta_reserved(name))
		rc = err_set(ST_DATA, "the name %s is reserved", name);
	if (rc == ST_OK && meta_get(meta, name) != NULL)
		rc = err_set(ST_DATA, "the name %s appears twice", name);
	if (rc == ST_OK)
		rc = meta_add(meta, name, "%s", equals + 1);
	free(name);
	return rc;
}

static int
take_row(const struct tsv_row *row, char **path, struct meta *meta)
{
	int rc;

	if (row->field[0][0] == '\0')
		return err_set(ST_DATA, "the path is empty");
	*path = mem_str(row->field[0]);
	if (*path == NULL)
		return ST_SYS;
	rc = row->n > 1 && row->field[1][0] != '\0' ? meta_add(meta, "key", "%s", row->field[1]) : add_key(meta, *path);
	for (size_t i = 2; i < row->n && rc == ST_OK; i++) {
		const char *field = row->field[i];

		if (field[0] != '\0')
			rc = i < 4 ? meta_add(meta, i == 2 ? "label" : "group", "%s", field) : add_cell(meta, field);
	}
	return rc;
}

static int
next_row(struct source *s, char **path, struct meta *meta)
{
	struct tsv_row row;
	int rc = tsv_next(s->manifest, &row);

	if (rc != ST_OK)
		return rc;
	if (row.n == 0)
		return s->next > 0 ? ST_OK : err_set(ST_DATA, "%s: no files in it", tsv_name(s->manifest));
	s->next++;
	rc = take_row(&row, path, meta);
	return rc == ST_OK ? ST_OK : err_prefix("%s: line %lu", tsv_name(s->manifest), row.line);
}

int
source_next(struct source *s, char **path, struct meta *meta)
{
	int rc;

	*path = NULL;
	if (s->manifest != NULL) {
		rc = next_row(s, path, meta);
	} else {
		if (s->next == (s->n == 0 ? 1 : s->n))
			return ST_OK;
		*path = mem_str(s->n == 0 ? "-" : s->files[s->next]);
		s->next++;
		if (*path == NULL)
			return ST_SYS;
		rc = add_key(meta, *path) == ST_OK ? ST_OK : err_prefix("%s", *path);
	}
	if (rc != ST_OK) {
		free(*path);
		*path = NULL;
	}
	return rc;
}
