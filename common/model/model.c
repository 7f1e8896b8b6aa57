#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/words.h"
#include "model/features.h"
#include "stream/chunks.h"
#include "stream/value.h"

/* Reading the head */

/* Adds a line to the net's text. */
static int
add_line(struct model *m, const char *line)
{
	size_t have = m->text == NULL ? 0 : strlen(m->text), n = strlen(line);
	int rc = mem_grow(&m->text, have + n + 2, 1);

	if (rc != ST_OK)
		return rc;
	memcpy(m->text + have, line, n);
	memcpy(m->text + have + n, "\n", 2);
	return ST_OK;
}

static int
add_class(struct model *m, const char *name)
{
	int rc;

	if (name[0] == '\0')
		return err_set(ST_DATA, "a class has no name");
	if ((rc = mem_push(&m->class, m->classes, sizeof *m->class)) != ST_OK)
		return rc;
	m->class[m->classes] = mem_str(name);
	return m->class[m->classes++] == NULL ? ST_SYS : ST_OK;
}

static int
check_distinct(const struct model *m)
{
	char *const **sorted;
	int rc = words_sort(m->class, m->classes, &sorted);
	const char *twice = rc == ST_OK ? words_twice(sorted, m->classes) : NULL;

	if (twice != NULL)
		rc = err_set(ST_DATA, "class '%s' appears twice", twice);
	free(sorted);
	return rc;
}

void
model_uncalibrated(struct model *m)
{
	m->temperature = 1;
	m->threshold = NAN;
	m->knows_speech = false;
}

bool
model_same_classes(const struct model *a, const struct model *b)
{
	bool same = a->classes == b->classes;

	for (size_t i = 0; same && i < a->classes; i++)
		same = strcmp(a->class[i], b->class[i]) == 0;
	return same;
}

int
model_set_classes(struct model *m, const char *const *names, size_t n)
{
	int rc = ST_OK;

	for (size_t i = 0; i < m->classes; i++)
		free(m->class[i]);
	m->classes = 0;
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = add_class(m, names[i]);
	return rc == ST_OK ? check_distinct(m) : rc;
}

int
model_parse_shape(int *rank, size_t *shape, const char *text)
{
	bool varies = strncmp(text, "*,", 2) == 0;
	const char *s = varies ? text + 2 : text;
	char *end;

	shape[0] = 0;
	for (*rank = varies; *rank < NN_RANK_MAX; s = end + 1) {
		double x = strtod(s, &end);

		if (end == s || x < 1 || x > 1e9 || x != floor(x))
			break;
		shape[(*rank)++] = (size_t)x;
		if (*end == '\0')
			return ST_OK;
		if (*end != ',')
			break;
	}
	return err_set(ST_DATA, "input '%.60s' is not a shape", text);
}

/* beside=NAME, beside.input=1558, beside.feature.type=table ... */
static int
take_beside(struct model *m, const char *name, const char *value)
{
	struct model_beside *b = &m->beside;
	const char *part = name + strlen(MODEL_BESIDE);
	size_t prefix = strlen(MODEL_FEATURE);

	if (strcmp(name, "beside") == 0) {
		free(b->name);
		b->name = mem_str(value);
		return b->name == NULL ? ST_SYS : ST_OK;
	}
	if (strcmp(part, "input") == 0)
		return model_parse_shape(&b->rank, b->shape, value);
	if (strncmp(part, MODEL_FEATURE, prefix) == 0)
		return meta_add(&b->feature, part + prefix, "%s", value);
	return meta_add(&m->extra, name, "%s", value);
}

bool
model_varies(const struct model *m)
{
	return m->rank > 1 && m->shape[0] == 0;
}

const char *
model_shape(const struct model *m, char buf[MODEL_SHAPE_MAX])
{
	int n = 0;

	for (int i = 0; i < m->rank; i++)
		if (i == 0 && model_varies(m))
			n += snprintf(buf, MODEL_SHAPE_MAX, "*");
		else
			n += snprintf(buf + n, MODEL_SHAPE_MAX - (size_t)n, i == 0 ? "%zu" : ",%zu", m->shape[i]);
	return buf;
}

static int
parse_temperature(struct model *m, const char *text)
{
	char *end;

	m->temperature = strtod(text, &end);
	if (end == text || *end != '\0' || !isfinite(m->temperature) || m->temperature <= 0)
		return err_set(ST_DATA, "temperature '%.60s' is not a positive number", text);
	return ST_OK;
}

/* threshold=inf: no confidence is enough. */
static int
parse_threshold(struct model *m, const char *text)
{
	char *end;

	m->threshold = strtod(text, &end);
	if (end == text || *end != '\0' || !(m->threshold >= 0))
		return err_set(ST_DATA, "threshold '%.60s' is neither a number from 0 on nor inf", text);
	return ST_OK;
}

