/* tsr: the library against streams put together here byte by byte from the
 * text of tsr(5), so that reader and writer cannot be wrong in the same way. */
#include "stream/tsr.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/replace.h"
#include "stream/value.h"
#include "tap.h"

enum { RAW_MAX = 3 << 20 };

/* A stream under construction, and what its next end chunk must say. */
struct raw {
	unsigned char *byte;
	size_t n;
	uint64_t records, payload;
	unsigned char hashes[64 * 8];
	size_t nhashes;
};

/* A chunk; zero means what is right. */
struct part {
	char kind;
	int dtype, rank;
	uint64_t shape[16];
	const char *meta;
	size_t meta_n; /* where meta has a NUL; else its length counts */
	const void *data;
	uint64_t bytes;
	/* Ways to be wrong. */
	int magic, version;
	uint32_t reserved;
	uint64_t claim_bytes, claim_meta;
	bool bad_head_hash, bad_data_hash, dirty_meta_pad, dirty_data_pad;
};

static void
put(struct raw *r, const void *data, size_t n)
{
	if (r->n + n > RAW_MAX)
		abort();
	if (n > 0)
		memcpy(r->byte + r->n, data, n);
	r->n += n;
}

static void
put_number(struct raw *r, uint64_t x, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		unsigned char b = (unsigned char)(x >> (8 * i));

		put(r, &b, 1);
	}
}

static void
put_padding(struct raw *r, size_t start, bool dirty)
{
	while ((r->n - start) % 64 != 0)
		put_number(r, dirty ? 1 : 0, 1);
}

static void
add(struct raw *r, struct part p)
{
	size_t start = r->n, text = p.meta == NULL ? 0 : p.meta_n > 0 ? p.meta_n : strlen(p.meta);
	unsigned char hashed[32 + 16 * 8 + 8];
	XXH3_state_t *state = XXH3_createState();
	size_t wide = p.dtype < TSR_DTYPES ? tsr_dtype_size(p.dtype) : 1;
	uint64_t hash;
	void *turned;

	if (order_out(&p.data, wide, wide == 0 ? 0 : p.bytes / wide, &turned) != ST_OK)
		abort();
	put_number(r, p.magic ? 0x0a535492 : 0x0a535493, 4);
	put_number(r, p.version ? (uint64_t)p.version : 1, 1);
	put_number(r, (unsigned char)p.kind, 1);
	put_number(r, (uint64_t)p.dtype, 1);
	put_number(r, (uint64_t)p.rank, 1);
	put_number(r, p.claim_meta ? p.claim_meta : text, 4);
	put_number(r, p.reserved, 4);
	put_number(r, p.claim_bytes ? p.claim_bytes : p.bytes, 8);
	put_number(r, XXH3_64bits(p.data == NULL ? "" : p.data, (size_t)p.bytes) ^ (p.bad_data_hash ? 1 : 0), 8);
	memcpy(hashed, r->byte + start, 32);
	for (int i = 0; i < p.rank; i++)
		for (int k = 0; k < 8; k++)
			hashed[32 + 8 * i + k] = (unsigned char)(p.shape[i] >> (8 * k));
	XXH3_64bits_reset(state);
	XXH3_64bits_update(state, hashed, 32 + 8 * (size_t)p.rank);
	XXH3_64bits_update(state, p.meta == NULL ? "" : p.meta, text);
	hash = XXH3_64bits_digest(state) ^ (p.bad_head_hash ? 1 : 0);
	XXH3_freeState(state);
	put_number(r, hash, 8);
	if (p.kind != 'E') {
		memcpy(r->hashes + r->nhashes, r->byte + r->n - 8, 8);
		r->nhashes += 8;
	}
	put(r, hashed + 32, 8 * (size_t)p.rank);
	put(r, p.meta, text);
	put_padding(r, start, p.dirty_meta_pad);
	start = r->n;
	put(r, p.data, (size_t)p.bytes);
	free(turned);
	put_padding(r, start, p.dirty_data_pad);
	r->records += p.kind == 'T';
	r->payload += p.bytes;
}

