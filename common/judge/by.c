#include "judge/by.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* A record and what it is parted by. */
struct member {
	const char *value;
	size_t of; /* its index */
};

static int
compare(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = strcmp(x->value, y->value);

	return order != 0 ? order : (x->of > y->of) - (x->of < y->of);
}

static int
compare_speakers(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static int
count_speakers(struct predictions *of)
{
	long *group = mem_zero(of->n, sizeof *group);

	if (group == NULL)
		return ST_SYS;
	for (size_t i = 0; i < of->n; i++)
		group[i] = of->outcome[i].group;
	qsort(group, of->n, sizeof *group, compare_speakers);
	for (size_t i = 0; i < of->n; i++)
		of->speakers += group[i] >= 0 && (i == 0 || group[i] != group[i - 1]);
	free(group);
	return ST_OK;
}

static int
add_part(struct by *b, const struct predictions *p, const struct member *m, size_t n, const struct metrics_bootstrap *how)
{
	struct by_part *part;
	int rc = mem_push(&b->part, b->parts, sizeof *b->part);

	if (rc != ST_OK)
		return rc;
	part = &b->part[b->parts++];
	*part = (struct by_part){ .value = m->value };
	part->of = (struct predictions){ .evaluated = true, .n = n, .class = p->class, .classes = p->classes,
		.probabilities = p->probabilities, .outcome = mem_zero(n, sizeof *p->outcome) };
	if (part->of.outcome == NULL)
		return ST_SYS;
	for (size_t i = 0; i < n; i++) {
		part->of.outcome[i] = p->outcome[m[i].of];
		part->of.outcome[i].calibration.of = i;
	}
	part->figures = (struct evaluation){ .how = *how, .target_risk = NAN };
	if ((rc = count_speakers(&part->of)) == ST_OK && part->of.speakers < 2)
		part->figures.how.resamples = 0;
	return rc;
}

int
by_make(struct by *b, const struct predictions *p, size_t field, const struct metrics_bootstrap *how)
{
	struct member *m = mem_zero(p->n, sizeof *m);
	int rc = m == NULL ? ST_SYS : ST_OK;

	b->field = p->field[field];
	for (size_t i = 0; i < p->n && rc == ST_OK; i++)
		m[i] = (struct member){ p->record[i].field[field], i };
	if (rc == ST_OK)
		qsort(m, p->n, sizeof *m, compare);
	for (size_t first = 0, last; first < p->n && rc == ST_OK; first = last) {
		for (last = first; last < p->n && strcmp(m[last].value, m[first].value) == 0;)
			last++;
		rc = add_part(b, p, m + first, last - first, how);
	}
	for (size_t i = 0; i < b->parts && rc == ST_OK; i++) {
		b->part[i].figures.of = &b->part[i].of; /* they have stopped moving */
		rc = evaluation_make(&b->part[i].figures);
	}
	free(m);
	return rc;
}

void
by_free(struct by *b)
{
	for (size_t i = 0; i < b->parts; i++) {
		evaluation_free(&b->part[i].figures);
		free(b->part[i].of.outcome);
	}
	free(b->part);
	*b = (struct by){ 0 };
}
