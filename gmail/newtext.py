"""What a mail says anew, apart from what it quotes and how it is signed."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from gmail import quotes
from gmail.htmlmarks import ATTRIBUTION, CUT, FORWARD, MARKS, SIGNATURE, marked_text

Kind = Literal["new", "quote", "forward", "closing", "signature"]

_ATTRIBUTION = re.compile(f"{ATTRIBUTION}\\s*")
# A signature below a "--" may be long, a closing with name, role and address is not.
_LONGEST_CLOSING = 12
_LONGEST_CLOSING_LINE = 90
_LONGEST_FOOTER_LINE = 100
# Nobody writes more lines by hand; what is pasted below them is read as it stands.
_MOST_LINES = 20_000
_BLANK = " \t" + "".join(MARKS)


@dataclass(frozen=True, kw_only=True)
class NewText:
    """`new_text` holds forwarded mails, and inline answers below the lines ("> …") that they answer."""

    new_text: str
    quoted_text: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A run of lines of one kind; `attributed` tells a quote that names its author in front."""

    kind: Kind
    lines: tuple[str, ...]
    attributed: bool = False

    @property
    def text(self) -> str:
        """The lines without the blank ones around them."""
        return "\n".join(self.lines).strip("\n").rstrip()


def split(text: str, html: str | None, *, forwarded: bool = False) -> NewText:
    """Return the parts of a mail: by the structure of its HTML where that marks quotes, else by patterns
    of `text`.

    `forwarded`: the subject says so ("FW: …"). Outlook marks a mail passed on like one answered.
    """
    marked = marked_text(html) if html else None
    return assembled(segments(marked if marked is not None else _unmarked(text), forwarded=forwarded))


def _unmarked(text: str) -> str:
    for mark in MARKS:
        text = text.replace(mark, "")
    return text


def assembled(parts: list[Segment]) -> NewText:
    """Return the parts of a mail from its segments, in reading order."""
    new: list[str] = []
    quoted: list[str] = []
    signature: list[str] = []
    inline = _is_inline(parts)
    for index, part in enumerate(parts):
        if part.kind == "quote":
            answered = index + 1 < len(parts) and parts[index + 1].kind == "new"
            if inline and answered:
                new.append("\n".join(line for line in part.lines if line.startswith(">")) or part.text)
            else:
                quoted.append(part.text)
        elif part.kind in ("new", "forward"):
            new.append(part.text)
        else:
            signature.append(part.text)
    if not any(piece.strip() for piece in new) and not quoted:
        new, signature = signature, []
    return NewText(new_text=_joined(new), quoted_text=_joined(quoted), signature=_joined(signature))


def _joined(pieces: list[str]) -> str:
    return "\n\n".join(piece for piece in pieces if piece.strip()).strip()


def _is_inline(parts: list[Segment]) -> bool:
    """Answers between or below quoted lines; one attributed quote with all of the mail below it is not
    that.
    """
    kinds = [part.kind for part in parts]
    answered = [index for index in range(len(parts) - 1) if kinds[index] == "quote" and kinds[index + 1] == "new"]
    return len(answered) > 1 or any("new" in kinds[:index] or not parts[index].attributed for index in answered)


def segments(text: str, *, forwarded: bool = False) -> list[Segment]:
    """Return the lines of a mail as segments; `text` may hold the marks of `gmail.htmlmarks`."""
    for mark in MARKS:
        text = text.replace(mark, f"\n{mark}\n")
    lines = _ATTRIBUTION.sub(ATTRIBUTION, text).replace("\r\n", "\n").split("\n")
    parts: list[Segment] = []
    run: list[str] = []
    index = 0
    written = False
    while index < len(lines):
        found = _boundary(lines, index, written, forwarded) if index < _MOST_LINES else None
        if found is None:
            written = written or bool(lines[index].strip(_BLANK))
            run.append(lines[index])
            index += 1
            continue
        _flush(parts, run)
        segment, index = found
        parts.append(segment)
        written = True
    _flush(parts, run)
    return _merged(parts)


def _boundary(lines: list[str], index: int, preceded: bool, forwarded: bool) -> tuple[Segment, int] | None:
    """Return the segment that begins at a line which is not new text, and the line behind it."""
    line = lines[index]
    if not line.strip():
        return None
    if line.startswith(FORWARD) or quotes.is_forward(line):
        return _rest(lines, index, "forward")
    if line.startswith(CUT) or quotes.is_original(line) or quotes.header_block(lines, index):
        # Nothing above it: somebody passes the mail on without a word.
        return _rest(lines, index, "quote" if preceded and not forwarded else "forward")
    marked = line.startswith(ATTRIBUTION)
    count = _marked_lines(lines, index) if marked else quotes.attribution(lines, index)
    if count:
        return _attributed(lines, index, count, marked, preceded)
    if line.startswith(">"):
        end = _quote_end(lines, index)
        return Segment(kind="quote", lines=tuple(lines[index:end])), end
    return None


