/* tsrnpy: tensor streams to NumPy's .npy and .npz files and back. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/find.h"
#include "base/kind.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/tool.h"
#include "numpy/npz.h"
#include "stream/provenance.h"

enum { FORM_AUTO, FORM_TSR, FORM_NPY, FORM_NPZ };
static const char *const forms[] = { "auto", "tsr", "npy", "npz", NULL };
static const char *const layouts[] = { "auto", "stack", "keys", NULL };

static int from, to, layout;
static bool one;
static const char *data, *key, *label, *group, *type;
static struct opt_list set;
static long max_record = TSR_MAX_RECORD >> 20;
static struct opt_common common = { .feeds = true };

static const struct opt opts[] = {
	OPT(CHOICE, "from", &from, "FORM", "form of the input", .choices = forms),
	OPT(CHOICE, "to", &to, "FORM", "form of the output", .choices = forms),
	OPT_PG(CHOICE, "layout", &layout, "HOW", "layout of an archive", .choices = layouts),
	OPT_PG(FLAG, "one", &one, NULL, "a .npy file is one record, not a stack of them"),
	OPT_PG(TEXT, "data", &data, "NAME", "the archive's array that is the stack of records"),
	OPT_PG(TEXT, "key", &key, "NAME", "the archive's array that has the keys"),
	OPT_PG(TEXT, "label", &label, "NAME", "the archive's array that has the labels"),
	OPT_PG(TEXT, "group", &group, "NAME", "the archive's array that has the groups"),
	OPT_PG(TEXT, "type", &type, "TYPE", "type of the stream made"),
	OPT_PG(LIST, "set", &set, "NAME=VALUE", "a field for the head of the stream made"),
	OPT_MAXREC(&max_record),
};
static const char *const uses[] = { "[FILE...]", NULL };
static const struct tool tool = OPT_TOOL("tsrnpy", "tensor streams to NumPy's .npy and .npz files and back");

/* Sets from to a regular file's form by its first bytes; FORM_AUTO for other files. */
static int
form_of_content(const char *name)
{
	bool standard = strcmp(name, "-") == 0;
	int fd = standard ? dup(STDIN_FILENO) : open(name, O_RDONLY), rc = ST_OK;
	char first[KIND_HEAD] = "";
	struct stat st = { 0 };
	size_t n = 0;

	if (fd < 0)
		return find_missing(name);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		rc = io_peek(fd, name, first, sizeof first, &n);
		from = memcmp(first, "\x93NUMPY", 6) == 0 ? FORM_NPY : memcmp(first, "PK", 2) == 0 ? FORM_NPZ : FORM_TSR;
	}
	close(fd);
	if (rc != ST_OK)
		return rc;
	if (S_ISDIR(st.st_mode))
		return err_set(ST_DATA, "%s: is a directory", name);
	if (from == FORM_TSR && n > 0 && kind_refuse(KIND_STREAM, standard ? "standard input" : name, first, n) != ST_OK)
		return err_prefix("%s", standard ? "standard input" : name);
	return ST_OK;
}

/* True for "NAME.ending". */
static bool
ends(const char *s, const char *ending)
{
	const char *dot = strrchr(s, '.');

	return dot != NULL && dot > s && strcmp(dot + 1, ending) == 0;
}

/* Chooses from and to: by options, then by names and contents. */
static int
choose_direction(const char *first)
{
	const char *out = common.out == NULL ? "" : common.out;
	int rc = from == FORM_AUTO ? form_of_content(first) : ST_OK;

	if (rc != ST_OK)
		return rc;
	for (int form = FORM_TSR; form <= FORM_NPZ && to == FORM_AUTO; form++)
		if (ends(out, forms[form]))
			to = form;
	if (from == FORM_AUTO && to == FORM_TSR)
		return err_set(ST_USAGE, "--from npy or npz is required for input from a pipe");
	if (from == FORM_AUTO)
		from = FORM_TSR;
	if (to == FORM_AUTO)
		to = from == FORM_TSR ? FORM_NPZ : FORM_TSR;
	if ((from == FORM_TSR) == (to == FORM_TSR))
		return err_set(ST_USAGE, "%s to %s is no conversion between a stream and NumPy (see --from and --to)",
		               forms[from], forms[to]);
	return ST_OK;
}

