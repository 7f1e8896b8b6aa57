/* cut: records of one length, or a record of all, out of a clip while it is decoded: one of each channel
 * where they are kept apart, windows, or the speech between pauses. */
#ifndef SER_AUDIO_CUT_H
#define SER_AUDIO_CUT_H

#include "audio/clip.h"
#include "audio/segment.h"
#include "audio/signal.h"

struct cut_how {
	double rate;    /* Hz */
	size_t samples; /* of a record, at most CUT_MOST */
	bool whole;     /* a record is the whole clip: longer ones than samples are refused */
	size_t stride;  /* samples from one window to the next; 0: one record a clip */
	bool segments;  /* a record is a segment of speech, of samples at most, or (whole) its own */
	struct segment_how segment;
	bool centre;    /* of a clip or segment: its middle, not its beginning */
	struct trim_how trim; /* the silence to drop at both ends: of the clip, or of each window or segment */
	struct decode_how decode;
};

enum {
	CUT_HELD = 1 << 19, /* samples held of a clip; where its end decides, a longer one is decoded twice, unless whole */
	CUT_MOST = 1 << 28, /* the payload that readers take, TSR_MAX_RECORD */
};

/* What becomes a record. Positions are samples at how->rate from the clip's beginning. */
struct cut_piece {
	size_t channel;    /* from 0 */
	const float *data; /* n samples, valid until cut_read */
	size_t n;
	uint64_t begin, end;
	uint64_t due;      /* when it was known: grows from piece to piece, of all channels */
};

struct cut_lane; /* a channel */

/* Zero-initialise before use; its memory is reused. */
struct cut {
	const struct cut_how *how;
	struct clip *clip;          /* has the status */
	struct clip_stream *stream; /* NULL: at its end, or failed */
	struct cut_lane *lane;      /* those in use, and those that there are */
	size_t lanes, made;
};

/* Opens the clip; where its end decides what is cut, reads it to there. A failure
 * stays with the clip. */
void cut_begin(struct cut *c, struct clip *clip, const struct cut_how *how, struct clip_kept *kept);

/* Decodes some more of a stream. */
void cut_read(struct cut *c);

/* Samples that wait for cut_next. */
size_t cut_held(const struct cut *c);

/* The next piece that is complete: of a window fewer than how->samples only at the clip's end.
 * False: there is none, or none yet. One record a clip comes only where the recording was read to its end, and found
 * whole. In which order pieces come does not depend on how much cut_read has read between. */
bool cut_next(struct cut *c, struct cut_piece *p);

/* Of a window or segment that cut_next gave: leaves out the silence at its ends, and what is beyond
 * how->samples, as if it were a recording of its own, so that none waits for what comes behind it. */
int cut_trim(struct cut *c, struct cut_piece *p);

void cut_free(struct cut *c);

#endif
