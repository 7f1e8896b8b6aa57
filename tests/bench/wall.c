/* Runs a command COUNT times: wall COUNT FILE COMMAND [ARGUMENT...]; its standard
 * output goes to FILE. Prints a TSV line: the median of its seconds, its largest
 * peak of memory in KiB, its seconds of CPU in all, those that other processes had
 * meanwhile, and those that all processors had to give. Where FILE is -, the command
 * has wall's standard output, and FILE's place takes that of the line, TIMES: so
 * wall 1 - TIMES COMMAND is a part of a pipe. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 1000 };

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Seconds that the processors were busy since the start of the machine, those that a
 * host took away included; 0 where /proc does not tell. */
static double
busy(void)
{
	/* user, nice, system, idle, iowait, irq, softirq, steal */
	unsigned long long t[8] = { 0 };
	FILE *f = fopen("/proc/stat", "r");
	int n = f == NULL ? 0 :
	                    fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]);

	if (f != NULL)
		fclose(f);
	return n != 8 ? 0 : (double)(t[0] + t[1] + t[2] + t[5] + t[6] + t[7]) / (double)sysconf(_SC_CLK_TCK);
}

/* Of the children that were waited for. */
static double
used(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* The seconds that it took, or a negative number where it failed. */
static double
once(const char *file, char **command)
{
	double t = now();
	int status;
	pid_t child = fork();

	if (child == 0) {
		int out = file == NULL ? STDOUT_FILENO : open(file, O_WRONLY | O_CREAT | O_TRUNC, 0666);

		if (out >= 0 && dup2(out, STDOUT_FILENO) >= 0)
			execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	if (status != 0)
		fprintf(stderr, "wall: %s: status %d\n", command[0], WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return status == 0 ? now() - t : -1;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static double run[RUNS];
	int count = argc > 3 ? atoi(argv[1]) : 0, piped = argc > 4 && strcmp(argv[2], "-") == 0;
	double all = busy(), start = now(), cpu;
	FILE *lines = stdout;
	struct rusage u;

	if (count < 1 || count > RUNS || (piped && (lines = fopen(argv[3], "w")) == NULL)) {
		fprintf(stderr, "usage: wall COUNT FILE|{- TIMES} COMMAND [ARGUMENT...]\n");
		return 2;
	}
	for (int i = 0; i < count; i++)
		if ((run[i] = once(piped ? NULL : argv[2], argv + 3 + piped)) < 0)
			return 4;
	all = busy() - all;
	start = now() - start;
	cpu = used();
	getrusage(RUSAGE_CHILDREN, &u);
	qsort(run, (size_t)count, sizeof *run, compare);
	fprintf(lines, "%.6f\t%ld\t%.6f\t%.3f\t%.3f\n", (run[(count - 1) / 2] + run[count / 2]) / 2, u.ru_maxrss, cpu, all > cpu ? all - cpu : 0,
	        start * (double)sysconf(_SC_NPROCESSORS_ONLN));
	return fclose(lines) == 0 ? 0 : 4;
}
