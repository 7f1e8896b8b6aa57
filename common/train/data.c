#include "train/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/words.h"
#include "model/features.h"
#include "stream/value.h"

enum {
	LEAST_GROUPS = 3, /* one validation speaker is too noisy to stop by */
	POINTER = sizeof(struct data_record *),
	AHEAD = 256, /* records that the disk is asked for at once: as many requests as disks do side by side */
};

/* Reading */

static int
take_head(struct data *d, const struct tsr_chunk *head)
{
	int rc = features_check_type(head);

	if (rc == ST_OK && d->file == NULL) {
		d->file = head->file;
		rc = features_copy(&d->feature, &head->meta);
	} else if (rc == ST_OK) {
		rc = features_check(&d->feature, d->file, "has", &head->meta, head->file, "");
	}
	return rc == ST_OK ? features_copy_pg(&d->pg, &head->meta) : rc;
}

/* The first record says what shape all have. */
static int
take_shape(struct data *d, const struct tsr_chunk *c)
{
	const char *type = meta_get(&d->feature, "type");
	char got[VALUE_SHAPE_MAX];

	if (c->rank < 1 || c->rank >= NN_RANK_MAX || c->bytes == 0)
		return err_set(ST_DATA, "its shape (%s) cannot go into a net", value_shape(c, got));
	d->rank = c->rank;
	for (int i = 0; i < c->rank; i++)
		d->shape[i] = (size_t)c->shape[i];
	d->sequences = c->rank == 2 && (strcmp(type, "mel") == 0 || strcmp(type, "lld") == 0);
	d->row = d->sequences ? d->shape[1] : (size_t)tsr_elements(c);
	return ST_OK;
}

/* The frames of sequences may differ. */
static int
check_shape(struct data *d, const struct tsr_chunk *c)
{
	struct tsr_chunk first = { .rank = d->rank };
	char got[VALUE_SHAPE_MAX], expected[VALUE_SHAPE_MAX];
	bool same = c->rank == d->rank;

	if (d->n == 0)
		return take_shape(d, c);
	if (d->sequences && same && c->shape[0] > 0 && c->shape[0] != d->shape[0]) {
		d->varies = true;
		d->shape[0] = c->shape[0] > d->shape[0] ? (size_t)c->shape[0] : d->shape[0];
	}
	for (int i = 0; i < d->rank; i++) {
		first.shape[i] = d->shape[i];
		same = same && (c->shape[i] == d->shape[i] || (i == 0 && d->varies && c->shape[0] > 0));
	}
	if (!same)
		return err_set(ST_DATA, "its shape is (%s); that of the first record is (%s)", value_shape(c, got),
		               value_shape(&first, expected));
	return ST_OK;
}

/* Copies what is of use of the metadata into one block; *bytes is its size. */
static int
take_text(struct data_record *r, const struct meta *meta, size_t *bytes)
{
	static const char *const names[] = { "key", "label", "group", "sex", "src", "start" };
	const char *value[6], *field[6];
	char *to;
	int rc;

	*bytes = 0;
	for (int i = 0; i < 6; i++) {
		value[i] = meta_get(meta, names[i]);
		value[i] = value[i] == NULL ? "" : value[i];
		*bytes += strlen(value[i]) + 1;
	}
	if ((rc = mem_grow(&r->text, *bytes, 1)) != ST_OK)
		return rc;
	to = r->text;
	for (int i = 0; i < 6; i++) {
		field[i] = to;
		to = stpcpy(to, value[i]) + 1;
	}
	r->key = field[0];
	r->label = field[1];
	r->group = field[2];
	r->sex = field[3];
	r->start = field[5];
	r->variant = field[4][0] != '\0';
	r->source = r->variant ? field[4] : field[0];
	return ST_OK;
}

static int
check_record(struct data *d, const struct tsr_chunk *c)
{
	const char *label = meta_get(&c->meta, "label");
	int rc;

	if ((rc = tsr_expect(c, TSR_F32, -1)) != ST_OK || (rc = check_shape(d, c)) != ST_OK)
		return rc;
	if (label == NULL || label[0] == '\0')
		return err_set(ST_DATA, "it has no label to learn");
	if (!value_finite(c->data, (size_t)tsr_elements(c)))
		return err_set(ST_DATA, "a value is NaN or infinite");
	return ST_OK;
}

