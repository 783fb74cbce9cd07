"""Automatic and bulk mail, by headers first and by content in three languages."""

import pytest

from crm.signals.automatic import classify


@pytest.mark.parametrize(
    "headers",
    [
        {"auto-submitted": "auto-replied"},
        {"x-autoreply": "yes"},
        {"x-autorespond": "yes"},
        {"precedence": "auto_reply"},
        {"from": "Mail Delivery Subsystem <MAILER-DAEMON@globex.example>"},
        {"return-path": "<>"},
        {"content-type": 'text/calendar; charset=utf-8; method="REPLY"'},
        {"content-type": "multipart/report; report-type=delivery-status"},
    ],
)
def test_headers_tell_automatic_mail(headers: dict[str, str]) -> None:
    assert classify(headers, "Hello", "words") == (True, False)


@pytest.mark.parametrize(
    "headers", [{"precedence": "bulk"}, {"list-id": "<news.example>"}, {"list-unsubscribe": "<x>"}]
)
def test_headers_tell_bulk_mail(headers: dict[str, str]) -> None:
    assert classify(headers, "News", "words") == (False, True)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatic reply: Renewal", ""),
        ("Respuesta automática: Renovación", ""),
        ("Resposta automática: Renovação", ""),
        ("Accepted: Quarterly review", ""),
        ("Re: Renewal", "I am out of the office until Monday with limited access to mail."),
        ("Re: Renovación", "Estoy fuera de la oficina hasta el lunes. Para algo urgente, llame a Ana."),
        ("Re: Renovação", "Estou de férias até segunda-feira."),
    ],
)
def test_content_tells_absence_notices(subject: str, text: str) -> None:
    assert classify({}, subject, text) == (True, False)


@pytest.mark.parametrize(
    ("headers", "subject", "text"),
    [
        ({"auto-submitted": "no"}, "Renewal", "We want to renew."),
        (
            {"precedence": "normal", "from": "ana@globex.example"},
            "Out of budget",
            "We are out of budget this year.",
        ),
        ({}, "Vacaciones", "El mes que viene estaré de vacaciones, ¿lo vemos antes?"),
        ({"content-type": "text/calendar; method=REQUEST"}, "Invitation", "Join us."),
    ],
)
def test_people_are_not_machines(headers: dict[str, str], subject: str, text: str) -> None:
    assert classify(headers, subject, text) == (False, False)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Auto: Renewal", ""),
        ("Leído: Renovación", "El mensaje se leyó el martes."),
        ("Não é possível entregar: Renovação", ""),
        ("Re: x", "Este correo se ha generado automáticamente. No responda a este mensaje."),
        ("Re: x", "We have received your request and will get back to you within 24 hours."),
        ("Re: x", "Recebemos a sua solicitação, protocolo 12345."),
    ],
)
def test_receipts_and_machine_answers_are_automatic(subject: str, text: str) -> None:
    assert classify({}, subject, text) == (True, False)


def test_a_no_reply_address_is_a_machine() -> None:
    assert classify({"from": "Billing <no-reply@globex.example>"}, "Invoice", "words") == (True, False)


@pytest.mark.parametrize("subject", ["Read: our proposal", "Accepted offer", "Auto insurance"])
def test_subjects_that_only_look_automatic(subject: str) -> None:
    assert classify({}, subject, "We have received your invoice, thank you.") == (False, False)


@pytest.mark.parametrize(
    "footer",
    [
        "You are receiving this email because you subscribed.",
        "Has recibido este correo porque estás suscrito.",
        "Você está recebendo este e-mail porque se inscreveu.",
        "If you no longer wish to receive these notifications, reply with REMOVE.",
        "If you would like to stop receiving e-mail notifications, reply with REMOVE in the subject.",
        "Si ya no desea recibir nuestros correos, escríbanos.",
        "Se não quiser mais receber estas mensagens, responda SAIR.",
    ],
)
def test_a_newsletter_says_so_below(footer: str) -> None:
    assert classify({}, "News", "Our news.", footer) == (False, True)
    assert classify({}, "News", "Our news.") == (False, False)


