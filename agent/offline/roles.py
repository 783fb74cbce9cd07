"""Which job a question asks after ("who is the CFO of …", "quién lleva las facturas"), and who holds it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.offline.compose import Told
from agent.offline.wording import say
from crm.folding import fold
from tools.rendering import reference

_LEADS = (
    "is are was be 's the our my your their a an in charge of responsible for handling handles handle handled dealing deals with managing manages"
    " takes care looks after acts as there any main current actual atual"
    " es son era mi mis nuestr[oa]s? su el la los las lleva llevan gestiona se encarga encargan del de encargad[oa] responsables? trata que hay algun alguna un una con"
    " e sao meus? minhas? noss[oa]s? o a os as cuida gere gerencia responsave(?:l|is) por pel[oa]s? trata da do dos das tem algum uma um"
    " name email e-mail correo contacts? contactos? contatos? person persona pessoa"
).split()
_ASKED = (
    r"\b(?:who|whom|quien(?:es)?|quem|is there|hay|ha|what is|what's|cual es|qual e|(?:name|nombre|nome|e-?mail|correo|contact|contacto|contato) (?:of|for|de|del|da|do))(?!\w)"
    rf"(?:\s*(?:{'|'.join(_LEADS)})\b)*\s*(?:\w+'s\s+)?"
)
# Folded, in the three languages: how a question names a job, and how people sign it or a record notes it.
_JOBS = tuple(
    (re.compile(rf"{_ASKED}\b(?:{pattern})s?\b"), re.compile(rf"\b(?:{pattern})\b"))
    for pattern in (
        r"cfo|chief financial officer|financ\w* director|director of finance|(?:head|vp|vice president) (?:of )?finance"
        r"|director\w* financier[oa]|director\w* de finanzas|diretor\w* financeir[oa]|diretor\w* de financas",
        r"ceo|chief executive(?: officer)?|managing director|general manager|gerente general|director\w* general|diretor\w* geral"
        r"|gerente geral|consejer[oa] delegad[oa]|owner of the company|founder|fundador\w*",
        r"coo|chief operating officer|director\w* de operaciones|diretor\w* de operacoes|(?:head|vp|vice president) (?:of )?operations"
        r"|operations director",
        r"cto|chief technology officer|chief technical officer|director\w* (?:de )?(?:tecnologia|tecnic[oa])|diretor\w* (?:de )?tecnologia"
        r"|head of engineering",
        r"ciso|(?:information )?security(?: officer| lead| contact)?|seguridad(?: de la informacion)?|seguranca(?: da informacao)?",
        r"billing|accounts payable|accounting|accountant|book-?keep\w*|invoices?|invoicing|payments?|factur\w+|administracion|contabilidad"
        r"|contable|pagos|fatur\w+|contabilidade|financeiro|pagamentos",
        r"technical(?: contact| lead)?|tecnic[oa]|it (?:contact|manager|department|team)|informatica|sistemas|integrations?|platform engineering",
        r"procurement|purchasing|buyer|compras(?: e contratos)?|purchases",
        r"champion|sponsor",
        r"stakeholder|decision[- ]maker|decisor\w*",
    )
)


def asks_for_job(question: str) -> bool:
    """Whether a question (folded) asks who holds a job."""
    return _job(question) is not None


def holders(told: Told, artifact: Mapping[str, Any], question: str) -> str:
    """For a question (folded): who holds the job asked for, by the records and by what people sign with; who is known, where nobody does."""
    job = _job(question)
    lines: list[str] = []
    for record in artifact.get("records", []):
        named = [person for person in record["contacts"] if job and _holds(person, job)]
        if not named and told.scope.customer_ids:
            lines.append(say(told.language, "nobody_holds", name=record["name"]))
            named = champion_first(record["contacts"])
        lines += [f"- {_line(told, person, record['name'])}" for person in named]
    if len(lines) == 1:
        return lines[0].removeprefix("- ")
    return "\n".join(lines)


def _job(question: str) -> re.Pattern[str] | None:
    return next((held for asked, held in _JOBS if asked.search(question)), None)


def _holds(person: Mapping[str, Any], job: re.Pattern[str]) -> bool:
    return job.search(fold(person["title"])) is not None or job.search(fold(person["role"])) is not None


def _line(told: Told, person: Mapping[str, Any], customer: str) -> str:
    signs = f" · {said(told, person)}" if person["title"] else ""
    return f"{person['name']} <{person['email']}> ({customer}): {person['role'] or '–'}{signs}"


def said(told: Told, person: Mapping[str, Any]) -> str:
    """What somebody signs with, cited."""
    return f"{say(told.language, 'signs_as', title=person['title'])} {reference(person['title_mail'])}"


def champion_first(people: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The champion first."""
    return sorted(people, key=lambda person: person["role"] != "Champion")
