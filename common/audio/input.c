#include "audio/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/profile.h"
#include "base/replace.h"

enum {
	STEP = 1 << 16,     /* bytes read at a time */
	PIN_MAX = 64 << 20, /* bytes of a pipe before its samples: pictures in headers */
};

struct input {
	int fd;
	bool seeks;
	bool ended;    /* the pipe */
	uint64_t size; /* of the file */
	uint64_t pin;
	unsigned char *data;
	size_t cap, fill;
	uint64_t start; /* of data[0] */
};

static _Thread_local double came;

double
input_came(void)
{
	return came;
}

int
input_open(struct input **input, const char *name)
{
	struct input *in = mem_zero(1, sizeof *in);
	struct stat st = { 0 };
	int rc = ST_OK;

	*input = NULL;
	if (in == NULL)
		return ST_SYS;
	in->fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0)
		rc = err_set(err_opening(), "%s", strerror(errno));
	else if (fstat(in->fd, &st) != 0)
		rc = err_sys("reading");
	else if (S_ISDIR(st.st_mode))
		rc = err_set(ST_DATA, "is a directory: name the recordings in it, or list them for --manifest");
	else if (replace_would_lose(&st)) /* listed in a manifest, unlike operands */
		rc = err_set(ST_USAGE, "the output would replace this file: write to another one");
	if (rc == ST_OK) {
		in->seeks = st.st_size > 0 && map_can(in->fd);
		in->size = in->seeks ? (uint64_t)st.st_size : INPUT_OPEN;
		in->pin = INPUT_OPEN;
		rc = mem_room(&in->data, &in->cap, 2 * STEP, 1);
	}
	if (rc == ST_OK)
		*input = in;
	else
		input_close(in);
	return rc;
}

void
input_close(struct input *in)
{
	if (in == NULL)
		return;
	if (in->fd >= 0)
		close(in->fd);
	free(in->data);
	free(in);
}

uint64_t
input_size(const struct input *in)
{
	return in->size;
}

bool
input_seeks(const struct input *in)
{
	return in->seeks;
}

void
input_pin(struct input *in, uint64_t at)
{
	in->pin = at;
}

/* Reads what is there, waiting for the first byte: a file's from byte at on. */
static int
read_some(const struct input *in, uint64_t at, unsigned char *to, size_t n, size_t *got)
{
	ssize_t r;

	for (;;) {
		r = in->seeks ? pread(in->fd, to, n, (off_t)at) : read(in->fd, to, n);
		if (r >= 0)
			break;
		if (errno == EAGAIN)
			poll(&(struct pollfd){ .fd = in->fd, .events = POLLIN }, 1, -1);
		else if (errno != EINTR)
			return err_sys("reading");
	}
	*got = (size_t)r;
	came = profile_now();
	return ST_OK;
}

/* Makes room for what a pipe gives next: forgets all but INPUT_BACK bytes and those from
 * the pin on. */
static int
make_room(struct input *in)
{
	size_t keep = in->fill < INPUT_BACK ? in->fill : INPUT_BACK, drop;

	if (in->cap - in->fill >= STEP)
		return ST_OK;
	if (in->pin < in->start + in->fill - keep)
		keep = (size_t)(in->start + in->fill - in->pin);
	drop = in->fill - keep;
	memmove(in->data, in->data + drop, keep);
	in->start += drop;
	in->fill = keep;
	if (keep > PIN_MAX)
		return err_set(ST_DATA, "more than %d MB before the samples: save the pipe to a file first", PIN_MAX >> 20);
	return mem_room(&in->data, &in->cap, keep + STEP, 1);
}

/* Reads on in a pipe. */
static int
advance(struct input *in)
{
	size_t got = 0;
	int rc = make_room(in);

	if (rc == ST_OK)
		rc = read_some(in, 0, in->data + in->fill, STEP, &got);
	if (rc != ST_OK)
		return rc;
	in->fill += got;
	in->ended = got == 0;
	if (in->ended)
		in->size = in->start + in->fill;
	return ST_OK;
}

