"""Which mails pass, by the rows of the timelines: as a look at every mail says."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.mails import MailFilter, list_mails
from crm.passing import count_mails, few_mails, passing
from tests.crm.timeline.conftest import AT, Stock
from tests.crm.timeline.test_pages import _fill, _mails

PEOPLE = ("maria@acme.example", "joao@acme.example")
UNKNOWN = 999


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mails=_mails, data=st.data())
def test_any_filter_says_the_same_either_way(stock: Stock, mails: list[dict[str, object]], data: st.DataObject) -> None:
    _fill(stock, mails)
    with stock.database.read() as session:
        every = [mail.id for mail in list_mails(session, stock.workspace, MailFilter())]
        for _ in range(8):
            chosen = MailFilter(
                customer_ids=data.draw(st.sampled_from([(), (stock.acme,), (stock.acme, stock.globex), (UNKNOWN,)])),
                people=data.draw(st.sampled_from([(), PEOPLE])),
                since=data.draw(st.sampled_from([None, AT - timedelta(minutes=5)])),
                until=data.draw(st.sampled_from([None, AT - timedelta(minutes=2)])),
                direction=data.draw(st.sampled_from([None, "inbound"])),
                tone=data.draw(st.sampled_from([None, "positive"])),
                keyword=data.draw(st.sampled_from([None, "cancel", "problem"])),
                human_only=data.draw(st.booleans()),
                with_attachment=data.draw(st.booleans()),
            )
            listed = sorted(mail.id for mail in list_mails(session, stock.workspace, chosen))
            assert count_mails(session, stock.workspace, chosen) == len(listed), chosen
            assert sorted(few_mails(session, stock.workspace, chosen, 1000) or []) == listed, chosen
            assert sorted(passing(session, stock.workspace, chosen, [*every, "unknown"])) == listed, chosen
            assert passing(session, stock.workspace + 1, chosen, every) == []
        assert few_mails(session, stock.workspace, MailFilter(), len(every)) is not None
        assert not every or few_mails(session, stock.workspace, MailFilter(), (len(every) - 1) // 2) is None
