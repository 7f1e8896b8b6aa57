#include "audit/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/order.h"

enum { FOLD_BITS = 3 }; /* (class, fold) in one number */

struct dealt {
	uint64_t hash;
	size_t group;
};

static int
by_hash(const void *a, const void *b)
{
	const struct dealt *x = a, *y = b;

	return x->hash != y->hash ? (x->hash < y->hash ? -1 : 1) : (x->group > y->group) - (x->group < y->group);
}

static int
deal_groups(struct score *s, const struct score_rows *r)
{
	struct dealt *d = mem_zero(r->groups, sizeof *d);
	uint8_t *fold = mem_zero(r->groups, 1);

	if (d != NULL && fold != NULL) {
		for (size_t g = 0; g < r->groups; g++)
			d[g] = (struct dealt){ r->group_hash[g], g };
		qsort(d, r->groups, sizeof *d, by_hash);
		for (size_t k = 0; k < r->groups; k++)
			fold[d[k].group] = (uint8_t)(k % SCORE_FOLDS);
		for (size_t i = 0; i < r->rows; i++)
			s->fold[SCORE_GROUPS][i] = fold[r->group[i]];
	}
	free(d);
	free(fold);
	return d == NULL || fold == NULL ? ST_SYS : ST_OK;
}

static void
deal_rows(uint8_t *fold, size_t rows, uint64_t seed)
{
	for (size_t i = 0; i < rows; i++) {
		uint64_t number = i;

		order_turn(&number, sizeof number, 1);
		fold[i] = (uint8_t)(XXH3_64bits_withSeed(&number, sizeof number, seed) % SCORE_FOLDS);
	}
}

/* Training rows of each class in each fold, and the commonest class. */
static void
count_classes(struct score *s, enum score_split split)
{
	uint32_t *prior = s->prior[split];

	for (size_t i = 0; i < s->rows; i++)
		for (unsigned f = 0; f < SCORE_FOLDS; f++)
			prior[f * s->classes + s->class[i]] += f != s->fold[split][i];
	for (unsigned f = 0; f < SCORE_FOLDS; f++) {
		const uint32_t *p = prior + f * s->classes;

		for (uint32_t c = 0; c < s->classes; c++)
			if (p[c] > p[s->common[split][f]])
				s->common[split][f] = c;
	}
}

static void
find_baseline(struct score *s)
{
	size_t right = 0, most = 0;

	for (size_t i = 0; i < s->rows; i++) {
		right += s->class[i] == s->common[SCORE_GROUPS][s->fold[SCORE_GROUPS][i]];
		s->left[s->class[i]]++;
		s->size[s->group[i]]++;
	}
	for (size_t c = 0; c < s->classes; c++)
		most = s->left[c] > most ? s->left[c] : most;
	memset(s->left, 0, s->classes * sizeof *s->left);
	s->baseline = (double)(right > most ? right : most) / (double)s->rows;
}

static int
allocate(struct score *s)
{
	struct mem_pool *m = &s->memory;
	size_t codes = s->rows + 3;

	for (int k = 0; k < SCORE_SPLITS; k++) {
		s->fold[k] = mem_take(m, s->rows, 1);
		s->prior[k] = mem_take(m, SCORE_FOLDS * s->classes, sizeof *s->prior[k]);
	}
	s->start = mem_take(m, codes, sizeof *s->start);
	s->sorted = mem_take(m, s->rows, sizeof *s->sorted);
	s->cell = mem_take(m, s->rows, sizeof *s->cell);
	s->predicted = mem_take(m, codes, SCORE_FOLDS * sizeof *s->predicted);
	s->slot = mem_take(m, s->classes, sizeof *s->slot);
	s->left = mem_take(m, s->classes, sizeof *s->left);
	s->right = mem_take(m, s->classes, sizeof *s->right);
	s->surplus = mem_take(m, s->groups, sizeof *s->surplus);
	s->size = mem_take(m, s->groups, sizeof *s->size);
	return m->status;
}

int
score_init(struct score *s, const struct score_rows *r)
{
	int rc;

	*s = (struct score){ .rows = r->rows, .classes = r->classes, .groups = r->groups, .class = r->class,
		                 .group = r->group };
	if ((rc = allocate(s)) != ST_OK)
		return rc;
	if (r->groups >= 2)
		rc = deal_groups(s, r);
	else
		deal_rows(s->fold[SCORE_GROUPS], s->rows, r->seed);
	deal_rows(s->fold[SCORE_ROWS], s->rows, r->seed + 1);
	if (rc != ST_OK)
		return rc;
	for (int k = 0; k < SCORE_SPLITS; k++)
		count_classes(s, (enum score_split)k);
	find_baseline(s);
	return ST_OK;
}

