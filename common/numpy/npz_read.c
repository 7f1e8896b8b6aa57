#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "numpy/npy.h"
#include "numpy/npz.h"

enum { EMPTY_MAX = 1 << 20 }; /* records without a single value: a header alone could claim any number */

/* No array. */
#define NONE SIZE_MAX

/* A field of every record. */
struct column {
	const char *name;
	struct npy_text text;
};

/* An archive: everything but the records' values. */
struct table {
	const struct npz_wish *wish;
	struct tsr_writer *out;
	struct zip zip;
	size_t data;    /* the array that is the stack; NONE: each is a record */
	uint64_t n;     /* records */
	struct npy_text head, meta; /* item is NULL where there is none */
	int64_t *records; /* of each segment */
	size_t segments;
	struct column *column;
	size_t columns;
};

static void
table_clear(struct table *t)
{
	for (size_t i = 0; i < t->columns; i++)
		free(t->column[i].text.item);
	free(t->column);
	free(t->head.item);
	free(t->meta.item);
	free(t->records);
	zip_close(&t->zip);
}

static size_t
find_array(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->zip.n; i++)
		if (strcmp(t->zip.name[i], name) == 0)
			return i;
	return NONE;
}

/* The archive's names, and whether one of them is the stack's. */
static int
table_open(struct table *t, const struct map *m)
{
	const struct npz_wish *wish = t->wish;
	const char *stack = wish->data != NULL ? wish->data : "data";
	int rc = zip_open(&t->zip, m->data, m->size);

	t->data = wish->layout == NPZ_KEYS ? NONE : find_array(t, stack);
	if (rc == ST_OK && t->data == NONE && (wish->layout == NPZ_STACK || (wish->layout != NPZ_KEYS && wish->data != NULL)))
		return err_set(ST_DATA, "the archive has no array '%s'", stack);
	return rc;
}

/* Opens an array; *s may come from one that is before it. */
static int
open_array(const struct table *t, size_t array, struct zip_stream **s, struct npy *a)
{
	int rc = zip_enter(s, &t->zip, array);

	return rc == ST_OK ? npy_open(a, *s) : rc;
}

/* Reads an array of strings; with want, of that many. */
static int
read_text(const struct table *t, size_t array, const uint64_t *want, struct npy_text *text)
{
	struct zip_stream *s = NULL;
	struct npy a;
	int rc = array == NONE ? ST_OK : open_array(t, array, &s, &a);

	text->item = NULL;
	if (rc == ST_OK && array != NONE && want != NULL && a.elements != *want)
		rc = err_set(ST_DATA, "%" PRIu64 " elements for %" PRIu64 " records", a.elements, *want);
	if (rc == ST_OK && array != NONE)
		rc = npy_load_text(&a, s, text);
	zip_leave(s);
	return rc == ST_OK ? ST_OK : err_prefix("%s.npy", t->zip.name[array]);
}

/* How many records each segment has. */
static int
read_counts(struct table *t, size_t array)
{
	struct zip_stream *s = NULL;
	void *data = NULL;
	struct npy a;
	uint64_t sum = 0;
	int rc = open_array(t, array, &s, &a);
	bool fits = true;

	if (rc == ST_OK && (a.dtype != TSR_I64 || a.rank != 1 || a.shape[0] != t->segments))
		rc = err_set(ST_DATA, "must be one i8 for each element of head");
	if (rc == ST_OK)
		rc = npy_load(&a, s, &data);
	zip_leave(s);
	if (rc != ST_OK)
		return err_prefix("%s.npy", t->zip.name[array]);
	free(t->records);
	t->records = data;
	for (size_t i = 0; i < t->segments; i++)
		fits = fits && t->records[i] >= 0 && !__builtin_add_overflow(sum, (uint64_t)t->records[i], &sum);
	return fits && sum == t->n ? ST_OK : err_set(ST_DATA, "records.npy does not add up to %" PRIu64 " records", t->n);
}

/* Heads and what says which records are theirs. */
static int
read_segments(struct table *t)
{
	size_t counts = find_array(t, "records");
	int rc = read_text(t, find_array(t, "head"), NULL, &t->head);

	if (rc != ST_OK)
		return rc;
	if (t->head.item != NULL && t->head.n == 0)
		return err_set(ST_DATA, "head.npy is empty");
	t->segments = t->head.item == NULL ? 1 : t->head.n;
	t->records = mem_zero(t->segments, sizeof *t->records);
	if (t->records == NULL)
		return ST_SYS;
	if (counts == NONE && t->segments > 1)
		return err_set(ST_DATA, "head.npy has several elements, but there is no records.npy");
	t->records[0] = (int64_t)t->n;
	return counts == NONE ? ST_OK : read_counts(t, counts);
}

