#include "audio/container.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* Formats made of chunks: a name, a size, that many bytes. */
struct layout {
	const char *magic;   /* at the file's beginning */
	const char *form;    /* at byte 8, or NULL */
	const char *audio;   /* beginning of the name of the chunk with the samples */
	size_t first;        /* byte of the first chunk */
	size_t name, number; /* bytes of a name and of a size */
	size_t align;        /* chunks begin at multiples of it from the first */
	bool big;            /* numbers are big-endian */
	bool whole;          /* a size counts name and size too */
};

static const struct layout layouts[] = {
	{ "RIFF", "WAVE", "data", 12, 4, 4, 2, false, false },
	{ "RIFX", "WAVE", "data", 12, 4, 4, 2, true, false },
	{ "RF64", "WAVE", "data", 12, 4, 4, 2, false, false },
	{ "BW64", "WAVE", "data", 12, 4, 4, 2, false, false },
	{ "FORM", "AIFF", "SSND", 12, 4, 4, 2, true, false },
	{ "FORM", "AIFC", "SSND", 12, 4, 4, 2, true, false },
	{ "caff", NULL, "data", 8, 4, 8, 1, true, false },
	{ "riff", NULL, "data", 40, 16, 8, 8, false, true },
};

static uint64_t
number(const unsigned char *p, size_t n, bool big)
{
	uint64_t x = 0;

	for (size_t i = 0; i < n; i++)
		x = x << 8 | p[big ? i : n - 1 - i];
	return x;
}

/* Sizes that mean "until the end": -1, and those that sox writes to pipes. */
static bool
is_open(uint64_t claim, size_t bytes)
{
	return bytes == 8 ? claim == UINT64_MAX : claim == UINT32_MAX || (claim >= 0x7ffff000 && claim <= 0x7fffffff);
}

static int
compare(uint64_t claim, uint64_t size)
{
	if (claim > size)
		return err_set(ST_DATA, "cut off: the header claims %llu bytes of audio, the file has %llu",
		               (unsigned long long)claim, (unsigned long long)size);
	if (claim == 0 && size > 0)
		return err_set(ST_DATA, "the header claims no audio: the recording was not closed properly");
	return ST_OK;
}

static int
check_chunks(const struct layout *f, const unsigned char *data, size_t size)
{
	size_t at = f->first, head = f->name + f->number;
	uint64_t long_size = UINT64_MAX; /* RF64's, for a size field of 32 bits */

	while (at <= size && size - at >= head) {
		const unsigned char *p = data + at;
		uint64_t claim = number(p + f->name, f->number, f->big);

		if (f->whole)
			claim = claim < head ? 0 : claim - head;
		at += head;
		if (memcmp(p, "ds64", 4) == 0 && size - at >= 16)
			long_size = number(p + head + 8, 8, false);
		if (memcmp(p, f->audio, strlen(f->audio)) == 0) {
			if (claim == UINT32_MAX && long_size != UINT64_MAX)
				claim = long_size;
			else if (is_open(claim, f->number))
				return ST_OK;
			return compare(claim, size - at);
		}
		if (claim > size - at)
			break;
		claim += (f->align - (at - f->first + claim) % f->align) % f->align;
		at = claim > size - at ? size : at + (size_t)claim;
	}
	return ST_OK; /* no audio found: libsndfile will not find any either */
}

static int
check_au(const unsigned char *data, size_t size)
{
	bool big = data[0] == '.';
	uint64_t at, claim;

	if (size < 24)
		return ST_OK;
	at = number(data + 4, 4, big);
	claim = number(data + 8, 4, big);
	return is_open(claim, 4) || at > size ? ST_OK : compare(claim, size - at);
}

/* NIST SPHERE: a text head of fixed size with lines like "sample_count -i 5". */
static int
check_nist(const unsigned char *data, size_t size)
{
	static const char *const fields[] = { "\nsample_count -i ", "\nchannel_count -i ", "\nsample_n_bytes -i " };
	char head[1025] = "";
	uint64_t bytes = 1;
	unsigned long at;

	if (size < 1024)
		return ST_OK;
	memcpy(head, data, 1024);
	at = strtoul(head + 8, NULL, 10);
	for (size_t i = 0; i < 3; i++) {
		const char *field = strstr(head, fields[i]);

		if (field == NULL)
			return ST_OK;
		bytes *= strtoul(field + strlen(fields[i]), NULL, 10) & 0xffffffff;
	}
	return strstr(head, "sample_coding -s3 pcm") == NULL || at > size ? ST_OK : compare(bytes, size - at);
}

/* The last page of an Ogg stream says that it is the last (RFC 3533, 6). */
static int
check_ogg(const unsigned char *data, size_t size)
{
	for (size_t at = size < 27 ? 0 : size - 27; at > 0; at--) {
		const unsigned char *p = data + at;
		size_t bytes = 27;

		if (memcmp(p, "OggS", 4) != 0 || p[4] != 0 || size - at - 27 < p[26])
			continue;
		bytes += p[26];
		for (size_t i = 0; i < p[26]; i++)
			bytes += p[27 + i];
		if (bytes <= size - at && (p[5] & 4) != 0)
			return ST_OK;
		break;
	}
	return err_set(ST_DATA, "cut off: the last page of the Ogg stream is missing");
}

int
container_check(const unsigned char *data, size_t size)
{
	if (size < 12)
		return ST_OK;
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		const struct layout *f = &layouts[i];

		if (memcmp(data, f->magic, 4) == 0 && (f->form == NULL || memcmp(data + 8, f->form, 4) == 0))
			return check_chunks(f, data, size);
	}
	if (memcmp(data, ".snd", 4) == 0 || memcmp(data, "dns.", 4) == 0)
		return check_au(data, size);
	if (memcmp(data, "NIST_1A\n", 8) == 0)
		return check_nist(data, size);
	return memcmp(data, "OggS", 4) == 0 ? check_ogg(data, size) : ST_OK;
}
