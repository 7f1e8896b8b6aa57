/* sources: further streams of the same records as the operands', for models that read other
 * features and for second inputs: those of predict.h from 1 on; 0 is what the operands name. */
#ifndef SER_MODEL_SOURCES_H
#define SER_MODEL_SOURCES_H

#include "model/predict.h"

/* Zero-initialise before use, then set predict; sources_free releases it. */
struct sources {
	const struct predict *predict; /* whose models say what heads they require */
	struct source *source;
	size_t n;
};

/* The number of the one that reads this file, or 0; adds one, whose number is n then. */
size_t sources_find(const struct sources *s, const char *file);
int sources_add(struct sources *s, const char *file);
const char *sources_file(const struct sources *s, size_t number);

/* Opens all, and may do so again after sources_end. ST_DATA where a head is not as required. */
int sources_open(struct sources *s, uint64_t max_record);

/* Each one's record with the key and start of that one, into beside[0..n); see join_take. */
int sources_take(struct sources *s, const struct tsr_chunk *record, struct tsr_chunk *beside);
bool sources_ready(const struct sources *s); /* whether that would not block */

/* With status ST_OK reads all to their ends: ST_DATA where a record was not taken, which other, a
 * name, has not. Closes all in any case. */
int sources_end(struct sources *s, int status, const char *other);

/* Appends their heads' pg= lines. */
int sources_copy_pg(const struct sources *s, struct meta *to);

void sources_free(struct sources *s);

#endif
