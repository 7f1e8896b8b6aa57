/* head: what a model's head says, as formats have it that know each name once. */
#ifndef SER_EXCHANGE_HEAD_H
#define SER_EXCHANGE_HEAD_H

#include "base/mem.h"
#include "stream/meta.h"

struct head_pair {
	const char *name, *value;
};

/* The n names of a head in their order, each once: values of the same name (class=, net=,
 * pg=) are lines of one, as no value holds a line's end. *pairs is memory's. */
int head_pairs(const struct meta *head, struct mem_pool *memory, struct head_pair **pairs, size_t *n);

#endif
