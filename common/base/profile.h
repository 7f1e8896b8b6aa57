/* profile: how long a program's records and the stages of its work take, for --profile; nothing is counted before
 * profile_begin. */
#ifndef SER_BASE_PROFILE_H
#define SER_BASE_PROFILE_H

#include <stdbool.h>

void profile_begin(void);
bool profile_on(void);

/* The time, s, of a clock that only goes forward; 0 where nothing is counted. */
double profile_now(void);

/* A record's result has just been written; came is when the record was complete at the input. Not by two threads
 * at a time. */
void profile_written(double came);

/* Adds to a stage, "work/stft", the time since then, s, and what was done in it: floating-point operations (0: it is
 * not there for them) and bytes read and written in memory. Returns the time now, where the next stage may begin. Any
 * thread, whose times add up. threads: how many shared in it, 1 but where workers_run does it. */
double profile_stage(const char *name, double since, double flops, double bytes);
double profile_shared(const char *name, double since, double flops, double bytes, int threads);

/* Prints on standard error a table of the stages, as TSV: each line begins with "profile" and has the stage's name, how
 * often it ran, s and % of the time that all took, and, of what it did, GFLOP/s, MB/s and the % of what one thread can
 * do here at most (multiplying in registers, peak.h, or copying memory), times the threads: of the operations or, where
 * there are none, of the bytes. Then how many records there were, how many a second, the median, 99th percentile and
 * largest of the times that they took, ms (the first two within 1 %), and the largest memory, MiB; where nothing is
 * counted, nothing. */
void profile_say(void);

#endif
