#include "base/kind.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/text.h"

static const char *const not_wanted[KIND_WANTED] = { ", not a tsr stream", "", ", not a CSV file", ", not a NumPy array",
	", not text in UTF-8" };

enum group {
	STREAM, MODEL, SOUND, FILM, NUMPY, OTHERS_MODEL, IMPORTED, PICKLE, GZIP, XZ, PACKED, SHEET, TABLE, PAGE, LFS, DOUBLE, OTHER, UTF16, UTF32,
	JSON, CSV, SEMICOLONS, TSV, MANIFEST, PREDICTIONS, TEXT
};

#define WAVES "try wavnorm %s | melspec"
#define FFMPEG "try ffmpeg -i %s -f wav - | wavnorm"
#define MODELS "models are what nntrain makes; sertools list models names those there are"
#define IMPORTS "models are what nntrain makes; nnimport %s makes one of this"
#define MAKERS "wavnorm, csvprep and tsrnpy make streams"
#define EXPORT "save it as CSV in the program that made it"
#define UNPACK "unpack it first"
#define AGAIN "fetch it again, and look at it in a browser"
#define ICONV "try iconv -f UTF-16 -t UTF-8 %s"
#define ICONV32 "try iconv -f UTF-32 -t UTF-8 %s"
#define PULL "git lfs pull fetches the file that it stands for"

/* What to type for a group's files, by what was wanted; %s is the file. NULL: this is
 * what was wanted. Empty: nobody knows. */
static const char *const hint[][KIND_NUMPY] = {
	[STREAM] = { NULL, "tsrdump %s shows what is in it", "try tsrdump --tsv %s" },
	[MODEL] = { NULL, "tsrdump %s shows what is in it", "tsrdump %s shows what is in it" },
	[SOUND] = { WAVES, NULL, WAVES },
	[FILM] = { FFMPEG " | melspec", FFMPEG, FFMPEG " | melspec" },
	[NUMPY] = { "try tsrnpy %s", "try tsrnpy %s", "try tsrnpy %s" },
	[OTHERS_MODEL] = { MODELS, MODELS, MODELS },
	[IMPORTED] = { IMPORTS, IMPORTS, IMPORTS },
	[PICKLE] = { "save its arrays with numpy.savez, which tsrnpy reads", "", EXPORT },
	[GZIP] = { "unpack it first, as with gzip -dc %s", "try gzip -dc %s | wavnorm", NULL },
	[XZ] = { "unpack it first, as with xz -dc %s", "try xz -dc %s | wavnorm", NULL },
	[PACKED] = { UNPACK, UNPACK, UNPACK },
	[SHEET] = { EXPORT ", for csvprep", EXPORT ", for csvprep", EXPORT },
	[TABLE] = { EXPORT ", for csvprep", EXPORT ", for csvprep", EXPORT },
	[JSON] = { EXPORT ", for csvprep", EXPORT ", for csvprep", EXPORT },
	[PAGE] = { AGAIN, AGAIN, AGAIN },
	[LFS] = { PULL, PULL, PULL },
	[DOUBLE] = { "macOS adds such files; leave it out", "macOS adds such files; leave it out",
				 "macOS adds such files" },
	[OTHER] = { MAKERS, "", "" },
	[CSV] = { "try csvprep --recipe RECIPE %s", "try csvprep --recipe RECIPE %s", NULL },
	[SEMICOLONS] = { "try csvprep --delimiter semicolon --recipe RECIPE %s", "csvprep reads such files", NULL },
	[TSV] = { "try csvprep --delimiter tab --recipe RECIPE %s", "try wavnorm --manifest %s", NULL },
	[MANIFEST] = { "try wavnorm --manifest %s | melspec", "try wavnorm --manifest %s", NULL },
	[PREDICTIONS] = { "try evalconf %s", "try evalconf %s", NULL },
	[UTF16] = { ICONV, ICONV, ICONV },
	[UTF32] = { ICONV32, ICONV32, ICONV32 },
	[TEXT] = { MAKERS, "", NULL },
};

struct kind {
	enum group group;
	const char *name;
	const char *magic; /* first bytes, where ? is any */
	size_t n;
};

#define K(GROUP, NAME, MAGIC)                                                                                          \
	{                                                                                                                  \
		GROUP, NAME, MAGIC, sizeof(MAGIC) - 1                                                                          \
	}
