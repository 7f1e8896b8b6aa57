"""metrics.py: evalconf's figures against scikit-learn's and plain formulas.

write DIR N   writes N random tables of predictions to DIR
check DIR     compares DIR/*.figures (evalconf --tsv) with what the tables give
"""
import glob
import sys

import numpy as np


def names(k):
    return [f"c{i:02d}" for i in range(k)]


def write(folder, n):
    rng = np.random.default_rng(20241211)
    for case in range(n):
        k, rows = int(rng.integers(2, 9)), int(rng.integers(1, 120))
        logits = rng.normal(size=(rows, k)) * rng.choice([0.3, 1, 4, 30])
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        digits = int(rng.choice([2, 6, 17]))
        if digits == 2:  # many ties, and sums that are not 1
            p = np.round(p, 2)
            rest = 1 - p.sum(1)
            p[np.arange(rows), p.argmax(1)] += rest
        truth = np.where(rng.random(rows) < 0.6, p.argmax(1), rng.integers(0, k, rows))
        with open(f"{folder}/{case}.tsv", "w") as out:
            out.write("label\tgroup\tpred\t" + "\t".join("p." + c for c in names(k)) + "\n")
            for row, y in zip(p, truth):
                text = [f"{abs(x):.{digits}g}" if digits > 6 else f"{abs(x):.6f}" for x in row]
                best = max(range(k), key=lambda i: float(text[i]))
                pred = "UNCERTAIN" if rng.random() < 0.2 else names(k)[best]
                out.write("\t".join([names(k)[y], f"s{rng.integers(0, 5)}", pred] + text) + "\n")


def calibration_error(confidence, right, bins):
    at = np.clip(np.ceil(confidence * bins) - 1, 0, bins - 1)
    parts = [(right[at == b].mean() - confidence[at == b].mean()) * (at == b).sum() for b in set(at)]
    return np.abs(parts).sum() / len(right)


def areas(confidence, right):
    n = len(right)
    taken = confidence[:, None] >= confidence[None, :]  # record i is answered at the confidence of j
    risk = (taken & ~right[:, None]).sum(0) / taken.sum(0)
    ordered = (confidence[right][:, None] > confidence[~right][None, :]).sum() + 0.5 * (
        confidence[right][:, None] == confidence[~right][None, :]).sum()
    pairs = right.sum() * (~right).sum()
    a = right.mean()
    auroc = ordered / pairs if pairs else 0
    return risk.mean(), (1 - auroc) * a * (1 - a) + (1 - a) ** 2 / 2


def wanted(table):
    from sklearn import metrics

    head, *rows = [line.split("\t") for line in open(table).read().splitlines()]
    classes = [c[2:] for c in head[3:]]
    p = np.array([[float(x) for x in row[3:]] for row in rows])
    truth = np.array([classes.index(row[0]) for row in rows])
    pred = p.argmax(1)
    right, confidence, labels = pred == truth, p.max(1), range(len(classes))
    recall = metrics.recall_score(truth, pred, labels=sorted(set(truth)), average=None, zero_division=0)
    either = sorted(set(truth) | set(pred))
    want = {
        "accuracy": metrics.accuracy_score(truth, pred),
        "uar": recall.mean(),
        "f1_macro": metrics.f1_score(truth, pred, labels=either, average="macro", zero_division=0),
        "f1_weighted": metrics.f1_score(truth, pred, labels=labels, average="weighted", zero_division=0),
        "log_loss": metrics.log_loss(truth, p / p.sum(1, keepdims=True), labels=labels),
        "brier": ((p - np.eye(len(classes))[truth]) ** 2).sum(1).mean(),
        "ece": calibration_error(confidence, right, 15),
    }
    want["aurc"], want["augrc"] = areas(confidence, right)
    if len(set(truth)) > 1 and set(pred) <= set(truth):
        assert abs(want["uar"] - metrics.balanced_accuracy_score(truth, pred)) < 1e-12
    if len(classes) == 2:
        assert abs(want["brier"] - 2 * metrics.brier_score_loss(truth, p[:, 1], pos_label=1)) < 1e-5
    matrix = metrics.confusion_matrix(truth, pred, labels=labels)
    parts = metrics.precision_recall_fscore_support(truth, pred, labels=labels, zero_division=0)
    for i, c in enumerate(classes):
        for name, values in zip(("precision", "recall", "f1", "support"), parts):
            want[f"{name}:{c}"] = values[i]
        for j, d in enumerate(classes):
            want[f"confusion:{c}/{d}"] = matrix[i, j]
    return want


def check(folder):
    worst, where, compared, cases = 0.0, "", 0, 0
    for figures in glob.glob(f"{folder}/*.figures"):
        got = {}
        for line in open(figures).read().splitlines()[1:]:
            name, of, value = line.split("\t")[:3]
            got[name if of == "-" else f"{name}:{of}"] = value
        for name, value in wanted(figures[: -len("figures")] + "tsv").items():
            off = abs(float(got[name]) - value)
            compared += 1
            if not off <= worst:
                worst, where = off, f"{figures} {name}: {got[name]}, not {value:.12g}"
        cases += 1
    print(f"{cases} cases, {compared} figures, the largest difference {worst:.3g} {where}")
    sys.exit(0 if cases and worst < 1e-9 else 1)


if __name__ == "__main__" and sys.argv[1] == "write":
    write(sys.argv[2], int(sys.argv[3]))
elif __name__ == "__main__":
    check(sys.argv[2])
