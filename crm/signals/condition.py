"""Whether a sentence speaks of what may be: a condition or a mere possibility, in English, Spanish and Portuguese."""

import re
from functools import cache

from crm.signals import inflection, language
from crm.signals.lexicon import fold

_CONDITION = re.compile(
    r"\b(?:if|unless|otherwise|or else|assuming|supposing|suppose|supposing|suponiendo|supongamos|imagin(?:e|a|en|ad|em|emos|ese)|let's (?:say|assume|suppose|imagine)|pongamos|digamos que|vamos supor|suponhamos|suponha|suponed|hypothetically|hipoteticamente|either party|any of the parties"
    r"|(?:cualquiera|una) de las partes|qualquer (?:uma )?das partes|in case|in the event|provided that|might"
    r"|would (?:have|need) to|(?:what|how|who|when|where) (?:\w+ ){0,2}would|would be forced|would (?:entitle|force|oblige|compel|lead|push|cause|allow|enable|give|leave|make|mean|justify|trigger|prompt|drive|permit) |could end up|depending on|as long as|whether|en funcion de|dependiendo|dependendo"
    r"|en caso de|em caso de|na hipotese de|en el supuesto de|a menos que|salvo que|excepto que|a no ser que|siempre que"
    r"|siempre y cuando|desde que (?:nao|voces)|contanto que|mientras no|enquanto nao|(?:en|in|na) (?:la )?(?:ausencia|absence|falta) (?:de|of)|(?:ante (?:la )?|a |por )falta de (?:una? |uma )?(?:respuesta|resposta|solucion|solucao|acuerdo|acordo|mejora\w*|melhora\w*)|por si|no sea que|nao va|on condition|a chance (?:that )?(?:we|i|they)|chances are|(?:la|una|a|uma) (?:posibilidad|possibilidade|hipotese) de|excepto si|exceto se|salvo se|quem sabe|quien sabe si|segun lo que|conforme lo que|estariamos? dispuest\w+|estariamos? dispost\w+|only if|what if|lest|en el momento en que|eventual(?:es)?|porventura|capaz (?:que|y)|en cuanto (?:\w+ )?(?:haya|vuelva)|de lo contrario|puede(?: ser)? que|es posible que"
    r"|a lo mejor|posiblemente|perhaps|maybe|possibly|de no ser|nao foss\w+|no fuer[ao]\w* por|no hubier[ao]\w*|but for|quizas?|tal vez|podriamos|tendriamos que"
    r"|tendria que|nos veriamos|cabria|pode(?:ra)? ser que|e possivel que|possivelmente|quica|a nao ser que|senao"
    r"|do contrario|caso contrario|talvez|poderiamos|teriamos (?:que|de)|teria (?:que|de)|nos veriamos|supondo)\b"
    # "Should you fail", "were we to leave", and with a "would" to follow "were it not for", "had we known".
    r"|(?:^|[,;:.(]\W*)(?:should (?:you|we|this|that|it|they|the|there|any|an|a|another|anything|something|our|your|my)"
    r"|were (?:\w+ ){1,4}to\b(?:(?!.*\?)|(?=[^,?]*,))|(?:had|were) (?:we|i|you|they|it|he|she|the|this|our|your|my|there|not)\b(?=.*\b(?:would|could|might)))\b"
    r"|\b(?:may|will|would|can|could|shall|right to|let|please)\b.*\bshould (?:the|any|you|this|that|it|we|there|another|things)\b"
    r"|\b(?:would|could|might)(?:n't)? .*\b(?:had (?:we|i|you|they|it|the|this|our|your)|were (?:it|we|you|they|the|this|our|your))\b"
    # "Provided the event is called off", "don't force us to".
    r"|(?:^|[,;:(]\W*)(?:provided|providing) (?:the|you|we|it|they|this|your|our|there|no)\b|con tal de que|a condicion de que|sob (?:a )?condicao de"
    r"|\b(?:don't|do not) (?:force|make|oblige|push) (?:us|me)\b|\bno (?:nos|me) (?:obligu|forc|fuerc|hag)\w+|\bnao (?:nos|me) (?:obrigu|forc|fac)\w+"
    # "Cuando surja", "quando houver"; "sin respuesta antes del lunes, …".
    r"|\bcuando (?:(?:os|te|se|les|le|nos|me) )*(?:haya|surja|aparezca|salga|ocurra|tengas?|tengan|encuentres|detect(?:es|en|eis)|veas|vean|falle|caiga)\b"
    r"|\bquando (?:(?:lhe|te|se|nos|vos) )*(?:houver|surgir|aparecer|tiver|tiverem|der|cair|ocorrer|falhar|encontrar(?:em)?)\b"
    r"|^\W*(?:sin|sem|without) (?:(?:una?|uma|an?|any|otra|outra) )?(?:\w+ )?(?:respuesta|resposta|noticias|solucion|solucao|mejoras?|melhoras?|avances?|avancos?|reply|answer|response|fix|progress|solution)\b[^.]*,"
    # "Persistindo o problema, …", "de no haber respuesta".
    r"|(?:^|[,;:.(]\W*)(?:(?:n?ao|no) )?(?:persist|continu|mant|repet|repit|volt|volv|falh|fall|falt|subsist|verific|ocorr|ocurr|acontec|surg|aparec|receb|obt|obten|receb|recib|resolv|melhor|mejor|hav|hab|ha)[aei]?(?:a|e|i|ie)ndo(?:-?se)?\b(?! \w+(?:ado|ido|isto|echo|uelto|ito)\b)[^.]*,"
    # "De seguir así, …", "havendo atraso, …", "ante cualquier fallo, …", "at the first sign of …".
    r"|^\W*de (?:no )?\w+[aei]r(?:se|l[aeo]s?|nos)?\b[^.]*,"
    r"|(?:^|[,;:.(]\W*)(?:(?:havendo|habiendo)(?! \w+(?:ado|ido|isto|echo|uelto|ito)\b)|ante (?:un|una|cualquier|otr[oa])|a la (?:minima|primera|proxima|siguiente)|al (?:menor|minimo|primer|proximo|siguiente)"
    r"|a (?:proxima|menor)|na (?:proxima|primeira)|ao (?:menor|primeiro|proximo)|la proxima(?: vez)?|at the (?:first|slightest|next)|(?:the )?next time)\b"
    # "Un nuevo retraso nos facultaría para …", "dar-nos-ia o direito de …".
    r"|\b(?:facult|oblig|llev|lev|permit|forz|forc|aboc|autoriz|habilit|empuj|empurr|signific|implic|justific|dej|deix|motiv|caus|legitim|provoc|conduc|conduz|d)[aei]?rian?m?\b|\b(?:haria|faria|supondria)[nm]?\b|\w+r-(?:nos|me|lhes?|se|vos|te|[oa]s?|l[oa]s?)-iam?\b"
    r"|\bshould you (?:\w+ )?(?:spot|notice|find|see|hit|encounter|detect|discover|experience|face|have|get|need)\b"
    # "Igual cancelamos", "con otro fallo así", "a continuar assim".
    r"|^\W*igual (?:\w+ ){0,2}\w+mos\b|^\W*(?:con|com) (?:(?:otr[oa]|outr[oa])\b|un[ao]? \w+ mas\b|mais um)|^\W*a (?:continuar|persistir|manter|seguir|depender|repetir)(?:-se)?\b"
    # An ultimatum: "either … or …", "o lo arregláis o …", "fix it or we …".
    r"|^\W*(?:either|ou)\b.*\b(?:or|ou)\b|\bor (?:we|i)(?:'ll|'re|'m)?\b"
    # "One more outage and we …", "un fallo más y nos …", "mais uma falha e …".
    r"|^\W*(?:one more|(?:another|otr[oa]|outr[oa])\b[^,;:]*\b(?:like|como|assim|igual|mas|dess[ae]s?)|un[ao]? (?:\w+ ){1,2}mas|mais uma?)\b"
    r"[^,;:]*\b(?:and|y|e) (?:we|i|nos|me|lo|a gente|cancel\w+|\w+mos)\b"
)
_MAY = re.compile(r"\b(?:we|i|they|you|it|he|she|this|that|customer|client|team|board|company) may (?!\d)")
_SI = re.compile(r"(?<!\w)si(?!\w)", re.IGNORECASE)
_SE = re.compile(
    r"(?:^|[,;:.(–—]\W*|\b(?:e|mas|porque|pois)\s+)(?:se|caso)\s|\bque\s+se\s(?!\w{4,}(?:sse|ssem|(?<!r)em|(?<!r)e|am|a)\b)|\bque\s+caso\s"
    r"|(?<!que)\s(?:se|caso)\s+(?:o|a|os|as|não|isso|isto|vocês|houver|for|forem|fosse|fossem|tiver|tivermos|puder|continuar|voltar|um|uma|algum|alguma|alguém|nada|tudo|eu|você|nós|eles|elas|este|esta|esse|essa|nosso|nossa|meu|minha|\w{2,}[aeiáéí]sse(?:m|mos)?|\w{2,}[aei](?:rmos|rem))\s",
    re.IGNORECASE,
)
# "Como no bajéis el precio, …": "como" before a subjunctive sets a condition; before an indicative ("como sabéis") none.
_COMO = re.compile(r"(?:^|[,;:.(]\W*)como((?: \w+){1,5})")
_REGULAR = (
    "bajar arreglar mejorar cambiar contestar solucionar llegar pasar subir cancelar aumentar ajustar aplicar quitar "
    "retirar dejar fallar funcionar quedar repetir tratar dar mandar enviar llamar cobrar facturar tocar actuar avanzar "
    "entregar respetar aclarar confirmar corregir cumplir aparecer ofrecer meter vender perder romper atender responder"
).split()
_IRREGULAR = (
    "tarden tardéis tardeis vuelva vuelvas volváis volvais vuelvan volvamos siga sigas sigáis sigais sigan sigamos haya hayas hayáis hayais hayan sea seas seáis seais sean tenga tengas "
    "tengáis tengais tengan haga hagas hagáis hagais hagan pueda puedas podáis podais puedan de des deis den vaya vayas vayais vayan venga vengan salga "
    "salgan ponga pongais pongan resuelva resolvais resuelvan encuentre encuentren caiga caigan diga digais digan "
    "repita repitan corrija corrijais corrijan aparezca aparezcan ofrezca ofrezcais ofrezcan pierda pierdan atienda atiendan"
).split()
# Accents tell the Spanish "o arregláis … o …" from the Portuguese article.
_EITHER = re.compile(r"^\W*o (?:nos|me|l[aeo]s?|se|bien|\w+(?:áis|éis|an|en))\b.*\bo\b", re.IGNORECASE)
_CONDITIONAL = re.compile(r"(?!averia)\w+[aei]ria(?:s|mos|is|n|m)?\b")
_OR = re.compile(r"\b(o|ou)\s+(?:nos\s+)?$")
_WOULD = re.compile(
    r"\b(?:would|could|may|habria(?:mos|is|n)?|teria(?:mos|m)?|hubier[ao]\w*|(?:we|i|they|he|she|you)'d)(?:n't)?(?: (?:probably|likely|then|also|even|have|be|simply|just|easily|only|certainly|gladly|definitely))*\W*$"
)


