"""Business phrases in three languages: nouns, days, actions and promises that can be said in each other's language.

Everything is matched on `plain(text)` (lower case, no accents, same length), so that positions hold in the original.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from crm.signals.language import LANGUAGES, Language

# English, Spanish, Portuguese; "/" parts alternatives, of which the first is the one written. The article tells gender
# and number.
_NOUNS: tuple[tuple[str, str, str], ...] = (
    ("feedback", "el feedback", "o feedback"),
    ("comments/remarks", "los comentarios", "os comentários"),
    ("time", "el tiempo", "o tempo"),
    ("help", "la ayuda", "a ajuda"),
    ("support", "el apoyo", "o apoio"),
    ("understanding", "la comprensión", "a compreensão"),
    ("visit", "la visita", "a visita"),
    ("update", "la actualización", "a atualização"),
    ("patience", "la paciencia", "a paciência"),
    ("trust", "la confianza", "a confiança"),
    ("interest", "el interés", "o interesse"),
    ("collaboration/cooperation", "la colaboración", "a colaboração"),
    ("quick reply/quick response", "la rápida respuesta/respuesta rápida", "a rápida resposta/resposta rápida"),
    ("reply/response/answer", "la respuesta", "a resposta"),
    ("last email/last mail", "el último correo/último mail", "o último e-mail/último email"),
    ("email/e-mail/mail", "el correo/correo electrónico/mail/email", "o e-mail/email/correio"),
    ("message", "el mensaje", "a mensagem"),
    ("question", "la pregunta/consulta", "a pergunta"),
    ("questions", "las preguntas/consultas", "as perguntas"),
    ("case study/success story", "el caso de éxito/caso de estudio", "o caso de sucesso/estudo de caso"),
    ("case", "el caso", "o caso"),
    ("reference", "la referencia", "a referência"),
    ("testimonial", "el testimonio", "o depoimento/testemunho"),
    ("customer/client", "el cliente", "o cliente"),
    ("contact", "el contacto", "o contato/contacto"),
    ("video call/videocall", "la videollamada", "a videochamada/chamada de vídeo"),
    ("call/phone call", "la llamada", "a chamada/ligação/call"),
    ("meeting", "la reunión", "a reunião"),
    ("demo/demonstration", "la demo/demostración", "a demo/demonstração"),
    ("training", "la formación/capacitación", "o treinamento/formação"),
    ("onboarding", "el onboarding", "o onboarding"),
    ("workshop", "el taller/workshop", "o workshop"),
    ("webinar", "el webinar", "o webinar"),
    ("delay", "el retraso/la demora", "o atraso/a demora"),
    ("late reply/late response", "la demora en responder", "a demora em responder"),
    ("inconvenience", "las molestias/inconvenientes", "o transtorno/inconveniente"),
    ("misunderstanding/confusion", "el malentendido/confusión", "o mal-entendido/confusão"),
    ("error/bug", "el error", "o erro"),
    ("problem/issue", "el problema", "o problema"),
    ("incident/outage", "la incidencia/caída", "o incidente"),
    ("ticket", "el ticket/tique", "o chamado/ticket/tíquete"),
    ("fix", "la corrección/arreglo", "a correção"),
    ("quote/quotation/estimate", "el presupuesto/cotización", "o orçamento/cotação"),
    ("proposal", "la propuesta", "a proposta"),
    ("offer", "la oferta", "a oferta"),
    ("renewal", "la renovación", "a renovação"),
    ("signed contract", "el contrato firmado", "o contrato assinado"),
    ("contract/agreement", "el contrato/acuerdo", "o contrato/acordo"),
    ("order", "el pedido", "o pedido"),
    ("invoices", "las facturas", "as faturas"),
    ("invoice/bill", "la factura", "a fatura"),
    ("payment", "el pago", "o pagamento"),
    ("price", "el precio", "o preço"),
    ("discount", "el descuento", "o desconto"),
    ("licences/licenses/seats", "las licencias", "as licenças"),
    ("report", "el informe/reporte", "o relatório"),
    ("document", "el documento", "o documento"),
    ("documentation", "la documentación", "a documentação"),
    ("presentation/slides", "la presentación", "a apresentação"),
    ("minutes/meeting notes", "el acta", "a ata"),
    ("agenda", "la agenda/orden del día", "a agenda/pauta"),
    ("data", "los datos", "os dados"),
    ("details", "los detalles", "os detalhes"),
    ("information/info", "la información", "as informações/informação"),
    ("logs", "los logs/registros", "os logs/registros"),
    ("screenshots", "las capturas de pantalla", "as capturas de tela"),
    ("screenshot", "la captura de pantalla", "a captura de tela"),
    ("date", "la fecha", "a data"),
    ("start date", "la fecha de inicio", "a data de início"),
    ("invitation/invite", "la invitación", "o convite"),
    ("plan", "el plan", "o plano"),
    ("project", "el proyecto", "o projeto"),
    ("team", "el equipo", "a equipe/equipa"),
    ("launch/go-live", "el lanzamiento", "o lançamento"),
    ("migration", "la migración", "a migração"),
    ("integration", "la integración", "a integração"),
    ("implementation/rollout", "la implementación", "a implementação"),
    ("results", "los resultados", "os resultados"),
    ("promotion", "el ascenso", "a promoção"),
    ("weekend", "el fin de semana", "o fim de semana"),
)

_DAYS = (
    ("Monday", "lunes", "segunda-feira"),
    ("Tuesday", "martes", "terça-feira"),
    ("Wednesday", "miércoles", "quarta-feira"),
    ("Thursday", "jueves", "quinta-feira"),
    ("Friday", "viernes", "sexta-feira"),
    ("Saturday", "sábado", "sábado"),
    ("Sunday", "domingo", "domingo"),
)
_MONTHS = (
    ("January", "enero", "janeiro"),
    ("February", "febrero", "fevereiro"),
    ("March", "marzo", "março"),
    ("April", "abril", "abril"),
    ("May", "mayo", "maio"),
    ("June", "junio", "junho"),
    ("July", "julio", "julho"),
    ("August", "agosto", "agosto"),
    ("September", "septiembre", "setembro"),
    ("October", "octubre", "outubro"),
    ("November", "noviembre", "novembro"),
    ("December", "diciembre", "dezembro"),
)
_PERIODS = (
    ("today", "hoy", "hoje"),
    ("yesterday", "ayer", "ontem"),
    ("last week", "la semana pasada", "a semana passada"),
    ("tomorrow", "mañana", "amanhã"),
    ("this week", "esta semana", "esta semana"),
    ("next week", "la próxima semana/semana que viene", "a próxima semana/semana que vem"),
    ("this month", "este mes", "este mês"),
    ("next month", "el próximo mes/mes que viene", "o próximo mês/mês que vem"),
)

Owner = Literal["the", "a", "our", "your", "my", "this", ""]
_OWNERS: dict[Language, tuple[tuple[Owner, str], ...]] = {
    "en": (("the", "the"), ("a", "an?"), ("our", "our"), ("your", "your"), ("my", "my"), ("this", "th(?:is|ese)")),
    "es": (
        ("our", "nuestr[oa]s?"), ("your", "sus?"), ("my", "mis?"), ("this", "est[eao]s?"), ("a", "un(?:as?|os)?"),
        ("the", "el|la|los|las"),
    ),
    "pt": (
        ("our", "(?:(?:os?|as?) )?noss[oa]s?"), ("your", "(?:(?:os?|as?) )?(?:seus?|suas?)"),
        ("my", "(?:(?:os?|as?) )?(?:meus?|minhas?)"), ("this", "es[st][ea]s?"), ("a", "u(?:mas?|m|ns)"), ("the",
         "os?|as?"),
    ),
}  # fmt: skip
# Masculine, feminine, masculine plural, feminine plural.
_WRITTEN: dict[Language, dict[Owner, tuple[str, str, str, str]]] = {
    "es": {
        "the": ("el", "la", "los", "las"),
        "a": ("un", "una", "unos", "unas"),
        "our": ("nuestro", "nuestra", "nuestros", "nuestras"),
        "your": ("su", "su", "sus", "sus"),
        "my": ("mi", "mi", "mis", "mis"),
        "this": ("este", "esta", "estos", "estas"),
    },
    "pt": {
        "the": ("o", "a", "os", "as"),
        "a": ("um", "uma", "uns", "umas"),
        "our": ("o nosso", "a nossa", "os nossos", "as nossas"),
        "your": ("o seu", "a sua", "os seus", "as suas"),
        "my": ("o meu", "a minha", "os meus", "as minhas"),
        "this": ("este", "esta", "estes", "estas"),
    },
}
_ARTICLES = {
    "el": 0,
    "la": 1,
    "los": 2,
    "las": 3,
    "o": 0,
    "a": 1,
    "os": 2,
    "as": 3,
    "un": 0,
    "una": 1,
    "um": 0,
    "uma": 1,
}
_JOINED: dict[Language, dict[str, str]] = {
    "en": {},
    "es": {"de el": "del", "a el": "al"},
    "pt": {
        "por o": "pelo", "por a": "pela", "por os": "pelos", "por as": "pelas",
        "de o": "do", "de a": "da", "de os": "dos", "de as": "das", "de esta": "desta", "de este": "deste",
        "em o": "no", "em a": "na", "em os": "nos", "em as": "nas", "em esta": "nesta", "em este": "neste",
        "a o": "ao", "a a": "à", "a os": "aos", "a as": "às",
    },
}  # fmt: skip
_APART = {
    "es": {"del": "de el", "al": "a el"},
    "pt": {
        "pelo": "por o", "pela": "por a", "pelos": "por os", "pelas": "por as", "do": "de o", "da": "de a",
            "dos": "de os",
        "das": "de as", "no": "em o", "na": "em a", "nos": "em os", "nas": "em as", "desta": "de esta",
            "deste": "de este",
        "nesta": "em esta", "neste": "em este", "ao": "a o", "aos": "a os", "à": "a a", "às": "a as",
            "num": "em um", "numa": "em uma",
    },
}  # fmt: skip

# What stands between a noun and what qualifies it, by its role.
_LINKS: tuple[tuple[str, str, str], ...] = (
    ("about/regarding/on", "sobre/acerca de", "sobre/acerca de"),
    ("of", "de", "de"),
    ("for", "para", "para"),
    ("in", "en", "em"),
    ("with", "con", "com"),
    ("to", "a", "a"),
)
_BY = {"en": "by", "es": "a mas tardar|para", "pt": "ate"}
_BEFORE = {"en": "before", "es": "antes de", "pt": "antes de"}
_ON = {"en": "on|this", "es": "en|de", "pt": "em|de"}
_AND = {"en": "and", "es": "y", "pt": "e"}
_VERBATIM = re.compile(
    r"#?[A-Z]{2,}-?\d+\b|#\d+|(?:[€$£]|R\$|USD|EUR|BRL) ?\d[\d.,]*\d|\d[\d.,]* ?(?:%|€|euros?\b|EUR\b|USD\b|BRL\b)"
    r"|[“\"«][^”\"»]{1,80}[”\"»]"
)
_NAME = re.compile(r"[A-ZÀ-Ý][\w&'’-]*(?: [A-ZÀ-Ý][\w&'’-]*){0,3}")
_CLOCK = {
    "en": r"at (\d{1,2})(?::(\d\d))? ?(am|pm)?\b",
    "es": r"a las? (\d{1,2})(?:[:.h](\d\d))?()(?: ?(?:h|horas)\b)?",
    "pt": r"as? (\d{1,2})(?:[:h](\d\d))?()(?: ?(?:h|horas)\b)?",
}


def plain(text: str) -> str:
    """`text` in lower case without accents, character by character, so that every position is kept."""
    return "".join((unicodedata.normalize("NFKD", char)[:1] or char).lower()[:1] for char in text)


def join(preposition: str, phrase: str, language: Language) -> str:
    """The preposition before a phrase, contracted if need be: `join("por", "o atraso", "pt")` is "pelo atraso"."""
    first, space, rest = phrase.partition(" ")
    contracted = _JOINED[language].get(f"{preposition} {first.lower()}" if space else "")
    return f"{contracted} {rest}" if contracted else f"{preposition} {phrase}"


def apart(phrase: str, language: Language) -> str:
    """The same phrase with the contraction of its first word undone: "pelo atraso" is "por o atraso"."""
    first, space, rest = phrase.partition(" ")
    return _APART.get(language, {}).get(first.lower(), first) + space + rest


def translate(phrase: str, source: Language, target: Language) -> str | None:
    """The phrase in the target language, or None when a single word of it is not known for certain."""
    if source == target:
        return phrase
    return _listed(phrase.strip(" ,."), source, target)


def _listed(phrase: str, source: Language, target: Language) -> str | None:
    pieces = re.split(rf" {_AND[source]} ", phrase)
    said = [_noun_phrase(piece, source, target) for piece in pieces]
    if any(piece is None for piece in said):
        return None
    return f" {_AND[target]} ".join(piece for piece in said if piece)


def _alternatives(row: tuple[str, str, str], language: Language) -> list[tuple[str, str]]:
    """(article, noun) of each way to say it; the article is "" in English, and inherited where it is not repeated."""
    found: list[tuple[str, str]] = []
    article = ""
    for written in row[LANGUAGES.index(language)].split("/"):
        first, _, rest = written.partition(" ")
        articled = language != "en" and first in _ARTICLES and bool(rest)
        article = first if articled else article
        found.append((article, rest if articled else written))
    return found


def _noun_phrase(phrase: str, source: Language, target: Language) -> str | None:
    bare = plain(phrase)
    owner: Owner = ""
    start = 0
    for candidate, pattern in _OWNERS[source]:
        if match := re.match(rf"(?:{pattern}) ", bare):
            owner, start = candidate, match.end()
            break
    best: tuple[int, tuple[str, str, str]] | None = None
    for row in _NOUNS:
        for _, noun in _alternatives(row, source):
            end = start + len(noun)
            if bare[start:end] == plain(noun) and not bare[end : end + 1].isalnum() and (best is None or end > best[0]):
                best = end, row
    if best is None:
        return None if owner == "your" else _named(phrase, start if owner != "the" else 0, source, target)
    rest = _modifiers(phrase[best[0] :], source, target, definite=owner != "a")
    return None if rest is None else _determined(owner, best[1], target) + rest


def _named(phrase: str, start: int, source: Language, target: Language) -> str | None:
    """A day, a number or id, or a name, and what qualifies it."""
    day = _day(phrase, 0, source, target)
    if day:
        said, end = day.text, day.end
    elif start == 0 and (match := _VERBATIM.match(phrase) or _NAME.match(phrase)):
        said, end = match.group(), match.end()
    else:
        return None
    rest = _modifiers(phrase[end:], source, target, definite=False)
    return None if rest is None else said + rest


def _determined(owner: Owner, row: tuple[str, str, str], target: Language) -> str:
    article, noun = _alternatives(row, target)[0]
    if target == "en":
        plural = _alternatives(row, "es")[0][0] in ("los", "las")
        word = {"a": "" if plural else "an" if noun[0] in "aeiou" else "a", "this": "these" if plural else "this"}.get(
            owner, owner or "the"
        )
        return f"{word} {noun}".strip()
    return f"{_WRITTEN[target][owner or 'the'][_ARTICLES[article]]} {noun}"


def modifiers(phrase: str, source: Language, target: Language) -> str | None:
    """What follows an indefinite noun (" on Thursday about the renewal", with that space); None as `translate`."""
    if source == target:
        return f" {phrase.strip()}" if phrase.strip() else ""
    return _modifiers(phrase, source, target, definite=False)


def _modifiers(phrase: str, source: Language, target: Language, *, definite: bool) -> str | None:
    said, rest = "", phrase.strip(" ,")
    while rest:
        step = _clock(rest, source, target) or _when(rest, source, target, definite) or _verbatim(rest)
        if step is None:
            linked = _linked(rest, source, target)
            return None if linked is None else f"{said} {linked}"
        said += f" {step[0]}"
        rest = rest[step[1] :].strip(" ,")
    return said


def _verbatim(phrase: str) -> tuple[str, int] | None:
    match = _VERBATIM.match(phrase)
    return (match.group(), match.end()) if match else None


def _clock(phrase: str, source: Language, target: Language) -> tuple[str, int] | None:
    match = re.match(_CLOCK[source], plain(phrase))
    if match is None:
        return None
    hour, minutes, half = int(match[1]), match[2] or "", match[3]
    if half:
        hour, minutes = hour % 12 + (12 if half == "pm" else 0), minutes or "00"
    at = {"en": "at", "es": "a la" if hour == 1 else "a las", "pt": "à" if hour == 1 else "às"}[target]
    return f"{at} {hour}{':' if minutes else ''}{minutes}", match.end()


def _linked(phrase: str, source: Language, target: Language) -> str | None:
    """A noun phrase tied by a preposition: "about the renewal", "do contrato", "con Acme"."""
    undone = apart(phrase, source)
    for row in _LINKS:
        for written in row[LANGUAGES.index(source)].split("/"):
            if plain(undone).startswith(f"{written} "):
                said = _listed(undone[len(written) + 1 :], source, target)
                return None if said is None else join(row[LANGUAGES.index(target)].split("/")[0], said, target)
    return None


@dataclass(frozen=True, kw_only=True)
class _Day:
    """A day or period as said in the target language, with its article where it has one."""

    text: str
    dated: bool  # English says "on" before it
    weekday: bool
    end: int


def _when(phrase: str, source: Language, target: Language, definite: bool) -> tuple[str, int] | None:
    text, shift = apart(phrase, source), len(apart(phrase, source)) - len(phrase)
    if source != "en" and (second := re.match(r"(antes) (del|do|da)\b", text)):  # "antes del lunes"
        text = f"antes {apart(second[2], source)}{text[second.end() :]}"
        shift = len(text) - len(phrase)
    bare = plain(text)
    for role, words in (("by", _BY), ("before", _BEFORE), ("on", _ON)):
        match = re.match(rf"(?:{words[source]}) ", bare)
        day = _day(text, match.end() if match else 0, source, target) if match or role == "on" else None
        if day:
            how = "of" if role == "on" and definite else role
            return _placed(day, how, target), day.end - shift
    return None


def _day(text: str, start: int, source: Language, target: Language) -> _Day | None:
    here, there = LANGUAGES.index(source), LANGUAGES.index(target)
    bare = plain(text)
    if source != "en" and (article := re.match(r"(?:el|la|o|a)(?: dia)? ", bare[start:])):
        start += article.end()
    for row in _PERIODS:
        for written in row[here].split("/"):
            word = re.sub(r"^(?:la|el|a|o) ", "", plain(written))
            if re.match(rf"{word}\b", bare[start:]):
                return _Day(text=row[there].split("/")[0], dated=False, weekday=False, end=start + len(word))
    for row in _DAYS:
        name = plain(row[here]).removesuffix("-feira")
        match = re.match(rf"(next |proxim[oa] )?{name}(?:-feira)?\b( que v(?:iene|em)| proxim[oa])?", bare[start:])
        if match:
            return _weekday(row, next_one=bool(match[1] or match[2]), target=target, end=start + match.end())
    return _date(bare, start, source, target)


def _weekday(row: tuple[str, str, str], *, next_one: bool, target: Language, end: int) -> _Day:
    name = row[LANGUAGES.index(target)]
    if target == "en":
        return _Day(text=f"next {name}" if next_one else name, dated=not next_one, weekday=True, end=end)
    article, near = (
        ("el", "próximo ") if target == "es" else ("a", "próxima ") if "feira" in name else ("o", "próximo ")
    )
    return _Day(text=f"{article} {near if next_one else ''}{name}", dated=True, weekday=not next_one, end=end)


def _date(bare: str, start: int, source: Language, target: Language) -> _Day | None:
    for row in _MONTHS:
        month = plain(row[LANGUAGES.index(source)])
        first = rf"(?:the )?(\d{{1,2}})(?:st|nd|rd|th)?(?: of| de)? {month}(?:(?: de|,)? (\d{{4}}))?\b"
        match = re.match(first, bare[start:]) or (
            re.match(rf"{month} (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?", bare[start:])
            if source == "en"
            else None
        )
        if match:
            name, year = row[LANGUAGES.index(target)], match[2]
            of = "" if target == "en" else "de "
            text = f"{match[1]} {of}{name}{f' {of}{year}' if year else ''}"
            text = {"en": text, "es": f"el {text}", "pt": f"o dia {text}"}[target]
            return _Day(text=text, dated=True, weekday=False, end=start + match.end())
    return None


def _placed(day: _Day, how: str, target: Language) -> str:
    if target == "en":
        word = {"by": "by", "before": "before"}.get(how, "on" if day.dated else "")
        return f"{word} {day.text}".strip()
    bare_day = re.sub(r"^[ao] ", "", day.text) if day.weekday and target == "pt" else day.text
    match how:
        case "by":
            return f"a más tardar {day.text}" if target == "es" else f"até {bare_day}"
        case "before":
            return "antes " + join("de", bare_day, target)
        case "of":
            return join("de", bare_day, target)
    articled = re.match(r"(?:[ao]|est[ae]) ", day.text)
    return join("em", day.text, target) if target == "pt" and articled else day.text


# What somebody can be asked to do: how it is said in a request, and the infinitive to write after "could you".
# `{x}` stands for the object.
_Sayings = tuple[tuple[tuple[str, str], tuple[str, str], tuple[str, str]], ...]
_ACTIONS: _Sayings = (
    (
        (r"(?:be|being|act as|acting as|serve as|become) (?:a|our) reference(?: for us)?", "act as a reference for us"),
        (r"(?:nos )?(?:ser|servir|servirnos|sirva|sea)(?: de| una| nuestra)? referencia", "servirnos de referencia"),
        (r"(?:nos )?(?:ser|servir|sirva|seja)(?: de| como| uma| nossa)? referencia(?: para nos)?",
         "ser uma referência para nós"),
    ),
    (
        (r"(?:refer|recommend) (?:us )?{x}(?: to us)?", "refer {x} to us"),
        (r"(?:nos )?(?:recom(?:iende|endar)|refi?er(?:a|ir))(?:nos)? {x}", "recomendarnos {x}"),
        (r"(?:nos )?(?:indi(?:car|que)|recomend(?:ar|e))(?:-nos)? {x}", "nos indicar {x}"),
    ),
    (
        (r"(?:give|write|share|provide)(?: us)? (?:a|your) testimonial(?: with us)?", "share a testimonial with us"),
        (r"(?:nos )?(?:dar|de|escribir|escriba|compartir|comparta)(?:nos)? (?:un|su) testimonio",
         "compartir un testimonio con nosotros"),
        (r"(?:nos )?(?:dar|de|escrever|escreva|compartilh(?:ar|e)) (?:um|seu) (?:depoimento|testemunho)",
         "compartilhar um depoimento conosco"),
    ),
    (
        (r"confirm {x}", "confirm {x}"),
        (r"(?:nos |me )?confirm(?:ar|e)(?:nos|me)? {x}", "confirmar {x}"),
        (r"(?:nos |me )?confirm(?:ar|e) {x}", "confirmar {x}"),
    ),
    (
        (r"send (?:us |me )?{x}", "send us {x}"),
        (r"(?:nos |me )?(?:envi|mand)(?:ar|e)(?:nos|me)? {x}", "enviarnos {x}"),
        (r"(?:nos |me )?(?:envi|mand)(?:ar|e)(?:-nos|-me)? {x}", "nos enviar {x}"),
    ),
    (
        (r"share {x}(?: with us)?", "share {x} with us"),
        (r"(?:nos )?compart(?:ir|a)(?:nos)? {x}(?: con nosotros)?", "compartir {x} con nosotros"),
        (r"(?:nos )?compartilh(?:ar|e) {x}(?: conosco)?", "compartilhar {x} conosco"),
    ),
    (
        (r"(?:review|check|look at) {x}", "review {x}"),
        (r"revis(?:ar|e) {x}", "revisar {x}"),
        (r"(?:revis(?:ar|e)|verifi(?:car|que)) {x}", "revisar {x}"),
    ),
    ((r"sign {x}", "sign {x}"), (r"firm(?:ar|e) {x}", "firmar {x}"), (r"assin(?:ar|e) {x}", "assinar {x}")),
    ((r"approve {x}", "approve {x}"), (r"(?:aprobar|apruebe) {x}", "aprobar {x}"), (r"aprov(?:ar|e) {x}",
     "aprovar {x}")),
    ((r"pay {x}", "pay {x}"), (r"(?:pagar|pague) {x}", "pagar {x}"), (r"(?:pagar|pague) {x}", "pagar {x}")),
    (
        (r"(?:reply|answer|respond|write back)", "reply to us"),
        (r"(?:nos )?(?:respond(?:er|a)|contest(?:ar|e))(?:nos)?", "respondernos"),
        (r"(?:nos )?respond(?:er|a)", "nos responder"),
    ),
    (
        (r"call (?:us|me)(?: back)?", "call us"),
        (r"(?:nos |me )?llam(?:ar|e)(?:nos|me)?", "llamarnos"),
        (r"(?:nos |me )?lig(?:ar|ue)(?: para nos| para mim)?", "nos ligar"),
    ),
)  # fmt: skip
# What we can say about ourselves: the whole clause, in all three languages.
_CLAUSES: _Sayings = (
    (
        (r"we(?:'ll| will) send (?:you )?{x}", "we will send you {x}"),
        (r"(?:le |les )?(?:enviaremos|vamos a enviar(?:le)?) {x}", "le enviaremos {x}"),
        (r"(?:lhe )?(?:enviaremos|vamos (?:lhe )?enviar) {x}", "vamos enviar {x}"),
    ),
    (
        (r"i(?:'ll| will) send (?:you )?{x}", "I will send you {x}"),
        (r"(?:le |les )?(?:enviare|voy a enviar(?:le)?) {x}", "le enviaré {x}"),
        (r"(?:lhe )?(?:enviarei|vou (?:lhe )?enviar) {x}", "vou enviar {x}"),
    ),
    (
        (r"(?:we are|we're) (?:working on|looking into) {x}", "we are working on {x}"),
        (r"estamos trabajando en {x}", "estamos trabajando en {x}"),
        (r"estamos trabalhando {em}", "estamos trabalhando {em}"),
    ),
    (
        (r"we(?:'ve| have)? (?:fixed|solved|resolved) {x}", "we have fixed {x}"),
        (r"(?:ya )?(?:hemos (?:resuelto|corregido|solucionado)|resolvimos|corregimos|solucionamos) {x}",
         "hemos resuelto {x}"),
        (r"(?:ja )?(?:resolvemos|corrigimos|solucionamos) {x}", "resolvemos {x}"),
    ),
    (
        (r"we(?:'ve| have)? received {x}", "we have received {x}"),
        (r"(?:hemos recibido|recibimos) {x}", "hemos recibido {x}"),
        (r"(?:ja )?recebemos {x}", "recebemos {x}"),
    ),
    (
        (r"we(?:'ll| will) review {x}", "we will review {x}"),
        (r"(?:revisaremos|vamos a revisar) {x}", "revisaremos {x}"),
        (r"(?:revisaremos|analisaremos|vamos (?:revisar|analisar)) {x}", "vamos revisar {x}"),
    ),
)  # fmt: skip


def action(phrase: str, source: Language, target: Language) -> str | None:
    """An infinitive phrase for "could you …" ("recomendarnos un caso"); None when it or its object is not known."""
    return _from(_ACTIONS, phrase, source, target)


def clause(phrase: str, source: Language, target: Language) -> str | None:
    """A clause about what we do ("le enviaremos el presupuesto"); None as `action`."""
    return _from(_CLAUSES, phrase, source, target)


def _from(table: _Sayings, phrase: str, source: Language, target: Language) -> str | None:
    """The whole phrase, else each side of its "and"."""
    whole = _saying(table, phrase, source, target)
    if whole is not None:
        return whole
    pieces = phrase.split(f" {_AND[source]} ")
    said = [_saying(table, piece, source, target) for piece in pieces]
    known = [piece for piece in said if piece is not None]
    return f" {_AND[target]} ".join(known) if len(known) == len(pieces) > 1 else None


def _saying(table: _Sayings, phrase: str, source: Language, target: Language) -> str | None:
    bare = plain(phrase)
    for row in table:
        written = row[LANGUAGES.index(source)][0].replace("{x}", "(?P<x>.+?)").replace("{em}", "(?P<em>.+?)")
        match = re.fullmatch(written, bare)
        if match is None:
            continue
        template = row[LANGUAGES.index(target)][1]
        if not match.re.groupindex:
            return template
        (role,) = match.re.groupindex
        named = phrase[match.start(role) : match.end(role)]
        if role == "em":
            named = apart(named, source).removeprefix("em ")
        said = translate(named, source, target)
        if said is not None:
            return template.format(x=said, em=join("em", said, target))
    return None
