#include "exchange/safetensors_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "exchange/json.h"

#ifdef HAVE_libcjson
#include "base/mem.h"
#include "stream/value.h"

enum { HEADER_SIZE = 8, ENTRIES_MAX = 65536 };
#define HEADER_MAX ((uint64_t)1 << 24)

enum type { F64, F32, F16, BF16, TYPES };
static const char *const type_names[TYPES] = { "F64", "F32", "F16", "BF16" };
static const size_t type_sizes[TYPES] = { 8, 4, 2, 2 };

struct safetensors {
	const char *file;
	const unsigned char *data; /* behind the header */
	size_t size;
	cJSON *header;
	struct entry {
		const char *name;
		enum type type; /* TYPES: another, which cannot be read */
		const char *type_name;
		struct array_shape shape;
		size_t begin, bytes;
	} *entry;
	size_t n;
};

static int
wrong(const struct entry *e, const char *what)
{
	return err_set(ST_DATA, "'%.200s' in it: %s", e->name, what);
}

static int
take_shape(struct entry *e, const cJSON *shape)
{
	const cJSON *d;

	if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > ARRAYS_RANK_MAX)
		return wrong(e, "its shape is no list of at most 8 numbers");
	cJSON_ArrayForEach(d, shape)
		if (!json_whole(d, 0, ARRAYS_VALUES_MAX, &e->shape.d[e->shape.rank++]))
			return wrong(e, "its shape has a dimension that is no size");
	return ST_OK;
}

static int
take_entry(struct safetensors *s, struct entry *e, const cJSON *item)
{
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
	size_t end, n;
	int rc;

	e->name = item->string;
	e->type_name = json_text(item, "dtype");
	if (e->type_name == NULL)
		return wrong(e, "it has no dtype");
	while (e->type < TYPES && strcmp(type_names[e->type], e->type_name) != 0)
		e->type++;
	if ((rc = take_shape(e, cJSON_GetObjectItemCaseSensitive(item, "shape"))) != ST_OK)
		return rc;
	if ((rc = arrays_count(&e->shape, &n)) != ST_OK)
		return wrong(e, "it has too many values");
	if (cJSON_GetArraySize(at) != 2 || !json_whole(cJSON_GetArrayItem(at, 0), 0, 9e15, &e->begin) ||
	    !json_whole(cJSON_GetArrayItem(at, 1), 0, 9e15, &end) || end < e->begin)
		return wrong(e, "its data_offsets are damaged");
	if (end > s->size)
		return err_set(ST_DATA, "cut off: '%.200s' ends %zu bytes behind the file's end", e->name, end - s->size);
	e->bytes = end - e->begin;
	if (e->type < TYPES && e->bytes != n * type_sizes[e->type])
		return wrong(e, "its shape and its data_offsets do not fit");
	return ST_OK;
}

static int
take_header(struct safetensors *s)
{
	size_t n = (size_t)cJSON_GetArraySize(s->header);
	const cJSON *item;
	int rc = ST_OK;

	if (!cJSON_IsObject(s->header))
		return err_set(ST_DATA, "its header is no JSON object");
	if (n > ENTRIES_MAX)
		return err_set(ST_DATA, "more than %d arrays", ENTRIES_MAX);
	if ((s->entry = mem_zero(n, sizeof *s->entry)) == NULL)
		return ST_SYS;
	cJSON_ArrayForEach(item, s->header) {
		if (strcmp(item->string, "__metadata__") == 0)
			continue;
		if ((rc = take_entry(s, &s->entry[s->n++], item)) != ST_OK)
			return rc;
	}
	return ST_OK;
}

static int
read_header(struct safetensors *s, const unsigned char *data, size_t n)
{
	uint64_t header = n < HEADER_SIZE ? 0 : mem_little(data, HEADER_SIZE);
	int rc;

	if (n < HEADER_SIZE)
		return err_set(ST_DATA, "cut off: %zu bytes are no safetensors file", n);
	if (header > HEADER_MAX || header < 2)
		return err_set(ST_DATA, "its header would have %llu bytes", (unsigned long long)header);
	if (header > n - HEADER_SIZE)
		return err_set(ST_DATA, "cut off in its header");
	if ((rc = json_parse(&s->header, (const char *)data + HEADER_SIZE, (size_t)header)) != ST_OK)
		return err_prefix("its header");
	s->data = data + HEADER_SIZE + header;
	s->size = n - HEADER_SIZE - (size_t)header;
	return take_header(s);
}

int
safetensors_open(struct safetensors **out, const char *file, const void *data, size_t n)
{
	struct safetensors *s = mem_zero(1, sizeof *s);
	int rc;

	*out = NULL;
	if (s == NULL)
		return ST_SYS;
	s->file = file;
	if ((rc = read_header(s, data, n)) != ST_OK) {
		safetensors_close(s);
		return err_prefix("%s", file);
	}
	*out = s;
	return ST_OK;
}

void
safetensors_close(struct safetensors *s)
{
	if (s == NULL)
		return;
	cJSON_Delete(s->header);
	free(s->entry);
	free(s);
}

static const struct entry *
find(const struct safetensors *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->entry[i].name, name) == 0)
			return &s->entry[i];
	return NULL;
}

static bool
has_array(void *ctx, const char *name)
{
	return find(ctx, name) != NULL;
}

static int
array_shape(void *ctx, const char *name, struct array_shape *shape)
{
	const struct safetensors *s = ctx;
	const struct entry *e = find(s, name);

	if (e == NULL)
		return err_set(ST_DATA, "%s: no '%.200s' in it", s->file, name);
	if (e->type == TYPES)
		return err_set(ST_DATA, "%s: '%.200s' in it is of type %.20s; F64, F32, F16 or BF16 is required", s->file, name,
		               e->type_name);
	*shape = e->shape;
	return ST_OK;
}

