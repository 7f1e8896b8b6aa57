#include "model/predict.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/words.h"
#include "stream/value.h"

/* Where records vary in length, nets are planned for multiples of STEP frames, so that a
 * few serve all, and a record's is always the same one; a worker keeps PLANS of a model. */
enum { STEP = 64, PLANS = 8 };

/* A member's net for records of up to so many frames. */
struct plan {
	struct nn *net; /* NULL: none yet */
	size_t frames, batch; /* up to so many frames and examples */
	uint64_t used; /* when it last was */
};

/* What one worker needs: nets of each member, and room for its probabilities. */
struct predict_nets {
	struct plan (*plan)[PLANS]; /* NULL before its first record */
	double *p, *ordered;   /* a member's probabilities, and in the order of the first's */
	real *mean, *variance; /* of each example's speaker, (CHUNKS_TOGETHER,speaker_values) */
	uint64_t clock;
	bool alone;            /* nets of more than one example would be too large */
	struct err_kept failed; /* of predict_together, for the next predict_record */
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

void
predict_beside(struct predict *p, const char *name, size_t source, bool *found)
{
	*found = false;
	for (size_t i = 0; i < p->members; i++)
		if (p->member[i].model.beside.name != NULL && strcmp(p->member[i].model.beside.name, name) == 0) {
			p->member[i].beside = source;
			*found = true;
		}
}

static void
clear_nets(struct predict_nets *w, size_t members)
{
	for (size_t i = 0; w->plan != NULL && i < members; i++)
		for (size_t k = 0; k < PLANS; k++)
			nn_free(w->plan[i][k].net);
	free(w->plan);
	free(w->p);
	free(w->ordered);
	free(w->mean);
	free(w->variance);
	err_forget(&w->failed);
	*w = (struct predict_nets){ 0 };
}

/* For what is known of a speaker. */
static int
make_room(const struct predict *p, struct predict_nets *w)
{
	if (p->speaker_values == 0)
		return ST_OK;
	w->mean = mem_zero(CHUNKS_TOGETHER * p->speaker_values, sizeof *w->mean);
	w->variance = mem_zero(CHUNKS_TOGETHER * p->speaker_values, sizeof *w->variance);
	return w->mean == NULL || w->variance == NULL ? ST_SYS : ST_OK;
}

static int
begin_worker(const struct predict *p, struct predict_nets *w)
{
	w->plan = mem_zero(p->members, sizeof *w->plan);
	w->p = mem_zero(predict_classes(p), sizeof *w->p);
	w->ordered = mem_zero(predict_classes(p), sizeof *w->ordered);
	if (w->plan != NULL && w->p != NULL && w->ordered != NULL && make_room(p, w) == ST_OK)
		return ST_OK;
	clear_nets(w, p->members);
	return ST_SYS;
}

/* Frames of the member's net for an example of so many. */
static size_t
planned_frames(const struct predict_member *m, size_t frames)
{
	return model_varies(&m->model) ? (frames + STEP - 1) / STEP * STEP : m->model.shape[0];
}

/* The member's net for n examples of so many frames, on the calling thread alone: one
 * that is there, or a new one, in place of the one that was not used for the longest. */
static int
find_net(const struct predict *p, struct predict_nets *w, size_t member, size_t planned, size_t n, struct nn **net)
{
	const struct predict_member *m = &p->member[member];
	struct plan *plan = w->plan[member], *take = plan;
	int rc = ST_OK;

	for (size_t k = 0; k < PLANS; k++)
		if (plan[k].net != NULL && plan[k].frames == planned) {
			take = &plan[k];
			break;
		} else if (plan[k].used < take->used) {
			take = &plan[k];
		}
	if (take->net == NULL || take->frames != planned || take->batch < n) {
		nn_free(take->net);
		*take = (struct plan){ .frames = planned, .batch = n == 1 ? 1 : CHUNKS_TOGETHER };
		rc = model_net(&m->model, m->file, planned, take->batch, p->limit, &take->net);
	}
	take->used = rc == ST_OK ? ++w->clock : 0; /* what has failed is the next to be replaced */
	*net = take->net;
	return rc == ST_OK && model_varies(&m->model) ? nn_takes_lengths(*net) : rc;
}

int
predict_begin(struct predict *p, int threads)
{
	size_t workers = (size_t)threads;
	struct nn *net;
	int rc;

	p->nets = mem_zero(workers, sizeof *p->nets);
	p->workers = p->nets == NULL ? 0 : workers;
	rc = p->nets == NULL ? ST_SYS : begin_worker(p, p->nets);
	for (size_t i = 0; i < p->members && rc == ST_OK; i++) {
		struct predict_member *m = &p->member[i];

		if (m->model.beside.name != NULL && m->beside == 0)
			rc = model_lacks_beside(&m->model, m->file);
		if (rc == ST_OK && (rc = find_net(p, p->nets, i, planned_frames(m, STEP), 1, &net)) == ST_OK)
			rc = output_kind(net, m->file, m->model.classes, &m->kind);
		if (rc == ST_OK) {
			m->speaker_at = p->speaker_values;
			p->speaker_values += m->speaker_values = nn_speaker_values(net);
			m->output_at = p->outputs;
			p->outputs += m->outputs = nn_outputs(net);
		}
	}
	return rc == ST_OK ? make_room(p, p->nets) : rc;
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

	for (size_t i = 0; i < p->members && rc == ST_OK; i++) {
		const struct predict_member *m = &p->member[i];

		if (m->source == source)
			rc = model_check_features(&m->model, m->file, head);
		if (rc == ST_OK && m->beside > 0 && m->beside == source)
			rc = model_check_beside(&m->model, m->file, head);
	}
	return rc;
}

/* Tells speakernorm what is known of example i's speaker. */
static void
set_speaker(const struct predict *p, const struct predict_nets *w, size_t at, const struct predict_speaker *s,
            struct nn *net, size_t i)
{
	real *mean = w->mean + i * p->speaker_values + at, *variance = w->variance + i * p->speaker_values + at;

