"""Which kind of question it is, from its words, in English, Spanish and Portuguese."""

from __future__ import annotations

import re
from typing import Literal

from agent.scope import Scope
from crm.folding import fold

Kind = Literal["draft", "mentions", "count", "record", "health", "attachments", "open", "timeline", "search"]

_POLITE = (
    r"^(?:please|por favor|hi|hola|ola)?[ ,]*(?:(?:can|could|would) you|puedes|podrias|voce pode|pode|podes|podrias)? ?"
)
_DRAFT = re.compile(
    _POLITE + r"(?:please |por favor,? )?(?:help me |ayudame a |me ajude a )?"
    r"(?:(?:write|draft|compose|prepare|reply|respond|answer (?=[a-z]+'s|the (?:last|latest)))\b"
    r"|(?:escribe|escribele|escribir|redacta|redactar|redactale|responde|respondele|responder|contesta|contestale|contestar)\b"
    r"|(?:escreva|escreve|escrever|redija|redige|redigir|responda|responder|rascunhe|rascunha|elabore|elabora|prepare|prepara)\b)"
)
_MENTIONS = re.compile(
    r"\bmention|\bmencion|\b(?:said|use[sd]?|dijo|dicho|disse|falou) (?:the word|la palabra|a palavra)\b"
    r"|\b(?:did|has|have|was) (?:any|some)(?:body|one| customers?| clients?| of)\b"
    r"|\b(?:algun|algum)a?s? (?:clientes?|contactos?|contatos?)\b|\balguien\b|\balguem\b"
    r"|\bwho (?:talked|spoke|complained|asked|wrote)\b|\bquien(?:es)? (?:hablo|hablaron|pregunt|se quej|escribi)"
    r"|\bwho (?:threaten|told|said|mention|want|request|demand|ask|complain)|\bquien(?:es)? (?:amenaz|dijo|dijeron|menc|quiere|pidi)"
    r"|\bquem (?:ameac|disse|menc|quer|pediu|falou|falaram|pergunt|reclam|escreveu)|\b(?:which|what) customers? (?:have |has |had )?(?:talk|spoke|told|sa[iy]|want|threat|request|complain|mention|ask)"
    r"|\b(?:que|cuales) clientes? (?:habl|menc|se quej|pregunt)|\b(?:que|quais) clientes? (?:fal|menc|reclam|pergunt)"
)
_COUNT = re.compile(
    r"\bhow many (?:e-?mails?|mails?|messages?)\b|\bcuantos (?:correos|mails|e-?mails|mensajes)\b"
    r"|\bquant(?:os|as) (?:e-?mails?|mails?|mensagens|correios)\b"
)
_RECORD = re.compile(
    r"\bwho (?:is|are|'s) (?:the |our |my )?(?:\S+ ){0,4}?(?:champion|contacts?|owner|stakeholders?|billing)\b"
    r"|\bquien(?:es)? (?:es|son) (?:\S+ ){0,4}?(?:champion|contactos?|responsable|propietario)\b"
    r"|\bquem (?:e|sao) (?:\S+ ){0,4}?(?:champion|contatos?|responsavel|dono)\b"
    r"|\bwhen (?:does|do|is|will) .*\brenew|\bcuando (?:se )?renueva|\bcuando vence\b|\bquando (?:se )?renova|\bquando vence\b"
    r"|\bwhen (?:is|are) .*\brenewals?\b|\bcuando es .*\brenovacion\b|\bquando e .*\brenovacao\b"
    r"|\bhow much (?:does|do) .*\bpay\b|\bcuanto (?:nos )?paga\b|\bquanto (?:nos )?paga\b"
    r"|\brenewal date\b|\bfecha de renovacion\b|\bdata (?:de|da) renovacao\b|\barr\b"
    r"|\bwhich customers? (?:renew|are up for renewal)|\b(?:que|cuales) clientes? renuevan|\bquais clientes renovam"
    r"|\bcontacts? (?:at|of|for) |\bcontactos de |\bcontatos d"
)
_ATTACHMENTS = re.compile(
    r"\b(?:which|what|any|list|show).*\b(?:attachments?|files?|documents?)\b|\b(?:adjuntos|ficheros|archivos|anexos|ficheiros|arquivos)\b"
)
_OPEN = re.compile(
    r"\bwhat(?:'s| is| remains?) (?:still )?(?:open|pending|outstanding)\b|\bopen (?:points|topics|items|questions|issues)\b|\bnext steps?\b"
    r"|\bpendientes?\b|\bqueda abierto\b|\bproximos pasos\b|\bem aberto\b|\bpor resolver\b|\bfalta (?:por )?(?:hacer|fazer|resolver)\b"
)
_HEALTH = re.compile(
    r"\bhealthy?\b|\bscores?\b|\bat risk\b|\bhow (?:is|are) .*\b(?:doing|going)\b|\bresponse times?\b|\bunanswered\b"
    r"|\bwaiting for\b.*\b(?:reply|answer|response)\b|\bsentiment\b"
    r"|\bsalud\b|\ben riesgo\b|\bcomo (?:va|van|esta|estan)\b|\btiempos? de respuesta\b|\bsin (?:responder|respuesta)\b"
    r"|\bsaude\b|\bem risco\b|\btempos? de resposta\b|\bsem resposta\b|\bsentimento\b|\bsentimiento\b|\bpuntuacion\b|\bpontuacao\b"
)
_TIMELINE = re.compile(
    r"\bsummar|\brecap\b|\bwhat(?:'s| is| has)? (?:happened|happening|new|going on|changed)\b|\bwhat did .* (?:reply|answer|say|write)\b"
    r"|\blatest\b|\bcatch me up\b|\bresum|\bque (?:ha )?(?:paso|pasado|sucedio|hay de nuevo|cambio)\b|\bnovedades\b"
    r"|\bque (?:respondio|contesto|dijo|escribio)\b|\bo que (?:aconteceu|houve|mudou|ha de novo)\b|\bnovidades\b"
    r"|\bo que (?:\S+ ){0,2}(?:respondeu|disse|escreveu)\b"
)
_QUOTED = re.compile(r"[\"“”«‘']([^\"“”«»‘’']{2,60})[\"“”»’']")
_FILLER = frozenset(
    """
    if not things thing get gets better will going threaten threatened told they stand stands where now than
    si no nao amenazo amenaza ameacou ameaca mejor melhor va van vai vao ir
    a an the any some of on in at to for from with about and or by is are was were be been do does did has have had how what which who
    whom when where why this that these those it its we our us i my me you your they them their he she her his anybody anyone
    somebody someone customer customers client clients company companies email emails mail mails message messages mention mentioned
    mentions mentioning say said talk talked talking speak spoke discuss discussed discussion write wrote written ask asked word words
    tell show find list give please could would can there been all every ever happen happened complain complained use used
    un una unos unas el la los las lo de del al en con por para sobre acerca y o e que quien quienes cual cuales cuando donde como
    es son fue fueron ha han hay ser estar este esta estos estas ese esa eso algun alguna alguno algunos algunas alguien cliente
    clientes correo correos mensaje mensajes menciono mencionado mencionan mencionaron mencionar dijo dijeron hablo hablado hablamos
    hablaron hablo se trato tratado discutio discutido escribio escribieron pregunto preguntaron palabra nos su sus mi mis me te
    um uma uns umas o os as do da dos das no na nos nas ao aos com em pelo pela sobre acerca quem qual quais quando onde foi foram
    tem houve ha ser este esta isso isto algum alguma alguns algumas alguem mencionou mencionado mencionaram mencionar disse disseram
    falou falado falamos falaram discutiu discutido discutimos escreveu escreveram perguntou perguntaram palavra mensagem mensagens
    com nossa nosso meu minha seu sua queixou queixaram reclamou reclamaram quejo quejaron catch
    """.split()
)
_WORD = re.compile(r"[\w-]+(?:\.\w+)*")


