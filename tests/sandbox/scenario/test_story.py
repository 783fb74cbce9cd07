from pathlib import Path

import pytest

from sandbox.scenario.story import StoryError, load_story, parse_person
from tests.sandbox.scenario.conftest import STORY

GOOD = STORY.replace("CLIENT", "gmail").replace("LANGUAGE", "pt")


def _story(folder: Path, text: str) -> Path:
    path = folder / "luz.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_story_loads(tmp_path: Path) -> None:
    story = load_story(_story(tmp_path, GOOD))
    assert story.customer.name == "Café Luz"
    assert [mail.sender for mail in story.threads[0].mails] == ["csm", "nuno", "csm"]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("day: -4", "day: -90", r"threads\[0\]\.mails\[1\]\.day"),
        ("day: -4", "day: -9", r"threads\[0\]\.mails\[1\]\.day: day -9 09:30 is before"),
        ('time: "09:30"', "time: 9.5", r"threads\[0\]\.mails\[1\]\.time"),
        ("from: nuno", "from: nino", r"threads\[0\]\.mails\[1\]: 'nino' is neither"),
        ("from: nuno", "form: nuno", r"threads\[0\]\.mails\[1\]"),
        ("plan: Starter", "plan: Gold", r"customer\.plan"),
        ("role: Champion", "role: Fan", r"contacts\[0\]\.role"),
        ("key: nuno", "key: csm", r"contacts\[0\]\.key: 'csm' is already taken"),
        ("client: gmail", "client: pine", r"contacts\[0\]\.client"),
        ("threads:", "threads: [", "not valid YAML at line"),
    ],
)
def test_a_malformed_story_is_refused_with_file_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in GOOD
    with pytest.raises(StoryError, match=f"^luz.yaml.*{key}") as caught:
        load_story(_story(tmp_path, GOOD.replace(old, new, 1)))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_utf8_or_empty_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "luz.yaml"
    path.write_bytes("name: Café".encode("latin-1"))
    with pytest.raises(StoryError, match="not UTF-8"):
        load_story(path)
    path.write_text("")
    with pytest.raises(StoryError, match=r"luz.yaml, key \(top level\)"):
        load_story(path)


def test_a_person_is_a_name_with_an_address() -> None:
    assert parse_person("Íñigo X <i.x@y.example>") == ("Íñigo X", "i.x@y.example")
    assert parse_person("i.x@y.example") is None
