/* pick: selects records of a stream by metadata and number. */
#ifndef SER_STREAM_PICK_H
#define SER_STREAM_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/meta.h"

/* Zero-initialise before use. A record must match all fields named, and the
 * ranges; of one field, any value or pattern. */
struct pick {
	struct pick_field *field;
	struct pick_range *range;
	size_t ranges;
};

/* Selects records whose field has that value; an empty one matches a missing
 * field too. Lengths are in bytes. */
int pick_value(struct pick *p, const char *name, size_t name_n, const char *value, size_t n);

/* Selects records whose field matches a pattern of fnmatch(3). */
int pick_pattern(struct pick *p, const char *name, size_t name_n, const char *pattern);

/* Names a field; unless a value or pattern follows, no record matches. */
int pick_field(struct pick *p, const char *name);

/* Selects record numbers, from 1: "3,10-20,90-". ST_USAGE where malformed. */
int pick_numbers(struct pick *p, const char *text);

/* True for a selected record. */
bool pick_matches(struct pick *p, const struct meta *m, uint64_t number);

/* ST_DATA, naming it and some values that there are, where a value or pattern has
 * matched no record so far. */
int pick_check_each(const struct pick *p);

/* Releases what p holds and leaves it empty. */
void pick_clear(struct pick *p);

#endif
