/* map: a whole input as read-only memory, for formats that must be read from
 * their end or out of order. */
#ifndef SER_BASE_MAP_H
#define SER_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

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

/* A temporary file under $TMPDIR (else /tmp) that vanishes when closed. */
int map_temp(int *fd);
int map_write(int fd, const void *data, size_t n);

#endif
