/* libarchive reads and writes the entries. Their names are read here, from the
 * archive's directory: the library takes them from each entry's own header,
 * without a look at the directory, and turns them into the locale's characters.
 * PKWARE's APPNOTE.TXT 6.3.9 has the format. */
#include "numpy/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

enum {
	CENTRAL_BYTES = 46, /* 4.3.12 */
	LOCATOR_BYTES = 20, /* 4.3.15 */
	END_BYTES = 22,     /* 4.3.16 */
	COMMENT_MAX = 65535,
	NAME_BYTES_MAX = 65535,
	SATURATED = 65535, /* a count that the 64-bit end record has */
	RATIO_MAX = 1032, /* deflate cannot expand its input by more */
	BLOCK = 1 << 20, /* the library counts a block's bytes in 32 bits */
};

static const char ending[] = ".npy";

/* The library's message, without the newline that it may have. */
static int
failed(struct archive *a)
{
	const char *text = archive_error_string(a);
	int status = archive_errno(a) == ENOMEM ? ST_SYS : ST_DATA;

	return text == NULL ? err_set(status, "damaged zip archive")
	                    : err_set(status, "%.*s", (int)strcspn(text, "\n"), text);
}

/* Offset of the record at the archive's end, which ends with a comment as long as
 * it says; SIZE_MAX where there is none. */
static size_t
find_end(const unsigned char *data, size_t size)
{
	for (size_t comment = 0; comment <= COMMENT_MAX && comment + END_BYTES <= size; comment++) {
		size_t at = size - END_BYTES - comment;

		if (memcmp(data + at, "PK\5\6", 4) == 0 && mem_little(data + at + 20, 2) == comment)
			return at;
	}
	return SIZE_MAX;
}

/* Where the directory begins: before the end record, or as the 64-bit one says,
 * which a locator leads to (4.3.14). */
static uint64_t
find_directory(const unsigned char *data, size_t end)
{
	const unsigned char *locator = data + end - LOCATOR_BYTES;
	uint64_t at;

	if (end < LOCATOR_BYTES || memcmp(locator, "PK\6\7", 4) != 0)
		return end - mem_little(data + end + 12, 4);
	at = mem_little(locator + 8, 8);
	return at < end && end - at >= 56 ? mem_little(data + at + 48, 8) : UINT64_MAX;
}

/* Refuses what an unpacker could put elsewhere than below its folder. */
static int
check_name(const char *name)
{
	bool out = name[0] == '/' || strchr(name, '\\') != NULL || (name[0] != '\0' && strncmp(name + 1, ":/", 2) == 0);

	for (const char *part = name; part != NULL && !out;) {
		out = strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0');
		if ((part = strchr(part, '/')) != NULL)
			part++;
	}
	return out ? err_set(ST_DATA, "an array must not be named '%s', which leads out of its folder", name)
	           : text_check(name, strlen(name));
}

/* Adds the name of a directory entry, n bytes. */
static int
add_name(struct zip *z, const unsigned char *p, size_t n)
{
	char *name = z->name[z->n] = mem_strn((const char *)p, n);

	if (name == NULL)
		return ST_SYS;
	z->n++;
	if (strlen(name) < n)
		return err_set(ST_DATA, "damaged zip archive: a name holds a NUL byte");
	if (n < strlen(ending) || strcmp(name + n - strlen(ending), ending) != 0)
		return err_set(ST_DATA, "'%s' in the archive is no array (%s)", name, ending);
	name[n - strlen(ending)] = '\0';
	return check_name(name) == ST_OK ? ST_OK : err_prefix("names in the archive");
}

