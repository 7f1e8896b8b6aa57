#include "audio/mpeg.h"

#include <mpg123.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"

/* Part of the input, for libmpg123. */
struct part {
	struct input *in;
	uint64_t from, to, at;
	uint64_t most; /* bytes that may be read yet */
	int rc;        /* of the last read */
};

struct mpeg {
	mpg123_handle *handle;
	struct part part;
	long rate;
	int channels;
	uint64_t frames;
};

/* A look at all frames. */
struct walk {
	struct mpg123_frameinfo info; /* of the first */
	uint64_t first, end;          /* bytes */
	uint64_t count;               /* MPEG frames, */
	uint64_t claim;               /* and how many the header claims besides its own, 0: it does not */
	bool headed;                  /* the first frame is such a header */
	bool other;                   /* another recording begins at end */
};

static ssize_t
read_part(void *user, void *to, size_t n)
{
	struct part *p = user;
	size_t got;

	if (n > p->to - p->at)
		n = (size_t)(p->to - p->at);
	/* libmpg123 looks at some junk again and again, for ever; and reads on after an error. */
	if (n > p->most || p->rc != ST_OK)
		return -1;
	p->most -= n;
	p->rc = input_read(p->in, p->at, to, n, &got);
	p->at += got;
	return p->rc == ST_OK ? (ssize_t)got : -1;
}

static off_t
seek_part(void *user, off_t offset, int whence)
{
	struct part *p = user;
	uint64_t base = whence == SEEK_SET ? p->from : whence == SEEK_CUR ? p->at : p->to, at = base + (uint64_t)offset;

	if (at < p->from || at > p->to)
		return -1;
	p->at = at;
	return (off_t)(at - p->from);
}

static int
start(struct mpeg *m, long flags)
{
	int error = mpg123_init();

	m->handle = error == MPG123_OK ? mpg123_new(NULL, &error) : NULL;
	if (m->handle == NULL)
		return err_set(ST_SYS, "libmpg123: %s", mpg123_plain_strerror(error));
	mpg123_param(m->handle, MPG123_REMOVE_FLAGS, MPG123_AUTO_RESAMPLE, 0);
	mpg123_param(m->handle, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_FORCE_FLOAT | MPG123_SKIP_ID3V2 | flags, 0);
	mpg123_param(m->handle, MPG123_RESYNC_LIMIT, -1, 0);
	mpg123_replace_reader_handle(m->handle, read_part, seek_part, NULL);
	m->part.at = m->part.from;
	m->part.most = 4 * (m->part.to - m->part.from) + (1 << 20);
	if (mpg123_open_handle(m->handle, &m->part) == MPG123_OK)
		return ST_OK;
	return m->part.rc != ST_OK ? m->part.rc : err_set(ST_DATA, "libmpg123: %s", mpg123_strerror(m->handle));
}

static void
stop(struct mpeg *m)
{
	if (m->handle == NULL)
		return;
	mpg123_close(m->handle);
	mpg123_delete(m->handle);
	m->handle = NULL;
}

static uint32_t
big32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* True for a frame that is a header of Xing's kind; *claim is the frames it counts. */
static bool
is_header(mpg123_handle *h, uint64_t *claim)
{
	static const size_t places[] = { 9, 17, 32 }; /* behind the side information */
	unsigned long head;
	unsigned char *body;
	size_t bytes;

	*claim = 0;
	if (mpg123_framedata(h, &head, &body, &bytes) != MPG123_OK)
		return false;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const unsigned char *p = body + places[i];

		if (bytes < places[i] + 12 || (memcmp(p, "Xing", 4) != 0 && memcmp(p, "Info", 4) != 0))
			continue;
		if ((p[7] & 1) != 0)
			*claim = big32(p + 8);
		return true;
	}
	return false;
}

/* True for Fraunhofer's header, which libmpg123 plays as silence. Whether the frames that it
 * counts include it differs. */
