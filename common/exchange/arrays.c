#include "exchange/arrays.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int
arrays_count(const struct array_shape *s, size_t *n)
{
	*n = 1;
	for (int i = 0; i < s->rank; i++)
		if (s->d[i] == 0)
			*n = 0;
	for (int i = 0; i < s->rank && *n > 0; i++) {
		if (s->d[i] > ARRAYS_VALUES_MAX / *n)
			return err_set(ST_DATA, "an array of more than %zu values", ARRAYS_VALUES_MAX);
		*n *= s->d[i];
	}
	return ST_OK;
}

const char *
arrays_text(const struct array_shape *s, char buf[ARRAYS_TEXT])
{
	int n = snprintf(buf, ARRAYS_TEXT, "(");

	for (int i = 0; i < s->rank; i++)
		n += snprintf(buf + n, (size_t)(ARRAYS_TEXT - n), i == 0 ? "%zu" : ",%zu", s->d[i]);
	snprintf(buf + n, (size_t)(ARRAYS_TEXT - n), ")");
	return buf;
}

struct array_shape
arrays_parse(const char *text)
{
	struct array_shape s = { 0 };
	char *end = NULL;

	while ((*text == '(' || *text == ',') && s.rank < ARRAYS_RANK_MAX) {
		size_t d = strtoul(text + 1, &end, 10);

		if (end == text + 1)
			break;
		s.d[s.rank++] = d;
		text = end;
	}
	return s;
}

static struct array_shape
squeeze(const struct array_shape *s)
{
	struct array_shape to = { 0 };

	for (int i = 0; i < s->rank; i++)
		if (s->d[i] != 1)
			to.d[to.rank++] = s->d[i];
	return to;
}

bool
arrays_alike(const struct array_shape *a, const struct array_shape *b)
{
	const struct array_shape x = squeeze(a), y = squeeze(b);

	return x.rank == y.rank && memcmp(x.d, y.d, sizeof x.d) == 0;
}
