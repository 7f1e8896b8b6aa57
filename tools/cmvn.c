/* cmvn: standardises features by speaker: the mean over a speaker's records is taken
 * away from each column, and the rest divided by their deviation.
 *
 * A stream whose own statistics count is read twice; what cannot be read twice is kept
 * meanwhile. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/spool.h"
#include "base/tool.h"
#include "model/features.h"
#include "model/like.h"
#include "stats/collect.h"
#include "stats/stats.h"
#include "stream/chunks.h"
#include "stream/provenance.h"
#include "stream/value.h"

static const char *fit_file, *apply_file, *like_file, *beside, *group, *skew;
static bool own, leave_out, together;
static long clips, seed, threads, max_record = TSR_MAX_RECORD >> 20;
static double shrink_mean = 2, shrink_variance = 20, limit = 5;
static struct tool_skips skips;
static struct opt_common common = { .feeds = true };
static const struct opt opts[] = {
	OPT(TEXT, "fit", &fit_file, "FILE", "write the statistics of the stream's speakers to FILE", .file = OPT_WRITES),
	OPT(TEXT, "apply", &apply_file, "FILE", "use the speakers' statistics that --fit wrote", .file = OPT_READS),
	OPT(TEXT, "like", &like_file, "MODEL", "take what speakers have in common from a model, or what --fit wrote",
	    .find = FIND_MODEL),
	OPT(TEXT, "beside", &beside, "NAME", "with --like: of the net's second input, which is called NAME"),
	OPT_PG(FLAG, "own", &own, NULL, "with --like: use the statistics of the stream's own speakers, too"),
	OPT_PG(FLAG, "leave-one-out", &leave_out, NULL, "of a record's statistics, leave out its own recording"),
	OPT_PG(INT, "clips", &clips, "N", "statistics of N recordings of each speaker, drawn at random; 0 is all",
	       .max = 1e15),
	OPT_PG(TEXT, "skew", &skew, "LABEL", "draw recordings with that label first"),
	OPT_PG(FLAG, "together", &together, NULL, "augmented records count with those they were made of"),
	OPT_PG(TEXT, "group", &group, "NAME", "take all records as recordings of that speaker"),
	OPT_PG(NUM, "shrink-mean", &shrink_mean, "K", "what is expected counts as K recordings in the mean", .max = 1e6),
	OPT_PG(NUM, "shrink-variance", &shrink_variance, "K", "what is expected counts as K recordings in the variance",
	       .max = 1e6),
	OPT_PG(NUM, "limit", &limit, "X", "largest value, either way, in deviations", .min = 1e-3, .max = 1e6),
	OPT_SKIP(&skips.most),
	OPT_MAXREC(&max_record),
	OPT_SEED(&seed),
	OPT_THREADS(&threads),
	OPT_PROFILE(&common.profile),
};
static const char *const uses[] = { "[STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("cmvn", "standardises features by speaker", .in_place = true);

/* What became of a record, until it is written. */
struct outcome {
	bool bad;     /* was skipped when the stream was read first */
	bool drawn;   /* its values are among the statistics: no test */
	bool unknown; /* nothing is known of its speaker */
	bool alone;   /* one row is all that is known, and no speaker in general */
	uint64_t clips;
};

struct work {
	struct stats like, apply;
	struct stats *prior;       /* the one of these that has what is expected of speakers, or NULL */
	struct collect_options options;
	struct collect *collect;   /* of the stream's own speakers; NULL: not used */
	bool skipped;              /* records, when it was read first */
	struct tsr_chunk *kept;    /* the stream, where it cannot be read twice */
	size_t nkept;
	struct spool spool;        /* values of those, where they are many */
	bool keep;
	struct meta feature, pg;   /* of the stream's first head */
	const char *first;         /* whose it is */
	int rank;                  /* of this segment's records */
	struct outcome *outcome;   /* by slot */
	struct tsr_writer *out;
	uint64_t left_out, unknown, alone, written;
	char *whose;               /* the first of the unknown */
};

/* Options */

