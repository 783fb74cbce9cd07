"""Whether a word is meant: negation and condition around it, in English, Spanish and Portuguese."""

import re

from crm.signals import language
from crm.signals.lexicon import fold


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:()–—]")
_SCOPE = 9
_NEGATORS = _set(
    "not no never without nor neither cannot none zero nothing hardly avoid avoiding nao nunca jamais "
    "jamas sem nem tampouco tampoco sin ni "
    "ningun ninguna ninguno nenhum nenhuma nada evitar evitando nadie ninguem nobody noone "
)
_CONTRACTED = re.compile(r"(?:n't|^cant|^wont|^dont|^didnt|^doesnt|^isnt|^wouldnt)$")
_BREAKERS = _set(
    "but however so therefore because although though please unless instead while whereas "
    "pero sino aunque porque entonces mientras favor luego "
    "mas porem entao portanto contudo porque enquanto embora "
)
_AND = frozenset(("and", "y", "e", "or", "o", "ou"))
_INTENT = _set(
    "will want would need have are am we i they plan decided vamos voy queremos quiero tenemos tengo "
    "necesitamos debemos hemos he decidimos prefiero "
    "preferimos vou quero temos tenho precisamos devemos estamos estoy estou prefiro preferimos "
)
_SUBJECTS = frozenset(("we", "i", "they", "you", "he", "she", "it", "nosotros", "nos", "vocês"))
_OPINIONS = _set(
    "think thinking believe expect say saying feel sure mean creo creemos pienso pensamos que acho "
    "achamos acredito penso "
)
# "We have no choice but to cancel", "we will not hesitate", "not only", "the problem is not solved".
_AFFIRMED = _set(
    "choice option options alternative hesitate only remedio opcion alternativa dudaremos dudar "
    "dudare dudo salida escolha opcao jeito saida hesitaremos "
    "hesitar hesitarei solo solamente apenas somente solved solve fixed fix resolved resolve "
    "addressed address understand why "
    "solucionado solucionar resuelto resolver resuelve resolvido resolvem resolveram resolveu "
    "arreglado arreglar corregido corregir corrigido corrigir "
    "solucionan solucionais resolveis resolvemos atendido wait esperar "
)
_INSTEAD = re.compile(
    r"(?:instead of|rather than|en lugar de|en vez de|em vez de|ao inves de|no longer|ya no|ja nao|far from"
    r"|free of|free from|libre de|livre de|(?:decided|voted|are|am|is|advised) against|ruled out|descart(?:amos|ado|o|aron|ou|aram|ada|ar))\W*(?:\w+\W+){0,2}$"
)
_RULED_OUT = re.compile(
    r"^\W*(?:\w+\W+){0,4}?(?:off the table|ruled out|out of the question|not (?:on the table|an option"
    r"|the plan|happening|our intention|the reason|the issue|an issue|the problem|a problem|a concern)"
    r"|descartad[oa]s?|fuera de cuestion|fora de questao|no es una opcion|nao e (?:uma )?opcao)"
)
_CONDITION = re.compile(
    r"\b(?:if|unless|otherwise|or else|in case|in the event|provided that|might|would (?:have|need) to"
    r"|would be forced|could end up|"
    r"en caso de|em caso de|na hipotese de|en el supuesto de|a menos que|salvo que|de lo contrario"
    r"|de no ser|quizas?|tal vez|podriamos|tendriamos que"
    r"|tendria que|nos veriamos|cabria|"
    r"a nao ser que|senao|do contrario|caso contrario|talvez|poderiamos|teriamos (?:que|de)|teria (?:que"
    r"|de)|nos veriamos|supondo)\b"
    r"|(?:^|[,;:.(]\W*)(?:should (?:you|we|this|that|it|the|there|any|an|a|another|anything|something)|were (?:we|you))\b"
    r"|^\W*de (?:no )?\w+[aei]r(?:se)?\b[^.]*,"
)
_MAY = re.compile(r"\b(?:we|i|they|you|it|he|she|this|that|customer|client|team) may (?!\d)")
_SI = re.compile(r"(?<!\w)si(?!\w)", re.IGNORECASE)
_SE = re.compile(
    r"(?:^|[,;:.(–—]\W*|\b(?:que|e|mas|porque|pois)\s+)(?:se|caso)\s"
    r"|\s(?:se|caso)\s+(?:o|a|os|as|não|isso|isto|vocês|houver|for|forem|tiver|tivermos|puder|continuar|voltar)\s",
    re.IGNORECASE,
)


def is_negated(sentence: str, start: int, end: int) -> bool:
    """True where the word at `start`:`end` of a sentence is denied: "we will not cancel", "sin problemas"."""
    before = fold(sentence[:start])
    if _RULED_OUT.match(fold(sentence[end:])) or _INSTEAD.search(before):
        return True
    scope: list[str] = []
    for token in reversed(_TOKEN.findall(before)[-_SCOPE:]):
        if not token[0].isalnum() or token in _BREAKERS:
            break
        if scope and token in _AND and scope[-1] in _INTENT:
            break
        if scope and scope[-1] in _SUBJECTS and token not in _OPINIONS and not _negates(token):
            break
        scope.append(token)
    negators = [index for index, token in enumerate(scope) if _negates(token)]
    if not negators:
        return False
    return not any(token in _AFFIRMED for token in scope[: negators[-1] + 2])


def _negates(token: str) -> bool:
    return token in _NEGATORS or bool(_CONTRACTED.search(token))


def is_hypothetical(sentence: str) -> bool:
    """True where a sentence sets a condition or a mere possibility: "if …", "si …", "se não …", "we might
    …".
    """
    folded = fold(sentence)
    if _CONDITION.search(folded) or _MAY.search(folded) or _SI.search(sentence):
        return True
    # "se" and "caso" are conditions in Portuguese only.
    return bool(_SE.search(sentence)) and language.detect(sentence) == "pt"
