/* rules: a table of rules that makes one prediction of several, see rules(5).
 * The predictions are those of modalities, which have names (audio, video). */
#ifndef SER_JUDGE_RULES_H
#define SER_JUDGE_RULES_H

#include <stdbool.h>
#include <stddef.h>

enum { RULES_MODALITIES_MAX = 16 };
#define RULES_NONE ((size_t)-1) /* no such rule or modality */

enum rules_relation { RULES_IS, RULES_IS_NOT, RULES_AT_MOST, RULES_AT_LEAST };

/* A prediction against a label or another one, or a confidence against a level. */
struct rules_condition {
	enum rules_relation relation;
	size_t who;   /* the modality; RULES_NONE: the smallest confidence of all */
	char *label;  /* NULL where there is another modality */
	size_t other; /* that modality, or RULES_NONE */
	double level; /* of confidence; "below X" is at most the number next to X */
};

struct rules_rule {
	struct rules_condition *when; /* all must hold; none: else */
	size_t n;
	char *label; /* what is predicted; NULL: what the modality who does */
	size_t who;
	unsigned long line;
	char *text; /* as written, with single blanks */
};

/* What the file says of a modality: that it predicts this label. */
struct rules_declared {
	size_t who;
	char *label;
};

struct rules {
	char *file; /* for messages */
	const char *const *name;
	size_t modalities;
	struct rules_rule *rule;
	size_t n;
	struct rules_declared *declared;
	size_t declarations;
};

/* Reads the file for modalities of these names, which must outlive *r. What
 * is not a rule, and a modality that does not exist, are ST_DATA with file and
 * line. Release with rules_free, also after a failure. */
int rules_read(struct rules *r, const char *file, const char *const *name, size_t modalities);
void rules_free(struct rules *r);

/* ST_DATA, with file and line, where a rule can never apply, for whatever
 * predictions and confidences, because its conditions exclude each other or
 * earlier rules take all its cases, or contradicts an earlier one, which has
 * the same cases and another prediction; and where some case has no rule.
 * *checked is false where that takes too many steps to find out. */
int rules_check(const struct rules *r, bool *checked);

/* The first rule that applies to each modality's prediction and confidence, or
 * RULES_NONE. conf may be NULL where no rule asks for it. */
size_t rules_first(const struct rules *r, const char *const *pred, const double *conf);

/* What the rule makes of them. */
const char *rules_predict(const struct rules *r, size_t rule, const char *const *pred);

#endif
