"""A recording to an answer from a cold start: answer.py librosa|torchaudio CLASSES FILE, by PyTorch; or
answer.py numpy NET.onnx FILE, by ONNX Runtime."""
import sys

from features import BY

kind, net, path = sys.argv[1:]
x = BY[kind]()(path)[None]
if kind == "numpy":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(net, options, providers=["CPUExecutionProvider"])
    p = session.run(["probabilities"], {session.get_inputs()[0].name: x.astype("float32")})[0][0]
else:
    import torch

    from train import create

    torch.set_num_threads(1)
    with torch.inference_mode():
        p = torch.softmax(create("crnn").eval()(torch.tensor(x).transpose(1, 2)), 1)[0].tolist()
print("\n".join("%.6f" % v for v in p))
