// ONNX Runtime by its C interface, without an interpreter:
//     onnx forward NET.onnx THREADS BATCH SECONDS   a TSV line: seconds a forward pass (median), version
//     onnx answer NET.onnx FILE                     a recording to probabilities, on one thread
//     onnx version
//     onnx check NET.onnx BATCH                     features (float32) to probabilities, both as streams of bytes
#include "features.hh"

#include <onnxruntime_c_api.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

static const OrtApi *api;
static void need(OrtStatus *status)
{
	if (status != nullptr) {
		std::fprintf(stderr, "onnx: %s\n", api->GetErrorMessage(status));
		std::exit(3);
	}
}

class Net {
public:
	Net(const char *file, int threads)
	{
		// An older library than this header has fewer functions, in the same places.
		for (int v = ORT_API_VERSION; api == nullptr && v > 10; v--)
			api = OrtGetApiBase()->GetApi(v);
		OrtSessionOptions *options;
		need(api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "bench", &env));
		need(api->CreateSessionOptions(&options));
		need(api->SetIntraOpNumThreads(options, threads));
		need(api->SetInterOpNumThreads(options, 1));
		need(api->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL));
		need(api->AddSessionConfigEntry(options, "session.set_denormal_as_zero", "1"));
		need(api->CreateSession(env, file, options, &session));
		need(api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));
		OrtAllocator *allocator;
		need(api->GetAllocatorWithDefaultOptions(&allocator));
		need(api->SessionGetInputName(session, 0, allocator, &input));
	}

	// x: (batch,frames,bands), or as the net has them, to y: (batch,classes)
	void bind(std::vector<float> &x, std::vector<float> &y, int batch)
	{
		OrtTypeInfo *type;
		const OrtTensorTypeAndShapeInfo *shape;
		int64_t in[3];
		need(api->SessionGetInputTypeInfo(session, 0, &type));
		need(api->CastTypeInfoToTensorInfo(type, &shape));
		need(api->GetDimensions(shape, in, 3));
		in[0] = batch;
		const int64_t out[] = { batch, int64_t(y.size()) / batch };
		need(api->CreateTensorWithDataAsOrtValue(memory, x.data(), x.size() * sizeof(float), in, 3, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &vx));
		need(api->CreateTensorWithDataAsOrtValue(memory, y.data(), y.size() * sizeof(float), out, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &vy));
	}
	void run()
	{
		const char *output = "probabilities";
		need(api->Run(session, nullptr, &input, &vx, 1, &output, 1, &vy));
	}

private:
	OrtEnv *env;
	OrtSession *session;
	OrtMemoryInfo *memory;
	OrtValue *vx = nullptr, *vy = nullptr;
	char *input;
};

static double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

static constexpr int classes = 6, size = LogMel::frames * LogMel::bands;

static void forward(const char *file, int threads, int batch, double seconds)
{
	Net net(file, threads);
	std::vector<float> x(size_t(batch) * size), y(size_t(batch) * classes);
	std::vector<double> runs;
	std::mt19937 random(1);
	std::normal_distribution<float> normal;

	for (float &v : x)
		v = normal(random);
	net.bind(x, y, batch);
	for (int i = 0; i < 10; i++)
		net.run();
	for (double end = now() + seconds, t = now(); t < end || runs.size() < 10;) {
		net.run();
		double next = now();
		runs.push_back(next - t);
		t = next;
	}
	std::nth_element(runs.begin(), runs.begin() + runs.size() / 2, runs.end());
	std::printf("%.9f\tONNX Runtime %s from C\n", runs[runs.size() / 2], OrtGetApiBase()->GetVersionString());
}

static int check(const char *file, int batch)
{
	Net net(file, 1);
	std::vector<float> x(size_t(batch) * size), y(size_t(batch) * classes);

	if (std::fread(x.data(), sizeof(float), x.size(), stdin) != x.size())
		return 3;
	net.bind(x, y, batch);
	net.run();
	return std::fwrite(y.data(), sizeof(float), y.size(), stdout) != y.size();
}

static int answer(const char *net_file, const char *file)
{
	Net net(net_file, 1);
	LogMel features;
	std::vector<float> x(size), y(classes);

	if (!features.file(file, x.data()))
		return 3;
	net.bind(x, y, 1);
	net.run();
	for (float p : y)
		std::printf("%.6f\n", double(p));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && std::strcmp(argv[1], "forward") == 0)
		return forward(argv[2], std::atoi(argv[3]), std::atoi(argv[4]), std::atof(argv[5])), 0;
	if (argc == 4 && std::strcmp(argv[1], "answer") == 0)
		return answer(argv[2], argv[3]);
	if (argc == 4 && std::strcmp(argv[1], "check") == 0)
		return check(argv[2], std::atoi(argv[3]));
	if (argc == 2 && std::strcmp(argv[1], "version") == 0)
		return std::puts(OrtGetApiBase()->GetVersionString()) < 0;
	return std::fprintf(stderr, "usage: onnx forward|answer|check NET.onnx ...\n"), 2;
}
