"""The joint encoder: what language a text is written in does not decide what it is like."""

from __future__ import annotations

import numpy as np
import pytest

from crm.index.embedder import Embedder, e5_model
from crm.index.joint import JointEmbedder, search_encoder
from tests.house import HashingEmbedder


@pytest.fixture(scope="module")
def joint() -> JointEmbedder:
    model = e5_model()
    if model is None:
        pytest.skip("the second encoder does not run here")
    return JointEmbedder(HashingEmbedder(), model)


def test_without_the_second_encoder_the_first_stays_what_it_is() -> None:
    first = HashingEmbedder()
    assert search_encoder(first, None) is first


def test_its_id_tells_both(joint: Embedder) -> None:
    assert joint.id.startswith("use-multilingual-v3-e5-")
    assert joint.dimensions == 512 + 384


def test_rows_have_length_one_and_are_the_same_in_any_company(joint: Embedder) -> None:
    rows = joint.embed(["The invoice is wrong.", "", "Obrigado!"])
    assert rows.shape == (3, joint.dimensions)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert joint.embed(["The invoice is wrong."])[0] == pytest.approx(rows[0], abs=1e-6)
    assert joint.embed([]).shape == (0, joint.dimensions)


def test_a_question_finds_the_other_language_before_its_own(joint: Embedder) -> None:
    rows = joint.embed(
        [
            "We were charged two times for the same invoice and want the money back.",
            "El curso de primeros auxilios se aplaza al jueves.",
            "La máquina de café de la oficina está averiada.",
        ]
    )
    # the first encoder of this test knows words only and has none in common: the second one decides
    likeness = rows @ joint.embed_query("nos han cobrado dos veces")
    assert likeness.argmax() == 0
