#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { PUSH_MIN = 4 }; /* a power of two */

void *
mem_zero(size_t n, size_t size)
{
	void *p;
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX - 64) {
		err_set(ST_SYS, "out of memory");
		return NULL;
	}
	bytes = (bytes + 63) / 64 * 64;
	p = aligned_alloc(64, bytes == 0 ? 64 : bytes);
	if (p == NULL) {
		err_set(ST_SYS, "out of memory (%zu bytes required)", bytes);
		return NULL;
	}
	memset(p, 0, bytes);
	return p;
}

struct mem_block {
	_Alignas(64) struct mem_block *before;
	void *memory; /* what it lies in */
};

void *
mem_take(struct mem_pool *p, size_t n, size_t size)
{
	struct mem_block *b;
	char *memory;
	size_t bytes;
	bool fits = !__builtin_mul_overflow(n, size, &bytes) && bytes < SIZE_MAX / 2;

	p->full |= p->limit > 0 && (!fits || p->used > p->limit || bytes > p->limit - p->used);
	memory = fits && !p->full ? calloc(1, 2 * sizeof *b + bytes) : NULL; /* one of them to align the other */
	if (memory == NULL) {
		p->status = err_set(ST_SYS, "out of memory (%zu bytes required)", fits ? bytes : SIZE_MAX);
		return NULL;
	}
	b = (struct mem_block *)(void *)(memory + (sizeof *b - (uintptr_t)memory % sizeof *b));
	b->memory = memory;
	b->before = p->last;
	p->last = b;
	p->used += bytes;
	return (char *)b + sizeof *b;
}

void
mem_release(struct mem_pool *p)
{
	while (p->last != NULL) {
		struct mem_block *b = p->last;

		p->last = b->before;
		free(b->memory);
	}
	*p = (struct mem_pool){ .limit = p->limit };
}

int
mem_grow(void *p, size_t n, size_t size)
{
	void *old, *new;
	size_t bytes;

	memcpy(&old, p, sizeof old);
	if (__builtin_mul_overflow(n, size, &bytes))
		return err_set(ST_SYS, "out of memory");
	new = realloc(old, bytes == 0 ? 1 : bytes);
	if (new == NULL)
		return err_set(ST_SYS, "out of memory (%zu bytes required)", bytes);
	memcpy(p, &new, sizeof new);
	/* cppcheck-suppress memleak ; *p has it */
	return ST_OK;
}

int
mem_room(void *p, size_t *cap, size_t n, size_t size)
{
	size_t more = 2 * *cap > n ? 2 * *cap : n;
	int rc = n <= *cap ? ST_OK : mem_grow(p, more, size);

	if (rc == ST_OK && n > *cap)
		*cap = more;
	return rc;
}

int
mem_push(void *p, size_t n, size_t size)
{
	bool full = n == 0 || (n >= PUSH_MIN && (n & (n - 1)) == 0);

	return full ? mem_grow(p, n == 0 ? PUSH_MIN : 2 * n, size) : ST_OK;
}

char *
mem_str(const char *s)
{
	return mem_strn(s, strlen(s));
}

char *
mem_strn(const char *s, size_t n)
{
	char *copy = mem_zero(n + 1, 1);

	if (copy != NULL)
		memcpy(copy, s, n);
	return copy;
}

uint64_t
mem_little(const unsigned char *p, size_t bytes)
{
	uint64_t x = 0;

	while (bytes-- > 0)
		x = x << 8 | p[bytes];
	return x;
}
