"""The verdict on loads: whether the client kept up, what failed, which limits were missed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aisbench.api import PerformanceResult, SearchResult, Wording, translated
from aisbench_plugin_html.charts.parts import figure_of
from aisbench_plugin_html.charts.performance_loads import load_labels
from aisbench_plugin_html.facts import label
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.sections.statement import MOST, VerdictStatement, causes_of, percent

SPEED = "output_token_throughput"
NAMED = 4
"""Loads that are named in one line."""


def of_loads(material: Material) -> Iterator[VerdictStatement]:
    """Of all loads together; what is said of each stands in its own section."""
    words, loads = material.words, material.results.performance
    if loads:
        yield from _client(loads, words)
        yield from _failures(loads, words)
        yield from _limits(loads, words)
    for search in material.results.searches:
        yield _search(search, words)


def _client(loads: Sequence[PerformanceResult], words: Wording) -> Iterator[VerdictStatement]:
    """Whether it kept up, and what else is in doubt."""
    late = _labels(loads, [not one.health.kept_up for one in loads])
    doubted = _labels(loads, [one.health.kept_up and bool(one.health.doubts) for one in loads])
    short = _labels(loads, [not one.complete for one in loads])
    single = len(loads) == 1
    if late and single:
        told = words.text(
            "The client did not keep up: the figures are its own as well as the server's."
        )
        yield VerdictStatement("bad", told)
    elif late:
        told = words.text(
            "The client did not keep up with {n} of {of} loads, whose figures are its own as well "
            "as the server's: {loads}.",
            n=len(late), of=len(loads), loads=_named(late, words),
        )  # fmt: skip
        yield VerdictStatement("bad", told)
    elif single:
        yield VerdictStatement("good", words.text("The client kept up."))
    else:
        told = words.text("The client kept up with all {n} loads.", n=len(loads))
        yield VerdictStatement("good", told)
    if doubted and single:
        yield VerdictStatement("mind", words.text("There are doubts, which stand below."))
    elif doubted:
        told = words.text(
            "There are doubts, which stand below, about {n} of {of} loads: {loads}.",
            n=len(doubted), of=len(loads), loads=_named(doubted, words),
        )  # fmt: skip
        yield VerdictStatement("mind", told)
    if short:
        told = words.text("Cut short: {loads}.", loads=_named(short, words))
        if single:
            told = words.text("Cut short: the figures are of what had been done.")
        yield VerdictStatement("bad", told)


def _limits(loads: Sequence[PerformanceResult], words: Wording) -> Iterator[VerdictStatement]:
    judged = [one.slo.holds for one in loads if one.slo is not None]
    missed = _labels(loads, [one.slo is not None and one.slo.holds is False for one in loads])
    if missed and len(loads) == 1:
        yield VerdictStatement("mind", words.text("The SLO is missed."))
    elif missed:
        told = words.text(
            "The SLO is missed by {n} of {of} loads: {loads}.",
            n=len(missed), of=len(loads), loads=_named(missed, words),
        )  # fmt: skip
        yield VerdictStatement("mind", told)
    elif judged and all(judged):
        told = words.text("The SLO holds.")
        if len(loads) > 1:
            told = words.text("No load misses its SLO.")
        yield VerdictStatement("good", told)
    elif judged:
        yield VerdictStatement(
            "mind", words.text("Whether the SLO holds is not known of every load.")
        )
    place = within_slo(loads)
    figure = None if place is None else figure_of(loads[place], SPEED)
    if place is not None and figure is not None and len(loads) > 1:
        told = words.text(
            "The most within the SLO: {value} output tokens/s, by {load}.",
            value=f"{figure.value:,.0f}", load=load_labels(loads)[place],
        )  # fmt: skip
        yield VerdictStatement("good", told)


def within_slo(loads: Sequence[PerformanceResult]) -> int | None:
    """The place of the load with the most output tokens a second of those that can be trusted and
    held their SLO; None where none did."""
    return _most(
        loads,
        [one.health.kept_up and one.complete and bool(one.slo and one.slo.holds) for one in loads],
    )


def notable(loads: Sequence[PerformanceResult]) -> int:
    """The place of the load that one most wants to see: the most within the SLO; else the most
    that can be trusted; else the last."""
    found = within_slo(loads)
    if found is None:
        found = _most(loads, [one.health.kept_up and one.complete for one in loads])
    return len(loads) - 1 if found is None else found


def _most(loads: Sequence[PerformanceResult], among: Sequence[bool]) -> int | None:
    speeds = {
        at: figure.value
        for at, (load, one) in enumerate(zip(loads, among, strict=True))
        if one and (figure := figure_of(load, SPEED))
    }
    return max(speeds, key=speeds.__getitem__, default=None)


def _failures(loads: Sequence[PerformanceResult], words: Wording) -> Iterator[VerdictStatement]:
    total = sum(one.counts.total for one in loads)
    failed = sum(one.counts.failed for one in loads)
    if not failed:
        yield VerdictStatement("good", words.text("No request of a load failed."))
        return
    causes = causes_of((one.faults for one in loads), words)
    told = words.text(
        "{failed} of {total} requests of loads failed ({share}): {causes}.",
        failed=f"{failed:,}", total=f"{total:,}", share=percent(failed, total), causes=causes,
    )  # fmt: skip
    yield VerdictStatement("bad" if failed > MOST * total else "mind", told)


def doubts_of(loads: Sequence[PerformanceResult], words: Wording) -> Iterator[str]:
    """Reasons not to trust figures, with the loads that they are told of. Those that differ in
    their numbers alone are told once, with the numbers of the last load, the heaviest in a
    sweep: every load tells its own."""
    told: dict[str, list[tuple[str, str]]] = {}
    for load, name in zip(loads, load_labels(loads), strict=True):
        for doubt in load.health.doubts:
            line = translated(doubt, words.language)
            told.setdefault(re.sub(r"[0-9][0-9.,]*", "#", line), []).append((name, line))
    for members in told.values():
        names = list(dict.fromkeys(name for name, _ in members))
        last, line = members[-1]
        if len(loads) == 1:
            yield line
        elif len(names) == 1:
            yield f"{last}: {line}"
        else:
            yield words.text(
                "{n} of {of} loads, such as {load}: {doubt}",
                n=len(names), of=len(loads), load=last, doubt=line,
            )  # fmt: skip


def _labels(loads: Sequence[PerformanceResult], chosen: Sequence[bool]) -> list[str]:
    return [name for name, one in zip(load_labels(loads), chosen, strict=True) if one]


def _named(names: Sequence[str], words: Wording) -> str:
    if len(names) > NAMED:
        more = words.text("{n} more", n=len(names) - NAMED)
        names = [*names[:NAMED], more]
    return ", ".join(names)


def _search(search: SearchResult, words: Wording) -> VerdictStatement:
    task = label(search.model, search.dataset)
    if search.best is None:
        return VerdictStatement(
            "bad",
            words.text("{task}: not even the lightest load held the SLO ({reason}).", task=task,
                       reason=translated(search.reason, words.language)),
        )  # fmt: skip
    return VerdictStatement(
        "good",
        words.text(
            "{task}: the SLO holds up to {key} = {best}; the limit lies between {low} and {high}.",
            task=task, key=search.key, best=f"{search.best:g}",
            low="?" if search.low is None else f"{search.low:g}",
            high="∞" if search.high is None else f"{search.high:g}",
        ),
    )  # fmt: skip
