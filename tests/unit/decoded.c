/* decoded: what decode.h makes of audio files, for tests.
 *
 * decoded [-l] [-s] FILE...
 *
 * A line for each: rate, channels, frames, then the mean of the channels as whole
 * numbers of 16 bits: the sum over all frames of value times number (from 1), which
 * no frame lost, added or moved leaves as it is. -l: --ignore-length. -s: the
 * samples instead, as float. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audio/decode.h"
#include "base/err.h"

enum { SOME = 1000 }; /* frames asked for at a time: no multiple of anything */

static int
print_file(const char *name, const struct decode_how *how, bool samples)
{
	struct decoder *d;
	float x[SOME];
	size_t got = 1;
	unsigned long long n = 0;
	double sum = 0;
	int rc = decode_open(&d, name, how);

	while (rc == ST_OK && got > 0 && (rc = decode_read(d, x, SOME, &got)) == ST_OK) {
		for (size_t i = 0; i < got; i++)
			sum += (double)++n * round((double)x[i] * 32768);
		if (samples) {
			fwrite(x, sizeof *x, got, stdout);
			fflush(stdout);
		}
	}
	if (rc == ST_OK && !samples)
		printf("%g %d %llu %.0f\n", decode_rate(d), decode_channels(d), n, sum);
	if (rc != ST_OK)
		fprintf(stderr, "%s: %s\n", name, err_text());
	decode_close(d);
	return rc;
}

int
main(int argc, char **argv)
{
	struct decode_how how = { 0 };
	bool samples = false;
	int at = 1, rc = 0;

	for (; at < argc && argv[at][0] == '-' && argv[at][1] != '\0'; at++) {
		how.ignore_length = how.ignore_length || strcmp(argv[at], "-l") == 0;
		samples = samples || strcmp(argv[at], "-s") == 0;
	}
	for (; at < argc && rc == 0; at++)
		rc = print_file(argv[at], &how, samples);
	return rc;
}
