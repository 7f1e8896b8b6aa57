#include "functional/plan.h"

#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "base/words.h"

enum { VALUES_MAX = 1 << 16 };

/* Columns */

/* The part of a name or pattern that has no digit and no wildcard yet: two numbers or stars
 * are no mistake. */
static size_t
stem(const char *text)
{
	return strcspn(text, "0123456789*?[");
}

/* A wildcard fits no dot: mel* is no mel01.delta. */
static bool
fits(const char *pattern, const char *column)
{
	if (strcmp(pattern, column) == 0)
		return true;
	return text_count(pattern, strlen(pattern), '.') == text_count(column, strlen(column), '.') &&
	       fnmatch(pattern, column, 0) == 0;
}

/* No column fits the pattern of that word. */
static int
no_column(const struct functional *f, const struct plan_stream *s, const struct recipe_step *step, size_t word,
          const char *pattern)
{
	const char *dot = strrchr(pattern, '.');
	struct functional_near near = functional_near(pattern, stem(pattern));
	char first[64], text[400];

	for (size_t i = 0; i < s->n; i++) {
		snprintf(first, sizeof first, "%.*s", (int)stem(s->column[i]), s->column[i]);
		if (words_nearer(near.word, near.n, first, &near.slips))
			near.name = s->column[i];
	}
	if (dot != NULL && near.name == NULL) {
		near = functional_near(dot + 1, strlen(dot + 1));
		for (size_t i = 0; functional_derivation_names[i] != NULL; i++)
			functional_consider(&near, functional_derivation_names[i]);
	}
	snprintf(text, sizeof text, " of the stream %s (it has %zu, %.60s to %.60s)", s->file, s->n, s->column[0],
	         s->column[s->n - 1]);
	if (near.name != NULL)
		snprintf(text, sizeof text, " of the stream %s: did you mean %.60s?", s->file, near.name);
	return recipe_error(&f->recipe, step, word, "'%.60s' is no column%s", pattern, text);
}

/* Adds the columns that fit; ST_DATA where none does. */
static int
add_columns(struct plan *p, const struct plan_stream *s, struct plan_line *l, const struct functional_set *set)
{
	size_t before = l->n;

	for (size_t i = 0; i < s->n; i++) {
		int rc;

		if (!fits(set->pattern, s->column[i]))
			continue;
		if ((rc = mem_push(&l->series, l->n, sizeof *l->series)) != ST_OK)
			return rc;
		l->series[l->n++] = (struct plan_series){ set, i };
	}
	return l->n > before ? ST_OK : no_column(p->recipe, s, l->line->step, set->word, set->pattern);
}

/* What those frames require of the stream, the first time they are used. */
static int
use_frames(struct plan *p, const struct plan_stream *s, const struct plan_line *l, const struct functional_set *set)
{
	const struct functional_frames *frames = &p->recipe->frames[set->frames];
	bool found = false;

	if (p->used[set->frames])
		return ST_OK;
	p->used[set->frames] = true;
	if (!isnan(frames->strength)) {
		while (p->strength < s->n && strcmp(s->column[p->strength], "strength") != 0)
			p->strength++;
		if (p->strength == s->n)
			return recipe_error(&p->recipe->recipe, l->line->step, set->word,
			                    "frames '%s' require the column 'strength', which the stream %s has not", frames->name, s->file);
	}
	if (isnan(frames->within))
		return ST_OK;
	if ((p->peak[set->frames] = mem_zero(s->n, sizeof(bool))) == NULL)
		return ST_SYS;
	for (size_t i = 0; i < s->n; i++)
		found |= p->peak[set->frames][i] = fits(frames->peak, s->column[i]);
	return found ? ST_OK
	             : recipe_error(&p->recipe->recipe, l->line->step, set->word,
	                            "frames '%s' require columns '%s', of which the stream %s has none", frames->name,
	                            frames->peak, s->file);
}

static int
bind_sets(struct plan *p, const struct plan_stream *s, struct plan_line *l)
{
	int rc = ST_OK;

	for (size_t i = 0; i < l->line->sets && rc == ST_OK; i++) {
		const struct functional_set *set = &l->line->set[i];

		rc = use_frames(p, s, l, set);
		if (rc == ST_OK && set->pattern != NULL)
			rc = add_columns(p, s, l, set);
		else if (rc == ST_OK && (rc = mem_push(&l->series, l->n, sizeof *l->series)) == ST_OK)
			l->series[l->n++] = (struct plan_series){ set, 0 };
	}
	return rc;
}

