#include "audio/container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/mpeg.h"
#include "base/err.h"
#include "base/kind.h"

enum {
	HEAD = 64,   /* bytes of a header or chunk that are looked at */
	PAGE_HEAD = 27 + 255 + 6, /* of Ogg, and the beginning of its contents */
	NEAR = 4096, /* a size that is so near to a round one is none: headers were added or taken off */
};

#define ENDLESS (UINT64_C(1) << 60) /* bytes shown of a pipe */
static const char open_note[] = "the header leaves the size open: read to the end";
static const char part_note[] = "it ends within a frame, which is left out";
static const char off_note[] = "the header claims more samples than its own file has: read to the end";

/* Formats made of chunks: a name, a size, that many bytes. */
struct layout {
	const char *magic;    /* at the file's beginning */
	const char *form;     /* at byte 8, or NULL */
	const char *audio;    /* beginning of the name of the chunk with the samples */
	const char *format;   /* and of that which describes them */
	size_t first;         /* byte of the first chunk */
	size_t name, number;  /* bytes of a name and of a size */
	size_t align;         /* chunks begin at multiples of it from the first */
	size_t extra;         /* bytes of the chunk before the samples */
	bool big;             /* numbers are big-endian */
	bool whole;           /* a size counts name and size too */
	const char *sign;     /* bytes of a header that samples never are, */
	size_t nsign, before; /* how many, and how far from its beginning */
};

#define WAVE_SIGN "WAVEfmt ", 8, 8
#define CAF_SIGN "caff\0\1\0\0desc", 12, 0
#define W64_SIGN "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0", 16, 0

static const struct layout layouts[] = {
	{ "RIFF", "WAVE", "data", "fmt ", 12, 4, 4, 2, 0, false, false, WAVE_SIGN },
	{ "RIFX", "WAVE", "data", "fmt ", 12, 4, 4, 2, 0, true, false, WAVE_SIGN },
	{ "RF64", "WAVE", "data", "fmt ", 12, 4, 4, 2, 0, false, false, WAVE_SIGN },
	{ "BW64", "WAVE", "data", "fmt ", 12, 4, 4, 2, 0, false, false, WAVE_SIGN },
	{ "FORM", "AIFF", "SSND", "COMM", 12, 4, 4, 2, 8, true, false, NULL, 0, 0 },
	{ "FORM", "AIFC", "SSND", "COMM", 12, 4, 4, 2, 8, true, false, NULL, 0, 0 },
	{ "FORM", "8SVX", "BODY", "VHDR", 12, 4, 4, 2, 0, true, false, NULL, 0, 0 },
	{ "FORM", "16SV", "BODY", "VHDR", 12, 4, 4, 2, 0, true, false, NULL, 0, 0 },
	{ "caff", NULL, "data", "desc", 8, 4, 8, 1, 4, true, false, CAF_SIGN },
	{ "riff", NULL, "data", "fmt ", 40, 16, 8, 8, 0, false, true, W64_SIGN },
};

static uint64_t
number(const unsigned char *p, size_t n, bool big)
{
	uint64_t x = 0;

	for (size_t i = 0; i < n; i++)
		x = x << 8 | p[big ? i : n - 1 - i];
	return x;
}

static void
put(struct link *l, uint64_t at, size_t n, bool big, uint64_t x)
{
	struct patch *p = &l->patch[l->npatch++];

	if (n == 4 && x > UINT32_MAX)
		x = UINT32_MAX;
	p->at = at;
	p->n = n;
	for (size_t i = 0; i < n; i++)
		p->byte[big ? n - 1 - i : i] = (unsigned char)(x >> 8 * i);
}

static const struct layout *
find_layout(const unsigned char *head, size_t n)
{
	for (size_t i = 0; n >= 12 && i < sizeof layouts / sizeof layouts[0]; i++) {
		const struct layout *f = &layouts[i];

		if (memcmp(head, f->magic, 4) == 0 && (f->form == NULL || memcmp(head + 8, f->form, 4) == 0))
			return f;
	}
	return NULL;
}

static bool
is_au(const unsigned char *head, size_t n)
{
	return n >= 24 && (memcmp(head, ".snd", 4) == 0 || memcmp(head, "dns.", 4) == 0);
}

static bool
is_flac(const unsigned char *head, size_t n)
{
	return n >= 26 && memcmp(head, "fLaC", 4) == 0 && (head[4] & 0x7f) == 0 && memcmp(head + 5, "\0\0\x22", 3) == 0;
}

