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

/* Resamples clips of one rate (from, to: Hz): the first samples of each, that many. */
static int
convert(struct clip *const *clips, const struct audio *const *audio, size_t count, double from, double to,
        size_t samples)
{
	const float *in[CLIP_GROUP];
	float *out[CLIP_GROUP];
	size_t n[CLIP_GROUP], reach = resample_reach(samples, from, to);
	int rc;

	for (size_t i = 0; i < count; i++) {
		double length = resample_length(audio[i]->n, from, to);

		if ((rc = mem_room(&clips[i]->signal, &clips[i]->cap, samples, sizeof *clips[i]->signal)) != ST_OK)
			return rc;
		clips[i]->n = length < (double)samples ? (size_t)length : samples;
		in[i] = audio[i]->sample;
		n[i] = audio[i]->n < reach ? audio[i]->n : reach;
		out[i] = clips[i]->signal;
	}
	return resample(in, n, from, to, out, samples, count);
}

/* Resamples the first clip, and of those cut to the same length all others of its
 * rate; marks them as done. */
static void
convert_like(struct clip_work *w, struct clip *const *clips, bool *done, size_t first, size_t count, double rate,
             size_t samples)
{
	struct clip *same[CLIP_GROUP];
	const struct audio *audio[CLIP_GROUP];
	double from = w->audio[first].rate, length = resample_length(w->audio[first].n, from, rate);
	size_t n = 0;
	int rc;

	for (size_t i = first; i < (samples == 0 ? first + 1 : count); i++)
		if (!done[i] && w->audio[i].rate == from) {
			same[n] = clips[i];
			audio[n++] = &w->audio[i];
			done[i] = true;
		}
	rc = samples == 0 && length > SIGNAL_MAX ? err_set(ST_DATA, "longer than %d samples when resampled", SIGNAL_MAX)
	                                         : convert(same, audio, n, from, rate, samples == 0 ? (size_t)length : samples);
	for (size_t i = 0; i < n && rc != ST_OK; i++)
		fail(same[i], rc);
}

void
clip_load(struct clip_work *w, struct clip *const *clips, size_t count, double rate, size_t samples)
{
	bool done[CLIP_GROUP] = { false };

	for (size_t i = 0; i < count; i++) {
		int rc = decode_file(&w->audio[i], clips[i]->path);

		clips[i]->rc = ST_OK;
		if (rc != ST_OK)
			fail(clips[i], rc);
		done[i] = rc != ST_OK;
	}
	for (size_t i = 0; i < count; i++)
		if (!done[i])
			convert_like(w, clips, done, i, count, rate, samples);
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
	free(c->path);
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