static int
read_names(struct zip *z, const unsigned char *p, const unsigned char *end)
{
	int rc = ST_OK;

	z->name = mem_zero((size_t)(end - p) / CENTRAL_BYTES, sizeof *z->name);
	if (z->name == NULL)
		return ST_SYS;
	while (rc == ST_OK && end - p >= CENTRAL_BYTES && memcmp(p, "PK\1\2", 4) == 0) {
		size_t name = mem_little(p + 28, 2), bytes = CENTRAL_BYTES + name + mem_little(p + 30, 2) + mem_little(p + 32, 2);

		if (bytes > (size_t)(end - p))
			break;
		rc = add_name(z, p + CENTRAL_BYTES, name);
		p += bytes;
	}
	if (rc == ST_OK && mem_little(end + 10, 2) != SATURATED && mem_little(end + 10, 2) != z->n)
		rc = err_set(ST_DATA, "damaged zip archive: its directory ends early");
	return rc;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
check_duplicates(const struct zip *z)
{
	char **name = mem_zero(z->n, sizeof *name);
	int rc = ST_OK;

	if (name == NULL)
		return ST_SYS;
	if (z->n > 0)
		memcpy(name, z->name, z->n * sizeof *name);
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
	size_t end = find_end(data, size);
	uint64_t start;
	int rc;

	*z = (struct zip){ .data = data };
	if (end == SIZE_MAX)
		return err_set(ST_DATA, "not a complete zip archive: it has no end record");
	z->size = end + END_BYTES;
	start = find_directory(data, end);
	if (start > end)
		return err_set(ST_DATA, "damaged zip archive: its directory does not fit in it");
	rc = read_names(z, z->data + start, z->data + end);
	return rc == ST_OK ? check_duplicates(z) : rc;
}

void
zip_close(struct zip *z)
{
	for (size_t i = 0; i < z->n; i++)
		free(z->name[i]);
	free(z->name);
	*z = (struct zip){ 0 };
}

struct zip_stream {
	struct archive *archive; /* NULL: plain bytes */
	const unsigned char *data;
	size_t size, at; /* at: what the library has read */
	size_t next;     /* entry, from 0 */
	uint64_t left;   /* bytes of content not yet read */
};

static la_ssize_t
give_block(struct archive *a, void *stream, const void **block)
{
	struct zip_stream *s = stream;
	size_t n = s->size - s->at < BLOCK ? s->size - s->at : BLOCK;

	(void)a;
	*block = s->data + s->at;
	s->at += n;
	return (la_ssize_t)n;
}

static la_int64_t
seek_to(struct archive *a, void *stream, la_int64_t offset, int whence)
{
	struct zip_stream *s = stream;
	la_int64_t to = offset + (la_int64_t)(whence == SEEK_SET ? 0 : whence == SEEK_CUR ? s->at : s->size);

	(void)a;
	if (to < 0 || to > (la_int64_t)s->size)
		return ARCHIVE_FATAL;
	s->at = (size_t)to;
	return to;
}

int
zip_plain(struct zip_stream **s, const void *data, size_t n)
{
	*s = mem_zero(1, sizeof **s);
	if (*s == NULL)
		return ST_SYS;
	(*s)->data = data;
	(*s)->size = (*s)->left = n;
	return ST_OK;
}

static int
begin(struct zip_stream **stream, const struct zip *z)
{
	int rc = zip_plain(stream, z->data, z->size);
	struct archive *a;

	if (rc != ST_OK)
		return rc;
	a = (*stream)->archive = archive_read_new();
	if (a == NULL)
		return err_set(ST_SYS, "out of memory");
	archive_read_support_format_zip_seekable(a);
	archive_read_set_seek_callback(a, seek_to);
	return archive_read_open(a, *stream, NULL, give_block, NULL) == ARCHIVE_OK ? ST_OK : failed(a);
}

int
zip_enter(struct zip_stream **stream, const struct zip *z, size_t entry)
{
	struct archive_entry *e = NULL;
	const char *name = z->name[entry], *path;
	bool ascii = text_characters(name, strlen(name)) == strlen(name);
	struct zip_stream *s;
	int got, rc;

	if (*stream != NULL && (*stream)->next > entry) {
		zip_leave(*stream);
		*stream = NULL;
	}
	if (*stream == NULL && (rc = begin(stream, z)) != ST_OK)
		return rc;
	s = *stream;
	do
		got = archive_read_next_header(s->archive, &e);
	while (got >= ARCHIVE_WARN && got != ARCHIVE_EOF && s->next++ < entry);
	if (got == ARCHIVE_EOF)
		return err_set(ST_DATA, "damaged zip archive: '%s' is not in it", name);
	/* A warning is also that this locale has no such characters. */
	if (got < (ascii ? ARCHIVE_OK : ARCHIVE_WARN))
		return failed(s->archive);
	path = archive_entry_pathname(e);
	if (ascii && (path == NULL || strncmp(path, name, strlen(name)) != 0 || strcmp(path + strlen(name), ending) != 0))
		return err_set(ST_DATA, "damaged zip archive: '%s' is not where it should be", name);
	if (archive_entry_is_encrypted(e))
		return err_set(ST_DATA, "'%s' is encrypted", name);
	s->left = (uint64_t)archive_entry_size(e);
	if (s->left / RATIO_MAX > z->size)
		return err_set(ST_DATA, "damaged zip archive: '%s' cannot be as large as it claims", name);
	return ST_OK;
}

int
zip_take(struct zip_stream *s, void *buf, size_t n)
{
	unsigned char *p = buf;
	la_ssize_t got;

	if (n > s->left)
		return err_set(ST_DATA, "ends early: %zu bytes expected, %llu left", n, (unsigned long long)s->left);
	s->left -= n;
	if (s->archive == NULL) {
		memcpy(p, s->data + s->at, n);
		s->at += n;
		return ST_OK;
	}
	for (; n > 0; n -= (size_t)got, p += got)
		if ((got = archive_read_data(s->archive, p, n)) <= 0)
			return got < 0 ? failed(s->archive) : err_set(ST_DATA, "ends early: %zu bytes are missing", n);
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
	la_ssize_t got = 0;
	char more;

	/* Only at the end the library compares sizes and checksum. */
	if (s->left == 0 && s->archive != NULL)
		got = archive_read_data(s->archive, &more, 1);
	if (got < 0)
		return failed(s->archive);
	return s->left + (uint64_t)got == 0 ? ST_OK : err_set(ST_DATA, "more bytes than its shape requires");
}

void
zip_leave(struct zip_stream *s)
{
	if (s != NULL && s->archive != NULL)
		archive_read_free(s->archive);
	free(s);
}

struct zip_writer {
	struct archive *archive;
	struct archive_entry *entry;
	struct io_out *out;
	locale_t utf8;
};

static la_ssize_t
pass_on(struct archive *a, void *writer, const void *data, size_t n)
{
	const struct zip_writer *w = writer;

	(void)a;
	return w->out != NULL && io_write(w->out, data, n) == ST_OK ? (la_ssize_t)n : -1;
}

/* The message is the library's, or io_write's. */
static int
not_written(const struct zip_writer *w)
{
	return archive_error_string(w->archive) == NULL ? err_status() : failed(w->archive);
}

int
zip_create(struct zip_writer **writer, struct io_out *out)
{
	struct zip_writer *w = *writer = mem_zero(1, sizeof *w);

	if (w == NULL)
		return ST_SYS;
	w->out = out;
	w->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (w->utf8 == (locale_t)0) /* macOS */
		w->utf8 = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0);
	w->archive = archive_write_new();
	w->entry = archive_entry_new();
	if (w->archive == NULL || w->entry == NULL)
		return err_set(ST_SYS, "out of memory");
	archive_write_set_format_zip(w->archive);
	archive_write_zip_set_compression_store(w->archive);
	archive_write_set_bytes_per_block(w->archive, 0); /* io_write has a buffer */
	return archive_write_open(w->archive, w, NULL, pass_on, NULL) == ARCHIVE_OK ? ST_OK : failed(w->archive);
}

