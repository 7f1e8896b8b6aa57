/* nn: networks of net(5), forward and backward, planned once and run without
 * allocating. Shapes are row-major; an example is (T,C), (H,W,C) or (C), a
 * batch has B of them. net.h is the inside. */
#ifndef SER_NET_NN_H
#define SER_NET_NN_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Single precision; a double-precision build of the same code (-DNN_DOUBLE)
 * lets tests hold gradients against finite differences. */
#ifdef NN_DOUBLE
typedef double real;
#else
typedef float real;
#endif
_Static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 16, "a float must be computed as one: EXACT in the Makefile has the flags");

enum { NN_RANK_MAX = 4, NN_PARAMS_MAX = 6 };

#define NN_MAX_MEMORY (UINT64_C(4) << 30) /* bytes of a net that programs take without being asked */

struct nn;

/* One weight array, named and shaped as in Keras (tsr(5) models). */
struct nn_param {
	char *name;      /* "02.batchnorm/gamma" */
	size_t layer;    /* the layer's number, from 1 */
	int rank;
	size_t shape[NN_RANK_MAX];
	size_t n;        /* elements */
	real *value;
	real *grad;      /* NULL where not trained by gradient (running means) */
	bool decays;     /* AdamW's weight decay is for it: a kernel, no bias nor normalisation's weight */
	bool frozen;     /* the optimiser leaves it alone */
};

/* Parses the net of text; name is for messages ("crnn.net: line 3: ..."). shape (rank
 * entries) is one example's; classes is the number that `dense classes` has. The net
 * will be for batches of up to batch examples, with train for backward, too. All weights
 * have names and shapes then, but there is no memory yet. ST_DATA names the line. */
int nn_open(struct nn **out, const char *text, const char *name, int rank, const size_t *shape, size_t classes,
            size_t batch, bool train, int threads);

/* The same for a net that has other inputs beside the first (which it may call "main"):
 * a line "input NAME" reads on from one. Their shapes are in source, in any order; ST_DATA
 * where one is not used. */
struct nn_source {
	const char *name;
	int rank;
	const size_t *shape;
};
int nn_open_inputs(struct nn **out, const char *text, const char *name, const struct nn_source *source, size_t sources,
                   size_t classes, size_t batch, bool train, int threads);

/* Everything that the passes take is allocated here; weights are zero until nn_init or
 * a model fills them. ST_DATA where this and the caller's own `beside` bytes would be
 * more than limit bytes (0: any number), which is known before any is written to.
 * Where memory for their work is short it uses fewer threads. */
int nn_allocate(struct nn *net, uint64_t limit, uint64_t beside);

/* Both, without a limit. On failure there is nothing to free. */
int nn_create(struct nn **out, const char *text, const char *name, int rank, const size_t *shape, size_t classes,
              size_t batch, bool train, int threads);
void nn_free(struct nn *net);

size_t nn_batch(const struct nn *net);   /* most examples in a batch */
size_t nn_inputs(const struct nn *net);  /* elements of one example */
size_t nn_outputs(const struct nn *net); /* elements of one output */
bool nn_ends_in_softmax(const struct nn *net); /* or in a mean of some */
bool nn_averages(const struct nn *net); /* the latter: for cross-entropy alone */

size_t nn_layers(const struct nn *net);
const char *nn_layer_name(const struct nn *net, size_t i); /* i from 0: "01.conv1d" */
void nn_freeze(struct nn *net, size_t i, bool frozen);     /* its weights, and batchnorm's statistics */
/* Text of the layer's output shape, "(54,128)"; valid until the next call. */
const char *nn_layer_shape(const struct nn *net, size_t i);

/* A net that is not for training keeps its weights packed from one pass to the next: who
 * changes them asks for them here, by nn_param or nn_weights, after the pass before. */
size_t nn_params(const struct nn *net);
struct nn_param *nn_param(struct nn *net, size_t i);

/* Keras's initial weights, drawn from seed and each weight's name. */
int nn_init(struct nn *net, uint64_t seed);

/* `normalize` learns from data: where the net needs it, call nn_fit once with
 * every training example, then with NULL. */
bool nn_needs_fit(const struct nn *net);
void nn_fit(struct nn *net, const float *example);
void nn_fit_rows(struct nn *net, const float *example, size_t rows); /* only the first rows are valid */

/* Example i of the next batch, to be filled: nn_inputs() elements. */
real *nn_input(struct nn *net, size_t i);

/* The same of its k-th input as given to nn_open_inputs: 0 is the first, and the functions
 * without _of are of that one. */