static int
write_numpy(char *const *files, size_t n)
{
	struct tsr_reader *in;
	struct io_out *out = NULL;
	int rc = tsr_open(&in, files, n, (uint64_t)max_record << 20, false);

	if (rc == ST_OK)
		rc = io_open(&out, common.out, true);
	if (rc == ST_OK)
		rc = to == FORM_NPY ? npz_write_npy(in, out) : npz_write(in, out, (enum npz_layout)layout);
	tsr_close(in);
	if (rc == ST_OK)
		return io_close(out);
	io_abort(out);
	return rc;
}

/* The file's name without folders and ending, for the caller to free. */
static char *
base_name(const char *name)
{
	const char *slash = strrchr(name, '/'), *base = slash == NULL ? name : slash + 1;
	size_t n = strlen(base);

	if (strcmp(name, "-") == 0)
		return mem_str("array");
	return mem_strn(base, ends(base, "npy") || ends(base, "npz") ? n - 4 : n);
}

static int
read_file(const char *name, struct npz_options *options, struct tsr_writer *out)
{
	char *base = base_name(name);
	struct map m;
	int rc = base == NULL ? ST_SYS : map_open(&m, name);

	if (rc == ST_OK) {
		options->base = base;
		if (m.size == 0)
			rc = err_set(ST_DATA, "%s: empty input", m.name);
		else if (kind_refuse(KIND_NUMPY, m.name, m.data, m.size) != ST_OK)
			rc = err_prefix("%s", m.name);
		else if (m.size >= 2 && memcmp(m.data, "PK", 2) == 0)
			rc = npz_read(&m, options, out);
		else
			rc = npz_read_npy(&m, options, out);
		map_close(&m);
	}
	free(base);
	return rc;
}

/* Fields for the heads of the stream made, from --type and --set. */
static int
make_fields(struct meta *fields)
{
	int rc = type != NULL ? meta_set(fields, "type", "%s", type) : ST_OK;

	for (size_t i = 0; i < set.n && rc == ST_OK; i++) {
		const char *equals = strchr(set.item[i], '=');
		char *name = equals == NULL ? NULL : mem_strn(set.item[i], (size_t)(equals - set.item[i]));

		if (name == NULL)
			return err_set(ST_USAGE, "--set: '%s' is not NAME=VALUE", set.item[i]);
		rc = meta_set(fields, name, "%s", equals + 1);
		free(name);
	}
	return rc == ST_DATA ? err_set(ST_USAGE, "--type or --set: %s", err_text()) : rc;
}

static int
write_stream(char *const *files, size_t n)
{
	struct meta fields = { 0 }, pg = { 0 };
	struct unique keys = { 0 };
	struct npz_options options = { .layout = (enum npz_layout)layout, .one = one, .data = data, .key = key, .label = label,
		.group = group, .fields = &fields, .pg = &pg, .max_record = (uint64_t)max_record << 20,
		.keys = &keys };
	struct tsr_writer *out = NULL;
	int rc = make_fields(&fields);

	if (rc == ST_OK)
		rc = provenance_add(&tool, &pg);
	if (rc == ST_OK)
		rc = tsr_create(&out, common.out);
	for (size_t i = 0; i < (n == 0 ? 1 : n) && rc == ST_OK; i++)
		rc = read_file(n == 0 ? "-" : files[i], &options, out);
	meta_clear(&fields);
	meta_clear(&pg);
	unique_free(&keys);
	if (rc == ST_OK)
		return tsr_finish(out);
	tsr_abort(out);
	return rc;
}

static int
run(char **files, size_t n)
{
	int rc = choose_direction(n == 0 ? "-" : files[0]);

	if (rc != ST_OK)
		return rc;
	if (to != FORM_TSR && (data != NULL || key != NULL || label != NULL || group != NULL || type != NULL || set.n > 0 || one))
		return err_set(ST_USAGE,
		               "--one, --data, --key, --label, --group, --type and --set are for making a stream: tsrpick selects records");
	return to == FORM_TSR ? write_stream(files, n) : write_numpy(files, n);
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
