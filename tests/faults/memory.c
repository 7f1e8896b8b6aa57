/* memory: to be preloaded (LD_PRELOAD); the FAULT_AT-th allocation of the process
 * fails, and with FAULT_COUNT a file says at the end how many there were. */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* glibc's own, which its malloc() and so on are names of. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

static atomic_long calls;
static long fault_at;

static __attribute__((constructor)) void
begin(void)
{
	const char *at = getenv("FAULT_AT");

	fault_at = at == NULL ? 0 : atol(at);
	calls = 0;
}

static __attribute__((destructor)) void
end(void)
{
	const char *name = getenv("FAULT_COUNT");
	FILE *f = name == NULL ? NULL : fopen(name, "w");

	if (f != NULL) {
		fprintf(f, "%ld\n", (long)calls);
		fclose(f);
	}
}

static bool
fails(void)
{
	if (++calls != fault_at)
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

void *
aligned_alloc(size_t alignment, size_t n)
{
	return fails() ? NULL : __libc_memalign(alignment, n);
}
