"""Finding the heaviest load that a server carries within its limits.

Doubling from below until the limits break, then halving the gap. A load near the limit is tried
several times, since single runs are noisy, and the majority counts. A probe that the client
itself could not keep up with says nothing about the server and ends the search upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from attrs import define, field, frozen

from aisbench.config.load_keys import Search, tidy
from aisbench.metrics.intervals import wilson


@frozen(kw_only=True)
class ProbeResult:
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

    def certain(self, trials: int) -> bool:
        """Whether further runs of so many cannot change the majority."""
        failed = self.runs - self.held
        return self.runs >= trials or self.held * 2 > trials or failed * 2 > trials


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


def search(settings: Search, *, whole: bool) -> Generator[float, ProbeResult, Finding]:
    """Yields loads to run, receives the result of each, and returns the finding.

    ``whole`` loads are whole numbers (concurrency).
    """
    finding = Finding()

    def rounded(value: float) -> float:
        return float(max(1, round(value))) if whole else float(f"{value:.4g}")

    def probe(value: float, trials: int) -> Generator[float, ProbeResult, Probe | None]:
        """Run until the trials are done, or a majority of them is certain; None when the client
        is the limit, or no run is left."""
        done = finding.probes.get(value, Probe(value=value, runs=0, held=0))
        while not done.certain(trials):
            if finding.runs >= settings.probes:
                return done if done.runs else None
            verdict = yield tidy(value)
            finding.runs += 1
            if not verdict.kept_up and not verdict.held:
                finding.reason = f"the client, not the server, is the limit at {value:g}: " + (
                    verdict.doubt or "it did not keep up"
                )
                return None
            done = Probe(value=value, runs=done.runs + 1, held=done.held + verdict.held)
            finding.probes[value] = done
        return done

    value = rounded(settings.low)
    while True:
        made = yield from probe(value, 1)
        if made is not None and not made.holds:
            made = yield from probe(value, settings.trials)
        if made is None:
            break
        if not made.holds:
            finding.worst = value
            break
        finding.best = value
        if settings.high is not None and value >= rounded(settings.high):
            finding.reason = f"the limits still hold at load.search.high = {settings.high:g}"
            break
        value = rounded(value * 2)
        if settings.high is not None:
            value = min(value, rounded(settings.high))
    yield from _narrow(finding, settings, probe, rounded, whole)
    if not finding.reason:
        finding.reason = f"load.search.probes = {settings.probes} runs were made"
    return finding


def _narrow(
    finding: Finding,
    settings: Search,
    probe: Callable[[float, int], Generator[float, ProbeResult, Probe | None]],
    rounded: Callable[[float], float],
    whole: bool,
) -> Generator[float, ProbeResult, None]:
    """Halve the gap until it is small; then the best load is tried as often as the others near
    the limit, and when it fails that, the search goes on below it."""
    limited = finding.reason
    while finding.best is not None:
        best = finding.probes[finding.best]
        reason = limited or _close_enough(finding, settings, rounded, whole)
        if reason and best.certain(settings.trials):
            finding.reason = reason
            return
        if reason:
            value = finding.best
        elif finding.worst is None:
            return
        else:
            value = rounded((finding.best + finding.worst) / 2)
        runs = finding.runs
        made = yield from probe(value, settings.trials)
        if made is None or finding.runs == runs:
            finding.reason = finding.reason or limited
            return
        if made.holds:
            finding.best = value
            continue
        finding.worst, finding.reason, limited = value, "", ""
        lower = [one.value for one in finding.probes.values() if one.holds and one.value < value]
        finding.best = max(lower, default=None)
    if finding.worst is not None:
        finding.reason = f"the limits do not even hold at load.search.low = {settings.low:g}"


def _close_enough(
    finding: Finding, settings: Search, rounded: Callable[[float], float], whole: bool
) -> str:
    """Why there is nothing to try between the bounds; empty when there is."""
    if finding.best is None or finding.worst is None:
        return ""
    gap = finding.worst - finding.best
    if gap <= settings.precision * finding.worst or (whole and gap <= 1):
        return "the bounds are as close as load.search.precision asks"
    if rounded((finding.best + finding.worst) / 2) in (finding.best, finding.worst):
        return "there is no load between the bounds"
    return ""
