"""Putting stored mail where it belongs: links, what each copy counts as, and bodies that nobody may keep."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, lazyload, selectinload

from crm import schema
from crm.association import Match
from crm.slices import slices
from ingestion.judgement import COPYS_OWN, Case, Rules, Verdict, judge, load_rules, people_of
from ingestion.pending import fetch_again
from ingestion.reasons import HIDING_LABELS, NO_CUSTOMER, PRIVATE, UNLINKED, hidden_by

LOCK = {"key_share": True}  # of a mailbox row while its mail is judged; others may still insert rows that refer to it
_OF_THE_MAIL = (NO_CUSTOMER, UNLINKED)  # another copy's links may say otherwise
_WITHOUT_BODY = (  # a mail is judged by its head: its body need not be read
    defer(schema.Mail.text), defer(schema.Mail.html), defer(schema.Mail.new_text), defer(schema.Mail.quoted_text),
    defer(schema.Mail.signature), lazyload(schema.Mail.attachments), lazyload(schema.Mail.keywords),
)  # fmt: skip


def place(
    mail: schema.Mail,
    copy: schema.Message,
    verdict: Verdict,
    *,
    threads: Collection[str],
    elsewhere: Sequence[Match] = (),
) -> None:
    """Give the mail the links of this copy's verdict, and every copy its status.

    `threads` are the Gmail threads of this mailbox that the verdict speaks for; `elsewhere` is what another mailbox's
    copy justifies and this one can't see (it may name people in Bcc).
    """
    shared = any(
        held is not copy and held.mailbox_id != copy.mailbox_id and held.status == "stored" for held in mail.copies
    )
    if verdict.reason == PRIVATE:
        _set(mail, ())
    elif verdict.matches or verdict.reason in _OF_THE_MAIL:
        set_links(mail, [*verdict.matches, *(elsewhere if shared else ())], threads=threads, shared=shared)
    elif shared:  # this copy says nothing, the other one goes on
        kept = [as_match(link) for link in mail.links if link.rule != "thread"]
        set_links(mail, kept, threads=threads, shared=True)
    else:
        _set(mail, ())
    for held in mail.copies:
        if held.status != "deleted":
            _show(mail, held, verdict, judged=held is copy)
    if mail.has_body and not is_kept(mail):
        erase_body(mail)


def set_links(mail: schema.Mail, matches: Sequence[Match], *, threads: Collection[str], shared: bool) -> None:
    """Make the mail's links equal to `matches`, except for those that are not this mailbox's to judge.

    A link that came with a thread other than `threads` stays while another mailbox shows the mail: it may hold the part
    of the conversation that names the customer.
    """
    wanted = {match.customer_id: match for match in matches}
    foreign = [
        as_match(link)
        for link in mail.links
        if shared and link.rule == "thread" and link.detail not in threads and link.customer_id not in wanted
    ]
    _set(mail, [*wanted.values(), *foreign])


def lock_mails(session: Session, mail_ids: Iterable[str]) -> None:
    """Keep other mailboxes that hold these mails from changing them until the commit, so load what is to change after it.

    Everybody locks in the order of the ids: two that share mails wait for each other, and none waits in a circle.
    """
    for piece in slices(sorted(set(mail_ids))):
        query = select(schema.Mail.id).where(schema.Mail.id.in_(piece)).order_by(schema.Mail.id)
        session.execute(query.with_for_update(key_share=True)).all()


def mails_of_threads(session: Session, mailbox_id: int, thread_ids: Collection[str]) -> set[str]:
    """Ids of the mails that the mailbox holds in these threads."""
    copy, found = schema.Message, set[str]()
    for piece in slices(thread_ids):
        query = select(copy.mail_id).where(
            copy.mailbox_id == mailbox_id, copy.gmail_thread_id.in_(piece), copy.mail_id.is_not(None)
        )
        found.update(str(mail_id) for mail_id in session.scalars(query.distinct()))
    return found


def rejudge(session: Session, mailbox: schema.Mailbox, thread_ids: Collection[str], rules: Rules) -> int:
    """Judge everything stored of these threads anew; bodies that are missing are queued. Returns how many are."""
    again: list[str] = []
    for piece in slices(sorted(thread_ids)):
        lock_mails(session, mails_of_threads(session, mailbox.id, piece))
        copies = session.scalars(
            select(schema.Message)
            .where(
                schema.Message.mailbox_id == mailbox.id,
                schema.Message.gmail_thread_id.in_(piece),
                schema.Message.mail_id.is_not(None),
                schema.Message.status != "deleted",
            )
            .options(selectinload(schema.Message.mail).options(*_WITHOUT_BODY))
        ).all()
        verdicts = judge(session, mailbox.id, [case_of(copy, copy.mail) for copy in copies if copy.mail], rules)
        for copy in copies:
            verdict, mail = verdicts[copy.gmail_id], copy.mail
            if mail is None:
                continue
            place(mail, copy, verdict, threads=piece)
            if mail.links and not mail.has_body and not hidden_by(copy.label_ids) and copy.reason not in COPYS_OWN:
                again.append(copy.gmail_id)
    fetch_again(session, mailbox.id, again)
    session.flush()
    return len(again)


def rejudge_conversations(session: Session, mail_ids: Collection[str]) -> int:
    """Judge anew the threads of these mails in every mailbox that holds them. Returns how many bodies are queued."""
    queued = 0
    for mailbox, thread_ids in lock_conversations(session, mail_ids):
        queued += rejudge(session, mailbox, thread_ids, load_rules(session, mailbox))
    return queued


def lock_conversations(session: Session, mail_ids: Collection[str]) -> list[tuple[schema.Mailbox, set[str]]]:
    """Every mailbox that holds one of these mails, locked in the order of the ids, with the threads that hold them there.

    All of them before any mail, as a sync does, which locks its mailbox first and then mails.
    """
    found: dict[int, set[str]] = {}
    for piece in slices(mail_ids):
        query = select(schema.Message.mailbox_id, schema.Message.gmail_thread_id)
        for mailbox_id, thread_id in session.execute(query.where(schema.Message.mail_id.in_(piece))):
            found.setdefault(mailbox_id, set()).add(thread_id)
    return [
        (session.get_one(schema.Mailbox, mailbox_id, with_for_update=LOCK), thread_ids)
        for mailbox_id, thread_ids in sorted(found.items())
    ]


def case_of(copy: schema.Message, mail: schema.Mail) -> Case:
    """A stored message as it is judged."""
    return Case(
        gmail_id=copy.gmail_id,
        thread_id=copy.gmail_thread_id,
        mail_id=mail.id,
        label_ids=tuple(copy.label_ids),
        people=people_of((person.kind, person.email) for person in mail.participants),
        sent_at=mail.sent_at,
    )


def is_kept(mail: schema.Mail) -> bool:
    """Whether anybody may keep what it says: it is shown, or only labels hide it and it still belongs to a customer."""
    if any(copy.status == "stored" for copy in mail.copies):
        return True
    return bool(mail.links) and any(copy.reason in HIDING_LABELS.values() for copy in mail.copies)


def erase_body(mail: schema.Mail) -> None:
    """Keep the row, drop all it said."""
    mail.has_body = False
    mail.text = mail.html = mail.new_text = mail.quoted_text = mail.signature = mail.snippet = ""
    mail.tone, mail.tone_confidence, mail.tone_sentences, mail.tone_by = "", 0.0, [], ""
    mail.keywords, mail.links = [], []
    for attachment in mail.attachments:
        if attachment.status:
            attachment.status, attachment.attempts, attachment.content = "", 0, None


def as_match(link: schema.Link) -> Match:
    rule = link.rule if link.rule in ("domain", "contact", "thread", "manual") else "thread"
    return Match(customer_id=link.customer_id, rule=rule, detail=link.detail)  # type: ignore[arg-type]


def _set(mail: schema.Mail, matches: Sequence[Match]) -> None:
    wanted = {match.customer_id: match for match in matches}
    before = {(link.customer_id, link.rule) for link in mail.links}
    mail.links = [link for link in mail.links if link.customer_id in wanted]
    held = {link.customer_id: link for link in mail.links}
    for customer_id, match in wanted.items():
        link = held.get(customer_id)
        if link is None:
            mail.links.append(schema.Link(customer_id=customer_id, rule=match.rule, detail=match.detail))
        elif (link.rule, link.detail) != (match.rule, match.detail):
            link.rule, link.detail = match.rule, match.detail
    if {(link.customer_id, link.rule) for link in mail.links} != before:
        mail.outdate()


def _show(mail: schema.Mail, copy: schema.Message, verdict: Verdict, *, judged: bool) -> None:
    reason = hidden_by(copy.label_ids)
    if not reason and judged and verdict.reason not in _OF_THE_MAIL:
        reason = verdict.reason
    elif not reason and not judged:
        reason = copy.reason if copy.reason in COPYS_OWN else verdict.reason if verdict.reason == PRIVATE else ""
    if not reason and not mail.links:
        reason = verdict.reason if verdict.reason in _OF_THE_MAIL else NO_CUSTOMER
    shown = not reason and mail.has_body
    copy.status, copy.reason = ("stored", "") if shown else ("filtered", reason or NO_CUSTOMER)
