#include "audio/clip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audio/resample.h"
#include "base/err.h"
#include "base/mem.h"

enum { SIGNAL_MAX = 1 << 30 }; /* samples */

static void
fail(struct clip *c, int rc)
{
	c->rc = rc;
	c->n = 0;
	free(c->message);
	c->message = mem_str(err_text());
}

static int
reserve(struct clip *c, size_t n)
{
	if (n <= c->cap)
		return ST_OK;
	free(c->signal);
	c->cap = 0;
	c->signal = mem_zero(n, sizeof *c->signal);
	if (c->signal == NULL)
		return ST_SYS;
	c->cap = n;
	return ST_OK;
}

/* Resamples clips of one rate: the first want samples of each. */
static int
convert(struct clip *const *clips, const struct audio *const *audio, size_t count, double rate, size_t want)
{
	const float *in[CLIP_GROUP];
	float *out[CLIP_GROUP];
	size_t n[CLIP_GROUP], reach = resample_reach(want, audio[0]->rate, rate);
	int rc;

	for (size_t i = 0; i < count; i++) {
		double length = resample_length(audio[i]->n, audio[i]->rate, rate);

		if ((rc = reserve(clips[i], want)) != ST_OK)
			return rc;
		clips[i]->n = length < (double)want ? (size_t)length : want;
		in[i] = audio[i]->sample;
		n[i] = audio[i]->n < reach ? audio[i]->n : reach;
		out[i] = clips[i]->signal;
	}
	return resample(in, n, audio[0]->rate, rate, out, want, count);
}

static void
convert_whole(struct clip *c, const struct audio *a, double rate)
{
	double length = resample_length(a->n, a->rate, rate);
	int rc = length > SIGNAL_MAX ? err_set(ST_DATA, "longer than %d samples when resampled", SIGNAL_MAX)
	                             : convert(&c, &a, 1, rate, (size_t)length);

	if (rc != ST_OK)
		fail(c, rc);
}

/* Takes the first clip and all others of its rate; marks them as done. */
static void
convert_like(struct clip_work *w, struct clip *clips, bool *done, size_t first, size_t count, double rate, size_t want)
{
	struct clip *same[CLIP_GROUP] = { &clips[first] };
	const struct audio *audio[CLIP_GROUP] = { &w->audio[first] };
	size_t n = 1;
	int rc;

	done[first] = true;
	for (size_t i = first + 1; i < count; i++)
		if (!done[i] && w->audio[i].rate == w->audio[first].rate) {
			same[n] = &clips[i];
			audio[n++] = &w->audio[i];
			done[i] = true;
		}
	rc = convert(same, audio, n, rate, want);
	for (size_t i = 0; i < n && rc != ST_OK; i++)
		fail(same[i], rc);
}

void
clip_load(struct clip_work *w, struct clip *clips, size_t count, double rate, size_t want)
{
	bool done[CLIP_GROUP] = { false };

	for (size_t i = 0; i < count; i++) {
		int rc = decode_file(&w->audio[i], clips[i].path);

		clips[i].rc = ST_OK;
		if (rc != ST_OK)
			fail(&clips[i], rc);
		done[i] = rc != ST_OK;
	}
	for (size_t i = 0; i < count; i++) {
		if (!done[i] && want == 0)
			convert_whole(&clips[i], &w->audio[i], rate);
		else if (!done[i])
			convert_like(w, clips, done, i, count, rate, want);
	}
}

int
clip_error(const struct clip *c)
{
	return err_set(c->rc, "%s: %s", strcmp(c->path, "-") == 0 ? "standard input" : c->path,
	               c->message == NULL ? "failed" : c->message);
}

void
clip_free(struct clip *c)
{
	free(c->message);
	free(c->signal);
	*c = (struct clip){ 0 };
}

void
clip_work_free(struct clip_work *w)
{
	for (size_t i = 0; i < CLIP_GROUP; i++)
		decode_free(&w->audio[i]);
}
