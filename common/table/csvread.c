#include "table/csvread.h"

#include <csv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/failed.h"
#include "base/kind.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/thread.h"
#include "stream/meta.h"
#include "table/unpack.h"

#ifdef SER_FUZZ /* chunks end everywhere */
enum { CHUNK = 16, PARSER_BLOCK = 8 };
#else
enum { CHUNK = 1 << 18, PARSER_BLOCK = 1 << 12 };
#endif
enum { BLOCKS = 3, TAIL = 8, LINES = 128 }; /* LINES: bytes of cache lines that processors fetch together */

#define NOT_UTF8 "not UTF-8: if it is in Windows' encoding, iconv -f WINDOWS-1252 -t UTF-8 converts it"

/* The rows that end in a chunk, and the beginning of the next, from the worker that
 * parses for the calling thread. While one thread writes to a block, the other reads another. */
struct block {
	_Alignas(LINES) bool last;
	size_t rows, row_cap, cells, cell_cap, used, cap;
	size_t row_cells, row_used; /* those of whole rows */
	uint64_t *line;   /* [rows] */
	uint32_t *length; /* [cells]: of those that are required, row after row */
	char *text;       /* their bytes, each with its NUL */
};

struct reading {
	const char *name;
	char delimiter;
	const struct csvread_sink *sink;
	struct block block[BLOCKS];
	struct block *at;   /* that is being filled */
	bool *needed;       /* [width] */
	uint64_t record;    /* rows given to the sink */
	bool all;           /* the sink has the last block */
	int status;         /* of parsing */
	bool ended;         /* the input has */
	unsigned char chunk[TAIL + CHUNK]; /* the input's bytes follow the room for a tail */
	size_t got, parsed;
	struct unpack *in;
	struct csv_parser parser;
	int rc;             /* of a callback; the parser cannot be stopped by one */
	uint64_t line;      /* of the parser, from 1 */
	uint64_t row_line;  /* where its row began */
	size_t cells;       /* of the row so far */
	size_t width;       /* of the header */
	bool cr;            /* the row ended with CR: LF must come */
	bool between;       /* the parser is between rows, or LF must come */
	char **header;
	size_t names;       /* in header */
	bool quotes, quoted_before; /* this chunk has quotes; the previous one had */
	XXH3_state_t *row;  /* hashes the row's cells; NULL where duplicates are not counted */
	uint64_t *hash;     /* [hashes]: of rows */
	size_t hashes;
	size_t tail; /* bytes of a UTF-8 sequence that the chunk's end cuts */
};

static int
bad(const struct reading *r, uint64_t line, const char *what)
{
	return err_set(ST_DATA, "%s: line %llu: %s", r->name, (unsigned long long)line, what);
}

static int
lone_return(const struct reading *r)
{
	return bad(r, r->line, "a carriage return that does not end the line: tr '\\r' '\\n' makes all of them ends");
}

static uint64_t
count_lines(const void *text, size_t n)
{
	const char *p = text, *end = n == 0 ? p : p + n; /* p may be NULL then */
	uint64_t lines = 0;

	for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		lines++;
	return lines;
}

/* The parser's line, also within a quoted cell. */
static uint64_t
line_reached(const struct reading *r)
{
	return r->line + count_lines(r->parser.entry_buf, r->parser.entry_pos);
}

/* Callbacks of the parser */

static int
add_name(struct reading *r, const char *text, size_t n)
{
	int rc;

	if (r->cells == CSVREAD_COLUMNS_MAX)
		return bad(r, r->line, "more than 16384 columns");
	if ((rc = mem_push(&r->header, r->names, sizeof *r->header)) != ST_OK)
		return rc;
	if ((r->header[r->names] = mem_strn(text, n)) == NULL)
		return ST_SYS;
	r->names++;
	return ST_OK;
}

static int
add_cell(struct reading *r, const char *s, size_t n)
{
	struct block *b = r->at;
	int rc;

	if (n > CSVREAD_CELL_MAX)
		return bad(r, r->line, "a cell of more than 1 MiB");
	if ((rc = mem_room(&b->length, &b->cell_cap, b->cells + 1, sizeof *b->length)) != ST_OK ||
	    (rc = mem_room(&b->text, &b->cap, b->used + n + 1, 1)) != ST_OK)
		return rc;
	b->length[b->cells++] = (uint32_t)n;
	memcpy(b->text + b->used, s, n);
	b->text[b->used + n] = '\0';
	b->used += n + 1;
	return ST_OK;
}

