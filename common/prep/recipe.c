#include "prep/recipe.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "stream/meta.h"

enum { WORDS_MAX = 1 << 20 };

struct scanner {
	struct recipe *r;
	const char *at, *end;
	const char *line_start;
	unsigned long line;
	bool joined; /* the last line went on with a backslash */
};

static int
bad(const struct scanner *s, const char *at, const char *what)
{
	return err_set(ST_DATA, "%s: line %lu, column %zu: %s", s->r->file, s->line, (size_t)(at - s->line_start) + 1,
	               what);
}

static struct recipe_step *
last_step(const struct scanner *s)
{
	return &s->r->step[s->r->steps - 1];
}

/* Takes text, also on failure. */
static int
add_word(struct scanner *s, char *text, bool quoted, const char *at)
{
	struct recipe_step *step = last_step(s);
	int rc = text == NULL ? ST_SYS : ST_OK;

	if (rc == ST_OK && step->n == WORDS_MAX)
		rc = bad(s, at, "more than a million words in a step");
	if (rc == ST_OK)
		rc = mem_push(&step->word, step->n, sizeof *step->word);
	if (rc != ST_OK) {
		free(text);
		return rc;
	}
	step->word[step->n++] = (struct recipe_word){ text, quoted, s->line, (size_t)(at - s->line_start) + 1 };
	return ST_OK;
}

static bool
ends_line(const struct scanner *s)
{
	return s->at == s->end || *s->at == '\n' || (*s->at == '\r' && s->at + 1 < s->end && s->at[1] == '\n');
}

static int
hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* What follows a backslash; at is behind it. */
static int
escape(struct scanner *s, char *to)
{
	static const char letters[] = "\"\\ntr", bytes[] = "\"\\\n\t\r";
	char c = s->at < s->end ? *s->at++ : '\0';
	const char *letter = c == '\0' ? NULL : strchr(letters, c);

	if (letter != NULL) {
		*to = bytes[letter - letters];
		return ST_OK;
	}
	if (c != 'x')
		return bad(s, s->at - 1, "after a backslash in quotes one of \" \\ n t r x is required");
	if (s->end - s->at >= 2 && isxdigit((unsigned char)s->at[0]) && isxdigit((unsigned char)s->at[1])) {
		*to = (char)(16 * hex(s->at[0]) + hex(s->at[1]));
		s->at += 2;
		if (*to > 0 && (unsigned char)*to < 0x80)
			return ST_OK;
	}
	return bad(s, s->at, "\\x requires two hexadecimal digits, 01 to 7f");
}

/* Bytes from here to the quote that ends the word, or to the line's end: a line
 * may be long, and most words are short. */
static size_t
quoted_length(const struct scanner *s)
{
	const char *p = s->at;

	while (p < s->end && *p != '"' && *p != '\n')
		p += *p == '\\' && p + 1 < s->end ? 2 : 1;
	return (size_t)(p - s->at);
}

/* A word in quotes, or the value of an option that is: behind plain bytes. */
static int
quoted_word(struct scanner *s, size_t plain)
{
	const char *from = s->at - plain;
	size_t n = plain;
	char *text;
	int rc;

	s->at++;
	text = mem_zero(plain + quoted_length(s) + 1, 1);
	rc = text == NULL ? ST_SYS : ST_OK;
	if (rc == ST_OK)
		memcpy(text, from, plain);
	while (rc == ST_OK && !ends_line(s) && *s->at != '"') {
		if (*s->at != '\\')
			text[n++] = *s->at++;
		else {
			s->at++;
			rc = escape(s, &text[n++]);
		}
	}
	if (rc == ST_OK && ends_line(s))
		rc = bad(s, from + plain, "a quote without its end");
	if (rc == ST_OK) {
		s->at++;
		if (!ends_line(s) && *s->at != ' ' && *s->at != '\t')
			rc = bad(s, s->at, "a blank is required after a quoted word");
	}
	if (rc != ST_OK) {
		free(text);
		return rc;
	}
	return add_word(s, text, plain == 0, from);
}

static int
plain_word(struct scanner *s)
{
	const char *from = s->at;

	while (!ends_line(s) && *s->at != ' ' && *s->at != '\t') {
		if (*s->at == '"' && s->at > from && s->at[-1] == '=')
			return quoted_word(s, (size_t)(s->at - from));
		if (*s->at == '"')
			return bad(s, s->at, "a quote within a word: quotes enclose a whole word, or an option's value");
		s->at++;
	}
	return add_word(s, mem_strn(from, (size_t)(s->at - from)), false, from);
}

