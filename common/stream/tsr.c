#include "stream/tsr.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/failed.h"
#include "base/find.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/kind.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/spool.h"
#include "base/tsv.h"

enum {
	ALIGN = 64,
	FIXED = 40, /* bytes of a chunk before its shape */
	HASHED = 32,
	BUFFER = 1 << 16,
	SOON = 1, /* ms */
	STEP = 4 << 20, /* a payload's buffer beyond which it grows as bytes arrive */
	VERSION_BYTE = 1,
	END_RANK = 3,
};

static const unsigned char magic[4] = { 0x93, 0x54, 0x53, 0x0a };
static const unsigned char zeros[ALIGN];

static const struct {
	const char *name;
	size_t size;
} dtypes[TSR_DTYPES] = { { "none", 0 }, { "u8", 1 }, { "i32", 4 }, { "i64", 8 }, { "f32", 4 },
	{ "f64", 8 }, { "f16", 2 } };

struct tsr_reader {
	char *const *files;
	size_t nfiles, next;   /* next: the operand to open when this one ends */
	uint64_t max_record;
	bool check_later;
	bool keeps, use_map;   /* the caller keeps payloads; they can be mapped */
	struct spool spool;    /* for those that cannot */
	const char *name;      /* of the open input */
	int fd;                /* -1: none open */
	const unsigned char *map; /* the open input where it is mapped */
	uint64_t size;         /* of a regular file, else 0 */
	uint64_t at;           /* bytes of this input consumed */
	unsigned char *buf;
	size_t head, tail;     /* unread bytes of buf */
	char *text;            /* a chunk header's hashed bytes: see read_header */
	size_t text_cap;
	bool in_segment, any;
	uint64_t records, payload, file_records;
	XXH3_state_t *segment;
	struct map *maps;
	size_t nmaps;
};

struct tsr_writer {
	struct io_out *out;
	uint64_t records, payload;
	XXH3_state_t *segment;
	struct str chunk; /* what a header's checksum runs over: 32 bytes, the shape, the metadata */
};

const char *
tsr_dtype_name(enum tsr_dtype t)
{
	return dtypes[t].name;
}

size_t
tsr_dtype_size(enum tsr_dtype t)
{
	return dtypes[t].size;
}

uint64_t
tsr_elements(const struct tsr_chunk *c)
{
	uint64_t n = 1;

	for (int i = 0; i < c->rank; i++)
		n *= c->shape[i];
	return c->dtype == TSR_NONE ? 0 : n;
}

/* Bytes of a payload of that shape, or false where they overflow. */
static bool
payload_bytes(enum tsr_dtype dtype, int rank, const uint64_t *shape, uint64_t *bytes)
{
	*bytes = dtypes[dtype].size;
	for (int i = 0; i < rank; i++)
		if (__builtin_mul_overflow(*bytes, shape[i], bytes))
			return false;
	return *bytes <= INT64_MAX;
}

static size_t
padding(uint64_t n)
{
	return (size_t)((ALIGN - n % ALIGN) % ALIGN);
}

static uint64_t
get(const unsigned char *p, size_t bytes)
{
	uint64_t v = 0;

	memcpy(&v, p, bytes);
	order_turn(&v, sizeof v, 1);
	return v;
}

static void
put(void *p, uint64_t v, size_t bytes)
{
	order_turn(&v, sizeof v, 1);
	memcpy(p, &v, bytes);
}

/* Reading: bytes of the open input */

static int
defect(const struct tsr_reader *r, uint64_t at, const char *what)
{
	return err_set(ST_DATA, "%s: byte %llu: %s", r->name, (unsigned long long)at, what);
}

