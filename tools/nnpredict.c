/* nnpredict: one or more models' prediction for each record of a feature stream,
 * as it comes. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/tool.h"
#include "base/words.h"
#include "judge/labels.h"
#include "judge/predictions.h"
#include "judge/rows.h"
#include "model/features.h"
#include "model/predict.h"
#include "model/sources.h"
#include "model/variants.h"
#include "stats/known.h"
#include "stream/chunks.h"
#include "stream/provenance.h"

static const char *const averages[] = { "arithmetic", "geometric", NULL };
static struct opt_list with, besides;
static const char *labels_file, *weight_list, *column_list, *collect_file, *speakers_file, *group, *skew;
static bool own, leave_out, average_variants;
static long clips, seed;
static struct labels labels;
static bool as_json, as_tensor;
static const char *threshold_text = "0.4";
static double threshold, temperature = NAN, average_temperature = 1;
static bool check_speech = true;
static int average;
static long top, threads, max_record = TSR_MAX_RECORD >> 20, max_memory = NN_MAX_MEMORY >> 20;
static struct tool_skips skips;
static struct opt_common common = { .feeds = true };

static const struct opt opts[] = {
	OPT(LIST, "with", &with, "MODEL[=STREAM]",
	    "average with this model's probabilities, which reads STREAM; may be given again"),
	OPT(LIST, "beside", &besides, "NAME=STREAM", "the net's input NAME reads STREAM; may be given again"),
	OPT_PG(TEXT, "weights", &weight_list, "LIST", "weights of the models in the average, MODEL's first; else equal",
	    .unsaid = "none"),
	OPT_PG(CHOICE, "average", &average, "NAME", "the mean of the probabilities", .choices = averages,
	    .unsaid = "arithmetic"),
	OPT_PG(FLAG, "average-variants", &average_variants, NULL,
	    "average records that augment made with those they were made of", .unsaid = "no"),
	OPT_PG(NUM, "average-temperature", &average_temperature, "X", "temper the mean with X", .min = 1e-3, .max = 1e3,
	    .unsaid = "1"),
	OPT(TEXT, "threshold", &threshold_text, "X",
	    "predict UNCERTAIN where the confidence is below X; auto: the model's own"),
	OPT_PG(NUM, "temperature", &temperature, "X", "temper with X, not the model's temperature; 1: not at all",
	    .min = 1e-3, .max = 1e3),
	OPT(YES_NO, "check-speech", &check_speech, "yes|no", "predict NOSPEECH where the record is not as lively as speech"),
	OPT(INT, "top", &top, "N", "write the N most probable classes, not all; 0: all", .max = 1e6),
	OPT(TEXT, "collect", &collect_file, "FILE", "also write what speakernorm sees of each speaker to FILE",
	    .file = OPT_WRITES),
	OPT(TEXT, "speakers", &speakers_file, "FILE", "know the speakers that --collect has written", .file = OPT_READS),
	OPT_PG(FLAG, "own", &own, NULL, "know the stream's speakers by its own records, which are read twice",
	    .unsaid = "no"),
	OPT_PG(FLAG, "leave-one-out", &leave_out, NULL, "the same, each record by the speaker's others", .unsaid = "no"),
	OPT_PG(INT, "clips", &clips, "N", "the same, by N recordings of each speaker, drawn at random; 0 is all",
	    .max = 1e15, .unsaid = "0"),
	OPT_PG(TEXT, "skew", &skew, "LABEL", "draw recordings with that label first", .unsaid = "none"),
	OPT_PG(TEXT, "group", &group, "NAME", "take all records as recordings of that speaker", .unsaid = "none"),
	OPT_PG(INT, "seed", &seed, "N", "seed of the random numbers", .letter = 's', .max = 9007199254740992.0,
	    .unsaid = "0"),
	OPT(TEXT, "columns", &column_list, "LIST", "also write these metadata fields of the records, as sex,intensity"),
	OPT(TEXT, "labels", &labels_file, "FILE", "show classes by the names that FILE has for them", .find = FIND_LABELS),
	OPT(FLAG, "json", &as_json, NULL, "write JSON, an object a line, instead of TSV"),
	OPT(FLAG, "tensor", &as_tensor, NULL, "write a scores stream instead of TSV"),
	OPT_SKIP(&skips.most),
	OPT_THREADS(&threads),
	OPT_MAXREC(&max_record),
	OPT(INT, "max-memory", &max_memory, "MIB", "largest net", .min = 1, .max = 1 << 30),
	OPT_PROFILE(&common.profile),
};
static const char *const uses[] = { "MODEL [STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("nnpredict", "classify the records of feature streams", .first = FIND_MODEL);

/* Whether it is written what is known of the speakers. */
static bool says_protocol;

