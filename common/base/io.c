#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/relay.h"

enum { BUFFER = 1 << 17, PARCELS = 3 };

/* What io_behind's thread has to write. */
struct behind {
	struct relay relay;
	pthread_t thread;
	FILE *file;
	char *data[PARCELS];
	size_t used[PARCELS];
	size_t slot; /* being filled, where filling */
	bool filling;
	int failed; /* errno; read only once all is drained or ended */
};

struct io_out {
	FILE *file;
	char *name; /* where it will stand; for messages too */
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
open_temp(struct io_out *o)
{
	struct stat st;
	size_t n = strlen(o->name) + 8;
	int fd;

	o->temp = mem_zero(n, 1);
	if (o->temp == NULL)
		return ST_SYS;
	snprintf(o->temp, n, "%s.XXXXXX", o->name);
	fd = mkstemp(o->temp);
	if (fd < 0)
		return err_sys("%s", o->name);
	fchmod(fd, stat(o->name, &st) == 0 ? st.st_mode & 0777 : new_mode());
	o->file = fdopen(fd, "wb");
	if (o->file == NULL) {
		close(fd);
		unlink(o->temp);
		return err_sys("%s", o->name);
	}
	watch(o);
	return ST_OK;
}

static int
open_direct(struct io_out *o, bool standard)
{
	int fd = standard ? dup(STDOUT_FILENO) : open(o->name, O_WRONLY);

	if (fd < 0)
		return err_sys("%s", o->name);
	o->file = fdopen(fd, "wb");
	if (o->file == NULL) {
		close(fd);
		return err_sys("%s", o->name);
	}
	return ST_OK;
}

int
io_open(struct io_out **out, const char *name, bool binary)
{
	bool standard = name == NULL || strcmp(name, "-") == 0;
	struct io_out *o;
	struct stat st;
	int rc;

	*out = NULL;
	if (standard && binary && isatty(STDOUT_FILENO))
		return err_set(ST_USAGE, "standard output is a terminal: use -o FILE or a pipe");
	o = mem_zero(1, sizeof *o);
	if (o == NULL)
		return ST_SYS;
	o->name = mem_str(standard ? "standard output" : name);
	if (o->name == NULL)
		rc = ST_SYS;
	else if (standard || (stat(name, &st) == 0 && !S_ISREG(st.st_mode)))
		rc = open_direct(o, standard);
	else
		rc = open_temp(o);
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

static void *
write_parcels(void *arg)
{
	struct behind *b = arg;
	size_t slot;

	while (relay_next(&b->relay, &slot)) {
		if (b->failed == 0 && fwrite(b->data[slot], 1, b->used[slot], b->file) != b->used[slot]) {
			b->failed = errno;
			relay_stop(&b->relay);
		}
		relay_done(&b->relay);
	}
	return NULL;
}

int
io_behind(struct io_out *out)
{
	struct behind *b = mem_zero(1, sizeof *b);
	int rc = b == NULL ? ST_SYS : relay_init(&b->relay, PARCELS);

	if (rc != ST_OK) {
		free(b);
		return rc;
	}
	b->file = out->file;
	b->data[0] = mem_zero(PARCELS, BUFFER);
	for (size_t i = 1; i < PARCELS; i++)
		b->data[i] = b->data[0] + i * BUFFER;
	if (b->data[0] == NULL || pthread_create(&b->thread, NULL, write_parcels, b) != 0) {
		relay_destroy(&b->relay);
		free(b->data[0]);
		free(b);
		return err_set(ST_SYS, "%s: no memory or no thread", out->name);
	}
	out->behind = b;
	return ST_OK;
}

static int
behind_failed(const struct io_out *out)
{
	errno = out->behind->failed;
	return err_sys("%s", out->name);
}

static int
write_behind(struct io_out *out, const char *data, size_t n)
{
	struct behind *b = out->behind;

	while (n > 0) {
		size_t part;

		if (!b->filling) {
			if (!relay_want(&b->relay, &b->slot))
				return behind_failed(out);
			b->used[b->slot] = 0;
			b->filling = true;
		}
		part = BUFFER - b->used[b->slot] < n ? BUFFER - b->used[b->slot] : n;
		memcpy(b->data[b->slot] + b->used[b->slot], data, part);
		b->used[b->slot] += part;
		data += part;
		n -= part;
		if (b->used[b->slot] == BUFFER) {
			b->filling = false;
			relay_give(&b->relay);
		}
	}
	return ST_OK;
}

/* Hands on what there is, and waits until it is written. */
static int
drain_behind(struct io_out *out)
{
	struct behind *b = out->behind;

	if (b->filling)
		relay_give(&b->relay);
	b->filling = false;
	return relay_drain(&b->relay) ? ST_OK : behind_failed(out);
}

static void
end_behind(struct io_out *out)
{
	struct behind *b = out->behind;

	if (b == NULL)
		return;
	relay_end(&b->relay);
	pthread_join(b->thread, NULL);
	relay_destroy(&b->relay);
	free(b->data[0]);
	free(b);
	out->behind = NULL;
}

int
io_write(struct io_out *out, const void *data, size_t n)
{
	if (out->behind != NULL)
		return write_behind(out, data, n);
	if (n > 0 && fwrite(data, 1, n, out->file) != n)
		return err_sys("%s", out->name);
	return ST_OK;
}

int
io_flush(struct io_out *out)
{
	int rc = out->behind == NULL ? ST_OK : drain_behind(out);

	if (rc != ST_OK)
		return rc;
	if (fflush(out->file) != 0)
		return err_sys("%s", out->name);
	return ST_OK;
}

int
io_close(struct io_out *out)
{
	int rc = out->behind == NULL ? ST_OK : drain_behind(out);

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
