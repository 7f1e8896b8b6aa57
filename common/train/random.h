/* random: what is drawn for which purpose: no two uses share a stream of random numbers,
 * and all depend on the seed, the number of the epoch or step, and a name alone. */
#ifndef SER_TRAIN_RANDOM_H
#define SER_TRAIN_RANDOM_H

#include <stdint.h>

enum random_use { RANDOM_ORDER = 1, RANDOM_DROPOUT, RANDOM_VARIANT, RANDOM_EXAMPLE, RANDOM_PARTNER };

uint64_t random_key(uint64_t seed, enum random_use use, uint64_t count);

/* The same of a key and a name. */
uint64_t random_named(uint64_t key, const char *name);

#endif
