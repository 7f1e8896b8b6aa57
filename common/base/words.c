#include "base/words.h"

#include <string.h>

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
