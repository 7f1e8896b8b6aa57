#include "train/session.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/level.h"
#include "base/mem.h"
#include "base/words.h"
#include "judge/predictions.h"
#include "model/features.h"
#include "train/tune.h"

enum {
	NET_MAX = 1 << 16, /* bytes of a net file; it goes into the model's head */
	WHOLE_LEAST = 8,   /* whole records that validate together, at least */
};

static void
ignore(const char *fmt, ...)
{
	(void)fmt;
}

/* The records */

static int
check_apart(const struct session *s, const struct session_plan *p)
{
	int rc;

	if (p->allow_overlap)
		return ST_OK;
	if (!data_has_groups(&s->train_data) || !data_has_groups(&s->valid_data))
		p->notice("the records carry no group, so the same speaker may be in training and validation unnoticed");
	rc = data_check_apart(&s->train.train, &s->train.valid);
	return rc == ST_OK ? rc : err_set(rc, "%s; --allow-overlap would permit it", err_text());
}

static int
part_records(struct session *s, const struct session_plan *p)
{
	struct data_part *train = &s->train.train, *valid = &s->train.valid;
	int rc;

	if (!isnan(p->holdout))
		return data_hold_out(&s->train_data, p->holdout, p->how.epoch.seed, train, valid);
	if ((rc = data_all(&s->train_data, true, train)) != ST_OK || p->valids == 0)
		return rc;
	if ((rc = data_all(&s->valid_data, false, valid)) != ST_OK)
		return rc;
	if (valid->n < s->valid_data.n)
		p->notice("%zu augmented variants are left out of the validation", s->valid_data.n - valid->n);
	return check_apart(s, p);
}

/* What the second input gets of each record. */
static int
read_beside(struct session *s, const struct session_plan *p)
{
	struct data *b = &s->beside_data;
	int rc = data_read(b, p->beside_file, p->besides, p->max_record);

	if (rc == ST_OK && b->varies)
		rc = err_set(ST_DATA, "%s: its records differ in length; --beside requires them of one shape, as rows of a table are",
		             b->file);
	if (rc == ST_OK && (rc = data_join(&s->train_data, b)) == ST_OK)
		rc = data_join(&s->valid_data, b);
	return rc;
}

static int
read_records(struct session *s, const struct session_plan *p)
{
	int rc = data_read(&s->train_data, p->train, p->trains, p->max_record);

	if (rc == ST_OK && (p->how.example.crop > 0 || p->how.example.jitter > 0 || p->how.example.frame_masks > 0) &&
	    !s->train_data.sequences)
		rc = err_set(ST_DATA, "%s: its records are no sequences of frames: --crop, --jitter and --masks require mel or lld",
		             s->train_data.file);
	if (rc == ST_OK && p->valids > 0 && (rc = data_read(&s->valid_data, p->valid, p->valids, p->max_record)) == ST_OK)
		rc = data_check_alike(&s->train_data, &s->valid_data);
	if (rc == ST_OK && p->beside != NULL)
		rc = read_beside(s, p);
	snprintf(s->records, sizeof s->records, "%016" PRIx64 "-%016" PRIx64, s->train_data.hash, s->valid_data.hash);
	if (p->beside != NULL)
		snprintf(s->records + strlen(s->records), sizeof s->records - strlen(s->records), "-%016" PRIx64,
		         s->beside_data.hash);
	return rc == ST_OK ? part_records(s, p) : rc;
}

/* The model without its weights */

/* What is taken over from the model to begin with. */
static int
read_init(struct session *s, const struct session_plan *p)
{
	struct tsr_chunk head = { .kind = 'H', .file = s->train_data.file, .meta = s->train_data.feature };
	int rc;

	if (p->init == NULL)
		return ST_OK;
	if ((rc = model_read(&s->init, p->init)) != ST_OK || (rc = model_check_features(&s->init, p->init, &head)) != ST_OK)
		return rc;
	s->model.text = mem_str(s->init.text);
	return s->model.text == NULL ? ST_SYS : features_copy_pg(&s->model.pg, &s->init.pg);
}

static int
read_net(struct model *m, const char *file)
{
	struct model model = { 0 };
	struct err_kept kept;
	size_t length;
	int rc;

	if (file == NULL)
		return ST_OK; /* read_init has set it */
	free(m->text);
	rc = io_slurp(file, NET_MAX, &m->text, &length);
	if (rc == ST_OK)
		rc = model_check_text(m->text, length, file);
	if (rc != ST_DATA)
		return rc;
	err_keep(&kept, rc);
	if (model_read_head(&model, file) != ST_OK)
		return err_recall(&kept);
	err_forget(&kept);
	model_free(&model);
	return err_set(rc, "%s: this is a model, not a text of layers; --init %s begins with it", file, file);
}

