/* fuzz: targets for libFuzzer, one for each parser of bytes from outside, and for
 * unit/fuzzcorpus without it. FUZZ_TARGET names the one to run.
 *
 * What must hold: no crash, leak, hang or undefined step, a message for each failure,
 * and what the targets check. */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include "audio/decode.h"
#include "audio/source.h"
#include "base/err.h"
#include "base/io.h"
#include "base/kind.h"
#include "base/map.h"
#include "base/show.h"
#include "base/text.h"
#include "base/tsv.h"
#include "exchange/keras_inside.h"
#include "exchange/safetensors_read.h"
#include "exchange/settings.h"
#include "exchange/torch.h"
#include "functional/plan.h"
#include "judge/labels.h"
#include "judge/predictions.h"
#include "judge/rules.h"
#include "model/model.h"
#include "net/nn.h"
#include "numpy/npz.h"
#include "stream/pick.h"
#include "stream/tsr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char path[FUZZ_FILES][32];
static int file[FUZZ_FILES];
static bool says_null; /* the input does, so messages may */

void
fuzz_fail(const char *what)
{
	fprintf(stderr, "fuzz: %s (%s)\n", what, err_text());
	abort();
}

static int
nameless_file(void)
{
#ifdef __linux__
	return memfd_create("fuzz", 0);
#else
	FILE *f = tmpfile();

	return f == NULL ? -1 : fileno(f);
#endif
}

const char *
fuzz_file(int i, const void *bytes, size_t n)
{
	if (path[i][0] == '\0') {
		file[i] = nameless_file();
		snprintf(path[i], sizeof path[i], "/dev/fd/%d", file[i]);
	}
	if (file[i] < 0 || ftruncate(file[i], 0) != 0 || pwrite(file[i], bytes, n, 0) != (ssize_t)n ||
	    lseek(file[i], 0, SEEK_SET) != 0)
		fuzz_fail("no file to write to");
	return path[i];
}

static void
check(int rc)
{
	if (rc != ST_OK && (rc != err_status() || err_text()[0] == '\0' || (!says_null && strstr(err_text(), "(null)") != NULL)))
		fuzz_fail("a failure without a message");
}

/* Makes all checksums of a tensor stream right, which chance never would. */
static void
mend(uint8_t *p, size_t n)
{
	XXH3_state_t *segment = XXH3_createState();
	uint64_t records = 0, bytes = 0;

	XXH3_64bits_reset(segment);
	for (size_t at = 0, rest; n - at >= 40; at += rest) {
		static uint8_t hashed[FUZZ_MAX];
		uint8_t *c = p + at;
		uint32_t text;
		uint64_t payload, hash;
		size_t head = 40 + 8 * (size_t)c[7];

		memcpy(&text, c + 8, 4);
		memcpy(&payload, c + 16, 8);
		if (c[7] > TSR_RANK_MAX || text > n || payload > n)
			break;
		head += text;
		rest = (head + 63) / 64 * 64 + (payload + 63) / 64 * 64;
		if (rest > n - at)
			break;
		if (c[5] == 'E' && c[7] == 3) {
			memcpy(c + 40, &records, 8);
			memcpy(c + 48, &bytes, 8);
			hash = XXH3_64bits_digest(segment);
			memcpy(c + 56, &hash, 8);
			XXH3_64bits_reset(segment);
			records = bytes = 0;
		}
		hash = XXH3_64bits(c + (head + 63) / 64 * 64, payload);
		memcpy(c + 24, &hash, 8);
		memcpy(hashed, c, 32);
		memcpy(hashed + 32, c + 40, head - 40);
		hash = XXH3_64bits(hashed, head - 8);
		memcpy(c + 32, &hash, 8);
		if (c[5] != 'E')
			XXH3_64bits_update(segment, c + 32, 8);
		records += c[5] == 'T';
		bytes += c[5] == 'T' ? payload : 0;
	}
	XXH3_freeState(segment);
}

/* A copy in which the checksums are right where the first byte is odd. */
static const char *
stream_file(const uint8_t *data, size_t n)
{
	static uint8_t copy[FUZZ_MAX];

	if (n == 0)
		return fuzz_file(0, data, 0);
	memcpy(copy, data + 1, n - 1);
	if (data[0] & 1)
		mend(copy, n - 1);
	return fuzz_file(0, copy, n - 1);
}

