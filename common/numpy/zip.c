/* Reading archives. Source of the format: PKWARE's APPNOTE.TXT 6.3.9, whose
 * sections the comments name. */
#include "numpy/zip.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	LOCAL_BYTES = 30,   /* 4.3.7 */
	CENTRAL_BYTES = 46, /* 4.3.12 */
	END64_BYTES = 56,   /* 4.3.14 */
	LOCATOR_BYTES = 20, /* 4.3.15 */
	END_BYTES = 22,     /* 4.3.16 */
	COMMENT_MAX = 65535,
	METHOD_STORED = 0,
	METHOD_DEFLATED = 8,
	FLAG_ENCRYPTED = 1,
	EXTRA_ZIP64 = 1,
	RATIO_MAX = 1032, /* deflate cannot expand its input by more */
};

static unsigned
get16(const unsigned char *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

static uint32_t
get32(const unsigned char *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t
get64(const unsigned char *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* True where n bytes from offset lie before end. */
static bool
fits(uint64_t offset, uint64_t n, uint64_t end)
{
	return offset <= end && n <= end - offset;
}

/* Where the directory is, from the record at the archive's end (4.3.16). */
struct directory {
	uint64_t start, bytes, entries;
	uint64_t end; /* of all that may hold entries */
};

static int
find_end(const struct zip *z, uint64_t *at)
{
	uint64_t comment;

	for (comment = 0; comment <= COMMENT_MAX && comment + END_BYTES <= z->size; comment++) {
		const unsigned char *p = z->data + (z->size - END_BYTES - comment);

		if (memcmp(p, "PK\5\6", 4) == 0 && get16(p + 20) == comment) {
			*at = z->size - END_BYTES - comment;
			return ST_OK;
		}
	}
	return err_set(ST_DATA, "not a complete zip archive: it has no end record");
}

/* The 64-bit record that stands in where a number is too large (4.3.14). */
static int
read_end64(const struct zip *z, uint64_t end, struct directory *d)
{
	const unsigned char *p;
	uint64_t at;

	if (end < LOCATOR_BYTES || memcmp(z->data + end - LOCATOR_BYTES, "PK\6\7", 4) != 0)
		return err_set(ST_DATA, "damaged zip archive: its 64-bit end record is missing");
	at = get64(z->data + end - LOCATOR_BYTES + 8);
	if (!fits(at, END64_BYTES, end - LOCATOR_BYTES) || memcmp(z->data + at, "PK\6\6", 4) != 0)
		return err_set(ST_DATA, "damaged zip archive: its 64-bit end record is not where it should be");
	p = z->data + at;
	if (get32(p + 16) != 0 || get32(p + 20) != 0 || get64(p + 24) != get64(p + 32))
		return err_set(ST_DATA, "a zip archive in several parts");
	d->entries = get64(p + 32);
	d->bytes = get64(p + 40);
	d->start = get64(p + 48);
	d->end = at;
	return ST_OK;
}

static int
find_directory(const struct zip *z, struct directory *d)
{
	const unsigned char *p;
	uint64_t end = 0;
	int rc = find_end(z, &end);

	if (rc != ST_OK)
		return rc;
	p = z->data + end;
	d->entries = get16(p + 10);
	d->bytes = get32(p + 12);
	d->start = get32(p + 16);
	d->end = end;
	if (d->entries == UINT16_MAX || d->bytes == UINT32_MAX || d->start == UINT32_MAX)
		rc = read_end64(z, end, d);
	else if (get16(p + 4) != 0 || get16(p + 6) != 0 || get16(p + 8) != d->entries)
		rc = err_set(ST_DATA, "a zip archive in several parts");
	if (rc != ST_OK)
		return rc;
	if (!fits(d->start, d->bytes, d->end) || d->entries > d->bytes / CENTRAL_BYTES)
		return err_set(ST_DATA, "damaged zip archive: its directory does not fit in it");
	return ST_OK;
}

/* Takes the next 64-bit number of a zip64 extra field for a saturated one. */
static bool
widen(uint64_t *value, const unsigned char **p, const unsigned char *end)
{
	if (*value != UINT32_MAX)
		return true;
	if (end - *p < 8)
		return false;
	*value = get64(*p);
	*p += 8;
	return true;
}

/* Reads sizes and offset of the directory entry at p, n bytes of extra
 * fields at extra (4.5.3). */
static bool
read_sizes(const unsigned char *p, const unsigned char *extra, size_t n, struct zip_entry *e, uint64_t *offset)
{
	const unsigned char *end = extra + n;

	e->packed = get32(p + 20);
	e->size = get32(p + 24);
	*offset = get32(p + 42);
	while (end - extra >= 4) {
		const unsigned char *field = extra + 4;
		size_t bytes = get16(extra + 2);

		if (bytes > (size_t)(end - field))
			return false;
		extra = field + bytes;
		if (get16(field - 4) == EXTRA_ZIP64)
			return widen(&e->size, &field, extra) && widen(&e->packed, &field, extra)
			       && widen(offset, &field, extra);
	}
	return true;
}

/* Follows a directory entry to its content, whose header (4.3.7) repeats the
 * name. */
static int
find_content(const struct zip *z, const struct directory *d, struct zip_entry *e, uint64_t offset)
{
	const unsigned char *p = z->data + (fits(offset, LOCAL_BYTES, d->start) ? offset : d->start);
	size_t name = strlen(e->name);

	if (!fits(offset, LOCAL_BYTES + name, d->start) || memcmp(p, "PK\3\4", 4) != 0 || get16(p + 26) != name
	    || memcmp(p + LOCAL_BYTES, e->name, name) != 0)
		return err_set(ST_DATA, "damaged zip archive: '%s' is not where it should be", e->name);
	e->start = offset + LOCAL_BYTES + name + get16(p + 28);
	if (!fits(e->start, e->packed, d->start))
		return err_set(ST_DATA, "damaged zip archive: '%s' does not fit in it", e->name);
	if (!e->deflated && e->packed != e->size)
		return err_set(ST_DATA, "damaged zip archive: '%s' has two sizes", e->name);
	if (e->deflated && e->size / RATIO_MAX > e->packed)
		return err_set(ST_DATA, "damaged zip archive: '%s' cannot be as large as it claims", e->name);
	return ST_OK;
}

/* Reads the directory entry at *at and moves on to the next. */
static int
read_entry(const struct zip *z, const struct directory *d, uint64_t *at, struct zip_entry *e)
{
	const unsigned char *p = z->data + *at;
	uint64_t end = d->start + d->bytes, offset;
	size_t name, extra;

	if (!fits(*at, CENTRAL_BYTES, end) || memcmp(p, "PK\1\2", 4) != 0)
		return err_set(ST_DATA, "damaged zip archive: its directory ends early");
	name = get16(p + 28);
	extra = get16(p + 30);
	if (!fits(*at + CENTRAL_BYTES, (uint64_t)name + extra + get16(p + 32), end))
		return err_set(ST_DATA, "damaged zip archive: its directory ends early");
	*at += CENTRAL_BYTES + (uint64_t)name + extra + get16(p + 32);
	if (memchr(p + CENTRAL_BYTES, '\0', name) != NULL)
		return err_set(ST_DATA, "damaged zip archive: a name holds a NUL byte");
	e->name = mem_strn((const char *)p + CENTRAL_BYTES, name);
	if (e->name == NULL)
		return ST_SYS;
	if (get16(p + 8) & FLAG_ENCRYPTED)
		return err_set(ST_DATA, "'%s' is encrypted", e->name);
	if (get16(p + 10) != METHOD_STORED && get16(p + 10) != METHOD_DEFLATED)
		return err_set(ST_DATA, "'%s' is packed by zip method %u; stored and deflated can be read", e->name,
		               get16(p + 10));
	e->deflated = get16(p + 10) == METHOD_DEFLATED;
	e->crc = get32(p + 16);
	if (!read_sizes(p, p + CENTRAL_BYTES + name, extra, e, &offset))
		return err_set(ST_DATA, "damaged zip archive: extra fields of '%s'", e->name);
	return find_content(z, d, e, offset);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
refuse_twins(const struct zip *z)
{
	char **name = mem_zero(z->n, sizeof *name);
	int rc = ST_OK;

	if (name == NULL)
		return ST_SYS;
	for (size_t i = 0; i < z->n; i++)
		name[i] = z->entry[i].name;
	qsort(name, z->n, sizeof *name, by_name);
	for (size_t i = 1; i < z->n && rc == ST_OK; i++)
		if (strcmp(name[i - 1], name[i]) == 0)
			rc = err_set(ST_DATA, "the zip archive has two entries named '%s'", name[i]);
	free(name);
	return rc;
}

int
zip_open(struct zip *z, const void *data, size_t size)
{
	struct directory d = { 0 };
	uint64_t at;
	int rc;

	z->data = data;
	z->size = size;
	z->entry = NULL;
	z->n = 0;
	rc = find_directory(z, &d);
	if (rc != ST_OK)
		return rc;
	z->entry = mem_zero(d.entries, sizeof *z->entry);
	if (z->entry == NULL)
		return ST_SYS;
	for (at = d.start; rc == ST_OK && z->n < d.entries; z->n++)
		rc = read_entry(z, &d, &at, &z->entry[z->n]);
	if (rc == ST_OK && at != d.start + d.bytes)
		rc = err_set(ST_DATA, "damaged zip archive: its directory is longer than its entries");
	if (rc == ST_OK)
		rc = refuse_twins(z);
	if (rc != ST_OK)
		zip_close(z);
	return rc;
}

void
zip_close(struct zip *z)
{
	for (size_t i = 0; i < z->n; i++)
		free(z->entry[i].name);
	free(z->entry);
	z->entry = NULL;
	z->n = 0;
}

const struct zip_entry *
zip_find(const struct zip *z, const char *name)
{
	for (size_t i = 0; i < z->n; i++)
		if (strcmp(z->entry[i].name, name) == 0)
			return &z->entry[i];
	return NULL;
}

struct zip_stream {
	const unsigned char *at;
	uint64_t packed; /* bytes there not yet read */
	uint64_t left;   /* bytes of content not yet taken */
	uint32_t crc, want;
	bool has_crc, deflated;
	z_stream inflate;
};

int
zip_plain(struct zip_stream **s, const void *data, size_t n)
{
	*s = mem_zero(1, sizeof **s);
	if (*s == NULL)
		return ST_SYS;
	(*s)->at = data;
	(*s)->packed = (*s)->left = n;
	return ST_OK;
}

int
zip_enter(struct zip_stream **s, const struct zip *z, const struct zip_entry *e)
{
	int rc = zip_plain(s, z->data + e->start, e->packed);

	if (rc != ST_OK)
		return rc;
	(*s)->left = e->size;
	(*s)->want = e->crc;
	(*s)->has_crc = true;
	if (e->deflated && inflateInit2(&(*s)->inflate, -MAX_WBITS) != Z_OK) {
		free(*s);
		*s = NULL;
		return err_set(ST_SYS, "out of memory");
	}
	(*s)->deflated = e->deflated;
	return ST_OK;
}

/* zlib counts in unsigned int: the largest piece to hand it. */
static unsigned
piece(uint64_t n)
{
	return n < (1U << 30) ? (unsigned)n : 1U << 30;
}

static int
take_deflated(struct zip_stream *s, unsigned char *buf, size_t n)
{
	z_stream *f = &s->inflate;

	while (n > 0) {
		unsigned in = piece(s->packed), out = piece(n);
		int rc;

		f->next_in = s->at;
		f->avail_in = in;
		f->next_out = buf;
		f->avail_out = out;
		rc = inflate(f, Z_NO_FLUSH);
		s->at += in - f->avail_in;
		s->packed -= in - f->avail_in;
		buf += out - f->avail_out;
		n -= out - f->avail_out;
		if (rc == Z_MEM_ERROR)
			return err_set(ST_SYS, "out of memory");
		if (rc != Z_OK && !(rc == Z_STREAM_END && n == 0))
			return err_set(ST_DATA, "damaged deflated data");
	}
	return ST_OK;
}

int
zip_take(struct zip_stream *s, void *buf, size_t n)
{
	int rc;

	if (n > s->left)
		return err_set(ST_DATA, "ends early: %zu bytes wanted, %llu left", n, (unsigned long long)s->left);
	if (n == 0)
		return ST_OK;
	if (s->deflated) {
		rc = take_deflated(s, buf, n);
		if (rc != ST_OK)
			return rc;
	} else {
		memcpy(buf, s->at, n);
		s->at += n;
		s->packed -= n;
	}
	s->left -= n;
	if (s->has_crc)
		s->crc = zip_crc(s->crc, buf, n);
	return ST_OK;
}

uint64_t
zip_left(const struct zip_stream *s)
{
	return s->left;
}

int
zip_check(struct zip_stream *s)
{
	if (s->left > 0)
		return err_set(ST_DATA, "%llu bytes too many", (unsigned long long)s->left);
	if (s->has_crc && s->crc != s->want)
		return err_set(ST_DATA, "checksum mismatch");
	return ST_OK;
}

void
zip_leave(struct zip_stream *s)
{
	if (s == NULL)
		return;
	if (s->deflated)
		inflateEnd(&s->inflate);
	free(s);
}

uint32_t
zip_crc(uint32_t crc, const void *data, size_t n)
{
	return (uint32_t)crc32_z(crc, data, n);
}

uint32_t
zip_crc_join(uint32_t first, uint32_t second, uint64_t n)
{
	return (uint32_t)crc32_combine(first, second, (z_off_t)n);
}
