/* The values of a record. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "functional/plan.h"
#include "functional/stat.h"

enum { L = STAT_LANES };

struct frames {
	const size_t *index; /* of the frames chosen, n of them; n > 0 */
	size_t n;
};

/* A record at work. */
struct record {
	const struct plan *plan;
	const float *x; /* (frames,columns) */
	size_t frames;
	double gain;
	struct frames *chosen; /* by frames of the recipe */
	double *series;        /* [frames] */
	double *block, *sorted; /* [frames][L] */
	struct mem_pool memory;
};

/* Frames */

static double
at(const struct record *r, size_t frame, size_t column)
{
	return (double)r->x[frame * r->plan->columns + column];
}

static int
descending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* The value that `least` frames at least reach: the largest threshold that leaves as many. */
static double
strongest(const struct record *r, size_t least)
{
	if (r->frames <= least)
		return -INFINITY;
	for (size_t t = 0; t < r->frames; t++)
		r->series[t] = at(r, t, r->plan->strength);
	qsort(r->series, r->frames, sizeof *r->series, descending);
	return r->series[least - 1];
}

/* Fills r->series with the peaks of the frames, and returns the largest. */
static double
find_peaks(const struct record *r, const bool *columns)
{
	double largest = -INFINITY;

	for (size_t t = 0; t < r->frames; t++) {
		double peak = -INFINITY;

		for (size_t c = 0; c < r->plan->columns; c++)
			if (columns[c] && at(r, t, c) > peak)
				peak = at(r, t, c);
		r->series[t] = peak;
		largest = peak > largest ? peak : largest;
	}
	return largest;
}

static int
choose_frames(struct record *r, size_t which)
{
	const struct functional_frames *f = &r->plan->recipe->frames[which];
	bool by_peak = !isnan(f->within), by_strength = !isnan(f->strength);
	size_t *index = mem_take(&r->memory, r->frames, sizeof *index), n = 0;
	double floor;

	if (index == NULL)
		return ST_SYS;
	floor = by_peak ? find_peaks(r, r->plan->peak[which]) - f->within : 0;
	for (size_t t = 0; t < r->frames; t++)
		if ((!by_strength || at(r, t, r->plan->strength) > f->strength) && (!by_peak || r->series[t] > floor))
			index[n++] = t;
	if (n < f->least) {
		floor = by_strength ? strongest(r, f->least) : 0;
		n = 0;
		for (size_t t = 0; t < r->frames; t++)
			if (!by_strength || at(r, t, r->plan->strength) >= floor)
				index[n++] = t;
	}
	r->chosen[which] = (struct frames){ index, n };
	return ST_OK;
}

/* Series */

/* The derivative at each frame, in place: half of the difference of its neighbours, at the ends
 * that to the only one. */
static void
differentiate(double *x, size_t n)
{
	double before = x[0], here;

	for (size_t t = 0; t < n; t++) {
		here = x[t];
		x[t] = t + 1 == n ? here - before : t == 0 ? x[1] - here : (x[t + 1] - before) / 2;
		before = here;
	}
}

/* Fills r->series with the column, derived; diff comes with the frames chosen. */
static void
derive(const struct record *r, const struct plan_series *s)
{
	for (size_t t = 0; t < r->frames; t++)
		r->series[t] = at(r, t, s->column);
	for (size_t k = 0; k < s->set->derivations; k++)
		switch (s->set->derivation[k]) {
		case FUNCTIONAL_DELTA2:
			differentiate(r->series, r->frames);
			differentiate(r->series, r->frames);
			break;
		case FUNCTIONAL_DELTA:
			differentiate(r->series, r->frames);
			break;
		case FUNCTIONAL_RECORDED:
			for (size_t t = 0; t < r->frames; t++)
				r->series[t] -= r->gain;
			break;
		case FUNCTIONAL_DIFF:
			break;
		}
}

static bool
is_diff(const struct functional_set *s)
{
	return s->derivations > 0 && s->derivation[s->derivations - 1] == FUNCTIONAL_DIFF;
}

/* Puts the chosen frames of n series, all over the same frames, into the block, side by side.
 * Returns their number, or 0 where there are too few differences. */