/* The models' prediction for a record. */
struct slot {
	const struct tsr_chunk **record; /* of each source */
	struct tsr_chunk *beside;        /* what record[1] and on point to */
	struct known_speaker known;     /* of the speaker */
	struct predict_request request;
	double *p;               /* of each class */
	bool speech;             /* it may be */
};

struct job {
	struct predict predict;
	struct variants variants; /* --average-variants: all records of them, until the input ends */
	struct meta pg;           /* and the provenance of their streams */
	struct sources sources; /* besides the operands */
	struct known speakers;
	bool knows;             /* their statistics are there */
	bool only_collects;     /* the stream is read for them, before it is read again */
	bool was_collected;     /* and has been */
	uint64_t left_out;      /* records that are among the statistics */
	uint64_t written;       /* the others */
	struct io_out *text;    /* TSV and JSON */
	struct tsr_writer *out; /* --tensor */
	struct slot *slot;
	size_t slots;
	struct rows rows;
	const char **shown_as; /* of each class; the table's or the model's */
	char **column;         /* metadata fields to write */
	size_t columns;
	struct mem_pool memory;
};

/* Whether the records' vectors are required in this reading. */
static bool
collects(const struct job *j)
{
	return j->only_collects || (collect_file != NULL && !j->was_collected);
}

/* Recordings that are known of the speaker, the most of what a stream says (enrolled=) and
 * what speakernorm is told. */
static double
enrolled(const struct job *j, const struct slot *s)
{
	double most = (double)s->known.clips;

	for (size_t i = 0; i <= j->sources.n; i++) {
		const char *text = meta_get(&s->record[i]->meta, "enrolled");
		double n = text == NULL ? 0 : strtod(text, NULL);

		most = n > most ? n : most;
	}
	return most;
}

static int
write_row(struct job *j, const struct row *r)
{
	uint64_t classes = predict_classes(&j->predict);

	if (as_tensor)
		return tsr_record(j->out, TSR_F64, 1, &classes, r->meta, r->p);
	rows_write(&j->rows, io_stream(j->text), r);
	return ST_OK;
}

static int
record(void *ctx, size_t slot, struct tsr_chunk *in)
{
	struct job *j = ctx;
	const struct slot *s = &j->slot[slot];
	struct row row = { .meta = &in->meta, .p = s->p, .speech = s->speech };
	int rc;

	if (collects(j) && (rc = known_add(&j->speakers, &in->meta, s->request.speaker.seen)) != ST_OK) {
		rc = err_prefix("%s", tsr_where(in));
		return tool_skip(&skips, rc) ? ST_OK : rc;
	}
	j->left_out += s->known.drawn;
	if (j->only_collects || s->known.drawn)
		return ST_OK;
	j->written++;
	row.enrolled = enrolled(j, s);
	if (!average_variants)
		return write_row(j, &row);
	rc = variants_add(&j->variants, row.meta, row.p, row.speech, row.enrolled);
	return rc == ST_OK ? ST_OK : err_prefix("%s", tsr_where(in));
}

/* pg: of what the records come from. */
static int
begin_scores(struct job *j, const struct meta *pg)
{
	struct meta meta = { 0 };
	int rc = meta_add(&meta, "type", "scores");

	for (size_t i = 0; i < predict_classes(&j->predict) && rc == ST_OK; i++)
		rc = meta_add(&meta, "class", "%s", predict_names(&j->predict)[i]);
	if (rc == ST_OK)
		rc = features_copy_pg(&meta, pg);
	if (rc == ST_OK)
		rc = sources_copy_pg(&j->sources, &meta);
	if (rc == ST_OK && (rc = provenance_add(&tool, &meta)) == ST_OK)
		rc = tsr_head(j->out, &meta);
	meta_clear(&meta);
	return rc;
}

