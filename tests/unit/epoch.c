/* epoch: what an epoch's batches are made of: records once each, or one variant of a
 * recording, clips of few groups; whatever order the records come in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "train/epoch.h"
#include "tap.h"

enum { MANY = 400 };

struct set {
	struct data_record record[MANY];
	const struct data_record *pointer[MANY];
	char text[MANY][3][32];
	struct data_part part;
};

/* n recordings of a group with so many variants each. */
static void
add(struct set *s, const char *group, int n, int variants)
{
	for (int i = 0; i < n; i++)
		for (int v = 0; v <= variants; v++) {
			size_t at = s->part.n++;
			struct data_record *r = &s->record[at];

			snprintf(s->text[at][0], 32, "%s%d", group, i);
			snprintf(s->text[at][1], 32, "%s%d%s%.0d", group, i, v > 0 ? "@" : "", v);
			snprintf(s->text[at][2], 32, "%s", group);
			*r = (struct data_record){ .key = s->text[at][1], .source = s->text[at][0], .group = s->text[at][2],
				.label = "", .sex = "", .file = "x", .number = at + 1, .variant = v > 0 };
			s->pointer[at] = r;
		}
	s->part.record = s->pointer;
}

static size_t
times(const struct epoch *e, const struct data_record *r, bool of_source)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++)
		n += of_source ? strcmp(e->record[i]->source, r->source) == 0 : e->record[i] == r;
	return n;
}

/* Groups in batch b, and the most clips of one of them. */
static size_t
count_groups(const struct epoch *e, size_t b, size_t *most)
{
	size_t groups = 0;

	*most = 0;
	for (size_t i = e->first[b]; i < e->first[b + 1]; i++) {
		size_t before = 0, all = 0;

		for (size_t k = e->first[b]; k < e->first[b + 1]; k++)
			if (strcmp(e->record[k]->group, e->record[i]->group) == 0) {
				before += k < i;
				all++;
			}
		groups += before == 0;
		*most = all > *most ? all : *most;
	}
	return groups;
}

static void
open_epoch(struct epoch *e, struct epoch_how how, struct set *s, uint64_t number)
{
	*e = (struct epoch){ 0 };
	if (epoch_create(e, &how, &s->part) != ST_OK || epoch_draw(e, number) != ST_OK)
		exit(99);
}

static bool
each_once(const struct epoch *e, const struct set *s, bool of_source)
{
	bool once = e->first[0] == 0 && e->first[e->batches] == e->n;

	for (size_t i = 0; i < s->part.n; i++)
		once = once && times(e, s->pointer[i], of_source) == 1;
	for (size_t b = 0; b < e->batches; b++)
		once = once && e->first[b + 1] - e->first[b] > 1 && e->first[b + 1] - e->first[b] <= e->most;
	return once;
}

static void
test_groups(void)
{
	static struct set s;
	struct epoch e;
	bool good = true, two = true, sizes = true, differ = false;
	size_t most, first[2] = { 0 };

	for (int i = 0; i < 5; i++)
		add(&s, (const char *[]){ "a", "b", "c", "d", "e" }[i], 60, 0);
	for (uint64_t n = 0; n < 20; n++) {
		open_epoch(&e, (struct epoch_how){ .seed = 3, .batch = 64, .groups = 2, .clips = 16 }, &s, n);
		good = good && e.n == 300 && e.batches == 10 && each_once(&e, &s, false);
		for (size_t b = 0; b < e.batches; b++) {
			two = two && count_groups(&e, b, &most) == 2;
			sizes = sizes && most == 15 && e.first[b + 1] - e.first[b] == 30;
		}
		differ = differ || (n > 0 && first[0] != e.record[0]->number);
		first[0] = e.record[0]->number;
		epoch_free(&e);
	}
	ok(good, "5 groups of 60 clips in batches of 2x16: each clip once an epoch, in 10 batches");
	ok(two, "each of two groups");
	ok(sizes, "with 15 clips of each");
	ok(differ, "epochs differ");
}

