#include "judge/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tsv.h"

static const size_t steps_max = 1000000; /* of rules_check: about a second */

/* Reading: a line becomes words, these become conditions and a prediction. */

enum { WORDS_MAX = 64 };

struct line {
	const struct tsv *in;
	const struct tsv_row *row;
	char *word[WORDS_MAX];
	size_t n;
};

/* Splits one field, as tabs separate words too; '#' begins a comment. */
static int
split_field(struct line *l, char *p, bool *comment)
{
	while (!*comment) {
		bool quoted = false;

		p += strspn(p, " ");
		*comment = *p == '#';
		if (*p == '\0' || *comment)
			break;
		if (l->n == WORDS_MAX)
			return tsv_error(l->in, l->row, "more than %d words", WORDS_MAX);
		l->word[l->n++] = p;
		for (; *p != '\0' && (quoted || *p != ' '); p++)
			quoted ^= *p == '"';
		if (quoted)
			return tsv_error(l->in, l->row, "a quote is not closed");
		if (*p != '\0')
			*p++ = '\0';
	}
	return ST_OK;
}

static int
find_modality(const struct rules *r, const struct line *l, const char *name, size_t len, size_t *who)
{
	for (*who = 0; *who < r->modalities; ++*who)
		if (strlen(r->name[*who]) == len && strncmp(r->name[*who], name, len) == 0)
			return ST_OK;
	return tsv_error(l->in, l->row, "there is no modality '%.*s'", (int)len, name);
}

/* A label without its quotes, which must not be empty. */
static int
read_label(const struct line *l, char *text, char **label)
{
	size_t n = strlen(text);

	if (text[0] == '"' && n > 1 && text[n - 1] == '"') {
		text[n - 1] = '\0';
		text++;
	}
	if (text[0] == '\0' || strcmp(text, "-") == 0 || strchr(text, '"') != NULL)
		return tsv_error(l->in, l->row, "'%s' cannot be a label", text);
	*label = mem_str(text);
	return *label == NULL ? ST_SYS : ST_OK;
}

/* A label, or $NAME: that modality's. */
static int
read_prediction(const struct rules *r, const struct line *l, char *text, char **label, size_t *who)
{
	if (text[0] == '$')
		return find_modality(r, l, text + 1, strlen(text + 1), who);
	return read_label(l, text, label);
}

/* conf<X, conf.NAME>=X and so on; at is the relation in word. */
static int
read_confidence(const struct rules *r, const struct line *l, const char *word, const char *at,
                struct rules_condition *c)
{
	bool equal = at[0] != '\0' && at[1] == '=';
	const char *text = at + (equal ? 2 : 1);
	char *end;
	int rc = at - word > 5 ? find_modality(r, l, word + 5, (size_t)(at - word) - 5, &c->who) : ST_OK;

	if (rc != ST_OK)
		return rc;
	if (*at != '<' && *at != '>')
		return tsv_error(l->in, l->row, "'%s': a confidence is compared by < <= > or >=", word);
	c->relation = *at == '<' ? RULES_AT_MOST : RULES_AT_LEAST;
	c->level = strtod(text, &end);
	if (*text == '\0' || *end != '\0' || strspn(text, "0123456789.eE-") != strlen(text) ||
	    !(c->level >= 0 && c->level <= 1))
		return tsv_error(l->in, l->row, "'%s': a confidence between 0 and 1 is required", word);
	if (!equal)
		c->level = nextafter(c->level, *at == '<' ? -1 : 2);
	return ST_OK;
}

