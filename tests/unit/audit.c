/* audit: tables made so that what a column gives away is known. */
#include "audit/audit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "audit/score.h"
#include "base/err.h"
#include "mktable.h"
#include "tap.h"

static const char *const labels[] = { "angry", "happy", "sad" };

/* A random number from 0 to n-1, always the same for the same three. */
static unsigned
draw(uint64_t seed, uint64_t a, uint64_t b, unsigned n)
{
	uint64_t key[2] = { a, b };

	return (unsigned)(XXH3_64bits_withSeed(key, sizeof key, seed) % n);
}

static bool
near(double a, double b, double by)
{
	return fabs(a - b) <= by;
}

/* Audits column 2, with label 0 and group 1 (or none); [1] is row order. */
static struct audit_finding *
audit(const struct table *t, size_t group)
{
	static const size_t feature[] = { 2 };
	struct audit_finding *f;

	if (audit_table(t, 0, group, feature, 1, 7, &f) != ST_OK) {
		printf("# %s\n", err_text());
		exit(99);
	}
	return f;
}

static void
is_verdict(const struct audit_finding *f, enum audit_verdict want, const char *name)
{
	struct str reason = { 0 };

	audit_add_reason(&reason, f);
	if (!ok(f->verdict == want, name))
		printf("# %s, value %.3f part %.3f rank %.3f memory %.3f: %s\n", audit_verdict_name(f->verdict),
		       f->value.accuracy, f->part.accuracy, f->rank.accuracy, f->memory.accuracy, reason.text);
	str_free(&reason);
}

static void
reason_has(const struct audit_finding *f, const char *want, const char *name)
{
	struct str reason = { 0 };

	audit_add_reason(&reason, f);
	has(reason.text, want, name);
	ok(strchr(reason.text, '\n') == NULL, "on one line");
	str_free(&reason);
}

/* A table of groups times rows, whose cells fill() makes. */
typedef void (*fill)(unsigned group, unsigned row, uint64_t seed, char *label, char *cell);

enum { CELL = 64, GROUPS = 20, ROWS = 30 };

static void
make(struct table *t, fill f, uint64_t seed)
{
	static const char *const name[] = { "label", "group", "x" };
	char label[CELL], group[CELL], cell[CELL];
	const char *const row[] = { label, group, cell };

	make_table(t, name, 3);
	for (unsigned g = 0; g < GROUPS; g++)
		for (unsigned k = 0; k < ROWS; k++) {
			snprintf(group, sizeof group, "g%u", g);
			f(g, k, seed, label, cell);
			add_row(t, row);
		}
}

static unsigned
random_label(unsigned g, unsigned k, uint64_t seed, char *label)
{
	unsigned c = draw(seed, g, k, 3);

	snprintf(label, CELL, "%s", labels[c]);
	return c;
}

static void
fill_copy(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	snprintf(cell, CELL, "%u", 5 + random_label(g, k, seed, label));
}

/* Ten rows of each label in a group, numbered in their order from a start of
 * the group's own; the rows themselves are shuffled. */
static void
fill_numbered(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	unsigned number = (7 * k + draw(seed, g, 0, ROWS)) % ROWS;

	snprintf(label, CELL, "%s", labels[number / 10]);
	snprintf(cell, CELL, "%u", 1000 * draw(seed, g, 1, 100000) + number + draw(seed, g, 2, 900));
}

static void
fill_noise(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	static const unsigned values[] = { 3, 40, 500, 1000000 };

	random_label(g, k, seed, label);
	snprintf(cell, CELL, "%s%u", seed & 4 ? "a-" : "", draw(seed + 1, g, k, values[seed % 4]));
}

/* Six rows of each of five clips, whose labels are drawn. */
static void
fill_identifier(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	random_label(g, k % 5, seed, label);
	snprintf(cell, CELL, "%u", draw(seed + 2, g, k % 5, 1000000000));
}

/* Right in half of the rows, else any of the three: 2/3. */
static void
fill_honest(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	unsigned c = random_label(g, k, seed, label);

	snprintf(cell, CELL, "%u", draw(seed + 3, g, k, 2) ? c : draw(seed + 4, g, k, 3));
}

