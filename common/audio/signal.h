/* signal: levels, trimming and shifts of samples. */
#ifndef SER_AUDIO_SIGNAL_H
#define SER_AUDIO_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Largest magnitude, and root mean square; 0 of nothing. */
double signal_peak(const float *x, size_t n);
double signal_rms(const float *x, size_t n);

void signal_scale(float *x, size_t n, double gain);

/* Scales x so that its level (what signal_peak or signal_rms gives) becomes db
 * decibels below (negative) or above 1, and returns the gain in dB. Silence stays
 * silence, at a gain of 0. */
double signal_level(float *x, size_t n, double level, double db);

/* How silence is told, by the power (mean square) of frames, and what is kept; all but
 * db are samples. */
struct trim_how {
	double db;            /* the part begins and ends where frames are less than this below the loudest; NAN: all is kept */
	size_t frame, hop;    /* frame t is at t hop */
	bool centred;         /* on that sample, the signal having zeros beyond its ends; else it begins there, and is whole */
	bool added;           /* AMIN^2 is added to a frame's power; else it is the least that one has */
	size_t front, behind; /* the part: from before the first such frame, to behind where the last one is */
};

/* As librosa.effects.trim: root mean square of centred frames of 2048 samples, 512 apart;
 * nothing more in front, a hop behind. */
struct trim_how trim_librosa(double db);

/* For speech at rate (Hz): whole frames of 25 ms, 10 ms apart, 50 ms more in front, and 75 ms
 * from the beginning of the last one. */
struct trim_how trim_short(double db, double rate);

/* Finds the silence at a signal's ends. Zero-initialise before use; memory is
 * reused: a number for each hop, and some 20,000 samples. */
struct trim {
	struct trim_how how;
	uint64_t n;    /* samples so far */
	double *power; /* of the frames that are complete */
	size_t frames, power_cap;
	float *held;   /* the last samples, which frames to come need */
	size_t past, nheld, held_cap; /* behind some that no frame needs any more */
};

void trim_begin(struct trim *t, const struct trim_how *how);
int trim_add(struct trim *t, const float *x, size_t n);

/* The part [*first, *last) that is kept. Digital silence, and what is shorter than a frame,
 * is kept whole. */
int trim_end(struct trim *t, uint64_t *first, uint64_t *last);
void trim_free(struct trim *t);

/* out[(i + shift) mod n] = x[i]; the two must not overlap. */
void signal_shift(const float *x, size_t n, long shift, float *out);

#endif