static void
on_cell(void *text, size_t n, void *ctx)
{
	struct reading *r = ctx;
	const char *s = text == NULL ? "" : text;

	if (r->rc != ST_OK)
		return;
	if (r->cr) {
		r->rc = lone_return(r);
		return;
	}
	if (r->cells == 0)
		r->row_line = r->line;
	if (r->row != NULL)
		XXH3_64bits_update(r->row, s, text == NULL ? 1 : n + 1); /* with its NUL */
	if (r->quotes || r->quoted_before) /* else no cell has a newline */
		r->line += count_lines(s, n);
	if (r->width == 0)
		r->rc = add_name(r, s, n);
	else if (r->cells < r->width && r->needed[r->cells])
		r->rc = add_cell(r, s, n);
	r->cells++;
}

static int
end_hash(struct reading *r)
{
	int rc = ST_OK;

	if (r->row == NULL)
		return ST_OK;
	if (r->width > 0 && (rc = mem_push(&r->hash, r->hashes, sizeof *r->hash)) == ST_OK)
		r->hash[r->hashes++] = XXH3_64bits_digest(r->row);
	XXH3_64bits_reset(r->row);
	return rc;
}

static int
end_row(struct reading *r)
{
	struct block *b = r->at;
	int rc = end_hash(r);

	if (rc != ST_OK)
		return rc;
	if (r->width == 0) {
		r->width = r->cells;
		r->needed = mem_zero(r->width, sizeof *r->needed);
		return r->needed == NULL ? ST_SYS : ST_OK;
	}
	if (r->cells != r->width)
		return err_set(ST_DATA, "%s: line %llu: cells: %zu; the header has %zu", r->name,
		               (unsigned long long)r->row_line, r->cells, r->width);
	if ((rc = mem_room(&b->line, &b->row_cap, b->rows + 1, sizeof *b->line)) != ST_OK)
		return rc;
	b->line[b->rows++] = r->row_line;
	b->row_cells = b->cells;
	b->row_used = b->used;
	return ST_OK;
}

static void
on_end(int c, void *ctx)
{
	struct reading *r = ctx;

	if (r->rc == ST_OK && r->cr && c != '\n')
		r->rc = lone_return(r);
	if (r->rc == ST_OK && r->cells > 0)
		r->rc = end_row(r);
	r->cells = 0;
	r->cr = c == '\r';
	r->between = true;
	r->line += c == '\n';
}

/* Checks that the parser does not make */

/* The length of the UTF-8 sequence that n bytes begin with; 0 where their end cuts it,
 * SIZE_MAX where it is none. */
static size_t
sequence(const unsigned char *s, size_t n)
{
	size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (n < length) {
		for (size_t i = 1; i < n; i++)
			if ((s[i] & 0xc0) != 0x80)
				return SIZE_MAX;
		return s[0] < 0xc2 || s[0] > 0xf4 ? SIZE_MAX : 0;
	}
	return text_is_utf8((const char *)s, length) ? length : SIZE_MAX;
}

static int
not_text(const struct reading *r, const unsigned char *from, const unsigned char *at)
{
	uint64_t lines = at < from ? 0 : count_lines(from, (size_t)(at - from));

	return bad(r, line_reached(r) + lines, *at == 0 ? "a NUL byte" : NOT_UTF8);
}

/* Checks for NUL and that all is UTF-8, eight bytes at a time where all is ASCII.
 * Before s are r->tail bytes of a sequence that the previous chunk's end has cut. */
static int
scan(struct reading *r, const unsigned char *s, size_t n)
{
	const unsigned char *nul = memchr(s, 0, n), *p = s - r->tail, *end = s + n;
	size_t length;
	uint64_t word;

	if (nul != NULL)
		return not_text(r, s, nul);
	for (; p < end; p += length) {
		length = sizeof word;
		if ((size_t)(end - p) >= sizeof word) {
			memcpy(&word, p, sizeof word);
			if ((word & 0x8080808080808080U) == 0)
				continue;
		}
		if ((length = *p < 0x80 ? 1 : sequence(p, (size_t)(end - p))) == SIZE_MAX)
			return not_text(r, s, p);
		if (length == 0)
			break;
	}
	r->tail = (size_t)(end - p);
	return ST_OK;
}

/* Rows without quotes */

/* The bytes of the word that are c, each as its highest bit. */
static uint64_t
equal(uint64_t word, unsigned char c)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fU, x = word ^ (low / 0x7f * c);

	return ~(((x & low) + low) | x | low);
}

