/* Writing archives: stored entries, sizes and checksums known beforehand, so
 * that one pass does on a pipe too. Dates are fixed: equal content gives
 * equal bytes. See zip.c for the format's source. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "numpy/zip.h"

enum {
	HEAD_MAX = 128, /* no header here is longer, names not counted */
	NAME_BYTES_MAX = 65535,
	VERSION_PLAIN = 20, /* what a reader must know (4.4.3) */
	VERSION_ZIP64 = 45,
	MADE_BY_UNIX = 3 << 8,
	FLAG_UTF8 = 1 << 11,
	DATE_1980 = 1 << 5 | 1, /* the earliest there is */
};
#define MODE_FILE (UINT32_C(0100644) << 16)

struct added {
	char *name;
	uint64_t size, offset;
	uint32_t crc;
};

struct zip_writer {
	struct io_out *out;
	struct added **entry;
	size_t n, cap;
	void *tree; /* the same by name */
	uint64_t at;
	uint64_t left; /* bytes that the last entry still wants */
	uint32_t crc;  /* of those it got */
};

/* Header bytes under construction. */
struct head {
	unsigned char byte[HEAD_MAX];
	size_t n;
};

static void
put(struct head *h, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		h->byte[h->n++] = (unsigned char)(value >> (8 * i));
}

static void
put_tag(struct head *h, unsigned char third, unsigned char fourth)
{
	put(h, 'P' | 'K' << 8 | third << 16 | (uint32_t)fourth << 24, 4);
}

/* The value, or the mark that says that the zip64 field has it. */
static uint32_t
narrow(uint64_t value)
{
	return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static int
write_bytes(struct zip_writer *w, const void *data, size_t n)
{
	int rc = io_write(w->out, data, n);

	w->at += n;
	return rc;
}

int
zip_create(struct zip_writer **w, struct io_out *out)
{
	*w = mem_zero(1, sizeof **w);
	if (*w == NULL)
		return ST_SYS;
	(*w)->out = out;
	return ST_OK;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct added *)a)->name, ((const struct added *)b)->name);
}

bool
zip_has(const struct zip_writer *w, const char *name)
{
	struct added key = { .name = (char *)(uintptr_t)name };

	return tfind(&key, &w->tree, by_name) != NULL;
}

/* What both headers of an entry share: versions to name length (4.3.7). */
static void
put_common(struct head *h, const struct added *a, bool wide)
{
	size_t name = strlen(a->name);
	bool ascii = true;

	for (size_t i = 0; i < name; i++)
		ascii = ascii && (unsigned char)a->name[i] < 0x80;
	put(h, wide ? VERSION_ZIP64 : VERSION_PLAIN, 2);
	put(h, ascii ? 0 : FLAG_UTF8, 2);
	put(h, 0, 2); /* stored */
	put(h, 0, 2);
	put(h, DATE_1980, 2);
	put(h, a->crc, 4);
	put(h, narrow(a->size), 4);
	put(h, narrow(a->size), 4);
	put(h, name, 2);
}

/* In a local header a zip64 field has both sizes (4.5.3). */
static int
write_local(struct zip_writer *w, const struct added *a)
{
	bool wide = a->size >= UINT32_MAX;
	struct head h = { .n = 0 };
	int rc;

	put_tag(&h, 3, 4);
	put_common(&h, a, wide);
	put(&h, wide ? 20 : 0, 2);
	rc = write_bytes(w, h.byte, h.n);
	if (rc == ST_OK)
		rc = write_bytes(w, a->name, strlen(a->name));
	if (rc != ST_OK || !wide)
		return rc;
	h.n = 0;
	put(&h, 1, 2);
	put(&h, 16, 2);
	put(&h, a->size, 8);
	put(&h, a->size, 8);
	return write_bytes(w, h.byte, h.n);
}

/* A directory entry's zip64 field has only what was saturated. */
static int
write_central(struct zip_writer *w, const struct added *a)
{
	struct head h = { .n = 0 }, extra = { .n = 0 };
	int rc;

	if (a->size >= UINT32_MAX) {
		put(&extra, a->size, 8);
		put(&extra, a->size, 8);
	}
	if (a->offset >= UINT32_MAX)
		put(&extra, a->offset, 8);
	put_tag(&h, 1, 2);
	put(&h, MADE_BY_UNIX | VERSION_ZIP64, 2);
	put_common(&h, a, extra.n > 0);
	put(&h, extra.n > 0 ? extra.n + 4 : 0, 2);
	put(&h, 0, 6); /* comment, disk, internal attributes */
	put(&h, MODE_FILE, 4);
	put(&h, narrow(a->offset), 4);
	rc = write_bytes(w, h.byte, h.n);
	if (rc == ST_OK)
		rc = write_bytes(w, a->name, strlen(a->name));
	if (rc != ST_OK || extra.n == 0)
		return rc;
	h.n = 0;
	put(&h, 1, 2);
	put(&h, extra.n, 2);
	rc = write_bytes(w, h.byte, h.n);
	return rc != ST_OK ? rc : write_bytes(w, extra.byte, extra.n);
}

