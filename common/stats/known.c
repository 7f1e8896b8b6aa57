#include "stats/known.h"

#include <string.h>

#include "base/err.h"
#include "model/features.h"

int
known_read(struct known *s, const char *file, const struct meta *feature, const struct meta *extra)
{
	int rc = stats_read(&s->stats, file);

	if (rc == ST_OK && s->stats.is_model)
		rc = err_set(ST_DATA, "%s: this is a model; statistics of speakers are expected, as nnpredict --collect writes them",
		             file);
	for (size_t i = 0; i < extra->n && rc == ST_OK; i++) {
		const char *has = meta_get(&s->stats.extra, extra->item[i].name);

		if (has == NULL || strcmp(has, extra->item[i].value) != 0)
			rc = err_set(ST_DATA, "%s: its statistics are %s%s%s, not of %s=%s: nnpredict --collect with this model makes others",
			             file, has == NULL ? "of no " : "of ", extra->item[i].name, has == NULL ? "" : "=, of another model",
			             extra->item[i].name, extra->item[i].value);
	}
	if (rc == ST_OK)
		rc = features_check(feature, "the model", "was trained on", &s->stats.feature, file, "");
	if (rc == ST_OK && s->stats.speakers > 0 && s->stats.columns != s->columns)
		rc = err_set(ST_DATA, "%s: has %zu columns; %zu are expected", file, s->stats.columns, s->columns);
	return rc;
}

static int
begin(struct known *s)
{
	if (s->collect == NULL)
		s->collect = collect_new(&s->options);
	return s->collect == NULL ? ST_SYS : ST_OK;
}

int
known_add(struct known *s, const struct meta *record, const float *vector)
{
	int rc = begin(s);

	return rc == ST_OK ? collect_add(s->collect, record, vector, 1, s->columns) : rc;
}

int
known_finish(struct known *s)
{
	int rc = begin(s);

	return rc == ST_OK ? collect_finish(s->collect) : rc;
}

static int
find_collected(const struct known *s, const struct meta *record, struct known_speaker *known)
{
	struct moments m = { .mean = known->mean, .squares = known->variance };
	uint32_t place;
	int rc = collect_find(s->collect, record, s->columns, &place);

	if (rc != ST_OK)
		return rc;
	memset(m.mean, 0, s->columns * sizeof *m.mean);
	memset(m.squares, 0, s->columns * sizeof *m.squares);
	known->drawn = collect_drawn(s->collect, place);
	if ((rc = collect_get(s->collect, place, &m, &known->clips)) != ST_OK)
		return rc;
	for (size_t i = 0; m.n > 0 && i < s->columns; i++)
		known->variance[i] /= (double)m.n;
	return ST_OK;
}

int
known_find(const struct known *s, const struct meta *record, struct known_speaker *known)
{
	const char *group = collect_group(&s->options, record);
	const struct stats_speaker *speaker;

	known->drawn = false;
	if (s->collect != NULL)
		return find_collected(s, record, known);
	speaker = group == NULL ? NULL : stats_find(&s->stats, group, collect_kind(&s->options, record));
	known->clips = speaker == NULL ? 0 : speaker->clips;
	if (speaker == NULL)
		return ST_OK;
	memcpy(known->mean, speaker->mean, s->columns * sizeof *known->mean);
	memcpy(known->variance, speaker->variance, s->columns * sizeof *known->variance);
	return ST_OK;
}

int
known_write(const struct known *s, const char *file, const struct meta *feature, const struct meta *extra,
            const struct meta *pg)
{
	struct stats own = { 0 };
	int rc = collect_stats(s->collect, &own);

	if (rc == ST_OK && own.speakers == 0)
		rc = err_set(ST_DATA, "there is no record, and so no speaker for %s", file);
	if (rc == ST_OK && (rc = meta_copy(&own.feature, feature)) == ST_OK && (rc = meta_copy(&own.extra, extra)) == ST_OK &&
	    (rc = meta_copy(&own.pg, pg)) == ST_OK)
		rc = stats_write(&own, file);
	stats_free(&own);
	return rc;
}

void
known_free(struct known *s)
{
	collect_free(s->collect);
	stats_free(&s->stats);
	*s = (struct known){ 0 };
}
