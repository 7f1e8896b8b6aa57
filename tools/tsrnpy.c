/* tsrnpy: tensor streams to NumPy's .npy and .npz files and back. */
#include <fcntl.h>
#include <math.h>
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
#include "model/features.h"
#include "model/like.h"
#include "numpy/npz.h"
#include "stream/provenance.h"

enum { FORM_AUTO, FORM_TSR, FORM_NPY, FORM_NPZ };
static const char *const forms[] = { "auto", "tsr", "npy", "npz", NULL };
static const char *const layouts[] = { "auto", "stack", "keys", NULL };

static int from, to, layout;
static bool one;
static const char *data, *key, *label, *group, *type, *like, *beside;
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
	OPT(TEXT, "like", &like, "MODEL", "the stream made is features that a model takes", .find = FIND_MODEL),
	OPT(TEXT, "beside", &beside, "NAME", "with --like: of the net's second input, which is called NAME"),
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

/* --like: what the model takes, and a record's values in single precision. */
struct taken {
	struct model m;
	float *value;
	size_t room;
};

/* A new head becomes the model's features'. */
static int
like_head(void *ctx, struct meta *head, bool own)
{
	const struct meta *features = &((const struct taken *)ctx)->m.feature;

	if (own)
		return features_check(features, like, "was trained on", head, "head.npy", "");
	meta_clear(head);
	return features_copy(head, features);
}

/* NumPy's floats have double precision unless one says otherwise; features have not. */
static int
make_single(struct taken *t, struct tsr_chunk *record)
{
	size_t n = (size_t)tsr_elements(record);
	const double *x = record->data;
	int rc = mem_room(&t->value, &t->room, n, sizeof *t->value);

	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		t->value[i] = (float)x[i];
		if (isfinite(x[i]) && !isfinite(t->value[i]))
			rc = err_set(ST_DATA, "%g is too large for single precision", x[i]);
	}
	record->dtype = TSR_F32;
	record->data = t->value;
	return rc;
}

static int
like_record(void *ctx, struct tsr_chunk *record)
{
	struct taken *t = ctx;
	int required = beside == NULL ? t->m.rank : t->m.beside.rank, rc = ST_OK;

	if (record->dtype == TSR_F64 && record->rank <= TSR_RANK_MAX)
		rc = make_single(t, record);
	if (rc == ST_OK && (rc = (beside == NULL ? model_check_record : model_check_beside_record)(&t->m, record)) != ST_OK) {
		rc = err_prefix("not what %s takes", like);
		if (record->dtype != TSR_F32)
			return err_set(rc, "%s: x.astype('float32') in NumPy", err_text());
		if (record->rank == required - 1 && !one)
			rc = err_set(rc, "%s (--one: a .npy file is one record)", err_text());
	}
	return rc;
}

static int
like_open(struct taken *t, struct npz_options *options)
{
	int rc = like == NULL ? ST_OK : model_read_head(&t->m, like);

	if (like == NULL || rc != ST_OK || (rc = like_choose(&t->m, like, beside)) != ST_OK)
		return rc;
	options->head = like_head;
	options->record = like_record;
	options->ctx = t;
	return ST_OK;
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
	struct taken taken = { 0 };
	int rc = make_fields(&fields);

	if (rc == ST_OK)
		rc = like_open(&taken, &options);
	if (rc == ST_OK)
		rc = provenance_add(&tool, &pg);
	if (rc == ST_OK)
		rc = tsr_create(&out, common.out);
	for (size_t i = 0; i < (n == 0 ? 1 : n) && rc == ST_OK; i++)
		rc = read_file(n == 0 ? "-" : files[i], &options, out);
	meta_clear(&fields);
	meta_clear(&pg);
	unique_free(&keys);
	model_free(&taken.m);
	free(taken.value);
	if (rc == ST_OK)
		return tsr_finish(out);
	tsr_abort(out);
	return rc;
}

static int
run(char **files, size_t n)
{
	bool describes = type != NULL || set.n > 0;
	int rc = like_check_options(like, beside);

	if (rc != ST_OK || (rc = choose_direction(n == 0 ? "-" : files[0])) != ST_OK)
		return rc;
	if (to != FORM_TSR && (data != NULL || key != NULL || label != NULL || group != NULL || describes || like != NULL || one))
		return err_set(ST_USAGE, "--one, --data, --key, --label, --group, --type, --set and --like are for making a stream: "
		               "tsrpick selects records");
	if (like != NULL && describes)
		return err_set(ST_USAGE, "--like says what the head has: --type and --set are for others");
	return to == FORM_TSR ? write_stream(files, n) : write_numpy(files, n);
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
