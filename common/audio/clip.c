#include "audio/clip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/resample.h"
#include "audio/signal.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/profile.h"

enum { BLOCK = 4096 };  /* frames decoded at a time, at most */
enum { FLAT = 3 };      /* equal samples at full scale that count as clipped */
#define FULL_SCALE 0.98 /* the largest A-law and mu-law numbers are 0.984 and 0.980 */

/* A clip being decoded. */
struct recording {
	struct decoder *decoder;
	struct clip_kept *kept; /* who has the decoder; NULL: this one */
	struct clip *clip;
	double rate;
	uint64_t first, at, last; /* frames of the part; the next one */
	float value;              /* the last sample, and how often it came in a row */
	size_t run;
};

static int
beyond(const struct recording *r, uint64_t frames)
{
	const struct clip *c = r->clip;
	bool start = r->first >= frames;

	return err_set(ST_DATA, "%s=%.10g is %s the end of the recording, which has %.10g s", start ? "start" : "end",
	               start ? c->start : c->end, start ? "at or beyond" : "beyond", (double)frames / r->rate);
}

/* Half a millisecond that is missing is how the time was rounded. */
static bool
reaches(const struct recording *r, uint64_t frames)
{
	return r->last == UINT64_MAX || (double)r->last <= (double)frames + r->rate / 2000;
}

static int
recording_begin(struct recording *r)
{
	uint64_t frames = decode_frames(r->decoder);

	r->run = 0;
	r->at = r->first;
	if (r->clip->where != NULL && frames > 0 && (r->first >= frames || !reaches(r, frames)))
		return beyond(r, frames);
	return r->first > 0 ? decode_seek(r->decoder, r->first) : ST_OK;
}

static void
kept_close(struct clip_kept *k)
{
	decode_close(k->decoder);
	free(k->path);
	*k = (struct clip_kept){ 0 };
}

/* Opens a part's file, unless it is open and before the part. */
static int
kept_open(struct clip_kept *k, const struct clip *c, const struct decode_how *how)
{
	if (k->decoder != NULL && strcmp(k->path, c->path) == 0 &&
	    (double)decode_at(k->decoder) <= round(c->start * decode_rate(k->decoder)))
		return ST_OK;
	kept_close(k);
	k->path = mem_str(c->path);
	return k->path == NULL ? ST_SYS : decode_open(&k->decoder, k->path, how);
}

static void
recording_close(struct recording *r, bool failed)
{
	if (r->kept == NULL)
		decode_close(r->decoder);
	else if (failed)
		kept_close(r->kept);
}

static int
recording_open(struct recording *r, struct clip *c, const struct decode_how *how, struct clip_kept *kept)
{
	bool keeps = c->where != NULL && strcmp(c->path, "-") != 0;
	int rc = keeps ? kept_open(kept, c, how) : decode_open(&r->decoder, c->path, how);

	r->kept = keeps ? kept : NULL;
	if (rc != ST_OK)
		return rc;
	if (keeps)
		r->decoder = kept->decoder;
	r->clip = c;
	r->rate = decode_rate(r->decoder);
	r->first = c->where == NULL ? 0 : (uint64_t)round(c->start * r->rate);
	r->last = c->where == NULL || isnan(c->end) ? UINT64_MAX : (uint64_t)round(c->end * r->rate);
	c->clipped = false;
	c->note = NULL;
	if (c->channel > decode_channels(r->decoder))
		return err_set(ST_DATA, "there is no channel %d: it has %d", c->channel, decode_channels(r->decoder));
	return r->last > r->first ? recording_begin(r)
	                          : err_set(ST_DATA, "from start=%.10g to end=%.10g there is no frame", c->start, c->end);
}

static void
look_for_clipping(struct recording *r, const float *x, size_t n)
{
	if (signal_peak(x, n) < FULL_SCALE) {
		r->run = 0;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		r->run = fabs((double)x[i]) < FULL_SCALE ? 0 : r->run > 0 && x[i] == r->value ? r->run + 1 : 1;
		r->value = x[i];
		if (r->run >= FLAT)
			r->clip->clipped = true;
	}
}

/* Of a part, what comes behind it is not looked at. */
static int
recording_read(struct recording *r, float *x, size_t room, size_t *got)
{
	uint64_t left = r->last - r->at;
	double began = profile_now();
	int rc;

	*got = 0;
	if (left == 0)
		return ST_OK;
	rc = decode_read(r->decoder, x, left < room ? (size_t)left : room, got);
	profile_stage("work/decode", began, 0, (double)(*got * sizeof *x));
	r->clip->note = decode_note(r->decoder);
	if (rc == ST_OK && *got == 0 && r->clip->where != NULL && (r->at == r->first || !reaches(r, r->at)))
		return beyond(r, decode_at(r->decoder));
	r->at += *got;
	if (rc == ST_OK && r->clip->channel > 0 && decode_channels(r->decoder) > 1)
		decode_channel(r->decoder, (size_t)r->clip->channel - 1, *got, x);
	if (rc == ST_OK && r->clip->look && !r->clip->clipped)
		look_for_clipping(r, x, *got);
	return rc;
}

