#include "judge/predictions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/tsv.h"
#include "base/words.h"

const char *const predictions_columns[PREDICTIONS_COLUMNS] = { "key", "label", "group", "start", "pred" };

/* Probabilities may be rounded: three decimals of ten classes pass. */
static const double sum_tolerance = 0.005;

/* The file being read. */
struct input {
	struct predictions *to;
	struct tsv *tsv;
	size_t column[PREDICTIONS_COLUMNS], confidence, top1, protocol; /* or TSV_NONE */
	size_t of_class[METRICS_CLASSES_MAX];                 /* the column of each class's probability */
};

static bool
is_unknown(const char *cell)
{
	return cell[0] == '\0' || strcmp(cell, "-") == 0;
}

static bool
is_probability(const char *column)
{
	return strncmp(column, "p.", 2) == 0;
}

bool
predictions_refusal(const struct labels *labels, const char *pred)
{
	return strcmp(pred, labels_show(labels, PREDICTIONS_UNCERTAIN)) == 0 ||
	       strcmp(pred, labels_show(labels, PREDICTIONS_NOSPEECH)) == 0;
}

const char *
predictions_list(const char *const *name, size_t n, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i == 0 ? "" : ", ", name[i]);
	return buf;
}

/* Classes */

int
predictions_class(const struct predictions *p, const char *name)
{
	size_t i = words_index(p->class, p->classes, name);

	return i < p->classes ? (int)i : METRICS_NONE;
}

static int
add_class(struct input *in, const struct tsv_row *row, const char *name)
{
	struct predictions *p = in->to;

	if (predictions_class(p, name) != METRICS_NONE)
		return ST_OK;
	if (p->evaluated && p->classes == METRICS_CLASSES_MAX)
		return tsv_error(in->tsv, row, "more than %d classes", METRICS_CLASSES_MAX);
	if (mem_push(&p->class, p->classes, sizeof *p->class) != ST_OK ||
	    (p->class[p->classes] = mem_str(name)) == NULL)
		return ST_SYS;
	p->classes++;
	return ST_OK;
}

int
predictions_check_class(const struct labels *labels, const char *name)
{
	if (is_unknown(name) || predictions_refusal(labels, name))
		return err_set(ST_DATA, "'%s' cannot be the name of a class", name);
	return text_check(name, strlen(name)) == ST_OK ? ST_OK : err_prefix("name of a class");
}

static int
check_class(const struct input *in, const struct tsv_row *row, const char *name)
{
	int rc = predictions_check_class(in->to->labels, name);

	return rc == ST_OK ? rc : tsv_error(in->tsv, row, "%s", err_text());
}

/* The classes of a header that is evaluated: those of the first, or the same ones. */
static int
match_classes(struct input *in, const struct tsv_row *head)
{
	struct predictions *p = in->to;
	const char *name[METRICS_CLASSES_MAX];
	size_t n = 0, known = 0;
	char here[400], first[400];

	for (size_t i = 0; i < head->n; i++) {
		int class, rc;

		if (!is_probability(head->field[i]))
			continue;
		if (n == METRICS_CLASSES_MAX)
			return tsv_error(in->tsv, head, "more than %d classes", METRICS_CLASSES_MAX);
		name[n] = labels_show(p->labels, head->field[i] + 2);
		if ((rc = check_class(in, head, name[n])) != ST_OK)
			return rc;
		for (size_t k = 0; k < n; k++)
			if (strcmp(name[k], name[n]) == 0)
				return tsv_error(in->tsv, head, "two classes would be shown as '%s'", name[n]);
		if (p->headers == 0 && (rc = add_class(in, head, name[n])) != ST_OK)
			return rc;
		class = predictions_class(p, name[n++]);
		if (class != METRICS_NONE) {
			in->of_class[class] = i;
			known++;
		}
	}
	if (known == n && known == p->classes)
		return ST_OK;
	return tsv_error(in->tsv, head, "the classes here are %s; those of %s are %s",
	                 predictions_list(name, n, here, sizeof here), p->file,
	                 predictions_list((const char *const *)p->class, p->classes, first, sizeof first));
}

/* Headers */

