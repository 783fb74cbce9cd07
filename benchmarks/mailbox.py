"""Mails for measuring with: conversations with customers and with others, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from importlib.resources import files
from pathlib import Path
from random import Random

CSM = "vera@lealup.example"
CUSTOMERS = tuple(f"customer{number}.example" for number in range(20))
_OTHERS = tuple(f"other{number}.example" for number in range(40))
_OF_CUSTOMERS = 0.6
_LONGEST = 7  # messages of a conversation


def mails(count: int, *, now: datetime, seed: int = 1) -> Iterator[bytes]:
    """`count` mails of the last 80 days, six of ten conversations a customer's, in English, Spanish and Portuguese."""
    rng, sentences, made, number = Random(seed), _sentences(), 0, 0
    while made < count:
        number += 1
        domain = rng.choice(CUSTOMERS if rng.random() < _OF_CUSTOMERS else _OTHERS)
        people = (f"Ana Bell <ana@{domain}>", f"Vera <{CSM}>")
        begun, ids, said = now - timedelta(days=rng.uniform(1, 80)), list[str](), ""
        for position in range(min(rng.randint(1, _LONGEST), count - made)):
            message = EmailMessage()
            message["From"], message["To"] = people[position % 2], people[(position + 1) % 2]
            message["Subject"] = ("Re: " if position else "") + f"Conversation {number}"
            message["Date"] = format_datetime(begun + timedelta(hours=position))
            message["Message-ID"] = f"<{seed}.{number}.{position}@{domain}>"
            if ids:
                message["References"], message["In-Reply-To"] = " ".join(ids), ids[-1]
            ids.append(str(message["Message-ID"]))
            own = "\n\n".join(" ".join(rng.sample(sentences, 2)) for _ in range(rng.randint(1, 4)))
            message.set_content(own + (f"\n\nOn Monday, Ana wrote:\n{said}" if said else "") + "\n")
            message.add_alternative(f"<p>{own}</p><blockquote>{said}</blockquote>", subtype="html")
            said = "\n".join(f"> {line}" for line in own.splitlines())
            made += 1
            yield message.as_bytes()


def write(folder: Path, count: int, *, now: datetime, seed: int = 1) -> Path:
    """The mails as files of a folder, for `python -m sandbox gmail`."""
    folder.mkdir(parents=True)
    for number, raw in enumerate(mails(count, now=now, seed=seed)):
        (folder / f"{number:06}.eml").write_bytes(raw)
    return folder


def _sentences() -> list[str]:
    texts = (
        files("crm.signals").joinpath(f"tone_sentences.{code}.tsv").read_text("utf-8") for code in ("en", "es", "pt")
    )
    return [line.split("\t")[1] for text in texts for line in text.splitlines() if "\t" in line]
