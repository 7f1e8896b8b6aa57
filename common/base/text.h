/* text: UTF-8, as metadata, tables and lists of labels hold it. */
#ifndef SER_BASE_TEXT_H
#define SER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* ST_DATA unless text[0..n) is UTF-8 without characters that hide (base/show.h), but
 * for the tab. */
int text_check(const char *text, size_t n);

bool text_is_utf8(const char *text, size_t n);

/* True for what the shell takes as one word as it is, and no program as an option. */
bool text_is_word(const char *text);

/* Text as the shell takes it for one word that is no option, in quotes where necessary:
 * in buf, of n bytes, or itself. */
const char *text_word(const char *text, char *buf, size_t n);

/* Appends text with what hides in it escaped, as show_print writes it. */
void text_add(struct str *out, const char *text);

/* Characters (code points) of text[0..n), which is UTF-8. */
size_t text_characters(const char *text, size_t n);

/* How often the byte c is in s[0..n). */
size_t text_count(const void *s, size_t n, char c);

#endif
