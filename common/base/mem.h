/* mem: allocation that checks its sizes and reports through err. */
#ifndef SER_BASE_MEM_H
#define SER_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* n items of size bytes, zeroed, 64-byte aligned; release with free().
 * NULL, with the message set (ST_SYS), where memory or arithmetic ends. */
void *mem_zero(size_t n, size_t size);

/* Blocks that are released together. Zero-initialise before use. */
struct mem_pool {
	struct mem_block *last;
	size_t limit; /* bytes of all blocks, at most; 0: any number */
	size_t used;
	bool full;  /* the limit was in the way */
	int status; /* ST_OK, or ST_SYS once a block could not be had */
};

/* As mem_zero, but mem_release releases it; large blocks cost nothing before they are
 * written to. A failure stays: one look at the status after the last of several is
 * enough. */
void *mem_take(struct mem_pool *p, size_t n, size_t size);
void mem_release(struct mem_pool *p);

/* realloc() of n items of size bytes with the same checks; *p changes only on
 * success. Returns a status. */
int mem_grow(void *p, size_t n, size_t size);

/* Room for n items at *p, which has *cap of them: doubles at least where it must,
 * so that appending stays linear. Both change only on success. */
int mem_room(void *p, size_t *cap, size_t n, size_t size);

/* Room for one item more behind the n at *p, for an array that grows from NULL
 * by one item at a time: its capacity follows from n. */
int mem_push(void *p, size_t n, size_t size);

/* Copies of s, or of its first n bytes with a NUL added; NULL as mem_zero. */
char *mem_str(const char *s);
char *mem_strn(const char *s, size_t n);

/* The number of up to 8 bytes at p, the lowest byte first. */
uint64_t mem_little(const unsigned char *p, size_t bytes);

#endif
