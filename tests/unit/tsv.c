/* tsv: what every kind of line becomes, row by row. Writes its inputs into the
 * current directory. */
#include "base/tsv.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tap.h"

static void
same(const char *got, const char *want, const char *name)
{
	ok(strcmp(got, want) == 0, name);
	if (strcmp(got, want) != 0)
		printf("# got:  %.200s\n# want: %.200s\n", got, want);
}

static void
put_file(const char *bytes, size_t n)
{
	FILE *f = fopen("t.tsv", "wb");

	if (f == NULL || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
		exit(99);
}

/* All rows as "1[a][b] 2[c][d]", then the message where one came. */
static void
render(char *buf, size_t size, unsigned flags)
{
	struct tsv *t;
	struct tsv_row row;
	size_t used = 0;
	int rc = tsv_open(&t, "t.tsv", flags);

	buf[0] = '\0';
	while (rc == ST_OK && (rc = tsv_next(t, &row)) == ST_OK && row.n > 0 && used < size) {
		used += (size_t)snprintf(buf + used, size - used, "%s%lu", used == 0 ? "" : " ", row.line);
		for (size_t i = 0; i < row.n && used < size; i++)
			used += (size_t)snprintf(buf + used, size - used, "[%s]", row.field[i]);
	}
	if (rc != ST_OK && used < size)
		snprintf(buf + used, size - used, "%s%d %s", used == 0 ? "" : " ", rc, err_text());
	tsv_close(t);
}

static void
test_lines(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		unsigned flags;
		const char *want, *name;
	} cases[] = {
#define BYTES(s) s, sizeof(s) - 1
		{ BYTES(""), 0, "", "nothing" },
		{ BYTES("a\tb\nc\td\n"), 0, "1[a][b] 2[c][d]", "two rows" },
		{ BYTES("a\tb\nc\td"), 0, "1[a][b] 2[c][d]", "a last line without its end" },
		{ BYTES("a\tb\nc\td"), TSV_WHOLE, "1[a][b] 3 t.tsv: line 2: cut off: the last line has no end",
		  "the same where it may not be cut off" },
		{ BYTES("a\tb\r\nc\td\r\n"), 0, "1[a][b] 2[c][d]", "CRLF" },
		{ BYTES("a\r"), 0, "3 t.tsv: line 1: holds a carriage return (a line must end with LF or CRLF)",
		  "half a CRLF at the end" },
		{ BYTES("a\rb\r"), 0, "3 t.tsv: line 1: holds a carriage return (a line must end with LF or CRLF)",
		  "CR alone" },
		{ BYTES("a\r\r\n"), 0, "3 t.tsv: line 1: holds a carriage return (a line must end with LF or CRLF)",
		  "CR CRLF" },
		{ BYTES("ok\na\0b\n"), 0, "1[ok] 3 t.tsv: line 2: holds a NUL byte", "NUL" },
		{ BYTES("\xef\xbb\xbf"
		        "a\tb\n"),
		  0, "1[a][b]", "a byte-order mark" },
		{ BYTES("\t\n\t\n"), 0, "1[][] 2[][]", "empty fields" },
		{ BYTES("\n\n"), 0, "1[] 2[]", "empty lines are rows of one field" },
		{ BYTES("a\n\n#c\nb\n"), TSV_COMMENTS, "1[a] 4[b]", "comments and empty lines on request" },
		{ BYTES("#a\n"), 0, "1[#a]", "no comments without it" },
		{ BYTES("a\tb\nc\n"), 0, "1[a][b] 3 t.tsv: line 2: 1 field, but the first line has 2", "ragged" },
		{ BYTES("a\tb\nc\n"), TSV_RAGGED, "1[a][b] 2[c]", "ragged on request" },
		{ BYTES("a\tb\nc\td\te\n"), TSV_HEADER, "3 t.tsv: line 2: 3 fields, but the header has 2",
		  "ragged below a header" },
		{ BYTES("a\tb\n1\t2\n"), TSV_HEADER, "2[1][2]", "a header is no row" },
		{ BYTES(""), TSV_HEADER, "3 t.tsv: empty, without even a header line", "no header" },
		{ BYTES("a\ta\n"), TSV_HEADER, "3 t.tsv: line 1: column 'a' appears twice in the header", "a column twice" },
		{ BYTES("a\t\n"), TSV_HEADER, "3 t.tsv: line 1: column 2 of the header has no name", "a column without name" },
	};
	char got[2048];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		put_file(cases[i].bytes, cases[i].n);
		render(got, sizeof got, cases[i].flags);
		same(got, cases[i].want, cases[i].name);
	}
}

