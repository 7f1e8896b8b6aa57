/* augment: every wave record, followed by its variants, whose samples change with the
 * level, the place in time, the speed, the room...
 *
 * A variant's random numbers are seeded from the seed, the record's key and the
 * variant's name, so that neither the order of the records nor the number of
 * threads changes them. */
#include <gsl/gsl_rng.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "audio/noise.h"
#include "audio/room.h"
#include "audio/signal.h"
#include "audio/stretch.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/order.h"
#include "base/tool.h"
#include "base/tsv.h"
#include "base/words.h"
#include "stream/filter.h"
#include "stream/provenance.h"
#include "stream/value.h"

static long seed, shift = 5000, threads, max_record = 1024;
static double noise = 0.005, snr = NAN, level = 6, rt60 = 0.4, drr = 6;
#define KINDS "noise, shift, level, room, speed=F, tempo=F, pitch=N"
static const char *variants = "noise,shift";
static struct tool_skips skips;
static struct opt_common common = { .feeds = true };
static const struct opt opts[] = {
	OPT_PG(TEXT, "variants", &variants, "LIST", "variants to make: " KINDS),
	OPT_PG(NUM, "noise", &noise, "A", "amplitude (standard deviation) of the white noise", .max = 1e6),
	OPT_PG(NUM, "snr", &snr, "DB", "signal-to-noise ratio, instead of --noise", .min = -200, .max = 200),
	OPT_PG(INT, "shift", &shift, "N", "largest circular shift, in samples either way", .max = 1 << 30),
	OPT_PG(NUM, "level", &level, "DB", "largest change of level, either way", .max = 200, .unsaid = "6"),
	OPT_PG(NUM, "reverberation", &rt60, "S", "RT60: seconds in which the room's sound falls by 60 dB", .min = 1e-3, .max = 30,
	    .unsaid = "0.4"),
	OPT_PG(NUM, "drr", &drr, "DB", "level of the direct sound above the room's", .min = -100, .max = 100, .unsaid = "6"),
	OPT_SKIP(&skips.most),
	OPT_MAXREC(&max_record),
	OPT_SEED(&seed),
	OPT_THREADS(&threads),
	OPT_PROFILE(&common.profile),
};
static const char *const uses[] = { "[STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("augment", "wave records, each followed by its variants", .in_place = true);

/* A variant to make, of value (NAN: what an option says). */
struct variant {
	const struct kind *kind;
	double value;
	char name[40]; /* behind the @ of its key */
};

/* A record, what is made of it, and by which random numbers. */
struct making {
	const float *x;
	size_t n;
	double rate; /* Hz */
	gsl_rng *rng;
	float *out;        /* n samples, or what stretch_length says */
	struct meta *meta; /* aug= is to be set to a description */
};

static int
make_noise(const struct making *m, double value)
{
	double amplitude = isnan(value) ? noise : value;

	if (isnan(snr) || !isnan(value)) {
		noise_add(m->x, m->n, amplitude, m->rng, m->out);
		return meta_set(m->meta, "aug", "noise %.10g", amplitude);
	}
	noise_add_snr(m->x, m->n, snr, m->rng, m->out);
	return meta_set(m->meta, "aug", "noise %.10g dB", snr);
}

static int
make_shift(const struct making *m, double value)
{
	long most = isnan(value) ? shift : (long)value;
	long by = (long)gsl_rng_uniform_int(m->rng, 2 * (unsigned long)most + 1) - most;

	signal_shift(m->x, m->n, by, m->out);
	return meta_set(m->meta, "aug", "shift %ld", by);
}

/* gain= goes on to say what was done to the level since it was recorded. */
static int
make_level(const struct making *m, double value)
{
	double most = isnan(value) ? level : value, db = most * (2 * gsl_rng_uniform(m->rng) - 1), gain = 0;
	const char *before = meta_get(m->meta, "gain");
	int rc;

	if (before != NULL && !tsv_parse(before, &gain))
		return err_set(ST_DATA, "gain=%s is not in dB", before);
	memcpy(m->out, m->x, m->n * sizeof *m->x);
	signal_scale(m->out, m->n, pow(10, db / 20));
	rc = meta_set(m->meta, "gain", "%.6f", gain + db);
	return rc != ST_OK ? rc : meta_set(m->meta, "aug", "level %.6f dB", db);
}

static int
make_room(const struct making *m, double value)
{
	double seconds = isnan(value) ? rt60 : value;
	int rc = room_apply(m->x, m->n, m->rate, seconds, drr, m->rng, m->out);

	return rc != ST_OK ? rc : meta_set(m->meta, "aug", "room %.10g s %.10g dB", seconds, drr);
}

static int
make_speed(const struct making *m, double value)
{
	int rc = stretch_speed(m->x, m->n, value, m->out);

	return rc != ST_OK ? rc : meta_set(m->meta, "aug", "speed %.10g", value);
}

static int
make_tempo(const struct making *m, double value)
{
	int rc = stretch_tempo(m->x, m->n, m->rate, value, m->out);

	return rc != ST_OK ? rc : meta_set(m->meta, "aug", "tempo %.10g", value);
}

static int
make_pitch(const struct making *m, double value)
{
	int rc = stretch_pitch(m->x, m->n, m->rate, value, m->out);

	return rc != ST_OK ? rc : meta_set(m->meta, "aug", "pitch %.10g", value);
}

/* What can be made. A value is behind a =, as in speed=0.9. */
static const struct kind {
	const char *name;
	int (*make)(const struct making *m, double value);
	bool required;   /* the value */
	double min, max; /* of it */
	bool stretches;  /* it divides the length */
	bool timed;      /* it must know the rate */
} known[] = {
	{ "noise", make_noise, false, 0, 1e6, false, false }, { "shift", make_shift, false, 0, 1 << 30, false, false },
	{ "level", make_level, false, 0, 200, false, false }, { "room", make_room, false, 1e-3, 30, false, true },
	{ "speed", make_speed, true, 0.25, 4, true, false },  { "tempo", make_tempo, true, 0.25, 4, true, true },
	{ "pitch", make_pitch, true, -24, 24, false, true },
};

struct work {
	struct variant *list;
	size_t n;
	double rate;     /* Hz, of the segment */
	bool any_length; /* of its records */
};

static const struct kind *
find_kind(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strlen(known[i].name) == n && strncmp(known[i].name, name, n) == 0)
			return &known[i];
	return NULL;
}

