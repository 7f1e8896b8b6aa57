#define _GNU_SOURCE /* F_SETPIPE_SZ, sync_file_range */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/find.h"
#include "base/kind.h"
#include "base/mem.h"
#include "base/replace.h"
#include "base/thread.h"

enum {
	SMALL = 1 << 15,   /* bytes that wait for others; more are written at once, from where they are */
	BUFFER = 1 << 17,  /* of a parcel */
	PARCELS = 3,
	STORED = 1 << 22,  /* bytes of a file that are stored together */
	PIPE = 1 << 20,    /* bytes of a pipe: several records; the most that Linux gives to all */
};

/* What io_behind's worker has to write. */
struct behind {
	struct queue *queue;
	size_t slot; /* being filled, where filling */
	bool filling;
	bool failed; /* what comes behind is not written: known to the worker alone */
	size_t used[PARCELS];
	char data[PARCELS][BUFFER];
};

struct io_out {
	FILE *file;               /* of io_stream */
	size_t used;              /* bytes of small */
	char *name;               /* for messages */
	struct replace *replace;  /* the file that it becomes; NULL where written directly */
	off_t written, stored;    /* bytes of such a file; those that are on their way to the disk */
	struct behind *behind;    /* NULL: io_write writes itself */
	char small[SMALL];
};

static void
release(struct io_out *o)
{
	free(o->name);
	free(o);
}

/* What is no file that could be replaced is written to directly. */
static int
open_path(struct io_out *o, int *fd)
{
	struct stat st;
	char *path;
	int rc = replace_resolve(o->name, &path, fd);

	if (rc != ST_OK)
		return rc;
	if (*fd >= 0)
		*fd = dup(*fd);
	else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		*fd = open(path, O_WRONLY);
	else
		rc = replace_begin(&o->replace, o->name, path, fd);
	free(path);
	return rc;
}

static int
open_file(struct io_out *o, bool standard)
{
	int fd = -1, rc = ST_OK;

	if (standard)
		fd = dup(STDOUT_FILENO);
	else
		rc = open_path(o, &fd);
	if (rc != ST_OK)
		return rc;
	if (fd >= 0 && (o->file = fdopen(fd, "wb")) != NULL)
		return ST_OK;
	rc = err_sys("%s", o->name);
	if (fd >= 0)
		close(fd);
	replace_drop(o->replace);
	return rc;
}

/* Linux's 64 KiB are filled so often that the two sides spend much time in waking each other. Where it cannot be
 * done, things work all the same. */
void
io_widen(int fd)
{
#ifdef F_SETPIPE_SZ
	int size = fcntl(fd, F_GETPIPE_SZ);

	if (size >= 0 && size < PIPE)
		fcntl(fd, F_SETPIPE_SZ, PIPE);
#else
	(void)fd;
#endif
}

int
io_open(struct io_out **out, const char *name, bool binary)
{
	bool standard = name == NULL || strcmp(name, "-") == 0;
	struct io_out *o;
	int rc;

	*out = NULL;
	if (standard && binary && isatty(STDOUT_FILENO))
		return err_set(ST_USAGE, "standard output is a terminal: use -o FILE or a pipe");
	o = mem_zero(1, sizeof *o);
	if (o == NULL)
		return ST_SYS;
	o->name = mem_str(standard ? "standard output" : name);
	rc = o->name == NULL ? ST_SYS : open_file(o, standard);
	if (rc != ST_OK) {
		release(o);
		return rc;
	}
	if (binary)
		io_widen(fileno(o->file));
	*out = o;
	return ST_OK;
}

FILE *
io_stream(struct io_out *out)
{
	return out->file;
}

/* Has the disk begin with what is written of a file, which io_close would have to wait for. */
static void
store(struct io_out *out, int fd)
{
	if (out->replace == NULL || out->written - out->stored < STORED)
		return;
#ifdef SYNC_FILE_RANGE_WRITE
	sync_file_range(fd, out->stored, out->written - out->stored, SYNC_FILE_RANGE_WRITE); /* fsync tells what fails */
#endif
	(void)fd;
	out->stored = out->written;
}

/* Writes what waits, and the data; false, with errno, where that fails. */
static bool
write_all(struct io_out *out, const void *data, size_t n)
{
	struct iovec part[2] = { { out->small, out->used }, { (void *)(uintptr_t)data, n } };
	int fd = fileno(out->file), i = 0;
	ssize_t done;

	out->used = 0;
	while (part[0].iov_len + part[1].iov_len > 0) {
		i = part[0].iov_len == 0;
		if ((done = writev(fd, part + i, 2 - i)) < 0 && errno != EINTR)
			return false;
		out->written += done > 0 ? done : 0;
		for (; done > 0 && i < 2; i++) {
			size_t less = (size_t)done < part[i].iov_len ? (size_t)done : part[i].iov_len;

			part[i].iov_base = (char *)part[i].iov_base + less;
			part[i].iov_len -= less;
			done -= (ssize_t)less;
		}
	}
	store(out, fd);
	return true;
}

static int
write_file(struct io_out *out, const void *data, size_t n)
{
	if (n >= SMALL - out->used)
		return write_all(out, data, n) ? ST_OK : err_sys("%s", out->name);
	if (n > 0)
		memcpy(out->small + out->used, data, n);
	out->used += n;
	return ST_OK;
}

static int
write_parcel(void *ctx, int worker, size_t slot)
{
	struct io_out *out = ctx;
	struct behind *b = out->behind;
	int rc = b->failed ? ST_SYS : write_file(out, b->data[slot], b->used[slot]);

	(void)worker;
	b->failed = rc != ST_OK;
	return rc;
}

