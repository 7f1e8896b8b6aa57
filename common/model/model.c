#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/features.h"
#include "stream/value.h"

static const char feature_prefix[] = "feature.";

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

	for (size_t i = 0; i < m->classes; i++)
		if (strcmp(m->class[i], name) == 0)
			return err_set(ST_DATA, "class '%s' stands twice", name);
	if (name[0] == '\0')
		return err_set(ST_DATA, "a class has no name");
	if ((rc = mem_push(&m->class, m->classes, sizeof *m->class)) != ST_OK)
		return rc;
	m->class[m->classes] = mem_str(name);
	return m->class[m->classes++] == NULL ? ST_SYS : ST_OK;
}

void
model_uncalibrated(struct model *m)
{
	m->temperature = 1;
	m->threshold = NAN;
	m->hears = false;
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
	return rc;
}

/* input=108,128 */
static int
parse_shape(struct model *m, const char *text)
{
	const char *s = text;
	char *end;

	for (m->rank = 0; m->rank < NN_RANK_MAX; s = end + 1) {
		double x = strtod(s, &end);

		if (end == s || x < 1 || x > 1e9 || x != floor(x))
			break;
		m->shape[m->rank++] = (size_t)x;
		if (*end == '\0')
			return ST_OK;
		if (*end != ',')
			break;
	}
	return err_set(ST_DATA, "input '%.60s' is not a shape", text);
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
	m->hears = true;
	return ST_OK;
}

static int
take_pair(struct model *m, const char *name, const char *value)
{
	size_t prefix = strlen(feature_prefix);

	if (strcmp(name, "type") == 0)
		return ST_OK;
	if (strcmp(name, "format") == 0)
		return strcmp(value, "1") == 0 ? ST_OK : err_set(ST_DATA, "model format '%.60s' is not known", value);
	if (strcmp(name, "net") == 0)
		return add_line(m, value);
	if (strcmp(name, "class") == 0)
		return add_class(m, value);
	if (strncmp(name, feature_prefix, prefix) == 0)
		return meta_add(&m->feature, name + prefix, "%s", value);
	if (strcmp(name, "input") == 0)
		return parse_shape(m, value);
	if (strcmp(name, "temperature") == 0)
		return parse_temperature(m, value);
	if (strcmp(name, "threshold") == 0)
		return parse_threshold(m, value);
	if (strcmp(name, "speech") == 0)
		return parse_floors(m, value);
	return meta_add(strcmp(name, "pg") == 0 ? &m->pg : &m->extra, name, "%s", value);
}

static int
take_head(struct model *m, const struct tsr_chunk *head)
{
	int rc = tsr_want_type(head, "model");

	if (rc != ST_OK)
		return rc;
	model_uncalibrated(m);
	for (size_t i = 0; i < head->meta.n && rc == ST_OK; i++)
		rc = take_pair(m, head->meta.item[i].name, head->meta.item[i].value);
	if (rc == ST_OK && (m->text == NULL || m->classes == 0 || m->rank == 0))
		rc = err_set(ST_DATA, "the model lacks its %s",
		             m->text == NULL ? "net" : m->classes == 0 ? "classes" : "input shape");
	return rc == ST_OK ? rc : err_prefix("%s", head->file);
}

/* Reading the arrays */

static struct model_array *
find_array(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->arrays; i++)
		if (strcmp(m->array[i].name, name) == 0)
			return &m->array[i];
	return NULL;
}

const struct model_array *
model_find(const struct model *m, const char *name)
{
	return find_array(m, name);
}

