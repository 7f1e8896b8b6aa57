/* opt: one table a tool feeds parsing, --help, completion in shells and provenance. */
#ifndef SER_BASE_OPT_H
#define SER_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clash.h"
#include "base/find.h"

enum opt_type {
	OPT_FLAG,   /* bool: no argument */
	OPT_YES_NO, /* bool: yes or no */
	OPT_INT,    /* long, min <= value <= max */
	OPT_NUM,    /* double, min <= value <= max; NAN means not given; INFINITY is opt.infinite */
	OPT_TEXT,   /* const char *, NULL means not given */
	OPT_CHOICE, /* int: index into the NULL-terminated choices */
	OPT_LIST,   /* struct opt_list: may be given several times */
};

struct opt_list {
	char **item;
	size_t n;
};

enum opt_file { OPT_NO_FILE, OPT_READS, OPT_WRITES };

struct opt {
	char letter; /* 0: long only */
	const char *name;
	enum opt_type type;
	void *value; /* holds the default before the arguments are read */
	const char *arg; /* its name in --help: "HZ", "SECONDS", "FILE" */
	const char *help; /* one line, lower case, no full stop; "(default X)" is added */
	double min, max;  /* for OPT_INT and OPT_NUM; both 0: any */
	const char *infinite; /* of OPT_NUM: the word for INFINITY, or NULL */
	const char *const *choices;
	enum find_kind find; /* of OPT_TEXT and OPT_LIST: files of that kind, which may be given by name; read */
	enum opt_file file;  /* of OPT_TEXT and OPT_LIST: what is done with files of other kinds */
	const char *over;    /* the option that may replace what this one reads: "output", "checkpoint" */
	bool pg; /* belongs into the pg= line: it changes the output's bytes */
	const char *unsaid; /* but not at this value: an option that earlier versions did not have says nothing by default */
};

enum { OPT_MAX = 64 }; /* options a tool may have */

/* What every tool has without listing it: -h -V -q -v -o. */
struct opt_common {
	bool quiet;
	bool verbose;
	bool version;
	bool profile;        /* where the tool's table has OPT_PROFILE */
	bool feeds;          /* the output is for other programs, which are told where this one fails */
	const char *out;     /* -o, NULL: standard output */
	bool given[OPT_MAX]; /* by index into the tool's table */
	char **found;        /* paths that names stood for */
	size_t nfound;
	struct clash clash;  /* its outputs, once all options are read */
};

struct tool {
	const char *name;
	const char *purpose;     /* one line */
	const char *const *uses; /* NULL-terminated operand texts for "usage: NAME [options] ..." */
	const struct opt *opts;
	size_t n;
	struct opt_common *common;
	enum find_kind first;    /* of a file that may be given by name: the first operand */
	bool in_place;           /* -o may replace an operand */
};

#define OPT_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A row of the table: OPT(NUM, "atol", &atol, "X", "values may differ by X", .max = 1e300).
 * Behind the help come further fields of struct opt; OPT_PG is for what belongs into pg=. */
#define OPT(TYPE, NAME, VALUE, ARG, ...) \
	{ .type = OPT_##TYPE, .name = NAME, .value = VALUE, .arg = ARG, .help = __VA_ARGS__ }
#define OPT_PG(...) OPT(__VA_ARGS__, .pg = true)
#define OPT_SEED(p) \
	OPT_PG(INT, "seed", p, "N", "seed of the random numbers", .letter = 's', .max = 9007199254740992.0)
#define OPT_THREADS(p) OPT(INT, "threads", p, "N", "threads; 0 is one a processor", .letter = 'j', .max = 1024)
#define OPT_PROFILE(p) OPT(FLAG, "profile", p, NULL, "say at the end how long records took, and the memory")
#define OPT_SKIP(p) OPT(INT, "skip-bad", p, "N", "pass over at most N bad records, naming each", .max = 1e15)
#define OPT_MAXREC(p) OPT(INT, "max-record", p, "MIB", "largest payload of a record", .min = 1, .max = 1 << 20)

/* A tool, of the uses, opts and common in its file. */
/* The purpose, and then what else a tool has. */
#define OPT_TOOL(NAME, ...) \
	{ .name = NAME, .purpose = __VA_ARGS__, .uses = uses, .opts = opts, .n = OPT_COUNT(opts), .common = &common }

/* True where the user gave that option. */
bool opt_given(const struct tool *t, const char *name);

/* Gives an option the value that text is ("none": no value), as the model of that
 * file has it. ST_USAGE, naming both, where the user gave another one. */
int opt_impose(const struct tool *t, const char *name, const char *text, const char *model);

/* Puts the path of the file that *name means (base/find.h) in its stead; opt_main
 * releases it. */
int opt_find(const struct tool *t, enum find_kind kind, const char **name);

/* "NAME VERSION name=value ..." with all pg options, defaults too; free(*line),
 * also after a failure. */
int opt_describe(const struct tool *t, char **line);

/* -j 0 resolved to the number of processors. */
int opt_threads(long j);

/* A whole main: parses, runs with the operands unless -h, -V or, as the first word,
 * --completion has answered, says what failed and returns the exit status. */
int opt_main(const struct tool *t, int argc, char **argv, int (*run)(char **operands, size_t n));

#endif
