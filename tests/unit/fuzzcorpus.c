/* fuzzcorpus FILE...: runs the target of tests/fuzz over files, as libFuzzer would. */
#include "../fuzz/csvprep.c"

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		static uint8_t bytes[INPUT_MAX];
		FILE *f = fopen(argv[i], "rb");
		size_t n = f == NULL ? 0 : fread(bytes, 1, sizeof bytes, f);

		if (f == NULL || ferror(f) || fclose(f) != 0)
			fail(argv[i]);
		fprintf(stderr, "%s\n", argv[i]);
		LLVMFuzzerTestOneInput(bytes, n);
	}
	return 0;
}