	nn_shrink_speaker(net, (double)s->clips, s->mean + at, s->variance + at, mean, variance);
	nn_set_speaker(net, i, mean, variance);
}

static void
copy_record(real *to, const struct tsr_chunk *record)
{
	const float *x = record->data;

	for (size_t i = 0, n = (size_t)tsr_elements(record); i < n; i++)
		to[i] = (real)x[i];
}

/* The net's input for example i. */
static void
set_example(const struct predict *p, const struct predict_nets *w, size_t member, const struct predict_request *r,
            struct nn *net, size_t i)
{
	const struct predict_member *m = &p->member[member];

	copy_record(nn_input(net, i), r->record[m->source]);
	if (m->beside > 0)
		copy_record(nn_input_of(net, 1, i), r->record[m->beside]);
	if (model_varies(&m->model))
		nn_set_length(net, i, (size_t)r->record[m->source]->shape[0]);
	if (m->speaker_values > 0 && r->speaker.clips > 0)
		set_speaker(p, w, m->speaker_at, &r->speaker, net, i);
}

/* Runs a member's net for n records of as many planned frames. */
static int
run_member(const struct predict *p, struct predict_nets *w, size_t member, struct predict_request *const *r, size_t n)
{
	const struct predict_member *m = &p->member[member];
	struct nn *net;
	int rc = find_net(p, w, member, planned_frames(m, (size_t)r[0]->record[m->source]->shape[0]), n, &net);

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		set_example(p, w, member, r[i], net, i);
	if (rc == ST_OK)
		nn_forward(net, n, false, 0);
	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		memcpy(r[i]->output + m->output_at, nn_output(net, i), m->outputs * sizeof *r[i]->output);
		for (size_t k = 0; r[i]->speaker.seen != NULL && k < m->speaker_values; k++)
			r[i]->speaker.seen[m->speaker_at + k] = (float)nn_speaker_input(net, i)[k];
	}
	return rc;
}

