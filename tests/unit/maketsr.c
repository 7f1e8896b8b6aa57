/* maketsr: makes small streams to order, for tests. Reads lines of words from
 * standard input (separated by tabs where the line has one, else by spaces):
 *
 *     H NAME=VALUE...                        a head
 *     T DTYPE SHAPE FILL NAME=VALUE...       a record; SHAPE 2,3 or - for a single value
 *     E                                      an end
 *
 * FILL: ramp (0 1 2 ...), noise:SEED (-1 to 1, or any integer), or values
 * V,V,... that repeat (numbers, nan, inf). Writes to standard output, or to
 * the file that its one argument names. Exits as the tools do. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/tool.h"
#include "stream/tsr.h"

enum { WORDS_MAX = 1 << 16, VALUES_MAX = 64 };

static size_t
split(char *line, char **word)
{
	const char *separator = strchr(line, '\t') != NULL ? "\t" : " ";
	size_t n = 0;

	for (char *p = strtok(line, separator); p != NULL && n < WORDS_MAX; p = strtok(NULL, separator))
		word[n++] = p;
	return n;
}

static int
add_fields(struct meta *m, char *const *word, size_t n)
{
	int rc = ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		char *equals = strchr(word[i], '=');

		if (equals == NULL)
			return err_set(ST_USAGE, "'%s' is not NAME=VALUE", word[i]);
		*equals = '\0';
		rc = meta_add(m, word[i], "%s", equals + 1);
	}
	return rc;
}

static int
parse_shape(const char *text, uint64_t *shape)
{
	int rank = 0;

	if (strcmp(text, "-") == 0)
		return 0;
	for (;;) {
		char *end;

		shape[rank++] = strtoull(text, &end, 10);
		if (*end != ',' || rank == TSR_RANK_MAX)
			return rank;
		text = end + 1;
	}
}

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators" (2016). */
static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

/* A double to the nearest half below in magnitude: enough for tests. */
static uint16_t
half_bits(double x)
{
	int exponent;
	double fraction = frexp(fabs(x), &exponent);
	uint16_t sign = signbit(x) ? 0x8000 : 0;

	if (isnan(x))
		return 0x7e00;
	if (isinf(x) || exponent > 16)
		return sign | 0x7c00;
	if (x == 0 || exponent < -13)
		return (uint16_t)(sign | (uint16_t)ldexp(fabs(x), 24));
	return (uint16_t)(sign | (uint16_t)((exponent + 14) << 10) | ((uint16_t)(fraction * 2048) & 0x3ff));
}

static void
store(void *data, enum tsr_dtype dtype, uint64_t i, double x, int64_t exact)
{
	switch (dtype) {
	case TSR_U8:
		((uint8_t *)data)[i] = (uint8_t)exact;
		break;
	case TSR_I32:
		((int32_t *)data)[i] = (int32_t)exact;
		break;
	case TSR_I64:
		((int64_t *)data)[i] = exact;
		break;
	case TSR_F32:
		((float *)data)[i] = (float)x;
		break;
	case TSR_F64:
		((double *)data)[i] = x;
		break;
	default:
		((uint16_t *)data)[i] = half_bits(x);
		break;
	}
}

static void
fill(void *data, enum tsr_dtype dtype, uint64_t n, const char *how)
{
	uint64_t state = 0;
	const char *value = how; /* of a list, the next */

	if (strncmp(how, "noise:", 6) == 0)
		state = strtoull(how + 6, NULL, 10) * 2 + 1;
	for (uint64_t i = 0; i < n; i++) {
		if (strcmp(how, "ramp") == 0) {
			store(data, dtype, i, (double)i, (int64_t)i);
		} else if (state != 0) {
			int64_t bits = (int64_t)next_random(&state);

			store(data, dtype, i, (double)bits / 9223372036854775808.0, bits);
		} else {
			store(data, dtype, i, strtod(value, NULL), strtoll(value, NULL, 10));
			value = strchr(value, ',') != NULL ? strchr(value, ',') + 1 : how;
		}
	}
}

static int
put_record(struct tsr_writer *w, char *const *word, size_t n)
{
	struct meta m = { 0 };
	enum tsr_dtype dtype = TSR_U8;
	uint64_t shape[TSR_RANK_MAX] = { 0 }, elements = 1;
	void *data;
	int rank, rc;

	while (n >= 4 && dtype < TSR_DTYPES && strcmp(tsr_dtype_name(dtype), word[1]) != 0)
		dtype++;
	if (n < 4 || dtype == TSR_DTYPES)
		return err_set(ST_USAGE, "T wants DTYPE SHAPE FILL NAME=VALUE...");
	rank = parse_shape(word[2], shape);
	for (int i = 0; i < rank; i++)
		elements *= shape[i];
	data = mem_zero(elements, tsr_dtype_size(dtype));
	rc = data == NULL ? ST_SYS : add_fields(&m, word + 4, n - 4);
	if (rc == ST_OK) {
		fill(data, dtype, elements, word[3]);
		rc = tsr_record(w, dtype, rank, shape, &m, data);
	}
	meta_clear(&m);
	free(data);
	return rc;
}

static int
put_line(struct tsr_writer *w, char *line)
{
	char *word[WORDS_MAX];
	size_t n = split(line, word);
	struct meta m = { 0 };
	int rc;

	if (n == 0)
		return ST_OK;
	if (strcmp(word[0], "E") == 0)
		return tsr_end(w);
	if (strcmp(word[0], "T") == 0)
		return put_record(w, word, n);
	if (strcmp(word[0], "H") != 0)
		return err_set(ST_USAGE, "'%s' is none of H, T and E", word[0]);
	rc = add_fields(&m, word + 1, n - 1);
	if (rc == ST_OK)
		rc = tsr_head(w, &m);
	meta_clear(&m);
	return rc;
}

int
main(int argc, char **argv)
{
	struct tsr_writer *w;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc;

	tool_init("maketsr");
	rc = tsr_create(&w, argc > 1 ? argv[1] : NULL);
	while (rc == ST_OK && (n = getline(&line, &cap, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		rc = put_line(w, line);
	}
	free(line);
	if (rc == ST_OK)
		return tool_end(tsr_finish(w));
	tsr_abort(w);
	return tool_end(rc);
}