/* Those of the word at s that are no plain text, from the lowest bit on. */
static uint64_t
marks(const unsigned char *s, unsigned char delimiter)
{
	uint64_t word;

	memcpy(&word, s, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return equal(word, delimiter) | equal(word, '\n') | equal(word, '\r') | equal(word, '"');
}

/* As on_cell, of a cell that is as the file has it; there is room. */
static void
plain_cell(struct reading *r, const unsigned char *s, size_t n)
{
	struct block *b = r->at;

	if (r->row != NULL) {
		XXH3_64bits_update(r->row, s, n);
		XXH3_64bits_update(r->row, "", 1);
	}
	if (r->cells < r->width && r->needed[r->cells]) {
		b->length[b->cells++] = (uint32_t)n;
		memcpy(b->text + b->used, s, n);
		b->text[b->used + n] = '\0';
		b->used += n + 1;
	}
	r->cells++;
}

/* As on_end. */
static int
plain_end(struct reading *r)
{
	int rc = ST_OK;

	r->row_line = r->line++;
	if (r->cells > 0)
		rc = end_row(r);
	r->cells = 0;
	return rc;
}

/* Takes the rows at s, of n bytes, up to the first that has a quote, a lone carriage
 * return or no end: eight bytes at a time, where the parser takes them one by one
 * (9 and 60 ns a cell). *end is where it stopped. */
static int
plain_rows(struct reading *r, const unsigned char *s, size_t n, const unsigned char **end)
{
	const unsigned char *stop = s + n, *cell = s, delimiter = (unsigned char)r->delimiter;
	struct block *b = r->at;
	bool other = false;
	int rc;

	*end = s;
	/* Each cell has a byte behind it, which its NUL takes the place of. */
	if ((rc = mem_room(&b->length, &b->cell_cap, b->cells + n, sizeof *b->length)) != ST_OK ||
	    (rc = mem_room(&b->text, &b->cap, b->used + n, 1)) != ST_OK)
		return rc;
	for (; (size_t)(stop - s) > sizeof(uint64_t) && rc == ST_OK && !other; s += sizeof(uint64_t))
		for (uint64_t m = marks(s, delimiter); m != 0 && rc == ST_OK && !other; m &= m - 1) {
			const unsigned char *at = s + __builtin_ctzll(m) / 8;

			if (at < cell) /* a line feed behind a carriage return */
				continue;
			if ((other = *at == '"' || (*at == '\r' && at[1] != '\n')))
				break;
			if (*at == delimiter || at > *end)
				plain_cell(r, cell, (size_t)(at - cell));
			cell = at + 1 + (*at == '\r');
			if (*at != delimiter) {
				*end = cell;
				rc = plain_end(r);
			}
		}
	if (rc == ST_OK) { /* of the row that was begun */
		b->cells = b->row_cells;
		b->used = b->row_used;
		r->cells = 0;
		if (r->row != NULL)
			XXH3_64bits_reset(r->row);
	}
	return rc;
}

/* The whole */

static int
parse_error(struct reading *r, bool at_end)
{
	if (csv_error(&r->parser) != CSV_EPARSE)
		return err_set(ST_SYS, "out of memory");
	if (at_end)
		return bad(r, r->line, "a quoted cell that does not end");
	return bad(r, line_reached(r), "a quote that does not enclose a whole cell (a quote within one is written twice)");
}

/* All rows: those that are not plain by the parser, line by line. */
static int
split(struct reading *r, const unsigned char *s, size_t n)
{
	const unsigned char *end = s + n;
	int rc = ST_OK;

	while (s < end) {
		const unsigned char *line;

		if (r->between && !r->cr && r->width > 0 && (rc = plain_rows(r, s, (size_t)(end - s), &s)) != ST_OK)
			return rc;
		if (s == end)
			break;
		line = memchr(s, '\n', (size_t)(end - s));
		n = (size_t)((line == NULL ? end : line + 1) - s);
		r->between = false;
		if (csv_parse(&r->parser, s, n, on_cell, on_end, r) != n || r->rc != ST_OK)
			return r->rc != ST_OK ? r->rc : parse_error(r, false);
		s += n;
	}
	return ST_OK;
}

static int
parse(struct reading *r, const unsigned char *s, size_t n)
{
	int rc = scan(r, s, n);

	if (rc != ST_OK)
		return rc;
	r->quoted_before = r->quotes;
	r->quotes = memchr(s, '"', n) != NULL;
	if ((rc = split(r, s, n)) != ST_OK)
		return rc;
	if (r->rc == ST_OK && r->parser.entry_pos > CSVREAD_CELL_MAX)
		return bad(r, r->line, "a cell of more than 1 MiB: is the end of its quotes missing?");
	return r->rc;
}

static int
end_input(struct reading *r)
{
	r->ended = true;
	if (r->tail > 0)
		return bad(r, line_reached(r), NOT_UTF8);
	if (r->cells == 0 && r->parser.entry_pos == 1 && r->parser.entry_buf[0] == FAILED_MARK)
		return failed_heard(unpack_fd(r->in), r->name);
	if (csv_fini(&r->parser, on_cell, on_end, r) != 0)
		return r->rc != ST_OK ? r->rc : parse_error(r, true);
	if (r->rc == ST_OK && r->cr) /* the last byte */
		return lone_return(r);
	if (r->rc == ST_OK && r->width == 0)
		return err_set(ST_DATA, "%s: empty input: a line of column names is expected", r->name);
	return r->rc;
}

/* Parses the rest of the chunk, or the next one; of the header no more than a
 * line. */
static int
parse_some(struct reading *r)
{
	const unsigned char *from, *end;
	size_t n;

	if (r->parsed == r->got) {
		int rc;

		memmove(r->chunk + TAIL - r->tail, r->chunk + TAIL + r->got - r->tail, r->tail);
		rc = unpack_read(r->in, r->chunk + TAIL, CHUNK, &r->got);
		r->parsed = 0;
		if (rc != ST_OK)
			return rc;
		if (r->got == 0)
			return end_input(r);
	}
	from = r->chunk + TAIL + r->parsed;
	n = r->got - r->parsed;
	if (r->width == 0 && (end = memchr(from, '\n', n)) != NULL)
		n = (size_t)(end - from) + 1;
	r->parsed += n;
	return parse(r, from, n);
}

/* ST_DATA where the first two lines have as many of another separator, and more of it
 * than of the delimiter, on which they do not agree. */
static int
check_delimiter(const struct reading *r, const unsigned char *s, size_t n)
{
	static const struct {
		char c;
		const char *name, *option;
	} known[] = { { ',', "commas", "comma" }, { ';', "semicolons", "semicolon" }, { '\t', "tabs", "tab" },
		{ '|', "bars", "'|'" } };
	const unsigned char *end = memchr(s, '\n', n), *next = s;
	size_t line = end == NULL ? n : (size_t)(end - s), rest = line, mine, mine_next;

	if (end != NULL && line + 1 < n) { /* a header alone is compared with itself */
		next = end + 1;
		rest = n - line - 1;
		end = memchr(next, '\n', rest);
		rest = end == NULL ? rest : (size_t)(end - next);
	}
	mine = text_count(s, line, r->delimiter);
	mine_next = text_count(next, rest, r->delimiter);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		size_t k = text_count(s, line, known[i].c);

		if (k > mine && k == text_count(next, rest, known[i].c) && (mine == 0 || mine != mine_next))
			return err_set(ST_DATA, "%s: line 1: %s separate the cells: try --delimiter %s", r->name, known[i].name,
			               known[i].option);
	}
	return ST_OK;
}

