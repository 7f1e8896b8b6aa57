/* memory: to be preloaded (LD_PRELOAD): lets one allocation fail, and counts.
 *
 * Of the allocations that the program's own code asks for, not those of its
 * libraries, the one whose number is in MEMORY_FAIL, from 1, fails. At the end
 * the file that MEMORY_COUNTS names gets a line "COUNT FAILED LIVE": how many
 * there were, whether one failed, and how many were never released. */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* glibc's own, below the names that this file takes over. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);
extern void __libc_free(void *p);

enum { SLOTS = 1 << 18 };

static void *slot[SLOTS]; /* what lives; linear probing */
static void *const gone = slot;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t text, text_end; /* the program's code */
static size_t count, live, fail_at;
static bool failed;

static int
find_text(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0) {
			text = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			text_end = text + info->dlpi_phdr[i].p_memsz;
		}
	return 1; /* the program comes first */
}

__attribute__((constructor)) static void
start(void)
{
	const char *at = getenv("MEMORY_FAIL");

	fail_at = at == NULL ? 0 : strtoul(at, NULL, 10);
	dl_iterate_phdr(find_text, NULL);
}

__attribute__((destructor)) static void
stop(void)
{
	const char *name = getenv("MEMORY_COUNTS");
	size_t n = count, left = live;
	FILE *f = name == NULL ? NULL : fopen(name, "w");

	if (f == NULL)
		return;
	fprintf(f, "%zu %d %zu\n", n, failed, left);
	fclose(f);
}

static bool
is_own(const void *caller)
{
	return (uintptr_t)caller >= text && (uintptr_t)caller < text_end;
}

/* Whether this one is to fail. */
static bool
fails(const void *caller)
{
	bool now;

	if (!is_own(caller))
		return false;
	pthread_mutex_lock(&lock);
	now = ++count == fail_at;
	failed = failed || now;
	pthread_mutex_unlock(&lock);
	if (now)
		errno = ENOMEM;
	return now;
}

static size_t
home(const void *p)
{
	return (size_t)(((uintptr_t)p >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 46);
}

static void *
keep(void *p, const void *caller)
{
	size_t i = home(p);

	if (p == NULL || !is_own(caller))
		return p;
	pthread_mutex_lock(&lock);
	while (slot[i] != NULL && slot[i] != gone)
		i = (i + 1) % SLOTS;
	slot[i] = p;
	if (++live > SLOTS / 2)
		abort();
	pthread_mutex_unlock(&lock);
	return p;
}

static void
forget(void *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&lock);
	for (size_t i = home(p); slot[i] != NULL; i = (i + 1) % SLOTS)
		if (slot[i] == p) {
			slot[i] = gone;
			live--;
			break;
		}
	pthread_mutex_unlock(&lock);
}

#define CALLER __builtin_return_address(0)

void *
malloc(size_t n)
{
	return fails(CALLER) ? NULL : keep(__libc_malloc(n), CALLER);
}

void *
calloc(size_t n, size_t size)
{
	return fails(CALLER) ? NULL : keep(__libc_calloc(n, size), CALLER);
}

void *
realloc(void *p, size_t n)
{
	void *q = fails(CALLER) ? NULL : __libc_realloc(p, n);

	if (q != NULL)
		forget(p);
	return keep(q, CALLER);
}

void *
aligned_alloc(size_t align, size_t n)
{
	return fails(CALLER) ? NULL : keep(__libc_memalign(align, n), CALLER);
}

void
free(void *p)
{
	forget(p);
	__libc_free(p);
}
