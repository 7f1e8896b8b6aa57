/* source: a tool's input files, from its operands or a manifest.
 *
 * A manifest is a TSV without header: path, key, label, group, then any number
 * of NAME=VALUE cells, of which start= and end= (seconds) make the recording a part of
 * the file. All but the path may be empty or left out; a missing key is the
 * file's name without directory and last extension, as for operands, or its path. */
#ifndef SER_AUDIO_SOURCE_H
#define SER_AUDIO_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "audio/clip.h"
#include "stream/meta.h"

/* The last: the name, or of all files the path where two names are alike; in a manifest the name. */
enum source_key { SOURCE_NAME, SOURCE_PATH, SOURCE_AUTO };

struct source;

/* Files by name (none, or "-", is standard input), or those that the manifest lists
 * where it is not NULL ("-": standard input). The strings must outlive it. */
int source_open(struct source **s, char *const *files, size_t n, const char *manifest, enum source_key key);
void source_close(struct source *s); /* NULL is fine */

/* The next recording (clip->path, where, start, end; the first two are replaced), and
 * metadata beginning with key= (into meta, which is empty), which with start= is not that of
 * another. clip->path is NULL after the last; a manifest without files is an error. */
int source_next(struct source *s, struct clip *clip, struct meta *meta);

#endif
