#include "stream/value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

float
value_half(uint16_t bits)
{
	int exponent = bits >> 10 & 0x1f;
	double fraction = bits & 0x3ff;
	double value;

	if (exponent == 0x1f)
		value = fraction == 0 ? (double)INFINITY : (double)NAN;
	else if (exponent == 0)
		value = ldexp(fraction, -24);
	else
		value = ldexp(fraction + 0x400, exponent - 25);
	return (float)(bits & 0x8000 ? -value : value);
}

double
value_get(const struct tsr_chunk *c, uint64_t i)
{
	switch (c->dtype) {
	case TSR_U8:
		return ((const uint8_t *)c->data)[i];
	case TSR_I32:
		return ((const int32_t *)c->data)[i];
	case TSR_I64:
		return (double)((const int64_t *)c->data)[i];
	case TSR_F32:
		return (double)((const float *)c->data)[i];
	case TSR_F64:
		return ((const double *)c->data)[i];
	case TSR_F16:
		return (double)value_half(((const uint16_t *)c->data)[i]);
	default:
		return (double)NAN;
	}
}

/* True where text, read as that type, is x again. */
static bool
reads_back(const char *text, enum tsr_dtype type, double x)
{
	if (type == TSR_F64)
		return strtod(text, NULL) == x;
	return strtof(text, NULL) == (float)x;
}

int
value_print(const struct tsr_chunk *c, uint64_t i, char buf[VALUE_TEXT_MAX])
{
	/* Digits that always suffice; real data mostly need nearly all of them. */
	int most = c->dtype == TSR_F64 ? 17 : c->dtype == TSR_F32 ? 9 : 5;
	double x;
	int n;

	if (c->dtype == TSR_I64)
		return snprintf(buf, VALUE_TEXT_MAX, "%" PRId64, ((const int64_t *)c->data)[i]);
	x = value_get(c, i);
	if (c->dtype == TSR_U8 || c->dtype == TSR_I32)
		return snprintf(buf, VALUE_TEXT_MAX, "%d", (int)x);
	if (isnan(x))
		return snprintf(buf, VALUE_TEXT_MAX, "nan");
	for (int digits = most - 3;; digits++) {
		n = snprintf(buf, VALUE_TEXT_MAX, "%.*g", digits, x);
		if (digits >= most || isinf(x) || reads_back(buf, c->dtype, x))
			return n;
	}
}

bool
value_finite(const float *x, size_t n)
{
	uint32_t bad = 0;

	/* Bits and no early end, so that the loop is vectorised. */
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;

		memcpy(&bits, &x[i], sizeof bits);
		bad |= (bits & 0x7f800000U) == 0x7f800000U;
	}
	return bad == 0;
}

void
value_measure(const struct tsr_chunk *c, struct value_stats *s)
{
	uint64_t n = c->dtype == TSR_NONE ? 0 : tsr_elements(c);
	double sum = 0;

	s->min = (double)INFINITY;
	s->max = (double)-INFINITY;
	s->nonfinite = 0;
	for (uint64_t i = 0; i < n; i++) {
		double x = value_get(c, i);

		if (!isfinite(x)) {
			s->nonfinite++;
			continue;
		}
		sum += x;
		if (x < s->min)
			s->min = x;
		if (x > s->max)
			s->max = x;
	}
	if (s->nonfinite < n)
		s->mean = sum / (double)(n - s->nonfinite);
	else
		s->min = s->mean = s->max = (double)NAN;
}

const char *
value_shape(const struct tsr_chunk *c, char buf[VALUE_SHAPE_MAX])
{
	int n = 0;

	if (c->rank == 0)
		strcpy(buf, "-");
	for (int i = 0; i < c->rank; i++)
		n += snprintf(buf + n, VALUE_SHAPE_MAX - (size_t)n, i == 0 ? "%" PRIu64 : ",%" PRIu64, c->shape[i]);
	return buf;
}

const char *
value_index(const struct tsr_chunk *c, int rank, uint64_t n, char buf[VALUE_SHAPE_MAX])
{
	struct tsr_chunk index = { .rank = rank };

	for (int i = rank - 1; i >= 0; i--) {
		index.shape[i] = n % c->shape[i];
		n /= c->shape[i];
	}
	return value_shape(&index, buf);
}