int
io_behind(struct io_out *out)
{
	const struct queue_plan plan = { .workers = 1, .slots = PARCELS, .ctx = out, .work = write_parcel };
	struct behind *b = mem_zero(1, sizeof *b);

	if (b == NULL || queue_open(&b->queue, &plan) != ST_OK) {
		free(b);
		return ST_SYS;
	}
	out->behind = b;
	return ST_OK;
}

static void
push_parcel(struct behind *b)
{
	b->filling = false;
	queue_push(b->queue);
}

static int
write_behind(struct behind *b, const char *data, size_t n)
{
	while (n > 0) {
		size_t part, *used;

		if (!b->filling) {
			int rc = queue_slot(b->queue, &b->slot);

			if (rc != ST_OK)
				return rc;
			b->used[b->slot] = 0;
			b->filling = true;
		}
		used = &b->used[b->slot];
		part = BUFFER - *used < n ? BUFFER - *used : n;
		memcpy(b->data[b->slot] + *used, data, part);
		*used += part;
		data += part;
		n -= part;
		if (*used == BUFFER)
			push_parcel(b);
	}
	return ST_OK;
}

/* Hands on what there is, and waits until it is written. */
static int
drain_behind(struct behind *b)
{
	if (b == NULL)
		return ST_OK;
	if (b->filling)
		push_parcel(b);
	return queue_drain(b->queue);
}

static void
end_behind(struct io_out *out)
{
	if (out->behind != NULL)
		queue_close(out->behind->queue);
	free(out->behind);
	out->behind = NULL;
}

int
io_write(struct io_out *out, const void *data, size_t n)
{
	return out->behind != NULL ? write_behind(out->behind, data, n) : write_file(out, data, n);
}

int
io_flush(struct io_out *out)
{
	int rc = drain_behind(out->behind);

	if (rc == ST_OK && (!write_all(out, NULL, 0) || fflush(out->file) != 0))
		rc = err_sys("%s", out->name);
	return rc;
}

int
io_close(struct io_out *out)
{
	int rc = drain_behind(out->behind);

	end_behind(out);
	/* A failed print earlier shows only as the stream's error flag. */
	if (rc == ST_OK && (!write_all(out, NULL, 0) || ferror(out->file) || fflush(out->file) != 0))
		rc = err_sys("%s", out->name);
	if (rc == ST_OK && out->replace != NULL && fsync(fileno(out->file)) != 0)
		rc = err_sys("%s", out->name);
	if (fclose(out->file) != 0 && rc == ST_OK)
		rc = err_sys("%s", out->name);
	if (rc != ST_OK)
		replace_drop(out->replace);
	else if (out->replace != NULL)
		replace_complete(out->replace);
	release(out);
	return rc;
}

void
io_abort(struct io_out *out)
{
	if (out == NULL)
		return;
	end_behind(out);
	if (out->replace == NULL) {
		signal(SIGPIPE, SIG_IGN); /* the caller's message is still to come */
		write_all(out, NULL, 0);
	}
	fclose(out->file);
	replace_drop(out->replace);
	release(out);
}

/* Until a descriptor that would not be waited for has something to read. */
static bool
wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, -1) > 0 || errno == EINTR;
}

/* At at, or where at is -1 on from where fd is. */
static int
read_all(int fd, const char *name, off_t at, void *data, size_t n, size_t *got)
{
	char *p = data;
	ssize_t r;

	*got = 0;
	while (*got < n) {
		r = at < 0 ? read(fd, p + *got, n - *got) : pread(fd, p + *got, n - *got, at + (off_t)*got);
		if (r < 0 && (errno == EINTR || (errno == EAGAIN && wait_for(fd))))
			continue;
		if (r < 0)
			return errno == EISDIR ? err_set(ST_DATA, "%s: is a directory", name) : err_sys("%s", name);
		if (r == 0)
			break;
		*got += (size_t)r;
	}
	return ST_OK;
}

int
io_read(int fd, const char *name, void *data, size_t n, size_t *got)
{
	return read_all(fd, name, -1, data, n, got);
}

int
io_peek(int fd, const char *name, void *data, size_t n, size_t *got)
{
	return read_all(fd, name, lseek(fd, 0, SEEK_CUR), data, n, got);
}

int
io_slurp(const char *name, size_t max, char **text, size_t *len)
{
	bool standard = strcmp(name, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(name, O_RDONLY);
	size_t cap = 0, got = 0;
	int rc = ST_OK;

	*text = NULL;
	*len = 0;
	if (fd < 0) /* a path that cannot be opened is wrong input, as everywhere */
		return find_missing(name);
	do {
		rc = mem_room(text, &cap, cap == 0 ? 65536 : cap + 1, 1);
		if (rc == ST_OK)
			rc = io_read(fd, name, *text + *len, cap - *len - 1, &got);
		if (rc == ST_OK && *len == 0 && got > 0 && (rc = kind_refuse(KIND_TEXT, name, *text, got)) != ST_OK)
			err_prefix("%s", name);
		*len += got;
		if (rc == ST_OK && *len > max)
			rc = err_set(ST_DATA, "%s: larger than %zu bytes", name, max);
	} while (rc == ST_OK && *len == cap - 1);
	if (!standard)
		close(fd);
	if (rc != ST_OK) {
		free(*text);
		*text = NULL;
		return rc;
	}
	(*text)[*len] = '\0';
	return ST_OK;
}
