/* io: whole reads and writes on descriptors, and output files that appear
 * only when complete. */
#ifndef SER_BASE_IO_H
#define SER_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct io_out; /* an output: standard output, a device, or a file to be renamed into place */

/* Opens name for writing ("-" or NULL is standard output). A regular file, or the one
 * that a symbolic link leads to, is written beside its place and put there at the end.
 * With binary, a terminal is refused (ST_USAGE). */
int io_open(struct io_out **out, const char *name, bool binary);

/* The output as a stream, for text. */
FILE *io_stream(struct io_out *out);

/* From here on a thread writes what io_write takes, so that a caller that has much
 * to compute need not wait for the system; a failure may show in a later call.
 * Before anything is written, and with io_write alone. */
int io_behind(struct io_out *out);

/* Writes all of n bytes. */
int io_write(struct io_out *out, const void *data, size_t n);

/* Hands buffered bytes on, so that a reader at the other end sees them. */
int io_flush(struct io_out *out);

/* Closes; a file is complete then, and appears with the program's other outputs when
 * it succeeds (tool_end), or at replace_all. */
int io_close(struct io_out *out);

/* Closes and forgets: a file's unfinished version is removed. NULL is fine. */
void io_abort(struct io_out *out);

/* Has a pipe hold several records, whichever end fd is; anything else stays as it is. */
void io_widen(int fd);

/* Reads n bytes unless the input ends; *got says how many came. */
int io_read(int fd, const char *name, void *data, size_t n, size_t *got);

/* As io_read, of a file, whose position stays where it is. */
int io_peek(int fd, const char *name, void *data, size_t n, size_t *got);

/* Reads a whole text file ("-" is standard input) of at most max bytes into
 * a NUL-terminated buffer the caller frees; *len excludes the NUL. */
int io_slurp(const char *name, size_t max, char **text, size_t *len);

#endif
