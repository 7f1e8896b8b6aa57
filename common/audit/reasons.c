#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "audit/audit.h"

const char *
audit_verdict_name(enum audit_verdict v)
{
	static const char *const name[] = { "LEAK", "SUSPECT", "IDENTIFIER", "SIGNAL", "NOTHING" };

	return name[v];
}

const char *
audit_how_name(enum audit_how how)
{
	static const char *const name[] = { "-",         "lookup", "tree",     "part",     "first-chars",
		                                "last-chars", "rank",   "rank-end", "rank-tree" };

	return name[how];
}

/* A sentence put together in the caller's buffer; cut off where that is full. */
struct sentence {
	char *buf;
	size_t size, used;
};

static void add(struct sentence *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
add(struct sentence *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->buf + s->used, s->size - s->used, fmt, ap);
	va_end(ap);
	if (n > 0)
		s->used = s->used + (size_t)n < s->size ? s->used + (size_t)n : s->size - 1;
}

static double
percent(double share)
{
	return 100 * share;
}

static void
add_sample(struct sentence *s, const struct audit_finding *f)
{
	if (f->sample[0] != '\0')
		add(s, " (%s)", f->sample);
}

/* What the label was told from: "its value". */
static void
add_way(struct sentence *s, const struct audit_finding *f, const struct audit_score *by)
{
	const char *among = f->by_rows ? "all values" : "the values of its group";

	if (f->row_order)
		add(s, by->how == AUDIT_TREE ? "the row's place in the table"
		                             : "the row's place among the rows of its group");
	else if (by->how == AUDIT_PART) {
		add(s, "part %u of %u", by->part, f->parts > by->part ? f->parts : by->part);
		add_sample(s, f);
	} else if (by->how == AUDIT_LEAD || by->how == AUDIT_TRAIL) {
		add(s, by->how == AUDIT_LEAD ? "the beginning" : "the end");
		if (f->parts > 1)
			add(s, " of part %u", by->part);
		add(s, ", %u character%s", by->length, by->length == 1 ? "" : "s");
		add_sample(s, f);
		add(s, ",");
	} else if (by->how == AUDIT_RANK_END)
		add(s, "its place among %s, counted from the last,", among);
	else if (by->how >= AUDIT_RANK)
		add(s, "its place among %s", among);
	else
		add(s, by->how == AUDIT_TREE ? "the range that its value falls into" : "its value");
}

static void
add_told(struct sentence *s, const struct audit_finding *f, const struct audit_score *by)
{
	add_way(s, f, by);
	add(s, " gives the label in %.1f %% of the rows", percent(by->accuracy));
}

static void
add_memory(struct sentence *s, const struct audit_finding *f)
{
	if (f->one_group < 1)
		add(s, "%.1f %% of its values stand in one group only", percent(f->one_group));
	else
		add(s, "every value stands in one group only");
	if (f->purity == 1)
		add(s, " and each has one label");
	add(s, ": a model that sees other rows of the same value remembers it (%.1f %% right where rows are split at random, "
	       "%.1f %% in groups not seen); never split by rows",
	    percent(f->memory.accuracy), percent(f->lookup.accuracy));
}

/* The strongest way that leaks. */
static const struct audit_score *
leak_way(const struct audit_finding *f)
{
	const struct audit_score *by = f->by_value ? &f->value : f->by_part ? &f->part : &f->rank;

	/* A table sorted by label has its groups sorted, too. */
	if (f->row_order)
		return by;
	/* A part that does as well says more than the whole. */
	if (by == &f->value && f->by_part && f->part.how == AUDIT_PART &&
	    f->part.accuracy >= by->accuracy - AUDIT_TIE)
		by = &f->part;
	return f->by_rank && f->rank.accuracy > by->accuracy + AUDIT_TIE ? &f->rank : by;
}

static void
add_leak(struct sentence *s, const struct audit_finding *f)
{
	const struct audit_score *by = leak_way(f);

	add_told(s, f, by);
	if (f->row_order)
		add(s, ": the rows lie in the order of their labels");
	else if (by == &f->rank)
		add(s, ", its value in only %.1f %%: the rows were numbered in the order of their labels",
		    percent(f->value.accuracy));
	else if (by == &f->part)
		add(s, ": the label is written in it");
	else
		add(s, ": it is the label in another form, or known only with it");
	if (f->by_rank && by != &f->rank) {
		add(s, "; ");
		add_told(s, f, &f->rank);
	}
}

static void
add_suspect(struct sentence *s, const struct audit_finding *f)
{
	bool strong = f->value.gain >= AUDIT_STRONG || f->part.gain >= AUDIT_STRONG;

	if (f->row_order) {
		add_told(s, f, &f->best);
		add(s, ", the commonest label in %.1f %%: the order of the rows follows the labels", percent(f->baseline));
	} else if (strong) {
		add_told(s, f, f->part.accuracy > f->value.accuracy + AUDIT_TIE ? &f->part : &f->value);
		add(s, ", which is more than a feature alone usually does: make sure that it is known before the label is");
	} else {
		add_told(s, f, &f->rank);
		add(s, ", its value in only %.1f %%: unless groups differ in level, the numbering follows the labels",
		    percent(f->value.accuracy));
	}
}

static void
add_honest(struct sentence *s, const struct audit_finding *f)
{
	if (f->verdict == AUDIT_SIGNAL) {
		add_told(s, f, &f->best);
		add(s, ", the commonest label in %.1f %%", percent(f->baseline));
		add(s, f->row_order ? ": the order of the rows tells a little" : ": it tells something, as a feature should");
	} else if (f->best.gain >= AUDIT_STRONG) {
		add_told(s, f, &f->best);
		add(s, ", but from so few rows or groups that it could be chance: audit a larger table");
	} else
		add(s, "tells nothing that could not be chance: %.1f %% right at best, the commonest label in %.1f %%",
		    percent(f->best.accuracy), percent(f->baseline));
}

const char *
audit_reason(const struct audit_finding *f, char *buf, size_t size)
{
	struct sentence s = { buf, size, 0 };

	buf[0] = '\0';
	if (f->verdict == AUDIT_LEAK)
		add_leak(&s, f);
	else if (f->verdict == AUDIT_SUSPECT)
		add_suspect(&s, f);
	else if (f->verdict != AUDIT_IDENTIFIER)
		add_honest(&s, f);
	if (f->identifier) {
		add(&s, s.used > 0 ? "; " : "");
		add_memory(&s, f);
	}
	if (f->by_rows)
		add(&s, " (rows, not groups, were kept apart)");
	return buf;
}
