"""New text apart from quotes and signatures, by HTML structure and by patterns."""

import json
import re
from pathlib import Path

import pytest

from evals.understanding import new_text
from gmail.newtext import Segment, assembled, segments, split

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "quote_strip"

ATTRIBUTIONS = [
    "On Mon, Mar 3, 2025 at 10:00 AM Ana Ruiz <ana@globex.example> wrote:",
    "On Mon, Mar 3, 2025 at 10:00 AM Ana Ruiz with a rather long name\n<ana@globex.example> wrote:",
    "El lun, 3 mar 2025 a las 10:00, Ana Ruiz (<ana@globex.example>) escribió:",
    "El 3/3/25 a las 10:00, Ana Ruiz escribió:",
    "Em seg., 3 de mar. de 2025 às 10:00, Ana Ruiz <ana@globex.example> escreveu:",
    "No dia 3 de mar. de 2025, às 10:00, Ana Ruiz <ana@globex.example> escreveu:",
    "Ana Ruiz <ana@globex.example> escribió el lun, 3 mar 2025 a las\n10:00:",
]
BLOCKS = [
    "From: Ana Ruiz <ana@globex.example>\nSent: Monday, March 3, 2025 10:00 AM\nTo: Luis\nSubject: RE: Plan",
    "De: Ana <ana@globex.example>\nEnviado el: lunes, 3 de marzo de 2025 10:00\nPara: Luis\nAsunto: RE: Plan",
    "De: Ana <ana@globex.example>\nEnviada em: segunda, 3 de março de 2025\nPara: Luis\nAssunto: RES: Plano",
    "*De:* Ana\n*Enviado:* lunes\n*Para:* Luis\n*Asunto:* Plan",
    "-----Mensaje original-----\nDe: Ana\nEnviado: lunes\nPara: Luis\nAsunto: Plan",
    "-----Mensagem original-----\nDe: Ana\nEnviada: segunda\nPara: Luis\nAssunto: Plano",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_a_marked_quote_is_cut(attribution: str) -> None:
    parts = split(f"Sí, perfecto.\n\n{attribution}\n\n> texto viejo\n> y más\n", None)
    assert parts.new_text == "Sí, perfecto."
    assert parts.quoted_text.startswith(attribution.split("\n", maxsplit=1)[0])
    assert "> y más" in parts.quoted_text


@pytest.mark.parametrize("block", BLOCKS)
def test_an_unmarked_quote_is_cut_at_its_header_block(block: str) -> None:
    parts = split(f"Sí, perfecto.\n\n________________________________\n{block}\n\ntexto viejo\n\nAna", None)
    assert parts.new_text == "Sí, perfecto."
    assert parts.quoted_text.endswith("texto viejo\n\nAna")


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAna Ruiz\nCSM",
        "Best regards,\nAna Ruiz\n+34 600 000 000",
        "Un saludo,\n\nAna Ruiz\nGlobex",
        "Atenciosamente,\nAna Ruiz",
        "Muito obrigada,\nAna",
        "Sent from my iPhone",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Enviado desde Outlook para Android",
        "Get Outlook for iOS<https://aka.example/o>",
        "AVISO LEGAL: Este mensaje y sus adjuntos son confidenciales.",
        "This message is confidential and intended only for its recipient.",
        "Esta mensagem é confidencial e destina-se exclusivamente ao seu destinatário.",
    ],
)
def test_signatures_and_disclaimers_are_apart(signature: str) -> None:
    parts = split(f"Nos vemos el martes.\n\n{signature}\n", None)
    assert parts.new_text == "Nos vemos el martes."
    assert parts.signature == signature.strip()


def test_a_mail_of_thanks_only_is_its_own_text() -> None:
    assert split("Muchas gracias,\nAna", None).new_text == "Muchas gracias,\nAna"
    assert split("Thanks, that works for us.", None).new_text == "Thanks, that works for us."


@pytest.mark.parametrize(
    "marker",
    ["---------- Forwarded message ---------", "---------- Mensaje reenviado ---------", "Begin forwarded message:",
     "---------- Mensagem encaminhada ---------"],
)  # fmt: skip
def test_forwards_are_new_text(marker: str) -> None:
    headers = "From: Ana <ana@globex.example>\nDate: Monday\nSubject: Plan\nTo: Luis"
    text = f"Mira esto.\n\n{marker}\n{headers}\n\nQueremos renovar."
    parts = split(text, None)
    assert parts.new_text.startswith("Mira esto.") and parts.new_text.endswith("Queremos renovar.")
    assert parts.quoted_text == ""


def test_a_mail_passed_on_without_a_word_is_new_text() -> None:
    text = "De: Ana\nEnviado: lunes\nPara: Luis\nAsunto: Plan\n\nQueremos renovar."
    assert "Queremos renovar." in split(text, None).new_text


def test_inline_answers_keep_what_they_answer() -> None:
    text = (
        "Answers below.\n\nOn Mon, Mar 3, 2025 at 10:00 AM Ana <ana@globex.example> wrote:\n\n"
        "> What does it cost?\n\n90 euros.\n\n> When can you start?\n\nOn Monday.\n\n> Regards\n> Ana\n"
    )
    parts = split(text, None)
    assert parts.new_text == (
        "Answers below.\n\n> What does it cost?\n\n90 euros.\n\n> When can you start?\n\nOn Monday."
    )
    assert "> Regards" in parts.quoted_text


