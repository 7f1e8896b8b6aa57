#include "train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/profile.h"
#include "stream/value.h"
#include "train/random.h"

size_t
train_count_weights(struct nn *net)
{
	size_t n = 0;

	for (size_t i = 0; i < nn_params(net); i++)
		n += nn_param(net, i)->n;
	return n;
}

void
train_copy_weights(struct nn *net, real *flat, bool back)
{
	for (size_t i = 0; i < nn_params(net); i++) {
		struct nn_param *p = nn_param(net, i);

		if (back)
			memcpy(p->value, flat, p->n * sizeof *flat);
		else
			memcpy(flat, p->value, p->n * sizeof *flat);
		flat += p->n;
	}
}

/* A layer can hide weights that are no numbers: relu makes 0 of NaN. */
static bool
weights_finite(struct nn *net)
{
	bool finite = true;

	for (size_t i = 0; i < nn_params(net); i++)
		finite = finite && value_finite(nn_param(net, i)->value, nn_param(net, i)->n);
	return finite;
}

/* A class's weight makes all classes count alike: n / (k n_c), as
 * scikit-learn's "balanced"; k counts the classes that occur. */
static void
balance(struct train *t)
{
	size_t present = 0;

	for (size_t i = 0; i < t->train.n; i++)
		t->class_weight[t->train.record[i]->class]++;
	for (size_t c = 0; c < t->classes; c++)
		present += t->class_weight[c] > 0;
	for (size_t c = 0; c < t->classes; c++)
		if (t->class_weight[c] > 0)
			t->class_weight[c] = (double)t->train.n / ((double)present * t->class_weight[c]);
}

static int
allocate(struct train *t)
{
	struct mem_pool *m = &t->memory;
	size_t n = nn_batch(t->net);

	t->history = mem_take(m, (size_t)t->how.epochs, sizeof *t->history);
	t->best = mem_take(m, train_count_weights(t->net), sizeof *t->best);
	t->average = t->how.average > 0 ? mem_take(m, train_count_weights(t->net), sizeof *t->average) : NULL;
	t->target = mem_take(m, n, sizeof *t->target);
	t->outputs = nn_outputs(t->net);
	t->value = mem_take(m, n * t->outputs, sizeof *t->value);
	t->probability = mem_take(m, n * t->classes, sizeof *t->probability);
	t->right = mem_take(m, n, sizeof *t->right);
	t->hit = mem_take(m, t->classes, sizeof *t->hit);
	t->count = mem_take(m, t->classes, sizeof *t->count);
	t->weight = mem_take(m, n, sizeof *t->weight);
	t->class_weight = t->how.balanced ? mem_take(m, t->classes, sizeof *t->class_weight) : NULL;
	if (m->status == ST_OK && t->how.balanced)
		balance(t);
	if (m->status == ST_OK && t->average != NULL)
		memcpy(t->average, nn_weights(t->net), train_count_weights(t->net) * sizeof *t->average);
	return m->status;
}

/* Adds what the outputs should be for a record, multiplied by a share. */
static void
add_target(const struct train *t, double *value, const struct data_record *r, double share)
{
	size_t outputs = t->outputs;
	double soft = r->soft == NULL ? 0 : t->how.soft * share;
	double hard = share - soft, rest = hard * t->how.smoothing / (double)outputs;

	if (t->kind == OUTPUT_NUMBER) {
		*value += share * (double)r->class;
		return;
	}
	for (size_t c = 0; c < outputs; c++)
		value[c] += rest;
	value[r->class] += hard * (1 - t->how.smoothing);
	for (size_t c = 0; c < outputs && r->soft != NULL; c++)
		value[c] += soft * r->soft[c];
}

/* Example i's target: of a's class, but for a share of b's. */
static void
set_target(void *ctx, size_t i, const struct data_record *a, const struct data_record *b, double share)
{
	struct train *t = ctx;
	double *value = t->value + i * t->outputs, *w = t->class_weight;

	t->target[i] = share < 0.5 ? b->class : a->class;
	t->weight[i] = w == NULL ? 1 : share * w[a->class] + (1 - share) * w[b->class];
	memset(value, 0, t->outputs * sizeof *value);
	add_target(t, value, a, share);
	if (share < 1)
		add_target(t, value, b, 1 - share);
}