int
input_wait(struct input *in, uint64_t at, uint64_t *known)
{
	int rc = ST_OK;

	while (rc == ST_OK && in->size == INPUT_OPEN && at >= in->start + in->fill)
		rc = advance(in);
	*known = in->size == INPUT_OPEN ? in->start + in->fill : in->size;
	return rc;
}

/* Makes the bytes from at on part of the window; none of them are where the input ends. */
static int
look(struct input *in, uint64_t at)
{
	uint64_t known;
	size_t got = 0;
	int rc;

	if (!in->seeks) {
		rc = input_wait(in, at, &known);
		return rc == ST_OK && at < in->start ? err_set(ST_DATA, "needs to be read twice: save the pipe to a file first")
											 : rc;
	}
	if (at >= in->start && at - in->start < in->fill)
		return ST_OK;
	rc = read_some(in, at, in->data, STEP, &got);
	in->start = at;
	in->fill = rc == ST_OK ? got : 0;
	return rc;
}

int
input_view(struct input *in, uint64_t at, const unsigned char **data, size_t *n)
{
	int rc = look(in, at);
	uint64_t skip = at - in->start;

	*n = rc != ST_OK || skip >= in->fill ? 0 : in->fill - (size_t)skip;
	*data = in->data + (*n > 0 ? skip : 0);
	return rc;
}

int
input_read(struct input *in, uint64_t at, void *to, size_t n, size_t *got)
{
	const unsigned char *from;
	size_t part = 1;
	int rc = ST_OK;

	for (*got = 0; *got < n && part > 0 && (rc = input_view(in, at + *got, &from, &part)) == ST_OK;) {
		part = part < n - *got ? part : n - *got;
		memcpy((unsigned char *)to + *got, from, part);
		*got += part;
	}
	return rc;
}

int
input_keep(struct input *in)
{
	uint64_t size = 0;
	int temp = -1, rc;

	if (in->seeks)
		return ST_OK;
	if (in->start > 0)
		return err_set(ST_DATA, "needs to be read twice: save the pipe to a file first");
	rc = map_temp(&temp);
	while (rc == ST_OK) {
		rc = map_write(temp, in->data, in->fill);
		size += in->fill;
		in->start = size;
		in->fill = 0;
		if (rc != ST_OK || in->ended)
			break;
		rc = advance(in);
	}
	if (temp >= 0) {
		close(in->fd);
		in->fd = temp;
		in->seeks = true;
		in->size = size;
	}
	return rc;
}

int
input_temp(struct input **input)
{
	struct input *in = mem_zero(1, sizeof *in);
	int rc = ST_SYS;

	*input = NULL;
	if (in == NULL)
		return rc;
	*in = (struct input){ .fd = -1, .seeks = true, .pin = INPUT_OPEN };
	if ((rc = map_temp(&in->fd)) == ST_OK && (rc = mem_room(&in->data, &in->cap, STEP, 1)) == ST_OK)
		*input = in;
	else
		input_close(in);
	return rc;
}

int
input_append(struct input *in, const void *data, size_t n)
{
	in->size += n;
	return map_write(in->fd, data, n);
}

int
input_find(struct input *in, uint64_t at, uint64_t to, const void *what, size_t n, uint64_t *found)
{
	unsigned char buf[8192];
	size_t got = n;
	int rc = ST_OK;

	*found = INPUT_OPEN;
	while (rc == ST_OK && got >= n && to > at && to - at >= n) {
		const unsigned char *p = buf;

		rc = input_read(in, at, buf, to - at < sizeof buf ? (size_t)(to - at) : sizeof buf, &got);
		for (; rc == ST_OK && got >= n &&
			   (p = memchr(p, *(const unsigned char *)what, (size_t)(buf + got - p) - n + 1)) != NULL;
			 p++)
			if (memcmp(p, what, n) == 0) {
				*found = at + (uint64_t)(p - buf);
				return ST_OK;
			}
		at += got - n + 1;
	}
	return rc;
}
