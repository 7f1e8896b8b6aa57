/* preds: nnpredict's TSV, with truth, read for judging. */
#ifndef SER_JUDGE_PREDS_H
#define SER_JUDGE_PREDS_H

#include <stddef.h>

#include "judge/labels.h"
#include "judge/metrics.h"

/* What nnpredict answers where it answers no class: below its threshold, and
 * where it hears no speech. */
#define PREDS_UNCERTAIN "UNCERTAIN"
#define PREDS_NOSPEECH "NOSPEECH"

struct preds {
	char **class; /* names, in the order of the first input's p. columns, else sorted */
	size_t classes;
	struct metrics_record *record; /* groups numbered in the order of their names */
	char **key; /* of each record, with "@" and its start where it is a window's; "" without such a column */
	double *p;  /* (n,classes): the p. columns; NULL without them */
	size_t n, cap;
	size_t speakers; /* known groups */
	long skipped;    /* bad records passed over */
};

/* Reads the files as one table ("-" is standard input; none is as "-"), each
 * with its header, also in the middle where cat(1) put it. Columns are found
 * by name: label (the truth, wanted), group, pred and p.CLASS. The answer is
 * the class of the largest p. column; where several share it, pred's if it is
 * one of them, else the first. Without p. columns the answer is top1 or pred,
 * and the classes are those that occur. With them each record's calibration is
 * set, its of the record's number. All inputs must have the same classes,
 * in any order. A record without truth, or that cannot be right as it stands,
 * is an error (ST_DATA) that names file and line, unless fewer than skip_bad
 * were passed over so far; each of those is named on standard error. Classes,
 * UNCERTAIN and NOSPEECH are renamed by labels, which may be empty; what
 * nnpredict has renamed by the same table stays so. On failure *p is empty. */
int preds_read(struct preds *p, char *const *files, size_t n, long skip_bad, const struct labels *labels);

void preds_free(struct preds *p);

#endif
