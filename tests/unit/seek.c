/* seek: how decode_file shows a file to libsndfile. This program's own
 * sf_open_virtual stands in for libsndfile's and asks at every edge: what lies
 * outside must be refused, as reading there would leave the memory. */
#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/decode.h"
#include "base/err.h"
#include "tap.h"

enum { SIZE = 100 };

static int opened;

static void
check_seeks(const SF_VIRTUAL_IO *io, void *user)
{
	static const struct {
		sf_count_t from, offset;
		int whence;
		sf_count_t want; /* the new position, or -1 */
	} seeks[] = {
		{ 7, 0, SEEK_SET, 0 }, { 7, 99, SEEK_SET, 99 }, { 7, SIZE, SEEK_SET, SIZE }, { 7, SIZE + 1, SEEK_SET, -1 },
		{ 7, -1, SEEK_SET, -1 }, { 7, INT64_MAX, SEEK_SET, -1 }, { 7, INT64_MIN, SEEK_SET, -1 },
		{ 7, 0, SEEK_CUR, 7 }, { 7, -7, SEEK_CUR, 0 }, { 7, -8, SEEK_CUR, -1 }, { 7, 93, SEEK_CUR, SIZE },
		{ 7, 94, SEEK_CUR, -1 }, { 7, INT64_MAX, SEEK_CUR, -1 }, { 7, INT64_MIN, SEEK_CUR, -1 },
		{ 7, 0, SEEK_END, SIZE }, { 7, 1, SEEK_END, -1 }, { 7, -30, SEEK_END, 70 }, { 7, -SIZE, SEEK_END, 0 },
		{ 7, -SIZE - 1, SEEK_END, -1 }, { 7, INT64_MAX, SEEK_END, -1 }, { 7, INT64_MIN, SEEK_END, -1 },
		{ SIZE, 0, SEEK_CUR, SIZE }, { SIZE, 1, SEEK_CUR, -1 }, { 0, -1, SEEK_CUR, -1 },
	};
	char name[120];

	for (size_t i = 0; i < sizeof seeks / sizeof seeks[0]; i++) {
		sf_count_t got, want = seeks[i].want;

		io->seek(seeks[i].from, SEEK_SET, user);
		got = io->seek(seeks[i].offset, seeks[i].whence, user);
		snprintf(name, sizeof name, "from %lld by %lld (%d): %lld, and there it is", (long long)seeks[i].from,
		         (long long)seeks[i].offset, seeks[i].whence, (long long)got);
		ok(got == want && io->tell(user) == (want < 0 ? seeks[i].from : want), name);
	}
}

static void
check_reads(const SF_VIRTUAL_IO *io, void *user)
{
	unsigned char buf[2 * SIZE];

	ok(io->get_filelen(user) == SIZE, "the length is the file's");
	io->seek(12, SEEK_SET, user);
	ok(io->read(buf, 5, user) == 5 && io->tell(user) == 17, "a read within moves on by as much");
	ok(buf[0] == 12 && buf[4] == 16, "and gives the bytes that are there");
	memset(buf, 0xee, sizeof buf);
	io->seek(90, SEEK_SET, user);
	ok(io->read(buf, sizeof buf, user) == 10 && io->tell(user) == SIZE, "a read over the end stops there");
	ok(buf[0] == 90 && buf[9] == 99 && buf[10] == 0xee, "with what was left");
	ok(io->read(buf, 1, user) == 0 && io->tell(user) == SIZE, "a read at the end gives nothing");
	ok(io->write == NULL, "nothing can be written");
}

SNDFILE *
sf_open_virtual(SF_VIRTUAL_IO *io, int mode, SF_INFO *info, void *user)
{
	opened++;
	ok(mode == SFM_READ && info->format == 0, "opened to be read");
	ok(io->tell(user) == 0, "at the beginning");
	check_seeks(io, user);
	check_reads(io, user);
	return NULL;
}

int
main(void)
{
	char name[] = "seek.XXXXXX", want[] = "not audio that libsndfile can read";
	int fd = mkstemp(name);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
	struct audio a = { 0 };

	if (f == NULL)
		return 99;
	for (int i = 0; i < SIZE; i++)
		putc(i, f);
	fclose(f);
	ok(decode_file(&a, name) == ST_DATA && opened == 1, "a file that libsndfile does not take is bad data");
	has(err_text(), want, "and said to be none of its own");
	ok(freopen(name, "rb", stdin) != NULL && decode_file(&a, "-") == ST_DATA && opened == 2, "the same by standard input");
	remove(name);
	decode_free(&a);
	return finish();
}
