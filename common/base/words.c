#include "base/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

bool
words_next(const char **rest, const char **word, size_t *n)
{
	if (*rest == NULL)
		return false;
	*word = *rest;
	*n = strcspn(*word, ",");
	*rest = (*word)[*n] == ',' ? *word + *n + 1 : NULL;
	return true;
}

int
words_split(const char *list, char ***word, size_t *n)
{
	size_t bytes = list == NULL ? 0 : strlen(list) + 1, most = 1;
	char *next = NULL;

	for (size_t i = 0; i < bytes; i++)
		most += list[i] == ',';
	*n = 0;
	*word = mem_zero(most * sizeof **word + bytes, 1);
	if (*word == NULL)
		return ST_SYS;
	if (list != NULL)
		next = memcpy(*word + most, list, bytes);
	while (next != NULL) {
		(*word)[(*n)++] = next;
		next = strchr(next, ',');
		if (next != NULL)
			*next++ = '\0';
	}
	return ST_OK;
}

size_t
words_index(char *const *list, size_t n, const char *word)
{
	size_t i = 0;

	while (i < n && strcmp(list[i], word) != 0)
		i++;
	return i;
}

/* Of equal words the first in the list comes first. */
static int
by_word(const void *a, const void *b)
{
	char *const *x = *(char *const *const *)a, *const *y = *(char *const *const *)b;
	int order = strcmp(*x, *y);

	return order != 0 ? order : (x > y) - (x < y);
}

int
words_sort(char *const *list, size_t n, char *const ***sorted)
{
	*sorted = mem_zero(n, sizeof **sorted);
	if (*sorted == NULL)
		return ST_SYS;
	for (size_t i = 0; i < n; i++)
		(*sorted)[i] = list + i;
	qsort(*sorted, n, sizeof **sorted, by_word);
	return ST_OK;
}

size_t
words_find(char *const *const *sorted, char *const *list, size_t n, const char *word)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(*sorted[middle], word) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && strcmp(*sorted[low], word) == 0 ? (size_t)(sorted[low] - list) : n;
}

const char *
words_twice(char *const *const *sorted, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (strcmp(*sorted[i - 1], *sorted[i]) == 0)
			return *sorted[i];
	return NULL;
}

bool /* NOLINTNEXTLINE(misc-no-recursion): slips bounds the depth */
words_near(const char *a, size_t n, const char *b, size_t m, int slips)
{
	for (; n > 0 && m > 0 && *a == *b; n--, m--) {
		a++;
		b++;
	}
	if (n == 0 || m == 0)
		return n + m <= (size_t)slips;
	return slips > 0 && (words_near(a + 1, n - 1, b + 1, m - 1, slips - 1) || words_near(a + 1, n - 1, b, m, slips - 1) ||
	                     words_near(a, n, b + 1, m - 1, slips - 1) ||
	                     (n > 1 && m > 1 && a[0] == b[1] && a[1] == b[0] && words_near(a + 2, n - 2, b + 2, m - 2, slips - 1)));
}

int
words_slips(size_t n)
{
	return n > 5 ? 3 : n > 2 ? 2 : 0;
}

bool
words_nearer(const char *word, size_t n, const char *name, int *slips)
{
	char lower[64], other[64];
	size_t m = strlen(name);

	if (n > sizeof lower || m > sizeof other)
		return false;
	for (size_t i = 0; i < n; i++)
		lower[i] = (char)tolower((unsigned char)word[i]);
	for (size_t i = 0; i < m; i++)
		other[i] = (char)tolower((unsigned char)name[i]);
	for (int k = 0; k < *slips; k++)
		if (words_near(lower, n, other, m, k)) {
			*slips = k;
			return true;
		}
	return false;
}
