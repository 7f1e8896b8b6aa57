#include "stats/collect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/mem.h"
#include "table/dict.h"

/* What a recording adds to a cell. */
struct part {
	uint32_t cell;
	uint64_t order;     /* by which recordings are drawn */
	bool first;         /* has the label that is drawn first */
	bool drawn;
	struct moments own; /* where somebody asks for it, and it has several rows */
	float *row;         /* the only one, else NULL: a quarter of the memory */
	uint64_t rows;
};

/* A speaker's records of one kind. */
struct cell {
	char *group, *kind;
	struct moments sum; /* of what counts */
	uint64_t clips;     /* recordings of these */
	uint32_t next;      /* the part that is drawn after them, or NONE */
};

#define NONE UINT32_MAX

struct collect {
	const struct collect_options *o;
	size_t columns;
	struct dict *keys;     /* of recordings and their variants */
	uint32_t *root;        /* by number in keys: the recording's number there */
	struct dict *cells;    /* "KIND\nGROUP" */
	struct cell *cell;     /* by number in cells; the first is no cell */
	struct dict *parts;    /* "CELL RECORDING", their numbers */
	struct part *part;     /* by number in parts; the first is no part */
	size_t nroot, ncell, npart;
};

struct collect *
collect_new(const struct collect_options *options)
{
	struct collect *c = mem_zero(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->o = options;
	c->keys = dict_new();
	c->cells = dict_new();
	c->parts = dict_new();
	if (c->keys == NULL || c->cells == NULL || c->parts == NULL) {
		collect_free(c);
		return NULL;
	}
	return c;
}

static void
drop_part(struct part *part)
{
	moments_free(&part->own);
	free(part->row);
}

void
collect_free(struct collect *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->ncell; i++) {
		free(c->cell[i].group);
		free(c->cell[i].kind);
		moments_free(&c->cell[i].sum);
	}
	for (size_t i = 0; i < c->npart; i++)
		drop_part(&c->part[i]);
	dict_free(c->keys);
	dict_free(c->cells);
	dict_free(c->parts);
	free(c->root);
	free(c->cell);
	free(c->part);
	free(c);
}

const char *
collect_group(const struct collect_options *o, const struct meta *meta)
{
	const char *group = o->group != NULL ? o->group : meta_get(meta, "group");

	return group == NULL || *group == '\0' ? NULL : group;
}

const char *
collect_kind(const struct collect_options *o, const struct meta *meta)
{
	const char *key = meta_get(meta, "key"), *src = meta_get(meta, "src"), *aug = meta_get(meta, "aug");
	size_t n = src == NULL ? 0 : strlen(src);

	if (o->together || src == NULL)
		return "";
	if (strncmp(key, src, n) == 0 && key[n] == '@')
		return key + n + 1;
	return aug == NULL ? "" : aug;
}

/* Where a record belongs */

enum { PART_TEXT = 32 };

static int
cell_text(const struct collect *c, const struct meta *meta, struct str *text)
{
	const char *group = collect_group(c->o, meta);

	if (group == NULL)
		return err_set(ST_DATA, "group= is missing: whose recording is it? --group NAME says so for all");
	str_addf(text, "%s\n%s", collect_kind(c->o, meta), group);
	return str_status(text);
}

static size_t
part_text(uint32_t cell, uint32_t recording, char text[PART_TEXT])
{
	return (size_t)snprintf(text, PART_TEXT, "%" PRIu32 " %" PRIu32, cell, recording);
}

/* Adds a key and the recording it belongs to, its own where from is NULL. */
static int
add_key(struct collect *c, const char *key, const uint32_t *from, uint32_t *number)
{
	int rc = dict_add(c->keys, key, strlen(key), number);

	while (rc == ST_OK && c->nroot <= *number && (rc = mem_push(&c->root, c->nroot, sizeof *c->root)) == ST_OK) {
		c->root[c->nroot] = from == NULL ? (uint32_t)c->nroot : *from;
		c->nroot++;
	}
	return rc;
}