static int
head(void *ctx, const struct tsr_chunk *in)
{
	struct job *j = ctx;
	int rc = predict_check_head(&j->predict, 0, in);

	if (rc != ST_OK || j->only_collects)
		return rc;
	if (!as_tensor)
		return ST_OK;
	return average_variants ? features_copy_pg(&j->pg, &in->meta) : begin_scores(j, &in->meta);
}

/* Predicting */

static int
arrive(void *ctx, size_t slot, const struct tsr_chunk *record)
{
	struct job *j = ctx;

	return sources_take(&j->sources, record, j->slot[slot].beside);
}

static bool
ready(void *ctx)
{
	const struct job *j = ctx;

	return sources_ready(&j->sources);
}

/* Fills the slot's request. */
static int
ask(struct job *j, struct slot *s, const struct tsr_chunk *record)
{
	int rc = ST_OK;

	s->record[0] = record;
	if (j->knows && (rc = known_find(&j->speakers, &record->meta, &s->known)) == ST_OK)
		s->request.speaker.clips = s->known.clips;
	return rc;
}

static void
together(void *ctx, int worker, size_t slot, size_t n, const struct tsr_chunk *const *record)
{
	struct job *j = ctx;
	struct predict_request *r[CHUNKS_TOGETHER];
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (ask(j, &j->slot[slot + i], record[i]) == ST_OK)
			r[count++] = &j->slot[slot + i].request;
	predict_together(&j->predict, (size_t)worker, r, count);
}

static int
work(void *ctx, int worker, size_t slot, const struct tsr_chunk *record)
{
	struct job *j = ctx;
	struct slot *s = &j->slot[slot];
	int rc;

	s->speech = true;
	if (!s->request.ran && (rc = ask(j, s, record)) != ST_OK)
		return rc;
	rc = predict_record(&j->predict, (size_t)worker, &s->request, s->p);
	return rc == ST_OK && check_speech ? predict_is_speech(&j->predict, s->record, &s->speech) : rc;
}

static int
end(void *ctx)
{
	const struct job *j = ctx;

	return as_tensor && !j->only_collects && !average_variants ? tsr_end(j->out) : ST_OK;
}

static bool
skip(int status)
{
	return tool_skip(&skips, status);
}

/* What was skipped when the stream was read first was named then. */
static bool
skip_again(int status)
{
	return status == ST_DATA && skips.n > 0;
}

/* Each prediction is seen at once. */
static int
flush(void *ctx)
{
	const struct job *j = ctx;

	return as_tensor ? tsr_flush(j->out) : io_flush(j->text);
}

/* Setting up */

/* "auto" is looked up once the models are there. */
static int
set_threshold(const struct predict *p)
{
	char *end;

	if (strcmp(threshold_text, "auto") == 0) {
		int rc = p == NULL ? ST_OK : predict_threshold(p, &threshold);

		if (rc == ST_OK && isinf(threshold) && !common.quiet)
			tool_say("no confidence kept the risk required in training: all is UNCERTAIN");
		return rc;
	}
	threshold = strtod(threshold_text, &end);
	if (end == threshold_text || *end != '\0' || !(threshold >= 0 && threshold <= 1))
		return err_set(ST_USAGE, "--threshold: %s is neither a number from 0 to 1 nor auto", threshold_text);
	return ST_OK;
}

/* Whether the table, or JSON, has a column of that name without being asked. */
static bool
is_own_column(const char *name)
{
	static const char *const others[] = { "end", "confidence", "protocol" };
	size_t letters = strncmp(name, "top", 3) == 0 ? 3 : name[0] == 'p';

	for (size_t i = 0; i < PREDICTIONS_COLUMNS; i++)
		if (strcmp(name, predictions_columns[i]) == 0)
			return true;
	for (size_t i = 0; i < OPT_COUNT(others); i++)
		if (strcmp(name, others[i]) == 0)
			return true;
	return strncmp(name, "p.", 2) == 0 || (letters > 0 && name[letters + strspn(name + letters, "0123456789")] == '\0');
}

static int
set_columns(struct job *j)
{
	int rc = words_split(column_list, &j->column, &j->columns);

	for (size_t i = 0; i < j->columns && rc == ST_OK; i++) {
		const char *name = j->column[i];

		if (is_own_column(name) || words_index(j->column, i, name) < i)
			rc = err_set(ST_USAGE, "--columns: there is a column '%s' already", name);
		else if (!meta_is_name(name))
			rc = err_set(ST_USAGE, "--columns: '%s' cannot be a metadata name", name);
	}
	return rc;
}

