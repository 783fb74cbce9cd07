"""Mail that nobody wrote by hand: automatic answers, and mail sent to many."""

import re
from collections.abc import Mapping

_BULK_PRECEDENCE = ("bulk", "list", "junk")
_LIST = ("list-id", "list-unsubscribe", "list-post", "list-help", "list-subscribe")
_AUTOMATIC_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-failed-recipients",
    "x-ms-exchange-inbox-rules-loop",
)
_DAEMON = re.compile(r"\b(?:mailer-daemon|postmaster)@|^mailer-daemon\b|<>", re.IGNORECASE)
_SUBJECT = re.compile(
    r"^\W*(?:(?:re|rv|res|fw|fwd|enc)\s*:\s*)*(?:"
    r"(?:automatic|auto)[- ]?(?:reply|response)|autoreply|out of (?:the )?office|ooo\b"
    r"|delivery status notification|undeliver(?:able|ed)"
    r"|mail delivery (?:failed|subsystem)|returned mail|failure notice|read receipt"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|no se puede entregar"
    r"|notificaci[óo]n de estado de entrega"
    r"|resposta autom[áa]tica|fora do escrit[óo]rio|aus[êe]ncia tempor[áa]ria|n[ãa]o entregue"
    r"|notifica[çc][ãa]o de status de entrega"
    r"|(?:accepted|declined|tentative(?:ly accepted)?|aceptad[oa]|rechazad[oa]|provisional|aceit[oa]"
    r"|recusad[oa]|tentativa)\s*:\s"
    r")",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\b(?:i am|i'm|i will be|i’m) (?:currently |now )?(?:out of (?:the )?office|away from (?:the office"
    r"|my desk)|on (?:annual |parental |sick |maternity )?leave|on vacation|on holidays?)\b"
    r".{0,200}\b(?:until|return|back|urgent|limited access|through|till)\b"
    r"|\bthank you for your (?:e-?mail|message)\b.{0,80}\b(?:out of (?:the )?office|away|on (?:leave"
    r"|vacation|holiday))\b"
    r"|\bthis is an auto(?:matic|mated)(?:ally generated)? (?:reply|response|message|e-?mail)\b"
    r"|\b(?:estoy|estar[ée]|me encuentro|me encontrar[ée]) (?:actualmente )?(?:fuera de (?:la )?oficina"
    r"|de vacaciones|de baja|ausente)\b.{0,200}\b(?:hasta|regres|vuelv|volver|urgen|incorpor)"
    r"|\b(?:este es un|esta es una) (?:mensaje|correo|respuesta) (?:generad[oa] )?autom[áa]tic"
    r"|\b(?:estou|estarei|encontro-me|me encontro) (?:atualmente )?(?:fora do escrit[óo]rio|de f[ée]rias"
    r"|em f[ée]rias|ausente|de licen[çc]a)\b.{0,200}\b(?:at[ée]|regress|retorn|volt|urgen)"
    r"|\besta [ée] uma (?:mensagem|resposta) autom[áa]tica",
    re.IGNORECASE | re.DOTALL,
)
_OPENING = 1200


def classify(headers: Mapping[str, str], subject: str, text: str) -> tuple[bool, bool]:
    """Return (automatic, bulk): by headers (lower-cased names) first, then by what an absence notice says.

    Automatic is a machine's answer (absence, bounce, calendar reply); bulk is mail to many (lists,
    newsletters).
    """
    bulk = headers.get("precedence", "").strip().lower() in _BULK_PRECEDENCE or any(name in headers for name in _LIST)
    return _by_headers(headers) or _by_content(subject, text, bulk), bulk


def _by_headers(headers: Mapping[str, str]) -> bool:
    submitted = headers.get("auto-submitted", "no").split(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if (
        any(name in headers for name in _AUTOMATIC_HEADERS)
        or headers.get("precedence", "").strip().lower() == "auto_reply"
    ):
        return True
    if _DAEMON.search(headers.get("from", "")) or headers.get("return-path", "").strip() == "<>":
        return True
    kind = headers.get("content-type", "").lower().replace('"', "").replace(" ", "")
    return "report-type=" in kind or (kind.startswith("text/calendar") and "method=reply" in kind)


def _by_content(subject: str, text: str, bulk: bool) -> bool:
    if _SUBJECT.search(subject):
        return True
    return not bulk and bool(_AWAY.search(text[:_OPENING]))
