#include "judge/preds.h"

#include <math.h>
#include <search.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/tool.h"
#include "base/tsv.h"
#include "stream/meta.h"

/* Probabilities may be rounded: three decimals of ten classes pass. */
static const double sum_tolerance = 0.005;

/* Names numbered as they come, found through a tree (tsearch). */
struct name {
	char *text;
	long number;
};

struct names {
	struct name **item;
	size_t n, cap;
	void *tree;
};

struct input {
	struct preds *preds;
	const struct labels *labels;
	const char *refusal[2]; /* what UNCERTAIN and NOSPEECH are called by them */
	struct names classes, groups;
	struct tsv *tsv;
	size_t key, start, label, group, answer, pred; /* columns, or TSV_NONE */
	size_t *column;                    /* of each class's probability; NULL before the first header */
	double *p;                         /* [classes]: those of the row at hand */
	bool by_probability;
	char *first; /* the name of the first input, whose classes the others must have */
};

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static long
find_name(const struct names *s, char *text)
{
	struct name key = { text, 0 };
	struct name **found = tfind(&key, &s->tree, compare_names);

	return found == NULL ? METRICS_NONE : (*found)->number;
}

/* The number of a name, which is added where it is new. */
static int
add_name(struct names *s, char *text, long *number)
{
	struct name *new;

	*number = find_name(s, text);
	if (*number != METRICS_NONE)
		return ST_OK;
	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 16 : 2 * s->cap;
		int rc = mem_grow(&s->item, cap, sizeof(void *));

		if (rc != ST_OK)
			return rc;
		s->cap = cap;
	}
	new = mem_zero(1, sizeof *new);
	if (new == NULL)
		return ST_SYS;
	new->text = mem_str(text);
	new->number = *number = (long)s->n;
	if (new->text == NULL || tsearch(new, &s->tree, compare_names) == NULL) {
		free(new->text);
		free(new);
		return err_set(ST_SYS, "out of memory");
	}
	s->item[s->n++] = new;
	return ST_OK;
}

static void
free_names(struct names *s)
{
	for (size_t i = 0; i < s->n; i++) {
		tdelete(s->item[i], &s->tree, compare_names);
		free(s->item[i]->text);
		free(s->item[i]);
	}
	free(s->item);
	*s = (struct names){ 0 };
}

static int
compare_items(const void *a, const void *b)
{
	return compare_names(*(struct name *const *)a, *(struct name *const *)b);
}

/* Puts names in alphabetical order; rank[old number] is where each stands. */
static int
sort_names(struct names *s, long **rank)
{
	*rank = mem_zero(s->n, sizeof **rank);
	if (*rank == NULL)
		return ST_SYS;
	if (s->n > 0) /* qsort wants an array, even for nothing */
		qsort(s->item, s->n, sizeof(void *), compare_items);
	for (size_t i = 0; i < s->n; i++)
		(*rank)[s->item[i]->number] = (long)i;
	return ST_OK;
}

/* "A, B, C", cut where the buffer ends. */
static void
list_classes(const struct names *s, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < s->n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i == 0 ? "" : ", ", s->item[i]->text);
}

static bool
is_unknown(const char *field)
{
	return field[0] == '\0' || strcmp(field, "-") == 0;
}

/* A name as it is shown; the table is not written to. */
static char *
shown(const struct input *in, const char *name)
{
	return (char *)(uintptr_t)labels_show(in->labels, name);
}

static bool
is_refusal(const struct input *in, const char *answer)
{
	return strcmp(answer, in->refusal[0]) == 0 || strcmp(answer, in->refusal[1]) == 0;
}

static int
check_class(const struct input *in, const struct tsv_row *row, const char *name)
{
	if (is_unknown(name) || is_refusal(in, name))
		return tsv_error(in->tsv, row, "'%s' cannot be the name of a class", name);
	if (text_check(name, strlen(name)) != ST_OK)
		return tsv_error(in->tsv, row, "name of a class: %s", err_text());
	return ST_OK;
}

static int
add_class(struct input *in, const struct tsv_row *row, char *name, long *number)
{
	int rc = add_name(&in->classes, name, number);

	if (rc == ST_OK && in->classes.n > METRICS_CLASSES_MAX)
		return tsv_error(in->tsv, row, "more than %d classes", METRICS_CLASSES_MAX);
	return rc;
}