static int
new_step(struct scanner *s)
{
	int rc = mem_push(&s->r->step, s->r->steps, sizeof *s->r->step);

	if (rc == ST_OK)
		s->r->step[s->r->steps++] = (struct recipe_step){ .line = s->line };
	return rc;
}

static bool
goes_on(const struct scanner *s)
{
	const char *p = s->at + 1;

	if (*s->at != '\\')
		return false;
	while (p < s->end && (*p == ' ' || *p == '\t'))
		p++;
	return p == s->end || *p == '\n' || *p == '\r';
}

/* One line; a step begins with its first word unless the last line went on. */
static int
scan_line(struct scanner *s)
{
	bool begun = s->joined;
	int rc = ST_OK;

	s->joined = false;
	while (rc == ST_OK) {
		while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
			s->at++;
		if (ends_line(s) || *s->at == '#')
			break;
		if (goes_on(s)) {
			s->joined = true;
			break;
		}
		if (!begun)
			rc = new_step(s);
		begun = true;
		if (rc == ST_OK)
			rc = *s->at == '"' ? quoted_word(s, 0) : plain_word(s);
	}
	s->joined = s->joined && begun;
	while (s->at < s->end && *s->at != '\n')
		s->at++;
	return rc;
}

int
recipe_parse(struct recipe *r, const char *text, size_t n)
{
	struct scanner s = { .r = r, .at = text, .end = text + n, .line = 1 };
	int rc = ST_OK;

	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		s.at += 3;
	for (; rc == ST_OK && s.at < s.end; s.line++) {
		const char *newline = memchr(s.at, '\n', (size_t)(s.end - s.at));
		size_t length = newline == NULL ? (size_t)(s.end - s.at) : (size_t)(newline - s.at);

		s.line_start = s.at;
		if (length > 0 && s.at[length - 1] == '\r')
			length--;
		if ((rc = text_check(s.at, length)) != ST_OK)
			rc = err_prefix("%s: line %lu", r->file, s.line);
		else
			rc = scan_line(&s);
		if (s.at < s.end)
			s.at++;
	}
	return rc;
}

/* True where the first n bytes of text are a word without quotes. */
static bool
is_plain(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (iscntrl((unsigned char)text[i]) || strchr(" \"\\;", text[i]) != NULL)
			return false;
	return n > 0 && text[0] != '#';
}

void
recipe_add_word(struct str *out, const char *text, bool quoted)
{
	const char *equals = strchr(text, '=');

	if (!quoted && is_plain(text, strlen(text))) {
		str_add(out, text);
		return;
	}
	/* An option's value, where that alone was quoted. */
	if (!quoted && equals != NULL && is_plain(text, (size_t)(equals - text))) {
		str_addn(out, text, (size_t)(equals + 1 - text));
		text = equals + 1;
	}
	str_addc(out, '"');
	for (const char *p = text; *p != '\0'; p++)
		if (*p == '"' || *p == '\\')
			str_addf(out, "\\%c", *p);
		else if (iscntrl((unsigned char)*p))
			str_addf(out, "\\x%02x", (unsigned)(unsigned char)*p);
		else
			str_addc(out, *p);
	str_addc(out, '"');
}

/* An unquoted word goes out as it came in, so that it stays an option, a pattern
 * or a separator; but a backslash alone, behind which a line would go on. */
static void
add_as_read(struct str *out, const struct recipe_word *w)
{
	if (w->quoted || strcmp(w->text, "\\") == 0 || strpbrk(w->text, " \"\t\n\r") != NULL)
		recipe_add_word(out, w->text, w->quoted);
	else
		str_add(out, w->text);
}

void
recipe_add_step(struct str *out, const struct recipe_step *s)
{
	for (size_t i = 0; i < s->n; i++) {
		str_add(out, i == 0 ? "" : " ");
		add_as_read(out, &s->word[i]);
	}
}

int
recipe_locate(const struct recipe *r, const struct recipe_step *s, size_t word)
{
	if (word >= s->n)
		err_prefix("%s: line %lu", r->file, s->line);
	else
		err_prefix("%s: line %lu, column %zu", r->file, s->word[word].line, s->word[word].column);
	return err_locate();
}

int
recipe_error(const struct recipe *r, const struct recipe_step *s, size_t word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(ST_DATA, fmt, ap);
	va_end(ap);
	return recipe_locate(r, s, word);
}

void
recipe_clear(struct recipe *r)
{
	for (size_t i = 0; i < r->steps; i++) {
		for (size_t k = 0; k < r->step[i].n; k++)
			free(r->step[i].word[k].text);
		free(r->step[i].word);
	}
	free(r->step);
	*r = (struct recipe){ .file = r->file };
}
