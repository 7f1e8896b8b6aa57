/* npy: arrays and archives against texts and bytes put together here, and
 * what any damage to them does. */
#include "numpy/npy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/replace.h"
#include "numpy/npz.h"
#include "tap.h"

enum { ROOM = 1 << 16 };

struct bytes {
	unsigned char byte[ROOM];
	size_t n;
};

static void
put(struct bytes *b, const void *data, size_t n)
{
	if (n > 0)
		memcpy(b->byte + b->n, data, n);
	b->n += n;
}

static void
put_number(struct bytes *b, uint64_t x, int bytes)
{
	for (; bytes > 0; bytes--, x >>= 8)
		b->byte[b->n++] = (unsigned char)x;
}

/* A .npy file with that header text. */
static void
make_npy(struct bytes *b, int version, const char *text, const void *data, size_t n)
{
	put(b, "\x93NUMPY", 6);
	put_number(b, (uint64_t)version, 1);
	put_number(b, 0, 1);
	put_number(b, strlen(text), version == 1 ? 2 : 4);
	put(b, text, strlen(text));
	put(b, data, n);
}

static int
open_bytes(const struct bytes *b, struct zip_stream **s, struct npy *a)
{
	int rc = zip_plain(s, b->byte, b->n);

	return rc == ST_OK ? npy_open(a, *s) : rc;
}

static void
test_headers(void)
{
	static const char *const good[] = {
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }          \n",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
		"{\"shape\": (2L, 3L), \"descr\": \"<f4\", \"fortran_order\": False}\n",
		"{ 'fortran_order' :False , 'shape':( 2,3 ,) ,'descr':'<f4' }",
	};
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "", "dictionary" },
		{ "{", "dictionary" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)", "dictionary" },
		{ "{'descr': '<f4', 'fortran_order': False}", "missing" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}", "unknown or repeated key 'x'" },
		{ "{'descr': '<f4', 'descr': '<f4', 'shape': (2, 3)}", "repeated" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x", "follows" },
		{ "{'descr': '<f4' 'fortran_order': False, 'shape': (2, 3)}", "dictionary" },
		{ "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}", "astype('<f4')" },
		{ "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}", "objects" },
		{ "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}", "structures" },
		{ "{'descr': '<f', 'fortran_order': False, 'shape': (2, 3)}", "cannot be read" },
		{ "{'descr': '<U0', 'fortran_order': False, 'shape': (99999999999,)}", "cannot be read" },
		{ "{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (3,)}", "cannot be read" },
		{ "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 3)}", "fortran_order" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': 6}", "tuple" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3)}", "number" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}", "malformed shape" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3", "malformed shape" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "too large" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "too large" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}", "too large" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,6)}", "more than 9 dimensions" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4)}", "24 bytes follow the header, whose shape requires 32" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (5,)}", "requires 20" },
	};
	static const float data[6] = { 1, 2, 3, 4, 5, 6 };
	struct zip_stream *s = NULL;
	struct npy a;
	bool fine = true;

	for (int version = 1; version <= 3; version++)
		for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
			struct bytes b = { .n = 0 };

			make_npy(&b, version, good[i], data, sizeof data);
			fine = fine && open_bytes(&b, &s, &a) == ST_OK && a.dtype == TSR_F32 && a.rank == 2 && a.shape[0] == 2
			       && a.shape[1] == 3 && !a.fortran && a.bytes == 24;
			zip_leave(s);
		}
	ok(fine, "headers of all versions and styles");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct bytes b = { .n = 0 };
		int rc;

		make_npy(&b, 1, bad[i].text, data, sizeof data);
		rc = open_bytes(&b, &s, &a);
		has(rc == ST_DATA ? err_text() : "no error", bad[i].message, bad[i].text);
		zip_leave(s);
	}
}

