/* tsrpick: selects records of tensor streams by their metadata and number. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/tool.h"
#include "base/tsv.h"
#include "base/words.h"
#include "stream/chunks.h"
#include "stream/pick.h"
#include "stream/provenance.h"
#include "stream/unique.h"

static struct opt_list groups, labels, keys, wheres, matches;
static const char *keys_file, *range;
static bool not_aug, invert, count, require_each;
static long first_n, require, max_record = TSR_MAX_RECORD >> 20;
static struct opt_common common = { .feeds = true };

static const struct opt opts[] = {
	OPT_PG(LIST, "group", &groups, "LIST", "records of these groups (speakers)"),
	OPT_PG(LIST, "label", &labels, "LIST", "records with these labels"),
	OPT_PG(LIST, "key", &keys, "LIST", "records with these keys"),
	OPT(TEXT, "keys", &keys_file, "FILE", "records with the keys that begin the file's lines", .file = OPT_READS),
	OPT_PG(LIST, "where", &wheres, "NAME=VALUE", "records whose field has that value"),
	OPT_PG(LIST, "match", &matches, "NAME=PATTERN", "records whose field matches the pattern"),
	OPT_PG(FLAG, "not-aug", &not_aug, NULL, "records that augment did not make"),
	OPT_PG(TEXT, "range", &range, "LIST", "records of these numbers: 3,10-20,90-"),
	OPT_PG(FLAG, "invert", &invert, NULL, "take the other records instead"),
	OPT_PG(INT, "first", &first_n, "N", "no more than N of them; 0 is all", .max = 1e15),
	OPT(FLAG, "count", &count, NULL, "print their number, not the records"),
	OPT(INT, "require", &require, "N", "fail where there are fewer than N", .max = 1e15),
	OPT(FLAG, "require-each", &require_each, NULL, "fail where a given value never occurs"),
	OPT_MAXREC(&max_record),
	OPT_PROFILE(&common.profile),
};
static const char *const uses[] = { "[STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("tsrpick", "selects records of tensor streams", .in_place = true);

static struct pick pick;
static char keys_hash[32]; /* of the file's keys, for provenance */

/* --group, --label, --key: lists with commas, each given any number of times. */
static int
add_lists(const char *name, const struct opt_list *lists)
{
	int rc = ST_OK;

	for (size_t i = 0; i < lists->n; i++) {
		const char *rest = lists->item[i], *word;
		size_t n;

		while (rc == ST_OK && words_next(&rest, &word, &n))
			rc = n > 0 ? pick_value(&pick, name, strlen(name), word, n)
			           : err_set(ST_USAGE, "--%s: an empty value in '%s'", name, lists->item[i]);
	}
	return rc;
}

/* --where, --match */
static int
add_pairs(const struct opt_list *pairs, bool pattern)
{
	int rc = ST_OK;

	for (size_t i = 0; i < pairs->n && rc == ST_OK; i++) {
		const char *name = pairs->item[i], *equals = strchr(name, '=');

		if (equals == NULL || equals == name)
			return err_set(ST_USAGE, "--%s: '%s' is not NAME=%s", pattern ? "match" : "where", name,
			               pattern ? "PATTERN" : "VALUE");
		rc = pattern ? pick_pattern(&pick, name, (size_t)(equals - name), equals + 1)
		             : pick_value(&pick, name, (size_t)(equals - name), equals + 1, strlen(equals + 1));
	}
	return rc;
}

static int
add_keys_file(const char *name)
{
	XXH3_state_t *hash = XXH3_createState();
	struct tsv *in = NULL;
	struct tsv_row row;
	int rc = hash == NULL ? err_set(ST_SYS, "out of memory") : tsv_open(&in, name, TSV_COMMENTS | TSV_RAGGED);

	/* A file without keys selects no record, not all. */
	if (rc == ST_OK)
		rc = pick_field(&pick, "key");
	if (rc == ST_OK)
		XXH3_64bits_reset(hash);
	while (rc == ST_OK && (rc = tsv_next(in, &row)) == ST_OK && row.n > 0) {
		XXH3_64bits_update(hash, row.field[0], strlen(row.field[0]) + 1);
		rc = pick_value(&pick, "key", 3, row.field[0], strlen(row.field[0]));
	}
	if (rc == ST_OK)
		snprintf(keys_hash, sizeof keys_hash, "xxh3:%016" PRIx64, XXH3_64bits_digest(hash));
	tsv_close(in);
	XXH3_freeState(hash);
	return rc;
}

