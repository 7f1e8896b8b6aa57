/* The text of net(5). */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/words.h"
#include "net/net.h"

enum { WORDS_MAX = 16, LINE_MAX_BYTES = 1024 };
const char *const nn_any_word[] = { NULL };

int
nn_complain(const struct nn_layer *l, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(ST_DATA, "%s: line %d: %s", l->net->name, l->line, text);
}

const struct nn_kind *
nn_kind_at(size_t i)
{
	const struct nn_kind *const tables[] = { nn_dense_kinds, nn_conv1d_kinds, nn_conv2d_kinds, nn_speaker_kinds,
		LEVEL_OF(nn_norm_kinds), LEVEL_OF(nn_normalize_kinds), LEVEL_OF(nn_activation_kinds), LEVEL_OF(nn_pool_kinds),
		LEVEL_OF(nn_attention_kinds), LEVEL_OF(nn_branch_kinds), LEVEL_OF(nn_layernorm_kinds), LEVEL_OF(nn_lstm_kinds), LEVEL_OF(nn_gru_kinds) };

	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
		for (const struct nn_kind *k = tables[t]; k->name != NULL; k++)
			if (i-- == 0)
				return k;
	return NULL;
}

static const struct nn_kind *
find_kind(const char *word)
{
	const struct nn_kind *k;

	for (size_t i = 0; (k = nn_kind_at(i)) != NULL && strcmp(k->name, word) != 0;)
		i++;
	return k;
}

static int
complain_of_kind(const struct nn_layer *l, const char *word)
{
	const char *near = NULL;
	const struct nn_kind *k;
	size_t n = strlen(word);
	int slips = words_slips(n);

	for (size_t i = 0; n < 32 && (k = nn_kind_at(i)) != NULL; i++)
		if (words_nearer(word, n, k->name, &slips))
			near = k->name;
	return nn_complain(l, "'%.40s' is not a layer%s%s%s", word, near == NULL ? "" : ": did you mean ", near == NULL ? "" : near,
	                   near == NULL ? " (net(5) lists them)" : "?");
}

static int
complain_of_choice(const struct nn_layer *l, const struct nn_arg *a, const char *text)
{
	char list[128] = "";

	for (int i = 0; a->choices[i] != NULL; i++) {
		size_t n = strlen(list);

		snprintf(list + n, sizeof list - n, "%s%s", i == 0 ? "" : ", ", a->choices[i]);
	}
	return nn_complain(l, "%s: %s: '%s' is none of %s", l->kind->name, a->name, text, list);
}

static int
parse_value(struct nn_layer *l, const struct nn_arg *a, const char *text, double *value)
{
	char *end;

	if (a->choices == nn_any_word) {
		if (strlen(text) == 0 || strlen(text) >= sizeof l->label)
			return nn_complain(l, "%s: %s: a word of 1 to %zu bytes is required", l->kind->name, a->name, sizeof l->label - 1);
		snprintf(l->label, sizeof l->label, "%s", text);
		*value = 0;
		return ST_OK;
	}
	if (a->choices != NULL) {
		for (int i = 0; a->choices[i] != NULL; i++)
			if (strcmp(a->choices[i], text) == 0) {
				*value = i;
				return ST_OK;
			}
		return complain_of_choice(l, a, text);
	}
	if (a->whole && strcmp(text, "classes") == 0) {
		*value = (double)l->net->classes;
		return ST_OK;
	}
	*value = strtod(text, &end);
	if (end == text || *end != '\0' || !isfinite(*value) || (a->whole && *value != floor(*value)))
		return nn_complain(l, "%s: %s: '%s' is not a %snumber", l->kind->name, a->name, text, a->whole ? "whole " : "");
	if (*value < a->min || *value > a->max)
		return nn_complain(l, "%s: %s: %s is not between %.10g and %.10g", l->kind->name, a->name, text, a->min, a->max);
	return ST_OK;
}

/* The argument that a word sets: by name, or the first not yet given. */
static int
match_argument(struct nn_layer *l, char *word, const bool *given, size_t *which, const char **text)
{
	char *equals = strchr(word, '=');

	*text = equals == NULL ? word : equals + 1;
	if (equals != NULL)
		*equals = '\0';
	for (size_t i = 0; i < NN_ARGS_MAX && l->kind->arg[i].name != NULL; i++)
		if (equals == NULL ? !given[i] : strcmp(l->kind->arg[i].name, word) == 0) {
			*which = i;
			return given[i] ? nn_complain(l, "%s: %s is given twice", l->kind->name, word) : ST_OK;
		}
	return nn_complain(l, "%s: '%s' is not an option of it", l->kind->name, word);
}

static int
parse_arguments(struct nn_layer *l, char **word, size_t words)
{
	bool given[NN_ARGS_MAX] = { false };
	const char *text;
	size_t which = 0;
	int rc;

	for (size_t i = 1; i < words; i++) {
		if ((rc = match_argument(l, word[i], given, &which, &text)) != ST_OK ||
		    (rc = parse_value(l, &l->kind->arg[which], text, &l->arg[which])) != ST_OK)
			return rc;
		given[which] = true;
	}
	for (size_t i = 0; i < NN_ARGS_MAX && l->kind->arg[i].name != NULL; i++) {
		if (!given[i])
			l->arg[i] = l->kind->arg[i].fallback;
		if (isnan(l->arg[i]))
			return nn_complain(l, "%s: %s is missing", l->kind->name, l->kind->arg[i].name);
	}
	return ST_OK;
}

/* One line of the net, already cut out of the text. */
static int
parse_line(struct nn *net, char *line, int number)
{
	struct nn_layer *l = &net->layer[net->layers];
	char *word[WORDS_MAX], *rest = line, *hash = strchr(line, '#');
	size_t words = 0;

	if (hash != NULL)
		*hash = '\0';
	*l = (struct nn_layer){ .net = net, .memory = &net->memory, .line = number, .number = net->layers + 1 };
	for (char *w; (w = strtok_r(words == 0 ? line : NULL, " \t\r", &rest)) != NULL;) {
		if (words == WORDS_MAX)
			return nn_complain(l, "too many words");
		word[words++] = w;
	}
	if (words == 0)
		return ST_OK;
	l->kind = find_kind(word[0]);
	if (l->kind == NULL)
		return complain_of_kind(l, word[0]);
	if (net->layers == LAYERS_MAX)
		return nn_complain(l, "more than %d layers", LAYERS_MAX);
	snprintf(l->name, sizeof l->name, "%02zu.%s", l->number, l->kind->name);
	net->layers++;
	return parse_arguments(l, word, words);
}

int
nn_parse(struct nn *net, const char *text)
{
	char line[LINE_MAX_BYTES];
	int number = 0, rc = ST_OK;

	while (*text != '\0' && rc == ST_OK) {
		size_t n = strcspn(text, "\n");

		number++;
		if (n >= sizeof line)
			return err_set(ST_DATA, "%s: line %d: longer than %d bytes", net->name, number, LINE_MAX_BYTES - 1);
		memcpy(line, text, n);
		line[n] = '\0';
		rc = parse_line(net, line, number);
		text += n + (text[n] == '\n');
	}
	if (rc == ST_OK && net->layers == 0)
		return err_set(ST_DATA, "%s: no layers", net->name);
	return rc;
}
