/* mkaudio: makes small audio files, for tests.
 *
 * mkaudio FILE FORMAT RATE CHANNELS FRAMES [WHAT]
 *
 * FORMAT: wav wav24 wavf wavx flac ogg opus mp3 aiff au caf w64 rf64 nist gsm ima msadpcm g721 g723-24 g723-40
 * WHAT: sine      0.5 sin 440 Hz in the first channel, half of that an octave above in the next, ... (default)
 *       opposed   the same sine in all channels, every other one negative
 *       constant  0.25
 *       click     0 but for a 0.5 in the middle
 *       voice     0.25 sin 440 Hz in the middle half, 0.0001 around it
 *       nan, inf  the sine, its 1000th frame so */
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

static const struct {
	const char *name;
	int format;
} formats[] = {
	{ "wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16 },   { "wav24", SF_FORMAT_WAV | SF_FORMAT_PCM_24 },
	{ "wavf", SF_FORMAT_WAV | SF_FORMAT_FLOAT },   { "wavx", SF_FORMAT_WAVEX | SF_FORMAT_PCM_16 },
	{ "flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16 }, { "ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS },
	{ "opus", SF_FORMAT_OGG | SF_FORMAT_OPUS },    { "mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III },
	{ "aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16 }, { "au", SF_FORMAT_AU | SF_FORMAT_PCM_16 },
	{ "caf", SF_FORMAT_CAF | SF_FORMAT_PCM_16 },   { "w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16 },
	{ "rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16 }, { "nist", SF_FORMAT_NIST | SF_FORMAT_PCM_16 },
	{ "gsm", SF_FORMAT_WAV | SF_FORMAT_GSM610 },   { "ima", SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM },
	{ "msadpcm", SF_FORMAT_WAV | SF_FORMAT_MS_ADPCM }, { "g721", SF_FORMAT_AU | SF_FORMAT_G721_32 },
	{ "g723-24", SF_FORMAT_AU | SF_FORMAT_G723_24 }, { "g723-40", SF_FORMAT_AU | SF_FORMAT_G723_40 },
};

static float
value(const char *what, long t, long frames, int channel, double rate)
{
	double tone = sin(2 * PI * 440 * (double)t / rate);

	if (strcmp(what, "opposed") == 0)
		return (float)(channel % 2 == 0 ? 0.5 * tone : -0.5 * tone);
	if (strcmp(what, "constant") == 0)
		return 0.25f;
	if (strcmp(what, "click") == 0)
		return t == frames / 2 ? 0.5f : 0;
	if (strcmp(what, "voice") == 0)
		return (float)((t >= frames / 4 && t < frames * 3 / 4 ? 0.25 : 0.0001) * tone);
	if (strcmp(what, "nan") == 0 && t == 1000)
		return NAN;
	if (strcmp(what, "inf") == 0 && t == 1000)
		return -INFINITY;
	return (float)(0.5 / (channel + 1) * sin(2 * PI * 440 * (channel + 1) * (double)t / rate));
}

static int
find_format(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i].name, name) == 0)
			return formats[i].format;
	return 0;
}

int
main(int argc, char **argv)
{
	SF_INFO info = { 0 };
	SNDFILE *file;
	const char *what = argc == 7 ? argv[6] : "sine";
	long frames;
	float *x;

	if (argc < 6 || argc > 7 || (info.format = find_format(argv[2])) == 0) {
		fprintf(stderr, "usage: mkaudio FILE FORMAT RATE CHANNELS FRAMES [WHAT]\n");
		return 2;
	}
	info.samplerate = (int)strtol(argv[3], NULL, 10);
	info.channels = (int)strtol(argv[4], NULL, 10);
	frames = strtol(argv[5], NULL, 10);
	x = calloc((size_t)frames * (size_t)info.channels + 1, sizeof *x);
	file = sf_open(argv[1], SFM_WRITE, &info);
	if (x == NULL || file == NULL) {
		fprintf(stderr, "mkaudio: %s: %s\n", argv[1], sf_strerror(NULL));
		free(x);
		return 4;
	}
	for (long t = 0; t < frames; t++)
		for (int c = 0; c < info.channels; c++)
			x[t * info.channels + c] = value(what, t, frames, c, info.samplerate);
	frames -= (long)sf_writef_float(file, x, frames);
	free(x);
	return sf_close(file) != 0 || frames != 0 ? 4 : 0;
}