static int
check_options(void)
{
	const char *counted = leave_out ? "leave-one-out" : clips > 0 ? "clips" : NULL;
	const char *what = own ? "own" : fit_file != NULL ? "fit" : counted;

	if (skew != NULL && clips == 0)
		return err_set(ST_USAGE, "--skew says which of --clips N are drawn first; how many?");
	if (apply_file != NULL && what != NULL)
		return err_set(ST_USAGE, "--apply uses a file's speakers, --%s the stream's own: --like FILE takes what they have in "
		               "common", what);
	if (group != NULL && *group == '\0')
		return err_set(ST_USAGE, "--group: a name is required");
	if (fit_file != NULL && strcmp(fit_file, "-") == 0 && (common.out == NULL || strcmp(common.out, "-") == 0))
		return err_set(ST_USAGE, "--fit - and the stream cannot both go to standard output");
	own = what != NULL || (apply_file == NULL && like_file == NULL);
	return ST_OK;
}

/* What a model's features have as cmvn=. */
#define SETTINGS "group limit="

static int
take_settings(const struct stats *s)
{
	if (!s->is_model)
		return ST_OK;
	if (s->cmvn == NULL)
		return err_set(ST_DATA, "%s: was not trained on features of cmvn, and takes them as they are", like_file);
	if (strncmp(s->cmvn, SETTINGS, strlen(SETTINGS)) != 0)
		return err_set(ST_DATA, "%s: cmvn=%s is not known", like_file, s->cmvn);
	return opt_impose(&tool, "limit", s->cmvn + strlen(SETTINGS), like_file);
}

/* nnpredict --collect writes what layers see. */
static int
check_features(const struct stats *s, const char *file)
{
	const char *layer = meta_get(&s->extra, "layer");

	return layer == NULL ? ST_OK : err_set(ST_DATA, "%s: is of the layer %s, not of features", file, layer);
}

/* A model has statistics of one input: --beside says that it is the second. */
static int
check_beside(void)
{
	struct model m = { 0 };
	int rc = beside == NULL ? ST_OK : model_read_head(&m, like_file);

	if (rc == ST_OK && beside != NULL && (rc = like_choose(&m, like_file, beside)) == ST_OK &&
	    (meta_get(&m.feature, "cmvn") == NULL || meta_get(&m.beside.feature, "cmvn") != NULL))
		rc = err_set(ST_DATA, "%s: has no statistics of its input '%s', which %s", like_file, beside,
		             meta_get(&m.feature, "cmvn") == NULL ? "was not trained on features of cmvn" : "is not the only one of cmvn");
	model_free(&m);
	return rc;
}

static int
read_files(struct work *w)
{
	int rc = like_check_options(like_file, beside);

	if (rc == ST_OK && (rc = check_beside()) == ST_OK && like_file != NULL)
		rc = stats_read(&w->like, like_file);

	if (rc == ST_OK)
		rc = check_features(&w->like, like_file);
	if (rc == ST_OK && like_file != NULL && (rc = take_settings(&w->like)) == ST_OK)
		rc = stats_prior(&w->like, like_file);
	if (rc != ST_OK || apply_file == NULL) {
		w->prior = like_file == NULL ? NULL : &w->like;
		return rc;
	}
	if ((rc = stats_read(&w->apply, apply_file)) == ST_OK && w->apply.is_model)
		rc = err_set(ST_DATA, "%s: is a model, without statistics of single speakers: --like takes it", apply_file);
	if (rc == ST_OK)
		rc = check_features(&w->apply, apply_file);
	w->prior = like_file == NULL ? &w->apply : &w->like;
	if (rc == ST_OK && w->apply.speakers > 0 && w->prior->columns != w->apply.columns)
		rc = err_set(ST_DATA, "%s: has %zu columns; %s has %zu", apply_file, w->apply.columns, like_file,
		             w->like.columns);
	return rc == ST_OK && like_file == NULL ? stats_prior(&w->apply, apply_file) : rc;
}

/* Heads */

