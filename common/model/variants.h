/* variants: probabilities of recordings, each averaged over the recording itself and what
 * augment(1) made of it, which comes in any order and in any stream. */
#ifndef SER_MODEL_VARIANTS_H
#define SER_MODEL_VARIANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/unique.h"

/* A recording, or a window of one: what has the same key, or src=, and the same start. */
struct variants_recording {
	struct meta meta; /* its own; where it is not there, its first variant's, with its key and without src= and aug= */
	bool itself;      /* it is there */
	bool speech;      /* it or one of its variants may be */
	double enrolled;  /* recordings that are known of the speaker: for itself, or else for its first variant */
	double *p;        /* the sum of what output_add takes, then its mean */
	size_t records;   /* of that sum */
};

/* Zero-initialise before use, then set the first three; variants_free releases it. */
struct variants {
	size_t classes;
	bool geometric;     /* the mean is that of the logarithms, scaled to a sum of 1 */
	double temperature; /* of the mean */
	struct variants_recording *recording; /* in the order of their first records */
	size_t n;
	size_t missing;     /* recordings that are not there themselves, after variants_finish */
	struct unique seen;
	struct dict *names; /* "KEY\nSTART"; their numbers, from 1 */
};

/* Adds a record's probabilities p (classes). ST_DATA where its key and start appear twice. */
int variants_add(struct variants *v, const struct meta *meta, const double *p, bool speech, double enrolled);

/* After the last record: makes the means. */
void variants_finish(struct variants *v);

void variants_free(struct variants *v);

#endif