static void
test_arrays(void)
{
	static const int32_t want[6] = { 0, 2, 4, 1, 3, 5 };
	int32_t data[6] = { 0, 1, 2, 3, 4, 5 };
	uint32_t units[6] = { 'a', 0xe9, 0x20ac, 0x1f600, 0, 0 };
	static const int8_t small[3] = { -1, 0, 127 };
	struct bytes b = { .n = 0 };
	struct zip_stream *s = NULL;
	struct npy_text t;
	struct npy a;
	void *got = NULL;

	order_turn(data, sizeof *data, 6);
	order_turn(units, sizeof *units, 6);
	make_npy(&b, 1, "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3)}", data, sizeof data);
	ok(open_bytes(&b, &s, &a) == ST_OK && npy_load(&a, s, &got) == ST_OK && memcmp(got, want, sizeof want) == 0,
	   "Fortran's order becomes C's");
	free(got);
	zip_leave(s);
	b.n = 0;
	make_npy(&b, 1, "{'descr': '<U3', 'fortran_order': False, 'shape': (2,)}", units, sizeof units);
	ok(open_bytes(&b, &s, &a) == ST_OK && npy_load_text(&a, s, &t) == ST_OK && t.n == 2
	       && strcmp(t.item[0], "a\xc3\xa9\xe2\x82\xac") == 0 && strcmp(t.item[1], "\xf0\x9f\x98\x80") == 0,
	   "strings become UTF-8");
	free(t.item);
	zip_leave(s);
	b.n = 0;
	make_npy(&b, 1, "{'descr': '|i1', 'fortran_order': False, 'shape': (3,)}", small, sizeof small);
	ok(open_bytes(&b, &s, &a) == ST_OK && npy_load_text(&a, s, &t) == ST_OK && t.n == 3 && strcmp(t.item[0], "-1") == 0
	       && strcmp(t.item[1], "0") == 0 && strcmp(t.item[2], "127") == 0,
	   "integers become text");
	free(t.item);
	zip_leave(s);
	ok(open_bytes(&b, &s, &a) == ST_OK && npy_load(&a, s, &got) == ST_DATA && strstr(err_text(), "|i1") != NULL,
	   "a type that streams do not have is named");
	zip_leave(s);
	b.n = 0;
	make_npy(&b, 1, "{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}", "\x00\xd8\x00\x00", 4);
	ok(open_bytes(&b, &s, &a) == ST_OK && npy_load_text(&a, s, &t) == ST_DATA, "a surrogate is no character");
	zip_leave(s);
	b.n = 0;
	make_npy(&b, 1, "{'descr': '|S3', 'fortran_order': False, 'shape': (1,)}", "a\0b", 3);
	ok(open_bytes(&b, &s, &a) == ST_OK && npy_load_text(&a, s, &t) == ST_DATA, "neither is a NUL");
	zip_leave(s);
}

/* An entry for an archive made here. */
struct made {
	const char *name;
	const void *data;
	size_t n;
	bool deflated, wide; /* wide: sizes and offset in zip64 fields */
	int method, flags;   /* to be wrong */
	uint64_t size;       /* to be wrong */
	uint32_t crc;        /* to be wrong */
};

static size_t
pack(const struct made *m, unsigned char *to, size_t room)
{
	z_stream z = { 0 };

	if (!m->deflated) {
		memcpy(to, m->data, m->n);
		return m->n;
	}
	deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
	z.next_in = m->data;
	z.avail_in = (unsigned)m->n;
	z.next_out = to;
	z.avail_out = (unsigned)room;
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return z.total_out;
}

static void
put_entry(struct bytes *b, const struct made *m, bool central, uint64_t packed, uint64_t offset)
{
	uint64_t size = m->size != 0 ? m->size : m->n;
	size_t extra = m->wide ? (central ? 28 : 20) : 0;

	put(b, central ? "PK\1\2\x2d\3\x2d" : "PK\3\4\x2d", central ? 7 : 5);
	put_number(b, 0, 1);
	put_number(b, (uint64_t)m->flags, 2);
	put_number(b, m->method != 0 ? (uint64_t)m->method : m->deflated ? 8 : 0, 2);
	put_number(b, 0, 4);
	put_number(b, crc32(0, m->data, (unsigned)m->n) ^ m->crc, 4);
	put_number(b, m->wide ? UINT32_MAX : packed, 4);
	put_number(b, m->wide ? UINT32_MAX : size, 4);
	put_number(b, strlen(m->name), 2);
	put_number(b, extra, 2);
	if (central) {
		put_number(b, 0, 2);
		put_number(b, 0, 8);
		put_number(b, m->wide ? UINT32_MAX : offset, 4);
	}
	put(b, m->name, strlen(m->name));
	if (extra == 0)
		return;
	put_number(b, 1, 2);
	put_number(b, extra - 4, 2);
	put_number(b, size, 8);
	put_number(b, packed, 8);
	if (central)
		put_number(b, offset, 8);
}

