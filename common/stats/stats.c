#include "stats/stats.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/order.h"
#include "model/features.h"
#include "stream/chunks.h"
#include "stream/tsr.h"
#include "stream/value.h"

#define ALL "cmvn/all"
#define WITHIN "cmvn/within"

/* Reading */

/* Of a model's features cmvn= is put aside: they are what the statistics are of, made
 * from. */
static int
take_pair(struct stats *s, struct meta *feature, const char *features, const char *name, const char *value)
{
	size_t prefix = strlen(features);

	if (strcmp(name, "pg") == 0)
		return meta_add(&s->pg, name, "%s", value);
	if (strncmp(name, features, prefix) != 0)
		return s->is_model || strcmp(name, "type") == 0 ? ST_OK : meta_set(&s->extra, name, "%s", value);
	if (!s->is_model || strcmp(name + prefix, "cmvn") != 0)
		return meta_add(feature, name + prefix, "%s", value);
	free(s->cmvn);
	s->cmvn = mem_str(value);
	return s->cmvn == NULL ? ST_SYS : ST_OK;
}

/* What begins the names of the features that the statistics are of: a model's second
 * input's where that alone is standardised. */
static const char *
find_features(const struct stats *s, const struct meta *head)
{
	bool second = s->is_model && meta_get(head, MODEL_FEATURE "cmvn") == NULL &&
	              meta_get(head, MODEL_BESIDE MODEL_FEATURE "cmvn") != NULL;

	return second ? MODEL_BESIDE MODEL_FEATURE : MODEL_FEATURE;
}

static int
take_head(void *ctx, const struct tsr_chunk *head)
{
	struct stats *s = ctx;
	struct meta feature = { 0 };
	bool first = s->feature.n == 0;
	const char *features;
	int rc = tsr_expect_type(head, "stats", "model");

	s->is_model = rc == ST_OK && strcmp(meta_get(&head->meta, "type"), "model") == 0;
	features = find_features(s, &head->meta);
	for (size_t i = 0; i < head->meta.n && rc == ST_OK; i++)
		rc = take_pair(s, first ? &s->feature : &feature, features, head->meta.item[i].name, head->meta.item[i].value);
	if (rc == ST_OK && !first)
		rc = features_check(&s->feature, "its first segment", "has", &feature, head->file, "");
	if (rc == ST_OK && s->feature.n == 0)
		rc = err_set(ST_DATA, "%s: does not say which features its statistics are of", head->file);
	meta_clear(&feature);
	return rc;
}

/* A record's number of that name, at least 1. */
static int
take_count(const struct tsr_chunk *c, const char *name, uint64_t *n)
{
	const char *text = meta_get(&c->meta, name);
	char *end;

	errno = 0;
	*n = text == NULL || *text < '0' || *text > '9' ? 0 : strtoull(text, &end, 10);
	if (*n == 0 || errno != 0 || *end != '\0')
		return err_set(ST_DATA, "%s is %s%s; a number from 1 on is expected", name, text == NULL ? "missing" : "",
		               text == NULL ? "" : text);
	return ST_OK;
}

/* Variances are not negative, nor is anything NaN or infinite. */
static int
check_values(const double *x, size_t n, bool variances)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]) || (variances && x[i] < 0))
			return err_set(ST_DATA, "the %s of column %zu is NaN, infinite or negative",
			               variances ? "variance" : "mean", i + 1);
	return ST_OK;
}

/* The record's values as they would be in a file, so that all machines agree. */
static int
add_hash(struct stats *s, const struct tsr_chunk *c)
{
	const void *data = c->data;
	void *own;
	int rc = order_out(&data, sizeof(double), tsr_elements(c), &own);

	if (rc == ST_OK)
		s->hash = hash_bytes(data, (size_t)c->bytes, s->hash);
	free(own);
	return rc;
}

