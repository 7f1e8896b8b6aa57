/* by: the figures of parts of the predictions, parted by what a column says of the
 * records: sex, intensity, the speaker. */
#ifndef SER_JUDGE_BY_H
#define SER_JUDGE_BY_H

#include "judge/evaluation.h"

struct by_part {
	const char *value;         /* "-" where unknown */
	struct predictions of;     /* its records; only what an evaluation reads */
	struct evaluation figures; /* without intervals where it has fewer than two speakers */
};

/* Zero-initialise before use; by_free releases it, also after a failure. */
struct by {
	const char *field;
	struct by_part *part; /* by value, in byte order */
	size_t parts;
};

/* Parts p by its field of that number and evaluates each part as how says. The result
 * refers to p. */
int by_make(struct by *b, const struct predictions *p, size_t field, const struct metrics_bootstrap *how);
void by_free(struct by *b);

#endif
