/* onnx_layers: what each kind of layer of net(5) is in ONNX (opset 17). */
#ifndef SER_EXCHANGE_ONNX_LAYERS_H
#define SER_EXCHANGE_ONNX_LAYERS_H

#include "exchange/onnx_graph.h"

/* Adds g->layer, whose input is x; *y becomes its output. ST_DATA, naming layer and line,
 * for what ONNX cannot express. */
int onnx_layer(struct onnx_graph *g, struct onnx_value x, struct onnx_value *y);

#endif