static int
prepare(void)
{
	int rc = range == NULL ? ST_OK : pick_numbers(&pick, range);

	if (rc != ST_OK)
		return err_prefix("--range");
	rc = add_lists("group", &groups);
	if (rc == ST_OK)
		rc = add_lists("label", &labels);
	if (rc == ST_OK)
		rc = add_lists("key", &keys);
	if (rc == ST_OK && keys_file != NULL)
		rc = add_keys_file(keys_file);
	if (rc == ST_OK)
		rc = add_pairs(&wheres, false);
	if (rc == ST_OK)
		rc = add_pairs(&matches, true);
	return rc == ST_OK && not_aug ? pick_value(&pick, "aug", 3, "", 0) : rc;
}

struct pick_out {
	struct tsr_writer *to; /* NULL: only counting */
	bool open;             /* a segment has begun */
	uint64_t records, kept;
	bool joins;         /* there are several inputs */
	struct unique keys; /* of what was kept of them */
};

/* A segment ends where the next one begins: the last one must wait for the final checks. */
static int
write_head(void *ctx, const struct tsr_chunk *c)
{
	struct pick_out *o = ctx;
	struct meta meta = { 0 }, pg = { 0 };
	int rc = o->open ? tsr_end(o->to) : ST_OK;

	if (rc == ST_OK)
		rc = meta_copy(&meta, &c->meta);
	if (rc == ST_OK)
		rc = provenance_add(&tool, &pg);
	if (rc == ST_OK && keys_file != NULL)
		rc = meta_add(&meta, "pg", "%s keys=%s", meta_get(&pg, "pg"), keys_hash);
	else if (rc == ST_OK)
		rc = meta_copy(&meta, &pg);
	if (rc == ST_OK && o->to != NULL)
		rc = tsr_head(o->to, &meta);
	o->open = o->to != NULL;
	meta_clear(&pg);
	meta_clear(&meta);
	return rc;
}

static int
pick_record(void *ctx, size_t slot, struct tsr_chunk *c)
{
	struct pick_out *o = ctx;
	int rc;

	(void)slot;
	o->records++;
	if (pick_matches(&pick, &c->meta, o->records) == invert || (first_n > 0 && o->kept >= (uint64_t)first_n))
		return ST_OK;
	o->kept++;
	if (o->to == NULL)
		return ST_OK;
	rc = o->joins ? unique_count(&o->keys, &c->meta) : ST_OK;
	return rc == ST_OK ? tsr_record(o->to, c->dtype, c->rank, c->shape, &c->meta, c->data) : rc;
}

static int
flush(void *ctx)
{
	const struct pick_out *o = ctx;

	return o->to == NULL ? ST_OK : tsr_flush(o->to);
}

static int
finish(struct pick_out *o)
{
	int rc = require_each ? pick_check_each(&pick) : ST_OK;

	if (o->kept < (uint64_t)require)
		rc = err_set(ST_DATA, "%" PRIu64 " of %" PRIu64 " records match; --require is %ld", o->kept, o->records,
		             require);
	return rc == ST_OK && o->open ? tsr_end(o->to) : rc;
}

static int
print_count(uint64_t n)
{
	struct io_out *out;
	int rc = io_open(&out, common.out, false);

	if (rc != ST_OK)
		return rc;
	fprintf(io_stream(out), "%" PRIu64 "\n", n);
	return io_close(out);
}

static int
notice(const struct pick_out *o)
{
	if (o->kept == 0 && !count && !common.quiet) {
		int rc = pick_check_each(&pick);

		if (rc == ST_SYS)
			return rc;
		tool_say("none of %" PRIu64 " records picked: %s", o->records,
		         rc != ST_OK ? err_text() : "none meets all conditions");
	}
	if (o->keys.repeated > 0 && !common.quiet)
		tool_say("%" PRIu64 " records have the key of another (the first is '%s')", o->keys.repeated, o->keys.first);
	if (common.verbose)
		tool_say("kept %" PRIu64 " of %" PRIu64 " records", o->kept, o->records);
	return ST_OK;
}

static int
pick_files(char **files, size_t n)
{
	struct pick_out o = { .joins = n > 1 };
	const struct chunks chunks = { .ctx = &o, .head = write_head, .record = pick_record, .flush = flush };
	int rc = prepare();

	if (rc == ST_OK && !count)
		rc = tsr_create(&o.to, common.out);
	if (rc == ST_OK)
		rc = chunks_files(&chunks, files, n, (uint64_t)max_record << 20);
	if (rc == ST_OK && (rc = finish(&o)) == ST_OK)
		rc = notice(&o);
	if (rc == ST_OK)
		rc = count ? print_count(o.kept) : tsr_finish(o.to);
	else
		tsr_abort(o.to);
	unique_free(&o.keys);
	return rc;
}

static int
run(char **files, size_t n)
{
	int rc;

	common.feeds = !count;
	rc = pick_files(files, n);
	pick_clear(&pick);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
