/* nntrain: trains a net on feature streams and writes the model. What it does
 * with examples is common/nn's work; here is what the options mean. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/tool.h"
#include "stats/stats.h"
#include "stream/provenance.h"
#include "train/calibrate.h"
#include "train/checkpoint.h"
#include "train/session.h"
#include "train/speech_floor.h"

static const char *const optimizers[] = { "adam", "adamw", "sgd", NULL };   /* enum optim_kind */
static const char *const schedules[] = { "plateau", "cosine", "constant", "onecycle", NULL }; /* enum schedule_kind */
static const char *const losses[] = { "cross-entropy", "mse", NULL };       /* enum train_loss */
static const char *const weightings[] = { "none", "balanced", NULL };
static const char *const variants[] = { "all", "random", NULL };
static const char *const withins[] = { "batch", "group", NULL };
static const char *const keeps[] = { "best", "last", NULL };

static const char *net_file, *class_list, *history_file, *checkpoint_file, *resume_file, *init_file, *freeze_list, *batch_groups, *masks, *stats_file, *targets_file;
static struct opt_list valid_files, besides, abouts;
static struct meta about; /* to be known about the model */
static double targets_weight = NAN, temperature = NAN;
static double holdout = NAN, momentum = 0.9, weight_decay = 0.004, target_risk = 0.3, warmup = NAN;
static bool allow_overlap;
static int optimizer, weighting, keep, variant, within;
static bool calibrating = true;
static long seed, threads, max_record = TSR_MAX_RECORD >> 20, max_memory = NN_MAX_MEMORY >> 20;
static struct train_how how = { .epochs = 40, .epoch.batch = 64, .schedule = { SCHEDULE_PLATEAU, .rate = 5e-4, .floor = 1e-5 },
	.plateau_factor = 0.5, .plateau_patience = 4, .patience = 8, .loss = TRAIN_CROSS_ENTROPY };
static struct opt_common common = { .feeds = true };

