"""Every request the sandbox answered, without its secrets."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(kw_only=True)
class Entry:
    """`at` in Unix seconds by the sandbox clock; status 0 is a connection that was cut."""

    at: float
    method: str
    verb: str
    path: str
    query: str = ""
    user: str = ""
    units: int = 0
    status: int = 0
    reason: str = ""
    fault: str = ""
    in_batch: bool = False


class RequestLog:
    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def open(self, entry: Entry) -> Entry:
        """Note a request as it begins; its outcome is filled in later."""
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        self._entries.clear()

    def json(self, *, method: str = "", user: str = "") -> dict[str, Any]:
        chosen = [entry for entry in self._entries if method in ("", entry.method) and user in ("", entry.user)]
        units: dict[str, int] = {}
        for entry in chosen:
            if entry.user:
                units[entry.user] = units.get(entry.user, 0) + entry.units
        return {"requests": [asdict(entry) for entry in chosen], "units": units}