static void
add_head(struct raw *r)
{
	r->records = r->payload = r->nhashes = 0;
	add(r, (struct part){ .kind = 'H', .meta = "type=test\n" });
}

static const float floats[6] = { 0, 1, -2, 3.5F, 1e30F, -0.0F };

static void
add_record(struct raw *r)
{
	add(r, (struct part){ .kind = 'T', .dtype = TSR_F32, .rank = 2, .shape = { 2, 3 },
	                      .meta = "key=a\nlabel=b\n", .data = floats, .bytes = 24 });
}

static struct part
end_of(const struct raw *r)
{
	return (struct part){ .kind = 'E', .rank = 3,
		                  .shape = { r->records, r->payload, XXH3_64bits(r->hashes, r->nhashes) } };
}

static void
save(const char *file, const void *data, size_t n)
{
	FILE *f = fopen(file, "wb");

	if (f == NULL || fwrite(data, 1, n, f) != n || fclose(f) != 0)
		abort();
}

/* Reads inputs to their end; *records counts. */
static int
read_all(char *const *files, size_t n, uint64_t max_record, bool map, uint64_t *records)
{
	struct tsr_chunk c = { 0 };
	struct tsr_reader *in;
	int rc = tsr_open(&in, files, n, max_record, map);

	*records = 0;
	while (rc == ST_OK && (rc = tsr_read(in, &c)) == ST_OK && c.kind != 0)
		*records += c.kind == 'T';
	tsr_clear(&c);
	tsr_close(in);
	return rc;
}

static char one[] = "one.tsr", two[] = "two.tsr";
static char *const files[] = { one, two };

static int
read_one(uint64_t max_record, bool map)
{
	uint64_t records;

	return read_all(files, 1, max_record, map, &records);
}

/* Malformed streams, otherwise consistent, and what must be said of them. */
static void
refuse(struct raw *r, const char *message, const char *name)
{
	char text[256];

	save(one, r->byte, r->n);
	for (int map = 0; map < 2; map++) {
		int rc = read_one(0, map == 1);

		snprintf(text, sizeof text, "%s%s", name, map == 1 ? ", mapped" : "");
		if (rc != ST_DATA)
			printf("# status %d\n", rc);
		has(rc == ST_DATA ? err_text() : "no defect", message, text);
	}
	r->n = 0;
}

static void
refuse_part(struct raw *r, struct part p, const char *message, const char *name)
{
	r->n = 0;
	add_head(r);
	add(r, p);
	add(r, end_of(r));
	refuse(r, message, name);
}

static void
test_format(struct raw *r)
{
	uint64_t shape[2] = { 2, 3 };
	struct meta head = { 0 }, meta = { 0 };
	struct tsr_writer *w;
	size_t n;
	bool good;

	add_head(r);
	add_record(r);
	add(r, end_of(r));
	add_head(r);
	add(r, end_of(r));
	save(one, r->byte, r->n);
	ok(read_one(0, false) == ST_OK, "a stream made from the format's text is read");
	good = meta_add(&head, "type", "test") == ST_OK && meta_add(&meta, "key", "a") == ST_OK
	       && meta_add(&meta, "label", "b") == ST_OK && tsr_create(&w, two) == ST_OK;
	good = good && tsr_head(w, &head) == ST_OK && tsr_record(w, TSR_F32, 2, shape, &meta, floats) == ST_OK
	       && tsr_records(w) == 1 && tsr_end(w) == ST_OK && tsr_head(w, &head) == ST_OK && tsr_end(w) == ST_OK
	       && tsr_finish(w) == ST_OK && replace_all(true) == ST_OK;
	ok(good, "the library writes the same");
	if (good) {
		char bytes[RAW_MAX / 1024];
		FILE *f = fopen(two, "rb");

		n = fread(bytes, 1, sizeof bytes, f);
		fclose(f);
		ok(n == r->n && memcmp(bytes, r->byte, n) == 0, "byte for byte");
	}
	meta_clear(&head);
	meta_clear(&meta);
	r->n = 0;
}