/* What the first bytes say before they are parsed. */
static int
check_beginning(const struct reading *r, const unsigned char *s, size_t n)
{
	if (n == 0 || (int)CHUNK < (int)KIND_HEAD) /* as when fuzzed */
		return ST_OK;
	if (kind_refuse(KIND_CSV, r->name, s, n) != ST_OK)
		return err_prefix("%s", r->name);
	return check_delimiter(r, s, n);
}

/* In the calling thread: the sink must see the header before it selects columns. */
static int
read_header(struct reading *r)
{
	static const unsigned char mark[] = { 0xef, 0xbb, 0xbf };
	const struct csvread_sink *k = r->sink;
	int rc = unpack_read(r->in, r->chunk + TAIL, CHUNK, &r->got);

	if (r->got >= sizeof mark && memcmp(r->chunk + TAIL, mark, sizeof mark) == 0)
		r->parsed = sizeof mark;
	if (rc == ST_OK)
		rc = check_beginning(r, r->chunk + TAIL + r->parsed, r->got - r->parsed);
	while (rc == ST_OK && r->width == 0)
		rc = parse_some(r);
	if (rc == ST_OK)
		rc = k->header(k->ctx, r->header, r->width);
	for (size_t i = 0; i < r->width && rc == ST_OK; i++)
		r->needed[i] = k->needs == NULL || k->needs(k->ctx, i);
	return rc;
}

/* An empty block but for the cells, in the last one, of a row that has not ended.
 * That block's slot is not filled again before this one's. */
