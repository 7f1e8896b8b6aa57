/* learn: optimisers against their formulas in double precision, answers and
 * batch sizes against values worked by hand. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "model/output.h"
#include "model/speech.h"
#include "net/layer.h"
#include "train/calibrate.h"
#include "train/optim.h"
#include "train/train.h"
#include "train/tune.h"
#include "tap.h"

enum { INPUTS = 300, UNITS = 70, STEPS = 5 }; /* more weights than one block of an optimiser has */

/* ok() with a formatted name. */
static void
check(bool good, const char *fmt, ...)
{
	char name[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof name, fmt, ap);
	va_end(ap);
	ok(good, name);
}

static struct nn *
make_net(int threads)
{
	static const char text[] = "dense 70\nbatchnorm\ndense classes\nsoftmax\n";
	size_t shape = INPUTS;
	struct nn *net;

	if (nn_create(&net, text, "test", 1, &shape, 3, 2, true, threads) != ST_OK || nn_use_threads(net) != ST_OK ||
	    nn_init(net, 1) != ST_OK)
		exit(99);
	return net;
}

/* A gradient that is different in each step and place; from -1 to 1. */
static double
gradient(size_t step, size_t i)
{
	return sin(0.7 * (double)(i % 1000) + (double)step) * ((i + step) % 3 == 0 ? 1e-3 : 1);
}

static double
norm_of(size_t step, const bool *active, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (active[i])
			sum += gradient(step, i) * gradient(step, i);
	return sqrt(sum);
}

/* The published update of one weight, from its gradients of all steps. */
static double
textbook(const struct optim *o, double w, size_t i, const double *scale, double rate, bool kernel)
{
	double m = 0, v = 0;

	for (int t = 1; t <= STEPS; t++) {
		double g = gradient((size_t)t, i) * scale[t];

		if (o->kind == OPTIM_SGD) {
			m = o->momentum * m - rate * g;
			w += m;
			continue;
		}
		m = o->beta1 * m + (1 - o->beta1) * g;
		v = o->beta2 * v + (1 - o->beta2) * g * g;
		if (o->kind == OPTIM_ADAMW && kernel)
			w -= rate * o->decay * w;
		w -= rate * sqrt(1 - pow(o->beta2, t)) / (1 - pow(o->beta1, t)) * m / (sqrt(v) + o->epsilon);
	}
	return w;
}

static void
mark(struct nn *net, bool *active, bool *kernel)
{
	for (size_t k = 0; k < nn_params(net); k++) {
		const struct nn_param *p = nn_param(net, k);

		for (size_t i = 0; p->grad != NULL && i < p->n; i++) {
			active[(size_t)(p->grad - nn_gradients(net)) + i] = !p->frozen;
			kernel[(size_t)(p->grad - nn_gradients(net)) + i] = p->rank >= 2;
		}
	}
}

