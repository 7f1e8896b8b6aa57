/* drip BYTES SPEED BEGAN: hands on standard input, BYTES of which are a second of sound, SPEED times as fast as they
 * would be heard, in pieces of 10 ms of sound (at 5 ms of time, at least); each when its last sample is due. The file BEGAN
 * gets the time (s) at which the first one was.
 * drip: puts the time before each line of standard input, when it has come. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int
stamp(void)
{
	char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, stdin) >= 0) {
		printf("%.6f\t%s", now(), line);
		fflush(stdout);
	}
	free(line);
	return 0;
}

static void
wait_until(double when)
{
	struct timespec t = { .tv_sec = (time_t)when };

	t.tv_nsec = (long)(1e9 * (when - (double)t.tv_sec));
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
		;
}

static int
write_all(const char *data, size_t n)
{
	while (n > 0) {
		ssize_t k = write(STDOUT_FILENO, data, n);

		if (k <= 0)
			return 1;
		data += k;
		n -= (size_t)k;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	double bytes = argc == 4 ? atof(argv[1]) : 0, speed = argc == 4 ? atof(argv[2]) : 0, began, done = 0;
	size_t hundredths = speed > 2 ? (size_t)(speed / 2) : 1, piece = (size_t)(bytes / 100) * hundredths, n;
	char *data = NULL;
	FILE *log;

	if (argc == 1)
		return stamp();
	log = argc == 4 && piece > 0 ? fopen(argv[3], "w") : NULL;
	if (log == NULL)
		return 2;
	began = now();
	fprintf(log, "%.6f\n", began);
	if (fclose(log) != 0 || (data = malloc(piece)) == NULL)
		return 2;
	while ((n = fread(data, 1, piece, stdin)) > 0) {
		done += (double)n;
		wait_until(began + done / bytes / speed);
		if (write_all(data, n) != 0)
			break;
	}
	free(data);
	return n > 0;
}