static void
fill_part(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	static const char *const code[] = { "ANG", "HAP", "SAD" };
	unsigned c = random_label(g, k, seed, label);

	snprintf(cell, CELL, "%u_S%u_%s (%u).wav", 1000 + g, draw(seed + 5, g, k, 9), code[c], k);
}

/* As Emo-DB names its files: speaker, text, label, version. */
static void
fill_tail(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	unsigned c = random_label(g, k, seed, label);

	snprintf(cell, CELL, "%02ua%02u%cc.wav", g, k, "WFT"[c]);
}

static void
fill_head(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	static const char *const code[] = { "\xc3\xa4r", "\xc3\xb6n", "\xc3\xa4x" };
	unsigned c = random_label(g, k, seed, label);

	snprintf(cell, CELL, "%s%u", code[c], 10000 * g + 100 * k + draw(seed, g, k, 90));
}

/* Empty where the label is angry, noise elsewhere. */
static void
fill_missing(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	unsigned c = random_label(g, k, seed, label);

	cell[0] = '\0';
	if (c != 0)
		snprintf(cell, CELL, "%u", draw(seed + 6, g, k, 4));
}

/* As numbered, but every other label is drawn. */
static void
fill_half(unsigned g, unsigned k, uint64_t seed, char *label, char *cell)
{
	fill_numbered(g, k, seed, label, cell);
	if (k % 2)
		random_label(g, k, seed, label);
}

static void
test_copy(void)
{
	struct table t;
	struct audit_finding *f;

	make(&t, fill_copy, 1);
	f = audit(&t, 1);
	is_verdict(f, AUDIT_LEAK, "the label in another spelling");
	ok(f->by_value && !f->by_rank && f->value.accuracy == 1 && f->value.gain == 1, "by its value, in all rows");
	ok(f->distinct == 3 && f->one_group == 0 && f->purity == 1 && f->repeated == 1 && f->missing == 0,
	   "three pure values in many groups");
	ok(!f->identifier, "which identify nothing");
	reason_has(f, "its value gives the label in 100.0 % of the rows", "and its reason");
	ok(strcmp(f[0].name, "x") == 0 && strcmp(f[1].name, "(row order)") == 0, "names");
	is_verdict(&f[1], AUDIT_NOTHING, "row order tells nothing");
	free(f);
	table_clear(&t);
}

static void
test_numbered(void)
{
	struct table t;
	struct audit_finding *f;

	make(&t, fill_numbered, 2);
	for (int number = 0; number < 2; number++) {
		f = audit(&t, 1);
		is_verdict(f, AUDIT_LEAK, number ? "the same as numbers" : "numbered in the order of labels");
		ok(f->by_rank && !f->by_value && !f->by_part, "by rank only");
		ok(f->rank.accuracy == 1 && f->value.accuracy < 0.45, "in all rows, by value in few");
		ok(f->best.how == AUDIT_RANK && f->parts == (number ? 0 : 1), "from the first");
		reason_has(f, "numbered in the order of their labels", "and its reason");
		free(f);
		if (table_to_number(&t, 2) != ST_OK)
			exit(99);
	}
	table_clear(&t);
}

static void
test_noise(void)
{
	int nothing = 0, order = 0;

	for (uint64_t seed = 0; seed < 40; seed++) {
		struct table t;
		struct audit_finding *f;

		make(&t, fill_noise, 100 * seed + seed % 8);
		f = audit(&t, seed % 3 == 0 ? TABLE_NONE : 1);
		nothing += f[0].verdict == AUDIT_NOTHING && !f[0].identifier;
		order += f[1].verdict == AUDIT_NOTHING;
		if (f[0].verdict != AUDIT_NOTHING)
			is_verdict(f, AUDIT_NOTHING, "noise");
		free(f);
		table_clear(&t);
	}
	ok(nothing == 40, "noise tells nothing, 40 times");
	ok(order == 40, "nor does the order of its rows");
}