/* Adds the condition that a word says; NAME=* says nothing. */
static int
read_condition(const struct rules *r, const struct line *l, char *word, struct rules_rule *rule)
{
	struct rules_condition c = { .who = RULES_NONE, .other = RULES_NONE };
	char *at = word + strcspn(word, "=!<>");
	bool negated = *at == '!';
	int rc;

	if (strncmp(word, "conf", 4) == 0 && (at - word == 4 || word[4] == '.')) {
		rc = read_confidence(r, l, word, at, &c);
	} else if (at[negated] != '=') {
		return tsv_error(l->in, l->row, "'%s' is no condition (NAME=LABEL, NAME!=LABEL, conf<X)", word);
	} else {
		c.relation = negated ? RULES_IS_NOT : RULES_IS;
		rc = find_modality(r, l, word, (size_t)(at - word), &c.who);
		at += negated + 1;
		if (rc == ST_OK && strcmp(at, "*") == 0)
			return negated ? tsv_error(l->in, l->row, "'%s' can never hold", word) : ST_OK;
		if (rc == ST_OK)
			rc = read_prediction(r, l, at, &c.label, &c.other);
	}
	if (rc == ST_OK)
		rc = mem_push(&rule->when, rule->n, sizeof *rule->when);
	if (rc == ST_OK)
		rule->when[rule->n++] = c;
	else
		free(c.label);
	return rc;
}

static int
join_words(const struct line *l, char **text)
{
	struct str all = { 0 };

	for (size_t i = 0; i < l->n; i++)
		str_addf(&all, "%s%s", i == 0 ? "" : " ", l->word[i]);
	return str_take(&all, text);
}

/* CONDITION... -> PREDICTION */
static int
read_rule(struct rules *r, struct line *l)
{
	size_t conditions = l->n - 2;
	bool otherwise = strcmp(l->word[0], "else") == 0 && conditions == 1;
	struct rules_rule *rule;
	int rc = mem_push(&r->rule, r->n, sizeof *r->rule);

	if (rc != ST_OK)
		return rc;
	rule = &r->rule[r->n++];
	*rule = (struct rules_rule){ .who = RULES_NONE, .line = l->row->line };
	rc = join_words(l, &rule->text);
	for (size_t i = 0; i < conditions && !otherwise && rc == ST_OK; i++)
		rc = read_condition(r, l, l->word[i], rule);
	return rc == ST_OK ? read_prediction(r, l, l->word[l->n - 1], &rule->label, &rule->who) : rc;
}

/* labels NAME LABEL... */
static int
read_declaration(struct rules *r, struct line *l)
{
	struct rules_declared d = { .who = RULES_NONE };
	int rc = l->n < 3 ? tsv_error(l->in, l->row, "'labels' requires a modality and its labels")
	                  : find_modality(r, l, l->word[1], strlen(l->word[1]), &d.who);

	for (size_t i = 2; i < l->n && rc == ST_OK; i++) {
		if ((rc = mem_push(&r->declared, r->declarations, sizeof *r->declared)) == ST_OK)
			rc = read_label(l, l->word[i], &d.label);
		if (rc == ST_OK)
			r->declared[r->declarations++] = d;
	}
	return rc;
}

static int
read_line(struct rules *r, const struct tsv *in, const struct tsv_row *row)
{
	struct line l = { .in = in, .row = row };
	bool comment = false;
	int rc = ST_OK;

	for (size_t i = 0; i < row->n && rc == ST_OK; i++)
		rc = split_field(&l, row->field[i], &comment);
	if (rc != ST_OK || l.n == 0)
		return rc;
	if (strcmp(l.word[0], "labels") == 0)
		return read_declaration(r, &l);
	if (l.n < 3 || strcmp(l.word[l.n - 2], "->") != 0)
		return tsv_error(in, row, "'CONDITION... -> PREDICTION' is required");
	return read_rule(r, &l);
}

int
rules_read(struct rules *r, const char *file, const char *const *name, size_t modalities)
{
	struct tsv *in = NULL;
	struct tsv_row row;
	int rc = tsv_open(&in, file, TSV_COMMENTS | TSV_RAGGED);

	*r = (struct rules){ .name = name, .modalities = modalities };
	if (rc == ST_OK && (r->file = mem_str(tsv_name(in))) == NULL)
		rc = ST_SYS;
	while (rc == ST_OK && (rc = tsv_next(in, &row)) == ST_OK && row.n > 0)
		rc = read_line(r, in, &row);
	if (rc == ST_OK && r->n == 0)
		rc = err_set(ST_DATA, "%s: no rules", r->file);
	tsv_close(in);
	return rc;
}

