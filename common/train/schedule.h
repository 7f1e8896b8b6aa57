/* schedule: the learning rate of each step. */
#ifndef SER_TRAIN_SCHEDULE_H
#define SER_TRAIN_SCHEDULE_H

enum schedule_kind { SCHEDULE_PLATEAU, SCHEDULE_COSINE, SCHEDULE_CONSTANT, SCHEDULE_ONECYCLE };

struct schedule {
	int kind;           /* enum schedule_kind */
	double rate, floor; /* the highest and the lowest learning rate */
	double warmup;      /* fraction of all steps in which the rate rises */
};

/* The rate of a step (from 0) of so many in all; now is that of the step before, which
 * plateau keeps. cosine falls from rate to floor (I. Loshchilov and F. Hutter, ICLR
 * 2017, without restarts); it and constant may rise in proportion to the steps first
 * (P. Goyal et al., arXiv 1706.02677, section 2.2). onecycle rises from rate /
 * SCHEDULE_RISE by half a cosine (L. Smith and N. Topin, arXiv 1708.07120, in the form
 * that fast.ai and PyTorch have) and falls as cosine does. */
#define SCHEDULE_RISE 25.0
double schedule_rate(const struct schedule *s, double now, double step, double steps);

#endif