static int
name_classes(struct job *j, size_t classes)
{
	size_t n = classes + 2; /* with what is predicted instead of a class */
	const char **name = mem_take(&j->memory, n, sizeof *name);
	bool renamed = labels_file == NULL;
	int rc = name == NULL ? ST_SYS : renamed ? ST_OK : labels_read(&labels, labels_file);

	j->shown_as = name;
	if (rc != ST_OK)
		return rc;
	memcpy(name, predict_names(&j->predict), classes * sizeof *name);
	name[classes] = PREDICTIONS_UNCERTAIN;
	name[classes + 1] = PREDICTIONS_NOSPEECH;
	rc = labels_check(&labels, name, n);
	for (size_t i = 0; i < classes; i++) {
		name[i] = labels_show(&labels, name[i]);
		renamed |= strcmp(name[i], predict_names(&j->predict)[i]) != 0;
	}
	if (rc == ST_OK && !renamed && !common.quiet)
		tool_say("%s renames none of the model's classes", labels_file);
	return rc;
}

/* For a first operand that is no model: adds what to type. */
static int
explain_operands(char **operands, size_t n)
{
	static const char expected[] = "a model stream is expected";
	const char *ending = strrchr(operands[0], '.');
	bool features = strstr(err_text(), expected) != NULL, swapped;
	struct model second = { 0 };
	struct err_kept kept;
	int rc;

	err_keep(&kept, ST_DATA);
	swapped = n > 1 && model_read_head(&second, operands[1]) == ST_OK;
	model_free(&second);
	rc = err_recall(&kept);
	if (features)
		return err_set(rc, "%s first: nnpredict %s %s", err_text(), swapped ? operands[1] : "MODEL", operands[0]);
	if (swapped)
		return err_set(rc, "%s; the model comes first: nnpredict %s", err_text(), operands[1]);
	if (ending != NULL && strcmp(ending, ".net") == 0)
		return err_set(rc, "%s; nntrain --net %s makes a model", err_text(), operands[0]);
	return rc;
}

/* The source that reads this stream, a new one where it is named for the first time. */
static int
find_source(struct job *j, const char *file, size_t *source)
{
	int rc;

	*source = sources_find(&j->sources, file);
	if (*source > 0)
		return ST_OK;
	if ((rc = clash_input(&common.clash, file, NULL)) == ST_OK)
		rc = sources_add(&j->sources, file);
	*source = j->sources.n;
	return rc;
}

/* MODEL, or MODEL=STREAM. */
static int
add_with(struct job *j, const char *text, bool stdin_taken)
{
	const char *equals = access(text, F_OK) == 0 ? NULL : strchr(text, '='), *stream = equals == NULL ? NULL : equals + 1;
	char *part = equals == NULL ? NULL : mem_take(&j->memory, (size_t)(equals - text) + 1, 1);
	const char *model = equals == NULL ? text : part;
	size_t source = 0;
	int rc;

	if (model == NULL)
		return ST_SYS;
	if (equals != NULL)
		memcpy(part, text, (size_t)(equals - text));
	if (equals != NULL && (equals == text || stream[0] == '\0'))
		return err_set(ST_USAGE, "--with: '%s' is neither MODEL nor MODEL=STREAM", text);
	if (stream != NULL && strcmp(stream, "-") == 0 && stdin_taken)
		return err_set(ST_USAGE, "--with %s: standard input is read already", text);
	if ((rc = opt_find(&tool, FIND_MODEL, &model)) == ST_OK && stream != NULL)
		rc = find_source(j, stream, &source);
	return rc == ST_OK ? predict_add(&j->predict, model, source) : rc;
}

