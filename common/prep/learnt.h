/* learnt: what the steps of a recipe have learnt from rows: quantiles, means,
 * categories, as words by step and column. */
#ifndef SER_PREP_LEARNT_H
#define SER_PREP_LEARNT_H

#include <stdbool.h>
#include <stddef.h>

#include "prep/recipe.h"

struct learnt_item {
	size_t step;  /* from 1 */
	char *column;
	char **word;
	size_t words;
};

/* Zero-initialise before use; learnt_clear releases it. */
struct learnt {
	struct learnt_item *item;
	size_t n;
	struct learnt_item feature; /* its words are the features, in order; none: not known */
};

/* Adds an item without words, which *item points to until the next is added. */
int learnt_add(struct learnt *l, size_t step, const char *column, struct learnt_item **item);

int learnt_word(struct learnt_item *item, const char *word);

/* Adds an item whose words are names and numbers; ST_DATA unless they are finite. */
struct learnt_figure {
	const char *name;
	double x;
};
int learnt_figures(struct learnt *l, size_t step, const char *column, const struct learnt_figure *figure, size_t n);

/* What that step learnt of that column, or NULL. */
const struct learnt_item *learnt_find(const struct learnt *l, size_t step, const char *column);

/* The number behind that name; false where there is none. */
bool learnt_get(const struct learnt_item *item, const char *name, double *x);

/* Appends the item as text, "STEP COLUMN WORD ...". */
void learnt_add_item(struct str *out, const struct learnt_item *item);

/* Appends a state: the steps of r, what they have learnt, and the features. */
void learnt_add_state(struct str *out, const struct recipe *r, const struct learnt *l);

/* Reads a state; steps go to r (its file set, nothing in it yet), the rest to l.
 * ST_DATA, naming the line, where it is no state or malformed. */
int learnt_read(const char *file, struct recipe *r, struct learnt *l);

void learnt_clear(struct learnt *l);

#endif
