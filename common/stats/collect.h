/* collect: the statistics of a stream's speakers, from its records: of all of each, of
 * so many, of all but the one in hand.
 *
 * What counts together is a speaker's records of one kind: those as recorded, or those
 * of one variant ("speed0.9"). A recording is what has one key; its windows and, by
 * src=, its variants belong to it. */
#ifndef SER_STATS_COLLECT_H
#define SER_STATS_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/moments.h"
#include "stats/stats.h"
#include "stream/tsr.h"

struct collect_options {
	const char *group; /* takes the place of every record's; NULL: none */
	bool together;     /* variants count as recordings of the same kind */
	bool leave_out;    /* a recording's own values do not count for it */
	uint64_t clips;    /* so many recordings of each speaker, drawn by seed; 0: all */
	uint64_t seed;
	const char *skew;  /* those with this label are drawn first; NULL: none */
};

struct collect;

/* options must outlive it. NULL where memory ends. */
struct collect *collect_new(const struct collect_options *options);
void collect_free(struct collect *c);

/* The group and the kind that a record belongs to; NULL where it has no group. The kind is
 * valid as long as meta. */
const char *collect_group(const struct collect_options *o, const struct meta *meta);
const char *collect_kind(const struct collect_options *o, const struct meta *meta);

/* Adds a record's rows, (rows,columns), which must not be NaN or infinite. ST_DATA where
 * it has no group, or other columns than those before. */
int collect_add(struct collect *c, const struct meta *meta, const float *x, size_t rows, size_t columns);

/* After the last record: draws the recordings that count. */
int collect_finish(struct collect *c);

/* The number of the place where what counts for a record of so many columns is kept. ST_DATA
 * where none such was added. This and what follows may be called by several threads. */
int collect_find(const struct collect *c, const struct meta *meta, size_t columns, uint32_t *place);

/* True where a record's recording was drawn, so that its values count for it: no test. */
bool collect_drawn(const struct collect *c, uint32_t place);

/* What counts at that place: adds it to m, which has no rows yet; *clips becomes the number of
 * recordings. */
int collect_get(const struct collect *c, uint32_t place, struct moments *m, uint64_t *clips);

/* Adds to s the statistics of each speaker and kind, and sets its columns. */
int collect_stats(const struct collect *c, struct stats *s);

#endif