/* Names of values */

static int
add_name(struct plan *p, const char *fmt, ...)
{
	struct str s = { 0 };
	va_list ap;
	int rc = p->values < VALUES_MAX ? mem_push(&p->name, p->values, sizeof *p->name)
	                                : err_set(ST_DATA, "more than %d values a record", VALUES_MAX);

	if (rc != ST_OK)
		return rc;
	va_start(ap, fmt);
	str_addv(&s, fmt, ap);
	va_end(ap);
	if ((rc = str_take(&s, &p->name[p->values])) == ST_OK)
		p->values++;
	return rc;
}

/* "mfcc01.delta.all", or "voiced". */
static int
series_name(const struct plan *p, const struct plan_stream *s, const struct plan_series *series, char **name)
{
	const struct functional_set *set = series->set;
	struct str out = { 0 };

	if (set->pattern != NULL)
		str_addf(&out, "%s.", s->column[series->column]);
	for (size_t k = 0; k < set->derivations; k++)
		str_addf(&out, "%s.", functional_derivation_names[set->derivation[k]]);
	str_add(&out, p->recipe->frames[set->frames].name);
	return str_take(&out, name);
}

/* The names of the values of a line whose series have names. */
static int
name_values(struct plan *p, const struct plan_line *l, char *const *series)
{
	const struct functional_line *line = l->line;
	const char *what = line->kind == FUNCTIONAL_RUNS ? "runs." : line->kind == FUNCTIONAL_GAPS ? "gaps." : "";
	size_t outer = line->kind == FUNCTIONAL_CONTOUR ? line->parts : line->stats;
	int rc = ST_OK;

	for (size_t k = 0; k < outer; k++)
		for (size_t i = 0; i < l->n && rc == ST_OK; i++)
			if (line->kind == FUNCTIONAL_CONTOUR)
				rc = add_name(p, "%s.%zuof%zu", series[i], k + 1, outer);
			else
				rc = add_name(p, "%s.%s%s", series[i], what, line->stat[k].name);
	return rc;
}

static int
name_series(struct plan *p, const struct plan_stream *s, const struct plan_line *l)
{
	char **series = mem_zero(l->n, sizeof *series);
	int rc = series == NULL ? ST_SYS : ST_OK;

	for (size_t i = 0; i < l->n && rc == ST_OK; i++)
		rc = series_name(p, s, &l->series[i], &series[i]);
	if (rc == ST_OK)
		rc = name_values(p, l, series);
	for (size_t i = 0; series != NULL && i < l->n; i++)
		free(series[i]);
	free(series);
	return rc;
}

static int
name_groups(struct plan *p, const struct plan_stream *s, const struct plan_line *l)
{
	size_t groups = l->line->parts;
	int rc = ST_OK;

	for (size_t k = 0; k < l->line->stats; k++)
		for (size_t g = 0; g < groups && rc == ST_OK; g++)
			rc = add_name(p, "%s-%s.modulation.%s", s->column[l->series[g * l->n / groups].column],
			              s->column[l->series[(g + 1) * l->n / groups - 1].column], l->line->stat[k].name);
	return rc;
}

/* Lines */

static int
require_rate(const struct plan *p, const struct plan_line *l)
{
	return !isnan(p->rate) ? ST_OK
	                       : recipe_error(&p->recipe->recipe, l->line->step, 0,
	                                      "%s requires rate= and hop= in the head of the stream",
	                                      l->line->step->word[0].text);
}

static int
bind_modulation(struct plan *p, const struct plan_stream *s, struct plan_line *l)
{
	const struct functional_line *line = l->line;
	int rc = require_rate(p, l);

	if (rc == ST_OK)
		rc = add_columns(p, s, l, &line->set[0]);
	if (rc == ST_OK && l->n < line->parts)
		rc = recipe_error(&p->recipe->recipe, line->step, 1, "%zu columns cannot become %zu groups", l->n, line->parts);
	for (size_t i = 0; i < line->stats && rc == ST_OK; i++) {
		double step = p->rate / (double)line->points;

		if (ceil(line->stat[i].low / step) * step >= fmin(line->stat[i].high, p->rate / 2 + step / 2))
			rc = recipe_error(&p->recipe->recipe, line->step, line->step->n - line->stats + i,
			                  "no frequency of %zu points is in that band: they are %.4g Hz apart, up to %.4g Hz", line->points,
			                  step, p->rate / 2);
	}
	if (rc == ST_OK)
		rc = fft_new(&l->fft, line->points);
	return rc == ST_OK ? name_groups(p, s, l) : rc;
}

