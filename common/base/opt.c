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
#include "base/failed.h"
#include "base/level.h"
#include "base/mem.h"
#include "base/profile.h"
#include "base/str.h"
#include "base/tool.h"
#include "base/words.h"

enum { LONG_BASE = 256 }; /* getopt values of long-only options begin here */

static const char common_help[] = "  -o, --output FILE         write to FILE, which appears only when complete\n"
								  "  -q, --quiet               no notices on standard error\n"
								  "  -v, --verbose             more notices on standard error\n"
								  "  -h, --help                show this help\n"
								  "  -V, --version             show the version\n";
/* The same for print_completion. */
static const char common_words[] =
	"--output\t-o\tfile\twrite to FILE, which appears only when complete\n"
	"--quiet\t-q\t-\tno notices on standard error\n"
	"--verbose\t-v\t-\tmore notices on standard error\n"
	"--help\t-h\t-\tshow this help\n"
	"--version\t-V\t-\tshow the version\n";

/* The value as --help and pg= lines show it, or "none". */
static void
show(const struct opt *o, struct str *out)
{
	const struct opt_list *list;
	const char *text;

	switch (o->type) {
	case OPT_FLAG:
	case OPT_YES_NO:
		str_add(out, *(const bool *)o->value ? "yes" : "no");
		break;
	case OPT_INT:
		str_addf(out, "%ld", *(const long *)o->value);
		break;
	case OPT_NUM:
		if (isnan(*(const double *)o->value))
			str_add(out, "none");
		else if (o->infinite != NULL && isinf(*(const double *)o->value))
			str_add(out, o->infinite);
		else
			str_addf(out, "%.10g", *(const double *)o->value);
		break;
	case OPT_TEXT:
		text = *(const char *const *)o->value;
		str_add(out, text == NULL ? "none" : text);
		break;
	case OPT_CHOICE:
		str_add(out, o->choices[*(const int *)o->value]);
		break;
	case OPT_LIST:
		list = o->value;
		for (size_t i = 0; i < list->n; i++)
			str_addf(out, "%s%s", i == 0 ? "" : ",", list->item[i]);
		if (list->n == 0)
			str_add(out, "none");
		break;
	}
}

static void
show_choices(const char *const *choices, struct str *out)
{
	for (size_t i = 0; choices[i] != NULL; i++)
		str_addf(out, "%s%s", i == 0 ? "" : ", ", choices[i]);
}

static void
show_option(const struct opt *o, struct str *out)
{
	char left[64], letter[] = { '-', o->letter, ',', '\0' };
	struct str value = { 0 };

	snprintf(left, sizeof left, "  %3s --%s%s%s", o->letter != 0 ? letter : "", o->name, o->arg != NULL ? " " : "",
	         o->arg != NULL ? o->arg : "");
	str_addf(out, "%-27s %s", left, o->help);
	if (o->choices != NULL) {
		str_add(out, ": ");
		show_choices(o->choices, out);
	}
	show(o, &value);
	if (value.status != ST_OK)
		out->status = value.status;
	else if (o->type != OPT_FLAG && strcmp(value.text, "none") != 0)
		str_addf(out, " (default %s)", value.text);
	str_free(&value);
	str_addc(out, '\n');
}

/* Prints out on standard output and releases it. */
static int
print(struct str *out)
{
	char *text;
	int rc = str_take(out, &text);

	if (rc == ST_OK && (fputs(text, stdout) == EOF || fflush(stdout) != 0))
		rc = err_sys("standard output");
	free(text);
	return rc;
}

static int
print_help(const struct tool *t)
{
	struct str out = { 0 };

	for (size_t i = 0; t->uses[i] != NULL; i++)
		str_addf(&out, "%s %s [options]%s%s\n", i == 0 ? "usage:" : "      ", t->name,
		         t->uses[i][0] == '\0' ? "" : " ", t->uses[i]);
	str_addf(&out, "%s: %s\n\n", t->name, t->purpose);
	for (size_t i = 0; i < t->n; i++)
		show_option(&t->opts[i], &out);
	str_addf(&out, "%s\nMore in the manual: man %s; an overview: man 7 sertools.\n", common_help, t->name);
	return print(&out);
}

static void
print_takes(const struct opt *o)
{
	if (o->type == OPT_FLAG) {
		printf("-");
	} else if (o->choices != NULL) {
		printf("words");
		for (size_t i = 0; o->choices[i] != NULL; i++)
			printf(" %s", o->choices[i]);
	} else if (o->type == OPT_YES_NO) {
		printf("words yes no");
	} else if (o->infinite != NULL) {
		printf("words %s", o->infinite);
	} else if (o->arg != NULL && strncmp(o->arg, "MODEL", 5) == 0) { /* MODEL=STREAM */
		printf("list %s", find_list(FIND_MODEL));
	} else if (o->find != FIND_PATH) {
		printf("list %s", find_list(o->find));
	} else if (o->file != OPT_NO_FILE || (o->arg != NULL && strstr(o->arg, "STREAM") != NULL)) { /* NAME=STREAM */
		printf("file");
	} else {
		printf("text");
	}
}

