#include "train/targets.h"

#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "judge/predictions.h"

/* *to[i]: the class of the table that is class i. */
static int
match_classes(const struct predictions *p, char *const *class, size_t classes, size_t *to)
{
	if (!p->probabilities)
		return err_set(ST_DATA, "%s: has no probabilities (columns p.CLASS)", p->file);
	if (p->classes != classes)
		return err_set(ST_DATA, "%s: has %zu classes; the training has %zu", p->file, p->classes, classes);
	for (size_t i = 0; i < classes; i++) {
		int found = predictions_class(p, class[i]);

		if (found < 0)
			return err_set(ST_DATA, "%s: has no class '%s'", p->file, class[i]);
		to[i] = (size_t)found;
	}
	return ST_OK;
}

static const struct prediction *
find(const struct predictions *p, const char *key, const char *start)
{
	struct prediction like = { 0 };

	for (size_t i = 0; i < PREDICTIONS_COLUMNS; i++)
		like.cell[i] = "-";
	like.cell[PREDICTIONS_KEY] = key;
	like.cell[PREDICTIONS_START] = start[0] == '\0' ? "-" : start;
	return predictions_find(p, &like);
}

static int
take(struct targets *t, const struct predictions *p, struct data_record *r, const size_t *to)
{
	const struct prediction *found = find(p, r->key, r->start);
	size_t bytes = p->classes * sizeof *r->soft;
	double *soft;

	if (found == NULL)
		found = find(p, r->source, r->start);
	if (found == NULL)
		return err_set(ST_DATA, "%s: record %llu (%s): %s has no prediction for it", r->file, (unsigned long long)r->number,
		               r->key, p->file);
	if ((soft = mem_take(&t->memory, p->classes, sizeof *soft)) == NULL)
		return ST_SYS;
	for (size_t i = 0; i < p->classes; i++)
		soft[i] = p->probability[(size_t)(found - p->record) * p->classes + to[i]];
	t->hash = XXH3_64bits_withSeed(soft, bytes, t->hash);
	r->soft = soft;
	return ST_OK;
}

int
targets_read(struct targets *t, const char *file, char *const *class, size_t classes, const struct data_part *part)
{
	struct predictions p = { .evaluated = true, .keep = true, .mixed = true };
	size_t *to = mem_take(&t->memory, classes, sizeof *to);
	int rc = to == NULL ? ST_SYS : predictions_read(&p, file);

	if (rc == ST_OK && (rc = predictions_finish(&p, true)) == ST_OK)
		rc = match_classes(&p, class, classes, to);
	for (size_t i = 0; i < part->n && rc == ST_OK; i++)
		rc = take(t, &p, (struct data_record *)part->record[i], to);
	predictions_free(&p);
	return rc;
}

void
targets_free(struct targets *t)
{
	mem_release(&t->memory);
}
