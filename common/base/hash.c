#include "base/hash.h"

#include <xxhash.h>

#include "base/level.h"

KERNEL_OF(uint64_t, hash_bytes, (const void *data, size_t n, uint64_t seed), (data, n, seed))
{
	return XXH3_64bits_withSeed(n == 0 ? "" : data, n, seed);
}
