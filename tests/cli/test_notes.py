"""`lealup notes …`."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_a_note_is_written_listed_changed_and_removed(office: Run) -> None:
    mail = office("timeline", "Globex", "--json").json[0]
    added = office("notes", "add", "globex", "Wants a longer term.", "--mail", mail["gmail_id"], "--json").json
    assert (added["author"], added["mail_id"], added["edited_at"]) == ("Vera", mail["message_id"], None)
    assert office("notes", "list", "Globex", "--json").json == [added]

    changed = office("notes", "edit", str(added["id"]), "Two years.", "--json").json
    assert changed["text"] == "Two years." and changed["edited_at"]
    assert "Two years." in office("notes", "list", "Globex").out
    assert office("notes", "remove", str(added["id"])).code == 0
    assert office("notes", "list", "Globex", "--json").json == []

    office("notes", "edit", str(added["id"]), "x").failed("There is no note")
    office("notes", "add", "Globex", "  ").failed("A note needs a text.")
    office("notes", "add", "Nobody", "x").failed("No customer is called")
