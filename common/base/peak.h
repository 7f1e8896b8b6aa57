/* peak: what the processor can do at most, to hold against what a program reaches. */
#ifndef SER_BASE_PEAK_H
#define SER_BASE_PEAK_H

/* Floating-point operations a second of one thread in single precision: multiplications with additions in registers
 * alone, in the widest vectors of the level that runs. It takes some milliseconds. */
double peak_flops(void);

/* Bytes a second that one thread reads and writes, together, when it copies memory that no cache holds; 0 where there
 * is not so much memory. */
double peak_bytes(void);

#endif
