/* train: the training loop: epochs of shuffled batches, schedules, early
 * stopping. It prints nothing; hooks report progress to the caller. */
#ifndef SER_TRAIN_TRAIN_H
#define SER_TRAIN_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "model/output.h"
#include "net/nn.h"
#include "train/data.h"
#include "train/epoch.h"
#include "train/example.h"
#include "train/optim.h"
#include "train/schedule.h"
#include "train/speakers.h"

enum train_loss { TRAIN_CROSS_ENTROPY, TRAIN_SQUARED };

struct train_how {
	long epochs;
	struct epoch_how epoch; /* its seed is that of all random numbers */
	struct example_how example;
	struct schedule schedule;
	double plateau_factor; /* after plateau_patience epochs without a better loss, rate *= factor */
	long plateau_patience;
	long patience; /* epochs without a better validation loss before the end; 0: never */
	double min_delta; /* what counts as better, for both */
	double average; /* the moving average of the weights becomes the model's, with this decay; 0: the weights do */
	long pause; /* the epoch after which train_run returns, though the training is not finished; 0: none */
	bool keep_last; /* the last epoch's weights, not the best one's */
	int loss; /* enum train_loss */
	double smoothing, clip_norm; /* 0: none */
	double soft; /* the weight of soft targets against labels */
	bool balanced; /* a class's weight is n / (k n_c) */
};

/* One line of the history; NAN where there is no validation. Accuracy is of
 * the training batches as they passed, with dropout, as Keras reports it. */
enum train_column {
	TRAIN_EPOCH,
	TRAIN_LOSS,
	TRAIN_ACCURACY,
	TRAIN_VAL_LOSS,
	TRAIN_VAL_ACCURACY,
	TRAIN_VAL_UAR,
	TRAIN_RATE,    /* of the epoch's last step */
	TRAIN_SECONDS, /* the only one that differs from run to run */
	TRAIN_BEST,    /* 1: the validation loss was the best so far */
	TRAIN_COLUMNS
};

/* What a checkpoint keeps beside weights and moments. */
struct train_state {
	long epoch; /* finished epochs */
	long best_epoch; /* 0: none */
	long waited, plateau_waited; /* epochs since the loss was last better */
	bool finished;
	double rate, best_loss, plateau_best;
};

struct train {
	/* The caller's, set before train_init. */
	struct train_how how;
	struct epoch epoch; /* of the records of train */
	struct nn *net; /* made for epoch.most examples of so many rows and values each, weights set */
	struct nn *whole; /* the same for whole records, with which it validates; net itself where all have its rows */
	size_t rows, row, beside; /* beside: values of its second input, 0 where it has none */
	struct optim optim;
	enum output_kind kind;
	size_t classes;
	struct data_part train, valid; /* valid.n 0: no validation */
	void *ctx;
	void (*on_step)(struct train *t, size_t batch); /* after each batch (from 1) of an epoch; may be NULL */
	int (*on_epoch)(struct train *t); /* after each epoch, all state being complete; may be NULL */
	/* Results, and what a checkpoint keeps. */
	struct train_state state;
	double (*history)[TRAIN_COLUMNS]; /* state.epoch rows */
	real *best; /* all weights of the best epoch, in nn_param order; see train_copy_weights */
	/* With how.average, all weights' moving average, as nn_weights has them: of the decay min(how.average, (1 + n) /
	 * (10 + n)) after step n, so that the first weights are soon forgotten. Validation and the model have these. */
	real *average;
	/* The loop's own. */
	double steps; /* of all epochs */
	double loss_sum; /* of the epoch so far, times examples */
	size_t seen; /* its examples so far */
	struct example example;
	struct speakers speakers; /* of valid */
	size_t outputs; /* of the net */
	size_t *target; /* of each example, the class of which it has most */
	double *value; /* what its outputs should be */
	double *weight, *class_weight; /* of each example, by class */
	double *probability; /* of its classes */
	int *right; /* whether the most probable is its class, -1: they are no numbers */
	struct mem_pool memory;
	uint64_t *hit, *count; /* right predictions and records by class, of the epoch or its validation */
};

/* Allocates and sets the state to the start. ST_DATA where the loss and the
 * net do not fit. train_free releases what train_init allocated, history and
 * best included. */
int train_init(struct train *t);
void train_free(struct train *t);

/* Trains from the state on until it is finished, or how.pause. ST_DATA where the loss is no
 * number any more; any status of on_epoch. */
int train_run(struct train *t);

/* Puts the best epoch's weights into the net, or the last (their average) where these are required. Called once. */
void train_keep(struct train *t);

/* Validation, train_predict too, tells a net with speakernorm mean and variance of all
 * validation records of each speaker. */

/* Fills p (valid.n,classes) with the net's predictions for the validation records, at
 * a temperature of 1. ST_DATA where one is no number. */
int train_predict(struct train *t, double *p);

/* The epoch whose weights train_keep leaves in the net. */
long train_kept_epoch(const struct train *t);

/* Elements of all weights. */
size_t train_count_weights(struct nn *net);

/* Copies all weights to flat, or back. */
void train_copy_weights(struct nn *net, real *flat, bool back);

#endif
