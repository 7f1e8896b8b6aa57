#include "functional/functional.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/tsv.h"
#include "base/words.h"

enum { STATS_MAX = 4096 }; /* of a line */

const char *const functional_derivation_names[] = { "delta", "delta2", "recorded", "diff", NULL };

static const struct functional_frames known_frames[] = {
	[FUNCTIONAL_ALL] = { "all", NAN, NAN, 0, NULL, false },
	{ "voiced", 0.55, 35, 8, "mel*", false },
	{ "loud", NAN, 30, 8, "mel*", false },
};
enum { KNOWN_FRAMES = sizeof known_frames / sizeof known_frames[0] };

/* A name of "" ends a table. */
static const struct functional_stat sequence_stats[] = {
	{ "mean", FUNCTIONAL_MEAN, 0, 0 },         { "sd", FUNCTIONAL_SD, 0, 0 },
	{ "absdiff", FUNCTIONAL_ABSDIFF, 0, 0 },   { "diffsd", FUNCTIONAL_DIFFSD, 0, 0 },
	{ "slope", FUNCTIONAL_SLOPE, 0, 0 },       { "skewness", FUNCTIONAL_SKEWNESS, 0, 0 },
	{ "kurtosis", FUNCTIONAL_KURTOSIS, 0, 0 }, { "argmax", FUNCTIONAL_ARGMAX, 0, 0 },
	{ "argmin", FUNCTIONAL_ARGMIN, 0, 0 },     { "min", FUNCTIONAL_QUANTILE, NAN, 0 },
	{ "max", FUNCTIONAL_QUANTILE, NAN, 100 },  { "median", FUNCTIONAL_QUANTILE, NAN, 50 },
	{ "range", FUNCTIONAL_QUANTILE, 0, 100 },  { "iqr", FUNCTIONAL_QUANTILE, 25, 75 },
	{ "", FUNCTIONAL_MEAN, 0, 0 },
};
static const struct functional_stat run_stats[] = {
	{ "count", FUNCTIONAL_COUNT, 0, 0 }, { "mean", FUNCTIONAL_RUN_MEAN, 0, 0 }, { "max", FUNCTIONAL_RUN_MAX, 0, 0 },
	{ "sd", FUNCTIONAL_RUN_SD, 0, 0 },   { "share", FUNCTIONAL_SHARE, 0, 0 },   { "rate", FUNCTIONAL_RATE, 0, 0 },
	{ "", FUNCTIONAL_COUNT, 0, 0 },
};
static const struct functional_stat record_stats[] = {
	{ "frames", FUNCTIONAL_FRAMES, 0, 0 },
	{ "seconds", FUNCTIONAL_SECONDS, 0, 0 },
	{ "level", FUNCTIONAL_LEVEL, 0, 0 },
	{ "", FUNCTIONAL_FRAMES, 0, 0 },
};

/* The nearest name */

struct functional_near
functional_near(const char *word, size_t n)
{
	return (struct functional_near){ word, n, words_slips(n), NULL };
}

void
functional_consider(struct functional_near *near, const char *name)
{
	if (words_nearer(near->word, near->n, name, &near->slips))
		near->name = name;
}

int
functional_unknown(const struct functional *f, const struct recipe_step *s, size_t word,
                   const struct functional_near *near, const char *message, const char *other)
{
	if (near->name == NULL)
		return recipe_error(&f->recipe, s, word, "'%.*s' %s%s", (int)near->n, near->word, message, other);
	return recipe_error(&f->recipe, s, word, "'%.*s' %s: did you mean %s?", (int)near->n, near->word, message, near->name);
}

/* Words */

/* A number from min to max and nothing else. */
static int
take_number(const struct functional *f, const struct recipe_step *s, size_t word, const char *text, double min,
            double max, double *x)
{
	if (tsv_parse(text, x) && *x >= min && *x <= max)
		return ST_OK;
	return recipe_error(&f->recipe, s, word, "'%.40s' is not a number from %.10g to %.10g", text, min, max);
}

