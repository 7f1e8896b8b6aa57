#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/order.h"
#include "numpy/npy.h"
#include "numpy/npz.h"

enum { EMPTY_MAX = 1 << 20 }; /* records without a single value: a header alone could claim any number */

#define NONE SIZE_MAX /* no array */

/* A field of every record. */
struct column {
	const char *name;
	struct npy_text text;
};

/* An archive, without the records' values. */
struct input {
	const struct npz_options *options;
	struct tsr_writer *out;
	struct zip zip;
	size_t data;    /* the array that is the stack; NONE: each is a record */
	uint64_t n;     /* records */
	struct npy_text head, meta; /* item is NULL where there is none */
	int64_t *records; /* of each segment */
	size_t segments;
	struct column *column;
	size_t columns;
	bool keyed;     /* a column has the keys */
};

static void
input_clear(struct input *in)
{
	for (size_t i = 0; i < in->columns; i++)
		free(in->column[i].text.item);
	free(in->column);
	free(in->head.item);
	free(in->meta.item);
	free(in->records);
	zip_close(&in->zip);
}

static size_t
find_array(const struct input *in, const char *name)
{
	for (size_t i = 0; i < in->zip.n; i++)
		if (strcmp(in->zip.name[i], name) == 0)
			return i;
	return NONE;
}

/* Reads the archive's names and finds the stack. */
static int
input_open(struct input *in, const struct map *m)
{
	const struct npz_options *options = in->options;
	const char *stack = options->data != NULL ? options->data : "data";
	int rc = zip_open(&in->zip, m->data, m->size);

	in->data = options->layout == NPZ_KEYS ? NONE : find_array(in, stack);
	if (rc == ST_OK && in->data == NONE &&
	    (options->layout == NPZ_STACK || (options->layout != NPZ_KEYS && options->data != NULL)))
		return err_set(ST_DATA, "the archive has no array '%s'", stack);
	return rc;
}

/* Opens an array; *s may be of an earlier one. */
static int
open_array(const struct input *in, size_t array, struct zip_stream **s, struct npy *a)
{
	int rc = zip_enter(s, &in->zip, array);

	return rc == ST_OK ? npy_open(a, *s) : rc;
}

/* Reads an array of strings, *n of them unless n is NULL. */
static int
read_text(const struct input *in, size_t array, const uint64_t *n, struct npy_text *text)
{
	struct zip_stream *s = NULL;
	struct npy a;
	int rc = array == NONE ? ST_OK : open_array(in, array, &s, &a);

	text->item = NULL;
	if (rc == ST_OK && array != NONE && n != NULL && a.elements != *n)
		rc = err_set(ST_DATA, "%" PRIu64 " elements for %" PRIu64 " records", a.elements, *n);
	if (rc == ST_OK && array != NONE)
		rc = npy_load_text(&a, s, text);
	zip_leave(s);
	return rc == ST_OK ? ST_OK : err_prefix("%s.npy", in->zip.name[array]);
}

/* Reads the number of records in each segment. */
static int
read_counts(struct input *in, size_t array)
{
	struct zip_stream *s = NULL;
	void *data = NULL;
	struct npy a;
	uint64_t sum = 0;
	int rc = open_array(in, array, &s, &a);
	bool fits = true;

	if (rc == ST_OK && (a.dtype != TSR_I64 || a.rank != 1 || a.shape[0] != in->segments))
		rc = err_set(ST_DATA, "must be one i8 for each element of head");
	if (rc == ST_OK)
		rc = npy_load(&a, s, &data);
	zip_leave(s);
	if (rc != ST_OK)
		return err_prefix("%s.npy", in->zip.name[array]);
	free(in->records);
	in->records = data;
	for (size_t i = 0; i < in->segments; i++)
		fits = fits && in->records[i] >= 0 && !__builtin_add_overflow(sum, (uint64_t)in->records[i], &sum);
	return fits && sum == in->n ? ST_OK : err_set(ST_DATA, "records.npy does not add up to %" PRIu64 " records", in->n);
}

/* Reads the heads and their numbers of records. */
static int
read_segments(struct input *in)
{
	size_t counts = find_array(in, "records");
	int rc = read_text(in, find_array(in, "head"), NULL, &in->head);

	if (rc != ST_OK)
		return rc;
	if (in->head.item != NULL && in->head.n == 0)
		return err_set(ST_DATA, "head.npy is empty");
	in->segments = in->head.item == NULL ? 1 : in->head.n;
	in->records = mem_zero(in->segments, sizeof *in->records);
	if (in->records == NULL)
		return ST_SYS;
	if (counts == NONE && in->segments > 1)
		return err_set(ST_DATA, "head.npy has several elements, but records.npy is missing");
	in->records[0] = (int64_t)in->n;
	return counts == NONE ? ST_OK : read_counts(in, counts);
}