static int
take_record(struct data *d, struct tsr_chunk *c, XXH3_state_t *hash)
{
	struct data_record r = { .file = c->file, .number = c->record, .elements = (size_t)tsr_elements(c) };
	uint64_t values;
	size_t bytes;
	int rc = check_record(d, c);

	if (rc != ST_OK)
		return err_prefix("%s", tsr_where(c));
	if ((rc = mem_push(&d->record, d->n, sizeof *d->record)) != ST_OK || (rc = take_text(&r, &c->meta, &bytes)) != ST_OK)
		return rc;
	values = XXH3_64bits(c->data, (size_t)c->bytes);
	XXH3_64bits_update(hash, r.text, bytes);
	XXH3_64bits_update(hash, &values, sizeof values);
	r.x = c->data;
	r.rows = d->sequences ? (size_t)c->shape[0] : 1;
	if (r.group[0] != '\0')
		r.speaker = XXH3_64bits(r.group, strlen(r.group)) | 1;
	if (c->data == c->own) { /* keep the buffer; the next record gets another */
		r.own = c->own;
		c->own = NULL;
		c->cap = 0;
	}
	d->record[d->n++] = r;
	return ST_OK;
}

static int
read_chunks(struct data *d, XXH3_state_t *hash)
{
	struct tsr_chunk c = { 0 };
	int rc;

	while ((rc = tsr_read(d->reader, &c)) == ST_OK && c.kind != 0) {
		if (c.kind == 'H')
			rc = take_head(d, &c);
		else if (c.kind == 'T')
			rc = take_record(d, &c, hash);
		if (rc != ST_OK)
			break;
	}
	tsr_clear(&c);
	return rc;
}

int
data_read(struct data *d, char *const *files, size_t n, uint64_t max_record)
{
	XXH3_state_t *hash = XXH3_createState();
	int rc = hash == NULL ? err_set(ST_SYS, "out of memory") : tsr_open(&d->reader, files, n, max_record, true);

	if (rc == ST_OK) {
		XXH3_64bits_reset(hash);
		rc = read_chunks(d, hash);
		d->hash = XXH3_64bits_digest(hash);
		map_shuffled();
	}
	if (rc == ST_OK && d->n == 0)
		rc = err_set(ST_DATA, "%s: no records", d->file == NULL ? "input" : d->file);
	XXH3_freeState(hash);
	return rc;
}

void
data_pass(struct data_pass *p, size_t to)
{
	if (!map_paced())
		return; /* not even to look at the records, which are not in the cache yet */
	for (; p->asked < p->n && p->asked < to + AHEAD; p->asked++) {
		const struct data_record *r = p->record[p->asked];

		if (!p->without)
			map_ahead(r->x, r->elements * sizeof *r->x);
		if (p->beside > 0)
			map_ahead(r->beside, p->beside * sizeof *r->beside);
	}
	for (; p->next < to; p->next++)
		map_used(((p->without ? 0 : p->record[p->next]->elements) + p->beside) * sizeof(float));
}

void
data_free(struct data *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->record[i].own);
		free(d->record[i].text);
	}
	meta_clear(&d->feature);
	meta_clear(&d->pg);
	tsr_close(d->reader);
	free(d->record);
	*d = (struct data){ 0 };
}

int
data_check_alike(const struct data *a, const struct data *b)
{
	bool same = a->rank == b->rank;
	int rc = features_check(&a->feature, a->file, "has", &b->feature, b->file, "");

	if (rc != ST_OK)
		return rc;
	for (int i = a->sequences; same && i < a->rank; i++)
		same = a->shape[i] == b->shape[i];
	return same ? ST_OK : err_set(ST_DATA, "%s: its records have another shape than those of %s", b->file, a->file);
}

/* Joining */

static int
by_key(const void *a, const void *b)
{
	const struct data_record *x = *(const struct data_record *const *)a, *y = *(const struct data_record *const *)b;
	int c = strcmp(x->key, y->key);

	return c != 0 ? c : strcmp(x->start, y->start);
}

static int
check_distinct(const struct data_record *const *sorted, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (by_key(&sorted[i - 1], &sorted[i]) == 0)
			return err_set(ST_DATA, "%s: key '%s' appears twice, so that it is not clear which one is meant", sorted[i]->file,
			               sorted[i]->key);
	return ST_OK;
}