int
tsr_open(struct tsr_reader **reader, char *const *files, size_t n, uint64_t max_record, bool map)
{
	static char stdin_name[] = "-";
	static char *const stdin_only[] = { stdin_name };
	struct tsr_reader *r = mem_zero(1, sizeof *r);

	*reader = NULL;
	if (r == NULL)
		return ST_SYS;
	r->files = n == 0 ? stdin_only : files;
	r->nfiles = n == 0 ? 1 : n;
	r->max_record = max_record == 0 ? TSR_MAX_RECORD : max_record;
	r->keeps = map;
	r->use_map = map && !order_differs(); /* what is mapped cannot be turned */
	r->fd = -1;
	r->buf = mem_zero(BUFFER, 1);
	r->segment = XXH3_createState();
	if (r->buf == NULL || r->segment == NULL) {
		tsr_close(r);
		return err_set(ST_SYS, "out of memory");
	}
	*reader = r;
	return ST_OK;
}

static int
open_next(struct tsr_reader *r)
{
	const char *name = r->files[r->next++];
	bool standard = strcmp(name, "-") == 0;
	struct stat st;
	struct map m;
	int rc;

	r->name = standard ? "standard input" : name;
	r->fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0 || fstat(r->fd, &st) != 0)
		return find_missing(name);
	if (S_ISDIR(st.st_mode))
		return err_set(ST_DATA, "%s: is a directory: name the streams in it", name);
	if (standard && isatty(STDIN_FILENO))
		return err_set(ST_USAGE, "standard input is a terminal: name a file or use a pipe");
	io_widen(r->fd);
	/* A redirected file may be positioned anywhere: only named ones are mapped. */
	r->size = !standard && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	r->at = r->head = r->tail = 0;
	r->file_records = 0;
	r->any = false;
	if (!r->use_map || r->size == 0)
		return ST_OK;
	if (mem_push(&r->maps, r->nmaps, sizeof *r->maps) != ST_OK)
		return ST_SYS;
	m.name = r->name;
	errno = 0;
	rc = map_fd(&m, r->fd);
	if (rc != ST_OK && errno == ENOMEM)
		return rc;
	if (rc == ST_OK && m.size > 0) { /* else it is read */
		r->maps[r->nmaps++] = m;
		r->map = m.data;
		r->size = m.size;
	}
	return ST_OK;
}

static void
close_input(struct tsr_reader *r)
{
	if (r->fd > STDIN_FILENO)
		close(r->fd);
	r->fd = -1;
	r->map = NULL;
}

static _Thread_local struct tsr_meanwhile meanwhile;

struct tsr_meanwhile
tsr_set_meanwhile(struct tsr_meanwhile m)
{
	struct tsr_meanwhile before = meanwhile;

	meanwhile = m;
	return before;
}

/* Until something has come, or the end. */
static int
wait_for_more(const struct tsr_reader *r)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };
	bool busy = true;
	int rc = ST_OK;

	while (rc == ST_OK && meanwhile.fn != NULL && r->size == 0 && busy && poll(&p, 1, 0) == 0)
		if ((rc = meanwhile.fn(meanwhile.ctx, &busy)) == ST_OK && busy)
			poll(&p, 1, SOON);
	return rc;
}

/* Reads some bytes, n at most; *got is 0 at the end. */
static int
read_some(const struct tsr_reader *r, void *to, size_t n, size_t *got)
{
	int rc = wait_for_more(r);
	ssize_t k = 0;

	while (rc == ST_OK && (k = read(r->fd, to, n)) < 0)
		if (errno != EINTR)
			return err_sys("%s", r->name);
	*got = (size_t)k;
	return rc;
}

/* Reads n bytes of the input; *got < n only at its end. */
static int
take(struct tsr_reader *r, void *data, size_t n, size_t *got)
{
	unsigned char *p = data;

	*got = 0;
	if (r->map != NULL) {
		*got = n < r->size - r->at ? n : (size_t)(r->size - r->at);
		memcpy(p, r->map + r->at, *got);
		r->at += *got;
		return ST_OK;
	}
	while (*got < n) {
		size_t have = r->tail - r->head, part = n - *got;

		if (have == 0) {
			bool large = part >= BUFFER; /* such payloads bypass the buffer */
			int rc = read_some(r, large ? p + *got : r->buf, large ? part : BUFFER, &have);

			if (rc != ST_OK || have == 0)
				return rc;
			if (large) {
				r->at += have;
				*got += have;
				continue;
			}
			r->head = 0;
			r->tail = have;
		}
		part = part < have ? part : have;
		memcpy(p + *got, r->buf + r->head, part);
		r->head += part;
		r->at += part;
		*got += part;
	}
	return ST_OK;
}