static bool
is(const char *name, const char *wanted, const char *usual)
{
	return strcmp(name, wanted != NULL ? wanted : usual) == 0;
}

static const char a_record[] = "a record";

/* What an array is: a field of the records, by its own name or another; a_record;
 * NULL for neither. */
static const char *
field_name(const struct table *t, size_t array)
{
	const struct npz_wish *wish = t->wish;
	const char *name = t->zip.name[array];

	if (array == t->data || strcmp(name, "head") == 0 || strcmp(name, "records") == 0 || strcmp(name, "meta") == 0)
		return NULL;
	if (t->data != NONE && is(name, wish->key, "key"))
		return "key";
	if (is(name, wish->label, "label"))
		return "label";
	if (is(name, wish->group, "group"))
		return "group";
	return t->data != NONE ? name : a_record;
}

static int
add_column(struct table *t, size_t array, const char *name)
{
	struct npy_text text;
	int rc = mem_push(&t->column, t->columns, sizeof *t->column);

	for (size_t i = 0; i < t->columns && rc == ST_OK; i++)
		if (strcmp(t->column[i].name, name) == 0)
			rc = err_set(ST_DATA, "two arrays stand for '%s'", name);
	if (rc == ST_OK && (rc = read_text(t, array, &t->n, &text)) == ST_OK)
		t->column[t->columns++] = (struct column){ name, text };
	return rc;
}

/* Puts the key first, where tsr(5) wants it. */
static void
order_columns(struct table *t)
{
	for (size_t i = 1; i < t->columns; i++)
		if (strcmp(t->column[i].name, "key") == 0) {
			struct column key = t->column[i];

			memmove(t->column + 1, t->column, i * sizeof key);
			t->column[0] = key;
		}
}

/* Gives a record the value that an array has for it. Where the two agree
 * nothing is touched, so that what was not changed comes back as it was. */
static int
apply(struct meta *m, const char *name, const char *value)
{
	const char *old = meta_get(m, name);

	if (old != NULL && strcmp(old, value) == 0)
		return ST_OK;
	if (value[0] != '\0')
		return meta_set(m, name, "%s", value);
	meta_remove(m, name);
	return ST_OK;
}

/* Metadata of record i. A key that is not NULL names the array it comes from. */
static int
record_meta(const struct table *t, uint64_t i, const char *key, struct meta *m)
{
	int rc;

	if (t->meta.item != NULL) {
		rc = meta_parse(m, t->meta.item[i], strlen(t->meta.item[i]));
		if (rc == ST_OK && (m->n == 0 || strcmp(m->item[0].name, "key") != 0))
			rc = err_set(ST_DATA, "does not begin with key=");
		if (rc != ST_OK)
			return err_prefix("meta.npy: element %" PRIu64, i);
	} else if (key != NULL) {
		rc = meta_add(m, "key", "%s", key);
	} else {
		rc = t->columns > 0 && strcmp(t->column[0].name, "key") == 0
		             ? meta_add(m, "key", "%s", t->column[0].text.item[i])
		             : meta_add(m, "key", "%s.%" PRIu64, t->wish->base, i);
	}
	for (size_t k = 0; k < t->columns && rc == ST_OK; k++) {
		const char *name = t->column[k].name, *value = t->column[k].text.item[i];

		rc = strcmp(name, "key") == 0 ? meta_set(m, name, "%s", value) : apply(m, name, value);
		if (rc != ST_OK)
			rc = err_prefix("array '%s', element %" PRIu64, name, i);
	}
	return rc;
}

static int
put_record(const struct table *t, uint64_t i, const char *key, const struct npy *a, int first, const void *data)
{
	struct meta m = { 0 };
	int rc = record_meta(t, i, key, &m);

	if (rc == ST_OK)
		rc = tsr_record(t->out, a->dtype, a->rank - first, a->shape + first, &m, data);
	meta_clear(&m);
	return rc;
}

