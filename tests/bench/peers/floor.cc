// Recordings to log-mel features on some threads, as fast as a plain C++ program on good
// libraries is: floor THREADS FILE... writes float32 (files,108,128) to standard output.
#include "features.hh"

#include <cstdio>
#include <cstdlib>

int main(int argc, char **argv)
{
	const int files = argc - 2, size = LogMel::frames * LogMel::bands;
	int bad = 0;

	if (files < 1)
		return std::fprintf(stderr, "usage: floor THREADS FILE...\n"), 2;
	std::vector<float> out(size_t(files) * size);
#pragma omp parallel num_threads(std::atoi(argv[1])) reduction(+ : bad)
	{
		LogMel features;
#pragma omp for schedule(dynamic, 4)
		for (int i = 0; i < files; i++)
			bad += !features.file(argv[2 + i], out.data() + size_t(i) * size);
	}
	return bad != 0 || std::fwrite(out.data(), sizeof(float), out.size(), stdout) != out.size();
}