static const struct opt opts[] = {
	OPT(TEXT, "net", &net_file, "FILE", "the layers, as net(5) says; with --init its own if not given",
	    .find = FIND_NET),
	OPT(LIST, "valid", &valid_files, "FILE", "a feature stream to validate with; may be given again",
	    .file = OPT_READS),
	OPT(LIST, "beside", &besides, "NAME=STREAM", "the net's input NAME reads STREAM, joined by key; may be given again"),
	OPT_PG(NUM, "holdout-groups", &holdout, "F", "validate with this fraction of the groups (3 at least), or this many",
	    .min = 1e-6, .max = 1e6),
	OPT_PG(FLAG, "allow-overlap", &allow_overlap, NULL, "let groups be in both training and validation"),
	OPT_PG(TEXT, "classes", &class_list, "LIST", "all classes, in order; otherwise the labels, sorted"),
	OPT_PG(INT, "epochs", &how.epochs, "N", "passes over the training records, at most", .min = 1, .max = 100000),
	OPT_PG(INT, "batch", &how.epoch.batch, "N", "records a step", .min = 1, .max = 65536),
	OPT_PG(TEXT, "batch-groups", &batch_groups, "GxN", "batches of N records of G groups each instead, as in 2x16"),
	OPT_PG(CHOICE, "variants", &variant, "NAME", "augmented variants in an epoch, with their recordings",
	    .choices = variants),
	OPT_PG(INT, "crop", &how.example.crop, "N", "train on N frames of each record, from a random one on; 0: all",
	    .max = 1 << 24),
	OPT_PG(TEXT, "masks", &masks, "AxF,BxW", "mask A times fewer than F frames, B times fewer than W bands, as in 2x24,2x10"),
	OPT_PG(NUM, "jitter", &how.example.jitter, "SD", "add a number to each example, of this deviation", .max = 100),
	OPT_PG(NUM, "input-noise", &how.example.noise, "SD", "add noise to each value, of this deviation", .max = 100),
	OPT_PG(NUM, "mixup", &how.example.mixup, "A", "mix examples by shares from Beta(A,A); 0: do not", .max = 1000),
	OPT_PG(CHOICE, "mixup-within", &within, "NAME", "what the examples that are mixed share", .choices = withins),
	OPT_PG(CHOICE, "loss", &how.loss, "NAME", "the loss to minimise", .choices = losses),
	OPT(TEXT, "targets", &targets_file, "FILE", "learn these predictions' probabilities beside the labels",
	    .file = OPT_READS),
	OPT_PG(NUM, "targets-weight", &targets_weight, "X", "their weight, that of the labels is the rest; 0.5 if not given",
	    .max = 1),
	OPT_PG(CHOICE, "class-weights", &weighting, "NAME", "weights of the classes in the loss", .choices = weightings),
	OPT_PG(NUM, "label-smoothing", &how.smoothing, "X", "fraction of the target spread over all classes", .max = 0.999),
	OPT_PG(CHOICE, "optimizer", &optimizer, "NAME", "how gradients become steps", .choices = optimizers),
	OPT_PG(NUM, "rate", &how.schedule.rate, "LR", "learning rate at the start, or the highest", .min = 1e-12, .max = 1000),
	OPT_PG(NUM, "momentum", &momentum, "X", "momentum of sgd", .max = 0.9999),
	OPT_PG(NUM, "weight-decay", &weight_decay, "X", "decay of adamw", .max = 1000),
	OPT_PG(NUM, "clip-norm", &how.clip_norm, "X", "scale gradients to this norm at most; 0: as they are", .max = 1e9),
	OPT_PG(CHOICE, "schedule", &how.schedule.kind, "NAME", "how the learning rate changes", .choices = schedules),
	OPT_PG(NUM, "warmup", &warmup, "X", "fraction of all steps in which the rate rises; 0.15 for onecycle", .max = 0.99),
	OPT_PG(NUM, "plateau-factor", &how.plateau_factor, "X", "what plateau multiplies the rate with", .min = 1e-6,
	    .max = 1),
	OPT_PG(INT, "plateau-patience", &how.plateau_patience, "N", "epochs without a better loss before it does", .min = 1,
	    .max = 1e6),
	OPT_PG(NUM, "rate-floor", &how.schedule.floor, "LR", "lowest learning rate", .max = 1000),
	OPT_PG(INT, "patience", &how.patience, "N", "epochs without a better loss before training ends; 0: never",
	    .max = 1e6),
	OPT_PG(NUM, "min-delta", &how.min_delta, "X", "a loss is better when it is smaller by more than X", .max = 1e9),
	OPT_PG(NUM, "ema", &how.average, "X", "average the weights over the steps with this decay; 0: do not", .max = 0.999999),
	OPT_PG(CHOICE, "keep", &keep, "NAME", "the epoch whose weights become the model", .choices = keeps),
	OPT_PG(YES_NO, "calibrate", &calibrating, "yes|no", "fit temperature and threshold to the validation records"),
	OPT_PG(NUM, "temperature", &temperature, "X", "keep this temperature in the model instead of one that is fitted", .min = 0.001,
	    .max = 1000),
	OPT_PG(NUM, "target-risk", &target_risk, "R", "fraction of wrong predictions that the threshold is to keep", .max = 1),
	OPT(TEXT, "init", &init_file, "MODEL", "begin with the weights of this model", .find = FIND_MODEL, .over = "output"),
	OPT_PG(TEXT, "freeze", &freeze_list, "LAYERS", "leave these layers alone: names, numbers, 1-5, all-but-last"),
	OPT(TEXT, "stats", &stats_file, "FILE", "keep these statistics of cmvn --fit in the model", .file = OPT_READS),
	OPT(LIST, "about", &abouts, "NAME=TEXT", "keep this in the model, as licence='CC BY 4.0'; may be given again"),
	OPT(TEXT, "history", &history_file, "FILE", "write a line for each epoch (TSV)", .file = OPT_WRITES),
	OPT(TEXT, "checkpoint", &checkpoint_file, "FILE", "keep what --resume needs in FILE, written at each epoch's end",
	    .file = OPT_WRITES),
	OPT(TEXT, "resume", &resume_file, "FILE", "go on from a checkpoint; if it is --checkpoint's, it may be missing",
	    .file = OPT_READS, .over = "checkpoint"),
	OPT(INT, "pause-after", &how.pause, "N", "end after epoch N of --epochs, for --resume to go on from --checkpoint", .min = 1,
	    .max = 100000),
	OPT_SEED(&seed),
	OPT_THREADS(&threads),
	OPT_PROFILE(&common.profile),
	OPT_MAXREC(&max_record),
	OPT(INT, "max-memory", &max_memory, "MIB", "largest net, with what training it takes", .min = 1, .max = 1 << 30),
};
static const char *const uses[] = { "--net FILE [-o MODEL] [STREAM...]", "--init MODEL [-o MODEL] [STREAM...]", NULL };
static const struct tool tool = OPT_TOOL("nntrain", "train a net on feature streams");

