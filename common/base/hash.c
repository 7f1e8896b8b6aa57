#include "base/hash.h"

#define XXH_INLINE_ALL /* the library's own is compiled for every processor of the kind: half as fast */
#include <xxhash.h>

#include "base/level.h"

KERNEL_OF(uint64_t, hash_bytes, (const void *data, size_t n, uint64_t seed), (data, n, seed))
{
	return XXH3_64bits_withSeed(n == 0 ? "" : data, n, seed);
}