static int
take_value(struct variant *v, const char *text)
{
	const struct kind *k = v->kind;

	if (!tsv_parse(text, &v->value))
		return err_set(ST_USAGE, "--variants: %s='%s' is not a number", k->name, text);
	if (v->value < k->min || v->value > k->max || (k->make == make_shift && v->value != floor(v->value)))
		return err_set(ST_USAGE, "--variants: %s=%.10g is not %sbetween %.10g and %.10g", k->name, v->value,
		               k->make == make_shift ? "a whole number " : "", k->min, k->max);
	snprintf(v->name, sizeof v->name, "%s%.10g", k->name, v->value);
	return ST_OK;
}

static int
add_variant(struct work *w, const char *word, size_t n)
{
	const char *equals = memchr(word, '=', n);
	const struct kind *k = find_kind(word, equals == NULL ? n : (size_t)(equals - word));
	struct variant v = { .kind = k, .value = NAN };
	char text[32];
	int rc;

	if (k == NULL || (k->required && equals == NULL))
		return err_set(ST_USAGE, "--variants: '%.*s' is none of " KINDS, (int)n, word);
	snprintf(v.name, sizeof v.name, "%s", k->name);
	if (equals != NULL) {
		snprintf(text, sizeof text, "%.*s", (int)(word + n - equals - 1), equals + 1);
		if ((rc = take_value(&v, text)) != ST_OK)
			return rc;
	}
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->list[i].name, v.name) == 0)
			return err_set(ST_USAGE, "--variants: %.*s appears twice", (int)n, word);
	if ((rc = mem_push(&w->list, w->n, sizeof *w->list)) == ST_OK)
		w->list[w->n++] = v;
	return rc;
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
	struct work *w = ctx;
	const char *samples = meta_get(&in->meta, "samples");
	int rc = tsr_expect_type(in, "wave", NULL);

	w->any_length = samples != NULL && strcmp(samples, "all") == 0;
	w->rate = 0;
	for (size_t i = 0; rc == ST_OK && i < w->n; i++)
		if (w->list[i].kind->timed)
			rc = tsr_rate(in, &w->rate);
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

/* Makes the samples of r, which are zeros behind those there are. */
static int
make_samples(const struct work *w, const struct variant *v, const struct tsr_chunk *in, struct filter_record *r)
{
	struct making m = { .x = in->data, .n = (size_t)in->shape[0], .rate = w->rate, .out = r->data, .meta = &r->meta };
	size_t length = v->kind->stretches ? stretch_length(m.n, v->value) : m.n, room = (size_t)r->shape[0];
	float *longer = length > room ? mem_zero(length, sizeof *longer) : NULL;
	int rc = ST_OK;

	if ((length > room && longer == NULL) || (m.rng = gsl_rng_alloc(gsl_rng_mt19937)) == NULL)
		rc = err_set(ST_SYS, "out of memory");
	if (rc == ST_OK) {
		gsl_rng_set(m.rng, (unsigned long)derive(&in->meta, v->name));
		if (longer != NULL)
			m.out = longer;
		rc = v->kind->make(&m, v->value);
		gsl_rng_free(m.rng);
	}
	if (rc == ST_OK && longer != NULL)
		memcpy(r->data, longer, room * sizeof *longer);
	free(longer);
	return rc;
}

static int
make_variant(const struct work *w, const struct variant *v, const struct tsr_chunk *in, struct filter_out *out)
{
	const char *key = meta_get(&in->meta, "key");
	uint64_t shape[1] = { in->shape[0] };
	struct filter_record *r;
	int rc;

	if (w->any_length && v->kind->stretches)
		shape[0] = stretch_length((size_t)shape[0], v->value);
	rc = filter_add(out, 1, shape, &in->meta, &r);
	if (rc == ST_OK && (rc = meta_set(&r->meta, "key", "%s@%s", key, v->name)) == ST_OK &&
	    (rc = meta_set(&r->meta, "src", "%s", key)) == ST_OK)
		rc = make_samples(w, v, in, r);
	if (rc == ST_OK && !value_finite(r->data, (size_t)r->shape[0]))
		rc = err_set(ST_DATA, "a sample is too large for %s", v->name);
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
		rc = make_variant(w, &w->list[i], in, out);
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
	struct work w = { 0 };
	struct unique keys = { 0 };
	struct filter f = { .threads = opt_threads(threads), .ctx = &w, .head = head, .process = process, .skip = skip,
		.keys = n > 1 ? &keys : NULL };
	int rc = set_variants(&w);

	if (rc == ST_OK)
		rc = filter_files(&f, files, n, (uint64_t)max_record << 20, common.out);
	if (rc == ST_OK && keys.repeated > 0 && !common.quiet)
		tool_say("%" PRIu64 " records have the key of another (the first is '%s') and its noise", keys.repeated, keys.first);
	unique_free(&keys);
	free(w.list);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
