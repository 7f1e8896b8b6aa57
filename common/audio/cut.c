#include "audio/cut.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { PIECE = 8192 }; /* samples read at a time, at most */

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
	c->last = UINT64_MAX;
}

static int
append(struct cut *c, size_t *got)
{
	int rc = mem_room(&c->held, &c->cap, c->n + PIECE, sizeof *c->held);

	*got = 0;
	if (rc == ST_OK)
		rc = clip_read(c->stream, c->held + c->n, PIECE, got);
	c->n += *got;
	return rc;
}

/* Forgets the first samples that are held. */
static void
forget(struct cut *c, size_t n)
{
	c->n -= n;
	c->base += n;
	memmove(c->held, c->held + n, c->n * sizeof *c->held);
}

/* Sets where the records are. */
static int
place(struct cut *c)
{
	const struct cut_how *how = c->how;
	uint64_t length = c->base + c->n;
	int rc = ST_OK;

	c->last = length;
	if (!isnan(how->trim.db))
		rc = trim_end(&c->trim, &c->next, &c->last);
	length = c->last - c->next;
	if (how->stride == 0 && length > how->samples) {
		c->next += how->centre ? (length - how->samples) / 2 : 0;
		c->last = c->next + how->samples;
	}
	return rc;
}

/* Reads to the end, and, where not all could be held, begins again. */
static int
measure(struct cut *c)
{
	const struct cut_how *how = c->how;
	size_t got = 1;
	int rc = ST_OK;

	trim_begin(&c->trim, &how->trim);
	while (rc == ST_OK && got > 0) {
		if (how->whole && c->n > how->samples)
			rc = err_set(ST_DATA, "longer than a record can be, %zu samples; --window S makes several of it", how->samples);
		else if (!how->whole && c->n > CUT_HELD)
			forget(c, c->n);
		if (rc == ST_OK)
			rc = append(c, &got);
		if (rc == ST_OK && !isnan(how->trim.db))
			rc = trim_add(&c->trim, c->held + c->n - got, got);
	}
	if (rc == ST_OK)
		rc = place(c);
	if (rc != ST_OK)
		c->n = 0;
	else if (c->base > 0)
		rc = clip_again(c->stream);
	else
		close_stream(c);
	return rc;
}

void
cut_begin(struct cut *c, struct clip *clip, const struct cut_how *how, struct clip_kept *kept)
{
	bool whole = how->stride == 0; /* a window is trimmed by itself: see cut_trim */
	struct decode_how decode = how->decode;
	int rc;

	c->how = how;
	c->clip = clip;
	c->next = c->reached = c->base = 0;
	c->last = UINT64_MAX;
	c->n = 0;
	clip->rc = ST_OK;
	decode.again = whole && !how->whole;
	rc = clip_open(&c->stream, clip, how->rate, &decode, kept);
	if (rc == ST_OK && whole) {
		rc = measure(c);
		if (c->base > 0)
			c->base = c->n = 0;
	}
	check(c, rc);
}

void
cut_read(struct cut *c)
{
	size_t past = c->next <= c->base ? 0 : c->next - c->base < c->n ? (size_t)(c->next - c->base) : c->n, got;
	int rc;

	if (past > c->n / 2) /* else there is little to forget, and much to move */
		forget(c, past);
	rc = append(c, &got);
	if (rc == ST_OK && got == 0 && c->last > c->base + c->n)
		c->last = c->base + c->n;
	if (rc == ST_OK && c->last <= c->base + c->n)
		close_stream(c);
	check(c, rc);
}

const float *
cut_next(struct cut *c, size_t *n, uint64_t *begin)
{
	uint64_t end = c->last < c->base + c->n ? c->last : c->base + c->n, left = end > c->next ? end - c->next : 0;
	size_t samples = c->how->samples;
	bool full = left >= samples, first = c->reached == 0;
	const float *data;

	if (!full && (c->stream != NULL || c->last == UINT64_MAX || (left == 0 && !first)))
		return NULL;
	if (!first && c->reached >= c->last)
		return NULL;
	data = c->held + (c->next - c->base);
	*n = full ? samples : (size_t)left;
	*begin = c->next;
	c->reached = c->next + samples;
	c->next = c->how->stride == 0 ? UINT64_MAX : c->next + c->how->stride;
	return data;
}

int
cut_trim(struct cut *c, const float **data, size_t *n)
{
	uint64_t first, last;
	int rc;

	if (c->how->stride == 0 || isnan(c->how->trim.db))
		return ST_OK;
	trim_begin(&c->trim, &c->how->trim);
	if ((rc = trim_add(&c->trim, *data, *n)) != ST_OK || (rc = trim_end(&c->trim, &first, &last)) != ST_OK)
		return rc;
	*data += first;
	*n = (size_t)(last - first);
	return ST_OK;
}

void
cut_free(struct cut *c)
{
	close_stream(c);
	trim_free(&c->trim);
	free(c->held);
	*c = (struct cut){ 0 };
}