#define ANY36 "????????????????????????????????????"

static const struct kind kinds[] = {
	K(MODEL, "a model of nntrain's", "\x93TS\n" ANY36 "type=model"),
	K(STREAM, "a tensor stream", "\x93TS\n"),
	K(SOUND, "a WAV recording", "RIFF????WAVE"),
	K(SOUND, "a WAV recording", "RIFX????WAVE"),
	K(SOUND, "a WAV recording (RF64)", "RF64????WAVE"),
	K(SOUND, "a WAV recording (BW64)", "BW64????WAVE"),
	K(SOUND, "a W64 recording", "riff\x2e\x91\xcf\x11"),
	K(SOUND, "a FLAC recording", "fLaC"),
	K(SOUND, "an Ogg recording", "OggS"),
	K(SOUND, "an AIFF recording", "FORM????AIF"),
	K(SOUND, "a CAF recording", "caff\0\1"),
	K(SOUND, "an AU recording", ".snd"),
	K(SOUND, "a NIST SPHERE recording", "NIST_1A"),
	K(SOUND, "an MP3 recording", "ID3"),
	K(FILM, "an M4A, MP4 or MOV recording", "????ftyp"),
	K(FILM, "a WebM or Matroska recording", "\x1a\x45\xdf\xa3"),
	K(FILM, "an AMR recording", "#!AMR"),
	K(FILM, "a recording in SoX's own format (sox -p)", ".SoX"),
	K(FILM, "a recording in SoX's own format (sox -p)", "XoS."),
	K(FILM, "a WMA or WMV recording", "\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
	K(FILM, "an AVI film", "RIFF????AVI "),
	K(FILM, "an FLV film", "FLV\1"),
	K(FILM, "an MPEG film", "\0\0\1\xba"),
	K(FILM, "an AAC recording", "ADIF"),
	K(FILM, "an AC-3 recording", "\x0b\x77"),
	K(FILM, "a WavPack recording", "wvpk"),
	K(FILM, "a Monkey's Audio recording", "MAC "),
	K(FILM, "a TTA recording", "TTA1"),
	K(FILM, "a DSF recording", "DSD "),
	K(OTHER, "a MIDI file", "MThd"),
	K(NUMPY, "a NumPy array (.npy)", "\x93NUMPY"),
	K(IMPORTED, "an HDF5 file, as Keras writes models", "\x89HDF\r\n"),
	K(OTHERS_MODEL, "a TensorFlow Lite model", "????TFL3"),
	K(OTHERS_MODEL, "a GGUF model", "GGUF"),
	K(IMPORTED, "a safetensors model", "????\0\0\0\0{\""),
	K(PICKLE, "a Python pickle", "\x80\2"),
	K(PICKLE, "a Python pickle", "\x80\3"),
	K(PICKLE, "a Python pickle", "\x80\4"),
	K(PICKLE, "a Python pickle", "\x80\5"),
	K(GZIP, "a gzip file", "\x1f\x8b"),
	K(XZ, "an xz file",
	  "\xfd"
	  "7zXZ"),
	K(PACKED, "a bzip2 file", "BZh"),
	K(PACKED, "a Zstandard file", "\x28\xb5\x2f\xfd"),
	K(PACKED, "an LZ4 file", "\x04\x22\x4d\x18"),
	K(PACKED, "a 7z archive", "7z\xbc\xaf"),
	K(PACKED, "a RAR archive", "Rar!"),
	K(SHEET, "an Excel or other old Office file", "\xd0\xcf\x11\xe0"),
	K(TABLE, "a Parquet table", "PAR1"),
	K(TABLE, "an Arrow table", "ARROW1"),
	K(TABLE, "a Feather table", "FEA1"),
	K(TABLE, "an SQLite database", "SQLite format 3"),
	K(TABLE, "a MATLAB file", "MATLAB 5.0"),
	K(TABLE, "an ARFF table", "@relation"),
	K(TABLE, "an ARFF table", "@RELATION"),
	K(DOUBLE, "macOS's notes on a file (AppleDouble)", "\0\5\x16\7"),
	K(OTHER, "a PDF document", "%PDF"),
	K(OTHER, "a PNG image", "\x89PNG"),
	K(OTHER, "a JPEG image", "\xff\xd8\xff"),
	K(OTHER, "a GIF image", "GIF8"),
	K(OTHER, "a program",
	  "\x7f"
	  "ELF"),
	K(OTHER, "a Praat file", "File type = \"oo"),
	K(LFS, "a Git LFS pointer", "version https://git-lfs"),
	K(FILM, "an MPEG transport stream", "G???" ANY36 ANY36 ANY36 ANY36 ANY36 "????G"),
	K(PACKED, "a tar archive", ANY36 ANY36 ANY36 ANY36 ANY36 ANY36 ANY36 "?????ustar"),
	K(UTF32, "text in UTF-32", "\xff\xfe\0\0"),
	K(UTF32, "text in UTF-32", "\0\0\xfe\xff"),
	K(UTF16, "text in UTF-16", "\xff\xfe"),
	K(UTF16, "text in UTF-16", "\xfe\xff"),
};

static bool
matches(const unsigned char *s, size_t n, const char *magic, size_t m)
{
	if (n < m)
		return false;
	for (size_t i = 0; i < m; i++)
		if (magic[i] != '?' && s[i] != (unsigned char)magic[i])
			return false;
	return true;
}

static bool
holds(const unsigned char *s, size_t n, const char *word)
{
	size_t m = strlen(word);

	for (size_t i = 0; i + m <= n; i++)
		if (memcmp(s + i, word, m) == 0)
			return true;
	return false;
}

/* By the names of its first members. */
static const struct kind *
zip_kind(const unsigned char *s, size_t n)
{
	static const struct {
		const char *member;
		struct kind kind;
	} members[] = {
		{ ".npy", { NUMPY, "an archive of NumPy arrays (.npz)", NULL, 0 } },
		{ "data.pkl", { OTHERS_MODEL, "a PyTorch model", NULL, 0 } },
		{ "metadata.json", { IMPORTED, "a Keras model (.keras)", NULL, 0 } },
		{ "config.json", { IMPORTED, "a Keras model (.keras)", NULL, 0 } },
		{ "[Content_Types]", { SHEET, "an Excel or other Office file", NULL, 0 } },
		{ "opendocument", { SHEET, "an OpenDocument file", NULL, 0 } },
		{ "", { PACKED, "a zip archive", NULL, 0 } },
	};
	size_t i = 0;

	while (!holds(s, n, members[i].member))
		i++;
	return &members[i].kind;
}

/* A frame of MPEG audio: eleven bits that are set, and no value that is reserved. */
static const struct kind *
frame_kind(const unsigned char *s, size_t n)
{
	static const struct kind mp3 = { SOUND, "an MP3 recording", NULL, 0 }, aac = { FILM, "an AAC recording", NULL, 0 };

	if (n < 4 || s[0] != 0xff || (s[1] & 0xe0) != 0xe0 || (s[1] & 0x18) == 0x08)
		return NULL;
	if ((s[1] & 0xf6) == 0xf0)
		return &aac;
	return (s[1] & 6) == 0 || (s[2] & 0xf0) == 0xf0 || (s[2] & 0x0c) == 0x0c ? NULL : &mp3;
}

/* A protocol buffer that begins as ONNX's do: version of the format, then the
 * producer's name. */
static const struct kind *
onnx_kind(const unsigned char *s, size_t n)
{
	static const struct kind onnx = { OTHERS_MODEL, "an ONNX model", NULL, 0 };

	return n > 6 && s[0] == 8 && s[1] < 32 && s[2] == 0x12 && s[3] > 0 && isalpha(s[4]) && isalpha(s[5]) ? &onnx : NULL;
}

/* A table by the first line: what there is of tabs, semicolons and commas. */
static const struct kind *
line_kind(const unsigned char *s, size_t n)
{
	static const struct kind page = { PAGE, "a web page", NULL, 0 }, xml = { OTHER, "an XML file", NULL, 0 },
							 json = { JSON, "a JSON file", NULL, 0 },
							 predictions = { PREDICTIONS, "a table of predictions", NULL, 0 },
							 manifest = { MANIFEST, "a manifest of recordings", NULL, 0 },
							 tsv = { TSV, "a table with tabs (TSV)", NULL, 0 },
							 semicolons = { SEMICOLONS, "a CSV file with semicolons", NULL, 0 },
							 csv = { CSV, "a CSV file", NULL, 0 }, text = { TEXT, "a text file", NULL, 0 };
	const unsigned char *end = memchr(s, '\n', n), *tab = memchr(s, '\t', n);
	size_t line = end == NULL ? n : (size_t)(end - s), commas;

	if (strncasecmp((const char *)s, "<!doctype html", n < 14 ? n : 14) == 0 ||
		strncasecmp((const char *)s, "<html", n < 5 ? n : 5) == 0)
		return &page;
	if (matches(s, n, "<?xml", 5))
		return &xml;
	if (s[0] == '{' || s[0] == '[')
		return &json;
	if (tab != NULL && (end == NULL || tab < end))
		return matches(s, n, "key\tlabel", 9)              ? &predictions
			   : memchr(s, '.', (size_t)(tab - s)) != NULL ? &manifest
														   : &tsv;
	if (end == NULL)
		return &text;
	commas = text_count(s, line, ',');
	return text_count(s, line, ';') > commas ? &semicolons : commas > 0 ? &csv : &text;
}

/* NULL where there are bytes that no text has. The last character may be cut. */
static const struct kind *
text_kind(const unsigned char *s, size_t n)
{
	if (matches(s, n, "\xef\xbb\xbf", 3)) {
		s += 3;
		n -= 3;
	}
	for (size_t i = 0; i < n; i++)
		if ((s[i] < ' ' && strchr("\t\n\r\f", s[i]) == NULL) || s[i] == 0 || s[i] == 0x7f)
			return NULL;
	while (n > 0 && isspace(*s)) {
		s++;
		n--;
	}
	return n > 0 ? line_kind(s, n) : NULL;
}

static const struct kind *
kind_of(const unsigned char *s, size_t n)
{
	const struct kind *k;

	n = n < KIND_HEAD ? n : KIND_HEAD;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (matches(s, n, kinds[i].magic, kinds[i].n))
			return &kinds[i];
	if (matches(s, n, "PK\3\4", 4) || matches(s, n, "PK\5\6", 4))
		return zip_kind(s, n);
	if ((k = frame_kind(s, n)) != NULL || (k = onnx_kind(s, n)) != NULL)
		return k;
	return text_kind(s, n);
}

const char *
kind_name(const void *head, size_t n)
{
	const struct kind *k = kind_of(head, n);

	return k == NULL ? NULL : k->name;
}

/* NULL where a file of that group is right or may be. */
static const char *
next_step(enum kind_wanted wanted, enum group group)
{
	if ((wanted == KIND_NUMPY && (group == NUMPY || group == PACKED)) || (wanted == KIND_TEXT && group >= JSON))
		return NULL;
	if (wanted == KIND_TEXT && (group == STREAM || group == MODEL))
		wanted = KIND_AUDIO; /* neither can become one */
	return hint[group][wanted < KIND_NUMPY ? wanted : KIND_STREAM];
}

int
kind_refuse(enum kind_wanted wanted, const char *file, const void *head, size_t n)
{
	const struct kind *k = kind_of(head, n);
	const char *next = k == NULL ? NULL : next_step(wanted, k->group), *at;
	const char *verdict = not_wanted[wanted];
	char word[512];

	if (next == NULL)
		return ST_OK;
	if (k->group == NUMPY && strcmp(file, "standard input") == 0) /* a pipe is read once, so the form must be told */
		next = strstr(k->name, ".npz") != NULL ? "try tsrnpy --from npz" : "try tsrnpy --from npy";
	at = strstr(next, "%s");
	if (at != NULL)
		file = strcmp(file, "standard input") == 0 || strcmp(file, "-") == 0 ? "-" : text_word(file, word, sizeof word);
	/* Not read, but a recording all the same: the sound of a film. */
	if (wanted == KIND_AUDIO)
		verdict = k->group == FILM ? ", which libsndfile does not read" : "";
	return err_set(ST_DATA, "%sthis is %s%s%s%.*s%s%s", verdict[0] == '\0' ? "not audio: " : "", k->name, verdict,
	               next[0] == '\0' ? "" : ": ", at == NULL ? (int)strlen(next) : (int)(at - next), next,
	               at == NULL ? "" : file, at == NULL ? "" : at + 2);
}