static int
take_whole(const struct functional *f, const struct recipe_step *s, size_t word, const char *text, double min,
           double max, size_t *n)
{
	double x = 0;
	int rc = take_number(f, s, word, text, min, max, &x);

	if (rc == ST_OK && x != floor(x))
		rc = recipe_error(&f->recipe, s, word, "'%.40s' is not a whole number", text);
	if (rc == ST_OK)
		*n = (size_t)x;
	return rc;
}

/* A number that text begins with, as 20 and 2.5; *end is behind it, or text. */
static double
leading_number(const char *text, const char **end)
{
	size_t n = strspn(text, "0123456789.");
	char digits[32];
	double x = NAN;

	snprintf(digits, sizeof digits, "%.*s", (int)n, text);
	*end = text + (n < sizeof digits && isdigit((unsigned char)text[0]) && tsv_parse(digits, &x) ? n : 0);
	return x;
}

/* p20, p2.5; p20-80: the distance of two. */
static bool
is_percentile(const char *word, struct functional_stat *stat)
{
	const char *end, *begin = word + 1;

	if (word[0] != 'p')
		return false;
	*stat = (struct functional_stat){ word, FUNCTIONAL_QUANTILE, NAN, leading_number(begin, &end) };
	if (end == begin)
		return false;
	if (*end == '-') {
		begin = end + 1;
		stat->low = stat->high;
		stat->high = leading_number(begin, &end);
		if (end == begin || stat->low >= stat->high)
			return false;
	}
	return *end == '\0' && stat->high <= 100;
}

static int
add_stat(struct functional *f, const struct recipe_step *s, size_t word, struct functional_line *l,
         const struct functional_stat *stat)
{
	int rc = l->stats < STATS_MAX ? mem_push(&l->stat, l->stats, sizeof *l->stat)
	                              : recipe_error(&f->recipe, s, word, "more than %d statistics", STATS_MAX);

	if (rc == ST_OK)
		l->stat[l->stats++] = *stat;
	return rc;
}

/* A word of a table, where sequences are meant also a percentile or a list. */
static int
take_stat(struct functional *f, const struct recipe_step *s, size_t word, const struct functional_stat *table,
          struct functional_line *l)
{
	const char *text = s->word[word].text;
	struct functional_near near = functional_near(text, strlen(text));
	bool sequence = table == sequence_stats;
	struct functional_stat own;
	int rc = ST_OK;

	for (const struct functional_stat *k = table; k->name[0] != '\0'; k++) {
		if (strcmp(k->name, text) == 0)
			return add_stat(f, s, word, l, k);
		functional_consider(&near, k->name);
	}
	if (sequence && is_percentile(text, &own))
		return add_stat(f, s, word, l, &own);
	for (size_t i = 0; sequence && i < f->lists; i++) {
		functional_consider(&near, f->list[i].name);
		if (strcmp(f->list[i].name, text) != 0)
			continue;
		for (size_t k = 0; k < f->list[i].stats && rc == ST_OK; k++)
			rc = add_stat(f, s, word, l, &f->list[i].stat[k]);
		return rc;
	}
	return functional_unknown(f, s, word, &near, "is no statistic", " (functionals(5) lists them)");
}

/* Those from that word of the step on. */
static int
take_stats(struct functional *f, const struct recipe_step *s, size_t word, const struct functional_stat *table,
           struct functional_line *l)
{
	int rc = ST_OK;

	if (word >= s->n)
		return recipe_error(&f->recipe, s, s->n, "which statistics?");
	for (; word < s->n && rc == ST_OK; word++)
		rc = take_stat(f, s, word, table, l);
	return rc;
}

