/* optim: the optimisers that turn gradients into weights. */
#ifndef SER_OPTIM_H
#define SER_OPTIM_H

#include "nn/nn.h"

enum optim_kind { OPTIM_ADAM, OPTIM_ADAMW, OPTIM_SGD };

struct optim {
	enum optim_kind kind;
	double beta1, beta2, epsilon; /* Adam: Keras's 0.9, 0.999, 1e-7 */
	double momentum;              /* SGD */
	double decay;                 /* AdamW: decoupled weight decay */
	uint64_t step;                /* updates done; part of a checkpoint */
	size_t n;
	real *m, *v;                  /* moments, n each (v only for Adam); part of a checkpoint */
};

/* Allocates the moments for net. */
int optim_create(struct optim *o, enum optim_kind kind, const struct nn *net);
void optim_free(struct optim *o);

/* One update with learning rate rate; clip_norm > 0 first scales the gradient
 * to at most that Euclidean norm. Returns the gradient's norm before. */
double optim_step(struct optim *o, struct nn *net, double rate, double clip_norm);

#endif
