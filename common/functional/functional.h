/* functional: a recipe of functionals(5) as lines that say what is computed of which columns
 * over which frames; not yet of which stream. */
#ifndef SER_FUNCTIONAL_FUNCTIONAL_H
#define SER_FUNCTIONAL_FUNCTIONAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "prep/recipe.h"
#include "stream/meta.h"

/* Frames: those whose strength is above `strength` (NAN: any) and whose peak, the largest
 * of the columns that fit the pattern, is above the record's largest less `within`
 * (NAN: any). Where these are fewer than `least`: the so many strongest (and what is as
 * strong as the last of them), or without a strength all frames. */
struct functional_frames {
	const char *name;
	double strength, within;
	size_t least;
	const char *peak;
	bool defined; /* by the recipe, not here */
};

enum { FUNCTIONAL_ALL }; /* the index of all frames */

/* What a column becomes, in this order. */
enum functional_derivation {
	FUNCTIONAL_DELTA,    /* (x[t+1] - x[t-1]) / 2, at the ends the difference of two, of one frame 0 */
	FUNCTIONAL_DELTA2,   /* the same of that */
	FUNCTIONAL_RECORDED, /* dB less the gain= of the record: the level as recorded */
	FUNCTIONAL_DIFF,     /* from one chosen frame to the next; comes last. Fewer than three count as 0 */
};

enum { FUNCTIONAL_DERIVATIONS_MAX = 4 };

/* The columns that fit a pattern, derived, over frames; or frames alone. */
struct functional_set {
	char *pattern; /* NULL: frames alone */
	enum functional_derivation derivation[FUNCTIONAL_DERIVATIONS_MAX];
	size_t derivations;
	size_t frames; /* index */
	size_t word;   /* of the step, for messages */
};

enum functional_what {
	FUNCTIONAL_MEAN, FUNCTIONAL_SD, FUNCTIONAL_ABSDIFF, FUNCTIONAL_DIFFSD, FUNCTIONAL_SLOPE, FUNCTIONAL_SKEWNESS,
	FUNCTIONAL_KURTOSIS, FUNCTIONAL_ARGMAX, FUNCTIONAL_ARGMIN, FUNCTIONAL_QUANTILE,
	FUNCTIONAL_COUNT, FUNCTIONAL_RUN_MEAN, FUNCTIONAL_RUN_MAX, FUNCTIONAL_RUN_SD, FUNCTIONAL_SHARE, FUNCTIONAL_RATE,
	FUNCTIONAL_FRAMES, FUNCTIONAL_SECONDS, FUNCTIONAL_LEVEL,
	FUNCTIONAL_BAND,
};

struct functional_stat {
	const char *name;
	enum functional_what what;
	double low, high; /* quantile(high) - quantile(low), per cent, NAN: not less anything; a band's edges, Hz */
};

enum functional_kind {
	FUNCTIONAL_STATS, FUNCTIONAL_RUNS, FUNCTIONAL_GAPS, FUNCTIONAL_RECORD, FUNCTIONAL_CONTOUR, FUNCTIONAL_MODULATION,
};

struct functional_line {
	enum functional_kind kind;
	const struct recipe_step *step;
	struct functional_set *set;
	size_t sets;
	struct functional_stat *stat;
	size_t stats;
	size_t parts;  /* of a contour; groups of bands of a modulation */
	size_t points; /* of its transform */
};

/* Zero-initialise before use; functional_free releases it. */
struct functional {
	struct recipe recipe;
	struct functional_line *line;
	size_t lines;
	struct functional_frames *frames;
	size_t nframes;
	struct functional_list {
		const char *name;
		struct functional_stat *stat;
		size_t stats;
	} *list;
	size_t lists;
	struct mem_pool memory;
};

/* Reads the text of a recipe, n bytes with a NUL behind; file, for messages, must outlive f.
 * ST_DATA with file, line and column, and the nearest name for an unknown one. */
int functional_parse(struct functional *f, const char *file, const char *text, size_t n);

/* The same of a file, "-" for standard input, and of what functional_describe has added to a
 * head (ST_DATA where it has added nothing). */
int functional_read(struct functional *f, const char *file);
int functional_read_meta(struct functional *f, const char *file, const struct meta *m);

/* Adds the recipe, "functional=LINE" a line in its one form. */
int functional_describe(const struct functional *f, struct meta *m);

void functional_free(struct functional *f);

/* For messages: the nearest of several names to a word. */
struct functional_near {
	const char *word;
	size_t n;
	int slips;
	const char *name;
};
struct functional_near functional_near(const char *word, size_t n);
void functional_consider(struct functional_near *near, const char *name);

/* Fails at a word of the step: MESSAGE, then the nearest name, or otherwise `other`. */
int functional_unknown(const struct functional *f, const struct recipe_step *s, size_t word,
                       const struct functional_near *near, const char *message, const char *other);

extern const char *const functional_derivation_names[];

#endif