static void
test_optimizer(enum optim_kind kind, const char *name, double clip, bool freeze)
{
	struct nn *net = make_net(1), *other = make_net(3);
	size_t n = nn_trainable(net);
	double *first = calloc(n, sizeof *first), scale[STEPS + 1], worst = 0, rate = 0.01, norm = 0, want_norm = 0;
	bool *active = calloc(n, 1), *kernel = calloc(n, 1), frozen_same = true;
	struct optim o, p;

	if (freeze) {
		nn_freeze(net, 0, true);
		nn_freeze(other, 0, true);
	}
	if (optim_create(&o, kind, net) != ST_OK || optim_create(&p, kind, other) != ST_OK)
		exit(99);
	mark(net, active, kernel);
	for (size_t i = 0; i < n; i++)
		first[i] = (double)nn_weights(net)[i];
	for (size_t t = 1; t <= STEPS; t++) {
		for (size_t i = 0; i < n; i++)
			nn_gradients(net)[i] = nn_gradients(other)[i] = (real)gradient(t, i);
		norm = optim_step(&o, net, rate, clip);
		optim_step(&p, other, rate, clip);
		want_norm = norm_of(t, active, n);
		scale[t] = clip > 0 && want_norm > clip ? clip / want_norm : 1;
	}
	for (size_t i = 0; i < n; i++) {
		double got = (double)nn_weights(net)[i], want = textbook(&o, first[i], i, scale, rate, kernel[i]);

		if (active[i])
			worst = fmax(worst, fabs(got - want) / (fabs(want) + 0.01));
		else
			frozen_same = frozen_same && got == first[i];
	}
	check(worst < 2e-5, "%s: %d steps agree with the formula (worst relative difference %.2g)", name, STEPS, worst);
	check(memcmp(nn_weights(net), nn_weights(other), n * sizeof(real)) == 0, "%s: 1 thread equals 3", name);
	if (clip > 0)
		check(fabs(norm - want_norm) < 1e-5 * want_norm, "%s: the norm before clipping", name);
	if (freeze)
		check(frozen_same, "%s: frozen weights stay", name);
	optim_free(&o);
	optim_free(&p);
	nn_free(net);
	nn_free(other);
	free(first);
	free(active);
	free(kernel);
}

static void
near(double got, double want, const char *name)
{
	agrees(got, want, 1e-12, name);
}

static void
test_answers(void)
{
	real y[3] = { (real)0.5, (real)0.25, (real)0.25 }, score[3] = { -1, 3, 1 }, number = (real)1.75;
	real none[3] = { -1, -2, 0 }, bad[3] = { (real)NAN, 0, 0 }, sharp[3] = { 1, 0, 0 };
	double p[3];

	output_probabilities(OUTPUT_SOFTMAX, y, 3, 1, p);
	ok(p[0] == 0.5 && p[1] == 0.25, "a temperature of 1 leaves probabilities as they are");
	output_probabilities(OUTPUT_SOFTMAX, y, 3, 2, p);
	near(p[0], sqrt(0.5) / (sqrt(0.5) + 2 * 0.5), "temperature 2: square roots, renormalised");
	output_probabilities(OUTPUT_SOFTMAX, y, 3, 0.5, p);
	near(p[0], 0.25 / (0.25 + 2 * 0.0625), "temperature 0.5: squares, renormalised");
	output_probabilities(OUTPUT_SOFTMAX, sharp, 3, 3, p);
	ok(p[0] == 1 && p[1] == 0, "temperature leaves certainty certain");
	output_probabilities(OUTPUT_SCORES, score, 3, 1, p);
	ok(p[0] == 0 && p[1] == 0.75 && p[2] == 0.25, "scores: shares of what is positive");
	output_probabilities(OUTPUT_SCORES, none, 3, 1, p);
	near(p[2], 1.0 / 3, "scores: equal shares where nothing is positive");
	output_probabilities(OUTPUT_NUMBER, &number, 3, 1, p);
	ok(p[0] == 0 && p[1] == 0.25 && p[2] == 0.75, "a number is split between its neighbours");
	number = 7;
	output_probabilities(OUTPUT_NUMBER, &number, 3, 1, p);
	ok(p[0] == 0 && p[1] == 0 && p[2] == 1, "a number past the end is the last class");
	ok(!output_probabilities(OUTPUT_SOFTMAX, bad, 3, 1, p), "NaN is no answer");
	p[0] = p[1] = p[2] = 1.0 / 3;
	ok(output_best(p, 3) == 0, "of equals the first is the best");
}