static int
put_head(const struct table *t, size_t segment)
{
	const struct npz_wish *wish = t->wish;
	const char *text = t->head.item == NULL ? NULL : t->head.item[segment];
	struct meta m = { 0 };
	int rc = ST_OK;

	if (text != NULL) {
		if ((rc = meta_parse(&m, text, strlen(text))) != ST_OK)
			err_prefix("head.npy: element %zu", segment);
	} else {
		rc = meta_add(&m, "type", "table");
	}
	for (size_t i = 0; i < wish->fields->n && rc == ST_OK; i++)
		rc = meta_set(&m, wish->fields->item[i].name, "%s", wish->fields->item[i].value);
	if (rc == ST_OK && (text == NULL || wish->fields->n > 0))
		rc = meta_copy(&m, wish->pg);
	if (rc == ST_OK)
		rc = tsr_head(t->out, &m);
	meta_clear(&m);
	return rc;
}

static int
check_size(const struct table *t, uint64_t bytes)
{
	if (bytes > t->wish->max_record)
		return err_set(ST_DATA, "a record of %" PRIu64 " bytes is larger than --max-record", bytes);
	return ST_OK;
}

/* Loads an array that is one record. */
static int
load_whole(const struct table *t, const struct npy *a, struct zip_stream *s, void **data)
{
	int rc = npy_want_numeric(a);

	if (rc == ST_OK && a->rank > TSR_RANK_MAX)
		rc = err_set(ST_DATA, "more than %d dimensions", TSR_RANK_MAX);
	if (rc == ST_OK)
		rc = check_size(t, a->bytes);
	return rc == ST_OK ? npy_load(a, s, data) : rc;
}

/* The array of all records, row after row. */
struct rows {
	const char *name;
	struct npy a;
	struct zip_stream *s;
	char *data;  /* one row, or the whole of an array in Fortran's order */
	uint64_t n;  /* rows handed out */
	size_t bytes; /* of a row */
	bool whole;
};

static int
rows_open(struct rows *r, const struct table *t)
{
	int rc = npy_want_numeric(&r->a);

	if (rc == ST_OK && r->a.rank == 0)
		rc = err_set(ST_DATA, "a single value is no stack of records");
	if (rc == ST_OK && r->a.bytes == 0 && r->a.shape[0] > EMPTY_MAX)
		rc = err_set(ST_DATA, "%" PRIu64 " records without values", r->a.shape[0]);
	if (rc != ST_OK)
		return rc;
	r->bytes = r->a.shape[0] == 0 ? 0 : (size_t)(r->a.bytes / r->a.shape[0]);
	if ((rc = check_size(t, r->bytes)) != ST_OK)
		return rc;
	r->whole = r->a.fortran && r->a.rank > 1;
	if (r->whole) {
		void *data;

		rc = npy_load(&r->a, r->s, &data);
		r->data = data;
		return rc;
	}
	r->data = mem_zero(r->bytes, 1);
	return r->data == NULL ? ST_SYS : ST_OK;
}

static int
rows_next(struct rows *r, const void **row)
{
	uint64_t i = r->n++;

	if (r->whole) {
		*row = r->data + i * r->bytes;
		return ST_OK;
	}
	*row = r->data;
	return zip_take(r->s, r->data, r->bytes);
}

static int
put_rows(const struct table *t, struct rows *r)
{
	int rc = ST_OK;

	for (size_t k = 0; k < t->segments && rc == ST_OK; k++) {
		rc = put_head(t, k);
		for (int64_t i = 0; i < t->records[k] && rc == ST_OK; i++) {
			const void *row;

			if ((rc = rows_next(r, &row)) != ST_OK)
				return err_prefix("%s.npy", r->name);
			rc = put_record(t, r->n - 1, NULL, &r->a, 1, row);
		}
		if (rc == ST_OK && r->n == t->n && !r->whole && (rc = zip_check(r->s)) != ST_OK)
			return err_prefix("%s.npy", r->name);
		if (rc == ST_OK)
			rc = tsr_end(t->out);
	}
	return rc;
}

/* All but the records, whose number is known. */
static int
read_fields(struct table *t)
{
	int rc = read_segments(t);

	if (rc == ST_OK)
		rc = read_text(t, find_array(t, "meta"), &t->n, &t->meta);
	for (size_t i = 0; i < t->zip.n && rc == ST_OK; i++) {
		const char *name = field_name(t, i);

		if (name != NULL && name != a_record)
			rc = add_column(t, i, name);
	}
	order_columns(t);
	return rc;
}