static bool
is_mpeg(const unsigned char *p, size_t n)
{
	return n >= 4 && p[0] == 0xff && (p[1] & 0xe0) == 0xe0 && (p[1] & 0x18) != 0x08 && (p[1] & 0x06) != 0 &&
		   (p[2] & 0xf0) != 0xf0 && (p[2] & 0x0c) != 0x0c;
}

static bool
is_nist(const unsigned char *head, size_t n)
{
	return n >= 8 && memcmp(head, "NIST_1A\n", 8) == 0;
}

static bool
is_voc(const unsigned char *head, size_t n)
{
	return n >= 26 && memcmp(head, "Creative Voice File\x1a", 20) == 0;
}

/* Formats that begin with what is no part of another recording. */
static bool
is_sound(const unsigned char *head, size_t n)
{
	return find_layout(head, n) != NULL || is_au(head, n) || is_flac(head, n) || is_nist(head, n) || is_voc(head, n) ||
		   (n >= 5 && memcmp(head, "OggS", 5) == 0);
}

/* Sizes that mean "until the end": none yet, the largest, and those from which
 * arecord, sox, GStreamer and others to whom nobody says it count down. */
static bool
is_open(uint64_t claim)
{
	static const uint64_t round[] = { 0x7f000000, 0x7fff0000, 0x7ffff000, 0x80000000, 0xffffffff };

	for (size_t i = 0; i < sizeof round / sizeof round[0]; i++)
		if (claim >= round[i] - NEAR && claim <= round[i] + NEAR)
			return true;
	return claim == 0 || claim >= UINT64_C(1) << 62;
}

int
link_settle(struct link *l, uint64_t size, bool any_length)
{
	uint64_t have = size > l->samples ? size - l->samples : 0;
	uint64_t whole = size - l->from;
	/* The header is counted as samples, or the file says of itself that it is whole. */
	bool off =
		l->bytes == whole || (l->layout != NULL && l->bytes == whole - 8) || (l->outer > 0 && l->outer == whole - 8);

	if (l->bytes > have && l->bytes != INPUT_OPEN && !any_length && !off)
		return err_set(ST_DATA,
					   "cut off: the header claims %llu bytes of audio, the file has %llu "
					   "(--ignore-length reads what is there)",
					   (unsigned long long)l->bytes, (unsigned long long)have);
	if (l->bytes > have && l->bytes != INPUT_OPEN && off)
		l->note = off_note;
	if (l->bytes > have || any_length)
		l->bytes = have;
	if (l->raw && l->blocks.bytes > 0 && l->bytes % l->blocks.bytes > 0)
		l->note = part_note;
	return ST_OK;
}

uint64_t
link_frames(const struct link *l, uint64_t bytes)
{
	const struct blocks *b = &l->blocks;
	uint64_t rest, frames;

	if (b->bytes == 0)
		return INPUT_OPEN;
	rest = bytes % b->bytes;
	frames = bytes / b->bytes * b->frames;
	if (b->lead > 0 && rest >= b->lead)
		frames += b->first + (rest - b->lead) / b->group * b->group * (b->frames - b->first) / (b->bytes - b->lead);
	return frames;
}

/* The "fmt " chunk of WAV and W64. */
static void
take_wave(struct link *l, const unsigned char *p, size_t n, bool big)
{
	uint32_t tag = n < 16 ? 0 : (uint32_t)number(p, 2, big), channels = (uint32_t)number(p + 2, 2, big);
	uint32_t align = (uint32_t)number(p + 12, 2, big);

	if (tag == 0xfffe && n >= 26) /* libsndfile looks at the rest of it */
		tag = (uint32_t)number(p + 24, 2, big);
	l->mpeg = tag == 0x50 || tag == 0x55;
	l->padded = tag == 1 && n >= 16 && number(p + 14, 2, big) == 24 && align == 4 * channels;
	l->channels = channels;
	l->rate = n < 16 ? 0 : (uint32_t)number(p + 4, 4, big);
	l->pcm16 = tag == 1 && !big && number(p + 14, 2, big) == 16 && align == 2 * channels && channels >= 1 &&
	           channels <= LINK_CHANNELS_MAX && l->rate >= 1 && l->rate <= INT32_MAX;
	if (tag == 1 || tag == 3 || tag == 6 || tag == 7)
		l->blocks = (struct blocks){ .bytes = align, .frames = 1 };
	else if (tag == 2 && channels > 0 && align > 7 * channels) /* MS ADPCM */
		l->blocks = (struct blocks){ align, 2 + (align - 7 * channels) * 2 / channels, 7 * channels, 2, 1 };
	else if (tag == 0x11 && channels > 0 && align > 4 * channels) /* IMA ADPCM */
		l->blocks = (struct blocks){ align, 1 + (align - 4 * channels) * 2 / channels, 4 * channels, 1, 4 * channels };
	else if (tag == 0x31) /* GSM 6.10 */
		l->blocks = (struct blocks){ .bytes = 65, .frames = 320 };
	else if (tag == 0x38) /* NMS ADPCM */
		l->blocks = (struct blocks){ .bytes = align, .frames = 160 };
	else if (tag == 0x40) /* G.721 */
		l->blocks = (struct blocks){ .bytes = 1, .frames = 2 };
}