static void
test_identifier(void)
{
	struct table t;
	struct audit_finding *f;

	make(&t, fill_identifier, 3);
	f = audit(&t, 1);
	is_verdict(f, AUDIT_IDENTIFIER, "an identifier bound to groups");
	ok(f->identifier && f->one_group == 1 && f->purity == 1 && f->distinct == 5 * GROUPS, "pure values of one group");
	ok(f->memory.accuracy > 0.95 && f->lookup.accuracy == f->baseline, "known by heart, else unknown");
	reason_has(f, "every value is in one group only and each has one label", "and its reason");
	reason_has(f, "never split by rows", "with advice");
	free(f);
	f = audit(&t, TABLE_NONE);
	ok(f->by_rows && f->verdict == AUDIT_LEAK, "without groups it gives the label");
	reason_has(f, "rows, not groups, were kept apart", "which the reason says");
	free(f);
	table_clear(&t);
}

static void
test_honest(void)
{
	struct table t;
	struct audit_finding *f;

	make(&t, fill_honest, 4);
	f = audit(&t, 1);
	is_verdict(f, AUDIT_SIGNAL, "a rater who is right in two of three");
	ok(near(f->value.accuracy, 2.0 / 3, 0.05), "about as often");
	ok(near(f->value.gain, (f->value.accuracy - f->baseline) / (1 - f->baseline), 1e-12), "its gain");
	reason_has(f, "as a feature should", "and its reason");
	free(f);
	table_clear(&t);
}

static void
test_parts(void)
{
	struct table t;
	struct audit_finding *f;

	make(&t, fill_part, 5);
	f = audit(&t, 1);
	is_verdict(f, AUDIT_LEAK, "a label within a file name");
	ok(f->part.how == AUDIT_PART && f->part.part == 3 && f->parts == 5 && f->by_part && !f->by_value, "in part 3 of 5");
	reason_has(f, "part 3 of 5 (ANG, HAP, SAD) gives the label in 100.0 %", "and its reason");
	free(f);
	table_clear(&t);
	make(&t, fill_tail, 6);
	f = audit(&t, 1);
	is_verdict(f, AUDIT_LEAK, "a label within the only part that varies");
	ok(f->part.how == AUDIT_TRAIL && f->part.length == 2 && f->part.part == 1, "in its last two characters");
	reason_has(f, "the end of part 1, 2 characters (Fc, Tc, Wc), gives the label", "and its reason");
	free(f);
	table_clear(&t);
	make(&t, fill_head, 7);
	f = audit(&t, 1);
	is_verdict(f, AUDIT_LEAK, "a label at the beginning");
	ok(f->part.how == AUDIT_LEAD && f->part.length == 2 && f->parts == 1, "characters, not bytes");
	free(f);
	table_clear(&t);
}

static void
test_missing(void)
{
	struct table t;
	struct audit_finding *f;
	size_t angry = 0;

	make(&t, fill_missing, 8);
	for (size_t i = 0; i < t.rows; i++)
		angry += strcmp(dict_text(t.column[0].dict, t.column[0].code[i]), "angry") == 0;
	for (int number = 0; number < 2; number++) {
		f = audit(&t, 1);
		is_verdict(f, AUDIT_SIGNAL, number ? "the same as numbers" : "empty cells that tell one of three labels");
		ok(f->missing == angry && f->distinct == 4, "are counted apart");
		ok(f->value.accuracy > 0.6, "and are a value of their own");
		free(f);
		if (table_to_number(&t, 2) != ST_OK)
			exit(99);
	}
	for (size_t i = 0; i < t.rows; i += 2)
		t.column[0].code[i] = DICT_EMPTY;
	f = audit(&t, 1);
	ok(f->rows == t.rows / 2, "rows without a label are left out");
	free(f);
	table_clear(&t);
}

static void
test_rank_odd(void)
{
	struct table t;
	struct audit_finding *f;

	make(&t, fill_half, 9);
	f = audit(&t, 1);
	is_verdict(f, AUDIT_SUSPECT, "a rank that tells more than the value");
	ok(near(f->rank.accuracy, 2.0 / 3, 0.06), "two of three");
	reason_has(f, "its value in only", "and its reason");
	free(f);
	table_clear(&t);
}

