/* keras: what Keras saves: .keras (a zip of config.json and model.weights.h5; Keras 3, and 2.12
 * and later), and HDF5 files of whole models or of weights alone (Keras 2 and 3). Chains of
 * layers become nets of net(5); what does not exist there is refused by name. */
#ifndef SER_EXCHANGE_KERAS_H
#define SER_EXCHANGE_KERAS_H

#include "exchange/import.h"

struct keras;

/* data are the bytes of a file, which must stay until keras_close; its name is for
 * messages. ST_SYS, saying what is required, in a program that was built without the
 * libraries for it. */
int keras_open(struct keras **out, const char *file, const void *data, size_t n);
void keras_close(struct keras *k);

/* Whether it describes its net; otherwise it has weights alone. */
bool keras_describes(const struct keras *k);

/* What it describes; release with keras_net_free. */
struct keras_net {
	char *text;                /* of net(5) */
	int rank;                  /* of an example; 0: it does not say */
	size_t shape[NN_RANK_MAX]; /* the first is 0 where it varies */
};
int keras_net(struct keras *k, struct keras_net *net, struct import *to);
void keras_net_free(struct keras_net *net);

/* Binds the weights of a net that is described elsewhere: layers of a kind in the order of
 * the file. */
int keras_bind(struct keras *k, struct nn *net, struct import *to);

struct arrays keras_arrays(struct keras *k);

#endif
