/* speakernorm: (x - mean) / sqrt(variance + epsilon) of each value, with the
 * mean and variance of one speaker's examples. In training these are the
 * examples of one group in the batch; the gradient is that of batchnorm,
 * within each group. Its running statistics are for speakers of whom nothing
 * is known: the mean of all, and the variance within a speaker. */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "net/net.h"

enum { EPSILON, MOMENTUM };
enum { MEAN, VARIANCE };

/* Statistics of a group are in the place of its first example. */
struct speaker {
	size_t f;
	size_t *first;          /* of each example's group */
	size_t *count;          /* of a group's examples; below 2, the statistics are from elsewhere */
	double *mean, *inverse; /* (batch,f) */
	double *one, *two;      /* (batch,f): sums of dy, and of dy z */
	const real **given;     /* (batch,2): mean and variance for the next batch; NULL: none */
};

static int
speaker_shape(struct nn_layer *l)
{
	size_t f = l->in.d[0];
	int rc;

	if (l->in.rank != 1)
		return nn_complain(l, "speakernorm: its input is of rank %d; 1 is required (a pool over time comes before)",
		                   l->in.rank);
	if (l->net->speaker != NULL)
		return nn_complain(l, "speakernorm: line %d has one, and a net has one at most", l->net->speaker->line);
	l->net->speaker = l;
	l->out = l->in;
	rc = nn_declare(l, "mean", 1, &f, NN_STATISTIC, NN_ZEROS, 0, 0);
	return rc != ST_OK ? rc : nn_declare(l, "variance", 1, &f, NN_STATISTIC, NN_ONES, 0, 0);
}

static int
speaker_plan(struct nn_layer *l)
{
	struct mem_pool *m = l->memory;
	struct speaker *s = mem_take(m, 1, sizeof *s);
	size_t batch = nn_batch(l->net), f = l->in.d[0];

	l->state = s;
	if (s == NULL)
		return ST_SYS;
	s->f = f;
	s->first = mem_take(m, batch, sizeof *s->first);
	s->count = mem_take(m, batch, sizeof *s->count);
	s->mean = mem_take(m, batch * f, sizeof *s->mean);
	s->inverse = mem_take(m, batch * f, sizeof *s->inverse);
	s->one = mem_take(m, batch * f, sizeof *s->one);
	s->two = mem_take(m, batch * f, sizeof *s->two);
	s->given = mem_take(m, 2 * batch, sizeof *s->given);
	return m->status;
}

/* Examples of the same group; those of none are by themselves. */
static void
find_groups(struct nn_layer *l, size_t n)
{
	struct speaker *s = l->state;
	const uint64_t *group = l->net->group;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < i && (group[k] != group[i] || group[i] == 0 || !l->training))
			k++;
		s->count[i] = 0;
		s->first[i] = k;
		s->count[k]++;
	}
}

/* Mean and variance of each group of at least two, the variance in inverse. */
static void
group_statistics(const struct nn_layer *l, size_t n)
{
	const struct speaker *s = l->state;
	size_t f = s->f;

	memset(s->mean, 0, n * f * sizeof *s->mean);
	memset(s->inverse, 0, n * f * sizeof *s->inverse);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < f; k++)
			s->mean[s->first[i] * f + k] += (double)l->x->y[i * l->x->stride + k] / (double)s->count[s->first[i]];
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < f; k++) {
			double d = (double)l->x->y[i * l->x->stride + k] - s->mean[s->first[i] * f + k];

			s->inverse[s->first[i] * f + k] += d * d / (double)s->count[s->first[i]];
		}
}

/* The mean over all examples, the variance over those of groups of at least two. */
static void
update(struct nn_layer *l, size_t n)
{
	const struct speaker *s = l->state;
	double before = (double)nn_batches(l->net), momentum = before / (before + 1);
	real *mean = nn_value(l, MEAN), *variance = nn_value(l, VARIANCE);

	momentum = momentum < l->arg[MOMENTUM] ? momentum : l->arg[MOMENTUM];
	for (size_t k = 0; k < s->f; k++) {
		double m = 0, v = 0, grouped = 0;

		for (size_t i = 0; i < n; i++) {
			m += (double)s->count[i] * s->mean[i * s->f + k] / (double)n;
			v += s->count[i] < 2 ? 0 : (double)s->count[i] * s->inverse[i * s->f + k];
			grouped += s->count[i] < 2 ? 0 : (double)s->count[i];
		}
		mean[k] = (real)(momentum * (double)mean[k] + (1 - momentum) * m);
		if (grouped > 0)
			variance[k] = (real)(momentum * (double)variance[k] + (1 - momentum) * v / grouped);
	}
}

