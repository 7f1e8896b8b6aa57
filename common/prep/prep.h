/* prep: runs a prep(5) recipe over CSV files. Rows are read in batches; steps
 * that need no other row are done batch by batch, so that only what they leave is
 * kept; the first step that learns from all rows, or puts rows together, and those
 * behind it work on the whole. */
#ifndef SER_PREP_PREP_H
#define SER_PREP_PREP_H

#include "prep/step.h"

/* Reads recipe and state and checks all that can be checked without rows. ST_USAGE
 * where tables given and joined do not fit, ST_DATA else. */
int prep_open(struct prep *p, const struct prep_plan *plan);

/* Reads the tables, runs the steps and hands the rows on. */
int prep_run(struct prep *p);

/* The rows that steps have dropped: for each step that has, calls say with its
 * position ("R.prep: line 4 (filter)") and how many. */
void prep_dropped(const struct prep *p, void (*say)(const char *where, uint64_t rows));

void prep_free(struct prep *p);

#endif
