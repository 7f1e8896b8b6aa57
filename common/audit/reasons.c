/* What an audit has found, in words. */
#include "audit/audit.h"
#include "base/tsv.h"

const char *
audit_verdict_name(enum audit_verdict v)
{
	static const char *const name[] = { "LEAK", "SUSPECT", "IDENTIFIER", "SIGNAL", "NOTHING" };

	return name[v];
}

static void
add_sample(struct str *s, const struct audit_finding *f)
{
	if (f->sample[0] != '\0') {
		str_add(s, " (");
		tsv_add(s, f->sample);
		str_addc(s, ')');
	}
}

/* What the label was predicted from: "its value". */
static void
add_way(struct str *s, const struct audit_finding *f, const struct audit_score *by)
{
	const char *among = f->by_rows ? "all values" : "the values of its group";

	if (f->row_order)
		str_add(s, by->how == AUDIT_TREE ? "the row's position in the table"
		                             : "the row's position among the rows of its group");
	else if (by->how == AUDIT_PART) {
		str_addf(s, "part %u of %u", by->part, f->parts > by->part ? f->parts : by->part);
		add_sample(s, f);
	} else if (by->how == AUDIT_LEAD || by->how == AUDIT_TRAIL) {
		str_add(s, by->how == AUDIT_LEAD ? "the beginning" : "the end");
		if (f->parts > 1)
			str_addf(s, " of part %u", by->part);
		str_addf(s, ", %u character%s", by->length, by->length == 1 ? "" : "s");
		add_sample(s, f);
		str_add(s, ",");
	} else if (by->how == AUDIT_RANK_END)
		str_addf(s, "its rank among %s, counted from the last,", among);
	else if (by->how >= AUDIT_RANK)
		str_addf(s, "its rank among %s", among);
	else
		str_add(s, by->how == AUDIT_TREE ? "the range that its value falls into" : "its value");
}

static void
add_accuracy(struct str *s, const struct audit_finding *f, const struct audit_score *by)
{
	add_way(s, f, by);
	str_addf(s, " gives the label in %.1f %% of the rows", 100 * by->accuracy);
}

static void
add_memory(struct str *s, const struct audit_finding *f)
{
	if (f->one_group < 1)
		str_addf(s, "%.1f %% of its values are in one group only", 100 * f->one_group);
	else
		str_add(s, "every value is in one group only");
	if (f->purity == 1)
		str_add(s, " and each has one label");
	str_addf(s, ": a model that sees other rows of the same value remembers it (%.1f %% right where rows are split at random, "
	       "%.1f %% in groups not seen); never split by rows",
	    100 * f->memory.accuracy, 100 * f->lookup.accuracy);
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
add_leak(struct str *s, const struct audit_finding *f)
{
	const struct audit_score *by = leak_way(f);

	add_accuracy(s, f, by);
	if (f->row_order)
		str_add(s, ": the rows lie in the order of their labels");
	else if (by == &f->rank)
		str_addf(s, ", its value in only %.1f %%: the rows were numbered in the order of their labels",
		    100 * f->value.accuracy);
	else if (by == &f->part)
		str_add(s, ": the label is written in it");
	else
		str_add(s, ": it is the label in another form, or known only with it");
	if (f->by_rank && by != &f->rank) {
		str_add(s, "; ");
		add_accuracy(s, f, &f->rank);
	}
}

static void
add_suspect(struct str *s, const struct audit_finding *f)
{
	bool strong = f->value.gain >= AUDIT_STRONG || f->part.gain >= AUDIT_STRONG;

	if (f->row_order) {
		add_accuracy(s, f, &f->best);
		str_addf(s, ", the commonest label in %.1f %%: the order of the rows follows the labels", 100 * f->baseline);
	} else if (strong) {
		add_accuracy(s, f, f->part.accuracy > f->value.accuracy + AUDIT_TIE ? &f->part : &f->value);
		str_add(s, ", which is more than a feature alone usually does: make sure that it is known before the label is");
	} else {
		add_accuracy(s, f, &f->rank);
		str_addf(s, ", its value in only %.1f %%: unless groups differ in level, the numbering follows the labels",
		    100 * f->value.accuracy);
	}
}

static void
add_honest(struct str *s, const struct audit_finding *f)
{
	if (f->verdict == AUDIT_SIGNAL) {
		add_accuracy(s, f, &f->best);
		str_addf(s, ", the commonest label in %.1f %%", 100 * f->baseline);
		str_add(s, f->row_order ? ": the order of the rows tells a little" : ": it tells something, as a feature should");
	} else if (f->best.gain >= AUDIT_STRONG) {
		add_accuracy(s, f, &f->best);
		str_add(s, ", but from so few rows or groups that it could be chance: audit a larger table");
	} else
		str_addf(s, "tells nothing that could not be chance: %.1f %% right at best, the commonest label in %.1f %%",
		    100 * f->best.accuracy, 100 * f->baseline);
}

void
audit_add_reason(struct str *s, const struct audit_finding *f)
{
	if (f->verdict == AUDIT_LEAK)
		add_leak(s, f);
	else if (f->verdict == AUDIT_SUSPECT)
		add_suspect(s, f);
	else if (f->verdict != AUDIT_IDENTIFIER)
		add_honest(s, f);
	if (f->identifier) {
		str_add(s, f->verdict == AUDIT_IDENTIFIER ? "" : "; ");
		add_memory(s, f);
	}
	if (f->by_rows)
		str_add(s, " (rows, not groups, were kept apart)");
}

void
audit_add_row(struct str *s, const struct audit_finding *f)
{
	static const char *const how[] = { "-",          "lookup", "tree",     "part",     "first-chars",
		                               "last-chars", "rank",   "rank-end", "rank-tree" };

	tsv_add(s, f->name);
	str_addf(s, "\t%s\t%s\t%.4f\t%.4f\t%.4f", audit_verdict_name(f->verdict), how[f->best.how], f->best.accuracy,
	         f->baseline, f->best.gain);
	if (f->row_order)
		str_add(s, "\t-\t-"); /* no two rows have the same position */
	else
		str_addf(s, "\t%.4f\t%zu", f->memory.accuracy, f->distinct);
}
