"""How well, how safely and how fast a mail is understood.

    python -m benchmarks.understanding eval                             every set whole, as `lealup eval understanding`
    python -m benchmarks.understanding fuzz --count 100000 --seed 1     damaged mails: no exception, none slower than 1 s
    python -m benchmarks.understanding fuzz --whole --count 2000        the same with tone and weighed words, which take longer
    python -m benchmarks.understanding throughput --count 600           mails a second, beside other libraries

Real mail is read from ../shared/data where that is present. The row of mail-parser-reply needs `pip install
mail-parser-reply`, which the product does not; without it the row says so.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from textblob import TextBlob

from benchmarks.mutation import mutated, own_mails
from benchmarks.timing import least_seconds
from crm.index.embedder import Remembering, universal_sentence_encoder
from crm.mail import ParsedMail
from crm.signals.keywords import find, load_lexicon
from crm.signals.language import detect
from crm.signals.reader import SentenceReader
from crm.signals.tone import load_tone_model
from crm.signals.weighing import KeywordReader
from evals.understanding import real_data
from evals.understanding.task import run
from gmail.mime import parse
from gmail.newtext import split
from ingestion.analysis import Analyser

ItemT = TypeVar("ItemT")

# A larger file says nothing new about damage and only takes the others' time.
_LARGEST_SEED = 256 * 1024
_SLOWEST = 1.0
_UNREADABLE = "unreadable structure"


@dataclass(kw_only=True)
class Outcome:
    """What fuzzing found. `failures` and `slow` name the mails by seed and number.

    `slowest` is in seconds of CPU, which a busy machine does not change; `seconds` is wall time of all.
    """

    count: int = 0
    failures: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    slowest: float = 0.0
    seconds: float = 0.0


def seeds() -> tuple[bytes, ...]:
    """Our own mails, and the published ones where they are present."""
    found = [path.read_bytes() for folder in ("mime", "spamassassin") for path in real_data.files(folder)]
    return (*own_mails(), *(raw for raw in found if 0 < len(raw) <= _LARGEST_SEED))


def by_rules(mail: ParsedMail) -> None:
    detect(mail.new_text)
    find(mail.new_text, load_lexicon())


def whole() -> Callable[[ParsedMail], object]:
    """The analysis of a sync, loaded."""
    analyser = Analyser.shipped()
    analyser.analyse(parse(own_mails()[0]), {})
    return lambda mail: analyser.analyse(mail, {})


def _failure(raw: bytes, analyse: Callable[[ParsedMail], object]) -> str | None:
    """Read and analyse one mail; return what was raised, or why it was not read."""
    try:
        mail = parse(raw)
        analyse(mail)
    except Exception as error:  # noqa: BLE001 — whatever is raised is what is looked for
        return f"{type(error).__name__}: {error}"
    return mail.error if _UNREADABLE in (mail.error or "") else None


def fuzz(
    sound: Sequence[bytes],
    count: int,
    seed: int,
    analyse: Callable[[ParsedMail], object] = by_rules,
    tell: Callable[[Outcome], None] = lambda _: None,
) -> Outcome:
    """Read and analyse `count` damaged mails; mail number n depends on `seed` and n alone."""
    analyse(parse(sound[0]))  # what is loaded on first use is no mail's
    outcome = Outcome()
    begun = time.perf_counter()
    for number in range(count):
        raw = mutated(sound, Random(f"{seed}-{number}"))
        failures = list[str | None]()
        taken = least_seconds(lambda raw=raw, failures=failures: failures.append(_failure(raw, analyse)), _SLOWEST)
        failure = failures[0]
        outcome.count = number + 1
        outcome.slowest = max(outcome.slowest, taken)
        if failure:
            outcome.failures.append(f"{seed}-{number}: {failure}")
        if taken > _SLOWEST:
            outcome.slow.append(f"{seed}-{number}: {taken:.2f} s, {len(raw)} bytes")
        if outcome.count % 500 == 0:
            outcome.seconds = time.perf_counter() - begun
            tell(outcome)
    outcome.seconds = time.perf_counter() - begun
    return outcome


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How many mails a second something reads, on one core."""

    name: str
    per_second: float


