"""Words, phrases and faces that carry a tone."""

import pytest

from crm.signals.polarity import FEATURES, features, is_courtesy, spoken

GLAD, SAD, NOT_GLAD, NOT_SAD, BALANCE, TURNED, QUOTES = 0, 1, 2, 3, 4, 7, 9
GOOD_PHRASE, POOR_PHRASE, POLITE_PHRASE, SMILES, FROWNS = 11, 12, 13, 14, 15


@pytest.mark.parametrize("text", ["It is not good", "no es bueno", "não é bom"])
def test_negation_turns_a_word(text: str) -> None:
    values = features(text)
    assert values[NOT_GLAD] > 0 and values[GLAD] == 0 and values[BALANCE] < 0


def test_a_plain_word_is_not_negated() -> None:
    values = features("It is good")
    assert values[GLAD] > 0 and values[NOT_GLAD] == 0


def test_negation_ends_with_the_clause() -> None:
    assert features("No, it is good")[GLAD] > 0


def test_intensity() -> None:
    good, very, excellent, bit = (
        features(f"It is {words}")[GLAD] for words in ("good", "very good", "excellent", "somewhat good")
    )
    assert bit < good < very < excellent


@pytest.mark.parametrize(
    "text",
    ["It was terrible, but now it is good", "Era terrible, pero ahora es bueno", "Era terrível, mas agora é bom"],
)
def test_what_follows_a_contrast_is_told_apart(text: str) -> None:
    assert features(text)[TURNED] > 0


def test_words_of_somebody_else_are_not_the_writers() -> None:
    values = features('One of them wrote "this is a disaster" in March')
    assert values[SAD] == 0 and values[QUOTES] == 1


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("Not a single user has complained", GOOD_PHRASE),
        ("Ni un solo usuario se ha quejado", GOOD_PHRASE),
        ("Deu tudo certo", GOOD_PHRASE),
        ("We want to end the contract", POOR_PHRASE),
        ("Queremos poner fin al contrato", POOR_PHRASE),
        ("Vamos encerrar o contrato", POOR_PHRASE),
        ("It would be great if you could come", POLITE_PHRASE),
        ("Seria ótimo ter o arquivo", POLITE_PHRASE),
    ],
)
def test_phrases(text: str, feature: int) -> None:
    assert features(text)[feature] >= 1


@pytest.mark.parametrize("text", ["travel", "materials", "utilizar", "tarde", "perdón", "painel", "contents"])
def test_a_stem_reaches_no_stranger(text: str) -> None:
    assert features(text)[BALANCE] == 0


def test_faces() -> None:
    assert features("Live 🎉 :-)")[SMILES] == 2 and features("Live 🎉 :-)")[FROWNS] == 0
    assert features("Down 😡")[FROWNS] == 1
    assert features("See https://example.com/a: (list)")[FROWNS] == 0


def test_every_text_has_all_features() -> None:
    assert features("").shape == features("¡Hola! " * 500).shape == (FEATURES,)


def test_spoken() -> None:
    assert spoken("Sooooo cool!!! 😍 https://t.co/x") == "So cool! love"
    assert spoken("vc é d+ #QueAlegria kkkk") == "você é d+ Que Alegria laughing"
    assert spoken("THIS IS NOT GOOD") == "this is not good"
    assert spoken("The invoice is attached.") == "The invoice is attached."


def test_courtesy() -> None:
    assert is_courtesy("Muchas gracias, Ana") and is_courtesy("Best regards")
    assert not is_courtesy("Thanks 😡") and not is_courtesy("Thank you for the disaster")
