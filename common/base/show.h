/* show: text from outside as a terminal, a table or a message may get it. */
#ifndef SER_BASE_SHOW_H
#define SER_BASE_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes of the UTF-8 character (RFC 3629) that s[0..n), n > 0, begins with, and its
 * code; 0 where it is malformed. */
size_t show_decode(const char *s, size_t n, uint32_t *code);

/* True for what moves a cursor, ends a line, turns the direction of writing or does
 * not show at all: controls (the tab too), U+2028, U+202E and the like, zero-width
 * characters other than the joiners, which Persian and emoji need. */
bool show_hides(uint32_t code);

/* Puts the first character of s[0..n), n > 0, into buf as it may be shown: itself, or
 * \t, \x1b, \u202e; of what is not UTF-8 a byte, \xff. Returns the bytes of s used. */
enum { SHOW_MAX = 12 };
size_t show_next(const char *s, size_t n, char buf[SHOW_MAX]);

/* The whole of text, into size bytes at to (cut after a character), or to out. */
void show_copy(char *to, size_t size, const char *text);
void show_print(FILE *out, const char *text);

#endif