static int
take_all(struct tsr_reader *r, void *data, size_t n)
{
	size_t got;
	int rc = take(r, data, n, &got);

	if (rc == ST_OK && got < n)
		return defect(r, r->at, "the stream is cut off");
	return rc;
}

static int
take_zeros(struct tsr_reader *r, size_t n)
{
	unsigned char pad[ALIGN];
	uint64_t at = r->at;
	int rc = take_all(r, pad, n);

	if (rc == ST_OK && memcmp(pad, zeros, n) != 0)
		return defect(r, at, "padding is not zero");
	return rc;
}

/* Reading: chunks */

/* An input that does not begin as a stream, but with these n bytes. */
static int
not_a_stream(const struct tsr_reader *r, const unsigned char *h, size_t n)
{
	bool more = r->map == NULL && r->tail > n; /* the buffer still has them, and what follows */

	if (r->map != NULL && r->size > n) {
		h = r->map;
		n = (size_t)r->size;
	}
	if (kind_refuse(KIND_STREAM, r->name, more ? r->buf : h, more ? r->tail : n) != ST_OK)
		return err_prefix("%s", r->name);
	return defect(r, 0, "this is not a tsr stream");
}

static int
check_fixed(const struct tsr_reader *r, const unsigned char *h)
{
	uint64_t at = r->at - FIXED;

	if (memcmp(h, magic, sizeof magic) != 0)
		return r->any ? defect(r, at, "a chunk does not begin with the magic number") : not_a_stream(r, h, FIXED);
	if (h[4] != VERSION_BYTE)
		return defect(r, at + 4, "unknown format version");
	if (h[5] != 'H' && h[5] != 'T' && h[5] != 'E')
		return defect(r, at + 5, "unknown kind of chunk");
	if (h[6] >= TSR_DTYPES)
		return defect(r, at + 6, "unknown dtype");
	if (h[7] > TSR_RANK_MAX)
		return defect(r, at + 7, "rank is above 8");
	if (get(h + 8, 4) > META_MAX)
		return defect(r, at + 8, "metadata is larger than 1 MiB");
	if (get(h + 12, 4) != 0)
		return defect(r, at + 12, "reserved bytes are not zero");
	if (h[5] == 'H' && r->in_segment)
		return defect(r, at + 5, "a segment begins before the last one ended");
	if (h[5] != 'H' && !r->in_segment)
		return defect(r, at + 5, "a segment does not begin with H");
	return ST_OK;
}

/* Shape, metadata and their checksum, which runs over r->text: the 32 hashed
 * bytes, the shape and the metadata, one after the other. */
static int
read_header(struct tsr_reader *r, struct tsr_chunk *c, const unsigned char *h)
{
	size_t text = get(h + 8, 4), shape = 8 * (size_t)c->rank, all = HASHED + shape + text;
	uint64_t at = c->offset;
	int rc;

	if ((rc = mem_room(&r->text, &r->text_cap, all, 1)) != ST_OK)
		return rc;
	memcpy(r->text, h, HASHED);
	if ((rc = take_all(r, r->text + HASHED, shape + text)) != ST_OK ||
	    (rc = take_zeros(r, padding(FIXED + shape + text))) != ST_OK)
		return rc;
	if (XXH3_64bits(r->text, all) != get(h + HASHED, 8))
		return defect(r, at, "the chunk header's checksum does not match");
	for (int i = 0; i < c->rank; i++)
		c->shape[i] = get((unsigned char *)r->text + HASHED + 8 * i, 8);
	if (meta_parse(&c->meta, r->text + HASHED + shape, text) != ST_OK)
		return err_prefix("%s: byte %llu", r->name, (unsigned long long)(at + FIXED + shape));
	if (c->kind != 'E')
		XXH3_64bits_update(r->segment, h + HASHED, 8);
	return ST_OK;
}

