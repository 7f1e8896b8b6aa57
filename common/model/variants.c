#include "model/variants.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/output.h"
#include "table/dict.h"

/* The recording that a record belongs to, a new one where it is the first of it. */
static int
find_recording(struct variants *v, const char *key, const char *start, struct variants_recording **recording)
{
	struct str name = { 0 };
	uint32_t number;
	int rc;

	if (v->names == NULL && (v->names = dict_new()) == NULL)
		return ST_SYS;
	str_addf(&name, "%s\n%s", key, start == NULL ? "" : start);
	if ((rc = str_status(&name)) == ST_OK)
		rc = dict_add(v->names, name.text, name.n, &number);
	str_free(&name);
	if (rc == ST_OK && number > v->n && (rc = mem_push(&v->recording, v->n, sizeof *v->recording)) == ST_OK) {
		double *p = mem_zero(v->classes, sizeof *p);

		if (p == NULL)
			return ST_SYS;
		v->recording[v->n++] = (struct variants_recording){ .p = p };
	}
	if (rc == ST_OK)
		*recording = &v->recording[number - 1];
	return rc;
}

/* Takes what is known of a recording from itself, or for now from its first variant. */
static int
describe(struct variants_recording *r, const struct meta *meta, const char *src, double enrolled)
{
	int rc;

	meta_clear(&r->meta);
	r->itself = src == NULL;
	r->enrolled = enrolled;
	rc = meta_copy(&r->meta, meta);
	if (src != NULL && rc == ST_OK && (rc = meta_set(&r->meta, "key", "%s", src)) == ST_OK) {
		meta_remove(&r->meta, "src");
		meta_remove(&r->meta, "aug");
	}
	return rc;
}

int
variants_add(struct variants *v, const struct meta *meta, const double *p, bool speech, double enrolled)
{
	const char *src = meta_get(meta, "src"), *key = src == NULL ? meta_get(meta, "key") : src;
	struct variants_recording *r;
	uint64_t before;
	int rc = unique_add(&v->seen, meta, 1, &before);

	if (rc == ST_OK && before > 0)
		return err_set(ST_DATA, "the key appears twice");
	if (rc == ST_OK)
		rc = find_recording(v, key, meta_get(meta, "start"), &r);
	if (rc == ST_OK && (src == NULL || r->records == 0))
		rc = describe(r, meta, src, enrolled);
	if (rc != ST_OK)
		return rc;
	r->speech |= speech;
	r->records++;
	output_add(p, v->classes, 1, v->geometric, r->p);
	return ST_OK;
}

void
variants_finish(struct variants *v)
{
	for (size_t i = 0; i < v->n; i++) {
		struct variants_recording *r = &v->recording[i];

		v->missing += !r->itself;
		output_mean(r->p, v->classes, (double)r->records, v->geometric);
		output_temper(r->p, v->classes, v->temperature);
	}
}

void
variants_free(struct variants *v)
{
	for (size_t i = 0; i < v->n; i++) {
		meta_clear(&v->recording[i].meta);
		free(v->recording[i].p);
	}
	free(v->recording);
	unique_free(&v->seen);
	dict_free(v->names);
	*v = (struct variants){ 0 };
}
