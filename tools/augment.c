/* augment: every wave record, followed by its variants.
 *
 * A variant's random numbers are seeded from the seed, the record's key and the
 * variant's name, so that neither the order of the records nor the number of
 * threads changes them. */
#include <gsl/gsl_rng.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "audio/noise.h"
#include "audio/signal.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/order.h"
#include "base/tool.h"
#include "base/words.h"
#include "stream/filter.h"
#include "stream/provenance.h"
#include "stream/value.h"

static long seed, shift = 5000, threads, max_record = 1024;
static double noise = 0.005, snr = NAN;
static const char *variants = "noise,shift";
static struct tool_skips skips;
static struct opt_common common = { .feeds = true };
static const struct opt opts[] = {
	OPT_PG(TEXT, "variants", &variants, "LIST", "variants to make, comma-separated: noise, shift"),
	OPT_PG(NUM, "noise", &noise, "A", "amplitude (standard deviation) of the white noise", .max = 1e6),
	OPT_PG(NUM, "snr", &snr, "DB", "signal-to-noise ratio, instead of --noise", .min = -200, .max = 200),
	OPT_PG(INT, "shift", &shift, "N", "largest circular shift, in samples either way", .max = 1 << 30),
	OPT_SKIP(&skips.most),
	OPT_MAXREC(&max_record),
	OPT_SEED(&seed),
	OPT_THREADS(&threads),
};
static const char *const uses[] = { "[STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("augment", "wave records, each followed by noisy and shifted variants",
                                          .in_place = true);

/* Makes a variant of x, and sets aug= to its description. */
typedef int make_fn(gsl_rng *rng, const float *x, size_t n, float *out, struct meta *meta);

static int
make_noise(gsl_rng *rng, const float *x, size_t n, float *out, struct meta *meta)
{
	if (isnan(snr)) {
		noise_add(x, n, noise, rng, out);
		return meta_set(meta, "aug", "noise %.10g", noise);
	}
	noise_add_snr(x, n, snr, rng, out);
	return meta_set(meta, "aug", "noise %.10g dB", snr);
}

static int
make_shift(gsl_rng *rng, const float *x, size_t n, float *out, struct meta *meta)
{
	long by = (long)gsl_rng_uniform_int(rng, 2 * (unsigned long)shift + 1) - shift;

	signal_shift(x, n, by, out);
	return meta_set(meta, "aug", "shift %ld", by);
}

static const struct variant {
	const char *name;
	make_fn *make;
} known[] = { { "noise", make_noise }, { "shift", make_shift } };

enum { KNOWN = sizeof known / sizeof known[0] };

struct work {
	const struct variant *list[KNOWN];
	size_t n;
};

static int
add_variant(struct work *w, const char *name, size_t n)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (strlen(known[i].name) != n || strncmp(known[i].name, name, n) != 0)
			continue;
		for (size_t k = 0; k < w->n; k++)
			if (w->list[k] == &known[i])
				return err_set(ST_USAGE, "--variants: %s appears twice", known[i].name);
		w->list[w->n++] = &known[i];
		return ST_OK;
	}
	return err_set(ST_USAGE, "--variants: '%.*s' is none of noise, shift", (int)n, name);
}

static int
set_variants(struct work *w)
{
	const char *rest = variants, *word;
	size_t n;
	int rc = ST_OK;

	if (opt_given(&tool, "noise") && !isnan(snr))
		return err_set(ST_USAGE, "--noise and --snr exclude each other");
	while (rc == ST_OK && words_next(&rest, &word, &n))
		rc = add_variant(w, word, n);
	return rc;
}

static int
head(void *ctx, const struct tsr_chunk *in, struct meta *out)
{
	int rc = tsr_expect_type(in, "wave", NULL);

	(void)ctx;
	if (rc == ST_OK && (rc = meta_copy(out, &in->meta)) == ST_OK)
		rc = provenance_add(&tool, out);
	return rc;
}

/* A variant's seed. Windows of one file share a key, but not a start. */
static uint64_t
derive(const struct meta *meta, const char *variant)
{
	const char *key = meta_get(meta, "key"), *start = meta_get(meta, "start");
	XXH64_hash_t parts[3] = { XXH3_64bits(key, strlen(key)), start == NULL ? 0 : XXH3_64bits(start, strlen(start)),
		XXH3_64bits(variant, strlen(variant)) };

	order_turn(parts, sizeof *parts, 3);
	return XXH3_64bits_withSeed(parts, sizeof parts, (XXH64_hash_t)seed);
}

static int
make_variant(const struct variant *v, const struct tsr_chunk *in, struct filter_out *out)
{
	const char *key = meta_get(&in->meta, "key");
	struct filter_record *r;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	int rc;

	if (rng == NULL)
		return err_set(ST_SYS, "out of memory");
	rc = filter_add(out, 1, in->shape, &in->meta, &r);
	if (rc == ST_OK && (rc = meta_set(&r->meta, "key", "%s@%s", key, v->name)) == ST_OK &&
	    (rc = meta_set(&r->meta, "src", "%s", key)) == ST_OK) {
		gsl_rng_set(rng, (unsigned long)derive(&in->meta, v->name));
		rc = v->make(rng, in->data, (size_t)in->shape[0], r->data, &r->meta);
	}
	gsl_rng_free(rng);
	return rc;
}

static int
process(void *ctx, int worker, const struct tsr_chunk *in, struct filter_out *out)
{
	const struct work *w = ctx;
	struct filter_record *same;
	int rc = tsr_expect(in, TSR_F32, 1);

	(void)worker;
	if (rc == ST_OK && !value_finite(in->data, (size_t)in->shape[0]))
		rc = err_set(ST_DATA, "a sample is NaN or infinite");
	if (rc == ST_OK && (rc = filter_add(out, 1, in->shape, &in->meta, &same)) == ST_OK)
		memcpy(same->data, in->data, (size_t)in->bytes);
	for (size_t i = 0; i < w->n && rc == ST_OK; i++)
		rc = make_variant(w->list[i], in, out);
	return rc;
}

static bool
skip(int status)
{
	return tool_skip(&skips, status);
}

static int
run(char **files, size_t n)
{
	struct work w = { .n = 0 };
	struct unique keys = { 0 };
	struct filter f = { .threads = opt_threads(threads), .ctx = &w, .head = head, .process = process, .skip = skip,
		.keys = n > 1 ? &keys : NULL };
	int rc = set_variants(&w);

	if (rc == ST_OK)
		rc = filter_files(&f, files, n, (uint64_t)max_record << 20, common.out);
	if (rc == ST_OK && keys.repeated > 0 && !common.quiet)
		tool_say("%" PRIu64 " records have the key of another (the first is '%s') and its noise", keys.repeated, keys.first);
	unique_free(&keys);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
