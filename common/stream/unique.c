#include "stream/unique.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/mem.h"

enum { FIRST_CAP = 64 }; /* a power of 2 */

struct unique_slot {
	uint64_t hash, number; /* number 0: free */
};

/* The slot of that hash, or the free one where it belongs. */
static struct unique_slot *
find(struct unique_slot *slot, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (slot[i].number != 0 && slot[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &slot[i];
}

static int
grow(struct unique *u)
{
	size_t cap = u->cap == 0 ? FIRST_CAP : 2 * u->cap;
	struct unique_slot *slot = mem_zero(cap, sizeof *slot);

	if (slot == NULL)
		return ST_SYS;
	for (size_t i = 0; i < u->cap; i++)
		if (u->slot[i].number != 0)
			*find(slot, cap, u->slot[i].hash) = u->slot[i];
	free(u->slot);
	u->slot = slot;
	u->cap = cap;
	return ST_OK;
}

int
unique_add(struct unique *u, const struct meta *meta, uint64_t number, uint64_t *before)
{
	const char *key = meta_get(meta, "key"), *start = meta_get(meta, "start");
	uint64_t hash = XXH3_64bits_withSeed(key, strlen(key), start == NULL ? 0 : XXH3_64bits(start, strlen(start)));
	struct unique_slot *slot;
	int rc = u->n < u->cap / 4 * 3 ? ST_OK : grow(u);

	if (rc != ST_OK)
		return rc;
	slot = find(u->slot, u->cap, hash);
	*before = slot->number;
	if (*before == 0) {
		*slot = (struct unique_slot){ hash, number };
		u->n++;
	}
	return ST_OK;
}

int
unique_count(struct unique *u, const struct meta *meta)
{
	uint64_t before;
	int rc = unique_add(u, meta, ++u->records, &before);

	if (rc != ST_OK || before == 0)
		return rc;
	if (u->repeated++ == 0)
		u->first = mem_str(meta_get(meta, "key"));
	return u->first == NULL ? ST_SYS : ST_OK;
}

void
unique_free(struct unique *u)
{
	free(u->first);
	free(u->slot);
	*u = (struct unique){ 0 };
}
