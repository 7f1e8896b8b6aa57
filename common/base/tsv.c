#include "base/tsv.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/failed.h"
#include "base/find.h"
#include "base/kind.h"
#include "base/mem.h"
#include "base/show.h"
#include "base/text.h"

struct tsv {
	FILE *file;
	char *name;
	unsigned flags;
	bool ended;
	unsigned long line; /* of the line in text */
	char *text;         /* the line, tabs overwritten with NULs */
	size_t len, cap;
	char **field; /* into text */
	size_t field_cap;
	size_t width; /* fields a row must have; 0 not known yet */
	char *header_text;
	struct tsv_row header; /* into header_text */
};

const char *
tsv_name(const struct tsv *t)
{
	return t->name;
}

const struct tsv_row *
tsv_header(const struct tsv *t)
{
	return &t->header;
}

size_t
tsv_column(const struct tsv *t, const char *name)
{
	for (size_t i = 0; i < t->header.n; i++)
		if (strcmp(t->header.field[i], name) == 0)
			return i;
	return TSV_NONE;
}

int
tsv_error(const struct tsv *t, const struct tsv_row *row, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(ST_DATA, fmt, ap);
	va_end(ap);
	return err_prefix("%s: line %lu", t->name, row->line);
}

/* An error in the line being read. */
static int
bad_line(const struct tsv *t, const char *what)
{
	return err_set(ST_DATA, "%s: line %lu: %s", t->name, t->line, what);
}

static int
put(struct tsv *t, int c)
{
	int rc;

	if (t->len == TSV_LINE_MAX + 1) /* one more than a line may have: its CR */
		return bad_line(t, "longer than 1 MiB");
	if ((rc = mem_room(&t->text, &t->cap, t->len + 2, 1)) != ST_OK)
		return rc;
	t->text[t->len++] = (char)c;
	t->text[t->len] = '\0';
	return ST_OK;
}

/* Of the first line, with its end. */
static int
check_kind(const struct tsv *t, bool complete)
{
	int rc;

	t->text[t->len] = '\n'; /* put has made room, and the NUL comes back */
	rc = kind_refuse(KIND_TEXT, t->name, t->text, t->len + complete);
	t->text[t->len] = '\0';
	return rc == ST_OK ? ST_OK : err_prefix("%s", t->name);
}

static int
check_line(struct tsv *t, bool complete)
{
	if (t->line == 1 && check_kind(t, complete) != ST_OK)
		return ST_DATA;
	if (complete && t->len > 0 && t->text[t->len - 1] == '\r')
		t->text[--t->len] = '\0';
	if (t->len > TSV_LINE_MAX)
		return bad_line(t, "longer than 1 MiB");
	if (memchr(t->text, '\0', t->len) != NULL)
		return bad_line(t, "holds a NUL byte");
	if (memchr(t->text, '\r', t->len) != NULL)
		return bad_line(t, "holds a carriage return (a line must end with LF or CRLF)");
	if (!complete && (t->flags & TSV_WHOLE) != 0)
		return bad_line(t, "cut off: the last line has no end");
	if (t->line == 1 && strncmp(t->text, "\xef\xbb\xbf", 3) == 0) {
		t->len -= 3;
		memmove(t->text, t->text + 3, t->len + 1);
	}
	return ST_OK;
}

/* Reads a line into text; *more is false where none was left. */
static int
read_line(struct tsv *t, bool *more)
{
	int c, rc = ST_OK;

	*more = false;
	t->len = 0;
	t->line++;
	/* One byte at a time, so that a line typed or piped is seen as it comes. */
	while (rc == ST_OK && (c = getc_unlocked(t->file)) != EOF && c != '\n')
		rc = put(t, c);
	if (rc != ST_OK)
		return rc;
	if (ferror(t->file))
		return err_set(errno == EISDIR ? ST_DATA : ST_SYS, "%s: %s", t->name, strerror(errno));
	if (c == EOF && t->len == 0)
		return ST_OK;
	if (c == EOF && t->len == 1 && t->text[0] == FAILED_MARK)
		return failed_heard(fileno(t->file), t->name);
	*more = true;
	if (t->len == 0) { /* text may not exist yet */
		rc = put(t, '\0');
		t->len = 0;
	}
	return rc == ST_OK ? check_line(t, c == '\n') : rc;
}

static int
split(struct tsv *t, struct tsv_row *row)
{
	size_t n = 0;

	for (char *p = t->text; p != NULL; n++) {
		int rc = mem_room(&t->field, &t->field_cap, n + 1, sizeof *t->field);

		if (rc != ST_OK)
			return rc;
		t->field[n] = p;
		p = strchr(p, '\t');
		if (p != NULL)
			*p++ = '\0';
	}
	*row = (struct tsv_row){ t->field, n, t->line };
	return ST_OK;
}

static int
wrong_width(const struct tsv *t, const struct tsv_row *row, size_t width)
{
	return tsv_error(t, row, "%zu field%s, but the %s %zu", row->n, row->n == 1 ? "" : "s",
	                 t->header.n > 0 ? "header has" : "first line has", width);
}

int
tsv_check_width(const struct tsv *t, const struct tsv_row *row)
{
	return row->n == t->header.n ? ST_OK : wrong_width(t, row, t->header.n);
}