void
score_free(struct score *s)
{
	mem_release(&s->memory);
}

/* Where each code's rows begin once sorted by code: s->start. */
static void
count_codes(struct score *s, const uint32_t *code, size_t codes)
{
	memset(s->start, 0, (codes + 1) * sizeof *s->start);
	for (size_t i = 0; i < s->rows; i++)
		s->start[code[i] + 1]++;
	for (size_t k = 0; k < codes; k++)
		s->start[k + 1] += s->start[k];
}

/* Rows grouped by code and class. A counting sort, then one pass: linear. */
static void
make_cells(struct score *s, enum score_split split, const uint32_t *code, size_t codes)
{
	size_t from = 0;

	count_codes(s, code, codes);
	for (size_t i = 0; i < s->rows; i++)
		s->sorted[s->start[code[i]]++] = s->class[i] << FOLD_BITS | s->fold[split][i];
	s->cells = 0;
	/* start[k] has moved to the end of code k. */
	for (uint32_t k = 0; k < codes; from = s->start[k++]) {
		size_t first = s->cells;

		for (size_t i = from; i < s->start[k]; i++) {
			uint32_t class = s->sorted[i] >> FOLD_BITS, at = s->slot[class];

			if (at == 0) {
				s->cell[s->cells++] = (struct score_cell){ .code = k, .class = class };
				at = s->slot[class] = (uint32_t)s->cells;
			}
			s->cell[at - 1].total++;
			s->cell[at - 1].count[s->sorted[i] & ((1U << FOLD_BITS) - 1)]++;
		}
		for (size_t i = first; i < s->cells; i++)
			s->slot[s->cell[i].class] = 0;
	}
}

static uint32_t
trained(const struct score_cell *c, unsigned fold)
{
	return c->total - c->count[fold];
}

/* Compares the predictions to those of the commonest class. With few groups a
 * group's rows hang together, so that the error is not that of so many rows. */
static struct score_result
evaluate(const struct score *s, enum score_split split, const uint32_t *code)
{
	const double n = (double)s->rows, room = 1 - s->baseline;
	size_t right = 0, differ = 0;
	long sum = 0;
	double mean, by_rows, by_groups = 0;
	struct score_result r = { 0, 0, 0 };

	memset(s->surplus, 0, s->groups * sizeof *s->surplus);
	for (size_t i = 0; i < s->rows; i++) {
		unsigned f = s->fold[split][i];
		int good = s->predicted[(size_t)code[i] * SCORE_FOLDS + f] == s->class[i];
		int more = good - (s->common[split][f] == s->class[i]);

		right += (size_t)good;
		differ += more != 0;
		sum += more;
		s->surplus[s->group[i]] += more;
	}
	r.accuracy = (double)right / n;
	if (room <= 0)
		return r;
	mean = (double)sum / n;
	by_rows = (double)differ - (double)sum * mean;
	for (size_t g = 0; g < s->groups; g++) {
		double d = (double)s->surplus[g] - mean * s->size[g];

		by_groups += d * d;
	}
	by_groups *= s->groups < 2 ? 0 : (double)s->groups / (double)(s->groups - 1);
	r.gain = (r.accuracy - s->baseline) / room;
	r.error = sqrt(fmax(by_rows, by_groups)) / n / room;
	return r;
}

/* Whether count training rows of class are more than best's; ties go to the
 * class that is commoner, then to the first. */
static bool
better(const uint32_t *prior, uint32_t count, uint32_t class, uint32_t most, uint32_t best)
{
	if (count != most)
		return count > most;
	return prior[class] != prior[best] ? prior[class] > prior[best] : class < best;
}

struct score_result
score_lookup(struct score *s, enum score_split split, const uint32_t *code, size_t codes)
{
	make_cells(s, split, code, codes);
	for (size_t from = 0, to; from < s->cells; from = to) {
		const size_t at = (size_t)s->cell[from].code * SCORE_FOLDS;

		for (to = from + 1; to < s->cells && s->cell[to].code == s->cell[from].code;)
			to++;
		for (unsigned f = 0; f < SCORE_FOLDS; f++) {
			uint32_t most = 0, best = s->common[split][f];

			for (size_t i = from; i < to; i++) {
				uint32_t m = trained(&s->cell[i], f), class = s->cell[i].class;

				if (better(s->prior[split] + f * s->classes, m, class, most, best)) {
					most = m;
					best = class;
				}
			}
			s->predicted[at + f] = best;
		}
	}
	return evaluate(s, split, code);
}

