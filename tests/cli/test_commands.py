"""What the commands print for scripts: the shapes that others rely on."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.house import CSM, letter


def test_doing_everything_twice_changes_nothing(lealup: Run, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("name,domains\nGlobex,globex.example\n", "utf-8")
    commands = (
        ("init", "--workspace", "LealUp", "--user", CSM, "--json"), ("customers", "import", "c.csv", "--json"),
        ("connect", "--json"), ("sync", "--json"),
    )  # fmt: skip
    first = [lealup(*command).json for command in commands]
    again = [lealup(*command).json for command in commands]

    assert first[:3] == again[:3]
    assert first[0] == {"workspace": "LealUp", "user": CSM, "timezone": "Europe/Madrid", "role": "admin"}
    assert {key: first[3][key] for key in ("listed", "stored", "filtered")} == {
        key: again[3][key] for key in ("listed", "stored", "filtered")
    }
    assert len(lealup("customers", "list", "--json").json) == 1


def test_sync(office: Run) -> None:
    report = office("sync", "--user", CSM, "--once", "--json").json

    assert set(report) >= {
        "mailbox", "listed", "stored", "filtered", "quarantined", "pending", "history_id", "quota_units", "seconds",
        "trace_id",
    }  # fmt: skip
    assert (report["mailbox"], report["listed"], report["stored"]) == (CSM, 4, 3)
    assert report["listed"] == report["stored"] + sum(report["filtered"].values()) + report["quarantined"]


def test_status(office: Run) -> None:
    (box,) = office("status", "--json").json

    assert set(box) >= {"mailbox", "state", "progress", "eta", "last_success", "coverage"}
    assert (box["mailbox"], box["state"], box["progress"]) == (CSM, "connected", 1)
    assert box["coverage"]["listed"] == 4


def test_ask(office: Run) -> None:
    answer = office("ask", "What did Globex say about the renewal?", "--user", CSM, "--json").json

    assert set(answer) >= {
        "answer", "language", "model", "mode", "not_found", "scope", "citations", "tools", "draft_id", "thread",
        "trace_id", "seconds",
    }  # fmt: skip
    assert set(answer["scope"]) >= {"customers", "people", "since", "until", "searched"}
    assert set(answer["citations"][0]) >= {
        "n", "message_id", "gmail_id", "customer", "date", "from", "quote", "verified"
    }  # fmt: skip
    assert (answer["language"], answer["mode"], answer["model"], answer["draft_id"]) == (
        "en",
        "extractive",
        "offline",
        None,
    )
    assert answer["citations"][0]["quote"] == "We want to renew for two years."
    followed = office("ask", "and Initech?", "--thread", answer["thread"], "--json").json
    assert followed["scope"]["customers"] == ["Initech"]


def test_ask_for_people(office: Run) -> None:
    done = office("ask", "Escribe una respuesta a Globex")

    assert done.code == 0
    assert "lealup drafts review" in done.out and "✓" in done.out and "trace id" in done.out


def test_search(office: Run) -> None:
    found = office("search", "renew for two years", "--customer", "gx", "--limit", "1", "--json").json

    assert len(found) == 1
    assert set(found[0]) >= {"message_id", "score", "customer", "date", "subject", "snippet"}
    assert (found[0]["subject"], found[0]["customer"]) == ("Renewal", "Globex")
    assert office("search", "renew", "--until", "2020-01-01", "--json").json == []
    asked = ("search", "renew for two years", "--limit", "100", "--json")
    ids = {row["message_id"] for row in office(*asked).json}
    sides = [
        {row["message_id"] for row in office(*asked, "--direction", side).json} for side in ("inbound", "outbound")
    ]
    assert sides[0] | sides[1] == ids and not sides[0] & sides[1]
    tones = ("positive", "neutral", "negative")
    assert sum(len(office(*asked, "--tone", tone).json) for tone in tones) == len(ids)
    assert office(*asked, "--keyword", "no-such-term").json == []
    assert {row["customer"] for row in office("search", "contrato", "--person", "Maria", "--json").json} == {"Globex"}


def test_mentions(office: Run) -> None:
    found = office("mentions", "cancel", "--json").json

    assert set(found) == {"read", "matches"}
    assert found["read"] == 3
    assert set(found["matches"][0]) >= {"message_id", "customer", "quote", "negated"}
    assert {(match["customer"], match["negated"]) for match in found["matches"]} == {
        ("Globex", True),
        ("Initech", False),
    }


def test_timeline(office: Run) -> None:
    mails = office("timeline", "globex.example", "--json").json

    assert [mail["subject"] for mail in mails] == ["Renewal", "Plans"]
    assert {
        "message_id", "gmail_id", "thread_id", "date", "direction", "from", "to", "subject", "snippet", "tone",
        "keywords", "attachments", "shared", "customers",
    } <= set(mails[0])  # fmt: skip
    assert mails[0]["customers"] == [{"customer": "Globex", "rule": "domain", "detail": "globex.example"}]


def test_health(office: Run) -> None:
    one = office("health", "Globex", "--json").json
    every = office("health", "--json").json

    assert {"customer", "score", "band", "dimensions", "flags"} <= set(one)
    assert [health["customer"] for health in every] == ["Globex", "Initech"]
    assert every[0]["score"] == one["score"]


def test_why_and_unassigned(office: Run) -> None:
    mail = office("timeline", "Globex", "--json").json[0]

    assert "globex.example" in office("why", mail["message_id"], "--json").json["explanation"]
    assert office("why", mail["gmail_id"], "--json").code == 0
    (left,) = office("unassigned", "--json").json
    assert (left["address"], left["mails"]) == ("eve@stranger.example", 1)


def test_customers_show(office: Run) -> None:
    shown = office("customers", "show", "GX", "--json").json

    assert (shown["name"], shown["domains"], shown["arr"]) == ("Globex", ["globex.example"], 48000)
    assert shown["contacts"] == [{"name": "Maria Silva", "email": "maria@globex.example", "role": "Champion"}]


def test_customers_list(office: Run) -> None:
    shown = office("customers", "list").out

    assert "48,000 " in shown and "48000" not in shown and ".0 " not in shown


def test_a_greeting_is_no_search_that_found_nothing(office: Run) -> None:
    assert office("ask", "Hello!", "--json").json["not_found"] is False
    assert office("ask", "What did Globex say about submarines?", "--json").json["not_found"] is True


def test_keywords(office: Run) -> None:
    assert office("keywords", "list", "--json").json == []
    assert office("keywords", "add", "Wonka", "--as", "competitor:Wonka").code == 0
    assert office("keywords", "list", "--json").json == [{"form": "wonka", "term": "competitor:Wonka"}]
    assert office("keywords", "remove", "Wonka").code == 0
    assert office("keywords", "list", "--json").json == []


def test_drafts(office: Run) -> None:
    draft_id = office("ask", "Write a reply to Globex", "--json").json["draft_id"]

    (listed,) = office("drafts", "list", "--json").json
    shown = office("drafts", "show", draft_id, "--json").json
    assert listed == shown
    assert (shown["id"], shown["status"], shown["to"]) == (draft_id, "draft", ["Maria Silva <maria@globex.example>"])
    assert shown["text"] in office("drafts", "show", draft_id).out


def test_parse(lealup: Run, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(letter(text="Queremos cancelar o contrato.\n\nJoão", subject="Olá"))
    (tmp_path / "b.eml").write_bytes(b"\xff\xfe\x00 not a mail")

    done = lealup("parse", "a.eml", "b.eml", "--json")
    lines = [json.loads(line) for line in done.out.splitlines()]

    assert done.code == 0 and len(lines) == 2
    assert set(lines[0]) == set(lines[1]) == {
        "path", "message_id", "subject", "from", "to", "cc", "date", "charset", "new_text", "quoted_text", "signature",
        "attachments", "automatic", "bulk", "language", "tone", "confidence", "keywords", "error",
    }  # fmt: skip
    assert (lines[0]["subject"], lines[0]["language"]) == ("Olá", "pt")
    assert "cancel" in {hit["term"] for hit in lines[0]["keywords"]}
