#include "audio/source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/tsv.h"
#include "stream/unique.h"

struct source {
	struct tsv *manifest; /* or NULL, and then */
	char *const *files;
	size_t n;
	size_t next; /* files given so far */
	enum source_key key;
	struct unique unique; /* numbered by the manifest's line, or the file */
};

/* The path, or the file's name without directory and last extension. */
static int
add_key(const struct source *s, struct meta *meta, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1, *dot = strrchr(name, '.');
	size_t n = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);

	if (strcmp(path, "-") == 0)
		return meta_add(meta, "key", "stdin");
	return s->key == SOURCE_PATH ? meta_add(meta, "key", "%s", path) : meta_add(meta, "key", "%.*s", (int)n, name);
}

/* Makes the path the key where two files have the same name. */
static int
choose_key(struct source *s)
{
	struct unique names = { 0 };
	uint64_t before = 0;
	int rc = ST_OK;

	s->key = SOURCE_NAME;
	for (size_t i = 0; i < s->n && rc == ST_OK && before == 0; i++) {
		struct meta meta = { 0 };

		if (add_key(s, &meta, s->files[i]) == ST_OK) /* or source_next says what is wrong with it */
			rc = unique_add(&names, &meta, i + 1, &before);
		meta_clear(&meta);
	}
	if (before != 0)
		s->key = SOURCE_PATH;
	unique_free(&names);
	return rc;
}

void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	tsv_close(s->manifest);
	unique_free(&s->unique);
	free(s);
}