static bool
is_vbri(mpg123_handle *h)
{
	unsigned long head;
	unsigned char *body;
	size_t bytes;

	return mpg123_framedata(h, &head, &body, &bytes) == MPG123_OK && bytes >= 58 && memcmp(body + 32, "VBRI\0\1", 6) == 0;
}

uint64_t
mpeg_id3v2(const unsigned char *p, size_t n)
{
	if (n < 10 || memcmp(p, "ID3", 3) != 0)
		return 0;
	return 10 + ((uint64_t)p[6] << 21 | (uint64_t)p[7] << 14 | (uint64_t)p[8] << 7 | p[9]) +
		   ((p[5] & 0x10) != 0 ? 10 : 0);
}

/* Bytes of a tag, or of padding, that begins so; 0: none. */
static uint64_t
tag_bytes(const unsigned char *p, size_t n)
{
	uint64_t id3 = mpeg_id3v2(p, n);
	size_t zeros = 0;

	if (id3 > 0)
		return id3;
	if (n >= 3 && memcmp(p, "TAG", 3) == 0)
		return 128;
	if (n >= 16 && memcmp(p, "APETAGEX", 8) == 0)
		return 32 + (p[12] | (uint64_t)p[13] << 8 | (uint64_t)p[14] << 16);
	while (zeros < n && p[zeros] == 0)
		zeros++;
	return zeros;
}

/* Where the tags that begin at byte at end, at to at most. */
static int
skip_tags(struct input *in, uint64_t *at, uint64_t to)
{
	unsigned char head[32];
	uint64_t bytes = 1;
	size_t got;
	int rc = ST_OK;

	while (rc == ST_OK && bytes > 0 && *at < to) {
		rc = input_read(in, *at, head, sizeof head, &got);
		bytes = rc == ST_OK ? tag_bytes(head, got) : 0;
		*at += bytes;
	}
	return rc;
}

/* Between two frames, or a frame and the end, only tags may be. */
static int
check_gap(struct mpeg *m, struct walk *w, uint64_t to)
{
	uint64_t at = w->end;
	unsigned char head[4] = "";
	size_t got;
	int rc = skip_tags(m->part.in, &at, to);

	if (rc != ST_OK || at >= to)
		return rc;
	if (to < m->part.to)
		return err_set(ST_DATA, "damaged at byte %llu: no MPEG frame begins there", (unsigned long long)at);
	rc = input_read(m->part.in, at, head, sizeof head, &got);
	if (rc == ST_OK && head[0] == 0xff && (head[1] & 0xe0) == 0xe0)
		return err_set(ST_DATA, "cut off in its last frame, at byte %llu (--ignore-length reads what is there)",
					   (unsigned long long)at);
	return rc;
}

/* Takes the frame that libmpg123 has found; *done where it belongs to another recording. */
static int
take_frame(struct mpeg *m, struct walk *w, bool any_length, bool *done)
{
	struct mpg123_frameinfo info;
	uint64_t at = m->part.from + (uint64_t)mpg123_framepos(m->handle), claim;
	bool vbri = is_vbri(m->handle), header = is_header(m->handle, &claim) || vbri;
	int rc = ST_OK;

	if (vbri && w->count == 0)
		return ST_OK; /* no audio */
	if (mpg123_info(m->handle, &info) != MPG123_OK)
		return err_set(ST_DATA, "libmpg123: %s", mpg123_strerror(m->handle));
	if (w->count == 0) {
		w->info = info;
		w->first = at;
		w->claim = claim;
		w->headed = header;
	} else if (at != w->end && !any_length) {
		rc = check_gap(m, w, at);
	}
	*done = w->count > 0 && (header || (w->claim > 0 && w->count > w->claim));
	w->other = *done;
	if (*done)
		w->end = at;
	else if (rc == ST_OK &&
			 (info.rate != w->info.rate || (info.mode == MPG123_M_MONO) != (w->info.mode == MPG123_M_MONO)))
		return err_set(ST_DATA, "changes its rate or channels at byte %llu", (unsigned long long)at);
	if (!*done)
		w->end = at + (uint64_t)info.framesize;
	w->count += !*done;
	return rc;
}

