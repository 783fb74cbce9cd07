"""What health says, in English, Spanish and Portuguese: short sentences a CSM would use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from crm.health.report import Band

Language = Literal["en", "es", "pt"]
LANGUAGES: tuple[Language, ...] = ("en", "es", "pt")

_SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "no_mail": {
        "en": "No mail with {customer} in the last 90 days.",
        "es": "No hay correos con {customer} en los últimos 90 días.",
        "pt": "Não há e-mails com {customer} nos últimos 90 dias.",
    },
    "few_mails": {
        "en": "Too little mail with {customer} in the last 90 days to judge: {n} of at least 3.",
        "es": "Muy pocos correos con {customer} en los últimos 90 días para valorar: {n} de al menos 3.",
        "pt": "Poucos e-mails com {customer} nos últimos 90 dias para avaliar: {n} de pelo menos 3.",
    },
    "few_tones": {
        "en": "Too little mail from {customer} in the last 90 days to judge its tone: {n} of at least 3.",
        "es": "Muy pocos correos de {customer} en los últimos 90 días para ver su tono: {n} de al menos 3.",
        "pt": "Poucos e-mails de {customer} nos últimos 90 dias para ver o tom: {n} de pelo menos 3.",
    },
    "frequency": {
        "en": "Mails in the last 30 days: {theirs} from {customer}, {ours} from us.",
        "es": "Correos en los últimos 30 días: {theirs} de {customer}, {ours} nuestros.",
        "pt": "E-mails nos últimos 30 dias: {theirs} de {customer}, {ours} nossos.",
    },
    "answered": {
        "en": "Times we wrote and {customer} answered: {answered} of {n}.",
        "es": "Veces que escribimos y {customer} respondió: {answered} de {n}.",
        "pt": "Vezes em que escrevemos e {customer} respondeu: {answered} de {n}.",
    },
    "answered_none": {
        "en": "Nothing we wrote to {customer} is due an answer yet.",
        "es": "Nada de lo que escribimos a {customer} debería tener ya respuesta.",
        "pt": "Nada do que escrevemos a {customer} deveria já ter resposta.",
    },
    "champion_reply": {
        "en": "{who}, the champion, answers in {hours} (median; answers timed: {n}).",
        "es": "{who}, champion de la cuenta, responde en {hours} (mediana; respuestas medidas: {n}).",
        "pt": "{who}, champion da conta, responde em {hours} (mediana; respostas medidas: {n}).",
    },
    "reply": {
        "en": "{customer} answers in {hours} (median; answers timed: {n}).",
        "es": "{customer} responde en {hours} (mediana; respuestas medidas: {n}).",
        "pt": "{customer} responde em {hours} (mediana; respostas medidas: {n}).",
    },
    "reply_none": {
        "en": "No answer from {customer} to time in the last 90 days.",
        "es": "No hay respuestas de {customer} que medir en los últimos 90 días.",
        "pt": "Não há respostas de {customer} para medir nos últimos 90 dias.",
    },
    "times_customer": {
        "en": "{customer} answers in {hours} (median); nine of ten answers within {p90}; answers timed: {n}.",
        "es": "{customer} responde en {hours} (mediana); nueve de cada diez respuestas en {p90} como mucho; respuestas medidas: {n}.",
        "pt": "{customer} responde em {hours} (mediana); nove em cada dez respostas em até {p90}; respostas medidas: {n}.",
    },
    "times_champion": {
        "en": "{who}, the champion, answers in {hours} (median); nine of ten answers within {p90}; answers timed: {n}.",
        "es": "{who}, champion de la cuenta, responde en {hours} (mediana); nueve de cada diez respuestas en {p90} como mucho; respuestas medidas: {n}.",
        "pt": "{who}, champion da conta, responde em {hours} (mediana); nove em cada dez respostas em até {p90}; respostas medidas: {n}.",
    },
    "times_others": {
        "en": "The others at {customer} answer in {hours} (median); nine of ten answers within {p90}; answers timed: {n}.",
        "es": "Los demás en {customer} responden en {hours} (mediana); nueve de cada diez respuestas en {p90} como mucho; respuestas medidas: {n}.",
        "pt": "Os outros em {customer} respondem em {hours} (mediana); nove em cada dez respostas em até {p90}; respostas medidas: {n}.",
    },
    "times_us": {
        "en": "We answer {customer} in {hours} (median); nine of ten answers within {p90}; answers timed: {n}.",
        "es": "Respondemos a {customer} en {hours} (mediana); nueve de cada diez respuestas en {p90} como mucho; respuestas medidas: {n}.",
        "pt": "Respondemos a {customer} em {hours} (mediana); nove em cada dez respostas em até {p90}; respostas medidas: {n}.",
    },
    "champion_reply_none": {
        "en": "No answer from {who}, the champion, to time in the last 90 days.",
        "es": "No hay respuestas de {who}, champion de la cuenta, que medir en los últimos 90 días.",
        "pt": "Não há respostas de {who}, champion da conta, para medir nos últimos 90 dias.",
    },
    "others_reply_none": {
        "en": "No answer from others at {customer} to time in the last 90 days.",
        "es": "No hay respuestas de otras personas de {customer} que medir en los últimos 90 días.",
        "pt": "Não há respostas de outras pessoas de {customer} para medir nos últimos 90 dias.",
    },
    "our_reply_none": {
        "en": "We have given {customer} no answer to time in the last 90 days.",
        "es": "No hay respuestas nuestras a {customer} que medir en los últimos 90 días.",
        "pt": "Não há respostas nossas a {customer} para medir nos últimos 90 dias.",
    },
    "waiting_us": {
        "en": "{customer} has been waiting {time} for our answer.",
        "es": "{customer} espera nuestra respuesta desde hace {time}.",
        "pt": "{customer} espera a nossa resposta há {time}.",
    },
    "waiting_customer": {
        "en": "We have been waiting {time} for {customer}'s answer.",
        "es": "Esperamos la respuesta de {customer} desde hace {time}.",
        "pt": "Esperamos a resposta de {customer} há {time}.",
    },
    "last_touch": {
        "en": "Last mail, in either direction: {ago}.",
        "es": "Último correo, en cualquier sentido: {ago}.",
        "pt": "Último e-mail, em qualquer sentido: {ago}.",
    },
    "tone": {
        "en": "Tone of mails from {customer}: positive {positive}, neutral {neutral}, negative {negative}; "
        "recent mails weigh more.",
        "es": "Tono del correo de {customer}: positivo {positive}, neutro {neutral}, negativo {negative}; "
        "los correos recientes pesan más.",
        "pt": "Tom dos e-mails de {customer}: positivo {positive}, neutro {neutral}, negativo {negative}; "
        "os e-mails recentes pesam mais.",
    },
    "words": {
        "en": "Critical words from {customer}: {words}.",
        "es": "Palabras críticas de {customer}: {words}.",
        "pt": "Palavras críticas de {customer}: {words}.",
    },
    "words_none": {
        "en": "No critical words from {customer}.",
        "es": "Ninguna palabra crítica de {customer}.",
        "pt": "Nenhuma palavra crítica de {customer}.",
    },
    "drop": {
        "en": "Down {points} points in 7 days, from {before} to {now}; mostly: {part}.",
        "es": "Baja {points} puntos en 7 días, de {before} a {now}; sobre todo: {part}.",
        "pt": "Desce {points} pontos em 7 dias, de {before} para {now}; sobretudo: {part}.",
    },
    "last_five_negative": {
        "en": "The last 5 mails from {customer} are negative.",
        "es": "Los últimos 5 correos de {customer} son negativos.",
        "pt": "Os últimos 5 e-mails de {customer} são negativos.",
    },
    "silence": {
        "en": "No mail from {customer} for {n} days.",
        "es": "Ningún correo de {customer} desde hace {n} días.",
        "pt": "Nenhum e-mail de {customer} há {n} dias.",
    },
    "no_score": {
        "en": "{customer}: no score yet. {reason}",
        "es": "{customer}: aún sin puntuación. {reason}",
        "pt": "{customer}: ainda sem pontuação. {reason}",
    },
    "score": {
        "en": "{customer}: {score} of 100, {band}.",
        "es": "{customer}: {score} de 100, {band}.",
        "pt": "{customer}: {score} de 100, {band}.",
    },
    "up": {
        "en": "Up {points} since last week; mostly: {part}.",
        "es": "Sube {points} desde la semana pasada; sobre todo: {part}.",
        "pt": "Sobe {points} desde a semana passada; sobretudo: {part}.",
    },
    "down": {
        "en": "Down {points} since last week; mostly: {part}.",
        "es": "Baja {points} desde la semana pasada; sobre todo: {part}.",
        "pt": "Desce {points} desde a semana passada; sobretudo: {part}.",
    },
    "same": {
        "en": "Unchanged since last week.",
        "es": "Sin cambios desde la semana pasada.",
        "pt": "Sem alterações desde a semana passada.",
    },
    "fed": {
        "en": "{what}: {value} of 100, as of {day} ({source}).",
        "es": "{what}: {value} de 100, a fecha de {day} ({source}).",
        "pt": "{what}: {value} de 100, em {day} ({source}).",
    },
    "move": {
        "en": "{part}: from {before} to {now} ({points} points).",
        "es": "{part}: de {before} a {now} ({points} puntos).",
        "pt": "{part}: de {before} para {now} ({points} pontos).",
    },
    "move_weight": {
        "en": "{part}: still {now}, but its share of the score changed ({points} points).",
        "es": "{part}: sigue en {now}, pero cambió su peso ({points} puntos).",
        "pt": "{part}: continua em {now}, mas o seu peso mudou ({points} pontos).",
    },
    "changed": {
        "en": "Health went from {before} to {now}; mostly: {part}.",
        "es": "La salud pasó de {before} a {now}; sobre todo: {part}.",
        "pt": "A saúde passou de {before} para {now}; sobretudo: {part}.",
    },
    "first_score": {
        "en": "First health score: {now}.",
        "es": "Primera puntuación de salud: {now}.",
        "pt": "Primeira pontuação de saúde: {now}.",
    },
    "score_lost": {
        "en": "No health score any more: too little data. It was {before}.",
        "es": "Ya no hay puntuación de salud: muy pocos datos. Era {before}.",
        "pt": "Já não há pontuação de saúde: poucos dados. Era {before}.",
    },
    "no_data": {"en": "no data", "es": "sin datos", "pt": "sem dados"},
    "hours_none": {
        "en": "less than a business hour",
        "es": "menos de una hora laborable",
        "pt": "menos de uma hora útil",
    },
    "hours_one": {"en": "1 business hour", "es": "1 hora laborable", "pt": "1 hora útil"},
    "hours": {"en": "{n} business hours", "es": "{n} horas laborables", "pt": "{n} horas úteis"},
    "ago_none": {"en": "less than a day ago", "es": "hace menos de un día", "pt": "há menos de um dia"},
    "ago_one": {"en": "1 day ago", "es": "hace 1 día", "pt": "há 1 dia"},
    "ago": {"en": "{n} days ago", "es": "hace {n} días", "pt": "há {n} dias"},
}  # fmt: skip

_BANDS: Mapping[Band, Mapping[Language, str]] = {
    "healthy": {"en": "healthy", "es": "saludable", "pt": "saudável"},
    "neutral": {"en": "neutral", "es": "neutral", "pt": "neutro"},
    "at_risk": {"en": "at risk", "es": "en riesgo", "pt": "em risco"},
    "unknown": {"en": "unknown", "es": "desconocido", "pt": "desconhecido"},
}
_PARTS: Mapping[str, Mapping[Language, str]] = {
    "frequency": {
        "en": "mail frequency",
        "es": "la frecuencia de los correos",
        "pt": "a frequência dos e-mails",
    },
    "answered": {
        "en": "answers to our mail",
        "es": "las respuestas a lo nuestro",
        "pt": "as respostas ao que escrevemos",
    },
    "reply_time": {"en": "their answer time", "es": "su tiempo de respuesta", "pt": "o tempo de resposta"},
    "last_touch": {
        "en": "the last mail's age",
        "es": "la fecha del último correo",
        "pt": "a data do último e-mail",
    },
    "tone": {"en": "the tone of their mail", "es": "el tono de sus correos", "pt": "o tom dos e-mails"},
    "critical_words": {"en": "critical words", "es": "las palabras críticas", "pt": "as palavras críticas"},
}
_DIMENSIONS: Mapping[str, Mapping[Language, str]] = {
    "engagement": {"en": "Engagement", "es": "Interacción", "pt": "Engajamento"},
    "sentiment": {"en": "Sentiment", "es": "Sentimiento", "pt": "Sentimento"},
    "usage": {"en": "Usage", "es": "Uso", "pt": "Uso"},
    "support": {"en": "Support", "es": "Soporte", "pt": "Suporte"},
}
_TERMS: Mapping[str, Mapping[Language, str]] = {
    "cancel": {"en": "cancel", "es": "cancelar", "pt": "cancelar"},
    "terminate": {"en": "terminate", "es": "rescindir", "pt": "rescindir"},
    "problem": {"en": "problem", "es": "problema", "pt": "problema"},
    "critical_bug": {"en": "critical bug", "es": "error crítico", "pt": "erro crítico"},
    "competitor": {"en": "competitor", "es": "competencia", "pt": "concorrente"},
    "price": {"en": "price", "es": "precio", "pt": "preço"},
    "complaint": {"en": "complaint", "es": "queja", "pt": "reclamação"},
    "refund": {"en": "refund", "es": "reembolso", "pt": "reembolso"},
    "downgrade": {"en": "downgrade", "es": "bajar de plan", "pt": "baixar de plano"},
    "legal": {"en": "legal action", "es": "acciones legales", "pt": "ação judicial"},
    "non_renewal": {"en": "non-renewal", "es": "no renovar", "pt": "não renovar"},
}


def say(language: Language, sentence: str, **values: str | int) -> str:
    return _SENTENCES[sentence][language].format(**values)


def number(value: float, language: Language) -> str:
    """At most one decimal, with the language's decimal sign: 12, 3.5, 3,5, −3."""
    text = f"{value:.1f}".removesuffix(".0")
    text = "0" if text == "-0" else text.replace("-", "−")
    return text if language == "en" else text.replace(".", ",")


