#include "audit/audit.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "audit/codes.h"
#include "audit/score.h"
#include "base/err.h"
#include "base/mem.h"

struct audit {
	const struct table *table;
	size_t *row; /* of the table, by row audited */
	size_t rows;
	struct codes label, group;
	struct score score;
	bool by_rows;
	uint32_t *mapped; /* by row: what a predictor sees */
	uint32_t *rank;   /* by row, within its group */
	uint32_t *sorted; /* rows by group, then value */
	uint32_t *buffer; /* by row */
	uint32_t *ranks;  /* by group: distinct values */
	size_t *start;    /* for counting sorts: max(rows, groups) + 3 */
	struct mem_pool memory;
};

static struct audit_score
score_of(enum audit_how how, struct score_result r)
{
	return (struct audit_score){ .how = how, .accuracy = r.accuracy, .gain = r.gain, .error = r.error };
}

/* Keeps the better; a later way has to earn being named. */
static bool
keep_better(struct audit_score *best, const struct audit_score *s)
{
	if (best->how != AUDIT_NONE && (s->how == AUDIT_NONE || s->accuracy <= best->accuracy + AUDIT_TIE))
		return false;
	*best = *s;
	return true;
}

/* ---- value and memory */

/* Counts of what a value is bound to: bits of both questions in one pass. */
struct bound {
	uint32_t rows, label, group;
	bool labels, groups; /* more than one */
};

static int
measure_values(const struct audit *a, const struct codes *c, struct audit_finding *f)
{
	struct bound *b = mem_zero((size_t)c->distinct + 1, sizeof *b);
	size_t bound = 0, repeated = 0, pure = 0;

	if (b == NULL)
		return ST_SYS;
	for (size_t i = 0; i < a->rows; i++) {
		struct bound *v = &b[c->code[i]];

		if (v->rows++ == 0) {
			v->label = a->label.code[i];
			v->group = a->group.code[i];
		}
		v->labels |= v->label != a->label.code[i];
		v->groups |= v->group != a->group.code[i];
	}
	for (uint32_t k = 0; k < c->distinct; k++) {
		bound += !b[k].groups;
		repeated += b[k].rows > 1 ? b[k].rows : 0;
		pure += b[k].rows > 1 && !b[k].labels ? b[k].rows : 0;
	}
	f->one_group = c->distinct == 0 ? (double)NAN : (double)bound / c->distinct;
	f->repeated = (double)repeated / (double)a->rows;
	f->purity = repeated == 0 ? (double)NAN : (double)pure / (double)repeated;
	free(b);
	return ST_OK;
}

static void
try_value(struct audit *a, const struct codes *c, struct audit_finding *f)
{
	const size_t codes = (size_t)c->distinct + 1;

	f->memory = score_of(AUDIT_LOOKUP, score_lookup(&a->score, SCORE_ROWS, c->code, codes));
	f->value = f->lookup = score_of(AUDIT_LOOKUP, score_lookup(&a->score, SCORE_GROUPS, c->code, codes));
	if (c->number != NULL) {
		struct audit_score tree;

		memcpy(a->mapped, c->code, a->rows * sizeof *a->mapped);
		tree = score_of(AUDIT_TREE, score_tree(&a->score, SCORE_GROUPS, a->mapped, codes));
		keep_better(&f->value, &tree);
	}
}

/* ---- rank within the group */

/* Stable: the rows from[0..n), or 0..n-1, sorted by key into to. */
static void
sort_rows(struct audit *a, const uint32_t *key, size_t keys, const uint32_t *from, uint32_t *to)
{
	memset(a->start, 0, (keys + 1) * sizeof *a->start);
	for (size_t i = 0; i < a->rows; i++)
		a->start[key[i] + 1]++;
	for (size_t k = 0; k < keys; k++)
		a->start[k + 1] += a->start[k];
	for (size_t i = 0; i < a->rows; i++) {
		uint32_t r = from == NULL ? (uint32_t)i : from[i];

		to[a->start[key[r]]++] = r;
	}
}

