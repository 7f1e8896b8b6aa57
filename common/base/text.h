/* text: UTF-8, as metadata, tables and lists of labels hold it. */
#ifndef SER_BASE_TEXT_H
#define SER_BASE_TEXT_H

#include <stddef.h>

/* ST_DATA unless text[0..n) is UTF-8 without control characters. */
int text_check(const char *text, size_t n);

/* Characters (code points) of text[0..n), which is UTF-8. */
size_t text_characters(const char *text, size_t n);

#endif
