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

/* The index of word in list[0..n), n where it is none of them. */
size_t words_index(char *const *list, size_t n, const char *word);

/* The same for many look-ups: words_sort makes *sorted, which is released with free(),
 * and words_find looks in it. words_twice is one that list has twice, or NULL. */
int words_sort(char *const *list, size_t n, char *const ***sorted);
size_t words_find(char *const *const *sorted, char *const *list, size_t n, const char *word);
const char *words_twice(char *const *const *sorted, size_t n);

/* True where at most that many letters of a are to be changed, added, left out or
 * exchanged with the next to make b of it, as in a slip of the keyboard; few, as the
 * time grows with 4^slips. */
bool words_near(const char *a, size_t n, const char *b, size_t m, int slips);

/* How many slips make a likely mistake in a word of n letters, and one more. */
int words_slips(size_t n);

/* True where name is word[0..n), in whatever case, with fewer than *slips slips, which becomes their
 * number: the nearest of several names is the last for which it is true. */
bool words_nearer(const char *word, size_t n, const char *name, int *slips);

#endif