/* For shells that complete words, a line for each option and, as "-", one for the
 * operands: its word, its letter ("-j"), what it takes and its help, between tabs; "-" stands
 * for nothing. It takes "words A B", "list nets" (what `sertools list nets` has, or a file),
 * "file" or "text". */
static int
print_completion(const struct tool *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct opt *o = &t->opts[i];

		printf("--%s\t-", o->name);
		if (o->letter != 0)
			printf("%c", o->letter);
		printf("\t");
		print_takes(o);
		printf("\t%s\n", o->help);
	}
	printf("%s-\t-\t", common_words);
	if (t->first != FIND_PATH)
		printf("list %s\t-\n", find_list(t->first));
	else
		printf("file\t-\n");
	return ferror(stdout) == 0 && fflush(stdout) == 0 ? ST_OK : err_sys("standard output");
}

static int
print_version(const struct tool *t)
{
	printf("%s (sertools) %s\n", t->name, SER_VERSION);
	if (t->common->verbose)
		printf("kernels: %s\n", level_name());
	return fflush(stdout) == 0 ? ST_OK : err_sys("standard output");
}

static int
parse_number(const struct opt *o, const char *text)
{
	char *end;
	double x;
	bool bounded = o->min != 0 || o->max != 0, comma = strchr(text, ',') != NULL, word = o->infinite != NULL && !comma;

	if (o->infinite != NULL && strcmp(text, o->infinite) == 0) {
		*(double *)o->value = INFINITY;
		return ST_OK;
	}
	errno = 0;
	x = strtod(text, &end);
	if (end == text || *end != '\0' || isspace((unsigned char)text[0]) || !isfinite(x) || errno == ERANGE)
		return err_set(ST_USAGE, "--%s: '%s' is not a number%s%s%s", o->name, text, word ? " or " : "",
		               word ? o->infinite : "", comma ? " (a decimal point is required)" : "");
	if (o->type == OPT_INT && (x != floor(x) || fabs(x) > 9007199254740992.0))
		return err_set(ST_USAGE, "--%s: '%s' is not a whole number", o->name, text);
	if (bounded && (x < o->min || x > o->max))
		return err_set(ST_USAGE, "--%s: %s is not between %.10g and %.10g", o->name, text, o->min, o->max);
	if (o->type == OPT_INT)
		*(long *)o->value = (long)x;
	else
		*(double *)o->value = x;
	return ST_OK;
}

static int
parse_choice(const struct opt *o, const char *const *choices, const char *text, int *index)
{
	struct str all = { 0 };
	int rc;

	for (*index = 0; choices[*index] != NULL; ++*index)
		if (strcmp(choices[*index], text) == 0)
			return ST_OK;
	show_choices(choices, &all);
	rc = all.status == ST_OK ? err_set(ST_USAGE, "--%s: '%s' is none of %s", o->name, text, all.text) : all.status;
	str_free(&all);
	return rc;
}

int
opt_find(const struct tool *t, enum find_kind kind, const char **name)
{
	struct opt_common *c = t->common;
	int rc = mem_push(&c->found, c->nfound, sizeof *c->found);

	if (rc == ST_OK && (rc = find_file(kind, *name, &c->found[c->nfound])) == ST_OK)
		*name = c->found[c->nfound++];
	return rc == ST_OK && kind != FIND_PATH ? clash_input(&c->clash, *name, NULL) : rc;
}

static int
assign(const struct tool *t, const struct opt *o, const char *text)
{
	static const char *const yes_no[] = { "yes", "no", NULL };
	struct opt_list *list;
	int rc, index;

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
		return o->find == FIND_PATH ? ST_OK : opt_find(t, o->find, o->value);
	case OPT_CHOICE:
		if ((rc = parse_choice(o, o->choices, text, &index)) == ST_OK)
			*(int *)o->value = index;
		return rc;
	case OPT_YES_NO:
		if ((rc = parse_choice(o, yes_no, text, &index)) == ST_OK)
			*(bool *)o->value = index == 0;
		return rc;
	case OPT_LIST:
		list = o->value;
		rc = mem_push(&list->item, list->n, sizeof *list->item);
		if (rc == ST_OK && (rc = opt_find(t, o->find, &text)) == ST_OK)
			list->item[list->n++] = t->common->found[t->common->nfound - 1];
		return rc;
	}
	return ST_OK;
}