static int
check_statistics(const struct stats *s, const char *file, const struct tsr_chunk *head)
{
	if (file == NULL)
		return ST_OK;
	return features_check(&s->feature, file, s->is_model ? "was trained on" : "is of", &head->meta, head->file, "");
}

/* The type, and that all segments and all statistics are of the same features. */
static int
check_head(struct work *w, const struct tsr_chunk *head)
{
	const char *type = meta_get(&head->meta, "type"), *before = meta_get(&head->meta, "cmvn");
	int rc = type != NULL && strcmp(type, "lld") == 0 ? ST_OK : tsr_expect_type(head, "mel", "table");

	if (rc != ST_OK)
		return rc;
	if (before != NULL)
		return err_set(ST_DATA, "%s: the features are standardised already (cmvn=%s)", head->file, before);
	w->rank = type != NULL && strcmp(type, "table") == 0 ? 1 : 2;
	if (w->first != NULL)
		return features_check(&w->feature, w->first, "has", &head->meta, head->file, "");
	w->first = head->file;
	if ((rc = features_copy(&w->feature, &head->meta)) != ST_OK ||
	    (rc = check_statistics(&w->like, like_file, head)) != ST_OK)
		return rc;
	return check_statistics(&w->apply, apply_file, head);
}

/* Our provenance says by their hashes which statistics were used. */
static int
add_pg(const struct work *w, struct meta *to)
{
	struct meta pg = { 0 };
	struct str line = { 0 };
	int rc = provenance_add(&tool, &pg);

	if (rc == ST_OK) {
		str_add(&line, pg.item[0].value);
		if (like_file != NULL)
			str_addf(&line, " like=xxh3:%016" PRIx64, w->like.hash);
		if (apply_file != NULL)
			str_addf(&line, " apply=xxh3:%016" PRIx64, w->apply.hash);
		rc = meta_take(to, "pg", &line);
	}
	for (size_t i = 1; i < pg.n && rc == ST_OK; i++)
		rc = meta_add(to, pg.item[i].name, "%s", pg.item[i].value);
	str_free(&line);
	meta_clear(&pg);
	return rc;
}

static int
write_head(void *ctx, const struct tsr_chunk *head)
{
	struct work *w = ctx;
	struct meta meta = { 0 };
	int rc = check_head(w, head);

	if (rc == ST_OK && (rc = features_copy(&meta, &head->meta)) == ST_OK &&
	    (rc = meta_add(&meta, "cmvn", SETTINGS "%.10g", limit)) == ST_OK &&
	    (rc = features_copy_pg(&meta, &head->meta)) == ST_OK && (rc = add_pg(w, &meta)) == ST_OK)
		rc = tsr_head(w->out, &meta);
	meta_clear(&meta);
	return rc;
}

/* Reading the stream for its statistics */

static size_t
columns(const struct tsr_chunk *c)
{
	return (size_t)c->shape[c->rank - 1];
}

static size_t
rows(const struct tsr_chunk *c)
{
	return columns(c) == 0 ? 0 : (size_t)tsr_elements(c) / columns(c);
}

static int
check_record(const struct work *w, const struct tsr_chunk *c)
{
	int rc = tsr_expect(c, TSR_F32, w->rank);
	const struct stats *s = w->prior;

	if (rc == ST_OK && !value_finite(c->data, (size_t)tsr_elements(c)))
		rc = err_set(ST_DATA, "a value is NaN or infinite");
	if (rc == ST_OK && s != NULL && columns(c) != s->columns)
		rc = err_set(ST_DATA, "it has %zu columns; the statistics of %s have %zu", columns(c),
		             s == &w->like ? like_file : apply_file, s->columns);
	return rc;
}

static int
check_work(void *ctx, int worker, size_t slot, const struct tsr_chunk *c)
{
	(void)worker;
	(void)slot;
	return check_record(ctx, c);
}