static int
bind_record(struct plan *p, const struct plan_line *l)
{
	int rc = ST_OK;

	for (size_t i = 0; i < l->line->stats && rc == ST_OK; i++) {
		if (l->line->stat[i].what == FUNCTIONAL_SECONDS)
			rc = require_rate(p, l);
		if (rc == ST_OK)
			rc = add_name(p, "record.%s", l->line->stat[i].name);
	}
	return rc;
}

static int
bind_line(struct plan *p, const struct plan_stream *s, struct plan_line *l)
{
	int rc;

	l->first = p->values;
	if (l->line->kind == FUNCTIONAL_MODULATION)
		return bind_modulation(p, s, l);
	if (l->line->kind == FUNCTIONAL_RECORD)
		return bind_record(p, l);
	rc = bind_sets(p, s, l);
	return rc == ST_OK ? name_series(p, s, l) : rc;
}

/* A name twice would be two columns of one name in a table. */
static int
check_names(const struct plan *p)
{
	char *const **sorted;
	int rc = words_sort(p->name, p->values, &sorted);
	const char *twice = rc == ST_OK ? words_twice(sorted, p->values) : NULL;
	size_t second = twice == NULL ? 0 : p->values - 1, i = 0;

	while (twice != NULL && strcmp(p->name[second], twice) != 0)
		second--;
	while (twice != NULL && i + 1 < p->recipe->lines && p->line[i + 1].first <= second)
		i++;
	if (twice != NULL)
		rc = recipe_error(&p->recipe->recipe, p->line[i].line->step, p->line[i].line->step->n, "'%s' comes out twice", twice);
	free(sorted);
	return rc;
}

int
plan_make(struct plan *p, const struct functional *f, const struct plan_stream *s)
{
	int rc = ST_OK;

	*p = (struct plan){ .recipe = f, .columns = s->n, .rate = s->rate };
	p->line = mem_zero(f->lines, sizeof *p->line);
	p->used = mem_zero(f->nframes, sizeof *p->used);
	p->peak = mem_zero(f->nframes, sizeof *p->peak);
	if (p->line == NULL || p->used == NULL || p->peak == NULL)
		return ST_SYS;
	for (size_t i = 0; i < f->lines && rc == ST_OK; i++) {
		p->line[i].line = &f->line[i];
		rc = bind_line(p, s, &p->line[i]);
	}
	return rc == ST_OK ? check_names(p) : rc;
}

bool
plan_chooses(const struct plan *p)
{
	for (size_t i = 0; i < p->recipe->nframes; i++)
		if (i != FUNCTIONAL_ALL && p->used[i])
			return true;
	return false;
}

bool
plan_needs_gain(const struct plan *p)
{
	for (size_t i = 0; i < p->recipe->lines; i++) {
		const struct functional_line *l = &p->recipe->line[i];

		for (size_t k = 0; k < l->stats; k++)
			if (l->stat[k].what == FUNCTIONAL_LEVEL)
				return true;
		for (size_t s = 0; s < l->sets; s++)
			for (size_t k = 0; k < l->set[s].derivations; k++)
				if (l->set[s].derivation[k] == FUNCTIONAL_RECORDED)
					return true;
	}
	return false;
}

void
plan_free(struct plan *p)
{
	for (size_t i = 0; p->line != NULL && i < p->recipe->lines; i++) {
		free(p->line[i].series);
		fft_free(p->line[i].fft);
	}
	for (size_t i = 0; p->peak != NULL && i < p->recipe->nframes; i++)
		free(p->peak[i]);
	for (size_t i = 0; i < p->values; i++)
		free(p->name[i]);
	free(p->line);
	free(p->used);
	free(p->peak);
	free(p->name);
	*p = (struct plan){ 0 };
}
