#include "train/tune.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/words.h"

size_t
tune_head(struct nn *net)
{
	return nn_params(net) == 0 ? nn_layers(net) : nn_param(net, nn_params(net) - 1)->layer - 1;
}

/* More batches than any training has: see nn_set_batches. */
static const uint64_t many = UINT64_C(1) << 40;

static bool
is_of(const struct nn_param *p, const char *kind)
{
	return strstr(p->name, kind) != NULL;
}

int
tune_start(struct model *from, const char *file, struct nn *net, bool new_head, struct tune_report *report)
{
	bool *filled = mem_zero(nn_params(net), sizeof *filled);
	int rc;

	*report = (struct tune_report){ 0 };
	if (filled == NULL)
		return ST_SYS;
	if (new_head && tune_head(net) < nn_layers(net))
		model_drop(from, nn_layer_name(net, tune_head(net)));
	rc = model_fill(from, file, net, filled);
	nn_set_batches(net, many);
	for (size_t i = 0; i < nn_params(net); i++) {
		if (filled[i])
			report->kept++;
		else
			report->fresh++;
		if (!filled[i] && is_of(nn_param(net, i), ".normalize/"))
			report->refit = true;
		if (!filled[i] && is_of(nn_param(net, i), ".batchnorm/"))
			nn_set_batches(net, 0);
	}
	free(filled);
	if (rc == ST_OK && report->kept == 0)
		rc = err_set(ST_DATA, "%s: none of its weights fits the net", file);
	return rc;
}

/* A whole number of digits at *text, which moves past it; 0 where none is. */
static size_t
parse_number(const char **text)
{
	size_t n = 0;

	while (**text >= '0' && **text <= '9' && n < 1000000)
		n = 10 * n + (size_t)(*(*text)++ - '0');
	return n;
}

/* "3" or "1-5". */
static bool
parse_range(const char *word, size_t layers, size_t *from, size_t *to)
{
	*from = *to = parse_number(&word);
	if (*word == '-') {
		word++;
		*to = parse_number(&word);
	}
	return *word == '\0' && *from >= 1 && *from <= *to && *to <= layers;
}

static bool
names_layer(const char *word, const char *name)
{
	const char *kind = strchr(name, '.');

	return strcmp(word, name) == 0 || (kind != NULL && strcmp(word, kind + 1) == 0);
}

static int
freeze_word(struct nn *net, const char *word)
{
	size_t from, to;
	bool found = false;

	if (strcmp(word, "all-but-last") == 0) {
		for (size_t i = 0; i < tune_head(net); i++)
			nn_freeze(net, i, true);
		return ST_OK;
	}
	if (parse_range(word, nn_layers(net), &from, &to)) {
		for (size_t i = from; i <= to; i++)
			nn_freeze(net, i - 1, true);
		return ST_OK;
	}
	for (size_t i = 0; i < nn_layers(net); i++)
		if (names_layer(word, nn_layer_name(net, i))) {
			nn_freeze(net, i, true);
			found = true;
		}
	if (!found)
		return err_set(ST_USAGE, "--freeze: the net has no layer '%s' (it has %zu)", word, nn_layers(net));
	return ST_OK;
}

static bool
anything_active(struct nn *net)
{
	for (size_t i = 0; i < nn_params(net); i++)
		if (nn_param(net, i)->grad != NULL && !nn_param(net, i)->frozen)
			return true;
	return false;
}

int
tune_freeze(struct nn *net, const char *list)
{
	char **word;
	size_t n;
	int rc = words_split(list, &word, &n);

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = freeze_word(net, word[i]);
	free(word);
	if (rc == ST_OK && !anything_active(net))
		rc = err_set(ST_USAGE, "--freeze: nothing is left to train");
	return rc;
}
