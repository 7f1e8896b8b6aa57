#define _DEFAULT_SOURCE /* madvise */
#include "base/map.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/find.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/replace.h"
#include "base/tool.h"

enum { COPY_BYTES = 1 << 16 };

int
map_temp(int *fd)
{
	const char *dir = getenv("TMPDIR");
	char name[4096];
	int n;

	if (dir == NULL || *dir == '\0')
		dir = "/tmp";
	if ((*fd = replace_unnamed(dir)) >= 0)
		return ST_OK;
	n = snprintf(name, sizeof name, "%s/sertools.XXXXXX", dir);
	if (n < 0 || (size_t)n >= sizeof name)
		return err_set(ST_SYS, "TMPDIR is too long");
	*fd = mkstemp(name);
	if (*fd < 0)
		return err_sys("temporary file %s", name);
	unlink(name);
	return ST_OK;
}

int
map_write(int fd, const void *data, size_t n)
{
	const char *p = data;

	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return err_sys("temporary file");
		p += w;
		n -= (size_t)w;
	}
	return ST_OK;
}

/* Puts a temporary copy of what *fd still gives in its place. */
static int
make_mappable(int *fd, const char *name)
{
	char buf[COPY_BYTES];
	size_t got = 0;
	int temp = -1, rc = map_temp(&temp);

	if (rc != ST_OK)
		return rc;
	do {
		rc = io_read(*fd, name, buf, sizeof buf, &got);
		if (rc == ST_OK)
			rc = map_write(temp, buf, got);
	} while (rc == ST_OK && got == sizeof buf);
	if (rc != ST_OK) {
		close(temp);
		return rc;
	}
	close(*fd);
	*fd = temp;
	return ST_OK;
}

/* Where another program cuts a mapped file, or its disk fails, reading raises SIGBUS:
 * the program then ends as it does where read() fails. */
struct mapped {
	struct map map;
	struct mapped *next;
};

static struct mapped *mapped; /* changed by one thread, before and after others read */
static uint64_t all_mapped, read_since; /* bytes of all maps; mapped, at most, since their pages were let go */
static bool shuffled;

static void
on_bus(int sig, siginfo_t *info, void *context)
{
	const unsigned char *at = info->si_addr;
	struct stat st;

	(void)context;
	for (const struct mapped *m = mapped; m != NULL; m = m->next)
		if (at >= m->map.data && at < m->map.data + m->map.size) {
			bool cut = stat(m->map.name, &st) == 0 && (uintmax_t)st.st_size < m->map.size;

			tool_stop(cut ? ST_DATA : ST_SYS, m->map.name, cut ? "was cut off while it was read" : "read error");
		}
	signal(sig, SIG_DFL); /* an error of ours: it strikes again */
}

static int
guard(const struct map *m)
{
	struct sigaction act = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };
	struct mapped *own = mem_zero(1, sizeof *own);

	if (own == NULL)
		return ST_SYS;
	own->map = *m;
	own->next = mapped;
	mapped = own;
	all_mapped += m->size;
	sigemptyset(&act.sa_mask);
	return sigaction(SIGBUS, &act, NULL) == 0 ? ST_OK : err_sys("SIGBUS");
}

static void
unguard(const struct map *m)
{
	struct mapped **p = &mapped, *own;

	while (*p != NULL && (*p)->map.data != m->data)
		p = &(*p)->next;
	own = *p;
	if (own != NULL) {
		*p = own->next;
		all_mapped -= m->size;
	}
	free(own);
}

bool
map_can(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && lseek(fd, 0, SEEK_CUR) == 0;
}

int
map_part(struct map *m, int fd, off_t at, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, at);

	if (p == MAP_FAILED)
		return err_sys("%s", m->name);
	m->data = p;
	m->size = size;
	if (guard(m) == ST_OK)
		return ST_OK;
	map_close(m);
	return ST_SYS;
}

int
map_fd(struct map *m, int fd)
{
	struct stat st;

	m->data = NULL;
	m->size = 0;
	if (fstat(fd, &st) != 0)
		return err_sys("%s", m->name);
	if (st.st_size == 0)
		return ST_OK;
	if ((uintmax_t)st.st_size > SIZE_MAX)
		return err_set(ST_SYS, "%s: larger than this machine can address", m->name);
	return map_part(m, fd, 0, (size_t)st.st_size);
}

int
map_open(struct map *m, const char *name)
{
	bool standard = strcmp(name, "-") == 0;
	int fd = standard ? dup(STDIN_FILENO) : open(name, O_RDONLY);
	int rc;

	*m = (struct map){ .name = standard ? "standard input" : name };
	if (fd < 0)
		return find_missing(m->name);
	rc = map_can(fd) ? ST_OK : make_mappable(&fd, m->name);
	if (rc == ST_OK)
		rc = map_fd(m, fd);
	close(fd);
	return rc;
}

void
map_close(struct map *m)
{
	if (m->data != NULL) {
		unguard(m);
		munmap((void *)(uintptr_t)m->data, m->size);
	}
	m->data = NULL;
	m->size = 0;
}

/* Larger than memory */

#ifndef MADV_RANDOM /* elsewhere the system is left alone with it */
enum { MADV_RANDOM, MADV_WILLNEED, MADV_DONTNEED };
#define madvise(at, size, what) (-1)
#endif

enum { HUGE = 2 << 20 }; /* bytes of a page that may be mapped as a whole where any of it is read */

/* The system's advice is no more than that: where it cannot be had, reading is slower. */
static void
advise_all(int advice)
{
	for (const struct mapped *m = mapped; m != NULL; m = m->next)
		(void)madvise((void *)(uintptr_t)m->map.data, m->map.size, advice);
}

bool
map_paced(void)
{
	return all_mapped > MAP_RESIDENT;
}

void
map_shuffled(void)
{
	if (!map_paced())
		return;
	advise_all(MADV_RANDOM);
	shuffled = true;
}

void
map_ahead(const void *p, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (uintptr_t)p % page;

	if (map_paced())
		(void)madvise((char *)(uintptr_t)p - before, n + before, MADV_WILLNEED);
}

void
map_used(size_t n)
{
	n += shuffled ? HUGE : 0;
	read_since += n;
	if (read_since <= MAP_RESIDENT / 2) /* the system maps neighbours of what is read, too: about as much again */
		return;
	read_since = n;
	if (map_paced())
		advise_all(MADV_DONTNEED);
}
