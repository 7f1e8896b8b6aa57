/* value: the elements of a record as numbers and as text. */
#ifndef SER_STREAM_VALUE_H
#define SER_STREAM_VALUE_H

#include "stream/tsr.h"

enum {
	VALUE_TEXT_MAX = 32,   /* room for any element as text */
	VALUE_SHAPE_MAX = 176, /* room for any shape as text */
};

/* Statistics of a record's values. min, mean and max are of the finite ones,
 * NAN where there are none. */
struct value_stats {
	double min, mean, max;
	uint64_t nonfinite; /* values that are NaN or infinite */
};

/* An IEEE 754 half as a float: exact. */
float value_half(uint16_t bits);

/* Element i (row-major, below tsr_elements) as a double: exact but for i64
 * beyond 2^53. */
double value_get(const struct tsr_chunk *c, uint64_t i);

/* Element i as short decimal text that reads back as the same value: writes it to
 * buf and returns its length. */
int value_print(const struct tsr_chunk *c, uint64_t i, char buf[VALUE_TEXT_MAX]);

/* True where none of x is NaN or infinite. */
bool value_finite(const float *x, size_t n);

void value_measure(const struct tsr_chunk *c, struct value_stats *s);

/* "108,128", as in the metadata; "-" for a single value. Returns buf. */
const char *value_shape(const struct tsr_chunk *c, char buf[VALUE_SHAPE_MAX]);

/* The indices of number n over the first rank dimensions: "4,17"; "-" for none. */
const char *value_index(const struct tsr_chunk *c, int rank, uint64_t n, char buf[VALUE_SHAPE_MAX]);

#endif
