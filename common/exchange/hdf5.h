/* hdf5: HDF5 files in memory, through libhdf5. Only where it was there at build time
 * (HAVE_hdf5). What lies in other files (external links and data, virtual datasets) is
 * not followed. The library's own messages are silent. */
#ifndef SER_EXCHANGE_HDF5_H
#define SER_EXCHANGE_HDF5_H

#include "exchange/arrays.h"

struct hdf5;

/* The bytes must stay until hdf5_close; name is for messages, which begin with it. */
int hdf5_open(struct hdf5 **out, const void *data, size_t n, const char *name);
void hdf5_close(struct hdf5 *h);

/* Its datasets, by their paths. */
struct arrays hdf5_arrays(struct hdf5 *h);

/* Whether a group or dataset of that path is there. */
bool hdf5_has(struct hdf5 *h, const char *path);

/* Whether the group of that path ("/": the first) has such an attribute. */
bool hdf5_has_attribute(struct hdf5 *h, const char *path, const char *name);

/* The strings of a group's attribute, of any number; each and the list are the caller's
 * to free. ST_DATA where it is missing or no text. */
int hdf5_texts(struct hdf5 *h, const char *path, const char *name, char ***text, size_t *n);
void hdf5_free_texts(char **text, size_t n);

#endif
