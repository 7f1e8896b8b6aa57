/* dict: distinct strings, numbered in the order in which they are added. */
#ifndef SER_TABLE_DICT_H
#define SER_TABLE_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dict;

enum { DICT_EMPTY = 0 };          /* the number of "", which every dict has */
#define DICT_NONE UINT32_MAX      /* no such string */

/* NULL where memory ends. Several columns may share one, also in other threads:
 * dict_share adds an owner, dict_free takes one away and releases with the last; NULL
 * is fine. Only a dict of one owner may be added to. */
struct dict *dict_new(void);
struct dict *dict_share(struct dict *d);
void dict_free(struct dict *d);
bool dict_shared(const struct dict *d);

/* The number of the string of n bytes (no NUL among them), added where new. */
int dict_add(struct dict *d, const char *s, size_t n, uint32_t *number);

/* Its number, or DICT_NONE. */
uint32_t dict_find(const struct dict *d, const char *s, size_t n);

/* The string, valid until the next dict_add, and how many there are. */
const char *dict_text(const struct dict *d, uint32_t number);
uint32_t dict_size(const struct dict *d);

#endif
