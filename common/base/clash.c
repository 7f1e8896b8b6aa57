#include "base/clash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/replace.h"

static bool
is_standard(const char *name)
{
	return strcmp(name, "-") == 0;
}

/* Where a file that is not there yet will be. */
static bool
in_folder(struct clash_output *o, struct stat *st)
{
	char *slash = strrchr(o->path, '/'), first = '\0';
	bool found;

	o->base = slash == NULL ? o->path : slash + 1;
	if (slash != NULL) {
		first = slash[1];
		slash[1] = '\0';
	}
	found = stat(slash == NULL ? "." : o->path, st) == 0;
	if (slash != NULL)
		slash[1] = first;
	return found;
}

/* False for what is no file that could be lost; fd is a descriptor that it is, or -1. */
static bool
locate(struct clash_output *o, int fd)
{
	struct stat st;
	bool found;

	o->direct = fd >= 0;
	found = o->direct ? fstat(fd, &st) == 0 : stat(o->path, &st) == 0;
	if (found && !S_ISREG(st.st_mode) && !(o->direct && S_ISFIFO(st.st_mode))) /* a pipe takes only one of them */
		return false;
	if (!found && (o->direct || errno != ENOENT || !in_folder(o, &st)))
		return false;
	o->device = st.st_dev;
	o->inode = st.st_ino;
	return true;
}

static bool
equal(const struct clash_output *a, const struct clash_output *b)
{
	return a->device == b->device && a->inode == b->inode && (a->base == NULL) == (b->base == NULL) &&
	       (a->base == NULL || strcmp(a->base, b->base) == 0);
}

/* "--output x", or "standard output", in text. */
static const char *
said(const struct clash_output *o, char *text, size_t n)
{
	if (is_standard(o->name))
		return "standard output";
	snprintf(text, n, "--%s %s", o->option, o->name);
	return text;
}

int
clash_output(struct clash *c, const char *option, const char *name)
{
	struct clash_output o = { .option = option, .name = name };
	char one[256], two[256];
	int fd = STDOUT_FILENO;

	if (c->n == CLASH_MAX)
		return err_set(ST_USAGE, "too many outputs");
	if (!is_standard(name) && replace_resolve(name, &o.path, &fd) != ST_OK)
		return ST_SYS;
	if (!locate(&o, fd)) {
		free(o.path);
		return ST_OK;
	}
	c->output[c->n++] = o;
	for (size_t i = 0; i + 1 < c->n; i++)
		if (equal(&o, &c->output[i]) && !(is_standard(name) && is_standard(c->output[i].name)))
			return err_set(ST_USAGE, "%s and %s are one file: each requires its own",
			               said(&c->output[i], one, sizeof one), said(&o, two, sizeof two));
	return ST_OK;
}

int
clash_input(const struct clash *c, const char *name, const char *over)
{
	char text[256];
	struct stat st;

	if ((is_standard(name) ? fstat(STDIN_FILENO, &st) : stat(name, &st)) != 0)
		return ST_OK; /* opening it will say why */
	for (const struct clash_output *o = c->output; o < c->output + c->n; o++)
		if (o->base == NULL && o->device == st.st_dev && o->inode == st.st_ino &&
		    (o->direct || over == NULL || strcmp(o->option, over) != 0))
			return err_set(ST_USAGE, "%s is an input, and %s is the same file: write to another one",
			               is_standard(name) ? "what standard input reads" : name, said(o, text, sizeof text));
	return ST_OK;
}

void
clash_free(struct clash *c)
{
	while (c->n > 0)
		free(c->output[--c->n].path);
}