/* A,B,... for the models in their order. */
static int
set_weights(struct predict *p)
{
	const char *rest = weight_list, *s = weight_list;
	double sum = 0;
	size_t n = 0;
	char *end;

	for (; rest != NULL && n < p->members; n++) {
		double x = strtod(s, &end);

		if (end == s || !(x >= 0 && x <= 1e9) || (*end != ',' && *end != '\0'))
			return err_set(ST_USAGE, "--weights: '%s' is no list of numbers from 0 on", weight_list);
		p->member[n].weight = x;
		sum += x;
		rest = *end == ',' ? end + 1 : NULL;
		s = end + 1;
	}
	if (rest != NULL || n < p->members)
		return err_set(ST_USAGE, "--weights: '%s' has %s numbers than there are models (%zu)", weight_list,
		               rest != NULL ? "more" : "fewer", p->members);
	return sum > 0 ? ST_OK : err_set(ST_USAGE, "--weights: one above 0 is required");
}

/* NAME=STREAM */
static int
add_beside(struct job *j, const char *text, bool stdin_taken)
{
	const char *equals = strchr(text, '=');
	char *name = equals == NULL ? NULL : mem_take(&j->memory, (size_t)(equals - text) + 1, 1);
	size_t source;
	bool found;
	int rc;

	if (equals == NULL || equals == text || equals[1] == '\0')
		return err_set(ST_USAGE, "--beside: '%s' is not NAME=STREAM", text);
	if (name == NULL)
		return ST_SYS;
	memcpy(name, text, (size_t)(equals - text));
	if (strcmp(equals + 1, "-") == 0 && stdin_taken)
		return err_set(ST_USAGE, "--beside %s: standard input is read already", text);
	if ((rc = find_source(j, equals + 1, &source)) != ST_OK)
		return rc;
	predict_beside(&j->predict, name, source, &found);
	return found ? ST_OK : err_set(ST_USAGE, "--beside: no model's net has an input '%s'", name);
}

static int
add_models(struct job *j, char **operands, size_t n)
{
	const char *model = operands[0];
	bool stdin_taken = n == 1;
	int rc = opt_find(&tool, FIND_MODEL, &model);

	if (rc == ST_OK && (rc = predict_add(&j->predict, model, 0)) == ST_DATA)
		rc = explain_operands(operands, n);
	for (size_t i = 1; i < n; i++)
		stdin_taken |= strcmp(operands[i], "-") == 0;
	for (size_t i = 0; i < with.n && rc == ST_OK; i++)
		rc = add_with(j, with.item[i], stdin_taken);
	for (size_t i = 0; i < besides.n && rc == ST_OK; i++)
		rc = add_beside(j, besides.item[i], stdin_taken);
	j->predict.temperature = isnan(temperature) ? 0 : temperature;
	j->predict.average_temperature = average_variants ? 1 : average_temperature;
	j->predict.geometric = average == 1;
	return rc == ST_OK && weight_list != NULL ? set_weights(&j->predict) : rc;
}

static int
make_slots(struct job *j, size_t classes)
{
	j->slots = chunks_slots((int)j->predict.workers, true);
	j->slot = mem_take(&j->memory, j->slots, sizeof *j->slot);
	j->rows.rank = mem_take(&j->memory, classes, sizeof *j->rows.rank);
	for (size_t i = 0; j->slot != NULL && i < j->slots; i++) {
		struct slot *s = &j->slot[i];

		s->p = mem_take(&j->memory, classes, sizeof(double));
		s->record = mem_take(&j->memory, j->sources.n + 1, sizeof(struct tsr_chunk *));
		s->beside = mem_take(&j->memory, j->sources.n, sizeof *s->beside);
		if (j->predict.speaker_values > 0) {
			s->known.mean = mem_take(&j->memory, j->predict.speaker_values, sizeof(double));
			s->known.variance = mem_take(&j->memory, j->predict.speaker_values, sizeof(double));
			s->request.speaker.seen = mem_take(&j->memory, j->predict.speaker_values, sizeof(float));
		}
		s->request.record = s->record;
		s->request.output = mem_take(&j->memory, j->predict.outputs, sizeof(real));
		s->request.speaker.mean = s->known.mean;
		s->request.speaker.variance = s->known.variance;
		for (size_t k = 0; k < j->sources.n && j->memory.status == ST_OK; k++)
			s->record[k + 1] = &s->beside[k];
	}
	return j->memory.status;
}

/* The features of the first model with a speakernorm. */
static const struct meta *
speaker_features(const struct predict *p)
{
	size_t i = 0;

	while (p->member[i].speaker_values == 0)
		i++;
	return &p->member[i].model.feature;
}