int
train_init(struct train *t)
{
	int rc;

	if (t->how.loss == TRAIN_CROSS_ENTROPY && t->kind != OUTPUT_SOFTMAX)
		return err_set(ST_DATA, "cross-entropy requires a net that ends in softmax (or use --loss mse)");
	if (t->how.loss == TRAIN_SQUARED && nn_averages(t->net))
		return err_set(ST_DATA, "the softmaxes that average takes the mean of are trained with --loss cross-entropy");
	if ((rc = allocate(t)) != ST_OK ||
	    (rc = example_create(&t->example, &t->how.example, t->net, t->rows, t->row, t->beside)) != ST_OK ||
	    (rc = speakers_create(&t->speakers, t->whole, &t->valid)) != ST_OK) {
		train_free(t);
		return rc;
	}
	t->example.use = set_target;
	t->example.ctx = t;
	t->steps = (double)t->epoch.batches * (double)t->how.epochs;
	t->state = (struct train_state){ .rate = t->how.schedule.rate, .best_loss = (double)INFINITY,
		.plateau_best = (double)INFINITY };
	return ST_OK;
}

void
train_free(struct train *t)
{
	speakers_free(&t->speakers);
	example_free(&t->example);
	mem_release(&t->memory);
}

/* One batch */

struct judging {
	struct train *t;
	const struct nn *net;
};

static void
judge_some(void *ctx, size_t first, size_t last)
{
	const struct judging *s = ctx;
	const struct train *t = s->t;

	for (size_t i = first; i < last; i++) {
		double *p = t->probability + i * t->classes;

		t->right[i] = !output_probabilities(t->kind, nn_output(s->net, i), t->classes, 1, p) ? -1
		              : output_best(p, t->classes) == t->target[i];
	}
}

/* The mean loss of the n examples that have just gone forward through net, or NAN where
 * an output is no number. Adds to hits and counts by class. */
static double
evaluate(struct train *t, struct nn *net, size_t n, const double *weight)
{
	enum { LEAST = 64 }; /* examples that are worth being handed over */

	nn_examples(net, n, LEAST, judge_some, &(struct judging){ t, net });
	for (size_t i = 0; i < n; i++) {
		if (t->right[i] < 0)
			return (double)NAN;
		t->count[t->target[i]]++;
		t->hit[t->target[i]] += (uint64_t)t->right[i];
	}
	return t->how.loss == TRAIN_SQUARED ? nn_loss_squared(net, t->value) : nn_loss_soft(net, t->value, weight);
}

static void
clear_counts(struct train *t)
{
	memset(t->hit, 0, t->classes * sizeof *t->hit);
	memset(t->count, 0, t->classes * sizeof *t->count);
}

static double
accuracy(const struct train *t)
{
	uint64_t hit = 0, count = 0;

	for (size_t c = 0; c < t->classes; c++) {
		hit += t->hit[c];
		count += t->count[c];
	}
	return (double)hit / (double)count;
}

/* Mean recall of the classes that occur. */
static double
unweighted_recall(const struct train *t)
{
	double sum = 0;
	size_t present = 0;

	for (size_t c = 0; c < t->classes; c++)
		if (t->count[c] > 0) {
			sum += (double)t->hit[c] / (double)t->count[c];
			present++;
		}
	return sum / (double)present;
}

static int
diverged(const struct train *t, const char *what)
{
	return err_set(ST_DATA, "epoch %ld: the %s not finite any more: a lower --rate or --clip-norm may help",
	               t->state.epoch + 1, what);
}

/* One epoch */

/* Moves the average towards the weights, after a step. */
static void
average_weights(struct train *t)
{
	double n = (double)t->optim.step;
	real step = (real)(1 - fmin(t->how.average, (1 + n) / (10 + n)));
	const real *restrict from = nn_weights(t->net);
	real *restrict to = t->average;

	for (size_t i = 0, all = train_count_weights(t->net); i < all; i++)
		to[i] += step * (from[i] - to[i]);
}

