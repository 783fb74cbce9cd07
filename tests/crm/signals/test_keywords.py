"""Critical words: forms, places, negation, conditions, inflections."""

import pytest

from benchmarks.timing import least_seconds
from crm.signals.inflection import spanish_subjunctive, spanish_verb
from crm.signals.keywords import Lexicon, compiled, expand, find, lexicon_of, load_lexicon


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon({"Salesfarce": "competitor:Salesfarce", "plan básico": "downgrade"})


@pytest.mark.parametrize(
    ("text", "term", "form"),
    [
        ("Please cancel our subscription.", "cancel", "cancel"),
        ("We are CANCELLING next month.", "cancel", "CANCELLING"),
        ("Solicitamos la cancelación.", "cancel", "cancelación"),
        ("Pedimos la CANCELACION.", "cancel", "CANCELACION"),
        ("Quiero darme de baja.", "cancel", "darme de baja"),
        ("Vamos a dar la cuenta de baja.", "cancel", "dar la cuenta de baja"),
        ("Nos dimos de baja ayer.", "cancel", "dimos de baja"),
        ("Pedimos o cancelamento.", "cancel", "cancelamento"),
        ("Churn is likely here.", "cancel", "Churn"),
        ("We will terminate the agreement.", "terminate", "terminate"),
        ("Queremos rescindir el contrato.", "terminate", "rescindir"),
        ("Vamos encerrar o contrato.", "terminate", "encerrar o contrato"),
        ("A rescisão é para já.", "terminate", "rescisão"),
        ("There are two problems.", "problem", "problems"),
        ("Hay una incidencia abierta.", "problem", "incidencia"),
        ("Encontramos vários erros.", "problem", "erros"),
        ("A critical bug blocks us.", "critical_bug", "critical bug"),
        ("Hubo una pérdida de datos.", "critical_bug", "pérdida de datos"),
        ("O sistema está fora do ar.", "critical_bug", "fora do ar"),
        ("A competitor called us.", "competitor", "competitor"),
        ("Hablamos con otro proveedor.", "competitor", "otro proveedor"),
        ("A concorrência ligou.", "competitor", "concorrência"),
        ("The price went up.", "price", "price"),
        ("Es demasiado caro.", "price", "demasiado caro"),
        ("O preço subiu.", "price", "preço"),
        ("We won't be renewing.", "non_renewal", "won't be renewing"),
        ("No vamos a renovar.", "non_renewal", "No vamos a renovar"),
        ("Salesfarce called us.", "competitor:Salesfarce", "Salesfarce"),
        ("El plan basico nos basta.", "downgrade", "plan basico"),
    ],
)
def test_forms_are_found_where_they_stand(text: str, term: str, form: str, lexicon: Lexicon) -> None:
    hits = [hit for hit in find(f"Hola.\n\n{text}", lexicon) if hit.term == term]
    assert [hit.form for hit in hits] == [form]
    assert f"Hola.\n\n{text}"[hits[0].start : hits[0].end] == form
    assert hits[0].sentence == text
    assert not hits[0].negated


@pytest.mark.parametrize(
    "text",
    [
        "We will not cancel.",
        "We won't cancel anything.",
        "I don't think we will cancel.",
        "We have no plans to terminate the contract.",
        "Cancelling is off the table.",
        "No vamos a cancelar.",
        "Nunca pensamos en cancelar.",
        "En lugar de cancelar, ampliamos.",
        "Não queremos rescindir o contrato.",
        "Não vamos cancelar nada.",
        "No problem, see you on Monday.",
        "Funciona sin problemas.",
        "Sem problemas.",
        "No hay ningún problema.",
        "Problema resuelto, gracias.",
        "El error ya no aparece.",
        "El error no ha vuelto a aparecer.",
        "You fixed the issue within an hour.",
        "O erro no login foi corrigido.",
        "We never asked you to cancel our account.",
        "Ni se nos ha pasado por la cabeza cancelar.",
        "Please ignore my earlier cancellation email.",
        "Desistimos de cancelar.",
        "The price isn't the reason.",
        "No hemos tenido ni un solo error.",
        "Thanks for fixing the bug so quickly.",
        "The contract is not being terminated.",
        "Us, cancelling? Not in a million years.",
        "Under no circumstances are we going to cancel.",
        "Es falso que vayamos a cancelar.",
        "Problema nenhum.",
    ],
)
def test_negation_is_marked(text: str, lexicon: Lexicon) -> None:
    hits = find(text, lexicon)
    assert hits and all(hit.negated for hit in hits)