def _marked_lines(lines: list[str], index: int) -> int:
    """A marked attribution reaches to the next blank or quoted line."""
    end = index + 1
    while end < min(len(lines), index + 5) and lines[end].strip() and not lines[end].startswith(">"):
        end += 1
    return end - index


def _rest(lines: list[str], index: int, kind: Kind) -> tuple[Segment, int]:
    rest = tuple(line.strip("".join(MARKS)) if line[:1] in MARKS else line for line in lines[index:])
    return Segment(kind=kind, lines=rest, attributed=True), len(lines)


def _attributed(lines: list[str], index: int, count: int, marked: bool, preceded: bool) -> tuple[Segment, int]:
    """A quote behind its attribution: the ">" lines, or all that follows where the mailer does not mark
    lines.
    """
    end = index + count
    following = next((line for line in lines[end:] if line.strip()), "")
    if marked or following.startswith(">"):
        end = _quote_end(lines, end)
    elif preceded:
        end = len(lines)
    taken = tuple(line.strip("".join(MARKS)) for line in lines[index : max(end, index + count)])
    return Segment(kind="quote", lines=taken, attributed=True), max(end, index + count)


def _quote_end(lines: list[str], index: int) -> int:
    """Return the line behind a run of ">" lines; blank lines and one wrapped tail of a long line belong
    to it.
    """
    end = index
    while index < len(lines):
        line = lines[index]
        if line.startswith(">"):
            end = index + 1
        elif line.strip() and not _wrapped(lines, index):
            break
        index += 1
    return end


def _wrapped(lines: list[str], index: int) -> bool:
    """A short tail between two ">" lines, broken off by a mailer that wrapped an already quoted line."""
    return (
        0 < index < len(lines) - 1
        and lines[index - 1].startswith(">")
        and len(lines[index - 1]) > 60
        and lines[index + 1].startswith(">")
        and len(lines[index].split()) <= 2
    )


def _flush(parts: list[Segment], run: list[str]) -> None:
    """Turn a run of unquoted lines into new text, its closing and its signature."""
    signature = next((index for index in range(min(len(run), _MOST_LINES)) if _begins_signature(run, index)), len(run))
    closing = _closing_start(run, signature)
    after = next((index for index in range(closing + 1, signature) if quotes.is_postscript(run[index])), signature)
    kinds: tuple[tuple[Kind, list[str]], ...] = (
        ("new", _trimmed(run[:closing])),
        ("closing", _trimmed(run[closing:after])),
        ("new", _trimmed(run[after:signature])),
        ("signature", run[signature:]),
    )
    for kind, lines in kinds:
        written = tuple(line for line in lines if line not in MARKS)
        if any(line.strip() for line in written):
            parts.append(Segment(kind=kind, lines=written))
    run.clear()


def _trimmed(lines: list[str]) -> list[str]:
    """Drop blank and drawn lines at the end."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1] in MARKS or quotes.is_rule(lines[end - 1])):
        end -= 1
    return lines[:end]


def _begins_signature(run: list[str], index: int) -> bool:
    line = run[index]
    if not line.strip():
        return False
    if line.startswith(SIGNATURE) or quotes.is_delimiter(line) or quotes.is_device(line):
        return True
    if quotes.is_disclaimer(run, index):
        return _is_last(run, index)
    if not quotes.is_list_footer(line) or len(run) - index >= 3 * _LONGEST_CLOSING:
        return False
    footer = [line for line in run[index + 1 :] if line.strip()]
    return 0 < len(footer) <= _LONGEST_CLOSING and all(len(line) <= _LONGEST_FOOTER_LINE for line in footer)


def _is_last(run: list[str], index: int) -> bool:
    """A notice stands at the end: one above the text, or with "Regards" and a name still below it, is part of the text."""
    behind = run[index + 1 :]
    if not any(line.strip(_BLANK) for line in run[:index]):
        paragraphs = re.split(r"\n\s*\n", "\n".join(behind))[1:]
        if any(piece.strip() and not quotes.is_disclaimer(piece.strip().split("\n"), 0) for piece in paragraphs):
            return False
    signed = next((at for at, line in enumerate(behind) if quotes.is_closing(line)), len(behind))
    return not any(line.strip() for line in behind[signed + 1 :])


def _closing_start(run: list[str], end: int) -> int:
    """Return the line of "Best regards," with only a short block of names and addresses behind it, else
    `end`.
    """
    short = 0
    for index in range(end - 1, -1, -1):
        line = run[index]
        if not line.strip():
            continue
        if quotes.is_closing(line) or (short == 0 and quotes.is_name(line)):
            return index if any(line.strip() for line in run[:index]) else end
        short += 1
        if short > _LONGEST_CLOSING or len(line) > _LONGEST_CLOSING_LINE:
            break
    return end


def _merged(parts: list[Segment]) -> list[Segment]:
    """Join neighbours of one kind."""
    merged: list[Segment] = []
    for part in parts:
        if merged and merged[-1].kind == part.kind:
            last = merged[-1]
            merged[-1] = replace(last, lines=(*last.lines, *part.lines), attributed=last.attributed or part.attributed)
        else:
            merged.append(part)
    return merged
