/* peak: work at the highest rate that the processor has, to hold against what a program reaches. */
#ifndef SER_BASE_PEAK_H
#define SER_BASE_PEAK_H

/* Multiplies and adds in registers alone, in single precision and in the widest vectors of the level that runs, for some
 * ten microseconds; returns how many operations that was. x is the factor, and gets what keeps them from being left out. */
double peak_multiply(volatile float *x);

#endif
