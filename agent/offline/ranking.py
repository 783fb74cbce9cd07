"""Which of the sentences that were read answers a question best: a linear model over what is known of each and of its mail, learnt
from questions with the mails that answer them (evals/answers/train_ranking.py, which writes ranking.tsv).

A sentence alone says little of its mail: "Approved." answers the mail before it, and what was said in March was said anew in May.
So beside its own likeness to the question count those of its mail and conversation, and where it stands in time.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.offline.extract import Extract
from crm.mails import StoredMail

FEATURES = (
    "meaning", "nearest", "beside", "mail", "conversation", "later_in_it", "words", "sought", "asks", "length", "automatic",
    "newer", "newer_state", "newer_story", "theirs", "their_reaction", "told_before", "told_again", "next_after",
)  # fmt: skip
WEIGHTS = Path(__file__).with_name("ranking.tsv")
Rows = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What of a question its answers are ranked by: the addresses of the `people` asked after, the ids of the mails `told` of before, and
    whether it asks for a `state`, a `reaction`, what was `asked`, goes on with a `story`, or asks `again` of what was told.
    """

    people: Collection[str] = ()
    told: Collection[str] = ()
    state: bool = False
    reaction: bool = False
    asked: bool = False
    story: bool = False
    again: bool = False


def ranked(asked: Asked, read: Mapping[str, Sequence[Extract]]) -> dict[str, list[Extract]]:
    """The sentences that were read of each mail, by its id, with their `rank`: how much more probable than another one, as a logarithm."""
    every = [extract for extracts in read.values() for extract in extracts]
    if not every:
        return {}
    ranks = features(asked, every) @ weights()
    ranks -= np.log(np.exp(ranks - ranks.max()).sum()) + ranks.max()
    found: dict[str, list[Extract]] = {}
    for extract, rank in zip(every, ranks, strict=True):
        found.setdefault(extract.mail.id, []).append(replace(extract, rank=float(rank)))
    return found


def features(asked: Asked, read: Sequence[Extract]) -> Rows:
    """Shape (sentences, FEATURES)."""
    mails = sorted({extract.mail.id: extract.mail for extract in read}.values(), key=lambda mail: mail.sent_at)
    likeness = {(extract.mail.id, extract.place): extract.whole for extract in read}
    best = {mail.id: max(held.whole for held in read if held.mail.id == mail.id) for mail in mails}
    held = {mail.id: _of_mail(asked, mail, mails, best) for mail in mails}
    rows = [{**held[extract.mail.id], **_of_sentence(asked, extract, likeness)} for extract in read]
    return np.array([[row[name] for name in FEATURES] for row in rows], dtype=np.float32)


def _of_sentence(asked: Asked, extract: Extract, likeness: Mapping[tuple[str, int], float]) -> dict[str, float]:
    around = ((extract.mail.id, extract.place + step) for step in (-1, 1))
    return {
        "meaning": extract.whole,
        "nearest": extract.cosine,
        "beside": max((likeness.get(place, 0.0) for place in around), default=0.0),
        "words": extract.named or 0.0,
        "sought": extract.answers,
        "asks": "?" in extract.quote and not asked.asked,
        "length": math.log(len(extract.quote)),
    }


def _of_mail(
    asked: Asked, mail: StoredMail, mails: Sequence[StoredMail], best: Mapping[str, float]
) -> dict[str, float]:
    conversation = [held for held in mails if _conversation(held) == _conversation(mail)]
    place, newer = conversation.index(mail), _share(mails.index(mail), mails)
    before = conversation[place - 1].id if place else ""
    return {
        "mail": best[mail.id],
        "conversation": max((best[held.id] for held in conversation if held is not mail), default=0.0),
        "later_in_it": _share(place, conversation),
        "automatic": mail.automatic or mail.bulk,
        "newer": newer,
        "newer_state": newer * asked.state,
        "newer_story": newer * asked.story,
        "theirs": mail.sender.email in asked.people,
        "their_reaction": asked.reaction and mail.direction == "inbound",
        "told_before": mail.id in asked.told,
        "told_again": asked.again and mail.id in asked.told,
        "next_after": before in asked.told and mail.id not in asked.told,
    }


def _conversation(mail: StoredMail) -> tuple[str, str]:
    return mail.mailbox, mail.gmail_thread_id


def _share(place: int, of: Sequence[StoredMail]) -> float:
    """0 for the first to 1 for the last."""
    return place / max(len(of) - 1, 1)


@cache
def weights() -> Rows:
    held = dict(_lines(WEIGHTS.read_text("utf-8").splitlines()))
    return np.array([held[name] for name in FEATURES], dtype=np.float32)


def _lines(lines: Iterable[str]) -> Iterable[tuple[str, float]]:
    for line in lines:
        name, weight = line.split("\t")
        yield name, float(weight)
