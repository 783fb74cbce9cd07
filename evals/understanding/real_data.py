"""Real mail and text that others published: measured where it lies beside the project, and never part of it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[3] / "shared" / "data"


def files(folder: str) -> tuple[Path, ...]:
    """Every file below a folder of the real data in a fixed order; none where the folder is absent."""
    return tuple(path for path in sorted((ROOT / folder).rglob("*")) if path.is_file())


def sample(paths: tuple[Path, ...], most: int | None) -> tuple[Path, ...]:
    """At most `most` of the paths, evenly spread; all of them for None."""
    if most is None or len(paths) <= most:
        return paths
    return tuple(paths[index * len(paths) // most] for index in range(most))
