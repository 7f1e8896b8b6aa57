#include "exchange/member.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { ENTRIES_MAX = 65536, PIECE = 1 << 16 };

static int
failed(struct archive *a)
{
	const char *text = archive_error_string(a);

	if (archive_errno(a) == ENOMEM)
		return err_set(ST_SYS, "out of memory");
	return text == NULL ? err_set(ST_DATA, "damaged zip archive")
	                    : err_set(ST_DATA, "damaged zip archive: %.*s", (int)strcspn(text, "\n"), text);
}

/* What it unpacks to is believed only as it comes. */
static int
unpack(struct archive *a, struct member *m, size_t most)
{
	size_t cap = 0;
	la_ssize_t got = 1;
	int rc = ST_OK;

	while (rc == ST_OK && got > 0) {
		if ((rc = mem_room(&m->data, &cap, m->n + PIECE + 1, 1)) != ST_OK)
			break;
		got = archive_read_data(a, m->data + m->n, PIECE);
		if (got < 0)
			rc = failed(a);
		else if ((m->n += (size_t)got) > most)
			rc = err_set(ST_DATA, "%s in it is larger than %zu MiB", m->name, most >> 20);
	}
	if (rc == ST_OK)
		m->data[m->n] = '\0';
	return rc;
}

static int
take_entry(struct archive *a, const char *name, struct member *wanted, size_t n, size_t most)
{
	for (size_t i = 0; i < n && name != NULL; i++)
		if (strcmp(name, wanted[i].name) == 0)
			return wanted[i].data != NULL ? err_set(ST_DATA, "the zip archive has two entries named '%s'", name)
			                              : unpack(a, &wanted[i], most);
	return ST_OK;
}

int
member_read(const void *data, size_t size, struct member *wanted, size_t n, size_t most)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	size_t entries = 0;
	int rc, got = ARCHIVE_OK;

	if (a == NULL)
		return err_set(ST_SYS, "out of memory");
	archive_read_support_format_zip_seekable(a);
	rc = archive_read_open_memory(a, data, size) == ARCHIVE_OK ? ST_OK
	     : archive_errno(a) == ENOMEM                          ? failed(a)
	                                                           : err_set(ST_DATA, "damaged or cut off zip archive");
	while (rc == ST_OK && (got = archive_read_next_header(a, &entry)) != ARCHIVE_EOF)
		rc = got < ARCHIVE_WARN ? failed(a)
		     : ++entries > ENTRIES_MAX
		         ? err_set(ST_DATA, "the zip archive has more than %d entries", ENTRIES_MAX)
		         : take_entry(a, archive_entry_pathname(entry), wanted, n, most);
	archive_read_free(a);
	return rc;
}

void
member_free(struct member *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(wanted[i].data);
		wanted[i].data = NULL;
		wanted[i].n = 0;
	}
}
