/* base: growing text and arrays. What allocation failures do: tests/106-faults.t. */
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/show.h"
#include "base/str.h"
#include "base/text.h"
#include "tap.h"

static void
test_text(void)
{
	struct str s = { 0 };
	char *text, *end;
	bool good = true;

	ok(str_take(&s, &text) == ST_OK && strcmp(text, "") == 0, "no text is an empty one");
	free(text);
	for (int i = 0; i < 1000; i++) {
		str_addf(&s, "%d", i);
		str_addc(&s, i % 2 == 0 ? ' ' : '\n');
		str_add(&s, "");
	}
	str_addn(&s, "end of it", 3);
	ok(s.n == 2 * 10 + 3 * 90 + 4 * 900 + 3 && str_take(&s, &text) == ST_OK, "a long text");
	end = text;
	for (int i = 0; i < 1000; i++)
		good = good && strtol(end, &end, 10) == i;
	ok(good && strcmp(end, "\nend") == 0, "all of it is there");
	free(text);
	ok(s.text == NULL && s.n == 0 && s.status == ST_OK, "a taken text leaves an empty one");

	str_add(&s, "begun");
	s.status = ST_SYS;
	str_addf(&s, "%s", "more");
	str_clear(&s);
	str_add(&s, "again");
	ok(str_take(&s, &text) == ST_SYS && text == NULL, "a failure stays until it is taken");
	str_add(&s, "anew");
	str_clear(&s);
	str_add(&s, "2");
	ok(str_take(&s, &text) == ST_OK && strcmp(text, "2") == 0, "a text begun again");
	free(text);
}

/* Encodes as RFC 3629's table has it; returns the bytes. */
static size_t
encode(uint32_t code, char *s)
{
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n - 1; i > 0; i--, code >>= 6)
		s[i] = (char)(0x80 | (code & 0x3f));
	s[0] = (char)(first[n] | code);
	return n;
}

static void
test_show(void)
{
	static const char *const bad[] = { "\xff",
									   "\x80",
									   "\xc0\x80",
									   "\xc1\xbf",
									   "\xc3",
									   "\xe0\x80\x80",
									   "\xe2\x82",
									   "\xed\xa0\x80",
									   "\xf0\x80\x80\x80",
									   "\xf4\x90\x80\x80",
									   "\xf8\x88\x80\x80" };
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "a b/c.wav", "a b/c.wav" },
		{ "\t\n\r\x1b[2J\x7f", "\\t\\n\\r\\x1b[2J\\x7f" },
		{ "\xc2\x9b"
		  "31m",
		  "\\u009b31m" },
		{ "a\xe2\x80\xae"
		  "gpj",
		  "a\\u202egpj" },
		{ "\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029" },
		{ "\xef\xbb\xbfx\xe2\x80\x8b", "\\ufeffx\\u200b" },
		{ "\xf3\xa0\x81\xa1", "\\U000e0061" },
		{ "\x9b"
		  "1",
		  "\\x9b1" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xe2\x80\x8d", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xe2\x80\x8d" },
	};
	char text[128], small[8];
	struct str s = { 0 };
	uint32_t code;
	bool good = true;

	for (uint32_t c = 0; c <= 0x10ffff; c++)
		if (c < 0xd800 || c > 0xdfff)
			good = good && show_decode(text, encode(c, text), &code) > 0 && code == c;
	ok(good, "every character is decoded");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		good = good && show_decode(bad[i], strlen(bad[i]), &code) == 0 && !text_is_utf8(bad[i], strlen(bad[i]));
	ok(good, "what is malformed is not");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		show_copy(text, sizeof text, cases[i].text);
		text_add(&s, cases[i].text);
		ok(strcmp(text, cases[i].shown) == 0 && strcmp(s.text, text) == 0, cases[i].shown);
		str_clear(&s);
		ok((text_check(cases[i].text, strlen(cases[i].text)) == ST_OK) == (strcmp(text, cases[i].text) == 0),
		   "and refused where escaped");
	}
	str_free(&s);
	show_copy(small, sizeof small, "abc\xe2\x80\xae");
	ok(strcmp(small, "abc") == 0, "no escape is cut");
	ok(text_check("a\tb", 3) == ST_OK, "a tab is text");
}

static void
test_arrays(void)
{
	int *pushed = NULL, *roomy = NULL;
	size_t cap = 0, grown = 0;
	bool good = true;

	for (int i = 0; i < 5000; i++) {
		size_t before = cap;

		good = good && mem_push(&pushed, (size_t)i, sizeof *pushed) == ST_OK &&
			   mem_room(&roomy, &cap, (size_t)i + 1, sizeof *roomy) == ST_OK && cap > (size_t)i;
		if (!good)
			break;
		pushed[i] = roomy[i] = i;
		grown += before != cap;
	}
	for (int i = 0; i < 5000 && good; i++)
		good = pushed[i] == i && roomy[i] == i;
	ok(good, "arrays keep what they have while they grow");
	ok(grown < 20, "few growths");
	ok(mem_room(&roomy, &cap, SIZE_MAX / 2, 4) == ST_SYS && roomy != NULL && cap >= 5000, "too much changes nothing");
	free(pushed);
	free(roomy);
}

int
main(void)
{
	test_text();
	test_show();
	test_arrays();
	return finish();
}
