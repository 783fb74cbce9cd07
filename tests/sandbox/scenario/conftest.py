from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest

from sandbox.scenario.builder import build
from sandbox.scenario.schedule import anchor_instant

ANCHOR = anchor_instant("2026-11-03", datetime.fromisoformat("2026-11-03T12:00:00+00:00"))

STORY = """
customer: {name: Café Luz, aliases: [Luz], domains: [cafeluz.example], arr: 1200, plan: Starter, status: active,
           renewal_in_days: 10, segment: Food, language: LANGUAGE}
contacts:
  - {key: nuno, name: Nuno Conceição, email: nuno@cafeluz.example, client: CLIENT, role: Champion,
     signature: "Nuno Conceição\\nCafé Luz"}
threads:
  - key: prices
    subject: "Preços: café à açoriana"
    mails:
      - {day: -5, time: "10:02", from: csm, to: [nuno], body: "Olá Nuno, ¿qué tal? São 40 € por mês."}
      - {day: -4, time: "09:30", from: nuno, to: [csm], body: "Não está mal, coração: 'añejo' é 12 %."}
      - {day: -3, time: "18:05", from: csm, to: [nuno], body: "Then 12 it is."}
"""
NOISE = """
threads:
  - key: news
    subject: News
    mails:
      - {day: 0, time: "23:50", from: "News <n@news.example>", to: [csm], body: "Read this."}
"""


def parse(path: Path) -> EmailMessage:
    """The mail as a standard reader sees it."""
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def plain(message: EmailMessage) -> str:
    """The plain text a reader shows."""
    part = message.get_body(("plain",))
    assert part is not None
    return cast(str, part.get_content()).replace("\r\n", "\n")


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped scenario, told from 3 November 2026, 18:00 in Madrid."""
    out = tmp_path_factory.mktemp("scenario")
    build(out, ANCHOR)
    return out


@pytest.fixture(scope="session")
def mails(scenario: Path) -> dict[str, EmailMessage]:
    """The shipped mails by file name, in order."""
    return {path.name: parse(path) for path in sorted((scenario / "mailbox").iterdir())}


@pytest.fixture
def small(tmp_path: Path) -> Callable[[str, str], list[EmailMessage]]:
    """Build the three-mail story with a contact who uses the given program and language."""

    def write(client: str, language: str) -> list[EmailMessage]:
        data = tmp_path / f"data-{client}-{language}"
        (data / "stories").mkdir(parents=True)
        story = STORY.replace("CLIENT", client).replace("LANGUAGE", language)
        (data / "stories" / "luz.yaml").write_text(story, encoding="utf-8")
        (data / "noise.yaml").write_text(NOISE, encoding="utf-8")
        out = tmp_path / f"out-{client}-{language}"
        build(out, ANCHOR, data)
        return [parse(path) for path in sorted((out / "mailbox").iterdir()) if "luz-prices" in path.name]

    return write