/* speech=3.2,7.9,4.4, in the order of enum speech_measure */
static int
parse_floors(struct model *m, const char *text)
{
	const char *s = text;
	char *end;

	for (size_t i = 0; i < SPEECH_MEASURES; i++) {
		m->floor[i] = strtod(s, &end);
		if (end == s || !isfinite(m->floor[i]) || *end != (i + 1 < SPEECH_MEASURES ? ',' : '\0'))
			return err_set(ST_DATA, "speech '%.60s' is not %d numbers", text, SPEECH_MEASURES);
		s = end + 1;
	}
	m->knows_speech = true;
	return ST_OK;
}

static int
take_pair(struct model *m, const char *name, const char *value)
{
	size_t prefix = strlen(MODEL_FEATURE);

	if (strcmp(name, "type") == 0)
		return ST_OK;
	if (strcmp(name, "format") == 0)
		return strcmp(value, "1") == 0 ? ST_OK : err_set(ST_DATA, "model format '%.60s' is not known", value);
	if (strcmp(name, "net") == 0)
		return add_line(m, value);
	if (strcmp(name, "class") == 0)
		return add_class(m, value);
	if (strncmp(name, MODEL_FEATURE, prefix) == 0)
		return meta_add(&m->feature, name + prefix, "%s", value);
	if (strcmp(name, "input") == 0)
		return model_parse_shape(&m->rank, m->shape, value);
	if (strcmp(name, "beside") == 0 || strncmp(name, MODEL_BESIDE, strlen(MODEL_BESIDE)) == 0)
		return take_beside(m, name, value);
	if (strcmp(name, "temperature") == 0)
		return parse_temperature(m, value);
	if (strcmp(name, "threshold") == 0)
		return parse_threshold(m, value);
	if (strcmp(name, "speech") == 0)
		return parse_floors(m, value);
	return meta_add(strcmp(name, "pg") == 0 ? &m->pg : &m->extra, name, "%s", value);
}

static int
take_head(void *ctx, const struct tsr_chunk *head)
{
	struct model *m = ctx;
	int rc = m->text == NULL ? tsr_expect_type(head, "model", NULL) : err_set(ST_DATA, "%s: more than one model", head->file);

	if (rc != ST_OK)
		return rc;
	model_uncalibrated(m);
	for (size_t i = 0; i < head->meta.n && rc == ST_OK; i++)
		rc = take_pair(m, head->meta.item[i].name, head->meta.item[i].value);
	if (rc == ST_OK)
		rc = check_distinct(m);
	if (rc == ST_OK && (m->text == NULL || m->classes == 0 || m->rank == 0))
		rc = err_set(ST_DATA, "the model's %s is missing",
		             m->text == NULL ? "net" : m->classes == 0 ? "class list" : "input shape");
	if (rc == ST_OK && m->beside.name != NULL && (m->beside.rank == 0 || m->beside.shape[0] == 0))
		rc = err_set(ST_DATA, "the shape of the model's input '%.60s' is missing", m->beside.name);
	return rc == ST_OK ? rc : err_prefix("%s", head->file);
}

/* Reading the arrays */

const struct model_array *
model_find(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->arrays; i++)
		if (strcmp(m->array[i].name, name) == 0)
			return &m->array[i];
	return NULL;
}

/* More than the weights of the largest net, and the state of its training. */
enum { ARRAYS_MAX = 4096 };

/* A new array, without data yet. */
static int
new_array(struct model *m, const char *name, enum tsr_dtype dtype, int rank, const uint64_t *shape)
{
	struct model_array *a;
	int rc;

	if (m->arrays == ARRAYS_MAX)
		return err_set(ST_DATA, "the model holds more than %d arrays", ARRAYS_MAX);
	if (model_find(m, name) != NULL)
		return err_set(ST_DATA, "the model holds '%.200s' twice", name);
	if ((rc = mem_push(&m->array, m->arrays, sizeof *m->array)) != ST_OK)
		return rc;
	a = &m->array[m->arrays];
	*a = (struct model_array){ .name = mem_str(name), .dtype = dtype, .rank = rank };
	if (a->name == NULL)
		return ST_SYS;
	for (int i = 0; i < rank; i++)
		a->shape[i] = shape[i];
	m->arrays++;
	return ST_OK;
}

/* Takes the chunk's buffer: the reader does not map, so it has its own. */
static int
take_array(void *ctx, size_t slot, struct tsr_chunk *c)
{
	struct model *m = ctx;
	int rc = new_array(m, meta_get(&c->meta, "key"), c->dtype, c->rank, c->shape);

	(void)slot;
	if (rc != ST_OK)
		return err_prefix("%s", tsr_where(c));
	m->array[m->arrays - 1].data = c->own;
	m->array[m->arrays - 1].bytes = c->bytes;
	c->own = NULL;
	c->cap = 0;
	return ST_OK;
}

