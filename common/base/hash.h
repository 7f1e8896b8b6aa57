/* hash: XXH3, 64 bits, of many bytes, by the processor's widest vectors. */
#ifndef SER_BASE_HASH_H
#define SER_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Of n bytes; data may be NULL where there are none. */
uint64_t hash_bytes(const void *data, size_t n, uint64_t seed);

#endif
