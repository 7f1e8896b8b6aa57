/* predictions: tables in the form that nnpredict writes, read to be evaluated
 * against the truth or to be joined by key. */
#ifndef SER_JUDGE_PREDICTIONS_H
#define SER_JUDGE_PREDICTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "judge/labels.h"
#include "judge/metrics.h"

/* What pred is where it is no class: below the threshold, and without speech. */
#define PREDICTIONS_UNCERTAIN "UNCERTAIN"
#define PREDICTIONS_NOSPEECH "NOSPEECH"

/* What was known of the speaker: nothing, as where the column protocol is missing; or some
 * other recordings, "enrolled" or, where their number is known, "enrolled 10". */
#define PREDICTIONS_ALONE "alone"
#define PREDICTIONS_ENROLLED "enrolled"

enum { PREDICTIONS_PROTOCOL_MAX = 64 };

enum predictions_column {
	PREDICTIONS_KEY,
	PREDICTIONS_LABEL,
	PREDICTIONS_GROUP,
	PREDICTIONS_START,
	PREDICTIONS_PRED,
	PREDICTIONS_COLUMNS
};

extern const char *const predictions_columns[PREDICTIONS_COLUMNS]; /* their names in a header */

struct prediction {
	const char *cell[PREDICTIONS_COLUMNS]; /* "-" where unknown */
	double confidence;                     /* 0 to 1; 0 without such a column, and where it is evaluated */
	const char **field;                    /* further columns that were asked for, "-" where unknown */
	char *text;                            /* what the cells point into */
};

/* Zero-initialise before use, then set the first seven. */
struct predictions {
	bool evaluated;              /* each record's outcome is asked for, see predictions_read */
	const struct labels *labels; /* rename classes and refusals; what has been renamed by them stays so; or NULL */
	bool (*skip)(int status);    /* true: pass over the bad record that err_text names; or NULL */
	char *const *field;          /* names of further columns, which are required then */
	size_t fields;
	bool mixed;                  /* records of several protocols may be evaluated together */
	bool keep;                   /* evaluated: probabilities are required and kept */

	const char *file; /* the first, for messages */
	size_t headers;   /* read so far */
	struct prediction *record;
	struct metrics_record *outcome; /* evaluated: of each record */
	double *probability;            /* kept: (n,classes) */
	size_t n;
	struct prediction **sorted; /* by key and start; NULL before predictions_finish */
	char **class;               /* in the order of the first p. columns, else as they occur */
	size_t classes;
	bool probabilities;        /* all files have p. columns */
	const char *no_confidence; /* a file without that column, or NULL */
	size_t speakers;           /* evaluated: known groups */
	bool says_protocol;        /* evaluated: a file has that column */
	bool alone, enrolled;      /* evaluated: there are such records */
	double least, most;        /* of those enrolled: recordings known */
	bool protocol_clash;       /* the failure is that there are both */
};

/* Adds the records of a file ("-" is standard input), whose name must outlive *p. It
 * begins with a header, which may come again where cat(1) put files together, its
 * columns in any order. Errors are ST_DATA with file and line.
 *
 * Evaluated: label is required, which is the truth, and p.CLASS columns or pred. The
 * predicted class is that of the largest p. column; where several are equal, pred's if
 * it is one of them, else the first. All files must have the same classes. Without p.
 * columns it is top1 or pred, and the classes are those that occur. A record without
 * truth, or that cannot be right as it is, may be skipped. The column protocol says what
 * was known of the speakers.
 *
 * Not evaluated: key and pred are required; p. columns only name classes, and what
 * occurs in pred, refusals too, is one. */
int predictions_read(struct predictions *p, const char *file);

/* Call once, after the last file. ST_DATA where there is no record. Evaluated: numbers
 * groups in the order of their names, and puts classes without p. columns in that order.
 * Keyed: makes records findable; ST_DATA where a key is missing, or a key and start
 * appear twice. */
int predictions_finish(struct predictions *p, bool keyed);

/* The record with the key and start of that one, or NULL. */
const struct prediction *predictions_find(const struct predictions *p, const struct prediction *key);

/* The index of a class, or METRICS_NONE. */
int predictions_class(const struct predictions *p, const char *name);

/* ST_DATA where name cannot be a class: empty or "-", which mean unknown, what stands
 * for a refusal (see below), and what is no text of one line. */
int predictions_check_class(const struct labels *labels, const char *name);

/* True for UNCERTAIN and NOSPEECH, as labels, which may be NULL, show them. */
bool predictions_refusal(const struct labels *labels, const char *pred);

/* A record for messages: its key in quotes, and where its window starts; valid
 * until the next call. */
const char *predictions_name(const struct prediction *r);

/* "A, B, C", cut where the buffer ends. Returns buf. */
const char *predictions_list(const char *const *name, size_t n, char *buf, size_t size);

/* "alone", "enrolled (10)", "enrolled (43-59)" where their numbers differ, "enrolled" where
 * they are not known, or "mixed protocols". Returns buf. */
const char *predictions_protocol(const struct predictions *p, char buf[PREDICTIONS_PROTOCOL_MAX]);

void predictions_free(struct predictions *p);

#endif
