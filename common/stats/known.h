/* known: what is known of the speakers of records, in a vector a record: from a file
 * of statistics, or from the records themselves. */
#ifndef SER_STATS_KNOWN_H
#define SER_STATS_KNOWN_H

#include "stats/collect.h"
#include "stats/stats.h"

/* Zero-initialise before use, then set the options; known_free releases it. */
struct known {
	struct collect_options options;
	size_t columns;
	struct stats stats;      /* of a file */
	struct collect *collect; /* of the records */
};

/* What is known of one: room for columns values each, the caller's. */
struct known_speaker {
	uint64_t clips; /* recordings; 0: nothing */
	double *mean, *variance;
	bool drawn; /* the record is one of those recordings: no test */
};

/* From a file. ST_DATA unless its features are these and its head has the pairs of extra. */
int known_read(struct known *s, const char *file, const struct meta *feature, const struct meta *extra);

/* From records: adds each one's vector, in order; then all are there. */
int known_add(struct known *s, const struct meta *record, const float *vector);
int known_finish(struct known *s);

/* Fills known for a record. Of a speaker that the file does not have nothing is known. May be
 * called by several threads. */
int known_find(const struct known *s, const struct meta *record, struct known_speaker *known);

/* Writes what was added to a file of statistics, whose head has extra and pg. ST_DATA where
 * nothing was. */
int known_write(const struct known *s, const char *file, const struct meta *feature, const struct meta *extra,
                const struct meta *pg);

void known_free(struct known *s);

#endif
