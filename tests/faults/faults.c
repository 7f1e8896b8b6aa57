/* faults: to be preloaded (LD_PRELOAD): the FAULT_AT-th call of a kind fails.
 *
 * FAULT_CALL names the kind (memory, read, write, open, map, rename, ...: see kinds),
 * FAULT_HOW what happens: "error" (the default), "interrupted" (EINTR) or "short" (one
 * byte is read or written). With FAULT_COUNT a file says at the end how many calls of
 * the kind there were.
 *
 * Memory fails wherever it is asked for, but for the libraries in own_ways; everything
 * else fails only where the program itself asks. Streams (stdio) of the program go
 * through the functions here, too: the C library's own calls could not be seen. */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* glibc's own, which its malloc() and so on are names of. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

/* What read and open become with _FORTIFY_SOURCE. */
ssize_t __read_chk(int fd, void *data, size_t n, size_t room);
int __open_2(const char *name, int flags);

enum kind { MEMORY, READ, WRITE, OPEN, MAP, RENAME, LINK, SYNC, CLOSE, THREAD, POLL, DUP, STAT, SEEK, TEMP, KINDS };
static const struct {
	const char *name;
	int error;
} kinds[KINDS] = {
	[MEMORY] = { "memory", ENOMEM }, [READ] = { "read", EIO },     [WRITE] = { "write", ENOSPC },
	[OPEN] = { "open", EMFILE },     [MAP] = { "map", ENOMEM },    [RENAME] = { "rename", EACCES },
	[LINK] = { "link", ENOSPC },     [SYNC] = { "sync", EIO },     [CLOSE] = { "close", EIO },
	[THREAD] = { "thread", EAGAIN }, [POLL] = { "poll", EINTR },   [DUP] = { "dup", EMFILE },
	[STAT] = { "stat", EIO },        [SEEK] = { "seek", ESPIPE },  [TEMP] = { "temp", ENOSPC },
};

/* Libraries whose own requests are let be, as they do not answer for what they do not
 * get: libarchive ends the process, as librubberband does by an exception of C++, libsoxr and libvorbis write to where NULL points,
 * libmpg123 prints messages of its own, and libsndfile, libFLAC and libopus take it for
 * a damaged recording (status 3). */
static const char *const own_ways[] = { "libarchive", "libsoxr", "libsndfile", "libvorbis", "libogg", "libFLAC",
	"libopus", "libmpg123", "libmp3lame", "librubberband", "libstdc++" };

enum { RANGES = 32, FILES = 1024 };
static struct range {
	uintptr_t from, to;
} program, library[RANGES];
static size_t libraries;
static atomic_long calls;
static long fault_at;
static enum kind fault_kind = KINDS;
static enum { ERROR, INTERRUPTED, SHORT } how;
static FILE *stream[FILES]; /* by descriptor, what fdopen has made here */

static bool
in(const struct range *r, const void *p)
{
	return (uintptr_t)p >= r->from && (uintptr_t)p < r->to;
}

static int
find_code(struct dl_phdr_info *info, size_t size, void *first)
{
	bool *is_first = first, known = *is_first;

	(void)size;
	for (size_t i = 0; i < sizeof own_ways / sizeof own_ways[0]; i++)
		known = known || strstr(info->dlpi_name, own_ways[i]) != NULL;
	for (int i = 0; known && i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0) {
			uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			struct range r = { from, from + info->dlpi_phdr[i].p_memsz };

			if (*is_first)
				program = r;
			else if (libraries < RANGES)
				library[libraries++] = r;
		}
	*is_first = false;
	return 0;
}

static __attribute__((constructor)) void
begin(void)
{
	const char *at = getenv("FAULT_AT"), *call = getenv("FAULT_CALL"), *way = getenv("FAULT_HOW");
	bool first = true;

	fault_at = at == NULL ? 0 : atol(at);
	how = way == NULL || *way == 'e' ? ERROR : *way == 'i' ? INTERRUPTED : SHORT;
	dl_iterate_phdr(find_code, &first);
	for (enum kind k = 0; k < KINDS; k++)
		if (strcmp(kinds[k].name, call == NULL ? "memory" : call) == 0)
			fault_kind = k;
	if (fault_kind == KINDS) {
		fprintf(stderr, "faults: no such kind: %s\n", call);
		_exit(99);
	}
	alarm(60); /* ends a run that hangs */
	calls = 0;
}