/* Rows in the order of their labels: within groups, then in the whole table. */
static void
test_row_order(void)
{
	static const char *const name[] = { "label", "group", "x" };
	char group[CELL], cell[CELL];

	for (int whole = 0; whole < 2; whole++) {
		struct table t;
		struct audit_finding *f;

		make_table(&t, name, 3);
		for (unsigned i = 0; i < 600; i++) {
			const char *const row[] = { labels[whole ? i / 200 : i / 10 % 3], group, cell };

			snprintf(group, sizeof group, "g%u", whole ? i % 20 : i / 30);
			snprintf(cell, sizeof cell, "%u", draw(11, i, 0, 50));
			add_row(&t, row);
		}
		f = audit(&t, 1);
		is_verdict(&f[1], AUDIT_LEAK, whole ? "all rows by label" : "each group's rows by label");
		ok(f[1].by_rank && f[1].by_value == whole, "by the place in the group or the table");
		is_verdict(&f[0], AUDIT_NOTHING, "while noise stays noise");
		reason_has(&f[1], whole ? "the row's position in the table gives" : "the row's position among the rows of its group",
		           "and its reason");
		free(f);
		table_clear(&t);
	}
}

static void
test_refusals(void)
{
	static const char *const name[] = { "label", "x" };
	static const char *const row[] = { "", "1" }, *const same[] = { "a", "2" };
	struct table t;
	struct audit_finding *f;

	make_table(&t, name, 2);
	ok(audit_table(&t, 0, TABLE_NONE, NULL, 0, 0, &f) == ST_DATA && f == NULL, "no rows");
	add_row(&t, row);
	ok(audit_table(&t, 0, TABLE_NONE, NULL, 0, 0, &f) == ST_DATA && f == NULL, "no labels");
	has(err_text(), "no row has a label in column 'label'", "and its message");
	add_row(&t, same);
	ok(audit_table(&t, 0, TABLE_NONE, NULL, 0, 0, &f) == ST_DATA && f == NULL, "one label");
	has(err_text(), "all labels in column 'label' are the same", "and its message");
	table_clear(&t);
}

/* Two groups alike, one to a fold, so that each is told from the other. Labels
 * of the codes 0 to 3: AAA, AAAB, BBBB, AA. A has 8 of 13 rows, the baseline.
 * By lookup all are right but the B of code 1: 12. The tree may split before 2
 * only (7 and 6 rows; squares over rows 37/7 + 20/6 > 89/13), else a leaf has
 * fewer than 5 rows, so that code 3 becomes B: 10. Against the baseline 4 rows
 * of a group are won and 2 lost: the variance is 12 - 4 * 4 / 26. */
static void
test_tree(void)
{
	static const uint32_t one[][2] = { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 1 },
		                               { 2, 1 }, { 2, 1 }, { 2, 1 }, { 2, 1 }, { 3, 0 }, { 3, 0 } };
	static const uint64_t hash[] = { 5, 3 };
	uint32_t class[26], group[26], code[26];
	const struct score_rows rows = { 26, 2, 2, class, group, hash, 0 };
	struct score s;
	struct score_result r;

	for (unsigned i = 0; i < 26; i++) {
		code[i] = one[i % 13][0];
		class[i] = one[i % 13][1];
		group[i] = i / 13;
	}
	if (score_init(&s, &rows) != ST_OK)
		exit(99);
	ok(s.fold[SCORE_GROUPS][0] == 1 && s.fold[SCORE_GROUPS][13] == 0, "groups are dealt by hash");
	ok(near(s.baseline, 8.0 / 13, 1e-12), "the commonest class");
	r = score_lookup(&s, SCORE_GROUPS, code, 4);
	ok(near(r.accuracy, 12.0 / 13, 1e-12) && near(r.gain, 0.8, 1e-12), "lookup, worked by hand");
	r = score_tree(&s, SCORE_GROUPS, code, 4);
	ok(near(r.accuracy, 10.0 / 13, 1e-12) && near(r.gain, 0.4, 1e-12), "tree, worked by hand");
	ok(near(r.error, sqrt(12 - 16.0 / 26) / 26 / (5.0 / 13), 1e-12), "and its standard error");
	score_free(&s);
}

