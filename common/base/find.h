/* find: files that come with the programs, by name. */
#ifndef SER_BASE_FIND_H
#define SER_BASE_FIND_H

enum find_kind { FIND_PATH, FIND_NET, FIND_PREP, FIND_RULES, FIND_LABELS, FIND_MODEL, FIND_FUNCTIONALS };

/* Fills *path (free it) with the file that name means. A path (any name of FIND_PATH,
 * one with a slash, a file that is there, "-") is itself. Otherwise the kind's ending
 * is added, and it is looked for in the current folder, then in the tree of recipes:
 * SERTOOLS_DATADIR of the environment, what lies about the running program (a source
 * tree or an installation, wherever it was moved to), and where it was installed.
 * ST_DATA, saying where it was looked for, if it is in none. */
int find_file(enum find_kind kind, const char *name, char **path);

/* What `sertools list` calls a kind other than FIND_PATH: "nets". */
const char *find_list(enum find_kind kind);

/* For an input that could not be opened: err_opening() with what errno means and, where no
 * such file is there, the nearest name in its folder. */
int find_missing(const char *name);

#endif