/* The COMM chunk of AIFF and AIFC. */
static void
take_aiff(struct link *l, const unsigned char *p, size_t n)
{
	static const struct {
		const char *coding;
		uint32_t bytes, frames;
	} codings[] = { { "fl32", 4, 1 }, { "FL32", 4, 1 }, { "fl64", 8, 1 }, { "FL64", 8, 1 },   { "ulaw", 1, 1 },
					{ "ULAW", 1, 1 }, { "alaw", 1, 1 }, { "ALAW", 1, 1 }, { "ima4", 34, 64 }, { "GSM ", 33, 160 } };
	static const char *const linear[] = { "NONE", "twos", "sowt", "in24", "in32", "raw " };
	uint32_t channels = n < 18 ? 0 : (uint32_t)number(p, 2, true), bits = (uint32_t)number(p + 6, 2, true);
	const unsigned char *coding = n >= 22 ? p + 18 : (const unsigned char *)linear[0];

	for (size_t i = 0; i < sizeof linear / sizeof linear[0]; i++)
		if (memcmp(coding, linear[i], 4) == 0)
			l->blocks = (struct blocks){ .bytes = channels * ((bits + 7) / 8), .frames = 1 };
	for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++)
		if (memcmp(coding, codings[i].coding, 4) == 0)
			l->blocks = (struct blocks){ .bytes = channels * codings[i].bytes, .frames = codings[i].frames };
}

static void
take_format(struct link *l, const struct layout *f, const unsigned char *p, size_t n)
{
	if (memcmp(f->format, "fmt ", 4) == 0)
		take_wave(l, p, n, f->big);
	else if (memcmp(f->format, "COMM", 4) == 0)
		take_aiff(l, p, n);
	else if (memcmp(f->format, "desc", 4) == 0 && n >= 24)
		l->blocks =
			(struct blocks){ .bytes = (uint32_t)number(p + 16, 4, true), .frames = (uint32_t)number(p + 20, 4, true) };
	if (l->blocks.bytes == 0 || l->blocks.frames == 0 || l->blocks.frames > 1 << 20)
		l->blocks = (struct blocks){ 0 };
}

/* A walk over chunks. */
struct walk {
	const struct layout *f;
	uint64_t at;              /* the chunk's first byte, */
	uint64_t body, claim;     /* that of its contents, and how many it claims */
	unsigned char head[HEAD]; /* its beginning */
	const unsigned char *content;
	size_t got;        /* bytes of the contents in there */
	uint64_t long_at;  /* RF64's sizes of 64 bits, or 0 */
	uint64_t count_at; /* AIFF's number of frames, or 0 */
};

/* Reads the chunk at w->at; *any is false where there is none. */
static int
read_chunk(struct input *in, struct walk *w, bool *any)
{
	size_t size = w->f->name + w->f->number, got;
	int rc = input_read(in, w->at, w->head, sizeof w->head, &got);

	*any = rc == ST_OK && got >= size;
	if (!*any)
		return rc;
	w->claim = number(w->head + w->f->name, w->f->number, w->f->big);
	if (w->f->whole)
		w->claim = w->claim < size ? 0 : w->claim - size;
	w->body = w->at + size;
	w->content = w->head + size;
	w->got = got - size;
	return ST_OK;
}

static uint64_t
align(const struct link *l, uint64_t at)
{
	size_t to = l->layout == NULL ? 1 : l->layout->align;

	return at + (to - (at - l->from - (l->layout == NULL ? 0 : l->layout->first)) % to) % to;
}