/* What every tool has. */
static const struct option always[] = {
	{ "output", required_argument, NULL, 'o' }, { "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },      { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
};

/* Fills getopt's two tables from ours. */
static void
tables(const struct tool *t, char *letters, struct option *longs)
{
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

static const struct opt *
find(const struct tool *t, int c)
{
	for (size_t i = 0; i < t->n; i++)
		if (c == LONG_BASE + (int)i || (t->opts[i].letter != 0 && c == t->opts[i].letter))
			return &t->opts[i];
	return NULL;
}

/* The long option that name[0..n) is a slip of, or a part, or whose part it is; NULL
 * where there is none. */
static const char *
nearest(const struct option *longs, const char *name, size_t n)
{
	const char *best = NULL;
	int slips = words_slips(n);

	for (size_t i = 0; longs[i].name != NULL; i++)
		if (words_nearer(name, n, longs[i].name, &slips))
			best = longs[i].name;
	for (size_t i = 0; longs[i].name != NULL && best == NULL && n > 2; i++)
		if (strstr(longs[i].name, name) != NULL || strstr(name, longs[i].name) != NULL)
			best = longs[i].name;
	return best;
}

/* A word that is no option: -threads, or --thread-s=4. */
static int
unknown_option(const struct option *longs, const char *word)
{
	const char *name = word + strspn(word, "-"), *meant;
	size_t n = strcspn(name, "=");
	struct str all = { 0 };
	int rc;

	if (word[1] == '-')
		for (size_t i = 0; longs[i].name != NULL; i++)
			if (n > 0 && strncmp(longs[i].name, name, n) == 0)
				str_addf(&all, "%s--%s", all.n > 0 ? ", " : "", longs[i].name);
	meant = nearest(longs, name, n);
	if (all.status != ST_OK)
		rc = all.status;
	else if (all.n > 0)
		rc = err_set(ST_USAGE, "'%s' may be any of %s", word, all.text);
	else if (meant != NULL)
		rc = err_set(ST_USAGE, "unknown option '%s': did you mean --%s?", word, meant);
	else
		rc = err_set(ST_USAGE, "unknown option '%s' (see --help)", word);
	str_free(&all);
	return rc;
}

/* What getopt_long has stopped at: c is ':' or '?', optopt the option where it is
 * known. */
static int
bad_option(const struct tool *t, const struct option *longs, int c, char **argv)
{
	const struct opt *o = find(t, optopt);
	const char *word = argv[optind - 1];
	bool longer = optopt == 0 || optopt >= LONG_BASE || (strncmp(word, "--", 2) == 0 && strchr(word, '=') != NULL);

	if (c == ':')
		return err_set(ST_USAGE, "option '%s' requires a value: %s%s %s", word, longer && o != NULL ? "--" : "",
		               longer && o != NULL ? o->name : word, o == NULL ? "FILE" : o->arg);
	if (longer && optopt != 0)
		return err_set(ST_USAGE, "option '%s' takes no value", word);
	if (longer)
		return unknown_option(longs, word);
	if (word[0] != '-' || word[1] == '-' || strchr(word, optopt) == NULL)
		word = argv[optind]; /* it is among letters that are not all taken yet */
	if (word[2] != '\0' && nearest(longs, word + 1, strcspn(word + 1, "=")) != NULL)
		return unknown_option(longs, word);
	return err_set(ST_USAGE, "unknown option '-%c' (see --help)", optopt);
}

static int
take(const struct tool *t, const struct option *longs, int c, char **argv, bool *done)
{
	const struct opt *o = find(t, c);

	if (o != NULL) {
		t->common->given[o - t->opts] = true;
		return assign(t, o, optarg);
	}
	switch (c) {
	case 'o':
		t->common->out = optarg;
		return optarg[0] == '\0' ? err_set(ST_USAGE, "--output: empty value") : ST_OK;
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
		t->common->version = true;
		return ST_OK;
	default:
		return bad_option(t, longs, c, argv);
	}
}

/* Options and operands may mix; "--" ends options; operands are left at
 * argv[*first]. -h and -V print and return with *done set. */
static int
parse(const struct tool *t, int argc, char **argv, int *first, bool *done)
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
		rc = take(t, longs, c, argv, done);
	*first = optind;
	if (rc != ST_OK || *done || !t->common->version)
		return rc;
	*done = true;
	return print_version(t);
}

/* The index of that option, which is in the table. */
static size_t
index_of(const struct tool *t, const char *name)
{
	size_t i = 0;

	while (strcmp(t->opts[i].name, name) != 0)
		i++;
	return i;
}

bool
opt_given(const struct tool *t, const char *name)
{
	return t->common->given[index_of(t, name)];
}

/* 80 and 80.0 are the same, also where an option is a text. */
static bool
same_value(const char *a, const char *b)
{
	char *end_a, *end_b;
	double x = strtod(a, &end_a), y = strtod(b, &end_b);

	return strcmp(a, b) == 0 || (end_a != a && *end_a == '\0' && end_b != b && *end_b == '\0' && x == y);
}

int
opt_impose(const struct tool *t, const char *name, const char *text, const char *model)
{
	const struct opt *o = &t->opts[index_of(t, name)];
	struct str had = { 0 }, has = { 0 };
	int rc = opt_find(t, FIND_PATH, &text); /* to outlive the model */

	show(o, &had);
	if (rc == ST_OK && o->type == OPT_NUM && strcmp(text, "none") == 0)
		*(double *)o->value = NAN;
	else if (rc == ST_OK && assign(t, o, text) != ST_OK)
		rc = err_set(ST_DATA, "%s: %s", model, err_text());
	show(o, &has);
	if (rc == ST_OK && (had.status != ST_OK || has.status != ST_OK))
		rc = ST_SYS;
	if (rc == ST_OK && opt_given(t, name) && !same_value(had.text, has.text))
		rc = err_set(ST_USAGE, "--%s %s contradicts %s, which was trained with --%s %s", name, had.text, model, name,
		             has.text);
	str_free(&had);
	str_free(&has);
	return rc;
}

int
opt_describe(const struct tool *t, char **line)
{
	struct str out = { 0 }, value = { 0 };

	str_addf(&out, "%s %s", t->name, SER_VERSION);
	for (const struct opt *o = t->opts; o < t->opts + t->n && out.status == ST_OK; o++) {
		if (!o->pg)
			continue;
		show(o, &value);
		if (value.status != ST_OK)
			out.status = value.status;
		else if (o->unsaid == NULL || strcmp(value.text, o->unsaid) != 0)
			str_addf(&out, " %s=%s", o->name, value.text);
		str_free(&value);
	}
	return str_take(&out, line);
}

int
opt_threads(long j)
{
	long n = j > 0 ? j : sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > 1024 ? 1024 : (int)n;
}

static int
check_option(const struct tool *t, const struct opt *o)
{
	const struct opt_list *list = o->value;
	int rc = ST_OK;

	if (o->find == FIND_PATH && o->file != OPT_READS)
		return ST_OK;
	if (o->type == OPT_TEXT && *(const char *const *)o->value != NULL)
		rc = clash_input(&t->common->clash, *(const char *const *)o->value, o->over);
	for (size_t i = 0; o->type == OPT_LIST && i < list->n && rc == ST_OK; i++)
		rc = clash_input(&t->common->clash, list->item[i], o->over);
	return rc;
}

/* Before anything is read or written: no output is another one, or an input. An
 * operand may be NAME=FILE. */
static int
check_files(const struct tool *t, char **operands, size_t n)
{
	const char *over = t->in_place ? "output" : NULL;
	struct opt_common *c = t->common;
	int rc = clash_output(&c->clash, "output", c->out == NULL ? "-" : c->out);

	for (const struct opt *o = t->opts; o < t->opts + t->n && rc == ST_OK; o++) {
		const char *const *name = o->value;

		if (o->file == OPT_WRITES && *name != NULL)
			rc = clash_output(&c->clash, o->name, *name);
	}
	for (const struct opt *o = t->opts; o < t->opts + t->n && rc == ST_OK; o++)
		rc = check_option(t, o);
	if (rc == ST_OK && n == 0)
		rc = clash_input(&c->clash, "-", over);
	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		const char *equals = strchr(operands[i], '=');

		rc = clash_input(&c->clash, operands[i], over);
		if (rc == ST_OK && equals != NULL)
			rc = clash_input(&c->clash, equals + 1, over);
	}
	return rc;
}

