/* npz: whole streams as NumPy's .npy and .npz files and back. tsrnpy(1) says
 * which arrays an archive holds. */
#ifndef SER_NUMPY_NPZ_H
#define SER_NUMPY_NPZ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/io.h"
#include "base/map.h"
#include "stream/meta.h"
#include "stream/tsr.h"
#include "stream/unique.h"

enum npz_layout {
	NPZ_AUTO,
	NPZ_STACK, /* one array "data" (N,...) of all records */
	NPZ_KEYS,  /* an array a record, named by its key */
};

/* Writes all of a stream as an archive from which npz_read makes the same
 * bytes again. NPZ_AUTO is NPZ_KEYS for models, else NPZ_STACK, for which
 * records must be of one type and shape (ST_DATA). */
int npz_write(struct tsr_reader *in, struct io_out *out, enum npz_layout layout);

/* Writes all records as one array (N,...), without metadata. */
int npz_write_npy(struct tsr_reader *in, struct io_out *out);

/* How to read arrays, and what to add to their metadata. */
struct npz_options {
	enum npz_layout layout;
	bool one;                 /* a .npy file is one record, not a stack of them */
	const char *data;         /* the stack's name, NULL: "data" */
	const char *key, *label, *group; /* names of the arrays that hold these, NULL: "key" ... */
	const char *base;         /* keys are BASE.0, BASE.1 ... where no array gives them */
	const struct meta *fields; /* to be set in every head; may be empty */
	const struct meta *pg;    /* to be added to heads that are not copied unchanged */
	uint64_t max_record;      /* bytes */
	/* NULL, or what looks at each head (own: the archive's, not a new one) and each record before
	 * they are written, and may change them. */
	int (*head)(void *ctx, struct meta *head, bool own);
	int (*record)(void *ctx, struct tsr_chunk *record);
	void *ctx;
	struct unique *keys;      /* of all records so far that do not come with the whole metadata of a stream; NULL: may repeat */
};

/* Write an archive, or one array, as segments; complete only on ST_OK. */
int npz_read(const struct map *m, const struct npz_options *options, struct tsr_writer *out);
int npz_read_npy(const struct map *m, const struct npz_options *options, struct tsr_writer *out);

#endif
