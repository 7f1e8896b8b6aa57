#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "numpy/npy.h"
#include "numpy/npz.h"

enum { EMPTY_MAX = 1 << 20 }; /* records without a single value: a header alone could claim any number */

/* A field of every record. */
struct column {
	char *name;
	struct npy_text text;
};

/* Everything but the records' values. */
struct table {
	const struct npz_wish *wish;
	struct tsr_writer *out;
	uint64_t n; /* records */
	struct npy_text head, meta; /* item is NULL where there is none */
	int64_t *records; /* of each segment */
	size_t segments;
	struct column *column;
	size_t columns;
};

static void
table_clear(struct table *t)
{
	for (size_t i = 0; i < t->columns; i++) {
		free(t->column[i].name);
		free(t->column[i].text.item);
	}
	free(t->column);
	free(t->head.item);
	free(t->meta.item);
	free(t->records);
}

/* "NAME.npy" without its end, for the caller to free; NULL on failure. */
static char *
array_name(const struct zip_entry *e)
{
	size_t n = strlen(e->name);

	if (n >= 4 && strcmp(e->name + n - 4, ".npy") == 0)
		return mem_strn(e->name, n - 4);
	err_set(ST_DATA, "'%s' in the archive is no array (.npy)", e->name);
	return NULL;
}

static int
open_array(const struct zip *z, const struct zip_entry *e, struct zip_stream **s, struct npy *a)
{
	int rc = zip_enter(s, z, e);

	return rc == ST_OK ? npy_open(a, *s) : rc;
}

/* Reads an array of strings; with want, of that many. */
static int
read_text(const struct zip *z, const struct zip_entry *e, const uint64_t *want, struct npy_text *t)
{
	struct zip_stream *s = NULL;
	struct npy a;
	int rc = open_array(z, e, &s, &a);

	t->item = NULL;
	if (rc == ST_OK)
		rc = npy_load_text(&a, s, t);
	if (rc == ST_OK && want != NULL && t->n != *want)
		rc = err_set(ST_DATA, "%zu elements for %" PRIu64 " records", t->n, *want);
	zip_leave(s);
	if (rc == ST_OK)
		return ST_OK;
	free(t->item);
	t->item = NULL;
	return err_prefix("%s", e->name);
}

static int
read_optional_text(const struct zip *z, const char *file, const uint64_t *want, struct npy_text *t)
{
	const struct zip_entry *e = zip_find(z, file);

	return e == NULL ? ST_OK : read_text(z, e, want, t);
}

/* How many records each segment has. */
static int
read_counts(const struct zip *z, const struct zip_entry *e, struct table *t)
{
	struct zip_stream *s = NULL;
	void *data = NULL;
	struct npy a;
	int rc = open_array(z, e, &s, &a);

	if (rc == ST_OK && (a.dtype != TSR_I64 || a.rank != 1 || a.shape[0] != t->segments))
		rc = err_set(ST_DATA, "must be one i8 for each element of head");
	if (rc == ST_OK)
		rc = npy_load(&a, s, &data);
	zip_leave(s);
	if (rc != ST_OK)
		return err_prefix("%s", e->name);
	free(t->records);
	t->records = data;
	return ST_OK;
}

static int
check_counts(const struct table *t)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < t->segments; i++)
		if (t->records[i] < 0 || (uint64_t)t->records[i] > t->n - sum)
			return err_set(ST_DATA, "records.npy does not add up to %" PRIu64 " records", t->n);
		else
			sum += (uint64_t)t->records[i];
	return sum == t->n ? ST_OK : err_set(ST_DATA, "records.npy does not add up to %" PRIu64 " records", t->n);
}

/* Heads and what says which records are theirs. */
static int
read_segments(const struct zip *z, struct table *t)
{
	const struct zip_entry *counts = zip_find(z, "records.npy");
	int rc = read_optional_text(z, "head.npy", NULL, &t->head);

	if (rc != ST_OK)
		return rc;
	if (t->head.item != NULL && t->head.n == 0)
		return err_set(ST_DATA, "head.npy is empty");
	t->segments = t->head.item == NULL ? 1 : t->head.n;
	t->records = mem_zero(t->segments, sizeof *t->records);
	if (t->records == NULL)
		return ST_SYS;
	if (counts == NULL && t->segments > 1)
		return err_set(ST_DATA, "head.npy has several elements, but there is no records.npy");
	t->records[0] = (int64_t)t->n;
	if (counts != NULL)
		rc = read_counts(z, counts, t);
	return rc == ST_OK ? check_counts(t) : rc;
}