/* Decodes a clip to its end, and keeps what decides on that many samples at rate. */
static int
decode_head(struct clip_head *h, struct clip *c, double rate, size_t samples, const struct decode_how *how,
            struct clip_kept *kept)
{
	struct recording r = { 0 };
	float rest[BLOCK];
	size_t got = 1;
	int rc = recording_open(&r, c, how, kept);

	h->n = 0;
	h->frames = 0;
	h->rate = r.rate;
	while (rc == ST_OK && got > 0) {
		size_t reach = resample_reach(samples, r.rate, rate), left = reach - h->n;

		if (left > 0 && (rc = mem_room(&h->sample, &h->cap, h->n + BLOCK, sizeof *h->sample)) != ST_OK)
			break;
		/* cppcheck-suppress legacyUninitvar; it is written, not read */
		rc = recording_read(&r, left > 0 ? h->sample + h->n : rest, left > 0 && left < BLOCK ? left : BLOCK, &got);
		h->n += left > 0 ? got : 0;
		h->frames += got;
	}
	recording_close(&r, rc != ST_OK);
	return rc;
}

void
clip_fail(struct clip *c, int rc)
{
	c->rc = rc;
	c->n = 0;
	free(c->message);
	c->message = mem_str(err_text());
}

/* Of a clip that has the rate: its beginning, which is not copied, and zeros up to that many samples. */
static int
take_head(struct clip *c, struct clip_head *h, size_t samples)
{
	float *signal = c->signal;
	size_t cap = c->cap;
	int rc;

	c->signal = h->sample;
	c->cap = h->cap;
	c->n = h->frames < samples ? h->n : samples;
	h->sample = signal;
	h->cap = cap;
	if ((rc = mem_room(&c->signal, &c->cap, samples, sizeof *c->signal)) == ST_OK)
		memset(c->signal + c->n, 0, (samples - c->n) * sizeof *c->signal);
	return rc;
}

/* Resamples clips of one rate (from, to: Hz): the first samples of each, that many. */
static int
convert(struct clip *const *clips, const struct clip_head *const *head, size_t count, double from, double to,
		size_t samples)
{
	const float *in[CLIP_GROUP];
	float *out[CLIP_GROUP];
	size_t n[CLIP_GROUP];
	double began = profile_now();
	int rc;

	for (size_t i = 0; i < count; i++) {
		double length = resample_length(head[i]->frames, from, to);

		if ((rc = mem_room(&clips[i]->signal, &clips[i]->cap, samples, sizeof *clips[i]->signal)) != ST_OK)
			return rc;
		clips[i]->n = length < (double)samples ? (size_t)length : samples;
		in[i] = head[i]->sample;
		n[i] = head[i]->n;
		out[i] = clips[i]->signal;
	}
	rc = resample(in, n, from, to, out, samples, count);
	profile_stage("work/resample", began, 0, (double)(count * samples * sizeof *out));
	return rc;
}

/* Resamples the first clip and all others of its rate; marks them as done. */
static void
convert_like(struct clip_work *w, struct clip *const *clips, bool *done, size_t first, size_t count, double rate,
             size_t samples)
{
	struct clip *same[CLIP_GROUP];
	const struct clip_head *head[CLIP_GROUP];
	double from = w->head[first].rate;
	size_t n = 0;
	int rc;

	for (size_t i = first; i < count; i++)
		if (!done[i] && w->head[i].rate == from) {
			same[n] = clips[i];
			head[n++] = &w->head[i];
			done[i] = true;
		}
	rc = convert(same, head, n, from, rate, samples);
	for (size_t i = 0; i < n && rc != ST_OK; i++)
		clip_fail(same[i], rc);
}

void
clip_load(struct clip_work *w, struct clip *const *clips, size_t count, double rate, size_t samples,
		  const struct decode_how *how)
{
	bool done[CLIP_GROUP] = { false };

	for (size_t i = 0; i < count; i++) {
		int rc = decode_head(&w->head[i], clips[i], rate, samples, how, &w->kept);

		clips[i]->rc = ST_OK;
		done[i] = rc != ST_OK || w->head[i].rate == rate;
		if (rc == ST_OK && done[i])
			rc = take_head(clips[i], &w->head[i], samples);
		if (rc != ST_OK)
			clip_fail(clips[i], rc);
	}
	for (size_t i = 0; i < count; i++)
		if (!done[i])
			convert_like(w, clips, done, i, count, rate, samples);
}

/* A channel of a stream. */
struct lane {
	struct resampler *resampler;
	float *block;   /* decoded, from used on not resampled yet */
	size_t n, used, cap;
};

