#include "train/epoch.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "train/random.h"

/* Records of which an epoch has one. */
struct epoch_recording {
	size_t first, n; /* in sorted */
};

/* Clips of one group that are in a batch together. */
struct epoch_chunk {
	const char *group;
	size_t first, n; /* in order */
	size_t left;     /* chunks of its group from this one on: who has more of them comes first */
	uint64_t rank;   /* among these */
};

size_t
epoch_capacity(size_t examples, long batch)
{
	size_t b = (size_t)batch;

	if (examples <= b)
		return examples;
	return examples % b == 1 ? b + 1 : b;
}

static int
compare_records(const void *a, const void *b)
{
	const struct data_record *x = *(const struct data_record *const *)a, *y = *(const struct data_record *const *)b;
	int c = strcmp(x->group, y->group);

	if (c == 0)
		c = strcmp(x->source, y->source);
	if (c == 0)
		c = strcmp(x->key, y->key);
	return c != 0 ? c : (x > y) - (x < y);
}

static const char *
group_of(const struct epoch *e, size_t recording)
{
	return e->sorted[e->recording[recording].first]->group;
}

/* Without variants, each record is a recording of its own. */
static void
list_recordings(struct epoch *e, size_t records)
{
	for (size_t i = 0; i < records; i++) {
		const struct data_record *r = e->sorted[i], *last = i == 0 ? r : e->sorted[i - 1];

		if (i > 0 && e->how.one_variant && strcmp(last->source, r->source) == 0 && strcmp(last->group, r->group) == 0)
			e->recording[e->n - 1].n++;
		else
			e->recording[e->n++] = (struct epoch_recording){ i, 1 };
	}
}

/* A group's recordings [from,to) into chunks; the last one is never the smaller. */
static void
cut_group(struct epoch *e, size_t from, size_t to)
{
	size_t n = to - from, most = (size_t)e->how.clips, chunks = (n + most - 1) / most;

	for (size_t k = 0; k < chunks; k++) {
		size_t first = k * n / chunks;

		e->chunk[e->chunks++] = (struct epoch_chunk){ .group = group_of(e, from), .first = from + first,
			.n = (k + 1) * n / chunks - first, .left = chunks - k };
	}
}

static void
cut_groups(struct epoch *e)
{
	size_t from = 0, groups = (size_t)e->how.groups;

	for (size_t i = 1; i <= e->n; i++)
		if (i == e->n || strcmp(group_of(e, from), group_of(e, i)) != 0) {
			cut_group(e, from, i);
			from = i;
		}
	e->batches = (e->chunks + groups - 1) / groups;
	e->most = groups * (size_t)e->how.clips + 1;
	e->most = e->most < e->n ? e->most : e->n;
}

/* The batches of any epoch, where groups do not matter. */
static void
cut_batches(struct epoch *e)
{
	size_t size = (size_t)e->how.batch;

	e->most = epoch_capacity(e->n, e->how.batch);
	e->batches = (e->n + size - 1) / size;
	if (e->batches > 1 && e->n % size == 1)
		e->batches--;
	for (size_t b = 0; b < e->batches; b++)
		e->first[b] = b * size;
	e->first[e->batches] = e->n;
}

static int
check_groups(const struct data_part *part)
{
	for (size_t i = 0; i < part->n; i++) {
		const struct data_record *r = part->record[i];

		if (r->group[0] == '\0')
			return err_set(ST_DATA, "%s: record %llu (%s): it has no group, which --batch-groups requires", r->file,
			               (unsigned long long)r->number, r->key);
	}
	return ST_OK;
}

int
epoch_create(struct epoch *e, const struct epoch_how *how, const struct data_part *part)
{
	struct mem_pool *m = &e->memory;
	int rc = how->groups > 0 ? check_groups(part) : ST_OK;

	if (rc != ST_OK)
		return rc;
	e->how = *how;
	e->sorted = mem_take(m, part->n, sizeof(struct data_record *));
	e->record = mem_take(m, part->n, sizeof(struct data_record *));
	e->recording = mem_take(m, part->n, sizeof *e->recording);
	e->order = mem_take(m, part->n, sizeof *e->order);
	e->first = mem_take(m, part->n + 1, sizeof *e->first);
	e->chunk = how->groups > 0 ? mem_take(m, part->n, sizeof *e->chunk) : NULL;
	if (m->status != ST_OK)
		return m->status;
	memcpy(e->sorted, part->record, part->n * sizeof(struct data_record *));
	if (how->groups > 0 || how->one_variant)
		qsort(e->sorted, part->n, sizeof(struct data_record *), compare_records);
	list_recordings(e, part->n);
	if (how->groups > 0)
		cut_groups(e);
	else
		cut_batches(e);
	return ST_OK;
}

