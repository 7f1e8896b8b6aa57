/* step: what the files that make up prep share: a step with its words sorted out,
 * and the kinds of steps there are. Private to common/csv. */
#ifndef SER_PREP_STEP_H
#define SER_PREP_STEP_H

#include "prep/prep.h"
#include "prep/recipe.h"
#include "table/table.h"

enum { STEP_OPTIONS_MAX = 6 };

struct step_kind {
	const char *name;
	size_t least, most;         /* positional words behind the name */
	const char *const *options; /* names of NAME=VALUE words, NULL-terminated, or NULL */
	bool equals;                /* other words may have an equals sign too */
	bool restricts;             /* only columns that are named go on */
	/* What is wrong with the words alone; may be NULL. */
	int (*check)(struct prep *p, struct prep_step *s);
	/* True where rows must be seen together; NULL: never. */
	bool (*whole)(const struct prep *p, const struct prep_step *s);
	int (*run)(struct prep *p, struct prep_step *s, struct table *t);
	void (*release)(void *state);
};

struct prep_step {
	const struct recipe_step *src;
	const struct step_kind *kind;
	size_t number;                        /* from 1 */
	size_t *arg, args;                    /* positional words, by place in src */
	const char *option[STEP_OPTIONS_MAX]; /* as kind->options; NULL: not given */
	uint64_t dropped;                     /* rows */
	void *state;                          /* kind's own */
};

extern const struct step_kind step_columns_kinds[], step_derive_kinds[], step_rows_kinds[], step_join_kinds[],
	step_values_kinds[], step_aggregate_kinds[]; /* each ends with a name of NULL */

/* The i-th positional word. */
const char *step_arg(const struct prep_step *s, size_t i);

/* A message about the i-th positional word (args: the step as a whole). */
int step_error(const struct prep *p, const struct prep_step *s, size_t i, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* What a word that names one column means: @N is the Nth of the file. */
const char *step_real_name(const struct prep *p, const char *word);

/* The column that positional word i names. */
int step_column(const struct prep *p, const struct prep_step *s, const struct table *t, size_t i, size_t *column);

/* The columns that positional words from..to-1 name, each once, in their order;
 * a word may be a pattern. The caller frees *list, also after a failure. */
int step_columns(const struct prep *p, const struct prep_step *s, const struct table *t, size_t from, size_t to,
                 size_t **list, size_t *n);

/* Positional word i, or the value of option o, as a number. */
int step_number(const struct prep *p, const struct prep_step *s, size_t i, double *x);
int step_option_number(const struct prep *p, const struct prep_step *s, size_t o, double *x);

/* Option o as the place of its value among words (NULL-terminated), 0 where it is
 * not given. ST_DATA where it is none of them. */
int step_choice(const struct prep *p, const struct prep_step *s, size_t o, const char *const *words, size_t *choice);

/* Which rows a step may learn from; the caller frees it. NULL where memory ends
 * or the groups to learn from are not there. May make the group's column text. */
bool *step_learns(struct prep *p, struct table *t);

/* Drops rows and counts them. */
void step_keep(struct prep_step *s, struct table *t, const bool *keep);

/* What the step learnt of the column; ST_DATA where the state has nothing of it. */
int step_recall(const struct prep *p, const struct prep_step *s, const char *column, const struct learnt_item **item);

/* kind->whole of steps that learn: true unless a state is applied. */
bool step_learning(const struct prep *p, const struct prep_step *s);

/* Reads a whole CSV file into t (empty, its file set). */
int step_load(const char *path, char delimiter, struct table *t);

#endif
