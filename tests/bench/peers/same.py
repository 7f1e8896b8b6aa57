"""Are two tables the same? same.py OURS.npy THEIRS max|mean TOLERANCE, of the largest or the mean difference. THEIRS:
float32 by rows (.f32), by columns (.columns), or .parquet. Prints both differences; status 1 where they are not.
Of .parquet the rows may be in any order."""
import sys

import numpy as np


def in_order(t):
    """The rows sorted, where values that differ by rounding alone count as one: SQL promises no order."""
    codes = []
    for column in t.T:
        values, which = np.unique(column, return_inverse=True)
        codes.append(np.cumsum(np.r_[0, np.diff(values) > 1e-4])[which])
    return t[np.lexsort(codes)]


ours, path = np.load(sys.argv[1]), sys.argv[2]
ours = ours.reshape(len(ours), -1)
if path.endswith(".parquet"):
    import pyarrow.parquet

    t = pyarrow.parquet.read_table(path)
    theirs = np.stack([c.to_numpy() for c in t.columns[:ours.shape[1]]], axis=1)
else:
    theirs = np.fromfile(path, np.float32)
    left = len(theirs) - ours.size  # labels
    shape = ours.shape if path.endswith(".f32") else ours.shape[::-1]
    theirs = theirs[:ours.size].reshape(shape) if 0 <= left <= len(ours) else np.zeros(0)
    theirs = theirs if path.endswith(".f32") else theirs.T
if theirs.shape != ours.shape:
    print("%s, not %s" % (theirs.shape, ours.shape))
    sys.exit(1)
if path.endswith(".parquet"):
    theirs, ours = in_order(theirs), in_order(ours)
differences = np.abs(theirs - ours)
print("%.2g at most, %.2g in the mean" % (differences.max(), differences.mean()))
sys.exit(not getattr(differences, sys.argv[3])() <= float(sys.argv[4]))
