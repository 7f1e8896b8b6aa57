/* memory: to be preloaded (LD_PRELOAD); the FAULT_AT-th allocation of the process
 * fails, and with FAULT_COUNT a file says at the end how many there were. Those of
 * libarchive itself are let be: it ends the process where it gets no memory for a
 * name, and fails to look elsewhere. */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own, which its malloc() and so on are names of. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

static atomic_long calls;
static long fault_at;
static uintptr_t text, text_end; /* libarchive's code */

static int
find_text(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	for (int i = 0; strstr(info->dlpi_name, "libarchive") != NULL && i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0) {
			text = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			text_end = text + info->dlpi_phdr[i].p_memsz;
		}
	return 0;
}

static __attribute__((constructor)) void
begin(void)
{
	const char *at = getenv("FAULT_AT");

	fault_at = at == NULL ? 0 : atol(at);
	dl_iterate_phdr(find_text, NULL);
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
fails(const void *caller)
{
	if (((uintptr_t)caller >= text && (uintptr_t)caller < text_end) || ++calls != fault_at)
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

void *
aligned_alloc(size_t alignment, size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, n);
}