/* A,B,C */
static int
list_classes(struct model *m, const char *list)
{
	char **name;
	size_t n;
	int rc = words_split(list, &name, &n);

	if (rc == ST_OK)
		rc = model_set_classes(m, (const char *const *)name, n);
	if (rc == ST_DATA)
		rc = err_set(ST_USAGE, "--classes: %s", err_text());
	free(name);
	return rc;
}

/* *all: each of the names is one of m's classes. */
static int
check_all(const struct model *m, const char *const *name, size_t n, bool *all)
{
	char *const **sorted;
	int rc = words_sort(m->class, m->classes, &sorted);

	*all = rc == ST_OK;
	for (size_t i = 0; i < n && *all; i++)
		*all = words_find(sorted, m->class, m->classes, name[i]) < m->classes;
	free(sorted);
	return rc;
}

/* The classes that the head of a table lists (class=), in its order. */
static int
find_listed(const struct meta *feature, const char ***name, size_t *n)
{
	*n = 0;
	*name = mem_zero(feature->n + 1, sizeof **name);
	for (size_t i = 0; *name != NULL && i < feature->n; i++)
		if (strcmp(feature->item[i].name, "class") == 0)
			(*name)[(*n)++] = feature->item[i].value;
	return *name == NULL ? ST_SYS : ST_OK;
}

/* Those listed, else the labels; but fine-tuning keeps the model's classes where
 * they cover them. */
static int
find_classes(struct session *s)
{
	const char **label;
	size_t n;
	bool known;
	int rc = find_listed(&s->train_data.feature, &label, &n);

	if (rc == ST_OK && n == 0) {
		free(label);
		label = NULL;
		rc = data_labels(&s->train_data, &label, &n);
	}
	if (rc == ST_OK)
		rc = check_all(&s->init, label, n, &known);
	if (rc == ST_OK && known)
		rc = model_set_classes(&s->model, (const char *const *)s->init.class, s->init.classes);
	else if (rc == ST_OK)
		rc = model_set_classes(&s->model, label, n);
	free(label);
	return rc;
}

/* What could not be told from nnpredict's other words is refused before the work. */
static int
check_classes(const struct session *s)
{
	const struct model *m = &s->model;

	if (m->classes < 2)
		return err_set(ST_DATA, "%s: there is only one class, '%s'; --classes names others that the net is to know",
		               s->train_data.file, m->class[0]);
	for (size_t i = 0; i < m->classes; i++)
		if (predictions_check_class(NULL, m->class[i]) != ST_OK)
			return err_set(ST_DATA, "%s: %s: give its records another label", s->train_data.file, err_text());
	return ST_OK;
}

/* Classes listed of which there is nothing to learn, as in a fold without them. */
static int
tell_untrained(const struct session *s, const struct session_plan *p)
{
	const struct data_part *part = &s->train.train;
	size_t *count = mem_zero(s->model.classes, sizeof *count);

	if (count == NULL)
		return ST_SYS;
	for (size_t i = 0; i < part->n; i++)
		count[part->record[i]->class]++;
	for (size_t k = 0; k < s->model.classes; k++)
		if (count[k] == 0)
			p->notice("no training record is of class '%s'", s->model.class[k]);
	free(count);
	return ST_OK;
}

static int
choose_classes(struct session *s, const struct session_plan *p)
{
	struct model *m = &s->model;
	int rc = p->classes != NULL ? list_classes(m, p->classes) : find_classes(s);

	if (rc != ST_OK || (rc = check_classes(s)) != ST_OK ||
	    (rc = data_number(&s->train_data, m->class, m->classes)) != ST_OK ||
	    (rc = data_number(&s->valid_data, m->class, m->classes)) != ST_OK)
		return rc;
	if (p->targets != NULL &&
	    (rc = targets_read(&s->targets, p->targets, m->class, m->classes, &s->train.train)) != ST_OK)
		return rc;
	return tell_untrained(s, p);
}

/* Whether the net takes records of any number of frames: they have or had such. */
static bool
varies(const struct session *s, const struct session_plan *p)
{
	const struct data *a = &s->train_data, *b = &s->valid_data;

	return p->how.example.crop > 0 || a->varies || b->varies || (b->n > 0 && a->shape[0] != b->shape[0]);
}

static int
describe_beside(struct session *s, const struct session_plan *p)
{
	struct model_beside *b = &s->model.beside, *init = &s->init.beside;
	const struct data *d = &s->beside_data;
	int rc = init->name == NULL ? ST_OK
	                            : features_check(&init->feature, p->init, "was trained beside", &d->feature, d->file, "");

	if (rc != ST_OK || (rc = features_copy(&b->feature, &d->feature)) != ST_OK)
		return rc;
	b->rank = d->rank;
	memcpy(b->shape, d->shape, sizeof b->shape);
	b->name = mem_str(p->beside);
	return b->name == NULL ? ST_SYS : ST_OK;
}

