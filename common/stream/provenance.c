#include "stream/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int
provenance_add(const struct tool *t, struct meta *m)
{
	const char *note = getenv("SERTOOLS_NOTE");
	char *line = NULL;
	int rc = opt_describe(t, &line);

	if (rc == ST_OK)
		rc = meta_add(m, "pg", "%s%s%s", line, note == NULL ? "" : " note=", note == NULL ? "" : note);
	free(line);
	return rc;
}

int
provenance_follow(const struct tool *t, const struct meta *from, struct meta *m)
{
	int rc = ST_OK;

	for (size_t i = 0; i < from->n && rc == ST_OK; i++)
		if (strcmp(from->item[i].name, "pg") == 0)
			rc = meta_add(m, "pg", "%s", from->item[i].value);
	return rc == ST_OK ? provenance_add(t, m) : rc;
}