static int
find_frames(const struct functional *f, const struct recipe_step *s, size_t word, const char *name, size_t *which)
{
	struct functional_near near = functional_near(name, strlen(name));

	for (*which = 0; *which < f->nframes; ++*which) {
		if (strcmp(f->frames[*which].name, name) == 0)
			return ST_OK;
		functional_consider(&near, f->frames[*which].name);
	}
	return functional_unknown(f, s, word, &near, "are no frames",
	                          " (all, voiced, loud, and what a line 'frames' has defined)");
}

/* The derivation that is the last part of a pattern, or -1. */
static int
last_derivation(const char *pattern)
{
	const char *dot = strrchr(pattern, '.');

	for (int k = 0; dot != NULL && functional_derivation_names[k] != NULL; k++)
		if (strcmp(dot + 1, functional_derivation_names[k]) == 0)
			return k;
	return -1;
}

/* COLUMNS[.DERIVATION...].FRAMES, read from behind, as names of columns may have dots. */
static int
take_set(struct functional *f, const struct recipe_step *s, size_t word, struct functional_set *set)
{
	char *pattern = mem_take(&f->memory, strlen(s->word[word].text) + 1, 1), *dot;
	int rc, which;

	if (pattern == NULL)
		return ST_SYS;
	strcpy(pattern, s->word[word].text);
	*set = (struct functional_set){ .pattern = pattern, .word = word };
	if ((dot = strrchr(pattern, '.')) == NULL || dot == pattern)
		return recipe_error(&f->recipe, s, word, "'%s': columns and frames are required, as mel*.loud or f0.voiced", pattern);
	*dot = '\0';
	if ((rc = find_frames(f, s, word, dot + 1, &set->frames)) != ST_OK)
		return rc;
	while ((which = last_derivation(pattern)) >= 0 && set->derivations < FUNCTIONAL_DERIVATIONS_MAX) {
		if (which == FUNCTIONAL_DIFF && set->derivations > 0)
			return recipe_error(&f->recipe, s, word, "diff is of the frames chosen: it comes last, before their name");
		memmove(set->derivation + 1, set->derivation, set->derivations++ * sizeof *set->derivation);
		set->derivation[0] = (enum functional_derivation)which;
		*strrchr(pattern, '.') = '\0';
	}
	return pattern[0] == '\0' ? recipe_error(&f->recipe, s, word, "which columns?") : ST_OK;
}

/* The word ':' from the given one on. */
static int
find_colon(const struct functional *f, const struct recipe_step *s, size_t from, size_t *colon)
{
	for (*colon = from; *colon < s->n; ++*colon)
		if (!s->word[*colon].quoted && strcmp(s->word[*colon].text, ":") == 0)
			return ST_OK;
	return recipe_error(&f->recipe, s, s->n, "%s: a ':' between what and which is required", s->word[0].text);
}

/* Words from..to-1 as sets; frames alone where there is no dot and they may be. */
static int
take_sets(struct functional *f, const struct recipe_step *s, size_t from, size_t to, bool alone,
          struct functional_line *l)
{
	int rc = ST_OK;

	if (from >= to)
		return recipe_error(&f->recipe, s, s->n, "%s: of which columns?", s->word[0].text);
	l->set = mem_take(&f->memory, to - from, sizeof *l->set);
	if (l->set == NULL)
		return ST_SYS;
	for (size_t i = from; i < to && rc == ST_OK; i++) {
		struct functional_set *set = &l->set[l->sets++];

		if (alone && strchr(s->word[i].text, '.') == NULL) {
			set->word = i;
			rc = find_frames(f, s, i, s->word[i].text, &set->frames);
		} else
			rc = take_set(f, s, i, set);
	}
	return rc;
}

/* The value of an option NAME=VALUE, or NULL. */
static const char *
option_value(const char *text, const char *name)
{
	size_t n = strlen(name);

	return strncmp(text, name, n) == 0 && text[n] == '=' ? text + n + 1 : NULL;
}

