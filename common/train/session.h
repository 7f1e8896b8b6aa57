/* session: all that a training is made of: records and their parts, the model
 * that will be, its net with the first weights, the optimiser. */
#ifndef SER_TRAIN_SESSION_H
#define SER_TRAIN_SESSION_H

#include "model/model.h"
#include "train/data.h"
#include "train/targets.h"
#include "train/train.h"

/* What is required; NULL, 0 and NAN (holdout) where something is not. */
struct session_plan {
	char *const *train, *const *valid; /* feature streams; no train: standard input */
	size_t trains, valids;
	const char *beside;  /* the name of the net's second input; NULL: it has none */
	char *const *beside_file; /* its streams */
	size_t besides;
	uint64_t max_record; /* bytes of a payload */
	uint64_t max_memory; /* of the net and what its training takes */
	double holdout;      /* groups to validate with: see data_hold_out */
	bool allow_overlap;
	const char *net;     /* a file of layers; init's own where NULL */
	const char *init;    /* a model to begin with */
	const char *targets; /* a table of predictions to learn beside the labels; NULL: none */
	const char *classes; /* their names, separated by commas */
	const char *freeze;  /* layers: see tune_freeze */
	const char *line;    /* of provenance: program, version, options */
	const char *loss;    /* how.loss's name */
	enum optim_kind optimizer;
	double momentum, decay;
	int threads;
	struct train_how how;
	/* For what the user should know; or NULL. */
	void (*notice)(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
};

/* Zero-initialise before use; session_free releases it, also after a failure. */
struct session {
	struct data train_data, valid_data, beside_data;
	struct model init, model;
	struct train train;
	struct targets targets;
	char records[80]; /* their checksum, for checkpoints */
};

/* Reads the records, parts them, describes the model, builds its net and
 * gives it weights: s->train is ready for train_run or checkpoint_load. The
 * plan's strings must outlive s. */
int session_open(struct session *s, const struct session_plan *plan);
void session_free(struct session *s);

#endif
