/* npy: NumPy's array format: its header, numeric arrays to and from the
 * elements of records, arrays of strings. */
#ifndef SER_NUMPY_NPY_H
#define SER_NUMPY_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "numpy/zip.h"
#include "stream/tsr.h"

enum {
	NPY_RANK_MAX = TSR_RANK_MAX + 1, /* stacked records have one dimension more */
	NPY_DESCR_MAX = 24,
	NPY_HEAD_MAX = 512, /* room for any header that npy_head makes */
};

/* An array's header. */
struct npy {
	char descr[NPY_DESCR_MAX]; /* NumPy's name of the type, "<f4" */
	char kind;                 /* its letter: u i f U S b ... */
	size_t size;               /* bytes an element */
	enum tsr_dtype dtype;      /* the same in a stream; TSR_NONE where there is none */
	bool fortran;              /* first index fastest, instead of last */
	int rank;
	uint64_t shape[NPY_RANK_MAX];
	uint64_t elements; /* product of the shape */
	uint64_t bytes;    /* of all of them */
};

/* Reads the header from s, which must then have exactly the array's bytes
 * left. ST_DATA where it is no array, or the type is big-endian or
 * not plain (structures, Python objects). */
int npy_open(struct npy *a, struct zip_stream *s);

/* ST_DATA, naming the type, unless it is one that streams have. */
int npy_check_numeric(const struct npy *a);

/* Reads a whole numeric array from s, in C order, into *data (from mem_zero;
 * the caller frees it), and checks that s ends there. */
int npy_load(const struct npy *a, struct zip_stream *s, void **data);

/* Strings of an array, in one block: release with free(item). */
struct npy_text {
	char **item;
	size_t n;
};

/* Reads a whole one-dimensional array of strings (U as UTF-8, S unchanged) or
 * integers (as decimal text) from s and checks that it ends there. */
int npy_load_text(const struct npy *a, struct zip_stream *s, struct npy_text *t);

/* NumPy's name of a stream's type. */
const char *npy_descr(enum tsr_dtype dtype);

/* Makes the header of a C-ordered array; returns its length, a multiple of 64. */
size_t npy_head(char buf[NPY_HEAD_MAX], const char *descr, int rank, const uint64_t *shape);

/* Adds "NAME.npy", no duplicate, to an archive: a C-ordered array in
 * memory, and strings (of valid UTF-8) as an array of type U. */
int npy_add(struct zip_writer *w, const char *name, enum tsr_dtype dtype, int rank, const uint64_t *shape,
            const void *data);
int npy_add_text(struct zip_writer *w, const char *name, char *const *item, size_t n);

#endif
