#include "base/text.h"

#include "base/err.h"

/* Length of the UTF-8 sequence at s, or 0 where it is malformed (RFC 3629). */
static size_t
utf8_length(const unsigned char *s, size_t n)
{
	size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 : 4;

	if (s[0] >= 0x80 && (s[0] < 0xc2 || s[0] > 0xf4))
		return 0;
	if (length > n)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)) /* overlong, surrogate */
		return 0;
	if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) /* overlong, past U+10FFFF */
		return 0;
	return length;
}

int
text_check(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0, step; i < n; i += step) {
		step = utf8_length(s + i, n - i);
		if (step == 0)
			return err_set(ST_DATA, "byte %zu is not UTF-8", i + 1);
		if ((s[i] < ' ' && s[i] != '\t') || s[i] == 0x7f)
			return err_set(ST_DATA, "byte %zu is a control character", i + 1);
	}
	return ST_OK;
}

size_t
text_characters(const char *text, size_t n)
{
	size_t characters = 0;

	for (size_t i = 0; i < n; i++)
		characters += ((unsigned char)text[i] & 0xc0) != 0x80;
	return characters;
}
