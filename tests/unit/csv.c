/* csv: csvread at every place of a chunk's end, and dict, table, recipe and
 * learnt where a script cannot reach. Writes its inputs into the current
 * directory. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "prep/learnt.h"
#include "prep/recipe.h"
#include "table/csvread.h"
#include "table/dict.h"
#include "table/table.h"
#include "tap.h"

#define NOT_UTF8 "not UTF-8: if it is in Windows' encoding, iconv -f WINDOWS-1252 -t UTF-8 converts it"
#define ENDS ": tr '\\r' '\\n' makes all of them ends"

enum { CHUNK = 1 << 16, TEXT_MAX = 4 * CHUNK };

static bool
same(const char *got, const char *want, const char *name)
{
	bool good = ok(strcmp(got, want) == 0, name);

	if (!good)
		printf("# got:  %.300s\n# want: %.300s\n", got, want);
	return good;
}

static void
put_file(const char *name, const char *bytes, size_t n)
{
	FILE *f = fopen(name, "wb");

	if (f == NULL || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
		exit(99);
}

static void
put_gzip(const char *name, const char *bytes, size_t n)
{
	gzFile f = gzopen(name, "wb1");

	if (f == NULL || gzwrite(f, bytes, (unsigned)n) != (int)n || gzclose(f) != Z_OK)
		exit(99);
}

/* Rows as text */

struct dump {
	char text[512];
	size_t used;
};

static void
put(struct dump *d, const char *text)
{
	if (d->used < sizeof d->text)
		d->used += (size_t)snprintf(d->text + d->used, sizeof d->text - d->used, "%s", text);
}

static int
take_header(void *ctx, char *const *name, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put(ctx, i == 0 ? "" : ",");
		put(ctx, name[i]);
	}
	return ST_OK;
}

/* Long cells are padding. */
static int
take_cell(void *ctx, size_t column, const char *text, size_t n)
{
	put(ctx, column == 0 ? "|" : ",");
	put(ctx, n > 100 ? "long" : text);
	return strlen(text) == n ? ST_OK : err_set(ST_SYS, "a cell of another length");
}

static int
take_row(void *ctx, uint64_t line, uint64_t record)
{
	char text[32];

	snprintf(text, sizeof text, "@%d#%d", (int)line, (int)record);
	put(ctx, text);
	return ST_OK;
}

/* What becomes of a file: its rows, or the message. */
static void
render(struct dump *d, const char *name)
{
	const struct csvread_sink sink = { d, take_header, NULL, take_cell, take_row, NULL, 2 };

	*d = (struct dump){ .used = 0 };
	if (csvread_file(name, ',', &sink) != ST_OK) {
		d->used = 0;
		put(d, err_text());
	}
}

/* A header, a row that ends `before` bytes before a chunk's end, and the text. */
static size_t
pad(char *buf, size_t before, const char *text, size_t n)
{
	static const char head[] = "a,b\n", tail[] = ",x\n";
	size_t end = CHUNK - before;

	memset(buf, 'p', end);
	memcpy(buf, head, sizeof head - 1);
	memcpy(buf + end - (sizeof tail - 1), tail, sizeof tail - 1);
	memcpy(buf + end, text, n);
	return end + n;
}

static void
at_every_place(const char *text, size_t n, const char *want, const char *name)
{
	static char buf[TEXT_MAX];
	struct dump d = { .used = 0 };
	size_t bad = 0;
	bool slow = getenv("SER_VALGRIND") != NULL;

	for (size_t before = 0; before <= n; before += slow ? 3 : 1) {
		size_t length = pad(buf, before, text, n);

		for (int packed = 0; packed < (slow ? 1 : 2); packed++) {
			if (packed)
				put_gzip("t.csv", buf, length);
			else
				put_file("t.csv", buf, length);
			render(&d, "t.csv");
			if (strcmp(d.text, want) != 0 && bad++ == 0)
				printf("# %zu bytes before the chunk's end: got '%s'\n", before, d.text);
		}
	}
	ok(bad == 0, name);
}