/* Takes the chunk's buffers: the reader does not map, so it has its own. */
static int
keep_chunk(struct work *w, struct tsr_chunk *c)
{
	int rc = w->keep ? mem_push(&w->kept, w->nkept, sizeof *w->kept) : ST_OK;
	struct tsr_chunk *kept;

	if (rc != ST_OK || !w->keep)
		return rc;
	kept = &w->kept[w->nkept++];
	*kept = *c;
	c->meta = (struct meta){ 0 };
	if (c->bytes == 0 || spool_holds(&w->spool, c->bytes)) {
		c->own = NULL;
		c->cap = 0;
		return ST_OK;
	}
	kept->own = NULL;
	map_used((size_t)c->bytes);
	return spool_add(&w->spool, c->file, c->data, (size_t)c->bytes, &kept->data);
}

/* Values are standardised in place, and so not where they were spooled. */
static int
fetch(struct tsr_chunk *c)
{
	if (c->own != NULL || c->bytes == 0)
		return ST_OK;
	if ((c->own = mem_zero((size_t)c->bytes, 1)) == NULL)
		return ST_SYS;
	map_used((size_t)c->bytes);
	memcpy(c->own, c->data, (size_t)c->bytes);
	c->data = c->own;
	return ST_OK;
}

static int
read_head(void *ctx, const struct tsr_chunk *head)
{
	struct work *w = ctx;
	bool first = w->first == NULL;
	struct tsr_chunk copy = { .kind = 'H', .file = head->file };
	int rc = check_head(w, head);

	if (rc == ST_OK && first)
		rc = features_copy_pg(&w->pg, &head->meta);
	if (rc == ST_OK && w->keep && (rc = meta_copy(&copy.meta, &head->meta)) == ST_OK)
		rc = keep_chunk(w, &copy);
	tsr_clear(&copy);
	return rc;
}

static int
read_record(void *ctx, size_t slot, struct tsr_chunk *c)
{
	struct work *w = ctx;
	int rc = collect_add(w->collect, &c->meta, c->data, rows(c), columns(c));

	(void)slot;
	if (rc == ST_OK)
		return keep_chunk(w, c);
	rc = err_prefix("%s", tsr_where(c));
	return tool_skip(&skips, rc) ? ST_OK : rc;
}

static int
read_end(void *ctx)
{
	struct tsr_chunk end = { .kind = 'E' };

	return keep_chunk(ctx, &end);
}

static bool
skip(int status)
{
	return tool_skip(&skips, status);
}

/* True where each operand is a file that can be read again from its beginning. */
static bool
can_reread(char **files, size_t n)
{
	struct stat st;

	for (size_t i = 0; i < n; i++)
		if (strcmp(files[i], "-") == 0 || stat(files[i], &st) != 0 || !S_ISREG(st.st_mode))
			return false;
	return n > 0;
}

static int
fit(struct work *w, char **files, size_t n)
{
	const struct chunks chunks = { .threads = opt_threads(threads), .heads_alone = true, .ctx = w, .work = check_work,
		.head = read_head, .record = read_record, .end = read_end, .skip = skip };
	int rc;

	w->options = (struct collect_options){ group, together, leave_out, (uint64_t)clips, (uint64_t)seed, skew };
	w->keep = !can_reread(files, n);
	w->collect = collect_new(&w->options);
	rc = w->collect == NULL ? ST_SYS : chunks_files(&chunks, files, n, (uint64_t)max_record << 20);
	w->skipped = skips.n > 0;
	return rc == ST_OK ? collect_finish(w->collect) : rc;
}

/* --fit */
static int
write_statistics(struct work *w)
{
	struct stats s = { 0 };
	int rc = collect_stats(w->collect, &s);

	if (rc == ST_OK && s.speakers == 0)
		rc = err_set(ST_DATA, "there is no record, and so no speaker for --fit");
	if (rc == ST_OK && (rc = meta_copy(&s.feature, &w->feature)) == ST_OK && (rc = meta_copy(&s.pg, &w->pg)) == ST_OK)
		rc = add_pg(w, &s.pg);
	if (rc == ST_OK)
		rc = stats_write(&s, fit_file);
	stats_free(&s);
	return rc;
}

/* Standardising */