static size_t
fill_block(const struct record *r, const struct plan_series *s, size_t n)
{
	const struct frames *chosen = &r->chosen[s->set->frames];
	bool diff = is_diff(s->set);
	size_t rows = chosen->n - diff;

	for (size_t l = 0; l < L; l++) {
		if (l < n)
			derive(r, &s[l]);
		for (size_t i = 0; i < rows; i++)
			r->block[i * L + l] = l >= n ? 0
			                      : diff ? r->series[chosen->index[i + 1]] - r->series[chosen->index[i]]
			                             : r->series[chosen->index[i]];
	}
	return diff && rows < 3 ? 0 : rows;
}

/* Between the two values about rank q/100 (n-1) of sorted ones, linearly, as numpy.percentile does. */
static double
quantile(const double *sorted, size_t n, size_t lane, double q)
{
	double rank = q / 100 * (double)(n - 1);
	size_t i = (size_t)rank, next = i + 1 < n ? i + 1 : i;
	double low = sorted[i * L + lane];

	return low + (sorted[next * L + lane] - low) * (rank - (double)i);
}

/* Where the first extreme of a series is, from 0 to less than 1 of the record. */
static double
place(const struct record *r, const struct frames *chosen, size_t rows, size_t lane, double sign)
{
	size_t best = 0;

	for (size_t i = 1; i < rows; i++)
		if (sign * r->block[i * L + lane] > sign * r->block[best * L + lane])
			best = i;
	return (double)chosen->index[best] / (double)r->frames;
}

static double
statistic(const struct record *r, const struct frames *chosen, const struct functional_stat *stat,
          const struct stat_moments *m, size_t rows, size_t lane)
{
	switch (stat->what) {
	case FUNCTIONAL_MEAN:
		return m->mean[lane];
	case FUNCTIONAL_SD:
		return m->sd[lane];
	case FUNCTIONAL_ABSDIFF:
		return m->absdiff[lane];
	case FUNCTIONAL_DIFFSD:
		return m->diffsd[lane];
	case FUNCTIONAL_SLOPE:
		return m->slope[lane];
	case FUNCTIONAL_SKEWNESS:
		return m->skewness[lane];
	case FUNCTIONAL_KURTOSIS:
		return m->kurtosis[lane];
	case FUNCTIONAL_ARGMAX:
		return place(r, chosen, rows, lane, 1);
	case FUNCTIONAL_ARGMIN:
		return place(r, chosen, rows, lane, -1);
	default:
		return quantile(r->sorted, rows, lane, stat->high) -
		       (isnan(stat->low) ? 0 : quantile(r->sorted, rows, lane, stat->low));
	}
}

/* How many series from s on, at most L, can be side by side. */
static size_t
together(const struct plan_series *s, size_t n)
{
	size_t k = 1;

	while (k < n && k < L && s[k].set->frames == s->set->frames && is_diff(s[k].set) == is_diff(s->set))
		k++;
	return k;
}

static void
run_stats(const struct record *r, const struct plan_line *l, float *row)
{
	const struct functional_line *line = l->line;
	struct stat_moments m;
	bool sorts = false;

	for (size_t k = 0; k < line->stats; k++)
		sorts = sorts || line->stat[k].what == FUNCTIONAL_QUANTILE;
	for (size_t i = 0, n; i < l->n; i += n) {
		size_t rows;

		n = together(l->series + i, l->n - i);
		if ((rows = fill_block(r, l->series + i, n)) == 0)
			continue; /* the row is of zeros */
		stat_measure(r->block, rows, &m);
		if (sorts) {
			memcpy(r->sorted, r->block, rows * L * sizeof *r->sorted);
			stat_sort(r->sorted, rows);
		}
		for (size_t k = 0; k < line->stats; k++)
			for (size_t lane = 0; lane < n; lane++)
				row[k * l->n + i + lane] = (float)statistic(r, &r->chosen[l->series[i].set->frames], &line->stat[k], &m,
				                                            rows, lane);
	}
}

/* Runs of chosen frames, or with gaps of the others */

struct runs {
	double n, mean, max, sd;
	double share;
};

