#include "train/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/replace.h"
#include "model/features.h"

enum { COUNTERS = 7, NUMBERS = 3 };

static const char data_name[] = "state.data";
static const enum tsr_dtype real_dtype = sizeof(real) == sizeof(float) ? TSR_F32 : TSR_F64;

/* Saving */

static int
add_vector(struct model *m, const char *name, enum tsr_dtype dtype, size_t n, const void *data)
{
	uint64_t shape = n;

	return model_add(m, name, dtype, 1, &shape, data);
}

static int
add_best(struct model *m, struct train *t)
{
	const real *at = t->best;
	char name[256];
	int rc = ST_OK;

	for (size_t i = 0; i < nn_params(t->net) && rc == ST_OK; i++) {
		const struct nn_param *p = nn_param(t->net, i);
		uint64_t shape[NN_RANK_MAX];

		for (int k = 0; k < p->rank; k++)
			shape[k] = p->shape[k];
		snprintf(name, sizeof name, "state/best/%s", p->name);
		rc = model_add(m, name, real_dtype, p->rank, shape, at);
		at += p->n;
	}
	return rc;
}

static int
add_state(struct model *m, struct train *t)
{
	const struct train_state *s = &t->state;
	int64_t counter[COUNTERS] = { s->epoch, (int64_t)t->optim.step, s->best_epoch, s->waited, s->plateau_waited,
		s->finished, (int64_t)nn_batches(t->net) };
	double number[NUMBERS] = { s->rate, s->best_loss, s->plateau_best };
	uint64_t rows[2] = { (uint64_t)s->epoch, TRAIN_COLUMNS };
	int rc;

	if ((rc = add_vector(m, "state/counters", TSR_I64, COUNTERS, counter)) != ST_OK ||
	    (rc = add_vector(m, "state/numbers", TSR_F64, NUMBERS, number)) != ST_OK ||
	    (rc = model_add(m, "state/history", TSR_F64, 2, rows, t->history)) != ST_OK ||
	    (rc = add_vector(m, "state/m", real_dtype, t->optim.n, t->optim.m)) != ST_OK)
		return rc;
	if (t->optim.v != NULL && (rc = add_vector(m, "state/v", real_dtype, t->optim.n, t->optim.v)) != ST_OK)
		return rc;
	if (t->average != NULL && (rc = add_vector(m, "state/average", real_dtype, train_count_weights(t->net), t->average)) != ST_OK)
		return rc;
	return s->best_epoch > 0 ? add_best(m, t) : ST_OK;
}

static int
write_file(const char *file, const struct model *m, struct nn *net)
{
	struct tsr_writer *w;
	int rc = tsr_create(&w, file);

	if (rc != ST_OK)
		return rc;
	rc = model_write(m, net, w);
	if (rc != ST_OK) {
		tsr_abort(w);
		return rc;
	}
	rc = tsr_finish(w);
	return rc == ST_OK ? replace_all(true) : rc;
}

int
checkpoint_save(const char *file, struct model *m, struct train *t, const char *data)
{
	int rc = add_state(m, t);

	if (rc == ST_OK)
		rc = meta_add(&m->extra, data_name, "%s", data);
	if (rc == ST_OK)
		rc = write_file(file, m, t->net);
	model_drop(m, "state/");
	meta_remove(&m->extra, data_name);
	return rc;
}

/* Comparing */

static int
differs(const char *file, const char *what)
{
	return err_set(ST_DATA, "%s: cannot go on from this checkpoint: it was made with other %s", file, what);
}

/* The next word of *line, without what separates words; its length. */
static size_t
next_word(const char **line)
{
	*line += strspn(*line, " ");
	return strcspn(*line, " ");
}

/* Two lines "nntrain 0.1.0 rate=0.0005 ...": names the first word that
 * differs, which is an option as a rule. */
static int
options_differ(const char *file, const char *saved, const char *now)
{
	size_t a = next_word(&saved), b = next_word(&now);

	while (a > 0 && a == b && strncmp(saved, now, a) == 0) {
		saved += a;
		now += b;
		a = next_word(&saved);
		b = next_word(&now);
	}
	return err_set(ST_DATA, "%s: cannot go on from this checkpoint: it was made with %.*s, this training has %.*s",
	               file, (int)a, a == 0 ? "less" : saved, (int)b, b == 0 ? "less" : now);
}

static int
compare_chains(const char *file, const struct meta *saved, const struct meta *now)
{
	const char *a = saved->n == 0 ? "" : saved->item[saved->n - 1].value;
	const char *b = now->n == 0 ? "" : now->item[now->n - 1].value;

	/* The last line is the training's own, with its options. */
	if (strcmp(a, b) != 0)
		return options_differ(file, a, b);
	for (size_t i = 0; i < saved->n && saved->n == now->n; i++)
		if (strcmp(saved->item[i].value, now->item[i].value) != 0)
			return differs(file, "steps before the training (pg= of its head)");
	return saved->n == now->n ? ST_OK : differs(file, "steps before the training (pg= of its head)");
}