static bool
is(const char *name, const char *given, const char *usual)
{
	return strcmp(name, given != NULL ? given : usual) == 0;
}

static const char a_record[] = "a record";

/* The name of the records' field that an array has; a_record where it is a record;
 * NULL for neither. */
static const char *
field_name(const struct input *in, size_t array)
{
	const struct npz_options *options = in->options;
	const char *name = in->zip.name[array];

	if (array == in->data || strcmp(name, "head") == 0 || strcmp(name, "records") == 0 || strcmp(name, "meta") == 0)
		return NULL;
	if (in->data != NONE && is(name, options->key, "key"))
		return "key";
	if (is(name, options->label, "label"))
		return "label";
	if (is(name, options->group, "group"))
		return "group";
	return in->data != NONE ? name : a_record;
}

static int
add_column(struct input *in, size_t array, const char *name)
{
	struct npy_text text;
	int rc = mem_push(&in->column, in->columns, sizeof *in->column);

	for (size_t i = 0; i < in->columns && rc == ST_OK; i++)
		if (strcmp(in->column[i].name, name) == 0)
			rc = err_set(ST_DATA, "two arrays have the field '%s'", name);
	if (rc == ST_OK && (rc = read_text(in, array, &in->n, &text)) == ST_OK)
		in->column[in->columns++] = (struct column){ name, text };
	in->keyed = in->keyed || strcmp(name, "key") == 0;
	return rc;
}

/* Sets a record's field to an array's value. An equal one stays as it is, so that
 * unchanged metadata keep their order. */
static int
apply(struct meta *m, const char *name, const char *value)
{
	const char *previous = meta_get(m, name);

	if (previous != NULL && strcmp(previous, value) == 0)
		return ST_OK;
	if (value[0] != '\0')
		return meta_set(m, name, "%s", value);
	meta_remove(m, name);
	return ST_OK;
}

/* Metadata of record i. key is the name of the record's array, NULL in a stack. */
static int
record_meta(const struct input *in, uint64_t i, const char *key, struct meta *m)
{
	int rc;

	if (in->meta.item != NULL) {
		rc = meta_parse(m, in->meta.item[i], strlen(in->meta.item[i]));
		if (rc == ST_OK && (m->n == 0 || strcmp(m->item[0].name, "key") != 0))
			rc = err_set(ST_DATA, "does not begin with key=");
		if (rc != ST_OK)
			return err_prefix("meta.npy: element %" PRIu64, i);
	} else if (key != NULL || in->keyed) { /* first, as tsr(5) requires; a column sets it below */
		rc = meta_add(m, "key", "%s", key != NULL ? key : "");
	} else {
		rc = meta_add(m, "key", "%s.%" PRIu64, in->options->base, i);
	}
	for (size_t k = 0; k < in->columns && rc == ST_OK; k++) {
		const char *name = in->column[k].name, *value = in->column[k].text.item[i];

		rc = strcmp(name, "key") == 0 ? meta_set(m, name, "%s", value) : apply(m, name, value);
		if (rc != ST_OK)
			rc = err_prefix("array '%s', element %" PRIu64, name, i);
	}
	return rc;
}

/* What was a stream is made into the same again, whatever its keys. */
static int
check_unique(const struct input *in, const struct meta *m)
{
	struct unique *keys = in->options->keys;
	uint64_t before = 0;
	int rc = keys == NULL || in->meta.item != NULL ? ST_OK : unique_add(keys, m, keys->n + 1, &before);

	if (rc != ST_OK || before == 0)
		return rc;
	return err_set(ST_DATA, "record %zu: the key '%s' is that of record %" PRIu64 " too: keys, or an array 'start', must differ",
	               keys->n + 1, meta_get(m, "key"), before);
}

static int
put_record(const struct input *in, uint64_t i, const char *key, const struct npy *a, int first, const void *data)
{
	struct tsr_chunk c = { .kind = 'T', .dtype = a->dtype, .rank = a->rank - first, .data = data };
	int rc = record_meta(in, i, key, &c.meta);

	memcpy(c.shape, a->shape + first, (size_t)c.rank * sizeof *c.shape);
	if (rc == ST_OK)
		rc = check_unique(in, &c.meta);
	if (rc == ST_OK && in->options->record != NULL && (rc = in->options->record(in->options->ctx, &c)) != ST_OK)
		rc = err_prefix("record %" PRIu64 " (%s)", i + 1, meta_get(&c.meta, "key"));
	if (rc == ST_OK)
		rc = tsr_record(in->out, c.dtype, c.rank, c.shape, &c.meta, c.data);
	meta_clear(&c.meta);
	return rc;
}

