#include "audio/decode.h"

#include <errno.h>
#include <fcntl.h>
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
decode(struct audio *a, SNDFILE *file)
{
	size_t channels = (size_t)a->channels;
	sf_count_t got;
	int rc;

	a->n = 0;
	if (channels > 1 && (rc = mem_room(&a->block, &a->block_cap, BLOCK * channels, sizeof *a->block)) != ST_OK)
		return rc;
	for (;;) {
		float *to;

		if ((rc = mem_room(&a->sample, &a->cap, a->n + BLOCK, sizeof *a->sample)) != ST_OK)
			return rc;
		to = channels == 1 ? a->sample + a->n : a->block;
		got = sf_readf_float(file, to, BLOCK);
		/* A frame of FLAC that fails its checksum is read as silence, and the
		 * next call forgets the error. */
		if (sf_error(file) != SF_ERR_NO_ERROR)
			return err_set(ST_DATA, "cut off or damaged after frame %zu", a->n);
		if (got <= 0)
			return ST_OK;
		if (!value_finite(to, (size_t)got * channels))
			return err_set(ST_DATA, "a sample in frames %zu to %zu is NaN or infinite", a->n, a->n + (size_t)got - 1);
		if (channels > 1)
			mix(to, (size_t)got, channels, a->sample + a->n);
		a->n += (size_t)got;
		if (a->n > AUDIO_MAX)
			return err_set(ST_DATA, "more than %d frames of audio", AUDIO_MAX);
	}
}

/* Compares the number of frames with the header's. */
static int
check_length(const struct audio *a, const SF_INFO *info)
{
	sf_count_t claim = info->frames;

	if (claim > 0 && claim < SF_COUNT_MAX && (sf_count_t)a->n < claim)
		return err_set(ST_DATA, "cut off or damaged: the header claims %lld frames, the file has %zu",
		               (long long)claim, a->n);
	return a->n == 0 ? err_set(ST_DATA, "no audio in it (zero frames)") : ST_OK;
}

static int
decode_bytes(struct audio *a, const struct bytes *bytes)
{
	SF_VIRTUAL_IO io = { get_length, seek, read_bytes, NULL, tell };
	struct cursor cursor = { bytes, 0 };
	SF_INFO info = { 0 };
	SNDFILE *file;
	int rc;

	if (bytes->map.size == 0)
		return err_set(ST_DATA, "empty input");
	if ((rc = container_check(bytes->map.data, bytes->map.size)) != ST_OK)
		return rc;
	file = sf_open_virtual(&io, SFM_READ, &info, &cursor);
	if (file == NULL)
		return err_set(ST_DATA, "not audio that libsndfile can read, or cut off before the samples");
	a->rate = info.samplerate;
	a->channels = info.channels;
	rc = decode(a, file);
	if (rc == ST_OK)
		rc = check_length(a, &info);
	sf_close(file);
	return rc;
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

int
decode_file(struct audio *a, const char *name)
{
	struct bytes bytes = { .map = { .name = "reading" } };
	int fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return err_set(ST_DATA, "%s", strerror(errno));
	rc = take_bytes(fd, &bytes);
	close(fd);
	if (rc == ST_OK)
		rc = decode_bytes(a, &bytes);
	if (bytes.own == NULL)
		map_close(&bytes.map);
	free(bytes.own);
	return rc;
}

void
decode_free(struct audio *a)
{
	free(a->sample);
	free(a->block);
	*a = (struct audio){ 0 };
}