static struct runs
find_runs(const struct record *r, const struct frames *chosen, bool gaps)
{
	double sum = 0, squares = 0;
	struct runs runs = { 0 };

	for (size_t i = 0, end = 0, from = 0; i <= chosen->n; i++) {
		size_t next = i < chosen->n ? chosen->index[i] : r->frames, length = 0;

		if (gaps) /* what is between a chosen frame and the next */
			length = next - end;
		else if (i == chosen->n || (i > 0 && next != end))
			length = end - from;
		if (length > 0) {
			runs.n++;
			runs.max = fmax(runs.max, (double)length);
			sum += (double)length;
			squares += (double)length * (double)length;
		}
		from = i == 0 || next != end ? next : from;
		end = next + 1;
	}
	if (runs.n > 0) {
		runs.mean = sum / runs.n;
		runs.sd = sqrt(fmax(squares / runs.n - runs.mean * runs.mean, 0));
	}
	runs.share = sum / (double)r->frames;
	return runs;
}

static void
run_runs(const struct record *r, const struct plan_line *l, float *row)
{
	for (size_t i = 0; i < l->n; i++) {
		struct runs runs = find_runs(r, &r->chosen[l->series[i].set->frames], l->line->kind == FUNCTIONAL_GAPS);

		for (size_t k = 0; k < l->line->stats; k++) {
			enum functional_what what = l->line->stat[k].what;

			row[k * l->n + i] = (float)(what == FUNCTIONAL_COUNT      ? runs.n
			                            : what == FUNCTIONAL_RUN_MEAN ? runs.mean
			                            : what == FUNCTIONAL_RUN_MAX  ? runs.max
			                            : what == FUNCTIONAL_RUN_SD   ? runs.sd
			                            : what == FUNCTIONAL_SHARE    ? runs.share
			                                                          : runs.n / (double)r->frames);
		}
	}
}

static void
run_record(const struct record *r, const struct plan_line *l, float *row)
{
	for (size_t k = 0; k < l->line->stats; k++) {
		enum functional_what what = l->line->stat[k].what;

		row[k] = (float)(what == FUNCTIONAL_FRAMES    ? (double)r->frames
		                 : what == FUNCTIONAL_SECONDS ? (double)r->frames / r->plan->rate
		                                              : 0 - r->gain);
	}
}

/* Of parts of equal length, whose frames may differ by one: the mean of those chosen in it, less that
 * of all chosen, 0 where there are none; of frames alone the share of them. */
static void
run_contour(const struct record *r, const struct plan_line *l, float *row)
{
	size_t parts = l->line->parts;

	for (size_t i = 0; i < l->n; i++) {
		const struct frames *chosen = &r->chosen[l->series[i].set->frames];
		bool share = l->series[i].set->pattern == NULL;
		double mean = 0;
		size_t next = 0;

		if (!share)
			derive(r, &l->series[i]);
		for (size_t k = 0; !share && k < chosen->n; k++)
			mean += r->series[chosen->index[k]] / (double)chosen->n;
		for (size_t p = 0; p < parts; p++) {
			size_t begin = p * r->frames / parts, end = (p + 1) * r->frames / parts, n = 0;
			double sum = 0;

			for (; next < chosen->n && chosen->index[next] < end; next++, n++)
				sum += share ? 1 : r->series[chosen->index[next]];
			if (n > 0)
				row[p * l->n + i] = (float)(share ? sum / (double)(end - begin) : sum / (double)n - mean);
		}
	}
}

/* Modulation */

/* Fills lanes[points][FFT_LANES] with groups first..first+n-1: the mean of a group's columns less its mean
 * over time; what is beyond the points is left out. */
static void
fill_lanes(const struct record *r, const struct plan_line *l, size_t first, size_t n, float *lanes)
{
	size_t groups = l->line->parts, points = l->line->points;

	memset(lanes, 0, points * FFT_LANES * sizeof *lanes);
	for (size_t g = 0; g < n; g++) {
		size_t begin = (first + g) * l->n / groups, end = (first + g + 1) * l->n / groups;
		double mean = 0;

		for (size_t t = 0; t < r->frames; t++) {
			double sum = 0;

			for (size_t c = begin; c < end; c++)
				sum += at(r, t, l->series[c].column);
			r->series[t] = sum / (double)(end - begin);
			mean += r->series[t] / (double)r->frames;
		}
		for (size_t t = 0; t < r->frames && t < points; t++)
			lanes[t * FFT_LANES + g] = (float)(r->series[t] - mean);
	}
}

