#include "base/profile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/tool.h"

/* Counts of times, by their logarithm: memory does not grow with the records. */
enum { BINS = 1200 };
static const double least = 1e-6, growth = 1.02; /* s; from one bin to the next: up to 5.8 hours */

static double began, longest;
static unsigned long long count[BINS], records;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void
profile_begin(void)
{
	began = now();
}

bool
profile_on(void)
{
	return began > 0;
}

double
profile_now(void)
{
	return profile_on() ? now() : 0;
}

void
profile_written(double came)
{
	double took, bin;

	if (!profile_on())
		return;
	took = now() - came;
	bin = took > least ? log(took / least) / log(growth) : 0;
	count[bin < BINS - 1 ? (size_t)bin : BINS - 1]++;
	longest = fmax(longest, took);
	records++;
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
	if (!profile_on())
		return;
	if (records == 0)
		tool_say("profile: 0 records; peak memory %.1f MiB", peak_memory());
	else
		tool_say("profile: %llu records, %.1f a second; latency %.3f ms (median), %.3f ms (99 %%), %.3f ms (max); "
		         "peak memory %.1f MiB",
		         records, (double)records / (now() - began), percentile(0.5), percentile(0.99), 1e3 * longest, peak_memory());
}
