#include "stream/provenance.h"

#include <stdlib.h>

#include "base/err.h"

int
provenance_add(const struct tool *t, struct meta *m)
{
	char *line = NULL;
	int rc = opt_describe(t, &line);

	if (rc == ST_OK)
		rc = meta_add(m, "pg", "%s", line);
	free(line);
	return rc;
}
