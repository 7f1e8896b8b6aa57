#include "judge/rules.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/tsv.h"

static const size_t cases_max = 5000000;

/* Reading: a line becomes words, these become conditions and an answer. */

enum { WORDS_MAX = 64 };

struct line {
	const struct tsv *in;
	const struct tsv_row *row;
	char *word[WORDS_MAX];
	size_t n;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The word that begins at p, up to a blank outside of quotes. */
static char *
word_end(char *p)
{
	bool quoted = false;

	for (; *p != '\0' && (quoted || !is_blank(*p)); p++)
		quoted ^= *p == '"';
	return quoted ? NULL : p;
}

/* Splits one field, as tabs separate words too; '#' begins a comment. */
static int
split_field(struct line *l, char *p, bool *comment)
{
	char *end;

	while (!*comment) {
		while (is_blank(*p))
			p++;
		*comment = *p == '#';
		if (*p == '\0' || *comment)
			break;
		if (l->n == WORDS_MAX)
			return tsv_error(l->in, l->row, "more than %d words", WORDS_MAX);
		end = word_end(p);
		if (end == NULL)
			return tsv_error(l->in, l->row, "a quote is not closed");
		l->word[l->n++] = p;
		if (*end == '\0')
			break;
		*end = '\0';
		p = end + 1;
	}
	return ST_OK;
}

static size_t
find_name(const struct rules *r, const char *name, size_t len)
{
	for (size_t i = 0; i < r->modalities; i++)
		if (strlen(r->name[i]) == len && strncmp(r->name[i], name, len) == 0)
			return i;
	return RULES_NONE;
}

static int
find_modality(const struct rules *r, const struct line *l, const char *name, size_t len, size_t *who)
{
	*who = find_name(r, name, len);
	return *who == RULES_NONE ? tsv_error(l->in, l->row, "there is no modality '%.*s'", (int)len, name) : ST_OK;
}

/* Takes the quotes off a label; what is left must not be empty. */
static int
unquote(const struct line *l, char **text)
{
	size_t n = strlen(*text);

	if ((*text)[0] == '"' && n > 1 && (*text)[n - 1] == '"') {
		(*text)[n - 1] = '\0';
		(*text)++;
	}
	if ((*text)[0] == '\0' || strcmp(*text, "-") == 0 || strchr(*text, '"') != NULL)
		return tsv_error(l->in, l->row, "'%s' cannot be a label", *text);
	return ST_OK;
}

static size_t
find_label(const struct rules *r, const char *label)
{
	for (size_t i = 0; i < r->labels; i++)
		if (strcmp(r->label[i], label) == 0)
			return i;
	return RULES_NONE;
}

static int
add_label(struct rules *r, const char *label, size_t *number)
{
	*number = find_label(r, label);
	if (*number != RULES_NONE)
		return ST_OK;
	if (mem_push(&r->label, r->labels, sizeof *r->label) != ST_OK ||
	    (r->label[r->labels] = mem_str(label)) == NULL)
		return ST_SYS;
	*number = r->labels++;
	return ST_OK;
}

/* What an answer is compared with: a label, or $NAME. */
static int
read_answer(struct rules *r, const struct line *l, char *text, size_t *label, size_t *other)
{
	int rc;

	*label = *other = RULES_NONE;
	if (text[0] == '$')
		return find_modality(r, l, text + 1, strlen(text + 1), other);
	rc = unquote(l, &text);
	return rc == ST_OK ? add_label(r, text, label) : rc;
}

static int
read_level(const struct line *l, const char *word, const char *text, double *level)
{
	char *end;

	*level = strtod(text, &end);
	if (*text == '\0' || *end != '\0' || strspn(text, "0123456789.eE-") != strlen(text) || !(*level >= 0 && *level <= 1))
		return tsv_error(l->in, l->row, "'%s': a confidence between 0 and 1 is wanted", word);
	return ST_OK;
}

static bool
is_relation(const char *p, const char *text)
{
	return strncmp(p, text, strlen(text)) == 0;
}

/* conf<X, conf.NAME>=X and so on; at is where the relation stands. */
static int
read_confidence(struct rules *r, const struct line *l, const char *word, const char *at, struct rules_condition *c)
{
	static const char *const relations[] = { "<=", ">=", "<", ">" };
	static const enum rules_relation meaning[] = { RULES_AT_MOST, RULES_AT_LEAST, RULES_BELOW, RULES_ABOVE };
	size_t i = 0;
	int rc = ST_OK;

	c->who = c->label = c->other = RULES_NONE;
	if (at - word > 5)
		rc = find_modality(r, l, word + 5, (size_t)(at - word) - 5, &c->who);
	while (i < 4 && !is_relation(at, relations[i]))
		i++;
	if (rc == ST_OK && i == 4)
		rc = tsv_error(l->in, l->row, "'%s': a confidence is compared by < <= > or >=", word);
	if (rc != ST_OK)
		return rc;
	c->relation = meaning[i];
	return read_level(l, word, at + strlen(relations[i]), &c->level);
}

/* Adds the condition that a word says; NAME=* says nothing. */
static int
read_condition(struct rules *r, const struct line *l, char *word, struct rules_rule *rule)
{
	struct rules_condition c = { 0 };
	char *at = word + strcspn(word, "=!<>"), *value;
	int rc;

	if (strncmp(word, "conf", 4) == 0 && (at - word == 4 || word[4] == '.')) {
		rc = read_confidence(r, l, word, at, &c);
	} else if (!is_relation(at, "=") && !is_relation(at, "!=")) {
		return tsv_error(l->in, l->row, "'%s' is no condition (NAME=LABEL, NAME!=LABEL, conf<X)", word);
	} else {
		value = at + (*at == '!' ? 2 : 1);
		c.relation = *at == '!' ? RULES_IS_NOT : RULES_IS;
		rc = find_modality(r, l, word, (size_t)(at - word), &c.who);
		if (rc == ST_OK && strcmp(value, "*") == 0)
			return c.relation == RULES_IS ? ST_OK : tsv_error(l->in, l->row, "'%s' can never hold", word);
		if (rc == ST_OK)
			rc = read_answer(r, l, value, &c.label, &c.other);
	}
	if (rc == ST_OK)
		rc = mem_push(&rule->when, rule->n, sizeof *rule->when);
	if (rc == ST_OK)
		rule->when[rule->n++] = c;
	return rc;
}

static char *
join_words(const struct line *l)
{
	size_t bytes = 1;
	char *text, *p;

	for (size_t i = 0; i < l->n; i++)
		bytes += strlen(l->word[i]) + 1;
	p = text = mem_zero(bytes, 1);
	for (size_t i = 0; text != NULL && i < l->n; i++) {
		if (i > 0)
			*p++ = ' ';
		p = stpcpy(p, l->word[i]);
	}
	return text;
}

static int
read_outcome(struct rules *r, const struct line *l, char *text, struct rules_rule *rule)
{
	int rc;

	rule->who = RULES_NONE;
	if (text[0] == '$')
		return find_modality(r, l, text + 1, strlen(text + 1), &rule->who);
	rc = unquote(l, &text);
	if (rc == ST_OK && (rule->answer = mem_str(text)) == NULL)
		rc = ST_SYS;
	return rc;
}

/* CONDITION... -> ANSWER */
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
	*rule = (struct rules_rule){ .line = l->row->line, .text = join_words(l) };
	if (rule->text == NULL)
		return ST_SYS;
	for (size_t i = 0; i < conditions && !otherwise && rc == ST_OK; i++)
		rc = read_condition(r, l, l->word[i], rule);
	return rc == ST_OK ? read_outcome(r, l, l->word[l->n - 1], rule) : rc;
}

