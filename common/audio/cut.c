#include "audio/cut.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { PIECE = 8192 }; /* samples read at a time, at most */

struct cut_lane {
	uint64_t next, reached; /* where the next record begins; up to where there were records */
	uint64_t last;          /* where the signal ends; UINT64_MAX: not known */
	float *held;            /* n samples, from base on */
	uint64_t base;
	size_t n, cap;
	struct trim trim;
	struct speech *speech;
	struct segmenter segmenter;
	bool finished;          /* the segmenter knows of the end */
	struct cut_piece piece; /* the next one, where data is not NULL */
};

static void
close_stream(struct cut *c)
{
	clip_close(c->stream);
	c->stream = NULL;
}

/* What is complete may still leave, but nothing that the signal's end decides. */
static void
check(struct cut *c, int rc)
{
	if (rc == ST_OK)
		return;
	clip_fail(c->clip, rc);
	close_stream(c);
	for (size_t i = 0; i < c->lanes; i++)
		c->lane[i].last = UINT64_MAX;
}

static int
append(struct cut *c, struct cut_lane *l, size_t *got)
{
	int rc = mem_room(&l->held, &l->cap, l->n + PIECE, sizeof *l->held);

	*got = 0;
	if (rc == ST_OK)
		rc = clip_read(c->stream, (size_t)(l - c->lane), l->held + l->n, PIECE, got);
	if (rc == ST_OK && c->how->segments)
		rc = *got > 0 ? speech_add(l->speech, l->held + l->n, *got) : speech_end(l->speech);
	l->n += *got;
	return rc;
}

/* Forgets the first samples that are held. */
static void
forget(struct cut_lane *l, size_t n)
{
	l->n -= n;
	l->base += n;
	memmove(l->held, l->held + n, l->n * sizeof *l->held);
}

/* Sets where the records are. */
static int
place(const struct cut_how *how, struct cut_lane *l)
{
	uint64_t length = l->base + l->n;
	int rc = ST_OK;

	l->last = length;
	if (!isnan(how->trim.db))
		rc = trim_end(&l->trim, &l->next, &l->last);
	length = l->last - l->next;
	if (how->stride == 0 && length > how->samples) {
		l->next += how->centre ? (length - how->samples) / 2 : 0;
		l->last = l->next + how->samples;
	}
	return rc;
}

/* Reads some more of a channel to find its end. */
static int
measure_some(struct cut *c, struct cut_lane *l, size_t *got)
{
	const struct cut_how *how = c->how;
	int rc = ST_OK;

	if (how->whole && l->n > how->samples)
		rc = err_set(ST_DATA, "longer than a record can be, %zu samples; --window S makes several of it", how->samples);
	else if (!how->whole && l->n > CUT_HELD)
		forget(l, l->n);
	if (rc == ST_OK)
		rc = append(c, l, got);
	if (rc == ST_OK && !isnan(how->trim.db))
		rc = trim_add(&l->trim, l->held + l->n - *got, *got);
	return rc;
}

/* Reads to the end, and, where not all could be held, begins again. */
static int
measure(struct cut *c)
{
	size_t got = 1;
	bool again;
	int rc = ST_OK;

	for (size_t i = 0; i < c->lanes; i++)
		trim_begin(&c->lane[i].trim, &c->how->trim);
	while (rc == ST_OK && got > 0)
		for (size_t i = 0; i < c->lanes && rc == ST_OK; i++) /* all have the same length */
			rc = measure_some(c, &c->lane[i], &got);
	for (size_t i = 0; i < c->lanes && rc == ST_OK; i++)
		rc = place(c->how, &c->lane[i]);
	again = c->lane[0].base > 0;
	for (size_t i = 0; i < c->lanes && (rc != ST_OK || again); i++)
		c->lane[i].base = c->lane[i].n = 0;
	if (rc == ST_OK && again)
		rc = clip_again(c->stream);
	else if (rc == ST_OK)
		close_stream(c);
	return rc;
}

static int
begin_lane(const struct cut_how *how, struct cut_lane *l)
{
	int rc = ST_OK;

	l->next = l->reached = l->base = 0;
	l->last = UINT64_MAX;
	l->n = 0;
	l->piece.data = NULL;
	l->finished = false;
	speech_close(l->speech);
	l->speech = NULL;
	if (how->segments && (rc = speech_open(&l->speech, how->rate)) == ST_OK)
		segmenter_begin(&l->segmenter, &how->segment, (double)speech_hop(l->speech) / how->rate);
	return rc;
}

static int
begin_lanes(struct cut *c)
{
	size_t n = clip_channels(c->stream);
	int rc = ST_OK;

	for (; c->made < n && rc == ST_OK; c->made++)
		if ((rc = mem_push(&c->lane, c->made, sizeof *c->lane)) == ST_OK)
			c->lane[c->made] = (struct cut_lane){ 0 };
		else
			return rc;
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = begin_lane(c->how, &c->lane[i]);
	c->lanes = rc == ST_OK ? n : 0;
	return rc;
}

void
cut_begin(struct cut *c, struct clip *clip, const struct cut_how *how, struct clip_kept *kept)
{
	bool whole = how->stride == 0 && !how->segments; /* pieces are trimmed by themselves: see cut_trim */
	struct decode_how decode = how->decode;
	int rc;

	c->how = how;
	c->clip = clip;
	c->lanes = 0;
	clip->rc = ST_OK;
	decode.again = whole && !how->whole;
	rc = clip_open(&c->stream, clip, how->rate, &decode, kept);
	if (rc == ST_OK)
		rc = begin_lanes(c);
	if (rc == ST_OK && whole)
		rc = measure(c);
	check(c, rc);
}

