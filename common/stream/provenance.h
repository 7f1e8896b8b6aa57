/* provenance: how a stream says what made it (tsr(5)). */
#ifndef SER_STREAM_PROVENANCE_H
#define SER_STREAM_PROVENANCE_H

#include "base/opt.h"
#include "stream/meta.h"

/* Adds "pg=NAME VERSION name=value ..." for the tool's options as they are, then
 * "note=..." where SERTOOLS_NOTE is in the environment: a script's word on itself. */
int provenance_add(const struct tool *t, struct meta *m);

/* The same behind the pg= lines of the head that m's stream is made of. */
int provenance_follow(const struct tool *t, const struct meta *from, struct meta *m);

#endif
