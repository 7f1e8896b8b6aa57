"""nnexport's net as other frameworks write theirs: of features that were normalised before, and with channels first
where a convolution is: native.py NET.onnx FEATURES.f32 NATIVE.onnx NATIVE.f32 writes it, and such features."""
import sys

import numpy as np
import onnx

net, features, native, out = sys.argv[1:]
model = onnx.load(net)
graph = model.graph
frames, bands = (d.dim_value for d in graph.input[0].type.tensor_type.shape.dim[1:])
values = {i.name: onnx.numpy_helper.to_array(i) for i in graph.initializer}
sub, div, turn = graph.node[:3]
assert (sub.op_type, div.op_type, turn.op_type) == ("Sub", "Div", "Transpose")
x = np.fromfile(features, np.float32).reshape(-1, frames, bands)
x = (x - values[sub.input[1]]) / values[div.input[1]]
for node in (sub, div):
    graph.node.remove(node)
if list(turn.attribute[0].ints) == [0, 2, 1]:
    x = x.transpose(0, 2, 1)
    graph.node.remove(turn)
    for dim, size in zip(graph.input[0].type.tensor_type.shape.dim[1:], (bands, frames)):
        dim.dim_value = size
    graph.node[0].input[0] = sub.input[0]
else:
    turn.input[0] = sub.input[0]
onnx.checker.check_model(model)
onnx.save(model, native)
np.ascontiguousarray(x, np.float32).tofile(out)