static int
take_speaker(struct stats *s, const struct tsr_chunk *c)
{
	const char *group = meta_get(&c->meta, "group"), *kind = meta_get(&c->meta, "aug");
	const double *data = c->data;
	struct stats_speaker *speaker;
	uint64_t clips, rows;
	size_t bytes;
	int rc = tsr_expect(c, TSR_F64, 2);

	kind = kind == NULL ? "" : kind;
	if (rc == ST_OK && (c->shape[0] != 2 || c->shape[1] == 0 || (s->columns != 0 && c->shape[1] != s->columns)))
		rc = err_set(ST_DATA, "its shape is not (2,%zu), mean and variance of each column", s->columns);
	if (rc != ST_OK)
		return rc;
	if (group == NULL || *group == '\0')
		return err_set(ST_DATA, "group= is missing");
	if (stats_find(s, group, kind) != NULL)
		return err_set(ST_DATA, "the statistics of '%s' appear twice", group);
	if ((rc = take_count(c, "count", &clips)) != ST_OK || (rc = take_count(c, "rows", &rows)) != ST_OK)
		return rc;
	s->columns = (size_t)c->shape[1];
	if ((rc = check_values(data, s->columns, false)) != ST_OK ||
	    (rc = check_values(data + s->columns, s->columns, true)) != ST_OK)
		return rc;
	if ((rc = stats_add(s, group, kind, &speaker)) != ST_OK)
		return rc;
	bytes = s->columns * sizeof *data;
	speaker->clips = clips;
	speaker->rows = rows;
	memcpy(speaker->mean, data, bytes);
	memcpy(speaker->variance, data + s->columns, bytes);
	return add_hash(s, c);
}

/* One of the two arrays that a model may have; its weights are passed over. */
static int
take_array(struct stats *s, const struct tsr_chunk *c)
{
	const char *key = meta_get(&c->meta, "key");
	double **to = strcmp(key, ALL) == 0 ? &s->all : strcmp(key, WITHIN) == 0 ? &s->within : NULL;
	int rc = to == NULL ? ST_OK : tsr_expect(c, TSR_F64, 1);

	if (to == NULL || rc != ST_OK)
		return rc;
	if (*to != NULL || c->shape[0] == 0 || (s->columns != 0 && c->shape[0] != s->columns))
		return err_set(ST_DATA, "the arrays " ALL " and " WITHIN " are not one of each, of one length");
	s->columns = (size_t)c->shape[0];
	if ((rc = check_values(c->data, s->columns, to == &s->within)) != ST_OK)
		return rc;
	if ((*to = mem_zero(s->columns, sizeof **to)) == NULL)
		return ST_SYS;
	memcpy(*to, c->data, (size_t)c->bytes);
	return add_hash(s, c);
}

static int
take_record(void *ctx, size_t slot, struct tsr_chunk *c)
{
	struct stats *s = ctx;
	int rc = s->is_model ? take_array(s, c) : take_speaker(s, c);

	(void)slot;
	return rc == ST_OK ? rc : err_prefix("%s", tsr_where(c));
}

int
stats_read(struct stats *s, const char *file)
{
	const struct chunks chunks = { .ctx = s, .head = take_head, .record = take_record };
	char *name = mem_str(file);
	int rc = name == NULL ? ST_SYS : chunks_files(&chunks, &name, 1, 0);

	if (rc != ST_OK)
		stats_free(s);
	free(name);
	return rc;
}

/* What is made of them */

int
stats_add(struct stats *s, const char *group, const char *kind, struct stats_speaker **added)
{
	struct stats_speaker *speaker;
	int rc = mem_push(&s->speaker, s->speakers, sizeof *s->speaker);

	if (rc != ST_OK)
		return rc;
	*added = speaker = &s->speaker[s->speakers++];
	*speaker = (struct stats_speaker){ .group = mem_str(group), .kind = mem_str(kind),
		.mean = mem_zero(2 * s->columns, sizeof *speaker->mean) };
	if (speaker->group == NULL || speaker->kind == NULL || speaker->mean == NULL)
		return ST_SYS;
	speaker->variance = speaker->mean + s->columns;
	return ST_OK;
}

const struct stats_speaker *
stats_find(const struct stats *s, const char *group, const char *kind)
{
	for (size_t i = 0; i < s->speakers; i++)
		if (strcmp(s->speaker[i].group, group) == 0 && strcmp(s->speaker[i].kind, kind) == 0)
			return &s->speaker[i];
	return NULL;
}

int
stats_prior(struct stats *s, const char *file)
{
	double n = 0, rows = 0;

	if (s->all != NULL && s->within != NULL)
		return ST_OK;
	if (s->is_model)
		return err_set(ST_DATA, "%s: the model has no statistics of its training speakers; nntrain --stats stores them",
		               file);
	s->all = mem_zero(s->columns, sizeof *s->all);
	s->within = mem_zero(s->columns, sizeof *s->within);
	if (s->all == NULL || s->within == NULL)
		return ST_SYS;
	for (size_t i = 0; i < s->speakers; i++) {
		const struct stats_speaker *speaker = &s->speaker[i];

		if (speaker->kind[0] != '\0')
			continue;
		n++;
		rows += (double)speaker->rows;
		for (size_t k = 0; k < s->columns; k++) {
			s->all[k] += (speaker->mean[k] - s->all[k]) / n;
			s->within[k] += (speaker->variance[k] - s->within[k]) * ((double)speaker->rows / rows);
		}
	}
	return n > 0 ? ST_OK : err_set(ST_DATA, "%s: there is no speaker but of augmented records", file);
}