/* True where chunks with names go from byte at to the very end of the file. */
static int
all_chunks(struct input *in, const struct link *l, uint64_t at, bool *all)
{
	struct walk w = { .f = l->layout, .at = at };
	bool any = true;
	int rc = ST_OK;

	*all = false;
	while (rc == ST_OK && any && w.at < input_size(in)) {
		rc = read_chunk(in, &w, &any);
		for (size_t i = 0; any && i < 4; i++)
			any = w.head[i] >= ' ' && w.head[i] <= '~';
		any = any && w.claim <= input_size(in) - w.body;
		if (any)
			w.at = align(l, w.body + w.claim);
	}
	*all = any;
	return rc;
}

/* Is a size that looks open so in truth? Not where the file has as much, where another
 * header comes next (a pipe that sox thought it could go back in) or other chunks. */
static int
check_open(struct input *in, const struct link *l, uint64_t claim, bool *open)
{
	unsigned char head[HEAD];
	size_t got;
	uint64_t size;
	int rc = input_read(in, l->samples, head, sizeof head, &got);

	size = input_size(in);
	if ((claim > 0 && size != INPUT_OPEN && size > l->samples && size - l->samples >= claim) ||
		find_layout(head, rc == ST_OK ? got : 0) == l->layout)
		*open = false;
	else if (rc == ST_OK && claim == 0 && size != INPUT_OPEN) {
		bool all;

		rc = all_chunks(in, l, l->samples, &all);
		*open = !all;
	}
	return rc;
}

/* Whether a header with a sign can begin with these bytes, n of them. */
static bool
may_begin(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		if (layouts[i].nsign > 0 && memcmp(p, layouts[i].magic, n < 4 ? n : 4) == 0)
			return true;
	return false;
}

/* Samples of an open size end where another header follows, of which the sign is looked for from
 * byte at on and before to: sets l->bytes. */
static int
bound(struct input *in, struct link *l, uint64_t at, uint64_t to)
{
	const struct layout *f = l->layout;
	unsigned char head[4];
	uint64_t found = INPUT_OPEN;
	bool any = false;
	size_t got;
	int rc = ST_OK;

	while (f->nsign > 0 && rc == ST_OK && !any &&
	       (rc = input_find(in, at, to, f->sign, f->nsign, &found)) == ST_OK && found != INPUT_OPEN) {
		if (found >= l->samples + f->before && (rc = input_read(in, found - f->before, head, 4, &got)) == ST_OK &&
		    (any = may_begin(head, got)))
			l->bytes = found - f->before - l->samples;
		at = found + 1;
	}
	return rc;
}

/* The first byte from at on where a header may have begun that has not come to its sign yet; known: nowhere. */
static int
hold(struct input *in, uint64_t at, uint64_t known, uint64_t *sure)
{
	unsigned char tail[64];
	size_t got = 0;
	int rc = input_read(in, at, tail, (size_t)(known - at), &got);

	for (*sure = at; *sure < known && !may_begin(tail + (*sure - at), (size_t)(known - *sure));)
		++*sure;
	return rc;
}

int
link_watch(struct input *in, struct link *l, uint64_t known, uint64_t *sure)
{
	const struct layout *f = l->layout;
	uint64_t few;
	int rc;

	*sure = known;
	if (f == NULL || f->nsign == 0 || l->bytes != INPUT_OPEN)
		return ST_OK;
	if (l->watched < l->samples)
		l->watched = l->samples;
	rc = bound(in, l, l->watched, known);
	if (rc == ST_OK && l->bytes != INPUT_OPEN)
		l->next = l->samples + l->bytes;
	few = f->nsign - 1 + f->before;
	if (rc == ST_OK && input_size(in) == INPUT_OPEN)
		rc = hold(in, known > l->samples + few ? known - few : l->samples, known, sure);
	if (known > l->watched + f->nsign)
		l->watched = known - f->nsign;
	return rc;
}

