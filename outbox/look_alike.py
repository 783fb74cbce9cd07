"""Domains that imitate one we know: other alphabets, swapped and doubled letters, another ending, a name with something added."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from rapidfuzz.distance import OSA

from crm.domains import canonical_domain, within

# https://www.unicode.org/reports/tr39/ : what is drawn like a Latin letter, in the alphabets that occur in such names.
_DRAWN_ALIKE = str.maketrans(
    "абвгԁеёзіїјкӏмнорԛѕтухуѵԝһԍɡαβγεηικνορτυχωıłøđ0135|!",
    "abbrdeesiijkimhopqstyxyvwhggabyenikvoptuxwiiodoiesii",
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"), ("l", "i"))
_SECOND_LEVEL = frozenset({"com", "co", "org", "net", "gov", "gob", "edu", "ac", "nom"})
_SHORTEST, _LONG = 5, 10  # letters: two short names are near each other by chance


def imitated(domain: str, known: Collection[str]) -> str:
    """Which known domain this one looks like without being it or a part of it; "" for none."""
    domain = canonical_domain(domain)
    if within(domain, known) or not domain:
        return ""
    return next((held for held in sorted(known) if _looks_like(domain, held)), "")


def _looks_like(domain: str, known: str) -> bool:
    if within(known, (domain,)):
        return False  # a domain above one we know is its owner's
    if f".{domain}".find(f".{known}.") >= 0 or domain.startswith(f"{known.replace('.', '-')}."):
        return True  # globex.example.evil.test
    name, held = _name(domain), _name(known)
    drawn, drawn_held = skeleton(name), skeleton(held)
    if drawn == drawn_held:
        return len(held) > 2
    if len(held) >= _SHORTEST:
        allowed = 2 if len(held) >= _LONG else 1
        if OSA.distance(drawn, drawn_held, score_cutoff=allowed) <= allowed:
            return True
        if drawn_held in drawn.split("-"):
            return True
    return len(held) > _SHORTEST and (drawn.startswith(drawn_held) or drawn.endswith(drawn_held))


def skeleton(name: str) -> str:
    """A name as the eye takes it in: `gIobex`, `globéx` and Cyrillic `gӏоbех` are all one."""
    shown = _shown(name)
    bare = "".join(
        char
        for char in unicodedata.normalize("NFKD", shown.casefold().translate(_DRAWN_ALIKE))
        if not unicodedata.combining(char)
    ).translate(_DRAWN_ALIKE)
    for pair, single in _PAIRS:
        bare = bare.replace(pair, single)
    return bare


def _shown(name: str) -> str:
    """The label as an address bar shows it."""
    try:
        return name.encode("ascii").decode("idna") if name.startswith("xn--") else name
    except UnicodeError:
        return name


def _name(domain: str) -> str:
    """The label that somebody registered: `globex` of `mail.globex.com.br`."""
    labels = domain.split(".")
    ending = 2 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else 1
    return labels[-ending - 1] if len(labels) > ending else domain
