/* init: Keras's initial weights. */
#ifndef SER_NET_INIT_H
#define SER_NET_INIT_H

#include "net/layer.h"

/* Fills one array: zeros, ones, uniform in +-sqrt(6 / (fan_in + fan_out))
 * (X. Glorot and Y. Bengio, AISTATS 2010), rows or columns orthonormal (A. Saxe
 * et al., ICLR 2014), or an LSTM's bias: zeros with the forget gate at one (R.
 * Jozefowicz et al., ICML 2015). Draws depend on seed and name alone. */
int init_fill(real *w, int rank, const size_t *shape, enum nn_fill fill, double fan_in, double fan_out, uint64_t seed,
              const char *name);

#endif