struct leaf {
	size_t lo, hi, cut; /* cells [lo,hi), best split before cut */
	double gain;        /* of that split; 0 where there is none */
};

/* Sums over cells [lo,hi) into right; returns the rows, *squares the sum of squares. */
static uint64_t
sum_cells(struct score *s, unsigned fold, const struct leaf *l, double *squares)
{
	uint64_t rows = 0;

	*squares = 0;
	for (size_t i = l->lo; i < l->hi; i++) {
		uint32_t m = trained(&s->cell[i], fold), *r = &s->right[s->cell[i].class];

		*squares += (double)m * (2.0 * *r + m);
		*r += m;
		rows += m;
	}
	return rows;
}

static void
clear_sums(struct score *s, const struct leaf *l)
{
	for (size_t i = l->lo; i < l->hi; i++)
		s->left[s->cell[i].class] = s->right[s->cell[i].class] = 0;
}

/* Gini impurity times rows is rows - squares / rows: the best split has the
 * largest sum of squares / rows of its sides. */
static void
find_split(struct score *s, unsigned fold, struct leaf *l)
{
	double rs, ls = 0, whole;
	uint64_t rn = sum_cells(s, fold, l, &rs), ln = 0;

	whole = rn == 0 ? 0 : rs / (double)rn;
	l->gain = 0;
	for (size_t i = l->lo; i + 1 < l->hi && rn >= SCORE_LEAF_MIN; i++) {
		uint32_t m = trained(&s->cell[i], fold), class = s->cell[i].class;

		ls += (double)m * (2.0 * s->left[class] + m);
		rs -= (double)m * (2.0 * s->right[class] - m);
		s->left[class] += m;
		s->right[class] -= m;
		ln += m;
		rn -= m;
		if (s->cell[i].code != s->cell[i + 1].code && ln >= SCORE_LEAF_MIN && rn >= SCORE_LEAF_MIN) {
			double gain = ls / (double)ln + rs / (double)rn - whole;

			if (gain > l->gain + 1e-9 * whole) {
				l->gain = gain;
				l->cut = i + 1;
			}
		}
	}
	clear_sums(s, l);
}

static void
predict_leaf(struct score *s, enum score_split split, unsigned fold, const struct leaf *l)
{
	uint32_t most = 0, best = s->common[split][fold];
	double squares;

	sum_cells(s, fold, l, &squares);
	for (size_t i = l->lo; i < l->hi; i++) {
		uint32_t class = s->cell[i].class;

		if (better(s->prior[split] + fold * s->classes, s->right[class], class, most, best)) {
			most = s->right[class];
			best = class;
		}
	}
	clear_sums(s, l);
	for (size_t i = l->lo; i < l->hi; i++)
		s->predicted[(size_t)s->cell[i].code * SCORE_FOLDS + fold] = best;
}

static void
grow_tree(struct score *s, enum score_split split, unsigned fold)
{
	struct leaf leaf[SCORE_LEAVES] = { { .lo = 0, .hi = s->cells } };
	size_t leaves = 1, best = 0;

	find_split(s, fold, &leaf[0]);
	while (leaves < SCORE_LEAVES && leaf[best].gain > 0) {
		struct leaf *l = &leaf[best], *r = &leaf[leaves++];

		*r = (struct leaf){ .lo = l->cut, .hi = l->hi };
		l->hi = l->cut;
		find_split(s, fold, l);
		find_split(s, fold, r);
		best = 0;
		for (size_t i = 1; i < leaves; i++)
			if (leaf[i].gain > leaf[best].gain)
				best = i;
	}
	for (size_t i = 0; i < leaves; i++)
		predict_leaf(s, split, fold, &leaf[i]);
}

struct score_result
score_tree(struct score *s, enum score_split split, uint32_t *code, size_t codes)
{
	if (codes > SCORE_BINS) {
		count_codes(s, code, codes);
		for (size_t i = 0; i < s->rows; i++) {
			size_t middle = (s->start[code[i]] + s->start[code[i] + 1] - 1) / 2;

			code[i] = (uint32_t)(middle * SCORE_BINS / s->rows);
		}
		codes = SCORE_BINS;
	}
	make_cells(s, split, code, codes);
	for (unsigned f = 0; f < SCORE_FOLDS; f++)
		grow_tree(s, split, f);
	return evaluate(s, split, code);
}
