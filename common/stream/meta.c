#include "stream/meta.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

bool
meta_reserved(const char *name)
{
	static const char *const reserved[] = { "key", "label", "group", "start", "src", "aug" };

	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}

static bool
is_name(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && strchr("._-", s[i]) == NULL)
			return false;
	return n > 0 && memchr(s, '\0', n) == NULL;
}

const char *
meta_get(const struct meta *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->item[i].name, name) == 0)
			return m->item[i].value;
	return NULL;
}

/* Appends a pair and takes value, also on failure. */
static int
append(struct meta *m, const char *name, size_t len, char *value)
{
	char *copy = NULL;
	int rc = value == NULL ? ST_SYS : ST_OK;

	if (rc == ST_OK && !is_name(name, len))
		rc = err_set(ST_DATA, "'%.*s' cannot be a metadata name", (int)(len > 64 ? 64 : len), name);
	if (rc == ST_OK && (rc = text_check(value, strlen(value))) != ST_OK)
		rc = err_prefix("value of '%.*s'", (int)len, name);
	if (rc == ST_OK)
		rc = mem_push(&m->item, m->n, sizeof *m->item);
	if (rc == ST_OK && (copy = mem_strn(name, len)) == NULL)
		rc = ST_SYS;
	if (rc != ST_OK) {
		free(value);
		return rc;
	}
	m->item[m->n++] = (struct meta_item){ copy, value };
	return ST_OK;
}

int
meta_add(struct meta *m, const char *name, const char *fmt, ...)
{
	struct str s = { 0 };
	va_list ap;
	char *value;

	va_start(ap, fmt);
	str_addv(&s, fmt, ap);
	va_end(ap);
	str_take(&s, &value);
	return append(m, name, strlen(name), value);
}

int
meta_set(struct meta *m, const char *name, const char *fmt, ...)
{
	struct str s = { 0 };
	va_list ap;
	char *value;
	int rc;

	va_start(ap, fmt);
	str_addv(&s, fmt, ap);
	va_end(ap);
	rc = str_take(&s, &value);
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->item[i].name, name) == 0) {
			if (rc == ST_OK && (rc = text_check(value, strlen(value))) != ST_OK)
				rc = err_prefix("value of '%s'", name);
			if (rc == ST_OK) {
				free(m->item[i].value);
				m->item[i].value = value;
			} else {
				free(value);
			}
			return rc;
		}
	return append(m, name, strlen(name), value);
}

void
meta_remove(struct meta *m, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->item[i].name, name) == 0) {
			free(m->item[i].name);
			free(m->item[i].value);
		} else {
			m->item[kept++] = m->item[i];
		}
	m->n = kept;
}

int
meta_copy(struct meta *m, const struct meta *from)
{
	int rc = ST_OK;

	for (size_t i = 0; i < from->n && rc == ST_OK; i++)
		rc = meta_add(m, from->item[i].name, "%s", from->item[i].value);
	return rc;
}

int
meta_parse(struct meta *m, const char *text, size_t n)
{
	const char *line = text, *end = text + n;
	int rc = ST_OK;

	if (memchr(text, '\0', n) != NULL)
		return err_set(ST_DATA, "metadata holds a NUL byte");
	while (line < end && rc == ST_OK) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		const char *equals = memchr(line, '=', (size_t)(end - line));

		if (stop == NULL)
			return err_set(ST_DATA, "metadata does not end with a line's end");
		if (equals == NULL || equals > stop)
			return err_set(ST_DATA, "metadata byte %zu: not a name=value line", (size_t)(line - text) + 1);
		rc = append(m, line, (size_t)(equals - line), mem_strn(equals + 1, (size_t)(stop - equals - 1)));
		line = stop + 1;
	}
	return rc;
}

int
meta_print(const struct meta *m, struct str *out)
{
	size_t before = out->n;

	for (size_t i = 0; i < m->n; i++) {
		str_add(out, m->item[i].name);
		str_addc(out, '=');
		str_add(out, m->item[i].value);
		str_addc(out, '\n');
	}
	return out->n - before > META_MAX ? err_set(ST_DATA, "metadata is larger than %d bytes", META_MAX) : out->status;
}

void
meta_clear(struct meta *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->item[i].name);
		free(m->item[i].value);
	}
	free(m->item);
	*m = (struct meta){ 0 };
}
