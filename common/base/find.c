#include "base/find.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/words.h"

#ifndef SER_DATADIR
#define SER_DATADIR "/usr/local/share/sertools" /* the Makefile says PREFIX's */
#endif

/* A kind's folder below pipelines/, its ending, and what `sertools list` calls it. */
static const struct {
	const char *folder, *ending, *list;
} kinds[] = {
	[FIND_NET] = { "nets", ".net", "nets" },
	[FIND_PREP] = { "prep", ".prep", "preps" },
	[FIND_RULES] = { "rules", ".rules", "rules" },
	[FIND_LABELS] = { "labels", ".tsv", "labels" },
	[FIND_MODEL] = { "models", ".bin", "models" },
	[FIND_FUNCTIONALS] = { "functionals", ".fun", "functionals" },
};

const char *
find_list(enum find_kind kind)
{
	return kinds[kind].list;
}

/* Adds ": did you mean NAME?" where a name in that folder ("" is the current one) is
 * near to it; folder and ending are not repeated. */
static void
add_near(struct str *out, const char *folder, const char *name)
{
	DIR *d = opendir(folder[0] == '\0' ? "." : folder);
	size_t n = strlen(name);
	int slips = words_slips(strcspn(name, ".")); /* endings alike say little */
	char best[256] = "";
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && words_nearer(name, n, e->d_name, &slips))
			snprintf(best, sizeof best, "%s", e->d_name);
	if (d != NULL)
		closedir(d);
	if (best[0] != '\0')
		str_addf(out, ": did you mean %s%s?", folder, best);
}

int
find_missing(const char *name)
{
	const char *slash = strrchr(name, '/'), *base = slash == NULL ? name : slash + 1;
	struct str s = { 0 }, folder = { 0 };
	int why = errno, status = err_opening(), rc;

	str_addf(&s, "%s: %s", name, strerror(why));
	str_addn(&folder, name, (size_t)(base - name));
	str_add(&folder, "");
	if (why == ENOENT && folder.status == ST_OK)
		add_near(&s, folder.text, base);
	rc = str_status(&s);
	if (rc == ST_OK)
		rc = err_set(status, "%s", s.text);
	str_free(&folder);
	str_free(&s);
	return rc;
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* The folder above the running program's, or an empty text where the system does not
 * tell. */
static void
above_program(char *text, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", text, size - 1);

	text[n < 0 ? 0 : n] = '\0';
	for (int i = 0; i < 2 && strrchr(text, '/') != NULL; i++)
		*strrchr(text, '/') = '\0';
}

/* Fills *path where a file of that name is in the kind's folder of the tree; otherwise
 * adds the folder, if there is one, to the text of those that were searched. */
static int
search(enum find_kind kind, const char *tree, const char *below, const char *file, char **path, struct str *searched,
       struct str *near)
{
	struct str s = { 0 };
	size_t folder;
	int rc;

	if (tree == NULL || tree[0] == '\0')
		return ST_OK;
	str_addf(&s, "%s%s/pipelines/%s/", tree, below, kinds[kind].folder);
	folder = s.n;
	str_add(&s, file);
	if ((rc = str_take(&s, path)) != ST_OK || is_file(*path))
		return rc;
	(*path)[folder] = '\0';
	if (access(*path, F_OK) == 0 && searched->status == ST_OK && strstr(searched->text, *path) == NULL) {
		str_addf(searched, " or in %s", *path);
		if (near->n == 0)
			add_near(near, *path, file);
	}
	free(*path);
	*path = NULL;
	return ST_OK;
}

static int
search_trees(enum find_kind kind, const char *file, char **path, struct str *searched, struct str *near)
{
	char above[4096];
	const char *const trees[][2] = {
		{ getenv("SERTOOLS_DATADIR"), "" },
		{ above, "" },
		{ above, "/share/sertools" },
		{ SER_DATADIR, "" },
	};
	int rc = ST_OK;

	above_program(above, sizeof above);
	for (size_t i = 0; i < sizeof trees / sizeof trees[0] && rc == ST_OK && *path == NULL; i++)
		rc = search(kind, trees[i][0], trees[i][1], file, path, searched, near);
	return rc;
}

/* The name with the kind's ending, unless it has it. */
static int
add_ending(enum find_kind kind, const char *name, char **file)
{
	struct str s = { 0 };
	const char *ending = kinds[kind].ending;
	size_t n = strlen(name), k = strlen(ending);

	str_addf(&s, "%s%s", name, n > k && strcmp(name + n - k, ending) == 0 ? "" : ending);
	return str_take(&s, file);
}

/* Neither here nor in the trees that were searched. */
static int
not_found(enum find_kind kind, const struct str *searched, struct str *near)
{
	int rc = searched->status;

	str_add(near, "");
	if (rc == ST_OK && (rc = str_status(near)) == ST_OK)
		rc = err_set(ST_DATA, "%s%s (sertools list %s names those there are%s)", searched->text, near->text,
		             kinds[kind].list, kind == FIND_MODEL ? "; nntrain makes models, as does sertools demo" : "");
	return rc;
}

int
find_file(enum find_kind kind, const char *name, char **path)
{
	struct str searched = { 0 }, near = { 0 };
	char *file = NULL;
	int rc;

	*path = NULL;
	if (kind == FIND_PATH || strchr(name, '/') != NULL || strcmp(name, "-") == 0 || is_file(name))
		return (*path = mem_str(name)) == NULL ? ST_SYS : ST_OK;
	if ((rc = add_ending(kind, name, &file)) == ST_OK && is_file(file)) {
		*path = file;
		return ST_OK;
	}
	str_addf(&searched, "%s: No such file", name);
	if (rc == ST_OK && strcmp(name, file) != 0)
		str_addf(&searched, ", nor %s,", file);
	str_add(&searched, " here");
	if (rc == ST_OK) {
		add_near(&near, "", file);
		rc = search_trees(kind, file, path, &searched, &near);
	}
	if (rc == ST_OK && *path == NULL)
		rc = not_found(kind, &searched, &near);
	free(file);
	str_free(&searched);
	str_free(&near);
	return rc;
}
