#include "audio/decode.h"

#include <inttypes.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "audio/container.h"
#include "audio/input.h"
#include "audio/mpeg.h"
#include "audio/raw.h"
#include "base/err.h"
#include "base/kind.h"
#include "base/mem.h"
#include "base/text.h"
#include "stream/value.h"

enum {
	BLOCK = 4096, /* frames decoded at a time */
	PCM16 = SF_FORMAT_WAV | SF_FORMAT_PCM_16,
	FEW = 64,     /* those of a live FLAC, a divisor of its usual block sizes: no block is waited for in vain */
};

struct decoder {
	struct decode_how how;
	const char *name;
	struct input *in;
	struct link link;
	const char *note; /* of links before */
	struct input *plain; /* of a link that was packed: what libsndfile is shown instead, or NULL */
	uint64_t from, to;   /* its bytes, or those of the input, */
	uint64_t cursor;     /* and that which libsndfile reads next */
	int rc;           /* of its last read */
	bool waits;       /* by a pipe come samples whose bytes are known: libsndfile is asked for no more than there are */
	bool takes_less;  /* or FLAC, whose decoder takes what there is */
	SNDFILE *file;    /* or, for MPEG, */
	struct mpeg *mpeg; /* or neither: link.pcm16 */
	SF_INFO info;
	uint64_t base;     /* frames before this link */
	uint64_t limit;    /* of this link, or INPUT_OPEN */
	uint64_t at;       /* the next frame */
	uint64_t follower; /* where the next link begins, in a file */
	float *block;      /* interleaved, as decoded; NULL: one channel */
};

static sf_count_t
get_length(void *user)
{
	struct decoder *d = user;

	return (sf_count_t)(d->to - d->from);
}

static sf_count_t
tell(void *user)
{
	struct decoder *d = user;

	return (sf_count_t)(d->cursor - d->from);
}

static sf_count_t
seek(sf_count_t offset, int whence, void *user)
{
	struct decoder *d = user;
	sf_count_t size = get_length(d), base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? tell(d) : size;

	if (offset < -base || offset > size - base)
		return -1;
	d->cursor = d->from + (uint64_t)(base + offset);
	return base + offset;
}

/* Puts the bytes that the link replaces over those of the file. */
static void
patch(const struct link *l, uint64_t at, unsigned char *to, size_t n)
{
	for (size_t i = 0; i < l->npatch; i++)
		for (size_t k = 0; k < l->patch[i].n; k++) {
			uint64_t place = l->patch[i].at + k;

			if (place >= at && place - at < n)
				to[place - at] = l->patch[i].byte[k];
		}
}

static sf_count_t
read_bytes(void *to, sf_count_t n, void *user)
{
	struct decoder *d = user;
	uint64_t left = d->to - d->cursor, known;
	size_t want = (uint64_t)n < left ? (size_t)n : (size_t)left, got = 0;
	int rc = ST_OK;

	if (d->takes_less && (rc = input_wait(d->in, d->cursor, &known)) == ST_OK && known - d->cursor < want)
		want = (size_t)(known - d->cursor);
	if (rc == ST_OK)
		rc = input_read(d->plain != NULL ? d->plain : d->in, d->cursor, to, want, &got);
	if (rc != ST_OK)
		d->rc = rc;
	patch(&d->link, d->cursor, to, got);
	if (d->how.raw != NULL)
		raw_turn(d->how.raw, to, got);
	d->cursor += got;
	return (sf_count_t)got;
}

/* The mean of each frame's channels, summed in their order as NumPy does. */
static void
mix(const float *restrict in, size_t frames, size_t channels, float *restrict out)
{
	if (channels == 2)
		for (size_t i = 0; i < frames; i++)
			out[i] = (in[2 * i] + in[2 * i + 1]) / 2;
	else
		for (size_t i = 0; i < frames; i++) {
			float sum = 0;

			for (size_t c = 0; c < channels; c++)
				sum += in[i * channels + c];
			out[i] = sum / (float)channels;
		}
}