static int
unknown_option(const struct functional *f, const struct recipe_step *s, size_t word, const char *const *names)
{
	const char *text = s->word[word].text;
	struct functional_near near = functional_near(text, strcspn(text, "="));

	for (size_t i = 0; names[i] != NULL; i++)
		functional_consider(&near, names[i]);
	return functional_unknown(f, s, word, &near, "is no option of the line", " (functionals(5) lists them)");
}

/* Lines */

static int
frames_option(struct functional *f, const struct recipe_step *s, size_t word, struct functional_frames *own)
{
	static const char *const names[] = { "strength", "within", "least", "peak", NULL };
	const char *text = s->word[word].text, *value;

	if ((value = option_value(text, "strength")) != NULL)
		return take_number(f, s, word, value, 0, 1, &own->strength);
	if ((value = option_value(text, "within")) != NULL)
		return take_number(f, s, word, value, 0, 1000, &own->within);
	if ((value = option_value(text, "least")) != NULL)
		return take_whole(f, s, word, value, 1, 1e6, &own->least);
	if ((value = option_value(text, "peak")) == NULL)
		return unknown_option(f, s, word, names);
	own->peak = value;
	return ST_OK;
}

static int
read_frames(struct functional *f, const struct recipe_step *s, struct functional_line *l)
{
	struct functional_frames own = { NULL, NAN, NAN, 8, "mel*", true };
	size_t at = 0;
	int rc = ST_OK;

	(void)l;
	if (s->n < 3)
		return recipe_error(&f->recipe, s, s->n, "frames: a name and strength= or within= are required");
	own.name = s->word[1].text;
	if (own.name[0] == '\0' || strpbrk(own.name, ".*?[: ") != NULL || strcmp(own.name, "all") == 0)
		return recipe_error(&f->recipe, s, 1, "'%s' cannot be a name of frames", own.name);
	for (size_t i = 2; i < s->n && rc == ST_OK; i++)
		rc = frames_option(f, s, i, &own);
	if (rc == ST_OK && isnan(own.strength) && isnan(own.within))
		rc = recipe_error(&f->recipe, s, s->n, "frames: strength= or within= is required");
	while (at < f->nframes && strcmp(f->frames[at].name, own.name) != 0)
		at++;
	if (rc == ST_OK && at < f->nframes && f->frames[at].defined)
		rc = recipe_error(&f->recipe, s, 1, "frames '%s' are defined twice", own.name);
	if (rc == ST_OK && at == f->nframes && (rc = mem_push(&f->frames, f->nframes, sizeof *f->frames)) == ST_OK)
		f->nframes++;
	if (rc == ST_OK)
		f->frames[at] = own;
	return rc;
}

static int
read_list(struct functional *f, const struct recipe_step *s, struct functional_line *l)
{
	struct functional_stat own;
	const char *name = s->n > 1 ? s->word[1].text : "";
	bool taken = name[0] == '\0' || is_percentile(name, &own);
	int rc;

	for (const struct functional_stat *k = sequence_stats; k->name[0] != '\0'; k++)
		taken = taken || strcmp(k->name, name) == 0;
	for (size_t i = 0; i < f->lists; i++)
		taken = taken || strcmp(f->list[i].name, name) == 0;
	if (taken)
		return recipe_error(&f->recipe, s, 1, "list: a name is required that no statistic and no other list has");
	if ((rc = take_stats(f, s, 2, sequence_stats, l)) == ST_OK &&
	    (rc = mem_push(&f->list, f->lists, sizeof *f->list)) == ST_OK)
		f->list[f->lists++] = (struct functional_list){ name, l->stat, l->stats };
	return rc;
}

static int
read_stats(struct functional *f, const struct recipe_step *s, struct functional_line *l)
{
	size_t colon = 0;
	int rc = find_colon(f, s, 1, &colon);

	if (rc == ST_OK)
		rc = take_sets(f, s, 1, colon, false, l);
	return rc == ST_OK ? take_stats(f, s, colon + 1, sequence_stats, l) : rc;
}

