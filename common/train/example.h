/* example: how a record becomes an example of a batch: whole, or cropped and changed at
 * random. */
#ifndef SER_TRAIN_EXAMPLE_H
#define SER_TRAIN_EXAMPLE_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>

#include "base/mem.h"
#include "net/nn.h"
#include "train/data.h"

/* What training does to its examples; all 0 where it takes them as they are. Deviations
 * are in units of the standardised input: of each band's over the training set, where the
 * net begins with normalize, else of the records' values as they are. */
struct example_how {
	uint64_t seed;
	long crop;           /* frames that it sees of a longer record, from a random one on */
	double jitter;       /* deviation of a number drawn for each example and added to all of it */
	long frame_masks, frames; /* so many of fewer than that many frames, and so of bands, which become the mean */
	long band_masks, bands;
	double noise;        /* deviation of numbers drawn for each value */
	double mixup;        /* examples are mixed with another of the batch, by shares from Beta(mixup, mixup) */
	bool within;         /* another one of the same group */
};

/* What else is to be done with example i, a record mixed with 1 - share of a partner, where it
 * is loaded: by any thread. */
typedef void example_use(void *ctx, size_t i, const struct data_record *record, const struct data_record *partner,
                         double share);

/* Zero-initialise before use. */
struct example {
	struct example_how how;
	struct nn *net;
	size_t rows, row;  /* frames of the net's examples at most, values a frame */
	size_t beside;     /* values of its second input, which is mixed as the first is; 0: it has none */
	example_use *use;  /* NULL: nothing */
	void *ctx;
	/* Of the last batch: i is mixed with partner[i], of which it has 1 - share[i]. */
	size_t *partner;
	double *share;
	/* The module's own. */
	const struct data_record *const *record;
	uint64_t key;
	real *mean, *deviation; /* row of each */
	real *plain;            /* examples before they are mixed, of nn_inputs() each */
	size_t *length;
	gsl_rng **rng;
	struct mem_pool memory;
};

/* For a net whose weights are set, of examples of rows frames of row values (rows 1 where
 * they are no sequences), and beside values of a second input. On failure too example_free releases it. */
int example_create(struct example *x, const struct example_how *how, struct nn *net, size_t rows, size_t row,
                   size_t beside);
void example_free(struct example *x);

/* Loads n records into the net, changed as x->how says: SpecAugment's masks (D. Park et
 * al., Interspeech 2019, section 2), mixup (H. Zhang et al., ICLR 2018). What is drawn
 * depends on the seed, the epoch (from 0) and each record's key alone, partners also on
 * who else is in the batch. */
void example_load(struct example *x, const struct data_record *const *record, size_t n, uint64_t epoch);

/* Loads them as they are; the net takes as many frames as each has. */
void example_load_whole(struct nn *net, const struct data_record *const *record, size_t n, size_t beside,
                        example_use *use, void *ctx);

#endif
