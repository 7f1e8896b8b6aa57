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
find_difference(const struct meta *a, const struct meta *b, const char **name, const char **in_a, const char **in_b)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct meta_item *item = &a->item[i];

		/* Heads made by the same tools agree pair by pair. */
		if (is_pg(item) || (i < b->n && strcmp(item->name, b->item[i].name) == 0 &&
		                    strcmp(item->value, b->item[i].value) == 0))
			continue;
		*name = item->name;
		*in_a = item->value;
		*in_b = nth_value(b, item->name, occurrence(a, i));
		if (*in_b == NULL || strcmp(*in_a, *in_b) != 0)
			return true;
	}
	return false;
}

int
features_check(const struct meta *required, const char *source, const char *has, const struct meta *head,
               const char *file, const char *hint)
{
	const char *name, *here, *there;

	if (!find_difference(required, head, &name, &there, &here) && !find_difference(head, required, &name, &here, &there))
		return ST_OK;
	return err_set(ST_DATA, "%s: the features have %s%s%s%s; %s %s %s%s%s%s%s", file, here == NULL ? "no " : "", name,
	               here == NULL ? "" : "=", here == NULL ? "" : here, source, has, there == NULL ? "no " : "", name,
	               there == NULL ? "" : "=", there == NULL ? "" : there, hint);
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
		if (is_pg(&to->item[at]) && is_at(to, at, head))
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
	int rc = type != NULL && strcmp(type, "lld") == 0 ? ST_OK : tsr_expect_type(head, "mel", "table");

	if (rc == ST_OK || type == NULL || strcmp(type, "model") != 0)
		return rc;
	return err_set(rc, "%s; --init %s begins with its weights", err_text(), head->file);
}