static void
test_chunks(void)
{
#define BYTES(s) s, sizeof(s) - 1
	at_every_place(BYTES("\"q\n\r\n\"\"r\"\"\n\",\xc3\xa9\xf0\x9f\x98\x80\r\n\r\n1,\"\"\n\"2\",3"),
	               "a,b|long,x@2#1|q\n\r\n\"r\"\n,\xc3\xa9\xf0\x9f\x98\x80@3#2|1,@8#3|2,3@9#4",
	               "cells, quotes, lines and UTF-8 across a chunk's end");
	at_every_place(BYTES("\"1\n2\",\xe2\x82\n"), "t.csv: line 4: " NOT_UTF8, "a cut sequence");
	at_every_place(BYTES("1,\n\"\n\",\xf0\x9f\x98"), "t.csv: line 5: " NOT_UTF8, "one that the file's end cuts");
	at_every_place(BYTES("\"1\n2\",\xed\xa0\x80\n"), "t.csv: line 4: " NOT_UTF8, "a surrogate");
	at_every_place(BYTES("\"\n\",\xf4\x90\x80\x80\n"), "t.csv: line 4: " NOT_UTF8, "a character beyond the last");
	at_every_place(BYTES("\"1\n2\",\0\n"), "t.csv: line 4: a NUL byte", "NUL");
	at_every_place(BYTES("\"1\n2\",3\r4,5\n"), "t.csv: line 4: a carriage return that does not end the line" ENDS,
	               "a lone carriage return");
	at_every_place(BYTES("1,2\r"), "t.csv: line 3: a carriage return that does not end the line" ENDS, "as the last byte");
	at_every_place(BYTES("\"1\n2\"x,3\n"),
	               "t.csv: line 4: a quote that does not enclose a whole cell (a quote within one is written twice)",
	               "text behind a quote");
	at_every_place(BYTES("\"1\n2\",3\n\"4\n\n5"), "t.csv: line 5: a quoted cell that does not end", "no end of a quote");
	at_every_place(BYTES("\"1\n2\",3\n\n4\n"), "t.csv: line 6: cells: 1; the header has 2", "a short row");
}

static void
test_long_cell(void)
{
	static char buf[TEXT_MAX];
	struct dump d = { .used = 0 };
	size_t n = 3 * CHUNK;

	memset(buf, 'q', n);
	memcpy(buf, "a\n\"", 3);
	buf[10] = buf[CHUNK + 10] = buf[2 * CHUNK + 10] = '\n';
	memcpy(buf + n - 1, "\"\nx\n", 4);
	put_file("t.csv", buf, n + 3);
	render(&d, "t.csv");
	same(d.text, "a|long@2#1|x@6#2", "lines are counted within a cell over three chunks");
}

/* dict */

static void
test_dict(void)
{
	struct dict *d = dict_new(), *again;
	uint32_t number, wrong = 0;
	char text[32];

	ok(d != NULL && dict_size(d) == 1 && dict_find(d, "", 0) == DICT_EMPTY, "a dictionary has the empty string");
	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < 5000; i++) {
			int n = snprintf(text, sizeof text, "%x", (unsigned)(i * 2654435761U));

			wrong += dict_add(d, text, (size_t)n, &number) != ST_OK || number != i + 1;
		}
	ok(wrong == 0 && dict_size(d) == 5001, "strings are numbered as they come, once");
	ok(dict_find(d, "none", 4) == DICT_NONE, "no number for another");
	ok(dict_add(d, "ab", 1, &number) == ST_OK && strcmp(dict_text(d, dict_find(d, "a", 1)), "a") == 0, "a string's part");
	again = dict_share(d);
	dict_free(d);
	ok(dict_size(again) >= 5001, "who shares it keeps it");
	dict_free(again);
	dict_free(NULL);
}

/* table */

/* "name:cell,cell name:..." and the records. */
static void
print_table(struct dump *d, const struct table *t)
{
	char buf[TABLE_CELL_MAX];

	*d = (struct dump){ .used = 0 };
	for (size_t i = 0; i < t->columns; i++) {
		put(d, i == 0 ? "" : " ");
		put(d, t->column[i].name);
		put(d, ":");
		for (size_t r = 0; r < t->rows; r++) {
			put(d, r == 0 ? "" : ",");
			put(d, table_cell(t, r, i, buf));
		}
	}
	for (size_t r = 0; r < t->rows; r++) {
		snprintf(buf, sizeof buf, "#%d", (int)t->origin[r].record);
		put(d, buf);
	}
}