static void
test_uneven(void)
{
	static struct set s;
	struct epoch e;
	bool good = true, groups = true, clips = true;
	size_t most, lone = 0;

	add(&s, "a", 100, 0);
	add(&s, "b", 31, 0);
	add(&s, "c", 7, 0);
	add(&s, "d", 1, 0);
	for (uint64_t n = 0; n < 50; n++) {
		open_epoch(&e, (struct epoch_how){ .seed = n, .batch = 64, .groups = 2, .clips = 16 }, &s, n);
		good = good && each_once(&e, &s, false);
		for (size_t b = 0, got; b < e.batches; b++) {
			got = count_groups(&e, b, &most);
			lone += got == 1;
			groups = groups && got <= 2;
			clips = clips && e.first[b + 1] - e.first[b] <= 33;
		}
		epoch_free(&e);
	}
	ok(good, "uneven groups: each clip once an epoch, none alone in a batch");
	ok(groups && clips, "no batch of more groups or clips than required");
	/* Of a's 7 chunks 4 go with another's (2 + 1 + 1), the last 3 are left. */
	ok(lone == 50 * 2, "groups meet as long as there are others");
}

static void
test_single(void)
{
	static struct set s;
	struct epoch e;

	add(&s, "a", 1, 0);
	add(&s, "b", 1, 0);
	add(&s, "c", 1, 0);
	open_epoch(&e, (struct epoch_how){ .groups = 2, .clips = 2 }, &s, 0);
	ok(e.batches == 1 && e.most == 3 && each_once(&e, &s, false), "a last clip alone joins the batch before");
	epoch_free(&e);
	s.record[1].group = "";
	ok(epoch_create(&e, &(struct epoch_how){ .groups = 2, .clips = 2 }, &s.part) == ST_DATA, "a record without a group");
	epoch_free(&e);
}

/* *counts[v]: how often variant v was chosen. */
static void
test_variants(void)
{
	static struct set s, turned;
	struct epoch e, f;
	bool once = true, same = true;
	size_t counts[3] = { 0 };

	add(&s, "a", 20, 2);
	add(&s, "b", 20, 2);
	turned = s;
	for (size_t i = 0; i < s.part.n; i++)
		turned.pointer[i] = s.pointer[s.part.n - 1 - i];
	turned.part.record = turned.pointer;
	for (uint64_t n = 0; n < 30; n++) {
		for (int groups = 0; groups < 2; groups++) {
			struct epoch_how how = { .seed = 5, .batch = 16, .groups = groups * 2, .clips = groups * 8,
				.one_variant = true };

			open_epoch(&e, how, &s, n);
			open_epoch(&f, how, &turned, n);
			once = once && e.n == 40 && each_once(&e, &s, true);
			same = same && memcmp(e.record, f.record, e.n * sizeof(struct data_record *)) == 0;
			for (size_t i = 0; i < e.n; i++)
				counts[(e.record[i]->number - 1) % 3]++;
			epoch_free(&e);
			epoch_free(&f);
		}
	}
	ok(once, "one variant: each recording once an epoch");
	ok(same, "whatever order the records are in");
	/* 2400 draws of thirds: 800 and a deviation of 23. */
	for (int v = 0; v < 3; v++)
		ok(counts[v] > 690 && counts[v] < 910, "variants are equally likely");
}

static void
test_plain(void)
{
	static struct set s;
	struct epoch e;

	add(&s, "a", 33, 1);
	open_epoch(&e, (struct epoch_how){ .seed = 5, .batch = 13 }, &s, 2);
	ok(e.batches == 5 && e.most == 14 && each_once(&e, &s, false), "without both, batches as ever");
	epoch_free(&e);
}

int
main(void)
{
	test_groups();
	test_uneven();
	test_single();
	test_variants();
	test_plain();
	return finish();
}
