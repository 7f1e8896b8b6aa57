/* shape: cepstra of log-mel spectra, and a few numbers that tell their shape. */
#ifndef SER_AUDIO_SHAPE_H
#define SER_AUDIO_SHAPE_H

#include <stddef.h>

/* The basis of the orthonormal DCT-II of so many bands for n <= bands coefficients, in an
 * order of its own; release with free(). NULL, with the message set. */
double *shape_basis(size_t bands, size_t n);

/* Mel-frequency cepstral coefficients (MFCC), the first n of each frame of db (T,bands),
 * dB, to rows of out that lie stride apart. */
void shape_cepstrum(const double *basis, const float *db, size_t frames, size_t bands, size_t n, float *out, size_t stride);

enum { SHAPES = 6 };

/* Of spectra (T,bands) in decibels and as powers, of at least 2 bands, which are counted
 * from 0, to rows of out that lie stride apart:
 *
 *   slope     dB a band, of the line that fits the decibels best (least squares)
 *   centroid  band, the mean weighted by power
 *   spread    bands, the deviation from it weighted by power
 *   low_high  dB, loudest of the first 15/32 of the bands over the loudest of the others
 *   energy    dB, of the sum of all powers and 1e-9
 *   flux      dB, root of the mean squared difference from the frame before; of the first
 *             frame that of the second, or 0 where there is none */
void shape_run(const float *db, const float *power, size_t frames, size_t bands, float *out, size_t stride);

#endif