struct job {
	struct session s;
	struct tsr_writer *out; /* NULL for a file: see try_output */
	FILE *history;
	double started, epoch_started, shown; /* seconds */
	long steps; /* of this run */
};

/* "2x16", two whole numbers from the least on; moves *text behind them. */
static bool
read_pair(const char **text, long least, long *a, long *b)
{
	long *to[] = { a, b };

	for (int i = 0; i < 2; i++) {
		char *end;

		if (!isdigit((unsigned char)**text))
			return false;
		*to[i] = strtol(*text, &end, 10);
		if (*to[i] < least || *to[i] > 65536 || (i == 0 && *end++ != 'x'))
			return false;
		*text = end;
	}
	return true;
}

static int
read_groups(void)
{
	struct epoch_how *e = &how.epoch;
	const char *text = batch_groups;

	if (text == NULL)
		return ST_OK;
	if (opt_given(&tool, "batch"))
		return err_set(ST_USAGE, "--batch and --batch-groups exclude each other");
	if (!read_pair(&text, 1, &e->groups, &e->clips) || *text != '\0' || e->clips < 2 || e->groups * e->clips > 65536)
		return err_set(ST_USAGE, "--batch-groups: '%s' is not groups x records, 2 records or more, as in 2x16", batch_groups);
	return ST_OK;
}

static int
read_masks(void)
{
	struct example_how *e = &how.example;
	const char *text = masks;

	if (text == NULL)
		return ST_OK;
	if (!read_pair(&text, 0, &e->frame_masks, &e->frames) || *text++ != ',' ||
	    !read_pair(&text, 0, &e->band_masks, &e->bands) || *text != '\0')
		return err_set(ST_USAGE, "--masks: '%s' is not masks x frames, masks x bands, as in 2x24,2x10", masks);
	return ST_OK;
}

/* What --about says becomes pairs of the head. */
static int
read_about(void)
{
	for (size_t i = 0; i < abouts.n; i++) {
		char name[128];
		const char *text = abouts.item[i], *equals = strchr(text, '=');
		int n = equals == NULL ? 0 : snprintf(name, sizeof name, "about.%.*s", (int)(equals - text), text);

		if (n <= (int)strlen("about.") || (size_t)n >= sizeof name || !meta_is_name(name) || equals[1] == '\0')
			return err_set(ST_USAGE, "--about: '%.100s' is not NAME=TEXT, as licence='CC BY 4.0'", text);
		if (meta_get(&about, name) != NULL)
			return err_set(ST_USAGE, "--about: %s appears twice", name + strlen("about."));
		if (meta_add(&about, name, "%s", equals + 1) != ST_OK)
			return err_set(ST_USAGE, "--about: '%.100s' has a control character", text);
	}
	return ST_OK;
}

static int
check_options(void)
{
	if (net_file == NULL && init_file == NULL)
		return err_set(ST_USAGE, "--net or --init is required, as in --net crnn (sertools list nets names those there are)");
	if ((history_file != NULL && strcmp(history_file, "-") == 0) ||
	    (checkpoint_file != NULL && strcmp(checkpoint_file, "-") == 0))
		return err_set(ST_USAGE, "--history and --checkpoint require a file each: standard output is the model's");
	if (how.pause > 0 && checkpoint_file == NULL)
		return err_set(ST_USAGE, "--pause-after requires --checkpoint FILE, from which --resume FILE goes on");
	if (valid_files.n > 0 && !isnan(holdout))
		return err_set(ST_USAGE, "--valid and --holdout-groups exclude each other");
	if (holdout >= 1 && holdout != floor(holdout))
		return err_set(ST_USAGE, "--holdout-groups: %g is neither a fraction below 1 nor a whole number", holdout);
	if (how.loss == TRAIN_SQUARED && (how.smoothing > 0 || weighting > 0))
		return err_set(ST_USAGE, "--label-smoothing and --class-weights belong to --loss cross-entropy");
	if (how.schedule.kind == SCHEDULE_PLATEAU && warmup > 0)
		return err_set(ST_USAGE, "--warmup belongs to --schedule cosine, constant and onecycle");
	if (targets_file != NULL && how.loss == TRAIN_SQUARED)
		return err_set(ST_USAGE, "--targets belongs to --loss cross-entropy");
	if (targets_file == NULL && !isnan(targets_weight))
		return err_set(ST_USAGE, "--targets-weight belongs to --targets");
	how.soft = isnan(targets_weight) ? 0.5 : targets_weight;
	if (within > 0 && how.example.mixup == 0)
		return err_set(ST_USAGE, "--mixup-within belongs to --mixup, as in --mixup 0.2");
	how.epoch.seed = (uint64_t)seed;
	how.schedule.warmup = !isnan(warmup) ? warmup : how.schedule.kind == SCHEDULE_ONECYCLE ? 0.15 : 0;
	how.epoch.one_variant = variant == 1;
	how.balanced = weighting == 1;
	how.keep_last = keep == 1;
	how.example.seed = (uint64_t)seed;
	how.example.within = within == 1;
	return read_about() == ST_OK && read_groups() == ST_OK ? read_masks() : ST_USAGE;
}