/* Natural logarithms of the bands' power, less their mean over the bands. */
static void
fill_bands(const struct record *r, const struct plan_line *l, const float *power, size_t lane, size_t group, float *row)
{
	const struct functional_line *line = l->line;
	double step = r->plan->rate / (double)line->points, mean = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t b = 0; b < line->stats; b++) {
			double sum = 1e-3;

			for (size_t k = (size_t)ceil(line->stat[b].low / step); k <= line->points / 2; k++)
				if ((double)k * step < line->stat[b].high)
					sum += (double)power[k * FFT_LANES + lane];
			if (pass == 0)
				mean += log(sum) / (double)line->stats;
			else
				row[b * line->parts + group] = (float)(log(sum) - mean);
		}
}

static int
run_modulation(struct record *r, const struct plan_line *l, float *row)
{
	size_t points = l->line->points, groups = l->line->parts;
	float *lanes = mem_take(&r->memory, points * FFT_LANES, sizeof *lanes);
	float *window = mem_take(&r->memory, points, sizeof *window);
	float *power = mem_take(&r->memory, (points / 2 + 1) * FFT_LANES, sizeof *power);
	float *work = mem_take(&r->memory, fft_work_size(l->fft), sizeof *work);
	size_t *offset = mem_take(&r->memory, points, sizeof *offset);
	struct fft_block block = { lanes, offset, window };
	double turn = 6.283185307179586 / (r->frames > 1 ? (double)(r->frames - 1) : 1);

	if (r->memory.status != ST_OK)
		return r->memory.status;
	for (size_t t = 0; t < points; t++) {
		window[t] = (float)(0.5 - 0.5 * cos(turn * (double)t)); /* Hann over all frames */
		offset[t] = t * FFT_LANES;
	}
	for (size_t g = 0; g < groups; g += FFT_LANES) {
		size_t n = groups - g < FFT_LANES ? groups - g : FFT_LANES;

		fill_lanes(r, l, g, n, lanes);
		fft_power(l->fft, &block, work, power);
		for (size_t lane = 0; lane < n; lane++)
			fill_bands(r, l, power, lane, g + lane, row);
	}
	return ST_OK;
}

static int
run_line(struct record *r, const struct plan_line *l, float *row)
{
	switch (l->line->kind) {
	case FUNCTIONAL_STATS:
		run_stats(r, l, row);
		return ST_OK;
	case FUNCTIONAL_RUNS:
	case FUNCTIONAL_GAPS:
		run_runs(r, l, row);
		return ST_OK;
	case FUNCTIONAL_RECORD:
		run_record(r, l, row);
		return ST_OK;
	case FUNCTIONAL_CONTOUR:
		run_contour(r, l, row);
		return ST_OK;
	case FUNCTIONAL_MODULATION:
		break;
	}
	return run_modulation(r, l, row);
}

static int
check_row(const struct plan *p, const float *row)
{
	for (size_t i = 0; i < p->values; i++)
		if (!(fabsf(row[i]) <= FLT_MAX))
			return err_set(ST_DATA, "%s is beyond single precision", p->name[i]);
	return ST_OK;
}

int
plan_run(const struct plan *p, const float *x, size_t frames, double gain, float *row)
{
	struct record r = { .plan = p, .x = x, .frames = frames, .gain = gain };
	int rc;

	memset(row, 0, p->values * sizeof *row);
	r.chosen = mem_take(&r.memory, p->recipe->nframes, sizeof *r.chosen);
	r.series = mem_take(&r.memory, frames, sizeof *r.series);
	r.block = mem_take(&r.memory, frames * L, sizeof *r.block);
	r.sorted = mem_take(&r.memory, frames * L, sizeof *r.sorted);
	rc = r.memory.status;
	for (size_t i = 0; i < p->recipe->nframes && rc == ST_OK; i++)
		if (p->used[i])
			rc = choose_frames(&r, i);
	for (size_t i = 0; i < p->recipe->lines && rc == ST_OK; i++)
		rc = run_line(&r, &p->line[i], row + p->line[i].first);
	mem_release(&r.memory);
	return rc == ST_OK ? check_row(p, row) : rc;
}
