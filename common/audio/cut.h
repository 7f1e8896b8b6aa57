/* cut: records of one length, or a record of all, out of a clip while it is decoded. */
#ifndef SER_AUDIO_CUT_H
#define SER_AUDIO_CUT_H

#include "audio/clip.h"
#include "audio/signal.h"

struct cut_how {
	double rate;    /* Hz */
	size_t samples; /* of a record, at most CUT_MOST */
	bool whole;     /* a record is the whole clip: longer ones than samples are refused */
	size_t stride;  /* samples from one window to the next; 0: one record a clip */
	bool centre;    /* of that one: the clip's middle, not its beginning */
	struct trim_how trim; /* the silence to drop at both ends: of the clip, or of each window */
	struct decode_how decode;
};

enum {
	CUT_HELD = 1 << 19, /* samples held of a clip; where its end decides, a longer one is decoded twice, unless whole */
	CUT_MOST = 1 << 28, /* the payload that readers take, TSR_MAX_RECORD */
};

/* Zero-initialise before use; its memory is reused. Positions are samples at
 * how->rate from the clip's beginning. */
struct cut {
	const struct cut_how *how;
	struct clip *clip;          /* has the status */
	struct clip_stream *stream; /* NULL: at its end, or failed */
	uint64_t next, reached;     /* where the next record begins; up to where there were records */
	uint64_t last;              /* where the signal ends; UINT64_MAX: not known */
	float *held;                /* n samples, from base on */
	uint64_t base;
	size_t n, cap;
	struct trim trim;
};

/* Opens the clip; where its end decides what is cut, reads it to there. A failure
 * stays with the clip. */
void cut_begin(struct cut *c, struct clip *clip, const struct cut_how *how, struct clip_kept *kept);

/* Decodes some more of a stream. */
void cut_read(struct cut *c);

/* The next record that is complete, n samples from begin on, valid until cut_read: fewer than
 * how->samples only at the clip's end. NULL: there is none, or none yet. One record a clip comes
 * only where the recording was read to its end, and found whole. */
const float *cut_next(struct cut *c, size_t *n, uint64_t *begin);

/* Of a window that cut_next gave: leaves out the silence at its ends, as if it were a recording of
 * its own, so that none waits for what comes behind it. */
int cut_trim(struct cut *c, const float **data, size_t *n);

void cut_free(struct cut *c);

#endif