static bool
is_probability(const char *name)
{
	return strncmp(name, "p.", 2) == 0;
}

/* The classes of a header: those of the first input, or the same ones. */
static int
take_classes(struct input *in, const struct tsv_row *head)
{
	struct names mine = { 0 };
	char want[400], have[400];
	long number;
	size_t known = 0;
	int rc = ST_OK;

	for (size_t i = 0; i < head->n && rc == ST_OK; i++) {
		char *name;

		if (!is_probability(head->field[i]))
			continue;
		name = shown(in, head->field[i] + 2);
		rc = check_class(in, head, name);
		if (rc == ST_OK && find_name(&mine, name) != METRICS_NONE)
			rc = tsv_error(in->tsv, head, "two classes would be shown as '%s'", name);
		if (rc == ST_OK && in->column == NULL)
			rc = add_class(in, head, name, &number);
		if (rc == ST_OK)
			rc = add_name(&mine, name, &number);
		known += rc == ST_OK && find_name(&in->classes, name) != METRICS_NONE;
	}
	if (rc == ST_OK && (known != mine.n || known != in->classes.n)) {
		list_classes(&in->classes, want, sizeof want);
		list_classes(&mine, have, sizeof have);
		rc = tsv_error(in->tsv, head, "the classes here are %s; those of %s are %s", have, in->first, want);
	}
	free_names(&mine);
	return rc;
}

static int
map_probabilities(struct input *in, const struct tsv_row *head)
{
	int rc = take_classes(in, head);

	if (rc == ST_OK && in->column == NULL && ((in->column = mem_zero(in->classes.n, sizeof *in->column)) == NULL ||
	                                          (in->p = mem_zero(in->classes.n, sizeof *in->p)) == NULL))
		rc = ST_SYS;
	for (size_t i = 0; i < head->n && rc == ST_OK; i++)
		if (is_probability(head->field[i]))
			in->column[find_name(&in->classes, shown(in, head->field[i] + 2))] = i;
	return rc;
}

static int
take_header(struct input *in)
{
	const struct tsv_row *head = tsv_header(in->tsv);
	bool probabilities = false, first = in->first == NULL;

	for (size_t i = 0; i < head->n; i++)
		probabilities |= is_probability(head->field[i]);
	in->key = tsv_column(in->tsv, "key");
	in->start = tsv_column(in->tsv, "start");
	in->label = tsv_column(in->tsv, "label");
	in->group = tsv_column(in->tsv, "group");
	in->pred = tsv_column(in->tsv, "pred");
	in->answer = tsv_column(in->tsv, "top1") == TSV_NONE ? in->pred : tsv_column(in->tsv, "top1");
	if (in->label == TSV_NONE)
		return tsv_error(in->tsv, head, "no column 'label' in the header");
	if (!probabilities && in->answer == TSV_NONE)
		return tsv_error(in->tsv, head, "neither p. columns nor a column 'pred' in the header");
	if (first && (in->first = mem_str(tsv_name(in->tsv))) == NULL)
		return ST_SYS;
	if (!first && probabilities != in->by_probability)
		return tsv_error(in->tsv, head, "%s p. columns, unlike %s", probabilities ? "has" : "has no", in->first);
	in->by_probability = probabilities;
	return probabilities ? map_probabilities(in, head) : ST_OK;
}

/* True where a row is the header of the next file in what cat put together. */
static bool
is_header(const struct input *in, const struct tsv_row *row)
{
	bool label = false, answer = false;

	if (strcmp(row->field[0], tsv_header(in->tsv)->field[0]) != 0)
		return false;
	for (size_t i = 0; i < row->n; i++) {
		label |= strcmp(row->field[i], "label") == 0;
		answer |= strcmp(row->field[i], "pred") == 0 || is_probability(row->field[i]);
	}
	return label && answer;
}

/* The class of the largest probability; pred, from the unrounded ones, decides
 * between those that are equal as printed. */
