#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/thread.h"

enum { BUFFER = 1 << 17, PARCELS = 3 };

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
	FILE *file;
	char *name; /* the file's in the end; for messages too */
	char *temp; /* its unfinished version, NULL where written directly */
	struct behind *behind; /* NULL: io_write writes itself */
	struct io_out *next;
};

/* Unfinished files, for the signal handler: only touched with signals blocked. */
static struct io_out *unfinished;

static void
block_signals(sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, old);
}

/* An interrupted tool leaves no unfinished file behind. */
static void
remove_unfinished(int sig)
{
	struct io_out *o;

	for (o = unfinished; o != NULL; o = o->next)
		unlink(o->temp);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
watch(struct io_out *o)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act, old;
	sigset_t set;

	block_signals(&set);
	o->next = unfinished;
	unfinished = o;
	memset(&act, 0, sizeof act);
	act.sa_handler = remove_unfinished;
	for (size_t i = 0; i < sizeof sigs / sizeof sigs[0]; i++)
		if (sigaction(sigs[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(sigs[i], &act, NULL);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
}

static void
unwatch(const struct io_out *o)
{
	struct io_out **p;
	sigset_t set;

	block_signals(&set);
	for (p = &unfinished; *p != NULL; p = &(*p)->next)
		if (*p == o) {
			*p = o->next;
			break;
		}
	pthread_sigmask(SIG_SETMASK, &set, NULL);
}

static void
release(struct io_out *o)
{
	free(o->temp);
	free(o->name);
	free(o);
}

/* The mode a plain open() would have given. */
static mode_t
new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int
open_temp(struct io_out *o, int *fd)
{
	struct stat st;
	size_t n = strlen(o->name) + 8;

	o->temp = mem_zero(n, 1);
	if (o->temp == NULL)
		return ST_SYS;
	snprintf(o->temp, n, "%s.XXXXXX", o->name);
	if ((*fd = mkstemp(o->temp)) >= 0)
		fchmod(*fd, stat(o->name, &st) == 0 ? st.st_mode & 0777 : new_mode());
	return ST_OK;
}

static int
open_file(struct io_out *o, bool standard)
{
	struct stat st;
	int fd, rc = ST_OK;

	if (standard)
		fd = dup(STDOUT_FILENO);
	else if (stat(o->name, &st) == 0 && !S_ISREG(st.st_mode))
		fd = open(o->name, O_WRONLY);
	else
		rc = open_temp(o, &fd);
	if (rc != ST_OK)
		return rc;
	if (fd >= 0 && (o->file = fdopen(fd, "wb")) != NULL) {
		if (o->temp != NULL)
			watch(o);
		return ST_OK;
	}
	rc = err_sys("%s", o->name);
	if (fd >= 0) {
		close(fd);
		if (o->temp != NULL)
			unlink(o->temp);
	}
	return rc;
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
	/* stdio's 4 KiB are a call of the system for each dozen of records. */
	if (!isatty(fileno(o->file)))
		setvbuf(o->file, NULL, _IOFBF, BUFFER);
	*out = o;
	return ST_OK;
}

FILE *
io_stream(struct io_out *out)
{
	return out->file;
}

static int
write_file(struct io_out *out, const void *data, size_t n)
{
	return n > 0 && fwrite(data, 1, n, out->file) != n ? err_sys("%s", out->name) : ST_OK;
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

	if (rc != ST_OK)
		return rc;
	if (fflush(out->file) != 0)
		return err_sys("%s", out->name);
	return ST_OK;
}

int
io_close(struct io_out *out)
{
	int rc = drain_behind(out->behind);

	end_behind(out);
	/* A failed print earlier shows only as the stream's error flag. */
	if (rc == ST_OK && (ferror(out->file) || fflush(out->file) != 0))
		rc = err_sys("%s", out->name);
	if (rc == ST_OK && out->temp != NULL && fsync(fileno(out->file)) != 0)
		rc = err_sys("%s", out->name);
	if (fclose(out->file) != 0 && rc == ST_OK)
		rc = err_sys("%s", out->name);
	if (out->temp != NULL) {
		if (rc == ST_OK && rename(out->temp, out->name) != 0)
			rc = err_sys("%s", out->name);
		if (rc != ST_OK)
			unlink(out->temp);
		unwatch(out);
	}
	release(out);
	return rc;
}

void
io_abort(struct io_out *out)
{
	if (out == NULL)
		return;
	end_behind(out);
	if (out->temp == NULL)
		signal(SIGPIPE, SIG_IGN); /* what fclose flushes: the caller's message is still to come */
	fclose(out->file);
	if (out->temp != NULL) {
		unlink(out->temp);
		unwatch(out);
	}
	release(out);
}

int
io_read(int fd, const char *name, void *data, size_t n, size_t *got)
{
	char *p = data;
	ssize_t r;

	*got = 0;
	while (*got < n) {
		r = read(fd, p + *got, n - *got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys("%s", name);
		if (r == 0)
			break;
		*got += (size_t)r;
	}
	return ST_OK;
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
		return err_set(ST_DATA, "%s: %s", name, strerror(errno));
	do {
		rc = mem_room(text, &cap, cap == 0 ? 65536 : cap + 1, 1);
		if (rc == ST_OK)
			rc = io_read(fd, name, *text + *len, cap - *len - 1, &got);
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