static int
add_recording(struct collect *c, const struct meta *meta, uint32_t *recording)
{
	const char *src = meta_get(meta, "src");
	uint32_t number;
	int rc;

	if (src == NULL) {
		rc = add_key(c, meta_get(meta, "key"), NULL, &number);
	} else if ((rc = add_key(c, src, NULL, &number)) == ST_OK) {
		uint32_t from = c->root[number];

		rc = add_key(c, meta_get(meta, "key"), &from, &number);
	}
	if (rc == ST_OK)
		*recording = c->root[number];
	return rc;
}

static int
add_cell(struct collect *c, const struct meta *meta, uint32_t *number)
{
	struct str text = { 0 };
	int rc = cell_text(c, meta, &text);

	if (rc == ST_OK)
		rc = dict_add(c->cells, text.text, text.n, number);
	str_free(&text);
	while (rc == ST_OK && c->ncell <= *number && (rc = mem_push(&c->cell, c->ncell, sizeof *c->cell)) == ST_OK)
		c->cell[c->ncell++] = (struct cell){ .next = NONE };
	if (rc == ST_OK && c->cell[*number].group == NULL) {
		struct cell *cell = &c->cell[*number];

		cell->group = mem_str(collect_group(c->o, meta));
		cell->kind = mem_str(collect_kind(c->o, meta));
		rc = cell->group == NULL || cell->kind == NULL ? ST_SYS : moments_new(&cell->sum, c->columns);
	}
	return rc;
}

/* Whether moments are kept of each recording. */
static bool
keeps(const struct collect_options *o)
{
	return o->leave_out || o->clips > 0;
}

static int
add_part(struct collect *c, const struct meta *meta, uint32_t *number)
{
	const char *label = meta_get(meta, "label"), *key;
	uint32_t cell, recording;
	char text[PART_TEXT];
	struct part *part;
	int rc = add_cell(c, meta, &cell);

	if (rc == ST_OK)
		rc = add_recording(c, meta, &recording);
	if (rc == ST_OK)
		rc = dict_add(c->parts, text, part_text(cell, recording, text), number);
	while (rc == ST_OK && c->npart <= *number && (rc = mem_push(&c->part, c->npart, sizeof *c->part)) == ST_OK)
		c->part[c->npart++] = (struct part){ .cell = NONE };
	if (rc != ST_OK || c->part[*number].cell != NONE)
		return rc;
	part = &c->part[*number];
	part->cell = cell;
	key = dict_text(c->keys, recording);
	part->order = XXH3_64bits_withSeed(key, strlen(key), c->o->seed);
	part->first = c->o->skew != NULL && label != NULL && strcmp(label, c->o->skew) == 0;
	return ST_OK;
}

/* The moments of a row alone. */
static int
moments_of(const struct collect *c, const float *row, struct moments *m)
{
	int rc = moments_new(m, c->columns);

	if (rc == ST_OK)
		moments_add(m, row, c->columns);
	return rc;
}

static int
add_row(const struct collect *c, struct part *part, const float *x)
{
	int rc = ST_OK;

	if (part->rows++ == 0) {
		if ((part->row = mem_zero(c->columns, sizeof *x)) == NULL)
			return ST_SYS;
		memcpy(part->row, x, c->columns * sizeof *x);
		return ST_OK;
	}
	if (part->row != NULL && (rc = moments_of(c, part->row, &part->own)) == ST_OK) {
		free(part->row);
		part->row = NULL;
	}
	if (rc == ST_OK)
		moments_add(&part->own, x, c->columns);
	return rc;
}

int
collect_add(struct collect *c, const struct meta *meta, const float *x, size_t rows, size_t columns)
{
	struct part *part;
	uint32_t number;
	int rc;

	if (c->npart == 0)
		c->columns = columns;
	if (columns != c->columns)
		return err_set(ST_DATA, "it has %zu columns; %zu are expected", columns, c->columns);
	if ((rc = add_part(c, meta, &number)) != ST_OK)
		return rc;
	part = &c->part[number];
	for (size_t i = 0; i < rows && rc == ST_OK; i++)
		if (keeps(c->o))
			rc = add_row(c, part, x + i * columns);
		else
			moments_add(&c->cell[part->cell].sum, x + i * columns, columns);
	part->rows += keeps(c->o) ? 0 : rows;
	return rc;
}

/* What counts */

static int
by_order(const void *a, const void *b)
{
	const struct part *x = *(const struct part *const *)a, *y = *(const struct part *const *)b;

	if (x->first != y->first)
		return x->first ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x < y ? -1 : x > y; /* as they came */
}

