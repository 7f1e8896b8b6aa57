/* features: what the head of a stream says about how its records were made.
 * Every pair of a head but pg= describes them (tsr(5)); two streams may be
 * used together, or a model on a stream, only where all of these agree. */
#ifndef SER_MODEL_FEATURES_H
#define SER_MODEL_FEATURES_H

#include "stream/meta.h"
#include "stream/tsr.h"

/* ST_DATA, naming the first pair that differs, unless head, of file, describes
 * features made as required ones are: "FILE: the features have hop=256; SOURCE HAS
 * hop=512HINT". Pairs of different names may be in any order. */
int features_check(const struct meta *required, const char *source, const char *has, const struct meta *head,
                   const char *file, const char *hint);

/* Appends to `to` the head's pairs that describe its features. */
int features_copy(struct meta *to, const struct meta *head);

/* Appends to `to` the head's pg= lines, unless they are already there in the
 * same order: of two streams made alike one chain says all. */
int features_copy_pg(struct meta *to, const struct meta *head);

/* ST_DATA unless the stream's type is one that nets learn from: mel, lld or table. */
int features_check_type(const struct tsr_chunk *head);

#endif
