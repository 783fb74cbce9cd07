"""`lealup timeline` with its filters, and `lealup export timeline`."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.cli.conftest import Run


def subjects(office: Run, *arguments: str) -> list[str]:
    return [held.get("subject", held["kind"]) for held in office("timeline", "Globex", *arguments, "--json").json]


def test_filters(office: Run) -> None:
    between = (datetime.now(ZoneInfo("Europe/Madrid")) - timedelta(days=4)).date().isoformat()
    expected: dict[tuple[str, ...], list[str]] = {
        (): ["Renewal", "Plans"],
        ("--text", "RENEW years"): ["Renewal"],
        ("--text", "enewa maria"): ["Renewal"],
        ("--direction", "outbound"): [],
        ("--person", "Maria@Globex.example"): ["Renewal", "Plans"],
        ("--keyword", "cancel"): [],  # it is negated
        ("--attachment",): [],
        ("--shared",): [],
        ("--automatic", "only"): [],
        ("--automatic", "hidden", "--limit", "1"): ["Renewal"],
        ("--offset", "1"): ["Plans"],
        ("--since", between): ["Plans"],
        ("--until", between): ["Renewal"],
        ("--kind", "note"): [],
    }
    for arguments, found in expected.items():
        assert subjects(office, *arguments) == found, arguments


def test_pages_go_on_below_a_cursor(office: Run) -> None:
    (newest,) = office("timeline", "Globex", "--before", "now", "--limit", "1", "--json").json
    assert newest["subject"] == "Plans"
    assert subjects(office, "--before", newest["cursor"], "--limit", "5") == ["Renewal"]
    office("timeline", "Globex", "--kind", "letter").failed("no kind of entry")
    office("timeline", "Globex", "--before", "yesterday").failed("no place on a timeline")


def test_the_table_names_whoever_wrote(office: Run) -> None:
    shown = office("timeline", "Globex", "--all").out
    assert "Maria Silva" in shown and "Renewal" in shown and "←" in shown


def test_an_export_holds_what_passes_the_filters(office: Run, tmp_path: Path) -> None:
    done = office("export", "timeline", "Globex", "--out", "all.csv", "--kind", "mail")
    assert done.code == 0 and "2 entries of Globex" in done.out
    assert (tmp_path / "all.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader((tmp_path / "all.csv").read_text("utf-8-sig").splitlines()))
    assert [row["subject"] for row in rows] == ["Plans", "Renewal"]
    assert rows[0]["from"] == "Maria Silva <maria@globex.example>"
    office("export", "timeline", "Globex", "--format", "json", "--out", "one.json", "--text", "renew")
    (mail,) = json.loads((tmp_path / "one.json").read_text("utf-8"))
    assert (mail["kind"], mail["subject"]) == ("mail", "Renewal")
    office("export", "timeline", "Globex", "--out", "nowhere/x.csv").failed("can't be written")