/* In samples; frame 0 begins with the signal. */
static uint64_t
at_frame(const struct cut_lane *l, uint64_t frame)
{
	size_t hop = speech_hop(l->speech);

	return frame == 0 ? 0 : frame * hop + speech_centre(l->speech) - hop / 2;
}

/* The first sample that is required. */
static uint64_t
first_needed(const struct cut *c, const struct cut_lane *l)
{
	return c->how->segments ? at_frame(l, segmenter_from(&l->segmenter)) : l->next;
}

/* Reads some more of a channel; *ended is set where its last sample is there. */
static int
read_lane(struct cut *c, struct cut_lane *l, bool *ended)
{
	uint64_t needed = first_needed(c, l);
	size_t past = needed <= l->base ? 0 : needed - l->base < l->n ? (size_t)(needed - l->base) : l->n, got;
	int rc;

	if (past > l->n / 2) /* else there is little to forget, and much to move */
		forget(l, past);
	rc = append(c, l, &got);
	if (rc == ST_OK && got == 0 && l->last > l->base + l->n)
		l->last = l->base + l->n;
	*ended = l->last <= l->base + l->n;
	return rc;
}

void
cut_read(struct cut *c)
{
	bool ended = false;
	int rc = ST_OK;

	for (size_t i = 0; i < c->lanes && rc == ST_OK; i++)
		rc = read_lane(c, &c->lane[i], &ended);
	if (rc == ST_OK && ended)
		close_stream(c);
	check(c, rc);
}

size_t
cut_held(const struct cut *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->lanes; i++)
		n += c->lane[i].n;
	return n;
}

static void
set_piece(struct cut_lane *l, uint64_t begin, uint64_t end, uint64_t due)
{
	l->piece.data = l->held + (begin - l->base);
	l->piece.n = (size_t)(end - begin);
	l->piece.begin = begin;
	l->piece.end = end;
	l->piece.due = due;
}

/* Finds the next window, or the record of all. */
static void
find_window(const struct cut *c, struct cut_lane *l)
{
	uint64_t end = l->last < l->base + l->n ? l->last : l->base + l->n, left = end > l->next ? end - l->next : 0;
	size_t samples = c->how->samples;
	bool full = left >= samples, first = l->reached == 0;

	if (!full && (c->stream != NULL || l->last == UINT64_MAX || (left == 0 && !first)))
		return;
	if (!first && l->reached >= l->last)
		return;
	l->reached = l->next + samples;
	/* a record of all is known at the end, of which channel it ever is */
	set_piece(l, l->next, l->next + (full ? samples : left), c->how->stride == 0 ? 0 : l->reached);
	l->next = c->how->stride == 0 ? UINT64_MAX : l->next + c->how->stride;
}

static void
find_segment(struct cut_lane *l)
{
	struct speech_frame f;
	struct segment s;
	bool known = false;
	uint64_t end;

	while (!known && speech_next(l->speech, &f))
		known = segmenter_add(&l->segmenter, &f, &s);
	if (!known && l->last != UINT64_MAX && !l->finished) {
		known = segmenter_add(&l->segmenter, NULL, &s);
		l->finished = true;
	}
	if (!known)
		return;
	end = at_frame(l, s.end);
	set_piece(l, at_frame(l, s.begin), end < l->base + l->n ? end : l->base + l->n, s.due);
}

bool
cut_next(struct cut *c, struct cut_piece *p)
{
	struct cut_lane *first = NULL;

	for (size_t i = 0; i < c->lanes; i++) {
		struct cut_lane *l = &c->lane[i];

		if (l->piece.data == NULL && c->how->segments)
			find_segment(l);
		else if (l->piece.data == NULL)
			find_window(c, l);
		if (l->piece.data != NULL && (first == NULL || l->piece.due < first->piece.due))
			first = l;
	}
	if (first == NULL)
		return false;
	*p = first->piece;
	p->channel = (size_t)(first - c->lane);
	first->piece.data = NULL;
	return true;
}

int
cut_trim(struct cut *c, struct cut_piece *p)
{
	const struct cut_how *how = c->how;
	struct trim *trim = &c->lane[p->channel].trim;
	uint64_t first, last;
	int rc;

	if (how->stride == 0 && !how->segments)
		return ST_OK;
	if (!isnan(how->trim.db)) {
		trim_begin(trim, &how->trim);
		if ((rc = trim_add(trim, p->data, p->n)) != ST_OK || (rc = trim_end(trim, &first, &last)) != ST_OK)
			return rc;
		p->data += first;
		p->n = (size_t)(last - first);
	}
	if (p->n > how->samples) {
		p->data += how->centre ? (p->n - how->samples) / 2 : 0;
		p->n = how->samples;
	}
	return ST_OK;
}

void
cut_free(struct cut *c)
{
	close_stream(c);
	for (size_t i = 0; i < c->made; i++) {
		trim_free(&c->lane[i].trim);
		speech_close(c->lane[i].speech);
		free(c->lane[i].held);
	}
	free(c->lane);
	*c = (struct cut){ 0 };
}