static int
put_head(const struct input *in, size_t segment)
{
	const struct npz_options *options = in->options;
	const char *text = in->head.item == NULL ? NULL : in->head.item[segment];
	struct meta m = { 0 };
	int rc = ST_OK;

	if (text != NULL) {
		if ((rc = meta_parse(&m, text, strlen(text))) != ST_OK)
			err_prefix("head.npy: element %zu", segment);
	} else {
		rc = meta_add(&m, "type", "table");
	}
	for (size_t i = 0; i < options->fields->n && rc == ST_OK; i++)
		rc = meta_set(&m, options->fields->item[i].name, "%s", options->fields->item[i].value);
	if (rc == ST_OK && options->head != NULL)
		rc = options->head(options->ctx, &m, text != NULL);
	if (rc == ST_OK && (text == NULL || options->fields->n > 0))
		rc = meta_copy(&m, options->pg);
	if (rc == ST_OK)
		rc = tsr_head(in->out, &m);
	meta_clear(&m);
	return rc;
}

static int
check_size(const struct input *in, uint64_t bytes)
{
	if (bytes > in->options->max_record)
		return err_set(ST_DATA, "a record of %" PRIu64 " bytes is larger than --max-record", bytes);
	return ST_OK;
}

/* Loads an array that is one record. */
static int
load_whole(const struct input *in, const struct npy *a, struct zip_stream *s, void **data)
{
	int rc = a->rank > TSR_RANK_MAX ? err_set(ST_DATA, "more than %d dimensions", TSR_RANK_MAX)
	                                : check_size(in, a->bytes);

	return rc == ST_OK ? npy_load(a, s, data) : rc;
}

/* The array of all records, row after row. */
struct rows {
	const char *name;
	struct npy a;
	struct zip_stream *s;
	void *data;   /* one row, or the whole of an array in Fortran's order */
	size_t bytes; /* of a row */
	bool whole;
};

static int
rows_open(struct rows *r, const struct input *in)
{
	int rc = npy_check_numeric(&r->a);

	if (rc == ST_OK && r->a.rank == 0)
		rc = err_set(ST_DATA, "a single value is no stack of records");
	if (rc == ST_OK && r->a.bytes == 0 && r->a.shape[0] > EMPTY_MAX)
		rc = err_set(ST_DATA, "%" PRIu64 " records without values", r->a.shape[0]);
	if (rc != ST_OK)
		return rc;
	r->bytes = r->a.shape[0] == 0 ? 0 : (size_t)(r->a.bytes / r->a.shape[0]);
	if ((rc = check_size(in, r->bytes)) != ST_OK)
		return rc;
	r->whole = r->a.fortran && r->a.rank > 1;
	if (r->whole)
		return npy_load(&r->a, r->s, &r->data);
	r->data = mem_zero(r->bytes, 1);
	return r->data == NULL ? ST_SYS : ST_OK;
}

/* Writes all segments; put writes record i, from 0, of the input. */
static int
put_segments(const struct input *in, int (*put)(const struct input *in, uint64_t i, void *from), void *from)
{
	uint64_t n = 0;
	int rc = ST_OK;

	for (size_t k = 0; k < in->segments && rc == ST_OK; k++) {
		rc = put_head(in, k);
		for (int64_t i = 0; i < in->records[k] && rc == ST_OK; i++)
			rc = put(in, n++, from);
		if (rc == ST_OK)
			rc = tsr_end(in->out);
	}
	return rc;
}

static int
put_row(const struct input *in, uint64_t i, void *from)
{
	const struct rows *r = from;

	if (!r->whole) {
		if (zip_take(r->s, r->data, r->bytes) != ST_OK)
			return err_prefix("%s.npy", r->name);
		order_turn(r->data, r->a.size, r->bytes / r->a.size);
	}
	return put_record(in, i, NULL, &r->a, 1, (const char *)r->data + (r->whole ? i * r->bytes : 0));
}

static int
put_rows(const struct input *in, struct rows *r)
{
	int rc = put_segments(in, put_row, r);

	return rc == ST_OK && !r->whole && zip_check(r->s) != ST_OK ? err_prefix("%s.npy", r->name) : rc;
}

