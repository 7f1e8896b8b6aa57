#include "table/unpack.h"

#include <fcntl.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/err.h"
#include "base/find.h"
#include "base/io.h"
#include "base/mem.h"

enum { BUFFER = 1 << 16, MAGIC = 6 };

/* Bytes of memory to decode xz: its strongest preset needs 65 MiB. */
static const uint64_t xz_memory = UINT64_C(256) << 20;

struct unpack {
	const char *name;
	int fd;
	enum { PLAIN, GZIP, XZ } kind;
	unsigned char *in;  /* BUFFER bytes as read */
	size_t at, have;    /* unused ones of them */
	bool ended;         /* nothing is left to read */
	bool between;       /* gzip: the last member is complete */
	z_stream gzip;
	lzma_stream xz;
};

static int
fill(struct unpack *u)
{
	int rc;

	if (u->at < u->have || u->ended)
		return ST_OK;
	u->at = 0;
	rc = io_read(u->fd, u->name, u->in, BUFFER, &u->have);
	u->ended = rc != ST_OK || u->have == 0;
	return rc;
}

static int
begin(struct unpack *u)
{
	static const unsigned char xz_magic[MAGIC] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
	int rc = fill(u);

	if (rc != ST_OK)
		return rc;
	if (u->have >= 2 && u->in[0] == 0x1f && u->in[1] == 0x8b) {
		u->kind = GZIP;
		if (inflateInit2(&u->gzip, 15 + 16) != Z_OK) /* 16: with gzip's header */
			return err_set(ST_SYS, "out of memory");
	} else if (u->have >= MAGIC && memcmp(u->in, xz_magic, MAGIC) == 0) {
		u->kind = XZ;
		if (lzma_stream_decoder(&u->xz, xz_memory, LZMA_CONCATENATED) != LZMA_OK)
			return err_set(ST_SYS, "out of memory");
	}
	return ST_OK;
}

int
unpack_open(struct unpack **unpack, const char *name)
{
	struct unpack *u = mem_zero(1, sizeof *u);
	bool standard = strcmp(name, "-") == 0;
	int rc;

	*unpack = NULL;
	if (u == NULL)
		return ST_SYS;
	u->name = standard ? "standard input" : name;
	u->fd = standard ? STDIN_FILENO : open(name, O_RDONLY);
	u->in = mem_zero(BUFFER, 1);
	if (u->in == NULL)
		rc = ST_SYS;
	else if (u->fd < 0)
		rc = find_missing(name);
	else
		rc = begin(u);
	if (rc != ST_OK) {
		unpack_close(u);
		return rc;
	}
	*unpack = u;
	return ST_OK;
}

static int
damaged(const struct unpack *u, const char *what)
{
	return err_set(ST_DATA, "%s: the %s data are %s", u->name, u->kind == GZIP ? "gzip" : "xz", what);
}

/* Members that follow each other are one file, as gzip -d has it. */
static int
inflate_some(struct unpack *u, size_t *got, size_t n)
{
	int z;

	if (u->between) {
		if (u->at == u->have)
			return ST_OK;
		inflateReset(&u->gzip);
		u->between = false;
	}
	u->gzip.next_in = u->in + u->at;
	u->gzip.avail_in = (uInt)(u->have - u->at);
	z = inflate(&u->gzip, Z_NO_FLUSH);
	u->at = u->have - u->gzip.avail_in;
	*got = n - u->gzip.avail_out;
	u->between = z == Z_STREAM_END;
	if (z == Z_OK || z == Z_STREAM_END)
		return ST_OK;
	if (z == Z_MEM_ERROR)
		return err_set(ST_SYS, "%s: out of memory", u->name);
	return z == Z_BUF_ERROR && u->ended ? damaged(u, "cut off") : damaged(u, "damaged");
}

static int
decode_some(struct unpack *u, size_t *got, size_t n)
{
	lzma_ret z;

	u->xz.next_in = u->in + u->at;
	u->xz.avail_in = u->have - u->at;
	z = lzma_code(&u->xz, u->ended ? LZMA_FINISH : LZMA_RUN);
	u->at = u->have - u->xz.avail_in;
	*got = n - u->xz.avail_out;
	u->between = z == LZMA_STREAM_END;
	if (z == LZMA_OK || z == LZMA_STREAM_END)
		return ST_OK;
	if (z == LZMA_MEM_ERROR)
		return err_set(ST_SYS, "%s: out of memory", u->name);
	if (z == LZMA_MEMLIMIT_ERROR)
		return err_set(ST_DATA, "%s: xz requires more than 256 MiB to decode it", u->name);
	return z == LZMA_BUF_ERROR ? damaged(u, "cut off") : damaged(u, "damaged");
}

int
unpack_read(struct unpack *u, void *data, size_t n, size_t *got)
{
	int rc = ST_OK;

	*got = 0;
	if ((rc = fill(u)) != ST_OK)
		return rc;
	if (u->kind == PLAIN) {
		*got = u->have - u->at < n ? u->have - u->at : n;
		memcpy(data, u->in + u->at, *got);
		u->at += *got;
		return ST_OK;
	}
	u->gzip.next_out = u->xz.next_out = data;
	u->gzip.avail_out = (uInt)n;
	u->xz.avail_out = n;
	while (rc == ST_OK && *got < n && !(u->ended && u->between)) {
		if ((rc = fill(u)) == ST_OK)
			rc = u->kind == GZIP ? inflate_some(u, got, n) : decode_some(u, got, n);
	}
	return rc;
}

int
unpack_fd(const struct unpack *u)
{
	return u->fd;
}

void
unpack_close(struct unpack *u)
{
	if (u == NULL)
		return;
	if (u->kind == GZIP)
		inflateEnd(&u->gzip);
	else if (u->kind == XZ)
		lzma_end(&u->xz);
	if (u->fd > STDIN_FILENO)
		close(u->fd);
	free(u->in);
	free(u);
}