void
rules_free(struct rules *r)
{
	for (size_t i = 0; i < r->n; i++) {
		for (size_t k = 0; k < r->rule[i].n; k++)
			free(r->rule[i].when[k].label);
		free(r->rule[i].when);
		free(r->rule[i].label);
		free(r->rule[i].text);
	}
	for (size_t i = 0; i < r->declarations; i++)
		free(r->declared[i].label);
	free(r->rule);
	free(r->declared);
	free(r->file);
	*r = (struct rules){ 0 };
}

/* Applying */

static bool
holds(const struct rules *r, const struct rules_condition *c, const char *const *pred, const double *conf)
{
	size_t from = c->who == RULES_NONE ? 0 : c->who, to = c->who == RULES_NONE ? r->modalities : c->who + 1;
	double least = 1;

	if (c->relation == RULES_IS || c->relation == RULES_IS_NOT)
		return (strcmp(pred[c->who], c->label != NULL ? c->label : pred[c->other]) == 0) == (c->relation == RULES_IS);
	for (size_t i = from; i < to; i++)
		least = conf[i] < least ? conf[i] : least;
	return c->relation == RULES_AT_MOST ? least <= c->level : least >= c->level;
}

size_t
rules_first(const struct rules *r, const char *const *pred, const double *conf)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct rules_rule *rule = &r->rule[i];
		size_t k = 0;

		while (k < rule->n && holds(r, &rule->when[k], pred, conf))
			k++;
		if (k == rule->n)
			return i;
	}
	return RULES_NONE;
}

const char *
rules_predict(const struct rules *r, size_t rule, const char *const *pred)
{
	return r->rule[rule].label != NULL ? r->rule[rule].label : pred[r->rule[rule].who];
}

/* Checking. A region is the cases for which some conditions all hold. What rules
 * leave of it is found by taking one after the other away, which leaves a smaller
 * region for each of the rule's conditions: where that one is the first not to hold. */

struct check {
	const struct rules *r;
	struct rules_condition *region;
	size_t n, steps;
};

static void
push(struct check *k, const struct rules_condition *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		k->region[k->n++] = c[i];
}

static struct rules_condition
opposite(struct rules_condition c)
{
	static const enum rules_relation of[] = { RULES_IS_NOT, RULES_IS, RULES_AT_LEAST, RULES_AT_MOST };

	if (c.relation == RULES_AT_MOST || c.relation == RULES_AT_LEAST)
		c.level = nextafter(c.level, c.relation == RULES_AT_MOST ? 2 : -1);
	c.relation = of[c.relation];
	return c;
}

/* Whether some predictions are as the region requires. There is always one more label that
 * nothing names, so only what is equal can contradict: same has for each modality the
 * first of those that it must be equal to, label what these must be. */
static bool
some_predictions(const struct check *k)
{
	const struct rules_condition *end = k->region + k->n;
	size_t same[RULES_MODALITIES_MAX];
	const char *label[RULES_MODALITIES_MAX] = { NULL };

	for (size_t i = 0; i < k->r->modalities; i++)
		same[i] = i;
	for (const struct rules_condition *c = k->region; c < end; c++)
		if (c->relation == RULES_IS && c->label == NULL) {
			size_t from = same[c->other], to = same[c->who];

			for (size_t i = 0; i < k->r->modalities; i++)
				same[i] = same[i] == from ? to : same[i];
		}
	for (const struct rules_condition *c = k->region; c < end; c++)
		if (c->relation == RULES_IS && c->label != NULL) {
			const char **must = &label[same[c->who]];

			if (*must != NULL && strcmp(*must, c->label) != 0)
				return false;
			*must = c->label;
		}
	for (const struct rules_condition *c = k->region; c < end; c++)
		if (c->relation == RULES_IS_NOT) {
			const char *must = label[same[c->who]], *not = c->label != NULL ? c->label : label[same[c->other]];

			if (must != NULL && not != NULL ? strcmp(must, not) == 0
			                                : c->label == NULL && same[c->who] == same[c->other])
				return false;
		}
	return true;
}