int
data_join(struct data *d, const struct data *beside)
{
	const struct data_record **sorted = mem_zero(beside->n, POINTER);
	int rc;

	if (sorted == NULL)
		return ST_SYS;
	for (size_t i = 0; i < beside->n; i++)
		sorted[i] = &beside->record[i];
	qsort(sorted, beside->n, POINTER, by_key);
	rc = check_distinct(sorted, beside->n);
	for (size_t i = 0; i < d->n && rc == ST_OK; i++) {
		struct data_record *r = &d->record[i], *const *found;

		found = bsearch(&r, sorted, beside->n, POINTER, by_key);
		if (found == NULL)
			rc = err_set(ST_DATA, "%s: record %llu (%s): %s has none of this key%s", r->file, (unsigned long long)r->number,
			             r->key, beside->file, r->start[0] != '\0' ? " and start" : "");
		else
			r->beside = (*found)->x;
	}
	free(sorted);
	return rc;
}

/* Classes */

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
data_labels(const struct data *d, const char ***class, size_t *classes)
{
	const char **name = mem_zero(d->n, sizeof *name);

	if (name == NULL)
		return ST_SYS;
	for (size_t i = 0; i < d->n; i++)
		name[i] = d->record[i].label;
	qsort(name, d->n, sizeof *name, compare_names);
	*classes = 0;
	for (size_t i = 0; i < d->n; i++)
		if (*classes == 0 || strcmp(name[i], name[*classes - 1]) != 0)
			name[(*classes)++] = name[i];
	*class = name;
	return ST_OK;
}

int
data_number(struct data *d, char *const *class, size_t classes)
{
	char *const **sorted;
	int rc = words_sort(class, classes, &sorted);

	for (size_t i = 0; i < d->n && rc == ST_OK; i++) {
		struct data_record *r = &d->record[i];

		r->class = words_find(sorted, class, classes, r->label);
		if (r->class == classes)
			rc = err_set(ST_DATA, "%s: record %llu (%s): label '%s' is not among the classes; --classes names all of them",
			             r->file, (unsigned long long)r->number, r->key, r->label);
	}
	free(sorted);
	return rc;
}

/* Parts */

static int
new_part(const struct data *d, struct data_part *part)
{
	part->record = mem_zero(d->n, POINTER);
	part->n = 0;
	return part->record == NULL ? ST_SYS : ST_OK;
}

int
data_all(const struct data *d, bool variants, struct data_part *part)
{
	int rc = new_part(d, part);

	for (size_t i = 0; rc == ST_OK && i < d->n; i++)
		if (variants || !d->record[i].variant)
			part->record[part->n++] = &d->record[i];
	if (rc == ST_OK && part->n == 0)
		rc = err_set(ST_DATA, "%s: all records are augmented variants, which never validate", d->file);
	return rc;
}

size_t
data_longest(const struct data_part *part)
{
	size_t rows = 0;

	for (size_t i = 0; i < part->n; i++)
		rows = part->record[i]->rows > rows ? part->record[i]->rows : rows;
	return rows;
}

bool
data_has_groups(const struct data *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->record[i].group[0] != '\0')
			return true;
	return false;
}

struct group {
	const char *name, *sex;
	uint64_t rank; /* groups are held out in this order */
	bool held;
};

struct groups {
	struct group *group;
	size_t n;
};

static int
by_group(const void *a, const void *b)
{
	return strcmp((*(const struct data_record *const *)a)->group, (*(const struct data_record *const *)b)->group);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->name, ((const struct group *)b)->name);
}

static int
by_rank(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) : by_name(a, b);
}

/* The groups of d, sorted by name. */
static int
list_groups(const struct data *d, uint64_t seed, struct groups *g)
{
	const struct data_record **r = mem_zero(d->n, POINTER);

	g->n = 0;
	g->group = mem_zero(d->n, sizeof *g->group);
	if (r == NULL || g->group == NULL) {
		free(r);
		return ST_SYS;
	}
	for (size_t i = 0; i < d->n; i++)
		r[i] = &d->record[i];
	qsort(r, d->n, POINTER, by_group);
	for (size_t i = 0; i < d->n; i++) {
		struct group *last = g->n == 0 ? NULL : &g->group[g->n - 1];

		if (last == NULL || strcmp(last->name, r[i]->group) != 0) {
			last = &g->group[g->n++];
			*last = (struct group){ .name = r[i]->group, .sex = "",
				.rank = XXH3_64bits_withSeed(r[i]->group, strlen(r[i]->group), seed) };
		}
		/* Were records of one group at odds, their order must not decide. */
		if (strcmp(r[i]->sex, last->sex) > 0)
			last->sex = r[i]->sex;
	}
	free(r);
	return ST_OK;
}

