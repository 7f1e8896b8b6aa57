/* optim: the optimisers that turn gradients into weights. */
#ifndef SER_TRAIN_OPTIM_H
#define SER_TRAIN_OPTIM_H

#include "net/nn.h"

enum optim_kind { OPTIM_ADAM, OPTIM_ADAMW, OPTIM_SGD };

struct optim_block;

struct optim {
	enum optim_kind kind;
	double beta1, beta2, epsilon; /* Adam: Keras's 0.9, 0.999, 1e-7 */
	double momentum;              /* SGD; Keras's form: v = momentum v - rate g, w += v */
	double decay;                 /* AdamW: decoupled weight decay, of kernels only (nn_param.decays) */
	uint64_t step;                /* updates done; part of a checkpoint */
	size_t n;
	real *m, *v;                  /* moments, n each (v only for Adam); part of a checkpoint */
	struct optim_block *block;    /* the weights that are not frozen, cut into fixed pieces of work */
	size_t blocks;
	double *square;               /* each block's part of the gradient's squared norm */
};

/* Sets the defaults (decay 0.004, momentum 0.9) and allocates the moments for
 * net's weights. Which layers are frozen is taken down here, so nn_freeze
 * comes first. On failure nothing is left to free. */
int optim_create(struct optim *o, enum optim_kind kind, struct nn *net);
void optim_free(struct optim *o);

/* One update with learning rate rate: Adam (D. Kingma and J. Ba, ICLR 2015, in
 * the order of the end of its section 2, as Keras has it), AdamW (I.
 * Loshchilov and F. Hutter, ICLR 2019) or SGD with momentum. clip_norm > 0
 * first scales the gradient of all weights in training to at most that
 * Euclidean norm; returns the norm before, or 0 where it is not limited. The
 * result does not depend on the number of threads. */
double optim_step(struct optim *o, struct nn *net, double rate, double clip_norm);

#endif