/* An archive of those entries; wide: with the 64-bit end record. */
static void
make_zip(struct bytes *b, const struct made *m, size_t n, bool wide, const char *comment)
{
	static unsigned char packed[ROOM];
	uint64_t offset[8], bytes[8], start, end;

	for (size_t i = 0; i < n; i++) {
		bytes[i] = pack(&m[i], packed, sizeof packed);
		offset[i] = b->n;
		put_entry(b, &m[i], false, bytes[i], offset[i]);
		put(b, packed, bytes[i]);
	}
	start = b->n;
	for (size_t i = 0; i < n; i++)
		put_entry(b, &m[i], true, bytes[i], offset[i]);
	end = b->n;
	if (wide) {
		put(b, "PK\6\6", 4);
		put_number(b, 44, 8);
		put_number(b, 0x2d, 2);
		put_number(b, 0x2d, 2);
		put_number(b, 0, 8);
		put_number(b, n, 8);
		put_number(b, n, 8);
		put_number(b, end - start, 8);
		put_number(b, start, 8);
		put(b, "PK\6\7", 4);
		put_number(b, 0, 4);
		put_number(b, end, 8);
		put_number(b, 1, 4);
	}
	put(b, "PK\5\6", 4);
	put_number(b, 0, 4);
	put_number(b, wide ? UINT16_MAX : n, 2);
	put_number(b, wide ? UINT16_MAX : n, 2);
	put_number(b, wide ? UINT32_MAX : end - start, 4);
	put_number(b, wide ? UINT32_MAX : start, 4);
	put_number(b, strlen(comment), 2);
	put(b, comment, strlen(comment));
}

/* Reads all of an entry, in two parts. */
static int
take_content(struct zip_stream **s, const struct zip *z, size_t entry, char *to, size_t room)
{
	int rc = zip_enter(s, z, entry);
	size_t n = rc == ST_OK ? (size_t)zip_left(*s) : 0;

	if (rc == ST_OK && n > room)
		abort();
	if (rc == ST_OK && (rc = zip_take(*s, to, n / 2)) == ST_OK && zip_left(*s) != n - n / 2)
		abort();
	if (rc == ST_OK)
		rc = zip_take(*s, to + n / 2, n - n / 2);
	return rc == ST_OK ? zip_check(*s) : rc;
}

static bool
content_is(struct zip_stream **s, const struct zip *z, size_t entry, const char *name, const void *want, size_t n)
{
	static char got[ROOM];

	return strcmp(z->name[entry], name) == 0 && take_content(s, z, entry, got, sizeof got) == ST_OK
	       && memcmp(got, want, n) == 0 && zip_take(*s, got, 1) == ST_DATA;
}

static void
test_zip(void)
{
	static char long_text[9000];
	struct made m[3] = { { .name = "a.npy", .data = "plain", .n = 5 },
		                 { .name = "b/c.npy", .data = long_text, .n = sizeof long_text, .deflated = true },
		                 { .name = ".npy", .data = "", .n = 0 } };
	struct zip_stream *s = NULL;
	struct zip z;

	for (size_t i = 0; i < sizeof long_text; i++)
		long_text[i] = (char)(i * i / 50);
	for (int way = 0; way < 4; way++) {
		struct bytes b = { .n = 0 };

		m[0].wide = m[1].wide = way & 1;
		make_zip(&b, m, 3, way & 2, way == 3 ? "a comment, PK\5\6 and more of it ..." : "");
		ok(zip_open(&z, b.byte, b.n) == ST_OK && z.n == 3 && content_is(&s, &z, 0, "a", "plain", 5)
		       && content_is(&s, &z, 1, "b/c", long_text, sizeof long_text) && content_is(&s, &z, 2, "", "", 0)
		       && content_is(&s, &z, 0, "a", "plain", 5) && content_is(&s, &z, 2, "", "", 0),
		   way == 0 ? "an archive" : way == 1 ? "with zip64 fields" : way == 2 ? "with a zip64 end" : "with all and a comment");
		zip_leave(s);
		s = NULL;
		zip_close(&z);
	}
}

/* ST_DATA with that message from the directory, or from the first content. */
static void
refuse(const struct made *m, size_t n, const char *message, const char *name)
{
	struct bytes b = { .n = 0 };
	struct zip_stream *s = NULL;
	struct zip z;
	char got[64];
	int rc;

	make_zip(&b, m, n, false, "");
	rc = zip_open(&z, b.byte, b.n);
	if (rc == ST_OK)
		rc = take_content(&s, &z, 0, got, sizeof got);
	zip_leave(s);
	zip_close(&z);
	has(rc == ST_DATA ? err_text() : "no error", message, name);
}