static int
read_stack(struct table *t)
{
	struct rows r = { .name = t->zip.name[t->data] };
	int rc = open_array(t, t->data, &r.s, &r.a);

	if (rc == ST_OK)
		rc = rows_open(&r, t);
	if (rc != ST_OK)
		rc = err_prefix("%s.npy", r.name);
	t->n = r.a.shape[0];
	if (rc == ST_OK)
		rc = read_fields(t);
	if (rc == ST_OK)
		rc = put_rows(t, &r);
	free(r.data);
	zip_leave(r.s);
	return rc;
}

/* The key of the record under that name: its metadata may have it without
 * the number that made the name unlike others. */
static int
check_key(const struct table *t, uint64_t i, const char *name)
{
	struct meta m = { 0 };
	const char *key;
	size_t n;
	int rc = record_meta(t, i, name, &m);

	if (rc == ST_OK) {
		key = meta_get(&m, "key");
		n = strlen(key);
		if (strncmp(name, key, n) != 0 || (name[n] != '\0' && name[n] != '~'))
			rc = err_set(ST_DATA, "array '%s' stands where meta.npy has '%s'", name, key);
	}
	meta_clear(&m);
	return rc;
}

/* Record i, which is that array. */
static int
read_one(const struct table *t, size_t array, struct zip_stream **s, uint64_t i)
{
	const char *name = t->zip.name[array];
	void *data = NULL;
	struct npy a;
	int rc = open_array(t, array, s, &a);

	if (rc == ST_OK)
		rc = load_whole(t, &a, *s, &data);
	if (rc != ST_OK)
		return err_prefix("%s.npy", name);
	if ((rc = check_key(t, i, name)) == ST_OK)
		rc = put_record(t, i, name, &a, 0, data);
	free(data);
	return rc;
}

static int
read_keys(struct table *t)
{
	struct zip_stream *s = NULL;
	size_t array = 0;
	uint64_t n = 0;
	int rc;

	for (size_t i = 0; i < t->zip.n; i++)
		t->n += field_name(t, i) == a_record;
	rc = read_fields(t);
	for (size_t k = 0; k < t->segments && rc == ST_OK; k++) {
		rc = put_head(t, k);
		for (int64_t i = 0; i < t->records[k] && rc == ST_OK; i++, array++, n++) {
			while (field_name(t, array) != a_record)
				array++;
			rc = read_one(t, array, &s, n);
		}
		if (rc == ST_OK)
			rc = tsr_end(t->out);
	}
	zip_leave(s);
	return rc;
}

int
npz_read(const struct map *m, const struct npz_wish *wish, struct tsr_writer *out)
{
	struct table t = { .wish = wish, .out = out };
	int rc = table_open(&t, m);

	if (rc == ST_OK)
		rc = t.data != NONE ? read_stack(&t) : read_keys(&t);
	table_clear(&t);
	return rc == ST_OK ? rc : err_prefix("%s", m->name);
}

/* A file that is one record. */
static int
put_whole(const struct table *t, struct rows *r)
{
	void *data = NULL;
	int rc = load_whole(t, &r->a, r->s, &data);

	if (rc == ST_OK && (rc = put_head(t, 0)) == ST_OK && (rc = put_record(t, 0, t->wish->base, &r->a, 0, data)) == ST_OK)
		rc = tsr_end(t->out);
	free(data);
	return rc;
}

int
npz_read_npy(const struct map *m, const struct npz_wish *wish, struct tsr_writer *out)
{
	int64_t records = 0;
	struct table t = { .wish = wish, .out = out, .records = &records, .segments = 1 };
	struct rows r = { .name = "array" };
	int rc = zip_plain(&r.s, m->data, m->size);

	if (rc == ST_OK)
		rc = npy_open(&r.a, r.s);
	if (rc == ST_OK && wish->one) {
		rc = put_whole(&t, &r);
	} else if (rc == ST_OK && (rc = rows_open(&r, &t)) == ST_OK) {
		t.n = r.a.shape[0];
		records = (int64_t)t.n;
		rc = put_rows(&t, &r);
	}
	free(r.data);
	zip_leave(r.s);
	return rc == ST_OK ? rc : err_prefix("%s", m->name);
}
