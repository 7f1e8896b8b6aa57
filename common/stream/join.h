/* join: a second stream of the same records, which are taken by key and start. Where
 * both have one order, one record is held at a time; else those wait that came early. */
#ifndef SER_STREAM_JOIN_H
#define SER_STREAM_JOIN_H

#include "stream/tsr.h"

struct join;

/* Opens a stream ("-" is standard input) and reads its first head; head(ctx, chunk) is called
 * for that and each further one. The name must outlive *j, which is NULL on failure. */
int join_open(struct join **j, const char *file, uint64_t max_record, int (*head)(void *ctx, const struct tsr_chunk *head),
              void *ctx);

/* Moves the record that has the key and start of that one into *record, which is cleared with
 * tsr_clear. ST_DATA, naming both files and the key, where there is none, and where
 * two that had to wait are named alike. */
int join_take(struct join *j, const struct tsr_chunk *like, struct tsr_chunk *record);

/* True where join_take of records in the same order would not wait. */
bool join_ready(const struct join *j);

/* Reads to the end. ST_DATA, naming it, where there is a record that was not taken;
 * other is the name of the stream without it. */
int join_end(struct join *j, const char *other);

void join_close(struct join *j); /* NULL is fine */

#endif