static int
open_speakers(struct job *j)
{
	const char *what = own ? "own" : leave_out ? "leave-one-out" : clips > 0 ? "clips" : collect_file != NULL ? "collect" :
	                   speakers_file != NULL ? "speakers" : NULL;
	struct meta extra = { 0 };
	int rc = ST_OK;

	says_protocol = j->predict.speaker_values > 0;
	for (size_t i = 0; i < j->predict.members; i++)
		says_protocol |= meta_get(&j->predict.member[i].model.feature, "cmvn") != NULL;
	if (what != NULL && j->predict.speaker_values == 0)
		return err_set(ST_DATA, "%s: --%s is for nets with a speakernorm layer; features are standardised by cmvn",
		               j->predict.member[0].file, what);
	j->speakers = (struct known){ .columns = j->predict.speaker_values,
		.options = { .group = group, .leave_out = leave_out, .clips = (uint64_t)clips, .seed = (uint64_t)seed,
		             .skew = skew } };
	if (speakers_file != NULL && (rc = predict_describe(&j->predict, &extra)) == ST_OK)
		rc = known_read(&j->speakers, speakers_file, speaker_features(&j->predict), &extra);
	j->knows = speakers_file != NULL;
	meta_clear(&extra);
	return rc;
}

static int
open_all(struct job *j, char **operands, size_t n)
{
	size_t classes;
	int rc = add_models(j, operands, n);

	j->predict.limit = (uint64_t)max_memory << 20;
	if (rc != ST_OK || (rc = predict_begin(&j->predict, opt_threads(threads))) != ST_OK ||
	    (rc = set_threshold(&j->predict)) != ST_OK)
		return rc;
	classes = predict_classes(&j->predict);
	j->sources.predict = &j->predict;
	j->variants = (struct variants){ .classes = classes, .geometric = average == 1, .temperature = average_temperature };
	if ((rc = make_slots(j, classes)) != ST_OK || (rc = name_classes(j, classes)) != ST_OK ||
	    (rc = j->memory.status) != ST_OK || (rc = open_speakers(j)) != ST_OK)
		return rc;
	j->rows = (struct rows){ .json = as_json, .labels = &labels, .class = j->shown_as, .classes = classes,
		.shown = top > 0 && (size_t)top < classes ? (size_t)top : classes, .ranked = top > 0, .rank = j->rows.rank,
		.threshold = threshold, .protocol = says_protocol, .column = j->column, .columns = j->columns };
	return as_tensor ? tsr_create(&j->out, common.out) : io_open(&j->text, common.out, false);
}

/* Runs over all records once. */
static int
read_all(struct job *j, char **streams, size_t n)
{
	const struct chunks chunks = { .threads = (int)j->predict.workers, .ctx = j, .arrive = arrive, .ready = ready,
		.together = together, .work = work, .head = head, .record = record, .end = end, .skip = j->was_collected ? skip_again : skip,
		.flush = j->only_collects ? NULL : flush };
	int rc = sources_open(&j->sources, (uint64_t)max_record << 20);

	if (rc == ST_OK)
		rc = chunks_files(&chunks, streams, n, (uint64_t)max_record << 20);
	return sources_end(&j->sources, rc, n == 0 || strcmp(streams[0], "-") == 0 ? "standard input" : streams[0]);
}

static int
check_rereadable(const char *file)
{
	struct stat st;

	if (strcmp(file, "-") != 0 && (stat(file, &st) != 0 || S_ISREG(st.st_mode)))
		return ST_OK;
	return err_set(ST_DATA, "%s: the stream is read twice to know its speakers, so it must be a file",
	               strcmp(file, "-") == 0 ? "standard input" : file);
}

/* --own: what speakernorm sees of all records, before any is predicted. */
static int
collect_own(struct job *j, char **streams, size_t n)
{
	int rc = n == 0 ? check_rereadable("-") : ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = check_rereadable(streams[i]);
	for (size_t i = 1; i <= j->sources.n && rc == ST_OK; i++)
		rc = check_rereadable(sources_file(&j->sources, i));
	j->only_collects = true;
	if (rc == ST_OK && (rc = read_all(j, streams, n)) == ST_OK)
		rc = known_finish(&j->speakers);
	j->only_collects = false;
	j->was_collected = j->knows = true;
	return rc;
}

