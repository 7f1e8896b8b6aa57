#include "exchange/hdf5.h"

#ifdef HAVE_hdf5
#include <hdf5.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/tool.h"

enum { PATH_BYTES = 1024 };
#define ATTRIBUTE_BYTES_MAX ((size_t)1 << 26)

struct hdf5 {
	hid_t file;
	const char *name;
};

/* The library trusts what a file says of itself more than it should: where damage
 * leads it astray, that is said, and nothing more happens. */
static const char *looked_at;

static void
gone_astray(int signal_number)
{
	(void)signal_number;
	tool_stop(ST_DATA, looked_at, "damaged HDF5 file");
}

static void
guard(const char *name)
{
	struct sigaction act = { .sa_handler = gone_astray };
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGABRT };

	looked_at = name;
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &act, NULL);
}

static herr_t
is_about_memory(unsigned n, const H5E_error2_t *e, void *found)
{
	(void)n;
	*(bool *)found = *(bool *)found || e->min_num == H5E_NOSPACE || e->min_num == H5E_CANTALLOC;
	return 0;
}

/* Whether the library's last call failed for lack of memory. */
static bool
ran_out(void)
{
	bool found = false;

	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, is_about_memory, &found);
	return found;
}

int
hdf5_open(struct hdf5 **out, const void *data, size_t n, const char *name)
{
	hid_t access = H5I_INVALID_HID;
	struct hdf5 *h = mem_zero(1, sizeof *h);

	*out = NULL;
	if (h == NULL)
		return ST_SYS;
	guard(name);
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
	access = H5Pcreate(H5P_FILE_ACCESS);
	*h = (struct hdf5){ .file = H5I_INVALID_HID, .name = name };
	/* The library wants the image writable, and copies it. */
	if (access >= 0 && H5Pset_fapl_core(access, 1 << 16, false) >= 0 &&
	    H5Pset_file_image(access, (void *)(uintptr_t)data, n) >= 0)
		h->file = H5Fopen("sertools", H5F_ACC_RDONLY, access);
	if (access >= 0)
		H5Pclose(access);
	if (h->file < 0) {
		free(h);
		return ran_out() ? err_set(ST_SYS, "out of memory") : err_set(ST_DATA, "%s: damaged or cut off HDF5 file", name);
	}
	*out = h;
	return ST_OK;
}

void
hdf5_close(struct hdf5 *h)
{
	if (h == NULL)
		return;
	H5Fclose(h->file);
	free(h);
}

/* Each part of the path must be a link of this file. */
bool
hdf5_has(struct hdf5 *h, const char *path)
{
	char part[PATH_BYTES];
	size_t n = strlen(path);

	if (strcmp(path, "/") == 0)
		return true;
	if (n == 0 || n >= sizeof part)
		return false;
	for (size_t end = 1; end <= n; end++) {
		H5L_info_t info;

		if (end < n && path[end] != '/')
			continue;
		memcpy(part, path, end);
		part[end] = '\0';
		if (H5Lexists(h->file, part, H5P_DEFAULT) <= 0 || H5Lget_info(h->file, part, &info, H5P_DEFAULT) < 0 ||
		    info.type != H5L_TYPE_HARD)
			return false;
	}
	return true;
}

static bool
has_array(void *ctx, const char *name)
{
	return hdf5_has(ctx, name);
}

static int
missing(const struct hdf5 *h, const char *path)
{
	return ran_out() ? err_set(ST_SYS, "out of memory") : err_set(ST_DATA, "%s: no '%.200s' in it", h->name, path);
}

static int
damaged(const struct hdf5 *h, const char *path)
{
	return ran_out() ? err_set(ST_SYS, "out of memory") : err_set(ST_DATA, "%s: '%.200s' in it is damaged", h->name, path);
}

/* Whether its values are in this file. */
static bool
is_own(hid_t set)
{
	hid_t how = H5Dget_create_plist(set);
	bool own = how >= 0 && H5Pget_external_count(how) == 0 && H5Pget_layout(how) != H5D_VIRTUAL;

	if (how >= 0)
		H5Pclose(how);
	return own;
}

static int
shape_of(const struct hdf5 *h, const char *name, hid_t set, struct array_shape *shape)
{
	hid_t type = H5Dget_type(set), space = H5Dget_space(set);
	hsize_t d[H5S_MAX_RANK] = { 0 };
	int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space), rc = ST_OK;

	if (type < 0 || rank < 0 || !is_own(set) || H5Sget_simple_extent_dims(space, d, NULL) < 0)
		rc = damaged(h, name);
	else if (H5Tget_class(type) != H5T_FLOAT)
		rc = err_set(ST_DATA, "%s: '%.200s' in it has no floating-point numbers", h->name, name);
	else if (rank > ARRAYS_RANK_MAX)
		rc = err_set(ST_DATA, "%s: '%.200s' in it has %d dimensions", h->name, name, rank);
	shape->rank = rank;
	for (int i = 0; i < rank && rc == ST_OK; i++)
		shape->d[i] = d[i] > ARRAYS_VALUES_MAX ? ARRAYS_VALUES_MAX + 1 : (size_t)d[i];
	if (space >= 0)
		H5Sclose(space);
	if (type >= 0)
		H5Tclose(type);
	return rc;
}