static int
largest(const struct input *in, const struct tsv_row *row, long pred, int *best)
{
	double sum = 0, top = -1, at_pred = 0, x;
	int rc;

	for (size_t k = 0; k < in->classes.n; k++) {
		rc = tsv_number(in->tsv, row, in->column[k], &x);
		if (rc != ST_OK)
			return rc;
		if (x < 0 || x > 1)
			return tsv_error(in->tsv, row, "column 'p.%s': %g is not between 0 and 1", in->classes.item[k]->text, x);
		if (x > top) {
			top = x;
			*best = (int)k;
		}
		if ((long)k == pred)
			at_pred = x;
		sum += in->p[k] = x;
	}
	if (fabs(sum - 1) > sum_tolerance)
		return tsv_error(in->tsv, row, "the probabilities add up to %g, not to 1", sum);
	if (pred != METRICS_NONE && at_pred < top)
		return tsv_error(in->tsv, row, "pred is '%s', but p.%s is larger", in->classes.item[pred]->text,
		                 in->classes.item[*best]->text);
	if (pred != METRICS_NONE)
		*best = (int)pred;
	return ST_OK;
}

static int
judge_probabilities(struct input *in, const struct tsv_row *row, struct metrics_record *r)
{
	char *label = row->field[in->label], *pred = in->pred == TSV_NONE ? NULL : row->field[in->pred];
	long truth = find_name(&in->classes, label), named = METRICS_NONE;
	int rc;

	if (truth == METRICS_NONE)
		return tsv_error(in->tsv, row, "the label '%s' is none of the classes", label);
	if (pred != NULL && !r->refused) {
		named = find_name(&in->classes, pred);
		if (named == METRICS_NONE)
			return tsv_error(in->tsv, row, "pred '%s' is none of the classes", pred);
	}
	r->truth = (int)truth;
	rc = largest(in, row, named, &r->pred);
	if (rc == ST_OK)
		r->calibration = calibration_of(in->p, in->classes.n, (size_t)r->pred, (size_t)truth);
	return rc;
}

/* Without probabilities: classes are what occurs, and a refusal answers none. */
static int
judge_answer(struct input *in, const struct tsv_row *row, struct metrics_record *r)
{
	char *label = row->field[in->label], *answer = row->field[in->answer];
	bool none = is_refusal(in, answer);
	long truth, pred = METRICS_NONE;
	int rc = check_class(in, row, label);

	if (rc == ST_OK && !none)
		rc = check_class(in, row, answer);
	if (rc == ST_OK && in->pred != TSV_NONE && !r->refused && strcmp(row->field[in->pred], answer) != 0)
		rc = tsv_error(in->tsv, row, "pred is '%s', but top1 is '%s'", row->field[in->pred], answer);
	if (rc == ST_OK)
		rc = add_class(in, row, label, &truth);
	if (rc == ST_OK && !none)
		rc = add_class(in, row, answer, &pred);
	if (rc != ST_OK)
		return rc;
	r->truth = (int)truth;
	r->pred = (int)pred;
	return ST_OK;
}

static int
judge(struct input *in, const struct tsv_row *row, struct metrics_record *r)
{
	const size_t columns[] = { in->label, in->pred, in->answer };

	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
		if (columns[i] != TSV_NONE)
			row->field[columns[i]] = shown(in, row->field[columns[i]]);
	if (is_unknown(row->field[in->label]))
		return tsv_error(in->tsv, row, "no truth: the label is '%s'", row->field[in->label]);
	r->refused = in->pred != TSV_NONE && is_refusal(in, row->field[in->pred]);
	return in->by_probability ? judge_probabilities(in, row, r) : judge_answer(in, row, r);
}

static char *
record_key(const struct input *in, const struct tsv_row *row)
{
	const char *key = in->key == TSV_NONE ? "" : row->field[in->key];
	const char *start = in->start == TSV_NONE || is_unknown(row->field[in->start]) ? NULL : row->field[in->start];
	size_t size = strlen(key) + (start == NULL ? 0 : strlen(start) + 1) + 1;
	char *text = mem_zero(size, 1);

	if (text != NULL)
		snprintf(text, size, "%s%s%s", key, start == NULL ? "" : "@", start == NULL ? "" : start);
	return text;
}

static int
append(struct input *in, const struct tsv_row *row, struct metrics_record *r)
{
	struct preds *p = in->preds;
	size_t classes = in->by_probability ? in->classes.n : 0;

	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 1024 : 2 * p->cap;
		int rc = mem_grow(&p->record, cap, sizeof *p->record);

		if (rc == ST_OK)
			rc = mem_grow(&p->key, cap, sizeof *p->key);
		if (rc == ST_OK && classes > 0)
			rc = mem_grow(&p->p, cap, classes * sizeof *p->p);
		if (rc != ST_OK)
			return rc;
		p->cap = cap;
	}
	r->calibration.of = p->n;
	if (classes > 0)
		memcpy(p->p + p->n * classes, in->p, classes * sizeof *p->p);
	p->key[p->n] = record_key(in, row);
	p->record[p->n] = *r;
	return p->key[p->n++] == NULL ? ST_SYS : ST_OK;
}

