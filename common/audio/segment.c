#include "audio/segment.h"

#include <math.h>

/* Chosen on speakers 1 to 12 of RAVDESS, see tests/segments/evaluate. */
static const double begins = 6, goes_on = 3; /* dB above the noise: a segment begins, and does not end */
enum {
	LOUD = 4,       /* frames of the first kind that begin one */
	BACK = 50,      /* frames of the second kind before them that belong to it, at most */
	VOICED = 6,     /* frames that a segment has at least, */
	UNVOICED = 5,   /* and one of so many */
};
static const double padding = 0.1; /* s */

void
segmenter_begin(struct segmenter *s, const struct segment_how *how, double hop)
{
	*s = (struct segmenter){ 0 };
	s->min_speech = (uint64_t)fmax(1, round(how->min_speech / hop));
	s->min_pause = (uint64_t)fmax(1, round(how->min_pause / hop));
	s->pad = (uint64_t)round(padding / hop);
	if (s->pad > s->min_pause / 2)
		s->pad = s->min_pause / 2;
	s->max_speech = (uint64_t)fmax(2 * (double)s->min_speech + SEGMENT_MEAN, round(how->max_speech / hop) - 2 * (double)s->pad);
}

static uint64_t
padded(const struct segmenter *s, uint64_t begin)
{
	return begin < s->from + s->pad ? s->from : begin - s->pad;
}

uint64_t
segmenter_from(const struct segmenter *s)
{
	return s->speaks && s->cut ? s->begin : padded(s, s->speaks ? s->begin : s->at - s->run);
}

static void
begin_at(struct segmenter *s, uint64_t frame, bool cut)
{
	s->begin = frame;
	s->cut = cut;
	s->least = INFINITY;
	s->speaks = true;
}

/* Enough of it is voiced: knocks and the wind are not. */
static bool
is_voice(uint64_t voiced, uint64_t frames)
{
	return voiced >= VOICED && voiced * UNVOICED >= frames;
}

static bool
finish(struct segmenter *s, struct segment *out)
{
	uint64_t frames = s->last < s->begin ? 0 : s->last - s->begin + 1;
	bool is = (s->cut || frames >= s->min_speech) && is_voice(s->voiced, frames);

	*out = (struct segment){ segmenter_from(s), s->last + 1 + s->pad, s->at };
	if (is)
		s->from = out->end;
	s->speaks = false;
	s->run = s->loud = 0;
	s->voiced = 0;
	return is;
}

/* Ends a segment that is too long at the quietest frame, where another one begins. */
static bool
cut(struct segmenter *s, struct segment *out)
{
	bool is = is_voice(s->quiet_voiced, s->quiet - s->begin);

	*out = (struct segment){ segmenter_from(s), s->quiet, s->at };
	s->from = s->quiet;
	s->voiced -= s->quiet_voiced;
	begin_at(s, s->quiet, true);
	return is;
}

/* Keeps the quietest place of the second half, but not one that leaves too little behind it. */
static void
look_for_quiet(struct segmenter *s)
{
	uint64_t middle = s->at - SEGMENT_MEAN / 2;
	double sum = 0;

	for (size_t i = 0; i < SEGMENT_MEAN; i++)
		sum += s->power[i];
	if (middle < s->begin + s->max_speech / 2 || middle > s->begin + s->max_speech - s->min_speech || sum >= s->least)
		return;
	s->least = sum;
	s->quiet = middle;
	s->quiet_voiced = s->voiced;
}

/* A frame while there is no segment. */
static void
listen(struct segmenter *s, const struct speech_frame *f)
{
	if ((double)f->above <= goes_on) {
		s->run = s->loud = 0;
		s->voiced = 0;
		return;
	}
	s->run = s->run < BACK ? s->run + 1 : BACK;
	s->loud += (double)f->above > begins;
	if (s->loud == LOUD)
		begin_at(s, s->at + 1 - s->run, false);
	else
		s->voiced += f->voiced;
}

bool
segmenter_add(struct segmenter *s, const struct speech_frame *f, struct segment *out)
{
	bool known = false;

	if (f == NULL)
		return s->speaks && finish(s, out);
	s->power[s->at % SEGMENT_MEAN] = pow(10, (double)f->level / 10);
	if (!s->speaks)
		listen(s, f);
	if (s->speaks) {
		if ((double)f->above > goes_on) {
			s->last = s->at;
			s->voiced += f->voiced;
		}
		look_for_quiet(s);
		if (s->at - s->last >= s->min_pause)
			known = finish(s, out);
		else if (s->last == s->at && s->at - s->begin + 1 >= s->max_speech)
			known = cut(s, out);
	}
	s->at++;
	return known;
}