static void
test_bad_zip(void)
{
	struct made m[2] = { { .name = "a.npy", .data = "plain", .n = 5 }, { .name = "b.npy", .data = "other", .n = 5 } };
	struct bytes b = { .n = 0 };
	struct zip z;

	m[0].crc = 1;
	refuse(m, 1, "bad CRC", "another checksum");
	m[0] = m[1];
	refuse(m, 2, "two entries named 'b'", "a name twice");
	m[0].method = 12;
	refuse(m, 1, "bzip2", "another method");
	m[0].method = 0;
	m[0].flags = 1;
	refuse(m, 1, "encrypted", "an encrypted entry");
	m[0].flags = 0;
	m[0].size = 6;
	refuse(m, 1, "wrong size", "two sizes");
	m[0].deflated = true;
	refuse(m, 1, "wrong size", "less content than announced");
	m[0].size = 1 << 20;
	refuse(m, 1, "cannot be as large", "more than deflate can make");
	m[0].size = 4;
	refuse(m, 1, "wrong size", "more content than announced");
	ok(zip_open(&z, "", 0) == ST_DATA && zip_open(&z, "PK\5\6", 4) == ST_DATA, "too short for an archive");
	make_zip(&b, m, 0, false, "");
	ok(zip_open(&z, b.byte, b.n) == ST_OK && z.n == 0, "an archive of nothing");
	zip_close(&z);
}

/* A stream of what may be difficult: several segments, an empty one, keys
 * that repeat, reserved names, fields that repeat or are empty. */
static int
write_sample(const char *file, bool same_shape)
{
	static const float data[12] = { 1, 2, 3, -4, 5e-30F };
	static const char *const keys[] = { "a", "b", "a", "head", "label", "a~2", "07.lstm/kernel", "\xc3\xa4 = 1" };
	uint64_t shape[2] = { 2, 3 };
	struct tsr_writer *w = NULL;
	struct meta head = { 0 }, m = { 0 };
	int rc = tsr_create(&w, file);

	for (int segment = 0; segment < 3 && rc == ST_OK; segment++) {
		rc = meta_add(&head, "type", "t%d", segment) | meta_add(&head, "pg", "x") | meta_add(&head, "pg", "y");
		rc |= tsr_head(w, &head);
		for (size_t i = 0; i < 8 && rc == ST_OK && segment != 1; i++) {
			rc = meta_add(&m, "key", "%s", keys[i]);
			if (i % 2 == 0)
				rc |= meta_add(&m, "label", i == 4 ? "" : "happy") | meta_add(&m, "label", "again");
			if (i > 3)
				rc |= meta_add(&m, "note", "b") | meta_add(&m, "group", "%02zu", i);
			shape[1] = same_shape ? 3 : 1 + i % 6;
			rc |= tsr_record(w, same_shape || i % 2 == 0 ? TSR_F32 : TSR_F16, 2, shape, &m, data);
			meta_clear(&m);
		}
		rc |= tsr_end(w);
		meta_clear(&head);
	}
	return rc == ST_OK && (rc = tsr_finish(w)) == ST_OK ? replace_all(true) : rc;
}

static int
to_npz(const char *from, const char *to, enum npz_layout layout)
{
	char *const files[] = { (char *)(uintptr_t)from };
	struct tsr_reader *in;
	struct io_out *out;
	int rc = tsr_open(&in, files, 1, 0, false);

	if (rc == ST_OK && (rc = io_open(&out, to, true)) == ST_OK) {
		rc = layout == NPZ_AUTO ? npz_write_npy(in, out) : npz_write(in, out, layout);
		if (rc == ST_OK)
			rc = io_close(out);
		else
			io_abort(out);
	}
	if (rc == ST_OK)
		rc = replace_all(true);
	tsr_close(in);
	return rc;
}

static int
from_npz(const struct map *m, const char *to)
{
	static const struct meta none;
	struct npz_options options = { .base = "x", .fields = &none, .pg = &none, .max_record = 1 << 20 };
	struct tsr_writer *w;
	int rc = tsr_create(&w, to);

	if (rc != ST_OK)
		return rc;
	rc = m->size >= 2 && m->data[0] == 'P' ? npz_read(m, &options, w) : npz_read_npy(m, &options, w);
	if (rc == ST_OK)
		return (rc = tsr_finish(w)) == ST_OK ? replace_all(true) : rc;
	tsr_abort(w);
	return rc;
}