static int
compare(const char *file, const struct model *saved, const struct model *now, const char *data)
{
	const char *saved_data = meta_get(&saved->extra, data_name);

	if (saved_data == NULL)
		return err_set(ST_DATA, "%s: this is a model, not a checkpoint", file);
	if (!model_same_classes(saved, now))
		return differs(file, "classes");
	if (strcmp(saved->text, now->text) != 0)
		return differs(file, "layers (--net)");
	if (features_check(&now->feature, "this training", "has", &saved->feature, file,
	                   ": cannot go on from this checkpoint") != ST_OK)
		return ST_DATA;
	if ((saved->beside.name != NULL && now->beside.name != NULL) &&
	    features_check(&now->beside.feature, "this training", "has", &saved->beside.feature, file,
	                   ": cannot go on from this checkpoint") != ST_OK)
		return ST_DATA;
	if (saved->rank != now->rank || memcmp(saved->shape, now->shape, (size_t)now->rank * sizeof *now->shape) != 0)
		return differs(file, "shapes of the records");
	if (compare_chains(file, &saved->pg, &now->pg) != ST_OK)
		return ST_DATA;
	return strcmp(saved_data, data) == 0 ? ST_OK : differs(file, "records");
}

/* Loading */

/* Copies an array of known type and size out of the checkpoint. */
static int
fetch(const struct model *m, const char *file, const char *name, enum tsr_dtype dtype, size_t n, void *to)
{
	const struct model_array *a = model_find(m, name);

	if (a == NULL || a->dtype != dtype || a->bytes != n * tsr_dtype_size(dtype))
		return err_set(ST_DATA, "%s: the checkpoint's %s is %s", file, name, a == NULL ? "missing" : "malformed");
	if (n > 0)
		memcpy(to, a->data, (size_t)a->bytes);
	return ST_OK;
}

static int
fetch_best(const struct model *m, const char *file, struct train *t)
{
	real *to = t->best;
	char name[256];
	int rc = ST_OK;

	for (size_t i = 0; i < nn_params(t->net) && rc == ST_OK; i++) {
		const struct nn_param *p = nn_param(t->net, i);

		snprintf(name, sizeof name, "state/best/%s", p->name);
		rc = fetch(m, file, name, real_dtype, p->n, to);
		to += p->n;
	}
	return rc;
}

static int
fetch_state(const struct model *m, const char *file, struct train *t)
{
	struct train_state *s = &t->state;
	int64_t counter[COUNTERS] = { 0 };
	double number[NUMBERS] = { 0 };
	int rc;

	if ((rc = fetch(m, file, "state/counters", TSR_I64, COUNTERS, counter)) != ST_OK ||
	    (rc = fetch(m, file, "state/numbers", TSR_F64, NUMBERS, number)) != ST_OK)
		return rc;
	if (counter[0] < 0 || counter[0] > t->how.epochs || counter[1] < 0)
		return err_set(ST_DATA, "%s: the checkpoint's state/counters make no sense", file);
	*s = (struct train_state){ .epoch = (long)counter[0], .best_epoch = (long)counter[2], .waited = (long)counter[3],
		.plateau_waited = (long)counter[4], .finished = counter[5] != 0, .rate = number[0], .best_loss = number[1],
		.plateau_best = number[2] };
	t->optim.step = (uint64_t)counter[1];
	nn_set_batches(t->net, (uint64_t)counter[6]);
	if ((rc = fetch(m, file, "state/history", TSR_F64, (size_t)s->epoch * TRAIN_COLUMNS, t->history)) != ST_OK ||
	    (rc = fetch(m, file, "state/m", real_dtype, t->optim.n, t->optim.m)) != ST_OK)
		return rc;
	if (t->optim.v != NULL && (rc = fetch(m, file, "state/v", real_dtype, t->optim.n, t->optim.v)) != ST_OK)
		return rc;
	if (t->average != NULL &&
	    (rc = fetch(m, file, "state/average", real_dtype, train_count_weights(t->net), t->average)) != ST_OK)
		return rc;
	return s->best_epoch > 0 ? fetch_best(m, file, t) : ST_OK;
}

/* Another kind of processor rounds differently: the model names all that trained it. */
static int
add_kinds(struct model *m, const struct model *saved)
{
	int rc = ST_OK;

	for (size_t i = 0; i < saved->extra.n && rc == ST_OK; i++)
		if (strcmp(saved->extra.item[i].name, "kernel") == 0 && !meta_has(&m->extra, "kernel", saved->extra.item[i].value))
			rc = meta_add(&m->extra, "kernel", "%s", saved->extra.item[i].value);
	return rc;
}

int
checkpoint_load(const char *file, struct model *m, struct train *t, const char *data)
{
	struct model saved = { 0 };
	int rc = model_read(&saved, file);

	if (rc != ST_OK)
		return rc;
	if ((rc = compare(file, &saved, m, data)) == ST_OK && (rc = model_fill(&saved, file, t->net, NULL)) == ST_OK)
		rc = fetch_state(&saved, file, t);
	if (rc == ST_OK)
		rc = add_kinds(m, &saved);
	model_free(&saved);
	return rc;
}
