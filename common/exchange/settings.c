#include "exchange/settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/words.h"

/* The head of `wavnorm | melspec'; both leave some out that others make meaningless. */
static const struct {
	const char *name, *value;
} mel[] = {
	{ "rate", "22050" }, { "samples", "55125" }, { "at", "start" }, { "level", "none" }, { "trim", "none" },
	{ "trimframe", NULL }, { "nfft", "2048" }, { "window", "2048" }, { "hop", "512" }, { "mels", "128" },
	{ "fmin", "0" }, { "fmax", "8000" }, { "formula", "slaney" }, { "norm", "area" }, { "power", "2" },
	{ "center", "yes" }, { "scale", "db" }, { "ref", "max" }, { "topdb", "80" }, { "amin", "1e-10" },
	{ "cmvn", NULL },
};
enum { MEL = sizeof mel / sizeof *mel };

static const double seconds = 2.5; /* what wavnorm cuts to */

static int
check_name(const char *name)
{
	const char *near = NULL;
	int slips = words_slips(strlen(name));

	if (strcmp(name, "type") == 0)
		return ST_OK;
	for (int i = 0; i < MEL; i++)
		if (strcmp(mel[i].name, name) == 0)
			return ST_OK;
	for (int i = 0; i < MEL; i++)
		if (strlen(name) < 32 && words_nearer(name, strlen(name), mel[i].name, &slips))
			near = mel[i].name;
	return err_set(ST_USAGE, "--features: '%.40s' is no setting of mel features%s%s%s", name, near == NULL ? "" : ": did you mean ",
	               near == NULL ? "" : near, near == NULL ? " (tsrdump shows those of a stream)" : "?");
}

/* One "name=value", or what belongs to the value before. */
static int
take_word(struct meta *to, const char *word, size_t n)
{
	const char *equals = memchr(word, '=', n);
	const char *last = to->n > 0 ? to->item[to->n - 1].value : NULL, *name = to->n > 0 ? to->item[to->n - 1].name : NULL;
	char *own;
	int rc;

	if (equals == NULL || (name != NULL && strcmp(name, "cmvn") == 0))
		return name == NULL ? err_set(ST_USAGE, "--features: '%.*s' is not NAME=VALUE", (int)(n < 60 ? n : 60), word)
		                    : meta_set(to, name, "%s %.*s", last, (int)n, word);
	if ((own = mem_strn(word, (size_t)(equals - word))) == NULL)
		return ST_SYS;
	if (meta_get(to, own) != NULL)
		rc = err_set(ST_USAGE, "--features: %.60s is given twice", own);
	else if (equals + 1 == word + n)
		rc = err_set(ST_USAGE, "--features: %.60s has no value", own);
	else
		rc = meta_add(to, own, "%.*s", (int)(word + n - equals - 1), equals + 1);
	free(own);
	return rc == ST_DATA ? err_set(ST_USAGE, "--features: %s", err_text()) : rc;
}

static int
take_words(struct meta *to, const char *text)
{
	int rc = ST_OK;

	for (const char *s = text == NULL ? "" : text; *s != '\0' && rc == ST_OK;) {
		size_t n;

		s += strspn(s, " \t\n");
		n = strcspn(s, " \t\n");
		if (n > 0)
			rc = take_word(to, s, n);
		s += n;
	}
	return rc;
}

/* A setting as a positive number; false where it is none. */
static bool
number(const struct meta *m, const char *name, double *to)
{
	const char *text = meta_get(m, name);
	char *end;

	if (text == NULL)
		return false;
	*to = strtod(text, &end);
	return end != text && *end == '\0' && *to >= 1 && *to <= 1e9;
}

/* What follows from other settings instead of being as usual. */
static int
derive(const struct meta *said, const char *name, struct meta *to)
{
	const char *nfft = meta_get(said, "nfft");
	double rate;

	if (strcmp(name, "samples") == 0 && meta_get(said, "rate") != NULL)
		return number(said, "rate", &rate) ? meta_add(to, name, "%.0f", fmax(1, round(seconds * rate)))
		                                   : err_set(ST_USAGE, "--features: rate is no number of Hz");
	if (strcmp(name, "window") == 0 && nfft != NULL)
		return meta_add(to, name, "%s", nfft);
	for (int i = 0; i < MEL; i++)
		if (strcmp(mel[i].name, name) == 0 && mel[i].value != NULL)
			return meta_add(to, name, "%s", mel[i].value);
	return ST_OK;
}

/* Whether the scale leaves that setting out, as melspec does. */
static bool
is_ignored(const struct meta *said, const char *name)
{
	const char *scale = meta_get(said, "scale");
	bool db = scale == NULL || strcmp(scale, "db") == 0, power = scale != NULL && strcmp(scale, "power") == 0;

	return (!db && (strcmp(name, "ref") == 0 || strcmp(name, "topdb") == 0)) || (power && strcmp(name, "amin") == 0);
}

int
settings_parse(const char *text, struct meta *to)
{
	struct meta said = { 0 };
	int rc = take_words(&said, text);
	const char *type = meta_get(&said, "type");
	bool is_mel = type == NULL || strcmp(type, "mel") == 0;

	for (size_t i = 0; i < said.n && is_mel && rc == ST_OK; i++)
		rc = check_name(said.item[i].name);
	if (rc == ST_OK && !is_mel)
		rc = strcmp(type, "table") == 0 || strcmp(type, "lld") == 0
		         ? meta_copy(to, &said)
		         : err_set(ST_USAGE, "--features: type=%.40s is none of mel, lld, table", type);
	if (rc == ST_OK && is_mel)
		rc = meta_add(to, "type", "mel");
	for (int i = 0; i < MEL && is_mel && rc == ST_OK; i++) {
		const char *value = meta_get(&said, mel[i].name);

		if (!is_ignored(&said, mel[i].name))
			rc = value != NULL ? meta_add(to, mel[i].name, "%s", value) : derive(&said, mel[i].name, to);
	}
	meta_clear(&said);
	return rc;
}

bool
settings_shape(const struct meta *m, struct array_shape *shape)
{
	const char *type = meta_get(m, "type"), *samples = meta_get(m, "samples"), *center = meta_get(m, "center");
	double n, nfft, hop, mels;

	*shape = (struct array_shape){ .rank = 2 };
	if (type == NULL || strcmp(type, "mel") != 0 || samples == NULL || !number(m, "mels", &mels) ||
	    !number(m, "hop", &hop) || !number(m, "nfft", &nfft))
		return false;
	shape->d[1] = (size_t)mels;
	if (strcmp(samples, "all") == 0)
		return true;
	if (!number(m, "samples", &n) || (n < nfft && center != NULL && strcmp(center, "no") == 0))
		return false;
	shape->d[0] = 1 + (size_t)((center != NULL && strcmp(center, "no") == 0 ? n - nfft : n) / hop);
	return true;
}
