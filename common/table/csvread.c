#include "table/csvread.h"

#include <csv.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/relay.h"
#include "base/text.h"
#include "stream/meta.h"
#include "table/unpack.h"

#ifdef SER_FUZZ /* every place is soon at a chunk's end */
enum { CHUNK = 16, PARSER_BLOCK = 8, BLOCK_ROWS = 2 };
#else
enum { CHUNK = 1 << 16, PARSER_BLOCK = 1 << 12, BLOCK_ROWS = 1024 };
#endif
enum { BLOCKS = 3, BLOCK_TEXT = 1 << 18 };

/* Whole rows on their way from the thread that parses to the one that called. */
struct block {
	bool header;      /* no rows, but the header is known now */
	size_t rows, row_cap, cells, cell_cap, used, cap;
	uint64_t *line;   /* [rows] */
	uint32_t *length; /* [cells]: of those that are wanted, row after row */
	char *text;       /* their bytes, each with its NUL */
};

struct reading {
	const char *name;
	const struct csvread_sink *sink;
	struct relay relay;
	struct block block[BLOCKS];
	struct block *at;   /* what is being filled; NULL: none yet */
	bool *wanted;       /* [width] */
	int status;         /* how parsing ended, and why; messages are a thread's own */
	char *message;
	struct unpack *in;
	struct csv_parser parser;
	int rc;             /* of a callback; the parser cannot be stopped by one */
	uint64_t line;      /* the parser is in, from 1 */
	uint64_t row_line;  /* where its row began */
	size_t cells;       /* of the row so far */
	size_t width;       /* of the header */
	bool cr;            /* the row ended with CR: LF must come */
	char **header;
	size_t names;       /* in header */
	bool quotes, quoted_before; /* there are quotes in this chunk; in the one before */
	unsigned char tail[4]; /* a UTF-8 sequence that a chunk's end has cut */
	size_t tails;
};

static int
bad(const struct reading *r, uint64_t line, const char *what)
{
	return err_set(ST_DATA, "%s: line %llu: %s", r->name, (unsigned long long)line, what);
}

