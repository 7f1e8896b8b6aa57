/* arrays: the weights in a file of another program, by name, as floats. */
#ifndef SER_EXCHANGE_ARRAYS_H
#define SER_EXCHANGE_ARRAYS_H

#include <stdbool.h>
#include <stddef.h>

enum { ARRAYS_RANK_MAX = 8, ARRAYS_TEXT = 176 };
#define ARRAYS_VALUES_MAX ((size_t)1 << 28) /* of one array */
#define ARRAYS_FILE_MAX ((size_t)1 << 29)   /* bytes of a file that is unpacked */

/* What an array looks like, row-major. */
struct array_shape {
	int rank;
	size_t d[ARRAYS_RANK_MAX];
};

/* A file that is open. */
struct arrays {
	void *ctx;
	/* Whether it has an array of that name. */
	bool (*has)(void *ctx, const char *name);
	/* Its shape; ST_DATA, naming it, where there is none or it is of no type that can
	 * be read. */
	int (*shape)(void *ctx, const char *name, struct array_shape *shape);
	/* Its values, as many as the shape has. */
	int (*read)(void *ctx, const char *name, const struct array_shape *shape, float *to);
};

/* Elements; ST_DATA where it has more than ARRAYS_VALUES_MAX. */
int arrays_count(const struct array_shape *s, size_t *n);

/* "(5,64,128)", in ARRAYS_TEXT bytes. Returns buf. */
const char *arrays_text(const struct array_shape *s, char buf[ARRAYS_TEXT]);

/* The shape that such a text says. */
struct array_shape arrays_parse(const char *text);

/* Whether both are the same but for dimensions of 1. */
bool arrays_alike(const struct array_shape *a, const struct array_shape *b);

#endif