/* labels NAME LABEL... */
static int
read_declaration(struct rules *r, struct line *l)
{
	struct rules_declared d;
	int rc = l->n < 3 ? tsv_error(l->in, l->row, "'labels' wants a modality and its labels")
	                  : find_modality(r, l, l->word[1], strlen(l->word[1]), &d.who);

	for (size_t i = 2; i < l->n && rc == ST_OK; i++) {
		rc = unquote(l, &l->word[i]);
		if (rc == ST_OK)
			rc = add_label(r, l->word[i], &d.label);
		if (rc == ST_OK)
			rc = mem_push(&r->declared, r->declarations, sizeof *r->declared);
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
		return tsv_error(in, row, "'CONDITION... -> ANSWER' is wanted");
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
		free(r->rule[i].when);
		free(r->rule[i].answer);
		free(r->rule[i].text);
	}
	for (size_t i = 0; i < r->labels; i++)
		free(r->label[i]);
	free(r->rule);
	free(r->label);
	free(r->declared);
	free(r->file);
	*r = (struct rules){ 0 };
}

/* Applying. An answer is the number of its label; those that no rule names
 * have the numbers from rules.labels on, equal ones the same. */

static double
smallest(const double *conf, size_t n)
{
	double least = conf[0];

	for (size_t i = 1; i < n; i++)
		least = conf[i] < least ? conf[i] : least;
	return least;
}