def route(question: str, scope: Scope) -> Kind:
    """The kind of a question; a draft is only what begins as an order to write one."""
    text = fold(question).strip(" ¿¡?!.")
    if asks_for_draft(question):
        return "draft"
    if _MENTIONS.search(text):
        return "mentions"
    kinds = (
        ("count", _COUNT),
        ("record", _RECORD),
        ("attachments", _ATTACHMENTS),
        ("open", _OPEN),
        ("health", _HEALTH),
    )
    for kind, pattern in kinds:
        if pattern.search(text):
            return kind  # type: ignore[return-value]
    if scope.limit is not None:
        return "timeline"
    if _TIMELINE.search(text) and not topic(scope):
        return "timeline"
    return "search" if topic(scope) else "timeline"


def asks_for_draft(question: str) -> bool:
    """Whether it begins as an order to write ("write a reply to …", "redacta …", "responda …")."""
    return _DRAFT.search(fold(question).strip(" ¿¡?!.")) is not None


def carries_on(question: str) -> bool:
    """Whether a question only changes who or when of the one before: "and Globex?", "¿y el mes pasado?"."""
    text = fold(question).strip(" ¿¡?!.")
    return bool(re.match(r"(?:and|y|e|what about|how about|que tal|only|solo|so)\b", text)) and len(text.split()) <= 6


def topic(scope: Scope) -> str:
    """What the question is about once names, dates and filler are gone; "" when nothing is left."""
    words = [word for word in _WORD.findall(scope.remainder) if fold(word) not in _FILLER and not _is_order(fold(word))]
    return " ".join(words)


def terms(question: str, scope: Scope) -> list[str]:
    """What to scan for: the words in quotation marks, else the topic, whose words must stand together."""
    quoted = [found.strip() for found in _QUOTED.findall(question)]
    wanted = topic(scope)
    return quoted or ([wanted] if wanted else [])


def _is_order(word: str) -> bool:
    return bool(
        re.match(
            r"(?:haz(?:me)?$|dame$|ponme$|quiero$|necesito$|faz$|faca$|quero$|preciso$|need$|want$|short$|brief|breve|rapid|summar|resum|recap|tell|show|dime|diga|conta|cuenta|mostr|muestr|happen|pas[oa]d?|acontec|latest|ultim)",
            word,
        )
    )