/* Shows libsndfile so many bytes of samples, whatever the header says. */
static int
show(struct link *l, const struct walk *w, uint64_t bytes)
{
	const struct layout *f = l->layout;
	size_t head = f->name + f->number;

	if (l->blocks.bytes > 0 && bytes % l->blocks.bytes >= (l->blocks.lead > 0 ? l->blocks.lead : l->blocks.bytes))
		bytes += l->blocks.bytes; /* libsndfile may count whole blocks */
	if (l->blocks.bytes > 0)
		bytes -= bytes % l->blocks.bytes;
	if (f->number == 4 && w->long_at == 0 && bytes > UINT32_MAX - NEAR)
		return err_set(ST_DATA, "more than 4 GB under a header that counts to 4 GB: ffmpeg -i FILE -f w64 - | wavnorm");
	put(l, w->at + f->name, f->number, f->big,
		w->long_at > 0 ? UINT32_MAX : bytes + (l->samples - w->body) + (f->whole ? head : 0));
	l->to = l->samples + bytes;
	if (f->whole)
		put(l, l->from + 16, 8, false, l->to - l->from);
	else if (f->first == 12)
		put(l, l->from + 4, 4, f->big, w->long_at > 0 ? UINT32_MAX : l->to - l->from - 8);
	if (memcmp(f->magic, "BW64", 4) == 0)
		put(l, l->from, 4, true, 0x52463634); /* RF64, by which libsndfile knows it */
	if (w->long_at > 0) {
		put(l, w->long_at, 8, false, l->to - l->from - 8);
		put(l, w->long_at + 8, 8, false, bytes);
	}
	if (w->count_at > 0 && l->blocks.frames == 1)
		put(l, w->count_at, 4, true, link_frames(l, bytes));
	return ST_OK;
}

/* Bytes shown of a pipe whose end nobody knows, as many as libsndfile can count. */
static uint64_t
endless(const struct link *l)
{
	if (l->blocks.frames > 1)
		return (uint64_t)(INT32_MAX / l->blocks.frames) * l->blocks.bytes;
	return l->layout->number == 8 ? UINT64_C(1) << 40 : UINT32_MAX - 2 * NEAR; /* of W64, too, it finds no larger ones */
}

/* The chunk that has the samples. */
static int
take_audio(struct input *in, struct walk *w, bool any_length, struct link *l)
{
	uint64_t size = input_size(in), claim = w->claim;
	unsigned char sizes[16] = "";
	size_t got = 0;
	bool open;
	int rc = ST_OK;

	if (l->padded) /* libsndfile and sox read noise, and nothing tells whether the lower three were meant, as by arecord */
		return err_set(ST_DATA, "24 bits in four bytes, of which programs mean the upper or the lower three: record as S32_LE or "
		                        "S24_3LE, or try arecord -t raw -f S24_LE ... | wavnorm --raw S24_LE,RATE,CHANNELS");
	l->samples = w->body + w->f->extra;
	if (w->f->form != NULL || w->f->whole)
		rc = input_read(in, l->from + (w->f->whole ? 16 : 4), sizes, w->f->whole ? 8 : 4, &got);
	l->outer = number(sizes, got, w->f->big) - (w->f->whole ? 8 : 0);
	if (w->f->extra == 8 && w->got >= 4)
		l->samples += number(w->content, 4, true);
	if (rc == ST_OK && w->long_at > 0 && claim == UINT32_MAX &&
		(rc = input_read(in, w->long_at, sizes, 16, &got)) == ST_OK && got == 16)
		claim = number(sizes + 8, 8, false);
	open = is_open(claim) || claim <= w->f->extra;
	claim = claim < w->f->extra ? 0 : claim - w->f->extra;
	if (rc == ST_OK && open)
		rc = check_open(in, l, claim, &open);
	l->bytes = open ? INPUT_OPEN : claim;
	if (open)
		l->note = open_note;
	if (rc != ST_OK)
		return rc;
	if (size == INPUT_OPEN) {
		l->next = l->bytes == INPUT_OPEN || any_length ? INPUT_OPEN : l->samples + l->bytes;
		l->bytes = any_length ? INPUT_OPEN : l->bytes;
		return show(l, w, l->bytes == INPUT_OPEN ? endless(l) : l->bytes);
	}
	if ((rc = link_settle(l, size, any_length)) != ST_OK || (open && (rc = bound(in, l, l->samples, INPUT_OPEN)) != ST_OK))
		return rc;
	l->next = l->samples + l->bytes;
	rc = show(l, w, l->bytes);
	if (l->blocks.bytes == 0 && !open)
		l->to = size; /* CAF has the number of frames behind the samples */
	return rc;
}

