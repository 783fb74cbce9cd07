"""Picking the sentences of a mail that say most about a topic, or most of what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crm.folding import fold
from crm.index.embedder import Embedder
from crm.mails import StoredMail
from crm.signals.injection import speaks_to_an_assistant
from crm.signals.lexicon import in_every_language
from crm.signals.sentences import split

_COURTESY = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon)|hola|buen[oa]s|estimad|querid|ola|bom dia|boa tarde|prezad|car[oa]s?"
    r"|thanks|thank you|best|regards|kind|cheers|sincerely|un saludo|saludos|gracias|un abrazo|abrazo|abraco|obrigad|atenciosamente"
    r"|cumprimentos|att|espero que|hope (?:you|this|all)|i hope)\b",
)
# Lines of somebody else's mail, as old programs quote them, of a header, or only an address of the web.
_FOREIGN = re.compile(r"\s*(?:[>|]|--\]|(?:From|To|Cc|Subject|Date|Message-ID):\s|https?://\S+\s*$)")
_WORD = re.compile(r"\w+")
_SHORTEST, _SHORTEST_QUESTION, _LONGEST = 8, 10, 300  # characters of a sentence worth quoting
_MOST = 120  # sentences of all mails together
_FULL = 600  # characters of a mail that is quoted as a whole
_MARK = 3  # characters of an item's number
_FROM_FILES = 8  # sentences of one mail's files
_SIGNATURE = 8  # lines at the end of a mail where its sender may sign
_SIGNED = 0.5  # how close a line of a signature must be to the topic
_NAMED = 0.5  # what a sentence gains when it names the whole topic
_FIGURE, _CRITICAL = 0.15, 0.25
_TELLING = 0.1
_SOUGHT = 0.15
_NUMBER_LEFT = re.compile(r"(?<=[:;.!?])\s+(?:\d{1,2}|[a-z])[.)]$")  # of the next item of a list
_FRAGMENT, _LINE = 28, 240  # characters
_IN_SUBJECT = 0.7  # … and the share of that when only its mail's subject does
_READ, _READ_EACH = 16, 2  # sentences that the slower encoder reads, in all and of one mail
_READ_ALL, _READ_ALL_EACH = 48, 3  # … where they are ranked
# Its likenesses are smaller. Of ten mails that are not meant, the best sentence lies below .243 by it and below .318 by the
# first in nine of ten questions, below .261 and .341 in nineteen of twenty (crm/index/questions.tsv, an author left out).
_SCALE = 1.3


@dataclass(frozen=True, kw_only=True)
class Extract:
    """`quote` stands verbatim in the mail; `score` orders, and is made of `cosine` (meaning, by whoever read it, on the scale of
    the first encoder) and `named` (share of the topic's words that stand there). `whole` is the likeness to the whole
    question, where its customer is known and a reader read it, else to the topic; `place` the sentence's among those of its mail that were
    compared. `answers`: it holds what is sought, or `more`, another sentence of the mail, does.
    `rank` orders before `score` where the sentences of all mails were ranked (`agent.offline.ranking`).
    """

    mail: StoredMail
    quote: str
    score: float
    cosine: float = 0.0
    named: float | None = 0.0
    whole: float = 0.0
    place: int = 0
    answers: bool = False
    more: str = ""
    rank: float = 0.0

    @property
    def worth(self) -> float:
        """`score`, and more for a sentence that holds what is sought."""
        return self.score + _SOUGHT * self.answers

    @property
    def order(self) -> tuple[float, float]:
        """What sorts the answers to a question, the best last."""
        return self.rank, self.worth


# The sentences that were read, by their mail's id, to the same with a `rank`.
Rank = Callable[[Mapping[str, Sequence[Extract]]], Mapping[str, Sequence[Extract]]]


def sentences(mail: StoredMail) -> list[str]:
    """The sentences of a mail that carry content, in order, whitespace collapsed: no greeting, and not who signed it."""
    return _content(_unsigned(mail))


def _content(text: str) -> list[str]:
    found = [piece for piece in split(text) if not _FOREIGN.match(piece)] or split(text)
    return [piece for piece in found if _is_long_enough(piece) and not _says_nothing(piece)] or [
        piece for piece in found if len(piece) > 2
    ]


def _is_long_enough(piece: str) -> bool:
    """ "¿Cuándo sale?" is as good a question as a long one."""
    return len(piece) >= (_SHORTEST_QUESTION if "?" in piece else _SHORTEST)


def _says_nothing(piece: str) -> bool:
    return _FOREIGN.match(piece) is not None or _COURTESY.match(fold(piece)) is not None


def _unsigned(mail: StoredMail) -> str:
    """The text up to the line its sender signed with: the name, which job title and company follow."""
    lines = mail.new_text.splitlines()
    name = fold(mail.sender.name or "").split()
    signatures = {" ".join(name), *name[:1]} - {""}
    for place in range(len(lines) - 1, 0, -1):
        if len(lines) - place > _SIGNATURE:
            break
        words = _WORD.findall(fold(lines[place]))
        second_surname = len(name) > 1 and words[: len(name)] == name and len(words) <= len(name) + 2
        if " ".join(words) in signatures or second_surname:
            return "\n".join(lines[:place])
    return mail.new_text


def about(
    topic: str,
    mails: Sequence[StoredMail],
    embedder: Embedder,
    reader: Embedder | None = None,
    sought: re.Pattern[str] | None = None,
    question: str = "",
    rank: Rank | None = None,
) -> list[Extract]:
    """The sentence of each mail closest to the topic: by meaning, and by its words in any of the three languages; or, with `rank`, the
    one of most.

    `reader` is slower and knows better what answers a question; it reads the few that `embedder` and the words put first. Of
    sentences about as close, one that holds what is `sought` (`agent.offline.sought`) is told, or the one beside it that does.
    What is near the whole `question` is as near as what is near its topic.
    """
    written = {mail.id: set(sentences(mail)) for mail in mails}
    everything = [(mail, sentence) for mail in mails for sentence in _content(mail.new_text)]
    everything = _nearest_by_words(everything, topic)
    pool = [(mail, sentence[:_LONGEST]) for mail, sentence in everything]
    signed = [sentence not in written[mail.id] for mail, sentence in everything]
    files = [(mail, sentence[:_LONGEST]) for mail in mails for sentence in _from_files(mail, topic)]
    pool += files
    signed += [False] * len(files)
    if not pool:
        return []
    rows = embedder.embed([topic, *(sentence for _, sentence in pool)])
    closeness = rows[1:] @ rows[0]
    families = [{fold(form) for form in in_every_language(word)} for word in topic.split()]
    subjects = {mail.id: _share(families, mail.subject) for mail in mails}
    scored: dict[str, list[Extract]] = {}
    first_of_files = len(pool) - len(files)
    for number, ((mail, sentence), cosine, signature) in enumerate(zip(pool, closeness, signed, strict=True)):
        if signature and cosine < _SIGNED:
            continue  # "Chief Financial Officer" answers who the CFO is, and nothing else
        named = max(_share(families, sentence), _IN_SUBJECT * subjects[mail.id])
        held = scored.setdefault(mail.id, [])
        place = len(held) if number < first_of_files else -2 * number  # what is picked out of a file has no neighbour
        held.append(_extract(mail, sentence, place, [float(cosine)], named, sought))
    if reader is not None:
        most, each = (_READ_ALL, _READ_ALL_EACH) if rank else (_READ, _READ_EACH)
        scored = _read([*filter(None, [question]), topic], scored, reader, sought, most=most, each=each)
    return [_of_mail(extracts, sought) for extracts in (rank(scored) if rank else scored).values()]


def nearest(
    questions: Sequence[str],
    mails: Sequence[StoredMail],
    embedder: Embedder,
    reader: Embedder | None,
    sought: re.Pattern[str] | None,
    rank: Rank | None = None,
) -> list[Extract]:
    """The sentence of each mail that comes nearest to a whole question by its meaning, or answers it best by its `rank`, the best
    first; `questions` are all the same, with less or more of what was asked before.
    """
    pool = [(mail, sentence[:_LONGEST]) for mail in mails for sentence in sentences(mail)][-_MOST:]
    if not pool:
        return []
    rows = embedder.embed([*questions, *(sentence for _, sentence in pool)])
    likenesses = rows[len(questions) :] @ rows[: len(questions)].T
    scored: dict[str, list[Extract]] = {}
    for (mail, sentence), alike in zip(pool, likenesses, strict=True):
        held = scored.setdefault(mail.id, [])
        held.append(_extract(mail, sentence, len(held), alike.tolist(), None, sought))
    if reader is not None:
        scored = _read(questions, scored, reader, sought, most=_READ_ALL, each=_READ_ALL_EACH)
    best = (_of_mail(extracts, sought) for extracts in (rank(scored) if rank else scored).values())
    return sorted(best, key=lambda held: held.order, reverse=True)


def _of_mail(extracts: Sequence[Extract], sought: re.Pattern[str] | None) -> Extract:
    """What a mail is quoted with, of the sentences that were read of it."""
    return _answering(_widened(_best(extracts), sought), extracts)


def _best(extracts: Sequence[Extract]) -> Extract:
    """The sentence of a mail worth most; how near the mail is to the topic its nearest sentence tells."""
    nearest, best = (max(extracts, key=key) for key in (lambda held: held.score, lambda held: held.order))
    return replace(nearest, quote=best.quote, answers=best.answers, rank=best.rank)


def _answering(extract: Extract, extracts: Sequence[Extract]) -> Extract:
    """With another sentence of the mail that holds what is sought, where this one does not."""
    others = [held for held in extracts if held.answers and held.quote not in extract.quote]
    if extract.answers or not others:
        return extract
    return replace(extract, more=max(others, key=lambda held: held.score).quote, answers=True)


def _extract(
    mail: StoredMail,
    sentence: str,
    place: int,
    alike: Sequence[float],
    named: float | None,
    sought: re.Pattern[str] | None = None,
) -> Extract:
    """`alike`: its likeness to the whole question first. `named` is None where no words are looked for; then only the meaning counts."""
    cosine = max(alike)
    score = cosine if named is None else cosine + _NAMED * named + _telling(sentence)
    answers = sought is not None and sought.search(fold(sentence)) is not None
    return Extract(
        mail=mail,
        quote=sentence,
        score=score,
        cosine=cosine,
        named=named,
        whole=alike[0],
        place=place,
        answers=answers,
    )


def _widened(extract: Extract, sought: re.Pattern[str] | None) -> Extract:
    """With the sentence behind it, or else before it, as far as a line has room: what a sentence is about stands beside it often
    ("the PO number is missing" – "it is 4500083121"). One that holds what is sought goes first; a sentence that announces a
    list is told with what it announces.
    """
    beside = [piece for piece in split(_unsigned(extract.mail)) if not _says_nothing(piece)]
    if extract.quote not in beside:
        return extract
    place, whole = beside.index(extract.quote), " ".join(extract.mail.new_text.split())
    if extract.quote.endswith(":"):
        listed = (_as_it_stands(beside[place:end], whole) for end in range(len(beside), place + 1, -1))
        quotes = [quote for quote in listed if quote and len(quote) <= _LONGEST][:1]
    else:
        pairs = [beside[place : place + 2], beside[max(place - 1, 0) : place + 1]]
        quotes = [
            quote for pair in pairs if len(pair) == 2 and len(quote := " ".join(pair)) <= _LINE and quote in whole
        ]
    others = {quote: fold(quote.replace(extract.quote, "", 1)) for quote in quotes}
    telling = [quote for quote in quotes if sought and sought.search(others[quote])]
    if not (telling or quotes):
        return extract
    quote = _NUMBER_LEFT.sub("", (telling or quotes)[0])
    if quote.endswith(":") and quote != extract.quote:  # "… Conditions:" is told with them
        start = place + 1
        longer = (_as_it_stands(beside[place:end], whole) for end in range(len(beside), start + 1, -1))
        quote = next((held for held in longer if held and len(held) <= _LONGEST), quote)
    return replace(extract, quote=quote, answers=extract.answers or bool(telling))


def in_full(extract: Extract, most: int = _FULL) -> Extract:
    """With what stands around the quote, one sentence after the other to both sides, as far as there is room: of a short mail all
    but greeting and signature. What answers a question stands in the right mail more often than in its nearest sentence.
    """
    whole = " ".join(extract.mail.new_text.split())
    places, end = list[tuple[int, int, str]](), 0
    for piece in split(_unsigned(extract.mail)):
        if (start := whole.find(piece, end)) >= 0:
            end = start + len(piece)
            places.append((start, end, piece))
    begins = whole.find(extract.quote)
    ends = begins + len(extract.quote)
    inside = [number for number, (start, end, _) in enumerate(places) if start < ends and end > begins]
    if begins < 0 or not inside or ends - begins > most:
        return extract
    first, last = inside[0], inside[-1]
    low, high = min(begins, places[first][0]), max(ends, places[last][1])
    grows = True
    while grows:  # one sentence after the other, until there is no room, or somebody else's words
        grows = False
        for number in (last + 1, first - 1):
            if not 0 <= number < len(places) or _FOREIGN.match(places[number][2]):
                continue
            start, end, _ = places[number]
            if max(high, end) - min(low, start) <= most:
                first, last = min(first, number), max(last, number)
                low, high, grows = min(low, start), max(high, end), True
    while first < inside[0] and _says_nothing(places[first][2]):  # no greeting
        first += 1
    while last > inside[-1] and _says_nothing(places[last][2]):
        last -= 1
    text = whole[min(begins, places[first][0]) : max(ends, places[last][1])]
    return replace(extract, quote=text, more="" if extract.more in text else extract.more)


def _as_it_stands(pieces: Sequence[str], whole: str) -> str:
    """Sentences that follow each other, from the first to the last, with the signs of a list between them; "" where they don't."""
    start = end = whole.find(pieces[0])
    for piece in pieces:
        begins = whole.find(piece, end)
        if start < 0 or begins < 0 or len(whole[end:begins].strip(" -–—•*·")) > _MARK:
            return ""
        end = begins + len(piece)
    return whole[start:end]


def _read(
    queries: Sequence[str],
    scored: Mapping[str, Sequence[Extract]],
    reader: Embedder,
    sought: re.Pattern[str] | None,
    *,
    most: int,
    each: int,
) -> dict[str, list[Extract]]:
    """The best of each mail with what `reader` thinks of them, each below its mail's subject: how near the nearest query is."""
    ranked = [
        (place, extract)
        for extracts in scored.values()
        for place, extract in enumerate(sorted(extracts, key=lambda held: -held.worth)[:each])
    ]
    some = [extract for _, extract in sorted(ranked, key=lambda held: (held[0], -held[1].score))[:most]]
    if not some:
        return {}
    rows = reader.embed([f"{extract.mail.subject}\n{extract.quote}" for extract in some])
    likenesses = _SCALE * np.stack([rows @ reader.embed_query(query) for query in queries], axis=1)
    found: dict[str, list[Extract]] = {}
    for extract, alike in zip(some, likenesses, strict=True):
        read = _extract(extract.mail, extract.quote, extract.place, alike.tolist(), extract.named, sought)
        found.setdefault(extract.mail.id, []).append(read)
    return found


def _nearest_by_words(held: list[tuple[StoredMail, str]], topic: str) -> list[tuple[StoredMail, str]]:
    """As many sentences as are embedded while somebody waits: all of short mails; of long ones those that name the topic, and
    the first.
    """
    if len(held) <= _MOST:
        return held
    families = [{fold(form) for form in in_every_language(word)} for word in topic.split()]
    places: dict[str, int] = {}
    ranks: list[tuple[float, int, int]] = []
    for index, (mail, sentence) in enumerate(held):
        place = places[mail.id] = places.get(mail.id, -1) + 1
        ranks.append((-_share(families, sentence), place, index))
    return [held[index] for index in sorted(index for _, _, index in sorted(ranks)[:_MOST])]


def _telling(sentence: str) -> float:
    """What a sentence gains for a figure or a question, and loses when it is a fragment or only announces what follows."""
    if sentence.endswith(":") or len(sentence) < _FRAGMENT:
        return -_TELLING
    return _TELLING if "?" in sentence or any(char.isdigit() for char in sentence) else 0.0


def _from_files(mail: StoredMail, topic: str) -> list[str]:
    """The sentences of a mail's files that name the topic best: a file is long, and most of it is about other things."""
    families = [{fold(form) for form in in_every_language(word)} for word in topic.split()]
    found = [sentence for _, text in mail.files if not speaks_to_an_assistant(text) for sentence in _content(text)]
    named = [sentence for sentence in found if _share(families, sentence) > 0]
    return sorted(named, key=lambda sentence: -_share(families, sentence))[:_FROM_FILES]


def _share(families: list[set[str]], text: str) -> float:
    """Which share of the topic's words, in any of their forms, stand in a text."""
    folded = fold(text)
    words = set(_WORD.findall(folded))
    hits = sum(
        1 for family in families if any(form in words or (not form.isalnum() and form in folded) for form in family)
    )
    return hits / max(len(families), 1)


def named_by(words: str, text: str) -> float:
    """Which share of some words, in any form and language, stands in a text."""
    return _share([{fold(form) for form in in_every_language(word)} for word in words.split()], text)


def _telling_more(sentence: str, mail: StoredMail) -> float:
    """What a sentence gains for a figure or a question, and for a critical word that was marked in it."""
    figure = any(char.isdigit() for char in sentence) or "?" in sentence
    critical = any(" ".join(mark.form.split()) in sentence for mark in mail.keywords if not mark.negated)
    return _FIGURE * figure + _CRITICAL * critical


def gist(mail: StoredMail, embedder: Embedder, *, most: int = 2) -> list[Extract]:
    """The sentences nearest to the mail's middle, in the order they stand: a summary in its own words."""
    pool = [sentence[:_LONGEST] for sentence in sentences(mail)][: _MOST // 2]
    if not pool:
        return []
    rows = embedder.embed(pool)
    middle = rows.mean(axis=0)
    weight = rows @ (middle / (np.linalg.norm(middle) or 1.0))
    weight += np.array([_telling_more(sentence, mail) for sentence in pool])
    best = sorted(np.argsort(-weight)[:most])
    return [Extract(mail=mail, quote=pool[place], score=float(weight[place])) for place in best]
