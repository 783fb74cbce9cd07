"""One measured figure of a part, and the case it becomes in a report."""

from __future__ import annotations

from dataclasses import dataclass

from evals.result import CaseResult, Check

_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Score:
    """`value` is 0 to 1 over `size` items and must reach `least`; `wrong` names the items that are not right.

    `skipped` says why nothing was measured.
    """

    part: str
    measure: str
    value: float = 0.0
    least: float = 0.0
    size: int = 0
    language: str = "en es pt"
    wrong: tuple[str, ...] = ()
    skipped: str = ""

    @property
    def met(self) -> bool:
        return bool(self.skipped) or (self.size > 0 and self.value >= self.least)

    @property
    def figure(self) -> str:
        """ "0.984 share of 64, at least 0.950", or why there is none."""
        if self.skipped:
            return f"skipped: {self.skipped}"
        return f"{self.value:.3f} {self.measure} of {self.size}, at least {self.least:.3f}"

    def as_case(self, seconds: float) -> CaseResult:
        """The figure as a check's name, so that every report shows it whether it is enough or not."""
        wrong = ", ".join(self.wrong[:_SHOWN]) + (", …" if len(self.wrong) > _SHOWN else "")
        check = Check(name=self.figure, passed=self.met, reason=wrong or "nothing to measure")
        kind = "skipped" if self.skipped else self.measure
        return CaseResult(id=self.part, kind=kind, language=self.language, checks=(check,), seconds=round(seconds, 3))


def absent(part: str, folder: str) -> Score:
    """The score of a part whose real data is not here."""
    return Score(part=part, measure="", skipped=f"there is no shared/data/{folder} beside the project")
