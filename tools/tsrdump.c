/* tsrdump: prints the contents of tensor streams, or checks that they are complete. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/show.h"
#include "base/text.h"
#include "base/tool.h"
#include "base/words.h"
#include "model/like.h"
#include "stream/meta.h"
#include "stream/tsr.h"
#include "stream/value.h"

enum { WIDTH = 100 }; /* of lines of fields */

static bool check, head, data, tsv, inputs;
static const char *field, *columns;
static long max_record = TSR_MAX_RECORD >> 20;
static struct opt_common common;

static const struct opt opts[] = {
	OPT(FLAG, "check", &check, NULL, "verify each file and print nothing"),
	OPT(FLAG, "head", &head, NULL, "print the head's metadata as name=value lines"),
	OPT(TEXT, "field", &field, "NAME", "print the values of that field of the head"),
	OPT(FLAG, "inputs", &inputs, NULL, "print a model's inputs and the programs that make their features"),
	OPT(FLAG, "tsv", &tsv, NULL, "print a table with a line a record"),
	OPT(TEXT, "columns", &columns, "LIST", "with --tsv, these metadata fields too"),
	OPT(FLAG, "data", &data, NULL, "print the values, a line for each innermost row"),
	OPT_MAXREC(&max_record),
};
static const char *const uses[] = { "[STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("tsrdump", "shows what is in tensor streams, or checks them");

/* The output, and the position in the input. */
struct dump {
	struct io_out *io;
	FILE *out;
	uint64_t segments;
	uint64_t first;    /* records of the segments before this one */
	uint64_t records, elements, bytes; /* of this segment */
	bool model;        /* this segment is one */
	void (*print)(struct dump *d, const struct tsr_chunk *c);
};

/* Text as one cell of a table: "-" where there is none, no tab. */
static void
print_cell(FILE *out, const char *text)
{
	if (text == NULL || *text == '\0')
		text = "-";
	for (; *text != '\0'; text++)
		putc(*text == '\t' ? ' ' : *text, out);
}

static void
print_padded(FILE *out, const char *text, size_t width)
{
	size_t n = text == NULL || *text == '\0' ? 1 : text_characters(text, strlen(text));

	print_cell(out, text);
	for (; n < width; n++)
		putc(' ', out);
	fputs("  ", out);
}

/* Every value of that name, each on its own line under a title. */
static void
print_block(FILE *out, const struct meta *m, const char *name, const char *title)
{
	bool first = true;

	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->item[i].name, name) == 0) {
			if (first)
				fprintf(out, "  %s:\n", title);
			first = false;
			fprintf(out, "    %s\n", m->item[i].value);
		}
}

static void
print_classes(FILE *out, const struct meta *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->item[i].name, "class") == 0)
			fprintf(out, "%s%s", n++ == 0 ? "  classes: " : ", ", m->item[i].value);
	if (n > 0)
		fprintf(out, " (%zu)\n", n);
}

/* Pairs of the head, as name=value on lines of limited width: those whose
 * name begins with prefix, without it; without a prefix, those that are not
 * printed elsewhere. */
static void
print_pairs(FILE *out, const struct meta *m, const char *prefix, const char *title)
{
	static const char *const elsewhere[] = { "type", "net", "class", "pg" };
	size_t skip = prefix == NULL ? 0 : strlen(prefix), column = 0;

	for (size_t i = 0; i < m->n; i++) {
		const char *name = m->item[i].name, *value = m->item[i].value;
		bool listed = prefix != NULL ? strncmp(name, prefix, skip) == 0 : strncmp(name, "feature.", 8) != 0;
		size_t width = strlen(name + (listed ? skip : 0)) + strlen(value) + 2;

		for (size_t k = 0; k < OPT_COUNT(elsewhere); k++)
			listed = listed && strcmp(name, elsewhere[k]) != 0;
		if (!listed)
			continue;
		if (column == 0)
			fprintf(out, "  %s", title);
		else if (column + width > WIDTH)
			fprintf(out, "\n   ");
		column = column == 0 || column + width > WIDTH ? width : column + width;
		fprintf(out, " %s=%s", name + skip, value);
	}
	if (column > 0)
		putc('\n', out);
}

/* The head: its fields, then classes, features, net, provenance. */
static void
print_head(struct dump *d, const struct tsr_chunk *c)
{
	const struct meta *m = &c->meta;
	const char *type = meta_get(m, "type");

	d->model = type != NULL && strcmp(type, "model") == 0;
	show_print(d->out, c->file);
	fprintf(d->out, ": segment %" PRIu64 ": %s\n", d->segments, type == NULL ? "no type" : type);
	print_pairs(d->out, m, NULL, "head:");
	print_classes(d->out, m);
	print_pairs(d->out, m, "feature.", "features:");
	print_block(d->out, m, "net", "net");
	print_block(d->out, m, "pg", "made by");
}