/* Adds a field; takes name, also on failure. */
static int
add_column(const struct zip *z, struct table *t, const struct zip_entry *e, char *name)
{
	struct npy_text text;
	int rc = name == NULL ? ST_SYS : mem_push(&t->column, t->columns, sizeof *t->column);

	for (size_t i = 0; i < t->columns && rc == ST_OK; i++)
		if (strcmp(t->column[i].name, name) == 0)
			rc = err_set(ST_DATA, "two arrays stand for '%s'", name);
	if (rc == ST_OK)
		rc = read_text(z, e, &t->n, &text);
	if (rc != ST_OK) {
		free(name);
		return rc;
	}
	t->column[t->columns++] = (struct column){ name, text };
	return ST_OK;
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

static bool
is(const char *name, const char *wanted, const char *usual)
{
	return strcmp(name, wanted != NULL ? wanted : usual) == 0;
}

static bool
is_structure(const char *name)
{
	return strcmp(name, "head") == 0 || strcmp(name, "records") == 0 || strcmp(name, "meta") == 0;
}

/* The field that an array beside the stack stands for. */
static const char *
field_name(const struct npz_wish *wish, const char *name)
{
	return is(name, wish->key, "key")       ? "key"
	       : is(name, wish->label, "label") ? "label"
	       : is(name, wish->group, "group") ? "group"
	                                        : name;
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

/* The array of all records, row after row. */
struct rows {
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
put_rows(const struct table *t, struct rows *r, const char *what)
{
	int rc = ST_OK;

	for (size_t k = 0; k < t->segments && rc == ST_OK; k++) {
		rc = put_head(t, k);
		for (int64_t i = 0; i < t->records[k] && rc == ST_OK; i++) {
			const void *row;

			if ((rc = rows_next(r, &row)) != ST_OK)
				return err_prefix("%s", what);
			rc = put_record(t, r->n - 1, NULL, &r->a, 1, row);
		}
		if (rc == ST_OK && r->n == t->n && !r->whole && (rc = zip_check(r->s)) != ST_OK)
			return err_prefix("%s", what);
		if (rc == ST_OK)
			rc = tsr_end(t->out);
	}
	return rc;
}

static int
read_columns(const struct zip *z, struct table *t, const struct zip_entry *data)
{
	int rc = ST_OK;

	for (size_t i = 0; i < z->n && rc == ST_OK; i++) {
		char *name;

		if (&z->entry[i] == data)
			continue;
		if ((name = array_name(&z->entry[i])) == NULL)
			return err_status();
		if (!is_structure(name))
			rc = add_column(z, t, &z->entry[i], mem_str(field_name(t->wish, name)));
		free(name);
	}
	order_columns(t);
	return rc;
}

static int
read_stack(const struct zip *z, struct table *t, const struct zip_entry *data)
{
	struct rows r = { .n = 0 };
	int rc = open_array(z, data, &r.s, &r.a);

	if (rc == ST_OK)
		rc = rows_open(&r, t);
	if (rc != ST_OK)
		rc = err_prefix("%s", data->name);
	t->n = r.a.shape[0];
	if (rc == ST_OK)
		rc = read_segments(z, t);
	if (rc == ST_OK)
		rc = read_optional_text(z, "meta.npy", &t->n, &t->meta);
	if (rc == ST_OK)
		rc = read_columns(z, t, data);
	if (rc == ST_OK)
		rc = put_rows(t, &r, data->name);
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

static int
read_one(const struct zip *z, const struct table *t, const struct zip_entry *e, uint64_t i, const char *name)
{
	struct zip_stream *s = NULL;
	void *data = NULL;
	struct npy a;
	int rc = open_array(z, e, &s, &a);

	if (rc == ST_OK)
		rc = npy_want_numeric(&a);
	if (rc == ST_OK && a.rank > TSR_RANK_MAX)
		rc = err_set(ST_DATA, "more than %d dimensions", TSR_RANK_MAX);
	if (rc == ST_OK)
		rc = check_size(t, a.bytes);
	if (rc == ST_OK)
		rc = npy_load(&a, s, &data);
	zip_leave(s);
	if (rc != ST_OK)
		return err_prefix("%s", e->name);
	if ((rc = check_key(t, i, name)) == ST_OK)
		rc = put_record(t, i, name, &a, 0, data);
	free(data);
	return rc;
}

/* The arrays that are records, and fields of records. */
static int
sort_entries(const struct zip *z, struct table *t, const struct zip_entry **record)
{
	const struct zip_entry *field[2] = { NULL, NULL };
	int rc = ST_OK;

	for (size_t i = 0; i < z->n; i++) {
		char *name = array_name(&z->entry[i]);

		if (name == NULL)
			return err_status();
		if (is(name, t->wish->label, "label"))
			field[0] = &z->entry[i];
		else if (is(name, t->wish->group, "group"))
			field[1] = &z->entry[i];
		else if (!is_structure(name))
			record[t->n++] = &z->entry[i];
		free(name);
	}
	for (int i = 0; i < 2 && rc == ST_OK; i++)
		if (field[i] != NULL)
			rc = add_column(z, t, field[i], mem_str(i == 0 ? "label" : "group"));
	return rc;
}

static int
put_arrays(const struct zip *z, const struct table *t, const struct zip_entry *const *record)
{
	uint64_t n = 0;
	int rc = ST_OK;

	for (size_t k = 0; k < t->segments && rc == ST_OK; k++) {
		rc = put_head(t, k);
		for (int64_t i = 0; i < t->records[k] && rc == ST_OK; i++, n++) {
			char *name = array_name(record[n]);

			rc = name == NULL ? err_status() : read_one(z, t, record[n], n, name);
			free(name);
		}
		if (rc == ST_OK)
			rc = tsr_end(t->out);
	}
	return rc;
}

static int
read_keys(const struct zip *z, struct table *t)
{
	const struct zip_entry **record = mem_zero(z->n, sizeof *record);
	int rc = record == NULL ? ST_SYS : sort_entries(z, t, record);

	if (rc == ST_OK)
		rc = read_segments(z, t);
	if (rc == ST_OK)
		rc = read_optional_text(z, "meta.npy", &t->n, &t->meta);
	if (rc == ST_OK)
		rc = put_arrays(z, t, record);
	free(record);
	return rc;
}

/* The stack among the entries; NULL where each is a record. */
static int
find_stack(const struct zip *z, const struct npz_wish *wish, const struct zip_entry **data)
{
	const char *name = wish->data != NULL ? wish->data : "data";

	*data = NULL;
	if (wish->layout == NPZ_KEYS)
		return ST_OK;
	for (size_t i = 0; i < z->n; i++) {
		size_t n = strlen(name);

		if (strncmp(z->entry[i].name, name, n) == 0 && strcmp(z->entry[i].name + n, ".npy") == 0)
			*data = &z->entry[i];
	}
	if (*data == NULL && (wish->layout == NPZ_STACK || wish->data != NULL))
		return err_set(ST_DATA, "the archive has no array '%s'", name);
	return ST_OK;
}

int
npz_read(const struct map *m, const struct npz_wish *wish, struct tsr_writer *out)
{
	struct table t = { .wish = wish, .out = out };
	const struct zip_entry *data;
	struct zip z;
	int rc = zip_open(&z, m->data, m->size);

	if (rc == ST_OK) {
		rc = find_stack(&z, wish, &data);
		if (rc == ST_OK)
			rc = data != NULL ? read_stack(&z, &t, data) : read_keys(&z, &t);
		table_clear(&t);
		zip_close(&z);
	}
	return rc == ST_OK ? rc : err_prefix("%s", m->name);
}

/* A file that is one record. */
static int
put_whole(const struct table *t, struct rows *r)
{
	void *data = NULL;
	int rc;

	if (r->a.rank > TSR_RANK_MAX)
		return err_set(ST_DATA, "more than %d dimensions", TSR_RANK_MAX);
	if ((rc = check_size(t, r->a.bytes)) != ST_OK || (rc = npy_load(&r->a, r->s, &data)) != ST_OK)
		return rc;
	if ((rc = put_head(t, 0)) == ST_OK && (rc = put_record(t, 0, t->wish->base, &r->a, 0, data)) == ST_OK)
		rc = tsr_end(t->out);
	free(data);
	return rc;
}

int
npz_read_npy(const struct map *m, const struct npz_wish *wish, struct tsr_writer *out)
{
	int64_t records = 0;
	struct table t = { .wish = wish, .out = out, .records = &records, .segments = 1 };
	struct rows r = { .n = 0 };
	int rc = zip_plain(&r.s, m->data, m->size);

	if (rc == ST_OK)
		rc = npy_open(&r.a, r.s);
	if (rc == ST_OK && wish->one) {
		rc = put_whole(&t, &r);
	} else if (rc == ST_OK && (rc = rows_open(&r, &t)) == ST_OK) {
		t.n = r.a.shape[0];
		records = (int64_t)t.n;
		rc = put_rows(&t, &r, "the array");
	}
	free(r.data);
	zip_leave(r.s);
	return rc == ST_OK ? rc : err_prefix("%s", m->name);
}
