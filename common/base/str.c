#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* Room for n bytes more and a NUL. */
static char *
room(struct str *s, size_t n)
{
	if (s->status == ST_OK)
		s->status = mem_room(&s->text, &s->cap, s->n + n + 1, 1);
	return s->status == ST_OK ? s->text + s->n : NULL;
}

void
str_addn(struct str *s, const char *text, size_t n)
{
	char *to = room(s, n);

	if (to == NULL)
		return;
	if (n > 0)
		memcpy(to, text, n);
	to[n] = '\0';
	s->n += n;
}

void
str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void
str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

void
str_addv(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	char *to;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		s->status = ST_SYS;
	else if ((to = room(s, (size_t)n)) != NULL) {
		vsnprintf(to, (size_t)n + 1, fmt, ap);
		s->n += (size_t)n;
	}
}

void
str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_addv(s, fmt, ap);
	va_end(ap);
}

int
str_status(const struct str *s)
{
	/* What was called since may have had another message. */
	return s->status == ST_OK ? ST_OK : err_set(s->status, "out of memory");
}

int
str_take(struct str *s, char **text)
{
	int rc;

	str_addn(s, "", 0);
	rc = str_status(s);
	*text = rc == ST_OK ? s->text : NULL;
	if (rc == ST_OK)
		s->text = NULL;
	str_free(s);
	return rc;
}

void
str_clear(struct str *s)
{
	s->n = 0;
	str_addn(s, "", 0);
}

void
str_free(struct str *s)
{
	free(s->text);
	*s = (struct str){ 0 };
}