static int
write_collected(struct job *j)
{
	struct meta extra = { 0 }, pg = { 0 };
	int rc = j->was_collected ? ST_OK : known_finish(&j->speakers);

	if (rc == ST_OK && (rc = predict_describe(&j->predict, &extra)) == ST_OK && (rc = provenance_add(&tool, &pg)) == ST_OK)
		rc = known_write(&j->speakers, collect_file, speaker_features(&j->predict), &extra, &pg);
	meta_clear(&extra);
	meta_clear(&pg);
	return rc;
}

/* --average-variants: what was held until now. */
static int
write_variants(struct job *j)
{
	struct variants *v = &j->variants;
	int rc = as_tensor ? begin_scores(j, &j->pg) : ST_OK;

	variants_finish(v);
	for (size_t i = 0; i < v->n && rc == ST_OK; i++) {
		const struct variants_recording *r = &v->recording[i];

		rc = write_row(j, &(struct row){ &r->meta, r->p, r->speech, r->enrolled });
	}
	if (rc == ST_OK && v->missing > 0 && !common.quiet)
		tool_say("%zu of %zu recordings are not there themselves, only variants of them", v->missing, v->n);
	return rc == ST_OK && as_tensor ? tsr_end(j->out) : rc;
}

static int
predict_all(struct job *j, char **streams, size_t n)
{
	bool twice = own || leave_out || clips > 0;
	int rc = twice ? collect_own(j, streams, n) : ST_OK;

	if (rc == ST_OK)
		rc = read_all(j, streams, n);
	if (rc == ST_OK && average_variants)
		rc = write_variants(j);
	return rc == ST_OK && collect_file != NULL ? write_collected(j) : rc;
}

static int
finish(struct job *j)
{
	int rc;

	if (!as_tensor)
		rows_end(&j->rows, io_stream(j->text));
	rc = as_tensor ? tsr_finish(j->out) : io_close(j->text);
	j->out = NULL;
	j->text = NULL;
	if (rc == ST_OK && skips.n > 0 && !common.quiet)
		tool_say("%ld bad record%s left out", skips.n, skips.n == 1 ? "" : "s");
	if (rc == ST_OK && j->left_out > 0 && !common.quiet)
		tool_say("%" PRIu64 " records of the recordings that --clips has drawn are left out%s", j->left_out,
		         j->written > 0 ? "" : ", and no other is there: a smaller N leaves some, --leave-one-out all");
	return rc;
}

static void
release(struct job *j)
{
	tsr_abort(j->out);
	io_abort(j->text);
	for (size_t i = 0; j->memory.status == ST_OK && i < j->slots; i++)
		for (size_t k = 0; k < j->sources.n; k++)
			tsr_clear(&j->slot[i].beside[k]);
	sources_free(&j->sources);
	known_free(&j->speakers);
	variants_free(&j->variants);
	meta_clear(&j->pg);
	free(j->column);
	mem_release(&j->memory);
	labels_free(&labels);
	predict_free(&j->predict);
}

static int
run(char **operands, size_t n)
{
	struct job j = { 0 };
	int rc;

	if (n < 1)
		return err_set(ST_USAGE, "a model is required, then features: nnpredict MODEL [STREAM...] (sertools list models names models)");
	if (as_json && as_tensor)
		return err_set(ST_USAGE, "--json and --tensor exclude each other");
	if (labels_file != NULL && as_tensor)
		return err_set(ST_USAGE, "--labels is for people; --tensor keeps the model's names");
	if (speakers_file != NULL && (own || leave_out || clips > 0))
		return err_set(ST_USAGE, "--speakers knows them from a file, --%s from the stream", own ? "own" : leave_out ?
		               "leave-one-out" : "clips");
	if (skew != NULL && clips == 0)
		return err_set(ST_USAGE, "--skew says which of --clips N are drawn first; how many?");
	if (as_tensor && column_list != NULL)
		return err_set(ST_USAGE, "--columns is for tables; --tensor keeps all metadata");
	if ((rc = set_threshold(NULL)) == ST_OK && (rc = set_columns(&j)) == ST_OK)
		rc = open_all(&j, operands, n);
	if (rc == ST_OK)
		rc = predict_all(&j, operands + 1, n - 1);
	if (rc == ST_OK)
		rc = finish(&j);
	release(&j);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
