#include "base/level.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { LOWEST = 2 };

#ifdef LEVELS
static const char *const names[] = { "v2", "v3", "v4" };

/* The highest level of the processor; less than LOWEST where it has none. The
 * few features not asked for here come with those that are. */
static int
best(void)
{
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("popcnt"))
		return 1;
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2"))
		return 2;
	if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
	    !__builtin_cpu_supports("avx512cd") || !__builtin_cpu_supports("avx512dq") ||
	    !__builtin_cpu_supports("avx512vl"))
		return 3;
	return 4;
}
#else
#if defined(SER_ARCH)
static const char *const names[] = { SER_ARCH };
#elif defined(__aarch64__)
static const char *const names[] = { "arm64" };
#else
static const char *const names[] = { "portable" };
#endif

static int
best(void)
{
	return LOWEST;
}
#endif

int level_now;

static const char *
pinned(void)
{
	const char *name = getenv("SERTOOLS_KERNEL");

	return name == NULL ? "" : name;
}

__attribute__((constructor)) static void
choose(void)
{
	level_now = best();
	for (int i = level_now; i >= LOWEST; i--)
		if (strcmp(names[i - LOWEST], pinned()) == 0)
			level_now = i;
}

const char *
level_name(void)
{
	return level_now < LOWEST ? "none" : names[level_now - LOWEST];
}

int
level_check(void)
{
	if (level_now < LOWEST)
		return err_set(ST_SYS, "this processor is older than x86-64-v2");
	if (pinned()[0] != '\0' && strcmp(pinned(), level_name()) != 0)
		return err_set(ST_USAGE, "SERTOOLS_KERNEL: '%s' is none of %s to %s, which run here", pinned(), names[0],
		               level_name());
	return ST_OK;
}
