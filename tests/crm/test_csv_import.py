"""CSV files as people have them: good rows go in, bad ones are named by line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from crm.csv_import import ImportReport, import_contacts, import_customers
from crm.customers import Customer, list_customers
from crm.database import Database
from crm.errors import InputError
from crm.identity import Principal, create_workspace
from tests.house import MovableClock


@pytest.fixture
def me(database: Database, clock: MovableClock) -> Principal:
    with database.write() as session:
        return create_workspace(session, clock, name="LealUp", user_email="vera@lealup.example", timezone="UTC")


@pytest.fixture
def load(database: Database, me: Principal, tmp_path: Path) -> Callable[..., ImportReport]:
    def run(content: bytes | str, reader: Callable[..., ImportReport] = import_customers) -> ImportReport:
        path = tmp_path / "file.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with database.write() as session:
            return reader(session, me.workspace_id, path)

    return run


def _customers(database: Database, me: Principal) -> dict[str, Customer]:
    with database.read() as session:
        return {customer.name: customer for customer in list_customers(session, me.workspace_id)}


FULL = (
    "name,aliases,domains,arr,plan,status,renewal_date,segment,owner,language\n"
    'Lusitânia Seguros,Lusitânia;LS,lusitania.example;ls.example,84000.50,Pro,Active,2027-01-31,"Mid, market",vera,pt\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_column_in_every_encoding_excel_writes(
    load: Callable[..., ImportReport], database: Database, me: Principal, encoding: str, newline: str
) -> None:
    report = load(FULL.replace("\n", newline).encode(encoding))

    assert (report.imported, report.rejected, report.warnings) == (1, [], [])
    held = _customers(database, me)["Lusitânia Seguros"]
    assert (held.aliases, held.domains) == (("Lusitânia", "LS"), ("ls.example", "lusitania.example"))
    assert (held.arr, held.renewal_date, held.status) == (84000.5, date(2027, 1, 31), "active")
    assert (held.segment, held.owner, held.language, held.plan) == ("Mid, market", "vera", "pt", "Pro")


def test_a_semicolon_file_separates_lists_with_bars(
    load: Callable[..., ImportReport], database: Database, me: Principal
) -> None:
    report = load("Name;Aliases;Domains;ARR\nGlobex;GX|Globo;globex.example|globex.org;1000\n")

    assert report.rejected == []
    held = _customers(database, me)["Globex"]
    assert (held.aliases, held.domains, held.arr) == (("GX", "Globo"), ("globex.example", "globex.org"), 1000.0)


def test_importing_twice_changes_nothing(load: Callable[..., ImportReport], database: Database, me: Principal) -> None:
    load(FULL)
    before = _customers(database, me)
    load(FULL)
    assert _customers(database, me) == before


def test_bad_rows_are_named_by_line_and_good_ones_go_in(
    load: Callable[..., ImportReport], database: Database, me: Principal
) -> None:
    report = load(
        "name,domains,arr,renewal_date,status\n"
        "Good,good.example,1,2027-01-31,trial\n"  # 2
        ",nameless.example,1,,\n"  # 3
        "Poor,poor.example,a lot,,\n"  # 4
        "\n"
        "Late,late.example,1,31/01/2027,\n"  # 6
        'Multi,"multi.example;\nm2.example",1,,\n'  # 7 and 8
        "Odd,odd.example,1,,sleeping\n"  # 9
        "Negative,neg.example,-5,,\n"  # 10
        "NaN,nan.example,nan,,\n"  # 11
        "Thief,good.example,1,,\n"  # 12
        "Wrong,not a domain,1,,\n"  # 13
        "Short\n"  # 14: the rest is missing, which is fine
        "Long,long.example,1,,active,surplus,cells\n"
        "Last,last.example,2,,\n"
    )

    assert [problem.line for problem in report.rejected] == [3, 4, 6, 9, 10, 11, 12, 13]
    assert set(_customers(database, me)) == {"Good", "Multi", "Short", "Long", "Last"}
    assert report.imported == 5
    reasons = {problem.line: problem.reason for problem in report.rejected}
    assert reasons[3].startswith("name") and reasons[4].startswith("arr") and reasons[6].startswith("renewal_date")
    assert "good.example already belongs" in reasons[12]
    assert all("a lot" not in reason for reason in reasons.values())


def test_a_generic_domain_is_kept_with_a_warning(load: Callable[..., ImportReport]) -> None:
    report = load("name,domains\nJohn,gmail.com\n")
    assert report.imported == 1
    assert [(warning.line, "gmail.com" in warning.reason) for warning in report.warnings] == [(2, True)]


def test_contacts_by_name_alias_or_domain(load: Callable[..., ImportReport], database: Database, me: Principal) -> None:
    load("name,aliases,domains\nLusitânia Seguros,LS,ls.example\nAcme Robotics,,a.example\nAcme Foods,,b.example\n")
    report = load(
        "customer,name,email,role\nlusitania seguros,João,Joao@LS.example,Champion\nLS,Ana,ana@gmail.com,\n"
        "a.example,Pia,pia@a.example,Billing\nAcme,Who,who@a.example,\nNobody,X,x@y.example,\n"
        "LS,No address,nowhere,\nLS,,unnamed@ls.example,\n",
        import_contacts,
    )

    assert report.imported == 3
    assert [problem.line for problem in report.rejected] == [5, 6, 7, 8]
    assert "Acme Foods, Acme Robotics" in report.rejected[0].reason
    held = _customers(database, me)["Lusitânia Seguros"]
    assert [(contact.name, contact.email) for contact in held.contacts] == [
        ("João", "joao@ls.example"), ("Ana", "ana@gmail.com")
    ]  # fmt: skip
    assert held.champion is not None and held.champion.name == "João"


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"company,domain\nx,y\n", "name\nÁ\n".encode("utf-16"), b"\x81\xff\x00"]
)
def test_a_file_without_the_column_is_one_sentence(load: Callable[..., ImportReport], content: bytes) -> None:
    with pytest.raises(InputError):
        load(content)


def test_a_missing_file_is_one_sentence(database: Database, me: Principal, tmp_path: Path) -> None:
    with database.write() as session, pytest.raises(InputError) as caught:
        import_customers(session, me.workspace_id, tmp_path / "absent.csv")
    assert caught.value.sentence == "The file absent.csv can't be read."
    with database.write() as session, pytest.raises(InputError):
        import_customers(session, me.workspace_id, tmp_path)


@pytest.mark.parametrize("bad", ['"never closed', "a\x00b", "x" * 200_000])
def test_a_row_that_is_no_csv_does_not_undo_the_rows_before(
    load: Callable[..., ImportReport], database: Database, me: Principal, bad: str
) -> None:
    report = load(f"name,domains\nGood,good.example\n{bad},bad.example\n")
    assert "Good" in _customers(database, me)
    assert report.imported >= 1
