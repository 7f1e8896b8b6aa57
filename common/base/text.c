#include "base/text.h"

#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/show.h"

int
text_check(const char *text, size_t n)
{
	uint32_t code;

	for (size_t i = 0, step; i < n; i += step) {
		step = 1;
		if (text[i] >= ' ' && text[i] <= '~')
			continue;
		step = show_decode(text + i, n - i, &code);
		if (step == 0)
			return err_set(ST_DATA, "byte %zu is not UTF-8", i + 1);
		if (code == '\t' || !show_hides(code))
			continue;
		if (code < 0xa0)
			return err_set(ST_DATA, "byte %zu is a control character", i + 1);
		return err_set(ST_DATA, "byte %zu is U+%04X, which does not show or turns what follows", i + 1, (unsigned)code);
	}
	return ST_OK;
}

bool
text_is_utf8(const char *text, size_t n)
{
	uint32_t code;

	for (size_t i = 0, step; i < n; i += step)
		if ((step = show_decode(text + i, n - i, &code)) == 0)
			return false;
	return true;
}

bool
text_is_word(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("._-+,:@%/", *p) == NULL)
			return false;
	return text[0] != '\0' && text[0] != '-';
}

const char *
text_word(const char *text, char *buf, size_t n)
{
	bool shown = text_check(text, strlen(text)) == ST_OK && strchr(text, '\t') == NULL; /* else as \x0a, for $'...' */
	char *p = buf;

	if (text_is_word(text) || n < 8)
		return text;
	p += snprintf(buf, n, "%s%s", text[0] == '-' ? "./" : "", shown ? "'" : "$'");
	for (; *text != '\0' && p + 6 < buf + n; text++) {
		if (*text == '\'')
			p = stpcpy(p, shown ? "'\\'" : "\\");
		else if (*text == '\\' && !shown)
			*p++ = '\\';
		*p++ = *text;
	}
	stpcpy(p, "'");
	return buf;
}

void
text_add(struct str *out, const char *text)
{
	char buf[SHOW_MAX];

	for (size_t left = strlen(text), step; left > 0; text += step, left -= step) {
		step = show_next(text, left, buf);
		str_add(out, buf);
	}
}

size_t
text_characters(const char *text, size_t n)
{
	size_t characters = 0;

	for (size_t i = 0; i < n; i++)
		characters += ((unsigned char)text[i] & 0xc0) != 0x80;
	return characters;
}

size_t
text_count(const void *s, size_t n, char c)
{
	const char *p = s;
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		k += p[i] == c;
	return k;
}
