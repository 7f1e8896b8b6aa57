/* recipe: the text of a prep(5) file as steps of words. What the words mean is
 * prep's business. */
#ifndef SER_PREP_RECIPE_H
#define SER_PREP_RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct recipe_word {
	char *text;
	bool quoted;   /* a quoted word is never an option or a separator */
	unsigned long line; /* where it began, from 1 */
	size_t column;      /* and where in its line, in bytes from 1 */
};

struct recipe_step {
	struct recipe_word *word;
	size_t n;
	unsigned long line; /* of its first word */
};

/* Zero-initialise before use; recipe_clear releases all but file. */
struct recipe {
	const char *file; /* for messages */
	struct recipe_step *step;
	size_t steps;
};

enum { RECIPE_MAX = 1 << 20 }; /* bytes of a recipe */

/* Splits text into steps, one a line: words apart by blanks, or within double
 * quotes (so may an option's value behind its =), where \" \\ \n \t \r \xHH stand
 * for characters; # before a word begins a
 * comment; a backslash alone at a line's end goes on in the next line. The text is
 * UTF-8 of n bytes with a NUL behind. ST_DATA with file, line and column. Appends
 * to r. */
int recipe_parse(struct recipe *r, const char *text, size_t n);

/* Appends a word so that recipe_parse reads it as it is. */
void recipe_add_word(struct str *out, const char *text, bool quoted);

/* Appends the step in its one form, as provenance and saved states have it: words
 * apart by one blank. */
void recipe_add_step(struct str *out, const struct recipe_step *s);

/* Sets "FILE: line N, column M: " and the message; returns ST_DATA. word may be
 * s->n for the step as a whole. */
int recipe_error(const struct recipe *r, const struct recipe_step *s, size_t word, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Puts that position before the thread's message; returns its status. */
int recipe_locate(const struct recipe *r, const struct recipe_step *s, size_t word);

void recipe_clear(struct recipe *r);

#endif