/* Adds one member's probabilities, or their logarithms. */
static int
add_member(const struct predict *p, struct predict_nets *w, size_t member, const struct predict_request *r, double *sum)
{
	const struct predict_member *m = &p->member[member];
	double temperature = p->temperature > 0 ? p->temperature : m->model.temperature;

	for (size_t k = 0; r->speaker.seen != NULL && k < m->speaker_values; k++)
		if (!isfinite(r->speaker.seen[m->speaker_at + k]))
			return err_set(ST_DATA, "what %s's speakernorm sees is not a number", m->file);
	if (!output_probabilities(m->kind, r->output + m->output_at, m->model.classes, temperature, w->p))
		return err_set(ST_DATA, "%s's output is not a number", m->file);
	for (size_t i = 0; i < m->model.classes; i++)
		w->ordered[m->index[i]] = w->p[i];
	output_add(w->ordered, m->model.classes, m->weight, p->geometric && p->members > 1, sum);
	return ST_OK;
}

/* From the sums of what add_member has added. */
static void
make_mean(const struct predict *p, double *probability)
{
	double weights = 0;

	for (size_t i = 0; i < p->members; i++)
		weights += p->member[i].weight;
	if (p->members > 1)
		output_mean(probability, predict_classes(p), weights, p->geometric);
	if (p->average_temperature > 0)
		output_temper(probability, predict_classes(p), p->average_temperature);
}

/* Of the second input; its values, too. */
static int
check_beside(const struct predict_member *m, const struct tsr_chunk *record)
{
	int rc = model_check_beside_record(&m->model, record);

	if (rc == ST_OK && !value_finite(record->data, (size_t)tsr_elements(record)))
		rc = err_set(ST_DATA, "a value is NaN or infinite");
	return rc == ST_OK ? rc : err_prefix("%s", tsr_where(record));
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
		if (rc == ST_OK && p->member[i].beside > 0)
			rc = check_beside(&p->member[i], record[p->member[i].beside]);
		sources = source >= sources ? source + 1 : sources;
	}
	return rc;
}

/* A member's net for n records, those of one length after the other. */
static int
run_lengths(const struct predict *p, struct predict_nets *w, size_t member, struct predict_request *const *r, size_t n)
{
	const struct predict_member *m = &p->member[member];
	size_t frames, first = 0, last;
	int rc = ST_OK;

	for (; first < n && rc == ST_OK; first = last) {
		frames = planned_frames(m, (size_t)r[first]->record[m->source]->shape[0]);
		for (last = first + 1; last < n; last++)
			if (planned_frames(m, (size_t)r[last]->record[m->source]->shape[0]) != frames)
				break;
		rc = run_member(p, w, member, r + first, last - first);
	}
	return rc;
}

void
predict_together(struct predict *p, size_t worker, struct predict_request *const *r, size_t n)
{
	struct predict_nets *w = &p->nets[worker];
	struct predict_request *good[CHUNKS_TOGETHER];
	size_t count = 0;
	int rc = w->plan == NULL ? begin_worker(p, w) : ST_OK;

	for (size_t i = 0; i < n && !w->alone && rc == ST_OK; i++)
		if (check_record(p, r[i]->record) == ST_OK)
			good[count++] = r[i];
	for (size_t i = 0; i < p->members && count > 1 && rc == ST_OK; i++)
		rc = run_lengths(p, w, i, good, count);
	w->alone |= rc == ST_DATA;
	if (rc == ST_SYS)
		err_keep(&w->failed, rc);
	for (size_t i = 0; i < count && count > 1; i++)
		good[i]->ran = rc == ST_OK;
}