static int
check_sizes(const struct tsr_reader *r, const struct tsr_chunk *c)
{
	uint64_t bytes;

	if (c->kind != 'T' && (c->dtype != TSR_NONE || c->bytes != 0))
		return defect(r, c->offset + 6, "a head or end chunk has a payload");
	if (c->kind == 'T' && c->dtype == TSR_NONE)
		return defect(r, c->offset + 6, "a record has no dtype");
	if (c->kind == 'H' && c->rank != 0)
		return defect(r, c->offset + 7, "a head chunk has a shape");
	if (c->kind == 'E')
		return ST_OK; /* its shape holds totals, not dimensions */
	if (!payload_bytes(c->dtype, c->rank, c->shape, &bytes))
		return defect(r, c->offset + FIXED, "the shape is too large");
	if (bytes != c->bytes)
		return defect(r, c->offset + 16, "the payload's size does not match its shape");
	if (c->bytes > r->max_record)
		return defect(r, c->offset + 16, "the payload is larger than --max-record");
	if (c->bytes > PTRDIFF_MAX)
		return defect(r, c->offset + 16, "the payload is larger than a 32-bit machine can hold");
	if (c->kind == 'T' && (c->meta.n == 0 || strcmp(c->meta.item[0].name, "key") != 0))
		return defect(r, c->offset + FIXED, "a record's metadata does not begin with key=");
	return ST_OK;
}

/* Reads the payload into c's buffer, grown as bytes arrive, so that a header with
 * a false size cannot claim memory that nothing fills. */
static int
read_unmapped(struct tsr_reader *r, struct tsr_chunk *c)
{
	size_t all = (size_t)c->bytes, cap = all < STEP ? all : STEP, have;
	int rc;

	if (c->own == NULL || c->cap < cap) {
		free(c->own);
		c->own = mem_zero(cap, 1);
		c->cap = c->own == NULL ? 0 : cap;
	}
	have = c->cap < all ? c->cap : all;
	rc = c->own == NULL ? ST_SYS : take_all(r, c->own, have);
	while (rc == ST_OK && have < all) {
		cap = all - have > have ? 2 * have : all;
		rc = mem_grow(&c->own, cap, 1); /* moves pages, where it can; a new block and a copy would take twice as many */
		if (rc == ST_OK) {
			c->cap = cap;
			rc = take_all(r, (char *)c->own + have, cap - have);
			have = cap;
		}
	}
	if (rc != ST_OK)
		return rc;
	c->data = c->own;
	return ST_OK;
}

void
tsr_check_later(struct tsr_reader *r)
{
	r->check_later = true;
}

int
tsr_check(struct tsr_chunk *c)
{
	if (!c->unchecked)
		return ST_OK;
	c->unchecked = false;
	if (hash_bytes(c->data, (size_t)c->bytes, 0) != c->hash)
		return err_set(ST_DATA, "%s: byte %llu: the payload's checksum does not match", c->file,
		               (unsigned long long)c->at);
	if (c->kind == 'T' && c->data == c->own)
		order_turn(c->own, dtypes[c->dtype].size, tsr_elements(c));
	return ST_OK;
}

static int
read_payload(struct tsr_reader *r, struct tsr_chunk *c)
{
	int rc = ST_OK;

	c->at = r->at;
	c->unchecked = true;
	c->data = NULL;
	if (r->map != NULL && c->bytes > 0) {
		if (c->bytes > r->size - r->at)
			return defect(r, r->size, "the stream is cut off");
		map_used((size_t)c->bytes);
		c->data = r->map + r->at;
		r->at += c->bytes;
	} else if (c->kind == 'T') {
		rc = read_unmapped(r, c);
	}
	if (rc == ST_OK && !r->check_later)
		rc = tsr_check(c);
	if (rc == ST_OK)
		rc = take_zeros(r, padding(c->bytes));
	if (rc == ST_OK && r->keeps && c->bytes > 0 && c->data == c->own && !spool_holds(&r->spool, c->bytes)) {
		map_used((size_t)c->bytes);
		rc = spool_add(&r->spool, r->name, c->own, (size_t)c->bytes, &c->data);
	}
	return rc;
}