struct clip_stream {
	struct recording recording;
	struct lane *lane;
	size_t lanes;
	double rate;
	size_t room;        /* frames decoded at a time: 50 ms, as a live one is not to be waited for */
	float block[BLOCK]; /* the last decoded, of one channel */
	bool ended, failed; /* it was the last; it may not be read on */
};

static int
open_lanes(struct clip_stream *s)
{
	int rc = ST_OK;

	for (size_t i = 0; i < s->lanes && rc == ST_OK; i++) {
		resampler_close(s->lane[i].resampler);
		s->lane[i].resampler = NULL;
		s->lane[i].n = s->lane[i].used = 0;
		rc = resampler_open(&s->lane[i].resampler, s->recording.rate, s->rate);
	}
	return rc;
}

int
clip_open(struct clip_stream **stream, struct clip *c, double rate, const struct decode_how *how,
          struct clip_kept *kept)
{
	struct clip_stream *s = mem_zero(1, sizeof *s);
	int rc = s == NULL ? ST_SYS : recording_open(&s->recording, c, how, kept);

	*stream = NULL;
	if (rc == ST_OK) {
		s->rate = rate;
		s->lanes = c->channel == CLIP_APART ? (size_t)decode_channels(s->recording.decoder) : 1;
		s->lane = mem_zero(s->lanes, sizeof *s->lane);
		rc = s->lane == NULL ? ST_SYS : open_lanes(s);
	}
	if (rc != ST_OK) {
		if (s != NULL)
			s->failed = true;
		clip_close(s);
		return rc;
	}
	s->room = (size_t)fmin(fmax(1, s->recording.rate / 20), BLOCK);
	*stream = s;
	return ST_OK;
}

void
clip_close(struct clip_stream *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; s->lane != NULL && i < s->lanes; i++) {
		resampler_close(s->lane[i].resampler);
		free(s->lane[i].block);
	}
	free(s->lane);
	recording_close(&s->recording, s->failed);
	free(s);
}

size_t
clip_channels(const struct clip_stream *s)
{
	return s->lanes;
}

/* Appends what was decoded, n frames, to all lanes. */
static int
share(struct clip_stream *s, size_t n)
{
	const struct decoder *d = s->recording.decoder;
	int rc = ST_OK;

	for (size_t i = 0; i < s->lanes && n > 0; i++) {
		struct lane *l = &s->lane[i];

		if (l->used > 0)
			memmove(l->block, l->block + l->used, (l->n - l->used) * sizeof *l->block);
		l->n -= l->used;
		l->used = 0;
		if ((rc = mem_room(&l->block, &l->cap, l->n + n, sizeof *l->block)) != ST_OK)
			return rc;
		if (s->lanes == 1)
			memcpy(l->block, s->block, n * sizeof *s->block);
		else
			decode_channel(d, i, n, l->block + l->n);
		l->n += n;
	}
	return rc;
}

int
clip_read(struct clip_stream *s, size_t channel, float *out, size_t room, size_t *got)
{
	struct lane *l = &s->lane[channel];
	int rc = ST_OK;

	*got = 0;
	while (rc == ST_OK && *got == 0) {
		size_t used = 0, n;

		if (l->used == l->n && s->ended)
			return resampler_run(l->resampler, s->block, 0, &used, out, room, got);
		if (l->used < l->n) {
			double began = profile_now();

			rc = resampler_run(l->resampler, l->block + l->used, l->n - l->used, &used, out, room, got);
			profile_stage("work/resample", began, 0, (double)(*got * sizeof *out));
			l->used += used;
		} else if ((rc = recording_read(&s->recording, s->block, s->room, &n)) == ST_OK) {
			s->ended = n == 0;
			rc = share(s, n);
		}
	}
	s->failed = rc != ST_OK;
	return rc;
}

int
clip_again(struct clip_stream *s)
{
	int rc = decode_again(s->recording.decoder);

	s->ended = false;
	if (rc == ST_OK && (rc = recording_begin(&s->recording)) == ST_OK)
		rc = open_lanes(s);
	s->failed = rc != ST_OK;
	return rc;
}

int
clip_error(const struct clip *c)
{
	return err_set(c->rc, "%s%s%s: %s", c->where == NULL ? "" : c->where, c->where == NULL ? "" : ": ",
	               strcmp(c->path, "-") == 0 ? "standard input" : c->path, c->message == NULL ? "failed" : c->message);
}

void
clip_free(struct clip *c)
{
	free(c->path);
	free(c->where);
	free(c->message);
	free(c->signal);
	*c = (struct clip){ 0 };
}

void
clip_work_free(struct clip_work *w)
{
	for (size_t i = 0; i < CLIP_GROUP; i++)
		free(w->head[i].sample);
	kept_close(&w->kept);
}
