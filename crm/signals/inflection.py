"""Inflected forms of English, Spanish and Portuguese words."""

_VOWELS = "aeiou"

_ES = {
    "ar": "o as a amos áis an é aste ó asteis aron aba abas ábamos aban aré arás ará aremos aréis arán aría"
    " arías aríamos arían e es emos éis en ara aras áramos arais aran ase ases ásemos aseis asen ar ando ado ada ados adas",
    "er": "o es e emos éis en í iste ió imos isteis ieron ía ías íamos ían eré erás erá eremos erán ería"
    " erías eríamos erían a as amos áis an iera ieras iéramos ierais ieran iese ieses iésemos ieseis iesen er iendo ido ida idos idas",
    "ir": "o es e imos ís en í iste ió isteis ieron ía ías íamos ían iré irás irá iremos irán iría irías"
    " iríamos irían a as amos áis an iera ieras iéramos ierais ieran iese ieses iésemos ieseis iesen ir iendo ido ida idos idas",
}
_ES_PRONOUNS = ("lo", "la", "los", "las", "le", "les", "me", "nos", "se", "te", "os")
_ES_PAIRS = ("noslo", "nosla", "noslos", "noslas", "melo", "mela", "selo", "sela")
# A stem that changes under stress, and the endings that leave it stressed.
_STRONG_ES = {
    "cerrar": "cierr", "renovar": "renuev", "resolver": "resuelv", "devolver": "devuelv", "perder": "pierd", "colgar": "cuelg",
    "volver": "vuelv", "mover": "muev", "encontrar": "encuentr", "contar": "cuent", "atender": "atiend",
}  # fmt: skip
_STRESSED = frozenset("o as a an es e en".split())
_PARTICIPLES_ES = {"resolver": "resuelt", "devolver": "devuelt", "volver": "vuelt", "romper": "rot"}
_PT = {
    "ar": "o as a amos am ei aste ou aram ava avas ávamos avam arei arás ará aremos arão aria arias aríamos"
    " ariam e es emos em asse ássemos assem ar ares armos arem ando ado ada ados adas á",
    "er": "o es e emos em i este eu eram ia ias íamos iam erei erás erá eremos erão eria erias eríamos eriam"
    " a as amos am esse êssemos essem er eres ermos erem endo ido ida idos idas ê",
    "ir": "o es e imos em i iste iu iram ia ias íamos iam irei irás irá iremos irão iria irias iríamos iriam"
    " a as amos am isse íssemos issem ir ires irmos irem indo ido ida idos idas",
}


