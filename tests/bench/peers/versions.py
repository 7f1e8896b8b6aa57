"""The libraries that are here, with their versions, in a line."""
import importlib.metadata as metadata

found = []
for name in "torch torchaudio librosa numpy scipy soxr onnxruntime scikit-learn pandas pyarrow".split():
    try:
        found.append(name + " " + metadata.version(name).split("+")[0])
    except metadata.PackageNotFoundError:
        pass
print(", ".join(found))