static void
test_bad_fields(struct raw *r)
{
	struct part t = { .kind = 'T', .dtype = TSR_F32, .rank = 2, .shape = { 2, 3 }, .meta = "key=a\n",
		              .data = floats, .bytes = 24 };
	struct part p;

#define REFUSE(change, message, name) (p = t, change, refuse_part(r, p, message, name))
	REFUSE(p.magic = 1, "magic number", "another magic number");
	REFUSE(p.version = 2, "byte 68: unknown format version", "version 2");
	REFUSE(p.kind = 'X', "byte 69: unknown kind", "kind X");
	REFUSE(p.dtype = TSR_DTYPES, "unknown dtype", "dtype 7");
	REFUSE(p.dtype = TSR_NONE, "no dtype", "a record without dtype");
	REFUSE(p.rank = 9, "rank is above 8", "rank 9");
	REFUSE(p.claim_meta = META_MAX + 1, "larger than 1 MiB", "metadata of more than 1 MiB");
	REFUSE(p.reserved = 1 << 24, "reserved bytes", "reserved bytes");
	REFUSE(p.bad_head_hash = true, "header's checksum", "a header's checksum");
	REFUSE(p.bad_data_hash = true, "payload's checksum", "a payload's checksum");
	REFUSE(p.dirty_meta_pad = true, "padding", "padding after metadata");
	REFUSE(p.dirty_data_pad = true, "padding", "padding after the payload");
	REFUSE(p.shape[1] = 4, "does not match its shape", "a shape that wants more");
	REFUSE(p.claim_bytes = 20, "does not match its shape", "a payload that has less");
	REFUSE((p.shape[0] = UINT64_C(1) << 33, p.shape[1] = UINT64_C(1) << 33), "shape is too large", "a shape that overflows");
	REFUSE((p.shape[0] = UINT64_C(1) << 61, p.shape[1] = 1, p.claim_bytes = UINT64_C(1) << 63), "shape is too large",
	       "a shape beyond signed sizes");
	REFUSE((p.shape[0] = UINT64_C(1) << 62, p.shape[1] = 1), "shape is too large", "bytes that overflow");
	REFUSE((p.shape[0] = 1 << 30, p.shape[1] = 1, p.claim_bytes = UINT64_C(1) << 32), "--max-record",
	       "a record above the limit");
	REFUSE(p.meta = "", "does not begin with key=", "a record without metadata");
	REFUSE(p.meta = "label=a\nkey=b\n", "does not begin with key=", "a key that is not first");
	REFUSE((p.meta = "key=a\0b\n", p.meta_n = 8), "NUL", "a NUL in metadata");
	REFUSE(p.meta = "key=a\nlabel", "newline", "metadata cut off");
	REFUSE(p.meta = "key=a\nlabel\nx=y\n", "name=value", "a line without =");
	REFUSE(p.meta = "key=a\n=b\n", "metadata name", "a line without name");
	REFUSE(p.meta = "key=a\na b=c\n", "metadata name", "a blank in a name");
	REFUSE(p.meta = "key=a\nb=\x01\n", "control character", "a control character");
	REFUSE(p.meta = "key=a\nb=\r\n", "control character", "a carriage return");
	REFUSE(p.meta = "key=a\nb=\xff\n", "UTF-8", "a byte that is not UTF-8");
	REFUSE(p.meta = "key=a\nb=\xc0\xaf\n", "UTF-8", "an overlong form");
	REFUSE(p.meta = "key=a\nb=\xed\xa0\x80\n", "UTF-8", "a surrogate");
	REFUSE(p.meta = "key=a\nb=\xf4\x90\x80\x80\n", "UTF-8", "a code point beyond Unicode");
	REFUSE(p.meta = "key=a\nb=\xe2\x82\n", "UTF-8", "a character cut off");
	p = (struct part){ .kind = 'H', .rank = 1, .shape = { 0 } };
	r->n = 0;
	add(r, p);
	refuse(r, "a head chunk has a shape", "a head with a shape");
	add(r, (struct part){ .kind = 'H', .dtype = TSR_U8, .data = "", .bytes = 0 });
	refuse(r, "has a payload", "a head with a dtype");
	add(r, (struct part){ .kind = 'H', .dtype = TSR_NONE, .data = "x", .bytes = 1 });
	refuse(r, "has a payload", "a head with a payload");
}

