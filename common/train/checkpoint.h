/* checkpoint: a training between two epochs, as a model stream whose weights
 * are the current ones and whose "state/" arrays hold the rest. */
#ifndef SER_TRAIN_CHECKPOINT_H
#define SER_TRAIN_CHECKPOINT_H

#include "model/model.h"
#include "train/train.h"

/* Writes the state of t, which trains m's net, in place of file at once. What
 * it adds to m is gone again afterwards. data says which records are trained
 * on, such as a checksum of them. */
int checkpoint_save(const char *file, struct model *m, struct train *t, const char *data);

/* Sets the weights of t's net, its moments, state, history and best weights
 * from file, so that train_run continues as if it had never stopped. t is
 * initialised for the training that m (its pg= included) and data describe;
 * ST_DATA, naming it, where the file's differs in anything. Where other kernels
 * trained until then, m names these, too. */
int checkpoint_load(const char *file, struct model *m, struct train *t, const char *data);

#endif
