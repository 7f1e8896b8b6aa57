/* plan: a recipe of functionals for a stream with certain columns, and its values of a
 * record. */
#ifndef SER_FUNCTIONAL_PLAN_H
#define SER_FUNCTIONAL_PLAN_H

#include "audio/fft.h"
#include "base/str.h"
#include "functional/functional.h"

struct plan_series {
	const struct functional_set *set;
	size_t column;
};

struct plan_line {
	const struct functional_line *line;
	struct plan_series *series; /* of each set in turn its columns, in the stream's order */
	size_t n;
	struct fft *fft; /* of a modulation */
	size_t first;    /* its first value of the row */
};

/* The records of a stream: what it says of them. */
struct plan_stream {
	const char *file;
	const char *const *column; /* n names */
	size_t n;
	double rate; /* frames a second; NAN: not known */
};

/* Zero-initialise before use; plan_free releases it. */
struct plan {
	const struct functional *recipe;
	struct plan_line *line; /* as many as the recipe has */
	size_t columns;         /* of a record */
	double rate;
	size_t strength;  /* the column of that name, if any frames require it */
	bool *used;       /* by frames */
	bool **peak;      /* by frames: which columns its peak is of; NULL: none */
	char **name;      /* of the values, in the row's order */
	size_t values;
};

/* ST_DATA, with the recipe's line and the nearest name, where the stream has no such column, a
 * band is above half of its rate or a value comes twice. */
int plan_make(struct plan *p, const struct functional *f, const struct plan_stream *s);

/* Fills row[p->values] of x (frames,columns), frames > 0, of finite values; gain is what was
 * added to its level, in dB. ST_DATA where a value is beyond single precision. */
int plan_run(const struct plan *p, const float *x, size_t frames, double gain, float *row);

/* Whether frames are chosen by their level or strength. */
bool plan_chooses(const struct plan *p);

/* Whether a value says something of the level as recorded. */
bool plan_needs_gain(const struct plan *p);

void plan_free(struct plan *p);

#endif
