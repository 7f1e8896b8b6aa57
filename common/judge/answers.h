/* answers: one classifier's predictions, kept by key to be joined with others'. */
#ifndef SER_JUDGE_ANSWERS_H
#define SER_JUDGE_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

enum answers_cell { ANSWERS_KEY, ANSWERS_LABEL, ANSWERS_GROUP, ANSWERS_START, ANSWERS_PRED, ANSWERS_CELLS };

/* The columns of these names. */
extern const char *const answers_columns[ANSWERS_CELLS];

struct answer {
	char *cell[ANSWERS_CELLS]; /* "-" where unknown; key and pred never are */
	double conf;               /* 0 to 1 */
};

/* Zero-initialise before use. */
struct answers {
	const char *file; /* the first that was read, for messages */
	struct answer *record;
	size_t n, cap;
	struct answer **sorted; /* by key and start */
	char **label;           /* what it can answer, as far as its input tells: p. columns and answers that occur */
	size_t labels;
	bool declared;      /* p. columns in all of its files tell */
	const char *unsure; /* a file without a column confidence, or NULL */
};

/* Adds the records of a file in nnpredict's form ("-" is standard input), with
 * columns key and pred, and where there are label, group, start, confidence;
 * the name must outlive them. Errors are ST_DATA with file and line. */
int answers_read(struct answers *a, const char *file);

/* Once all are read: makes them findable. ST_DATA where there is none, or one
 * key and start stands twice. */
int answers_sort(struct answers *a);

/* The record with that one's key and start, or NULL. */
const struct answer *answers_find(const struct answers *a, const struct answer *key);

/* True where label is one of a->label. */
bool answers_has_label(const struct answers *a, const char *label);

/* A record for messages: its key, and where its window starts; valid until the
 * next call. */
const char *answers_name(const struct answer *a);

void answers_free(struct answers *a);

#endif