/* What is known of a record's speaker: the rows' mean and squares, or those of a file. */
struct known {
	double clips;
	const double *mean, *variance;
	struct moments own; /* memory for them */
};

static int
know(const struct work *w, const struct tsr_chunk *c, uint32_t place, struct outcome *o, struct known *k)
{
	const char *name = collect_group(&w->options, &c->meta);
	const struct stats_speaker *speaker;

	if (w->collect != NULL) {
		if (moments_new(&k->own, columns(c)) != ST_OK || collect_get(w->collect, place, &k->own, &o->clips) != ST_OK)
			return ST_SYS;
		o->drawn = collect_drawn(w->collect, place);
		for (size_t i = 0; k->own.n > 0 && i < columns(c); i++)
			k->own.squares[i] /= (double)k->own.n;
		k->mean = k->own.mean;
		k->variance = k->own.squares;
		o->alone = k->own.n == 1 && w->prior == NULL;
	} else {
		speaker = name == NULL ? NULL : stats_find(&w->apply, name, collect_kind(&w->options, &c->meta));
		o->unknown = speaker == NULL;
		o->clips = speaker == NULL ? 0 : speaker->clips;
		k->mean = speaker == NULL ? NULL : speaker->mean;
		k->variance = speaker == NULL ? NULL : speaker->variance;
	}
	k->clips = (double)o->clips;
	if (o->clips == 0 && w->prior == NULL && rows(c) > 0)
		return err_set(ST_DATA, "no other recording of '%s' counts, and what is expected of a speaker is not known: --like "
		               "MODEL or --like FILE says that", name);
	return ST_OK;
}

/* (k own + n expected) / (k + n); where nothing is expected, what is known. */
static double
shrink(double k, const double *known, double n, const double *expected, size_t i)
{
	if (k == 0)
		return expected[i];
	return expected == NULL ? known[i] : (k * known[i] + n * expected[i]) / (k + n);
}

/* x, (n,width), in place. In a column without deviation what is not its mean is as far
 * from it as can be; a difference that no float shows is rounding. */
static int
standardise(const struct work *w, const struct known *k, float *x, size_t n, size_t width)
{
	const double *all = w->prior == NULL ? NULL : w->prior->all, *within = w->prior == NULL ? NULL : w->prior->within;
	double *mean = mem_zero(2 * width, sizeof *mean), *scale;

	if (mean == NULL)
		return ST_SYS;
	scale = mean + width;
	for (size_t i = 0; i < width; i++) {
		double variance = shrink(k->clips, k->variance, shrink_variance, within, i);

		mean[i] = shrink(k->clips, k->mean, shrink_mean, all, i);
		scale[i] = variance > 0 ? 1 / sqrt(variance) : DBL_MAX;
		mean[i] = variance > 0 ? mean[i] : (double)(float)mean[i];
	}
	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < width; i++) {
			float *value = &x[t * width + i];
			double z = ((double)*value - mean[i]) * scale[i];

			*value = (float)(z > limit ? limit : z < -limit ? -limit : z);
		}
	free(mean);
	return ST_OK;
}

static int
work(void *ctx, int worker, size_t slot, const struct tsr_chunk *c)
{
	const struct work *w = ctx;
	struct outcome *o = &w->outcome[slot];
	struct known k = { 0 };
	uint32_t place = 0;
	int rc = check_record(w, c);

	(void)worker;
	if (rc == ST_OK && w->collect != NULL)
		rc = collect_find(w->collect, &c->meta, columns(c), &place);
	*o = (struct outcome){ .bad = rc == ST_DATA && w->skipped };
	if (o->bad)
		return ST_OK;
	if (rc == ST_OK && (rc = know(w, c, place, o, &k)) == ST_OK && !o->drawn )
		rc = standardise(w, &k, c->own, rows(c), columns(c));
	moments_free(&k.own);
	return rc;
}

