#include "judge/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/predictions.h"
#include "judge/print.h"

static void
write_header(const struct rows *s, FILE *f)
{
	fprintf(f, "key\tlabel\tgroup\tstart%s\tpred\tconfidence", s->ends ? "\tend" : "");
	for (size_t i = 0; i < s->shown; i++)
		if (s->ranked)
			fprintf(f, "\ttop%zu\tp%zu", i + 1, i + 1);
		else
			fprintf(f, "\tp.%s", s->class[i]);
	fputs(s->protocol ? "\tprotocol" : "", f);
	for (size_t i = 0; i < s->columns; i++)
		fprintf(f, "\t%s", s->column[i]);
	putc('\n', f);
}

/* A cell: a dash where there is nothing; a tab would begin another. */
static void
put_cell(FILE *f, const char *s)
{
	if (s == NULL || s[0] == '\0')
		s = "-";
	for (; *s != '\0'; s++)
		putc(*s == '\t' ? ' ' : *s, f);
}

/* The most probable classes first, of equals the first in the list; as many as are
 * shown by rank. */
static void
sort_classes(const struct rows *s, const double *p)
{
	size_t wanted = s->ranked ? s->shown : 1, n = 0;

	for (size_t i = 0; i < s->classes; i++) {
		size_t k = n < wanted ? n++ : n;

		if (k == n && p[s->rank[--k]] >= p[i])
			continue;
		for (; k > 0 && p[s->rank[k - 1]] < p[i]; k--)
			s->rank[k] = s->rank[k - 1];
		s->rank[k] = i;
	}
}

static const char *
prediction(const struct rows *s, const struct row *r)
{
	if (!r->speech)
		return labels_show(s->labels, PREDICTIONS_NOSPEECH);
	return r->p[s->rank[0]] < s->threshold ? labels_show(s->labels, PREDICTIONS_UNCERTAIN) : s->class[s->rank[0]];
}

/* The record's, or NULL. The truth is renamed as classes are. */
static const char *
field(const struct rows *s, const struct row *r, const char *name)
{
	const char *value = meta_get(r->meta, name);

	return strcmp(name, "label") == 0 ? labels_show(s->labels, value) : value;
}

static void
put_protocol(FILE *f, const struct row *r)
{
	if (r->enrolled >= 1)
		fprintf(f, PREDICTIONS_ENROLLED " %.0f", floor(r->enrolled));
	else
		fputs(PREDICTIONS_ALONE, f);
}

/* A probability that six decimals would make 0 counts for much in a log loss. */
static void
put_probability(FILE *f, double x)
{
	fprintf(f, x > 0 && x < 0.0005 ? "%.6g" : "%.6f", x);
}

static void
write_tsv(const struct rows *s, FILE *f, const struct row *r)
{
	for (size_t i = PREDICTIONS_KEY; i < PREDICTIONS_PRED; i++) {
		put_cell(f, field(s, r, predictions_columns[i]));
		putc('\t', f);
	}
	if (s->ends) {
		put_cell(f, meta_get(r->meta, "end"));
		putc('\t', f);
	}
	put_cell(f, prediction(s, r));
	fprintf(f, "\t%.6f", r->p[s->rank[0]]);
	for (size_t i = 0; i < s->shown; i++) {
		if (s->ranked) {
			putc('\t', f);
			put_cell(f, s->class[s->rank[i]]);
		}
		putc('\t', f);
		put_probability(f, r->p[s->ranked ? s->rank[i] : i]);
	}
	if (s->protocol) {
		putc('\t', f);
		put_protocol(f, r);
	}
	for (size_t i = 0; i < s->columns; i++) {
		putc('\t', f);
		put_cell(f, field(s, r, s->column[i]));
	}
	putc('\n', f);
}

/* A time as a number of seconds, where it is one. */
static void
json_seconds(FILE *f, const char *s)
{
	char *end;
	double x = s == NULL ? (double)NAN : strtod(s, &end);

	if (s == NULL || end == s || *end != '\0' || !isfinite(x))
		print_json(f, s);
	else
		fprintf(f, "%.10g", x);
}

static void
json_probabilities(const struct rows *s, FILE *f, const struct row *r)
{
	fputs(s->ranked ? ",\"top\":[" : ",\"p\":{", f);
	for (size_t i = 0; i < s->shown; i++) {
		size_t class = s->ranked ? s->rank[i] : i;

		fputs(i == 0 ? "" : ",", f);
		if (s->ranked)
			fputs("{\"class\":", f);
		print_json(f, s->class[class]);
		fputs(s->ranked ? ",\"p\":" : ":", f);
		put_probability(f, r->p[class]);
		fputs(s->ranked ? "}" : "", f);
	}
	fputs(s->ranked ? "]}\n" : "}}\n", f);
}

static void
write_json(const struct rows *s, FILE *f, const struct row *r)
{
	for (size_t i = PREDICTIONS_KEY; i < PREDICTIONS_START; i++) {
		fprintf(f, "%s\"%s\":", i == PREDICTIONS_KEY ? "{" : ",", predictions_columns[i]);
		print_json(f, field(s, r, predictions_columns[i]));
	}
	fputs(",\"start\":", f);
	json_seconds(f, meta_get(r->meta, "start"));
	if (s->ends) {
		fputs(",\"end\":", f);
		json_seconds(f, meta_get(r->meta, "end"));
	}
	if (s->protocol) {
		fputs(",\"protocol\":\"", f);
		put_protocol(f, r);
		putc('"', f);
	}
	for (size_t i = 0; i < s->columns; i++) {
		fprintf(f, ",\"%s\":", s->column[i]);
		print_json(f, field(s, r, s->column[i]));
	}
	fputs(",\"pred\":", f);
	print_json(f, prediction(s, r));
	fprintf(f, ",\"confidence\":%.6f", r->p[s->rank[0]]);
	json_probabilities(s, f, r);
}

void
rows_write(struct rows *s, FILE *f, const struct row *r)
{
	if (!s->began) {
		s->ends = meta_get(r->meta, "end") != NULL;
		if (!s->json)
			write_header(s, f);
	}
	s->began = true;
	sort_classes(s, r->p);
	if (s->json)
		write_json(s, f, r);
	else
		write_tsv(s, f, r);
}

void
rows_end(const struct rows *s, FILE *f)
{
	if (!s->began && !s->json)
		write_header(s, f);
}
