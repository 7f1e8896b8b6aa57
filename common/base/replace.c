#ifdef __linux__
#define _GNU_SOURCE /* O_TMPFILE */
#endif
#include "base/replace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

enum { LINKS = 40, TRIES = 100 };

struct replace {
	char *name;   /* for messages */
	char *path;   /* where it is put */
	char *folder; /* which that is in */
	size_t base;  /* where its name there begins in path */
	char *temp;   /* the unfinished version's name, where it has one now */
	size_t room;  /* bytes of temp */
	int fd;       /* to give it one; -1 where it has */
	volatile sig_atomic_t named;
	bool complete;
	struct replace *next;
};

/* In the order in which they were begun; changed only with signals blocked. */
static struct replace *all;

/* The signals that end a program in ordinary life. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

static void
block_signals(sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(SIG_BLOCK, &set, old);
}

/* The descriptor that a path stands for, or -1. */
static int
descriptor(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
	char *end;

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < 2; i++) {
		const char *number = path + strlen(folders[i]);

		if (strncmp(path, folders[i], strlen(folders[i])) == 0 && isdigit((unsigned char)*number)) {
			long fd = strtol(number, &end, 10);

			return *end == '\0' && fd <= INT_MAX ? (int)fd : -1;
		}
	}
	return -1;
}

/* The folder that path is in, for the caller to free. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? mem_str(".") : mem_strn(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Replaces *path by what a link there says. */
static int
follow(char **path, const char *link)
{
	size_t folder = link[0] == '/' || strrchr(*path, '/') == NULL ? 0 : (size_t)(strrchr(*path, '/') - *path) + 1;
	size_t n = folder + strlen(link) + 1;
	char *to = mem_zero(n, 1);

	if (to == NULL)
		return ST_SYS;
	snprintf(to, n, "%.*s%s", (int)folder, *path, link);
	free(*path);
	*path = to;
	return ST_OK;
}

int
replace_resolve(const char *name, char **path, int *fd)
{
	char link[PATH_MAX];
	int rc = ST_OK, links = 0;
	ssize_t n;

	*path = mem_str(name);
	while (*path != NULL && rc == ST_OK && (*fd = descriptor(*path)) < 0 &&
	       (n = readlink(*path, link, sizeof link - 1)) >= 0) {
		link[n] = '\0';
		errno = ELOOP;
		rc = ++links > LINKS ? err_sys("%s", name) : follow(path, link);
	}
	if (*path != NULL && rc == ST_OK)
		return ST_OK;
	free(*path);
	*path = NULL;
	return ST_SYS;
}

void
replace_none(void)
{
	for (const struct replace *r = all; r != NULL; r = r->next)
		if (r->named)
			unlink(r->temp);
}

/* An interrupted tool leaves no unfinished file behind. */
static void
on_signal(int sig)
{
	replace_none();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
watch(struct replace *r)
{
	struct sigaction act, old;
	struct replace **end = &all;

	while (*end != NULL)
		end = &(*end)->next;
	*end = r;
	memset(&act, 0, sizeof act);
	act.sa_handler = on_signal;
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &act, NULL);
}

/* The mode a plain open() would have given. */
static mode_t
new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

int
replace_unnamed(const char *folder)
{
	int fd = -1;
#ifdef O_TMPFILE
	struct stat st;

	if (stat("/proc/self/fd", &st) == 0)
		fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
	(void)folder;
	return fd;
}

bool
replace_would_lose(const struct stat *input)
{
	struct stat st;

	for (const struct replace *r = all; r != NULL; r = r->next)
		if (stat(r->path, &st) == 0 && st.st_dev == input->st_dev && st.st_ino == input->st_ino)
			return true;
	return false;
}