static int
write_record(void *ctx, size_t slot, struct tsr_chunk *c)
{
	struct work *w = ctx;
	const struct outcome *o = &w->outcome[slot];
	int rc;

	w->left_out += o->drawn;
	if (o->bad || o->drawn)
		return ST_OK;
	if (apply_file != NULL && o->unknown && w->unknown++ == 0) {
		const char *name = collect_group(&w->options, &c->meta);

		if ((w->whose = mem_str(name == NULL ? "" : name)) == NULL)
			return ST_SYS;
	}
	w->alone += o->alone;
	if ((rc = meta_set(&c->meta, "enrolled", "%" PRIu64, o->clips)) != ST_OK)
		return rc;
	w->written++;
	return tsr_record(w->out, c->dtype, c->rank, c->shape, &c->meta, c->data);
}

static int
write_end(void *ctx)
{
	const struct work *w = ctx;

	return tsr_end(w->out);
}

static int
flush(void *ctx)
{
	const struct work *w = ctx;

	return tsr_flush(w->out);
}

/* The records that were kept, as chunks_files would run over them. */
static int
write_kept(struct work *w)
{
	int rc = ST_OK;

	for (size_t i = 0; i < w->nkept && rc == ST_OK; i++) {
		struct tsr_chunk *c = &w->kept[i];

		if (c->kind != 'T') {
			rc = c->kind == 'H' ? write_head(w, c) : write_end(w);
			continue;
		}
		if ((rc = fetch(c)) == ST_OK && (rc = work(w, 0, 0, c)) == ST_OK) {
			rc = write_record(w, 0, c);
		} else {
			rc = err_prefix("%s", tsr_where(c));
			rc = skip(rc) ? ST_OK : rc;
		}
		tsr_clear(c);
	}
	return rc;
}

static int
write_files(struct work *w, char **files, size_t n)
{
	const struct chunks chunks = { .threads = opt_threads(threads), .heads_alone = true, .ctx = w, .work = work,
		.head = write_head, .record = write_record, .end = write_end, .skip = skip, .flush = flush };
	int rc = tsr_create(&w->out, common.out);

	w->outcome = mem_zero(chunks_slots(chunks.threads, false), sizeof *w->outcome);
	if (rc == ST_OK && w->outcome == NULL)
		rc = ST_SYS;
	if (rc == ST_OK)
		rc = w->keep ? write_kept(w) : chunks_files(&chunks, files, n, (uint64_t)max_record << 20);
	if (rc == ST_OK)
		rc = tsr_finish(w->out);
	else
		tsr_abort(w->out);
	return rc;
}

static void
notice(const struct work *w)
{
	if (common.quiet)
		return;
	if (w->left_out > 0)
		tool_say("%" PRIu64 " records of the recordings that --clips has drawn are left out%s", w->left_out,
		         w->written > 0 ? "" : ", and no other is there: a smaller N leaves some, --leave-one-out all");
	if (w->unknown > 0)
		tool_say("%" PRIu64 " records of speakers that %s does not know (the first is '%s') are standardised as "
		         "anyone's", w->unknown, apply_file, w->whose);
	if (w->alone > 0)
		tool_say("%" PRIu64 " records are standardised by one row alone, which has no deviation", w->alone);
}

static void
free_work(struct work *w)
{
	for (size_t i = 0; i < w->nkept; i++)
		tsr_clear(&w->kept[i]);
	free(w->kept);
	spool_free(&w->spool);
	free(w->outcome);
	free(w->whose);
	meta_clear(&w->feature);
	meta_clear(&w->pg);
	collect_free(w->collect);
	stats_free(&w->like);
	stats_free(&w->apply);
}

static int
run(char **files, size_t n)
{
	struct work w = { .options = { .group = group, .together = together } };
	int rc = check_options();

	if (rc == ST_OK)
		rc = read_files(&w);
	if (rc == ST_OK && own)
		rc = fit(&w, files, n);
	if (rc == ST_OK && fit_file != NULL)
		rc = write_statistics(&w);
	if (rc == ST_OK)
		rc = write_files(&w, files, n);
	if (rc == ST_OK)
		notice(&w);
	free_work(&w);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
