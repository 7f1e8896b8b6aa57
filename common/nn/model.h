/* model: a net, its weights and what it was trained on, as a tsr stream of
 * type=model. */
#ifndef SER_MODEL_H
#define SER_MODEL_H

#include "meta.h"
#include "nn/nn.h"
#include "tsr/tsr.h"

struct model {
	char *text;          /* the net file, verbatim */
	char **class;        /* names, in output order */
	size_t classes;
	struct meta feature; /* the training features' head without type and pg */
	struct meta pg;      /* pg= pairs only: the provenance chain */
	int rank;
	size_t shape[NN_RANK_MAX]; /* of one example */
	double temperature;  /* softmax of logits / temperature */
	struct meta extra;   /* further name=value pairs (loss=, state.*) */
	/* Arrays by name, as read: weights and, in checkpoints, "state/..." */
	struct model_array {
		char *name;
		enum tsr_dtype dtype;
		int rank;
		uint64_t shape[TSR_RANK_MAX];
		void *data;
		uint64_t bytes;
	} *array;
	size_t arrays;
};

/* Reads a whole model stream; ST_DATA where it is malformed or no model. */
int model_read(struct model *m, const char *file);

/* Builds m's net for batches of batch and fills its weights; every weight must
 * be there with its shape, unless partial: then those that are missing or
 * shaped otherwise keep their value and are counted in *missing. */
int model_net(const struct model *m, const char *file, size_t batch, bool train, int threads, struct nn **net);
int model_fill(const struct model *m, const char *file, struct nn *net, bool partial, size_t *missing);

/* Writes head and net's weights, then m's arrays whose names begin with
 * "state/", and ends the stream. Values are f32. */
int model_write(const struct model *m, struct nn *net, struct tsr_writer *w);

/* Adds an array for model_write; data is copied. */
int model_add(struct model *m, const char *name, enum tsr_dtype dtype, int rank, const uint64_t *shape,
              const void *data);
const struct model_array *model_find(const struct model *m, const char *name);

/* Fills class, feature and pg, shape from the head and first record of a
 * feature stream. */
int model_features(struct model *m, const struct tsr_chunk *head);

/* ST_DATA, naming the setting and both values, unless the head describes
 * features made as the model's were. */
int model_check_features(const struct model *m, const char *file, const struct tsr_chunk *head);

void model_free(struct model *m);

#endif
