/* replace: files that are written beside their places, and put there, all of a run
 * together, only when it has succeeded. */
#ifndef SER_BASE_REPLACE_H
#define SER_BASE_REPLACE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Fills *path (free it) with what writing to name writes to: symbolic links are
 * followed, also to what does not exist yet. Where that is a descriptor of this
 * process (/dev/stdout, /dev/fd/3), *fd is its number, otherwise -1. */
int replace_resolve(const char *name, char **path, int *fd);

/* Opens a file in folder that has no name, so that whatever ends the program takes it
 * along; -1 where the file system has none, or no /proc is there to name it by. */
int replace_unnamed(const char *folder);

struct replace; /* a file to be put in place */

/* Opens an unfinished version of the file of that resolved path, *fd, with the mode
 * that the file has or would get. name is for messages, and copied. */
int replace_begin(struct replace **r, const char *name, const char *path, int *fd);

/* Says that all is written; replace_all has it from here on. */
void replace_complete(struct replace *r);

/* Forgets it, and its unfinished version; NULL is fine. */
void replace_drop(struct replace *r);

/* Puts what is complete in place, or, without put, forgets it. Where one cannot be
 * put there, the error names it, and those after it are not put there either. */
int replace_all(bool put);

/* True where that input is a file that an output will replace. */
bool replace_would_lose(const struct stat *input);

/* Removes all that is unfinished or not in place. Safe in a signal handler as long
 * as the program then ends. */
void replace_none(void);

#endif