static int
read_runs(struct functional *f, const struct recipe_step *s, struct functional_line *l)
{
	size_t colon = 0;
	int rc = find_colon(f, s, 1, &colon);

	l->kind = strcmp(s->word[0].text, "gaps") == 0 ? FUNCTIONAL_GAPS : FUNCTIONAL_RUNS;
	if (rc == ST_OK)
		rc = take_sets(f, s, 1, colon, true, l);
	for (size_t i = 0; i < l->sets && rc == ST_OK; i++)
		if (l->set[i].pattern != NULL)
			rc = recipe_error(&f->recipe, s, l->set[i].word, "%s are of frames alone, as voiced", s->word[0].text);
	return rc == ST_OK ? take_stats(f, s, colon + 1, run_stats, l) : rc;
}

static int
read_record(struct functional *f, const struct recipe_step *s, struct functional_line *l)
{
	l->kind = FUNCTIONAL_RECORD;
	return take_stats(f, s, 1, record_stats, l);
}

static int
read_contour(struct functional *f, const struct recipe_step *s, struct functional_line *l)
{
	size_t colon = 0;
	int rc = find_colon(f, s, 1, &colon);

	l->kind = FUNCTIONAL_CONTOUR;
	if (rc == ST_OK && colon != 2)
		rc = recipe_error(&f->recipe, s, s->n, "contour: one number of parts is required, then ':'");
	if (rc == ST_OK)
		rc = take_whole(f, s, 1, s->word[1].text, 1, 1000, &l->parts);
	return rc == ST_OK ? take_sets(f, s, colon + 1, s->n, true, l) : rc;
}

/* 0.5-2 */
static int
take_band(struct functional *f, const struct recipe_step *s, size_t word, struct functional_line *l)
{
	const char *text = s->word[word].text, *end, *second;
	struct functional_stat band = { .name = text, .what = FUNCTIONAL_BAND };

	band.low = leading_number(text, &end);
	second = end + 1;
	if (end > text && *end == '-') {
		band.high = leading_number(second, &end);
		if (end > second && *end == '\0' && band.low < band.high)
			return add_stat(f, s, word, l, &band);
	}
	return recipe_error(&f->recipe, s, word, "'%.40s' is not a band in Hz, as 0.5-2", text);
}

static int
read_modulation(struct functional *f, const struct recipe_step *s, struct functional_line *l)
{
	static const char *const names[] = { "groups", "points", NULL };
	const char *value;
	size_t colon = 0;
	int rc = find_colon(f, s, 1, &colon);

	l->kind = FUNCTIONAL_MODULATION;
	l->parts = 8;
	l->points = 512;
	if (rc == ST_OK && colon == 1)
		return recipe_error(&f->recipe, s, s->n, "modulation: of which columns?");
	for (size_t i = 2; i < colon && rc == ST_OK; i++)
		if ((value = option_value(s->word[i].text, "groups")) != NULL)
			rc = take_whole(f, s, i, value, 1, 4096, &l->parts);
		else if ((value = option_value(s->word[i].text, "points")) != NULL)
			rc = take_whole(f, s, i, value, 16, 1 << 20, &l->points);
		else
			rc = unknown_option(f, s, i, names);
	if (rc == ST_OK && l->points % 2 != 0)
		rc = recipe_error(&f->recipe, s, s->n, "modulation: points must be even");
	if (rc == ST_OK && colon + 1 >= s->n)
		rc = recipe_error(&f->recipe, s, s->n, "modulation: bands in Hz are required, as 0.5-2");
	if (rc == ST_OK && (l->set = mem_take(&f->memory, 1, sizeof *l->set)) == NULL)
		rc = ST_SYS;
	if (rc == ST_OK)
		l->set[l->sets++] = (struct functional_set){ .pattern = s->word[1].text, .word = 1 };
	for (size_t i = colon + 1; i < s->n && rc == ST_OK; i++)
		rc = take_band(f, s, i, l);
	return rc;
}