static void
test_bad_order(struct raw *r)
{
	struct part e;

	refuse(r, "empty input", "nothing");
	add_head(r);
	refuse(r, "cut off", "a head alone");
	add_head(r);
	add_record(r);
	refuse(r, "cut off", "no end");
	add_record(r);
	refuse(r, "does not begin with H", "no head");
	add(r, (struct part){ .kind = 'E', .rank = 3 });
	refuse(r, "does not begin with H", "an end alone");
	add_head(r);
	add_head(r);
	refuse(r, "before the last one ended", "a head in a segment");
	for (int i = 0; i < 4; i++) {
		static const char *const message[] = { "number of records", "number of payload bytes", "checksum does not match the segment",
			                                   "rank is not 3" };

		add_head(r);
		add_record(r);
		e = end_of(r);
		if (i < 3)
			e.shape[i]++;
		else
			e.rank = 2;
		add(r, e);
		refuse(r, message[i], "a wrong end");
	}
	/* Records that changed places: each is fine, and so are the totals. */
	add_head(r);
	add_record(r);
	add(r, (struct part){ .kind = 'T', .dtype = TSR_U8, .meta = "key=b\n", .data = "x", .bytes = 1 });
	e = end_of(r);
	add_head(r);
	r->n = 0;
	add_head(r);
	add(r, (struct part){ .kind = 'T', .dtype = TSR_U8, .meta = "key=b\n", .data = "x", .bytes = 1 });
	add_record(r);
	add(r, e);
	refuse(r, "checksum does not match the segment", "records in another order");
	add_head(r);
	add(r, end_of(r));
	put(r, "\0", 1);
	refuse(r, "cut off", "a byte after the end");
	add_head(r);
	add(r, end_of(r));
	for (int i = 0; i < 64; i++)
		put(r, "x", 1);
	refuse(r, "magic number", "bytes after the end");
	put(r, "RIFF, this is not one of ours, and it is long enough", 48);
	refuse(r, "not a tsr stream", "something else");
	put(r, "RIFF", 4);
	refuse(r, "not a tsr stream", "something short");
}

/* Every proper prefix and every flipped bit of a stream, in this process. */
static void
test_all_damage(struct raw *r)
{
	unsigned long passed = 0, other = 0, flips = 0;
	int fd;

	add_head(r);
	add_record(r);
	add(r, (struct part){ .kind = 'T', .dtype = TSR_I64, .meta = "key=c\n", .data = floats, .bytes = 8 });
	add(r, end_of(r));
	for (int map = 0; map < 2; map++) {
		save(one, r->byte, r->n);
		fd = open(one, O_RDWR);
		for (size_t i = 0; i < r->n; i++)
			for (int bit = 0; bit < 8; bit++, flips++) {
				unsigned char flipped = (unsigned char)(r->byte[i] ^ 1 << bit);
				int rc;

				if (pwrite(fd, &flipped, 1, (off_t)i) != 1)
					abort();
				rc = read_one(0, map == 1);
				passed += rc == ST_OK;
				other += rc != ST_OK && (rc != ST_DATA || err_text()[0] == '\0');
				if (pwrite(fd, &r->byte[i], 1, (off_t)i) != 1)
					abort();
			}
		if (read_one(0, map == 1) != ST_OK)
			other++;
		for (size_t n = r->n; n-- > 0;) {
			int rc;

			if (ftruncate(fd, (off_t)n) != 0)
				abort();
			rc = read_one(0, map == 1);
			passed += rc == ST_OK;
			other += rc != ST_OK && rc != ST_DATA;
		}
		close(fd);
	}
	printf("# %zu bytes, %lu flips\n", r->n, flips);
	ok(flips == 2 * 8 * r->n, "all bits were flipped");
	ok(passed == 0, "no damaged stream passes");
	ok(other == 0, "each is wrong input, with a message");
	r->n = 0;
}

