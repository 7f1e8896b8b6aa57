/* level: the instruction sets that kernels are compiled for.
 *
 * A file with a KERNEL is compiled once for each level of x86-64 (v2, v3, v4 of
 * its psABI; the Makefile defines LEVELS and, for each, LEVEL), and the best that
 * the processor has is chosen once, before main. Other processors, and builds
 * for one (make ARCH=...), have one level: LEVELS is not defined. */
#ifndef SER_BASE_LEVEL_H
#define SER_BASE_LEVEL_H

/* The level that runs here: 2, 3 or 4, and its name ("v3"; "arm64"). */
extern int level_now;
const char *level_name(void);

/* ST_USAGE where the environment's SERTOOLS_KERNEL names a level that is not
 * there, ST_SYS where the processor has none. */
int level_check(void);

/* The definition of a function of such a file that others call (what they do
 * not call is static), and of an array, which they take by LEVEL_OF:
 *
 *   KERNEL(scale, (float *x, size_t n, float by), (x, n, by))
 *   { ... }
 *   const struct kind LEVEL_NAME(kinds)[] = { ... };
 *
 * KERNEL_OF is for those that return a type. LEVEL_ARRAY declares an array. */
#ifndef LEVELS
#define LEVEL_NAME(name) name
#define LEVEL_ARRAY(type, name) extern type name[]
#define LEVEL_OF(name) (name)
#define KERNEL(name, params, args) void name params
#define KERNEL_OF(type, name, params, args) type name params
#else
#define LEVEL_ARRAY(type, name) extern type name##_v2[], name##_v3[], name##_v4[]
#define LEVEL_OF(name) (level_now == 4 ? name##_v4 : level_now == 3 ? name##_v3 : name##_v2)
#define KERNEL(name, params, args) \
	LEVEL_CHOICE(void, name, params, \
	             if (level_now == 4) name##_v4 args; else if (level_now == 3) name##_v3 args; else name##_v2 args;)
#define KERNEL_OF(type, name, params, args) LEVEL_CHOICE(type, name, params, return LEVEL_OF(name) args;)
#define LEVEL_PASTE(name, level) name##_v##level
#define LEVEL_EXPAND(name, level) LEVEL_PASTE(name, level)
#define LEVEL_NAME(name) LEVEL_EXPAND(name, LEVEL)
#if defined(LEVEL) && LEVEL == 2 /* the object of the lowest level has the function that chooses */
#define LEVEL_CHOICE(type, name, params, choice) \
	type name##_v2 params; \
	type name##_v3 params; \
	type name##_v4 params; \
	type name params \
	{ \
		choice \
	} \
	type name##_v2 params
#else
#define LEVEL_CHOICE(type, name, params, choice) \
	type LEVEL_NAME(name) params; \
	type LEVEL_NAME(name) params
#endif
#endif

#endif
