"""`lealup health --history`, `scoring` and `dimensions`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_the_history_explains_its_changes(office: Run) -> None:
    shown = office("health", "Globex", "--history", "--json").json
    assert shown["customer"] == "Globex"
    assert shown["days"] and set(shown["days"][-1]) >= {"day", "score", "band"}
    assert all(change["explanation"] for change in shown["changes"])


def test_scoring_is_shown_and_set(office: Run) -> None:
    assert office("scoring", "show", "--json").json == {
        "preset": "balanced",
        "weights": {"usage": 40, "engagement": 30, "support": 20, "sentiment": 10},
        "opens": "09:00", "closes": "18:00", "days": ["mon", "tue", "wed", "thu", "fri"],
        "timezone": "Europe/Madrid", "holidays": "ES",
    }  # fmt: skip
    args = (
        "--preset",
        "relationship",
        "--weight",
        "nps=5",
        "--opens",
        "08:00",
        "--days",
        "mon,tue",
        "--country",
        "none",
    )
    changed = office("scoring", "set", *args, "--json").json
    assert changed["preset"] == "custom" and changed["weights"]["nps"] == 5 and changed["weights"]["engagement"] == 50
    assert (changed["opens"], changed["days"], changed["holidays"]) == ("08:00", ["mon", "tue"], None)
    # What is not named stays.
    assert office("scoring", "set", "--closes", "17:00", "--json").json == {**changed, "closes": "17:00"}


def test_what_is_wrong_is_one_sentence(office: Run) -> None:
    wrong = (
        (("--preset", "x"), "no preset"), (("--weight", "usage"), "no weight"), (("--weight", "usage=-1"), "between 0"),
        (("--weight", "usage=nan"), "between 0"), (("--opens", "9 am"), "no time"), (("--days", "someday"), "no day"),
        (("--country", "XX"), "not known"), (("--closes", "08:00"), "before they close"),
    )  # fmt: skip
    for args, sentence in wrong:
        office("scoring", "set", *args).failed(sentence)


def test_figures_count_in_the_score(office: Run, tmp_path: Path) -> None:
    (tmp_path / "figures.csv").write_text(
        "customer,dimension,value,day\nGlobex,usage,20,\nGlobex,usage,x,\nNobody,usage,5,\n", "utf-8"
    )
    done = office("dimensions", "import", "figures.csv", "--json")
    assert done.code == 2
    assert done.json["imported"] == 1 and [held["line"] for held in done.json["rejected"]] == [3, 4]
    (held,) = office("dimensions", "list", "Globex", "--json").json
    assert (held["dimension"], held["value"], held["source"]) == ("usage", 20, "csv")
    health = office("health", "Globex", "--json").json
    (usage,) = [one for one in health["dimensions"] if one["name"] == "usage"]
    assert usage["value"] == 20 and usage["weight"] > 0 and "(CSV)" in usage["parts"][0]["explanation"]


def test_tokens(office: Run) -> None:
    secret = office("dimensions", "token", "Mixpanel").out.strip()
    assert secret.startswith("lealup_")
    (held,) = office("dimensions", "tokens", "--json").json
    assert held["name"] == "Mixpanel" and secret not in str(held)
    office("dimensions", "revoke", str(held["id"]))
    assert office("dimensions", "tokens", "--json").json == []
