/* decibel: powers to decibels and natural logarithms. */
#ifndef SER_AUDIO_DECIBEL_H
#define SER_AUDIO_DECIBEL_H

#include <stddef.h>

/* x[i] = 10 log10(max(amin, x[i]) / max(amin, ref)), then at least top_db
 * below the largest of them: librosa.power_to_db. ref NAN is the largest of x;
 * top_db NAN is none. amin is at least FLT_MIN. The error is below 2e-5 dB. */
void decibel_from_power(float *x, size_t n, double ref, double amin, double top_db);

/* x[i] = ln(max(amin, x[i])), with a relative error below 1e-6. */
void decibel_log(float *x, size_t n, double amin);

#endif
