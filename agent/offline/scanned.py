"""What every mail is scanned for, where a question asks who said something or whether anybody did."""

from __future__ import annotations

import re

from agent.offline import patterns
from agent.offline.routing import all_of, asks_surely, is_name, plain, wanted
from agent.scope import Scope, telling
from crm.folding import fold
from crm.signals.lexicon import concept_forms, critical_terms

_RIVAL = {"en": "competitor", "es": "competidor", "pt": "concorrente"}  # what "the competition" asks for
_NOT_RENEW = {"en": "not renew", "es": "no renovar", "pt": "não renovar"}
_ENDS = {"en": ["cancel", "terminate"], "es": ["cancelar", "rescindir"], "pt": ["cancelar", "rescindir"]}
_LONGEST_PHRASE = 4  # words of a concept


def about_staying(question: str, scope: Scope) -> bool:
    """Whether it asks who stays, which is who will not cancel."""
    stays = all_of(patterns.STAY, question, scope) or asks_surely(question, scope, "stay")
    return stays and patterns.NOT.search(plain(question)) is None


def terms(question: str, scope: Scope) -> list[str]:
    """What to scan for: the words in quotation marks, else the topic, whose words must stand together.

    Beside a word that stands for a whole concept, who "confirmed" or "considers" it is no word to scan for.
    """
    quoted = [found.strip() for found in patterns.QUOTED.findall(question)]
    if quoted:
        return quoted
    words = list(dict.fromkeys(wanted(scope, question).split()))
    first = set(patterns.WORD.findall(patterns.AND.split(question, maxsplit=1)[0]))
    others_ = set(patterns.WORD.findall(question)) - first
    words = [word for word in words if word not in others_] or words  # "who named Churnly, and at what price?"
    if any(patterns.RIVALS.fullmatch(fold(word)) for word in words):  # "the competition" is whoever competes
        others = [
            word for word in words if not (patterns.RIVALS.fullmatch(fold(word)) or patterns.SPEAKING.match(fold(word)))
        ]
        return [" ".join([*others, _RIVAL[scope.language]])]
    concepts = [word for word in _as_phrases(words, question) if " " in word and len(concept_forms(word)) > 1]
    if concepts and not any(map(critical_terms, concepts)) and not any(is_name(word, question) for word in words):
        return concepts  # "who would talk about us in public, case study or so?"
    if patterns.NOT_RENEWED.search(plain(question)):  # who will not renew, and not who writes of renewals
        words = [_NOT_RENEW[scope.language] if patterns.RENEWAL.match(fold(word)) else word for word in words]
    ends = all_of(patterns.LEAVE, question, scope) or all_of(patterns.STAY, question, scope)
    rest = [word for word in telling(" ".join(words), question, scope) if not patterns.ENDING.match(fold(word))]
    if ends or (asks_surely(question, scope, "leave", "threat", "stay") and not rest):
        said = _ENDS[scope.language]
        widely = scope.customer_ids and not re.search(r"\bcancel", plain(question))  # "is Acme leaving?"
        return [*said, _NOT_RENEW[scope.language]] if widely else said[:1]
    meant = [word for word in words if not patterns.ATTITUDE.match(fold(word))]
    if any(len(concept_forms(word)) > 1 for word in (*meant, *_as_phrases(meant, question))):
        words = meant
    # "how much did Churnly quote, and whom?": beside a name a word is how it was spoken of
    words = [word for word in words if is_name(word, question)] or words
    return [
        found for piece in _alternatives(question, scope, words) if (found := " ".join(_as_phrases(piece, question)))
    ]


def _as_phrases(words: list[str], question: str) -> list[str]:
    """The words with those of a concept as it stands in the question: "caso de sucesso" for "sucesso"."""
    asked = patterns.WORD.findall(question)
    for length in range(_LONGEST_PHRASE, 1, -1):
        for start in range(len(asked) - length + 1):
            window = asked[start : start + length]
            if set(words).isdisjoint(window) or len(concept_forms(" ".join(window))) == 1:
                continue
            place = next(place for place, word in enumerate(words) if word in window)
            before, after = ([word for word in side if word not in window] for side in (words[:place], words[place:]))
            return [*before, " ".join(window), *after]
    return words


def _alternatives(question: str, scope: Scope, words: list[str]) -> list[list[str]]:
    """The words of each side of an "or": any one of them will do."""
    either = patterns.OR[scope.language]
    if not re.search(either, question):
        return [words]
    sides = [set(patterns.WORD.findall(side)) for side in re.split(rf"{either}|,(?!\d)", question)]
    held = [[word for word in words if word in side] for side in sides]
    renamed = [word for word in words if not any(word in side for side in sides)]  # "darse de baja" is "cancelar"
    for side in held:
        if not side and renamed:
            side.append(renamed.pop(0))
    return held if len(sides) > 1 and all(held) and not renamed else [words]