/* MPEG audio of so many frames at least; *found says whether it is. */
static int
open_mpeg(struct decoder *d, uint64_t least, bool *found)
{
	uint64_t end;
	int rc = mpeg_open(&d->mpeg, d->in, d->link.from, d->link.to, least, d->how.ignore_length, &end);

	*found = d->mpeg != NULL;
	if (rc != ST_OK || d->mpeg == NULL)
		return rc;
	d->info = (SF_INFO){ .samplerate = (int)mpeg_rate(d->mpeg), .channels = mpeg_channels(d->mpeg) };
	d->limit = mpeg_frames(d->mpeg) > 0 ? mpeg_frames(d->mpeg) : INPUT_OPEN;
	if (end < d->link.to)
		d->follower = end;
	return ST_OK;
}

static bool
is_named_mpeg(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL &&
		   (strcasecmp(dot, ".mp3") == 0 || strcasecmp(dot, ".mp2") == 0 || strcasecmp(dot, ".mpga") == 0);
}

/* Says what a file is that libsndfile does not read, or why it does not. Where only its
 * name tells, or nothing, it may be MP3 with something else in front. */
static int
refuse(struct decoder *d)
{
	unsigned char head[KIND_HEAD];
	size_t got;
	char reason[200];
	char word[512];
	bool found = false, named = is_named_mpeg(d->name);
	int rc;

	snprintf(reason, sizeof reason, "%s", sf_strerror(NULL));
	if (d->rc != ST_OK || input_read(d->in, d->link.from, head, sizeof head, &got) != ST_OK)
		return err_status();
	if ((named || kind_name(head, got) == NULL) && ((rc = open_mpeg(d, named ? 4 : 16, &found)) != ST_OK || found))
		return rc;
	if (kind_refuse(KIND_AUDIO, d->name, head, got) != ST_OK)
		return ST_DATA;
	if (kind_name(head, got) == NULL)
		return err_set(ST_DATA,
					   "not audio that libsndfile can read, or cut off before the samples; for raw samples: "
					   "wavnorm --raw s16le,16000,1");
	return err_set(ST_DATA, "%s that libsndfile cannot read (%s): try ffmpeg -i %s -f wav - | wavnorm",
				   kind_name(head, got), reason,
				   strcmp(d->name, "standard input") == 0 ? "-" : text_word(d->name, word, sizeof word));
}

/* Frames that are known to be there: libsndfile's count, or fewer where the last
 * block is padded. */
static void
take_limit(struct decoder *d)
{
	uint64_t frames = d->info.frames > 0 && d->info.frames < SF_COUNT_MAX ? (uint64_t)d->info.frames : INPUT_OPEN;
	uint64_t told =
		d->link.bytes != INPUT_OPEN ? link_frames(&d->link, d->link.bytes) : INPUT_OPEN;

	if (d->waits)
		frames = INPUT_OPEN;
	d->limit = told < frames || d->waits ? told : frames;
}

static int
open_sound(struct decoder *d)
{
	static SF_VIRTUAL_IO io = { get_length, seek, read_bytes, NULL, tell };
	unsigned char head[KIND_HEAD];
	bool found = false;
	size_t got;
	int rc;

	d->from = d->link.from;
	d->to = d->link.to;
	if (d->link.packed) {
		if ((rc = input_temp(&d->plain)) != ST_OK || (rc = link_unpack(d->in, &d->link, d->plain)) != ST_OK)
			return rc;
		d->from = 0;
		d->to = input_size(d->plain);
	}
	d->cursor = d->from;
	d->info = (SF_INFO){ 0 };
	if (d->how.raw != NULL)
		d->info = (SF_INFO){ .format = d->how.raw->format, .samplerate = d->how.raw->rate, .channels = d->how.raw->channels };
	if (d->link.mpeg && ((rc = open_mpeg(d, 1, &found)) != ST_OK || found))
		return rc;
	if (d->link.mpeg && input_read(d->in, d->link.from, head, sizeof head, &got) == ST_OK &&
	    kind_refuse(KIND_AUDIO, d->name, head, got) != ST_OK) /* the mark of UTF-16 begins as a frame does */
		return ST_DATA;
	if (d->link.mpeg) /* libsndfile would ask libmpg123 again, which prints what it thinks */
		return err_set(ST_DATA, "cut off: MPEG audio without a whole frame");
	if (d->link.pcm16 && d->link.samples > 0) {
		d->info = (SF_INFO){ .format = PCM16, .samplerate = (int)d->link.rate,
			.channels = (int)d->link.channels, .seekable = 1 };
		take_limit(d);
		return ST_OK;
	}
	d->file = sf_open_virtual(&io, SFM_READ, &d->info, d);
	if (d->file == NULL)
		return refuse(d);
	take_limit(d);
	d->takes_less = !input_seeks(d->in) && !d->waits;
	return ST_OK;
}