static bool
same_files(const char *a, const char *b)
{
	struct map x, y;
	bool same = map_open(&x, a) == ST_OK && map_open(&y, b) == ST_OK && x.size == y.size
	            && memcmp(x.data, y.data, x.size) == 0;

	map_close(&x);
	map_close(&y);
	return same;
}

static void
test_round_trip(void)
{
	struct map m;

	ok(write_sample("same.tsr", true) == ST_OK && write_sample("mixed.tsr", false) == ST_OK, "sample streams");
	ok(to_npz("same.tsr", "stack.npz", NPZ_STACK) == ST_OK, "an archive of a stack");
	ok(map_open(&m, "stack.npz") == ST_OK && from_npz(&m, "back.tsr") == ST_OK && same_files("same.tsr", "back.tsr"),
	   "comes back byte for byte");
	map_close(&m);
	ok(to_npz("mixed.tsr", "keys.npz", NPZ_KEYS) == ST_OK, "an archive by key");
	ok(map_open(&m, "keys.npz") == ST_OK && from_npz(&m, "back.tsr") == ST_OK && same_files("mixed.tsr", "back.tsr"),
	   "comes back byte for byte");
	map_close(&m);
	ok(to_npz("mixed.tsr", "no.npz", NPZ_STACK) == ST_DATA, "different shapes are no stack");
	ok(to_npz("same.tsr", "all.npy", NPZ_AUTO) == ST_OK && map_open(&m, "all.npy") == ST_OK
	       && from_npz(&m, "back.tsr") == ST_OK,
	   "a plain array");
	map_close(&m);
}

/* True where an archive gives those bytes, which a pipe has room for. */
static bool
gives(const struct map *m, const struct map *want)
{
	unsigned char *got = malloc(want->size + 1);
	char name[32];
	ssize_t n;
	int end[2];

	if (got == NULL || pipe(end) != 0)
		abort();
	snprintf(name, sizeof name, "/dev/fd/%d", end[1]);
	if (from_npz(m, name) != ST_OK)
		abort();
	n = read(end[0], got, want->size + 1);
	close(end[0]);
	close(end[1]);
	if ((size_t)n != want->size || memcmp(got, want->data, want->size) != 0)
		n = -1;
	free(got);
	return n >= 0;
}

/* Any damage gives wrong input, or where it does no harm the same stream: what has
 * checksums is held against it. Sanitizers and valgrind say whether memory was
 * respected on the way. */
static void
test_damage(const char *file, const char *stream)
{
	unsigned long taken = 0, refused = 0, other = 0;
	size_t step = getenv("SER_VALGRIND") == NULL ? 1 : 13;
	struct map whole, want = { 0 }, m;
	unsigned char *copy;

	if (map_open(&whole, file) != ST_OK || (stream != NULL && map_open(&want, stream) != ST_OK))
		abort();
	copy = malloc(whole.size);
	memcpy(copy, whole.data, whole.size);
	for (size_t i = 0; i < whole.size; i += step) {
		static const unsigned char change[] = { 0x01, 0x80, 0xff };

		for (int k = 0; k < 3; k++) {
			int rc;

			copy[i] = (unsigned char)(whole.data[i] ^ change[k]);
			m = (struct map){ copy, whole.size, file };
			rc = from_npz(&m, "/dev/null");
			taken += rc == ST_OK;
			refused += rc == ST_DATA;
			other += (rc != ST_OK && rc != ST_DATA) || (rc == ST_OK && stream != NULL && !gives(&m, &want));
		}
		copy[i] = whole.data[i];
	}
	for (size_t n = 0; n < whole.size; n += step) {
		unsigned char *part = malloc(n == 0 ? 1 : n); /* not a byte more, so that a byte too far is seen */
		int rc;

		memcpy(part, whole.data, n);
		m = (struct map){ part, n, file };
		rc = from_npz(&m, "/dev/null");
		other += rc != ST_DATA;
		free(part);
	}
	free(copy);
	map_close(&want);
	map_close(&whole);
	printf("# %s: %lu refused, %lu taken\n", file, refused, taken);
	ok(other == 0 && refused > 0, file);
}

int
main(void)
{
	test_headers();
	test_arrays();
	test_zip();
	test_bad_zip();
	test_round_trip();
	test_damage("stack.npz", "same.tsr");
	test_damage("keys.npz", "mixed.tsr");
	test_damage("all.npy", NULL);
	return finish();
}
