/* describe: what a column of a table holds, in figures. */
#ifndef SER_AUDIT_DESCRIBE_H
#define SER_AUDIT_DESCRIBE_H

#include <stddef.h>

#include "base/str.h"
#include "table/table.h"

enum {
	DESCRIBE_TOP = 6,  /* as many of the most frequent values are kept */
	DESCRIBE_FEW = 20, /* numbers with more distinct values than this get none */
};

struct describe_value {
	size_t row;   /* of the table, the first that has the value: see table_cell */
	size_t count; /* rows that have it */
};

struct describe {
	const char *name;     /* the table's own */
	enum table_kind kind; /* TABLE_NUMBER where there is a cell that is not empty and all such are numbers */
	size_t rows, missing, distinct; /* empty cells are missing and no value */
	/* Of numbers; NAN where there are none, deviation also where there is one. */
	double min, q1, median, q3, max; /* quantiles interpolated linearly, as pandas does */
	double mean, deviation;          /* of the sample, with N-1 */
	size_t longest;                  /* of text: characters (UTF-8) of the longest value */
	struct describe_value top[DESCRIBE_TOP]; /* the most frequent first; equal ones in their order */
	size_t tops;
};

/* Describes a column; the table stays as it is. Fails (ST_SYS) for want of
 * memory, or (ST_DATA) over CODES_ROWS_MAX rows. */
int describe_column(const struct table *t, size_t column, struct describe *d);

/* Appends that description of t's column as a line of DESCRIBE_HEADER. */
#define DESCRIBE_HEADER \
	"column\ttype\trows\tmissing\tdistinct\tlongest\tmin\tq1\tmedian\tq3\tmax\tmean\tdeviation\tvalues\n"
void describe_add_row(struct str *out, const struct table *t, size_t column, const struct describe *d);

#endif
