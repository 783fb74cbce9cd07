"""For tests that ask nothing of a dialect: their rules are Python, and a PostgreSQL database costs a second each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

__all__ = ["database_url"]


@pytest.fixture
def database_url(tmp_path: Path, migrated_file: Path) -> str:
    """Imported into a test module, it stands for the one that runs on both."""
    shutil.copy(migrated_file, tmp_path / "lealup.db")
    return f"sqlite:///{tmp_path / 'lealup.db'}"
