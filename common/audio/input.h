/* input: the bytes of an audio file or a pipe, in a few KB of memory. A file is
 * read at any place; a pipe forwards, with a little look back. */
#ifndef SER_AUDIO_INPUT_H
#define SER_AUDIO_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_OPEN UINT64_MAX /* a size that is not known */

struct input;

/* Opens the file of that name, "-" for standard input. ST_DATA where it cannot be
 * opened. The message does not name it. */
int input_open(struct input **in, const char *name);
void input_close(struct input *in); /* NULL is fine */

/* Bytes in all: of a file, or of a pipe whose end was seen, else INPUT_OPEN. */
uint64_t input_size(const struct input *in);

/* True where bytes can be read again at any place. */
bool input_seeks(const struct input *in);

/* When this thread last read from an input, for --profile (base/profile.h). */
double input_came(void);

/* Copies n bytes from byte at on; *got is less at the end only. In a pipe at most
 * INPUT_BACK bytes before the last one read, or before the byte that is pinned. */
enum { INPUT_BACK = 1 << 16 };
int input_read(struct input *in, uint64_t at, void *to, size_t n, size_t *got);

/* The bytes from byte at on as they lie in memory, *n of them: few or many, none at the end only. Valid until
 * the next call. */
int input_view(struct input *in, uint64_t at, const unsigned char **data, size_t *n);

/* Waits until a pipe has given byte at, or its end is seen, and no longer: *known is
 * the first byte that is not there yet. */
int input_wait(struct input *in, uint64_t at, uint64_t *known);

/* Bytes of a pipe from this one on are kept, until it is INPUT_OPEN. */
void input_pin(struct input *in, uint64_t at);

/* Copies all of a pipe, which must have its first byte yet, to a file without a
 * name, so that it can be read at any place. */
int input_keep(struct input *in);

/* An empty file without a name, and bytes behind those that it has. */
int input_temp(struct input **in);
int input_append(struct input *in, const void *data, size_t n);

/* The first place from byte at on, and before to, with these bytes, n at most 16;
 * INPUT_OPEN: none. */
int input_find(struct input *in, uint64_t at, uint64_t to, const void *what, size_t n, uint64_t *found);

#endif
