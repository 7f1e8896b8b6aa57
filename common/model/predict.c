#include "model/predict.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/words.h"
#include "stream/value.h"

/* Where records vary in length, nets are planned for multiples of STEP frames, so that a
 * few serve all, and a record's is always the same one; a worker keeps PLANS of a model. */
enum { STEP = 64, PLANS = 8 };

/* A member's net for records of up to so many frames. */
struct plan {
	struct nn *net; /* NULL: none yet */
	size_t frames;
	uint64_t used; /* when it last was */
};

/* What one worker needs: nets of each member, and room for its probabilities. */
struct predict_nets {
	struct plan (*plan)[PLANS]; /* NULL before its first record */
	double *p;
	uint64_t clock;
};

/* The index of each class of m in the first member's list. */
static int
match_classes(const struct predict *p, struct predict_member *m)
{
	const struct model *first = &p->member[0].model;
	char *const **sorted;
	int rc;

	m->index = mem_zero(m->model.classes, sizeof *m->index);
	if (m->index == NULL)
		return ST_SYS;
	if (m->model.classes != first->classes)
		return err_set(ST_DATA, "%s: it has %zu classes, %s has %zu", m->file, m->model.classes, p->member[0].file,
		               first->classes);
	rc = words_sort(first->class, first->classes, &sorted);
	for (size_t i = 0; i < first->classes && rc == ST_OK; i++) {
		m->index[i] = words_find(sorted, first->class, first->classes, m->model.class[i]);
		if (m->index[i] == first->classes)
			rc = err_set(ST_DATA, "%s: its class '%s' is none of %s's", m->file, m->model.class[i], p->member[0].file);
	}
	free(sorted);
	return rc;
}

int
predict_add(struct predict *p, const char *file, size_t source)
{
	struct predict_member *m;
	int rc = mem_push(&p->member, p->members, sizeof *p->member);

	if (rc != ST_OK)
		return rc;
	m = &p->member[p->members];
	*m = (struct predict_member){ .file = file, .source = source, .weight = 1 };
	if ((rc = model_read(&m->model, file)) != ST_OK)
		return rc;
	p->members++;
	return match_classes(p, m);
}

static void
clear_nets(struct predict_nets *w, size_t members)
{
	for (size_t i = 0; w->plan != NULL && i < members; i++)
		for (size_t k = 0; k < PLANS; k++)
			nn_free(w->plan[i][k].net);
	free(w->plan);
	free(w->p);
	*w = (struct predict_nets){ 0 };
}

static int
begin_worker(const struct predict *p, struct predict_nets *w)
{
	w->plan = mem_zero(p->members, sizeof *w->plan);
	w->p = mem_zero(predict_classes(p), sizeof *w->p);
	if (w->plan != NULL && w->p != NULL)
		return ST_OK;
	clear_nets(w, p->members);
	return ST_SYS;
}

/* The member's net for one example of so many frames, on the calling thread alone: one
 * that is there, or a new one, in place of the one that was not used for the longest.
 * Its next example has that length. */
static int
find_net(const struct predict *p, struct predict_nets *w, size_t member, size_t frames, struct nn **net)
{
	const struct predict_member *m = &p->member[member];
	struct plan *plan = w->plan[member], *take = plan;
	bool varies = model_varies(&m->model);
	size_t planned = varies ? (frames + STEP - 1) / STEP * STEP : m->model.shape[0];
	int rc = ST_OK;

	for (size_t k = 0; k < PLANS; k++)
		if (plan[k].net != NULL && plan[k].frames == planned) {
			take = &plan[k];
			break;
		} else if (plan[k].used < take->used) {
			take = &plan[k];
		}
	if (take->net == NULL || take->frames != planned) {
		nn_free(take->net);
		*take = (struct plan){ .frames = planned };
		rc = model_net(&m->model, m->file, planned, p->limit, &take->net);
	}
	take->used = ++w->clock;
	*net = take->net;
	if (rc == ST_OK && varies && (rc = nn_takes_lengths(*net)) == ST_OK)
		nn_set_length(*net, 0, frames);
	return rc;
}

int
predict_begin(struct predict *p, int threads)
{
	size_t workers = (size_t)nn_threads_at_once(threads);
	struct nn *net;
	int rc;

	if (workers == 0)
		return ST_SYS;
	p->nets = mem_zero(workers, sizeof *p->nets);
	p->workers = p->nets == NULL ? 0 : workers;
	rc = p->nets == NULL ? ST_SYS : begin_worker(p, p->nets);
	for (size_t i = 0; i < p->members && rc == ST_OK; i++) {
		struct predict_member *m = &p->member[i];

		if ((rc = find_net(p, p->nets, i, STEP, &net)) == ST_OK)
			rc = output_kind(net, m->file, m->model.classes, &m->kind);
	}
	return rc;
}

size_t
predict_classes(const struct predict *p)
{
	return p->member[0].model.classes;
}

char *const *
predict_names(const struct predict *p)
{
	return p->member[0].model.class;
}

