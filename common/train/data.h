/* data: a training set: the records of feature streams, all at hand, with
 * their labels and groups; and its parts. */
#ifndef SER_TRAIN_DATA_H
#define SER_TRAIN_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/nn.h"
#include "stream/meta.h"
#include "stream/tsr.h"

struct data_record {
	/* What each step of training reads, in the first bytes: */
	const float *x;     /* (rows,row) */
	size_t rows, elements; /* frames of a sequence, else 1; of all of x */
	uint64_t speaker;   /* a number for its group, 0 where it has none */
	size_t class;       /* label's index in the class list, once data_number has set it */
	const double *soft; /* what it should learn beside its class (targets.h), or NULL */
	const float *beside; /* what the net's second input gets, once data_join has found it */
	const char *key, *label, *group, *sex; /* "" where not given */
	const char *start;  /* of a window, as its metadata has it, else "" */
	const char *source; /* of an augmented variant: the record it came from; else its key */
	bool variant;       /* came from another record by augmentation (src=) */
	uint64_t number;    /* in its file, from 1 */
	const char *file;
	void *own;          /* x's buffer where it is not mapped */
	char *text;         /* what the strings point into */
};

/* Zero-initialise before use; data_free releases it. */
struct data {
	struct tsr_reader *reader; /* keeps the mapped files */
	struct data_record *record;
	size_t n;
	int rank;
	size_t shape[NN_RANK_MAX]; /* of an example; where records vary in length, of the longest */
	size_t row;          /* values of a frame, or of a record that is no sequence */
	bool sequences;      /* (frames,values): of type mel or lld */
	bool varies;         /* they differ in frames */
	struct meta feature; /* the first head without pg */
	struct meta pg;      /* the provenance of all segments */
	const char *file;    /* where the first record's shape and head were found */
	uint64_t hash;       /* of all records, in order: strings and values */
};

/* Some of a set's records, in its order. */
struct data_part {
	const struct data_record **record;
	size_t n;
};

/* Reads feature streams (mel, lld or table) whole; regular files are mapped.
 * Records must be f32 of one shape, but for the frames of sequences, with finite values
 * and a label, and heads must agree in all that describes features: ST_DATA else, naming file and record.
 * The strings of files must outlive d. */
int data_read(struct data *d, char *const *files, size_t n, uint64_t max_record);
void data_free(struct data *d);

/* ST_DATA unless b's examples are of the features of a's, and of their shape, but for the
 * frames of sequences. */
int data_check_alike(const struct data *a, const struct data *b);

/* Gives each of d's records the one of the same key and start of a set whose records have
 * one shape. ST_DATA, naming it, where there is none or more than one. */
int data_join(struct data *d, const struct data *beside);

/* The set's labels in byte order, each once, as pointers into d: frees with
 * free(*class). */
int data_labels(const struct data *d, const char ***class, size_t *classes);

/* Sets each record's class; a label that is not in the list is ST_DATA. */
int data_number(struct data *d, char *const *class, size_t classes);

/* Parts; release with free(part->record). data_all takes every record, or
 * every one that is not an augmented variant: these never validate. */
int data_all(const struct data *d, bool variants, struct data_part *part);

/* Splits off whole groups to validate with: a fraction of them where groups < 1
 * (rounded, but at least three), else that many. Which depends on the seed and
 * each group's name alone. Where records carry sex= and two or more groups are
 * held out, both sexes are among them. Held groups' variants are in neither
 * part. ST_DATA where a record has no group or none would be left to train. */
int data_hold_out(const struct data *d, double groups, uint64_t seed, struct data_part *train,
                  struct data_part *valid);

/* Reading the values of records, which may be more than memory holds, in some order. Zero-initialise
 * the rest. */
struct data_pass {
	const struct data_record *const *record;
	size_t n;
	bool without; /* not their x, but what is beside alone */
	size_t beside; /* values of that, 0: not read */
	/* The module's own. */
	size_t asked, next;
};

/* Call it before those up to index to (exclusive) are read: the system gets those behind them meanwhile. */
void data_pass(struct data_pass *p, size_t to);

/* Frames of a part's longest record. */
size_t data_longest(const struct data_part *part);

/* Whether any of d's records carries a group. */
bool data_has_groups(const struct data *d);

/* ST_DATA, naming it, where a group (or, without groups, a recording) is in
 * both parts. */
int data_check_apart(const struct data_part *train, const struct data_part *valid);

#endif
