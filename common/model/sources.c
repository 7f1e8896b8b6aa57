#include "model/sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/features.h"
#include "stream/join.h"

struct source {
	char *file;
	size_t number; /* from 1 */
	struct join *join;
	struct meta pg; /* its provenance */
	const struct predict *predict;
};

size_t
sources_find(const struct sources *s, const char *file)
{
	size_t i = 0;

	while (i < s->n && strcmp(s->source[i].file, file) != 0)
		i++;
	return i < s->n ? i + 1 : 0;
}

int
sources_add(struct sources *s, const char *file)
{
	int rc = mem_push(&s->source, s->n, sizeof *s->source);
	char *name = rc == ST_OK ? mem_str(file) : NULL;

	if (name == NULL)
		return ST_SYS;
	s->source[s->n] = (struct source){ .file = name, .number = s->n + 1 };
	s->n++;
	return ST_OK;
}

const char *
sources_file(const struct sources *s, size_t number)
{
	return s->source[number - 1].file;
}

static int
check_head(void *ctx, const struct tsr_chunk *head)
{
	struct source *b = ctx;
	int rc = predict_check_head(b->predict, b->number, head);

	return rc == ST_OK ? features_copy_pg(&b->pg, &head->meta) : rc;
}

int
sources_open(struct sources *s, uint64_t max_record)
{
	int rc = ST_OK;

	for (size_t i = 0; i < s->n && rc == ST_OK; i++) {
		s->source[i].predict = s->predict;
		rc = join_open(&s->source[i].join, s->source[i].file, max_record, check_head, &s->source[i]);
	}
	return rc;
}

int
sources_take(struct sources *s, const struct tsr_chunk *record, struct tsr_chunk *beside)
{
	int rc = ST_OK;

	for (size_t i = 0; i < s->n && rc == ST_OK; i++) {
		tsr_clear(&beside[i]);
		rc = join_take(s->source[i].join, record, &beside[i]);
	}
	return rc;
}

bool
sources_ready(const struct sources *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!join_ready(s->source[i].join))
			return false;
	return true;
}

int
sources_end(struct sources *s, int status, const char *other)
{
	for (size_t i = 0; i < s->n && status == ST_OK; i++)
		status = join_end(s->source[i].join, other);
	for (size_t i = 0; i < s->n; i++) {
		join_close(s->source[i].join);
		s->source[i].join = NULL;
	}
	return status;
}

int
sources_copy_pg(const struct sources *s, struct meta *to)
{
	int rc = ST_OK;

	for (size_t i = 0; i < s->n && rc == ST_OK; i++)
		rc = features_copy_pg(to, &s->source[i].pg);
	return rc;
}

void
sources_free(struct sources *s)
{
	for (size_t i = 0; i < s->n; i++) {
		join_close(s->source[i].join);
		meta_clear(&s->source[i].pg);
		free(s->source[i].file);
	}
	free(s->source);
	*s = (struct sources){ 0 };
}