static void
test_long_lines(void)
{
	char *big = malloc(TSV_LINE_MAX + 3), *got = malloc(TSV_LINE_MAX + 100);

	if (big == NULL || got == NULL)
		exit(99);
	memset(big, 'x', TSV_LINE_MAX + 3);
	big[TSV_LINE_MAX] = '\r';
	big[TSV_LINE_MAX + 1] = '\n';
	put_file(big, TSV_LINE_MAX + 2);
	render(got, TSV_LINE_MAX + 100, 0);
	ok(strlen(got) == TSV_LINE_MAX + 3, "the longest line");
	big[TSV_LINE_MAX] = 'x';
	put_file(big, TSV_LINE_MAX + 2);
	render(got, TSV_LINE_MAX + 100, 0);
	same(got, "3 t.tsv: line 1: longer than 1 MiB", "one byte longer");
	memset(big, 'x', TSV_LINE_MAX + 3);
	put_file(big, TSV_LINE_MAX + 3);
	render(got, TSV_LINE_MAX + 100, 0);
	same(got, "3 t.tsv: line 1: longer than 1 MiB", "longer, without an end");
	free(big);
	free(got);
}

static void
test_many_fields(void)
{
	struct tsv *t;
	struct tsv_row row;
	char tabs[1001];

	memset(tabs, '\t', 1000);
	tabs[1000] = '\n';
	put_file(tabs, sizeof tabs);
	ok(tsv_open(&t, "t.tsv", 0) == ST_OK && tsv_next(t, &row) == ST_OK && row.n == 1001, "1001 fields");
	ok(tsv_next(t, &row) == ST_OK && row.n == 0, "then the end");
	ok(tsv_next(t, &row) == ST_OK && row.n == 0, "which stays the end");
	tsv_close(t);
}

static void
test_numbers(void)
{
	static const char *const good[] = { "0", "-1.5", "+2", "1e-3", ".5", "1.", "1E5" };
	static const char *const bad[] = { "",    " 1",  "1 ",   "0x1p3", "nan", "NaN", "inf", "-inf", "1e999",
		                               "1,5", "1x",  "e",    "-",     "1-2", "--1", "1e",  "+" };
	char *field[1];
	struct tsv_row row = { field, 1, 5 };
	struct tsv *t;
	double x, sum = 0;
	int taken = 0;

	put_file("a\n", 2);
	if (tsv_open(&t, "t.tsv", TSV_HEADER) != ST_OK)
		exit(99);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		char text[16];

		field[0] = strcpy(text, good[i]);
		taken += tsv_number(t, &row, 0, &x) == ST_OK;
		sum += x;
	}
	ok(taken == 7 && sum == 100002.001, "numbers");
	taken = 0;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[16];

		field[0] = strcpy(text, bad[i]);
		if (tsv_number(t, &row, 0, &x) != ST_DATA)
			printf("# taken: '%s' as %g\n", bad[i], x);
		taken += tsv_number(t, &row, 0, &x) == ST_OK;
	}
	ok(taken == 0, "what is no number");
	same(err_text(), "t.tsv: line 5: column 'a': '+' is not a number", "and its message");
	tsv_close(t);
}

static void
test_headers(void)
{
	struct tsv *t;
	struct tsv_row row;

	put_file("a\tb\nb\ta\tc\n1\t2\t3\n", 16);
	if (tsv_open(&t, "t.tsv", TSV_HEADER | TSV_RAGGED) != ST_OK)
		exit(99);
	ok(tsv_column(t, "b") == 1 && tsv_column(t, "c") == TSV_NONE, "columns by name");
	ok(tsv_next(t, &row) == ST_OK && tsv_check_width(t, &row) == ST_DATA, "a row of another width");
	ok(tsv_rehead(t, &row) == ST_OK && tsv_column(t, "b") == 0 && tsv_column(t, "c") == 2, "becomes the header");
	ok(tsv_next(t, &row) == ST_OK && tsv_check_width(t, &row) == ST_OK, "of the next");
	ok(strcmp(row.field[2], "3") == 0, "which is read by it");
	ok(tsv_header(t)->line == 2 && strcmp(tsv_header(t)->field[2], "c") == 0, "and stays while rows are read");
	tsv_close(t);
}

static void
test_opening(void)
{
	struct tsv *t;

	ok(tsv_open(&t, "missing.tsv", 0) == ST_DATA && t == NULL, "a path that is not there");
	same(err_text(), "missing.tsv: No such file or directory", "and its message");
	ok(tsv_open(&t, ".", TSV_HEADER) == ST_DATA && t == NULL, "a directory");
	tsv_close(NULL);
}

int
main(void)
{
	test_lines();
	test_long_lines();
	test_many_fields();
	test_numbers();
	test_headers();
	test_opening();
	remove("t.tsv");
	return finish();
}