static int
check_header(struct input *in, const struct tsv_row *head, bool probabilities)
{
	struct predictions *p = in->to;
	bool label = in->column[PREDICTIONS_LABEL] != TSV_NONE, pred = in->column[PREDICTIONS_PRED] != TSV_NONE;

	if (!p->evaluated && in->column[PREDICTIONS_KEY] == TSV_NONE)
		return tsv_error(in->tsv, head, "no column 'key' in the header");
	if (!p->evaluated && !pred)
		return tsv_error(in->tsv, head, "no column 'pred' in the header");
	if (p->keep && !probabilities)
		return tsv_error(in->tsv, head, "no p. columns in the header (nnpredict without --top writes them)");
	if (p->evaluated && !label)
		return tsv_error(in->tsv, head, "no column 'label' in the header");
	if (p->evaluated && !probabilities && !pred && in->top1 == TSV_NONE)
		return tsv_error(in->tsv, head, "neither p. columns nor a column 'pred' in the header");
	if (p->evaluated && p->headers > 0 && probabilities != p->probabilities)
		return tsv_error(in->tsv, head, "%s p. columns, unlike %s", probabilities ? "has" : "has no", p->file);
	return ST_OK;
}

static int
take_header(struct input *in)
{
	const struct tsv_row *head = tsv_header(in->tsv);
	struct predictions *p = in->to;
	bool probabilities = false;
	int rc;

	for (size_t i = 0; i < head->n; i++)
		probabilities |= is_probability(head->field[i]);
	for (size_t i = 0; i < PREDICTIONS_COLUMNS; i++)
		in->column[i] = tsv_column(in->tsv, predictions_columns[i]);
	in->confidence = tsv_column(in->tsv, "confidence");
	in->protocol = tsv_column(in->tsv, "protocol");
	p->says_protocol |= in->protocol != TSV_NONE;
	for (size_t i = 0; i < p->fields; i++)
		if (tsv_column(in->tsv, p->field[i]) == TSV_NONE)
			return tsv_error(in->tsv, head, "no column '%s' in the header (nnpredict --columns %s writes it)", p->field[i],
			                 p->field[i]);
	in->top1 = tsv_column(in->tsv, "top1");
	rc = check_header(in, head, probabilities);
	if (rc == ST_OK && p->evaluated && probabilities)
		rc = match_classes(in, head);
	for (size_t i = 0; i < head->n && rc == ST_OK && !p->evaluated; i++)
		if (is_probability(head->field[i]))
			rc = add_class(in, head, head->field[i] + 2);
	if (in->confidence == TSV_NONE)
		p->no_confidence = p->file;
	p->probabilities = probabilities && (p->headers == 0 || p->probabilities);
	p->headers++;
	return rc;
}

/* True where a row is the header of the next file in what cat put together. */
static bool
is_header(const struct input *in, const struct tsv_row *row)
{
	const char *first = in->to->evaluated ? "label" : "key";
	bool has_first = false, has_pred = false;

	if (strcmp(row->field[0], tsv_header(in->tsv)->field[0]) != 0)
		return false;
	for (size_t i = 0; i < row->n; i++) {
		has_first |= strcmp(row->field[i], first) == 0;
		has_pred |= strcmp(row->field[i], "pred") == 0 || is_probability(row->field[i]);
	}
	return has_first && has_pred;
}

/* Records */

/* The class of the largest probability; pred, from the unrounded ones, decides
 * between those that are equal as printed. */
static int
find_largest(const struct input *in, const struct tsv_row *row, int pred, double *p, int *best)
{
	char *const *class = in->to->class;
	double sum = 0;
	int rc;

	*best = 0;
	for (size_t k = 0; k < in->to->classes; k++) {
		if ((rc = tsv_number(in->tsv, row, in->of_class[k], &p[k])) != ST_OK)
			return rc;
		if (p[k] < 0 || p[k] > 1)
			return tsv_error(in->tsv, row, "column 'p.%s': %g is not between 0 and 1", class[k], p[k]);
		if (p[k] > p[*best])
			*best = (int)k;
		sum += p[k];
	}
	if (fabs(sum - 1) > sum_tolerance)
		return tsv_error(in->tsv, row, "the probabilities add up to %g, not to 1", sum);
	if (pred != METRICS_NONE && p[pred] < p[*best])
		return tsv_error(in->tsv, row, "pred is '%s', but p.%s is larger", class[pred], class[*best]);
	if (pred != METRICS_NONE)
		*best = pred;
	return ST_OK;
}

static int
evaluate_probabilities(const struct input *in, const struct tsv_row *row, const struct prediction *r,
                       struct metrics_record *m, double *p)
{
	const char *label = r->cell[PREDICTIONS_LABEL], *pred = r->cell[PREDICTIONS_PRED];
	int named = predictions_class(in->to, pred), rc;