def test_an_answer_below_the_whole_quote_stands_alone() -> None:
    text = "On Mon, Mar 3, 2025 at 10:00 AM Ana <ana@globex.example> wrote:\n> Shall we?\n\nYes, let us.\n"
    assert split(text, None).new_text == "Yes, let us."


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote"><div class="gmail_attr">Le lun. Ana a noté :<br></div>'
        '<blockquote class="gmail_quote">viejo</blockquote></div>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>De:</b> Ana<br></div><div>viejo</div>',
        '<div class="OutlookMessageHeader">From: Ana</div><div>viejo</div>',
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>De:</b> Ana<br><b>Enviado:</b> lunes<br>'
        "<b>Para:</b> Luis<br><b>Asunto:</b> Plan</p></div></div><p>viejo</p>",
        '<div class="yahoo_quoted"><div>Ana:</div><div>viejo</div></div>',
        '<div class="moz-cite-prefix">Ana, lunes:<br></div><blockquote type="cite"><p>viejo</p></blockquote>',
        '<blockquote type="cite"><div>El 3 mar 2025, a las 10:00, Ana escribió:</div><div>viejo</div></blockquote>',
    ],
    ids=["gmail", "outlook web", "outlook express", "outlook", "yahoo", "thunderbird", "apple"],
)
def test_html_quotes_are_cut_by_structure(quote: str) -> None:
    parts = split("", f"<html><body><div>Sí, perfecto.</div><br>{quote}</body></html>")
    assert parts.new_text == "Sí, perfecto."
    assert "viejo" in parts.quoted_text


def test_html_signatures_and_forwards() -> None:
    signed = split("", '<div>Sí.<div class="gmail_signature">Ana Ruiz<br>Globex</div></div>')
    assert (signed.new_text, signed.signature) == ("Sí.", "Ana Ruiz\nGlobex")
    forward = split(
        "",
        '<div>Mira</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        "From: Ana<br>Subject: Plan<br></div>Queremos renovar.</div>",
    )
    assert forward.new_text.endswith("Queremos renovar.")


def test_words_with_dashes_and_dates_stay() -> None:
    text = (
        "This is not a ---------- line.\n\nOn Monday we wrote: the plan stands.\n"
        "From: our side, all is well.\n- one\n- two"
    )
    assert split(text, None).new_text == text


# What each source keeps of a mail differs: a signature, a closing, a forward. Its policy is put on our segments.
def _by_policy(text: str, source: str) -> str:
    parts = segments(text)
    if source.startswith("discourse"):
        if parts and parts[0].kind == "forward" and "orwarded" in parts[0].lines[0]:
            return re.split(r"\n\s*\n", parts[0].text, maxsplit=1)[1]
        return "\n\n".join(piece for index in range(len(parts)) if (piece := _discourse(parts, index)))
    if source.startswith("crisp"):
        kept: list[str] = []
        for part in parts:
            if part.kind not in ("new", "closing"):
                break
            kept.append(part.text)
        return "\n\n".join(kept)
    if [part.kind for part in parts][:1] == ["forward"]:
        parts = segments(re.split(r"\n\s*\n", parts[0].text, maxsplit=1)[-1])
    return assembled(parts).new_text


def _discourse(parts: list[Segment], index: int) -> str:
    part = parts[index]
    if part.kind in ("new", "closing"):
        return part.text
    around = any(p.kind == "new" for p in parts[:index]) and any(p.kind == "new" for p in parts[index + 1 :])
    if part.kind == "quote" and (around or not part.attributed):
        return "\n".join(line for line in part.lines if line.startswith(">"))
    return ""


def _normal(text: str, source: str) -> str:
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip()
    # mail-parser-reply leaves the line above Outlook's header block standing.
    return re.sub(r"[-\s]+$", "", text) if source.startswith("alfonsrv") else text


@pytest.mark.parametrize("source", ["discourse", "crisp-oss", "alfonsrv"])
def test_share_of_foreign_cases(source: str) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"needs the shared data at {SHARED}")
    cases = [json.loads(line) for line in (SHARED / "expected.jsonl").read_text("utf-8").splitlines()]
    cases = [case for case in cases if case["source"].startswith(source)]
    passed = sum(_passes(case) for case in cases)
    assert cases and passed / len(cases) >= 0.95


def _passes(case: dict[str, object]) -> bool:
    source = str(case["source"])
    with (SHARED / str(case["input"])).open(encoding="utf-8", errors="replace", newline="") as file:
        told = _normal(_by_policy(file.read(), source), source)
    checks = case["checks"]
    assert isinstance(checks, list)
    return all(_holds(check["op"], _normal(check["value"], source), told) for check in checks)


def _holds(operation: str, value: str, told: str) -> bool:
    if operation == "equals_strip":
        return told == value
    return (value in told) == (operation == "contains")


@pytest.mark.parametrize("case", new_text.cases(), ids=lambda case: case.id)
def test_mails_in_the_formats_of_mailers(case: new_text.Case) -> None:
    assert new_text.passes(case)