/* Three of four right at 0.9 all along: log(9) / T = log(3), so T = 2. */
static void
test_temperature(void)
{
	double p[8] = { 0.9, 0.1, 0.9, 0.1, 0.1, 0.9, 0.9, 0.1 }, work[2], t = 0;
	double even[4] = { 0.5, 0.5, 0.5, 0.5 };
	size_t truth[4] = { 0, 0, 1, 1 }, right[4] = { 0, 0, 1, 0 }, wrong[4] = { 1, 1, 0, 1 };

	ok(calibrate_temperature(p, truth, 4, 2, work, &t) == ST_OK && fabs(t - 2) < 1e-5, "the temperature by hand: 2");
	calibrate_temperature(p, right, 4, 2, work, &t);
	ok(t == 1, "all right: nothing to learn it from");
	calibrate_temperature(p, wrong, 4, 2, work, &t);
	near(t, CALIBRATE_WARMEST, "all wrong: the warmest");
	ok(calibrate_temperature(even, truth, 2, 2, work, &t) == ST_OK && t == 1, "where it changes nothing: 1");
}

/* Recurrent kernels begin as orthonormal rows, the same for the same seed. */
static void
test_orthogonal(void)
{
	static const char *const texts[] = { "lstm 40\ndense classes\n", "gru 33\ndense classes\n" };

	for (size_t k = 0; k < 2; k++) {
		struct nn *net, *again;
		const struct nn_param *p;
		double worst = 0;

		if (nn_create(&net, texts[k], "test", 2, (size_t[]){ 4, 3 }, 3, 2, true, 1) != ST_OK || nn_init(net, 5) != ST_OK ||
		    nn_create(&again, texts[k], "test", 2, (size_t[]){ 4, 3 }, 3, 2, true, 1) != ST_OK || nn_init(again, 5) != ST_OK)
			exit(99);
		p = nn_param(net, 1);
		for (size_t i = 0; i < p->shape[0]; i++)
			for (size_t j = 0; j <= i; j++) {
				double dot = 0;

				for (size_t c = 0; c < p->shape[1]; c++)
					dot += (double)p->value[i * p->shape[1] + c] * (double)p->value[j * p->shape[1] + c];
				worst = fmax(worst, fabs(dot - (i == j)));
			}
		check(worst < 1e-6, "%s: rows are orthonormal (%.2g)", p->name, worst);
		check(memcmp(p->value, nn_param(again, 1)->value, p->n * sizeof(real)) == 0, "%s: of the same seed the same", p->name);
		nn_free(net);
		nn_free(again);
	}
}

/* All of a calibration, the temperature too, where confidence says nothing: 0.68 are
 * right, however sure the net is, and the target is a risk of 0.3. */
