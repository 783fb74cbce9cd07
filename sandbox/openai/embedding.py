"""Deterministic embeddings: words and character trigrams hashed into a unit vector."""

import base64
import hashlib
import math
import re
import struct
import unicodedata

DIMENSIONS = 256


def embed(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A unit vector; equal texts give equal vectors on every machine, similar texts are near."""
    vector = [0.0] * dimensions
    for feature in _features(text):
        digest = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "big")
        vector[(digest >> 1) % dimensions] += 1.0 if digest & 1 else -1.0
    norm = math.sqrt(sum(value * value for value in vector))
    return [value / norm for value in vector] if norm else [1.0] + [0.0] * (dimensions - 1)


def base64_floats(vector: list[float]) -> str:
    """Little-endian float32, base64: OpenAI's `encoding_format: base64`."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")


def _features(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    words = re.findall(r"\w+", plain)
    return words + [f"#{word}#"[i : i + 3] for word in words for i in range(len(word))]
