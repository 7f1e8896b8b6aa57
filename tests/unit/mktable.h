/* mktable: tables made in memory by the tests here. */
#ifndef SER_MKTABLE_H
#define SER_MKTABLE_H

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "table/table.h"

/* A table of `columns` text columns without rows. */
static inline void
make_table(struct table *t, const char *const *name, size_t columns)
{
	*t = (struct table){ .file = "t.csv" };
	for (size_t i = 0; i < columns; i++)
		if (table_add_text(t, i, name[i], NULL) != ST_OK)
			exit(99);
}

/* Adds a row of t->columns texts. */
static inline void
add_row(struct table *t, const char *const *cell)
{
	if (table_reserve(t, t->rows + 1) != ST_OK)
		exit(99);
	t->rows++;
	t->origin[t->rows - 1].line = t->rows + 1;
	t->origin[t->rows - 1].record = t->rows;
	for (size_t i = 0; i < t->columns; i++)
		if (dict_add(t->column[i].dict, cell[i], strlen(cell[i]), &t->column[i].code[t->rows - 1]) != ST_OK)
			exit(99);
}

#endif
