/* layer: what a kind of layer is made of. A new kind is an entry in one of
 * the tables at the end of its file, and a paragraph in net(5). */
#ifndef SER_NET_LAYER_H
#define SER_NET_LAYER_H

#include "base/level.h"
#include "base/mem.h"
#include "net/nn.h"

enum {
	NN_SHARD = 8,     /* examples a shard: the unit of parallel work, whatever -j is */
	NN_ARGS_MAX = 8,
	NN_LABEL_MAX = 32,
	NN_SHAPE_TEXT = 96,
	NN_BLOCKS = 8,    /* most parts a weight gradient is cut into */
	NN_WORK = 1 << 18, /* multiply-adds that are worth being handed to a thread */
	NN_TOUCH = 16,     /* multiply-adds that take as long as reading or writing one value */
};

struct nn_shape {
	int rank;      /* 1: (F), 2: (T,C), 3: (H,W,C) */
	size_t d[3];
};

/* One activation of the whole batch. Example i begins at y + i * stride and
 * is contiguous; between examples, and before the first, lie net->gap rows
 * (of d[1]*d[2] elements) that a layer may use as zero padding after it has
 * cleared them with nn_clear_gaps. */
struct nn_act {
	struct nn_shape shape;
	size_t rows;   /* d[0] for rank 2 and 3, else 1 */
	size_t row;    /* elements a row */
	size_t gap;    /* rows between examples */
	size_t stride; /* elements from one example to the next */
	real *y;
	real *dy;      /* the loss's derivative, laid out as y; NULL where the net is not for training */
	size_t *length;      /* memory for the next */
	const size_t *valid; /* rows of each example that are no padding; NULL where all of this batch's are */
};

/* Rows of example i that are no padding. The others are zero, in y and in dy. */
static inline size_t
nn_valid(const struct nn_act *a, size_t i)
{
	return a->valid == NULL ? a->rows : a->valid[i];
}

/* What a kind takes in a net file: "name=value", or in order without names. */
struct nn_arg {
	const char *name;
	double fallback;             /* NAN: must be given */
	double min, max;
	bool whole;                  /* a whole number; "classes" is theirs */
	const char *const *choices;  /* NULL-terminated words; the value is the index */
};
extern const char *const nn_any_word[]; /* choices of an argument that is a word, kept in label */

enum nn_flags {
	NN_IN_PLACE = 1, /* y may overwrite x */
	NN_NEEDS_X = 2,  /* backward reads x */
	NN_NEEDS_Y = 4,  /* backward reads y */
	NN_NEEDS_SIGN = 8,  /* backward asks only which of y are above zero */
	NN_KEEPS_SIGN = 16, /* y is above zero only where x is, and dx is zero where that fails */
	NN_BOTH_WAYS = 32,  /* a recurrent kind with a second direction */
	NN_ALL_ROWS = 64,   /* it cannot leave padding out */
	NN_SHARED = 128,    /* what it gives may be read elsewhere, and is not to be overwritten */
	NN_STARTS = 256,    /* it reads on from elsewhere, not from the line before */
	NN_AVERAGES = 512,  /* a mean of softmaxes, each of which has a loss of its own */
	NN_IN_TRAINING = 1024, /* it does nothing but in training */
};

/* What training does with a weight: kernels decay where the optimiser has that
 * (I. Loshchilov and F. Hutter, ICLR 2019), biases and normalisation's gamma and
 * beta do not, and statistics of the data are not trained by gradient. */
enum nn_use { NN_STATISTIC, NN_PLAIN, NN_DECAYING };

enum nn_fill { NN_ZEROS, NN_ONES, NN_GLOROT, NN_ORTHOGONAL, NN_LSTM_BIAS };

struct nn_layer {
	const struct nn_kind *kind;
	struct nn *net;
	char name[48];       /* "02.batchnorm" */
	size_t number;       /* of the layer, from 1 */
	int line;            /* of the net file */
	double arg[NN_ARGS_MAX];
	struct nn_shape in, out;
	size_t gap;          /* rows of padding it requires between examples */
	char label[NN_LABEL_MAX];
	struct nn_layer *other; /* the save whose activation it reads, beside or instead of x */
	struct nn_act *kept;    /* of a save: the activation as others see it; dy is their sum */
	const struct nn_layer *last_user;
	bool ends;              /* of a save: nobody reads on from it directly */
	struct source *source;  /* of an input */
	struct nn_act *x, *y;
	size_t param[NN_PARAMS_MAX];
	size_t params;
	uint64_t key;        /* of this step's random draws */
	bool frozen;
	bool training;       /* this pass */
	struct mem_pool *memory; /* the net's: what plan allocates */
	real *sum;           /* (parts, weights): gradients of gradient_shard */
	void *state;         /* the kind's own */
};

