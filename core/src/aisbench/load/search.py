"""Finding the heaviest load that a server carries within its limits.

Doubling from below until the limits break, then halving the gap. A load near the limit is tried
several times, since single runs are noisy, and the majority counts. A probe that the client
itself could not keep up with says nothing about the server and ends the search upwards.
"""

from __future__ import annotations

from collections.abc import Generator

from attrs import define, field, frozen

from aisbench.config.load import Search, tidy
from aisbench.metrics.intervals import wilson


@frozen(kw_only=True)
class Verdict:
    """One run at one load: whether the limits held, and whether the client kept up."""

    held: bool
    kept_up: bool
    doubt: str = ""


@frozen(kw_only=True)
class Probe:
    """All runs at one load."""

    value: float
    runs: int
    held: int

    @property
    def holds(self) -> bool:
        """The majority decides."""
        return self.held * 2 > self.runs

    @property
    def unanimous(self) -> bool:
        """All runs agree."""
        return self.held in (0, self.runs)


@define
class Finding:
    """What is known so far; after the search, its result."""

    best: float | None = None
    worst: float | None = None
    """The lightest load that did not hold."""
    reason: str = ""
    probes: dict[float, Probe] = field(factory=dict)
    runs: int = 0

    def sure(self) -> str:
        """How sure the result is, in a sentence."""
        if self.best is None:
            return "no load held"
        probe = self.probes[self.best]
        low, _ = wilson(probe.held / probe.runs, probe.runs)
        text = (
            f"{probe.held} of {probe.runs} runs held at the best load (at least {low:.0%} of "
            "runs would, with 97.5 % confidence)"
        )
        if self.worst is not None:
            other = self.probes[self.worst]
            text += f"; {other.held} of {other.runs} at the lightest load that does not hold"
        return text


def search(settings: Search, *, whole: bool) -> Generator[float, Verdict, Finding]:
    """Yield loads to run and receive verdicts; returns the finding.

    ``whole`` loads are whole numbers (concurrency).
    """
    finding = Finding()

    def rounded(value: float) -> float:
        return float(max(1, round(value))) if whole else float(f"{value:.4g}")

    def probe(value: float, trials: int) -> Generator[float, Verdict, Probe | None]:
        """Run until the trials are done, or a majority of them is certain."""
        done = finding.probes.get(value, Probe(value=value, runs=0, held=0))
        runs, held = done.runs, done.held
        while runs < trials and finding.runs < settings.probes:
            verdict = yield tidy(value)
            finding.runs += 1
            if not verdict.kept_up and not verdict.held:
                finding.reason = f"the client, not the server, is the limit at {value:g}: " + (
                    verdict.doubt or "it did not keep up"
                )
                return None
            runs, held = runs + 1, held + verdict.held
            if held * 2 > trials or (runs - held) * 2 > trials:
                break
        made = Probe(value=value, runs=runs, held=held)
        finding.probes[value] = made
        return made

    value = rounded(settings.low)
    while True:
        made = yield from probe(value, 1)
        if made is None or not made.runs:
            break
        if made.holds:
            finding.best = value
            if settings.high is not None and value >= settings.high:
                finding.reason = f"the limits still hold at load.search.high = {value:g}"
                break
            value = rounded(value * 2)
            if settings.high is not None:
                value = min(value, rounded(settings.high))
            continue
        made = yield from probe(value, settings.trials)
        if made is None or not made.holds:
            finding.worst = value if made is not None else finding.worst
            break
        finding.best = value
        value = rounded(value * 2)
    if finding.worst is not None and finding.best is None:
        finding.reason = f"the limits do not even hold at load.search.low = {settings.low:g}"
    while not finding.reason and finding.best is not None and finding.worst is not None:
        gap = finding.worst - finding.best
        if gap <= settings.precision * finding.worst or (whole and gap <= 1):
            finding.reason = "the bounds are as close as load.search.precision asks"
            break
        middle = rounded((finding.best + finding.worst) / 2)
        if middle in (finding.best, finding.worst):
            finding.reason = "there is no load between the bounds"
            break
        made = yield from probe(middle, settings.trials)
        if made is None or not made.runs:
            break
        if made.holds:
            finding.best = middle
        else:
            finding.worst = middle
    if finding.best is not None and finding.probes[finding.best].runs < settings.trials:
        made = yield from probe(finding.best, settings.trials)
        if made is not None and not made.holds:
            lower = [
                one for one in finding.probes.values() if one.holds and one.value < made.value
            ]
            finding.worst = made.value
            finding.best = max((one.value for one in lower), default=None)
    if not finding.reason:
        finding.reason = f"load.search.probes = {settings.probes} runs were made"
    return finding
