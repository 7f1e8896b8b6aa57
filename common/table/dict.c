#include "table/dict.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/mem.h"

struct entry {
	uint64_t hash;
	size_t at; /* in text */
	uint32_t length;
};

struct dict {
	atomic_size_t owners;
	char *text; /* all strings, each with its NUL */
	size_t used, cap;
	struct entry *entry;
	uint32_t n;
	uint32_t *slot;  /* entry + 1, 0 where free; linear probing */
	size_t slots;    /* a power of two */
};

enum { FIRST_SLOTS = 64, STRINGS_MAX = 1 << 30, KEY = 8 };

struct dict *
dict_new(void)
{
	struct dict *d = mem_zero(1, sizeof *d);
	uint32_t empty;

	if (d == NULL)
		return NULL;
	atomic_init(&d->owners, 1);
	d->slot = mem_zero(FIRST_SLOTS, sizeof *d->slot);
	d->slots = FIRST_SLOTS;
	if (d->slot == NULL || dict_add(d, "", 0, &empty) != ST_OK) {
		dict_free(d);
		return NULL;
	}
	return d;
}

struct dict *
dict_share(struct dict *d)
{
	atomic_fetch_add(&d->owners, 1);
	return d;
}

bool
dict_shared(const struct dict *d)
{
	return atomic_load(&d->owners) > 1;
}

void
dict_free(struct dict *d)
{
	if (d == NULL || atomic_fetch_sub(&d->owners, 1) > 1)
		return;
	free(d->text);
	free(d->entry);
	free(d->slot);
	free(d);
}

/* Strings of up to KEY bytes, of a length, have different hashes: what is in the hash
 * is all of the string, as no step of these loses a bit. */
static uint64_t
hash_of(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	uint32_t first = 0, last = 0;
	uint64_t x;

	if (n > KEY)
		return XXH3_64bits(s, n);
	if (n >= sizeof first) {
		memcpy(&first, s, sizeof first);
		memcpy(&last, s + n - sizeof last, sizeof last);
	} else if (n > 0) {
		first = u[0] | (uint32_t)u[n / 2] << 8 | (uint32_t)u[n - 1] << 16;
	}
	x = ((uint64_t)last << 32 | first) * 0x9e3779b97f4a7c15U;
	return x ^ x >> 32;
}

/* The string's index in slot, or that of the free one for it. */
static size_t
locate(const struct dict *d, const char *s, size_t n, uint64_t hash)
{
	size_t i = (size_t)hash & (d->slots - 1);

	for (; d->slot[i] != 0; i = (i + 1) & (d->slots - 1)) {
		const struct entry *e = &d->entry[d->slot[i] - 1];

		if (e->hash == hash && e->length == n && (n <= KEY || memcmp(d->text + e->at, s, n) == 0))
			break;
	}
	return i;
}

/* Half of the slots stay free, so that probes are short. */
static int
make_room(struct dict *d, size_t n)
{
	int rc = mem_room(&d->text, &d->cap, d->used + n + 1, 1);

	if (rc == ST_OK)
		rc = mem_push(&d->entry, d->n, sizeof *d->entry);
	if (rc == ST_OK && 2 * (size_t)d->n >= d->slots) {
		if ((rc = mem_grow(&d->slot, 2 * d->slots, sizeof *d->slot)) != ST_OK)
			return rc;
		d->slots *= 2;
		memset(d->slot, 0, d->slots * sizeof *d->slot);
		for (uint32_t k = 0; k < d->n; k++) {
			const struct entry *e = &d->entry[k];

			d->slot[locate(d, d->text + e->at, e->length, e->hash)] = k + 1;
		}
	}
	return rc;
}

int
dict_add(struct dict *d, const char *s, size_t n, uint32_t *number)
{
	uint64_t hash = hash_of(s, n);
	size_t i = locate(d, s, n, hash);
	int rc;

	if (d->slot[i] == 0) {
		if (n > UINT32_MAX || d->n == STRINGS_MAX)
			return err_set(ST_DATA, "too many or too long strings");
		if ((rc = make_room(d, n)) != ST_OK)
			return rc;
		i = locate(d, s, n, hash); /* slots may have moved */
		memcpy(d->text + d->used, s, n);
		d->text[d->used + n] = '\0';
		d->entry[d->n] = (struct entry){ hash, d->used, (uint32_t)n };
		d->used += n + 1;
		d->slot[i] = ++d->n;
	}
	*number = d->slot[i] - 1;
	return ST_OK;
}

uint32_t
dict_find(const struct dict *d, const char *s, size_t n)
{
	size_t i = locate(d, s, n, hash_of(s, n));

	return d->slot[i] == 0 ? DICT_NONE : d->slot[i] - 1;
}

const char *
dict_text(const struct dict *d, uint32_t number)
{
	return d->text + d->entry[number].at;
}

uint32_t
dict_size(const struct dict *d)
{
	return d->n;
}
