/* model: a net, its weights and what it was trained on, as a tsr stream of
 * type=model. */
#ifndef SER_MODEL_MODEL_H
#define SER_MODEL_MODEL_H

#include "model/speech.h"
#include "net/nn.h"
#include "stream/meta.h"
#include "stream/tsr.h"

#define MODEL_BESIDE "beside." /* begins the names of what it says of the second input's */
#define MODEL_FEATURE "feature." /* begins the names of what the head says of the features */

/* Zero-initialise before use; model_free releases all of it. */
struct model {
	char *text;          /* the net file, verbatim but for a last line's end */
	char **class;        /* names, in output order */
	size_t classes;
	struct meta feature; /* the training features' head without pg: type=, rate=, hop= ... */
	struct meta pg;      /* pg= pairs only: the provenance chain */
	int rank;
	size_t shape[NN_RANK_MAX]; /* of one example; the first is 0 where examples have any number of rows (frames) */
	struct model_beside {
		char *name;      /* of the net's second input, as its line "input NAME" has it; NULL: it has none */
		struct meta feature; /* and the rest as of the first */
		int rank;
		size_t shape[NN_RANK_MAX];
	} beside;
	double temperature;  /* probabilities are the softmax of logits / temperature */
	double threshold;    /* confidence below which a prediction is better refused; NAN: not known */
	bool knows_speech;   /* whether floor is known */
	double floor[SPEECH_MEASURES]; /* what is below one of them is no speech */
	struct meta extra;   /* further name=value pairs (loss=, state.*) */
	/* Arrays by name, as read: weights, the training speakers' "cmvn/..." (stats/stats.h) and,
	 * in checkpoints, "state/..." */
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

/* Reads a whole model stream, the file's one segment; ST_DATA where it is
 * malformed or no model. */
int model_read(struct model *m, const char *file);

/* The same without the arrays, of which nothing is read. */
int model_read_head(struct model *m, const char *file);

/* The same from a head that is there already; file is for messages. */
int model_take_head(struct model *m, const struct meta *head, const char *file);

/* Prepares the text of a net file (n bytes, changed in place) for a
 * model: lines that end with CRLF end with LF then. ST_DATA, naming the line,
 * where it is not UTF-8 or holds control characters. */
int model_check_text(char *text, size_t n, const char *file);

/* Whether m takes sequences of any number of frames. */
bool model_varies(const struct model *m);

/* "108,128", or "*,64" where the first varies, which is 0 then; ST_DATA where it is no shape. */
int model_parse_shape(int *rank, size_t *shape, const char *text);

/* "108,128", or "*,64" where it varies, as the head has it. Returns buf. */
enum { MODEL_SHAPE_MAX = 32 * NN_RANK_MAX };
const char *model_shape(const struct model *m, char buf[MODEL_SHAPE_MAX]);

/* Builds m's net for batches of up to batch examples, on the calling thread alone, and fills its
 * weights; where m varies, for examples of up to so many frames. ST_DATA where a weight is missing,
 * which is seen first, or where it would be more than limit bytes (see nn_allocate). */
int model_net(const struct model *m, const char *file, size_t frames, size_t batch, uint64_t limit, struct nn **net);

/* As nn_open, with all of m's inputs; where m varies, for so many frames. */
int model_open(const struct model *m, const char *file, size_t frames, size_t batch, bool train, int threads,
               struct nn **net);

/* Fills net's weights by name. With filled NULL none may be missing or have
 * another shape; otherwise such a weight keeps its value,
 * and filled[i] says whether nn_param(net, i) was filled. */
int model_fill(const struct model *m, const char *file, struct nn *net, bool *filled);

/* Fills head, which is empty, with all that m's head says. */
int model_head(const struct model *m, struct meta *head);

/* Writes head and net's weights, then m's arrays whose names begin with
 * "state/" or "cmvn/", and ends the segment. Weights are f32. */
int model_write(const struct model *m, struct nn *net, struct tsr_writer *w);

/* Sets what a model has that was never calibrated: temperature 1 and no more. */
void model_uncalibrated(struct model *m);

/* True where a and b have the same classes in the same order. */
bool model_same_classes(const struct model *a, const struct model *b);

/* Sets the class names; they are copied. */
int model_set_classes(struct model *m, const char *const *names, size_t n);

/* Adds an array for model_write; data is copied. */
int model_add(struct model *m, const char *name, enum tsr_dtype dtype, int rank, const uint64_t *shape,
              const void *data);
const struct model_array *model_find(const struct model *m, const char *name);

/* Forgets the arrays whose names begin with prefix. */
void model_drop(struct model *m, const char *prefix);

/* ST_DATA, naming the setting and both values, unless the head describes
 * features made as the model's were; model is the model's file name. */
int model_check_features(const struct model *m, const char *model, const struct tsr_chunk *head);

/* ST_DATA unless the record is f32 and shaped as the model's examples, of one frame at least. */
int model_check_record(const struct model *m, const struct tsr_chunk *record);

/* The same of its second input, whose stream is that of the head or record. */
int model_check_beside(const struct model *m, const char *model, const struct tsr_chunk *head);
int model_check_beside_record(const struct model *m, const struct tsr_chunk *record);

/* The programs that make such features of recordings, in order, up to a NULL. */
enum { MODEL_MAKERS = 5 };
void model_makers(const struct meta *feature, const char *tool[MODEL_MAKERS]);

/* Whether both inputs' features are made of the same waves, so that one wavnorm is enough. */
bool model_shares_waves(const struct model *m);

/* ST_USAGE, naming what to type, for a model whose second input nothing gives. */
int model_lacks_beside(const struct model *m, const char *model);

void model_free(struct model *m);

#endif