struct nn_kind {
	const char *name;
	struct nn_arg arg[NN_ARGS_MAX];
	unsigned flags;
	const struct recurrent_cell *cell; /* of a recurrent kind (recurrent.h) */
	/* Checks l->in and l->arg, sets l->out and l->gap, declares weights. */
	int (*shape)(struct nn_layer *l);
	/* Allocates l->state, in l->memory, once x, y and the weights are there; may be NULL. */
	int (*plan)(struct nn_layer *l);
	/* Rows of y that so many valid rows of x give; NULL: as many. */
	size_t (*rows)(const struct nn_layer *l, size_t rows);
	/* Before a pass, and where it is backward and dx required: what takes no examples, like
	 * packing weights. */
	void (*prepare)(struct nn_layer *l, bool backward);
	/* From x->y to y->y: forward what takes all n examples of the batch, then forward_shard
	 * examples [first, last), whatever happens to others meanwhile; either may be NULL. Layers
	 * of which only the first has forward are a chain: some examples pass through all of them,
	 * then others. What is left in rows of padding becomes zero afterwards, as does in backward
	 * what is left there in x->dy. */
	void (*forward)(struct nn_layer *l, size_t n);
	void (*forward_shard)(struct nn_layer *l, size_t first, size_t last);
	/* From y->dy: the weights' gradients (unless l->frozen) and, with
	 * need_dx, x->dy; backward_shard is for that alone. */
	void (*backward)(struct nn_layer *l, size_t n, bool need_dx);
	void (*backward_shard)(struct nn_layer *l, size_t first, size_t last);
	/* Of the weights' gradients, one after the other in sum: what these examples give, added to
	 * what is there, if there is more. It comes before backward_shard; such sums of the batch's
	 * parts are added up in the end. */
	void (*gradient_shard)(struct nn_layer *l, size_t first, size_t last, bool more, real *sum);
	/* Of a layer that learns from the data itself: one example of so many
	 * rows, and, with NULL, the end of them. */
	void (*fit)(struct nn_layer *l, const float *example, size_t rows);
};

/* Tables end with a NULL name. */
extern const struct nn_kind nn_dense_kinds[], nn_conv1d_kinds[], nn_conv2d_kinds[], nn_speaker_kinds[];
LEVEL_ARRAY(const struct nn_kind, nn_norm_kinds);
LEVEL_ARRAY(const struct nn_kind, nn_normalize_kinds);
LEVEL_ARRAY(const struct nn_kind, nn_activation_kinds);
LEVEL_ARRAY(const struct nn_kind, nn_pool_kinds);
LEVEL_ARRAY(const struct nn_kind, nn_attention_kinds);
LEVEL_ARRAY(const struct nn_kind, nn_branch_kinds);
LEVEL_ARRAY(const struct nn_kind, nn_layernorm_kinds);
LEVEL_ARRAY(const struct nn_kind, nn_lstm_kinds);
LEVEL_ARRAY(const struct nn_kind, nn_gru_kinds);

/* The i-th of all kinds, NULL behind the last. */
const struct nn_kind *nn_kind_at(size_t i);

/* Layer i of a net, from 0. */
const struct nn_layer *nn_layer_at(const struct nn *net, size_t i);

/* From shape: declares a weight "NUMBER.KIND/role"; fans are Glorot's. Its
 * index into nn_param is l->param[k] for the k-th declared. */
int nn_declare(struct nn_layer *l, const char *role, int rank, const size_t *shape, enum nn_use use, enum nn_fill fill,
               double fan_in, double fan_out);
real *nn_value(const struct nn_layer *l, size_t k);
real *nn_grad(const struct nn_layer *l, size_t k);

/* Whether a layer that keeps its weights in another form, packed, makes that in this
 * pass: always in a net for training, and else where they were given out to be changed. */
bool nn_repacks(const struct nn_layer *l);

/* ST_DATA "NET: line N: ..." */
int nn_complain(const struct nn_layer *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

size_t nn_size(const struct nn_shape *s);
size_t nn_layer_weights(const struct nn_layer *l); /* how many */
/* The gradients of a layer's weights, which follow each other: the sums (parts, weights) of
 * parts of the batch, in their order. On the net's threads. */
void nn_add_sums(const struct nn_layer *l, const real *sum, size_t parts);
/* "(54,128)", in NN_SHAPE_TEXT bytes. */
void nn_shape_text(const struct nn_shape *s, char *text);
/* Whether it is the first layer that sees an input. */
bool nn_reads_input(const struct nn_layer *l);
/* (T,C) of a shape: trailing dimensions of rank 3 taken together. */
struct nn_shape nn_as_sequence(const struct nn_shape *s);
/* (H,W,C) of a shape: (T,F) is (T,F,1). */
struct nn_shape nn_as_plane(const struct nn_shape *s);

/* Zeroes the rows between examples [first, last) of y or dy. */
void nn_clear_gaps(const struct nn_act *a, real *data, size_t first, size_t last);

/* Rows of n examples with the gaps between them, which lie one after the other. */
static inline size_t
nn_all_rows(const struct nn_act *a, size_t n)
{
	return n * (a->rows + a->gap) - a->gap;
}

/* Runs fn(l, first, last) for each shard of n examples, in parallel. */
void nn_shards(struct nn_layer *l, size_t n, void (*fn)(struct nn_layer *l, size_t first, size_t last));
size_t nn_shard_count(size_t n);

/* Threads of the net: scratch for each, by workers_self(), is enough. */
size_t nn_threads(const struct nn *net);

/* Gives the net all the threads it was created for, also where it is so small
 * that nn_create left the work to one: tests of parallel work use small nets. */
int nn_use_threads(struct nn *net);

/* Runs fn(l, i) for i in [0,n), in parallel. */
void nn_tasks(struct nn_layer *l, size_t n, void (*fn)(struct nn_layer *l, size_t i));

/* 32 random bits of a counter under a key: MurmurHash3's finaliser (A.
 * Appleby, public domain) twice, so that a mask can be drawn again in backward
 * and in any order. */
static inline uint32_t
nn_random(uint64_t key, uint32_t i)
{
	uint32_t x = i + (uint32_t)key;

	for (int round = 0; round < 2; round++) {
		x ^= x >> 16;
		x *= UINT32_C(0x85ebca6b);
		x ^= x >> 13;
		x *= UINT32_C(0xc2b2ae35);
		x ^= x >> 16;
		x ^= (uint32_t)(key >> 32);
	}
	return x;
}

#endif
