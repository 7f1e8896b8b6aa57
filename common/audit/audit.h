/* audit: finds columns that give the label away. Each feature is tried alone,
 * by simple predictors under cross-validation with whole groups held out (see
 * score.h), in every way in which a label leaks into a table: through the
 * value, through a part of its text, through its rank among the group's
 * values, and through memory of rows that share it. */
#ifndef SER_AUDIT_AUDIT_H
#define SER_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "table/table.h"

/* What was predicted from. */
enum audit_how {
	AUDIT_NONE,      /* nothing that could be tried */
	AUDIT_LOOKUP,    /* the commonest label of the value */
	AUDIT_TREE,      /* the range that the number falls into; row order: the position in the table */
	AUDIT_PART,      /* the commonest label of a part of the text, between characters that are not letters or digits */
	AUDIT_LEAD,      /* of the first characters of the only part that varies */
	AUDIT_TRAIL,     /* of its last characters */
	AUDIT_RANK,      /* of the rank among the group's distinct values, from the first; row order: the row's number in its group */
	AUDIT_RANK_END,  /* of the rank from the last */
	AUDIT_RANK_TREE, /* the range that rank / (distinct values - 1) falls into */
};

/* Thresholds are on the gain, which is 0 for always predicting the commonest
 * label and 1 for being right everywhere, whatever the number of labels. */
#define AUDIT_SURE 4.0       /* standard errors that a gain must have: about 20 predictors are tried on each of many columns */
#define AUDIT_USEFUL 0.01    /* less is of no use to a model, nor a danger */
#define AUDIT_GIVES 0.95     /* value or part: no measurement of people is that good alone; it is the label in another spelling */
#define AUDIT_STRONG 0.80    /* value or part: seldom honest, so look; rank or row order: a feature works by its value, so it leaks */
#define AUDIT_MARGIN 0.05    /* a rank this much better than value and parts is odd */
#define AUDIT_RANK_LEAD 0.10 /* and one of AUDIT_STRONG this much better than the value leaks */
#define AUDIT_MEMORY 0.10    /* what a split by rows adds to the value's gain where the value is an identifier */
#define AUDIT_BOUND 0.5      /* fraction of the values in one group only from which on they are bound to groups */
#define AUDIT_TIE 0.002      /* accuracy by which a later way must beat an earlier one to be named */

enum audit_verdict {
	AUDIT_LEAK,       /* gives the label away: value or part from AUDIT_GIVES, rank or row order from AUDIT_STRONG */
	AUDIT_SUSPECT,    /* value or part from AUDIT_STRONG, or rank ahead of both by AUDIT_MARGIN, or row order by AUDIT_MARGIN */
	AUDIT_IDENTIFIER, /* memorable: harmless only while groups are kept apart */
	AUDIT_SIGNAL,     /* predicts something, as a feature should */
	AUDIT_NOTHING,    /* about chance */
};

struct audit_score {
	enum audit_how how;
	unsigned part;   /* AUDIT_PART and on to AUDIT_TRAIL: which, from 1 */
	unsigned length; /* AUDIT_LEAD, AUDIT_TRAIL: characters */
	double accuracy; /* fraction of held-out rows predicted right */
	double gain;     /* (accuracy - baseline) / (1 - baseline); below 0 where worse */
	double error;    /* the gain's standard error */
};

enum { AUDIT_SAMPLE = 64 };

struct audit_finding {
	const char *name;  /* the table's own, or "(row order)" */
	bool row_order;
	bool by_rows;      /* fewer than two groups: single rows were held out, and ranks are among all rows */
	size_t rows;       /* with a label; others are left out */
	size_t missing;    /* empty cells among them */
	size_t distinct;   /* values, without the empty one */
	double one_group;  /* fraction of the values that occur in one group only; NAN where there are no values */
	double repeated;   /* fraction of the rows whose value occurs at least twice */
	double purity;     /* among those the fraction whose value has one label only; NAN where there are none */
	double baseline;   /* accuracy of the commonest label under the same folds, or its fraction where larger */
	struct audit_score value, part, rank; /* the best of each way */
	struct audit_score lookup, memory;    /* AUDIT_LOOKUP with groups apart, and with single rows dealt at random */
	struct audit_score best;              /* of value, part and rank */
	unsigned parts;                       /* the commonest number of parts of a value (at most AUDIT_PARTS); 0 for numbers */
	char sample[AUDIT_SAMPLE];            /* some values of part, "ANG, DIS, FEA, ..."; empty where all are long */
	bool by_value, by_part, by_rank;      /* which of them leak by themselves */
	bool identifier;                      /* as AUDIT_IDENTIFIER, also where the verdict is a worse one */
	enum audit_verdict verdict;
};

enum {
	AUDIT_PARTS = 8, /* part positions looked at */
	AUDIT_CHARS = 4, /* leading or trailing characters looked at, at most */
};

/* Audits columns feature[0..features) and the row order. group may be
 * TABLE_NONE. *finding becomes features + 1 findings in that order, row order
 * last, to be released with free(); they point into the table's names. Rows
 * with an empty label are left out. ST_DATA where no row has a label or all
 * have the same one. Same table and seed, same findings. Time is that of
 * sorting each column's distinct values plus about 20 passes over the rows;
 * memory about 150 bytes a row. */
int audit_table(const struct table *t, size_t label, size_t group, const size_t *feature, size_t features,
                uint64_t seed, struct audit_finding **finding);

/* "LEAK", "SUSPECT", "IDENTIFIER", "SIGNAL", "NOTHING". */
const char *audit_verdict_name(enum audit_verdict v);

/* Appends the finding as cells of AUDIT_HEADER, without the line's end. */
#define AUDIT_HEADER "feature\tverdict\tby\taccuracy\tbaseline\tgain\trows_split\tdistinct"
void audit_add_row(struct str *s, const struct audit_finding *f);

/* Appends the verdict's grounds, one sentence without line break or full stop. */
void audit_add_reason(struct str *s, const struct audit_finding *f);

#endif
