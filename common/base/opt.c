#include "base/opt.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/tool.h"

enum { LONG_BASE = 256, OPT_MAX = 64 }; /* getopt values of long-only options begin here */

static bool given[OPT_MAX]; /* by index into the tool's table; a process parses once */

static const char *const common_help[] = {
	"  -o, --output FILE         write to FILE, which appears only when complete",
	"  -q, --quiet               no notices on standard error",
	"  -v, --verbose             more notices on standard error",
	"  -h, --help                show this help",
	"  -V, --version             show the version",
};

/* The value as --help and pg= lines show it, or "none". */
static void
show(const struct opt *o, FILE *out)
{
	const struct opt_list *list;
	const char *text;

	switch (o->type) {
	case OPT_FLAG:
		fputs(*(const bool *)o->value ? "yes" : "no", out);
		break;
	case OPT_INT:
		fprintf(out, "%ld", *(const long *)o->value);
		break;
	case OPT_NUM:
		if (isnan(*(const double *)o->value))
			fputs("none", out);
		else
			fprintf(out, "%.10g", *(const double *)o->value);
		break;
	case OPT_TEXT:
		text = *(char *const *)o->value;
		fputs(text == NULL ? "none" : text, out);
		break;
	case OPT_CHOICE:
		fputs(o->choices[*(const int *)o->value], out);
		break;
	case OPT_LIST:
		list = o->value;
		for (size_t i = 0; i < list->n; i++)
			fprintf(out, "%s%s", i == 0 ? "" : ",", list->item[i]);
		if (list->n == 0)
			fputs("none", out);
		break;
	}
}

/* True for an option that has no value before the user gives one. */
static bool
has_none(const struct opt *o)
{
	switch (o->type) {
	case OPT_NUM:
		return isnan(*(const double *)o->value);
	case OPT_TEXT:
		return *(char *const *)o->value == NULL;
	case OPT_LIST:
		return ((const struct opt_list *)o->value)->n == 0;
	case OPT_CHOICE:
		return strcmp(o->choices[*(const int *)o->value], "none") == 0;
	default:
		return o->type == OPT_FLAG;
	}
}

static void
print_option(const struct opt *o)
{
	char left[64];
	int n = 0;

	n += o->letter != 0 ? snprintf(left, sizeof left, "  -%c, --%s", o->letter, o->name)
	                    : snprintf(left, sizeof left, "      --%s", o->name);
	if (o->arg != NULL)
		snprintf(left + n, sizeof left - (size_t)n, " %s", o->arg);
	printf("%-27s %s", left, o->help);
	if (o->choices != NULL) {
		printf(": ");
		for (size_t i = 0; o->choices[i] != NULL; i++)
			printf("%s%s", i == 0 ? "" : ", ", o->choices[i]);
	}
	if (!has_none(o)) {
		printf(" (default ");
		show(o, stdout);
		putchar(')');
	}
	printf("\n");
}

static int
print_help(const struct tool *t)
{
	for (size_t i = 0; t->uses[i] != NULL; i++)
		printf("%s %s [options]%s%s\n", i == 0 ? "usage:" : "      ", t->name, t->uses[i][0] == '\0' ? "" : " ",
		       t->uses[i]);
	printf("%s: %s\n\n", t->name, t->purpose);
	for (size_t i = 0; i < t->n; i++)
		print_option(&t->opts[i]);
	for (size_t i = 0; i < OPT_COUNT(common_help); i++)
		printf("%s\n", common_help[i]);
	printf("\nMore in the manual: man %s; an overview: man sertools.\n", t->name);
	return fflush(stdout) == 0 ? ST_OK : err_sys("standard output");
}

static int
parse_number(const struct opt *o, const char *text)
{
	char *end;
	double x;
	bool bounded = o->min != 0 || o->max != 0;

	errno = 0;
	x = strtod(text, &end);
	if (end == text || *end != '\0' || isspace((unsigned char)text[0]) || !isfinite(x) || errno == ERANGE)
		return err_set(ST_USAGE, "--%s: '%s' is not a number", o->name, text);
	if (o->type == OPT_INT && (x != floor(x) || fabs(x) > 9007199254740992.0))
		return err_set(ST_USAGE, "--%s: '%s' is not a whole number", o->name, text);
	if (bounded && (x < o->min || x > o->max))
		return err_set(ST_USAGE, "--%s: %s is not between %g and %g", o->name, text, o->min, o->max);
	if (o->type == OPT_INT)
		*(long *)o->value = (long)x;
	else
		*(double *)o->value = x;
	return ST_OK;
}

static int
parse_choice(const struct opt *o, const char *text)
{
	char all[512] = "";
	size_t used = 0;

	for (int i = 0; o->choices[i] != NULL; i++) {
		if (strcmp(o->choices[i], text) == 0) {
			*(int *)o->value = i;
			return ST_OK;
		}
		if (used < sizeof all)
			used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i == 0 ? "" : ", ", o->choices[i]);
	}
	return err_set(ST_USAGE, "--%s: '%s' is none of %s", o->name, text, all);
}

