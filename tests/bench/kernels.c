/* Times the kernels, each by itself, on one thread: prints a TSV line with the
 * least processor time of many rounds, or what a product computes in it. SERTOOLS_KERNEL=v2 build/bench/kernels */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audio/decibel.h"
#include "audio/mel.h"
#include "audio/stft.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/speech.h"
#include "net/gemm.h"
#include "train/optim.h"

enum { T = 108, MELS = 128, BATCH = 32, SAMPLES = 55125, ROUNDS = 1000, BIG = 512 };

static float *noise, *out; /* BIG * BIG values and more */
static struct nn *conv, *gates;
static struct stft *stft;
static struct stft_work work;
static struct mel *mel;
static struct optim optim;

static void
conv_forward(void)
{
	nn_forward(conv, BATCH, true, 1);
}

static void
conv_backward(void)
{
	nn_backward(conv);
}

static void
lstm_both(void)
{
	nn_forward(gates, BATCH, true, 1);
	nn_backward(gates);
}

/* Products as the nets have them: of weights packed before or not, of a transpose. */
static const struct product {
	const char *name;
	size_t m, n, k;
	bool packed, transpose_a, transpose_b;
} products[] = {
	{ "conv1d, 108 windows", 108, 64, 640, true, false, false },
	{ "conv1d gradient", 640, 64, 108, false, true, false },
	{ "lstm step, 1 record", 1, 512, 128, true, false, false },
	{ "lstm step, 8 records", 8, 512, 128, true, false, false },
	{ "lstm gradient", 128, 512, 872, false, true, false },
	{ "dense", 64, 128, 3328, false, false, false },
	{ "dense dx", 64, 3328, 128, false, false, true },
	{ "square", BIG, BIG, BIG, false, false, false },
};
static const struct product *product;

static void
multiply(void)
{
	const struct product *p = product;

	if (p->packed)
		nn_gemm_packed(p->m, p->n, p->k, noise, p->k, noise, NULL, 0, out, p->n);
	else
		nn_gemm(p->transpose_a, p->transpose_b, p->m, p->n, p->k, noise, p->transpose_a ? p->m : p->k, noise,
		        p->transpose_b ? p->k : p->n, 0, out, p->n);
}

static void
spectra(void)
{
	stft_load(stft, &work, noise, SAMPLES, 0, stft_frames(stft, SAMPLES));
	for (size_t t = 0; t < stft_frames(stft, SAMPLES); t += 16)
		stft_power(stft, &work, t);
}

static void
bands(void)
{
	for (size_t t = 0; t < T; t += 16)
		mel_apply(mel, noise, out + t * MELS);
}

static void
decibels(void)
{
	for (size_t i = 0; i < (size_t)T * MELS; i++)
		out[i] = noise[i] * noise[i];
	decibel_from_power(out, (size_t)T * MELS, 1, 1e-10, 80);
}

static void
speech(void)
{
	double measure[SPEECH_MEASURES];

	speech_measure(SPEECH_DB, noise, T, MELS, measure);
}

static void
adam(void)
{
	optim_step(&optim, conv, 1e-9, 0);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double
least_of(void (*fn)(void))
{
	double least = 1e9, all = 0;

	for (int r = 0; r < ROUNDS && all < 0.5; r++) {
		double t = seconds();

		fn();
		t = seconds() - t;
		all += t;
		least = t < least ? t : least;
	}
	return least;
}

static void
report(const char *name, void (*fn)(void))
{
	printf("%s\t%.1f\tus\t%s\n", name, least_of(fn) * 1e6, level_name());
}

static void
report_products(void)
{
	for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
		double operations = 2.0 * (double)(products[i].m * products[i].n * products[i].k);

		product = &products[i];
		printf("product, %s\t%.1f\tGFLOP/s\t%s\n", product->name, operations / least_of(multiply) * 1e-9, level_name());
	}
}

static struct nn *
create(const char *text)
{
	static const size_t shape[2] = { T, MELS }, target[BATCH];
	struct nn *net;

	if (nn_create(&net, text, "net", 2, shape, 6, BATCH, true, 1) != ST_OK || nn_init(net, 1) != ST_OK)
		exit(4);
	for (size_t i = 0; i < BATCH; i++)
		memcpy(nn_input(net, i), noise, nn_inputs(net) * sizeof *noise);
	nn_forward(net, BATCH, true, 1);
	nn_loss_cross_entropy(net, target, NULL, 0);
	return net;
}

int
main(void)
{
	const struct stft_options frames = { .nfft = 2048, .window = 2048, .hop = 512, .center = true };
	const struct mel_options bank = { .rate = 22050, .nfft = 2048, .bands = MELS, .fmin = 0, .fmax = 8000 };

	noise = mem_zero((size_t)BIG * BIG * 2, sizeof *noise);
	out = mem_zero((size_t)BIG * BIG * 2, sizeof *out);
	if (noise == NULL || out == NULL || stft_new(&stft, &frames) != ST_OK ||
	    mel_new(&mel, &bank) != ST_OK)
		return 4;
	for (size_t i = 0; i < (size_t)BIG * BIG * 2; i++)
		noise[i] = (float)rand() / (float)RAND_MAX - 0.5F;
	conv = create("conv1d 64 width=5\nconv1d 64 width=5\nglobalavgpool\ndense 6\nsoftmax");
	gates = create("lstm 128\ndense 6\nsoftmax");
	if (optim_create(&optim, OPTIM_ADAM, conv) != ST_OK)
		return 4;
	report("conv1d forward", conv_forward);
	report("conv1d backward", conv_backward);
	report("lstm both", lstm_both);
	report_products();
	report("FFT", spectra);
	report("mel", bands);
	report("dB", decibels);
	report("speech", speech);
	report("Adam", adam);
	return 0;
}
