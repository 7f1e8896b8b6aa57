/* Source of the format: numpy/lib/format.py, versions 1.0 to 3.0. */
#include "numpy/npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/text.h"

enum {
	HEADER_MAX = 65535, /* bytes of a header's text: NumPy itself trusts 10,000 */
	ALIGN = 64,
	UNIT = 4, /* bytes of a character of type U */
	INTEGER_TEXT = 20, /* bytes of an integer's text at most */
};

static const char magic[6] = { '\x93', 'N', 'U', 'M', 'P', 'Y' };
static const char *const descrs[TSR_DTYPES] = { "", "|u1", "<i4", "<i8", "<f4", "<f8", "<f2" };

const char *
npy_descr(enum tsr_dtype dtype)
{
	return descrs[dtype];
}

/* The header's text is a Python dictionary; this reads the little of Python
 * that NumPy writes there. */
struct scan {
	const char *p, *end;
};

static void
skip_blanks(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool
accept(struct scan *s, char c)
{
	skip_blanks(s);
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static bool
scan_string(struct scan *s, char *buf, size_t size)
{
	char quote = accept(s, '\'') ? '\'' : '"';
	const char *stop;

	if (quote == '"' && !accept(s, '"'))
		return false;
	stop = memchr(s->p, quote, (size_t)(s->end - s->p));
	if (stop == NULL || (size_t)(stop - s->p) >= size)
		return false;
	memcpy(buf, s->p, (size_t)(stop - s->p));
	buf[stop - s->p] = '\0';
	s->p = stop + 1;
	return true;
}

static bool
scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	skip_blanks(s);
	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

static bool
scan_number(struct scan *s, uint64_t *x)
{
	const char *first;

	skip_blanks(s);
	first = s->p;
	for (*x = 0; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
		if (__builtin_mul_overflow(*x, 10, x) || __builtin_add_overflow(*x, (uint64_t)(*s->p - '0'), x))
			return false;
	if (s->p == first)
		return false;
	if (s->p < s->end && *s->p == 'L') /* as Python 2 wrote */
		s->p++;
	return true;
}

static int
scan_shape(struct scan *s, struct npy *a)
{
	if (!accept(s, '('))
		return err_set(ST_DATA, "NumPy header: shape is not a tuple");
	for (a->rank = 0; !accept(s, ')'); a->rank++) {
		uint64_t x;

		if (!scan_number(s, &x))
			return err_set(ST_DATA, "NumPy header: a malformed or too large number in the shape");
		if (a->rank == NPY_RANK_MAX)
			return err_set(ST_DATA, "the array has more than %d dimensions", NPY_RANK_MAX);
		a->shape[a->rank] = x;
		if (!accept(s, ',') && (s->p == s->end || *s->p != ')'))
			return err_set(ST_DATA, "NumPy header: a malformed shape");
	}
	return ST_OK;
}

static int
scan_descr(struct scan *s, struct npy *a)
{
	char order;
	struct scan digits;
	uint64_t n;

	if (accept(s, '['))
		return err_set(ST_DATA, "arrays of structures cannot be read");
	if (!scan_string(s, a->descr, sizeof a->descr) || strlen(a->descr) < 2)
		return err_set(ST_DATA, "NumPy header: a malformed descr");
	order = a->descr[0];
	a->kind = a->descr[1];
	if (a->kind == 'O')
		return err_set(ST_DATA, "arrays of Python objects cannot be read");
	if (order == '>')
		return err_set(ST_DATA, "type %s is big-endian: convert it with astype('<%s')", a->descr, a->descr + 1);
	digits = (struct scan){ a->descr + 2, a->descr + strlen(a->descr) };
	if ((order != '<' && order != '|' && order != '=') || !scan_number(&digits, &n) || digits.p != digits.end
	    || n == 0 || n > UINT32_MAX)
		return err_set(ST_DATA, "type '%s' cannot be read", a->descr);
	a->size = a->kind == 'U' ? UNIT * (size_t)n : (size_t)n;
	return ST_OK;
}

/* Reads a pair "KEY: VALUE"; seen has a bit for each key. */
static int
scan_pair(struct scan *s, struct npy *a, unsigned *seen)
{
	static const char *const keys[] = { "descr", "fortran_order", "shape" };
	char key[16];
	unsigned bit;

	if (!scan_string(s, key, sizeof key) || !accept(s, ':'))
		return err_set(ST_DATA, "NumPy header: not a dictionary");
	for (bit = 0; bit < 3 && strcmp(key, keys[bit]) != 0;)
		bit++;
	if (bit == 3 || *seen & 1U << bit)
		return err_set(ST_DATA, "NumPy header: unknown or repeated key '%s'", key);
	*seen |= 1U << bit;
	if (bit == 0)
		return scan_descr(s, a);
	if (bit == 2)
		return scan_shape(s, a);
	a->fortran = scan_word(s, "True");
	if (!a->fortran && !scan_word(s, "False"))
		return err_set(ST_DATA, "NumPy header: fortran_order is neither True nor False");
	return ST_OK;
}

static int
scan_header(struct scan *s, struct npy *a)
{
	unsigned seen = 0;
	bool more = accept(s, '{');
	int rc;

	while (!accept(s, '}')) {
		if (!more)
			return err_set(ST_DATA, "NumPy header: not a dictionary");
		if ((rc = scan_pair(s, a, &seen)) != ST_OK)
			return rc;
		more = accept(s, ',');
	}
	skip_blanks(s);
	if (s->p != s->end)
		return err_set(ST_DATA, "NumPy header: something follows the dictionary");
	if (seen != 7)
		return err_set(ST_DATA, "NumPy header: descr, fortran_order or shape is missing");
	return ST_OK;
}

/* Derives the type in streams and the size. */
static int
measure(struct npy *a)
{
	bool large = false;

	a->dtype = TSR_NONE;
	for (int t = TSR_U8; t < TSR_DTYPES; t++)
		if (a->kind == descrs[t][1] && a->size == tsr_dtype_size((enum tsr_dtype)t))
			a->dtype = (enum tsr_dtype)t;
	a->elements = 1;
	for (int i = 0; i < a->rank; i++)
		large = large || __builtin_mul_overflow(a->elements, a->shape[i], &a->elements);
	if (large || __builtin_mul_overflow(a->elements, a->size, &a->bytes) || a->bytes > PTRDIFF_MAX)
		return err_set(ST_DATA, "the array's shape is too large");
	return ST_OK;
}

/* The length of the header's text, from the bytes before it. */
static int
text_length(struct zip_stream *s, size_t *n)
{
	unsigned char h[12] = { 0 };
	int rc;

	if (zip_left(s) < 8)
		return err_set(ST_DATA, "not a NumPy array: too short");
	if ((rc = zip_take(s, h, 8)) != ST_OK)
		return rc;
	if (memcmp(h, magic, sizeof magic) != 0)
		return err_set(ST_DATA, "not a NumPy array");
	if (h[6] < 1 || h[6] > 3)
		return err_set(ST_DATA, "version %d of the NumPy format is unknown", h[6]);
	if ((rc = zip_take(s, h + 8, h[6] == 1 ? 2 : 4)) != ST_OK)
		return rc;
	*n = h[8] | (size_t)h[9] << 8 | (size_t)h[10] << 16 | (size_t)h[11] << 24;
	if (*n > HEADER_MAX)
		return err_set(ST_DATA, "NumPy header of %zu bytes", *n);
	return ST_OK;
}

int
npy_open(struct npy *a, struct zip_stream *s)
{
	struct scan scan;
	char *text;
	size_t n = 0;
	int rc = text_length(s, &n);

	if (rc != ST_OK)
		return rc;
	text = mem_zero(n, 1);
	if (text == NULL)
		return ST_SYS;
	memset(a, 0, sizeof *a);
	rc = zip_take(s, text, n);
	scan = (struct scan){ text, text + n };
	if (rc == ST_OK)
		rc = scan_header(&scan, a);
	free(text);
	if (rc == ST_OK)
		rc = measure(a);
	if (rc == ST_OK && a->bytes != zip_left(s))
		rc = err_set(ST_DATA, "%" PRIu64 " bytes follow the header, whose shape requires %" PRIu64, zip_left(s),
		             a->bytes);
	return rc;
}

int
npy_check_numeric(const struct npy *a)
{
	if (a->dtype == TSR_NONE)
		return err_set(ST_DATA, "type %s has no counterpart in a stream: convert it to u1, i4, i8, f2, f4 or f8",
		               a->descr);
	return ST_OK;
}

/* Copies a Fortran-ordered array into C order, element by element. */
static void
transpose(const struct npy *a, const char *from, char *to)
{
	uint64_t index[NPY_RANK_MAX] = { 0 }, stride[NPY_RANK_MAX] = { 0 }, at = 0;

	for (int i = 0; i < a->rank; i++)
		stride[i] = i == 0 ? a->size : stride[i - 1] * a->shape[i - 1];
	for (uint64_t n = 0; n < a->elements; n++) {
		memcpy(to + n * a->size, from + at, a->size);
		for (int i = a->rank - 1; i >= 0; i--) {
			at += stride[i];
			if (++index[i] < a->shape[i])
				break;
			at -= stride[i] * a->shape[i];
			index[i] = 0;
		}
	}
}

int
npy_load(const struct npy *a, struct zip_stream *s, void **data)
{
	bool transposed = a->fortran && a->rank > 1;
	void *in, *out;
	int rc = npy_check_numeric(a);

	*data = NULL;
	if (rc != ST_OK)
		return rc;
	in = mem_zero((size_t)a->bytes, 1);
	out = transposed ? mem_zero((size_t)a->bytes, 1) : in;
	rc = in == NULL || out == NULL ? ST_SYS : zip_take(s, in, (size_t)a->bytes);
	if (rc == ST_OK && (rc = zip_check(s)) == ST_OK) {
		order_turn(in, a->size, a->elements);
		if (transposed)
			transpose(a, in, out);
		*data = out;
	}
	if (transposed || rc != ST_OK)
		free(in);
	if (transposed && rc != ST_OK)
		free(out);
	return rc;
}

/* Appends a code point as UTF-8 at p, which has room for 4 bytes; returns
 * their number, 0 where it is none. */
static size_t
put_utf8(char *p, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		p[i] = (char)(0x80 | (c & 0x3f));
	p[0] = (char)(n == 1 ? c : c | (0xf00U >> n & 0xff)); /* as many ones as bytes, then a zero */
	return n;
}

/* The code point at p, which is valid UTF-8; *p moves on. */
static uint32_t
get_utf8(const unsigned char **p)
{
	uint32_t c = *(*p)++;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

	if (more > 0)
		c &= 0x3fU >> more;
	for (; more > 0; more--)
		c = c << 6 | (*(*p)++ & 0x3f);
	return c;
}

/* One element of type U as UTF-8; zeros end it. */
static int
text_of_units(const unsigned char *unit, size_t n, char *text)
{
	size_t used = 0;

	while (n > 0 && memcmp(unit + UNIT * (n - 1), "\0\0\0", UNIT) == 0)
		n--;
	for (size_t i = 0; i < n; i++) {
		const unsigned char *u = unit + UNIT * i;
		uint32_t c = u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
		size_t bytes = put_utf8(text + used, c);

		if (bytes == 0 || c == 0)
			return err_set(ST_DATA, "a string holds U+%04" PRIX32 ", which is no character", c);
		used += bytes;
	}
	text[used] = '\0';
	return ST_OK;
}

/* One element of type S; zeros end it. */
static int
text_of_bytes(const char *bytes, size_t n, char *text)
{
	while (n > 0 && bytes[n - 1] == '\0')
		n--;
	if (memchr(bytes, '\0', n) != NULL)
		return err_set(ST_DATA, "a string holds a NUL byte");
	memcpy(text, bytes, n);
	text[n] = '\0';
	return ST_OK;
}

static void
text_of_integer(const struct npy *a, const unsigned char *element, char *text)
{
	uint64_t bits = 0;
	int64_t x;

	for (size_t i = 0; i < a->size; i++)
		bits |= (uint64_t)element[i] << 8 * i;
	if (a->kind == 'u') {
		sprintf(text, "%" PRIu64, bits);
		return;
	}
	/* Sign extension from the element's size. */
	x = a->size == 0 ? 0 : (int64_t)(bits << (64 - 8 * a->size)) >> (64 - 8 * a->size);
	sprintf(text, "%" PRId64, x);
}

static int
text_of_element(const struct npy *a, const void *element, char *text)
{
	if (a->kind == 'U')
		return text_of_units(element, a->size / UNIT, text);
	if (a->kind == 'S')
		return text_of_bytes(element, a->size, text);
	text_of_integer(a, element, text);
	return ST_OK;
}

static int
check_text(const struct npy *a)
{
	bool number = (a->kind == 'u' || a->kind == 'i') && (a->size == 1 || a->size == 2 || a->size == 4 || a->size == 8);

	if (a->kind != 'U' && a->kind != 'S' && !number)
		return err_set(ST_DATA, "type %s where strings or integers are expected", a->descr);
	if (a->rank != 1)
		return err_set(ST_DATA, "%d dimensions where one is expected", a->rank);
	return ST_OK;
}

int
npy_load_text(const struct npy *a, struct zip_stream *s, struct npy_text *t)
{
	size_t room = (a->size > INTEGER_TEXT ? a->size : INTEGER_TEXT) + 1; /* UTF-8 takes no more bytes than units */
	void *element;
	char *p;
	int rc = check_text(a);

	t->item = NULL;
	t->n = 0;
	if (rc != ST_OK)
		return rc;
	element = mem_zero(a->size, 1);
	t->item = mem_zero((size_t)a->elements, sizeof *t->item + room);
	p = t->item == NULL ? NULL : (char *)(t->item + a->elements);
	rc = element == NULL || p == NULL ? ST_SYS : ST_OK;
	for (; t->n < a->elements && rc == ST_OK; t->n++, p += strlen(p) + 1) {
		t->item[t->n] = p;
		if ((rc = zip_take(s, element, a->size)) == ST_OK && (rc = text_of_element(a, element, p)) != ST_OK)
			err_prefix("element %zu", t->n);
	}
	if (rc == ST_OK)
		rc = zip_check(s);
	free(element);
	if (rc != ST_OK) {
		free(t->item);
		t->item = NULL;
	}
	return rc;
}

size_t
npy_head(char buf[NPY_HEAD_MAX], const char *descr, int rank, const uint64_t *shape)
{
	size_t n = 10, length;

	n += (size_t)sprintf(buf + n, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
	for (int i = 0; i < rank; i++)
		n += (size_t)sprintf(buf + n, "%s%" PRIu64 "%s", i == 0 ? "" : " ", shape[i], i < rank - 1 || rank == 1 ? "," : "");
	n += (size_t)sprintf(buf + n, "), }");
	while ((n + 1) % ALIGN != 0)
		buf[n++] = ' ';
	buf[n++] = '\n';
	length = n - 10;
	memcpy(buf, magic, sizeof magic);
	buf[6] = 1;
	buf[7] = 0;
	buf[8] = (char)(length & 0xff);
	buf[9] = (char)(length >> 8);
	return n;
}

/* Of n numbers of size bytes. */
static int
add_array(struct zip_writer *w, const char *name, const char *descr, int rank, const uint64_t *shape, const void *data,
          size_t size, uint64_t n)
{
	char head[NPY_HEAD_MAX];
	size_t length = npy_head(head, descr, rank, shape);
	void *turned;
	int rc = order_out(&data, size, n, &turned);

	if (rc == ST_OK)
		rc = zip_add(w, name, length + size * n);
	if (rc == ST_OK)
		rc = zip_write(w, head, length);
	if (rc == ST_OK)
		rc = zip_write(w, data, (size_t)(size * n));
	free(turned);
	return rc;
}

int
npy_add(struct zip_writer *w, const char *name, enum tsr_dtype dtype, int rank, const uint64_t *shape, const void *data)
{
	uint64_t n = 1;

	for (int i = 0; i < rank; i++)
		n *= shape[i];
	return add_array(w, name, npy_descr(dtype), rank, shape, data, tsr_dtype_size(dtype), n);
}

int
npy_add_text(struct zip_writer *w, const char *name, char *const *item, size_t n)
{
	size_t width = 1, bytes;
	uint64_t shape = n;
	char descr[NPY_DESCR_MAX];
	uint32_t *unit;
	int rc;

	for (size_t i = 0; i < n; i++) {
		size_t characters = text_characters(item[i], strlen(item[i]));

		width = characters > width ? characters : width;
	}
	if (__builtin_mul_overflow(n, UNIT * width, &bytes))
		return err_set(ST_SYS, "out of memory");
	unit = mem_zero(bytes, 1);
	if (unit == NULL)
		return ST_SYS;
	for (size_t i = 0; i < n; i++) {
		const unsigned char *p = (const unsigned char *)item[i];

		for (size_t k = 0; *p != '\0'; k++)
			unit[i * width + k] = get_utf8(&p);
	}
	snprintf(descr, sizeof descr, "<U%zu", width);
	rc = add_array(w, name, descr, 1, &shape, unit, UNIT, n * width);
	free(unit);
	return rc;
}