@pytest.mark.parametrize(
    "footer",
    ["If you would like to stop the rollout, tell me.", "Si no desea seguir, avíseme.", "Se não quiser mais, diga."],
)
def test_a_person_may_write_about_stopping(footer: str) -> None:
    assert classify({"from": "Marketing <marketing@globex.example>"}, "Rollout", "Words.", footer) == (False, False)


@pytest.mark.parametrize(
    "sender", ["subscriptions@press.example", "newsletter@press.example", "boletín@prensa.example"]
)
def test_an_address_that_only_lists_write_from(sender: str) -> None:
    assert classify({"from": sender}, "News", "Our news.") == (False, True)


def test_an_automated_notification_says_so() -> None:
    assert classify({}, "News", "This e-mail is an automated notification of your order.") == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "We'd like to unsubscribe from the Pro plan.",
        "Unsubscribe us from the premium plan, please.",
        "We have received your message. We need this solved within 24 hours or we will terminate the contract.",
        "We've received your email, but in case nothing changes we will cancel.",
        "Hemos recibido tu correo. El plazo de 30 días nos parece excesivo y vamos a cancelar.",
        "Recebemos o seu pedido de renovação, mas o número de usuários está errado.",
    ],
)
def test_a_customer_who_leaves_or_complains_is_no_machine(text: str) -> None:
    assert classify({}, "Re: contract", text, text) == (False, False)


@pytest.mark.parametrize(
    "text",
    [
        "We have received your request. Your ticket number is 48213.",
        "Hemos recibido tu solicitud con el número 48213.",
        "Hemos recibido su consulta y le responderemos en un plazo de 48 horas.",
        "Recebemos seu pedido e responderemos em até 24 horas.",
    ],
)
def test_a_receipt_with_its_number_or_its_promise_is_automatic(text: str) -> None:
    assert classify({}, "Re: help", text) == (True, False)


@pytest.mark.parametrize(
    "footer", ["To unsubscribe, click here: https://x.example", "Unsubscribe", "unsubscribe: https://x.example/u"]
)
def test_the_foot_of_a_newsletter(footer: str) -> None:
    assert classify({}, "News", "Our news.", footer) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        "I am on vacation until Monday. Before I forget: we are cancelling the contract.",
        "Estaré de vacaciones hasta el lunes. Antes quiero decírselo: nos damos de baja.",
        "Estou de férias até segunda-feira. Já agora: vamos rescindir o contrato.",
        "I'm on vacation until Monday. We will not renew the contract.",
        "Estoy de vacaciones hasta el lunes, no vamos a renovar el contrato y nos damos de baja.",
        "Estou de férias até segunda-feira, não vamos renovar o contrato.",
    ],
)
def test_who_is_away_and_leaves_has_written_by_hand(text: str) -> None:
    assert classify({}, "Re: Renewal", text) == (False, False)
    assert classify({"auto-submitted": "auto-replied"}, "Re: Renewal", text) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until Monday. For cancellations, contact support@acme.example.",
        "I am out of the office until Monday. To cancel your subscription please write to my colleague Bob.",
        "Estoy fuera de la oficina hasta el lunes. Para cancelaciones, contacte con soporte.",
        "Estou ausente até segunda-feira. Para cancelamentos, fale com o suporte.",
    ],
)
def test_an_absence_notice_that_says_who_cancels_is_one(text: str) -> None:
    assert classify({}, "Re: Renewal", text) == (True, False)


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Automatic reply: Renewal",
        "RE: Respuesta automática: Revisión",
        "RES: Resposta automática: Comité",
        "Fwd: Out of office",
    ],
)
def test_an_answer_under_the_subject_of_an_automatic_one_was_written_by_hand(subject: str) -> None:
    assert classify({}, subject, "Next week is fine, let's say Tuesday at ten.") == (False, False)
    assert classify({}, subject, "I am out of the office until Monday.") == (True, False)