static int
check_end(const struct tsr_reader *r, const struct tsr_chunk *c)
{
	if (c->rank != END_RANK)
		return defect(r, c->offset + 7, "an end chunk's rank is not 3");
	if (c->shape[0] != r->records)
		return defect(r, c->offset + FIXED, "the end chunk's number of records is wrong");
	if (c->shape[1] != r->payload)
		return defect(r, c->offset + FIXED + 8, "the end chunk's number of payload bytes is wrong");
	if (c->shape[2] != XXH3_64bits_digest(r->segment))
		return defect(r, c->offset + FIXED + 16, "the end chunk's checksum does not match the segment");
	return ST_OK;
}

/* The chunk that begins with h, which has just been read. */
static int
read_chunk(struct tsr_reader *r, struct tsr_chunk *c, const unsigned char *h)
{
	int rc = check_fixed(r, h);

	if (rc != ST_OK)
		return rc;
	c->file = r->name;
	c->offset = r->at - FIXED;
	c->kind = (char)h[5];
	c->dtype = (enum tsr_dtype)h[6];
	c->rank = h[7];
	c->bytes = get(h + 16, 8);
	c->hash = get(h + 24, 8);
	if (c->kind == 'H') {
		XXH3_64bits_reset(r->segment);
		r->records = r->payload = 0;
	}
	c->record = c->kind == 'T' ? ++r->file_records : 0;
	if ((rc = read_header(r, c, h)) != ST_OK || (rc = check_sizes(r, c)) != ST_OK ||
	    (rc = read_payload(r, c)) != ST_OK || (c->kind == 'E' && (rc = check_end(r, c)) != ST_OK))
		return rc;
	r->in_segment = c->kind != 'E';
	r->any = true;
	if (c->kind == 'T') {
		r->records++;
		r->payload += c->bytes;
	}
	return ST_OK;
}

int
tsr_read(struct tsr_reader *r, struct tsr_chunk *c)
{
	unsigned char h[FIXED];
	size_t got;
	int rc;

	meta_clear(&c->meta);
	c->kind = 0;
	for (;;) {
		if (r->fd < 0) {
			if (r->next == r->nfiles)
				return ST_OK;
			if ((rc = open_next(r)) != ST_OK)
				return rc;
		}
		if ((rc = take(r, h, FIXED, &got)) != ST_OK)
			return rc;
		if (got == FIXED)
			break;
		if (got == 1 && h[0] == FAILED_MARK)
			return failed_heard(r->fd, r->name);
		if (got > 0 && !r->any && memcmp(h, magic, got < 4 ? got : 4) != 0)
			return not_a_stream(r, h, got);
		if (got > 0 || r->in_segment)
			return defect(r, r->at, "the stream is cut off");
		if (!r->any)
			return err_set(ST_DATA, "%s: empty input: %s", r->name,
			               r->fd != STDIN_FILENO ? "a file of no bytes; make it again"
			                                     : "nothing came from the program before, or it never began");
		close_input(r);
	}
	rc = read_chunk(r, c, h);
	if (rc != ST_OK)
		c->kind = 0;
	return rc;
}

bool
tsr_ready(const struct tsr_reader *r)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };

	if (r->fd < 0 || r->map != NULL || r->size > 0 || r->head < r->tail)
		return true;
	return poll(&p, 1, 0) != 0;
}

bool
tsr_has_next(const struct tsr_reader *r)
{
	const unsigned char *h = r->buf + r->head;
	size_t have = r->tail - r->head, head;
	uint64_t bytes;

	if (r->fd < 0 || r->map != NULL || r->size > 0)
		return true;
	if (have < FIXED)
		return false;
	head = FIXED + 8 * (size_t)h[7] + get(h + 8, 4);
	bytes = get(h + 16, 8);
	return bytes < have && head + padding(head) + bytes + padding(bytes) <= have;
}

