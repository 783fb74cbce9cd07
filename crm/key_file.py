"""The key of an installation that sets none: a file in the home, newest key first, readable by its owner only."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet


def read_keys(path: Path) -> list[str]:
    """The keys, newest first; the first one is made on first use. Of two processes that start at once, one key wins."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path, [new_key()])
        try:
            path.hardlink_to(draft)  # atomic
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().split()


def new_key() -> str:
    return Fernet.generate_key().decode()


def write_keys(path: Path, keys: Sequence[str]) -> None:
    """Replace the keys at once: a reader sees the former ones or these."""
    _draft(path, keys).replace(path)


def _draft(path: Path, keys: Sequence[str]) -> Path:
    draft = path.with_name(f"secret.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text("\n".join(keys) + "\n")
    return draft
