#include "stream/pick.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

struct value {
	char *text;
	bool seen;
};

/* What is asked of one field. */
struct pick_field {
	char *name;
	struct value *value;
	size_t values;
	bool sorted;
	struct value *pattern;
	size_t patterns;
	struct pick_field *next;
};

struct pick_range {
	uint64_t first, last;
};

/* That field, made where it is new; NULL where memory ends. */
static struct pick_field *
field_of(struct pick *p, const char *name, size_t n)
{
	struct pick_field *f;

	for (f = p->field; f != NULL; f = f->next)
		if (strncmp(f->name, name, n) == 0 && f->name[n] == '\0')
			return f;
	f = mem_zero(1, sizeof *f);
	if (f == NULL || (f->name = mem_strn(name, n)) == NULL) {
		free(f);
		return NULL;
	}
	f->next = p->field;
	p->field = f;
	return f;
}

int
pick_field(struct pick *p, const char *name)
{
	return field_of(p, name, strlen(name)) == NULL ? ST_SYS : ST_OK;
}

int
pick_value(struct pick *p, const char *name, size_t name_n, const char *value, size_t n)
{
	struct pick_field *f = field_of(p, name, name_n);

	if (f == NULL || mem_push(&f->value, f->values, sizeof *f->value) != ST_OK)
		return ST_SYS;
	f->value[f->values] = (struct value){ mem_strn(value, n), false };
	if (f->value[f->values].text == NULL)
		return ST_SYS;
	f->values++;
	f->sorted = false;
	return ST_OK;
}

int
pick_pattern(struct pick *p, const char *name, size_t name_n, const char *pattern)
{
	struct pick_field *f = field_of(p, name, name_n);

	if (f == NULL || mem_push(&f->pattern, f->patterns, sizeof *f->pattern) != ST_OK)
		return ST_SYS;
	f->pattern[f->patterns] = (struct value){ mem_str(pattern), false };
	if (f->pattern[f->patterns].text == NULL)
		return ST_SYS;
	f->patterns++;
	return ST_OK;
}

/* A number from 1 at *s, or otherwise where there is none; false if malformed. */
static bool
take_number(const char **s, uint64_t *x, uint64_t otherwise)
{
	char *end;

	*x = otherwise;
	if (**s < '0' || **s > '9')
		return true;
	errno = 0;
	*x = strtoull(*s, &end, 10);
	*s = end;
	return errno == 0 && *x > 0;
}

/* "3", "10-20", "-20" or "90-" at *s, which then stands at what follows. */
static bool
take_range(const char **s, struct pick_range *r)
{
	const char *start = *s;

	if (!take_number(s, &r->first, 1))
		return false;
	r->last = r->first;
	if (**s == '-') {
		++*s;
		if (!take_number(s, &r->last, UINT64_MAX) || *s - start == 1)
			return false;
	}
	return *s > start && r->first <= r->last;
}

int
pick_numbers(struct pick *p, const char *text)
{
	const char *s = text;

	for (;; s++) {
		struct pick_range r;

		if (!take_range(&s, &r) || (*s != ',' && *s != '\0'))
			return err_set(ST_USAGE, "'%s' is no list like 3,10-20,90-", text);
		if (mem_push(&p->range, p->ranges, sizeof *p->range) != ST_OK)
			return ST_SYS;
		p->range[p->ranges++] = r;
		if (*s == '\0')
			return ST_OK;
	}
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(((const struct value *)a)->text, ((const struct value *)b)->text);
}

/* Marks what the record meets; values may stand there twice, so the first of
 * equal ones is marked. */
static bool
meets(struct pick_field *f, const struct meta *m)
{
	const char *text = meta_get(m, f->name);
	struct value want = { .text = (char *)(uintptr_t)(text == NULL ? "" : text) }, *hit = NULL;

	if (!f->sorted && f->values > 0)
		qsort(f->value, f->values, sizeof *f->value, by_text);
	f->sorted = true;
	if (f->values > 0)
		hit = bsearch(&want, f->value, f->values, sizeof *f->value, by_text);
	if (hit != NULL) {
		while (hit > f->value && strcmp(hit[-1].text, hit->text) == 0)
			hit--;
		hit->seen = true;
	}
	for (size_t i = 0; i < f->patterns && text != NULL; i++)
		if (fnmatch(f->pattern[i].text, text, 0) == 0) {
			hit = &f->pattern[i];
			hit->seen = true;
		}
	return hit != NULL;
}

bool
pick_matches(struct pick *p, const struct meta *m, uint64_t number)
{
	bool wanted = p->ranges == 0;

	for (size_t i = 0; i < p->ranges; i++)
		wanted = wanted || (number >= p->range[i].first && number <= p->range[i].last);
	for (struct pick_field *f = p->field; f != NULL; f = f->next)
		if (!meets(f, m)) /* all are asked, for pick_check_each */
			wanted = false;
	return wanted;
}

int
pick_check_each(const struct pick *p)
{
	for (const struct pick_field *f = p->field; f != NULL; f = f->next) {
		for (size_t i = 0; i < f->patterns; i++)
			if (!f->pattern[i].seen)
				return err_set(ST_DATA, "no record has %s like '%s'", f->name, f->pattern[i].text);
		for (size_t i = 0; i < f->values; i++)
			if (!f->value[i].seen && (i == 0 || strcmp(f->value[i - 1].text, f->value[i].text) != 0))
				return err_set(ST_DATA, "no record has %s '%s'", f->name, f->value[i].text);
	}
	return ST_OK;
}

void
pick_clear(struct pick *p)
{
	while (p->field != NULL) {
		struct pick_field *f = p->field;

		p->field = f->next;
		for (size_t i = 0; i < f->values; i++)
			free(f->value[i].text);
		for (size_t i = 0; i < f->patterns; i++)
			free(f->pattern[i].text);
		free(f->value);
		free(f->pattern);
		free(f->name);
		free(f);
	}
	free(p->range);
	*p = (struct pick){ 0 };
}
