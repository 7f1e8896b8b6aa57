/* tap: what the test programs here print, for prove(1). */
#ifndef SER_TAP_H
#define SER_TAP_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

static inline bool
ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tap_count, name);
	tap_failed += !good;
	return good;
}

/* want is a part of got. */
static inline void
has(const char *got, const char *want, const char *name)
{
	if (!ok(strstr(got, want) != NULL, name))
		printf("# got '%s', which lacks '%s'\n", got, want);
}

/* Numbers that differ by less than error, or both NAN. */
static inline void
agrees(double got, double want, double error, const char *name)
{
	if (!ok(isnan(want) ? isnan(got) : fabs(got - want) < error, name))
		printf("# got %.17g, wanted %.17g\n", got, want);
}

static inline int
finish(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed > 0;
}

#endif
