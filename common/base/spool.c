#include "base/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	ALIGN = 64,
	PIECE = 64 << 20, /* bytes that are mapped together, at least; a multiple of any page's size */
};

static int
fail(void)
{
	const char *dir = getenv("TMPDIR");

	return err_set(ST_SYS, "temporary file in %s: %s; TMPDIR names another folder", dir == NULL || *dir == '\0' ? "/tmp" : dir,
	               strerror(errno));
}

/* Makes the file longer by a piece that has room for n bytes. */
static int
add_piece(struct spool *s, size_t n)
{
	size_t size = n > PIECE ? (n - 1) / PIECE * PIECE + PIECE : PIECE;
	struct map m = { .name = "temporary file" };
	int rc;

	if (s->maps == 0 && (rc = map_temp(&s->fd)) != ST_OK)
		return rc;
	rc = mem_push(&s->map, s->maps, sizeof m);
	if (rc == ST_OK)
		rc = ftruncate(s->fd, (off_t)(s->size + size)) != 0 ? fail() : map_part(&m, s->fd, (off_t)s->size, size);
	if (rc != ST_OK) {
		if (s->maps == 0)
			close(s->fd);
		return rc;
	}
	s->map[s->maps++] = m;
	s->size += size;
	s->used = 0;
	return ST_OK;
}

bool
spool_holds(struct spool *s, uint64_t n)
{
	bool fits = s->held + n <= SPOOL_HELD;

	s->held += fits ? n : 0;
	return fits;
}

int
spool_add(struct spool *s, const char *name, const void *data, size_t n, const void **at)
{
	const struct map *last;
	int rc = ST_OK;

	if (s->maps == 0 || n > s->map[s->maps - 1].size - s->used)
		rc = add_piece(s, n);
	if (rc == ST_OK) {
		last = &s->map[s->maps - 1];
		if (lseek(s->fd, (off_t)(s->size - last->size + s->used), SEEK_SET) < 0 || map_write(s->fd, data, n) != ST_OK)
			rc = fail();
	}
	if (rc != ST_OK)
		return err_prefix("%s: more than %d MiB come from a pipe", name, SPOOL_HELD >> 20);
	*at = last->data + s->used;
	s->used += (n + ALIGN - 1) / ALIGN * ALIGN;
	return ST_OK;
}

void
spool_free(struct spool *s)
{
	for (size_t i = 0; i < s->maps; i++)
		map_close(&s->map[i]);
	if (s->maps > 0)
		close(s->fd);
	free(s->map);
	*s = (struct spool){ 0 };
}