/* Merges a recording's moments into m, or, with away, takes them from it. */
static int
count_part(const struct collect *c, const struct part *part, struct moments *m, bool away)
{
	struct moments one = { 0 };
	int rc = part->row == NULL ? ST_OK : moments_of(c, part->row, &one);
	const struct moments *own = part->row == NULL ? &part->own : &one;

	if (rc == ST_OK && away)
		moments_remove(m, own, c->columns);
	else if (rc == ST_OK)
		moments_merge(m, own, c->columns);
	moments_free(&one);
	return rc;
}

/* The next of the recordings in the order in which they are drawn. */
static int
draw(struct collect *c, struct part *part)
{
	struct cell *cell = &c->cell[part->cell];

	part->drawn = c->o->clips == 0 || cell->clips < c->o->clips;
	if (part->drawn) {
		cell->clips++;
		return keeps(c->o) ? count_part(c, part, &cell->sum, false) : ST_OK;
	}
	if (cell->next == NONE)
		cell->next = (uint32_t)(part - c->part);
	return ST_OK;
}

int
collect_finish(struct collect *c)
{
	struct part **sorted = mem_zero(c->npart, sizeof *sorted);
	size_t n = 0;
	bool first = c->o->skew == NULL;
	int rc = ST_OK;

	if (sorted == NULL)
		return ST_SYS;
	for (size_t i = 0; i < c->npart; i++) {
		first = first || c->part[i].first;
		if (c->part[i].cell != NONE && c->part[i].rows > 0)
			sorted[n++] = &c->part[i];
	}
	qsort(sorted, n, sizeof *sorted, by_order);
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = draw(c, sorted[i]);
	free(sorted);
	return first || n == 0 || rc != ST_OK ? rc : err_set(ST_DATA, "no record has the label '%s'", c->o->skew);
}

int
collect_find(const struct collect *c, const struct meta *meta, size_t columns, uint32_t *place)
{
	const char *key = meta_get(meta, "key");
	struct str text = { 0 };
	uint32_t cell = DICT_NONE, number = dict_find(c->keys, key, strlen(key));
	char part[PART_TEXT];
	int rc = cell_text(c, meta, &text);

	if (rc == ST_OK)
		cell = dict_find(c->cells, text.text, text.n);
	str_free(&text);
	*place = DICT_NONE;
	if (cell != DICT_NONE && number != DICT_NONE)
		*place = dict_find(c->parts, part, part_text(cell, c->root[number], part));
	if (rc == ST_OK && (*place == DICT_NONE || columns != c->columns))
		rc = err_set(ST_DATA, "the input has changed while it was read");
	return rc;
}

bool
collect_drawn(const struct collect *c, uint32_t place)
{
	return c->o->clips > 0 && !c->o->leave_out && c->part[place].drawn;
}

int
collect_get(const struct collect *c, uint32_t place, struct moments *m, uint64_t *clips)
{
	const struct part *part = &c->part[place];
	const struct cell *cell = &c->cell[part->cell];
	int rc = ST_OK;

	moments_merge(m, &cell->sum, c->columns);
	*clips = cell->clips;
	if (!c->o->leave_out || !part->drawn)
		return ST_OK;
	if (cell->next != NONE)
		rc = count_part(c, &c->part[cell->next], m, false);
	else
		--*clips;
	return rc == ST_OK ? count_part(c, part, m, true) : rc;
}

int
collect_stats(const struct collect *c, struct stats *s)
{
	int rc = ST_OK;

	s->columns = c->columns;
	for (size_t i = 0; i < c->ncell && rc == ST_OK; i++) {
		const struct cell *cell = &c->cell[i];
		struct stats_speaker *speaker;

		if (cell->clips == 0 || (rc = stats_add(s, cell->group, cell->kind, &speaker)) != ST_OK)
			continue;
		speaker->clips = cell->clips;
		speaker->rows = cell->sum.n;
		memcpy(speaker->mean, cell->sum.mean, c->columns * sizeof *speaker->mean);
		for (size_t k = 0; k < c->columns; k++)
			speaker->variance[k] = cell->sum.squares[k] / (double)cell->sum.n;
	}
	return rc;
}