static void
test_round_trip(void)
{
	unsigned char data[256];
	uint64_t shape[TSR_RANK_MAX] = { 1, 2, 1, 2, 1, 2, 2, 1 };
	struct meta head = { 0 }, meta = { 0 };
	struct tsr_chunk c = { 0 };
	struct tsr_writer *w = NULL;
	struct tsr_reader *in = NULL;
	bool good;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (unsigned char)(i * 37);
	good = meta_add(&head, "type", "x") == ST_OK && meta_add(&meta, "key", "k=\t \xc3\xa4") == ST_OK
	       && tsr_create(&w, one) == ST_OK && tsr_head(w, &head) == ST_OK;
	for (int t = TSR_U8; t < TSR_DTYPES && good; t++)
		for (int rank = 0; rank <= TSR_RANK_MAX && good; rank++)
			good = tsr_record(w, (enum tsr_dtype)t, rank, shape, &meta, data) == ST_OK;
	shape[0] = 0;
	good = good && tsr_record(w, TSR_F64, 2, shape, &meta, NULL) == ST_OK && tsr_end(w) == ST_OK
	       && tsr_finish(w) == ST_OK && replace_all(true) == ST_OK;
	shape[0] = 1;
	ok(good, "every dtype and rank is written");
	for (int map = 0; map < 2; map++) {
		uint64_t record = 0;

		good = tsr_open(&in, files, 1, 0, map == 1) == ST_OK && tsr_read(in, &c) == ST_OK && c.kind == 'H'
		       && strcmp(meta_get(&c.meta, "type"), "x") == 0;
		for (int t = TSR_U8; t < TSR_DTYPES; t++)
			for (int rank = 0; rank <= TSR_RANK_MAX; rank++) {
				good = good && tsr_read(in, &c) == ST_OK && c.kind == 'T' && (int)c.dtype == t && c.rank == rank
				       && memcmp(c.shape, shape, 8 * (size_t)rank) == 0 && c.record == ++record
				       && c.bytes == tsr_elements(&c) * tsr_dtype_size(c.dtype) && (uintptr_t)c.data % 64 == 0
				       && memcmp(c.data, data, (size_t)c.bytes) == 0
				       && strcmp(meta_get(&c.meta, "key"), "k=\t \xc3\xa4") == 0;
			}
		good = good && tsr_read(in, &c) == ST_OK && c.kind == 'T' && tsr_elements(&c) == 0 && c.bytes == 0;
		good = good && tsr_read(in, &c) == ST_OK && c.kind == 'E' && tsr_read(in, &c) == ST_OK && c.kind == 0;
		ok(good, map == 1 ? "and read, mapped" : "and read, aligned");
		tsr_close(in);
	}
	tsr_clear(&c);
	meta_clear(&head);
	meta_clear(&meta);
}