static int
find_link(struct decoder *d, uint64_t at)
{
	const struct raw *raw = d->how.raw;

	return raw != NULL ? link_raw(d->in, raw->width * (size_t)raw->channels, &d->link)
	                   : link_find(d->in, at, d->how.ignore_length, &d->link);
}

/* Opens the recording at byte at of the input. */
static int
open_link(struct decoder *d, uint64_t at)
{
	bool repeats = d->link.note != NULL;
	int rc;

	input_pin(d->in, at);
	rc = find_link(d, at);
	if (rc == ST_OK && !input_seeks(d->in) && (!d->link.forward || d->how.again)) {
		rc = input_keep(d->in);
		if (rc == ST_OK && input_size(d->in) == 0)
			rc = err_set(ST_DATA, "empty input");
		if (rc == ST_OK)
			rc = find_link(d, at);
	}
	/* Writers that cannot go back leave a header open and append the right one. */
	if (rc == ST_DATA && repeats && link_find(d->in, at, true, &d->link) == ST_OK && d->link.bytes == 0)
		rc = ST_OK;
	d->waits = !input_seeks(d->in) && d->link.blocks.bytes > 0;
	d->follower = INPUT_OPEN;
	if (rc == ST_OK && input_seeks(d->in) && d->how.raw == NULL)
		rc = link_next(d->in, &d->link, d->link.from + 1, &d->follower);
	if (rc == ST_OK)
		rc = open_sound(d);
	input_pin(d->in, INPUT_OPEN);
	return rc;
}

static void
close_link(struct decoder *d)
{
	if (d->file != NULL)
		sf_close(d->file);
	mpeg_close(d->mpeg);
	input_close(d->plain);
	d->plain = NULL;
	d->file = NULL;
	d->mpeg = NULL;
}

int
decode_open(struct decoder **decoder, const char *name, const struct decode_how *how)
{
	struct decoder *d = mem_zero(1, sizeof *d);
	int rc;

	*decoder = NULL;
	if (d == NULL)
		return ST_SYS;
	d->how = *how;
	d->name = strcmp(name, "-") == 0 ? "standard input" : name;
	rc = input_open(&d->in, name);
	if (rc == ST_OK)
		rc = open_link(d, 0);
	if (rc == ST_OK && d->info.channels > 1 &&
		(d->block = mem_zero(BLOCK, (size_t)d->info.channels * sizeof *d->block)) == NULL)
		rc = ST_SYS;
	if (rc == ST_OK)
		*decoder = d;
	else
		decode_close(d);
	return rc;
}

void
decode_close(struct decoder *d)
{
	if (d == NULL)
		return;
	close_link(d);
	input_close(d->in);
	free(d->block);
	free(d);
}

double
decode_rate(const struct decoder *d)
{
	return d->info.samplerate;
}

int
decode_channels(const struct decoder *d)
{
	return d->info.channels;
}

uint64_t
decode_frames(const struct decoder *d)
{
	return d->limit == INPUT_OPEN || d->follower != INPUT_OPEN || !input_seeks(d->in) ? 0 : d->base + d->limit;
}

uint64_t
decode_at(const struct decoder *d)
{
	return d->at;
}

const char *
decode_note(const struct decoder *d)
{
	return d->note != NULL ? d->note : d->link.note;
}

/* How many of so many frames can be had now, at least one, or none at the end. */
static int
wait_frames(struct decoder *d, uint64_t *frames)
{
	struct link *l = &d->link;
	uint64_t done = d->at - d->base, known = l->samples, ready = 0;

	while (d->waits && ready <= done) {
		uint64_t most;
		bool ended;
		int rc = input_wait(d->in, known, &known);

		if (rc != ST_OK || (rc = link_watch(d->in, l, known, &most)) != ST_OK)
			return rc;
		ended = input_size(d->in) != INPUT_OPEN;
		if (ended && (rc = link_settle(l, known, d->how.ignore_length)) != ST_OK)
			return rc;
		if (l->bytes != INPUT_OPEN)
			d->limit = link_frames(l, l->bytes);
		most = most > l->samples ? most - l->samples : 0;
		ended = ended || most >= l->bytes;
		most = most < l->bytes ? most : l->bytes;
		/* At the end the last block may be cut short. */
		ready = ended ? link_frames(l, most) : most / l->blocks.bytes * l->blocks.frames;
		if (ended)
			break;
	}
	if (d->waits && ready < done + *frames)
		*frames = ready > done ? ready - done : 0;
	return ST_OK;
}

