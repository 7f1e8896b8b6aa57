/* str: text that grows in memory. A failure stays: what is appended after it is
 * nothing, and str_take returns it, so that no cut text passes for a whole one.
 *
 *     struct str s = { 0 };
 *     str_add(&s, "step ");
 *     str_addf(&s, "%zu", i);
 *     return str_take(&s, &text);
 */
#ifndef SER_BASE_STR_H
#define SER_BASE_STR_H

#include <stdarg.h>
#include <stddef.h>

/* Zero-initialise before use; str_take or str_free ends it. */
struct str {
	char *text; /* n bytes and a NUL; NULL until something is appended */
	size_t n, cap;
	int status; /* ST_OK, or what an append has failed with */
};

/* Append a text, the first n bytes of one (NULL where n is 0), what printf would
 * print, a byte. */
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const char *text, size_t n);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_addv(struct str *s, const char *fmt, va_list ap);
void str_addc(struct str *s, char c);

/* ST_OK, or what an append has failed with; sets the thread's message then. */
int str_status(const struct str *s);

/* Hands the whole text ("" where nothing was appended) to the caller, who frees
 * it, and empties s; on failure *text is NULL and the thread's message set. */
int str_take(struct str *s, char **text);

/* Begins again with the memory that s has; a failure stays. */
void str_clear(struct str *s);

void str_free(struct str *s);

#endif
