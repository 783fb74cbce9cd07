"""Mails both Gmails are given, beside the first."""

from datetime import timedelta
from email.message import EmailMessage

from tests.sandbox.gmail.conftest import ANA, NOW, mail


def _report() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Carla <carla@acme.example>", ANA, "Report"
    message["Date"], message["Message-ID"] = "Mon, 02 Nov 2026 11:00:00 +0000", "<report@acme.example>"
    message.set_content("The text")
    message.add_attachment(b"%PDF-1.7 \xff", maintype="application", subtype="pdf", filename="report.pdf")
    return message.as_bytes()


REPORT = _report()
MAILS = [
    REPORT,
    *(
        mail(
            "dan@initech.example", subject=f"Weekly {n}", text=f"Week {n}", date=NOW - timedelta(days=n + 2),
            Message_ID=f"<weekly{n}@initech.example>",
        )
        for n in range(3)
    ),
]  # fmt: skip
