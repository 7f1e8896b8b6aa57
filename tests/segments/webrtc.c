/* webrtc: the segments that WebRTC's voice detector finds in 16 kHz s16le of one channel on standard input, with
 * the lengths and padding of common/audio/segment: start and end, in seconds. For evaluate, which compiles it.
 *
 * libwebrtc-audio-processing has the detector, but no header for it.
 *
 * webrtc MODE: 0, lenient, to 3, strict */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "audio/segment.h"

void *WebRtcVad_Create(void);
int WebRtcVad_Init(void *vad);
int WebRtcVad_set_mode(void *vad, int mode);
int WebRtcVad_Process(void *vad, int rate, const int16_t *x, size_t n);

int
main(int argc, char **argv)
{
	void *vad = WebRtcVad_Create();
	struct segmenter s;
	struct segment out;
	int16_t x[160];

	if (argc != 2 || WebRtcVad_Init(vad) != 0 || WebRtcVad_set_mode(vad, atoi(argv[1])) != 0)
		return 2;
	segmenter_begin(&s, &(struct segment_how){ 0.25, 0.3, 10 }, 0.01);
	for (bool more = true; more;) {
		struct speech_frame f = { .voiced = true };

		more = fread(x, sizeof x, 1, stdin) == 1;
		f.above = more && WebRtcVad_Process(vad, 16000, x, 160) == 1 ? 20 : 0;
		if (segmenter_add(&s, more ? &f : NULL, &out))
			printf("%.3f\t%.3f\n", (double)out.begin / 100, (double)out.end / 100);
	}
	return 0;
}