/* What example i is standardised by, where its group is not enough for it. */
static void
set_statistics(struct nn_layer *l, size_t i)
{
	const struct speaker *s = l->state;
	bool given = !l->training && s->given[2 * i] != NULL;
	const real *mean = given ? s->given[2 * i] : nn_value(l, MEAN);
	const real *variance = given ? s->given[2 * i + 1] : nn_value(l, VARIANCE);

	for (size_t k = 0; k < s->f && s->count[i] < 2; k++) {
		s->mean[i * s->f + k] = (double)mean[k];
		s->inverse[i * s->f + k] = (double)variance[k];
	}
	for (size_t k = 0; k < s->f; k++)
		s->inverse[i * s->f + k] = 1 / sqrt(s->inverse[i * s->f + k] + l->arg[EPSILON]);
}

static void
speaker_forward(struct nn_layer *l, size_t n)
{
	const struct speaker *s = l->state;
	size_t f = s->f;

	find_groups(l, n);
	group_statistics(l, n);
	if (l->training && !l->frozen)
		update(l, n);
	for (size_t i = 0; i < n; i++)
		if (s->first[i] == i)
			set_statistics(l, i);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < f; k++) {
			size_t at = s->first[i] * f + k;

			l->y->y[i * l->y->stride + k] = (real)(((double)l->x->y[i * l->x->stride + k] - s->mean[at]) * s->inverse[at]);
		}
	memset(s->given, 0, 2 * nn_batch(l->net) * sizeof *s->given);
}

/* With z = (x - mean) * inverse over a group's m examples:
 * dx = inverse (dy - sum dy / m - z sum dy z / m). */
static void
speaker_backward(struct nn_layer *l, size_t n, bool need_dx)
{
	const struct speaker *s = l->state;
	size_t f = s->f;

	memset(s->one, 0, n * f * sizeof *s->one);
	memset(s->two, 0, n * f * sizeof *s->two);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; s->count[s->first[i]] > 1 && k < f; k++) {
			double dy = (double)l->y->dy[i * l->y->stride + k];

			s->one[s->first[i] * f + k] += dy;
			s->two[s->first[i] * f + k] += dy * (double)l->y->y[i * l->y->stride + k];
		}
	for (size_t i = 0; need_dx && i < n; i++)
		for (size_t k = 0; k < f; k++) {
			size_t at = s->first[i] * f + k;
			double m = (double)s->count[s->first[i]], dy = (double)l->y->dy[i * l->y->stride + k];
			double z = (double)l->y->y[i * l->y->stride + k];

			l->x->dy[i * l->x->stride + k] = (real)(s->inverse[at] * (dy - s->one[at] / m - z * s->two[at] / m));
		}
}

const struct nn_kind nn_speaker_kinds[] = {
	{
		.name = "speakernorm",
		.arg = { { "epsilon", 1e-4, 1e-12, 1, false, NULL }, { "momentum", 0.99, 0, 1, false, NULL } },
		.flags = NN_NEEDS_X | NN_NEEDS_Y,
		.shape = speaker_shape,
		.plan = speaker_plan,
		.forward = speaker_forward,
		.backward = speaker_backward,
	},
	{ .name = NULL },
};

void
nn_set_group(struct nn *net, size_t i, uint64_t number)
{
	net->group[i] = number;
}

size_t
nn_speaker_values(const struct nn *net)
{
	return net->speaker == NULL ? 0 : net->speaker->in.d[0];
}

const real *
nn_speaker_input(const struct nn *net, size_t i)
{
	return net->speaker->x->y + i * net->speaker->x->stride;
}

void
nn_speaker_running(const struct nn *net, const real **mean, const real **variance)
{
	*mean = nn_value(net->speaker, MEAN);
	*variance = nn_value(net->speaker, VARIANCE);
}

static void
shrink(size_t n, double clips, const double *own, double k, const real *running, real *to)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (real)((clips * own[i] + k * (double)running[i]) / (clips + k));
}

void
nn_shrink_speaker(const struct nn *net, double clips, const double *mean, const double *variance, real *to_mean,
                  real *to_variance)
{
	size_t n = nn_speaker_values(net);

	shrink(n, clips, mean, NN_SHRINK_MEAN, nn_value(net->speaker, MEAN), to_mean);
	shrink(n, clips, variance, NN_SHRINK_VARIANCE, nn_value(net->speaker, VARIANCE), to_variance);
}

void
nn_set_speaker(struct nn *net, size_t i, const real *mean, const real *variance)
{
	struct speaker *s = net->speaker->state;

	s->given[2 * i] = mean;
	s->given[2 * i + 1] = variance;
}