/* Exchanges the net's weights with their average, where there is one. */
static void
swap_average(struct train *t)
{
	real *weight = nn_weights(t->net);

	for (size_t i = 0, n = t->average == NULL ? 0 : train_count_weights(t->net); i < n; i++) {
		real own = weight[i];

		weight[i] = t->average[i];
		t->average[i] = own;
	}
}

static int
learn_batch(struct train *t, const struct data_record **record, size_t n)
{
	double loss, now = profile_now();

	example_load(&t->example, record, n, (uint64_t)t->state.epoch);
	now = profile_stage("data", now, 0, (double)(n * nn_inputs(t->net) * sizeof(real)));
	nn_forward(t->net, n, true, random_key(t->how.epoch.seed, RANDOM_DROPOUT, t->optim.step));
	now = profile_stage("forward", now, 0, 0);
	loss = evaluate(t, t->net, n, t->weight);
	if (!isfinite(loss))
		return diverged(t, "loss is");
	now = profile_stage("loss", now, 0, 0);
	nn_backward(t->net);
	now = profile_stage("backward", now, 0, 0);
	t->state.rate = schedule_rate(&t->how.schedule, t->state.rate, (double)t->optim.step, t->steps);
	optim_step(&t->optim, t->net, t->state.rate, t->how.clip_norm);
	if (t->average != NULL)
		average_weights(t);
	profile_stage("optimizer", now, 0, 0);
	t->loss_sum += loss * (double)n;
	t->seen += n;
	return ST_OK;
}

static int
learn(struct train *t, double *row)
{
	const struct epoch *e = &t->epoch;
	/* It depends on the seed and its number alone, so that nothing of it needs to be kept in checkpoints. */
	int rc = epoch_draw(&t->epoch, (uint64_t)t->state.epoch);
	struct data_pass pass = { .record = e->record, .n = e->first[e->batches], .beside = t->beside };

	clear_counts(t);
	t->loss_sum = 0;
	t->seen = 0;
	for (size_t b = 0; b < e->batches && rc == ST_OK; b++) {
		data_pass(&pass, e->first[b + 1]);
		rc = learn_batch(t, e->record + e->first[b], e->first[b + 1] - e->first[b]);
		if (rc == ST_OK && t->on_step != NULL)
			t->on_step(t, b + 1);
	}
	if (rc == ST_OK && !weights_finite(t->net))
		rc = diverged(t, "weights are");
	if (rc != ST_OK)
		return rc;
	row[TRAIN_LOSS] = t->loss_sum / (double)t->seen;
	row[TRAIN_ACCURACY] = accuracy(t);
	row[TRAIN_RATE] = t->state.rate;
	return ST_OK;
}

static struct data_pass
pass_valid(const struct train *t)
{
	return (struct data_pass){ .record = t->valid.record, .n = t->valid.n, .beside = t->beside };
}

/* Validation records from an index on, as many as fit, go forward; their number. Those of
 * known speakers are told to speakernorm. */
static size_t
forward_valid(struct train *t, struct data_pass *pass, size_t from, bool known)
{
	size_t size = nn_batch(t->whole), n = t->valid.n - from < size ? t->valid.n - from : size;
	const struct data_record **record = t->valid.record + from;
	double began = profile_now();

	data_pass(pass, from + n);
	example_load_whole(t->whole, record, n, t->beside, set_target, t);
	for (size_t i = 0; i < n && known && t->speakers.values > 0; i++)
		speakers_set(&t->speakers, t->whole, i, from + i);
	nn_forward(t->whole, n, false, 0);
	profile_stage("validation", began, 0, 0);
	return n;
}

/* The weights as they are go where they validate, and validation speakers get known. */
static void
begin_validation(struct train *t)
{
	struct data_pass pass = pass_valid(t);

	if (t->whole != t->net)
		memcpy(nn_weights(t->whole), nn_weights(t->net), train_count_weights(t->net) * sizeof(real));
	if (t->speakers.values == 0)
		return;
	speakers_clear(&t->speakers);
	for (size_t from = 0, n; from < t->valid.n; from += n) {
		n = forward_valid(t, &pass, from, false);
		for (size_t i = 0; i < n; i++)
			speakers_add(&t->speakers, t->whole, i, from + i);
	}
	speakers_finish(&t->speakers, t->whole);
}

