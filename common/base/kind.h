/* kind: what a file is by its first bytes, and what to type for it. For messages alone:
 * no program decides by it what it reads.
 *
 *     if (kind_refuse(KIND_AUDIO, name, head, n) != ST_OK)
 *             return err_prefix("%s", name);
 *     return err_set(ST_DATA, "%s: ...", name);      where there is nothing better to say
 */
#ifndef SER_BASE_KIND_H
#define SER_BASE_KIND_H

#include <stddef.h>

enum kind_wanted { KIND_STREAM, KIND_AUDIO, KIND_CSV, KIND_NUMPY, KIND_TEXT, KIND_WANTED };

enum { KIND_HEAD = 512 }; /* first bytes that tell all that can be told; fewer tell less */

/* "a WAV recording", or NULL where head[0..n) is of no known kind. */
const char *kind_name(const void *head, size_t n);

/* ST_DATA where the file is known to be of another kind than the one wanted:
 *     this is a WAV recording, not a tsr stream: try wavnorm x.wav | melspec
 *     not audio: this is a CSV file: try csvprep --recipe RECIPE x.csv
 * ST_OK where it may be of that kind or nobody knows. */
int kind_refuse(enum kind_wanted wanted, const char *file, const void *head, size_t n);

#endif
