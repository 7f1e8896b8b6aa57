/* tsr: the tensor stream of tsr(5). Only this module knows its bytes. */
#ifndef SER_STREAM_TSR_H
#define SER_STREAM_TSR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/meta.h"

enum tsr_dtype { TSR_NONE, TSR_U8, TSR_I32, TSR_I64, TSR_F32, TSR_F64, TSR_F16, TSR_DTYPES };
enum { TSR_RANK_MAX = 8 };

/* One chunk. data is 64-byte aligned, in the machine's order, row-major. A chunk may
 * be reused for reading; zero-initialise it first, tsr_clear it last. */
struct tsr_chunk {
	char kind; /* 'H', 'T', 'E' */
	enum tsr_dtype dtype;
	int rank;
	uint64_t shape[TSR_RANK_MAX];
	struct meta meta;
	const void *data;
	uint64_t bytes;
	/* Its position in the input, for messages: see tsr_where. */
	const char *file;
	uint64_t record; /* of its file, from 1; 0 in H */
	uint64_t offset; /* of its first byte in the file */
	uint64_t at, hash; /* of the payload's first byte; its checksum */
	bool unchecked;  /* see tsr_check_later */
	void *own;       /* buffer of the payload, where it is not mapped */
	size_t cap;
};

struct tsr_reader;
struct tsr_writer;

const char *tsr_dtype_name(enum tsr_dtype t);       /* "f32" ... */
size_t tsr_dtype_size(enum tsr_dtype t);            /* bytes an element; 0 for none */
uint64_t tsr_elements(const struct tsr_chunk *c);   /* product of the shape */

/* Opens the operands as one input, read in order; none, or "-", is standard
 * input. The strings must outlive the reader. max_record bounds a payload in
 * bytes (0: TSR_MAX_RECORD). With map, for callers that keep all payloads, these
 * stay until the reader is closed: regular files are mapped; of what cannot be, as
 * pipes and on big-endian machines, the first 256 MiB are in the chunk's own buffer, which the
 * caller may take, and the rest goes to a temporary file that is mapped. */
#define TSR_MAX_RECORD (UINT64_C(1) << 30)
int tsr_open(struct tsr_reader **r, char *const *files, size_t n, uint64_t max_record, bool map);

/* Reads and checks the next chunk. At the end of the last input, which must
 * directly follow an E, returns ST_OK with c->kind 0. A defect is
 * ST_DATA, and the message names file and byte. */
int tsr_read(struct tsr_reader *r, struct tsr_chunk *c);

/* From here on tsr_read leaves payloads to tsr_check, which any thread may call: whoever works on a payload
 * has it in its cache then. A payload may not be looked at before, a second call does nothing. */
void tsr_check_later(struct tsr_reader *r);
int tsr_check(struct tsr_chunk *c);

/* True where bytes of the next chunk have come, or the input is a file; and where all of the chunk
 * has, so that tsr_read would not wait. */
bool tsr_ready(const struct tsr_reader *r);
bool tsr_has_next(const struct tsr_reader *r);

/* What the calling thread does when tsr_read, of any reader, would have to wait: fn hands on what is done. Where
 * *busy is set it is called again soon, otherwise when something has come. Its failure is tsr_read's. */
struct tsr_meanwhile {
	int (*fn)(void *ctx, bool *busy); /* NULL: nothing */
	void *ctx;
};

/* Sets that, and returns what was set before. */
struct tsr_meanwhile tsr_set_meanwhile(struct tsr_meanwhile m);

void tsr_close(struct tsr_reader *r);
void tsr_clear(struct tsr_chunk *c);

/* "FILE: record 17 (KEY)" for err_prefix; valid until the thread's next call. */
const char *tsr_where(const struct tsr_chunk *c);

/* ST_DATA, naming both and the filter between them, unless the head's type= is the
 * expected one, or the other one (may be NULL). */
int tsr_expect_type(const struct tsr_chunk *head, const char *expected, const char *other);

/* The head's rate=, Hz. ST_DATA, naming it, unless it is above 0 and at most 1e7. */
int tsr_rate(const struct tsr_chunk *head, double *hz);

/* ST_DATA, naming both, unless the record is of that dtype and rank
 * (rank -1: any). */
int tsr_expect(const struct tsr_chunk *c, enum tsr_dtype dtype, int rank);

/* Opens an output (io_open's rules). Segments are H, T..., E in this order;
 * an E is written only by tsr_end. */
int tsr_create(struct tsr_writer **w, const char *name);
int tsr_behind(struct tsr_writer *w); /* a thread does the writing: see io_behind */
int tsr_head(struct tsr_writer *w, const struct meta *meta);
int tsr_record(struct tsr_writer *w, enum tsr_dtype dtype, int rank, const uint64_t *shape, const struct meta *meta,
               const void *data);
int tsr_end(struct tsr_writer *w);
int tsr_flush(struct tsr_writer *w);
uint64_t tsr_records(const struct tsr_writer *w); /* of this segment so far */

/* Flushes and renames the file into place; frees the writer also on failure. */
int tsr_finish(struct tsr_writer *w);

/* Frees the writer without an E; no file appears. NULL is fine. */
void tsr_abort(struct tsr_writer *w);

#endif