static int
find_chunks(struct input *in, bool any_length, struct link *l)
{
	struct walk w = { .f = l->layout, .at = l->from + l->layout->first };
	bool any;
	int rc;

	while ((rc = read_chunk(in, &w, &any)) == ST_OK && any) {
		if (memcmp(w.head, "ds64", 4) == 0 && w.got >= 16)
			w.long_at = w.body;
		if (memcmp(w.head, w.f->format, 4) == 0)
			take_format(l, w.f, w.content, w.got < w.claim ? w.got : (size_t)w.claim);
		/* In W64 libsndfile takes every extensible format for integers. */
		if (w.f->whole && memcmp(w.head, "fmt ", 4) == 0 && w.got >= 26 && number(w.content, 2, false) == 0xfffe &&
			l->npatch == 0)
			put(l, w.body, 2, false, number(w.content + 24, 2, false));
		if (memcmp(w.head, "COMM", 4) == 0)
			w.count_at = w.body + 2;
		if (memcmp(w.head, w.f->audio, 4) == 0) {
			l->forward = l->blocks.bytes > 0 && w.f->extra != 4;
			return l->forward || input_seeks(in) ? take_audio(in, &w, any_length, l) : ST_OK;
		}
		if (w.claim > (input_size(in) == INPUT_OPEN ? UINT32_MAX : input_size(in) - w.body))
			break;
		w.at = align(l, w.body + w.claim);
	}
	return rc; /* no audio found: libsndfile will not find any either */
}

/* AU: its encodings are numbers. */
static int
find_au(struct input *in, const unsigned char *head, bool any_length, struct link *l)
{
	static const unsigned char bytes[28] = { [1] = 1, 1, 2, 3, 4, 4, 8, [23] = 1, [25] = 3, [26] = 5, [27] = 1 };
	bool big = head[0] == '.';
	uint64_t at = number(head + 4, 4, big), coding = number(head + 12, 4, big), size = input_size(in);
	int rc = ST_OK;

	if (coding < sizeof bytes && bytes[coding] > 0) {
		bool packed = coding >= 23 && coding <= 26; /* G.721, G.723: bits of 8 frames */

		l->blocks.bytes = packed ? bytes[coding] : (uint32_t)(bytes[coding] * number(head + 20, 4, big));
		l->blocks.frames = !packed ? 1 : coding == 23 ? 2 : 8;
	}
	l->forward = l->blocks.bytes > 0;
	l->samples = l->from + at;
	l->bytes = number(head + 8, 4, big);
	if (is_open(l->bytes)) {
		l->note = open_note;
		l->bytes = INPUT_OPEN;
	}
	if (any_length)
		l->bytes = INPUT_OPEN;
	if (size != INPUT_OPEN && (rc = link_settle(l, size, any_length)) != ST_OK)
		return rc;
	l->next = l->bytes == INPUT_OPEN ? INPUT_OPEN : l->samples + l->bytes;
	l->to = l->samples + (l->bytes == INPUT_OPEN ? ENDLESS : l->bytes);
	put(l, l->from + 8, 4, big, l->bytes > UINT32_MAX - NEAR ? UINT32_MAX : l->bytes);
	return ST_OK;
}

/* NIST SPHERE: a text head of fixed size with lines like "sample_count -i 5". */
static int
check_nist(struct input *in, struct link *l, bool any_length)
{
	static const char *const fields[] = { "\nsample_count -i ", "\nchannel_count -i ", "\nsample_n_bytes -i " };
	char head[1025] = "";
	size_t got;
	int rc = input_read(in, l->from, head, 1024, &got);

	if (rc != ST_OK || got < 1024 ||
		(strstr(head, "\nsample_coding ") != NULL && strstr(head, "sample_coding -s3 pcm") == NULL))
		return rc;
	l->samples = l->from + strtoul(head + 8, NULL, 10);
	l->bytes = 1;
	for (size_t i = 0; i < 3; i++) {
		const char *field = strstr(head, fields[i]);

		if (field != NULL)
			l->bytes *= strtoul(field + strlen(fields[i]), NULL, 10) & 0xffffffff;
		else
			l->samples = 0;
	}
	if (l->samples == 0 || l->samples > input_size(in) || is_open(l->bytes))
		return ST_OK;
	rc = link_settle(l, input_size(in), any_length);
	l->to = l->next = l->samples + l->bytes;
	return rc;
}

/* VOC, made of blocks: a kind, a size of three bytes. libsndfile takes the first block
 * with samples for all. */