void
epoch_free(struct epoch *e)
{
	mem_release(&e->memory);
	*e = (struct epoch){ 0 };
}

/* An epoch */

static const struct data_record *
choose_variant(const struct epoch *e, size_t recording, uint64_t key)
{
	const struct epoch_recording *r = &e->recording[recording];

	return e->sorted[r->first + (r->n == 1 ? 0 : (size_t)(random_named(key, e->sorted[r->first]->source) % r->n))];
}

static int
compare_chunks(const void *a, const void *b)
{
	const struct epoch_chunk *x = a, *y = b;

	if (x->left != y->left)
		return x->left > y->left ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static bool
has_group(const struct epoch_chunk *chunk, size_t n, const char *group)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(chunk[i].group, group) == 0)
			return true;
	return false;
}

/* Where the next chunk's group is in the batch already, the first one of another group is
 * moved before it, if there is one. */
static void
part_groups(struct epoch *e)
{
	size_t groups = (size_t)e->how.groups;

	for (size_t i = 0; i < e->chunks; i++) {
		const struct epoch_chunk *batch = e->chunk + i / groups * groups;
		struct epoch_chunk moved;
		size_t k = i;

		while (k < e->chunks && has_group(batch, i % groups, e->chunk[k].group))
			k++;
		if (k == e->chunks || k == i)
			continue;
		moved = e->chunk[k];
		memmove(e->chunk + i + 1, e->chunk + i, (k - i) * sizeof moved);
		e->chunk[i] = moved;
	}
}

/* Groups with the most chunks left go first, so that there are others to go with them
 * to the end; whole batches are shuffled then. */
static void
order_chunks(struct epoch *e, gsl_rng *rng, uint64_t key)
{
	size_t groups = (size_t)e->how.groups;

	for (size_t i = 0; i < e->chunks; i++) {
		struct epoch_chunk *c = &e->chunk[i];

		c->rank = random_named(key + c->left, c->group);
		if (c->n == 1) /* a last batch should not have one clip alone */
			c->rank = 0;
	}
	qsort(e->chunk, e->chunks, sizeof *e->chunk, compare_chunks);
	part_groups(e);
	gsl_rng_set(rng, (unsigned long)key);
	if (e->chunks >= groups) /* the library shuffles 0 batches without end */
		/* epoch_draw comes here with groups alone. NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
		gsl_ran_shuffle(rng, e->chunk, e->chunks / groups, groups * sizeof *e->chunk);
}

static void
draw_groups(struct epoch *e, gsl_rng *rng, uint64_t key, uint64_t variant)
{
	size_t n = 0, groups = (size_t)e->how.groups;

	order_chunks(e, rng, key);
	e->batches = 0;
	for (size_t i = 0; i < e->chunks; i++) {
		const struct epoch_chunk *c = &e->chunk[i];

		if (i % groups == 0 && !(i > 0 && i + 1 == e->chunks && c->n == 1))
			e->first[e->batches++] = n;
		for (size_t k = 0; k < c->n; k++)
			e->record[n++] = choose_variant(e, e->order[c->first + k], variant);
	}
	e->first[e->batches] = n;
}

/* Each group's recordings are shuffled by themselves, whatever others there are. */
static void
shuffle_groups(struct epoch *e, gsl_rng *rng, uint64_t key)
{
	for (size_t from = 0, to; from < e->n; from = to) {
		for (to = from; to < e->n && strcmp(group_of(e, from), group_of(e, to)) == 0;)
			to++;
		gsl_rng_set(rng, (unsigned long)random_named(key, group_of(e, from)));
		gsl_ran_shuffle(rng, e->order + from, to - from, sizeof *e->order);
	}
}

int
epoch_draw(struct epoch *e, uint64_t number)
{
	uint64_t key = random_key(e->how.seed, RANDOM_ORDER, number);
	uint64_t variant = random_key(e->how.seed, RANDOM_VARIANT, number);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	if (rng == NULL)
		return err_set(ST_SYS, "out of memory");
	gsl_rng_set(rng, (unsigned long)key);
	for (size_t i = 0; i < e->n; i++)
		e->order[i] = i;
	if (e->how.groups > 0) {
		shuffle_groups(e, rng, key);
		draw_groups(e, rng, key, variant);
	} else {
		gsl_ran_shuffle(rng, e->order, e->n, sizeof *e->order);
		for (size_t i = 0; i < e->n; i++)
			e->record[i] = choose_variant(e, e->order[i], variant);
	}
	gsl_rng_free(rng);
	return ST_OK;
}
