/* base: growing text and arrays. What allocation failures do: tests/106-faults.t. */
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
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
	test_arrays();
	return finish();
}