static int
read_stream(const char *name, bool map, size_t *chunks)
{
	char *const files[] = { (char *)(uintptr_t)name };
	struct tsr_chunk c = { 0 };
	struct tsr_reader *in;
	int rc = tsr_open(&in, files, 1, 1 << 20, map);

	*chunks = 0;
	while (rc == ST_OK && (rc = tsr_read(in, &c)) == ST_OK && c.kind != 0) {
		++*chunks;
		if (tsr_where(&c) == NULL || (c.kind == 'T' && tsr_elements(&c) * tsr_dtype_size(c.dtype) != c.bytes))
			fuzz_fail("a record of another size than its shape");
	}
	check(rc);
	tsr_clear(&c);
	tsr_close(in);
	return rc;
}

static void
try_tsr(const uint8_t *data, size_t n)
{
	const char *name = stream_file(data, n);
	size_t plain, mapped;

	if (read_stream(name, false, &plain) != read_stream(name, true, &mapped) || plain != mapped)
		fuzz_fail("a mapped stream is another one");
}

static void
try_model(const uint8_t *data, size_t n)
{
	const char *name = stream_file(data, n);
	struct model m = { 0 };
	struct nn *net = NULL;
	int rc = model_read(&m, name);

	if (rc == ST_OK)
		rc = model_net(&m, name, 64, 1, 64 << 20, &net);
	check(rc);
	nn_free(net);
	model_free(&m);
}

static void
try_net(const uint8_t *data, size_t n)
{
	static const size_t shape[][3] = { { 20, 8, 0 }, { 8, 0, 0 }, { 6, 5, 1 } };
	static const int rank[] = { 2, 1, 3 };
	size_t which = n == 0 ? 0 : data[0] % 3;
	char *text = calloc(n + 1, 1);
	struct nn *net = NULL;
	int rc;

	if (text == NULL || n == 0) {
		free(text);
		return;
	}
	memcpy(text, data + 1, n - 1);
	rc = nn_open(&net, text, "net", rank[which], shape[which], 3, 2, data[0] & 0x80, 1);
	if (rc == ST_OK)
		rc = nn_allocate(net, 64 << 20, 0);
	check(rc);
	nn_free(net);
	free(text);
}

static void
try_numpy(const uint8_t *data, size_t n)
{
	static const struct meta none;
	struct map m = { .data = data, .size = n, .name = "x" };
	struct npz_options options = { .base = "x", .fields = &none, .pg = &none, .max_record = 1 << 20 };
	struct tsr_writer *out;
	int rc;

	if (n == 0)
		return;
	if (tsr_create(&out, "/dev/null") != ST_OK)
		fuzz_fail("no /dev/null");
	rc = n >= 2 && memcmp(data, "PK", 2) == 0 ? npz_read(&m, &options, out) : npz_read_npy(&m, &options, out);
	check(rc);
	tsr_abort(out);
}

static void
try_predictions(const uint8_t *data, size_t n)
{
	const char *name = fuzz_file(0, data, n);

	for (int evaluated = 0; evaluated < 2; evaluated++) {
		struct predictions p = { .evaluated = evaluated };
		int rc = predictions_read(&p, name);

		if (rc == ST_OK)
			rc = predictions_finish(&p, !evaluated);
		check(rc);
		predictions_free(&p);
	}
}

static void
try_rules(const uint8_t *data, size_t n)
{
	static const char *const modality[] = { "a", "b", "voice" };
	struct rules r;
	bool checked;
	int rc = rules_read(&r, fuzz_file(0, data, n), modality, 3);

	if (rc == ST_OK)
		rc = rules_check(&r, &checked);
	check(rc);
	rules_free(&r);
}

/* Rows of a recipe for some columns; what it says of itself is the same recipe. */
static void
try_functionals(const uint8_t *data, size_t n)
{
	static const char *const column[] = { "mel01", "mel02", "mel03", "mel04", "f0", "strength", "energy", "a.b" };
	const struct plan_stream stream = { "x", column, 8, 62.5 };
	struct functional f = { 0 }, again = { 0 };
	struct plan plan = { 0 };
	struct meta m = { 0 };
	float x[9 * 8], *row;
	int rc = functional_read(&f, fuzz_file(0, data, n));

	for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
		x[i] = (float)((i * 37 + n) % 29) / 29;
	if (rc == ST_OK && (functional_describe(&f, &m) != ST_OK || functional_read_meta(&again, "again", &m) != ST_OK ||
	                    again.lines != f.lines))
		fuzz_fail("a recipe that does not read its own lines");
	if (rc == ST_OK)
		rc = plan_make(&plan, &f, &stream);
	if (rc == ST_OK && (row = calloc(plan.values, sizeof *row)) != NULL) {
		rc = plan_run(&plan, x, n % 9 + 1, 1, row);
		for (size_t i = 0; i < plan.values && rc == ST_OK; i++)
			if (!isfinite(row[i]))
				fuzz_fail("a value that is no number");
		free(row);
	}
	check(rc);
	plan_free(&plan);
	functional_free(&f);
	functional_free(&again);
	meta_clear(&m);
}