void
tsr_close(struct tsr_reader *r)
{
	if (r == NULL)
		return;
	close_input(r);
	for (size_t i = 0; i < r->nmaps; i++)
		map_close(&r->maps[i]);
	spool_free(&r->spool);
	XXH3_freeState(r->segment);
	free(r->maps);
	free(r->text);
	free(r->buf);
	free(r);
}

void
tsr_clear(struct tsr_chunk *c)
{
	meta_clear(&c->meta);
	free(c->own);
	*c = (struct tsr_chunk){ 0 };
}

const char *
tsr_where(const struct tsr_chunk *c)
{
	static _Thread_local char where[1024];
	const char *key = meta_get(&c->meta, "key");

	if (c->kind == 'T')
		snprintf(where, sizeof where, "%s: record %llu (%s)", c->file, (unsigned long long)c->record,
		         key == NULL ? "" : key);
	else
		snprintf(where, sizeof where, "%s: byte %llu", c->file, (unsigned long long)c->offset);
	return where;
}

/* What to type for a stream of one type where another one is expected. */
static const char *
filter_between(const char *type, const char *expected)
{
	if (strcmp(type, "wave") == 0 && strcmp(expected, "mel") == 0)
		return ": put melspec before this program";
	if (strcmp(type, "wave") == 0 && strcmp(expected, "lld") == 0)
		return ": put descriptors before this program";
	if (strcmp(type, "mel") == 0 && strcmp(expected, "wave") == 0)
		return ": melspec comes last, after augment";
	if (strcmp(type, "lld") == 0 && strcmp(expected, "wave") == 0)
		return ": descriptors comes after augment";
	if (strcmp(type, "scores") == 0)
		return ": for evalconf, call nnpredict without --tensor";
	return "";
}

int
tsr_expect_type(const struct tsr_chunk *head, const char *expected, const char *other)
{
	const char *type = meta_get(&head->meta, "type"), *or = other == NULL ? "" : " or ";

	if (other == NULL)
		other = "";
	if (type == NULL)
		return err_set(ST_DATA, "%s: the stream does not say its type; a %s%s%s stream is expected", head->file,
		               expected, or, other);
	if (strcmp(type, expected) == 0 || strcmp(type, other) == 0)
		return ST_OK;
	return err_set(ST_DATA, "%s: this is a %s stream; a %s%s%s stream is expected%s", head->file, type, expected, or,
	               other, filter_between(type, expected));
}

int
tsr_rate(const struct tsr_chunk *head, double *hz)
{
	const char *text = meta_get(&head->meta, "rate");

	if (text != NULL && tsv_parse(text, hz) && *hz > 0 && *hz <= 1e7)
		return ST_OK;
	return err_set(ST_DATA, "%s: the stream's rate, '%s', is not in Hz", head->file, text == NULL ? "" : text);
}

int
tsr_expect(const struct tsr_chunk *c, enum tsr_dtype dtype, int rank)
{
	if (c->dtype != dtype)
		return err_set(ST_DATA, "dtype is %s; %s is expected", dtypes[c->dtype].name, dtypes[dtype].name);
	if (rank >= 0 && c->rank != rank)
		return err_set(ST_DATA, "rank is %d; %d is expected", c->rank, rank);
	return ST_OK;
}

/* Writing */

int
tsr_create(struct tsr_writer **writer, const char *name)
{
	struct tsr_writer *w = mem_zero(1, sizeof *w);
	int rc;

	*writer = NULL;
	if (w == NULL)
		return ST_SYS;
	w->segment = XXH3_createState();
	rc = w->segment == NULL ? err_set(ST_SYS, "out of memory") : io_open(&w->out, name, true);
	if (rc != ST_OK) {
		tsr_abort(w);
		return rc;
	}
	*writer = w;
	return ST_OK;
}