int
zip_add(struct zip_writer *w, const char *name, uint64_t size)
{
	size_t n = strlen(name) + sizeof ending;
	char *path;
	locale_t locale;
	int rc = check_name(name);

	if (rc != ST_OK)
		return rc;
	if (n > NAME_BYTES_MAX)
		return err_set(ST_DATA, "'%.40s...' is too long for a name in a zip archive", name);
	if (w->utf8 == (locale_t)0 && text_characters(name, strlen(name)) != strlen(name))
		return err_set(ST_SYS, "no locale has UTF-8, which '%s' needs", name);
	path = mem_zero(n, 1);
	if (path == NULL)
		return ST_SYS;
	snprintf(path, n, "%s%s", name, ending);
	archive_entry_clear(w->entry);
	archive_entry_copy_pathname(w->entry, path);
	free(path);
	archive_entry_set_filetype(w->entry, AE_IFREG);
	archive_entry_set_perm(w->entry, 0644);
	archive_entry_set_size(w->entry, (la_int64_t)size);
	/* Only in such a locale the library marks a name as UTF-8. */
	locale = uselocale(w->utf8);
	rc = archive_write_header(w->archive, w->entry);
	uselocale(locale);
	return rc == ARCHIVE_OK ? ST_OK : not_written(w);
}

int
zip_write(struct zip_writer *w, const void *data, size_t n)
{
	for (const char *p = data; n > 0;) {
		la_ssize_t some = archive_write_data(w->archive, p, n < BLOCK ? n : BLOCK);

		if (some <= 0)
			return not_written(w);
		p += some;
		n -= (size_t)some;
	}
	return ST_OK;
}

int
zip_finish(struct zip_writer *w)
{
	return archive_write_close(w->archive) == ARCHIVE_OK ? ST_OK : not_written(w);
}

void
zip_free(struct zip_writer *w)
{
	if (w == NULL)
		return;
	w->out = NULL; /* nothing more is written to an unfinished archive */
	archive_write_free(w->archive);
	archive_entry_free(w->entry);
	if (w->utf8 != (locale_t)0)
		freelocale(w->utf8);
	free(w);
}