/* A new array, without data yet. */
static int
new_array(struct model *m, const char *name, enum tsr_dtype dtype, int rank, const uint64_t *shape)
{
	struct model_array *a;
	int rc;

	if (find_array(m, name) != NULL)
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
take_array(struct model *m, struct tsr_chunk *c)
{
	int rc = new_array(m, meta_get(&c->meta, "key"), c->dtype, c->rank, c->shape);

	if (rc != ST_OK)
		return err_prefix("%s", tsr_where(c));
	m->array[m->arrays - 1].data = c->own;
	m->array[m->arrays - 1].bytes = c->bytes;
	c->own = NULL;
	c->cap = 0;
	return ST_OK;
}

static int
read_chunks(struct model *m, struct tsr_reader *r)
{
	struct tsr_chunk c = { 0 };
	int heads = 0, rc;

	while ((rc = tsr_read(r, &c)) == ST_OK && c.kind != 0) {
		if (c.kind == 'H' && heads++ > 0)
			rc = err_set(ST_DATA, "%s: more than one model", c.file);
		else if (c.kind == 'H')
			rc = take_head(m, &c);
		else if (c.kind == 'T')
			rc = take_array(m, &c);
		if (rc != ST_OK)
			break;
	}
	tsr_clear(&c);
	return rc;
}

int
model_read(struct model *m, const char *file)
{
	char *name = mem_str(file);
	char *const files[] = { name };
	struct tsr_reader *r;
	int rc;

	if (name == NULL)
		return ST_SYS;
	if ((rc = tsr_open(&r, files, 1, 0, false)) == ST_OK) {
		rc = read_chunks(m, r);
		tsr_close(r);
	}
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
	meta_clear(&m->pg);
	meta_clear(&m->extra);
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

/* Weights */

static bool
fits(const struct model_array *a, const struct nn_param *p)
{
	if (a->dtype != TSR_F32 || a->rank != p->rank)
		return false;
	for (int i = 0; i < p->rank; i++)
		if (a->shape[i] != p->shape[i])
			return false;
	return true;
}

int
model_fill(const struct model *m, const char *file, struct nn *net, bool *filled)
{
	for (size_t i = 0; i < nn_params(net); i++) {
		struct nn_param *p = nn_param(net, i);
		const struct model_array *a = find_array(m, p->name);
		bool usable = a != NULL && fits(a, p);

		if (filled != NULL)
			filled[i] = usable;
		else if (!usable)
			return err_set(ST_DATA, "%s: the model's weight %s is %s", file, p->name,
			               a == NULL ? "missing" : "not shaped as its net wants");
		for (size_t k = 0; usable && k < p->n; k++)
			p->value[k] = (real)((const float *)a->data)[k];
	}
	return ST_OK;
}

int
model_net(const struct model *m, const char *file, size_t batch, bool train, int threads, struct nn **net)
{
	int rc = nn_create(net, m->text, file, m->rank, m->shape, m->classes, batch, train, threads);

	if (rc != ST_OK)
		return rc;
	rc = model_fill(m, file, *net, NULL);
	if (rc != ST_OK) {
		nn_free(*net);
		*net = NULL;
	}
	return rc;
}

/* Writing */

/* One net= pair for each line of the text. */
static int
add_net(struct meta *head, const char *text)
{
	int rc = ST_OK;

	while (*text != '\0' && rc == ST_OK) {
		size_t n = strcspn(text, "\n");

		rc = meta_add(head, "net", "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
	return rc;
}

static int
add_input(struct meta *head, const struct model *m)
{
	char text[32 * NN_RANK_MAX];
	int n = 0;

	for (int i = 0; i < m->rank; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, i == 0 ? "%zu" : ",%zu", m->shape[i]);
	return meta_add(head, "input", "%s", text);
}

static int
add_calibration(struct meta *head, const struct model *m)
{
	int rc = meta_add(head, "temperature", "%.17g", m->temperature);

	if (rc == ST_OK && !isnan(m->threshold))
		rc = meta_add(head, "threshold", "%.17g", m->threshold);
	if (rc == ST_OK && m->hears)
		rc = meta_add(head, "speech", "%.9g,%.9g,%.9g", m->floor[SPEECH_PEAK], m->floor[SPEECH_CONTRAST],
		              m->floor[SPEECH_CHANGE]);
	return rc;
}

static int
fill_head(const struct model *m, struct meta *head)
{
	char name[256];
	int rc;

	if ((rc = meta_add(head, "type", "model")) != ST_OK || (rc = meta_add(head, "format", "1")) != ST_OK ||
	    (rc = add_net(head, m->text)) != ST_OK)
		return rc;
	for (size_t i = 0; i < m->classes && rc == ST_OK; i++)
		rc = meta_add(head, "class", "%s", m->class[i]);
	for (size_t i = 0; i < m->feature.n && rc == ST_OK; i++) {
		if (strlen(m->feature.item[i].name) + sizeof feature_prefix > sizeof name)
			return err_set(ST_DATA, "the feature setting '%.60s...' has too long a name", m->feature.item[i].name);
		snprintf(name, sizeof name, "%s%s", feature_prefix, m->feature.item[i].name);
		rc = meta_add(head, name, "%s", m->feature.item[i].value);
	}
	if (rc == ST_OK && (rc = add_input(head, m)) == ST_OK && (rc = add_calibration(head, m)) == ST_OK &&
	    (rc = meta_copy(head, &m->extra)) == ST_OK)
		rc = meta_copy(head, &m->pg);
	return rc;
}

static int
write_weight(const struct nn_param *p, struct tsr_writer *w)
{
	uint64_t shape[NN_RANK_MAX];
	struct meta meta = { 0 };
	float *data = mem_zero(p->n, sizeof *data); /* `real` may be double */
	int rc = data == NULL ? ST_SYS : meta_add(&meta, "key", "%s", p->name);

	for (int i = 0; i < p->rank; i++)
		shape[i] = p->shape[i];
	for (size_t i = 0; rc == ST_OK && i < p->n; i++)
		data[i] = (float)p->value[i];
	if (rc == ST_OK)
		rc = tsr_record(w, TSR_F32, p->rank, shape, &meta, data);
	meta_clear(&meta);
	free(data);
	return rc;
}

static int
write_array(const struct model_array *a, struct tsr_writer *w)
{
	struct meta meta = { 0 };
	int rc = meta_add(&meta, "key", "%s", a->name);

	if (rc == ST_OK)
		rc = tsr_record(w, a->dtype, a->rank, a->shape, &meta, a->data);
	meta_clear(&meta);
	return rc;
}

int
model_write(const struct model *m, struct nn *net, struct tsr_writer *w)
{
	struct meta head = { 0 };
	int rc = fill_head(m, &head);

	if (rc == ST_OK)
		rc = tsr_head(w, &head);
	meta_clear(&head);
	for (size_t i = 0; rc == ST_OK && i < nn_params(net); i++)
		rc = write_weight(nn_param(net, i), w);
	for (size_t i = 0; rc == ST_OK && i < m->arrays; i++)
		if (strncmp(m->array[i].name, "state/", 6) == 0)
			rc = write_array(&m->array[i], w);
	return rc == ST_OK ? tsr_end(w) : rc;
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

int
model_check_features(const struct model *m, const char *model, const struct tsr_chunk *head)
{
	const char *type = meta_get(&m->feature, "type");
	struct features_difference d;
	int rc;

	if (type != NULL && (rc = tsr_want_type(head, type)) != ST_OK)
		return rc;
	if (!features_differ(&m->feature, &head->meta, &d))
		return ST_OK;
	if (d.a == NULL)
		return err_set(ST_DATA, "%s: the features have %s=%s, which those that %s was trained on had not", head->file,
		               d.name, d.b, model);
	if (d.b == NULL)
		return err_set(ST_DATA, "%s: the features lack %s; %s was trained on %s=%s", head->file, d.name, model,
		               d.name, d.a);
	return err_set(ST_DATA, "%s: the features have %s=%s; %s was trained on %s=%s", head->file, d.name, d.b, model,
	               d.name, d.a);
}

int
model_check_record(const struct model *m, const struct tsr_chunk *record)
{
	char got[VALUE_SHAPE_MAX], want[32 * NN_RANK_MAX];
	bool same = record->rank == m->rank;
	int n = 0, rc = tsr_want(record, TSR_F32, -1);

	for (int i = 0; same && i < m->rank; i++)
		same = record->shape[i] == m->shape[i];
	if (rc != ST_OK || same)
		return rc;
	for (int i = 0; i < m->rank; i++)
		n += snprintf(want + n, sizeof want - (size_t)n, i == 0 ? "%zu" : ",%zu", m->shape[i]);
	return err_set(ST_DATA, "its shape is (%s); (%s) is wanted", value_shape(record, got), want);
}