static void
print_titles(struct dump *d)
{
	fprintf(d->out, "  %6s  %-28s  ", d->model ? "weight" : "record", "key");
	if (!d->model)
		fprintf(d->out, "%-10s  %-8s  ", "label", "group");
	fprintf(d->out, "%-5s  %-12s  %10s  %10s  %10s  %10s\n", "dtype", "shape", "bytes", "min", "mean", "max");
}

static void
print_record(struct dump *d, const struct tsr_chunk *c)
{
	char shape[VALUE_SHAPE_MAX];
	struct value_stats s;

	if (d->records == 1)
		print_titles(d);
	value_measure(c, &s);
	fprintf(d->out, "  %6" PRIu64 "  ", d->first + d->records);
	print_padded(d->out, meta_get(&c->meta, "key"), 28);
	if (!d->model) {
		print_padded(d->out, meta_get(&c->meta, "label"), 10);
		print_padded(d->out, meta_get(&c->meta, "group"), 8);
	}
	fprintf(d->out, "%-5s  %-12s  %10" PRIu64, tsr_dtype_name(c->dtype), value_shape(c, shape), c->bytes);
	if (s.nonfinite < tsr_elements(c))
		fprintf(d->out, "  %10.4g  %10.4g  %10.4g", s.min, s.mean, s.max);
	if (s.nonfinite > 0)
		fprintf(d->out, "  %" PRIu64 " not finite", s.nonfinite);
	putc('\n', d->out);
}

static void
print_summary(struct dump *d, const struct tsr_chunk *c)
{
	const char *plural = d->records == 1 ? "" : "s";

	if (c->kind == 'H')
		print_head(d, c);
	else if (c->kind == 'T')
		print_record(d, c);
	else if (d->model)
		fprintf(d->out, "  %" PRIu64 " weight%s, %" PRIu64 " parameters, %" PRIu64 " bytes\n", d->records, plural,
		        d->elements, d->bytes);
	else
		fprintf(d->out, "  %" PRIu64 " record%s, %" PRIu64 " bytes\n", d->records, plural, d->bytes);
}

/* --head, --field */
static void
print_fields(struct dump *d, const struct tsr_chunk *c)
{
	if (c->kind != 'H')
		return;
	if (head && d->segments > 1)
		putc('\n', d->out);
	for (size_t i = 0; i < c->meta.n; i++)
		if (head)
			fprintf(d->out, "%s=%s\n", c->meta.item[i].name, c->meta.item[i].value);
		else if (strcmp(c->meta.item[i].name, field) == 0)
			fprintf(d->out, "%s\n", c->meta.item[i].value);
}

/* The fields of --columns: their names, or the record's values. */
static void
print_columns(FILE *out, const struct meta *m)
{
	const char *rest = columns, *word;
	size_t n;

	while (words_next(&rest, &word, &n) && (n > 0 || rest != NULL)) {
		char name[256];

		snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), word);
		putc('\t', out);
		print_cell(out, m == NULL ? name : meta_get(m, name));
	}
}

/* --tsv */
static void
print_row(struct dump *d, const struct tsr_chunk *c)
{
	static const char *const fields[] = { "key", "label", "group" };
	char shape[VALUE_SHAPE_MAX];
	struct value_stats s;

	if (c->kind == 'H' && d->segments == 1) {
		fputs("key\tlabel\tgroup\trecord\tsegment\tdtype\tshape\tbytes\tmin\tmean\tmax\tnonfinite", d->out);
		print_columns(d->out, NULL);
		putc('\n', d->out);
	}
	if (c->kind != 'T')
		return;
	value_measure(c, &s);
	for (size_t i = 0; i < OPT_COUNT(fields); i++) {
		print_cell(d->out, meta_get(&c->meta, fields[i]));
		putc('\t', d->out);
	}
	fprintf(d->out, "%" PRIu64 "\t%" PRIu64 "\t%s\t%s\t%" PRIu64, d->first + d->records, d->segments,
	        tsr_dtype_name(c->dtype), value_shape(c, shape), c->bytes);
	if (s.nonfinite < tsr_elements(c))
		fprintf(d->out, "\t%.7g\t%.7g\t%.7g\t%" PRIu64, s.min, s.mean, s.max, s.nonfinite);
	else
		fprintf(d->out, "\t-\t-\t-\t%" PRIu64, s.nonfinite);
	print_columns(d->out, &c->meta);
	putc('\n', d->out);
}

/* --data */
static void
print_data(struct dump *d, const struct tsr_chunk *c)
{
	uint64_t n = tsr_elements(c), width = c->rank == 0 ? 1 : c->shape[c->rank - 1];
	char text[VALUE_TEXT_MAX], index[VALUE_SHAPE_MAX];

	if (c->kind != 'T')
		return;
	for (uint64_t i = 0; i < n; i++) {
		if (i % width == 0) {
			print_cell(d->out, meta_get(&c->meta, "key"));
			fprintf(d->out, "\t%s", value_index(c, c->rank > 0 ? c->rank - 1 : 0, i / width, index));
		}
		value_print(c, i, text);
		fprintf(d->out, "\t%s%s", text, (i + 1) % width == 0 ? "\n" : "");
	}
}