static int
lone_return(const struct reading *r)
{
	return bad(r, r->line, "a carriage return that does not end the line");
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

/* The line that the parser has come to, also within a quoted cell. */
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

/* Who called wants no more: no error of this side's. */
static const int stopped = -1;

/* Hands the block on. */
static void
pass_block(struct reading *r)
{
	if (r->at != NULL)
		relay_give(&r->relay);
	r->at = NULL;
}

static int
begin_block(struct reading *r)
{
	size_t slot;

	if (r->at != NULL)
		return ST_OK;
	if (!relay_want(&r->relay, &slot))
		return stopped;
	r->at = &r->block[slot];
	r->at->header = false;
	r->at->rows = r->at->cells = r->at->used = 0;
	return ST_OK;
}

static int
add_cell(struct reading *r, const char *s, size_t n)
{
	struct block *b;
	int rc = begin_block(r);

	if (rc != ST_OK)
		return rc;
	b = r->at;
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
	if (r->quotes || r->quoted_before) /* else there is no line's end within a cell */
		r->line += count_lines(s, n);
	if (r->width == 0)
		r->rc = add_name(r, s, n);
	else if (r->cells < r->width && r->wanted[r->cells])
		r->rc = add_cell(r, s, n);
	r->cells++;
}

/* What the header is like must be known before cells are taken or left. */
static int
end_header(struct reading *r)
{
	int rc = begin_block(r);

	r->width = r->cells;
	r->wanted = mem_zero(r->width, sizeof *r->wanted);
	if (r->wanted == NULL)
		return ST_SYS;
	if (rc != ST_OK)
		return rc;
	r->at->header = true;
	pass_block(r);
	return relay_drain(&r->relay) ? ST_OK : stopped;
}

static int
end_row(struct reading *r)
{
	struct block *b;
	int rc;

	if (r->width == 0)
		return end_header(r);
	if (r->cells != r->width)
		return err_set(ST_DATA, "%s: line %llu: cells: %zu; the header has %zu", r->name,
		               (unsigned long long)r->row_line, r->cells, r->width);
	if ((rc = begin_block(r)) != ST_OK)
		return rc;
	b = r->at;
	if ((rc = mem_room(&b->line, &b->row_cap, b->rows + 1, sizeof *b->line)) != ST_OK)
		return rc;
	b->line[b->rows++] = r->row_line;
	if (b->rows == BLOCK_ROWS || b->used >= BLOCK_TEXT)
		pass_block(r);
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
	r->line += c == '\n';
}

/* What the parser does not look at */

/* n bytes begin with a whole or a cut sequence: its length, 0 where it is cut,
 * or SIZE_MAX where it is none. */
static size_t
sequence(const unsigned char *s, size_t n)
{
	size_t want = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (n < want) {
		for (size_t i = 1; i < n; i++)
			if ((s[i] & 0xc0) != 0x80)
				return SIZE_MAX;
		return s[0] < 0xc2 || s[0] > 0xf4 ? SIZE_MAX : 0;
	}
	return text_check((const char *)s, want) == ST_OK ? want : SIZE_MAX;
}

static int
not_text(const struct reading *r, const unsigned char *from, const unsigned char *at)
{
	return bad(r, line_reached(r) + count_lines(from, (size_t)(at - from)), *at == 0 ? "a NUL byte" : "not UTF-8");
}

/* The sequence that the last chunk's end has cut; *used of s belong to it. */
static int
finish_tail(struct reading *r, const unsigned char *s, size_t n, size_t *used)
{
	size_t length = 0;

	*used = 0;
	while (r->tails > 0 && *used < n && length == 0) {
		r->tail[r->tails++] = s[(*used)++];
		length = sequence(r->tail, r->tails);
		if (length == SIZE_MAX)
			return bad(r, line_reached(r), "not UTF-8");
	}
	if (length > 0)
		r->tails = 0;
	return ST_OK;
}

/* Looks for NUL and what is not UTF-8, eight bytes at a time where all is ASCII. */
static int
scan(struct reading *r, const unsigned char *s, size_t n)
{
	const unsigned char *nul = memchr(s, 0, n);
	size_t i, length = 0;
	uint64_t word = 0;
	int rc;

	if (nul != NULL)
		return not_text(r, s, nul);
	if ((rc = finish_tail(r, s, n, &i)) != ST_OK)
		return rc;
	while (i < n) {
		memcpy(&word, s + i, n - i < sizeof word ? n - i : sizeof word);
		if (n - i >= sizeof word && (word & 0x8080808080808080U) == 0) {
			i += sizeof word;
			continue;
		}
		if ((length = s[i] < 0x80 ? 1 : sequence(s + i, n - i)) == SIZE_MAX)
			return not_text(r, s, s + i);
		if (length == 0) {
			r->tails = n - i;
			memcpy(r->tail, s + i, r->tails);
			break;
		}
		i += length;
	}
	return ST_OK;
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

static int
parse(struct reading *r, const unsigned char *s, size_t n)
{
	int rc = scan(r, s, n);

	if (rc != ST_OK)
		return rc;
	r->quoted_before = r->quotes;
	r->quotes = memchr(s, '"', n) != NULL;
	if (csv_parse(&r->parser, s, n, on_cell, on_end, r) != n)
		return r->rc != ST_OK ? r->rc : parse_error(r, false);
	if (r->rc == ST_OK && r->parser.entry_pos > CSVREAD_CELL_MAX)
		return bad(r, r->line, "a cell of more than 1 MiB: is the end of its quotes missing?");
	return r->rc;
}

static int
read_chunks(struct reading *r, unsigned char *buf)
{
	static const unsigned char mark[] = { 0xef, 0xbb, 0xbf };
	size_t got = 0, skip;
	int rc = unpack_read(r->in, buf, CHUNK, &got);

	skip = got >= sizeof mark && memcmp(buf, mark, sizeof mark) == 0 ? sizeof mark : 0;
	for (; rc == ST_OK && got > 0; skip = 0) {
		rc = parse(r, buf + skip, got - skip);
		if (rc == ST_OK)
			rc = unpack_read(r->in, buf, CHUNK, &got);
	}
	if (rc == ST_OK && r->tails > 0)
		rc = bad(r, line_reached(r), "not UTF-8");
	if (rc == ST_OK && csv_fini(&r->parser, on_cell, on_end, r) != 0)
		rc = r->rc != ST_OK ? r->rc : parse_error(r, true);
	if (rc == ST_OK)
		rc = r->rc;
	if (rc == ST_OK && r->cr) /* the last byte */
		rc = lone_return(r);
	if (rc == ST_OK && r->width == 0)
		rc = err_set(ST_DATA, "%s: empty input: a line of column names is wanted", r->name);
	return rc;
}

/* Blanks belong to a cell. */
static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

/* The thread that parses. What came before an error goes on to who called; the
 * rows of a file that turns out bad are no one's in the end all the same. */
static void *
parse_file(void *arg)
{
	struct reading *r = arg;
	unsigned char *buf = mem_zero(CHUNK, 1);
	int rc = buf == NULL ? ST_SYS : read_chunks(r, buf);

	if (rc == ST_OK)
		pass_block(r);
	free(buf);
	r->status = rc;
	if (rc != ST_OK && rc != stopped)
		r->message = mem_str(err_text());
	relay_end(&r->relay);
	return NULL;
}

static int
take_header(struct reading *r)
{
	const struct csvread_sink *k = r->sink;
	int rc = k->header(k->ctx, r->header, r->width);

	for (size_t i = 0; i < r->width && rc == ST_OK; i++)
		r->wanted[i] = k->wants == NULL || k->wants(k->ctx, i);
	return rc;
}

static int
take_rows(struct reading *r, const struct block *b, uint64_t *record)
{
	const struct csvread_sink *k = r->sink;
	const uint32_t *length = b->length;
	const char *text = b->text;
	int rc = ST_OK;

	for (size_t i = 0; i < b->rows && rc == ST_OK; i++) {
		for (size_t c = 0; c < r->width && rc == ST_OK; c++)
			if (r->wanted[c]) {
				rc = k->cell(k->ctx, c, text, *length);
				text += *length++ + 1;
			}
		if (rc == ST_OK)
			rc = k->row(k->ctx, b->line[i], ++*record);
	}
	return rc;
}

/* Takes what the other thread parses; returns what the sink says. */
static int
take_blocks(struct reading *r)
{
	uint64_t record = 0;
	size_t slot;
	int rc = ST_OK;

	while (rc == ST_OK && relay_next(&r->relay, &slot)) {
		rc = r->block[slot].header ? take_header(r) : take_rows(r, &r->block[slot], &record);
		relay_done(&r->relay);
	}
	if (rc != ST_OK)
		relay_stop(&r->relay);
	return rc;
}

static int
run_threads(struct reading *r)
{
	pthread_t thread;
	int rc = relay_init(&r->relay, BLOCKS);

	if (rc != ST_OK)
		return rc;
	if (pthread_create(&thread, NULL, parse_file, r) != 0) {
		relay_destroy(&r->relay);
		return err_set(ST_SYS, "no thread is to be had");
	}
	rc = take_blocks(r);
	pthread_join(thread, NULL);
	relay_destroy(&r->relay);
	if (rc == ST_OK && r->status != ST_OK)
		rc = err_set(r->status, "%s", r->message == NULL ? "out of memory" : r->message);
	free(r->message);
	return rc;
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
	free(r->wanted);
	unpack_close(r->in);
}

int
csvread_file(const char *name, char delimiter, const struct csvread_sink *sink)
{
	struct reading r = { .name = strcmp(name, "-") == 0 ? "standard input" : name, .sink = sink, .line = 1 };
	int rc = unpack_open(&r.in, name);

	if (rc == ST_OK && csv_init(&r.parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_APPEND_NULL) != 0)
		rc = err_set(ST_SYS, "out of memory");
	if (rc == ST_OK) {
		csv_set_delim(&r.parser, (unsigned char)delimiter);
		csv_set_space_func(&r.parser, no_space);
		csv_set_blk_size(&r.parser, PARSER_BLOCK);
		rc = run_threads(&r);
		csv_free(&r.parser);
	}
	release(&r);
	return rc;
}
