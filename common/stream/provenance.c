#include "stream/provenance.h"

#include <stdlib.h>

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
