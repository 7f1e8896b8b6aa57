/* speakers: what a net's speakernorm is told of the speakers of the validation records. */
#ifndef SER_TRAIN_SPEAKERS_H
#define SER_TRAIN_SPEAKERS_H

#include "base/mem.h"
#include "net/nn.h"
#include "train/data.h"

/* Zero-initialise before use; nothing in it where the net has no such layer. */
struct speakers {
	size_t values;          /* that speakernorm sees of an example */
	size_t n;               /* speakers */
	size_t *of;             /* each record's speaker; n: it has none */
	double *count;          /* records of each */
	double *sum, *square;   /* (n,values), around the running mean of training; then mean and variance */
	real *mean, *variance;  /* (n,values) */
	struct mem_pool memory;
};

/* For the records of a part that go through a net. */
int speakers_create(struct speakers *s, struct nn *net, const struct data_part *part);
void speakers_free(struct speakers *s);

/* First what each record gives is added, all of them anew; example i of the net's last
 * batch is the part's given record. */
void speakers_clear(struct speakers *s);
void speakers_add(struct speakers *s, const struct nn *net, size_t i, size_t record);

/* Then mean and variance follow: see nn_shrink_speaker. */
void speakers_finish(struct speakers *s, const struct nn *net);

/* Example i of the next batch is that record. */
void speakers_set(const struct speakers *s, struct nn *net, size_t i, size_t record);

#endif