/* Reads all but the records, whose number is known. */
static int
read_fields(struct input *in)
{
	int rc = read_segments(in);

	if (rc == ST_OK)
		rc = read_text(in, find_array(in, "meta"), &in->n, &in->meta);
	for (size_t i = 0; i < in->zip.n && rc == ST_OK; i++) {
		const char *name = field_name(in, i);

		if (name != NULL && name != a_record)
			rc = add_column(in, i, name);
	}
	return rc;
}

static int
read_stack(struct input *in)
{
	struct rows r = { .name = in->zip.name[in->data] };
	int rc = open_array(in, in->data, &r.s, &r.a);

	if (rc == ST_OK)
		rc = rows_open(&r, in);
	if (rc != ST_OK)
		rc = err_prefix("%s.npy", r.name);
	in->n = r.a.shape[0];
	if (rc == ST_OK)
		rc = read_fields(in);
	if (rc == ST_OK)
		rc = put_rows(in, &r);
	free(r.data);
	zip_leave(r.s);
	return rc;
}

/* Checks the key of the record under that name: its metadata may have it without
 * the number that made the name unique. */
static int
check_key(const struct input *in, uint64_t i, const char *name)
{
	struct meta m = { 0 };
	const char *key;
	size_t n;
	int rc = record_meta(in, i, name, &m);

	if (rc == ST_OK) {
		key = meta_get(&m, "key");
		n = strlen(key);
		if (strncmp(name, key, n) != 0 || (name[n] != '\0' && name[n] != '~'))
			rc = err_set(ST_DATA, "array '%s' has '%s' in meta.npy", name, key);
	}
	meta_clear(&m);
	return rc;
}

/* The arrays that are records. */
struct arrays {
	struct zip_stream *s;
	size_t next;
};

static int
put_array(const struct input *in, uint64_t i, void *from)
{
	struct arrays *arrays = from;
	const char *name;
	void *data = NULL;
	struct npy a;
	int rc;

	while (field_name(in, arrays->next) != a_record)
		arrays->next++;
	name = in->zip.name[arrays->next];
	rc = open_array(in, arrays->next++, &arrays->s, &a);
	if (rc == ST_OK)
		rc = load_whole(in, &a, arrays->s, &data);
	if (rc != ST_OK)
		return err_prefix("%s.npy", name);
	if ((rc = check_key(in, i, name)) == ST_OK)
		rc = put_record(in, i, name, &a, 0, data);
	free(data);
	return rc;
}

static int
read_keys(struct input *in)
{
	struct arrays arrays = { 0 };
	int rc;

	for (size_t i = 0; i < in->zip.n; i++)
		in->n += field_name(in, i) == a_record;
	rc = read_fields(in);
	if (rc == ST_OK)
		rc = put_segments(in, put_array, &arrays);
	zip_leave(arrays.s);
	return rc;
}

int
npz_read(const struct map *m, const struct npz_options *options, struct tsr_writer *out)
{
	struct input in = { .options = options, .out = out };
	int rc = input_open(&in, m);

	if (rc == ST_OK)
		rc = in.data != NONE ? read_stack(&in) : read_keys(&in);
	input_clear(&in);
	return rc == ST_OK ? rc : err_prefix("%s", m->name);
}

/* A file that is one record. */
static int
put_whole(const struct input *in, uint64_t i, void *from)
{
	const struct rows *r = from;
	void *data = NULL;
	int rc = load_whole(in, &r->a, r->s, &data);

	if (rc == ST_OK)
		rc = put_record(in, i, in->options->base, &r->a, 0, data);
	free(data);
	return rc;
}

int
npz_read_npy(const struct map *m, const struct npz_options *options, struct tsr_writer *out)
{
	int64_t records = 1;
	struct input in = { .options = options, .out = out, .records = &records, .segments = 1 };
	struct rows r = { .name = "array" };
	int rc = zip_plain(&r.s, m->data, m->size);

	if (rc == ST_OK)
		rc = npy_open(&r.a, r.s);
	if (rc == ST_OK && options->one) {
		rc = put_segments(&in, put_whole, &r);
	} else if (rc == ST_OK && (rc = rows_open(&r, &in)) == ST_OK) {
		records = (int64_t)r.a.shape[0];
		rc = put_rows(&in, &r);
	}
	free(r.data);
	zip_leave(r.s);
	return rc == ST_OK ? rc : err_prefix("%s", m->name);
}
