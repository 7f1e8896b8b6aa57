/* fft: spectra of real signals, FFT_LANES of them side by side.
 *
 * The signals of a block lie side by side, so that one vector instruction does
 * the same step of all of them without a shuffle within a register.
 * Powers of two run through a radix-4 transform of our own in that layout (five
 * to ten times as fast as KissFFT where there is AVX2 or AVX-512); KissFFT, one signal after the
 * other, takes every other even length. */
#ifndef SER_AUDIO_FFT_H
#define SER_AUDIO_FFT_H

#include <stddef.h>

enum { FFT_LANES = 16 };

struct fft; /* tables for one length; read-only in use, so threads may share it */

/* Plans transforms of n real samples, n even and from 2 to 2^24. */
int fft_new(struct fft **f, size_t n);
void fft_free(struct fft *f);

/* A block of FFT_LANES signals of n samples: sample t of signal l is
 * window[t] * base[offset[t] + l]. */
struct fft_block {
	const float *base;
	const size_t *offset;
	const float *window;
};

/* Floats of work memory that fft_power requires. */
size_t fft_work_size(const struct fft *f);

/* power[n/2+1][FFT_LANES] = |X(k)|^2 of the block's signals, where X(k) = sum
 * over t of x(t) exp(-2 pi i k t / n). work and power are 64-byte aligned. */
void fft_power(const struct fft *f, const struct fft_block *in, float *work, float *power);

/* The same with the real parts of X(k). As the transform of an even signal is real,
 * this also turns power spectra into autocorrelations (Wiener and Khinchin). */
void fft_real(const struct fft *f, const struct fft_block *in, float *work, float *real);

#endif
