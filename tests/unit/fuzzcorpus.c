/* fuzzcorpus TARGET FILE...: runs a target of tests/fuzz over files, as libFuzzer would. */
#include <stdio.h>

#include "../fuzz/fuzz.h"

int
main(int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		static uint8_t bytes[FUZZ_MAX];
		FILE *f = fopen(argv[i], "rb");
		size_t n = f == NULL ? 0 : fread(bytes, 1, sizeof bytes, f);

		if (f == NULL || ferror(f) || fclose(f) != 0)
			fuzz_fail(argv[i]);
		fprintf(stderr, "%s\n", argv[i]);
		if (!fuzz_run(argv[1], bytes, n))
			fuzz_fail("no such target");
	}
	return 0;
}
