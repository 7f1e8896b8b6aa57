#include "audio/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/container.h"
#include "base/err.h"
#include "base/io.h"
#include "base/map.h"
#include "base/mem.h"
#include "stream/value.h"

enum { BLOCK = 4096 }; /* frames decoded at a time */

/* A whole file, mapped, or from a pipe, read. */
struct bytes {
	struct map map;
	unsigned char *own; /* the buffer that was read; NULL: map is mapped */
};

/* A position in the file, for libsndfile. */
struct cursor {
	const struct bytes *bytes;
	sf_count_t at;
};

struct decoder {
	struct decode_how how;
	struct bytes bytes;
	struct cursor cursor;
	SNDFILE *file;
	SF_INFO info;
	uint64_t at;  /* the next frame */
	float *block; /* interleaved, as decoded; NULL: one channel */
};

static sf_count_t
get_length(void *user)
{
	return (sf_count_t)((struct cursor *)user)->bytes->map.size;
}

static sf_count_t
seek(sf_count_t offset, int whence, void *user)
{
	struct cursor *c = user;
	sf_count_t size = get_length(user), base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? c->at : size;

	if (offset < -base || offset > size - base)
		return -1;
	return c->at = base + offset;
}

static sf_count_t
read_bytes(void *to, sf_count_t n, void *user)
{
	struct cursor *c = user;
	sf_count_t left = get_length(user) - c->at;

	n = n < left ? n : left;
	memcpy(to, c->bytes->map.data + c->at, (size_t)n);
	c->at += n;
	return n;
}

static sf_count_t
tell(void *user)
{
	return ((struct cursor *)user)->at;
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

static int
read_pipe(int fd, struct bytes *b)
{
	size_t cap = 0, got = 0;
	int rc;

	do {
		if ((rc = mem_room(&b->own, &cap, cap == 0 ? 1 << 20 : cap + 1, 1)) != ST_OK ||
		    (rc = io_read(fd, "reading", b->own + b->map.size, cap - b->map.size, &got)) != ST_OK)
			return rc;
		b->map.size += got;
	} while (b->map.size == cap && cap < AUDIO_PIPE_MAX);
	b->map.data = b->own;
	return b->map.size < AUDIO_PIPE_MAX ? ST_OK : err_set(ST_DATA, "%d bytes or more from a pipe", AUDIO_PIPE_MAX);
}

/* Maps a regular file that is at its first byte, reads anything else. */
static int
take_bytes(int fd, struct bytes *b)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys("reading");
	if (S_ISDIR(st.st_mode))
		return err_set(ST_DATA, "is a directory");
	return st.st_size > 0 && map_can(fd) ? map_fd(&b->map, fd) : read_pipe(fd, b);
}

static void
release(struct decoder *d)
{
	if (d->file != NULL)
		sf_close(d->file);
	if (d->bytes.own == NULL)
		map_close(&d->bytes.map);
	free(d->bytes.own);
	free(d->block);
	free(d);
}

static int
open_sound(struct decoder *d)
{
	static SF_VIRTUAL_IO io = { get_length, seek, read_bytes, NULL, tell };

	d->cursor = (struct cursor){ .bytes = &d->bytes };
	d->info = (SF_INFO){ 0 };
	d->file = sf_open_virtual(&io, SFM_READ, &d->info, &d->cursor);
	return d->file != NULL ? ST_OK
	                       : err_set(ST_DATA, "not audio that libsndfile can read, or cut off before the samples");
}

static int
open_bytes(struct decoder *d)
{
	int rc;

	if (d->bytes.map.size == 0)
		return err_set(ST_DATA, "empty input");
	if ((rc = container_check(d->bytes.map.data, d->bytes.map.size)) != ST_OK)
		return rc;
	if ((rc = open_sound(d)) != ST_OK)
		return rc;
	if (d->info.channels > 1)
		d->block = mem_zero(BLOCK, (size_t)d->info.channels * sizeof *d->block);
	return d->info.channels > 1 && d->block == NULL ? ST_SYS : ST_OK;
}

int
decode_open(struct decoder **decoder, const char *name, const struct decode_how *how)
{
	struct decoder *d = mem_zero(1, sizeof *d);
	int fd, rc;

	*decoder = NULL;
	if (d == NULL)
		return ST_SYS;
	d->how = *how;
	d->bytes.map.name = "reading";
	fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		rc = err_set(ST_DATA, "%s", strerror(errno));
	} else {
		rc = take_bytes(fd, &d->bytes);
		close(fd);
	}
	if (rc == ST_OK)
		rc = open_bytes(d);
	if (rc == ST_OK)
		*decoder = d;
	else
		release(d);
	return rc;
}

void
decode_close(struct decoder *d)
{
	if (d != NULL)
		release(d);
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
	sf_count_t claim = d->info.frames;

	return claim > 0 && claim < SF_COUNT_MAX ? (uint64_t)claim : 0;
}

uint64_t
decode_at(const struct decoder *d)
{
	return d->at;
}

/* Compares the number of frames with the header's. */
static int
check_length(const struct decoder *d)
{
	if (d->at < decode_frames(d))
		return err_set(ST_DATA, "cut off or damaged: the header claims %" PRIu64 " frames, the file has %" PRIu64,
		               decode_frames(d), d->at);
	return d->at == 0 ? err_set(ST_DATA, "no audio in it (zero frames)") : ST_OK;
}

int
decode_read(struct decoder *d, float *mono, size_t frames, size_t *got)
{
	size_t channels = (size_t)d->info.channels;
	float *to = channels == 1 ? mono : d->block;
	sf_count_t n = sf_readf_float(d->file, to, (sf_count_t)(channels == 1 || frames < BLOCK ? frames : BLOCK));

	*got = 0;
	/* A frame of FLAC that fails its checksum is read as silence, and the
	 * next call forgets the error. */
	if (sf_error(d->file) != SF_ERR_NO_ERROR)
		return err_set(ST_DATA, "cut off or damaged after frame %" PRIu64, d->at);
	if (n <= 0)
		return check_length(d);
	*got = (size_t)n;
	if (!value_finite(to, *got * channels))
		return err_set(ST_DATA, "a sample in frames %" PRIu64 " to %" PRIu64 " is NaN or infinite", d->at,
		               d->at + *got - 1);
	if (channels > 1)
		mix(to, *got, channels, mono);
	d->at += *got;
	return ST_OK;
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

	if (seeks_exactly(&d->info) && frame <= decode_frames(d) && sf_seek(d->file, (sf_count_t)frame, SEEK_SET) >= 0)
		d->at = frame;
	while (rc == ST_OK && got > 0 && d->at < frame)
		rc = decode_read(d, skipped, frame - d->at < BLOCK ? (size_t)(frame - d->at) : BLOCK, &got);
	return rc;
}

int
decode_again(struct decoder *d)
{
	sf_close(d->file);
	d->at = 0;
	return open_sound(d);
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
