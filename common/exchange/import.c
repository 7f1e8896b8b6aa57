#include "exchange/import.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

int
import_bind(struct import *m, const char *layer, const char *role, enum import_form form, const char *from,
            const char *and_from, struct import_binding **to)
{
	struct import_binding *b;
	char weight[128];
	int rc = mem_push(&m->binding, m->bindings, sizeof *m->binding);

	if (rc != ST_OK)
		return rc;
	b = &m->binding[m->bindings++];
	*b = (struct import_binding){ .form = form };
	snprintf(weight, sizeof weight, "%s/%s", layer, role);
	if ((b->weight = mem_str(weight)) == NULL || (from != NULL && (b->from[0] = mem_str(from)) == NULL) ||
	    (and_from != NULL && (b->from[1] = mem_str(and_from)) == NULL))
		return ST_SYS;
	if (to != NULL)
		*to = b;
	return ST_OK;
}

void
import_free(struct import *m)
{
	for (size_t i = 0; i < m->bindings; i++) {
		free(m->binding[i].weight);
		free(m->binding[i].from[0]);
		free(m->binding[i].from[1]);
	}
	free(m->binding);
	*m = (struct import){ 0 };
}

/* The shape that their array must have. */
static struct array_shape
expected_shape(const struct import_binding *b, const struct nn_param *p)
{
	struct array_shape s = { .rank = p->rank };
	int last = p->rank - 1;

	for (int i = 0; i < p->rank; i++)
		s.d[i] = p->shape[i];
	if (b->form == IMPORT_BINARY)
		s.d[last] /= 2;
	if (b->form == IMPORT_PAIR)
		s = (struct array_shape){ 1, { p->shape[1] } };
	if (b->form == IMPORT_TURNED || b->form == IMPORT_WINDOW) {
		s.d[0] = p->shape[last];
		s.d[1] = p->shape[last - 1];
		for (int i = 2; i < p->rank; i++)
			s.d[i] = p->shape[i - 2];
	}
	return s;
}

/* Where our row came from before it was flattened. */
static size_t
row_of(const struct import_binding *b, size_t row)
{
	return b->channels == 0 ? row : row % b->channels * b->positions + row / b->channels;
}

/* The same of a column of `columns`, where its gate is elsewhere. */
static size_t
column_of(const struct import_binding *b, size_t column, size_t columns)
{
	size_t units = columns / 3;

	return !b->gru ? column : column < units ? column + units : column < 2 * units ? column - units : column;
}

/* Element i of ours from theirs. */
static double
element(const struct import_binding *b, const struct nn_param *p, size_t i, float *const *x)
{
	size_t columns = p->shape[p->rank - 1], row = i / columns, column = i % columns;
	size_t inputs = p->rank < 2 ? 1 : p->shape[p->rank - 2];

	if (x[0] == NULL || (b->form >= IMPORT_SUM && x[1] == NULL))
		return b->value;
	switch (b->form) {
	case IMPORT_ROOT:
		return fmax(sqrt((double)x[0][i]), 1e-7);
	case IMPORT_BINARY:
		return column == 0 ? 0 : (double)x[0][row];
	case IMPORT_TURNED:
		return (double)x[0][column_of(b, column, columns) * inputs + row_of(b, row)];
	case IMPORT_WINDOW:
		return (double)x[0][(column * inputs + row % inputs) * (p->n / columns / inputs) + row / inputs];
	case IMPORT_SUM:
		return (double)x[0][i] + (double)x[1][i];
	case IMPORT_PAIR:
		return (double)x[row][column_of(b, column, columns)];
	case IMPORT_CONSTANT:
	case IMPORT_SAME:
	default:
		return (double)x[0][p->rank == 1 ? row_of(b, i) : i];
	}
}

static int
check_shape(const struct import *m, const struct arrays *file, const struct import_binding *b, const struct nn_param *p,
            const char *from, struct array_shape *shape)
{
	const struct array_shape required = expected_shape(b, p);
	char has[ARRAYS_TEXT], must[ARRAYS_TEXT];
	int rc = file->shape(file->ctx, from, shape);

	if (rc != ST_OK || arrays_alike(shape, &required))
		return rc;
	return err_set(ST_DATA, "%s: '%.200s' is of shape %s; %s requires %s", m->file, from, arrays_text(shape, has), p->name,
	               arrays_text(&required, must));
}

/* Their values, checked; free(*x). */
static int
load(const struct import *m, const struct arrays *file, const struct import_binding *b, const struct nn_param *p,
     const char *from, float **x)
{
	struct array_shape shape;
	size_t n = 0;
	int rc = check_shape(m, file, b, p, from, &shape);

	if (rc == ST_OK && (rc = arrays_count(&shape, &n)) == ST_OK && (*x = mem_zero(n, sizeof **x)) == NULL)
		rc = ST_SYS;
	if (rc != ST_OK || (rc = file->read(file->ctx, from, &shape, *x)) != ST_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (!isfinite((*x)[i]) || (b->form == IMPORT_ROOT && (*x)[i] < 0))
			return err_set(ST_DATA, "%s: '%.200s' holds a value that is %s", m->file, from,
			               isfinite((*x)[i]) ? "negative" : "NaN or infinite");
	return ST_OK;
}

static int
fill(const struct import *m, const struct arrays *file, const struct import_binding *b, struct nn_param *p)
{
	float *x[2] = { NULL, NULL };
	int rc = ST_OK;

	for (int i = 0; i < 2 && rc == ST_OK; i++)
		if (b->from[i] != NULL)
			rc = load(m, file, b, p, b->from[i], &x[i]);
	for (size_t i = 0; i < p->n && rc == ST_OK; i++)
		p->value[i] = (real)element(b, p, i, x);
	free(x[0]);
	free(x[1]);
	return rc;
}

static const struct import_binding *
find_binding(const struct import *m, const char *weight)
{
	for (size_t i = 0; i < m->bindings; i++)
		if (strcmp(m->binding[i].weight, weight) == 0)
			return &m->binding[i];
	return NULL;
}

/* Of a weight: whether what it is bound to is shaped as required. */
static int
check_binding(const struct import *m, const struct arrays *file, const struct nn_param *p, const struct import_binding **b)
{
	struct array_shape shape;
	int rc = ST_OK;

	*b = find_binding(m, p->name);
	if (*b == NULL)
		return err_set(ST_DATA, "%s: nothing in it is %s", m->file, p->name);
	for (int k = 0; k < 2 && rc == ST_OK; k++)
		if ((*b)->from[k] != NULL)
			rc = check_shape(m, file, *b, p, (*b)->from[k], &shape);
	return rc;
}

bool
import_fits(const struct import *m, const struct arrays *file, struct nn *net, size_t layer)
{
	const struct import_binding *b;

	for (size_t i = 0; i < nn_params(net); i++)
		if (nn_param(net, i)->layer == layer + 1 && check_binding(m, file, nn_param(net, i), &b) != ST_OK)
			return false;
	return true;
}

int
import_fill(const struct import *m, const struct arrays *file, struct nn *net)
{
	const struct import_binding *b;
	int rc = ST_OK;

	for (size_t i = 0; i < nn_params(net) && rc == ST_OK; i++)
		if ((rc = check_binding(m, file, nn_param(net, i), &b)) == ST_OK && nn_param(net, i)->value != NULL)
			rc = fill(m, file, b, nn_param(net, i));
	return rc;
}
