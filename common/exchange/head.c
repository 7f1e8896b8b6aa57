#include "exchange/head.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"

/* Whether no pair before the i-th is called so. */
static bool
is_first(const struct meta *head, size_t i)
{
	return meta_get(head, head->item[i].name) == head->item[i].value;
}

/* All values of that name from the i-th on, which is the first. */
static const char *
join(const struct meta *head, size_t i, struct mem_pool *memory)
{
	const char *name = head->item[i].name;
	size_t size = 0, at = 0;
	char *to;

	for (size_t k = i; k < head->n; k++)
		size += strcmp(head->item[k].name, name) == 0 ? strlen(head->item[k].value) + 1 : 0;
	if ((to = mem_take(memory, size, 1)) == NULL)
		return NULL;
	for (size_t k = i; k < head->n; k++)
		if (strcmp(head->item[k].name, name) == 0) {
			size_t n = strlen(head->item[k].value);

			memcpy(to + at, head->item[k].value, n);
			at += n;
			to[at++] = '\n';
		}
	to[at - 1] = '\0';
	return to;
}

int
head_pairs(const struct meta *head, struct mem_pool *memory, struct head_pair **pairs, size_t *n)
{
	struct head_pair *to = mem_take(memory, head->n, sizeof *to);

	*pairs = to;
	*n = 0;
	for (size_t i = 0; i < head->n && memory->status == ST_OK; i++)
		if (is_first(head, i))
			to[(*n)++] = (struct head_pair){ head->item[i].name, join(head, i, memory) };
	return memory->status;
}
