/* fuzz: what the targets share. */
#ifndef SER_TESTS_FUZZ_H
#define SER_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

enum { FUZZ_MAX = 1 << 14, FUZZ_FILES = 6 }; /* bytes of an input; files at a time */

/* Ends the program, so that the input is kept. */
_Noreturn void fuzz_fail(const char *what);

/* The name of file i of FUZZ_FILES, with these bytes from now on. */
const char *fuzz_file(int i, const void *bytes, size_t n);

void fuzz_csvprep(const uint8_t *data, size_t n); /* csvprep.c */

/* Runs the target of that name; false where there is none. */
int fuzz_run(const char *target, const uint8_t *data, size_t n);

#endif