static void
test_certainty(void)
{
	enum { N = 60, SETS = 2000 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t issued = 0;

	for (size_t s = 0; s < SETS; s++) {
		struct calibrate c = { .target_risk = 0.3 };
		double p[N * 2];
		size_t truth[N];

		for (size_t i = 0; i < N; i++) {
			p[2 * i] = 0.5 + 0.49 * gsl_rng_uniform(rng);
			p[2 * i + 1] = 1 - p[2 * i];
			truth[i] = gsl_rng_uniform(rng) < 0.32;
		}
		if (calibrate_predictions(&c, p, truth, N, 2) != ST_OK)
			exit(99);
		issued += isfinite(c.threshold);
	}
	/* and two standard errors */
	check((double)issued <= (0.05 + 2 * 0.0049) * SETS, "useless confidence: a threshold in %.4f of %d trainings",
	      (double)issued / SETS, SETS);
	gsl_rng_free(rng);
}

static void
test_speech(void)
{
	/* As in tests/440-nnpredict.t, with a frame that is too quiet to count. */
	static const float db[8] = { 0, -10, -20, -10, -41, -90, -50, -60 };
	static const float wide[4] = { 0, -200, -10, -90 };
	float same[8];
	double m[SPEECH_MEASURES];
	struct meta head = { 0 };

	speech_measure(SPEECH_DB, db, 4, 2, m);
	ok(m[SPEECH_PEAK] == 5 && m[SPEECH_CONTRAST] == 5 && m[SPEECH_CHANGE] == 5, "measures by hand");
	for (size_t i = 0; i < 8; i++)
		same[i] = (db[i] + 30) * (float)(log(10) / 10);
	speech_measure(SPEECH_LOG, same, 4, 2, m);
	ok(fabs(m[SPEECH_PEAK] - 5) < 1e-5 && fabs(m[SPEECH_CHANGE] - 5) < 1e-5, "the same as logarithms, louder");
	for (size_t i = 0; i < 8; i++)
		same[i] = (float)pow(10, (double)db[i] / 10 + 3);
	speech_measure(SPEECH_POWER, same, 4, 2, m);
	ok(fabs(m[SPEECH_PEAK] - 5) < 1e-5 && fabs(m[SPEECH_CONTRAST] - 5) < 1e-5, "and as powers");
	speech_measure(SPEECH_DB, wide, 2, 2, m);
	near(m[SPEECH_CONTRAST], sqrt((40 * 40 + 35 * 35) / 2.0), "80 dB below the largest is the least");
	meta_add(&head, "type", "mel");
	ok(speech_scale(&head, 2) == SPEECH_NONE, "features that do not tell their scale are not judged");
	meta_add(&head, "scale", "log");
	ok(speech_scale(&head, 2) == SPEECH_LOG && speech_scale(&head, 1) == SPEECH_NONE, "nor those of another rank");
	meta_clear(&head);
	meta_add(&head, "type", "lld");
	meta_add(&head, "columns", "mel,pitch");
	ok(speech_scale(&head, 2) == SPEECH_NONE, "descriptors of which some are no mels");
	meta_set(&head, "columns", "mel");
	ok(speech_scale(&head, 2) == SPEECH_DB, "mels of descriptors");
	meta_clear(&head);
}

static void
test_capacity(void)
{
	ok(epoch_capacity(10, 64) == 10, "fewer records than a batch");
	ok(epoch_capacity(128, 64) == 64, "full batches");
	ok(epoch_capacity(130, 64) == 64, "a last batch of two stands alone");
	ok(epoch_capacity(129, 64) == 65, "a last batch of one joins the one before");
	ok(epoch_capacity(5, 1) == 1, "batches of one");
}

static void
test_freeze(void)
{
	struct nn *net = make_net(1);

	ok(tune_freeze(net, "1,batchnorm") == ST_OK && nn_param(net, 0)->frozen && nn_param(net, 2)->frozen &&
	   !nn_param(net, nn_params(net) - 1)->frozen, "freezing by place and by kind");
	nn_free(net);
	net = make_net(1);
	ok(tune_freeze(net, "03.dense") == ST_OK && !nn_param(net, 0)->frozen && nn_param(net, nn_params(net) - 1)->frozen,
	   "freezing by name");
	nn_free(net);
	net = make_net(1);
	ok(tune_freeze(net, "all-but-last") == ST_OK && nn_param(net, 0)->frozen && nn_param(net, 2)->frozen &&
	   !nn_param(net, nn_params(net) - 1)->frozen, "freezing all but the last");
	ok(tune_freeze(net, "1-3") == ST_USAGE, "nothing left to train");
	for (size_t i = 0; i < 4; i++) {
		static const char *const bad[] = { "0", "3-9", "conv1d", "" };

		check(tune_freeze(net, bad[i]) == ST_USAGE, "'%s' is no layer", bad[i]);
	}
	nn_free(net);
}

/* One step of AdamW without a gradient: kernels become w (1 - rate decay), which is
 * all that happens (PyTorch's usual groups of parameters; Keras's after
 * exclude_from_weight_decay(["bias", "gamma", "beta"])). */
static void
check_decay(const char *text, int rank, const size_t *shape, const char *const *kernels)
{
	const double rate = 0.25, decay = 0.125;
	struct nn *net;
	struct optim o;

	if (nn_create(&net, text, "test", rank, shape, 3, 2, true, 1) != ST_OK || optim_create(&o, OPTIM_ADAMW, net) != ST_OK)
		exit(99);
	o.decay = decay;
	for (size_t k = 0; k < nn_params(net); k++)
		for (size_t i = 0; i < nn_param(net, k)->n; i++)
			nn_param(net, k)->value[i] = (real)(i % 7) - 3;
	optim_step(&o, net, rate, 0);
	for (size_t k = 0; k < nn_params(net); k++) {
		const struct nn_param *p = nn_param(net, k);
		bool declared = false, as_declared = true;

		for (size_t i = 0; kernels[i] != NULL; i++)
			declared |= strcmp(kernels[i], p->name) == 0;
		for (size_t i = 0; i < p->n; i++)
			as_declared &= p->value[i] == ((real)(i % 7) - 3) * (declared ? (real)(1 - rate * decay) : 1);
		check(as_declared, "%s %s", p->name, declared ? "decays" : "does not decay");
	}
	optim_free(&o);
	nn_free(net);
}

static void
test_decay(void)
{
	static const char sequence[] = "normalize\nconv1d 3 width=2\nbatchnorm\nlstm 2 output=sequence\n"
	                               "bilstm 2 output=sequence\ngru 2 output=sequence\nbigru 2\ndense classes\nsoftmax\n";
	static const char plane[] = "conv2d 2 height=3 width=3\nflatten\ndense classes\nsoftmax\n";
	static const char *const of_sequence[] = { "02.conv1d/kernel", "04.lstm/kernel", "04.lstm/recurrent",
		"05.bilstm/forward_kernel", "05.bilstm/forward_recurrent", "05.bilstm/backward_kernel",
		"05.bilstm/backward_recurrent", "06.gru/kernel", "06.gru/recurrent", "07.bigru/forward_kernel",
		"07.bigru/forward_recurrent", "07.bigru/backward_kernel", "07.bigru/backward_recurrent", "08.dense/kernel", NULL };
	static const char *const of_plane[] = { "01.conv2d/kernel", "03.dense/kernel", NULL };
	static const char pooled[] = "layernorm\nattentionpool 3\nspeakernorm\ndense classes\nsoftmax\n";
	static const char *const of_pooled[] = { "02.attentionpool/kernel", "02.attentionpool/vector", "04.dense/kernel", NULL };
	static const char seen[] = " normalize conv1d batchnorm lstm bilstm gru bigru dense conv2d layernorm attentionpool "
	                           "speakernorm ";
	static const char weightless[] = " flatten relu elu tanh sigmoid dropout channeldropout softmax maxpool1d maxpool2d avgpool1d avgpool2d "
	                                 "globalmaxpool globalavgpool globalstatspool save load input add concat multiply average ";

	check_decay(sequence, 2, (size_t[]){ 6, 4 }, of_sequence);
	check_decay(plane, 2, (size_t[]){ 6, 4 }, of_plane);
	check_decay(pooled, 2, (size_t[]){ 6, 4 }, of_pooled);
	for (size_t i = 0; nn_kind_at(i) != NULL; i++) {
		char word[64];

		snprintf(word, sizeof word, " %s ", nn_kind_at(i)->name);
		check(strstr(seen, word) != NULL || strstr(weightless, word) != NULL, "%s is known to this test",
		      nn_kind_at(i)->name);
	}
}

int
main(void)
{
	gsl_set_error_handler_off();
	test_optimizer(OPTIM_ADAM, "adam", 0, false);
	test_optimizer(OPTIM_ADAM, "adam, clipped", 3, false);
	test_optimizer(OPTIM_ADAM, "adam, frozen, clipped", 3, true);
	test_optimizer(OPTIM_ADAMW, "adamw", 0, false);
	test_optimizer(OPTIM_SGD, "sgd", 0, false);
	test_optimizer(OPTIM_SGD, "sgd, frozen, clipped", 3, true);
	test_decay();
	test_orthogonal();
	test_answers();
	test_temperature();
	test_certainty();
	test_speech();
	test_capacity();
	test_freeze();
	return finish();
}