/* Where all n held ones are of one sex, the last gives way to the first that
 * is of another; sorted by rank. */
static void
mix_sexes(struct groups *g, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (g->group[i].sex[0] != '\0' && strcmp(g->group[i].sex, g->group[0].sex) != 0)
			return;
	for (i = n; i < g->n; i++)
		if (g->group[i].sex[0] != '\0' && strcmp(g->group[i].sex, g->group[0].sex) != 0) {
			g->group[n - 1].held = false;
			g->group[i].held = true;
			return;
		}
}

static int
choose_groups(struct groups *g, double fraction)
{
	double held = fraction < 1 ? fmax(LEAST_GROUPS, floor(fraction * (double)g->n + 0.5)) : fraction;
	size_t n = (size_t)held;

	if (held >= (double)g->n)
		return err_set(ST_DATA, "%zu group%s: to hold %.0f out leaves none to train on", g->n, g->n == 1 ? "" : "s",
		               held);
	qsort(g->group, g->n, sizeof *g->group, by_rank);
	for (size_t i = 0; i < n; i++)
		g->group[i].held = true;
	if (n >= 2 && g->group[0].sex[0] != '\0')
		mix_sexes(g, n);
	qsort(g->group, g->n, sizeof *g->group, by_name);
	return ST_OK;
}

static void
split(const struct data *d, const struct groups *g, struct data_part *train, struct data_part *valid)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct data_record *r = &d->record[i];
		struct group key = { .name = r->group };
		const struct group *found = bsearch(&key, g->group, g->n, sizeof key, by_name);

		if (found == NULL || !found->held)
			train->record[train->n++] = r;
		else if (!r->variant)
			valid->record[valid->n++] = r;
	}
}

int
data_hold_out(const struct data *d, double groups, uint64_t seed, struct data_part *train, struct data_part *valid)
{
	struct groups g = { 0 };
	int rc = ST_OK;

	for (size_t i = 0; i < d->n && rc == ST_OK; i++)
		if (d->record[i].group[0] == '\0')
			rc = err_set(ST_DATA, "%s: record %llu (%s): it has no group, so groups cannot be held out",
			             d->record[i].file, (unsigned long long)d->record[i].number, d->record[i].key);
	if (rc == ST_OK && (rc = new_part(d, train)) == ST_OK && (rc = new_part(d, valid)) == ST_OK &&
	    (rc = list_groups(d, seed, &g)) == ST_OK && (rc = choose_groups(&g, groups)) == ST_OK)
		split(d, &g, train, valid);
	free(g.group);
	if (rc == ST_OK && valid->n == 0)
		rc = err_set(ST_DATA, "%s: the groups held out have only augmented variants, which never validate", d->file);
	return rc;
}

/* Overlap */

static int
by_source(const void *a, const void *b)
{
	return strcmp((*(const struct data_record *const *)a)->source, (*(const struct data_record *const *)b)->source);
}

static int
overlap(const char *what, const char *name, const struct data_record *t, const struct data_record *v)
{
	return err_set(ST_DATA, "%s '%s' appears in both training and validation (%s: record %llu; %s: record %llu)", what,
	               name, t->file, (unsigned long long)t->number, v->file, (unsigned long long)v->number);
}

/* The groups first; then recordings, for records whose group is not known. */
static int
find_overlap(const struct data_record **train, size_t n, const struct data_part *valid)
{
	qsort(train, n, POINTER, by_group);
	for (size_t i = 0; i < valid->n; i++) {
		const struct data_record *v = valid->record[i], **t;

		if (v->group[0] != '\0' && (t = bsearch(&v, train, n, POINTER, by_group)) != NULL)
			return overlap("group", v->group, *t, v);
	}
	qsort(train, n, POINTER, by_source);
	for (size_t i = 0; i < valid->n; i++) {
		const struct data_record *v = valid->record[i], **t = bsearch(&v, train, n, POINTER, by_source);

		if (t != NULL && (v->group[0] == '\0' || (*t)->group[0] == '\0'))
			return overlap("recording", v->source, *t, v);
	}
	return ST_OK;
}

int
data_check_apart(const struct data_part *train, const struct data_part *valid)
{
	const struct data_record **sorted = mem_zero(train->n, POINTER);
	int rc;

	if (sorted == NULL)
		return ST_SYS;
	memcpy(sorted, train->record, train->n * POINTER);
	rc = find_overlap(sorted, train->n, valid);
	free(sorted);
	return rc;
}
