/* zip: archives of named arrays, the container of .npz: reading in memory
 * (stored and deflated), writing in one pass (stored). */
#ifndef SER_NUMPY_ZIP_H
#define SER_NUMPY_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/io.h"

struct zip_entry {
	char *name;
	uint64_t size;   /* of its content */
	uint64_t packed; /* of what stands in the archive */
	uint64_t start;  /* where that begins */
	uint32_t crc;
	bool deflated;
};

/* An archive's directory, in the archive's order. */
struct zip {
	const unsigned char *data;
	uint64_t size;
	struct zip_entry *entry;
	size_t n;
};

/* Reads the directory of an archive in memory, which must outlive z. ST_DATA
 * where it is damaged, encrypted, in several parts, packed otherwise, or has
 * one name twice. */
int zip_open(struct zip *z, const void *data, size_t size);
void zip_close(struct zip *z);

/* The entry of that name, or NULL. */
const struct zip_entry *zip_find(const struct zip *z, const char *name);

/* A run of bytes to be read once from first to last. */
struct zip_stream;

/* Opens an entry's content. */
int zip_enter(struct zip_stream **s, const struct zip *z, const struct zip_entry *e);

/* Opens n plain bytes as if they were an entry's content. */
int zip_plain(struct zip_stream **s, const void *data, size_t n);

/* Takes exactly the next n bytes; ST_DATA where there are fewer. */
int zip_take(struct zip_stream *s, void *buf, size_t n);

/* Bytes not yet taken. */
uint64_t zip_left(const struct zip_stream *s);

/* ST_DATA unless all is taken and the checksum right. */
int zip_check(struct zip_stream *s);

/* NULL is fine. */
void zip_leave(struct zip_stream *s);

/* CRC-32 of data after bytes whose own is crc (0 at first), and of two runs
 * of bytes from those of each, the second n bytes long. */
uint32_t zip_crc(uint32_t crc, const void *data, size_t n);
uint32_t zip_crc_join(uint32_t first, uint32_t second, uint64_t n);

struct zip_writer;

/* Begins an archive on out, which stays the caller's. */
int zip_create(struct zip_writer **w, struct io_out *out);

/* True where an entry of that name was added. */
bool zip_has(const struct zip_writer *w, const char *name);

/* Begins an entry: exactly size bytes with that CRC-32 must follow. */
int zip_add(struct zip_writer *w, const char *name, uint64_t size, uint32_t crc);
int zip_write(struct zip_writer *w, const void *data, size_t n);

/* Writes the directory. */
int zip_finish(struct zip_writer *w);

/* Releases the writer, finished or not. NULL is fine. */
void zip_free(struct zip_writer *w);

#endif