static __attribute__((destructor)) void
end(void)
{
	const char *name = getenv("FAULT_COUNT");
	char text[32];
	int fd;

	if (name == NULL || (fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666)) < 0)
		return;
	if (write(fd, text, (size_t)snprintf(text, sizeof text, "%ld\n", (long)calls)) < 0)
		_exit(99);
	close(fd);
}

static bool
is_exempt(enum kind kind, const void *caller)
{
	if (kind != MEMORY)
		return !in(&program, caller);
	for (size_t i = 0; i < libraries; i++)
		if (in(&library[i], caller))
			return true;
	return false;
}

/* Counts a call that is the program's; true where this one is to fail. */
static bool
counts(enum kind kind)
{
	if (kind != fault_kind || ++calls != fault_at)
		return false;
	errno = how == INTERRUPTED ? EINTR : kinds[kind].error;
	return true;
}

static bool
fails(enum kind kind, const void *caller)
{
	return !is_exempt(kind, caller) && counts(kind);
}

#define CALLER __builtin_return_address(0)
#define REAL(name) \
	static __typeof__(&name) real; \
	if (real == NULL) \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

void *
malloc(size_t n)
{
	return fails(MEMORY, CALLER) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails(MEMORY, CALLER) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails(MEMORY, CALLER) ? NULL : __libc_realloc(p, n);
}

void *
aligned_alloc(size_t alignment, size_t n)
{
	return fails(MEMORY, CALLER) ? NULL : __libc_memalign(alignment, n);
}

static ssize_t
read_some(bool fault, int fd, void *data, size_t n)
{
	REAL(read);
	if (fault && how != SHORT)
		return -1;
	return real(fd, data, fault && n > 1 ? 1 : n);
}

ssize_t
read(int fd, void *data, size_t n)
{
	return read_some(fails(READ, CALLER), fd, data, n);
}

ssize_t
__read_chk(int fd, void *data, size_t n, size_t room)
{
	(void)room;
	return read_some(fails(READ, CALLER), fd, data, n);
}

ssize_t
pread(int fd, void *data, size_t n, off_t at)
{
	bool fault = fails(READ, CALLER);
	REAL(pread);
	if (fault && how != SHORT)
		return -1;
	return real(fd, data, fault && n > 1 ? 1 : n, at);
}

static ssize_t
write_some(bool fault, int fd, const void *data, size_t n)
{
	REAL(write);
	if (fault && how != SHORT)
		return -1;
	return real(fd, data, fault && n > 1 ? 1 : n);
}

ssize_t
write(int fd, const void *data, size_t n)
{
	return write_some(fails(WRITE, CALLER), fd, data, n);
}

static int
open_it(bool fault, int folder, const char *name, int flags, mode_t mode)
{
	REAL(openat);
	return fault ? -1 : real(folder, name, flags, mode);
}

/* The mode, where there is one. */
#define MODE(flags, mode) \
	mode_t mode = 0; \
	if (((flags) & (O_CREAT | O_TMPFILE)) != 0) { \
		va_list ap; \
		va_start(ap, flags); \
		mode = va_arg(ap, mode_t); \
		va_end(ap); \
	}

int
open(const char *name, int flags, ...)
{
	MODE(flags, mode)
	return open_it(fails(OPEN, CALLER), AT_FDCWD, name, flags, mode);
}

int
__open_2(const char *name, int flags)
{
	return open_it(fails(OPEN, CALLER), AT_FDCWD, name, flags, 0);
}

int
openat(int folder, const char *name, int flags, ...)
{
	MODE(flags, mode)
	return open_it(fails(OPEN, CALLER), folder, name, flags, mode);
}

void *
mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
	REAL(mmap);
	return fails(MAP, CALLER) ? MAP_FAILED : real(at, n, protection, flags, fd, offset);
}

int
rename(const char *from, const char *to)
{
	REAL(rename);
	return fails(RENAME, CALLER) ? -1 : real(from, to);
}

