#include "exchange/json.h"

#include "base/err.h"
#ifdef HAVE_libcjson
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/words.h"

/* The library does not tell the end of memory from the end of sense. */
static _Thread_local bool exhausted;

static void *
allocate(size_t n)
{
	void *p = malloc(n);

	exhausted = exhausted || p == NULL;
	return p;
}

/* cJSON keeps them all, and others keep the last. */
static int
check_names(const cJSON *object)
{
	size_t n = (size_t)cJSON_GetArraySize(object), i = 0;
	char **name = mem_zero(n, sizeof *name), *const **sorted = NULL;
	const cJSON *child;
	const char *twice = NULL;
	int rc = name == NULL ? ST_SYS : ST_OK;

	if (rc == ST_OK) {
		cJSON_ArrayForEach(child, object)
			name[i++] = child->string;
		rc = words_sort(name, n, &sorted);
	}
	if (rc == ST_OK && (twice = words_twice(sorted, n)) != NULL)
		rc = err_set(ST_DATA, "'%.100s' appears twice in an object of the JSON text", twice);
	free(sorted);
	free(name);
	return rc;
}

static int
check_tree(const cJSON *value, int depth) /* NOLINT(misc-no-recursion): at most JSON_DEEP */
{
	const cJSON *child;
	int rc = cJSON_IsObject(value) ? check_names(value) : ST_OK;

	if (depth > JSON_DEEP)
		return err_set(ST_DATA, "the JSON text is nested more than %d deep", JSON_DEEP);
	if (cJSON_IsObject(value) || cJSON_IsArray(value))
		for (child = value->child; child != NULL && rc == ST_OK; child = child->next)
			rc = check_tree(child, depth + 1);
	return rc;
}

int
json_parse(cJSON **out, const char *text, size_t n)
{
	const char *end = NULL;
	int rc;

	*out = NULL;
	if (!text_is_utf8(text, n))
		return err_set(ST_DATA, "the JSON text is not UTF-8");
	cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = allocate, .free_fn = free });
	exhausted = false;
	*out = cJSON_ParseWithLengthOpts(text, n, &end, 0);
	if (*out == NULL && exhausted)
		return err_set(ST_SYS, "out of memory");
	if (*out == NULL)
		return err_set(ST_DATA, "damaged JSON text at byte %zu", end == NULL ? 0 : (size_t)(end - text));
	while (end < text + n && (*end == ' ' || *end == '\n' || *end == '\r' || *end == '\t' || *end == '\0'))
		end++;
	rc = end < text + n ? err_set(ST_DATA, "there is something behind the JSON text") : check_tree(*out, 0);
	if (rc != ST_OK) {
		cJSON_Delete(*out);
		*out = NULL;
	}
	return rc;
}

const char *
json_text(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

bool
json_whole(const cJSON *value, double min, double max, size_t *to)
{
	double x = cJSON_IsNumber(value) ? value->valuedouble : NAN;

	if (!(x >= min && x <= max) || x != floor(x))
		return false;
	*to = (size_t)x;
	return true;
}
#endif