/* The training's own line of provenance, the last one, which checkpoints are held against. */
static int
add_line(struct session *s, const struct session_plan *p)
{
	struct str line = { 0 };

	str_addf(&line, "%s train=%zu valid=%zu", p->line, s->train.train.n, s->train.valid.n);
	if (p->beside != NULL)
		str_addf(&line, " beside=%s", p->beside);
	if (p->targets != NULL)
		str_addf(&line, " targets=%016" PRIx64, s->targets.hash);
	return meta_take(&s->model.pg, "pg", &line);
}

static int
describe_model(struct session *s, const struct session_plan *p)
{
	struct model *m = &s->model;
	const struct data *d = &s->train_data;
	int rc;

	if ((rc = read_init(s, p)) != ST_OK || (rc = read_net(m, p->net)) != ST_OK ||
	    (rc = choose_classes(s, p)) != ST_OK || (rc = features_copy(&m->feature, &d->feature)) != ST_OK ||
	    (rc = features_copy_pg(&m->pg, &d->pg)) != ST_OK || (rc = features_copy_pg(&m->pg, &s->beside_data.pg)) != ST_OK ||
	    (rc = add_line(s, p)) != ST_OK)
		return rc;
	model_uncalibrated(m);
	m->rank = d->rank;
	memcpy(m->shape, d->shape, sizeof m->shape);
	if (varies(s, p))
		m->shape[0] = 0;
	if (p->beside != NULL && (rc = describe_beside(s, p)) != ST_OK)
		return rc;
	if ((rc = meta_add(&m->extra, "loss", "%s", p->loss)) != ST_OK)
		return rc;
	return meta_add(&m->extra, "kernel", "%s", level_name());
}

/* The net and its first weights */

static int
begin_with_init(struct session *s, const struct session_plan *p, bool *fit)
{
	struct nn *net = s->train.net;
	bool new_head = !model_same_classes(&s->init, &s->model);
	struct tune_report report;
	int rc = tune_start(&s->init, p->init, net, new_head, &report);

	*fit = report.refit;
	if (rc != ST_OK)
		return rc;
	if (new_head)
		p->notice("the classes are not those of %s: %s begins afresh", p->init, nn_layer_name(net, tune_head(net)));
	if (report.fresh > 0 && p->net != NULL)
		p->notice("%zu weight arrays taken from %s, %zu begin afresh", report.kept, p->init, report.fresh);
	return ST_OK;
}

/* Lets an input's first layer learn from the training records. */
static void
fit_input(struct session *s, size_t k)
{
	const struct model *m = &s->model;
	struct data_pass pass = { .record = s->train.train.record, .n = s->train.train.n, .without = k > 0,
		.beside = k > 0 ? s->beside_data.row : 0 };
	size_t all = k > 0 ? (m->beside.rank > 1 ? m->beside.shape[0] : 1) : m->rank > 1 ? m->shape[0] : 1;

	for (size_t i = 0; i < s->train.train.n; i++) {
		const struct data_record *r = s->train.train.record[i];

		data_pass(&pass, i + 1);
		nn_fit_of(s->train.net, k, k > 0 ? r->beside : r->x, k == 0 && model_varies(m) ? r->rows : all);
	}
	nn_fit_of(s->train.net, k, NULL, 0);
}

static int
first_weights(struct session *s, const struct session_plan *p)
{
	struct nn *net = s->train.net;
	bool fit = true;
	int rc = nn_init(net, p->how.epoch.seed);

	if (rc == ST_OK && p->init != NULL)
		rc = begin_with_init(s, p, &fit);
	for (size_t k = 0; rc == ST_OK && fit && k < (p->beside == NULL ? 1 : 2); k++)
		if (nn_needs_fit_of(net, k))
			fit_input(s, k);
	return rc;
}

/* For a net that the records do not fit into: where it would take those of the other
 * kind, adds that to the message. */
static int
explain_net(const struct session *s, const struct session_plan *p, const char *name, int rc)
{
	const struct model *m = &s->model;
	const size_t other[2] = { 128, 128 };
	char shape[MODEL_SHAPE_MAX];
	struct err_kept kept;
	bool table = m->rank == 1;
	struct nn *net;

	err_keep(&kept, rc);
	if (rc != ST_DATA || m->rank > 2 || p->beside != NULL ||
	    nn_open(&net, m->text, name, table ? 2 : 1, other, m->classes, 1, true, p->threads) != ST_OK)
		return err_recall(&kept);
	nn_free(net);
	rc = err_recall(&kept);
	return err_set(rc, "%s; the net is for %s, and the records of %s are %s of shape (%s): --net %s is for those", err_text(),
	               table ? "spectrograms" : "rows of a table", s->train_data.file,
	               table ? "rows of a table" : "spectrograms", model_shape(m, shape), table ? "mlp" : "crnn");
}

