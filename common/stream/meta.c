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

bool
meta_is_name(const char *name)
{
	return is_name(name, strlen(name));
}

const char *
meta_get(const struct meta *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->item[i].name, name) == 0)
			return m->item[i].value;
	return NULL;
}

bool
meta_has(const struct meta *m, const char *name, const char *value)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->item[i].name, name) == 0 && strcmp(m->item[i].value, value) == 0)
			return true;
	return false;
}

/* Makes a pair of the first len bytes of name and n of value. */
static int
make_item(struct meta_item *item, const char *name, size_t len, const char *value, size_t n)
{
	char *memory = NULL;
	int rc;

	if (!is_name(name, len))
		return err_set(ST_DATA, "'%.*s' cannot be a metadata name", (int)(len > 64 ? 64 : len), name);
	if (text_check(value, n) != ST_OK)
		return err_prefix("value of '%.*s'", (int)len, name);
	if ((rc = mem_grow(&memory, len + n + 2, 1)) != ST_OK)
		return rc;
	memcpy(memory, name, len);
	memcpy(memory + len + 1, value, n);
	memory[len] = memory[len + 1 + n] = '\0';
	*item = (struct meta_item){ memory, memory + len + 1, memory };
	return ST_OK;
}

static int
append(struct meta *m, const char *name, size_t len, const char *value, size_t n)
{
	int rc = mem_push(&m->item, m->n, sizeof *m->item);

	if (rc == ST_OK && (rc = make_item(&m->item[m->n], name, len, value, n)) == ST_OK)
		m->n++;
	return rc;
}

int
meta_take(struct meta *m, const char *name, struct str *value)
{
	char *text;
	int rc = str_take(value, &text);

	if (rc == ST_OK)
		rc = append(m, name, strlen(name), text, strlen(text));
	free(text);
	return rc;
}

int
meta_add(struct meta *m, const char *name, const char *fmt, ...)
{
	struct str value = { 0 };
	const char *text;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	if (strcmp(fmt, "%s") == 0) { /* as most are: heads have thousands */
		text = va_arg(ap, const char *);
		rc = append(m, name, strlen(name), text, strlen(text));
	} else {
		str_addv(&value, fmt, ap);
		rc = meta_take(m, name, &value);
	}
	va_end(ap);
	return rc;
}

int
meta_set(struct meta *m, const char *name, const char *fmt, ...)
{
	struct str value = { 0 };
	size_t at = 0;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	str_addv(&value, fmt, ap);
	va_end(ap);
	while (at < m->n && strcmp(m->item[at].name, name) != 0)
		at++;
	rc = meta_take(m, name, &value);
	if (rc == ST_OK && at < m->n - 1) {
		free(m->item[at].memory);
		m->item[at] = m->item[--m->n];
	}
	return rc;
}

int
meta_extend(struct meta *m, const char *fmt, ...)
{
	struct meta_item old = m->item[m->n - 1];
	struct str value = { 0 };
	va_list ap;
	int rc;

	str_add(&value, old.value);
	va_start(ap, fmt);
	str_addv(&value, fmt, ap);
	va_end(ap);
	rc = meta_take(m, old.name, &value);
	if (rc == ST_OK) {
		free(old.memory);
		m->n--;
		m->item[m->n - 1] = m->item[m->n];
	}
	return rc;
}

void
meta_remove(struct meta *m, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->item[i].name, name) == 0)
			free(m->item[i].memory);
		else
			m->item[kept++] = m->item[i];
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
			return err_set(ST_DATA, "metadata does not end with a newline");
		if (equals == NULL || equals > stop)
			return err_set(ST_DATA, "metadata byte %zu: not a name=value line", (size_t)(line - text) + 1);
		rc = append(m, line, (size_t)(equals - line), equals + 1, (size_t)(stop - equals - 1));
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
	return out->n - before > META_MAX ? err_set(ST_DATA, "metadata is larger than %d bytes", META_MAX) : str_status(out);
}

void
meta_clear(struct meta *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->item[i].memory);
	free(m->item);
	*m = (struct meta){ 0 };
}