int
linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
	REAL(linkat);
	return fails(LINK, CALLER) ? -1 : real(from_folder, from, to_folder, to, flags);
}

int
fsync(int fd)
{
	REAL(fsync);
	return fails(SYNC, CALLER) ? -1 : real(fd);
}

/* A descriptor is gone whatever close() says. */
static int
close_it(bool fault, int fd)
{
	REAL(close);
	int rc = real(fd), code = kinds[CLOSE].error;

	if (!fault)
		return rc;
	errno = code;
	return -1;
}

int
close(int fd)
{
	return close_it(fails(CLOSE, CALLER), fd);
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	REAL(pthread_create);
	return fails(THREAD, CALLER) ? kinds[THREAD].error : real(thread, attr, run, arg);
}

int
poll(struct pollfd *p, nfds_t n, int timeout)
{
	REAL(poll);
	return fails(POLL, CALLER) ? -1 : real(p, n, timeout);
}

int
dup(int fd)
{
	REAL(dup);
	return fails(DUP, CALLER) ? -1 : real(fd);
}

int
fcntl(int fd, int command, ...)
{
	void *arg;
	va_list ap;
	REAL(fcntl);

	va_start(ap, command);
	arg = va_arg(ap, void *);
	va_end(ap);
	return command == F_DUPFD_CLOEXEC && fails(DUP, CALLER) ? -1 : real(fd, command, arg);
}

int
stat(const char *name, struct stat *st)
{
	REAL(stat);
	return fails(STAT, CALLER) ? -1 : real(name, st);
}

int
fstat(int fd, struct stat *st)
{
	REAL(fstat);
	return fails(STAT, CALLER) ? -1 : real(fd, st);
}

off_t
lseek(int fd, off_t at, int whence)
{
	REAL(lseek);
	return fails(SEEK, CALLER) ? -1 : real(fd, at, whence);
}

int
mkstemp(char *name)
{
	REAL(mkstemp);
	return fails(TEMP, CALLER) ? -1 : real(name);
}

/* Streams */

static int
descriptor(void *cookie)
{
	return (int)(intptr_t)cookie;
}

static ssize_t
stream_read(void *cookie, char *data, size_t n)
{
	return read_some(counts(READ), descriptor(cookie), data, n);
}

/* As the C library writes: on after a short write, not after an interrupted one. */
static ssize_t
stream_write(void *cookie, const char *data, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t w = write_some(counts(WRITE), descriptor(cookie), data + done, n - done);

		if (w < 0)
			return 0;
		done += (size_t)w;
	}
	return (ssize_t)n;
}

static int
stream_seek(void *cookie, off64_t *at, int whence)
{
	off_t to = lseek(descriptor(cookie), *at, whence);

	*at = to;
	return to < 0 ? -1 : 0;
}

static int
stream_close(void *cookie)
{
	stream[descriptor(cookie)] = NULL;
	return close_it(counts(CLOSE), descriptor(cookie));
}

FILE *
fdopen(int fd, const char *mode)
{
	static const cookie_io_functions_t all = { stream_read, stream_write, stream_seek, stream_close };
	REAL(fdopen);

	if (!in(&program, CALLER) || fd >= FILES)
		return real(fd, mode);
	return stream[fd] = fopencookie((void *)(intptr_t)fd, mode, all);
}

FILE *
fopen(const char *name, const char *mode)
{
	static const cookie_io_functions_t all = { stream_read, stream_write, stream_seek, stream_close };
	int fd, flags = *mode == 'r' ? O_RDONLY : O_WRONLY | O_CREAT | (*mode == 'a' ? O_APPEND : O_TRUNC);
	REAL(fopen);

	if (!in(&program, CALLER))
		return real(name, mode);
	if ((fd = open_it(counts(OPEN), AT_FDCWD, name, flags, 0666)) < 0)
		return NULL;
	return stream[fd] = fopencookie((void *)(intptr_t)fd, mode, all);
}

int
fileno(FILE *f)
{
	REAL(fileno);

	for (int fd = 0; fd < FILES; fd++)
		if (stream[fd] == f)
			return fd;
	return real(f);
}