static int
take_record(struct input *in, const struct tsv_row *row, long skip_bad)
{
	struct metrics_record r = { .pred = METRICS_NONE, .group = METRICS_NONE };
	int rc = tsv_check_width(in->tsv, row);

	if (rc != ST_OK)
		return rc;
	rc = judge(in, row, &r);
	if (rc == ST_DATA && in->preds->skipped < skip_bad) {
		in->preds->skipped++;
		tool_say("%s (skipped, %ld of at most %ld)", err_text(), in->preds->skipped, skip_bad);
		return ST_OK;
	}
	if (rc == ST_OK && in->group != TSV_NONE && !is_unknown(row->field[in->group]))
		rc = add_name(&in->groups, row->field[in->group], &r.group);
	return rc == ST_OK ? append(in, row, &r) : rc;
}

static int
read_file(struct input *in, const char *name, long skip_bad)
{
	struct tsv_row row;
	int rc = tsv_open(&in->tsv, name, TSV_HEADER | TSV_RAGGED | TSV_WHOLE);

	if (rc == ST_OK)
		rc = take_header(in);
	while (rc == ST_OK && (rc = tsv_next(in->tsv, &row)) == ST_OK && row.n > 0) {
		if (!is_header(in, &row)) {
			rc = take_record(in, &row, skip_bad);
			continue;
		}
		rc = tsv_rehead(in->tsv, &row);
		if (rc == ST_OK)
			rc = take_header(in);
	}
	tsv_close(in->tsv);
	in->tsv = NULL;
	return rc;
}

/* Numbers that do not depend on the order of records, and the class names. */
static int
settle(struct input *in)
{
	struct preds *p = in->preds;
	long *group = NULL, *class = NULL;
	int rc = sort_names(&in->groups, &group);

	if (rc == ST_OK && !in->by_probability)
		rc = sort_names(&in->classes, &class);
	for (size_t i = 0; i < p->n && rc == ST_OK; i++) {
		struct metrics_record *r = &p->record[i];

		r->group = r->group < 0 ? r->group : group[r->group];
		if (class != NULL) {
			r->truth = (int)class[r->truth];
			r->pred = r->pred < 0 ? r->pred : (int)class[r->pred];
		}
	}
	free(group);
	free(class);
	p->speakers = in->groups.n;
	if (rc == ST_OK && (p->class = mem_zero(in->classes.n, sizeof *p->class)) == NULL)
		rc = ST_SYS;
	for (size_t k = 0; k < in->classes.n && rc == ST_OK; k++, p->classes++)
		if ((p->class[k] = mem_str(in->classes.item[k]->text)) == NULL)
			rc = ST_SYS;
	return rc;
}

int
preds_read(struct preds *p, char *const *files, size_t n, long skip_bad, const struct labels *labels)
{
	static char standard[] = "-", *const nothing[] = { standard };
	struct input in = { .preds = p,
		                .labels = labels,
		                .refusal = { labels_show(labels, PREDS_UNCERTAIN), labels_show(labels, PREDS_NOSPEECH) } };
	int rc = ST_OK;

	*p = (struct preds){ 0 };
	if (n == 0) {
		files = nothing;
		n = 1;
	}
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = read_file(&in, files[i], skip_bad);
	if (rc == ST_OK && p->n == 0)
		rc = err_set(ST_DATA, "%s: no records to judge", in.first);
	if (rc == ST_OK)
		rc = settle(&in);
	free_names(&in.classes);
	free_names(&in.groups);
	free(in.column);
	free(in.p);
	free(in.first);
	if (rc != ST_OK)
		preds_free(p);
	return rc;
}

void
preds_free(struct preds *p)
{
	for (size_t k = 0; k < p->classes; k++)
		free(p->class[k]);
	for (size_t i = 0; i < p->n; i++)
		free(p->key[i]);
	free(p->class);
	free(p->key);
	free(p->record);
	free(p->p);
	*p = (struct preds){ 0 };
}