	m->truth = predictions_class(in->to, label);
	if (m->truth == METRICS_NONE)
		return tsv_error(in->tsv, row, "the label '%s' is none of the classes", label);
	if (in->column[PREDICTIONS_PRED] != TSV_NONE && !m->refused && named == METRICS_NONE)
		return tsv_error(in->tsv, row, "pred '%s' is none of the classes", pred);
	rc = find_largest(in, row, named, p, &m->pred);
	if (rc == ST_OK)
		m->calibration = calibration_of(p, in->to->classes, (size_t)m->pred, (size_t)m->truth);
	return rc;
}

/* Without probabilities: classes are what occurs, and a refusal is none. Their
 * indices follow once all are known, from the cells label and pred. */
static int
evaluate_class(struct input *in, const struct tsv_row *row, struct prediction *r, const struct metrics_record *m)
{
	const char *label = r->cell[PREDICTIONS_LABEL], *pred = r->cell[PREDICTIONS_PRED];
	const char *class = in->top1 == TSV_NONE ? pred : labels_show(in->to->labels, row->field[in->top1]);
	bool none = predictions_refusal(in->to->labels, class);
	int rc = check_class(in, row, label);

	if (rc == ST_OK && !none)
		rc = check_class(in, row, class);
	if (rc == ST_OK && in->column[PREDICTIONS_PRED] != TSV_NONE && !m->refused && strcmp(pred, class) != 0)
		rc = tsv_error(in->tsv, row, "pred is '%s', but top1 is '%s'", pred, class);
	if (rc == ST_OK)
		rc = add_class(in, row, label);
	if (rc == ST_OK && !none)
		rc = add_class(in, row, class);
	r->cell[PREDICTIONS_PRED] = class;
	return rc;
}

static int
evaluate(struct input *in, const struct tsv_row *row, struct prediction *r, struct metrics_record *m, double *p)
{
	if (is_unknown(r->cell[PREDICTIONS_LABEL]))
		return tsv_error(in->tsv, row, "no truth: the label is '%s'", row->field[in->column[PREDICTIONS_LABEL]]);
	m->refused = predictions_refusal(in->to->labels, r->cell[PREDICTIONS_PRED]);
	return in->to->probabilities ? evaluate_probabilities(in, row, r, m, p) : evaluate_class(in, row, r, m);
}

static int
check_record(struct input *in, const struct tsv_row *row, struct prediction *r)
{
	static const enum predictions_column required[] = { PREDICTIONS_KEY, PREDICTIONS_PRED };
	int rc;

	for (size_t i = 0; i < 2; i++)
		if (is_unknown(r->cell[required[i]]))
			return tsv_error(in->tsv, row, "column '%s' is empty", predictions_columns[required[i]]);
	for (size_t i = 0; i < PREDICTIONS_COLUMNS; i++) /* they are written again */
		if (text_check(r->cell[i], strlen(r->cell[i])) != ST_OK)
			return tsv_error(in->tsv, row, "column '%s': %s", predictions_columns[i], err_text());
	if (in->confidence != TSV_NONE) {
		if ((rc = tsv_number(in->tsv, row, in->confidence, &r->confidence)) != ST_OK)
			return rc;
		if (!(r->confidence >= 0 && r->confidence <= 1))
			return tsv_error(in->tsv, row, "confidence %g is not between 0 and 1", r->confidence);
	}
	return add_class(in, row, r->cell[PREDICTIONS_PRED]);
}

/* What those of one evaluation share. */
static int
take_protocol(struct input *in, const struct tsv_row *row)
{
	static const char enrolled[] = PREDICTIONS_ENROLLED;
	const char *name = in->protocol == TSV_NONE ? "-" : row->field[in->protocol];
	bool alone = is_unknown(name) || strcmp(name, PREDICTIONS_ALONE) == 0;
	struct predictions *p = in->to;
	double clips = 0;

	if (!alone && strcmp(name, enrolled) != 0 &&
	    (strncmp(name, enrolled, sizeof enrolled - 1) != 0 || name[sizeof enrolled - 1] != ' ' ||
	     !tsv_parse(name + sizeof enrolled, &clips) || !(clips >= 1 && clips <= 1e15 && clips == floor(clips))))
		return tsv_error(in->tsv, row, "column 'protocol': '%s' is neither alone, enrolled nor enrolled N", name);
	p->protocol_clash = !p->mixed && (alone ? p->enrolled : p->alone);
	if (p->protocol_clash)
		return tsv_error(in->tsv, row, "the speaker is %s, those before are %s: their figures cannot be compared",
		                 alone ? PREDICTIONS_ALONE : enrolled, alone ? enrolled : PREDICTIONS_ALONE);
	if (!alone) {
		p->least = !p->enrolled || clips < p->least ? clips : p->least;
		p->most = clips > p->most ? clips : p->most;
	}
	p->alone |= alone;
	p->enrolled |= !alone;
	return ST_OK;
}

