/* onnx: a model as a file of ONNX (IR version 8, opset 17), for its runtimes. */
#ifndef SER_EXCHANGE_ONNX_H
#define SER_EXCHANGE_ONNX_H

#include "base/io.h"
#include "model/model.h"

/* Writes a model, whose head is given, and its net, which model_net has made. Inputs are
 * `features` (B,...) and the second one by its name, the output is `probabilities` (B,C),
 * after the temperature, and where softmax is last `logits` (B,C), before it. B is any, and
 * so are the frames where the model's examples have any number of them, all of one number
 * in a batch. ST_DATA, naming the layer and its line, for what ONNX cannot express; ST_SYS
 * where this was built without protobuf-c. */
int onnx_write(const struct model *m, const char *file, struct nn *net, const struct meta *head, struct io_out *out);

#endif
