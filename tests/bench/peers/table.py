"""responses.csv and actors.csv to features as csvprep makes them by responses.prep: table.py pandas|pyarrow THREADS
OUT.f32. Only the columns that are wanted; text as codes."""
import sys

import numpy as np

kind, threads, out = sys.argv[1:]
TEXT, NUMBERS = ["clipName", "respEmo", "dispEmo"], ["dispVal", "ttr", "queryType", "respLevel", "numTries"]
LEVELS = {
    "respEmo": list("ADFHNS"), "queryType": [1, 2, 3],
    "phrase": "DFA IEO IOM ITH ITS IWL IWW MTI TAI TIE TSI WSI".split(), "Sex": ["Female", "Male"],
    "Race": ["African American", "Asian", "Caucasian", "Unknown"], "Ethnicity": ["Hispanic", "Not Hispanic"],
}


def by_pandas():
    """Numbers by name, codes and their texts by name; the table of actors by name."""
    import pandas as pd

    t = pd.read_csv("responses.csv", usecols=TEXT + NUMBERS, dtype=dict.fromkeys(TEXT, "category")).dropna(subset=["dispVal"])
    actors = pd.read_csv("actors.csv")
    return ({c: t[c].to_numpy() for c in NUMBERS}, {c: (t[c].cat.codes.to_numpy(), list(t[c].cat.categories)) for c in TEXT},
            {c: actors[c].to_numpy() for c in actors})


def by_pyarrow():
    import pyarrow as pa
    from pyarrow import csv

    pa.set_cpu_count(int(threads))
    types = {**dict.fromkeys(TEXT, pa.dictionary(pa.int32(), pa.string())), **dict.fromkeys(NUMBERS, pa.float32())}
    t = csv.read_csv("responses.csv", convert_options=csv.ConvertOptions(include_columns=TEXT + NUMBERS, column_types=types))
    t = t.filter(t["dispVal"].is_valid()).combine_chunks().unify_dictionaries()
    actors = csv.read_csv("actors.csv")

    def codes(name):
        d = t[name].chunk(0)
        return d.indices.to_numpy(), d.dictionary.to_pylist()

    return ({c: t[c].to_numpy() for c in NUMBERS}, {c: codes(c) for c in TEXT},
            {c: np.array(actors[c].to_pylist()) for c in actors.column_names})


numbers, texts, actors = {"pandas": by_pandas, "pyarrow": by_pyarrow}[kind]()
clip, clips = texts["clipName"]
row = {int(who): i for i, who in enumerate(actors["ActorID"])}
who = np.array([row[int(name[:4])] for name in clips])  # a clip's actor
place = {name: i for i, name in enumerate(LEVELS["phrase"])}
phrase = np.array([place[name.split("_")[1]] for name in clips])
answer, answers = texts["respEmo"]

ttr = numbers["ttr"].astype(np.float64)
low, high = np.quantile(ttr, [0.25, 0.75])
reach = 1.5 * (high - low)
scaled = {"ttr": ttr.clip(low - reach, high + reach), "respLevel": numbers["respLevel"].astype(np.float64),
          "numTries": numbers["numTries"].astype(np.float64), "Age": actors["Age"][who].astype(np.float64)[clip]}
onehot = {"respEmo": np.array([LEVELS["respEmo"].index(a) for a in answers])[answer],
          "queryType": numbers["queryType"].astype(np.int64) - 1, "phrase": phrase[clip]}
for name in ("Sex", "Race", "Ethnicity"):
    onehot[name] = np.array([LEVELS[name].index(v) for v in actors[name]])[who][clip]

# In the order of the recipe.
table = np.zeros((len(ttr), 4 + sum(map(len, LEVELS.values()))), np.float32)
rows, at = np.arange(len(ttr)), 0
for name in ("respEmo", "respLevel", "queryType", "ttr", "numTries", "phrase", "Age", "Sex", "Race", "Ethnicity"):
    if name in onehot:
        table.reshape(-1)[rows * table.shape[1] + at + onehot[name]] = 1
        at += len(LEVELS[name])
    else:
        v = scaled[name]
        table[:, at] = (v - v.mean()) / v.std(ddof=1)
        at += 1
shown, emotions = texts["dispEmo"]
with open(out, "wb") as f:
    table.tofile(f)
    np.array([LEVELS["respEmo"].index(e) for e in emotions], np.int32)[shown].tofile(f)
