/* folder: the recordings below folders, by their names' endings. */
#ifndef SER_AUDIO_FOLDER_H
#define SER_AUDIO_FOLDER_H

#include <stddef.h>

/* Zero-initialise before use; folder_free ends it. */
struct folder {
	char **path;
	size_t n;
};

/* Appends the names of n files, with those of all recordings below it in the place of each that is a
 * folder, in the order of their bytes: files whose names have the ending of a recording, be it one that
 * cannot be read, so that none is passed over in silence. Names with a dot first are, and so are
 * links to folders. ST_DATA where there is none in a folder, or one cannot be read. */
int folder_expand(struct folder *f, char *const *files, size_t n);
void folder_free(struct folder *f);

#endif
