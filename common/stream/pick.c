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

struct values {
	struct value *item;
	size_t n;
};

/* A field, and the values and patterns of which it must match one. */
struct pick_field {
	char *name;
	struct values value, pattern;
	struct values other; /* some that did not match, for messages */
	bool out_of_memory;  /* among them */
	bool sorted;         /* value is */
	struct pick_field *next;
};

struct pick_range {
	uint64_t first, last;
};

/* The field of that name, added where it is new; NULL where memory ends. */
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

static int
add(struct values *v, const char *text, size_t n)
{
	if (mem_push(&v->item, v->n, sizeof *v->item) != ST_OK)
		return ST_SYS;
	v->item[v->n] = (struct value){ mem_strn(text, n), false };
	if (v->item[v->n].text == NULL)
		return ST_SYS;
	v->n++;
	return ST_OK;
}

int
pick_value(struct pick *p, const char *name, size_t name_n, const char *value, size_t n)
{
	struct pick_field *f = field_of(p, name, name_n);

	if (f == NULL)
		return ST_SYS;
	f->sorted = false;
	return add(&f->value, value, n);
}

int
pick_pattern(struct pick *p, const char *name, size_t name_n, const char *pattern)
{
	struct pick_field *f = field_of(p, name, name_n);

	return f == NULL ? ST_SYS : add(&f->pattern, pattern, strlen(pattern));
}

/* Reads a number from 1 at *s, or takes the default; false if malformed. */
static bool
take_number(const char **s, uint64_t *x, uint64_t missing)
{
	char *end;

	*x = missing;
	if (**s < '0' || **s > '9')
		return true;
	errno = 0;
	*x = strtoull(*s, &end, 10);
	*s = end;
	return errno == 0 && *x > 0;
}

/* Reads "3", "10-20", "-20" or "90-" at *s, and moves it past that. */
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

enum { OTHERS = 5 };

static void
note_other(struct pick_field *f, const char *text)
{
	for (size_t i = 0; i < f->other.n; i++)
		if (strcmp(f->other.item[i].text, text) == 0)
			return;
	if (f->other.n <= OTHERS && add(&f->other, text, strlen(text)) != ST_OK)
		f->out_of_memory = true;
}

/* Marks what the record matches; of a value that appears twice, the first. */
static bool
matches(struct pick_field *f, const struct meta *m)
{
	const char *text = meta_get(m, f->name);
	struct value key = { .text = (char *)(uintptr_t)(text == NULL ? "" : text) }, *hit = NULL;

	if (!f->sorted && f->value.n > 0)
		qsort(f->value.item, f->value.n, sizeof *f->value.item, by_text);
	f->sorted = true;
	if (f->value.n > 0)
		hit = bsearch(&key, f->value.item, f->value.n, sizeof *f->value.item, by_text);
	if (hit != NULL) {
		while (hit > f->value.item && strcmp(hit[-1].text, hit->text) == 0)
			hit--;
		hit->seen = true;
	}
	for (size_t i = 0; i < f->pattern.n && text != NULL; i++)
		if (fnmatch(f->pattern.item[i].text, text, 0) == 0) {
			hit = &f->pattern.item[i];
			hit->seen = true;
		}
	if (hit == NULL && text != NULL)
		note_other(f, text);
	return hit != NULL;
}

bool
pick_matches(struct pick *p, const struct meta *m, uint64_t number)
{
	bool picked = p->ranges == 0;

	for (size_t i = 0; i < p->ranges; i++)
		picked = picked || (number >= p->range[i].first && number <= p->range[i].last);
	for (struct pick_field *f = p->field; f != NULL; f = f->next)
		if (!matches(f, m)) /* no early end: pick_check_each needs every mark */
			picked = false;
	return picked;
}

/* No record has that value, or one like that pattern. */
static int
missing(const struct pick_field *f, const char *like, const char *text)
{
	struct str s = { 0 };
	int rc;

	if (f->out_of_memory)
		return err_set(ST_SYS, "out of memory");
	for (size_t i = 0; i < f->other.n && i < OTHERS; i++)
		str_addf(&s, "%s%s", i == 0 ? ": it is " : ", ", f->other.item[i].text);
	if (f->other.n > OTHERS)
		str_add(&s, ", ...");
	str_add(&s, "");
	rc = str_status(&s);
	if (rc == ST_OK)
		rc = err_set(ST_DATA, "no record has %s%s '%s'%s", f->name, like, text, s.text);
	str_free(&s);
	return rc;
}

int
pick_check_each(const struct pick *p)
{
	for (const struct pick_field *f = p->field; f != NULL; f = f->next) {
		const struct value *value = f->value.item;

		for (size_t i = 0; i < f->pattern.n; i++)
			if (!f->pattern.item[i].seen)
				return missing(f, " like", f->pattern.item[i].text);
		for (size_t i = 0; i < f->value.n; i++)
			if (!value[i].seen && (i == 0 || strcmp(value[i - 1].text, value[i].text) != 0))
				return missing(f, "", value[i].text);
	}
	return ST_OK;
}

static void
clear(struct values *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->item[i].text);
	free(v->item);
}

void
pick_clear(struct pick *p)
{
	while (p->field != NULL) {
		struct pick_field *f = p->field;

		p->field = f->next;
		clear(&f->value);
		clear(&f->pattern);
		clear(&f->other);
		free(f->name);
		free(f);
	}
	free(p->range);
	*p = (struct pick){ 0 };
}
