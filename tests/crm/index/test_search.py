"""Search inside one workspace and one filter; only what is visible and indexed is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

import crm.index.reindex as reindex_module
from crm import schema
from crm.index import lexical
from crm.index import search as search_module
from crm.index.reindex import drop_hidden, index_missing, reindex
from crm.index.search import SearchIndex, is_identifier
from crm.index.vectors import VectorIndex
from tests.crm.index.conftest import Stock
from tests.house import NOW, HashingEmbedder


def test_the_closest_mail_comes_first(stock: Stock) -> None:
    stock.add("Lunch", "Shall we meet at the harbour on Friday?")
    stock.add("Renewal", "We want to renew the contract for two years.")

    assert stock.search("renew the contract")[0] == "Renewal"
    assert stock.search("   ") == []


def test_an_identifier_is_found_wherever_it_stands(stock: Stock) -> None:
    for number in range(20):
        stock.add(f"Ticket LU-{4800 + number}", "The printer is on fire again, please help.")
    assert stock.search("what about LU-4813")[0] == "Ticket LU-4813"


def test_an_identifier_is_found_among_very_many(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("EXACT_BELOW", 3), ("CANDIDATES", 1), ("MOST_ASKED", 2)):
        monkeypatch.setattr(search_module, name, value)
    for number in range(20):
        stock.add(f"The ticket about the ticket {number}", "What about the ticket? The ticket, the ticket.")
    stock.add("Delivery", f"{'Everything else is fine here. ' * 40} LU-4813 {'All went well with the rest. ' * 40}")
    assert stock.search("what about the ticket LU-4813")[0] == "Delivery"


def test_filters_narrow_the_search(stock: Stock) -> None:
    stock.add("A", "the renewal", customer="Globex", days_ago=10, tone="negative")
    stock.add("B", "the renewal", customer="Initech", days_ago=5, sender="joao@initech.example", direction="outbound")
    stock.add("C", "the renewal", customer="Initech", days_ago=1, automatic=True)

    assert set(stock.search("renewal")) == {"A", "B", "C"}
    assert stock.search("renewal", customer_ids=[stock.customers["Globex"]]) == ["A"]
    assert set(stock.search("renewal", since=NOW - timedelta(days=5))) == {"B", "C"}
    assert set(stock.search("renewal", until=NOW - timedelta(days=5))) == {"A"}  # until is exclusive
    assert stock.search("renewal", people=["joao@initech.example"]) == ["B"]
    assert stock.search("renewal", sent_by=["joao@initech.example"]) == ["B"]
    assert stock.search("renewal", direction="outbound") == ["B"]
    assert stock.search("renewal", tone="negative") == ["A"]
    assert set(stock.search("renewal", human_only=True)) == {"A", "B"}
    assert stock.search("renewal", customer_ids=[stock.customers["Globex"]], direction="outbound") == []
    assert len(stock.search("renewal", limit=2)) == 2


@pytest.mark.parametrize(
    "hidden", [{"status": "filtered"}, {"status": "deleted"}, {"has_body": False}, {"indexed": False}]
)
def test_what_is_hidden_or_not_yet_indexed_is_not_found(stock: Stock, hidden: dict[str, object]) -> None:
    stock.add("Shown", "the renewal")
    stock.add("Hidden", "the renewal", **hidden)  # type: ignore[arg-type]

    assert stock.search("renewal") == ["Shown"]


def test_beyond_the_exact_comparison_the_answer_is_the_same(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        stock.add(f"Mail {number}", f"topic{number} " * 5, customer="Globex" if number % 2 else "Initech")
    globex = [stock.customers["Globex"]]
    exact = stock.search("topic3 topic5"), stock.search("topic3 topic4", customer_ids=globex)

    monkeypatch.setattr(search_module, "EXACT_BELOW", 3)

    assert (stock.search("topic3 topic5")[:2], stock.search("topic3 topic4", customer_ids=globex)[:1]) == (
        exact[0][:2], exact[1][:1]
    )  # fmt: skip
    assert exact[1][0] == "Mail 3"


def test_what_was_indexed_before_vectors_were_kept_with_the_rows_is_found(stock: Stock) -> None:
    stock.add("Lunch", "Shall we meet at the harbour on Friday?")
    stock.add("Renewal", "We want to renew the contract for two years.")
    before = stock.search("renew the contract")
    with stock.database.write() as session:
        session.execute(delete(schema.MailVector).where(schema.MailVector.mail_id != ""))

    assert stock.search("renew the contract") == before == ["Renewal", "Lunch"]


def test_words_count_inside_the_filter_however_many_others_have_them(stock: Stock) -> None:
    for number in range(6):
        stock.add(f"Other {number}", "sapphire " * 9, customer="Initech")
    stock.add("Quiet", "aaa bbb ccc")
    wanted = stock.add("Said", "eee fff ggg hhh sapphire")
    globex = [stock.customers["Globex"]]
    with stock.database.read() as session:
        found = lexical.search(session, stock.me.workspace_id, "sapphire", 3, [wanted])
        assert set(found) == {wanted}
        assert not lexical.search(session, stock.me.workspace_id, "sapphire", 3, [])
    assert stock.search("sapphire", customer_ids=globex)[0] == "Said"


def test_words_that_very_many_mails_hold_are_looked_for_among_few_mails_alone(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        stock.add(f"Mail {number}", "please call" if number else "please topaz")
    with stock.database.read() as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("only FTS5 tells how many mails hold a word")
        monkeypatch.setattr(lexical, "_COMMON_OF_ALL", 2)
        assert len(lexical.search(session, stock.me.workspace_id, "please topaz", 9)) == 1
        assert not lexical.search(session, stock.me.workspace_id, "please call", 9)
        monkeypatch.setattr(lexical, "_COMMON", 2)
        every = [f"mail{number:05}" for number in range(1, 5)]
        assert len(lexical.search(session, stock.me.workspace_id, "please topaz", 9, every)) == 1
        assert len(lexical.search(session, stock.me.workspace_id, "please call", 9, every)) == 3


def test_without_vectors_a_word_that_very_many_mails_hold_is_looked_for_all_the_same(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        stock.add(f"Mail {number}", "about the renewal")
    monkeypatch.setattr(search_module, "EXACT_BELOW", 1)
    monkeypatch.setattr(lexical, "_COMMON_OF_ALL", 3)
    stock.vectors.clear(stock.me.workspace_id)
    assert len(stock.search("renewal")) == 5


def test_beyond_the_exact_comparison_a_mail_indexed_earlier_is_found_by_its_words(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        stock.add(f"Mail {number}", f"nothing of interest {number}")
    stock.add("Ticket", "the printer and LU-4821")
    with stock.database.write() as session:
        session.execute(delete(schema.MailVector).where(schema.MailVector.mail_id != ""))
    for name, value in (("EXACT_BELOW", 3), ("CANDIDATES", 1), ("MOST_ASKED", 2)):
        monkeypatch.setattr(search_module, name, value)
    assert stock.search("LU-4821 zzz")[0] == "Ticket"


def test_long_mails_are_found_by_their_end(stock: Stock) -> None:
    stock.add(
        "Report", ". ".join(f"Sentence number {number} says little" for number in range(100)) + ". Zebra crossing."
    )
    stock.add("Other", "Nothing of interest here.")
    assert stock.search("zebra crossing")[0] == "Report"


def test_index_missing_is_idempotent_and_tells_progress(stock: Stock) -> None:
    for number in range(30):
        stock.add(f"Mail {number}", "text", indexed=False)
    told: list[tuple[int, int]] = []

    first = index_missing(stock.database, stock.index, stock.me.workspace_id, lambda *now: told.append(now))
    embedded = len(stock.embedder.embedded)
    second = index_missing(stock.database, stock.index, stock.me.workspace_id)

    assert (first, second) == (30, 0)
    assert told == [(25, 30), (30, 30)]
    assert len(stock.embedder.embedded) == embedded


def test_a_crash_between_the_vectors_and_the_row_doubles_nothing(stock: Stock) -> None:
    mail_id = stock.add("Renewal", "text " * 400)
    chunks = stock.vectors._collection(stock.me.workspace_id).count()
    with stock.database.write() as session:  # as if the row had never been marked
        session.execute(update(schema.Mail).values(indexed_at=None))

    index_missing(stock.database, stock.index, stock.me.workspace_id)

    assert stock.vectors._collection(stock.me.workspace_id).count() == chunks > 1
    assert stock.vectors.ids(stock.me.workspace_id) == {mail_id}
    assert stock.search("renewal") == ["Renewal"]


def _hide(stock: Stock, mail_id: str, status: str = "deleted") -> None:
    with stock.database.write() as session:
        session.scalars(select(schema.Message).where(schema.Message.mail_id == mail_id)).one().status = status


def _dies_after(stock: Stock, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends right after this change to the vectors, before the row's transaction commits."""
    act = getattr(stock.vectors, method)

    def die(*arguments: object) -> None:
        act(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(stock.vectors, method, die)


def test_what_is_hidden_after_a_crash_between_the_vectors_and_the_row_leaves_the_index(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_id = stock.add("Renewal", "secret terms", indexed=False)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        _dies_after(stock, "put", patch)
        index_missing(stock.database, stock.index, stock.me.workspace_id)
    assert stock.vectors.ids(stock.me.workspace_id) == {mail_id}
    _hide(stock, mail_id)

    drop_hidden(stock.database, stock.index, stock.me.workspace_id)

    assert stock.vectors.ids(stock.me.workspace_id) == set()


def test_what_is_shown_again_after_a_crash_while_it_was_taken_out_is_indexed(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_id = stock.add("Renewal", "the renewal")
    _hide(stock, mail_id)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        _dies_after(stock, "drop", patch)
        drop_hidden(stock.database, stock.index, stock.me.workspace_id)
    _hide(stock, mail_id, "stored")

    index_missing(stock.database, stock.index, stock.me.workspace_id)

    assert stock.vectors.ids(stock.me.workspace_id) == {mail_id}
    assert stock.search("renewal") == ["Renewal"]


def test_a_reindex_that_died_is_completed(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    mail_id = stock.add("Renewal", "the renewal")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        _dies_after(stock, "clear", patch)
        reindex(stock.database, stock.index, stock.vectors, stock.me.workspace_id)

    index_missing(stock.database, stock.index, stock.me.workspace_id)

    assert stock.vectors.ids(stock.me.workspace_id) == {mail_id}


def test_a_shorter_text_leaves_no_chunk_behind(stock: Stock) -> None:
    mail_id = stock.add("Renewal", "elephant " * 400)
    with stock.database.write() as session:
        mail = session.get_one(schema.Mail, mail_id)
        mail.new_text = "mouse"
        mail.outdate()

    assert index_missing(stock.database, stock.index, stock.me.workspace_id) == 1

    assert stock.vectors._collection(stock.me.workspace_id).count() == 1


@pytest.mark.parametrize("outdated", [False, True])
def test_what_gets_hidden_leaves_both_indexes(stock: Stock, outdated: bool) -> None:
    mail_id = stock.add("Renewal", "secret terms")
    kept = stock.add("Kept", "other")
    _hide(stock, mail_id)
    if outdated:
        with stock.database.write() as session:
            session.get_one(schema.Mail, mail_id).outdate()

    assert drop_hidden(stock.database, stock.index, stock.me.workspace_id) == 1
    assert drop_hidden(stock.database, stock.index, stock.me.workspace_id) == 0

    assert stock.vectors.ids(stock.me.workspace_id) == {kept}
    assert stock.search("secret terms") == ["Kept"]


def test_reindex_rebuilds_both_from_the_rows(stock: Stock) -> None:
    for number in range(3):
        stock.add(f"Mail {number}", f"topic{number}")
    stock.add("Hidden", "topic9", status="deleted")
    before = stock.search("topic1")
    stock.vectors.clear(stock.me.workspace_id)
    assert not stock.vectors.ids(stock.me.workspace_id)

    assert reindex(stock.database, stock.index, stock.vectors, stock.me.workspace_id) == 3

    assert stock.search("topic1") == before
    assert len(stock.vectors.ids(stock.me.workspace_id)) == 3


def test_vectors_hold_the_best_chunk_of_each_mail(stock: Stock) -> None:
    first = stock.add("", "alpha beta")
    second = stock.add("", "gamma delta", customer="Initech")
    query = stock.embedder.embed(["alpha beta"])[0]
    workspace = stock.me.workspace_id

    exact = stock.vectors.similarity(workspace, query, [first, second, "unknown"])
    nearest = stock.vectors.nearest(workspace, query, 10)

    assert set(exact) == set(nearest) == {first, second}
    assert exact[first] == pytest.approx(1.0, abs=1e-5)
    assert nearest[first] == pytest.approx(exact[first], abs=1e-4)
    assert set(stock.vectors.nearest(workspace, query, 10, [stock.customers["Initech"]])) == {second}
    assert stock.vectors.similarity(workspace + 1, query, [first]) == {}
    stock.vectors.drop(workspace, [first])
    assert stock.vectors.ids(workspace) == {second}


def _updated(stock: Stock, former: HashingEmbedder | None) -> None:
    """As after an update that brought another embedder."""
    stock.embedder = HashingEmbedder()
    stock.embedder.id = "another"
    vectors = VectorIndex(lambda: stock.vectors._opened(), stock.embedder.id)
    stock.index = SearchIndex(vectors, stock.embedder, lambda: NOW, former=former)


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("by_former", [True, False])
def test_what_waits_for_another_embedder_is_found_meanwhile(
    stock: Stock, monkeypatch: pytest.MonkeyPatch, few: bool, by_former: bool
) -> None:
    if not few:
        monkeypatch.setattr(search_module, "EXACT_BELOW", 0)
    stock.add("Renewal", "We want to renew the contract for two years.")
    stock.add("Lunch", "Shall we meet at the harbour on Friday?")
    _updated(stock, stock.embedder if by_former else None)

    assert stock.search("renew the contract")[0] == "Renewal"
    stock.add("Offer", "To renew the contract for two years costs 400.", days_ago=0.5, indexed=False)
    with monkeypatch.context() as patched:  # the process ends after the newest mail
        patched.setattr("crm.index.reindex._BATCH", 1)
        with pytest.raises(KeyboardInterrupt):
            index_missing(stock.database, stock.index, stock.me.workspace_id, _interrupt)
    assert set(stock.search("renew the contract", 2)) == {"Renewal", "Offer"}
    assert index_missing(stock.database, stock.index, stock.me.workspace_id) == 2


def test_what_was_indexed_before_waits_for_its_seconds(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindex_module, "_BATCH", 1)
    for number in range(3):
        stock.add(f"Mail {number}", "To renew the contract.", days_ago=number)
    stock.add("New", "To renew the contract.", days_ago=9, indexed=False)
    _updated(stock, None)
    workspace = stock.me.workspace_id

    assert index_missing(stock.database, stock.index, workspace, seconds=-1.0) == 1
    assert [mail.subject for mail in _indexed(stock)] == ["New"]
    with reindex_module._again(True) as mine:  # another mailbox of the workspace is at it
        assert mine
        assert index_missing(stock.database, stock.index, workspace, seconds=60.0) == 0
    assert index_missing(stock.database, stock.index, workspace, seconds=60.0) == 3
    assert len(_indexed(stock)) == 4


def _indexed(stock: Stock) -> list[schema.Mail]:
    with stock.database.read() as session:
        return list(session.scalars(select(schema.Mail).where(schema.Mail.indexed_at > schema.OUTDATED)))


def _interrupt(done: int, total: int) -> None:
    raise KeyboardInterrupt


def test_an_update_with_another_embedder_indexes_everything_anew_and_leaves_nothing_behind(stock: Stock) -> None:
    stock.add("Renewal", "We want to renew the contract for two years.")
    stock.add("Lunch", "Shall we meet at the harbour on Friday?")
    _updated(stock, None)

    assert index_missing(stock.database, stock.index, stock.me.workspace_id) == 2

    assert stock.search("renew the contract")[0] == "Renewal"
    assert [held.name for held in stock.vectors._opened().list_collections()] == [
        f"mail-{stock.me.workspace_id}-another"
    ]
    assert index_missing(stock.database, stock.index, stock.me.workspace_id) == 0


@pytest.mark.parametrize(
    "token", ["TOKEN_EXPIRED", "contrato.pdf", "vera@initech.example", "LU-4821", "is_active", "a_b"]
)
def test_what_is_written_as_one_is_an_identifier(token: str) -> None:
    assert is_identifier(token)


@pytest.mark.parametrize("token", ["renewal?", "follow-up", "e.g.", "S.A.", "and/or", "_so_", "…", "€5"])
def test_words_and_short_forms_are_none(token: str) -> None:
    assert not is_identifier(token)


def test_an_identifier_without_digits_is_found_before_what_is_like_it(stock: Stock) -> None:
    stock.add("Code", "The job stopped with TOKEN_EXPIRED on Sunday.")
    stock.add("Like it", "token token expired expired token")
    assert stock.search("TOKEN_EXPIRED")[0] == "Code"