static void
try_labels(const uint8_t *data, size_t n)
{
	static const char *const name[] = { "a", "b", "happy" };
	struct labels l = { 0 };
	int rc = labels_read(&l, fuzz_file(0, data, n));

	if (rc == ST_OK)
		rc = labels_check(&l, name, 3);
	check(rc);
	labels_free(&l);
}

static void
try_manifest(const uint8_t *data, size_t n)
{
	struct source *s;
	struct clip clip = { .end = NAN };
	int rc = source_open(&s, NULL, 0, fuzz_file(0, data, n), n % 2 == 0 ? SOURCE_NAME : SOURCE_PATH);

	do {
		struct meta m = { 0 };

		if (rc == ST_OK)
			rc = source_next(s, &clip, &m);
		meta_clear(&m);
	} while (rc == ST_OK && clip.path != NULL);
	check(rc);
	free(clip.path);
	free(clip.where);
	source_close(s);
}

static void
try_meta(const uint8_t *data, size_t n)
{
	struct meta m = { 0 }, again = { 0 };
	struct str text = { 0 };
	struct pick pick = { 0 };
	int rc = meta_parse(&m, (const char *)data, n);

	check(rc);
	if (rc == ST_OK && (meta_print(&m, &text) != ST_OK || text.n != n || (n > 0 && memcmp(text.text, data, n) != 0) ||
	                    (n > 0 && meta_parse(&again, text.text, text.n) != ST_OK) || again.n != m.n))
		fuzz_fail("metadata are not printed as they were");
	meta_clear(&m);
	meta_clear(&again);
	str_clear(&text);
	str_addn(&text, (const char *)data, n);
	str_addc(&text, '\0');
	check(pick_numbers(&pick, text.text));
	pick_clear(&pick);
	str_free(&text);
}

static void
try_text(const uint8_t *data, size_t n)
{
	char shown[64];
	char *text = calloc(n + 1, 1);

	if (text == NULL)
		return;
	memcpy(text, data, n);
	if (n > 0)
		kind_name(data, n);
	for (int wanted = 0; wanted < KIND_WANTED && n > 0; wanted++)
		check(kind_refuse((enum kind_wanted)wanted, "x", data, n));
	show_copy(shown, sizeof shown, text);
	if (!text_is_utf8(shown, strlen(shown)) || text_check(shown, strlen(shown)) != ST_OK)
		fuzz_fail("what is shown hides something");
	if (n > 0 && text_check(text, n) == ST_OK && !text_is_utf8(text, n))
		fuzz_fail("text that is no UTF-8");
	free(text);
}

static void
decode_all(const char *name, const struct decode_how *how)
{
	struct decoder *d;
	float mono[1024];
	uint64_t all = 0;
	size_t got = 0;
	int rc = decode_open(&d, name, how);

	while (rc == ST_OK && (rc = decode_read(d, mono, 1024, &got)) == ST_OK && got > 0 && all < 10000000) {
		all += got;
		for (size_t i = 0; i < got; i++)
			if (!isfinite(mono[i]))
				fuzz_fail("a sample that is no number");
	}
	check(rc);
	decode_close(d);
}

/* A file, one whose claimed length is ignored, and a pipe, which holds an input. */
static void
try_audio(const uint8_t *data, size_t n)
{
	const char *name = fuzz_file(0, data, n);
	char piped[32];
	int end[2];

	decode_all(name, &(struct decode_how){ 0 });
	decode_all(name, &(struct decode_how){ .ignore_length = true });
	if (pipe(end) != 0 || write(end[1], data, n) != (ssize_t)n || close(end[1]) != 0)
		fuzz_fail("no pipe");
	snprintf(piped, sizeof piped, "/dev/fd/%d", end[0]);
	decode_all(piped, &(struct decode_how){ .ignore_length = n % 2 == 0 });
	close(end[0]);
}