/* Compares the number of frames with the header's, where libsndfile alone knows it. */
static int
check_length(const struct decoder *d)
{
	if (!d->how.ignore_length && d->limit != INPUT_OPEN && d->at - d->base < d->limit)
		return err_set(ST_DATA,
					   "cut off or damaged: the header claims %" PRIu64 " frames, the file has %" PRIu64
					   " (--ignore-length reads what is there)",
					   d->limit, d->at - d->base);
	return ST_OK;
}

/* Goes on to the recording behind this one; *any says whether there is one. */
static int
open_next(struct decoder *d, bool *any)
{
	SF_INFO info = d->info;
	uint64_t next = d->follower,
			 back = d->cursor > d->link.from + INPUT_BACK / 2 ? d->cursor - INPUT_BACK / 2 : d->link.from + 1;
	int rc = check_length(d);

	if (rc == ST_OK && !input_seeks(d->in) && d->how.raw == NULL)
		rc = link_next(d->in, &d->link, back, &next);
	*any = rc == ST_OK && next != INPUT_OPEN && next > d->link.from; /* damaged links may lead back */
	if (!*any)
		return rc == ST_OK && d->at == 0 ? err_set(ST_DATA, "no audio in it (zero frames)") : rc;
	close_link(d);
	d->takes_less = false;
	d->note = decode_note(d);
	d->base = d->at;
	rc = open_link(d, next);
	if (rc == ST_OK && (info.samplerate != d->info.samplerate || info.channels != d->info.channels))
		rc = err_set(ST_DATA,
					 "recordings of different rates or channels in one file: %d Hz and %d, from byte %" PRIu64
					 " on %d Hz and %d",
					 info.samplerate, info.channels, next, d->info.samplerate, d->info.channels);
	return rc == ST_OK ? ST_OK : err_prefix("the recording that follows at byte %" PRIu64, next);
}

/* Where a pipe goes on behind all samples that libsndfile can count under its header (4 GB of WAV), they are to
 * it those of the beginning again. */
static int
begin_again(struct decoder *d)
{
	uint64_t shown = d->to - d->link.samples;

	if (shown == 0 || sf_seek(d->file, 0, SEEK_SET) != 0)
		return err_set(ST_DATA, "more than libsndfile can count in a pipe: save it to a file first");
	d->from += shown;
	d->to += shown;
	d->cursor += shown;
	return ST_OK;
}

/* Reads frames of integers of 16 bits. */
static int
read_pcm16(struct decoder *d, float *to, size_t frames, size_t *got)
{
	size_t width = 2 * (size_t)d->info.channels, n = frames * width;
	uint64_t at = d->link.samples + (d->at - d->base) * width;
	unsigned char frame[2 * LINK_CHANNELS_MAX];
	const unsigned char *data;
	int rc = input_view(d->in, at, &data, &n);

	if (rc == ST_OK && n < width) { /* one that lies in two pieces */
		rc = input_read(d->in, at, frame, width, &n);
		data = frame;
	}
	*got = n / width < frames ? n / width : frames;
	d->cursor = at + *got * width;
	for (size_t i = 0; i < *got * (size_t)d->info.channels; i++)
		to[i] = (float)(int16_t)(uint16_t)(data[2 * i] | data[2 * i + 1] << 8) * (1 / 32768.0f);
	return rc;
}

