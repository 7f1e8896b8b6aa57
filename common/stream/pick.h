/* pick: which records of a stream are asked for, by metadata and number. */
#ifndef SER_STREAM_PICK_H
#define SER_STREAM_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/meta.h"

/* Zero-initialise before use. All fields named, and the ranges, must agree
 * with a record; of one field any value or pattern may. */
struct pick {
	struct pick_field *field;
	struct pick_range *range;
	size_t ranges;
};

/* Asks for records whose field has that value; an empty one stands for a
 * field that is not there. Lengths are in bytes. */
int pick_value(struct pick *p, const char *name, size_t name_n, const char *value, size_t n);

/* Asks for records that have the field, fitting a pattern of fnmatch(3). */
int pick_pattern(struct pick *p, const char *name, size_t name_n, const char *pattern);

/* Asks for the field although no value of it may be known: then none fits. */
int pick_field(struct pick *p, const char *name);

/* Asks for record numbers, from 1: "3,10-20,90-". ST_USAGE where malformed. */
int pick_numbers(struct pick *p, const char *text);

/* True for a record that is asked for. */
bool pick_matches(struct pick *p, const struct meta *m, uint64_t number);

/* ST_DATA, naming one, where no record so far had a value or pattern asked for. */
int pick_check_each(const struct pick *p);

/* Releases what p holds and leaves it empty. */
void pick_clear(struct pick *p);

#endif