def hours(value: float, language: Language) -> str:
    if value < 1:
        return say(language, "hours_none")
    n = number(value, language)
    return say(language, "hours_one") if n == "1" else say(language, "hours", n=n)


def ago(days: int, language: Language) -> str:
    if days < 1:
        return say(language, "ago_none")
    return say(language, "ago_one") if days == 1 else say(language, "ago", n=days)


def span(time: timedelta) -> str:
    """Elapsed time in whole hours, from one day on in days: 5 h, 6 d (the same in the three languages)."""
    return f"{time.days} d" if time.days else f"{time // timedelta(hours=1)} h"


def band_name(band: Band, language: Language) -> str:
    return _BANDS[band][language]


def part_name(part: str, language: Language) -> str:
    """The part as the main reason of a change, to stand after a colon."""
    return _PARTS[part][language] if part in _PARTS else dimension_name(part, language).lower()


def dimension_name(name: str, language: Language) -> str:
    """A dimension as people write it; a workspace's own one by its name."""
    return _DIMENSIONS[name][language] if name in _DIMENSIONS else name.replace("_", " ").capitalize()


def move(part: str, before: float | None, now: float | None, points: float, language: Language) -> str:
    """A part's move as a sentence: "Their answer time: from 80 to 40 (−3.8 points)."."""
    named = part_name(part, language)
    was, is_now = (say(language, "no_data") if value is None else number(value, language) for value in (before, now))
    return say(
        language,
        "move_weight" if was == is_now else "move",
        part=named[:1].upper() + named[1:],
        before=was,
        now=is_now,
        points=signed(points, language),
    )


def signed(points: float, language: Language) -> str:
    """With its sign, and two decimals where one would say 0: +3.8, −12, +0.04."""
    size = number(abs(points), language)
    if size == "0":
        size = f"{abs(points):.2f}" if language == "en" else f"{abs(points):.2f}".replace(".", ",")
    return f"{'−' if points < 0 else '+'}{size}"


def term_name(term: str, language: Language) -> str:
    """A critical term as people write it; a competitor by its name, a workspace's own word as it is."""
    if term in _TERMS:
        return _TERMS[term][language]
    return term.removeprefix("competitor:").replace("_", " ")
