/* prep: runs a prep(5) recipe over CSV files. Rows are read in batches; steps
 * that need no other row are done batch by batch, so that only what they leave is
 * kept; the first step that learns from all rows, or puts rows together, and those
 * behind it work on the whole. */
#ifndef SER_PREP_PREP_H
#define SER_PREP_PREP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "prep/learnt.h"
#include "prep/recipe.h"
#include "table/table.h"

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
	/* Takes finished rows: all of them once, or batch by batch in their order; at
	 * least once, maybe without rows. */
	int (*emit)(void *ctx, struct table *t);
	void *ctx;
	void (*progress)(uint64_t rows); /* now and then; may be NULL */
};

/* What a column is that is no feature. */
enum prep_role { PREP_FEATURE, PREP_LABEL, PREP_GROUP, PREP_KEY, PREP_META };

struct prep_step;

/* Zero-initialise before use; prep_free releases it. */
struct prep {
	struct prep_plan plan;
	struct recipe recipe;
	struct learnt learnt;
	struct prep_step *step;      /* recipe.steps of them */
	const char *role[PREP_META]; /* names of the label's, group's and key's column; NULL: none */
	const char *const *label;    /* the labels that the recipe lists, in order */
	size_t labels;
	char **header;               /* of the main table; an unnamed column is "@1" by its place */
	size_t names;
	uint64_t read, kept;         /* rows */
	/* While reading */
	size_t local;                /* steps that go batch by batch while reading */
	size_t together;             /* and steps to the last that needs all rows */
	size_t *place;               /* of each column of the file in raw; TABLE_NONE: nobody wants it */
	struct table raw, whole;
	struct dict *fit;            /* groups to learn from */
	bool fit_checked;
};

/* Reads recipe and state and checks all that can be checked without rows. ST_USAGE
 * where tables given and joined do not fit, ST_DATA else. */
int prep_open(struct prep *p, const struct prep_plan *plan);

/* Reads the tables, runs the steps and hands the rows on. */
int prep_run(struct prep *p);

/* What a column of the result is. */
enum prep_role prep_role_of(const struct prep *p, const char *column);

/* The rows that steps have dropped: for each step that has, calls say with its
 * place ("R.prep: line 4 (filter)") and how many. */
void prep_dropped(const struct prep *p, void (*say)(const char *where, uint64_t rows));

void prep_free(struct prep *p);

#endif
