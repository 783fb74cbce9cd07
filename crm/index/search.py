"""Search: dense and lexical together, inside one workspace and one filter."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.clock import Clock
from crm.index import lexical, packed
from crm.index.chunks import chunks
from crm.index.embedder import Embedder
from crm.index.vectors import VectorIndex
from crm.mails import MailFilter, StoredMail, get_mails
from crm.passing import few_mails, passing
from crm.signals.lexicon import concept_forms
from crm.slices import slices
from crm.timeline import texts

# Reciprocal rank fusion loses to the vectors alone when the words differ (paraphrase, another language); a small
# additive share of BM25 keeps exact terms and identifiers on top without hurting the rest.
LEXICAL_WEIGHT = 0.005
IDENTIFIER_WEIGHT = 1.0  # more than any likeness: who asks for LU-4821 means LU-4821
CANDIDATES = 60
FILE_EMBEDDED = 30_000  # characters of one file that vectors stand for; its words are all in the lexical index
EXACT_BELOW = 4000  # mails that a filter leaves: up to so many are compared exactly
MOST_ASKED = 5000  # neighbours that Chroma is asked for
_JOINED = re.compile(r"\w{2}[_.@]\w{2}|\w__?\w")


@dataclass(frozen=True, kw_only=True)
class Hit:
    """`score` is a cosine similarity plus the lexical share; only its order means something."""

    mail: StoredMail
    score: float


class SearchIndex:
    """Writes and queries both indexes. A mail is searchable when its row says `indexed_at`.

    After an update that brought another embedder, mails that wait for it are found by the vectors of the `former` one, whose
    likenesses are of about the same size, and by their words.
    """

    def __init__(self, vectors: VectorIndex, embedder: Embedder, clock: Clock, former: Embedder | None = None) -> None:
        self._vectors, self._embedder, self._clock, self._former = vectors, embedder, clock, former

    def embed(self, subject: str, new_text: str, files: Sequence[tuple[str, str]] = ()) -> NDArray[np.float32]:
        """One row per chunk of the mail, then of its attached `files` (name, text): shape (chunks, dimensions).

        Slow, so it is done outside of any transaction.
        """
        return self.embed_many([(subject, new_text, files)])[0]

    def embed_many(
        self, mails: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]
    ) -> tuple[NDArray[np.float32], ...]:
        """The rows of each (subject, new text, files), as `embed` gives them, in one go: the encoder works in batches."""
        pieces = [_pieces(*mail) for mail in mails]
        rows = self._embedder.embed([piece for held in pieces for piece in held])
        ends = np.cumsum([len(held) for held in pieces])
        return tuple(rows[end - len(held) : end] for held, end in zip(pieces, ends, strict=True))

    def put(self, session: Session, mail: schema.Mail, vectors: NDArray[np.float32]) -> None:
        """Index one mail in the caller's transaction; the row's `indexed_at` is set last.

        The caller has marked it outdated: a crash in between leaves it so, and it is indexed again with the same ids.
        """
        customer_ids = sorted(link.customer_id for link in mail.links)
        self._vectors.put(mail.workspace_id, mail.id, customer_ids, vectors)
        packed.put(session, mail.id, self._embedder.id, vectors)
        people = " ".join(f"{person.name} {person.email}" for person in mail.participants)
        names = " ".join(attachment.name for attachment in mail.attachments)
        lexical.put(
            session, mail.workspace_id, mail.id, subject=mail.subject, people=people,
            body=f"{mail.new_text}\n{names}", files="\n".join(text for _, text in files_of(mail)),
        )  # fmt: skip
        texts.put(session, mail)
        mail.indexed_at = self._clock()

    def begins_anew(self, workspace_id: int) -> bool:
        """Whether there are no vectors of this embedder yet; those of a former one are deleted then, and all mail is to be indexed."""
        if not self._vectors.is_new(workspace_id):
            return False
        self._vectors.drop_former(workspace_id)
        return True

    def drop(self, session: Session, workspace_id: int, mail_ids: Collection[str]) -> None:
        """Take mails out of both indexes."""
        self._vectors.drop(workspace_id, mail_ids)
        packed.drop(session, mail_ids)
        lexical.drop(session, mail_ids)
        texts.drop(session, mail_ids)
        for mail in session.scalars(select(schema.Mail).where(schema.Mail.id.in_(mail_ids))):
            mail.indexed_at = None

    def search(
        self, session: Session, workspace_id: int, query: str, chosen: MailFilter, *, limit: int = 8
    ) -> tuple[Hit, ...]:
        """The mails closest to the query, best first."""
        if not query.strip():
            return ()
        with ThreadPoolExecutor(max_workers=1) as aside:  # the encoder needs no interpreter while it computes
            encoded = aside.submit(self._embedder.embed_query, query)
            among = few_mails(session, workspace_id, chosen, EXACT_BELOW)
            tokens = lexical.tokens_of(session, _in_every_language(query))
            words = lexical.search(session, workspace_id, tokens, CANDIDATES * 5, among)
            identifiers = filter(is_identifier, query.split())
            named = [lexical.containing(session, workspace_id, token, among) for token in identifiers]
            vector = encoded.result()
        if among is not None:
            cosine = dict.fromkeys(words, 0.0) | self._exact(session, workspace_id, query, vector, among)
        else:
            telling = (found for found in named if len(found) <= CANDIDATES * 5)  # of a year, the nearest are enough
            near = self._near(session, workspace_id, vector, chosen)
            if len(near) < CANDIDATES:  # few vectors, as while all is indexed anew: words are what there is
                words = lexical.search(session, workspace_id, tokens, CANDIDATES * 5, rarest=True)
            worded = passing(session, workspace_id, chosen, {*words, *chain.from_iterable(telling)} - near.keys())
            cosine = dict.fromkeys(worded, 0.0) | self._exact(session, workspace_id, query, vector, worded) | near
            # and what the nearest hold of words that were too many to be looked for everywhere
            words |= lexical.search(session, workspace_id, tokens, len(cosine), cosine.keys())
        for mail_id in (mail_id for found in named for mail_id in found & cosine.keys()):
            cosine[mail_id] += IDENTIFIER_WEIGHT
        scores = {mail_id: value + LEXICAL_WEIGHT * words.get(mail_id, 0.0) for mail_id, value in cosine.items()}
        best = sorted(scores, key=lambda mail_id: (-scores[mail_id], mail_id))[:limit]
        mails = get_mails(session, workspace_id, best)
        return tuple(Hit(mail=mails[mail_id], score=scores[mail_id]) for mail_id in best if mail_id in mails)

    def _near(
        self, session: Session, workspace_id: int, vector: NDArray[np.float32], chosen: MailFilter
    ) -> dict[str, float]:
        """Cosines of the nearest mails that pass.

        Chroma is asked without the filter, of which it is slow, for more and more until enough of what it finds passes.
        """
        wanted = CANDIDATES * 5
        while True:
            cosine = self._vectors.nearest(workspace_id, vector, wanted)
            allowed = passing(session, workspace_id, chosen, cosine)
            if len(allowed) >= CANDIDATES or wanted >= MOST_ASKED:
                return {mail_id: cosine[mail_id] for mail_id in allowed}
            wanted = min(wanted * 4, MOST_ASKED)

    def _exact(
        self, session: Session, workspace_id: int, query: str, vector: NDArray[np.float32], mail_ids: Collection[str]
    ) -> dict[str, float]:
        """The cosine of each of these mails of which there are vectors: those without are found by words alone."""
        cosine = packed.similarity(session, self._embedder.id, vector, mail_ids)
        waiting = [mail_id for mail_id in mail_ids if mail_id not in cosine]
        if self._former is not None and packed.holds(session, self._former.id, waiting):
            cosine |= packed.similarity(session, self._former.id, self._former.embed_query(query), waiting)
        # Some were indexed before vectors were kept with rows; others are not indexed yet.
        earlier = _indexed(session, [mail_id for mail_id in waiting if mail_id not in cosine])
        return cosine | self._vectors.similarity(workspace_id, vector, earlier)


def _indexed(session: Session, mail_ids: Collection[str]) -> list[str]:
    query = select(schema.Mail.id).where(schema.Mail.indexed_at.is_not(None))
    return [found for piece in slices(mail_ids) for found in session.scalars(query.where(schema.Mail.id.in_(piece)))]


def files_of(mail: schema.Mail) -> tuple[tuple[str, str], ...]:
    """(name, text) of the mail's files that were read."""
    read = (held for held in mail.attachments if held.status in ("done", "partial"))
    return tuple((held.name, held.content.text) for held in read if held.content is not None)


def _pieces(subject: str, new_text: str, files: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    attached = (piece for name, text in files for piece in chunks(name, text[:FILE_EMBEDDED]))
    return (*chunks(subject, new_text), *attached)


def is_identifier(token: str) -> bool:
    """A ticket, an order, an invoice, an amount: three characters or more with a digit among them. Or words that are written
    as one: an error code, a file, an address ("TOKEN_EXPIRED", "contrato.pdf", "ana@acme.example").
    """
    return len(token) > 2 and (any(char.isdigit() for char in token) or _JOINED.search(token) is not None)


def _in_every_language(query: str) -> str:
    """The query with its business words in all their forms: "renewal" also finds "renovación" and "renova"."""
    return " ".join(form for word in query.split() for form in sorted(concept_forms(word)))