static bool
holds(const struct rules *r, const struct rules_condition *c, const size_t *answer, const double *conf)
{
	double x;

	if (c->relation == RULES_IS || c->relation == RULES_IS_NOT) {
		size_t want = c->other == RULES_NONE ? c->label : answer[c->other];

		return (answer[c->who] == want) == (c->relation == RULES_IS);
	}
	x = c->who == RULES_NONE ? smallest(conf, r->modalities) : conf[c->who];
	switch (c->relation) {
	case RULES_BELOW:
		return x < c->level;
	case RULES_AT_MOST:
		return x <= c->level;
	case RULES_ABOVE:
		return x > c->level;
	default:
		return x >= c->level;
	}
}

static bool
applies(const struct rules *r, size_t rule, const size_t *answer, const double *conf)
{
	const struct rules_rule *x = &r->rule[rule];
	size_t i = 0;

	while (i < x->n && holds(r, &x->when[i], answer, conf))
		i++;
	return i == x->n;
}

size_t
rules_first(const struct rules *r, const char *const *answer, const double *conf)
{
	size_t number[RULES_MODALITIES_MAX], rule = 0;

	for (size_t i = 0; i < r->modalities; i++) {
		size_t same = 0;

		number[i] = find_label(r, answer[i]);
		while (same < i && strcmp(answer[same], answer[i]) != 0)
			same++;
		if (number[i] == RULES_NONE)
			number[i] = r->labels + same;
	}
	while (rule < r->n && !applies(r, rule, number, conf))
		rule++;
	return rule < r->n ? rule : RULES_NONE;
}

const char *
rules_answer(const struct rules *r, size_t rule, const char *const *answer)
{
	return r->rule[rule].answer != NULL ? r->rule[rule].answer : answer[r->rule[rule].who];
}

/* Checking: the rules are tried on every case they tell apart. */

struct cases {
	size_t *answer[RULES_MODALITIES_MAX]; /* numbers of labels to try */
	size_t answers[RULES_MODALITIES_MAX];
	double *level[RULES_MODALITIES_MAX]; /* confidences to try */
	size_t levels[RULES_MODALITIES_MAX];
	uint64_t *both;  /* (n,n): cases to which rules i and j apply */
	uint64_t *taken; /* (n): cases where the rule is the first */
	size_t *now;     /* (n): the rules that apply to a case */
};

static bool
compares_answers(const struct rules *r)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->rule[i].n; k++)
			if (r->rule[i].when[k].other != RULES_NONE)
				return true;
	return false;
}

/* who RULES_NONE: of any modality. */
static bool
asks_for(const struct rules *r, size_t who, size_t label)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->rule[i].n; k++)
			if (r->rule[i].when[k].label == label && (who == RULES_NONE || r->rule[i].when[k].who == who))
				return true;
	return false;
}

/* The labels asked for, and one that is not; where answers are compared with
 * each other, all that any is asked for, and as many others as there can be at a time. */
static int
list_answers(const struct rules *r, struct cases *c, size_t who)
{
	bool compared = compares_answers(r);
	size_t *list = c->answer[who] = mem_zero(r->labels + r->modalities, sizeof *list);

	if (list == NULL)
		return ST_SYS;
	for (size_t i = 0; i < r->labels; i++)
		if (asks_for(r, compared ? RULES_NONE : who, i))
			list[c->answers[who]++] = i;
	for (size_t i = 0; i < (compared ? r->modalities : 1); i++)
		list[c->answers[who]++] = r->labels + i;
	return ST_OK;
}

static int
compare_levels(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The levels asked for, and a confidence between each two, from 0 to 1. */
static int
list_levels(const struct rules *r, struct cases *c, size_t who)
{
	size_t total = 0, n = 0;
	double *list, last = 0;

	for (size_t i = 0; i < r->n; i++)
		total += r->rule[i].n;
	list = c->level[who] = mem_zero(2 * total + 1, sizeof *list);
	if (list == NULL)
		return ST_SYS;
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->rule[i].n; k++) {
			const struct rules_condition *x = &r->rule[i].when[k];

			if (x->relation >= RULES_BELOW && (x->who == who || x->who == RULES_NONE))
				list[n++] = x->level;
		}
	qsort(list, n, sizeof *list, compare_levels);
	total = n;
	for (size_t i = 0; i <= total; i++) {
		double next = i < total ? list[i] : 1;

		if (next > last)
			list[n++] = (last + next) / 2;
		last = next;
	}
	c->levels[who] = n;
	return ST_OK;
}