static int
check_voc(struct input *in, const unsigned char *head, struct link *l)
{
	uint64_t at = l->from + number(head + 20, 2, false), sounds = 0;
	unsigned char block[4] = { 1 };
	size_t got;
	int rc;

	while ((rc = input_read(in, at, block, sizeof block, &got)) == ST_OK && got == 4 && block[0] != 0) {
		uint64_t bytes = number(block + 1, 3, false);

		/* sox forgets 8 bytes of its block's own header. */
		if (sounds == 1 && bytes > input_size(in) - at - 4 && input_size(in) - at <= 9)
			break;
		sounds += block[0] == 1 || block[0] == 2 || block[0] == 9;
		if (bytes > input_size(in) - at - 4)
			return err_set(ST_DATA, "cut off: a block of %llu bytes at byte %llu", (unsigned long long)bytes,
						   (unsigned long long)at);
		at += 4 + bytes;
	}
	l->to = l->next = at + (got > 0);
	if (rc == ST_OK && sounds > 1)
		return err_set(
			ST_DATA,
			"a VOC recording of %llu blocks, which libsndfile cannot read: try ffmpeg -i FILE -f wav - | wavnorm",
			(unsigned long long)sounds);
	return rc;
}

/* Bytes of a page of Ogg, of which got are known. */
static size_t
page_bytes(const unsigned char *page, size_t got)
{
	size_t bytes = 27 + (size_t)page[26];

	for (size_t i = 27; i < 27 + (size_t)page[26] && i < got; i++)
		bytes += page[i];
	return bytes;
}

/* Pages of Ogg (RFC 3533, 6): the first ones of a recording say so, and the last one. */
static int
find_ogg(struct input *in, bool any_length, struct link *l)
{
	unsigned char page[PAGE_HEAD] = "";
	uint64_t at = l->from, size = input_size(in);
	bool last = false, begun = false;
	size_t got, bytes = 0;
	int rc;

	while ((rc = input_read(in, at, page, sizeof page, &got)) == ST_OK && got >= 27 && memcmp(page, "OggS", 5) == 0) {
		begun = begun || (page[5] & 2) == 0;
		if (begun && (page[5] & 2) != 0)
			break;
		bytes = page_bytes(page, got);
		l->packed = l->packed || (!begun && memcmp(page + 27 + page[26], "\177FLAC\1", 6) == 0);
		if (bytes > size - at || got < 27 + (size_t)page[26])
			break;
		last = (page[5] & 4) != 0;
		at += bytes;
		bytes = 0;
	}
	if (rc == ST_OK && (!last || bytes > 0) && !any_length)
		return err_set(ST_DATA,
					   "cut off: the last page of the Ogg stream is missing (--ignore-length reads what is there)");
	l->to = bytes > 0 ? size : at;
	l->next = l->to;
	if (rc == ST_OK && at < size && !is_sound(page, got))
		rc = input_find(in, at, INPUT_OPEN, "OggS\0\2", 6, &l->next);
	if (l->next == INPUT_OPEN)
		l->next = size;
	return rc;
}

int
link_unpack(struct input *in, const struct link *l, struct input *plain)
{
	unsigned char page[PAGE_HEAD], buf[4096];
	uint64_t at = l->from, to, number_of = 0;
	size_t got, skip = 9; /* what FLAC in Ogg has in front of a FLAC file */
	int rc = ST_OK;

	while (rc == ST_OK && at < l->to && (rc = input_read(in, at, page, sizeof page, &got)) == ST_OK && got >= 27) {
		if (number(page + 18, 4, false) != number_of++)
			return err_set(ST_DATA, "damaged at byte %llu: a page of the Ogg stream is missing",
						   (unsigned long long)at);
		to = at + page_bytes(page, got);
		for (at += 27 + (uint64_t)page[26] + skip; rc == ST_OK && got > 0 && at < to; at += got) {
			rc = input_read(in, at, buf, to - at < sizeof buf ? (size_t)(to - at) : sizeof buf, &got);
			if (rc == ST_OK)
				rc = input_append(plain, buf, got);
		}
		at = to;
		skip = 0;
	}
	return rc;
}

/* Leaves out what stands behind the last frame of FLAC: ID3v1 and APE tags. */
static int
find_flac(struct input *in, const unsigned char *head, struct link *l)
{
	bool counted = (head[21] & 15) != 0 || number(head + 22, 4, true) > 0; /* the tags are never reached then */
	unsigned char tail[160];
	size_t got = 0;
	int rc = ST_OK;

	l->forward = true;
	l->next = INPUT_OPEN;
	while (!counted && l->to != l->from + ENDLESS && l->to > l->from + 200) {
		const unsigned char *id3 = tail + 32, *ape = tail + 128;
		uint64_t cut = 0;

		rc = input_read(in, l->to - 160, tail, sizeof tail, &got);
		if (rc != ST_OK || got < sizeof tail)
			break;
		if (memcmp(id3, "TAG", 3) == 0)
			cut = 128;
		else if (memcmp(ape, "APETAGEX", 8) == 0)
			cut = number(ape + 12, 4, false) + ((ape[23] & 0x80) != 0 ? 32 : 0);
		if (cut == 0 || cut > l->to - l->from - 42)
			break;
		l->to -= cut;
	}
	return rc;
}