def throughput(raws: Sequence[bytes]) -> tuple[list[Rate], list[str]]:
    """Return the rates of ours and of other libraries on the same mails, and what could not be measured."""
    embedder, second = Remembering(universal_sentence_encoder()), SentenceReader.shipped()
    model, words = load_tone_model(embedder, second), KeywordReader(embedder, second)
    mails = [parse(raw) for raw in raws]
    # What is loaded on first use is no part of a rate.
    by_rules(mails[0])
    model.analyse("Thank you.")
    _ = TextBlob("Thank you.").sentiment
    rates = [
        _rate("parse", raws, parse),
        _rate("parse + language + keyword rules", raws, lambda raw: by_rules(parse(raw))),
        _rate("new text of the plain body", mails, lambda mail: split(mail.text, None)),
        _rate("language + keyword rules alone", mails, by_rules),
        _rate("tone alone", mails[:100], lambda mail: model.analyse(mail.new_text)),
        _rate("keywords weighed, behind the tone", mails[:100], lambda mail: words.find(mail.new_text, {})),
        _rate("TextBlob .sentiment", mails, lambda mail: TextBlob(mail.new_text).sentiment),
    ]
    try:
        from mailparser_reply import EmailReplyParser
    except ImportError:
        return rates, ["mail-parser-reply: not installed (pip install mail-parser-reply)"]
    reader = EmailReplyParser(languages=["en", "es", "pt"])
    rates.append(_rate("mail-parser-reply", mails, lambda mail: reader.parse_reply(text=mail.text)))
    return rates, []


def _rate(name: str, items: Sequence[ItemT], read: Callable[[ItemT], object]) -> Rate:
    begun = time.process_time()
    for item in items:
        read(item)
    return Rate(name=name, per_second=len(items) / max(1e-9, time.process_time() - begun))


def _tell(outcome: Outcome) -> None:
    print(
        f"{outcome.count} mails, {len(outcome.failures)} exceptions, {len(outcome.slow)} slower than {_SLOWEST:.0f} s, "
        f"slowest {outcome.slowest:.3f} s, {outcome.seconds:.0f} s in all",
        flush=True,
    )


def _fuzz(count: int, seed: int, analyse: Callable[[ParsedMail], object]) -> bool:
    sound = seeds()
    print(f"{len(sound)} sound mails, {len(own_mails())} of them our own")
    outcome = fuzz(sound, count, seed, analyse, _tell)
    _tell(outcome)
    for line in (*outcome.failures[:20], *outcome.slow[:20]):
        print(line)
    return not outcome.failures and not outcome.slow


def _throughput(count: int) -> bool:
    half = count // 2
    paths = [path for name in ("enron", "spamassassin") for path in real_data.sample(real_data.files(name), half)]
    if not paths:
        print("skipped: there is no shared/data beside the project")
        return True
    rates, absent = throughput([path.read_bytes() for path in paths])
    print(f"{len(paths)} mails, CPU time of one process\n\n| what | mails a second | times TextBlob |\n|---|---|---|")
    base = next(rate.per_second for rate in rates if rate.name.startswith("TextBlob"))
    for rate in rates:
        print(f"| {rate.name} | {rate.per_second:,.0f} | {rate.per_second / base:.2f} |")
    for line in absent:
        print(f"| {line} | skipped | |")
    return True


def _eval() -> bool:
    return all(case.passed for case in run(None, lambda _: None, sample=None))


def main() -> None:
    """Run one measurement; exit code 1 where it is not met."""
    parser = argparse.ArgumentParser(description="How well, how safely and how fast a mail is understood")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("eval")
    fuzzing = commands.add_parser("fuzz")
    fuzzing.add_argument("--count", type=int, default=100_000)
    fuzzing.add_argument("--seed", type=int, default=1)
    fuzzing.add_argument("--whole", action="store_true", help="with tone and weighed words")
    speed = commands.add_parser("throughput")
    speed.add_argument("--count", type=int, default=600)
    arguments = parser.parse_args()
    if arguments.command == "fuzz":
        met = _fuzz(arguments.count, arguments.seed, whole() if arguments.whole else by_rules)
    else:
        met = _throughput(arguments.count) if arguments.command == "throughput" else _eval()
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
