"""Words of business mail in English, Spanish and Portuguese that mean the same, for finding in one language what is asked in another.

glossary.tsv holds the nouns of the business, glossary_everyday.tsv everyday nouns, adjectives and adverbs, glossary_verbs.tsv verbs: a
column for each language, words that mean the same with a "/" between them, the irregular forms of a verb in brackets behind it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from crm.folding import fold
from crm.signals.inflection import english_noun, english_verb, portuguese_verb, romance_noun, spanish_conjugation

Row = tuple[str, ...]
_VERB = re.compile(r"(?P<verb>[^/(]+)(?:\((?P<forms>[^)]*)\))?/?")
_CONJUGATED = (english_verb, spanish_conjugation, portuguese_verb)
_ACCENTS = str.maketrans("áàâãéêíóôõúüçñ", "aaaaeeiooouucn")
_ENDINGS = ("ar", "er", "ir")
_SHORTEST = 4  # letters of a verb's form: "lo", "ve", "va" mostly are something else
# Forms of verbs that mostly are other words, in one of the languages.
_OTHERWISE = frozenset(
    """para pare entre come como junto junta salvo more ate pesar trata trato acaba creo creio conta contas conte fecha fechas informe importe
    cifra sale sales resto cargo sobre bajo bajos parte partes cerca nada cada toda todo uso usos paso pasos caso casos cause causa
    contrato contratos negocio negocios archivo archivos arquivo arquivos despacho despachos receta recetas receita receitas cocina cozinha muestra
    muestras recibo recibos estoque telefone telefones baixa baixo baixos segura seguro seguros nombre nombres empresa empresas
    pode podes vez viva vivo serie cuenta cuentas marca marcas linea mesa fora forma formas regra base meta ponto punto puntos""".split()
)


def same_words(word: str) -> frozenset[str]:
    """Every form, without accents, of the words of every row that holds `word` (in any form, accents aside)."""
    return frozenset(form for row in _rows_of().get(fold(word), ()) for form in _written()[row])


def english(word: str) -> str:
    """The first English word of the first row of the business that holds `word`; "" where none does."""
    rows = [row for row in _rows_of().get(fold(word), ()) if row in _of_business()]
    return rows[0][0] if rows else ""


@cache
def _rows_of() -> dict[str, list[Row]]:
    """The rows of each form; a word as it stands in one is no plural of another ("planes"), but perhaps a verb's ("pago")."""
    plain, inflected = defaultdict[str, list[Row]](list), defaultdict[str, list[Row]](list)
    for row in _written():
        words = set(map(_bare, row))
        for word in words:
            plain[word].append(row)
        for form in _written()[row] - words:
            inflected[form].append(row)
    verbs = {form: [row for row in rows if row in _verbs()] for form, rows in inflected.items()}
    return {**inflected, **{word: rows + verbs.get(word, []) for word, rows in plain.items()}}


@cache
def _written() -> dict[Row, frozenset[str]]:
    """Every row, its English words first, with all forms of its words; nouns before verbs, in the order of the files."""
    found: dict[Row, frozenset[str]] = {}
    for row in (*_rows("glossary.tsv"), *_rows("glossary_everyday.tsv")):
        found[row] = frozenset(_bare(form) for word in row for form in english_noun(word) | romance_noun(word))
    for line in _lines("glossary_verbs.tsv"):
        held = [_conjugated(column, place) for place, column in enumerate(line.split("\t"))]
        row = tuple(verb for verbs, _ in held for verb in verbs)
        forms = {_bare(form) for _, some in held for form in some if len(form) >= _SHORTEST} - _OTHERWISE
        found[row] = frozenset(forms.union(map(_bare, row)))
    return found


@cache
def _of_business() -> frozenset[Row]:
    return frozenset(_rows("glossary.tsv"))


@cache
def _verbs() -> frozenset[Row]:
    return frozenset(_written()).difference(_rows("glossary.tsv"), _rows("glossary_everyday.tsv"))


def _rows(name: str) -> Iterator[Row]:
    for line in _lines(name):
        yield tuple(word for column in line.split("\t") for word in column.split("/"))


def _conjugated(column: str, language: int) -> tuple[list[str], set[str]]:
    """The verbs of a column, and all their forms."""
    verbs, forms = list[str](), set[str]()
    for match in _VERB.finditer(column):
        verbs.append(match["verb"])
        regular = language == 0 or match["verb"][-2:] in _ENDINGS  # "propor" has its forms in brackets
        forms |= (_CONJUGATED[language](match["verb"]) if regular else set()) | set((match["forms"] or "").split())
    return verbs, forms


def _bare(word: str) -> str:
    """`fold` of a single word in lower case, as those of the files are: a hundred thousand of them while somebody waits."""
    return word.translate(_ACCENTS)


def _lines(name: str) -> Iterator[str]:
    yield from files("crm.signals").joinpath(name).read_text(encoding="utf-8").splitlines()
