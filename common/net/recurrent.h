/* recurrent: what lstm and gru share. A layer runs a cell over the T steps of
 * (B,T,C), forward in time or in both directions. */
#ifndef SER_NET_RECURRENT_H
#define SER_NET_RECURRENT_H

#include "net/layer.h"

/* One time step, a row of some examples of the batch. Each array begins at the first
 * of them; name_row is the distance to the next one's values where they do not
 * follow. u: units. */
struct recurrent_step {
	size_t row, examples, u;
	bool first;              /* in its direction: the previous state is zero */
	real *z;                 /* (gates u): in: x * kernel + the first bias; backward leaves its gradient there */
	real *kept;              /* (kept u): what the cell keeps for backward */
	real *h;                 /* (u) */
	const real *kept_before, *h_before; /* of the previous step */
	size_t h_row;
	const real *recurrent;   /* (u,gates u), packed; transposed in backward */
	const real *bias;        /* of the recurrent product, where it has its own */
	/* Backward: dh and dc, (examples,u), come in as the gradients that the
	 * next step has for h and for what else the cell carries, and leave as
	 * this step's for the previous one; dy is the gradient from the layer
	 * above. */
	real *dh, *dc;
	const real *dy;
	size_t dy_row;
};

struct recurrent_cell {
	size_t gates;            /* columns of kernel and recurrent, in units */
	size_t kept;             /* values kept of a step, in units */
	/* 1: kernel and recurrent product share a bias, and after backward z is
	 * the gradient of both. 2: each has its own, and kept becomes the
	 * gradient of h_before * recurrent. */
	size_t biases;
	enum nn_fill bias;
	void (*forward)(const struct recurrent_step *s);
	void (*backward)(const struct recurrent_step *s);
};

enum { RECURRENT_UNITS, RECURRENT_OUTPUT };
extern const char *const recurrent_outputs[];

/* A table's entry for the file's cell. */
#define RECURRENT_KIND(word, ways) \
	{ \
		.name = (word), \
		.arg = { { "units", NAN, 1, 1 << 14, true, NULL }, { "output", 0, 0, 1, false, recurrent_outputs } }, \
		.flags = NN_NEEDS_X | NN_NEEDS_Y | (ways), .cell = &cell, .shape = recurrent_shape, .plan = recurrent_plan, \
		.forward = recurrent_forward, .backward = recurrent_backward \
	}

int recurrent_shape(struct nn_layer *l);
int recurrent_plan(struct nn_layer *l);
void recurrent_forward(struct nn_layer *l, size_t n);
void recurrent_backward(struct nn_layer *l, size_t n, bool need_dx);

#endif