/* Dense ranks from 0 in a->rank, UINT32_MAX for empty cells. Returns the most that a group has. */
static uint32_t
find_ranks(struct audit *a, const struct codes *c)
{
	uint32_t most = 0, last = UINT32_MAX, in = UINT32_MAX;

	sort_rows(a, c->code, (size_t)c->distinct + 1, NULL, a->buffer);
	sort_rows(a, a->group.code, a->score.groups, a->buffer, a->sorted);
	memset(a->ranks, 0, a->score.groups * sizeof *a->ranks);
	for (size_t i = 0; i < a->rows; i++) {
		uint32_t r = a->sorted[i], g = a->group.code[r];

		if (c->code[r] == c->distinct) {
			a->rank[r] = UINT32_MAX;
			continue;
		}
		if (g != in || c->code[r] != last)
			a->ranks[g]++;
		in = g;
		last = c->code[r];
		a->rank[r] = a->ranks[g] - 1;
		most = a->ranks[g] > most ? a->ranks[g] : most;
	}
	return most;
}

static void
map_ranks(struct audit *a, enum audit_how how, uint32_t most)
{
	for (size_t i = 0; i < a->rows; i++) {
		uint32_t rank = a->rank[i], n = a->ranks[a->group.code[i]];

		if (rank == UINT32_MAX)
			a->mapped[i] = most;
		else if (how == AUDIT_RANK)
			a->mapped[i] = rank;
		else if (how == AUDIT_RANK_END)
			a->mapped[i] = n - 1 - rank;
		else
			a->mapped[i] = n < 2 ? 0 : (uint32_t)((uint64_t)rank * (most - 1) / (n - 1));
	}
}

static void
try_ranks(struct audit *a, const struct codes *c, struct audit_finding *f)
{
	static const enum audit_how ways[] = { AUDIT_RANK, AUDIT_RANK_END, AUDIT_RANK_TREE };
	uint32_t most = find_ranks(a, c);

	for (size_t k = 0; k < sizeof ways / sizeof ways[0]; k++) {
		uint32_t m = ways[k] == AUDIT_RANK_TREE && most > SCORE_BINS - 1 ? SCORE_BINS - 1 : most;
		struct score_result r;
		struct audit_score s;

		map_ranks(a, ways[k], m);
		r = ways[k] == AUDIT_RANK_TREE ? score_tree(&a->score, SCORE_GROUPS, a->mapped, (size_t)m + 1)
		                               : score_lookup(&a->score, SCORE_GROUPS, a->mapped, (size_t)m + 1);
		s = score_of(ways[k], r);
		keep_better(&f->rank, &s);
	}
}

/* ---- parts of text */