int
source_open(struct source **source, char *const *files, size_t n, const char *manifest, enum source_key key)
{
	struct source *s = mem_zero(1, sizeof *s);
	int rc = ST_OK;

	*source = NULL;
	if (s == NULL)
		return ST_SYS;
	s->files = files;
	s->n = n;
	s->key = key;
	if (manifest != NULL)
		rc = tsv_open(&s->manifest, manifest, TSV_COMMENTS | TSV_RAGGED);
	if (rc == ST_OK && key == SOURCE_AUTO)
		rc = choose_key(s);
	if (rc == ST_OK)
		*source = s;
	else
		source_close(s);
	return rc;
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

/* A cell start=SECONDS or end=SECONDS. */
static int
take_time(const char *cell, double *seconds)
{
	const char *text = strchr(cell, '=') + 1;

	if (!isnan(*seconds))
		return err_set(ST_DATA, "the name %.*s appears twice", (int)(text - cell - 1), cell);
	if (!tsv_parse(text, seconds))
		return err_set(ST_DATA, "'%.60s' is not in seconds, as in start=12.5", cell);
	return *seconds >= 0 ? ST_OK : err_set(ST_DATA, "'%.60s' is negative", cell);
}

/* Makes the clip a part of the file where it has a time. */
static int
take_part(struct source *s, unsigned long line, struct clip *clip, struct meta *meta)
{
	struct str where = { 0 };
	int rc;

	if (isnan(clip->start) && isnan(clip->end))
		return ST_OK;
	if (isnan(clip->start))
		clip->start = 0;
	if (clip->start >= clip->end)
		return err_set(ST_DATA, "start=%.10g is not before end=%.10g", clip->start, clip->end);
	str_addf(&where, "%s: line %lu", tsv_name(s->manifest), line);
	rc = str_take(&where, &clip->where);
	return rc != ST_OK ? rc : meta_add(meta, "start", "%.3f", clip->start);
}

static int
take_row(struct source *s, const struct tsv_row *row, struct clip *clip, struct meta *meta)
{
	int rc;

	if (row->field[0][0] == '\0')
		return err_set(ST_DATA, "the path is empty");
	clip->path = mem_str(row->field[0]);
	if (clip->path == NULL)
		return ST_SYS;
	rc = row->n > 1 && row->field[1][0] != '\0' ? meta_add(meta, "key", "%s", row->field[1])
	                                            : add_key(s, meta, clip->path);
	for (size_t i = 2; i < row->n && rc == ST_OK; i++) {
		const char *field = row->field[i];

		if (field[0] == '\0')
			continue;
		if (i < 4)
			rc = meta_add(meta, i == 2 ? "label" : "group", "%s", field);
		else if (strncmp(field, "start=", 6) == 0)
			rc = take_time(field, &clip->start);
		else if (strncmp(field, "end=", 4) == 0)
			rc = take_time(field, &clip->end);
		else
			rc = add_cell(meta, field);
	}
	return rc == ST_OK ? take_part(s, row->line, clip, meta) : rc;
}

/* Refuses a key that another recording has. */
static int
check_key(struct source *s, uint64_t number, const struct meta *meta, bool given)
{
	const char *key = meta_get(meta, "key"), *start = meta_get(meta, "start");
	uint64_t before;
	int rc = unique_add(&s->unique, meta, number, &before);

	if (rc != ST_OK || before == 0)
		return rc;
	if (s->manifest == NULL)
		return err_set(ST_DATA, "its key '%s' is that of %s too: %s", key, s->files[before - 1],
		               strcmp(s->files[before - 1], s->files[number - 1]) == 0 ? "it is named twice"
		                                                                       : "with --key path the whole paths are the keys");
	return err_set(ST_DATA, "the key '%s'%s%s is that of line %llu too: %s", key, start == NULL ? "" : " with start=",
	               start == NULL ? "" : start, (unsigned long long)before,
	               given ? "each recording must have its own" : "with --key path a missing key is the whole path");
}

/* Of the first row: a CSV file, or a header, in a manifest's place. */
static int
check_first(const struct tsv_row *row)
{
	const char *path = row->field[0];

	if (access(path, F_OK) == 0)
		return ST_OK;
	if (row->n == 1 && strpbrk(path, ",;") != NULL)
		return err_set(ST_DATA, "no such file '%s': tabs must separate path, key, label and group", path);
	if (strchr(path, '.') == NULL && row->n > 1 &&
	    (strcmp(row->field[1], "key") == 0 || strncmp(path, "path", 4) == 0 || strncmp(path, "file", 4) == 0))
		return err_set(ST_DATA, "no such file '%s': a manifest has no header", path);
	return ST_OK;
}

static int
next_row(struct source *s, struct clip *clip, struct meta *meta)
{
	struct tsv_row row;
	int rc = tsv_next(s->manifest, &row);

	if (rc != ST_OK)
		return rc;
	if (row.n == 0)
		return s->next > 0 ? ST_OK : err_set(ST_DATA, "%s: no files in it", tsv_name(s->manifest));
	rc = s->next++ == 0 ? check_first(&row) : ST_OK;
	if (rc == ST_OK)
		rc = take_row(s, &row, clip, meta);
	if (rc == ST_OK)
		rc = check_key(s, row.line, meta, row.n > 1 && row.field[1][0] != '\0');
	return rc == ST_OK ? ST_OK : err_prefix("%s: line %lu", tsv_name(s->manifest), row.line);
}

static int
next_file(struct source *s, struct clip *clip, struct meta *meta)
{
	int rc;

	if (s->next == (s->n == 0 ? 1 : s->n))
		return ST_OK;
	clip->path = mem_str(s->n == 0 ? "-" : s->files[s->next]);
	s->next++;
	if (clip->path == NULL)
		return ST_SYS;
	rc = add_key(s, meta, clip->path);
	if (rc == ST_DATA)
		rc = err_set(rc, "its name cannot be its key (%s): rename it", err_text());
	if (rc == ST_OK)
		rc = check_key(s, s->next, meta, false);
	return rc == ST_OK ? ST_OK : err_prefix("%s", clip->path);
}

int
source_next(struct source *s, struct clip *clip, struct meta *meta)
{
	int rc;

	free(clip->path);
	free(clip->where);
	clip->path = clip->where = NULL;
	clip->start = clip->end = NAN;
	rc = s->manifest != NULL ? next_row(s, clip, meta) : next_file(s, clip, meta);
	if (rc != ST_OK) {
		free(clip->path);
		clip->path = NULL;
	}
	return rc;
}
