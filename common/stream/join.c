#include "stream/join.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

struct join {
	char *file;
	struct tsr_reader *in;
	int (*head)(void *ctx, const struct tsr_chunk *head);
	void *ctx;
	void *waiting; /* records that came before they were asked for: a tree of tsearch(3) */
	bool ended;
};

static int
compare(const void *a, const void *b)
{
	static const char *const name[] = { "key", "start" };
	int order = 0;

	for (int i = 0; i < 2 && order == 0; i++) {
		const char *x = meta_get(&((const struct tsr_chunk *)a)->meta, name[i]);
		const char *y = meta_get(&((const struct tsr_chunk *)b)->meta, name[i]);

		order = strcmp(x == NULL ? "" : x, y == NULL ? "" : y);
	}
	return order;
}

/* The next record; kind 0 at the end. */
static int
read_record(struct join *j, struct tsr_chunk *c)
{
	int rc;

	do {
		if ((rc = tsr_read(j->in, c)) == ST_OK && c->kind == 'H')
			rc = j->head(j->ctx, c);
	} while (rc == ST_OK && c->kind != 'T' && c->kind != 0);
	j->ended = rc != ST_OK || c->kind == 0;
	return rc;
}

int
join_open(struct join **join, const char *file, uint64_t max_record, int (*head)(void *ctx, const struct tsr_chunk *head),
          void *ctx)
{
	struct join *j = mem_zero(1, sizeof *j);
	struct tsr_chunk first = { 0 };
	int rc;

	*join = NULL;
	if (j == NULL)
		return ST_SYS;
	j->head = head;
	j->ctx = ctx;
	j->file = mem_str(file);
	rc = j->file == NULL ? ST_SYS : tsr_open(&j->in, &j->file, 1, max_record, false);
	if (rc == ST_OK && (rc = tsr_read(j->in, &first)) == ST_OK)
		rc = head(ctx, &first);
	tsr_clear(&first);
	if (rc == ST_OK)
		*join = j;
	else
		join_close(j);
	return rc;
}

static const char *
name_of(const struct join *j)
{
	return strcmp(j->file, "-") == 0 ? "standard input" : j->file;
}

static int
missing(const struct tsr_chunk *c, const char *from, const char *with)
{
	const char *key = meta_get(&c->meta, "key"), *start = meta_get(&c->meta, "start");

	return err_set(ST_DATA, "%s: no record '%s'%s%s, which %s has", from, key, start == NULL ? "" : " at ",
	               start == NULL ? "" : start, with);
}

/* Keeps a record until it is asked for; c is empty then. */
static int
keep(struct join *j, struct tsr_chunk *c)
{
	struct tsr_chunk *own = mem_zero(1, sizeof *own), **node;

	if (own == NULL)
		return ST_SYS;
	node = tsearch(c, &j->waiting, compare);
	if (node == NULL || *node != c) {
		free(own);
		return node == NULL ? err_set(ST_SYS, "out of memory") : err_set(ST_DATA, "%s: the key appears twice", tsr_where(c));
	}
	*own = *c;
	*node = own;
	*c = (struct tsr_chunk){ 0 };
	return ST_OK;
}

int
join_take(struct join *j, const struct tsr_chunk *like, struct tsr_chunk *record)
{
	struct tsr_chunk c = { 0 }, **node = tfind(like, &j->waiting, compare);
	int rc = ST_OK;

	if (node != NULL) {
		struct tsr_chunk *own = *node;

		tdelete(own, &j->waiting, compare);
		*record = *own;
		free(own);
		return ST_OK;
	}
	while (rc == ST_OK && !j->ended && (rc = read_record(j, &c)) == ST_OK && c.kind == 'T') {
		if (compare(&c, like) == 0) {
			*record = c;
			return ST_OK;
		}
		rc = keep(j, &c);
	}
	tsr_clear(&c);
	return rc == ST_OK ? missing(like, name_of(j), like->file) : rc;
}

bool
join_ready(const struct join *j)
{
	return j->ended || tsr_has_next(j->in);
}

int
join_end(struct join *j, const char *other)
{
	struct tsr_chunk c = { 0 };
	int rc = j->waiting == NULL ? ST_OK : missing(*(struct tsr_chunk **)j->waiting, other, name_of(j));

	if (rc == ST_OK && !j->ended && (rc = read_record(j, &c)) == ST_OK && c.kind == 'T')
		rc = missing(&c, other, name_of(j));
	tsr_clear(&c);
	return rc;
}

void
join_close(struct join *j)
{
	if (j == NULL)
		return;
	while (j->waiting != NULL) {
		struct tsr_chunk *own = *(struct tsr_chunk **)j->waiting;

		tdelete(own, &j->waiting, compare);
		tsr_clear(own);
		free(own);
	}
	tsr_close(j->in);
	free(j->file);
	free(j);
}
