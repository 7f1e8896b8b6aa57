#include "train/random.h"

#include <string.h>
#include <xxhash.h>

#include "base/order.h"

uint64_t
random_key(uint64_t seed, enum random_use use, uint64_t count)
{
	uint64_t bytes[3] = { seed, (uint64_t)use, count };

	order_turn(bytes, sizeof *bytes, 3);
	return XXH3_64bits(bytes, sizeof bytes);
}

uint64_t
random_named(uint64_t key, const char *name)
{
	return XXH3_64bits_withSeed(name, strlen(name), key);
}
