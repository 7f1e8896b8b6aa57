#include "train/speech_floor.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

static const double rare = 0.001, margin = 0.5;

static double
floor_of(double *value, size_t n)
{
	double low, median;

	gsl_sort(value, 1, n);
	low = gsl_stats_quantile_from_sorted_data(value, 1, n, rare);
	median = gsl_stats_quantile_from_sorted_data(value, 1, n, 0.5);
	return low - margin * (median - low);
}

int
speech_floor_learn(enum speech_scale scale, const struct data_part *part, size_t bands, double *floor,
                   bool *learnt)
{
	double *value = mem_zero(part->n, SPEECH_MEASURES * sizeof *value), measure[SPEECH_MEASURES];
	struct data_pass pass = { .record = part->record, .n = part->n };
	size_t n = 0;
	int rc = value == NULL ? ST_SYS : ST_OK;

	for (size_t i = 0; i < part->n && rc == ST_OK; i++) {
		data_pass(&pass, i + 1);
		if (part->record[i]->variant)
			continue;
		rc = speech_measure(scale, part->record[i]->x, part->record[i]->rows, bands, measure);
		for (size_t m = 0; m < SPEECH_MEASURES && rc == ST_OK; m++)
			value[m * part->n + n] = measure[m];
		n++;
	}
	*learnt = rc == ST_OK && n >= SPEECH_FLOOR_LEAST;
	for (size_t m = 0; m < SPEECH_MEASURES && *learnt; m++)
		floor[m] = floor_of(value + m * part->n, n);
	free(value);
	return rc;
}
