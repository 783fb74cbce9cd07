"""Which of English, Spanish and Portuguese a short text is in, by its function words."""

from __future__ import annotations

import re
from collections.abc import Mapping

_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|\"[^\"]*\"")
_ADDRESS = re.compile(r"<?[\w.+-]+@[\w.-]+>?")
_WORD = re.compile(r"[^\W\d_]+")
_FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        "the and of with from in is are was were no not mails mail this that it by for to on has have you your we our says"
        " last which who when on as signs known there did find any mail nothing until sent customers customer answer since read at a thank thanks hi best".split()
    ),
    "es": frozenset(
        "el la los las y de con en es son fue no correos correo este esta que por para un una se del al ha han tu nuestro dice"
        " último últimos cuál quién cuándo nada hasta clientes cliente respuesta desde leyeron gracias hola sobre saludo".split()
    ),
    "pt": frozenset(
        "o a os as e de com em é são foi não e-mails mails este esta que por para um uma se do da dos das no na nos nas seu diz"
        " último últimos qual quem quando nada até clientes cliente resposta desde lidos obrigada obrigado olá sobre uma foram".split()
    ),
}


def unquoted(text: str) -> str:
    """The text without what stands in quotation marks (a quote keeps the language of its mail) and without addresses."""
    return _ADDRESS.sub(" ", _QUOTED.sub(" ", text))


def spoken_languages(text: str) -> frozenset[str]:
    """The languages with most function words in the text; several on a tie, all three when it has none."""
    words = [word.casefold() for word in _WORD.findall(text)]
    counts = {language: sum(word in known for word in words) for language, known in _FUNCTION_WORDS.items()}
    most = max(counts.values())
    return frozenset(language for language, count in counts.items() if count == most)