static int
walk(struct mpeg *m, bool any_length, struct walk *w)
{
	bool done = false;
	int rc = start(m, MPG123_IGNORE_INFOFRAME), got;

	while (rc == ST_OK && !done &&
		   ((got = mpg123_framebyframe_next(m->handle)) == MPG123_OK || got == MPG123_NEW_FORMAT))
		rc = take_frame(m, w, any_length, &done);
	stop(m);
	if (rc == ST_OK)
		rc = m->part.rc;
	if (rc != ST_OK || w->count == 0 || any_length)
		return rc;
	if (w->claim > w->count)
		return err_set(ST_DATA,
					   "cut off: the header claims %llu MPEG frames, the file has %llu (--ignore-length reads them)",
					   (unsigned long long)w->claim, (unsigned long long)w->count);
	return w->other ? ST_OK : check_gap(m, w, m->part.to);
}

static int
open_walked(struct mpeg *m, const struct walk *w)
{
	int encoding, rc;
	off_t length;

	m->part.from = w->first;
	m->part.to = w->end;
	if ((rc = start(m, MPG123_GAPLESS)) != ST_OK)
		return rc;
	if (mpg123_getformat(m->handle, &m->rate, &m->channels, &encoding) != MPG123_OK || encoding != MPG123_ENC_FLOAT_32)
		return err_set(ST_DATA, "libmpg123: %s", mpg123_strerror(m->handle));
	/* With a header that does not count, libmpg123 guesses. */
	length = !w->headed ? (off_t)w->count * mpg123_spf(m->handle) : w->claim > 0 ? mpg123_length(m->handle) : 0;
	m->frames = length > 0 ? (uint64_t)length : 0;
	return ST_OK;
}

int
mpeg_open(struct mpeg **mpeg, struct input *in, uint64_t from, uint64_t to, uint64_t least, bool any_length,
		  uint64_t *end)
{
	struct mpeg *m = mem_zero(1, sizeof *m);
	struct walk w = { 0 };
	int rc;

	*mpeg = NULL;
	if (m == NULL)
		return ST_SYS;
	m->part = (struct part){ .in = in, .from = from, .to = to };
	rc = walk(m, any_length, &w);
	*end = w.other ? w.end : to;
	if (rc == ST_OK && w.count >= least)
		rc = open_walked(m, &w);
	if (rc == ST_OK && w.count >= least)
		*mpeg = m;
	else
		mpeg_close(m);
	return rc == ST_DATA && w.count < least ? ST_OK : rc;
}

void
mpeg_close(struct mpeg *m)
{
	if (m != NULL)
		stop(m);
	free(m);
}

long
mpeg_rate(const struct mpeg *m)
{
	return m->rate;
}

int
mpeg_channels(const struct mpeg *m)
{
	return m->channels;
}

uint64_t
mpeg_frames(const struct mpeg *m)
{
	return m->frames;
}

int
mpeg_read(struct mpeg *m, float *to, size_t frames, size_t *got)
{
	size_t bytes = 0, channels = (size_t)m->channels;
	int got_code = mpg123_read(m->handle, (void *)to, frames * channels * sizeof *to, &bytes);

	*got = bytes / (channels * sizeof *to);
	if (m->part.rc != ST_OK)
		return m->part.rc;
	if (got_code == MPG123_NEW_FORMAT)
		return err_set(ST_DATA, "changes its rate or channels");
	return got_code == MPG123_OK || got_code == MPG123_DONE
			   ? ST_OK
			   : err_set(ST_DATA, "libmpg123: %s", mpg123_strerror(m->handle));
}