/* The bytes of UTF-8 beyond ASCII count as letters. */
static bool
in_part(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Part number k of text, from 1; NULL where it has fewer. */
static const char *
find_part(const char *text, unsigned k, size_t *length)
{
	for (;;) {
		while (*text != '\0' && !in_part(*text))
			text++;
		if (*text == '\0')
			return NULL;
		for (*length = 0; in_part(text[*length]);)
			++*length;
		if (--k == 0)
			return text;
		text += *length;
	}
}

/* The first or last k characters of *s. */
static void
cut_part(const char **s, size_t *length, enum audit_how how, unsigned k)
{
	size_t n = 0;

	if (how == AUDIT_LEAD) {
		for (; n < *length; n++)
			if (((unsigned char)(*s)[n] & 0xC0) != 0x80 && k-- == 0)
				break;
		*length = n;
	} else {
		while (n < *length && k > 0)
			k -= ((unsigned char)(*s)[*length - ++n] & 0xC0) != 0x80;
		*s += *length - n;
		*length = n;
	}
}

/* What a part is of each value: of[code] counts into the dictionary. */
struct parting {
	struct dict *dict;
	uint32_t *of;
};

static int
make_parts(const struct audit *a, size_t column, const struct codes *c, const struct audit_score *s, struct parting *p)
{
	const struct table_column *from = &a->table->column[column];
	int rc = ST_OK;

	dict_free(p->dict);
	p->dict = dict_new();
	if (p->dict == NULL)
		return ST_SYS;
	p->of[c->distinct] = DICT_EMPTY;
	for (uint32_t k = 0; k < c->distinct && rc == ST_OK; k++) {
		size_t length;
		const char *text = find_part(dict_text(from->dict, from->code[c->row[k]]), s->part, &length);

		p->of[k] = DICT_EMPTY;
		if (text != NULL && s->how != AUDIT_PART)
			cut_part(&text, &length, s->how, s->length);
		if (text != NULL)
			rc = dict_add(p->dict, text, length, &p->of[k]);
	}
	return rc;
}

/* The first three parts in the order of bytes; long ones are left out. */
static void
sample_parts(const struct dict *d, char *buf)
{
	const char *least[3] = { NULL, NULL, NULL };
	size_t used = 0;

	for (uint32_t k = DICT_EMPTY + 1; k < dict_size(d); k++) {
		const char *s = dict_text(d, k);

		for (size_t i = 0; i < 3; i++)
			if (least[i] == NULL || strcmp(s, least[i]) < 0) {
				const char *moved = least[i];

				least[i] = s;
				s = moved;
				if (s == NULL)
					break;
			}
	}
	buf[0] = '\0';
	for (size_t i = 0; i < 3 && least[i] != NULL; i++) {
		int n = strlen(least[i]) > 16 ? 0 : (int)strlen(least[i]);

		if (n > 0)
			used += (size_t)snprintf(buf + used, AUDIT_SAMPLE - used, "%s%s", used == 0 ? "" : ", ", least[i]);
	}
	if (used > 0 && dict_size(d) > 4)
		snprintf(buf + used, AUDIT_SAMPLE - used, ", ...");
}

static int
try_part(struct audit *a, size_t column, const struct codes *c, struct audit_score *s, struct parting *p,
         struct audit_finding *f)
{
	struct score_result r;
	int rc = make_parts(a, column, c, s, p);

	if (rc != ST_OK)
		return rc;
	for (size_t i = 0; i < a->rows; i++)
		a->mapped[i] = p->of[c->code[i]];
	r = score_lookup(&a->score, SCORE_GROUPS, a->mapped, dict_size(p->dict));
	s->accuracy = r.accuracy;
	s->gain = r.gain;
	s->error = r.error;
	if (keep_better(&f->part, s))
		sample_parts(p->dict, f->sample);
	return ST_OK;
}

/* The commonest number of parts of a value, and the largest; at most AUDIT_PARTS. */
static void
count_parts(const struct audit *a, size_t column, const struct codes *c, unsigned *usual, unsigned *most)
{
	const struct table_column *from = &a->table->column[column];
	size_t values[AUDIT_PARTS + 1] = { 0 }, length;

	*usual = *most = 0;
	for (uint32_t k = 0; k < c->distinct; k++) {
		const char *text = dict_text(from->dict, from->code[c->row[k]]);
		unsigned n = 0;

		while (n < AUDIT_PARTS && (text = find_part(text, 1, &length)) != NULL) {
			text += length;
			n++;
		}
		values[n]++;
		*most = n > *most ? n : *most;
	}
	for (unsigned n = 0; n <= AUDIT_PARTS; n++)
		if (values[n] > values[*usual])
			*usual = n;
}

static int
try_ends(struct audit *a, size_t column, const struct codes *c, unsigned part, struct parting *p,
         struct audit_finding *f)
{
	int rc = ST_OK;

	for (unsigned k = 1; k <= AUDIT_CHARS; k++)
		for (int trail = 0; trail < 2 && rc == ST_OK; trail++) {
			struct audit_score s = { .how = trail ? AUDIT_TRAIL : AUDIT_LEAD, .part = part, .length = k };

			rc = try_part(a, column, c, &s, p, f);
		}
	return rc;
}

static int
try_parts(struct audit *a, size_t column, const struct codes *c, struct audit_finding *f)
{
	struct parting p = { NULL, mem_zero((size_t)c->distinct + 1, sizeof *p.of) };
	unsigned most, varying = 0, last = 0;
	int rc = p.of == NULL ? ST_SYS : ST_OK;

	count_parts(a, column, c, &f->parts, &most);
	for (unsigned k = 1; k <= most && rc == ST_OK; k++) {
		struct audit_score s = { .how = AUDIT_PART, .part = k };

		/* One part alone is the value, which has been tried. */
		rc = most == 1 ? make_parts(a, column, c, &s, &p) : try_part(a, column, c, &s, &p, f);
		if (rc == ST_OK && dict_size(p.dict) > 2) {
			varying++;
			last = k;
		}
	}
	if (rc == ST_OK && varying == 1)
		rc = try_ends(a, column, c, last, &p, f);
	dict_free(p.dict);
	free(p.of);
	return rc;
}

/* ---- verdict */

static bool
sure(const struct audit_score *s, double gain)
{
	return s->how != AUDIT_NONE && s->gain >= gain && s->gain >= AUDIT_SURE * s->error;
}

/* Whether a's gain is ahead of b's, or of chance, by more than margin and what is within the errors. */
static bool
ahead(const struct audit_score *a, const struct audit_score *b, double margin)
{
	double least = b->how == AUDIT_NONE || b->gain < 0 ? 0 : b->gain;

	return a->gain - least >= fmax(margin, 2 * hypot(a->error, b->error));
}

static void
find_leaks(struct audit_finding *f)
{
	f->by_value = sure(&f->value, f->row_order ? AUDIT_STRONG : AUDIT_GIVES);
	f->by_part = sure(&f->part, AUDIT_GIVES);
	f->by_rank = sure(&f->rank, AUDIT_STRONG) && (f->row_order || ahead(&f->rank, &f->value, AUDIT_RANK_LEAD));
}

static bool
rank_is_odd(const struct audit_finding *f)
{
	return sure(&f->rank, AUDIT_MARGIN) && ahead(&f->rank, &f->value, AUDIT_MARGIN) &&
	       ahead(&f->rank, &f->part, AUDIT_MARGIN);
}

static bool
is_suspect(const struct audit_finding *f)
{
	if (f->row_order)
		return sure(&f->value, AUDIT_MARGIN) || sure(&f->rank, AUDIT_MARGIN);
	return sure(&f->value, AUDIT_STRONG) || sure(&f->part, AUDIT_STRONG) || rank_is_odd(f);
}

static void
decide(struct audit_finding *f)
{
	f->best = f->value;
	keep_better(&f->best, &f->part);
	keep_better(&f->best, &f->rank);
	f->identifier = !f->row_order && f->one_group >= AUDIT_BOUND && sure(&f->memory, AUDIT_MEMORY) &&
	                ahead(&f->memory, &f->lookup, AUDIT_MEMORY);
	find_leaks(f);
	if (f->by_value || f->by_part || f->by_rank)
		f->verdict = AUDIT_LEAK;
	else if (is_suspect(f))
		f->verdict = AUDIT_SUSPECT;
	else if (f->identifier)
		f->verdict = AUDIT_IDENTIFIER;
	else
		f->verdict = sure(&f->best, AUDIT_USEFUL) ? AUDIT_SIGNAL : AUDIT_NOTHING;
}

/* ---- the table */

static int
audit_column(struct audit *a, size_t column, struct audit_finding *f)
{
	struct mem_pool m = { 0 };
	struct codes c;
	int rc = codes_make(&c, a->table, column, a->row, a->rows, &m);

	f->name = a->table->column[column].name;
	f->missing = c.missing;
	f->distinct = c.distinct;
	if (rc == ST_OK && (rc = measure_values(a, &c, f)) == ST_OK) {
		try_value(a, &c, f);
		try_ranks(a, &c, f);
	}
	if (rc == ST_OK && a->table->column[column].kind == TABLE_TEXT)
		rc = try_parts(a, column, &c, f);
	mem_release(&m);
	return rc;
}

/* Row order is a column of the rows' numbers. Each is there once, so that a lookup predicts nothing. */
static int
audit_row_order(struct audit *a, struct audit_finding *f)
{
	struct codes c = { .distinct = (uint32_t)a->rows, .rows = a->rows };

	c.code = mem_take(&a->memory, a->rows, sizeof *c.code);
	if (c.code == NULL)
		return ST_SYS;
	for (size_t i = 0; i < a->rows; i++)
		c.code[i] = a->mapped[i] = (uint32_t)i;
	f->name = "(row order)";
	f->row_order = true;
	f->distinct = a->rows;
	f->one_group = 1;
	f->purity = (double)NAN;
	f->value = score_of(AUDIT_TREE, score_tree(&a->score, SCORE_GROUPS, a->mapped, a->rows + 1));
	try_ranks(a, &c, f);
	return ST_OK;
}

static int
find_rows(struct audit *a, size_t label)
{
	a->row = mem_take(&a->memory, a->table->rows, sizeof *a->row);
	if (a->row == NULL)
		return ST_SYS;
	for (size_t i = 0; i < a->table->rows; i++)
		if (!table_empty(a->table, i, label))
			a->row[a->rows++] = i;
	return ST_OK;
}

static int
code_groups(struct audit *a, size_t group)
{
	if (group != TABLE_NONE)
		return codes_make(&a->group, a->table, group, a->row, a->rows, &a->memory);
	/* All in one. */
	a->group.code = mem_take(&a->memory, a->rows, sizeof *a->group.code);
	a->group.distinct = 1;
	return a->group.code == NULL ? ST_SYS : ST_OK;
}

static int
start_score(struct audit *a, size_t group, uint64_t seed)
{
	/* Rows without a group are one. */
	size_t groups = (size_t)a->group.distinct + (a->group.missing > 0);
	uint64_t *hash = mem_take(&a->memory, groups, sizeof *hash);
	const struct score_rows rows = { a->rows, a->label.distinct, groups, a->label.code, a->group.code, hash, seed };
	char buf[TABLE_CELL_MAX];

	if (hash == NULL)
		return ST_SYS;
	for (size_t g = 0; g < groups && group != TABLE_NONE; g++) {
		const char *name = table_cell(a->table, a->group.row[g], group, buf);

		hash[g] = XXH3_64bits_withSeed(name, strlen(name), seed);
	}
	a->by_rows = groups < 2;
	return score_init(&a->score, &rows);
}

static int
allocate(struct audit *a)
{
	a->mapped = mem_take(&a->memory, a->rows, sizeof *a->mapped);
	a->rank = mem_take(&a->memory, a->rows, sizeof *a->rank);
	a->sorted = mem_take(&a->memory, a->rows, sizeof *a->sorted);
	a->buffer = mem_take(&a->memory, a->rows, sizeof *a->buffer);
	a->ranks = mem_take(&a->memory, a->score.groups, sizeof *a->ranks);
	a->start = mem_take(&a->memory, a->rows + 3, sizeof *a->start);
	return a->memory.status;
}

static int
prepare(struct audit *a, size_t label, size_t group, uint64_t seed)
{
	const char *name = a->table->column[label].name;
	int rc = find_rows(a, label);

	if (rc == ST_OK && a->rows == 0)
		rc = err_set(ST_DATA, "no row has a label in column '%s'", name);
	if (rc == ST_OK)
		rc = codes_make(&a->label, a->table, label, a->row, a->rows, &a->memory);
	if (rc == ST_OK && a->label.distinct < 2)
		rc = err_set(ST_DATA, "all labels in column '%s' are the same: there is nothing to give away", name);
	if (rc == ST_OK)
		rc = code_groups(a, group);
	if (rc == ST_OK)
		rc = start_score(a, group, seed);
	return rc == ST_OK ? allocate(a) : rc;
}

int
audit_table(const struct table *t, size_t label, size_t group, const size_t *feature, size_t features, uint64_t seed,
            struct audit_finding **finding)
{
	struct audit a = { .table = t };
	struct audit_finding *f = mem_zero(features + 1, sizeof *f);
	int rc = f == NULL ? ST_SYS : prepare(&a, label, group, seed);

	for (size_t i = 0; i <= features && rc == ST_OK; i++) {
		f[i].rows = a.rows;
		f[i].by_rows = a.by_rows;
		f[i].baseline = a.score.baseline;
		rc = i < features ? audit_column(&a, feature[i], &f[i]) : audit_row_order(&a, &f[i]);
		decide(&f[i]);
	}
	score_free(&a.score);
	mem_release(&a.memory);
	if (rc != ST_OK) {
		free(f);
		f = NULL;
	}
	*finding = f;
	return rc;
}
