"""What a question is about, in three languages. Today is Wednesday, 18 November 2026, in Madrid."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.scope import Scope, flatten, resolve
from agent.wording import says_what_to_write
from crm.customers import Contact, Customer

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
MADRID = ZoneInfo("Europe/Madrid")


def customer(number: int, name: str, aliases: tuple[str, ...], domain: str, contacts: dict[str, str]) -> Customer:
    return Customer(
        id=number,
        name=name,
        aliases=aliases,
        domains=(domain,) if domain else (),
        arr=None,
        plan="",
        status="active",
        renewal_date=None,
        segment="",
        owner="",
        language="",
        contacts=tuple(
            Contact(id=number * 10 + index, customer_id=number, customer=name, name=who, email=email, role="")
            for index, (who, email) in enumerate(contacts.items())
        ),
    )


CUSTOMERS = (
    customer(
        1,
        "Acme Robotics",
        ("Acme",),
        "acme.example",
        {"Priya Raman": "priya@acme.example", "Daniel Osei": "daniel@acme.example"},
    ),
    customer(
        2,
        "Globex Logistics",
        (),
        "globex.example",
        {"Maria Keller": "maria.keller@globex.example", "Joanna Weber": "joanna@globex.example"},
    ),
    customer(
        3,
        "Obrador La Espiga",
        ("La Espiga",),
        "laespiga.example",
        {"María Jesús Ortega": "maria@laespiga.example", "Rocío Ortega": "rocio@laespiga.example"},
    ),
    customer(
        4,
        "Mercado Verde",
        ("Mercado",),
        "mercadoverde.example",
        {"Thiago Ramos": "thiago@mercadoverde.example"},
    ),
    customer(5, "Oficina Digital", (), "oficinadigital.example", {"Camila Duarte": "camila@oficinadigital.example"}),
    customer(
        6,
        "Grupo Editorial Cervantes",
        (),
        "cervantes.example",
        {"Íñigo Etxeberria": "inigo@cervantes.example"},
    ),
    customer(7, "Lusitânia Seguros", (), "lusitania.example", {"Beatriz Carvalho": "beatriz@lusitania.example"}),
    customer(8, "Transportes Ibéricos", ("TI",), "ibericos.example", {"Carmen Soler": "carmen@ibericos.example"}),
    customer(9, "Bluebird Bakery Supplies", ("Bluebird",), "", {"Rose Whitfield": "bluebird.supplies@gmail.com"}),
    customer(10, "Northwind Traders", (), "northwind.example", {"April Fuller": "april@northwind.example"}),
    customer(11, "Kestrel Power", (), "kestrelpower.example", {"Will Stone": "will@kestrelpower.example"}),
    customer(12, "Kestrel Data", (), "kestreldata.example", {}),
)
NAMES = {each.id: each.name for each in CUSTOMERS}


def ask(question: str, previous: Scope | None = None) -> Scope:
    return resolve(question, customers=CUSTOMERS, now=NOW, zone=MADRID, previous=previous)


def people(scope: Scope) -> list[str]:
    return [person.name for person in scope.people]


# question, language, ids of customers
CUSTOMER_CASES: list[tuple[str, str, list[int]]] = [
    ("What was discussed with Acme about renewal?", "en", [1]),
    ("what did acme robotics write?", "en", [1]),
    ("Acme's last email", "en", [1]),
    ("What did ACME say?", "en", [1]),
    ("WHAT DID ACME SAY ABOUT THE MARKET?", "en", [1]),
    ("emails from acme.example", "en", [1]),
    ("what came from @eu.acme.example?", "en", [1]),
    ("mails of somebody.new@globex.example", "en", [2]),
    ("Compare Acme and Globex", "en", [1, 2]),
    ("Is Globex happy?", "en", [2]),
    ("Is Gobex happy?", "en", [2]),
    ("did globx reply?", "en", [2]),
    ("What did Bluebird Bakery Supplies order?", "en", [9]),
    ("What did Bluebrid order?", "en", [9]),
    ("What does Northwnd want?", "en", [10]),
    ("what did mercado say about invoices?", "en", [4]),
    ("What was agreed with oficina digital?", "en", [5]),
    ("What did lusitania decide?", "en", [7]),
    ("¿Qué se habló con Acme sobre la renovación?", "es", [1]),
    ("¿Qué dijo LA ESPIGA?", "es", [3]),
    ("¿qué dijo la espiga del pedido?", "es", [3]),
    ("los correos de laespiga", "es", [3]),
    ("¿Qué quiere Cervantes?", "es", [6]),
    ("¿qué quiere cervantes?", "es", [6]),
    ("¿Qué pasa con Oficina Digital?", "es", [5]),
    ("¿Qué pasa con la Oficina?", "es", [5]),
    ("¿Qué ha dicho Mercado sobre la factura?", "es", [4]),
    ("¿Qué ha dicho mercado verde sobre la factura?", "es", [4]),
    ("¿Cómo está TI?", "es", [8]),
    ("¿Qué dijo transportes ibericos?", "es", [8]),
    ("¿Qué dijo Lusitanía?", "es", [7]),
    ("O que foi discutido com a Acme sobre a renovação?", "pt", [1]),
    ("O que a Lusitânia decidiu?", "pt", [7]),
    ("o que a lusitania decidiu?", "pt", [7]),
    ("O que a Lusitana Seguros decidiu?", "pt", [7]),
    ("O que o Mercado disse?", "pt", [4]),
    ("Quais são os e-mails da Oficina Digital?", "pt", [5]),
    ("Como está a Globex?", "pt", [2]),
    # Traps: ordinary words, other words, nobody
    ("Acmeology is a word", "en", []),
    ("a globexification of sorts", "en", []),
    ("the global logistics market", "en", []),
    ("which robotics customers complained?", "en", []),
    ("power outages of this week", "en", []),
    ("the data export is broken", "en", []),
    ("el mercado está difícil", "es", []),
    ("¿cómo ven el mercado los clientes?", "es", []),
    ("los mercados verdes de Europa", "es", []),
    ("¿quién habló de la oficina nueva?", "es", []),
    ("un grupo de clientes descontentos", "es", []),
    ("el sector editorial", "es", []),
    ("los productos ibéricos", "es", []),
    ("¿y a ti qué te dijeron?", "es", []),
    ("transporte y seguros", "es", []),
    ("o mercado está difícil", "pt", []),
    ("quem falou de seguros?", "pt", []),
    ("a oficina do cliente", "pt", []),
    ("e para ti?", "pt", []),
    # All customers
    ("Did any customer mention 'cancel' this week?", "en", []),
    ("Did any customer mention Globex?", "en", []),
    ("Which customers are waiting?", "en", []),
    ("¿Algún cliente mencionó a Globex?", "es", []),
    ("Algum cliente mencionou a Globex?", "pt", []),
]


@pytest.mark.parametrize(("question", "language", "expected"), CUSTOMER_CASES)
def test_customers_and_language(question: str, language: str, expected: list[int]) -> None:
    scope = ask(question)
    assert (scope.language, list(scope.customer_ids)) == (language, expected)
    assert list(scope.customers) == [NAMES[number] for number in expected]


# question, people, ids of customers
PEOPLE_CASES: list[tuple[str, list[str], list[int]]] = [
    ("Summarize the last 5 emails with Maria at Globex.", ["Maria Keller"], [2]),
    ("Summarize the last 5 emails with maria at globex", ["Maria Keller"], [2]),
    ("What did Globex's Maria say?", ["Maria Keller"], [2]),
    ("What did Maria (Globex) say?", ["Maria Keller"], [2]),
    ("What did Maria Keller say?", ["Maria Keller"], [2]),
    ("What did Keller say?", ["Maria Keller"], [2]),
    ("emails from maria.keller@globex.example", ["Maria Keller"], [2]),
    ("emails from bluebird.supplies@gmail.com", ["Rose Whitfield"], [9]),
    ("What did Globex say, and what did Maria answer?", ["Maria Keller"], [2]),
    ("Write a reply to Priya's last email", ["Priya Raman"], [1]),
    ("What did Daniel and Priya agree?", ["Daniel Osei", "Priya Raman"], [1]),
    ("Did Priya write to Globex?", ["Priya Raman"], [2, 1]),
    ("What did Joana at Globex say?", ["Joanna Weber"], [2]),
    ("What did Rose order?", ["Rose Whitfield"], [9]),
    ("emails from April", ["April Fuller"], [10]),
    ("What did Will Stone send?", ["Will Stone"], [11]),
    ("Resume los últimos 5 correos con María de La Espiga", ["María Jesús Ortega"], [3]),
    ("¿Qué dijo maría jesús?", ["María Jesús Ortega"], [3]),
    ("¿Qué dijo Maria Ortega?", ["María Jesús Ortega"], [3]),
    ("¿Qué dijo Rocio?", ["Rocío Ortega"], [3]),
    ("¿Qué escribió inigo?", ["Íñigo Etxeberria"], [6]),
    ("Resuma os últimos 5 e-mails com a Maria da Globex", ["Maria Keller"], [2]),
    ("O que a Beatriz pediu?", ["Beatriz Carvalho"], [7]),
    ("O que o Thiago da Mercado Verde pediu?", ["Thiago Ramos"], [4]),
    # Traps
    ("The prices rose again", [], []),
    ("Will Acme renew?", [], [1]),
    ("in April", [], []),
    ("What did Maria Lopez say?", [], []),
    ("¿Qué dijo Daniela de Acme?", [], [1]),
    ("la calle soler", [], []),
]


@pytest.mark.parametrize(("question", "expected", "ids"), PEOPLE_CASES)
def test_people(question: str, expected: list[str], ids: list[int]) -> None:
    scope = ask(question)
    assert (people(scope), list(scope.customer_ids), scope.ambiguous) == (expected, ids, ())


@pytest.mark.parametrize(
    "question",
    ["What did Maria say?", "¿Qué dijo María?", "O que a maria disse?", "What did Maria say about logistics?"],
)
def test_two_marias_are_not_guessed(question: str) -> None:
    scope = ask(question)
    assert scope.people == () and scope.customer_ids == ()
    [(name, candidates)] = scope.ambiguous
    assert flatten(name) == "maria"
    assert candidates == ("Maria Keller (Globex Logistics)", "María Jesús Ortega (Obrador La Espiga)")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("¿qué dijo María la del obrador?", "María Jesús Ortega"),
        ("did Maria from the logistics company pay?", "Maria Keller"),
        ("did Maria, the logistics one, pay?", "Maria Keller"),
    ],
)
def test_a_word_of_their_customers_name_tells_people_of_one_name_apart(question: str, expected: str) -> None:
    scope = ask(question)
    assert (people(scope), scope.ambiguous) == ([expected], ())
    assert "obrador" not in scope.remainder
    assert (
        ask("¿qué dijo María la de la esquina?").ambiguous and ask("What did Maria say about the logistics?").ambiguous
    )
    assert ask("¿qué dijo María del mercado?").ambiguous


def test_two_customers_of_one_name_are_not_guessed() -> None:
    scope = ask("What did Kestrel say?")
    assert scope.customer_ids == ()
    assert scope.ambiguous == (("Kestrel", ("Kestrel Power", "Kestrel Data")),)
    assert ask("What did Kestrel Data say?").customer_ids == (12,)


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("What did Wonka say?", ("Wonka",)),
        ("Summarize the emails with Wonka Industries", ("Wonka Industries",)),
        ("What did Maria Lopez say?", ("Maria Lopez",)),
        ("What did Priya at Globex say?", ("Priya",)),
        ("and Wonka?", ("Wonka",)),
        ("¿Qué dijo Wonka?", ("Wonka",)),
        ("¿Qué dijo Daniela de Acme?", ("Daniela",)),
        ("los correos de Marco", ("Marco",)),
        ("O que a Wonka pediu?", ("Wonka",)),
        ("e a Wonka?", ("Wonka",)),
        ("What did Acme say about Salesforce?", ()),
        ("Is the Slack integration broken?", ()),
        ("Did any customer mention Churnly?", ()),
        ("¿Algún cliente mencionó Churnly?", ()),
        ("help with SSO at Acme", ()),
        ("What did Acme say in October?", ()),
        ("Where is Acme?", ()),
    ],
)
def test_unknown_names(question: str, unknown: tuple[str, ...]) -> None:
    assert ask(question).unknown == unknown


@pytest.mark.parametrize(
    ("question", "limit"),
    [
        ("Summarize the last 5 emails with Maria at Globex", 5),
        ("the last five messages from Acme", 5),
        ("Acme's 3 most recent emails", 3),
        ("the last 5 Globex emails", 5),
        ("Write a reply to Priya's last email", 1),
        ("the latest message from Acme", 1),
        ("last 5 with Priya", 5),
        ("los últimos 5 correos con Acme", 5),
        ("los 5 últimos mensajes de Acme", 5),
        ("los 3 correos más recientes de Acme", 3),
        ("el último correo de Acme", 1),
        ("las últimas tres respuestas de Acme", 3),
        ("os últimos 5 e-mails com a Acme", 5),
        ("as últimas cinco mensagens da Acme", 5),
        ("o último e-mail da Acme", 1),
        ("os 3 e-mails mais recentes da Acme", 3),
        ("emails of the last 5 days", None),
        ("the latest emails of Acme", None),
        ("los correos de los últimos 5 días", None),
        ("os e-mails dos últimos 5 dias", None),
        ("5 seats more", None),
    ],
)
def test_limit(question: str, limit: int | None) -> None:
    assert ask(question).limit == limit


@pytest.mark.parametrize(
    ("question", "direction"),
    [
        ("emails from Maria at Globex", "inbound"),
        ("What did Acme reply?", "inbound"),
        ("What did she reply?", "inbound"),
        ("Did any customer mention 'cancel'?", "inbound"),
        ("Priya's last email", "inbound"),
        ("Write a reply to Priya's last email", "inbound"),
        ("mails sent by Daniel Osei", "inbound"),
        ("¿Qué respondió Acme?", "inbound"),
        ("los correos de Acme", "inbound"),
        ("¿Algún cliente mencionó 'cancelar'?", "inbound"),
        ("O que a Acme respondeu?", "inbound"),
        ("os e-mails da Acme", "inbound"),
        ("Quantos e-mails a Beatriz enviou?", "inbound"),
        ("¿cuándo escribió por última vez?", "inbound"),
        ("What did we send to Acme?", "outbound"),
        ("What did I promise Priya?", "outbound"),
        ("emails to Acme", "outbound"),
        ("¿Qué le enviamos a Acme?", "outbound"),
        ("¿Qué le hemos prometido a Acme?", "outbound"),
        ("O que enviamos para a Acme?", "outbound"),
        ("O que eu disse à Acme?", "outbound"),
        ("the emails with Acme", None),
        ("What was discussed with Acme?", None),
        ("los correos con Acme", None),
        ("os e-mails com a Acme", None),
        ("¿Cómo está Acme?", None),
    ],
)
def test_direction(question: str, direction: str | None) -> None:
    assert ask(question).direction == direction


@pytest.mark.parametrize(
    ("question", "remainder"),
    [
        ("What was discussed with Acme about renewal?", "renewal"),
        ("Summarize the last 5 emails with Maria at Globex.", ""),
        ("Did any customer mention 'cancel' this week?", "cancel"),
        ("What did Acme say about invoice INV-20388 in October?", "invoice INV-20388"),
        ("Did any customer mention Globex?", "Globex"),
        ("What changed at Acme since the kickoff?", "changed"),
        ("¿Qué se habló con Acme sobre la renovación?", "renovación"),
        ("¿Algún cliente mencionó 'darse de baja' esta semana?", "cancelar"),
        ("¿Por qué se da de baja Globex?", "cancelar"),
        ("¿Quién está de baja en Globex?", "baja"),
        ("Why is Acme leaving?", "cancel"),
        ("¿Por qué se va Globex?", "cancelar"),
        ("Por que a Globex vai embora?", "cancelar"),
        ("¿Por qué la factura de Globex se va a retrasar?", "factura va retrasar"),
        ("Why does Globex have only three licences left?", "three licences left"),
        ("Resume los últimos 5 correos con María de La Espiga", ""),
        ("Who hasn't replied?", ""),
        ("Quantos e-mails a Beatriz enviou?", ""),
        ("O que foi discutido com a Acme sobre a renovação?", "renovação"),
        ("Algum cliente mencionou 'cancelar' esta semana?", "cancelar"),
        ("Resuma os últimos 5 e-mails com a Maria da Globex", ""),
    ],
)
def test_remainder(question: str, remainder: str) -> None:
    assert ask(question).remainder == remainder


def _kept(scope: Scope) -> tuple[list[int], list[str], str, int | None, str]:
    return list(scope.customer_ids), people(scope), scope.period.label, scope.limit, scope.remainder


# first question, second question, then customers, people, period, limit and topic of the second
FOLLOW_UPS: list[tuple[str, str, list[int], list[str], str, int | None, str]] = [
    ("What did Acme say about pricing last week?", "and Globex?", [2], [], "last week", None, "pricing"),
    (
        "What did Acme say about pricing last week?",
        "What about Globex?",
        [2],
        [],
        "last week",
        None,
        "pricing",
    ),
    ("What did Acme say about pricing last week?", "Globex?", [2], [], "last week", None, "pricing"),
    ("What did Acme say about pricing last week?", "and last month?", [1], [], "last month", None, "pricing"),
    (
        "What did Acme say about pricing last week?",
        "and about the invoice?",
        [1],
        [],
        "last week",
        None,
        "invoice",
    ),
    ("The last 5 emails with Priya", "and with Beatriz?", [7], ["Beatriz Carvalho"], "", 5, ""),
    ("What did Priya say about pricing?", "what did she reply?", [1], ["Priya Raman"], "", None, "pricing"),
    (
        "What did Priya say about pricing?",
        "Does she want a discount?",
        [1],
        ["Priya Raman"],
        "",
        None,
        "discount",
    ),
    ("What did Priya say yesterday?", "who replied?", [1], ["Priya Raman"], "", None, ""),
    ("What did Priya say?", "Did any customer mention pricing?", [], [], "", None, "pricing"),
    ("What did Priya say about pricing?", "and all customers?", [], [], "", None, "pricing"),
    ("What did Priya say?", "What did Globex order in October?", [2], [], "in October", None, "order"),
    ("What did Priya say?", "Which invoices are overdue?", [], [], "", None, "invoices overdue"),
    ("What did Globex say about pricing?", "who is the champion?", [2], [], "", None, "champion"),
    ("What did Globex say about pricing?", "when does it renew?", [2], [], "", None, "renew"),
    ("What did Globex say about pricing?", "how many emails this month?", [2], [], "this month", None, "pricing"),
    ("¿Qué dijo Globex del precio?", "¿quién es el champion?", [2], [], "", None, "champion"),
    ("O que a Globex disse do preço?", "quem é o champion?", [2], [], "", None, "champion"),
    ("What did Maria say about pricing?", "Globex", [2], ["Maria Keller"], "", None, "pricing"),
    ("What did Maria say about pricing?", "the one at Globex", [2], ["Maria Keller"], "", None, "pricing"),
    ("What did Priya say about pricing?", "show me her last email", [1], ["Priya Raman"], "", 1, ""),
    ("What did Maria say about pricing?", "Maria Keller", [2], ["Maria Keller"], "", None, "pricing"),
    ("What did Globex order?", "And what did Maria say?", [2], ["Maria Keller"], "", None, "order"),
    (
        "¿Qué dijo Acme del precio la semana pasada?",
        "¿y Globex?",
        [2],
        [],
        "la semana pasada",
        None,
        "precio",
    ),
    (
        "¿Qué dijo Acme del precio la semana pasada?",
        "¿y el mes pasado?",
        [1],
        [],
        "el mes pasado",
        None,
        "precio",
    ),
    ("¿Qué dijo Carmen del precio?", "¿qué respondió?", [8], ["Carmen Soler"], "", None, "precio"),
    ("¿Qué dijo María del precio?", "la de Globex", [2], ["Maria Keller"], "", None, "precio"),
    ("¿Qué dijo Carmen del precio?", "¿y qué le enviamos?", [8], ["Carmen Soler"], "", None, "precio"),
    ("¿Qué dijo Carmen del precio?", "¿Algún cliente pidió descuento?", [], [], "", None, "descuento"),
    ("¿Qué dijo Carmen del precio?", "¿y los demás clientes?", [], [], "", None, "precio"),
    ("¿Qué dijo Carmen del precio?", "¿Qué contestó ayer Priya?", [1], ["Priya Raman"], "ayer", None, ""),
    ("O que a Acme disse do preço desde março?", "e a Globex?", [2], [], "desde março", None, "preço"),
    (
        "O que a Acme disse do preço desde março?",
        "e no mês passado?",
        [1],
        [],
        "no mês passado",
        None,
        "preço",
    ),
    ("O que a Beatriz disse do preço?", "o que ela respondeu?", [7], ["Beatriz Carvalho"], "", None, "preço"),
    ("O que a Beatriz disse do preço?", "Algum cliente pediu desconto?", [], [], "", None, "desconto"),
    ("O que a Beatriz disse do preço?", "e todos os clientes?", [], [], "", None, "preço"),
    ("¿Qué dijo Carmen Soler del precio?", "Respóndele que sí", [8], ["Carmen Soler"], "", None, "precio"),
]


@pytest.mark.parametrize(("first", "second", "ids", "who", "label", "limit", "topic"), FOLLOW_UPS)
def test_follow_up(
    first: str, second: str, ids: list[int], who: list[str], label: str, limit: int | None, topic: str
) -> None:
    assert _kept(ask(second, ask(first))) == (ids, who, label, limit, topic)


@pytest.mark.parametrize(
    ("turns", "topic", "before"),
    [
        (["What did Acme say about pricing?", "and what did we offer them?"], "offer", "pricing"),
        (["What did Acme say about pricing?", "what did we offer them?", "and Priya?"], "offer", "pricing"),
        (["What did Acme say about pricing?", "did Priya confirm?"], "confirm", "pricing"),
        (["What did Acme say about pricing?", "and Globex?"], "pricing", ""),
        (["What did Acme say about pricing?", "What did Globex say about the invoice?"], "invoice", ""),
        (["What did Acme say about pricing?", "What did Acme say about SAML?"], "SAML", ""),
        (["What did Acme say about pricing?", "show me her last email"], "", ""),
        (["¿Qué dijo Globex del precio?", "¿aceptó la oferta?"], "aceptó oferta", "precio"),
        (["O que a Globex disse do preço?", "e isso já está resolvido?"], "resolvido", "preço"),
    ],
)
def test_what_a_conversation_was_about_stays_beside_a_new_topic(turns: list[str], topic: str, before: str) -> None:
    scope: Scope | None = None
    for question in turns:
        scope = ask(question, scope)
    assert scope and (scope.remainder, scope.before) == (topic, before)


def test_what_a_conversation_was_about_does_not_grow_for_ever() -> None:
    scope = ask("What did Acme say about pricing?")
    for word in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"):
        scope = ask(f"and about the {word}?", scope)
    assert scope.before == "beta gamma delta epsilon zeta eta"


def test_a_new_question_about_somebody_else_drops_who_wrote() -> None:
    answered = ask("what did we reply to Priya?", ask("What did Priya say about pricing?"))
    assert answered.direction == "outbound"
    assert ask("and Beatriz, her view of the committee?", answered).direction != "outbound"
    assert ask("and Beatriz?", answered).direction == "outbound"


def test_a_question_that_names_nobody_is_about_whom_it_was_before_where_it_carries_on() -> None:
    previous = ask("How much does the expansion of Acme cost?")
    assert not ask("who approved?", previous).customer_ids
    carried = resolve(
        "who approved?", customers=CUSTOMERS, now=NOW, zone=MADRID, previous=previous, carries_on=True
    )  # fmt: skip
    assert (list(carried.customer_ids), carried.remainder) == ([1], "approved")


@pytest.mark.parametrize(
    ("question", "direction"),
    [
        ("Que e-mails recebi da Beatriz em maio?", "inbound"),
        ("¿Qué correos recibí de Carmen?", "inbound"),
        ("How many emails did I receive from Priya?", "inbound"),
        ("¿Qué plan le dimos a Carmen?", "outbound"),
        ("What discount did we offer Acme?", "outbound"),
        ("What did Acme say about the demos?", "inbound"),
        ("¿Qué correos recibí ayer?", "inbound"),
    ],
)
def test_who_sent_what_was_received_or_offered(question: str, direction: str) -> None:
    assert ask(question).direction == direction


def test_a_short_follow_up_is_in_the_language_of_the_conversation() -> None:
    for first, second in (
        ("What did Acme say?", "Globex?"),
        ("¿Qué dijo Acme?", "Globex?"),
        ("O que a Acme disse?", "Globex?"),
    ):
        previous = ask(first)
        assert ask(second, previous).language == previous.language


@pytest.mark.parametrize(
    "question",
    [
        "",
        "???",
        "What did Acme say since March?",
        "What did Maria say to Wonka between 3 and 10 November?",
        "Resume los últimos 5 correos de María de La Espiga desde el kickoff",
    ],
)
def test_json_both_ways(question: str) -> None:
    scope = ask(question)
    data: Any = json.loads(json.dumps(scope.as_json()))
    assert Scope.from_json(data) == scope


def test_instants_are_in_utc() -> None:
    period = ask("What came in today?").period
    assert (period.since, period.until) == (
        datetime(2026, 11, 17, 23, tzinfo=UTC),
        datetime(2026, 11, 18, 23, tzinfo=UTC),
    )


def test_folding_keeps_every_letter_in_its_place() -> None:
    text = "¿Qué… Íñigo 1º ﬁn ß İ?"
    assert len(flatten(text)) == len(text)


@pytest.mark.parametrize(
    ("order", "words", "to_write"),
    [
        ("Write to Maria confirming the meeting on Thursday", "on Thursday", True),
        ("Redacta un correo para Lucía confirmando la reunión del jueves", "del jueves", True),
        ("Escreva à Beatriz dizendo que ligo na quinta", "na quinta", True),
        ("Reply to the mail Maria sent on Thursday saying yes", "on Thursday", False),
        ("Responde al correo del jueves de Lucía diciendo que sí", "del jueves", False),
        ("Reply to Maria", "", False),
    ],
)
def test_a_day_in_what_to_write_is_no_period_of_mails(order: str, words: str, to_write: bool) -> None:
    assert says_what_to_write(order, words) is to_write


@pytest.mark.parametrize(
    ("question", "tone"),
    [
        ("Show me negative emails this week", "negative"),
        ("mails with positive sentiment from Acme", "positive"),
        ("Muéstrame los correos negativos de Globex", "negative"),
        ("e-mails positivos da Globex", "positive"),
        ("What did Acme say about the negative balance?", None),
    ],
)
def test_the_tone_asked_for(question: str, tone: str | None) -> None:
    assert ask(question).tone == tone