/* ID3v2 tags, which stand before any format. */
static int
skip_tags(struct input *in, uint64_t *at, unsigned char head[HEAD], size_t *got)
{
	uint64_t bytes;
	int rc;

	while ((rc = input_read(in, *at, head, HEAD, got)) == ST_OK && (bytes = mpeg_id3v2(head, *got)) > 0 &&
		   ((head[6] | head[7] | head[8] | head[9]) & 0x80) == 0)
		*at += bytes;
	return rc;
}

int
link_find(struct input *in, uint64_t at, bool any_length, struct link *l)
{
	unsigned char head[HEAD];
	size_t got;
	uint64_t size;
	int rc = skip_tags(in, &at, head, &got);

	size = input_size(in);
	*l = (struct link){ .from = at, .to = size == INPUT_OPEN ? at + ENDLESS : size, .next = size };
	if (rc != ST_OK)
		return rc;
	l->layout = find_layout(head, got);
	if (l->layout != NULL)
		return find_chunks(in, any_length, l);
	if (is_au(head, got))
		return find_au(in, head, any_length, l);
	if (is_flac(head, got))
		return find_flac(in, head, l);
	l->mpeg = is_mpeg(head, got);
	if (size == INPUT_OPEN)
		return ST_OK; /* the others are asked about again when all is there */
	if (is_nist(head, got))
		return check_nist(in, l, any_length);
	if (is_voc(head, got))
		return check_voc(in, head, l);
	return got >= 5 && memcmp(head, "OggS", 5) == 0 ? find_ogg(in, any_length, l) : ST_OK;
}

int
link_raw(struct input *in, size_t frame, struct link *l)
{
	unsigned char head[HEAD];
	size_t got;
	int rc = input_read(in, 0, head, 26, &got); /* no more, as a live one would have to be waited for */
	uint64_t size = input_size(in);

	*l = (struct link){ .to = ENDLESS - ENDLESS % frame, .next = size, .forward = true, .raw = true, .bytes = INPUT_OPEN,
		.blocks = { .bytes = (uint32_t)frame, .frames = 1 } };
	if (rc != ST_OK)
		return rc;
	if (is_sound(head, got))
		return err_set(ST_DATA, "begins as %s does, with a header: leave out --raw",
		               kind_name(head, got) == NULL ? "a recording" : kind_name(head, got));
	if (size == INPUT_OPEN)
		return ST_OK;
	l->to = size - size % frame;
	return link_settle(l, size, true);
}

/* FLAC does not say where it ends: looks for the beginning of another. */
static int
next_flac(struct input *in, uint64_t at, uint64_t *next)
{
	unsigned char head[26];
	size_t got;
	int rc;

	while ((rc = input_find(in, at, INPUT_OPEN, "fLaC", 4, next)) == ST_OK && *next != INPUT_OPEN &&
		   (rc = input_read(in, *next, head, sizeof head, &got)) == ST_OK && !is_flac(head, got))
		at = *next + 1;
	return rc;
}

int
link_next(struct input *in, const struct link *l, uint64_t at, uint64_t *next)
{
	struct walk w = { .f = l->layout, .at = l->next };
	bool any = true;
	size_t got = 1;
	int rc = ST_OK;

	*next = INPUT_OPEN;
	if (l->next == INPUT_OPEN)
		return next_flac(in, at, next);
	while (rc == ST_OK && any && got > 0 && *next == INPUT_OPEN) {
		rc = input_read(in, w.at, w.head, sizeof w.head, &got);
		if (rc == ST_OK && is_sound(w.head, got))
			*next = w.at;
		else if (w.at != align(l, w.at))
			w.at = align(l, w.at);
		else if (w.f == NULL || rc != ST_OK || (rc = read_chunk(in, &w, &any)) != ST_OK || w.claim > UINT32_MAX)
			any = false;
		else
			w.at = align(l, w.body + w.claim);
	}
	return rc;
}