int
predict_check_head(const struct predict *p, size_t source, const struct tsr_chunk *head)
{
	int rc = ST_OK;

	for (size_t i = 0; i < p->members && rc == ST_OK; i++)
		if (p->member[i].source == source)
			rc = model_check_features(&p->member[i].model, p->member[i].file, head);
	return rc;
}

/* Adds one member's probabilities, or their logarithms. */
static int
add_member(const struct predict *p, struct predict_nets *w, size_t member, const struct tsr_chunk *record, double *sum)
{
	const struct predict_member *m = &p->member[member];
	double temperature = p->temperature > 0 ? p->temperature : m->model.temperature;
	const float *x = record->data;
	struct nn *net;
	real *input;
	int rc = find_net(p, w, member, (size_t)record->shape[0], &net);

	if (rc != ST_OK)
		return rc;
	input = nn_input(net, 0);
	for (size_t i = 0, n = (size_t)tsr_elements(record); i < n; i++)
		input[i] = (real)x[i];
	nn_forward(net, 1, false, 0);
	if (!output_probabilities(m->kind, nn_output(net, 0), m->model.classes, temperature, w->p))
		return err_set(ST_DATA, "%s's output is not a number", m->file);
	for (size_t i = 0; i < m->model.classes; i++)
		sum[m->index[i]] += m->weight * (p->geometric ? log(fmax(w->p[i], DBL_EPSILON)) : w->p[i]);
	return ST_OK;
}

/* From the sums of what add_member has added. */
static void
make_mean(const struct predict *p, double *probability)
{
	size_t classes = predict_classes(p);
	double weights = 0, top, sum = 0;

	for (size_t i = 0; i < p->members; i++)
		weights += p->member[i].weight;
	for (size_t i = 0; i < classes; i++)
		probability[i] /= weights;
	if (!p->geometric)
		return;
	top = probability[output_best(probability, classes)];
	for (size_t i = 0; i < classes; i++)
		sum += probability[i] = exp(probability[i] - top);
	for (size_t i = 0; i < classes; i++)
		probability[i] /= sum;
}

static int
check_record(const struct predict *p, const struct tsr_chunk *const *record)
{
	size_t sources = 0;
	int rc = ST_OK;

	for (size_t i = 0; i < p->members && rc == ST_OK; i++) {
		size_t source = p->member[i].source;

		rc = model_check_record(&p->member[i].model, record[source]);
		if (rc == ST_OK && source >= sources && !value_finite(record[source]->data, (size_t)tsr_elements(record[source])))
			rc = err_set(ST_DATA, "a value is NaN or infinite");
		if (rc != ST_OK && source > 0)
			rc = err_prefix("%s", tsr_where(record[source]));
		sources = source >= sources ? source + 1 : sources;
	}
	return rc;
}

int
predict_record(struct predict *p, size_t worker, const struct tsr_chunk *const *record, double *probability)
{
	size_t classes = predict_classes(p);
	struct predict_nets *w = &p->nets[worker];
	int rc = check_record(p, record);

	if (rc != ST_OK || (w->plan == NULL && (rc = begin_worker(p, w)) != ST_OK))
		return rc;
	memset(probability, 0, classes * sizeof *probability);
	for (size_t i = 0; i < p->members && rc == ST_OK; i++)
		rc = add_member(p, w, i, record[p->member[i].source], probability);
	if (rc == ST_OK && p->members > 1)
		make_mean(p, probability);
	return rc;
}

int
predict_threshold(const struct predict *p, double *threshold)
{
	*threshold = 0;
	for (size_t i = 0; i < p->members; i++) {
		if (isnan(p->member[i].model.threshold))
			return err_set(ST_DATA, "%s: the model has no threshold of its own", p->member[i].file);
		*threshold += p->member[i].model.threshold / (double)p->members;
	}
	return ST_OK;
}

int
predict_is_speech(const struct predict *p, const struct tsr_chunk *const *record, bool *speech)
{
	double measure[SPEECH_MEASURES];
	const struct tsr_chunk *measured = NULL;
	bool reached = false;
	int rc;

	for (size_t i = 0; i < p->members && !reached; i++) {
		const struct predict_member *m = &p->member[i];
		enum speech_scale scale = speech_scale(&m->model.feature, m->model.rank);
		const struct tsr_chunk *r = record[m->source];

		if (scale == SPEECH_NONE || !m->model.knows_speech)
			continue;
		if (measured != r && (rc = speech_measure(scale, r->data, (size_t)r->shape[0], (size_t)r->shape[1], measure)) != ST_OK)
			return rc;
		measured = r;
		reached = speech_reaches(measure, m->model.floor);
	}
	*speech = reached || measured == NULL;
	return ST_OK;
}

void
predict_free(struct predict *p)
{
	for (size_t i = 0; i < p->workers; i++)
		clear_nets(&p->nets[i], p->members);
	for (size_t i = 0; i < p->members; i++) {
		free(p->member[i].index);
		model_free(&p->member[i].model);
	}
	free(p->nets);
	free(p->member);
	*p = (struct predict){ 0 };
}
