#include "stats/moments.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

int
moments_new(struct moments *m, size_t columns)
{
	m->n = 0;
	m->mean = mem_zero(2 * columns, sizeof *m->mean);
	m->squares = m->mean == NULL ? NULL : m->mean + columns;
	return m->mean == NULL ? ST_SYS : ST_OK;
}

void
moments_free(struct moments *m)
{
	free(m->mean);
	*m = (struct moments){ 0 };
}

void
moments_add(struct moments *m, const float *row, size_t columns)
{
	double part = 1 / (double)++m->n;

	for (size_t i = 0; i < columns; i++) {
		double d = (double)row[i] - m->mean[i];

		m->mean[i] += d * part;
		m->squares[i] += d * ((double)row[i] - m->mean[i]);
	}
}

void
moments_merge(struct moments *m, const struct moments *other, size_t columns)
{
	double a = (double)m->n, b = (double)other->n;

	if (other->n == 0)
		return;
	for (size_t i = 0; i < columns; i++) {
		double d = other->mean[i] - m->mean[i];

		m->mean[i] += d * (b / (a + b));
		m->squares[i] += other->squares[i] + d * d * (a * b / (a + b));
	}
	m->n += other->n;
}

void
moments_remove(struct moments *m, const struct moments *part, size_t columns)
{
	double b = (double)part->n, rest = (double)(m->n - part->n);

	m->n -= part->n;
	if (m->n == 0) {
		memset(m->mean, 0, columns * sizeof *m->mean);
		memset(m->squares, 0, columns * sizeof *m->squares);
		return;
	}
	for (size_t i = 0; i < columns; i++) {
		double d = part->mean[i] - m->mean[i], whole = m->squares[i], lost = 8 * DBL_EPSILON * whole;
		double squares = whole - part->squares[i] - d * d * (b * (rest + b) / rest);

		m->mean[i] -= d * (b / rest);
		m->squares[i] = squares > lost ? squares : lost;
	}
}
