"""`lealup parse`, `lealup tone`: mail and text without a workspace."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ValidationError

from cli.output import print_line, print_table
from crm.errors import InputError

_UNREADABLE = "unreadable file"
_FIELDS = (
    "message_id", "subject", "from", "to", "cc", "date", "charset", "new_text", "quoted_text", "signature", "attachments",
    "automatic", "bulk", "language", "tone", "confidence", "keywords",
)  # fmt: skip


class _Line(BaseModel):
    id: str | int
    text: str


def register(app: typer.Typer) -> None:
    @app.command()
    def parse(
        files: Annotated[list[Path], typer.Argument(metavar="FILE.eml...")],
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
    ) -> None:
        """Read RFC 5322 files: headers, new text, quotes, signature, attachments, language, tone, critical words."""
        parser = _parser()
        failed: list[str] = []
        for path in files:
            found = parser(path)
            if found["error"] == _UNREADABLE:
                failed.append(str(path))
            if as_json:
                print_line(found)
            else:
                print_table(("field", "value"), list(found.items()))
        if failed:
            sentence = f"{len(failed)} of {len(files)} files could not be opened: {', '.join(failed[:5])}."
            raise InputError("files", sentence=sentence, next_step="Name files, each holding one mail.")

    @app.command()
    def tone(jsonl: Annotated[bool, typer.Option("--jsonl", help="Read {id, text} lines from stdin")] = False) -> None:
        """The tone of texts: one {id, text} a line in, one {id, language, tone, confidence} a line out."""
        from crm.index.embedder import universal_sentence_encoder
        from crm.signals.language import detect
        from crm.signals.reader import SentenceReader
        from crm.signals.tone import load_tone_model

        model = load_tone_model(universal_sentence_encoder(), SentenceReader.shipped())
        bad: list[str] = []
        for number, raw in enumerate(sys.stdin.buffer, start=1):
            if not raw.strip():
                continue
            try:
                line = _Line.model_validate_json(raw.decode("utf-8", "replace"))
            except ValidationError:
                bad.append(str(number))
                continue
            found = model.analyse(line.text)
            language = detect(line.text)
            print_line(
                {"id": line.id, "language": language, "tone": found.label, "confidence": round(found.confidence, 3)}
            )
            sys.stdout.flush()
        if bad:
            raise InputError(
                ", ".join(bad), sentence=f"Not a JSON object with id and text: line {', '.join(bad[:10])}.",
                next_step='Write one {"id": …, "text": …} a line; the other lines were read.',
            )  # fmt: skip


def _parser() -> Any:
    from gmail.mime import parse
    from ingestion.analysis import Analyser

    analyser = Analyser.shipped()

    def read(path: Path) -> dict[str, Any]:
        try:
            raw = path.read_bytes()
        except OSError:
            return {"path": str(path), **dict.fromkeys(_FIELDS), "error": _UNREADABLE}
        mail = parse(raw)
        analysis = analyser.analyse(mail, {})
        return {
            "path": str(path),
            "message_id": mail.message_id,
            "subject": mail.subject,
            "from": _address(mail.sender) if mail.sender else None,
            "to": [_address(person) for person in mail.to],
            "cc": [_address(person) for person in mail.cc],
            "date": mail.date.isoformat() if mail.date else None,
            "charset": mail.charset,
            "new_text": mail.new_text,
            "quoted_text": mail.quoted_text,
            "signature": mail.signature,
            "attachments": [{"name": file.name, "size": file.size, "type": file.type} for file in mail.attachments],
            "automatic": mail.automatic,
            "bulk": mail.bulk,
            "language": analysis.language,
            "tone": analysis.tone.label if analysis.tone else None,
            "confidence": round(analysis.tone.confidence, 3) if analysis.tone else None,
            "keywords": [
                {"term": hit.term, "form": hit.form, "start": hit.start, "end": hit.end, "negated": hit.negated,
                 "hypothetical": hit.hypothetical}
                for hit in analysis.keywords
            ],
            "error": mail.error,
        }  # fmt: skip

    return read


def _address(person: Any) -> dict[str, str]:
    return {"name": person.name, "email": person.email}
