#include "audio/raw.h"

#include <ctype.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/order.h"

enum { NAME = 16, RATE_MIN = 100, RATE_MAX = 1000000, CHANNELS_MAX = 1024 /* libsndfile's */ };

/* By names without '_', '-' and byte order, float for f. */
static const struct {
	const char *name;
	struct raw raw;
} formats[] = {
	{ "s8", { .format = SF_FORMAT_PCM_S8, .width = 1 } },
	{ "u8", { .format = SF_FORMAT_PCM_U8, .width = 1 } },
	{ "s16", { .format = SF_FORMAT_PCM_16, .width = 2 } },
	{ "u16", { .format = SF_FORMAT_PCM_16, .width = 2, .has_offset = true } },
	{ "s24", { .format = SF_FORMAT_PCM_24, .width = 3 } },
	{ "u24", { .format = SF_FORMAT_PCM_24, .width = 3, .has_offset = true } },
	{ "s243", { .format = SF_FORMAT_PCM_24, .width = 3 } },
	{ "u243", { .format = SF_FORMAT_PCM_24, .width = 3, .has_offset = true } },
	{ "s2432", { .format = SF_FORMAT_PCM_32, .width = 4, .padded = true } },
	{ "u2432", { .format = SF_FORMAT_PCM_32, .width = 4, .padded = true, .has_offset = true } },
	{ "s32", { .format = SF_FORMAT_PCM_32, .width = 4 } },
	{ "u32", { .format = SF_FORMAT_PCM_32, .width = 4, .has_offset = true } },
	{ "f", { .format = SF_FORMAT_FLOAT, .width = 4 } },
	{ "f32", { .format = SF_FORMAT_FLOAT, .width = 4 } },
	{ "f64", { .format = SF_FORMAT_DOUBLE, .width = 8 } },
	{ "mulaw", { .format = SF_FORMAT_ULAW, .width = 1 } },
	{ "ulaw", { .format = SF_FORMAT_ULAW, .width = 1 } },
	{ "ul", { .format = SF_FORMAT_ULAW, .width = 1 } },
	{ "alaw", { .format = SF_FORMAT_ALAW, .width = 1 } },
	{ "al", { .format = SF_FORMAT_ALAW, .width = 1 } },
};

/* The name as the table has it, up to n bytes of text. False where it is longer than any. */
static bool
shorten(const char *text, size_t n, char name[NAME])
{
	/* ALSA's S24_LE has 32 bits, ffmpeg's and PulseAudio's s24le has 24. */
	bool alsa = n == 6 && (strncasecmp(text + 1, "24_le", 5) == 0 || strncasecmp(text + 1, "24_be", 5) == 0);
	size_t k = 0;

	if (n > 4 && strncasecmp(text, "pcm_", 4) == 0) { /* ffmpeg's codec of that format */
		text += 4;
		n -= 4;
	}
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '_' || text[i] == '-') {
			if (alsa) {
				name[k++] = '3';
				name[k++] = '2';
			}
			continue;
		}
		if (k + 3 >= NAME)
			return false;
		name[k++] = (char)tolower((unsigned char)text[i]);
		if (k == 5 && strncmp(name, "float", 5) == 0)
			k = 1;
	}
	name[k] = '\0';
	return true;
}

/* Takes the byte order off the name. */
static bool
take_order(char *name)
{
	size_t n = strlen(name);
	const char *end = n > 2 ? name + n - 2 : "";
	bool big = strcmp(end, "be") == 0;

	if (!big && strcmp(end, "le") != 0 && strcmp(end, "ne") != 0)
		return order_differs();
	if (strcmp(end, "ne") == 0)
		big = order_differs();
	name[n - 2] = '\0';
	return big;
}

static int
take_format(const char *text, size_t n, struct raw *raw)
{
	char name[NAME];
	bool known = shorten(text, n, name), big = known && take_order(name);

	for (size_t i = 0; known && i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(name, formats[i].name) == 0) {
			*raw = formats[i].raw;
			raw->big = big;
			raw->format |= SF_FORMAT_RAW | (big ? SF_ENDIAN_BIG : SF_ENDIAN_LITTLE);
			return ST_OK;
		}
	return err_set(ST_USAGE,
	               "--raw: '%.*s' is none of s8, u8, mulaw, alaw, or s16, u16, s24, u24, s24-32, u24-32, s32, u32, f32, f64 "
	               "with le or be behind it, as s16le",
	               (int)(n < 40 ? n : 40), text);
}

/* A comma and a whole number of digits alone, from least to most; *text goes on behind it. */
static bool
take_number(const char **text, long least, long most, int *number)
{
	const char *digits = *text + 1;
	char *end = NULL;
	long x = **text == ',' && isdigit((unsigned char)*digits) ? strtol(digits, &end, 10) : -1;

	if (x < least || x > most)
		return false;
	*number = (int)x;
	*text = end;
	return true;
}

int
raw_parse(const char *text, struct raw *raw)
{
	size_t n = strcspn(text, ",");
	const char *rest = text + n;
	int rc = take_format(text, n, raw);

	if (rc != ST_OK)
		return rc;
	raw->channels = 1;
	if (!take_number(&rest, RATE_MIN, RATE_MAX, &raw->rate))
		return err_set(ST_USAGE, "--raw: '%s': behind the format a comma and the rate are required, from %d to %d Hz, as in s16le,16000",
		               text, RATE_MIN, RATE_MAX);
	if (*rest == ',' && !take_number(&rest, 1, CHANNELS_MAX, &raw->channels))
		return err_set(ST_USAGE, "--raw: '%s': the number of channels is not between 1 and %d", text, CHANNELS_MAX);
	return *rest == '\0' ? ST_OK : err_set(ST_USAGE, "--raw: '%s' is not FORMAT,RATE[,CHANNELS], as s16le,16000,1", text);
}

void
raw_turn(const struct raw *raw, unsigned char *data, size_t n)
{
	if (!raw->padded && !raw->has_offset)
		return;
	for (unsigned char *s = data; s + raw->width <= data + n; s += raw->width) {
		if (raw->padded && raw->big) {
			memmove(s, s + 1, 3);
			s[3] = 0;
		} else if (raw->padded) {
			memmove(s + 1, s, 3);
			s[0] = 0;
		}
		if (raw->has_offset)
			s[raw->big ? 0 : raw->width - 1] ^= 0x80;
	}
}
