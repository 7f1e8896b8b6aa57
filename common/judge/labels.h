/* labels: what classes are called when shown to people, such as in French. */
#ifndef SER_JUDGE_LABELS_H
#define SER_JUDGE_LABELS_H

#include <stddef.h>

struct labels {
	char *file; /* for messages; NULL where nothing was read */
	char **name;
	char **shown;
	size_t n;
};

/* Reads a TSV without a header, a name and what is shown for it a line;
 * lines that begin with '#' are comments. ST_DATA, with file and line: a name
 * that appears twice, one that is shown for another and renamed itself (so
 * renaming twice is as once), text that cannot be a name. Several names may
 * have one that is shown, for corpora that name a class differently. Release
 * with labels_free, also after a failure. */
int labels_read(struct labels *l, const char *file);
void labels_free(struct labels *l);

/* What is shown for name: name itself where the table has none, also NULL. */
const char *labels_show(const struct labels *l, const char *name);

/* ST_DATA where two of the n names, which are used together, would be shown
 * alike. */
int labels_check(const struct labels *l, const char *const *names, size_t n);

#endif