static int
array_shape(void *ctx, const char *name, struct array_shape *shape)
{
	const struct hdf5 *h = ctx;
	hid_t set;
	int rc;

	*shape = (struct array_shape){ 0 };
	if (!hdf5_has(ctx, name))
		return missing(h, name);
	set = H5Dopen2(h->file, name, H5P_DEFAULT);
	if (set < 0)
		return damaged(h, name);
	rc = shape_of(h, name, set, shape);
	H5Dclose(set);
	return rc;
}

static int
read_array(void *ctx, const char *name, const struct array_shape *shape, float *to)
{
	const struct hdf5 *h = ctx;
	struct array_shape again = { 0 };
	hid_t set = H5Dopen2(h->file, name, H5P_DEFAULT);
	int rc = set < 0 ? damaged(h, name) : shape_of(h, name, set, &again);

	if (rc == ST_OK && (again.rank != shape->rank || memcmp(again.d, shape->d, sizeof again.d) != 0 ||
	                    H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) < 0))
		rc = damaged(h, name);
	if (set >= 0)
		H5Dclose(set);
	return rc;
}

struct arrays
hdf5_arrays(struct hdf5 *h)
{
	return (struct arrays){ .ctx = h, .has = has_array, .shape = array_shape, .read = read_array };
}

bool
hdf5_has_attribute(struct hdf5 *h, const char *path, const char *name)
{
	return hdf5_has(h, path) && H5Aexists_by_name(h->file, path, name, H5P_DEFAULT) > 0;
}

/* Strings of any length, which the library allocates. */
static int
read_variable(hid_t attribute, hid_t type, hid_t space, char **text, size_t n)
{
	char **own = mem_zero(n, sizeof *own);
	int rc = own == NULL ? ST_SYS : H5Aread(attribute, type, own) < 0 ? ST_DATA : ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		if ((text[i] = mem_str(own[i] == NULL ? "" : own[i])) == NULL)
			rc = ST_SYS;
	if (rc != ST_SYS || own != NULL)
		H5Dvlen_reclaim(type, space, H5P_DEFAULT, own);
	free(own);
	return rc;
}

/* Strings of `size` bytes each, with or without zeros behind them. */
static int
read_fixed(hid_t attribute, hid_t type, size_t size, char **text, size_t n)
{
	char *all = mem_zero(n, size);
	int rc = all == NULL ? ST_SYS : H5Aread(attribute, type, all) < 0 ? ST_DATA : ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		const char *s = all + i * size, *end = memchr(s, '\0', size);

		if ((text[i] = mem_strn(s, end == NULL ? size : (size_t)(end - s))) == NULL)
			rc = ST_SYS;
	}
	free(all);
	return rc;
}

static int
read_texts(hid_t attribute, char ***text, size_t *n)
{
	hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
	hssize_t points = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
	size_t size = type < 0 ? 0 : H5Tget_size(type);
	int rc = points == 0 ? ST_OK : ST_DATA; /* an empty list is of any type */

	if (type >= 0 && H5Tget_class(type) == H5T_STRING && points > 0 && size > 0 &&
	    (size_t)points <= ATTRIBUTE_BYTES_MAX / size) {
		*n = (size_t)points;
		*text = mem_zero(*n, sizeof **text);
		rc = *text == NULL ? ST_SYS
		     : H5Tis_variable_str(type) > 0 ? read_variable(attribute, type, space, *text, *n)
		                                    : read_fixed(attribute, type, size, *text, *n);
	}
	if (space >= 0)
		H5Sclose(space);
	if (type >= 0)
		H5Tclose(type);
	return rc;
}

int
hdf5_texts(struct hdf5 *h, const char *path, const char *name, char ***text, size_t *n)
{
	hid_t attribute;
	int rc;

	*text = NULL;
	*n = 0;
	if (!hdf5_has_attribute(h, path, name))
		return err_set(ST_DATA, "%s: '%.200s' in it has no attribute '%s'", h->name, path, name);
	attribute = H5Aopen_by_name(h->file, path, name, H5P_DEFAULT, H5P_DEFAULT);
	rc = attribute < 0 ? ST_DATA : read_texts(attribute, text, n);
	if (attribute >= 0)
		H5Aclose(attribute);
	if (rc == ST_DATA)
		err_set(ST_DATA, "%s: the attribute '%s' of '%.200s' in it is no text", h->name, name, path);
	if (rc != ST_OK) {
		hdf5_free_texts(*text, *n);
		*text = NULL;
	}
	return rc;
}

void
hdf5_free_texts(char **text, size_t n)
{
	for (size_t i = 0; text != NULL && i < n; i++)
		free(text[i]);
	free(text);
}
#endif
