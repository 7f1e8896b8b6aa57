/* unpack: the bytes of a file, plain or compressed by gzip or xz. */
#ifndef SER_TABLE_UNPACK_H
#define SER_TABLE_UNPACK_H

#include <stddef.h>

struct unpack;

/* Opens a file ("-": standard input); compression is recognised by the first
 * bytes, not by the name. The name must outlive it. */
int unpack_open(struct unpack **unpack, const char *name);

/* n bytes into data, fewer only at the end; *got 0 is the end. ST_DATA where the
 * compressed data are damaged or end early. */
int unpack_read(struct unpack *u, void *data, size_t n, size_t *got);

/* The descriptor of the input, packed or not. */
int unpack_fd(const struct unpack *u);

void unpack_close(struct unpack *u); /* NULL is fine */

#endif