static void
try_case(const struct rules *r, struct cases *c, const size_t *answer, const double *conf, bool *gap)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (applies(r, i, answer, conf))
			c->now[n++] = i;
	*gap |= n == 0;
	if (n > 0)
		c->taken[c->now[0]]++;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k <= i; k++)
			c->both[c->now[i] * r->n + c->now[k]]++;
}

/* All cases, counted like an odometer; true where one has no rule. */
static bool
try_all(const struct rules *r, struct cases *c)
{
	size_t at[2 * RULES_MODALITIES_MAX] = { 0 }, answer[RULES_MODALITIES_MAX], m = r->modalities, turn = 0;
	double conf[RULES_MODALITIES_MAX];
	bool gap = false;

	while (turn < 2 * m) {
		for (size_t i = 0; i < m; i++) {
			answer[i] = c->answer[i][at[i]];
			conf[i] = c->level[i][at[m + i]];
		}
		try_case(r, c, answer, conf, &gap);
		for (turn = 0; turn < 2 * m; turn++) {
			if (++at[turn] < (turn < m ? c->answers[turn] : c->levels[turn - m]))
				break;
			at[turn] = 0;
		}
	}
	return gap;
}

static int
judge_rule(const struct rules *r, const struct cases *c, size_t j)
{
	const struct rules_rule *rule = &r->rule[j];
	uint64_t own = c->both[j * r->n + j];

	if (own == 0)
		return err_set(ST_DATA, "%s: line %lu: the conditions exclude each other", r->file, rule->line);
	for (size_t i = 0; i < j; i++) {
		const struct rules_rule *before = &r->rule[i];
		bool alike = before->who == rule->who && (before->answer == NULL || strcmp(before->answer, rule->answer) == 0);

		if (c->both[j * r->n + i] < own)
			continue;
		if (c->both[i * r->n + i] > own)
			return err_set(ST_DATA, "%s: line %lu can never apply: line %lu takes all its cases", r->file, rule->line,
			               before->line);
		return err_set(ST_DATA, "%s: line %lu %s line %lu, which has the same cases%s", r->file, rule->line,
		               alike ? "repeats" : "contradicts", before->line, alike ? "" : " and another answer");
	}
	if (c->taken[j] == 0)
		return err_set(ST_DATA, "%s: line %lu can never apply: the lines before it take all its cases", r->file,
		               rule->line);
	return ST_OK;
}

static int
prepare(const struct rules *r, struct cases *c, bool *few)
{
	size_t total = 1;
	int rc = ST_OK;

	*few = true;
	c->both = mem_zero(r->n * r->n, sizeof *c->both);
	c->taken = mem_zero(r->n, sizeof *c->taken);
	c->now = mem_zero(r->n, sizeof *c->now);
	if (c->both == NULL || c->taken == NULL || c->now == NULL)
		return ST_SYS;
	for (size_t i = 0; i < r->modalities && rc == ST_OK; i++) {
		rc = list_answers(r, c, i);
		if (rc == ST_OK)
			rc = list_levels(r, c, i);
		*few = *few && rc == ST_OK && !__builtin_mul_overflow(total, c->answers[i] * c->levels[i], &total) &&
		       total <= cases_max;
	}
	return rc;
}

int
rules_check(const struct rules *r, bool *checked)
{
	struct cases c = { 0 };
	bool gap = false;
	int rc = prepare(r, &c, checked);

	if (rc == ST_OK && *checked)
		gap = try_all(r, &c);
	for (size_t j = 0; j < r->n && rc == ST_OK && *checked; j++)
		rc = judge_rule(r, &c, j);
	if (rc == ST_OK && gap)
		rc = err_set(ST_DATA, "%s: some cases have no rule; 'else -> ANSWER' as the last line takes them", r->file);
	for (size_t i = 0; i < r->modalities; i++) {
		free(c.answer[i]);
		free(c.level[i]);
	}
	free(c.both);
	free(c.taken);
	free(c.now);
	return rc;
}
