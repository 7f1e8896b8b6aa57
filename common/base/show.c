#include "base/show.h"

#include <string.h>

size_t
show_decode(const char *s, size_t n, uint32_t *code)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : 4;

	if (p[0] >= 0x80 && (p[0] < 0xc2 || p[0] > 0xf4))
		return 0;
	if (length > n)
		return 0;
	*code = length == 1 ? p[0] : p[0] & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3fU);
	}
	if ((length == 3 && *code < 0x800) || (*code >= 0xd800 && *code <= 0xdfff)) /* overlong, surrogate */
		return 0;
	if (length == 4 && (*code < 0x10000 || *code > 0x10ffff)) /* overlong, past the last */
		return 0;
	return length;
}

bool
show_hides(uint32_t code)
{
	static const uint32_t ranges[][2] = {
		{ 0, 0x1f },        { 0x7f, 0x9f },                                               /* C0, DEL, C1 */
		{ 0x61c, 0x61c },   { 0x200e, 0x200f },                                           /* marks of direction */
		{ 0x180e, 0x180e }, { 0x200b, 0x200b },   { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, /* zero width */
		{ 0x2028, 0x202e },   /* ends of lines and paragraphs, directions */
		{ 0xfff9, 0xfffb }, { 0xe0000, 0xe007f }, /* annotations, tags */
	};

	if (code >= ' ' && code < 0x7f)
		return false;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return true;
	return false;
}

size_t
show_next(const char *s, size_t n, char buf[SHOW_MAX])
{
	uint32_t code;
	size_t length = show_decode(s, n, &code);
	const char *at = length == 1 && code != 0 ? strchr("\tt\nn\rr", (int)code) : NULL;

	if (length > 0 && !show_hides(code)) {
		memcpy(buf, s, length);
		buf[length] = '\0';
	} else if (at != NULL && code < ' ') {
		snprintf(buf, SHOW_MAX, "\\%c", at[1]);
	} else if (length <= 1) {
		snprintf(buf, SHOW_MAX, "\\x%02x", (unsigned char)*s);
	} else {
		snprintf(buf, SHOW_MAX, code > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)code);
	}
	return length == 0 ? 1 : length;
}

void
show_copy(char *to, size_t size, const char *text)
{
	size_t left = strlen(text), used = 0;
	char buf[SHOW_MAX];

	while (left > 0) {
		size_t step = show_next(text, left, buf), n = strlen(buf);

		if (used + n + 1 > size)
			break;
		memcpy(to + used, buf, n);
		used += n;
		text += step;
		left -= step;
	}
	to[used] = '\0';
}

void
show_print(FILE *out, const char *text)
{
	char buf[SHOW_MAX];

	for (size_t left = strlen(text), step; left > 0; text += step, left -= step) {
		step = show_next(text, left, buf);
		fputs(buf, out);
	}
}