static int
assign(const struct opt *o, const char *text)
{
	struct opt_list *list;
	int rc;

	switch (o->type) {
	case OPT_FLAG:
		*(bool *)o->value = true;
		return ST_OK;
	case OPT_INT:
	case OPT_NUM:
		return parse_number(o, text);
	case OPT_TEXT:
		if (text[0] == '\0')
			return err_set(ST_USAGE, "--%s: empty value", o->name);
		*(const char **)o->value = text;
		return ST_OK;
	case OPT_CHOICE:
		return parse_choice(o, text);
	case OPT_LIST:
		list = o->value;
		rc = mem_grow(&list->item, list->n + 1, sizeof *list->item);
		if (rc == ST_OK)
			list->item[list->n++] = text;
		return rc;
	}
	return ST_OK;
}

/* Fills getopt's two tables from ours. */
static void
tables(const struct tool *t, char *letters, struct option *longs)
{
	static const struct option always[] = {
		{ "output", required_argument, NULL, 'o' }, { "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' },      { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
	};
	size_t n = (size_t)snprintf(letters, 16, ":o:qvhV");

	for (size_t i = 0; i < t->n; i++) {
		bool arg = t->opts[i].type != OPT_FLAG;

		longs[i] = (struct option){ t->opts[i].name, arg ? required_argument : no_argument, NULL, LONG_BASE + (int)i };
		if (t->opts[i].letter != 0) {
			letters[n++] = t->opts[i].letter;
			if (arg)
				letters[n++] = ':';
		}
	}
	letters[n] = '\0';
	memcpy(longs + t->n, always, sizeof always);
	longs[t->n + OPT_COUNT(always)] = (struct option){ 0 };
}

static int
bad_option(int c, char **argv)
{
	const char *word = argv[optind - 1];

	if (c == ':')
		return err_set(ST_USAGE, "option '%s' wants an argument", word);
	if (optopt > 0 && optopt < LONG_BASE && strncmp(word, "--", 2) != 0)
		return err_set(ST_USAGE, "unknown option '-%c' (see --help)", optopt);
	return err_set(ST_USAGE, "unknown, ambiguous or misused option '%s' (see --help)", word);
}

static const struct opt *
find(const struct tool *t, int c)
{
	for (size_t i = 0; i < t->n; i++)
		if (c == LONG_BASE + (int)i || (t->opts[i].letter != 0 && c == t->opts[i].letter))
			return &t->opts[i];
	return NULL;
}

static int
take(const struct tool *t, int c, char **argv, bool *done)
{
	const struct opt *o = find(t, c);

	if (o != NULL) {
		given[o - t->opts] = true;
		return assign(o, optarg);
	}
	switch (c) {
	case 'o':
		t->common->out = optarg;
		return ST_OK;
	case 'q':
		t->common->quiet = true;
		return ST_OK;
	case 'v':
		t->common->verbose = true;
		return ST_OK;
	case 'h':
		*done = true;
		return print_help(t);
	case 'V':
		*done = true;
		printf("%s (sertools) %s\n", t->name, SER_VERSION);
		return fflush(stdout) == 0 ? ST_OK : err_sys("standard output");
	default:
		return bad_option(c, argv);
	}
}

int
opt_parse(const struct tool *t, int argc, char **argv, int *first, bool *done)
{
	char letters[16 + 2 * OPT_MAX];
	struct option longs[OPT_MAX + 8];
	int c, rc = ST_OK;

	*done = false;
	if (t->n > OPT_MAX)
		return err_set(ST_USAGE, "too many options in the table");
	tables(t, letters, longs);
	opterr = 0;
	while (rc == ST_OK && !*done && (c = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		rc = take(t, c, argv, done);
	*first = optind;
	return rc;
}

bool
opt_given(const struct tool *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->opts[i].name, name) == 0)
			return given[i];
	return false;
}

int
opt_describe(const struct tool *t, char **line)
{
	size_t n;
	FILE *out = open_memstream(line, &n); /* lists of keys have no bound */

	if (out == NULL)
		return err_sys("options");
	fprintf(out, "%s %s", t->name, SER_VERSION);
	for (size_t i = 0; i < t->n; i++)
		if (t->opts[i].pg) {
			fprintf(out, " %s=", t->opts[i].name);
			show(&t->opts[i], out);
		}
	return fclose(out) != 0 ? err_sys("options") : ST_OK;
}

int
opt_threads(long j)
{
	long n = j > 0 ? j : sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > 1024 ? 1024 : (int)n;
}

void
opt_free(const struct tool *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->opts[i].type == OPT_LIST)
			free(((struct opt_list *)t->opts[i].value)->item);
}

int
opt_main(const struct tool *t, int argc, char **argv, int (*run)(char **operands, size_t n))
{
	int first = 0, rc;
	bool done;

	tool_init(t->name);
	rc = opt_parse(t, argc, argv, &first, &done);
	if (rc == ST_OK && !done)
		rc = run(argv + first, (size_t)(argc - first));
	opt_free(t);
	return tool_end(rc);
}
