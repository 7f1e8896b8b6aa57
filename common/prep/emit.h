/* emit: finished rows as a table stream of tsr(5): one record of f32 a row. */
#ifndef SER_PREP_EMIT_H
#define SER_PREP_EMIT_H

#include "prep/prep.h"
#include "stream/tsr.h"

/* Set all but begun and what follows; emit_free releases it. */
struct emit {
	struct prep *prep; /* learns which features there are */
	struct tsr_writer *out;
	const char *columns;   /* patterns, separated by commas, of the features to keep; NULL: all */
	const struct meta *pg; /* the caller's line of provenance */
	bool begun;
	size_t *feature, features; /* columns of the table */
	size_t *carried;           /* those of key, label, group (TABLE_NONE: none), then of meta */
	size_t metas;
	float *rows; /* features of some rows */
};

/* Writes the head before the first rows, then a record for each. Cells that are
 * empty or no numbers, a label that is not listed: ST_DATA with line and column. */
int emit_rows(struct emit *e, struct table *t);

/* The columns of t that are features, and fit the patterns (NULL: all), in the
 * order of the state that is applied; the caller frees *list, also after a
 * failure. ST_DATA where a pattern fits none, there is none, or they are not the
 * state's. */
int emit_features(const struct prep *p, const struct table *t, const char *patterns, size_t **list, size_t *n);

void emit_free(struct emit *e);

#endif