/* Opens a file with a name that no other has. */
static int
open_named(struct replace *r)
{
	struct timespec now;
	int fd = -1;

	for (int i = 0; i < TRIES && fd < 0; i++) {
		clock_gettime(CLOCK_REALTIME, &now);
		snprintf(r->temp, r->room, "%s.%06lx", r->path,
		         (unsigned long)(now.tv_nsec / 16 + getpid() * 40503L + i) & 0xffffff);
		r->named = 1; /* before it is there: a signal may come at once */
		fd = open(r->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			r->named = 0;
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

/* Gives a file without a name one that nothing has. */
static int
make_link(const struct replace *r, const char *name)
{
	char self[32];

	snprintf(self, sizeof self, "/proc/self/fd/%d", r->fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* A link replaces nothing, so where there is something to replace it goes by another
 * name. That is for a moment and always the same: what a kill in that moment has left,
 * the next run removes. */
static int
link_beside(struct replace *r)
{
	const struct timespec moment = { .tv_nsec = 10 * 1000 * 1000 };

	snprintf(r->temp, r->room, "%s/.%.200s.unfinished", r->folder, r->path + r->base);
	for (int i = 0; i < TRIES; i++) {
		r->named = make_link(r, r->temp) == 0;
		if (r->named || errno != EEXIST)
			break;
		nanosleep(&moment, NULL); /* another run is about to replace the same file */
	}
	if (!r->named && errno == EEXIST && unlink(r->temp) == 0)
		r->named = make_link(r, r->temp) == 0;
	return r->named ? 0 : -1;
}

static void
release(struct replace *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->temp);
	free(r->folder);
	free(r->path);
	free(r->name);
	free(r);
}

/* Not in the list yet. */
static int
open_both(struct replace *r, int *fd)
{
	struct stat st;
	bool old = stat(r->path, &st) == 0;

	if (!old && errno != ENOENT) /* such as a name that is too long: better now than in the end */
		return err_sys("%s", r->name);
	if ((*fd = replace_unnamed(r->folder)) < 0)
		*fd = open_named(r);
	else if ((r->fd = fcntl(*fd, F_DUPFD_CLOEXEC, 0)) < 0) {
		close(*fd);
		*fd = -1;
	}
	if (*fd < 0)
		return err_sys("%s", r->name);
	if (old && fchown(*fd, st.st_uid, st.st_gid) != 0)
		errno = 0; /* root alone can keep another owner */
	fchmod(*fd, old ? st.st_mode & 0777 : new_mode());
	return ST_OK;
}

int
replace_begin(struct replace **replace, const char *name, const char *path, int *fd)
{
	struct replace *r = mem_zero(1, sizeof *r);
	sigset_t set;
	int rc;

	*replace = NULL;
	if (r == NULL)
		return ST_SYS;
	r->fd = -1;
	r->name = mem_str(name);
	r->path = mem_str(path);
	r->folder = folder_of(path);
	r->base = strrchr(path, '/') == NULL ? 0 : (size_t)(strrchr(path, '/') - path) + 1;
	r->room = strlen(path) + sizeof "./..unfinished";
	r->temp = mem_zero(r->room, 1);
	if (r->name == NULL || r->path == NULL || r->folder == NULL || r->temp == NULL) {
		release(r);
		return ST_SYS;
	}
	block_signals(&set);
	watch(r);
	rc = open_both(r, fd);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	if (rc == ST_OK)
		*replace = r;
	else
		replace_drop(r);
	return rc;
}

void
replace_complete(struct replace *r)
{
	r->complete = true;
}

void
replace_drop(struct replace *r)
{
	struct replace **p = &all;
	sigset_t set;

	if (r == NULL)
		return;
	block_signals(&set);
	if (r->named)
		unlink(r->temp);
	while (*p != r)
		p = &(*p)->next;
	*p = r->next;
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	release(r);
}

/* So that the file is there after a crash of the machine. Not every file system
 * can, and there is nothing to take back. */
static void
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int
put_in_place(struct replace *r)
{
	if (r->fd >= 0 && make_link(r, r->path) == 0)
		return ST_OK;
	if ((r->fd >= 0 && (errno != EEXIST || link_beside(r) != 0)) || rename(r->temp, r->path) != 0)
		return err_sys("%s", r->name);
	r->named = 0;
	return ST_OK;
}

int
replace_all(bool put)
{
	sigset_t set;
	int rc = ST_OK;

	block_signals(&set);
	for (struct replace *r = all; put && r != NULL && rc == ST_OK; r = r->next)
		if (r->complete)
			rc = put_in_place(r);
	for (struct replace *r = all, *next; r != NULL; r = next) {
		next = r->next;
		if (!r->complete)
			continue;
		if (put)
			sync_folder(r->folder);
		replace_drop(r);
	}
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	return rc;
}
