"""Whether a word is denied, or a trouble over, in English, Spanish and Portuguese."""

import re
from collections.abc import Sequence
from itertools import pairwise

from crm.signals import language
from crm.signals.lexicon import fold


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:()–—]")
_SCOPE = 9
# How much of what follows a question is read for its answer.
ANSWER = 60
_NEGATORS = _set(
    "not no never without nor neither cannot none zero cero nothing hardly avoid avoiding nao nunca jamais "
    "jamas sem nem tampouco tampoco sin ni avoided avoids evitamos evito evitaron evitado evitou evitaram evite "
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
_SUBJECTS = frozenset(("we", "i", "they", "you", "he", "she", "it", "nosotros", "voces"))
_OPINIONS = _set(
    "think thinking believe expect say saying feel sure mean creo creemos pienso pensamos que acho "
    "achamos acredito penso call calling consider find describe label said told suggested implied mentioned claimed asked ask asking want wanted "
)
# "We have no choice but to cancel", "we will not hesitate", "not only", "the problem is not solved".
_AFFIRMED = _set(
    "choice option options alternative hesitate remedio opcion alternativa dudaremos dudar "
    "dudare dudo salida escolha opcao jeito saida hesitaremos "
    "hesitar hesitarei solved solve fixed fix resolved resolve "
    "addressed address understand why "
    "solucionado solucionar resuelto resolver resuelve resolvido resolvem resolveram resolveu "
    "arreglado arreglar corregido corregir corrigido corrigir "
    "solucionan solucionais resolveis resolvemos atendido wait esperar "
)
# What follows a Spanish "no", and hardly the Portuguese "in the".
_HELPERS = _set(
    "se ha han hemos esta estan estaba es fue fueron sera seran va van vamos nos me le les hay hubo queda sea haya hayan"
)
# "Not only", "no solo": but "not a single", "ni un solo".
_ONLY = frozenset(("only", "just", "solo", "solamente", "so", "apenas", "somente"))
# Before the word: given up, ruled out, prevented, or liked less. At most two words lie between.
_INSTEAD = re.compile(
    r"(?:\b(?:instead of|rather than|en lugar de|en vez de|em vez de|ao inves de|no longer|ya no|ja nao|far from|lejos de|longe de|short of"
    r"|anything but|free of|free from|libre de|livre de|(?:decided|voted|are|am|is|advised) against|(?:in|en|em) contra de|ruled? out|ruling out"
    r"|opposed to|descart\w+|desist\w+ de|renunci\w+ a"
    r"|(?:talk|argu|persuad|dissuad|discourag)\w+ (?:\w+ ){1,3}(?:out of|from|against)|(?:kept|keeps?|stop\w*|prevent\w*|sav\w+|spar\w+) (?:us|me|them|him|her) from|(?:nos|me|os) (?:libr|ahorr|livr|poup)\w+ (?:de|da|do|la|el|a|o)?|livr\w+.nos d[aeo]"
    r"|the last thing (?:we|i|they) (?:\w+ ){1,2}(?:is|was) (?:to|an?|another)|(?:lo ultimo|a ultima coisa) que \w+ (?:es|e|seria|era)"
    r"|stop\w* (?:getting|seeing|having|throwing|giving|reporting|showing)"
    r"|chang\w+ (?:our|my|their|his|her) minds? (?:about|on)|(?:drop|abandon|shelv|scrapp)\w* (?:(?:all|the|our|any|my|their) )*(?:idea|plans?|thought|talk) (?:of|to|about)"
    r"|(?:abandon|quit|olvid|aparc|larg|esquec)\w+ (?:(?:ya|de|la|a|el|o|los|os|del|da|do) )*(?:ideia|idea|planes|planos|plan|plano) de"
    r"|(?:dej|deix)\w+ de pensar (?:en|em)|stopped (?:thinking|talking) (?:about|of))"
    # "It isn't that we want to", "I take back what I said about".
    r"|(?:n't|\bnot|\bno es|\bnao e) (?:that|que) (?:we|i|they|\w+[aeo]mos)(?: \w+){0,2}?|\b(?:take|took|taking) back(?: \w+){0,4}?"
    r"|\b(?:anul|cancel|retir)\w* (?:mi|nuestra|la|el|a|o|minha|meu|nossa|nosso|my|our|the) (?=solicit|petic|pedid|request|notific|aviso)"
    # "Under no circumstances are we …", "es falso que …".
    r"|\b(?:under no circumstances?|in no way|by no means|at no (?:time|point)|on no account|no way|bajo ning\w+ (?:concepto|circunstancia|pretexto)|en ningun (?:caso|momento)|de ningun[a]? (?:manera|modo|forma)"
    r"|en modo alguno|de (?:forma|modo|maneira) (?:alguma|nenhum[a]?)|em (?:caso|momento|circunstancia|hipotese) algum[a]?|sob (?:hipotese|circunstancia|pretexto) (?:alguma|nenhuma)|sob nenhum\w+ \w+|em nenhum\w+ \w+"
    r"|de jeito (?:nenhum|algum)|ni (?:de broma|loc[oa]s?|por asomo|en suenos|borrach[oa]s?)|nem (?:por sombras|a brincar|em sonhos|mort[oa]s?)|en absoluto"
    r"|(?:false|untrue|(?:a|the) (?:lie|myth|rumou?r)|fals[oa]|mentira|incierto|(?:un|el) (?:bulo|rumor)|(?:um|o) boato) (?:que|that|de que))(?: \w+){0,4}?"
    # No reason for it.
    r"|(?:n't|\bnot|\bno|\bnao|\bwithout|\bsin|\bsem|\bnever|\bni) (?:\w+ ){0,3}?(?:reasons?|motivos?|razon(?:es)?|razao|razoes|sentido|sense|point|need|necesidad|necessidade)(?: \w+){1,6}"
    # A demand taken back: "ignore my cancellation", "retiramos la solicitud de baja".
    r"|\b(?:ignor|disregard|forget|retract|revok|withdr|olvid|desestim|retir|esque|desconsider)\w* (?:(?:my|our|the|that|de|a|o|el|la|mi|meu|minha|nuestr[oa]|noss[oa]|previous|earlier|last|ultim[oa]|anterior) )*"
    r"(?:[\w-]+ (?:to|of|about|de) )?"
    r"|\b(?:rather|sooner|better|prefer\w*)\b[^,;:]*\b(?:than|do que|antes que|antes de)|\bprefer\w+ \w+r(?:se|nos|me)?\b[^,;:]* (?:que|a))"
    r"\W*(?:\w+\W+){0,2}$"
)
_STEPS = r"^[^\w,;:.!?]*(?:\w+[^\w,;:.!?]+){0,4}?"
# Behind the word: "is off the table", "no es el motivo", "não pesa na decisão", "is a rumour".
# "Error-free", "problema nenhum".
_NONE = re.compile(r"^[\s-](?:free|nenhum[a]?|ningun[oa]|algun[oa]|algum[a]?)\b")
_RULED_OUT = re.compile(
    _STEPS
    + r"(?:off the (?:table|cards|agenda)|out of the (?:race|running|picture|frame|equation)|fuera de (?:la carrera|juego)|fora da (?:corrida|jogada)|ruled out|out of the question|descartad[oa]s?|a non.?issue"
    r"|(?:fuera|fora) d(?:e|os|as|el|a|o) (?:(?:nuestros|mis|los|nossos|meus|toda) )?(?:planes|planos|cuestion|questao|cogitacao|discusion|discussao|agenda|mesa|duda)"
    r"|(?:not|never|n't) (?:on (?:the|our) (?:table|cards|agenda|radar)|happening|something (?:that )?(?:we|i|they)|in our plans?|part of (?:our|the) plans?|what (?:we|i|they) \w+"
    r"|(?:\w+ )?cross(?:ed|es)? (?:our|my) minds?)"
    r"|no (?:entra|entran|esta|estan|forma parte|figura) (?:en|de|sobre|entre) (?:nuestros|mis|los|la) (?:planes|mesa)|no (?:es|era|fue) lo que (?:\w+)"
    r"|nao (?:esta|entra|faz parte|estao) (?:[nd]os|em cima da|sobre a) (?:nossos |meus )?(?:planos|mesa)|nao (?:e|era|foi) (?:isso |isto )?o que (?:\w+)"
    r"|(?:no|nao|ni|nem) (?:se |nos |lo |o )*(?:pesa\w*|importa\w*|influy\w+|preocupa\w*|convenc\w+|convinc\w+|influenci\w+|interes\w+|afecta\w*|afeta\w*|contempl\w+|plante\w+|cogit\w+|ocurr\w+)"
    r"|(?:n't|not|never) (?:really |actually )?(?:convinc\w+|for us|a fit|matter|worry|bother|weigh|influence|affect|a factor|play)"
    r"|(?:not|n't|never|no|nao|nunca) (?:(?:es|era|fue|sea|son|ha sido|e|foi|sera|been|really|actually|a) )*(?:(?:the|an?|our|my|el|la|una?|nuestr[oa]|mi|o|a|uma?|noss[oa]|minha|meu) )?"
    r"(?:(?:main|real|only|verdader[oa]|principal|verdadeir[oa]) )?(?:reasons?|concerns?|issue|problem|point|plan|intention|option|motiv[oe]s?|razon|causa|problema|tema|cuestion|asunto|obstaculo"
    r"|inconveniente|intencion|opcion|plan|idea|razao|questao|intencao|opcao|ideia|plano)\b"
    r"|(?:is|are|was|were|es|son|era|fue|e|sao|foi|eran) (?:\w+ ){0,3}?(?:false|untrue|nonsense|rumou?rs?|misunderstanding|fals[oa]s?|mentira|mal.?entendidos?|bulos?|boatos?|rumores|false alarms?|falsas? alarmas?|alarmes? falsos?|broma|jokes?|joking|brincadeira)"
    r"|(?:,? ?nada de nada|ni hablar|ni loc[oa]s?|ni de broma|ni en suenos|para nada|en absoluto|not (?:at all|in a million years|a chance)|no way|no chance|by no means|under no circumstances|bajo ningun concepto|em hipotese alguma|nem pensar|ni pensarlo|de ninguna manera|de jeito nenhum|de forma alguma)"
    # Seen no more.
    r"|(?:no longer|ya no|ja nao) (?:(?:nos|me|se|\w+) )?(?:appears?|occurs?|happens?|shows?|exists?|there|aparecen?|ocurren?|salen?|pasan?|existen?|dan?|ocorrem?|acontecem?)"
    r"|(?:has|have|had)(?: not| never|n't) (?:come back|reappeared|returned|recurred|(?:shown|turned|popped) up|(?:been )?seen|(?:happened|occurred|appeared) (?:again|since))"
    r"|no (?:se )?(?:nos |me |les )?(?:han? vuelto|volvio|volvieron) a (?:\w+[aei]r(?:se)?)|no se han? repetido|nao (?:se )?volt(?:ou|aram) a (?:\w+[aei]r(?:-se)?)|nao se repeti\w+"
    r"|nao (?:apareceu|ocorreu|aconteceu|apareceram|ocorreram|aconteceram) mais)"
)
_PORTUGUESE = re.compile(r"[ãõçâêô]|\b(?:do|da|dos|das|na|nas|ao|aos|com|em|uma?|os?|já|pel[oa])\b", re.IGNORECASE)
# "We can't justify the cost", "I can't believe it is still broken": what follows stands.
_STANDS = re.compile(
    r"\b(?:otr[oa](?: \w+)? que|otr[oa](?: \w+)? mas que|outr[oa](?: \w+)? (?:que|senao|a nao ser)|justif\w+|afford|permit\w+|assum\w+|asum\w+|(?:force|make|oblige|push) (?:us|me)|(?:nos|me) (?:oblig|obrig|forc|fuerc|hag|fac)\w+|(?:can't|cannot|can not|can hardly|no puedo|no podemos|no me lo puedo|nao posso|nao consigo) (?:creer\w*|believe|acreditar))"
    r"\W*(?:\w+\W+){0,5}$"
)
# "You did not lower the price", "si no arregláis el error": it is still there.
_UNCHANGED = re.compile(
    r"(?:n't|\bnot|\bno|\bnao|\bnever|\bnunca)(?: (?:se|me|nos|os|lo|la|o|a|be|get|been|le|ha|han|habeis|has|have|yet|vais a|van a|vao|vai|podeis|pueden|podem|can|going to))*"
    r" (?:arregl|resol|resuelv|resuelt|solucion|corrig|correg|baj|baix|reduz|reduc|rebaj|ajust|mejor|melhor|revis|lower|fix|solv|drop|match|address|consert|sort)\w*(?: \w+){0,4}\W*$"
)
# "We were going to cancel but decided to stay".
_WAS_GOING = re.compile(
    r"\b(?:(?:was|were) (?:\w+ )?(?:about|going|planning|ready|set|tempted|thinking) (?:to|of)|iba(?:mos|n)? a|ia(?:mos|m)?|quer[ií]a(?:mos|n|m)?"
    r"|pens[aá]ba(?:mos|n)?|pens[aá]va(?:mos|m)?|a punto de|prestes a|quase|almost|nearly|casi)\W*(?:\w+\W+){0,2}$"
)
_STAYED = re.compile(
    r"\b(?:but|pero|mas|though|aunque)\b.*\b(?:stay\w*|kept|keep\w*|remain\w*|quedamos|quedo|quedarnos|seguimos|seguiremos|sigo|seguir|continu\w+|renov\w+|renew\w*|fic\w+"
    r"|(?:changed|cambi\w+|mud\w+) (?:our|my|de) (?:minds?|idea|opinion|ideia))\b"
)
# "The problem is solved", "problema resuelto", "they fixed the bug": told as done, and so no longer there.
_DONE = (
    r"(?:solved|fixed|resolved|sorted|gone|cleared|closed|cerrad[oa]s?|fechad[oa]s?|encerrad[oa]s?|superad[oa]s?|(?:is|are|was|all)(?: now)? (?:over|history|behind us)|thing of the past|cosas? del pasado|coisas? do passado|disappeared|resuelt[oa]s?|solucionad[oa]s?|arreglad[oa]s?|corregid[oa]s?|subsanad[oa]s?"
    r"|desaparecid[oa]s?|desaparecio|resolvid[oa]s?|corrigid[oa]s?|consertad[oa]s?|sanad[oa]s?|desapareceu|sumiu|vanished|evaporated|esfumad[oa]s?|se esfum\w+)"
)
_DID = (
    r"(?:solved|fixed|resolved|sorted(?: out)?|resolvio|solucionaron|soluciono|resolvieron|arreglaron|arreglo|corrigieron|corrigio"
    r"|resolveu|resolveram|solucionou|solucionaram|corrigiram|corrigiu|consertou|consertaram|(?:he|has|ha|hemos|habeis|han) "
    r"(?:resuelto|solucionado|arreglado|corregido)|resolvemos)"
)
_IS_DONE = re.compile(rf"^\w*(?:\W+\w+){{0,8}}?\W+(?:{_DONE}|se {_DID})\b")
_WAS_DONE = re.compile(rf"\b(?:{_DID}|{_DONE})(?:\W+\w+){{0,3}}\W*$")
# "Dejó de fallar", "stopped crashing".
_CEASED = re.compile(
    r"\b(?:stopped|ceased|(?:dej|deix|par)(?:o|ou|aron|aram|ado) de)(?: (?:dar|haver|haber|ter|tener|aparecer|salir|surgir))?\W*$"
)
# "Thanks for fixing the bug", "gracias por resolver la incidencia".
_THANKED = re.compile(
    r"\b(?:thank\w*|grateful|appreciat\w+|gracias|agradec\w+|obrigad[oa]s?|valeu|kudos|bravo|felicit\w+|parabens)\b(?:\W+\w+){0,4}?\W+"
    r"(?:fix|solv|resolv|sort|clear|address|arregl|solucion|correg|corrig|consert|repar|subsan|san)\w+(?:\W+\w+){0,4}\W*$"
)
# Not yet, not wholly, or wished for; and what came back.
_UNDONE = re.compile(
    r"\b(?:not|never|no (?:esta\w*|se|ha|han|hemos|habeis|fue\w*|qued\w+|l[oa]s?)|nao|nunca|without|sin|sem|un(?:solved|resolved|fixed)|until|hasta|ate|once|when|cuando|quando|unless|if|must|should|needs?|need|want|wants"
    r"|estarian?|iban? a|ia|iam|iria|like|expect|waiting|hope|hopes|will|would|could|cannot|to be|be|being|sea|sean|ser|seja|sejam|quede|queden|estar|estara|estaran|tener|haber"
    r"|nothing|nobody|nadie|ningun[oa]?|nada|ninguem|nenhum[a]?|hardly|barely|apenas|neither|nor|ni|nem|tampoco|tampouco"
    r"|partly|partially|half|parcialmente|again|back|otra vez|de nuevo|vuelve|vuelto|volvio|volver|voltou|volta|novamente|supposedly|supuestamente"
    r"|queremos|quiero|necesitamos|necesito|precisamos|preciso|espero|esperamos|exigimos|pedimos)\b|n't\b|\?"
)
_RETURNED = re.compile(
    r"\b(?:again|is back|came back|otra vez|de nuevo|ha vuelto|volvio|vuelve|novamente|voltou|volta a|still (?:occur\w*|appear\w*|happen\w*|there|show\w*|fail\w*|get\w*|broken|open|persist\w*)|persist\w+"
    r"|(?:sigue|siguen|continua|continuam|segue|seguem) (?:a )?(?:aparec|sal|ocurr|ocorr|pas|fall|falh|d[aá]n|da|suced|acontec|exist|ah|igual|abert|abiert)\w*)\b"
)
# What answers a question: "Us, cancelling? Not in a million years."
_REFUSED = re.compile(
    r"^\W*(?:not (?:in a million|in this|a chance|at all|really|going to|happening|us|on (?:my|our)|for a|now|ever)|no (?:way|chance|thanks|thank you|need|es\b|hace falta|vamos|esta)|never(?! mind)|of course not|absolutely not|certainly not|definitely not|far from it|nope|hardly|god forbid"
    r"|ni (?:loc\w+|hablar|de broma|en suenos|por asomo|pensarlo|de lejos|en pintura|mucho menos|borrach\w+|por \w+)|nunca|jamas|para nada|en absoluto|que va|claro que no|por supuesto que no|desde luego que no|de ningun\w+ (?:manera|modo|forma)|de eso nada|nada de eso"
    r"|nem (?:pensar|mort\w+|a brincar|por sombras|de longe|em sonhos?|por \w+)|jamais|de jeito nenhum|de (?:forma|maneira|modo) (?:alguma|nenhum\w*)|claro que nao|obvio que nao|nada disso|imagina\b|longe disso|lejos de eso|nao (?:mesmo|vamos|e|estamos)\b)"
)
_TITLED = re.compile(
    r"\b(?:titled|entitled|titula\w*|intitula\w*|titulad\w+|podcast\w*|episode|episodio)\b(?:\W+\w+){0,3}\W*$"
)
_WORK = re.compile(
    r"\b(?:books?|novels?|films?|movies?|songs?|podcasts?|poems?|libros?|novelas?|peliculas?|cancion(?:es)?|poemas?|livros?|romances?|filmes?|musicas?)\b"
)
_CLAUSE = re.compile(r"[,;:()]|\b(?:but|however|pero|sino|mas|porem|aunque|embora|although|and|y|e)\b")


def is_negated(sentence: str, start: int, end: int) -> bool:
    """True where the word at `start`:`end` of a sentence is denied: "we will not cancel", "sin problemas"."""
    before = fold(sentence[:start])
    if _STANDS.search(before) or _UNCHANGED.search(before):
        return False
    after = fold(sentence[end:]).replace("n't", " not")
    if (
        _NONE.match(after)
        or _RULED_OUT.match(after)
        or _INSTEAD.search(before)
        or (_WAS_GOING.search(before) and _STAYED.search(after))
    ):
        return True
    scope: list[str] = []
    for token in reversed(_TOKEN.findall(before)[-_SCOPE:]):
        if not token[0].isalnum() or token in _BREAKERS:
            break
        if scope and token in _AND and scope[-1] in _INTENT:
            break
        if scope and scope[-1].partition("'")[0] in _SUBJECTS and token not in _OPINIONS and not _negates(token):
            break
        scope.append(token)
    if "no" in scope and _is_portuguese(sentence):
        # "No armazém": there it is "in the".
        scope = ["em" if word == "no" else word for word in scope]
    negators = [index for index, token in enumerate(scope) if _negates(token)]
    if not negators or (negators[-1] and scope[negators[-1] - 1] in _ONLY):
        return False
    return not any(token in _AFFIRMED for token in scope[: negators[-1] + 2])


def is_refused(following: str) -> bool:
    """True where what follows a question denies it: "Us, cancelling? Not in a million years."."""
    return bool(_REFUSED.match(fold(following)))


def is_title(sentence: str, start: int) -> bool:
    """True where the word at `start` stands in the quoted name of a book, a film, a talk: "The Art of Complaining"."""
    before = sentence[:start]
    opened = max(before.rfind(mark) for mark in '"“«')
    if (
        opened < 0
        or (before.count('"') % 2 == 0 and before[opened] == '"')
        or any(mark in before[opened + 1 :] for mark in "”»")
    ):
        return False
    return bool(
        _TITLED.search(fold(before[:opened])) or (_WORK.search(fold(sentence)) and sentence[opened + 1].isupper())
    )


def is_resolved(sentence: str, start: int, end: int) -> bool:
    """True where the trouble named at `start`:`end` is told as over: "the problem was fixed", "problema resuelto"."""
    folded_before, folded_after = fold(sentence[:start]), fold(sentence[end:])
    before = _CLAUSE.split(folded_before)[-1]
    after = _CLAUSE.split(folded_after, maxsplit=1)[0]
    if _THANKED.search(folded_before) or _CEASED.search(folded_before):
        return True
    if not (_IS_DONE.match(after) or _WAS_DONE.search(before)):
        return False
    return not _UNDONE.search(f"{before} {after}") and not _RETURNED.search(folded_after)


def denies(words: Sequence[str], sentence: str) -> bool:
    """True where one of some folded words of a sentence denies: "not", "nunca", "no se"; for "no" alone may be "in the"."""
    return any(
        word != "no" or (following in _HELPERS and not _is_portuguese(sentence))
        for word, following in pairwise((*words, ""))
        if _negates(word)
    )


def _is_portuguese(sentence: str) -> bool:
    return bool(_PORTUGUESE.search(sentence)) and language.detect(sentence) == "pt"


def _negates(token: str) -> bool:
    return token in _NEGATORS or bool(_CONTRACTED.search(token))
