/* map: a whole input as read-only memory, for formats that must be read from
 * their end or out of order. */
#ifndef SER_BASE_MAP_H
#define SER_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct map {
	const unsigned char *data;
	size_t size;
	const char *name; /* for messages */
};

/* Maps the file of that name, or standard input ("-"); what cannot be mapped
 * is copied to a temporary file first. The name must outlive the map. Where the file
 * is cut off or unreadable later, the program ends with a message. */
int map_open(struct map *m, const char *name);
void map_close(struct map *m);

/* True for a regular file (of /proc none) that is at its first byte; maps such a one, which may
 * be closed then. m->name must be set. */
bool map_can(int fd);
int map_fd(struct map *m, int fd);

/* Maps size bytes from at on, a multiple of the page's size. */
int map_part(struct map *m, int fd, off_t at, size_t size);

/* A temporary file under $TMPDIR (else /tmp) that vanishes when closed. */
int map_temp(int *fd);
int map_write(int fd, const void *data, size_t n);

/* Maps may be larger than memory. Where all of them together have more than MAP_RESIDENT bytes,
 * these keep the program's own memory near that, and do not let it wait for the disk; the system
 * keeps in its cache what it has room for. Called by one thread, which opens and closes the maps. */
enum { MAP_RESIDENT = 256 << 20 };
bool map_paced(void);                       /* whether they have more: the others do nothing else */
void map_shuffled(void);                    /* from here on they are read in any order, and map_ahead says in which */
void map_ahead(const void *p, size_t n);    /* will be read soon; other memory than a map's may be named, too */
void map_used(size_t n);                    /* so many bytes, one after the other, are read now */

#endif
