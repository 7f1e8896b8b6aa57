#include "model/features.h"

#include <string.h>

#include "base/err.h"

static bool
is_pg(const struct meta_item *item)
{
	return strcmp(item->name, "pg") == 0;
}

/* Which of the pairs of its name item i is, from 0. */
static size_t
occurrence(const struct meta *m, size_t i)
{
	size_t n = 0;

	for (size_t k = 0; k < i; k++)
		n += strcmp(m->item[k].name, m->item[i].name) == 0;
	return n;
}

/* The value of that occurrence of a name, or NULL. */
static const char *
nth_value(const struct meta *m, const char *name, size_t n)
{
	for (size_t k = 0; k < m->n; k++)
		if (strcmp(m->item[k].name, name) == 0 && n-- == 0)
			return m->item[k].value;
	return NULL;
}

/* True where a has a pair that is missing in b or has another value there. */
static bool
find_difference(const struct meta *a, const struct meta *b, struct features_difference *d)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct meta_item *item = &a->item[i];

		/* Heads made by the same tools agree pair by pair. */
		if (is_pg(item) || (i < b->n && strcmp(item->name, b->item[i].name) == 0 &&
		                    strcmp(item->value, b->item[i].value) == 0))
			continue;
		*d = (struct features_difference){ item->name, item->value, nth_value(b, item->name, occurrence(a, i)) };
		if (d->b == NULL || strcmp(d->a, d->b) != 0)
			return true;
	}
	return false;
}

bool
features_differ(const struct meta *a, const struct meta *b, struct features_difference *d)
{
	const char *swap;

	if (find_difference(a, b, d))
		return true;
	if (!find_difference(b, a, d))
		return false;
	swap = d->a;
	d->a = d->b;
	d->b = swap;
	return true;
}

int
features_check(const struct meta *required, const char *source, const char *has, const struct meta *head,
               const char *file, const char *hint)
{
	struct features_difference d;

	if (!features_differ(required, head, &d))
		return ST_OK;
	return err_set(ST_DATA, "%s: the features have %s%s%s%s; %s %s %s%s%s%s%s", file, d.b == NULL ? "no " : "", d.name,
	               d.b == NULL ? "" : "=", d.b == NULL ? "" : d.b, source, has, d.a == NULL ? "no " : "", d.name,
	               d.a == NULL ? "" : "=", d.a == NULL ? "" : d.a, hint);
}

int
features_copy(struct meta *to, const struct meta *head)
{
	int rc = ST_OK;

	for (size_t i = 0; i < head->n && rc == ST_OK; i++)
		if (!is_pg(&head->item[i]))
			rc = meta_add(to, head->item[i].name, "%s", head->item[i].value);
	return rc;
}

/* True where head's n pg lines are in m from index at on. */
static bool
is_at(const struct meta *m, size_t at, const struct meta *head)
{
	for (size_t i = 0; i < head->n; i++) {
		if (!is_pg(&head->item[i]))
			continue;
		if (at == m->n || strcmp(m->item[at].value, head->item[i].value) != 0)
			return false;
		at++;
	}
	return true;
}

int
features_copy_pg(struct meta *to, const struct meta *head)
{
	int rc = ST_OK;

	for (size_t at = 0; at < to->n; at++)
		if (is_at(to, at, head))
			return ST_OK;
	for (size_t i = 0; i < head->n && rc == ST_OK; i++)
		if (is_pg(&head->item[i]))
			rc = meta_add(to, "pg", "%s", head->item[i].value);
	return rc;
}

int
features_check_type(const struct tsr_chunk *head)
{
	const char *type = meta_get(&head->meta, "type");

	if (type == NULL)
		return err_set(ST_DATA, "%s: the stream does not say its type; a mel or table stream is expected", head->file);
	if (strcmp(type, "mel") != 0 && strcmp(type, "table") != 0)
		return err_set(ST_DATA, "%s: this is a %s stream; a mel or table stream is expected", head->file, type);
	return ST_OK;
}