static int
dump_chunk(struct dump *d, const struct tsr_chunk *c)
{
	if (c->kind == 'H') {
		d->segments++;
		d->first += d->records;
		d->records = d->elements = d->bytes = 0;
	} else if (c->kind == 'T') {
		d->records++;
		if (strncmp(meta_get(&c->meta, "key"), "state/", 6) != 0) /* of training, in checkpoints */
			d->elements += tsr_elements(c);
		d->bytes += c->bytes;
	}
	if (d->print != NULL)
		d->print(d, c);
	return d->out != NULL && ferror(d->out) ? io_flush(d->io) : ST_OK;
}

static int
flush(void *ctx, bool *busy)
{
	const struct dump *d = ctx;

	*busy = false;
	return d->io != NULL ? io_flush(d->io) : ST_OK;
}

static int
dump_stream(struct dump *d, char *const *files, size_t n)
{
	struct tsr_chunk c = { 0 };
	struct tsr_reader *in;
	int rc = tsr_open(&in, files, n, (uint64_t)max_record << 20, false);

	tsr_set_meanwhile((struct tsr_meanwhile){ flush, d });
	while (rc == ST_OK && (rc = tsr_read(in, &c)) == ST_OK && c.kind != 0)
		rc = dump_chunk(d, &c);
	tsr_clear(&c);
	tsr_close(in);
	return rc;
}

static int
print_streams(char *const *files, size_t n)
{
	struct dump d = { .print = tsv ? print_row :
		          data ? print_data :
		          head || field != NULL ? print_fields :
		                                  print_summary };
	int rc = io_open(&d.io, common.out, false);

	if (rc != ST_OK)
		return rc;
	d.out = io_stream(d.io);
	rc = dump_stream(&d, files, n);
	if (rc == ST_OK)
		return io_close(d.io);
	io_abort(d.io);
	return rc;
}

/* Each file by itself, a message for each that is damaged; returns the worst status. */
static int
check_streams(char *const *files, size_t n)
{
	char last[1024] = ""; /* failure: main's to print */
	int worst = ST_OK;

	for (size_t i = 0; i < (n == 0 ? 1 : n); i++) {
		struct dump d = { .print = NULL };
		int rc = dump_stream(&d, files + i, n == 0 ? 0 : 1);

		if (rc != ST_OK) {
			if (last[0] != '\0')
				tool_say("%s", last);
			snprintf(last, sizeof last, "%s", err_text());
		} else if (common.verbose)
			tool_say("%s: whole: segments %" PRIu64 ", records %" PRIu64, n == 0 ? "-" : files[i], d.segments,
			         d.first + d.records);
		worst = rc > worst ? rc : worst;
	}
	return worst == ST_OK ? ST_OK : err_set(worst, "%s", last);
}

/* Whether the net has such a layer. */
static bool
has_layer(const char *line, const char *layer)
{
	while (*line != '\0') {
		line += strspn(line, " \t\n");
		if (strcspn(line, " \t\n") == strlen(layer) && strncmp(line, layer, strlen(layer)) == 0)
			return true;
		line += strcspn(line, "\n");
	}
	return false;
}

/* --inputs: a line for each; what none of the programs makes has "-". */
static void
print_input(FILE *out, const struct model *m, const char *name, const char *waves, const struct meta *feature)
{
	const char *maker[MODEL_MAKERS];
	bool sound = like_is_sound(feature);

	model_makers(feature, maker);
	fprintf(out, "%s\t%s\t%s\t%s", name, sound ? waves : "-", has_layer(m->text, "speakernorm") ? "yes" : "no",
	        sound ? maker[0] : "-");
	for (size_t i = 1; sound && maker[i] != NULL; i++)
		fprintf(out, " %s", maker[i]);
	putc('\n', out);
}

static int
print_inputs(const char *file)
{
	struct model m = { 0 };
	struct io_out *io = NULL;
	int rc = model_read_head(&m, file);

	if (rc == ST_OK && (rc = io_open(&io, common.out, false)) == ST_OK) {
		fputs("input\twaves\tspeakernorm\tprograms\n", io_stream(io));
		print_input(io_stream(io), &m, "-", "own", &m.feature);
		if (m.beside.name != NULL)
			print_input(io_stream(io), &m, m.beside.name, model_shares_waves(&m) ? "shared" : "own", &m.beside.feature);
		rc = io_close(io);
	}
	model_free(&m);
	return rc;
}

static int
run(char **files, size_t n)
{
	if (inputs && n > 1)
		return err_set(ST_USAGE, "--inputs: of one model, not of %zu", n);
	if (check + head + data + tsv + inputs + (field != NULL) > 1)
		return err_set(ST_USAGE, "--check, --head, --field, --inputs, --tsv and --data exclude each other");
	if (columns != NULL && !tsv)
		return err_set(ST_USAGE, "--columns requires --tsv");
	if (inputs)
		return print_inputs(n == 0 ? "-" : files[0]);
	return check ? check_streams(files, n) : print_streams(files, n);
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
