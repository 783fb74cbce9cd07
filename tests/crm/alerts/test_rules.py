"""What a workspace may decide about alerts, and who may decide it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crm import schema
from crm.alerts.rules import TERMS, Rules, changed, own_terms, rules_of, save_rules
from crm.errors import InputError, NotAllowed
from crm.signals.concepts import concepts
from crm.signals.terms import add_term
from tests.crm.alerts.conftest import World


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"drop.points": "0"}, "drop.points must be a number, 1 to 99 points in 7 days."),
        ({"drop.points": "nan"}, "drop.points must be a number"),
        ({"threshold.below": "101"}, "threshold.below must be a number"),
        ({"negative.mails": "2.5"}, "negative.mails must be a whole number, 2 to 20 mails."),
        ({"silence.days": "many"}, "silence.days must be a number."),
        ({"silence.days": "366"}, "silence.days must be a whole number, 1 to 365 days."),
        ({"unanswered.hours": "-1"}, "unanswered.hours must be a number, 0.5 to 200 business hours."),
        ({"keyword.terms": "cancel,churny"}, "“churny” is not a critical word of this workspace."),
        ({"silence": "maybe"}, "silence is on or off."),
        ({"language": "fr"}, "The language is en, es or pt."),
        ({"slack": "channel"}, "Alerts in a channel need its name or id."),
        ({"slack": "channel:<!channel>"}, "Alerts in a channel need its name or id."),
        ({"slack": "everybody"}, "slack is owner, off or channel:NAME."),
        ({"noise": "off"}, "“noise” is not a setting of alerts."),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        changed(Rules(), settings, ())
    assert sentence in refused.value.sentence


def test_every_built_in_word_can_be_chosen() -> None:
    assert set(TERMS) == {concept.term for concept in concepts() if concept.critical}


def test_settings_as_they_are_typed() -> None:
    typed = {
        "silence": "off", "drop.points": "12.5", "negative.mails": "3", "keyword.terms": "cancel, competitor,churn",
        "slack": "channel:#alerts", "language": "pt",
    }  # fmt: skip
    rules = changed(Rules(), typed, {"churn"})
    assert rules == Rules(
        off=frozenset({"silence"}), drop_points=12.5, negative_mails=3, terms=("cancel", "competitor", "churn"),
        slack="channel", channel="#alerts", language="pt",
    )  # fmt: skip
    assert [rules.wants(term) for term in ("cancel", "churn", "competitor:Zudo", "problem")] == [
        True,
        True,
        True,
        False,
    ]
    assert changed(rules, {"silence": "on", "keyword.terms": "all"}, ()).wants("problem")


def test_rules_are_kept_audited_and_an_admins(world: World) -> None:
    wanted = Rules(silence_days=60, off=frozenset({"drop"}), terms=("churn",))
    with world.database.write() as session:
        add_term(session, world.workspace, "rage quit", "churn")
        assert own_terms(session, world.workspace) == {"churn"}
        with pytest.raises(NotAllowed):
            save_rules(session, world.clock, world.luis, wanted)
        session.query(schema.HealthDue).delete()
        save_rules(session, world.clock, world.ana, wanted)
    with world.database.read() as session:
        assert rules_of(session, world.workspace) == wanted
        event = session.scalars(select(schema.AuditEvent)).one()
        assert (event.action, event.detail) == (
            "alerts.rules", {"off": "['drop']", "silence_days": "60", "terms": "['churn']"}
        )  # fmt: skip
        assert session.scalars(select(schema.HealthDue.customer_id)).all() == [world.acme.id], "looked at again at once"
