/* words: lists with commas, A,B,C, as options and steps take them. */
#ifndef SER_BASE_WORDS_H
#define SER_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Takes the next word off *rest: n bytes at *word, perhaps none. False where there
 * is none left, as from the beginning where *rest is NULL. */
bool words_next(const char **rest, const char **word, size_t *n);

/* All words of list (NULL: none) as strings, which are released with free(*word). */
int words_split(const char *list, char ***word, size_t *n);

#endif
