"""Cutting a text into pieces: nothing is lost, no piece is too long, the subject leads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.index.chunks import CHUNK, chunks


def test_a_short_mail_is_one_piece_with_its_subject() -> None:
    assert chunks("Renewal", "We want to renew.\n\nMaria") == ("Renewal\nWe want to renew.\nMaria",)
    assert chunks("", "") == ()
    assert chunks("Only a subject", " \n\n ") == ("Only a subject",)


@given(st.text(alphabet=st.sampled_from("aé .!?\n…ß"), max_size=4000), st.text(alphabet="ab ", max_size=80))
def test_no_word_is_lost_and_no_piece_is_longer_than_two_units(text: str, subject: str) -> None:
    pieces = chunks(subject, text)
    assert "".join("".join(pieces).split()) == "".join(f"{subject}{text}".split())
    assert all(0 < len(piece) <= CHUNK + 1 for piece in pieces)