@pytest.mark.parametrize(
    "text",
    [
        "We are not happy and we will cancel.",
        "We have no choice but to cancel.",
        "We will not hesitate to cancel.",
        "No estamos contentos, vamos a cancelar.",
        "No tenemos más remedio que cancelar.",
        "Não estamos satisfeitos e queremos cancelar.",
        "The problem has not been solved.",
        "You have not solved the problem.",
        "No, we want to cancel.",
        "El problema sigue sin resolverse.",
        "We need this problem solved by Friday.",
        "When will this issue be fixed?",
        "The bug you fixed in March is back.",
        "O problema não foi resolvido.",
        "No nos queda otra que cancelar.",
        "We can no longer justify the cost.",
        "No armazém temos um problema.",
        "If I can't get an answer today I'd like to cancel.",
        "You did not lower the price.",
        "Vamos dar baixa no contrato.",
        "Shall we cancel? Never mind the fee.",
    ],
)
def test_a_negation_of_something_else_is_none(text: str, lexicon: Lexicon) -> None:
    hits = find(text, lexicon)
    assert hits and not any(hit.negated for hit in hits)


@pytest.mark.parametrize(
    ("text", "hypothetical"),
    [
        ("If this is not fixed we will cancel.", True),
        ("We might cancel.", True),
        ("Unless you help us, we cancel.", True),
        ("Si no se arregla, cancelaremos.", True),
        ("De lo contrario, cancelaremos.", True),
        ("Se não resolver, vamos ter que cancelar.", True),
        ("Caso não resolvam, vamos cancelar.", True),
        ("Were support to go on like this, we would cancel.", True),
        ("Como no bajéis la cuota, cancelamos.", True),
        ("Como sabéis, cancelamos en mayo.", False),
        ("Como llegué tarde, cancelé.", False),
        ("O lo arregláis o cancelamos.", True),
        ("O fornecedor quer cancelar o seguro ou o plano.", False),
        ("Fix it by Monday or we cancel.", True),
        ("Cancelaríamos con gusto.", True),
        ("Mais uma e cancelamos.", True),
        ("Sí, queremos cancelar.", False),
        ("Se canceló el pedido.", False),
        ("I would like to cancel.", False),
        ("Gostaríamos de cancelar.", False),
        ("We cancel in May.", False),
        ("Imagine we cancelled in May.", True),
        ("Um novo atraso dar-nos-ia o direito de cancelar.", True),
        ("Havendo analisado o uso, cancelamos.", False),
        ("Insistiram em que se cancelasse.", False),
    ],
)
def test_conditions_are_marked(text: str, hypothetical: bool, lexicon: Lexicon) -> None:
    assert [(hit.term, hit.hypothetical, hit.negated) for hit in find(text, lexicon)] == [
        ("cancel", hypothetical, False)
    ]


def test_cancelling_a_meeting_is_harmless_but_still_a_mention(lexicon: Lexicon) -> None:
    assert find("Can we cancel the meeting on Friday?", lexicon) == ()
    assert [hit.form for hit in find("Can we cancel the meeting on Friday?", lexicon_of(["cancel"]))] == ["cancel"]


@pytest.mark.parametrize(
    "text",
    [
        "The flight to Madrid was cancelled.",
        "O webinar de hoje foi cancelado.",
        "María está de baja por enfermedad.",
        "Please issue a new purchase order.",
        "The session terminates automatically.",
        "It was trial and error.",
        "El curso no va hasta el viernes.",
        "Three games were cancelled because of rain.",
        "Trabajo de baja por enfermedad hasta mayo.",
        "It cost us two days.",
        "Wednesday doesn't work for me.",
        "Our lawyers' football team won the cup.",
        "The intern is taking a crash course.",
        'She wrote "The Art of Complaining", a book.',
        "The caterer cancelled, so bring lunch.",
    ],
)
def test_what_only_looks_critical_is_no_hit(text: str, lexicon: Lexicon) -> None:
    assert find(text, lexicon) == ()


