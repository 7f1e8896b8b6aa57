#include "base/profile.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/peak.h"
#include "base/tool.h"

/* Counts of times, by their logarithm: memory does not grow with the records. */
enum { BINS = 1200 };
static const double least = 1e-6, growth = 1.02; /* s; from one bin to the next: up to 5.8 hours */

static double began, longest;
static unsigned long long count[BINS], records;

/* Of a net, a layer may be two of them, forward and backward. */
enum { STAGES_MAX = 1024, NAME_MAX_BYTES = 96 };
static struct stage {
	char name[NAME_MAX_BYTES];
	unsigned long long calls;
	double seconds, flops, bytes;
	int threads;
} stage[STAGES_MAX];
static size_t stages;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
profile_begin(void)
{
	began = clock_seconds();
}

bool
profile_on(void)
{
	return began > 0;
}

double
profile_now(void)
{
	return profile_on() ? clock_seconds() : 0;
}

void
profile_written(double came)
{
	double took, bin;

	if (!profile_on())
		return;
	took = clock_seconds() - came;
	bin = took > least ? log(took / least) / log(growth) : 0;
	count[bin < BINS - 1 ? (size_t)bin : BINS - 1]++;
	longest = fmax(longest, took);
	records++;
}

/* NULL where there are too many. They are few, or as many as a net has layers, each of which does some work. */
static struct stage *
find(const char *name)
{
	struct stage *s = stage;

	while (s < stage + stages && strcmp(s->name, name) != 0)
		s++;
	if (s < stage + stages)
		return s;
	if (stages == STAGES_MAX)
		return NULL;
	stages++;
	snprintf(s->name, sizeof s->name, "%s", name);
	return s;
}

double
profile_shared(const char *name, double since, double flops, double bytes, int threads)
{
	double t = profile_now();
	struct stage *s;

	if (!profile_on())
		return 0;
	pthread_mutex_lock(&lock);
	if ((s = find(name)) != NULL) {
		s->calls++;
		s->seconds += t - since;
		s->flops += flops;
		s->bytes += bytes;
		s->threads = threads;
	}
	pthread_mutex_unlock(&lock);
	return t;
}

double
profile_stage(const char *name, double since, double flops, double bytes)
{
	return profile_shared(name, since, flops, bytes, 1);
}

/* The most operations a second of a thread. */
static double
peak_flops(void)
{
	double best = 0;

	for (int i = 0; i < 20; i++) {
		volatile float x = 0.5F;
		double since = clock_seconds(), done = peak_multiply(&x);

		best = fmax(best, done / (clock_seconds() - since));
	}
	return best;
}

/* The most bytes a second that a thread reads and writes, together, when it copies memory that no cache holds; 0 where
 * there is not so much. */
static double
peak_bytes(void)
{
	enum { COPIED = 64 << 20 };
	char *volatile from = malloc(COPIED), *volatile to = malloc(COPIED);
	double best = 0;

	for (int i = 0; i < 3 && from != NULL && to != NULL; i++) {
		double since;

		memset(from, i, COPIED); /* the first time, it gets its pages */
		if (i == 0)
			memset(to, i, COPIED);
		since = clock_seconds();
		memcpy(to, from, COPIED);
		best = fmax(best, 2.0 * COPIED / (clock_seconds() - since));
	}
	free(from);
	free(to);
	return best;
}

/* A column of a rate; empty where there is nothing to divide. */
static void
print_rate(double done, double by, int digits)
{
	if (done > 0 && by > 0)
		fprintf(stderr, "\t%.*f", digits, done / by);
	else
		fputc('\t', stderr);
}

static void
print_stages(double elapsed)
{
	double flops = peak_flops(), bytes = peak_bytes();

	fprintf(stderr, "profile\tstage\tcalls\tseconds\ttime%%\tGFLOP/s\tMB/s\tpeak%%\n");
	for (const struct stage *s = stage; s < stage + stages; s++) {
		double limit = s->flops > 0 ? flops : bytes;

		fprintf(stderr, "profile\t%s\t%llu\t%.9f\t%.1f", s->name, s->calls, s->seconds, 100 * s->seconds / elapsed);
		print_rate(s->flops * 1e-9, s->seconds, 6);
		print_rate(s->bytes * 1e-6, s->seconds, 3);
		print_rate(100 * (s->flops > 0 ? s->flops : s->bytes), s->seconds * limit * s->threads, 1);
		fputc('\n', stderr);
	}
	fprintf(stderr, "profile\t(one thread at most)\t\t\t\t%.3f\t%.3f\t100.0\n", flops / 1e9, bytes / 1e6);
}

/* The time that this part of the records took no longer than, ms: the middle of its bin. */
static double
percentile(double part)
{
	unsigned long long rank = (unsigned long long)ceil(part * (double)records), seen = 0;
	size_t bin = 0;

	while (bin < BINS - 1 && (seen += count[bin]) < rank)
		bin++;
	return 1e3 * fmin(longest, least * pow(growth, (double)bin + 0.5));
}

/* That of this program alone: what getrusage tells may be of the one that began it. */
static double
peak_memory(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	struct rusage usage = { 0 };
	char line[256];
	double kib = -1;

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtod(line + 6, NULL);
	if (f != NULL)
		fclose(f);
	if (kib < 0 && getrusage(RUSAGE_SELF, &usage) == 0)
		kib = (double)usage.ru_maxrss;
	return kib / 1024;
}

void
profile_say(void)
{
	double elapsed = clock_seconds() - began, memory;

	if (!profile_on())
		return;
	memory = peak_memory(); /* before peak_bytes takes its own */
	if (stages > 0)
		print_stages(elapsed);
	if (records == 0)
		tool_say("profile: %.3f s; peak memory %.1f MiB", elapsed, memory);
	else
		tool_say("profile: %llu records, %.1f a second; latency %.3f ms (median), %.3f ms (99 %%), %.3f ms (max); "
		         "peak memory %.1f MiB",
		         records, (double)records / elapsed, percentile(0.5), percentile(0.99), 1e3 * longest, memory);
}