static void
release(const struct tool *t)
{
	clash_free(&t->common->clash);
	for (size_t i = 0; i < t->n; i++)
		if (t->opts[i].type == OPT_LIST)
			free(((struct opt_list *)t->opts[i].value)->item);
	while (t->common->nfound > 0)
		free(t->common->found[--t->common->nfound]);
	free(t->common->found);
}

int
opt_main(const struct tool *t, int argc, char **argv, int (*run)(char **operands, size_t n))
{
	int first = 0, rc;
	bool done = false;

	tool_init(t->name);
	rc = level_check();
	done = argc > 1 && strcmp(argv[1], "--completion") == 0;
	if (rc == ST_OK)
		rc = done ? print_completion(t) : parse(t, argc, argv, &first, &done);
	if (rc == ST_OK && !done)
		rc = check_files(t, argv + first, (size_t)(argc - first));
	if (rc == ST_OK && t->common->profile)
		profile_begin();
	if (rc == ST_OK && !done)
		rc = run(argv + first, (size_t)(argc - first));
	if (rc == ST_OK)
		profile_say();
	release(t);
	if (rc != ST_OK && rc != ST_NO && t->common->feeds && (t->common->out == NULL || strcmp(t->common->out, "-") == 0))
		failed_tell();
	return tool_end(rc);
}
