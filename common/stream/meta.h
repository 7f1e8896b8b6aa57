/* meta: ordered name=value pairs, the text part of a tsr chunk. */
#ifndef SER_STREAM_META_H
#define SER_STREAM_META_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct meta_item {
	const char *name, *value;
	char *memory; /* of both; NULL where they belong to the caller */
};

/* Zero-initialise before use. Names may repeat (pg, net, class). */
struct meta {
	struct meta_item *item;
	size_t n;
};

enum { META_MAX = 1 << 20 }; /* bytes of a chunk's metadata, from tsr(5) */

/* The first value of that name, or NULL. */
const char *meta_get(const struct meta *m, const char *name);

/* True where m has that very pair. */
bool meta_has(const struct meta *m, const char *name, const char *value);

/* True for what can be a name: letters, digits and ._-; at least one. */
bool meta_is_name(const char *name);

/* Appends a pair; the value is printf-formatted. A name is letters, digits
 * and ._-; neither may hold a control character (ST_DATA). */
int meta_add(struct meta *m, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* As meta_add; takes value over, also on failure. */
int meta_take(struct meta *m, const char *name, struct str *value);

/* As meta_add, but replaces the first pair of that name where there is one. */
int meta_set(struct meta *m, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Appends printf-formatted text to the value of the last pair, which there is. */
int meta_extend(struct meta *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Removes every pair of that name. */
void meta_remove(struct meta *m, const char *name);

/* Appends all pairs of from to m. */
int meta_copy(struct meta *m, const struct meta *from);

/* Parses the metadata text of a chunk; the message names the byte. */
int meta_parse(struct meta *m, const char *text, size_t n);

/* Appends the text of m, "name=value\n" a pair. */
int meta_print(const struct meta *m, struct str *out);

/* Releases what m holds and leaves it empty. */
void meta_clear(struct meta *m);

/* True for the names with a meaning in every stream: key, label, group, start,
 * src, aug. */
bool meta_reserved(const char *name);

#endif
