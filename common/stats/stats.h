/* stats: what is known of speakers' features, as a tsr stream of type=stats: mean and
 * variance of each column over the records of each, and what follows for speakers of
 * whom nothing is known. A model may hold the latter (nntrain --stats). */
#ifndef SER_STATS_STATS_H
#define SER_STATS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "stream/meta.h"

/* One speaker: a group, and of an augmented one the kind of variant. */
struct stats_speaker {
	char *group;
	char *kind;       /* "" for records as they were recorded, or "speed0.9", say */
	uint64_t clips;   /* recordings, at least 1 */
	uint64_t rows;    /* frames of all of them; of a table its rows */
	double *mean;     /* (columns) */
	double *variance; /* (columns): mean squared difference from the mean */
};

/* Zero-initialise before use; stats_free releases all of it. */
struct stats {
	struct meta feature; /* the features' head without pg=, and of a model without cmvn= */
	struct meta pg;      /* pg= pairs only */
	struct meta extra;   /* further pairs of its head, as layer=; of a model none */
	char *cmvn;          /* what a model's features have as cmvn=; NULL: nothing, or no model */
	bool is_model;       /* read from a model: no speakers */
	size_t columns;
	struct stats_speaker *speaker;
	size_t speakers;
	/* Of speakers of whom nothing is known, (columns) each: the mean of the speakers'
	 * means; the mean of their variances, weighted by their rows. NULL until stats_prior,
	 * or, of a model, where it was not trained with such. */
	double *all, *within;
	uint64_t hash; /* of all values read, for provenance */
};

/* Reads a stream of statistics or a model; of several segments the features must agree,
 * and no speaker may appear twice. ST_DATA where it is malformed. */
int stats_read(struct stats *s, const char *file);

/* Fills all and within where they are missing, of speakers that are no variants.
 * ST_DATA, naming file, where there are none. */
int stats_prior(struct stats *s, const char *file);

/* The speaker of that group and kind, or NULL. */
const struct stats_speaker *stats_find(const struct stats *s, const char *group, const char *kind);

/* Adds a speaker with room for mean and variance (zeros); strings are copied. */
int stats_add(struct stats *s, const char *group, const char *kind, struct stats_speaker **added);

/* Writes a file of one segment: the head and the speakers. */
int stats_write(const struct stats *s, const char *file);

/* Gives a model that is trained on features of cmvn(1) what that found of the training
 * speakers, from the file of its --fit: arrays "cmvn/all" and "cmvn/within". ST_DATA
 * unless the model's features are those of the file and standardised. */
int stats_store(struct model *m, const char *file);

void stats_free(struct stats *s);

#endif