/* Bytes of the optimiser's moments, of the best weights and of their average. */
static uint64_t
weights_beside(struct nn *net, const struct session_plan *p)
{
	uint64_t arrays = (p->optimizer == OPTIM_SGD ? 2 : 3) + (p->how.average > 0 ? 1 : 0);

	return arrays * train_count_weights(net) * sizeof(real);
}

/* The frames of the net's examples: of the longest record, or the crop. */
static void
plan_rows(struct session *s, const struct session_plan *p)
{
	struct train *t = &s->train;
	size_t crop = (size_t)p->how.example.crop;

	t->row = s->train_data.row;
	t->beside = s->beside_data.row;
	t->rows = data_longest(&t->train);
	if (crop > 0 && crop < t->rows)
		t->rows = crop;
}

static int
open_net(struct session *s, const struct session_plan *p, size_t rows, size_t batch, bool train, struct nn **net)
{
	const struct model *m = &s->model;
	const char *name = p->net != NULL ? p->net : p->init;
	int rc = model_open(m, name, rows, batch, train, p->threads, net);

	if (rc == ST_DATA && p->how.example.crop > 0 && rows == (size_t)p->how.example.crop &&
	    strstr(err_text(), "come in, fewer") != NULL)
		return err_set(rc, "%s (examples have the %zu frames of --crop: try more)", err_text(), rows);
	if (rc != ST_OK)
		return explain_net(s, p, name, rc);
	if (model_varies(m) && (rc = nn_takes_lengths(*net)) != ST_OK)
		return rc;
	return nn_allocate(*net, p->max_memory, train ? weights_beside(*net, p) : 0);
}

/* What validates: whole records, so few at a time that it takes about as much memory. */
static int
open_whole(struct session *s, const struct session_plan *p)
{
	struct train *t = &s->train;
	size_t rows = data_longest(&t->valid), batch = nn_batch(t->net);

	t->whole = t->net;
	if (!model_varies(&s->model) || t->valid.n == 0)
		return ST_OK;
	if (rows > t->rows)
		batch = batch * t->rows / rows;
	batch = batch < WHOLE_LEAST ? WHOLE_LEAST : batch;
	return open_net(s, p, rows, batch < nn_batch(t->net) ? batch : nn_batch(t->net), false, &t->whole);
}

static int
build_net(struct session *s, const struct session_plan *p)
{
	const struct model *m = &s->model;
	struct train *t = &s->train;
	const char *name = p->net != NULL ? p->net : p->init;
	int rc = epoch_create(&t->epoch, &p->how.epoch, &t->train);

	if (rc != ST_OK)
		return rc;
	plan_rows(s, p);
	if ((rc = open_net(s, p, t->rows, t->epoch.most, true, &t->net)) != ST_OK ||
	    (rc = open_whole(s, p)) != ST_OK || (rc = output_kind(t->net, name, m->classes, &t->kind)) != ST_OK ||
	    (rc = first_weights(s, p)) != ST_OK)
		return rc;
	if (p->freeze != NULL && (rc = tune_freeze(t->net, p->freeze)) != ST_OK)
		return rc;
	if ((rc = optim_create(&t->optim, p->optimizer, t->net)) != ST_OK)
		return rc;
	t->optim.momentum = p->momentum;
	t->optim.decay = p->decay;
	t->how = p->how;
	t->classes = m->classes;
	return train_init(t);
}

int
session_open(struct session *s, const struct session_plan *plan)
{
	struct session_plan p = *plan;
	int rc;

	if (p.notice == NULL)
		p.notice = ignore;
	if ((rc = read_records(s, &p)) != ST_OK || (rc = describe_model(s, &p)) != ST_OK)
		return rc;
	return build_net(s, &p);
}

void
session_free(struct session *s)
{
	train_free(&s->train);
	epoch_free(&s->train.epoch);
	optim_free(&s->train.optim);
	if (s->train.whole != s->train.net)
		nn_free(s->train.whole);
	nn_free(s->train.net);
	free(s->train.train.record);
	free(s->train.valid.record);
	model_free(&s->model);
	model_free(&s->init);
	targets_free(&s->targets);
	data_free(&s->beside_data);
	data_free(&s->valid_data);
	data_free(&s->train_data);
}