/* A state dict's header, and behind it as many zeros as the first byte says, times 64. */
static void
try_safetensors(const uint8_t *data, size_t n)
{
#ifdef HAVE_libcjson
	static const char text[] = "conv1d 4 3\nbatchnorm\nrelu\nlstm 3\ndense 2\nsoftmax\n";
	static uint8_t bytes[8 + FUZZ_MAX + 64 * 256];
	const size_t shape[] = { 12, 6 };
	struct import import = { .file = "x.safetensors" };
	struct safetensors *s = NULL;
	struct nn *net = NULL;
	struct meta head = { 0 };
	struct arrays arrays;
	int rc;

	if (n < 1 || nn_open(&net, text, "x.net", 2, shape, 2, 1, false, 1) != ST_OK)
		return;
	memset(bytes, 0, sizeof bytes);
	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)(n - 1) >> 8 * i);
	memcpy(bytes + 8, data + 1, n - 1);
	if ((rc = safetensors_open(&s, "x.safetensors", bytes, 8 + n - 1 + 64 * (size_t)data[0])) == ST_OK) {
		arrays = safetensors_arrays(s);
		check(safetensors_head(s, &head));
		if ((rc = torch_bind(s, "x.safetensors", net, NULL, 0, &import)) == ST_OK && (rc = nn_allocate(net, 0, 0)) == ST_OK)
			rc = import_fill(&import, &arrays, net);
	}
	check(rc);
	meta_clear(&head);
	import_free(&import);
	safetensors_close(s);
	nn_free(net);
#else
	(void)data;
	(void)n;
#endif
}

/* A config.json, and the net that it becomes. */
static void
try_keras(const uint8_t *data, size_t n)
{
#ifdef KERAS_HERE
	struct keras k = { .file = "x.keras", .layers = "layers" };
	struct import import = { .file = "x.keras" };
	struct keras_net made = { 0 };
	struct nn *net = NULL;
	int rc = json_parse(&k.config, (const char *)data, n);

	if (rc == ST_OK && (rc = keras_net(&k, &made, &import)) == ST_OK && made.rank > 0 && made.shape[0] < 1000) {
		made.shape[0] += made.shape[0] == 0 ? 64 : 0;
		rc = nn_open(&net, made.text, "x.keras", made.rank, made.shape, 2, 1, false, 1);
	}
	check(rc);
	nn_free(net);
	keras_net_free(&made);
	import_free(&import);
	cJSON_Delete(k.config);
#else
	(void)data;
	(void)n;
#endif
}

/* The settings of features, as an option has them, and a net's text for PyTorch. */
static void
try_settings(const uint8_t *data, size_t n)
{
	struct meta m = { 0 };
	struct array_shape shape;
	char *text = calloc(n + 1, 1), *changed = NULL;
	int rc;

	if (text == NULL)
		return;
	memcpy(text, data, n);
	if ((rc = settings_parse(text, &m)) == ST_OK)
		settings_shape(&m, &shape);
	check(rc);
	check(torch_text(text, &changed));
	meta_clear(&m);
	free(changed);
	free(text);
}

static const struct {
	const char *name;
	void (*run)(const uint8_t *data, size_t n);
} targets[] = { { "csvprep", fuzz_csvprep }, { "tsr", try_tsr }, { "model", try_model }, { "net", try_net },
	{ "numpy", try_numpy }, { "predictions", try_predictions }, { "rules", try_rules }, { "labels", try_labels },
	{ "manifest", try_manifest }, { "meta", try_meta }, { "text", try_text }, { "audio", try_audio },
	{ "functionals", try_functionals }, { "safetensors", try_safetensors }, { "keras", try_keras },
	{ "settings", try_settings } };

int
fuzz_run(const char *target, const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		if (strcmp(targets[i].name, target) == 0) {
			says_null = n > 0 && memmem(data, n, "null", 4) != NULL;
			if (n <= FUZZ_MAX)
				targets[i].run(data == NULL ? (const uint8_t *)"" : data, n);
			return 1;
		}
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *target = getenv("FUZZ_TARGET");

	if (target == NULL || !fuzz_run(target, data, n))
		fuzz_fail("FUZZ_TARGET is none of the targets in tests/fuzz/fuzz.c");
	return 0;
}
