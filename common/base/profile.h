/* profile: how long a program's records take, for --profile; nothing is counted before profile_begin. */
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

/* Prints on standard error how many there were, how many a second, the median, 99th percentile and largest of the
 * times that they took, ms (the first two within 1 %), and the largest memory, MiB; where nothing is counted, nothing. */
void profile_say(void);

#endif
