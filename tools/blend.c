/* blend: weights and a temperature with which several models' probabilities are best
 * averaged, from their predictions for records whose truth is known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/tool.h"
#include "judge/predictions.h"
#include "judge/print.h"
#include "train/blend.h"

static const char *const averages[] = { "arithmetic", "geometric", NULL };
static int average;
static bool only_options;
static struct opt_common common;

static const struct opt opts[] = {
	OPT(CHOICE, "average", &average, "NAME", "the mean of the probabilities", .choices = averages),
	OPT(FLAG, "options", &only_options, NULL, "write nothing but the options for nnpredict"),
};
static const char *const uses[] = { "NAME=PREDICTIONS.tsv...", NULL };
static const struct tool tool = OPT_TOOL("blend", "find the weights of several models");

struct job {
	struct predictions of[BLEND_MEMBERS_MAX];
	char *name[BLEND_MEMBERS_MAX];
	size_t n;
	struct blend blend;
	struct mem_pool memory;
};

/* NAME=FILE; a name given again adds to its records, as those of another fold. */
static int
take_operand(struct job *j, const char *operand)
{
	const char *equals = strchr(operand, '=');
	size_t i = 0, len = equals == NULL ? 0 : (size_t)(equals - operand);

	if (len == 0 || equals[1] == '\0' || strspn(operand, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") < len)
		return err_set(ST_USAGE, "'%s' is not NAME=PREDICTIONS.tsv, a name of letters, digits and _.-", operand);
	while (i < j->n && (strlen(j->name[i]) != len || strncmp(j->name[i], operand, len) != 0))
		i++;
	if (i == BLEND_MEMBERS_MAX)
		return err_set(ST_USAGE, "more than %d models", BLEND_MEMBERS_MAX);
	if (i == j->n) {
		if ((j->name[i] = mem_strn(operand, len)) == NULL)
			return ST_SYS;
		j->of[i] = (struct predictions){ .evaluated = true, .keep = true };
		j->n++;
	}
	return predictions_read(&j->of[i], equals + 1);
}

/* The other's probabilities for a record, in the first's order of records and classes. */
static int
join_record(struct job *j, size_t member, size_t i, const size_t *class, double *to)
{
	const struct predictions *first = &j->of[0], *other = &j->of[member];
	const struct prediction *one = first->sorted[i], *found = predictions_find(other, one);
	const double *p;

	if (found == NULL)
		return err_set(ST_DATA, "%s: no record %s, which %s has", other->file, predictions_name(one), first->file);
	if (strcmp(one->cell[PREDICTIONS_LABEL], found->cell[PREDICTIONS_LABEL]) != 0)
		return err_set(ST_DATA, "%s: the label of %s is '%s', but '%s' in %s", other->file, predictions_name(one),
		               found->cell[PREDICTIONS_LABEL], one->cell[PREDICTIONS_LABEL], first->file);
	p = other->probability + (size_t)(found - other->record) * other->classes;
	for (size_t k = 0; k < first->classes; k++)
		to[k] = p[class[k]];
	return ST_OK;
}

static int
join_member(struct job *j, size_t member)
{
	const struct predictions *first = &j->of[0], *other = &j->of[member];
	size_t *class = mem_take(&j->memory, first->classes, sizeof *class);
	double *to = mem_take(&j->memory, first->n, first->classes * sizeof *to);
	int rc = j->memory.status;

	for (size_t k = 0; k < first->classes && rc == ST_OK; k++) {
		int at = predictions_class(other, first->class[k]);

		if (at == METRICS_NONE || other->classes != first->classes)
			rc = err_set(ST_DATA, "%s: its classes are not those of %s", other->file, first->file);
		class[k] = (size_t)at;
	}
	for (size_t i = 0; i < first->n && rc == ST_OK; i++)
		rc = join_record(j, member, i, class, to + i * first->classes);
	if (rc == ST_OK && other->n > first->n)
		for (size_t i = 0; i < other->n && rc == ST_OK; i++)
			if (predictions_find(first, other->sorted[i]) == NULL)
				rc = err_set(ST_DATA, "%s: no record %s, which %s has", first->file, predictions_name(other->sorted[i]),
				             other->file);
	j->blend.p[member] = to;
	return rc;
}

static int
join(struct job *j)
{
	const struct predictions *first = &j->of[0];
	size_t *truth;
	int rc = ST_OK;

	for (size_t m = 0; m < j->n && rc == ST_OK; m++)
		rc = predictions_finish(&j->of[m], true);
	if (rc != ST_OK)
		return rc;
	j->blend = (struct blend){ .members = j->n, .n = first->n, .classes = first->classes, .geometric = average == 1,
		.p = mem_take(&j->memory, j->n, sizeof(double *)) };
	j->blend.truth = truth = mem_take(&j->memory, first->n, sizeof *truth);
	if ((rc = j->memory.status) != ST_OK)
		return rc;
	for (size_t i = 0; i < first->n; i++)
		truth[i] = (size_t)first->outcome[first->sorted[i] - first->record].truth;
	for (size_t m = 0; m < j->n && rc == ST_OK; m++)
		rc = join_member(j, m);
	return rc;
}

static void
write_options(FILE *f, const struct blend *b)
{
	fputs("--weights ", f);
	for (size_t m = 0; m < b->members; m++)
		fprintf(f, "%s%.6g", m == 0 ? "" : ",", b->weight[m]);
	fprintf(f, "%s --average-temperature %.6g\n", b->geometric ? " --average geometric" : "", b->temperature);
}

static void
write_text(FILE *f, const struct job *j)
{
	static const char *const rows[] = { "equal weights", "and a temperature", "these weights" };

	fprintf(f, "%zu records, %zu speakers\n\nmodel               weight\n", j->of[0].n, j->of[0].speakers);
	for (size_t m = 0; m < j->n; m++) {
		print_padded(f, j->name[m], -18);
		fprintf(f, "  %6.4f\n", j->blend.weight[m]);
	}
	fprintf(f, "\n                    log loss (nats)  calibration error\n");
	for (int i = 0; i < 3; i++)
		fprintf(f, "%-18s  %15.4f  %17.4f\n", rows[i], j->blend.log_loss[i], j->blend.error[i]);
	fprintf(f, "\nnnpredict ");
	write_options(f, &j->blend);
}

static int
blend(struct job *j, char **operands, size_t n)
{
	struct io_out *out;
	int rc = ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = take_operand(j, operands[i]);
	if (rc != ST_OK || (rc = join(j)) != ST_OK || (rc = blend_fit(&j->blend)) != ST_OK ||
	    (rc = io_open(&out, common.out, false)) != ST_OK)
		return rc;
	if (only_options)
		write_options(io_stream(out), &j->blend);
	else
		write_text(io_stream(out), j);
	return io_close(out);
}

static int
run(char **operands, size_t n)
{
	struct job j = { 0 };
	int rc;

	if (n == 0)
		return err_set(ST_USAGE, "predictions are required, as NAME=PREDICTIONS.tsv (see --help)");
	rc = blend(&j, operands, n);
	for (size_t i = 0; i < j.n; i++) {
		predictions_free(&j.of[i]);
		free(j.name[i]);
	}
	mem_release(&j.memory);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