/* The next string of a record's text. */
static const char *
copy_cell(char **end, const char *cell)
{
	const char *own = *end;

	*end = stpcpy(*end, is_unknown(cell) ? "-" : cell) + 1;
	return own;
}

/* Appends a record, with cells of its own. */
static int
append(struct input *in, const struct tsv_row *row, struct prediction r, struct metrics_record m, const double *probability)
{
	struct predictions *p = in->to;
	size_t size = 0;
	char *end;

	if (mem_push(&p->record, p->n, sizeof *p->record) != ST_OK ||
	    mem_push(&p->outcome, p->n, sizeof *p->outcome) != ST_OK ||
	    (p->keep && mem_push(&p->probability, p->n, p->classes * sizeof *probability) != ST_OK))
		return ST_SYS;
	for (size_t i = 0; i < PREDICTIONS_COLUMNS; i++)
		size += strlen(r.cell[i]) + 1;
	for (size_t i = 0; i < p->fields; i++)
		size += strlen(row->field[tsv_column(in->tsv, p->field[i])]) + 2;
	if (mem_grow(&r.text, size, 1) != ST_OK)
		return ST_SYS;
	if (p->fields > 0 && mem_grow(&r.field, p->fields, sizeof *r.field) != ST_OK) {
		free(r.text);
		return ST_SYS;
	}
	end = r.text;
	for (size_t i = 0; i < PREDICTIONS_COLUMNS; i++)
		r.cell[i] = copy_cell(&end, r.cell[i]);
	for (size_t i = 0; i < p->fields; i++)
		r.field[i] = copy_cell(&end, row->field[tsv_column(in->tsv, p->field[i])]);
	if (p->keep)
		memcpy(p->probability + p->n * p->classes, probability, p->classes * sizeof *probability);
	m.calibration.of = p->n;
	p->outcome[p->n] = m;
	p->record[p->n++] = r;
	return ST_OK;
}

static int
take_record(struct input *in, const struct tsv_row *row)
{
	struct predictions *p = in->to;
	struct prediction r = { .text = NULL };
	struct metrics_record m = { .pred = METRICS_NONE, .group = METRICS_NONE };
	double probability[METRICS_CLASSES_MAX] = { 0 };
	int rc = tsv_check_width(in->tsv, row);

	if (rc != ST_OK)
		return rc;
	for (size_t i = 0; i < PREDICTIONS_COLUMNS; i++) {
		const char *cell = in->column[i] == TSV_NONE ? "-" : row->field[in->column[i]];

		if (i == PREDICTIONS_LABEL || i == PREDICTIONS_PRED)
			cell = labels_show(p->labels, cell);
		r.cell[i] = is_unknown(cell) ? "-" : cell;
	}
	rc = p->evaluated ? evaluate(in, row, &r, &m, probability) : check_record(in, row, &r);
	if (rc == ST_DATA && p->skip != NULL && p->skip(rc))
		return ST_OK;
	if (rc == ST_OK && p->evaluated)
		rc = take_protocol(in, row);
	return rc == ST_OK ? append(in, row, r, m, probability) : rc;
}

int
predictions_read(struct predictions *p, const char *file)
{
	struct input in = { .to = p };
	struct tsv_row row;
	int rc = tsv_open(&in.tsv, file, TSV_HEADER | TSV_RAGGED | TSV_WHOLE);

	if (p->file == NULL)
		p->file = strcmp(file, "-") == 0 ? "standard input" : file;
	if (rc == ST_OK)
		rc = take_header(&in);
	while (rc == ST_OK && (rc = tsv_next(in.tsv, &row)) == ST_OK && row.n > 0) {
		if (!is_header(&in, &row))
			rc = take_record(&in, &row);
		else if ((rc = tsv_rehead(in.tsv, &row)) == ST_OK)
			rc = take_header(&in);
	}
	tsv_close(in.tsv);
	return rc;
}

/* All together */

