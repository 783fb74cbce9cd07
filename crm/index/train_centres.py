"""Write e5_centres.npz: python -m crm.index.train_centres.

The centre of a language is the mean of E5's vectors of 300 sentences of business mail, drawn from those beside the tone
model; they have nothing to do with evals/retrieval.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from crm.index.embedder import E5Model
from crm.index.joint import CENTRES

_DRAWN, _SEED, _BATCH = 300, 1, 32
_LINES = 2277  # of each language, when the centres were made: others would make another vector space


def main() -> None:
    model = E5Model()
    centres: dict[str, list[NDArray[np.float32]]] = {"query": [], "passage": []}
    for language in ("en", "es", "pt"):
        lines = files("crm.signals").joinpath(f"tone_sentences.{language}.tsv").read_text("utf-8").splitlines()
        texts = [line.split("\t")[1] for line in lines[:_LINES]]
        Random(_SEED).shuffle(texts)
        for way, encode in (("query", model.query), ("passage", model.passage)):
            rows = [encode(texts[begin : min(begin + _BATCH, _DRAWN)]) for begin in range(0, _DRAWN, _BATCH)]
            centres[way].append(np.concatenate(rows).mean(axis=0))
    queries, passages = (np.stack(rows) for rows in centres.values())
    np.savez(Path(__file__).with_name(CENTRES), query=queries, passage=passages)


if __name__ == "__main__":
    main()