def english_verb(verb: str) -> set[str]:
    """Return third person, past and -ing forms; a final consonant is given both single and doubled."""
    if verb.endswith("e"):
        return {verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"}
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return {verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"}
    third = f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh")) else f"{verb}s"
    forms = {verb, third, f"{verb}ed", f"{verb}ing"}
    if len(verb) > 2 and verb[-1] not in _VOWELS + "wxy" and verb[-2] in _VOWELS and verb[-3] not in _VOWELS:
        forms |= {f"{verb}{verb[-1]}ed", f"{verb}{verb[-1]}ing"}
    return forms


def english_noun(noun: str) -> set[str]:
    """Return singular and plural."""
    if noun.endswith("y") and noun[-2:-1] not in _VOWELS:
        return {noun, f"{noun[:-1]}ies"}
    return {noun, f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"}


def spanish_conjugation(infinitive: str) -> set[str]:
    """Return the conjugation, without pronouns."""
    stem, ending = infinitive[:-2], infinitive[-2:]
    suffixes = _ES[ending].split()
    forms = {_join_es(stem, suffix, ending) for suffix in suffixes}
    strong = _STRONG_ES.get(infinitive, stem)
    if strong != stem:
        forms |= {_join_es(strong, suffix, ending) for suffix in suffixes if suffix in _STRESSED}
    forms |= {
        _PARTICIPLES_ES[infinitive] + suffix for suffix in ("o", "a", "os", "as") if infinitive in _PARTICIPLES_ES
    }
    return forms


def spanish_verb(infinitive: str) -> set[str]:
    """Return the conjugation, and the infinitive, gerund and imperatives with their pronouns."""
    stem, ending = infinitive[:-2], infinitive[-2:]
    forms, strong = spanish_conjugation(infinitive), _STRONG_ES.get(infinitive, stem)
    gerund = f"{stem}{'ándo' if ending == 'ar' else 'iéndo'}"
    for pronoun in _ES_PRONOUNS + _ES_PAIRS:
        forms |= {infinitive + pronoun, gerund + pronoun}
    imperative = f"{stem}{ending[0]}d"
    orders = {imperative, *(_join_es(strong, suffix, ending) for suffix in ("a", "e", "en", "an"))}
    forms |= {imperative} | {order + pronoun for order in orders for pronoun in _ES_PRONOUNS + _ES_PAIRS}
    return forms


def spanish_subjunctive(infinitive: str) -> set[str]:
    """Return the present subjunctive."""
    stem, ending = infinitive[:-2], infinitive[-2:]
    suffixes = ("e", "es", "emos", "éis", "en") if ending == "ar" else ("a", "as", "amos", "áis", "an")
    strong = _STRONG_ES.get(infinitive, stem)
    return {_join_es(part, suffix, ending) for part in (stem, strong) for suffix in suffixes}


def spanish_third(infinitive: str) -> set[str]:
    """Return the third persons of the present, the preterite, the imperfect and the future."""
    stem, ending = infinitive[:-2], infinitive[-2:]
    strong = _STRONG_ES.get(infinitive, stem)
    if ending == "ar":
        return {strong + "a", strong + "an", *(stem + suffix for suffix in ("ó", "aron", "aba", "aban", "ará", "arán"))}
    weak = ("ió", "ieron", "ía", "ían", f"{ending}á", f"{ending}án")
    return {strong + "e", strong + "en", *(stem + suffix for suffix in weak)}


def portuguese_third(infinitive: str) -> set[str]:
    """Return the third persons of the present, the preterite, the imperfect and the future."""
    stem, ending = infinitive[:-2], infinitive[-2:]
    present, past, imperfect = {"ar": ("a", "ou", "ava"), "er": ("e", "eu", "ia"), "ir": ("e", "iu", "ia")}[ending]
    return {
        *(stem + suffix for suffix in (present, f"{present}m", past, imperfect, f"{imperfect}m")),
        *(infinitive + suffix for suffix in ("am", "á", "ão")),
    }


def _join_es(stem: str, suffix: str, ending: str) -> str:
    """Keep the sound of c, g and z before e."""
    if ending == "ar" and suffix[0] in "eé":
        for last, written in (("c", "qu"), ("g", "gu"), ("z", "c")):
            if stem.endswith(last):
                return stem[:-1] + written + suffix
    return stem + suffix


def portuguese_verb(infinitive: str) -> set[str]:
    """Return the regular conjugation, with the personal infinitive and the future subjunctive."""
    stem, ending = infinitive[:-2], infinitive[-2:]
    forms = set()
    for suffix in _PT[ending].split():
        before = stem
        if ending == "ar" and suffix[0] in "eé":
            before = stem[:-1] + {"c": "qu", "g": "gu", "ç": "c"}[stem[-1]] if stem[-1] in "cgç" else stem
        forms.add(before + suffix)
    return forms


def romance_noun(noun: str) -> set[str]:
    """Return singular and plural of a Spanish or Portuguese noun or adjective."""
    for singular, plurals in (
        ("ción", ("ciones",)), ("sión", ("siones",)), ("ção", ("ções",)), ("são", ("sões",)),
        ("ón", ("ones",)),
        ("ión", ("iones",)), ("al", ("ales", "ais")), ("el", ("eles", "eis", "éis")), ("m", ("ns",)),
    ):  # fmt: skip
        if noun.endswith(singular):
            return {noun, *(noun[: -len(singular)] + plural for plural in plurals)}
    if noun.endswith(("s", "x")):
        return {noun}
    if noun[-1] in "aeiouáéíóú":
        return {noun, f"{noun}s"}
    return {noun, f"{noun}es"} if not noun.endswith("z") else {noun, f"{noun[:-1]}ces", f"{noun}es"}


def guess(word: str) -> set[str]:
    """Return the likely forms of a word nobody has listed, in whichever of the three languages it is."""
    forms = {word}
    if len(word) < 3 or not word.isalpha():
        return forms
    forms |= romance_noun(word) | english_noun(word)
    if word.endswith(("ar", "er", "ir")) and len(word) > 4:
        forms |= spanish_verb(word) | portuguese_verb(word)
    for plural, singulars in (
        ("ciones", ("ción",)), ("siones", ("sión",)), ("ções", ("ção",)), ("ies", ("y",)),
        ("es", ("", "e")), ("s", ("",)),
    ):  # fmt: skip
        if word.endswith(plural) and len(word) > len(plural) + 2:
            forms |= {word[: -len(plural)] + singular for singular in singulars}
            break
    if word.isascii() and not word.endswith(("ing", "ed", "s", "ar", "ir", "o", "a")):
        forms |= english_verb(word)
    return forms