real *nn_input_of(struct nn *net, size_t k, size_t i);
size_t nn_inputs_of(const struct nn *net, size_t k);
bool nn_needs_fit_of(const struct nn *net, size_t k);
void nn_fit_of(struct nn *net, size_t k, const float *example, size_t rows);
void nn_set_length_of(struct nn *net, size_t k, size_t i, size_t rows);

/* Only the first so many rows (of its first dimension; from 1) of example i of the next
 * batch are valid, what lies behind them is padding: each layer gives what it would give
 * for these rows alone. Without it all rows are. For nets that nn_takes_lengths. */
void nn_set_length(struct nn *net, size_t i, size_t rows);

/* ST_DATA, naming the line, where a layer requires all rows of each example (flatten).
 * The name given to nn_open is read again. */
int nn_takes_lengths(const struct nn *net);

/* speakernorm standardises each of its values with a speaker's mean and variance. In
 * training these are of the examples in the batch that have the same group number; 0
 * is no group, as without nn_set_group, which is for the next batch only. */
void nn_set_group(struct nn *net, size_t i, uint64_t number);

/* Outside of training they are, for example i of the next batch, the nn_speaker_values()
 * values each that these arrays hold until then; without it, the running ones of training:
 * the mean over all examples and the variance within a speaker. For nets with a speakernorm. */
void nn_set_speaker(struct nn *net, size_t i, const real *mean, const real *variance);
void nn_speaker_running(const struct nn *net, const real **mean, const real **variance);

/* Such values from a speaker's own, of so many recordings, as in cmvn(1): a running value
 * counts as NN_SHRINK_MEAN recordings more in the mean, as NN_SHRINK_VARIANCE in the variance. */
enum { NN_SHRINK_MEAN = 2, NN_SHRINK_VARIANCE = 20 };
void nn_shrink_speaker(const struct nn *net, double clips, const double *mean, const double *variance, real *to_mean,
                       real *to_variance);

/* What speakernorm sees of example i, after nn_forward, so that a speaker's statistics
 * can be made of it; and how many values it has: 0 where the net has no such layer. */
const real *nn_speaker_input(const struct nn *net, size_t i);
size_t nn_speaker_values(const struct nn *net);

/* Runs n examples. Training uses batch statistics (and updates the running
 * ones) and drops units, drawn from key: give each step its own. */
void nn_forward(struct nn *net, size_t n, bool training, uint64_t key);

/* Training batches so far. batchnorm's running statistics are the plain mean
 * of the first ones, until its momentum weighs the past as much: starting from
 * 0 and 1, as Keras does, they would say nothing of the data for hundreds of
 * steps, and validation with them nothing of the net. A checkpoint keeps the
 * number; where weights come from a finished model, set it to a large one. */
uint64_t nn_batches(const struct nn *net);
void nn_set_batches(struct nn *net, uint64_t batches);

/* nn_outputs() elements of example i, after nn_forward. */
const real *nn_output(const struct nn *net, size_t i);

/* Mean loss of the n examples of the last batch, and its gradient, kept for
 * nn_backward. Cross-entropy needs a last layer of softmax: target is the
 * class; weight (by class, may be NULL) multiplies an example's loss, and the
 * mean stays the sum over examples by n, as with Keras's class_weight;
 * smoothing mixes the uniform distribution in. Mean squared error compares
 * (n, nn_outputs()) outputs with value. */
double nn_loss_cross_entropy(struct nn *net, const size_t *target, const double *weight, double smoothing);
double nn_loss_squared(struct nn *net, const double *value);

/* The cross-entropy with (n, nn_outputs()) probabilities as target; weight is by example. */
double nn_loss_soft(struct nn *net, const double *target, const double *weight);

/* Gradients of all weights into nn_param()->grad (overwritten, not added). */
void nn_backward(struct nn *net);

/* All weights and all gradients as one array each, for optimisers: the first
 * nn_trainable() elements of both belong to each other. */
size_t nn_trainable(const struct nn *net);
real *nn_weights(struct nn *net);
real *nn_gradients(struct nn *net);

/* Runs fn(ctx, i) for i in [0,n) on the net's threads. */
void nn_for(const struct nn *net, size_t n, void (*fn)(void *ctx, size_t i), void *ctx);

/* Runs fn(ctx, first, last) for pieces of n examples, so many together that they are at least
 * what is worth being handed to a thread. A thread has the same examples each time, which
 * are still in its cache. */
void nn_examples(const struct nn *net, size_t n, size_t least, void (*fn)(void *ctx, size_t first, size_t last),
                 void *ctx);

#endif
