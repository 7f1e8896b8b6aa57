/* What a model and its net have in common. It is apart from model.c, so that
 * programs that only look at models need no matrix products. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/model.h"

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

/* The array for a weight, or NULL. */
static const struct model_array *
find_fitting(const struct model *m, const struct nn_param *p)
{
	const struct model_array *a = model_find(m, p->name);

	return a != NULL && fits(a, p) ? a : NULL;
}

static int
check_complete(const struct model *m, const char *file, struct nn *net)
{
	for (size_t i = 0; i < nn_params(net); i++) {
		const struct nn_param *p = nn_param(net, i);

		if (find_fitting(m, p) == NULL)
			return err_set(ST_DATA, "%s: the model's weight %s is %s", file, p->name,
			               model_find(m, p->name) == NULL ? "missing" : "not shaped as its net requires");
	}
	return ST_OK;
}

int
model_fill(const struct model *m, const char *file, struct nn *net, bool *filled)
{
	int rc = filled == NULL ? check_complete(m, file, net) : ST_OK;

	for (size_t i = 0; i < nn_params(net) && rc == ST_OK; i++) {
		struct nn_param *p = nn_param(net, i);
		const struct model_array *a = find_fitting(m, p);

		if (filled != NULL)
			filled[i] = a != NULL;
		for (size_t k = 0; a != NULL && k < p->n; k++)
			p->value[k] = (real)((const float *)a->data)[k];
	}
	return rc;
}

int
model_open(const struct model *m, const char *file, size_t frames, size_t batch, bool train, int threads, struct nn **net)
{
	size_t shape[NN_RANK_MAX];
	const struct nn_source source[] = { { "main", m->rank, shape }, { m->beside.name, m->beside.rank, m->beside.shape } };

	memcpy(shape, m->shape, sizeof shape);
	if (model_varies(m))
		shape[0] = frames;
	return nn_open_inputs(net, m->text, file, source, m->beside.name == NULL ? 1 : 2, m->classes, batch, train, threads);
}

int
model_net(const struct model *m, const char *file, size_t frames, size_t batch, uint64_t limit, struct nn **net)
{
	int rc = model_open(m, file, frames, batch, false, 1, net);

	if (rc != ST_OK)
		return rc;
	if ((rc = check_complete(m, file, *net)) == ST_OK && (rc = nn_allocate(*net, limit, 0)) == ST_OK)
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
	char text[MODEL_SHAPE_MAX];

	return meta_add(head, "input", "%s", model_shape(m, text));
}

static int
add_calibration(struct meta *head, const struct model *m)
{
	int rc = meta_add(head, "temperature", "%.17g", m->temperature);

	if (rc == ST_OK && !isnan(m->threshold))
		rc = meta_add(head, "threshold", "%.17g", m->threshold);
	if (rc == ST_OK && m->knows_speech)
		rc = meta_add(head, "speech", "%.9g,%.9g,%.9g", m->floor[SPEECH_PEAK], m->floor[SPEECH_CONTRAST],
		              m->floor[SPEECH_CHANGE]);
	return rc;
}

/* Pairs of a stream's features, with a prefix. */
static int
add_features(struct meta *head, const char *prefix, const struct meta *feature)
{
	char name[256];
	int rc = ST_OK;

	for (size_t i = 0; i < feature->n && rc == ST_OK; i++) {
		if (snprintf(name, sizeof name, "%s%s", prefix, feature->item[i].name) >= (int)sizeof name)
			return err_set(ST_DATA, "the feature setting '%.60s...' has too long a name", feature->item[i].name);
		rc = meta_add(head, name, "%s", feature->item[i].value);
	}
	return rc;
}

static int
add_beside(struct meta *head, const struct model *m)
{
	const struct model_beside *b = &m->beside;
	const struct model shape = { .rank = b->rank, .shape = { b->shape[0], b->shape[1], b->shape[2], b->shape[3] } };
	char text[MODEL_SHAPE_MAX];
	int rc = b->name == NULL ? ST_OK : meta_add(head, "beside", "%s", b->name);

	if (rc == ST_OK && b->name != NULL && (rc = add_features(head, MODEL_BESIDE MODEL_FEATURE, &b->feature)) == ST_OK)
		rc = meta_add(head, MODEL_BESIDE "input", "%s", model_shape(&shape, text));
	return rc;
}

int
model_head(const struct model *m, struct meta *head)
{
	int rc;

	if ((rc = meta_add(head, "type", "model")) != ST_OK || (rc = meta_add(head, "format", "1")) != ST_OK ||
	    (rc = add_net(head, m->text)) != ST_OK)
		return rc;
	for (size_t i = 0; i < m->classes && rc == ST_OK; i++)
		rc = meta_add(head, "class", "%s", m->class[i]);
	if (rc == ST_OK && (rc = add_features(head, MODEL_FEATURE, &m->feature)) == ST_OK &&
	    (rc = add_input(head, m)) == ST_OK && (rc = add_beside(head, m)) == ST_OK && (rc = add_calibration(head, m)) == ST_OK &&
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
	int rc = model_head(m, &head);

	if (rc == ST_OK)
		rc = tsr_head(w, &head);
	meta_clear(&head);
	for (size_t i = 0; rc == ST_OK && i < nn_params(net); i++)
		rc = write_weight(nn_param(net, i), w);
	for (size_t i = 0; rc == ST_OK && i < m->arrays; i++)
		if (strncmp(m->array[i].name, "state/", 6) == 0 || strncmp(m->array[i].name, "cmvn/", 5) == 0)
			rc = write_array(&m->array[i], w);
	return rc == ST_OK ? tsr_end(w) : rc;
}
