/* clash: outputs that would destroy each other or an input, whatever the spelling of
 * their names. */
#ifndef SER_BASE_CLASH_H
#define SER_BASE_CLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CLASH_MAX = 8 }; /* outputs a tool may have */

/* Zero-initialise before use. */
struct clash {
	struct clash_output {
		const char *option, *name; /* as given; "-" is standard output */
		char *path;                /* what that leads to */
		bool direct;               /* it is written as it comes, not replaced in the end */
		dev_t device;
		ino_t inode;      /* the file's, or its folder's where it does not exist yet */
		const char *base; /* then its name there, in path */
	} output[CLASH_MAX];
	size_t n;
};

/* Adds an output; ST_USAGE where it is the file of an earlier one (twice standard
 * output is not this function's to judge). Terminals, pipes and the like are nobody's. option is "output" or such. */
int clash_output(struct clash *c, const char *option, const char *name);

/* ST_USAGE where that input ("-" is standard input) is the file of an output, unless
 * it is the one of the option over (NULL: none), which then replaces it in the end. */
int clash_input(const struct clash *c, const char *name, const char *over);

void clash_free(struct clash *c);

#endif