int
train_predict(struct train *t, double *p)
{
	struct data_pass pass = pass_valid(t);

	begin_validation(t);
	for (size_t from = 0, n; from < t->valid.n; from += n) {
		n = forward_valid(t, &pass, from, true);
		for (size_t i = 0; i < n; i++)
			if (!output_probabilities(t->kind, nn_output(t->whole, i), t->classes, 1, p + (from + i) * t->classes))
				return err_set(ST_DATA, "the net's output for a validation record is not a number");
	}
	return ST_OK;
}

/* Losses by class are not weighted here, as in Keras. */
static int
validate(struct train *t, double *row)
{
	struct data_pass pass = pass_valid(t);
	double sum = 0;

	row[TRAIN_VAL_LOSS] = row[TRAIN_VAL_ACCURACY] = row[TRAIN_VAL_UAR] = (double)NAN;
	if (t->valid.n == 0)
		return ST_OK;
	clear_counts(t);
	begin_validation(t);
	for (size_t from = 0, n; from < t->valid.n; from += n) {
		n = forward_valid(t, &pass, from, true);
		sum += evaluate(t, t->whole, n, NULL) * (double)n;
	}
	if (!isfinite(sum))
		return diverged(t, "validation loss is");
	row[TRAIN_VAL_LOSS] = sum / (double)t->valid.n;
	row[TRAIN_VAL_ACCURACY] = accuracy(t);
	row[TRAIN_VAL_UAR] = unweighted_recall(t);
	return ST_OK;
}

/* Keras's ReduceLROnPlateau, without cooldown. */
static void
watch_plateau(struct train *t, double loss)
{
	struct train_state *s = &t->state;

	if (loss < s->plateau_best - t->how.min_delta) {
		s->plateau_best = loss;
		s->plateau_waited = 0;
	} else if (++s->plateau_waited >= t->how.plateau_patience) {
		if (s->rate > t->how.schedule.floor)
			s->rate = fmax(s->rate * t->how.plateau_factor, t->how.schedule.floor);
		s->plateau_waited = 0;
	}
}

/* Keras's EarlyStopping. */
static void
watch_best(struct train *t, double *row)
{
	struct train_state *s = &t->state;

	if (row[TRAIN_VAL_LOSS] < s->best_loss - t->how.min_delta) {
		s->best_loss = row[TRAIN_VAL_LOSS];
		s->best_epoch = s->epoch + 1;
		s->waited = 0;
		row[TRAIN_BEST] = 1;
		train_copy_weights(t->net, t->best, false);
	} else {
		s->waited++;
	}
	if (t->how.patience > 0 && s->waited >= t->how.patience)
		s->finished = true;
}

static int
run_epoch(struct train *t)
{
	double *row = t->history[t->state.epoch], start = clock_seconds();
	int rc;

	row[TRAIN_EPOCH] = (double)(t->state.epoch + 1);
	row[TRAIN_BEST] = 0;
	if ((rc = learn(t, row)) != ST_OK)
		return rc;
	swap_average(t);
	if ((rc = validate(t, row)) != ST_OK)
		return rc;
	row[TRAIN_SECONDS] = clock_seconds() - start;
	if (t->valid.n > 0)
		watch_best(t, row);
	swap_average(t);
	if (t->how.schedule.kind == SCHEDULE_PLATEAU)
		watch_plateau(t, t->valid.n > 0 ? row[TRAIN_VAL_LOSS] : row[TRAIN_LOSS]);
	t->state.epoch++;
	t->state.finished = t->state.finished || t->state.epoch == t->how.epochs;
	return t->on_epoch == NULL ? ST_OK : t->on_epoch(t);
}

int
train_run(struct train *t)
{
	int rc = ST_OK;

	while (rc == ST_OK && !t->state.finished && (t->how.pause == 0 || t->state.epoch < t->how.pause))
		rc = run_epoch(t);
	return rc;
}

long
train_kept_epoch(const struct train *t)
{
	return t->state.best_epoch > 0 && !t->how.keep_last ? t->state.best_epoch : t->state.epoch;
}

void
train_keep(struct train *t)
{
	if (t->state.best_epoch > 0 && !t->how.keep_last)
		train_copy_weights(t->net, t->best, true);
	else
		swap_average(t);
}