static const struct {
	const char *name;
	int (*read)(struct functional *f, const struct recipe_step *s, struct functional_line *l);
	bool defines; /* and computes nothing */
} kinds[] = {
	{ "frames", read_frames, true }, { "list", read_list, true },         { "stats", read_stats, false },
	{ "runs", read_runs, false },    { "gaps", read_runs, false },        { "record", read_record, false },
	{ "contour", read_contour, false }, { "modulation", read_modulation, false },
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static int
read_line(struct functional *f, const struct recipe_step *s)
{
	struct functional_line l = { .step = s };
	const char *word = s->word[0].text;
	struct functional_near near = functional_near(word, strlen(word));
	int rc;

	for (size_t k = 0; k < KINDS; k++) {
		functional_consider(&near, kinds[k].name);
		if (strcmp(kinds[k].name, word) != 0)
			continue;
		if ((rc = kinds[k].read(f, s, &l)) == ST_OK && kinds[k].defines)
			return rc;
		if (rc == ST_OK && (rc = mem_push(&f->line, f->lines, sizeof *f->line)) == ST_OK)
			f->line[f->lines++] = l;
		else
			free(l.stat);
		return rc;
	}
	return functional_unknown(f, s, 0, &near, "begins no line",
	                          " (frames, list, stats, runs, gaps, record, contour and modulation do)");
}

int
functional_parse(struct functional *f, const char *file, const char *text, size_t n)
{
	int rc;

	f->recipe.file = file;
	for (size_t i = 0; i < KNOWN_FRAMES; i++) {
		if ((rc = mem_push(&f->frames, f->nframes, sizeof *f->frames)) != ST_OK)
			return rc;
		f->frames[f->nframes++] = known_frames[i];
	}
	rc = recipe_parse(&f->recipe, text, n);
	for (size_t i = 0; i < f->recipe.steps && rc == ST_OK; i++)
		rc = read_line(f, &f->recipe.step[i]);
	if (rc == ST_OK && f->lines == 0)
		rc = err_set(ST_DATA, "%s: the recipe computes nothing", file);
	return rc;
}

int
functional_read(struct functional *f, const char *file)
{
	char *text;
	size_t n;
	int rc = io_slurp(file, RECIPE_MAX, &text, &n);

	if (rc != ST_OK)
		return rc;
	rc = functional_parse(f, strcmp(file, "-") == 0 ? "standard input" : file, text, n);
	free(text);
	return rc;
}

int
functional_read_meta(struct functional *f, const char *file, const struct meta *m)
{
	struct str text = { 0 };
	int rc;

	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->item[i].name, "functional") == 0)
			str_addf(&text, "%s\n", m->item[i].value);
	rc = str_status(&text);
	if (rc == ST_OK && text.n == 0)
		rc = err_set(ST_DATA, "%s: trained on features that functionals did not make", file);
	if (rc == ST_OK)
		rc = functional_parse(f, file, text.text, text.n);
	str_free(&text);
	return rc;
}

int
functional_describe(const struct functional *f, struct meta *m)
{
	struct str text = { 0 };
	int rc = ST_OK;

	for (size_t i = 0; i < f->recipe.steps && rc == ST_OK; i++) {
		recipe_add_step(&text, &f->recipe.step[i]);
		rc = meta_take(m, "functional", &text);
	}
	return rc;
}

void
functional_free(struct functional *f)
{
	for (size_t i = 0; i < f->lines; i++)
		free(f->line[i].stat);
	for (size_t i = 0; i < f->lists; i++)
		free(f->list[i].stat);
	recipe_clear(&f->recipe);
	free(f->line);
	free(f->frames);
	free(f->list);
	mem_release(&f->memory);
	*f = (struct functional){ 0 };
}
