"""The sentences of the extractive default, in the language of the question."""

from __future__ import annotations

from datetime import datetime

_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    "es": "ene feb mar abr may jun jul ago sep oct nov dic".split(),
    "pt": "jan fev mar abr mai jun jul ago set out nov dez".split(),
}

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "extractive": "Extractive answer: sentences quoted from the mails; no language model is set up.",
        "topic": "On “{topic}”{who}{when}, from the {read} mails searched:",
        "timeline": "The last {shown} of {total} mails{who}{when}:",
        "count": "{total} mails{who}{when}.",
        "latest": "The latest:",
        "mentions": "{hits} mentions of {terms} in {mails} mails{who}{when}; {read} mails were read.",
        "mention": "1 mention of {terms}{who}{when}; {read} mails were read.",
        "negated": "says the opposite",
        "hypothetical": "a condition, not a fact",
        "no_mentions": "Nobody mentioned {terms}{who}{when}. Mails read in that scope: {read}, which is all of them.",
        "before": "The last mention before that was on {date}:",
        "not_found": "I did not find anything{about}{who}{when}. {read} mails were searched.",
        "about": " about “{topic}”",
        "reasons": "It may be older than the indexed period (since {oldest}), in a mail from a domain or contact that is not "
        "associated with the customer, or not indexed.",
        "no_mail": "There is no mail{who}{when}.",
        "drafted": "I drafted a reply to {name}'s mail “{subject}” {reference}. Nothing is sent until you review and approve it.",
        "nobody": "I don't know which mail to answer: name the customer or the person who wrote it.",
        "ambiguous": "“{name}” could be {candidates}. Whom do you mean?",
        "unknown": "I don't know any customer or contact called {name}. I searched nothing, rather than the wrong mails.",
        "with": " with {names}",
        "since": " since {since}",
        "until": " until {until}",
        "between": " from {since} to {until}",
        "or": " or ",
        "unknown_score": "not enough mail for a score",
        "healthy": "healthy",
        "neutral": "neutral",
        "at_risk": "at risk",
        "attachments": "attachments",
        "in_attachment": "in the attachment {file}",
        "no_window": "nothing yet",
        "attachments_found": "{mails} mails with attachments{who}{when}:",
        "no_attachments": "No mail with attachments{who}{when}.",
        "suspicious": "holds instructions addressed to an assistant; they were not followed and are not quoted",
        "arr": "ARR {arr}",
        "renewal": "renewal on {day}",
        "owner": "owner {owner}",
    },
    "es": {
        "extractive": "Respuesta extractiva: frases citadas de los correos; no hay un modelo de lenguaje configurado.",
        "topic": "Sobre «{topic}»{who}{when}, de los {read} correos consultados:",
        "timeline": "Los últimos {shown} de {total} correos{who}{when}:",
        "count": "{total} correos{who}{when}.",
        "latest": "Los más recientes:",
        "mentions": "{hits} menciones de {terms} en {mails} correos{who}{when}; se leyeron {read} correos.",
        "mention": "1 mención de {terms}{who}{when}; se leyeron {read} correos.",
        "negated": "dice lo contrario",
        "hypothetical": "una condición, no un hecho",
        "no_mentions": "Nadie mencionó {terms}{who}{when}. Correos leídos en ese ámbito: {read}, es decir, todos.",
        "before": "La última mención anterior fue el {date}:",
        "not_found": "No encontré nada{about}{who}{when}. Se consultaron {read} correos.",
        "about": " sobre «{topic}»",
        "reasons": "Puede ser anterior al período indexado (desde el {oldest}), venir de un dominio o contacto no asociado al "
        "cliente, o no estar indexado.",
        "no_mail": "No hay correos{who}{when}.",
        "drafted": "Redacté una respuesta al correo de {name} «{subject}» {reference}. No se envía nada hasta que la revises y "
        "la apruebes.",
        "nobody": "No sé qué correo responder: indica el cliente o la persona que lo escribió.",
        "ambiguous": "«{name}» puede ser {candidates}. ¿A quién te refieres?",
        "unknown": "No conozco ningún cliente ni contacto llamado {name}. No busqué nada, en lugar de buscar en correos equivocados.",
        "with": " con {names}",
        "since": " desde el {since}",
        "until": " hasta el {until}",
        "between": " del {since} al {until}",
        "or": " o ",
        "unknown_score": "sin correos suficientes para una puntuación",
        "healthy": "saludable",
        "neutral": "neutral",
        "at_risk": "en riesgo",
        "attachments": "adjuntos",
        "in_attachment": "en el adjunto {file}",
        "no_window": "nada todavía",
        "attachments_found": "{mails} correos con adjuntos{who}{when}:",
        "no_attachments": "No hay correos con adjuntos{who}{when}.",
        "suspicious": "contiene instrucciones dirigidas a un asistente; no se siguieron ni se citan",
        "arr": "ARR {arr}",
        "renewal": "renovación el {day}",
        "owner": "responsable {owner}",
    },
    "pt": {
        "extractive": "Resposta extrativa: frases citadas dos e-mails; não há um modelo de linguagem configurado.",
        "topic": "Sobre “{topic}”{who}{when}, dos {read} e-mails consultados:",
        "timeline": "Os últimos {shown} de {total} e-mails{who}{when}:",
        "count": "{total} e-mails{who}{when}.",
        "latest": "Os mais recentes:",
        "mentions": "{hits} menções de {terms} em {mails} e-mails{who}{when}; foram lidos {read} e-mails.",
        "mention": "1 menção de {terms}{who}{when}; foram lidos {read} e-mails.",
        "negated": "diz o contrário",
        "hypothetical": "uma condição, não um fato",
        "no_mentions": "Ninguém mencionou {terms}{who}{when}. E-mails lidos nesse âmbito: {read}, ou seja, todos.",
        "before": "A última menção anterior foi em {date}:",
        "not_found": "Não encontrei nada{about}{who}{when}. Foram consultados {read} e-mails.",
        "about": " sobre “{topic}”",
        "reasons": "Pode ser anterior ao período indexado (desde {oldest}), vir de um domínio ou contato não associado ao cliente, "
        "ou não estar indexado.",
        "no_mail": "Não há e-mails{who}{when}.",
        "drafted": "Escrevi uma resposta ao e-mail de {name} “{subject}” {reference}. Nada é enviado até que você a revise e "
        "aprove.",
        "nobody": "Não sei qual e-mail responder: diga o cliente ou a pessoa que o escreveu.",
        "ambiguous": "“{name}” pode ser {candidates}. A quem você se refere?",
        "unknown": "Não conheço nenhum cliente nem contato chamado {name}. Não procurei nada, em vez de procurar nos e-mails errados.",
        "with": " com {names}",
        "since": " desde {since}",
        "until": " até {until}",
        "between": " de {since} a {until}",
        "or": " ou ",
        "unknown_score": "sem e-mails suficientes para uma pontuação",
        "healthy": "saudável",
        "neutral": "neutro",
        "at_risk": "em risco",
        "attachments": "anexos",
        "in_attachment": "no anexo {file}",
        "no_window": "nada ainda",
        "attachments_found": "{mails} e-mails com anexos{who}{when}:",
        "no_attachments": "Não há e-mails com anexos{who}{when}.",
        "suspicious": "contém instruções dirigidas a um assistente; não foram seguidas nem são citadas",
        "arr": "ARR {arr}",
        "renewal": "renovação em {day}",
        "owner": "responsável {owner}",
    },
}


def say(language: str, key: str, **values: object) -> str:
    return TEXTS[language][key].format(**values)


def day(language: str, instant: datetime) -> str:
    """A local instant as a short day: "12 Nov 2026"."""
    return f"{instant.day} {_MONTHS[language][instant.month - 1]} {instant.year}"


def listing(language: str, names: list[str]) -> str:
    """ "A", "A or B", "A, B or C"."""
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + TEXTS[language]["or"] + names[-1]
