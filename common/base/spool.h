/* spool: data that come from a pipe, have to be kept, and may be larger than memory: what is beyond a
 * bound goes to a temporary file, which is mapped. */
#ifndef SER_BASE_SPOOL_H
#define SER_BASE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

enum { SPOOL_HELD = 256 << 20 };

/* Zero-initialise before use. */
struct spool {
	uint64_t held;    /* bytes that the caller keeps in memory */
	int fd;           /* of the file, where there are maps */
	struct map *map;  /* of its pieces, in order */
	size_t maps;
	size_t used;      /* bytes of the last piece */
	uint64_t size;    /* of the file */
};

/* True where n bytes more are to be kept in memory, which counts them; else spool_add is to have them. */
bool spool_holds(struct spool *s, uint64_t n);

/* Appends n bytes. *at, 64-byte aligned, has them until spool_free. ST_SYS where the disk is full,
 * naming what it comes from. */
int spool_add(struct spool *s, const char *name, const void *data, size_t n, const void **at);
void spool_free(struct spool *s);

#endif