/* Writing */

static int
add_head(const struct stats *s, struct meta *head)
{
	struct str name = { 0 };
	int rc = meta_add(head, "type", "stats");

	for (size_t i = 0; i < s->feature.n && rc == ST_OK; i++) {
		str_clear(&name);
		str_addf(&name, MODEL_FEATURE "%s", s->feature.item[i].name);
		rc = str_status(&name);
		if (rc == ST_OK)
			rc = meta_add(head, name.text, "%s", s->feature.item[i].value);
	}
	str_free(&name);
	if (rc == ST_OK)
		rc = meta_copy(head, &s->extra);
	return rc == ST_OK ? meta_copy(head, &s->pg) : rc;
}

static int
write_speaker(const struct stats_speaker *speaker, size_t columns, struct tsr_writer *w)
{
	const uint64_t shape[2] = { 2, columns };
	bool plain = speaker->kind[0] == '\0';
	struct meta meta = { 0 };
	int rc = meta_add(&meta, "key", "%s%s%s", speaker->group, plain ? "" : "@", speaker->kind);

	rc = rc != ST_OK ? rc : meta_add(&meta, "group", "%s", speaker->group);
	if (rc == ST_OK && !plain)
		rc = meta_add(&meta, "aug", "%s", speaker->kind);
	rc = rc != ST_OK ? rc : meta_add(&meta, "count", "%" PRIu64, speaker->clips);
	rc = rc != ST_OK ? rc : meta_add(&meta, "rows", "%" PRIu64, speaker->rows);
	if (rc == ST_OK) /* the variance lies behind the mean */
		rc = tsr_record(w, TSR_F64, 2, shape, &meta, speaker->mean);
	meta_clear(&meta);
	return rc;
}

static int
write_segment(const struct stats *s, struct tsr_writer *w)
{
	struct meta head = { 0 };
	int rc = add_head(s, &head);

	if (rc == ST_OK)
		rc = tsr_head(w, &head);
	meta_clear(&head);
	for (size_t i = 0; i < s->speakers && rc == ST_OK; i++)
		rc = write_speaker(&s->speaker[i], s->columns, w);
	return rc == ST_OK ? tsr_end(w) : rc;
}

int
stats_write(const struct stats *s, const char *file)
{
	struct tsr_writer *w = NULL;
	int rc = tsr_create(&w, file);

	if (rc == ST_OK && (rc = write_segment(s, w)) == ST_OK)
		return tsr_finish(w);
	tsr_abort(w);
	return rc;
}

/* A training's features, or its second input's, are those of file, but standardised. */
static int
check_training(const struct model *m, const struct stats *s, const char *file)
{
	bool second = meta_get(&m->feature, "cmvn") == NULL && meta_get(&m->beside.feature, "cmvn") != NULL;
	const struct meta *trained = second ? &m->beside.feature : &m->feature;
	struct meta feature = { 0 };
	int rc = meta_copy(&feature, trained);

	meta_remove(&feature, "cmvn");
	if (rc == ST_OK && feature.n == trained->n)
		rc = err_set(ST_DATA, "%s: the training features are not standardised by cmvn, so that they need no statistics", file);
	if (rc == ST_OK)
		rc = features_check(&s->feature, file, "is of", &feature, "the training", "");
	meta_clear(&feature);
	return rc;
}

int
stats_store(struct model *m, const char *file)
{
	struct stats s = { 0 };
	int rc = stats_read(&s, file);
	uint64_t columns = s.columns;

	if (rc == ST_OK && (rc = check_training(m, &s, file)) == ST_OK && (rc = stats_prior(&s, file)) == ST_OK) {
		model_drop(m, "cmvn/");
		rc = model_add(m, ALL, TSR_F64, 1, &columns, s.all);
	}
	if (rc == ST_OK)
		rc = model_add(m, WITHIN, TSR_F64, 1, &columns, s.within);
	stats_free(&s);
	return rc;
}

void
stats_free(struct stats *s)
{
	for (size_t i = 0; i < s->speakers; i++) {
		free(s->speaker[i].group);
		free(s->speaker[i].kind);
		free(s->speaker[i].mean);
	}
	free(s->speaker);
	free(s->all);
	free(s->within);
	free(s->cmvn);
	meta_clear(&s->feature);
	meta_clear(&s->pg);
	meta_clear(&s->extra);
	*s = (struct stats){ 0 };
}
