"""`lealup alerts …` as a person runs it, over mail that the sync has read."""

from __future__ import annotations

from tests.cli.conftest import Run
from tests.house import COLLEAGUE, CSM

ONLY = ("--customer", "initech")  # Globex may have waited for an answer: that depends on today's weekday
QUIET = ("--set", "unanswered=off")


def test_list_handle_and_list_again(office: Run) -> None:
    (alert,) = office("alerts", *ONLY, "--json").json
    assert (alert["customer"], alert["kind"], alert["term"], alert["state"]) == ("Initech", "keyword", "cancel", "open")
    assert (alert["owner"], alert["slack"]) == (CSM, None)
    assert alert["text"] == "A critical word in a mail from Initech: cancel."
    assert "palavra crítica" in office("alerts", *ONLY, "--language", "pt").out
    number = str(alert["id"])
    office("alerts", "snooze", number, "--until", "yesterday").failed("“yesterday” is not a time.")
    assert f"Alert {number} is quiet until" in office("alerts", "snooze", number, "--until", "1w").out
    assert office("alerts", *ONLY, "--json").json[0]["state"] == "snoozed"
    office("alerts", "assign", number, COLLEAGUE).failed("is not a user of this workspace.")
    office("init", "--workspace", "LealUp", "--user", COLLEAGUE)
    mine = ("--user", CSM)
    assert f"is {COLLEAGUE}'s" in office("alerts", "assign", number, COLLEAGUE, *mine).out
    assert office("alerts", *ONLY, *mine, "--json").json[0]["state"] == "open", "a new owner has not snoozed it"
    assert "is dismissed" in office("alerts", "dismiss", number, "--user", COLLEAGUE).out
    office("alerts", "dismiss", number, *mine).failed("This alert was already handled")
    office("alerts", "dismiss", "999", *mine).failed("There is no such alert.")
    assert office("alerts", *ONLY, *mine, "--json").json == []
    (done,) = office("alerts", "--all", *ONLY, *mine, "--json").json
    assert (done["state"], done["handled_by"]) == ("dismissed", COLLEAGUE)
    office("sync", *mine)
    assert len(office("alerts", "--all", *ONLY, *mine, "--json").json) == 1


def test_rules_and_their_preview(office: Run) -> None:
    before = office("alerts", "rules", "--json").json
    assert (before["silence_days"], before["terms"], before["slack"]) == (45, [], "owner")
    assert before["without_slack"] and "`/csm link`" in office("alerts", "rules").out
    found = office("alerts", "preview", *QUIET, "--json").json
    assert (found["total"], found["by_kind"]["keyword"], found["by_customer"]) == (1, 1, {"Initech": 1})
    assert found["alerts"][0]["text"] == "A critical word in a mail from Initech: cancel."
    tried = office("alerts", "preview", "--days", "30", *QUIET, "--set", "keyword.terms=terminate", "--json").json
    assert (tried["total"], tried["rules"]["terms"]) == (0, ["terminate"])
    assert office("alerts", "rules", "--json").json == before, "trying saves nothing"
    assert "1 alert in the last 90 days" in office("alerts", "preview", *QUIET).out

    office("alerts", "rules", "--set", "silence.days=0").failed("silence.days must be a whole number")
    office("alerts", "rules", "--set", "silence").failed("“silence” is not NAME=VALUE.")
    shown = office(
        "alerts", "rules", "--set", "silence.days=30", "--set", "keyword=off", "--set", "slack=channel:#cs"
    ).out
    assert "30 days" in shown and "channel:#cs" in shown
    office("sync")
    (over,) = office("alerts", "--all", *ONLY, "--json").json
    assert over["state"] == "resolved", "its kind is switched off"
    office("init", "--workspace", "LealUp", "--user", COLLEAGUE)
    office("alerts", "rules", "--set", "silence=off", "--user", COLLEAGUE).failed("Only an admin changes")