static void
test_limits(struct raw *r)
{
	char *text = mem_zero(META_MAX + 2, 1);
	struct meta m = { 0 };
	struct tsr_writer *w = NULL;
	uint64_t shape[2] = { UINT64_C(1) << 40, UINT64_C(1) << 40 };
	size_t bytes = META_MAX - 5; /* "key=" and the line's end */

	if (text == NULL)
		abort();
	memset(text, 'x', bytes);
	ok(meta_add(&m, "key", "%s", text) == ST_OK && tsr_create(&w, one) == ST_OK && tsr_head(w, &m) == ST_OK
	       && tsr_record(w, TSR_U8, 0, shape, &m, "x") == ST_OK && tsr_end(w) == ST_OK && tsr_finish(w) == ST_OK && replace_all(true) == ST_OK
	       && read_one(0, false) == ST_OK && read_one(0, true) == ST_OK,
	   "metadata of 1 MiB");
	memset(text, 'x', bytes + 1);
	ok(meta_set(&m, "key", "%s", text) == ST_OK && tsr_create(&w, one) == ST_OK && tsr_head(w, &m) == ST_DATA,
	   "one byte more is not written");
	meta_clear(&m);
	ok(meta_add(&m, "key", "a") == ST_OK && tsr_record(w, TSR_U8, 2, shape, &m, "x") == ST_DATA,
	   "neither is a shape that overflows");
	ok(tsr_record(w, TSR_NONE, 0, shape, &m, "x") == ST_DATA, "nor a record without dtype");
	ok(tsr_record(w, TSR_U8, 9, shape, &m, "x") == ST_DATA, "nor one of rank 9");
	meta_clear(&m);
	ok(meta_add(&m, "label", "a") == ST_OK && tsr_record(w, TSR_U8, 0, shape, &m, "x") == ST_DATA, "nor one without key");
	tsr_abort(w);
	ok(meta_add(&m, "a b", "c") == ST_DATA && meta_add(&m, "", "c") == ST_DATA, "names that cannot be");
	ok(meta_add(&m, "a", "x\ny") == ST_DATA && meta_add(&m, "a", "\xff") == ST_DATA, "values that cannot be");
	meta_clear(&m);
	add_head(r);
	add_record(r);
	add(r, end_of(r));
	save(one, r->byte, r->n);
	ok(read_one(24, false) == ST_OK && read_one(24, true) == ST_OK, "a record just within the limit");
	ok(read_one(23, false) == ST_DATA && read_one(23, true) == ST_DATA, "and just above it");
	r->n = 0;
	free(text);
}

static void
test_inputs(struct raw *r)
{
	uint64_t records;
	struct tsr_reader *in;
	struct tsr_chunk c = { 0 };
	const void *first = NULL;
	bool good;
	int rc;

	add_head(r);
	add_record(r);
	add_record(r);
	add(r, end_of(r));
	save(one, r->byte, r->n);
	save(two, r->byte, r->n);
	ok(read_all(files, 2, 0, false, &records) == ST_OK && records == 4, "two inputs one after the other");
	good = tsr_open(&in, files, 2, 0, true) == ST_OK;
	for (records = 0; good && (rc = tsr_read(in, &c)) == ST_OK && c.kind != 0;)
		if (c.kind == 'T') {
			first = records++ == 0 ? c.data : first;
			good = records != 3 || (strcmp(c.file, two) == 0 && c.record == 1);
		}
	ok(good && records == 4, "mapped: each with its own numbers");
	ok(order_differs() /* and so nothing is mapped */ || (first != NULL && memcmp(first, floats, sizeof floats) == 0),
	   "a mapped payload stays while the reader is open");
	has(tsr_where(&c), ":", "where");
	tsr_clear(&c);
	tsr_close(in);
	put(r, r->byte, r->n);
	save(one, r->byte, r->n);
	ok(read_all(files, 1, 0, false, &records) == ST_OK && records == 4, "two segments in one input");
	save(two, "", 0);
	rc = read_all(files, 2, 0, false, &records);
	has(rc == ST_DATA ? err_text() : "", "two.tsr: empty input", "an empty input among others");
	unlink(two);
	rc = read_all(files, 2, 0, false, &records);
	has(rc == ST_DATA ? err_text() : "", "two.tsr: No such file", "one that is not there");
	save(one, r->byte, r->n / 4);
	save(two, r->byte + r->n / 4, r->n / 4);
	ok(read_all(files, 2, 0, false, &records) == ST_DATA, "a segment may not go on in the next input");
	r->n = 0;
}

