#include "audio/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* What libsndfile and libmpg123 read, then what ffmpeg makes readable. */
static const char *const endings[] = { "wav", "wave", "flac", "ogg", "oga", "opus", "mp3", "mp2", "aif", "aiff", "aifc", "au",
	"snd", "caf", "w64", "rf64", "sph", "nist", "voc", "m4a", "m4b", "aac", "wma", "amr", "3gp", "webm", "weba", "mp4", "mov",
	"mka", "mkv" };

static bool
is_recording(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof *endings; i++)
		if (strcasecmp(dot + 1, endings[i]) == 0)
			return true;
	return false;
}

/* Appends a path, which becomes its own. */
static int
take(struct folder *f, char *path)
{
	int rc = mem_push(&f->path, f->n, sizeof *f->path);

	if (rc == ST_OK)
		f->path[f->n++] = path;
	else
		free(path);
	return rc;
}

/* The last first. */
static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)b, *(char *const *)a);
}

/* Appends the paths in a folder, the last first. */
static int
list(struct folder *f, const char *folder)
{
	DIR *d = opendir(folder);
	size_t before = f->n;
	const struct dirent *e;
	int rc = ST_OK;

	if (d == NULL)
		return err_set(err_opening(), "%s: %s", folder, strerror(errno));
	for (errno = 0; rc == ST_OK && (e = readdir(d)) != NULL; errno = 0) {
		struct str s = { 0 };
		char *path;

		if (e->d_name[0] == '.')
			continue;
		str_addf(&s, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", e->d_name);
		if ((rc = str_take(&s, &path)) == ST_OK)
			rc = take(f, path);
	}
	if (rc == ST_OK && errno != 0)
		rc = err_sys("%s", folder);
	closedir(d);
	if (rc == ST_OK && f->n > before)
		qsort(f->path + before, f->n - before, sizeof *f->path, compare);
	return rc;
}

enum type { NOTHING, FOLDER, RECORDING };

/* What a path is that was found in a folder, links to folders nothing. */
static enum type
find_type(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return FOLDER;
	return is_recording(path) && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) ? RECORDING : NOTHING;
}

/* Appends the recordings below a folder. */
static int
add_below(struct folder *f, const char *folder)
{
	struct folder left = { 0 }; /* the next is the last */
	int rc = list(&left, folder);

	while (rc == ST_OK && left.n > 0) {
		char *path = left.path[--left.n];
		enum type type = find_type(path);

		if (type == RECORDING) {
			rc = take(f, path);
			continue;
		}
		if (type == FOLDER)
			rc = list(&left, path);
		free(path);
	}
	folder_free(&left);
	return rc;
}

int
folder_expand(struct folder *f, char *const *files, size_t n)
{
	int rc = ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		size_t before = f->n;
		struct stat st;
		char *path;

		if (strcmp(files[i], "-") != 0 && stat(files[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			rc = add_below(f, files[i]);
			if (rc == ST_OK && f->n == before)
				rc = err_set(ST_DATA, "%s: no recordings in this folder or below it (.wav, .flac, .mp3 and so on)", files[i]);
		} else {
			rc = (path = mem_str(files[i])) == NULL ? ST_SYS : take(f, path);
		}
	}
	return rc;
}

void
folder_free(struct folder *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->path[i]);
	free(f->path);
	*f = (struct folder){ 0 };
}