/* Whether some confidences are: each between its bounds, and one at most least. */
static bool
some_confidences(const struct check *k)
{
	double low[RULES_MODALITIES_MAX] = { 0 }, high[RULES_MODALITIES_MAX], least = 1, lowest = 1;

	for (size_t i = 0; i < k->r->modalities; i++)
		high[i] = 1;
	for (const struct rules_condition *c = k->region; c < k->region + k->n; c++) {
		if (c->relation == RULES_AT_MOST && c->who == RULES_NONE)
			least = fmin(least, c->level);
		else if (c->relation == RULES_AT_MOST)
			high[c->who] = fmin(high[c->who], c->level);
		for (size_t i = 0; c->relation == RULES_AT_LEAST && i < k->r->modalities; i++)
			if (c->who == i || c->who == RULES_NONE)
				low[i] = fmax(low[i], c->level);
	}
	for (size_t i = 0; i < k->r->modalities; i++) {
		if (low[i] > high[i])
			return false;
		lowest = fmin(lowest, low[i]);
	}
	return lowest <= least;
}

static bool
is_possible(const struct check *k)
{
	return some_predictions(k) && some_confidences(k);
}

/* Whether rules [i,end) take all cases of the region; true where steps run out. */
static bool
is_taken(struct check *k, size_t i, size_t end) /* NOLINT(misc-no-recursion): as deep as there are rules, in steps_max steps */
{
	size_t n = k->n;
	bool apart, all = true;

	if (++k->steps > steps_max || !is_possible(k))
		return true;
	if (i == end)
		return false;
	push(k, k->r->rule[i].when, k->r->rule[i].n);
	apart = !is_possible(k);
	k->n = n;
	if (apart)
		return is_taken(k, i + 1, end);
	for (size_t c = 0; c < k->r->rule[i].n && all; c++) {
		k->region[k->n++] = opposite(k->r->rule[i].when[c]);
		all = is_taken(k, i + 1, end);
		k->region[k->n - 1] = k->r->rule[i].when[c];
	}
	k->n = n;
	return all;
}

/* Whether rules [from,to) take all cases of rule i. */
static bool
is_rule_taken(struct check *k, size_t i, size_t from, size_t to)
{
	k->n = 0;
	push(k, k->r->rule[i].when, k->r->rule[i].n);
	return is_taken(k, from, to);
}

static int
check_rule(struct check *k, size_t j)
{
	const struct rules *r = k->r;
	const struct rules_rule *rule = &r->rule[j];

	if (is_rule_taken(k, j, 0, 0))
		return err_set(ST_DATA, "%s: line %lu: the conditions exclude each other", r->file, rule->line);
	for (size_t i = 0; i < j; i++) {
		const struct rules_rule *before = &r->rule[i];
		bool alike = before->who == rule->who && (before->label == NULL || strcmp(before->label, rule->label) == 0);

		if (!is_rule_taken(k, j, i, i + 1))
			continue;
		if (!is_rule_taken(k, i, j, j + 1))
			return err_set(ST_DATA, "%s: line %lu can never apply: line %lu takes all its cases", r->file, rule->line,
			               before->line);
		return err_set(ST_DATA, "%s: line %lu %s line %lu, which has the same cases%s", r->file, rule->line,
		               alike ? "repeats" : "contradicts", before->line, alike ? "" : " and another prediction");
	}
	if (is_rule_taken(k, j, 0, j))
		return err_set(ST_DATA, "%s: line %lu can never apply: the lines before it take all its cases", r->file,
		               rule->line);
	return ST_OK;
}

int
rules_check(const struct rules *r, bool *checked)
{
	struct check k = { .r = r };
	size_t conditions = 0;
	int rc = ST_OK;

	for (size_t i = 0; i < r->n; i++)
		conditions += r->rule[i].n;
	k.region = mem_zero(2 * conditions, sizeof *k.region);
	if (k.region == NULL)
		return ST_SYS;
	for (size_t j = 0; j < r->n && rc == ST_OK; j++)
		rc = check_rule(&k, j);
	k.n = 0;
	if (rc == ST_OK && !is_taken(&k, 0, r->n))
		rc = err_set(ST_DATA, "%s: some cases have no rule; 'else -> PREDICTION' as the last line takes them", r->file);
	free(k.region);
	*checked = k.steps <= steps_max;
	return *checked ? rc : ST_OK; /* beyond it, is_taken says yes */
}
