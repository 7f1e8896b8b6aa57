/* clock: the monotonic clock, from some moment on: only differences mean something. */
#ifndef SER_BASE_CLOCK_H
#define SER_BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_nanoseconds(void);
double clock_seconds(void);

#endif
