"""Tokens at rest: sealed, rotated, and one sentence when the key is gone."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from crm.errors import SettingError
from crm.secret_box import SecretBox

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_sealed_text_hides_and_comes_back() -> None:
    box = SecretBox([OLD])
    sealed = box.seal("a refresh token ñ")
    assert "refresh" not in sealed
    assert box.seal("a refresh token ñ") != sealed
    assert box.open(sealed) == "a refresh token ñ"


def test_the_newest_key_seals_and_every_key_opens() -> None:
    before = SecretBox([OLD]).seal("kept")
    rotated = SecretBox([NEW, OLD])
    assert rotated.open(before) == "kept"
    assert SecretBox([NEW]).open(rotated.seal("fresh")) == "fresh"
    with pytest.raises(SettingError):
        SecretBox([OLD]).open(rotated.seal("fresh"))


@pytest.mark.parametrize("damaged", ["", "not a token", "gAAAAAB" + "x" * 80])
def test_what_no_key_fits_is_one_sentence(damaged: str) -> None:
    with pytest.raises(SettingError) as caught:
        SecretBox([NEW]).open(damaged)
    assert "LEALUP_SECRET_KEY" in caught.value.sentence
    assert NEW not in str(caught.value)