/* The payload, as the file has it. */
static int
write_chunk(struct tsr_writer *w, char kind, enum tsr_dtype dtype, int rank, const uint64_t *shape,
            const struct meta *meta, const void *data, uint64_t bytes)
{
	unsigned char h[HASHED] = { magic[0], magic[1], magic[2], magic[3], VERSION_BYTE, (unsigned char)kind,
		(unsigned char)dtype, (unsigned char)rank }, number[8];
	size_t rest;
	int rc;

	put(h + 16, bytes, 8);
	put(h + 24, hash_bytes(data, (size_t)bytes, 0), 8);
	str_clear(&w->chunk);
	str_addn(&w->chunk, (const char *)h, HASHED);
	for (int i = 0; i < rank; i++) {
		put(number, shape[i], 8);
		str_addn(&w->chunk, (const char *)number, 8);
	}
	rc = meta == NULL ? w->chunk.status : meta_print(meta, &w->chunk);
	if (rc != ST_OK)
		return rc;
	rest = w->chunk.n - HASHED;
	put(w->chunk.text + 8, rest - 8 * (size_t)rank, 4);
	put(number, XXH3_64bits(w->chunk.text, HASHED + rest), 8);
	if (kind != 'E')
		XXH3_64bits_update(w->segment, number, 8);
	if ((rc = io_write(w->out, w->chunk.text, HASHED)) != ST_OK || (rc = io_write(w->out, number, 8)) != ST_OK ||
	    (rc = io_write(w->out, w->chunk.text + HASHED, rest)) != ST_OK ||
	    (rc = io_write(w->out, zeros, padding(FIXED + rest))) != ST_OK ||
	    (rc = io_write(w->out, data, (size_t)bytes)) != ST_OK)
		return rc;
	return io_write(w->out, zeros, padding(bytes));
}

int
tsr_head(struct tsr_writer *w, const struct meta *meta)
{
	XXH3_64bits_reset(w->segment);
	w->records = w->payload = 0;
	return write_chunk(w, 'H', TSR_NONE, 0, NULL, meta, NULL, 0);
}

int
tsr_record(struct tsr_writer *w, enum tsr_dtype dtype, int rank, const uint64_t *shape, const struct meta *meta,
           const void *data)
{
	uint64_t bytes;
	void *turned;
	int rc;

	if (rank < 0 || rank > TSR_RANK_MAX || !payload_bytes(dtype, rank, shape, &bytes))
		return err_set(ST_DATA, "the shape is too large");
	if (dtype == TSR_NONE || meta->n == 0 || strcmp(meta->item[0].name, "key") != 0)
		return err_set(ST_DATA, "a record has no dtype, or its metadata does not begin with key=");
	rc = order_out(&data, dtypes[dtype].size, bytes / dtypes[dtype].size, &turned);
	if (rc == ST_OK)
		rc = write_chunk(w, 'T', dtype, rank, shape, meta, data, bytes);
	free(turned);
	w->records++;
	w->payload += bytes;
	return rc;
}

int
tsr_end(struct tsr_writer *w)
{
	uint64_t totals[END_RANK] = { w->records, w->payload, XXH3_64bits_digest(w->segment) };

	return write_chunk(w, 'E', TSR_NONE, END_RANK, totals, NULL, NULL, 0);
}

int
tsr_behind(struct tsr_writer *w)
{
	return io_behind(w->out);
}

int
tsr_flush(struct tsr_writer *w)
{
	return io_flush(w->out);
}

uint64_t
tsr_records(const struct tsr_writer *w)
{
	return w->records;
}

int
tsr_finish(struct tsr_writer *w)
{
	int rc = io_close(w->out);

	w->out = NULL;
	tsr_abort(w);
	return rc;
}

void
tsr_abort(struct tsr_writer *w)
{
	if (w == NULL)
		return;
	io_abort(w->out);
	XXH3_freeState(w->segment);
	str_free(&w->chunk);
	free(w);
}