static void
test_values(void)
{
	static const struct {
		uint16_t bits;
		double value;
	} halves[] = { { 0x0000, 0 },          { 0x0001, 0x1p-24 },   { 0x03ff, 0x3ffp-24 }, { 0x0400, 0x1p-14 },
		           { 0x3555, 0.333251953125 }, { 0x3c00, 1 },     { 0x3c01, 1.0009765625 }, { 0x7bff, 65504 },
		           { 0x7c00, INFINITY },   { 0xc000, -2 },        { 0xfc00, -INFINITY } };
	static const float some[] = { 0.1F, 1e-45F, 3.4028235e38F, 16777217.0F, -1.1754944e-38F, 1.0F / 3 };
	static const double doubles[] = { 0.1, 5e-324, 1.7976931348623157e308, 9007199254740993.0, 1.0 / 3, 0x1.fffffffffffffp-1 };
	static const float mixed[] = { NAN, 3, -1, INFINITY };
	struct tsr_chunk c = { .kind = 'T', .dtype = TSR_F32, .rank = 1, .shape = { 6 }, .data = some };
	char text[VALUE_TEXT_MAX], shape[VALUE_SHAPE_MAX];
	struct value_stats s;
	bool good = true;

	for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++)
		good = good && (double)value_half(halves[i].bits) == halves[i].value;
	ok(good && isnan(value_half(0x7e00)) && signbit(value_half(0x8000)), "halves");
	for (uint64_t i = 0; i < 6; i++) {
		value_print(&c, i, text);
		good = good && strtof(text, NULL) == some[i];
	}
	c.dtype = TSR_F64;
	c.data = doubles;
	for (uint64_t i = 0; i < 6; i++) {
		value_print(&c, i, text);
		good = good && strtod(text, NULL) == doubles[i];
	}
	ok(good, "values as text read back");
	ok(value_print(&c, 0, text) == 3 && strcmp(text, "0.1") == 0, "in as few digits as do");
	ok(strcmp(value_shape(&c, shape), "6") == 0, "a shape as text");
	c = (struct tsr_chunk){ .kind = 'T', .dtype = TSR_F32, .rank = 2, .shape = { 2, 2 }, .data = mixed };
	value_measure(&c, &s);
	ok(s.min == -1 && s.mean == 1 && s.max == 3 && s.nonfinite == 2, "statistics of finite values");
	c.shape[0] = 0;
	value_measure(&c, &s);
	ok(isnan(s.min) && isnan(s.mean) && isnan(s.max) && s.nonfinite == 0, "and of none");
}

/* A pipe that claims a payload of 2^39 bytes and has few of them. */
static void
test_lying_pipe(struct raw *r)
{
	int ends[2];
	uint64_t records;
	static char standard[] = "-";
	char *const input[] = { standard };
	int rc;

	add_head(r);
	add(r, (struct part){ .kind = 'T', .dtype = TSR_U8, .rank = 1, .shape = { UINT64_C(1) << 39 }, .meta = "key=a\n",
	                      .data = floats, .bytes = 24, .claim_bytes = UINT64_C(1) << 39 });
	if (pipe(ends) != 0 || write(ends[1], r->byte, r->n) != (ssize_t)r->n)
		abort();
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	rc = read_all(input, 1, UINT64_C(1) << 40, false, &records);
	has(rc == ST_DATA ? err_text() : "",
	    sizeof(size_t) < 8 ? "byte 80: the payload is larger than a 32-bit machine can hold" : "standard input: byte 192: the stream is cut off",
	    "a false claim costs no memory");
	r->n = 0;
}

int
main(void)
{
	struct raw r = { .byte = mem_zero(RAW_MAX, 1) };

	test_format(&r);
	test_bad_fields(&r);
	test_bad_order(&r);
	test_all_damage(&r);
	test_round_trip();
	test_limits(&r);
	test_inputs(&r);
	test_values();
	test_lying_pipe(&r);
	free(r.byte);
	return finish();
}