static int
begin_block(struct reading *r, struct block *b)
{
	const struct block *last = r->at;
	size_t cells = last->cells - last->row_cells, used = last->used - last->row_used;
	int rc;

	if ((rc = mem_room(&b->length, &b->cell_cap, cells, sizeof *b->length)) != ST_OK ||
	    (rc = mem_room(&b->text, &b->cap, used, 1)) != ST_OK)
		return rc;
	if (cells > 0) {
		memmove(b->length, last->length + last->row_cells, cells * sizeof *b->length);
		memmove(b->text, last->text + last->row_used, used);
	}
	b->cells = cells;
	b->used = used;
	b->rows = b->row_cells = b->row_used = 0;
	r->at = b;
	return ST_OK;
}

/* The worker's part. Rows before an error still go to the sink, whose caller drops
 * them. */
static int
parse_block(void *ctx, int worker, size_t slot)
{
	struct reading *r = ctx;
	struct block *b = &r->block[slot];

	(void)worker;
	if (r->status == ST_OK)
		r->status = begin_block(r, b);
	while (r->status == ST_OK && !r->ended && b->rows == 0)
		r->status = parse_some(r);
	b->last = r->ended;
	return r->status;
}

/* Blanks belong to a cell. */
static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static int
next_block(void *ctx, size_t slot, enum queue_next *what)
{
	const struct reading *r = ctx;

	(void)slot;
	if (r->all)
		*what = QUEUE_END;
	return ST_OK;
}

static int
take_block(void *ctx, size_t slot, int rc)
{
	struct reading *r = ctx;
	const struct csvread_sink *k = r->sink;
	const struct block *b = &r->block[slot];
	/* Copies: what lies beside these is written to for each cell by the worker. */
	const bool *needed = r->needed;
	const uint32_t *length = b->length;
	const char *text = b->text;
	size_t width = r->width, rows = b->rows;
	uint64_t record = r->record;

	for (size_t i = 0; rc == ST_OK && i < rows; i++) {
		for (size_t c = 0; c < width && rc == ST_OK; c++)
			if (needed[c]) {
				rc = k->cell(k->ctx, c, text, *length);
				text += *length++ + 1;
			}
		if (rc == ST_OK)
			rc = k->row(k->ctx, b->line[i], ++record);
	}
	r->record = record;
	r->all = b->last;
	return rc;
}

static int
compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t
count_duplicates(const struct reading *r)
{
	uint64_t n = 0;

	if (r->hashes > 0)
		qsort(r->hash, r->hashes, sizeof *r->hash, compare_hashes);
	for (size_t i = 1; i < r->hashes; i++)
		n += r->hash[i] == r->hash[i - 1];
	return n;
}

static void
release(struct reading *r)
{
	for (size_t i = 0; i < BLOCKS; i++) {
		free(r->block[i].line);
		free(r->block[i].length);
		free(r->block[i].text);
	}
	for (size_t i = 0; i < r->names; i++)
		free(r->header[i]);
	free(r->header);
	free(r->needed);
	free(r->hash);
	XXH3_freeState(r->row);
	unpack_close(r->in);
}

static int
begin(struct reading *r, const char *name)
{
	int rc = unpack_open(&r->in, name);

	if (rc != ST_OK || r->sink->duplicates == NULL)
		return rc;
	r->row = XXH3_createState();
	if (r->row == NULL)
		return err_set(ST_SYS, "out of memory");
	XXH3_64bits_reset(r->row);
	return ST_OK;
}

int
csvread_file(const char *name, char delimiter, const struct csvread_sink *sink)
{
	struct reading r = { .name = strcmp(name, "-") == 0 ? "standard input" : name, .sink = sink, .line = 1,
		.delimiter = delimiter, .at = r.block };
	const struct queue_plan plan = { .workers = sink->threads > 1, .slots = BLOCKS, .ctx = &r, .next = next_block,
		.work = parse_block, .emit = take_block };
	int rc = begin(&r, name);

	if (rc == ST_OK && csv_init(&r.parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_APPEND_NULL) != 0)
		rc = err_set(ST_SYS, "out of memory");
	if (rc == ST_OK) {
		csv_set_delim(&r.parser, (unsigned char)delimiter);
		csv_set_space_func(&r.parser, no_space);
		csv_set_blk_size(&r.parser, PARSER_BLOCK);
		if ((rc = read_header(&r)) == ST_OK)
			rc = queue_run(&plan);
		csv_free(&r.parser);
	}
	if (rc == ST_OK && sink->duplicates != NULL)
		*sink->duplicates = count_duplicates(&r);
	release(&r);
	return rc;
}