@pytest.mark.parametrize(
    "text",
    [
        "En la reunión decidimos cancelar el contrato.",
        "After the call we cancelled everything.",
        "Please cancel our subscription before the meeting.",
    ],
)
def test_a_meeting_nearby_excuses_no_cancelled_contract(text: str, lexicon: Lexicon) -> None:
    assert [hit.term for hit in find(text, lexicon)] == ["cancel"]


def test_a_relative_clause_may_stand_between(lexicon: Lexicon) -> None:
    told = find("Los correos que enviamos desde la plataforma a los clientes no llegan.", lexicon)
    assert [hit.term for hit in told] == ["problem"]


def test_a_genitive_names_its_word(lexicon: Lexicon) -> None:
    assert [hit.term for hit in find("Salesfarce's offer is on my desk.", lexicon)] == ["competitor:Salesfarce"]


@pytest.mark.parametrize("word", ["cancel", "Cancelled", "cancelar", "cancelación", "cancelamento"])
def test_any_form_expands_to_all_languages(word: str) -> None:
    forms = expand(word)
    assert {
        "cancel",
        "cancels",
        "cancelled",
        "cancellation",
        "cancelamos",
        "cancelación",
        "cancelamento",
    } <= forms
    assert "problema" not in forms


def test_an_unlisted_word_expands_to_itself_and_its_plural() -> None:
    assert {"dashboard", "dashboards"} <= expand("dashboard")
    assert {"integrações", "integración", "integrations"} <= expand("integração")
    assert expand("two words") == {"two words"}


def test_patterns_have_slots_gaps_and_ends() -> None:
    lexicon = compiled(
        [("não {us} vai $", "still"), ("drop ~ {plan}", "less")], slots={"us": ["nos"], "plan": ["free plan"]}
    )
    told = {
        text: [hit.form for hit in find(text, lexicon)]
        for text in ("Não nos vai.", "Não nos vai bem.", "Drop to the free plan!")
    }
    assert told == {
        "Não nos vai.": ["Não nos vai"],
        "Não nos vai bem.": [],
        "Drop to the free plan!": ["Drop to the free plan"],
    }
    assert find("Drop that, the free plan", lexicon) == ()


def test_spanish_verbs_change_their_stem_and_take_pronouns() -> None:
    assert {"cierran", "cerrad", "cierrenlo", "cerrarnoslo"} <= spanish_verb("cerrar")
    assert {"resuelto", "resuelven"} <= spanish_verb("resolver")
    assert spanish_subjunctive("bajar") == {"baje", "bajes", "bajemos", "bajéis", "bajen"}


@pytest.mark.parametrize(
    "text",
    ["no " * 100_000 + "cancel " * 5_000 + "x" * 100_000, ("The bug " + "a" * 500 + ".\n") * 50, "bug, " * 5_000],
)
def test_time_is_linear(lexicon: Lexicon, text: str) -> None:
    assert least_seconds(lambda: find(text, lexicon), under=5) < 5


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("{foo}", "We use foo here.", ["foo"]), ("$", "It costs $ 5.", []), ("$ 500", "It costs $ 500 a month.", ["500"]),
        ("~", "one ~ two", []), ("a ~ b", "we know a b c", ["a b"]), ("{number}", "the number is 5", ["number"]),
    ],
)  # fmt: skip
def test_the_signs_of_a_pattern_mean_nothing_in_what_a_user_types(typed: str, text: str, found: list[str]) -> None:
    assert [hit.form for hit in find(text, lexicon_of([typed]))] == found
    assert [hit.form for hit in find(text, load_lexicon({typed: "own"})) if hit.term == "own"] == found