/* More different numbers than a tree has bins, in a band of either label. */
static void
test_bins(void)
{
	enum { N = 20000 };
	uint32_t *class = calloc(N, sizeof *class), *group = calloc(N, sizeof *group), *code = calloc(N, sizeof *code);
	static const uint64_t hash[10] = { 3, 1, 4, 15, 9, 2, 6, 5, 35, 8 };
	const struct score_rows rows = { N, 2, 10, class, group, hash, 0 };
	struct score s;
	struct score_result r;

	if (class == NULL || group == NULL || code == NULL)
		exit(99);
	for (uint32_t i = 0; i < N; i++) {
		code[i] = i;
		class[i] = i / 2500 % 2;
		group[i] = i % 10;
	}
	if (score_init(&s, &rows) != ST_OK)
		exit(99);
	r = score_lookup(&s, SCORE_GROUPS, code, N);
	ok(r.accuracy <= s.baseline, "numbers that occur once are unknown to the lookup");
	r = score_tree(&s, SCORE_GROUPS, code, N);
	ok(r.accuracy > 0.998, "but their ranges are not to the tree");
	score_free(&s);
	free(class);
	free(group);
	free(code);
}

/* Findings made by hand, and what must be in their reasons and what not. */
static void
test_reasons(void)
{
	const struct audit_score value = { .how = AUDIT_LOOKUP, .accuracy = 0.961, .gain = 0.96 };
	const struct audit_score tree = { .how = AUDIT_TREE, .accuracy = 0.971, .gain = 0.96 };
	const struct audit_score weak = { .how = AUDIT_LOOKUP, .accuracy = 0.412, .gain = 0.1 };
	const struct audit_score strong = { .how = AUDIT_LOOKUP, .accuracy = 0.851, .gain = AUDIT_STRONG };
	const struct audit_score part = { .how = AUDIT_PART, .part = 2, .accuracy = 0.961, .gain = 0.96 };
	const struct audit_score less = { .how = AUDIT_PART, .part = 2, .accuracy = 0.958, .gain = 0.95 };
	const struct audit_score lead = { .how = AUDIT_LEAD, .part = 2, .length = 1, .accuracy = 0.963, .gain = 0.96 };
	const struct audit_score trail = { .how = AUDIT_TRAIL, .part = 2, .length = 3, .accuracy = 0.963, .gain = 0.96 };
	const struct audit_score rank = { .how = AUDIT_RANK, .accuracy = 0.981, .gain = 0.97 };
	const struct audit_score last = { .how = AUDIT_RANK_END, .accuracy = 0.9615, .gain = 0.96 };
	const struct audit_score range = { .how = AUDIT_RANK_TREE, .accuracy = 0.981, .gain = 0.97 };
	const struct {
		struct audit_finding f;
		const char *want, *more, *not;
	} cases[] = {
		{ { .verdict = AUDIT_LEAK, .value = value, .by_value = true }, "its value gives the label in 96.1 %", "in another form", "; " },
		{ { .verdict = AUDIT_LEAK, .value = tree, .by_value = true }, "the range that its value falls into gives the label in 97.1 %",
		  "in another form", "; " },
		{ { .verdict = AUDIT_LEAK, .value = value, .part = part, .by_value = true, .by_part = true, .parts = 3, .sample = "x, y" },
		  "part 2 of 3 (x, y) gives the label in 96.1 %", "written in it", "value" },
		{ { .verdict = AUDIT_LEAK, .value = value, .part = less, .by_value = true, .by_part = true, .parts = 3 },
		  "its value gives the label in 96.1 %", "in another form", "part" },
		{ { .verdict = AUDIT_LEAK, .value = value, .part = lead, .by_value = true, .by_part = true, .parts = 3 },
		  "its value gives the label in 96.1 %", "in another form", "beginning" },
		{ { .verdict = AUDIT_LEAK, .value = weak, .part = part, .by_part = true, .parts = 1 }, "part 2 of 2 gives", "written in it", "(" },
		{ { .verdict = AUDIT_LEAK, .value = weak, .part = lead, .by_part = true, .parts = 1, .sample = "A" },
		  "the beginning, 1 character (A), gives the label in 96.3 %", "written in it", "part" },
		{ { .verdict = AUDIT_LEAK, .value = weak, .part = trail, .by_part = true, .parts = 2 },
		  "the end of part 2, 3 characters, gives the label in 96.3 %", "written in it", "(" },
		{ { .verdict = AUDIT_LEAK, .value = weak, .rank = rank, .by_rank = true },
		  "its rank among the values of its group gives the label in 98.1 %", "its value in only 41.2 %", "; " },
		{ { .verdict = AUDIT_LEAK, .value = weak, .rank = last, .by_rank = true, .by_rows = true },
		  "its rank among all values, counted from the last, gives", "(rows, not groups, were kept apart)", "; " },
		{ { .verdict = AUDIT_LEAK, .value = weak, .rank = range, .by_rank = true }, "its rank among the values of its group gives",
		  "numbered in the order of their labels", "last" },
		{ { .verdict = AUDIT_LEAK, .value = value, .rank = rank, .by_value = true, .by_rank = true }, "its rank among the values",
		  "numbered in the order of their labels", "; " },
		{ { .verdict = AUDIT_LEAK, .value = value, .rank = last, .by_value = true, .by_rank = true }, "its value gives the label in 96.1 %",
		  "; its rank among the values of its group, counted from the last, gives the label in 96.2 %", "numbered" },
		{ { .verdict = AUDIT_LEAK, .value = tree, .by_value = true, .row_order = true }, "the row's position in the table gives",
		  "the rows lie in the order of their labels", "group" },
		{ { .verdict = AUDIT_LEAK, .value = weak, .rank = rank, .by_rank = true, .row_order = true },
		  "the row's position among the rows of its group gives", "the rows lie in the order of their labels", "value" },
		{ { .verdict = AUDIT_SUSPECT, .value = strong, .part = weak }, "its value gives the label in 85.1 %", "than a feature alone", "part" },
		{ { .verdict = AUDIT_SUSPECT, .value = weak, .part = part, .parts = 2 }, "part 2 of 2 gives the label in 96.1 %",
		  "than a feature alone", "value" },
		{ { .verdict = AUDIT_SUSPECT, .value = value, .part = part, .parts = 2 }, "its value gives the label", "than a feature alone", "part" },
		{ { .verdict = AUDIT_SUSPECT, .value = weak, .rank = rank }, "its rank among the values of its group gives the label in 98.1 %",
		  "its value in only 41.2 %: unless groups differ in level", "than a feature" },
		{ { .verdict = AUDIT_SUSPECT, .value = strong, .best = rank, .row_order = true, .baseline = 0.334 },
		  "the row's position among the rows of its group gives the label in 98.1 %",
		  "the commonest label in 33.4 %: the order of the rows follows the labels", "value" },
		{ { .verdict = AUDIT_SIGNAL, .best = weak, .baseline = 0.334 }, "its value gives the label in 41.2 %",
		  "the commonest label in 33.4 %: it tells something, as a feature should", "order" },
		{ { .verdict = AUDIT_SIGNAL, .best = tree, .baseline = 0.334, .row_order = true }, "the row's position in the table gives",
		  "the commonest label in 33.4 %: the order of the rows tells a little", "feature" },
		{ { .verdict = AUDIT_NOTHING, .best = strong, .baseline = 0.334 }, "its value gives the label in 85.1 %", "audit a larger table", "tells nothing" },
		{ { .verdict = AUDIT_NOTHING, .best = weak, .baseline = 0.334 }, "tells nothing", "41.2 % right at best, the commonest label in 33.4 %", "larger" },
		{ { .verdict = AUDIT_IDENTIFIER, .identifier = true, .one_group = 0.625, .purity = 0.9, .memory = value, .lookup = weak },
		  "62.5 % of its values are in one group only: ", "(96.1 % right where rows are split at random, 41.2 % in groups not seen)",
		  "one label" },
		{ { .verdict = AUDIT_LEAK, .value = value, .by_value = true, .identifier = true, .one_group = 1, .purity = 1 },
		  "or known only with it; every value is in one group only and each has one label", "never split by rows", "%  of" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct str reason = { 0 };

		audit_add_reason(&reason, &cases[i].f);
		has(reason.text, cases[i].want, "a reason by hand");
		has(reason.text, cases[i].more, "- its end");
		if (!ok(strstr(reason.text, cases[i].not) == NULL, "- and no more"))
			printf("# '%s' has '%s'\n", reason.text, cases[i].not);
		str_free(&reason);
	}
}

int
main(void)
{
	test_copy();
	test_numbered();
	test_noise();
	test_identifier();
	test_honest();
	test_parts();
	test_missing();
	test_rank_odd();
	test_row_order();
	test_refusals();
	test_tree();
	test_bins();
	test_reasons();
	return finish();
}