/* The last entry must have got what was announced: a caller's mistake, but
 * one that would make a damaged archive. */
static int
end_entry(const struct zip_writer *w)
{
	if (w->n > 0 && (w->left > 0 || w->crc != w->entry[w->n - 1]->crc))
		return err_set(ST_SYS, "internal error: zip entry '%s' is not as announced", w->entry[w->n - 1]->name);
	return ST_OK;
}

static int
remember(struct zip_writer *w, const char *name, uint64_t size, uint32_t crc)
{
	struct added *a;

	if (w->n == w->cap) {
		size_t cap = w->cap == 0 ? 64 : 2 * w->cap;

		if (mem_grow(&w->entry, cap, sizeof(struct added *)) != ST_OK)
			return ST_SYS;
		w->cap = cap;
	}
	a = mem_zero(1, sizeof *a);
	if (a == NULL)
		return ST_SYS;
	w->entry[w->n++] = a;
	a->size = size;
	a->offset = w->at;
	a->crc = crc;
	a->name = mem_str(name);
	if (a->name == NULL)
		return ST_SYS;
	return tsearch(a, &w->tree, by_name) != NULL ? ST_OK : err_set(ST_SYS, "out of memory");
}

int
zip_add(struct zip_writer *w, const char *name, uint64_t size, uint32_t crc)
{
	int rc = end_entry(w);

	if (rc == ST_OK && strlen(name) > NAME_BYTES_MAX)
		rc = err_set(ST_DATA, "'%.40s...' is too long for a name in a zip archive", name);
	if (rc == ST_OK && zip_has(w, name))
		rc = err_set(ST_DATA, "the name '%s' would stand in the archive twice", name);
	if (rc == ST_OK)
		rc = remember(w, name, size, crc);
	if (rc != ST_OK)
		return rc;
	w->left = size;
	w->crc = 0;
	return write_local(w, w->entry[w->n - 1]);
}

int
zip_write(struct zip_writer *w, const void *data, size_t n)
{
	if (n > w->left)
		return err_set(ST_SYS, "internal error: a zip entry is too long");
	w->left -= n;
	w->crc = zip_crc(w->crc, data, n);
	return write_bytes(w, data, n);
}

/* The 64-bit end record and its locator (4.3.14, 4.3.15). */
static int
write_end64(struct zip_writer *w, uint64_t start, uint64_t bytes)
{
	uint64_t at = w->at;
	struct head h = { .n = 0 };

	put_tag(&h, 6, 6);
	put(&h, 44, 8); /* bytes that follow */
	put(&h, MADE_BY_UNIX | VERSION_ZIP64, 2);
	put(&h, VERSION_ZIP64, 2);
	put(&h, 0, 8);
	put(&h, w->n, 8);
	put(&h, w->n, 8);
	put(&h, bytes, 8);
	put(&h, start, 8);
	put_tag(&h, 6, 7);
	put(&h, 0, 4);
	put(&h, at, 8);
	put(&h, 1, 4);
	return write_bytes(w, h.byte, h.n);
}

int
zip_finish(struct zip_writer *w)
{
	uint64_t start = w->at, bytes;
	uint64_t n = w->n < UINT16_MAX ? w->n : UINT16_MAX;
	struct head h = { .n = 0 };
	int rc = end_entry(w);

	for (size_t i = 0; i < w->n && rc == ST_OK; i++)
		rc = write_central(w, w->entry[i]);
	bytes = w->at - start;
	if (rc == ST_OK && (w->n >= UINT16_MAX || start >= UINT32_MAX || bytes >= UINT32_MAX))
		rc = write_end64(w, start, bytes);
	if (rc != ST_OK)
		return rc;
	put_tag(&h, 5, 6);
	put(&h, 0, 4);
	put(&h, n, 2);
	put(&h, n, 2);
	put(&h, narrow(bytes), 4);
	put(&h, narrow(start), 4);
	put(&h, 0, 2);
	return write_bytes(w, h.byte, h.n);
}

void
zip_free(struct zip_writer *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->n; i++) {
		if (w->entry[i]->name != NULL)
			tdelete(w->entry[i], &w->tree, by_name);
		free(w->entry[i]->name);
		free(w->entry[i]);
	}
	free(w->entry);
	free(w);
}
