/* torch: the names and layouts of PyTorch's state dicts, for nets that net files describe. */
#ifndef SER_EXCHANGE_TORCH_H
#define SER_EXCHANGE_TORCH_H

#include "exchange/import.h"
#include "exchange/safetensors_read.h"

/* The net's text as PyTorch computes it: batchnorm and layernorm that do not say their
 * epsilon have PyTorch's, 1e-05. */
int torch_text(const char *text, char **out);

/* Binds the net's weights to the modules of a state dict. A layer takes the one module
 * of its kind and shape; of several layers and as many modules whose names differ in their
 * numbers alone, the first takes the first. map has "LAYER=MODULE" for others, as
 * "03.dense=head.fc". ST_DATA, saying what to type, where that is not clear, or a module is
 * left over. The weights' values are not looked at. */
int torch_bind(struct safetensors *s, const char *file, struct nn *net, char *const *map, size_t maps, struct import *to);

#endif
