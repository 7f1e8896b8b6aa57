#include "model/like.h"

#include <string.h>

#include "base/err.h"

int
like_check_options(const char *like, const char *beside)
{
	if (like != NULL || beside == NULL)
		return ST_OK;
	return err_set(ST_USAGE, "--beside %s: --like MODEL is required, whose input that is", beside);
}

int
like_choose(struct model *m, const char *file, const char *beside)
{
	const struct meta first = m->feature;
	const char *name = m->beside.name;

	if (beside == NULL)
		return ST_OK;
	if (name == NULL)
		return err_set(ST_DATA, "%s: its net has one input, and none beside that", file);
	if (strcmp(name, beside) != 0)
		return err_set(ST_DATA, "%s: its net has no input '%s'; the second is '%s'", file, beside, name);
	m->feature = m->beside.feature;
	m->beside.feature = first;
	return ST_OK;
}

bool
like_is_sound(const struct meta *feature)
{
	const char *type = meta_get(feature, "type");

	return type != NULL && (strcmp(type, "mel") == 0 || meta_get(feature, "rate") != NULL);
}

int
like_read(struct model *m, const char *file, const char *beside)
{
	const char *type;
	int rc = model_read_head(m, file);

	if (rc == ST_OK && (rc = like_choose(m, file, beside)) != ST_OK)
		model_free(m);
	if (rc != ST_OK)
		return rc;
	if (like_is_sound(&m->feature))
		return ST_OK;
	type = meta_get(&m->feature, "type");
	rc = err_set(ST_DATA, "%s: trained on a %s stream, not on features of sound", file, type == NULL ? "nameless" : type);
	model_free(m);
	return rc;
}

int
like_check_type(const struct model *m, const char *file, const char *type)
{
	const char *has = meta_get(&m->feature, "type");

	if (has != NULL && strcmp(has, type) == 0)
		return ST_OK;
	return err_set(ST_DATA, "%s: trained on a %s stream, not on a %s stream", file, has == NULL ? "nameless" : has, type);
}

void
like_name(const char *option, char setting[LIKE_NAME])
{
	size_t n = 0;

	for (; *option != '\0' && n + 1 < LIKE_NAME; option++)
		if (*option != '-')
			setting[n++] = *option;
	setting[n] = '\0';
}

const char *
like_setting(const struct model *m, const char *file, const char *name)
{
	const char *value = meta_get(&m->feature, name);

	if (value == NULL)
		err_set(ST_DATA, "%s: the %s of the features it was trained on is missing", file, name);
	return value;
}

int
like_take(const struct tool *t, const struct model *m, const char *file, const char *name)
{
	char setting[LIKE_NAME];
	const char *value;

	like_name(name, setting);
	value = like_setting(m, file, setting);
	return value == NULL ? ST_DATA : opt_impose(t, name, value, file);
}