/* Progress */

static int
write_row(FILE *f, const double *row)
{
	fprintf(f, "%.0f\t%.6f\t%.6f", row[TRAIN_EPOCH], row[TRAIN_LOSS], row[TRAIN_ACCURACY]);
	for (int c = TRAIN_VAL_LOSS; c <= TRAIN_VAL_UAR; c++)
		if (isnan(row[c]))
			fprintf(f, "\t-");
		else
			fprintf(f, "\t%.6f", row[c]);
	fprintf(f, "\t%.9g\t%.3f\t%.0f\n", row[TRAIN_RATE], row[TRAIN_SECONDS], row[TRAIN_BEST]);
	/* So that it can be followed during training. */
	return fflush(f) == 0 ? ST_OK : err_sys("%s", history_file);
}

static int
open_history(struct job *j)
{
	int rc = ST_OK;

	if (history_file == NULL)
		return ST_OK;
	j->history = fopen(history_file, "w");
	if (j->history == NULL)
		return err_sys("%s", history_file);
	fprintf(j->history, "epoch\tloss\taccuracy\tval_loss\tval_accuracy\tval_uar\trate\tseconds\tbest\n");
	for (long i = 0; i < j->s.train.state.epoch && rc == ST_OK; i++)
		rc = write_row(j->history, j->s.train.history[i]);
	return rc;
}

static void
say_epoch(const struct train *t, const double *row)
{
	char valid[128] = "";

	if (t->valid.n > 0)
		snprintf(valid, sizeof valid, "; validation loss %.4f, accuracy %.4f, UAR %.4f%s", row[TRAIN_VAL_LOSS],
		         row[TRAIN_VAL_ACCURACY], row[TRAIN_VAL_UAR], row[TRAIN_BEST] > 0 ? " (best)" : "");
	tool_say("epoch %.0f of %ld: loss %.4f, accuracy %.4f%s; rate %.3g, %.1f s", row[TRAIN_EPOCH], t->how.epochs,
	         row[TRAIN_LOSS], row[TRAIN_ACCURACY], valid, row[TRAIN_RATE], row[TRAIN_SECONDS]);
}

static int
on_epoch(struct train *t)
{
	struct job *j = t->ctx;
	const double *row = t->history[t->state.epoch - 1];
	int rc = ST_OK;

	j->epoch_started = clock_seconds();
	if (common.verbose && !common.quiet)
		say_epoch(t, row);
	if (j->history != NULL)
		rc = write_row(j->history, row);
	if (rc == ST_OK && checkpoint_file != NULL)
		rc = checkpoint_save(checkpoint_file, &j->s.model, t, j->s.records);
	return rc;
}

/* The progress line; the time left is what all epochs would take, or those until the pause. */
static void
on_step(struct train *t, size_t batch)
{
	struct job *j = t->ctx;
	long last = t->how.pause > 0 && t->how.pause < t->how.epochs ? t->how.pause : t->how.epochs;
	double at = clock_seconds(), left;

	j->steps++;
	if (at - j->shown < 0.1 || common.quiet)
		return;
	j->shown = at;
	left = (double)t->epoch.batches * (double)(last - t->state.epoch) - (double)batch;
	left *= (at - j->started) / (double)j->steps;
	tool_progress("epoch %ld/%ld  batch %zu/%zu  loss %.4f  %.0f records/s  %.0f:%02.0f left", t->state.epoch + 1,
	              t->how.epochs, batch, t->epoch.batches, t->loss_sum / (double)t->seen,
	              (double)t->seen / (at - j->epoch_started), floor(left / 60), floor(fmod(left, 60)));
}