/* Decodes at most that many frames of this link, interleaved. */
static int
decode_some(struct decoder *d, float *to, uint64_t frames, size_t *got)
{
	sf_count_t n;
	int rc;

	*got = 0;
	if (frames > d->limit - (d->at - d->base))
		frames = d->limit - (d->at - d->base);
	if (d->takes_less && frames > FEW)
		frames = FEW;
	if ((rc = wait_frames(d, &frames)) != ST_OK || frames == 0)
		return rc;
	if (d->mpeg != NULL)
		return mpeg_read(d->mpeg, to, (size_t)frames, got);
	if (d->file == NULL)
		return read_pcm16(d, to, (size_t)frames, got);
	n = sf_readf_float(d->file, to, (sf_count_t)frames);
	if (d->waits && n == 0 && d->rc == ST_OK && (rc = begin_again(d)) == ST_OK)
		n = sf_readf_float(d->file, to, (sf_count_t)frames);
	if (rc != ST_OK || d->rc != ST_OK)
		return rc != ST_OK ? rc : d->rc;
	/* A frame of FLAC that fails its checksum is read as silence, and the
	 * next call forgets the error. */
	if (sf_error(d->file) != SF_ERR_NO_ERROR)
		return err_set(ST_DATA, "cut off or damaged after frame %" PRIu64, d->at);
	if (d->waits && n <= 0)
		return err_set(ST_DATA, "libsndfile does not read on after frame %" PRIu64 ": save the pipe to a file first", d->at);
	*got = n > 0 ? (size_t)n : 0;
	return ST_OK;
}

int
decode_read(struct decoder *d, float *mono, size_t frames, size_t *got)
{
	size_t channels = (size_t)d->info.channels;
	float *to = channels == 1 ? mono : d->block;
	bool any = true;
	int rc;

	while ((rc = decode_some(d, to, channels == 1 || frames < BLOCK ? frames : BLOCK, got)) == ST_OK && *got == 0 &&
		   any)
		if ((rc = open_next(d, &any)) != ST_OK)
			break;
	if (rc != ST_OK || *got == 0)
		return rc;
	if (d->info.format != PCM16 && !value_finite(to, *got * channels))
		return err_set(ST_DATA, "a sample in frames %" PRIu64 " to %" PRIu64 " is NaN or infinite", d->at,
					   d->at + *got - 1);
	if (channels > 1)
		mix(to, *got, channels, mono);
	d->at += *got;
	return ST_OK;
}

void
decode_channel(const struct decoder *d, size_t channel, size_t n, float *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = d->block[i * (size_t)d->info.channels + channel];
}

/* True for formats whose samples do not depend on those before, and FLAC. */
static bool
seeks_exactly(const SF_INFO *info)
{
	int coding = info->format & SF_FORMAT_SUBMASK;

	return info->seekable && (info->format & SF_FORMAT_TYPEMASK) != SF_FORMAT_OGG &&
		   (coding == SF_FORMAT_ULAW || coding == SF_FORMAT_ALAW ||
			(coding >= SF_FORMAT_PCM_S8 && coding <= SF_FORMAT_DOUBLE));
}

int
decode_seek(struct decoder *d, uint64_t frame)
{
	float skipped[BLOCK];
	size_t got = 1;
	int rc = ST_OK;

	if (input_seeks(d->in) && d->limit != INPUT_OPEN && frame >= d->base && frame - d->base <= d->limit &&
		seeks_exactly(&d->info) && (d->file == NULL || sf_seek(d->file, (sf_count_t)(frame - d->base), SEEK_SET) >= 0))
		d->at = frame;
	while (rc == ST_OK && got > 0 && d->at < frame)
		rc = decode_read(d, skipped, frame - d->at < BLOCK ? (size_t)(frame - d->at) : BLOCK, &got);
	return rc;
}

int
decode_again(struct decoder *d)
{
	close_link(d);
	d->link = (struct link){ 0 };
	d->at = d->base = 0;
	return open_link(d, 0);
}

int
decode_file(struct audio *a, const char *name)
{
	const struct decode_how how = { 0 };
	struct decoder *d;
	size_t got = 1;
	int rc = decode_open(&d, name, &how);

	a->n = 0;
	if (rc != ST_OK)
		return rc;
	a->rate = decode_rate(d);
	while (rc == ST_OK && got > 0 && (rc = mem_room(&a->sample, &a->cap, a->n + BLOCK, sizeof *a->sample)) == ST_OK &&
		   (rc = decode_read(d, a->sample + a->n, BLOCK, &got)) == ST_OK) {
		a->n += got;
		if (a->n > AUDIO_MAX)
			rc = err_set(ST_DATA, "more than %d frames of audio", AUDIO_MAX);
	}
	decode_close(d);
	return rc;
}

void
decode_free(struct audio *a)
{
	free(a->sample);
	*a = (struct audio){ 0 };
}
