#include "train/speakers.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Numbers them from 0 by their groups. */
static int
number_speakers(struct speakers *s, const struct data_part *part)
{
	uint64_t *number = mem_zero(part->n, sizeof *number), *found;

	if (number == NULL)
		return ST_SYS;
	for (size_t i = 0; i < part->n; i++)
		number[i] = part->record[i]->speaker;
	qsort(number, part->n, sizeof *number, compare_numbers);
	for (size_t i = 0; i < part->n; i++)
		if (number[i] != 0 && (s->n == 0 || number[i] != number[s->n - 1]))
			number[s->n++] = number[i];
	for (size_t i = 0; i < part->n; i++) {
		found = bsearch(&part->record[i]->speaker, number, s->n, sizeof *number, compare_numbers);
		s->of[i] = found == NULL ? s->n : (size_t)(found - number);
	}
	free(number);
	return ST_OK;
}

int
speakers_create(struct speakers *s, struct nn *net, const struct data_part *part)
{
	struct mem_pool *m = &s->memory;

	s->values = nn_speaker_values(net);
	if (s->values == 0 || part->n == 0)
		return ST_OK;
	s->of = mem_take(m, part->n, sizeof *s->of);
	if (s->of == NULL || number_speakers(s, part) != ST_OK)
		return ST_SYS;
	s->count = mem_take(m, s->n + 1, sizeof *s->count);
	s->sum = mem_take(m, (s->n + 1) * s->values, sizeof *s->sum);
	s->square = mem_take(m, (s->n + 1) * s->values, sizeof *s->square);
	s->mean = mem_take(m, (s->n + 1) * s->values, sizeof *s->mean);
	s->variance = mem_take(m, (s->n + 1) * s->values, sizeof *s->variance);
	return m->status;
}

void
speakers_free(struct speakers *s)
{
	mem_release(&s->memory);
	*s = (struct speakers){ 0 };
}

void
speakers_clear(struct speakers *s)
{
	memset(s->count, 0, s->n * sizeof *s->count);
	memset(s->sum, 0, s->n * s->values * sizeof *s->sum);
	memset(s->square, 0, s->n * s->values * sizeof *s->square);
}

void
speakers_add(struct speakers *s, const struct nn *net, size_t i, size_t record)
{
	size_t at = s->of[record];
	const real *x = nn_speaker_input(net, i), *mean, *variance;

	if (at == s->n)
		return;
	nn_speaker_running(net, &mean, &variance);
	s->count[at]++;
	for (size_t k = 0; k < s->values; k++) {
		double d = (double)x[k] - (double)mean[k];

		s->sum[at * s->values + k] += d;
		s->square[at * s->values + k] += d * d;
	}
}

void
speakers_finish(struct speakers *s, const struct nn *net)
{
	const real *mean, *variance;

	nn_speaker_running(net, &mean, &variance);
	for (size_t i = 0; i < s->n; i++) {
		size_t at = i * s->values;
		double n = s->count[i], *own = s->sum + at, *square = s->square + at;

		for (size_t k = 0; k < s->values; k++) {
			double from = own[k] / n, v = square[k] / n - from * from;

			own[k] = (double)mean[k] + from;
			square[k] = v > 0 ? v : 0;
		}
		nn_shrink_speaker(net, n, own, square, s->mean + at, s->variance + at);
	}
}

void
speakers_set(const struct speakers *s, struct nn *net, size_t i, size_t record)
{
	size_t at = s->of[record] * s->values;

	if (s->of[record] < s->n)
		nn_set_speaker(net, i, s->mean + at, s->variance + at);
}