def is_hypothetical(sentence: str) -> bool:
    """True where a sentence sets a condition or a mere possibility: "if …", "si …", "se não …", "we might …"."""
    folded = fold(sentence)
    if _CONDITION.search(folded) or _MAY.search(folded) or _SI.search(sentence) or _EITHER.search(sentence):
        return True
    if any(not _subjunctives().isdisjoint(words.split()) for words in _COMO.findall(sentence.lower())):
        return True
    # "se" and "caso" are conditions in Portuguese only.
    return bool(_SE.search(sentence)) and language.detect(sentence) == "pt"


def is_possible(sentence: str, start: int, end: int) -> bool:
    """True where the word at `start`:`end` itself is only imagined: "we would cancel", "cancelaríamos", "o cancelamos"."""
    before, form = fold(sentence[:start]), fold(sentence[start:end])
    if _WOULD.search(before) or _CONDITIONAL.match(form):
        return True
    either = _OR.search(before) if form.split()[0].endswith("mos") else None
    # In Portuguese "o" is an article or "it": "o damos por rescindido".
    return either is not None and (either[1] == "ou" or language.detect(sentence) != "pt")


@cache
def _subjunctives() -> frozenset[str]:
    """With their accents, as "llegué" is none; the accent of the plural may be missing."""
    forms = {form for verb in _REGULAR for form in inflection.spanish_subjunctive(verb)}
    return frozenset(forms) | frozenset(fold(form) for form in forms if form.endswith("is")) | frozenset(_IRREGULAR)
