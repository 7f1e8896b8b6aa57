/* rows: predictions as nnpredict(1) writes them, TSV or JSON, a record a line. */
#ifndef SER_JUDGE_ROWS_H
#define SER_JUDGE_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "judge/labels.h"
#include "stream/meta.h"

struct rows {
	bool json;
	const struct labels *labels; /* rename the truth and what is predicted instead of a class */
	const char *const *class;    /* as they are shown */
	size_t classes, shown;       /* of them, */
	bool ranked;                 /* the most probable ones first, not all in their order */
	size_t *rank;                /* room for (classes) */
	double threshold;            /* a confidence below it is UNCERTAIN */
	bool protocol;               /* is written */
	char *const *column;         /* metadata fields to write, too */
	size_t columns;
	bool began, ends;            /* zero at first: there was a record; the first one has end= */
};

/* What is written of a record, or of a recording and its variants. */
struct row {
	const struct meta *meta;
	const double *p; /* of each class */
	bool speech;     /* it may be */
	double enrolled; /* recordings that are known of the speaker */
};

/* A table's header comes with the first record, whose metadata says whether there is a column
 * end; JSON has none. */
void rows_write(struct rows *s, FILE *f, const struct row *r);

/* After the last one: the header where there was no record. */
void rows_end(const struct rows *s, FILE *f);

#endif
