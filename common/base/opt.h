/* opt: one table a tool feeds parsing, --help and provenance. */
#ifndef SER_BASE_OPT_H
#define SER_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>

enum opt_type {
	OPT_FLAG,   /* bool: no argument */
	OPT_INT,    /* long, min <= value <= max */
	OPT_NUM,    /* double, min <= value <= max; NAN means not given */
	OPT_TEXT,   /* const char *, NULL means not given */
	OPT_CHOICE, /* int: index into the NULL-terminated choices */
	OPT_LIST,   /* struct opt_list: may be given several times */
};

struct opt_list {
	const char **item;
	size_t n;
};

struct opt {
	char letter; /* 0: long only */
	const char *name;
	enum opt_type type;
	void *value; /* holds the default before opt_parse */
	const char *arg; /* its name in --help: "HZ", "SECONDS", "FILE" */
	const char *help; /* one line, lower case, no full stop; "(default X)" is added */
	double min, max;  /* for OPT_INT and OPT_NUM; both 0: any */
	const char *const *choices;
	bool pg; /* belongs into the pg= line: it changes the output's bytes */
};

/* What every tool has without listing it: -h -V -q -v -o. */
struct opt_common {
	bool quiet;
	bool verbose;
	const char *out; /* -o, NULL: standard output */
};

struct tool {
	const char *name;
	const char *purpose;     /* one line */
	const char *const *uses; /* NULL-terminated operand texts for "usage: NAME [options] ..." */
	const struct opt *opts;
	size_t n;
	struct opt_common *common;
};

#define OPT_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define OPT_SEED(p) { 's', "seed", OPT_INT, (p), "N", "seed of the random numbers", 0, 9007199254740992.0, NULL, true }
#define OPT_THREADS(p) { 'j', "threads", OPT_INT, (p), "N", "threads; 0 is one a processor", 0, 1024, NULL, false }
#define OPT_SKIP(p) \
	{ 0, "skip-bad", OPT_INT, (p), "N", "pass over at most N bad records, naming each", 0, 1e15, NULL, false }
#define OPT_MAXREC(p) { 0, "max-record", OPT_INT, (p), "MIB", "largest payload of a record", 1, 1 << 20, NULL, false }

/* Parses argv (options and operands may mix; "--" ends options); operands are
 * left at argv[*first]... -h and -V print and return with *done set. Errors
 * are ST_USAGE. */
int opt_parse(const struct tool *t, int argc, char **argv, int *first, bool *done);

/* True where the user gave that option. */
bool opt_given(const struct tool *t, const char *name);

/* "NAME VERSION name=value ..." with all pg options, defaults too; free(*line),
 * also after a failure. */
int opt_describe(const struct tool *t, char **line);

/* -j 0 resolved to the number of processors. */
int opt_threads(long j);

void opt_free(const struct tool *t);

/* A whole main: parses, runs with the operands unless -h or -V has answered,
 * says what failed and returns the exit status. */
int opt_main(const struct tool *t, int argc, char **argv, int (*run)(char **operands, size_t n));

#endif
