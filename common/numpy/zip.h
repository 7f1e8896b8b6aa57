/* zip: archives of named arrays, the container of .npz, through libarchive. */
#ifndef SER_NUMPY_ZIP_H
#define SER_NUMPY_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/io.h"

/* The names of an archive's entries, without ".npy", in the archive's order. */
struct zip {
	const unsigned char *data;
	size_t size; /* without a comment behind the end record */
	char **name;
	size_t n;
};

/* Reads the directory of an archive in memory, which must outlive z. ST_DATA
 * where it is damaged, or has one name twice or other files than ".npy". */
int zip_open(struct zip *z, const void *data, size_t size);
void zip_close(struct zip *z);

/* A run of bytes to be read once from first to last. */
struct zip_stream;

/* Opens the content of an entry, by its index. *s is NULL, or a stream of the same
 * archive, which moves on: opened in order, entries are read once. */
int zip_enter(struct zip_stream **s, const struct zip *z, size_t entry);

/* Opens n plain bytes as if they were an entry's content. */
int zip_plain(struct zip_stream **s, const void *data, size_t n);

/* Reads exactly the next n bytes; ST_DATA where fewer are left. */
int zip_take(struct zip_stream *s, void *buf, size_t n);

/* Bytes not yet read. */
uint64_t zip_left(const struct zip_stream *s);

/* ST_DATA unless all is read and sizes and checksum are right. */
int zip_check(struct zip_stream *s);

/* NULL is fine. */
void zip_leave(struct zip_stream *s);

struct zip_writer;

/* Begins an archive on out, which the caller closes. Its entries are stored, and
 * their dates fixed: equal content gives equal bytes. */
int zip_create(struct zip_writer **w, struct io_out *out);

/* Begins the entry "NAME.npy", no duplicate: exactly size bytes must follow. */
int zip_add(struct zip_writer *w, const char *name, uint64_t size);
int zip_write(struct zip_writer *w, const void *data, size_t n);

/* Writes the directory. */
int zip_finish(struct zip_writer *w);

/* Releases the writer, finished or not. NULL is fine. */
void zip_free(struct zip_writer *w);

#endif