static int
resume(struct job *j)
{
	const struct train *t = &j->s.train;
	int rc;

	if (resume_file == NULL)
		return ST_OK;
	if (access(resume_file, F_OK) != 0) {
		if (errno != ENOENT || checkpoint_file == NULL || strcmp(resume_file, checkpoint_file) != 0)
			return err_set(ST_DATA, "%s: %s", resume_file, strerror(errno));
		return ST_OK; /* a recipe's first run */
	}
	rc = checkpoint_load(resume_file, &j->s.model, &j->s.train, j->s.records);
	if (rc == ST_OK && t->how.pause > 0 && t->state.epoch > t->how.pause)
		rc = err_set(ST_DATA, "%s: this checkpoint is of epoch %ld; --pause-after %ld requires one of an epoch before it, or none",
		             resume_file, t->state.epoch, t->how.pause);
	return rc;
}

/* Where no epoch was left to do, another checkpoint than that which was read would be missing. */
static int
keep_checkpoint(struct job *j)
{
	if (j->steps > 0 || checkpoint_file == NULL || resume_file == NULL || strcmp(checkpoint_file, resume_file) == 0)
		return ST_OK;
	return checkpoint_save(checkpoint_file, &j->s.model, &j->s.train, j->s.records);
}

static void
say_calibration(const struct calibrate *c, size_t n)
{
	if (!common.verbose || common.quiet)
		return;
	tool_say("temperature %.4f: log loss %.4f to %.4f, calibration error %.4f to %.4f on %zu validation records",
	         c->temperature, c->log_loss[0], c->log_loss[1], c->error[0], c->error[1], n);
	if (isfinite(c->threshold))
		tool_say("threshold %.4f, for a risk of at most %g: %.1f %% of them get a prediction", c->threshold, c->target_risk,
		         100 * c->coverage);
	else
		tool_say("no threshold keeps the risk at %g for sure", c->target_risk);
}

/* What the model can know of its own confidence, and of speech. */
static int
calibrate(struct job *j)
{
	struct calibrate c = { .target_risk = target_risk };
	struct model *m = &j->s.model;
	enum speech_scale scale = speech_scale(&m->feature, m->rank);
	int rc = ST_OK;

	if (!isnan(temperature)) {
		m->temperature = temperature;
	} else if (calibrating && j->s.train.valid.n > 0 && j->s.train.kind == OUTPUT_SOFTMAX) {
		if ((rc = calibrate_fit(&c, &j->s.train)) != ST_OK)
			return rc;
		m->temperature = c.temperature;
		m->threshold = c.threshold;
		say_calibration(&c, j->s.train.valid.n);
	}
	if (scale != SPEECH_NONE)
		rc = speech_floor_learn(scale, &j->s.train.train, m->shape[1], m->floor, &m->knows_speech);
	return rc;
}

static int
train(struct job *j)
{
	struct train *t = &j->s.train;
	int rc;

	if ((rc = resume(j)) != ST_OK || (rc = open_history(j)) != ST_OK)
		return rc;
	t->ctx = j;
	t->on_epoch = on_epoch;
	t->on_step = on_step;
	j->started = j->epoch_started = clock_seconds();
	if ((rc = train_run(t)) != ST_OK || (rc = keep_checkpoint(j)) != ST_OK)
		return rc;
	train_keep(t);
	tool_progress("%s", "");
	if (!common.quiet && (common.verbose || isatty(STDERR_FILENO)))
		tool_say("the weights of epoch %ld of %ld are kept%s", train_kept_epoch(t), t->state.epoch,
		         t->state.finished ? "" : "; the training is paused");
	if (j->history != NULL && fclose(j->history) != 0)
		rc = err_sys("%s", history_file);
	j->history = NULL;
	return rc == ST_OK ? calibrate(j) : rc;
}

/* Tries the output before the work, as it would be a pity to find it
 * unwritable in the end. A regular file is opened anew then, so that a training
 * that is killed leaves nothing behind. */