static int
next(struct tsv *t, struct tsv_row *row)
{
	bool more = true;
	int rc;

	do {
		rc = read_line(t, &more);
		if (rc != ST_OK || !more)
			return rc;
	} while ((t->flags & TSV_COMMENTS) != 0 && (t->text[0] == '\0' || t->text[0] == '#'));
	rc = split(t, row);
	if (rc == ST_OK && t->width == 0)
		t->width = row->n;
	if (rc == ST_OK && row->n != t->width && (t->flags & TSV_RAGGED) == 0)
		rc = wrong_width(t, row, t->width);
	return rc;
}

int
tsv_next(struct tsv *t, struct tsv_row *row)
{
	int rc = ST_OK;

	*row = (struct tsv_row){ .line = t->line };
	if (!t->ended)
		rc = next(t, row);
	if (rc != ST_OK)
		row->n = 0;
	t->ended = row->n == 0;
	return rc;
}

static int
check_header(const struct tsv *t, const struct tsv_row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		if (row->field[i][0] == '\0')
			return tsv_error(t, row, "column %zu of the header has no name", i + 1);
		for (size_t j = 0; j < i; j++)
			if (strcmp(row->field[i], row->field[j]) == 0)
				return tsv_error(t, row, "column '%s' appears twice in the header", row->field[i]);
	}
	return ST_OK;
}

int
tsv_rehead(struct tsv *t, const struct tsv_row *row)
{
	int rc = check_header(t, row);
	size_t bytes = 0;
	char **field, *text;

	if (rc != ST_OK)
		return rc;
	for (size_t i = 0; i < row->n; i++)
		bytes += strlen(row->field[i]) + 1;
	field = mem_zero(row->n, sizeof *field);
	text = mem_zero(bytes, 1);
	if (field == NULL || text == NULL) {
		free(field);
		free(text);
		return ST_SYS;
	}
	free(t->header_text);
	free(t->header.field);
	t->header_text = text;
	t->header = (struct tsv_row){ field, row->n, row->line };
	for (size_t i = 0; i < row->n; i++) {
		field[i] = text;
		text = stpcpy(text, row->field[i]) + 1;
	}
	return ST_OK;
}

static int
open_input(struct tsv *t, const char *name)
{
	bool standard = strcmp(name, "-") == 0;
	struct tsv_row row;
	int rc;

	t->name = mem_str(standard ? "standard input" : name);
	if (t->name == NULL)
		return ST_SYS;
	t->file = standard ? stdin : fopen(name, "rb");
	if (t->file == NULL)
		return find_missing(name);
	if ((t->flags & TSV_HEADER) == 0)
		return ST_OK;
	rc = tsv_next(t, &row);
	if (rc == ST_OK && row.n == 0)
		rc = err_set(ST_DATA, "%s: empty, without even a header line", t->name);
	if (rc == ST_OK && row.n == 1 && strpbrk(row.field[0], ",;") != NULL)
		rc = tsv_error(t, &row, "no tab in the header, as a CSV file has none: tabs must separate the cells");
	return rc == ST_OK ? tsv_rehead(t, &row) : rc;
}

int
tsv_open(struct tsv **t, const char *name, unsigned flags)
{
	int rc;

	*t = mem_zero(1, sizeof **t);
	if (*t == NULL)
		return ST_SYS;
	(*t)->flags = flags;
	rc = open_input(*t, name);
	if (rc != ST_OK) {
		tsv_close(*t);
		*t = NULL;
	}
	return rc;
}

void
tsv_close(struct tsv *t)
{
	if (t == NULL)
		return;
	if (t->file != NULL && t->file != stdin)
		fclose(t->file);
	free(t->header_text);
	free(t->header.field);
	free(t->field);
	free(t->text);
	free(t->name);
	free(t);
}

bool
tsv_parse(const char *s, double *x)
{
	char *end;

	*x = strtod(s, &end);
	/* The character set keeps out what strtod also takes: blanks, hex, nan, inf. */
	return s[0] != '\0' && *end == '\0' && strspn(s, "0123456789+-.eE") == strlen(s) && isfinite(*x);
}

int
tsv_number(const struct tsv *t, const struct tsv_row *row, size_t column, double *x)
{
	const char *s = row->field[column];

	if (!tsv_parse(s, x)) {
		if (column < t->header.n)
			return tsv_error(t, row, "column '%s': '%.60s' is not a number", t->header.field[column], s);
		return tsv_error(t, row, "field %zu: '%.60s' is not a number", column + 1, s);
	}
	return ST_OK;
}

void
tsv_add(struct str *out, const char *cell)
{
	char buf[SHOW_MAX];

	for (size_t left = strlen(cell), step; left > 0; cell += step, left -= step) {
		step = show_next(cell, left, buf);
		str_add(out, strchr("\t\n\r", *cell) != NULL ? " " : buf);
	}
}

void
tsv_align(FILE *out, const char *lines)
{
	size_t width[32] = { 0 }, column = 0;

	for (int pass = 0; pass < 2; pass++)
		for (const char *p = lines; *p != '\0'; column = 0)
			for (bool end = false; !end; p++, column++) {
				size_t n = strcspn(p, "\t\n"), shown = text_characters(p, n);

				end = p[n] == '\n';
				if (pass == 0 && shown > width[column])
					width[column] = shown;
				if (pass == 1)
					fprintf(out, "%.*s%*s", (int)n, p, end ? 0 : (int)(width[column] - shown + 2), "");
				if (pass == 1 && end)
					putc('\n', out);
				p += n;
			}
}