int
model_read_head(struct model *m, const char *file)
{
	struct tsr_reader *in = NULL;
	struct tsr_chunk head = { 0 };
	char *name = mem_str(file);
	int rc = name == NULL ? ST_SYS : tsr_open(&in, &name, 1, 0, false);

	if (rc == ST_OK && (rc = tsr_read(in, &head)) == ST_OK)
		rc = take_head(m, &head);
	if (rc != ST_OK)
		model_free(m);
	tsr_clear(&head);
	tsr_close(in);
	free(name);
	return rc;
}

int
model_take_head(struct model *m, const struct meta *head, const char *file)
{
	const struct tsr_chunk chunk = { .file = file, .meta = *head };
	int rc = take_head(m, &chunk);

	if (rc != ST_OK)
		model_free(m);
	return rc;
}

int
model_read(struct model *m, const char *file)
{
	const struct chunks chunks = { .ctx = m, .head = take_head, .record = take_array };
	char *name = mem_str(file);
	int rc = name == NULL ? ST_SYS : chunks_files(&chunks, &name, 1, 0);

	if (rc != ST_OK)
		model_free(m);
	free(name);
	return rc;
}

void
model_free(struct model *m)
{
	for (size_t i = 0; i < m->classes; i++)
		free(m->class[i]);
	for (size_t i = 0; i < m->arrays; i++) {
		free(m->array[i].name);
		free(m->array[i].data);
	}
	meta_clear(&m->feature);
	meta_clear(&m->beside.feature);
	meta_clear(&m->pg);
	meta_clear(&m->extra);
	free(m->beside.name);
	free(m->class);
	free(m->array);
	free(m->text);
	*m = (struct model){ 0 };
}

int
model_check_text(char *text, size_t n, const char *file)
{
	char *from = text, *to = text;
	int rc = ST_OK;

	if (memchr(text, '\0', n) != NULL)
		return err_set(ST_DATA, "%s: holds a NUL byte", file);
	for (unsigned long line = 1; *from != '\0' && rc == ST_OK; line++) {
		size_t length = strcspn(from, "\n"), kept = length;
		bool ended = from[length] == '\n';

		if (kept > 0 && from[kept - 1] == '\r')
			kept--;
		if ((rc = text_check(from, kept)) != ST_OK)
			rc = err_prefix("%s: line %lu", file, line);
		memmove(to, from, kept);
		to += kept;
		if (ended)
			*to++ = '\n';
		from += length + ended;
	}
	*to = '\0';
	return rc;
}

int
model_add(struct model *m, const char *name, enum tsr_dtype dtype, int rank, const uint64_t *shape, const void *data)
{
	int rc = new_array(m, name, dtype, rank, shape);
	struct model_array *a;

	if (rc != ST_OK)
		return rc;
	a = &m->array[m->arrays - 1];
	a->bytes = tsr_dtype_size(dtype);
	for (int i = 0; i < rank; i++)
		a->bytes *= shape[i];
	a->data = mem_zero((size_t)a->bytes, 1);
	if (a->data == NULL)
		return ST_SYS;
	if (a->bytes > 0)
		memcpy(a->data, data, (size_t)a->bytes);
	return ST_OK;
}

void
model_drop(struct model *m, const char *prefix)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->arrays; i++)
		if (strncmp(m->array[i].name, prefix, strlen(prefix)) == 0) {
			free(m->array[i].name);
			free(m->array[i].data);
		} else {
			m->array[kept++] = m->array[i];
		}
	m->arrays = kept;
}

/* Features */

enum { MAKERS_MAX = 1024 };

void
model_makers(const struct meta *feature, const char *tool[MODEL_MAKERS])
{
	size_t n = 0;

	tool[n++] = "wavnorm";
	tool[n++] = meta_get(feature, "columns") != NULL ? "descriptors" : "melspec";
	if (meta_get(feature, "functional") != NULL)
		tool[n++] = "functionals";
	if (meta_get(feature, "cmvn") != NULL)
		tool[n++] = "cmvn";
	tool[n] = NULL;
}

bool
model_shares_waves(const struct model *m)
{
	static const char *const names[] = { "rate", "samples", "at", "level", "trim", "trimframe" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *a = meta_get(&m->feature, names[i]), *b = meta_get(&m->beside.feature, names[i]);

		if (a == NULL || b == NULL ? a != b : strcmp(a, b) != 0)
			return false;
	}
	return true;
}