static const struct prediction *
at(const void *sorted)
{
	return *(struct prediction *const *)sorted;
}

static int
compare_groups(const void *a, const void *b)
{
	return strcmp(at(a)->cell[PREDICTIONS_GROUP], at(b)->cell[PREDICTIONS_GROUP]);
}

static int
compare_keys(const void *a, const void *b)
{
	int order = strcmp(at(a)->cell[PREDICTIONS_KEY], at(b)->cell[PREDICTIONS_KEY]);

	return order != 0 ? order : strcmp(at(a)->cell[PREDICTIONS_START], at(b)->cell[PREDICTIONS_START]);
}

static int
compare_classes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Numbers that do not depend on the order of records. */
static void
number_groups(struct predictions *p)
{
	qsort(p->sorted, p->n, sizeof(void *), compare_groups);
	for (size_t i = 0; i < p->n; i++) {
		if (is_unknown(p->sorted[i]->cell[PREDICTIONS_GROUP]))
			continue;
		p->speakers += i == 0 || compare_groups(&p->sorted[i - 1], &p->sorted[i]) != 0;
		p->outcome[p->sorted[i] - p->record].group = (long)p->speakers - 1;
	}
}

static void
number_classes(struct predictions *p)
{
	qsort(p->class, p->classes, sizeof *p->class, compare_classes);
	for (size_t i = 0; i < p->n; i++) {
		p->outcome[i].truth = predictions_class(p, p->record[i].cell[PREDICTIONS_LABEL]);
		p->outcome[i].pred = predictions_class(p, p->record[i].cell[PREDICTIONS_PRED]);
	}
}

static int
sort_keys(struct predictions *p)
{
	qsort(p->sorted, p->n, sizeof(void *), compare_keys);
	for (size_t i = 0; i < p->n; i++) {
		if (is_unknown(p->sorted[i]->cell[PREDICTIONS_KEY]))
			return err_set(ST_DATA, "%s: a record without a key", p->file);
		if (i > 0 && compare_keys(&p->sorted[i - 1], &p->sorted[i]) == 0)
			return err_set(ST_DATA, "%s: %s appears twice", p->file, predictions_name(p->sorted[i]));
	}
	return ST_OK;
}

int
predictions_finish(struct predictions *p, bool keyed)
{
	if (p->n == 0)
		return err_set(ST_DATA, "%s: no records to evaluate", p->file);
	p->sorted = mem_zero(p->n, sizeof(void *));
	if (p->sorted == NULL)
		return ST_SYS;
	for (size_t i = 0; i < p->n; i++)
		p->sorted[i] = &p->record[i];
	if (p->evaluated)
		number_groups(p);
	if (p->evaluated && !p->probabilities)
		number_classes(p);
	return keyed ? sort_keys(p) : ST_OK;
}

const struct prediction *
predictions_find(const struct predictions *p, const struct prediction *key)
{
	struct prediction **found = bsearch(&key, p->sorted, p->n, sizeof(void *), compare_keys);

	return found == NULL ? NULL : *found;
}

const char *
predictions_name(const struct prediction *r)
{
	static char text[256];
	bool window = !is_unknown(r->cell[PREDICTIONS_START]);

	snprintf(text, sizeof text, "'%s'%s%s", r->cell[PREDICTIONS_KEY], window ? " at " : "",
	         window ? r->cell[PREDICTIONS_START] : "");
	return text;
}

const char *
predictions_protocol(const struct predictions *p, char buf[PREDICTIONS_PROTOCOL_MAX])
{
	if (p->alone && p->enrolled)
		strcpy(buf, "mixed protocols");
	else if (p->alone || p->least == 0)
		strcpy(buf, p->alone ? PREDICTIONS_ALONE : PREDICTIONS_ENROLLED);
	else if (p->least == p->most)
		snprintf(buf, PREDICTIONS_PROTOCOL_MAX, PREDICTIONS_ENROLLED " (%.0f)", p->least);
	else
		snprintf(buf, PREDICTIONS_PROTOCOL_MAX, PREDICTIONS_ENROLLED " (%.0f-%.0f)", p->least, p->most);
	return buf;
}

void
predictions_free(struct predictions *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->record[i].text);
		free(p->record[i].field);
	}
	for (size_t i = 0; i < p->classes; i++)
		free(p->class[i]);
	free(p->record);
	free(p->outcome);
	free(p->probability);
	free(p->sorted);
	free(p->class);
	*p = (struct predictions){ 0 };
}
