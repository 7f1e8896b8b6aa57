/* late: to be preloaded (LD_PRELOAD): a folder as a network file system shows it to
 * another host, late.
 *
 * A file below LATE_DIR that is younger than LATE_SECONDS, and that no program with
 * the same LATE_OWN wrote, is seen as it is below LATE_OLD: of an earlier time, cut,
 * or missing. LATE_OWN is a folder, in which a file by its name stands for each that was
 * written. All are absolute and without links. The host is called LATE_HOST. What is opened to be written to is
 * the file itself, as on a server. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static const char *dir, *old, *own;
static long seconds;

#define REAL(type, name, ...) \
	static type (*real)(__VA_ARGS__); \
	if (real == NULL) \
		*(void **)&real = dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void
start(void)
{
	const char *n = getenv("LATE_SECONDS");

	dir = getenv("LATE_DIR");
	old = getenv("LATE_OLD");
	own = getenv("LATE_OWN");
	seconds = n == NULL ? 0 : strtol(n, NULL, 10);
}

static int
real_stat(const char *path, struct stat *st)
{
	REAL(int, "stat", const char *, struct stat *);
	return real(path, st);
}

static int
real_open(const char *path, int flags)
{
	REAL(int, "open", const char *, int, ...);
	return real(path, flags, 0600);
}

/* Sets full, of PATH_MAX bytes, to the path; returns what comes after LATE_DIR, or NULL. */
static const char *
below(int at, const char *path, char *full)
{
	size_t n = 0;

	if (dir == NULL || old == NULL || own == NULL || path == NULL || (at != AT_FDCWD && path[0] != '/'))
		return NULL;
	if (path[0] != '/') {
		if (getcwd(full, PATH_MAX) == NULL)
			return NULL;
		n = strlen(full);
		full[n++] = '/';
	}
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (n + strlen(path) >= PATH_MAX)
		return NULL;
	strcpy(full + n, path);
	n = strlen(dir);
	return strncmp(full, dir, n) == 0 && full[n] == '/' ? full + n : NULL;
}

/* The file in LATE_OWN that stands for one. */
static void
marker(const char *rest, char *name)
{
	snprintf(name, PATH_MAX, "%s/%s", own, rest + 1);
	for (char *c = name + strlen(own) + 1; *c != '\0'; c++)
		if (*c == '/')
			*c = '%';
}

static void
mark(int at, const char *path)
{
	char full[PATH_MAX], name[PATH_MAX];
	const char *rest = below(at, path, full);
	int fd;

	if (rest == NULL)
		return;
	marker(rest, name);
	fd = real_open(name, O_WRONLY | O_CREAT);
	if (fd >= 0)
		close(fd);
}

/* The path to read from: that itself, or in buf, of PATH_MAX bytes, that of the old file. */
static const char *
see(int at, const char *path, char *buf)
{
	char full[PATH_MAX], name[PATH_MAX];
	const char *rest = below(at, path, full);
	struct stat st, mine;

	if (rest == NULL || real_stat(full, &st) != 0 || !S_ISREG(st.st_mode) || time(NULL) - st.st_ctime >= seconds)
		return path;
	marker(rest, name);
	if (real_stat(name, &mine) == 0)
		return path;
	snprintf(buf, PATH_MAX, "%s%s", old, rest);
	return buf;
}

/* The path to open: what is emptied or made anew is one's own. */
static const char *
see_open(int at, const char *path, int flags, char *buf)
{
	if ((flags & O_ACCMODE) == O_RDONLY && (flags & O_CREAT) == 0)
		return see(at, path, buf);
	if ((flags & (O_TRUNC | O_EXCL)) != 0)
		mark(at, path);
	return path;
}

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		char buf[PATH_MAX]; \
		va_list rest; \
		mode_t mode; \
		REAL(int, #name, const char *, int, ...); \
		va_start(rest, flags); \
		mode = (flags & (O_CREAT | __O_TMPFILE)) == 0 ? 0 : va_arg(rest, mode_t); \
		va_end(rest); \
		return real(see_open(AT_FDCWD, path, flags, buf), flags, mode); \
	}
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
	int name(int at, const char *path, int flags, ...) \
	{ \
		char buf[PATH_MAX]; \
		va_list rest; \
		mode_t mode; \
		REAL(int, #name, int, const char *, int, ...); \
		va_start(rest, flags); \
		mode = (flags & (O_CREAT | __O_TMPFILE)) == 0 ? 0 : va_arg(rest, mode_t); \
		va_end(rest); \
		return real(at, see_open(at, path, flags, buf), flags, mode); \
	}
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name) \
	FILE *name(const char *path, const char *mode) \
	{ \
		char buf[PATH_MAX]; \
		int flags = mode[0] == 'w' ? O_WRONLY | O_TRUNC : mode[0] == 'a' ? O_WRONLY : O_RDONLY; \
		REAL(FILE *, #name, const char *, const char *); \
		return real(see_open(AT_FDCWD, path, flags, buf), mode); \
	}
FOPEN(fopen)
FOPEN(fopen64)

#define STAT(name, type) \
	int name(const char *path, struct type *st) \
	{ \
		char buf[PATH_MAX]; \
		REAL(int, #name, const char *, struct type *); \
		return real(see(AT_FDCWD, path, buf), st); \
	}
STAT(stat, stat)
STAT(stat64, stat64)
STAT(lstat, stat)
STAT(lstat64, stat64)

#define STATAT(name, type) \
	int name(int at, const char *path, struct type *st, int flags) \
	{ \
		char buf[PATH_MAX]; \
		REAL(int, #name, int, const char *, struct type *, int); \
		return real(at, see(at, path, buf), st, flags); \
	}
STATAT(fstatat, stat)
STATAT(fstatat64, stat64)

int
statx(int at, const char *path, int flags, unsigned mask, struct statx *st)
{
	char buf[PATH_MAX];
	REAL(int, "statx", int, const char *, int, unsigned, struct statx *);
	return real(at, see(at, path, buf), flags, mask, st);
}

#define ACCESS(name) \
	int name(const char *path, int how) \
	{ \
		char buf[PATH_MAX]; \
		REAL(int, #name, const char *, int); \
		return real(see(AT_FDCWD, path, buf), how); \
	}
ACCESS(access)
ACCESS(eaccess)

int
faccessat(int at, const char *path, int how, int flags)
{
	char buf[PATH_MAX];
	REAL(int, "faccessat", int, const char *, int, int);
	return real(at, see(at, path, buf), how, flags);
}

int
rename(const char *from, const char *to)
{
	REAL(int, "rename", const char *, const char *);
	mark(AT_FDCWD, to);
	return real(from, to);
}

int
renameat(int from_at, const char *from, int to_at, const char *to)
{
	REAL(int, "renameat", int, const char *, int, const char *);
	mark(to_at, to);
	return real(from_at, from, to_at, to);
}

int
renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
	REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
	mark(to_at, to);
	return real(from_at, from, to_at, to, flags);
}

int
linkat(int from_at, const char *from, int to_at, const char *to, int flags)
{
	REAL(int, "linkat", int, const char *, int, const char *, int);
	mark(to_at, to);
	return real(from_at, from, to_at, to, flags);
}

int
uname(struct utsname *u)
{
	const char *name = getenv("LATE_HOST");
	REAL(int, "uname", struct utsname *);
	int rc = real(u);

	if (rc == 0 && name != NULL)
		snprintf(u->nodename, sizeof u->nodename, "%s", name);
	return rc;
}