/* What to type for features as the model requires them, or with a name those of its second
 * input. Returns out. */
static const char *
find_makers(const struct model *m, const char *model, const char *beside, char out[MAKERS_MAX])
{
	const char *tool[MODEL_MAKERS];

	model_makers(beside == NULL ? &m->feature : &m->beside.feature, tool);
	for (size_t i = 0, at = 0; tool[i] != NULL && at < MAKERS_MAX; i++)
		at += (size_t)snprintf(out + at, MAKERS_MAX - at, "%s%s --like %s%s%s%s", i == 0 ? "" : " | ", tool[i], model,
		                       beside == NULL ? "" : " --beside ", beside == NULL ? "" : beside, i == 0 ? " ..." : "");
	return out;
}

/* Trained on what was sound once, not on the answers of raters and the like. */
static bool
is_for_sound(const struct meta *feature)
{
	const char *type = meta_get(feature, "type");

	return type == NULL || strcmp(type, "table") != 0 || meta_get(feature, "rate") != NULL;
}

/* Adds to the message what makes features for the model, or what its file is for. */
static int
explain_type(int rc, const struct model *m, const char *type, const char *model, const struct tsr_chunk *head)
{
	const char *has = meta_get(&head->meta, "type");
	char make[MAKERS_MAX];

	if (has != NULL && strcmp(has, "model") == 0)
		return err_set(rc, "%s; a second model is given with --with", err_text());
	if (!is_for_sound(&m->feature))
		return err_set(rc, "%s; %s is for tables: csvprep --apply STATE makes its features", err_text(), model);
	if (has != NULL && (strcmp(has, "table") == 0 || strcmp(type, "mel") != 0))
		return err_set(rc, "%s; %s is for sound: %s makes its features", err_text(), model, find_makers(m, model, NULL, make));
	return rc;
}

int
model_check_features(const struct model *m, const char *model, const struct tsr_chunk *head)
{
	const char *type = meta_get(&m->feature, "type");
	char make[MAKERS_MAX], hint[MAKERS_MAX + 32] = "";
	int rc;

	if (type != NULL && (rc = tsr_expect_type(head, type, NULL)) != ST_OK)
		return explain_type(rc, m, type, model, head);
	if (meta_get(&m->feature, "cmvn") != NULL && meta_get(&head->meta, "cmvn") == NULL)
		snprintf(hint, sizeof hint, "; cmvn --like %s makes such", model);
	else if (type != NULL && is_for_sound(&m->feature))
		snprintf(hint, sizeof hint, "; %s makes such", find_makers(m, model, NULL, make));
	return features_check(&m->feature, model, "was trained on", &head->meta, head->file, hint);
}

int
model_check_record(const struct model *m, const struct tsr_chunk *record)
{
	char got[VALUE_SHAPE_MAX], required[MODEL_SHAPE_MAX];
	bool same = record->rank == m->rank;
	int rc = tsr_expect(record, TSR_F32, -1);

	for (int i = 0; same && i < m->rank; i++)
		same = i == 0 && model_varies(m) ? record->shape[0] > 0 : record->shape[i] == m->shape[i];
	if (rc != ST_OK || same)
		return rc;
	return err_set(ST_DATA, "its shape is (%s); (%s) is required", value_shape(record, got), model_shape(m, required));
}

int
model_lacks_beside(const struct model *m, const char *model)
{
	const char *name = m->beside.name;
	char make[MAKERS_MAX];

	if (!is_for_sound(&m->beside.feature))
		return err_set(ST_USAGE, "%s: its net has a second input: --beside %s=STREAM gives it", model, name);
	return err_set(ST_USAGE, "%s: its net has a second input: --beside %s=<(%s) gives it; sertools predict %s ... does all that",
	               model, name, find_makers(m, model, name, make), model);
}

int
model_check_beside(const struct model *m, const char *model, const struct tsr_chunk *head)
{
	const struct meta *feature = &m->beside.feature;
	const char *type = meta_get(feature, "type");
	char make[512] = "";
	int rc = type == NULL ? ST_OK : tsr_expect_type(head, type, NULL);

	if (meta_get(feature, "cmvn") != NULL && meta_get(&head->meta, "cmvn") == NULL)
		snprintf(make, sizeof make, "; cmvn --like %s makes such", model);
	return rc != ST_OK ? rc : features_check(feature, model, "was trained beside", &head->meta, head->file, make);
}

int
model_check_beside_record(const struct model *m, const struct tsr_chunk *record)
{
	const struct model_beside *b = &m->beside;
	const struct model shape = { .rank = b->rank, .shape = { b->shape[0], b->shape[1], b->shape[2], b->shape[3] } };

	return model_check_record(&shape, record);
}