static float
value_at(const unsigned char *p, enum type type)
{
	uint64_t bits = mem_little(p, type_sizes[type]);
	uint32_t word = (uint32_t)(type == BF16 ? bits << 16 : bits);
	double wide;
	float x;

	if (type == F16)
		return value_half((uint16_t)bits);
	if (type == F64) {
		memcpy(&wide, &bits, sizeof wide);
		return (float)wide;
	}
	memcpy(&x, &word, sizeof x);
	return x;
}

static int
read_array(void *ctx, const char *name, const struct array_shape *shape, float *to)
{
	const struct safetensors *s = ctx;
	const struct entry *e = find(s, name);
	size_t n;
	int rc = arrays_count(shape, &n);

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		to[i] = value_at(s->data + e->begin + i * type_sizes[e->type], e->type);
	return rc;
}

struct arrays
safetensors_arrays(struct safetensors *s)
{
	return (struct arrays){ .ctx = s, .has = has_array, .shape = array_shape, .read = read_array };
}

size_t
safetensors_count(const struct safetensors *s)
{
	return s->n;
}

const char *
safetensors_name(const struct safetensors *s, size_t i)
{
	return s->entry[i].name;
}

static const cJSON *
metadata(const struct safetensors *s)
{
	return cJSON_GetObjectItemCaseSensitive(s->header, "__metadata__");
}

bool
safetensors_is_ours(const struct safetensors *s)
{
	const char *type = json_text(metadata(s), "type");

	return type != NULL && strcmp(type, "model") == 0 && json_text(metadata(s), "net") != NULL;
}

/* One pair for each line of the value. */
static int
add_lines(struct meta *to, const char *name, const char *text)
{
	const char *end;
	int rc;

	do {
		end = text + strcspn(text, "\n");
		rc = meta_add(to, name, "%.*s", (int)(end - text), text);
		text = end + 1;
	} while (*end != '\0' && rc == ST_OK);
	return rc;
}

int
safetensors_head(const struct safetensors *s, struct meta *to)
{
	const cJSON *item;
	int rc = ST_OK;

	cJSON_ArrayForEach(item, metadata(s)) {
		if (!cJSON_IsString(item))
			rc = err_set(ST_DATA, "'%.100s' is no text", item->string);
		else
			rc = add_lines(to, item->string, item->valuestring);
		if (rc != ST_OK)
			return err_prefix("%s: its metadata", s->file);
	}
	return rc;
}

/* Bytes of the file in the order of this machine. */
static void
copy_values(const struct entry *e, size_t size, const unsigned char *from, unsigned char *to)
{
	static const uint16_t one = 1;
	const bool little_endian = *(const unsigned char *)&one == 1;

	for (size_t i = 0; i < e->bytes; i++)
		to[little_endian ? i : i / size * size + size - 1 - i % size] = from[i];
}

static int
give(const struct safetensors *s, const struct entry *e, struct model *to)
{
	static const struct {
		const char *name;
		enum tsr_dtype type;
	} types[] = { { "F32", TSR_F32 }, { "F64", TSR_F64 }, { "F16", TSR_F16 }, { "I64", TSR_I64 }, { "I32", TSR_I32 },
		{ "U8", TSR_U8 } };
	uint64_t shape[TSR_RANK_MAX];
	size_t i = 0, n;
	void *data;
	int rc = arrays_count(&e->shape, &n);

	while (i < sizeof types / sizeof *types && strcmp(types[i].name, e->type_name) != 0)
		i++;
	if (i == sizeof types / sizeof *types)
		return wrong(e, "its type is none of a model's");
	if (rc != ST_OK || e->bytes != n * tsr_dtype_size(types[i].type))
		return wrong(e, "its shape and its data_offsets do not fit");
	if ((data = mem_zero(e->bytes, 1)) == NULL)
		return ST_SYS;
	copy_values(e, tsr_dtype_size(types[i].type), s->data + e->begin, data);
	for (int k = 0; k < e->shape.rank; k++)
		shape[k] = e->shape.d[k];
	rc = model_add(to, e->name, types[i].type, e->shape.rank, shape, data);
	free(data);
	return rc;
}

int
safetensors_give(const struct safetensors *s, struct model *to)
{
	int rc = ST_OK;

	for (size_t i = 0; i < s->n && rc == ST_OK; i++)
		if ((rc = give(s, &s->entry[i], to)) != ST_OK)
			err_prefix("%s", s->file);
	return rc;
}
#else
int
safetensors_open(struct safetensors **out, const char *file, const void *data, size_t n)
{
	(void)data;
	(void)n;
	*out = NULL;
	return err_set(ST_SYS, "%s: this program was built without safetensors: install libcjson-dev, and build it again", file);
}

void
safetensors_close(struct safetensors *s)
{
	(void)s;
}

struct arrays
safetensors_arrays(struct safetensors *s)
{
	(void)s;
	return (struct arrays){ 0 };
}

size_t
safetensors_count(const struct safetensors *s)
{
	(void)s;
	return 0;
}

const char *
safetensors_name(const struct safetensors *s, size_t i)
{
	(void)s;
	(void)i;
	return "";
}

bool
safetensors_is_ours(const struct safetensors *s)
{
	(void)s;
	return false;
}

int
safetensors_head(const struct safetensors *s, struct meta *to)
{
	(void)s;
	(void)to;
	return ST_SYS;
}

int
safetensors_give(const struct safetensors *s, struct model *to)
{
	(void)s;
	(void)to;
	return ST_SYS;
}
#endif