static void
make_table(struct table *t)
{
	static const char *const cells[] = { "u", "", "w", "u" };

	if (table_add_text(t, 0, "c", NULL) != ST_OK || table_add_number(t, 1, "x") != ST_OK || table_reserve(t, 4) != ST_OK)
		exit(99);
	for (size_t i = 0; i < 4; i++) {
		if (dict_add(t->column[0].dict, cells[i], strlen(cells[i]), &t->column[0].code[i]) != ST_OK)
			exit(99);
		t->column[1].value[i] = i == 2 ? (double)NAN : (double)i / 2;
		t->origin[i].line = i + 2;
		t->origin[i].record = i + 1;
	}
	t->rows = 4;
}

static void
test_rows(void)
{
	static const size_t some[] = { 3, 0, 3, 2, 3 };
	static const bool keep[] = { true, false, true, true, false };
	struct table t = { .file = "t" }, u = { .file = "u" }, part = { .file = "v" };
	struct dump d = { .used = 0 };

	make_table(&t);
	print_table(&d, &t);
	same(d.text, "c:u,,w,u x:0,0.5,,1.5#1#2#3#4", "a table");
	ok(table_gather(&t, some, 5) == ST_OK, "rows in another order and number");
	print_table(&d, &t);
	same(d.text, "c:u,u,u,w,u x:1.5,0,1.5,,1.5#4#1#4#3#4", "are copies");
	table_filter(&t, keep);
	print_table(&d, &t);
	same(d.text, "c:u,u,w x:1.5,1.5,#4#4#3", "a filter");
	make_table(&u);
	ok(table_append(&u, &t) == ST_OK && u.rows == 7, "rows behind each other");
	table_clear(&u);
	make_table(&u);
	ok(table_append(&u, &t) == ST_OK && table_slice(&part, &u, 3, 3) == ST_OK, "and some of them");
	print_table(&d, &part);
	same(d.text, "c:u,u,u x:1.5,1.5,1.5#4#4#4", "are a table");
	ok(table_add_number(&part, 0, "x") == ST_DATA && table_rename(&part, 0, "x") == ST_DATA, "a name that is taken");
	has(err_text(), "there is a column 'x' already", "is named");
	ok(table_to_number(&part, 0) == ST_DATA, "text is no number");
	same(err_text(), "u: line 5, column 'c': 'u' is not a number", "and is named with its place");
	ok(table_to_text(&part, 1) == ST_OK && table_to_number(&part, 1) == ST_OK && part.column[1].value[0] == 1.5, "numbers to text and back");
	table_clear(&t);
	table_clear(&u);
	table_clear(&part);
}

static void
test_numbers(void)
{
	static const struct {
		const char *text;
		double want; /* NAN: none */
	} cases[] = {
		{ "1", 1 },        { " -2.5e1\t", -25 }, { "+.5", 0.5 }, { "1.", 1 },          { "1e-400", 0 },
		{ "", (double)NAN }, { " ", (double)NAN }, { ".", (double)NAN }, { "+-1", (double)NAN }, { "1 2", (double)NAN },
		{ "0x1", (double)NAN }, { "1p2", (double)NAN }, { "inf", (double)NAN }, { "-nan", (double)NAN }, { "1e400", (double)NAN },
		{ "1,5", (double)NAN }, { "- 1", (double)NAN }, { "e5", (double)NAN }, { "1e", (double)NAN }, { "1f", (double)NAN },
	};
	size_t wrong = 0;
	char buf[TABLE_CELL_MAX];
	double x = 0, back;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool number = table_parse_number(cases[i].text, &x);

		if (number == isnan(cases[i].want) || (number && x != cases[i].want)) {
			printf("# '%s'\n", cases[i].text);
			wrong++;
		}
	}
	ok(wrong == 0, "what is a number");
	for (int i = 0; i < 10000; i++) {
		x = ldexp((double)(i * 2654435761U) - 2e9, i % 1960 - 1000);
		wrong += !table_parse_number(table_print_number(x, buf), &back) || back != x;
	}
	ok(wrong == 0, "numbers are printed so that they read back the same");
	same(table_print_number(0.1, buf), "0.1", "and short");
}

/* recipe */

