/* member: single files in a zip archive, through libarchive. */
#ifndef SER_EXCHANGE_MEMBER_H
#define SER_EXCHANGE_MEMBER_H

#include <stddef.h>

/* A file wanted of the archive; data is NULL where it is not in it. */
struct member {
	const char *name;
	char *data; /* n bytes and a NUL */
	size_t n;
};

/* Unpacks the members wanted of the archive in memory; each file's checksum is right. ST_DATA
 * where it is damaged, has one of them twice, or one of them is larger than most bytes. Free
 * with member_free, after a failure too. */
int member_read(const void *data, size_t size, struct member *wanted, size_t n, size_t most);
void member_free(struct member *wanted, size_t n);

#endif