int
predict_record(struct predict *p, size_t worker, struct predict_request *r, double *probability)
{
	size_t classes = predict_classes(p);
	struct predict_nets *w = &p->nets[worker];
	int rc = w->failed.status != ST_OK ? err_recall(&w->failed) : r->ran ? ST_OK : check_record(p, r->record);

	if (rc != ST_OK || (w->plan == NULL && (rc = begin_worker(p, w)) != ST_OK))
		return rc;
	memset(probability, 0, classes * sizeof *probability);
	for (size_t i = 0; i < p->members && rc == ST_OK; i++) {
		if (!r->ran)
			rc = run_member(p, w, i, &r, 1);
		if (rc == ST_OK)
			rc = add_member(p, w, i, r, probability);
	}
	r->ran = false;
	if (rc == ST_OK)
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

/* Whether a model's record is of sound in which nothing moves: frames of digital silence are all
 * the same, of other sounds they never are. That no model has to learn. */
static bool
is_still(const struct predict_member *m, const struct tsr_chunk *r)
{
	const char *type = meta_get(&m->model.feature, "type"), *x = r->data;
	size_t row;

	if (type == NULL || (strcmp(type, "mel") != 0 && strcmp(type, "lld") != 0) || r->rank != 2 || r->shape[0] < 2)
		return false;
	row = r->bytes / r->shape[0];
	return memcmp(x, x + row, row * (r->shape[0] - 1)) == 0;
}

int
predict_is_speech(const struct predict *p, const struct tsr_chunk *const *record, bool *speech)
{
	double measure[SPEECH_MEASURES];
	const struct tsr_chunk *measured = NULL;
	bool reached = false, still = false;
	int rc;

	for (size_t i = 0; i < p->members && !reached; i++) {
		const struct predict_member *m = &p->member[i];
		enum speech_scale scale = speech_scale(&m->model.feature, m->model.rank);
		const struct tsr_chunk *r = record[m->source];

		still = still || is_still(m, r);
		if (scale == SPEECH_NONE || !m->model.knows_speech)
			continue;
		if (measured != r && (rc = speech_measure(scale, r->data, (size_t)r->shape[0], (size_t)r->shape[1], measure)) != ST_OK)
			return rc;
		measured = r;
		reached = speech_reaches(measure, m->model.floor);
	}
	*speech = !still && (reached || measured == NULL);
	return ST_OK;
}

/* Adds a model's weights to a checksum, as a file has them. */
static int
hash_weights(const struct model *m, uint64_t *hash)
{
	int rc = ST_OK;

	for (size_t i = 0; i < m->arrays && rc == ST_OK; i++) {
		const struct model_array *a = &m->array[i];
		size_t size = tsr_dtype_size(a->dtype);
		const void *data = a->data;
		void *own;

		if ((rc = order_out(&data, size, a->bytes / size, &own)) == ST_OK)
			*hash = hash_bytes(data, (size_t)a->bytes, *hash);
		free(own);
	}
	return rc;
}

/* "07.speakernorm" */
static const char *
speaker_layer(const struct nn *net)
{
	size_t i = 0;

	while (strstr(nn_layer_name(net, i), ".speakernorm") == NULL)
		i++;
	return nn_layer_name(net, i);
}

int
predict_describe(const struct predict *p, struct meta *to)
{
	struct str layers = { 0 };
	uint64_t hash = 0;
	int rc = ST_OK;

	for (size_t i = 0; i < p->members && rc == ST_OK; i++) {
		const struct nn *net = p->nets[0].plan[i][0].net;

		if (p->member[i].speaker_values == 0)
			continue;
		if (layers.n > 0)
			str_addc(&layers, ',');
		str_add(&layers, speaker_layer(net));
		rc = hash_weights(&p->member[i].model, &hash);
	}
	if (rc == ST_OK)
		rc = meta_take(to, "layer", &layers);
	str_free(&layers);
	return rc == ST_OK ? meta_add(to, "weights", "xxh3:%016" PRIx64, hash) : rc;
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