static void
add_steps(struct str *out, const struct recipe *r)
{
	for (size_t i = 0; i < r->steps; i++) {
		recipe_add_step(out, &r->step[i]);
		str_addc(out, '\n');
	}
}

static void
test_recipe(void)
{
	static const char text[] = "a \"b c\" d=;\\x \\\n\t\"\\x07\\n\\\"\\\\\" # no\n\n#\nx ; \";\" \"\" #\\\n\\ ";
	struct recipe r = { .file = "r" }, again = { .file = "s" };
	struct str one = { 0 }, other = { 0 };

	ok(recipe_parse(&r, text, sizeof text - 1) == ST_OK && r.steps == 2, "a recipe of two steps");
	ok(r.step[0].n == 4 && strcmp(r.step[0].word[3].text, "\a\n\"\\") == 0 && r.step[0].word[3].quoted, "escapes");
	ok(r.step[0].word[3].line == 2 && r.step[0].word[3].column == 2 && r.step[0].line == 1, "where a word stands");
	ok(r.step[1].line == 5 && r.step[1].n == 4 && !r.step[1].word[1].quoted && r.step[1].word[2].quoted, "quoted or not");
	add_steps(&one, &r);
	same(one.text, "a \"b c\" d=;\\x \"\\x07\\x0a\\\"\\\\\"\nx ; \";\" \"\"\n", "the one form of a step");
	ok(recipe_parse(&again, one.text, one.n) == ST_OK && again.steps == 2, "is read again");
	add_steps(&other, &again);
	same(other.text, one.text, "as the same");
	str_free(&one);
	str_free(&other);
	recipe_clear(&r);
	recipe_clear(&again);
}

/* learnt */

/* A state with as many categories would take minutes if each took memory to the line's end. */
static void
test_learnt(void)
{
	enum { MANY = 40000 };
	struct recipe r = { .file = "r" }, steps = { .file = "t.state" };
	struct learnt l = { 0 }, back = { 0 };
	struct learnt_item *item;
	const struct learnt_item *found;
	static const char text[] = "encode \"a b\" order=;\nscale x\n";
	size_t wrong = 0;
	char word[32];
	double x = 0;
	struct str state = { 0 };
	FILE *f = fopen("t.state", "w");

	if (f == NULL || recipe_parse(&r, text, sizeof text - 1) != ST_OK || learnt_add(&l, 1, "a \"\nb", &item) != ST_OK)
		exit(99);
	for (int i = 0; i < MANY; i++) {
		snprintf(word, sizeof word, "\"%d \\\x7f", i);
		wrong += learnt_word(item, word) != ST_OK;
	}
	wrong += learnt_figures(&l, 2, "x", &(struct learnt_figure){ "mean", 0.1 }, 1) != ST_OK;
	ok(learnt_figures(&l, 2, "x", &(struct learnt_figure){ "low", (double)INFINITY }, 1) == ST_DATA, "an infinite number is not learnt");
	has(err_text(), "column 'x': its low is beyond double precision", "but named");
	learnt_add_state(&state, &r, &l);
	ok(wrong == 0 && fputs(state.text, f) != EOF && fclose(f) == 0 && learnt_read("t.state", &steps, &back) == ST_OK, "a large state is read back");
	str_free(&state);
	found = learnt_find(&back, 1, "a \"\nb");
	ok(found != NULL && found->words == MANY, "with all its words");
	for (size_t i = 0; found != NULL && i < found->words; i++) {
		snprintf(word, sizeof word, "\"%d \\\x7f", (int)i);
		wrong += strcmp(found->word[i], word) != 0;
	}
	found = learnt_find(&back, 2, "x");
	ok(wrong == 0 && found != NULL && learnt_get(found, "mean", &x) && x == 0.1, "as they were");
	ok(found != NULL && !learnt_get(found, "low", &x) && learnt_find(&back, 2, "y") == NULL, "and no others");
	ok(steps.steps == 2 && steps.step[0].n == 3 && !steps.step[0].word[2].quoted, "and the steps");
	learnt_clear(&l);
	learnt_clear(&back);
	recipe_clear(&r);
	recipe_clear(&steps);
}

int
main(void)
{
	test_chunks();
	test_long_cell();
	test_dict();
	test_rows();
	test_numbers();
	test_recipe();
	test_learnt();
	return finish();
}
