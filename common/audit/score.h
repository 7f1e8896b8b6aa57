/* score: how well one coded variable alone predicts a class, by cross-validation.
 * The inner part of audit. */
#ifndef SER_AUDIT_SCORE_H
#define SER_AUDIT_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

enum {
	SCORE_FOLDS = 5,
	SCORE_BINS = 4096,  /* a tree sees at most so many different values */
	SCORE_LEAVES = 64,  /* of a tree */
	SCORE_LEAF_MIN = 5, /* training rows in a leaf */
};

/* Which rows are kept apart: whole groups, or single rows. */
enum score_split { SCORE_GROUPS, SCORE_ROWS, SCORE_SPLITS };

struct score_result {
	double accuracy; /* fraction of the rows predicted right when they were held out */
	double gain;     /* (accuracy - baseline) / (1 - baseline): 0 by chance, 1 at best */
	double error;    /* the gain's standard error, the larger of that by rows and that by groups */
};

/* Rows of one code and class: how many, and how many of them in each fold. */
struct score_cell {
	uint32_t code, class;
	uint32_t count[SCORE_FOLDS];
	uint32_t total;
};

struct score {
	size_t rows, classes, groups;
	const uint32_t *class, *group; /* by row; the caller's */
	uint8_t *fold[SCORE_SPLITS];   /* by row */
	uint32_t *prior[SCORE_SPLITS]; /* (SCORE_FOLDS,classes): training rows of each class */
	uint32_t common[SCORE_SPLITS][SCORE_FOLDS]; /* the commonest training class */
	double baseline; /* accuracy of the commonest training class under SCORE_GROUPS, or its fraction in all rows if larger */
	uint32_t *size;  /* rows of each group */
	/* What is used again for each variable. */
	size_t *start;             /* by code: where its rows begin when sorted */
	uint32_t *sorted;          /* (class, fold) of the rows by code */
	struct score_cell *cell;   /* by code, then as classes come */
	size_t cells;
	uint32_t *slot, *left, *right; /* by class, zeros between calls */
	uint32_t *predicted;          /* (codes,SCORE_FOLDS): the class predicted */
	long *surplus;             /* by group: rows right more than the commonest class has */
	struct mem_pool memory;
};

struct score_rows {
	size_t rows, classes, groups;
	const uint32_t *class, *group; /* by row, from 0; must outlive the score */
	const uint64_t *group_hash;    /* by group; needed by score_init only */
	uint64_t seed;                 /* of the dealing of single rows */
};

/* Deals the rows to folds: groups in the order of their hashes in turn, single
 * rows by a hash of their number. With fewer than two groups SCORE_GROUPS deals
 * single rows as well. Release with score_free, also after a failure (ST_SYS). */
int score_init(struct score *s, const struct score_rows *r);
void score_free(struct score *s);

/* The commonest training class of the very code, as the row has it; ties go to
 * the class with more training rows, a code not seen in training to the
 * commonest class. codes is more than any code, at most rows + 2. */
struct score_result score_lookup(struct score *s, enum score_split split, const uint32_t *code, size_t codes);

/* A tree on the order of the codes: best-first splits that lower Gini impurity
 * most (Breiman et al., Classification and Regression Trees, 1984, 4.3), up to
 * SCORE_LEAVES. code becomes bins of about equal numbers of rows where there
 * are more than SCORE_BINS codes. */
struct score_result score_tree(struct score *s, enum score_split split, uint32_t *code, size_t codes);

#endif
