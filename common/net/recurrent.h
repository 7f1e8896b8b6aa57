/* recurrent: what lstm and gru share. A layer runs a cell over the rows of each
 * example, in one direction or in both. */
#ifndef SER_NET_RECURRENT_H
#define SER_NET_RECURRENT_H

#include "net/layer.h"

/* One step of some examples. Each array begins at the first of them; the next
 * ones follow at the distance its name_row gives. */
struct recurrent_step {
	size_t clips, u;
	bool first;              /* in its direction: what came before is zero */
	real *z;                 /* comes in as x * kernel; backward leaves its derivative there */
	real *kept;              /* the cell's own values */
	real *h;
	const real *kept_before, *h_before; /* of the step before */
	size_t z_row, kept_row, h_row, kept_before_row;
	const real *recurrent;   /* weights; in backward transposed */
	const real *bias;
	/* Backward: dh and dc (clips, u) come in as what the steps after this
	 * one say of h and of what else the cell carries, and leave as what the
	 * step before is told; dy is what the layers above say of h. */
	real *dh, *dc;
	const real *dy;
	size_t dy_row;
};

struct recurrent_cell {
	size_t gates;            /* columns of kernel and recurrent, in units */
	size_t kept;             /* values a cell keeps of a step, in units */
	/* 2: each product has its bias, and after backward kept is the
	 * derivative of h_before * recurrent. 1: for that too z is. */
	size_t biases;
	enum nn_fill bias;
	void (*forward)(const struct recurrent_step *s);
	void (*backward)(const struct recurrent_step *s);
};

enum { RECURRENT_UNITS, RECURRENT_OUTPUT };
extern const char *const recurrent_outputs[];

/* A table's entry, with the functions word_shape and word_plan. */
#define RECURRENT_KIND(word) \
	{ \
		.name = #word, \
		.arg = { { "units", NAN, 1, 1 << 14, true, NULL }, { "output", 0, 0, 1, false, recurrent_outputs } }, \
		.flags = NN_NEEDS_X | NN_NEEDS_Y, .shape = word##_shape, .plan = word##_plan, .forward = recurrent_forward, \
		.backward = recurrent_backward, .release = recurrent_release \
	}

/* The functions of nn_kind, for a cell. */
int recurrent_shape(struct nn_layer *l, const struct recurrent_cell *cell, bool both_ways);
int recurrent_plan(struct nn_layer *l, const struct recurrent_cell *cell, bool both_ways);
void recurrent_forward(struct nn_layer *l, size_t n);
void recurrent_backward(struct nn_layer *l, size_t n, bool want_dx);
void recurrent_release(struct nn_layer *l);

#endif