static int
try_output(struct job *j)
{
	struct stat st;
	int rc = tsr_create(&j->out, common.out);

	if (rc != ST_OK || common.out == NULL || strcmp(common.out, "-") == 0 ||
	    (stat(common.out, &st) == 0 && !S_ISREG(st.st_mode)))
		return rc;
	tsr_abort(j->out);
	j->out = NULL;
	return ST_OK;
}

static int
write_model(struct job *j)
{
	const struct train *t = &j->s.train;
	int rc = meta_add(&j->s.model.extra, "epoch", "%ld", train_kept_epoch(t));

	/* Checkpoints are held against the line as it is without. */
	if (rc == ST_OK && !t->state.finished)
		rc = meta_extend(&j->s.model.pg, " pause-after=%ld", t->state.epoch);
	if (rc == ST_OK && j->out == NULL)
		rc = tsr_create(&j->out, common.out);
	if (rc != ST_OK || (rc = model_write(&j->s.model, j->s.train.net, j->out)) != ST_OK)
		return rc;
	rc = tsr_finish(j->out);
	j->out = NULL;
	return rc;
}

/* NAME=STREAM of one name: cuts the names off. */
static int
read_besides(struct session_plan *plan)
{
	plan->beside_file = besides.item;
	plan->besides = besides.n;
	for (size_t i = 0; i < besides.n; i++) {
		char *equals = strchr(besides.item[i], '=');

		if (equals == NULL || equals == besides.item[i] || equals[1] == '\0')
			return err_set(ST_USAGE, "--beside: '%s' is not NAME=STREAM", besides.item[i]);
		*equals = '\0';
		if (plan->beside != NULL && strcmp(plan->beside, besides.item[i]) != 0)
			return err_set(ST_USAGE, "--beside: '%s' and '%s': there may be one input beside the first", plan->beside,
			               besides.item[i]);
		plan->beside = besides.item[i];
		besides.item[i] = equals + 1;
	}
	return ST_OK;
}

/* Keeps what is known about the model; one that began with another's weights is also of what that was made of. */
static int
keep_about(struct model *m, const struct model *init)
{
	int rc = meta_copy(&m->extra, &about);

	for (size_t i = 0; i < init->extra.n && rc == ST_OK; i++) {
		const struct meta_item *it = &init->extra.item[i];

		if (strncmp(it->name, "about.", strlen("about.")) == 0 && meta_get(&about, it->name) == NULL)
			rc = meta_add(&m->extra, it->name, "%s", it->value);
	}
	return rc;
}

static int
open_session(struct job *j, char *const *files, size_t n)
{
	struct session_plan plan = { .train = files, .trains = n, .valid = valid_files.item, .valids = valid_files.n,
		.max_record = (uint64_t)max_record << 20, .max_memory = (uint64_t)max_memory << 20, .holdout = holdout, .allow_overlap = allow_overlap, .net = net_file,
		.init = init_file, .targets = targets_file, .classes = class_list, .freeze = freeze_list, .loss = losses[how.loss],
		.optimizer = (enum optim_kind)optimizer, .momentum = momentum,
		.decay = optimizer == OPTIM_ADAMW ? weight_decay : 0, .threads = opt_threads(threads), .how = how,
		.notice = common.quiet ? NULL : tool_say };
	struct meta own = { 0 };
	int rc = read_besides(&plan);

	if (rc == ST_OK)
		rc = provenance_add(&tool, &own);
	if (rc == ST_OK) {
		plan.line = own.item[0].value;
		rc = session_open(&j->s, &plan);
	}
	if (rc == ST_OK && stats_file != NULL)
		rc = stats_store(&j->s.model, stats_file);
	if (rc == ST_OK)
		rc = keep_about(&j->s.model, &j->s.init);
	meta_clear(&own);
	return rc;
}

static int
run(char **files, size_t n)
{
	struct job j = { 0 };
	int rc;

	if ((rc = check_options()) == ST_OK && (rc = try_output(&j)) == ST_OK &&
	    (rc = open_session(&j, files, n)) == ST_OK && (rc = train(&j)) == ST_OK)
		rc = write_model(&j);
	tsr_abort(j.out);
	if (j.history != NULL)
		fclose(j.history);
	session_free(&j.s);
	meta_clear(&about);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
