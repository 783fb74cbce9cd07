"""Whether a word is meant: negation and condition around it, in English, Spanish and Portuguese."""

import re

from crm.signals import language
from crm.signals.lexicon import fold


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:()–—]")
_SCOPE = 9
_NEGATORS = _set(
    "not no never without nor neither cannot none zero cero nothing hardly avoid avoiding nao nunca jamais "
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
    "achamos acredito penso said told suggested implied mentioned claimed asked ask asking want wanted "
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
    r"^\W*(?:\w+\W+){0,4}?(?:off the table|ruled out|out of the question|(?:not|never) (?:on the table|an option"
    r"|the plan|our plan|happening|(?:our|my|the) intention|the reason|the issue|an issue|the problem|a problem|a concern)"
    r"|(?:no longer|ya no|ja nao) (?:\w+ )?(?:appears?|occurs?|happens?|shows?|exists?|there|aparecen?|ocurren?|salen?|pasan?|existen?"
    r"|ocorrem?|acontecem?)|(?:has|have|had)(?: not|n't) (?:come back|reappeared|happened (?:again|since)|occurred (?:again|since))"
    r"|no ha(?:n)? vuelto a (?:aparecer|ocurrir|pasar|salir|suceder|dar)|nao volt(?:ou|aram) a (?:aparecer|ocorrer|acontecer|dar)"
    r"|(?:not|never|n't) (?:something (?:that )?(?:we|i|they)|in our plans?|part of our plans?|what we want)"
    r"|no (?:entra|esta|forma parte) (?:en|de) (?:nuestros|mis|los) planes|no es lo que (?:queremos|buscamos)"
    r"|nao (?:esta|entra|faz parte) [nd]os (?:nossos |meus )?planos|nao e o que (?:queremos|buscamos)"
    r"|(?:nunca|no|nao) (?:ha sido|fue|era|es|foi|e) (?:a )?(?:nuestra|mi|la|nossa|minha) inten(?:cion|cao)"
    r"|nao (?:apareceu|ocorreu|aconteceu|apareceram|ocorreram|aconteceram) mais"
    r"|descartad[oa]s?|fuera de cuestion|fora de questao|no es una opcion|nao e (?:uma )?opcao)"
)
# "The problem is solved", "problema resuelto", "they fixed the bug": told as done, and so no longer there.
_DONE = (
    r"(?:solved|fixed|resolved|sorted|gone|cleared|disappeared|resuelt[oa]s?|solucionad[oa]s?|arreglad[oa]s?|corregid[oa]s?|subsanad[oa]s?"
    r"|desaparecid[oa]s?|desaparecio|resolvid[oa]s?|corrigid[oa]s?|consertad[oa]s?|sanad[oa]s?|desapareceu|sumiu)"
)
_DID = (
    r"(?:solved|fixed|resolved|sorted(?: out)?|resolvio|solucionaron|soluciono|resolvieron|arreglaron|arreglo|corrigieron|corrigio"
    r"|resolveu|resolveram|solucionou|solucionaram|corrigiram|corrigiu|consertou|consertaram|(?:he|has|ha|hemos|habeis|han) "
    r"(?:resuelto|solucionado|arreglado|corregido)|resolvemos)"
)
_IS_DONE = re.compile(rf"^(?:\W*\w+){{0,5}}?\W+(?:{_DONE}|se {_DID})\b")
_WAS_DONE = re.compile(rf"\b{_DID}(?:\W+\w+){{0,3}}\W*$")
# Not yet, not wholly, or wished for; and what came back.
_UNDONE = re.compile(
    r"\b(?:not|never|no (?:esta\w*|se|ha|han|hemos|habeis|fue\w*|qued\w+|l[oa]s?)|nao|nunca|without|sin|sem|un(?:solved|resolved|fixed)|until|hasta|ate|once|when|cuando|quando|unless|if|must|should|needs?|need|want|wants"
    r"|like|expect|waiting|hope|hopes|will|would|could|cannot|to be|be|being|sea|sean|ser|seja|sejam|quede|queden|estar|estara|estaran|tener|haber"
    r"|nothing|nobody|nadie|ningun[oa]?|nada|ninguem|nenhum[a]?|hardly|barely|apenas|neither|nor|ni|nem|tampoco|tampouco"
    r"|partly|partially|half|parcialmente|again|back|otra vez|de nuevo|vuelve|vuelto|volvio|volver|voltou|volta|novamente|supposedly|supuestamente"
    r"|queremos|quiero|necesitamos|necesito|precisamos|preciso|espero|esperamos|exigimos|pedimos)\b|n't\b|\?"
)
_RETURNED = re.compile(
    r"\b(?:again|is back|came back|otra vez|de nuevo|ha vuelto|volvio|vuelve|novamente|voltou|volta a)\b"
)
_CLAUSE = re.compile(r"[,;:()]|\b(?:but|however|pero|sino|mas|porem|aunque|embora|although|and|y|e)\b")
_CONDITION = re.compile(
    r"\b(?:if|unless|otherwise|or else|assuming|supposing|suppose|suponiendo|supongamos|either party|any of the parties"
    r"|(?:cualquiera|una) de las partes|qualquer (?:uma )?das partes|in case|in the event|provided that|might|would (?:have|need) to"
    r"|would be forced|could end up|"
    r"en caso de|em caso de|na hipotese de|en el supuesto de|a menos que|salvo que|de lo contrario|puede(?: ser)? que|es posible que|a lo mejor|posiblemente|perhaps|maybe|possibly"
    r"|de no ser|quizas?|tal vez|podriamos|tendriamos que"
    r"|tendria que|nos veriamos|cabria|"
    r"pode(?:ra)? ser que|e possivel que|possivelmente|quica|a nao ser que|senao|do contrario|caso contrario|talvez|poderiamos|teriamos (?:que|de)|teria (?:que"
    r"|de)|nos veriamos|supondo)\b"
    r"|(?:^|[,;:.(]\W*)(?:should (?:you|we|this|that|it|the|there|any|an|a|another|anything|something)|were (?:we|you))\b"
    r"|^\W*de (?:no )?\w+[aei]r(?:se)?\b[^.]*,"
)
_MAY = re.compile(r"\b(?:we|i|they|you|it|he|she|this|that|customer|client|team) may (?!\d)")
_SI = re.compile(r"(?<!\w)si(?!\w)", re.IGNORECASE)
_SE = re.compile(
    r"(?:^|[,;:.(–—]\W*|\b(?:que|e|mas|porque|pois)\s+)(?:se|caso)\s"
    r"|\s(?:se|caso)\s+(?:o|a|os|as|não|isso|isto|vocês|houver|for|forem|tiver|tivermos|puder|continuar|voltar|\w{2,}[aei](?:rmos|rem))\s",
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


def is_resolved(sentence: str, start: int, end: int) -> bool:
    """True where the trouble named at `start`:`end` is told as over: "the problem was fixed", "problema resuelto"."""
    folded_before, folded_after = fold(sentence[:start]), fold(sentence[end:])
    before = _CLAUSE.split(folded_before)[-1]
    after = _CLAUSE.split(folded_after, maxsplit=1)[0]
    if not (_IS_DONE.match(after) or _WAS_DONE.search(before)):
        return False
    return not _UNDONE.search(f"{before} {after}") and not _RETURNED.search(folded_after)


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
