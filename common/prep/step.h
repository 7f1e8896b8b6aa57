/* step: what the files of prep share: what is to be done, a step with its words
 * sorted out, and the kinds of steps there are. */
#ifndef SER_PREP_STEP_H
#define SER_PREP_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "prep/learnt.h"
#include "prep/recipe.h"
#include "table/table.h"

struct prep_step;

/* A table that the recipe joins by name. */
struct prep_side {
	const char *name, *path;
};

struct prep_plan {
	const char *recipe;      /* a file; NULL: apply's steps, or none at all */
	const char *apply;       /* a state to reuse; NULL: learn from the rows */
	const char *path;        /* of the main table, "-": standard input */
	const struct prep_side *side;
	size_t sides;
	const char *fit_groups;  /* learn from the rows of these groups alone, separated by commas; NULL: of all */
	char delimiter;
	/* Takes finished rows: all of them once, or batch by batch in their order, maybe in
	 * another thread; at least once, maybe without rows. */
	int (*emit)(void *ctx, struct table *t);
	void *ctx;
	uint64_t *duplicates; /* gets the number of rows equal to an earlier one; NULL: not counted */
	void (*progress)(uint64_t rows); /* now and then; may be NULL */
	int threads; /* with 2 or more one parses, one puts cells together, and one runs the steps */
};

/* What a column is that is no feature. */
enum prep_role { PREP_FEATURE, PREP_KEY, PREP_LABEL, PREP_GROUP, PREP_META };
extern const char *const prep_role_names[PREP_META]; /* "label" of PREP_LABEL, ... */

enum { PREP_BATCHES = 3 };

/* Zero-initialise before use; prep_free releases it. */
struct prep {
	struct prep_plan plan;
	struct recipe recipe;
	struct learnt learnt;
	struct prep_step *step;      /* recipe.steps of them */
	const char *role[PREP_META]; /* names of the key's, label's and group's column; NULL: none */
	const struct prep_step *label; /* lists the labels, in order, behind its first word */
	size_t labels;
	char **header;               /* of the main table; an unnamed column is "@1" by its number */
	size_t names;
	uint64_t read, kept;         /* rows */
	/* While reading */
	size_t local;                /* steps that go batch by batch while reading */
	size_t together;             /* and steps to the last that needs all rows */
	size_t *index;               /* of each column of the file in raw; TABLE_NONE: nobody needs it */
	struct table batch[PREP_BATCHES], *raw, whole; /* raw: the batch that is being read */
	struct queue *queue;         /* of batches */
	bool failed;                 /* one has: known to the worker alone */
	struct dict *fit;            /* groups to learn from */
	bool fit_checked;
};

enum { STEP_OPTIONS_MAX = 6, STEP_ANY = 1 << 20 /* words: any number */ };

/* An option, NAME=VALUE. */
struct step_option {
	const char *name;
	bool number;                /* its value is one */
	const char *const *choices; /* or one of these, NULL-terminated */
};

struct step_value {
	const char *text; /* NULL: not given */
	double x;         /* where it is a number; 0: not given */
	size_t choice;    /* its index among the choices; 0, which is the default: not given */
};

struct step_kind {
	const char *name;
	size_t least, most;         /* positional words behind the name */
	const struct step_option *options; /* end with a name of NULL; or NULL */
	bool equals;                /* other words may have an equals sign too */
	bool restricts;             /* only columns that are named go on */
	/* What is wrong with the words alone; may be NULL. */
	int (*check)(struct prep *p, struct prep_step *s);
	bool gathers;               /* rows must be seen together, always */
	/* Or where this is true; NULL: never. */
	bool (*whole)(const struct prep *p, const struct prep_step *s);
	/* Does the step, or does it for each column that the positional words name;
	 * both NULL: nothing to be done. */
	int (*run)(struct prep *p, struct prep_step *s, struct table *t);
	int (*column)(struct prep *p, struct prep_step *s, struct table *t, size_t column);
	void (*release)(void *state);
};

struct prep_step {
	const struct recipe_step *src;
	const struct step_kind *kind;
	size_t number;                        /* from 1 */
	size_t *arg, args;                    /* positional words, by index in src */
	struct step_value option[STEP_OPTIONS_MAX]; /* as kind->options */
	uint64_t dropped;                     /* rows */
	void *state;                          /* kind's own */
};

extern const struct step_kind step_columns_kinds[], step_derive_kinds[], step_rows_kinds[], step_join_kinds[],
	step_values_kinds[], step_aggregate_kinds[]; /* each ends with a name of NULL */

/* What a column of the result is. */
enum prep_role prep_role_of(const struct prep *p, const char *column);

/* The i-th positional word. */
const char *step_arg(const struct prep_step *s, size_t i);

/* A message about the i-th positional word (args: the step as a whole). */
int step_error(const struct prep *p, const struct prep_step *s, size_t i, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* ST_DATA where one of the positional words behind the first appears twice. */
int step_twice(const struct prep *p, const struct prep_step *s, const char *what);

/* What a word that names one column means: @N is the Nth of the file. */
const char *step_real_name(const struct prep *p, const char *word);

/* The column that positional word i names. */
int step_column(const struct prep *p, const struct prep_step *s, const struct table *t, size_t i, size_t *column);

/* The columns that positional words from..to-1 name, each once, in their order;
 * a word may be a pattern. The caller frees *list, also after a failure. */
int step_columns(const struct prep *p, const struct prep_step *s, const struct table *t, size_t from, size_t to,
                 size_t **list, size_t *n);

/* Positional word i as a number. */
int step_number(const struct prep *p, const struct prep_step *s, size_t i, double *x);

/* Which rows a step may learn from, in m's memory. ST_DATA where the groups to learn
 * from are not there. May make the group's column text. */
int step_learns(struct prep *p, struct table *t, struct mem_pool *m, bool **learns);

/* Drops rows and counts them. */
void step_keep(struct prep_step *s, struct table *t, const bool *keep);

/* What the step learnt of the column; ST_DATA where the state has nothing of it. */
int step_recall(const struct prep *p, const struct prep_step *s, const char *column, const struct learnt_item **item);

/* kind->whole of steps that learn: true unless a state is applied. */
bool step_learning(const struct prep *p, const struct prep_step *s);

/* Reads a whole CSV file into t (empty, its file set). */
int step_load(const struct prep *p, const char *path, struct table *t);

#endif
