"""How fast the answers came: the loads of the run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from aisbench import AisbenchError
from aisbench.api import (
    JsonValue,
    LoadSeries,
    PerformanceResult,
    SearchResult,
    Wording,
    translated,
)
from aisbench_plugin_html.blocks import Block, Section
from aisbench_plugin_html.charts.performance_loads import (
    load_labels,
    overlaid,
    search_chart,
    sweeps,
    turns,
)
from aisbench_plugin_html.charts.performance_spread import arrivals, spreads
from aisbench_plugin_html.charts.performance_time import over_time
from aisbench_plugin_html.charts.performance_timeline import timeline
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.sections import performance_tables as tables

MOST_DRAWN = 12
"""Loads with charts of their own; a page with more is no longer read."""


def performance(material: Material) -> list[Section]:
    """Sections on the loads; none without loads."""
    loads, words = material.results.performance, material.words
    if not loads and not material.results.searches:
        return []
    group = words.text("Performance")
    series, lost = _series(material)
    found = []
    if loads:
        found.append(_verdict(loads, lost, words, group))
    if len(loads) > 1 or material.results.searches:
        found.append(_beside(loads, material.results.searches, series, words, group))
    for at, label in enumerate(load_labels(loads)):
        found.append(_load(loads[at], series.get(at), (at, label, len(loads)), words, group))
    return found


def _series(material: Material) -> tuple[dict[int, LoadSeries], list[str]]:
    """The series of the loads that are drawn, by their place, and why others are not."""
    loads = material.results.performance
    if material.run is None:
        return {}, []
    places = range(len(loads))
    lost = []
    if len(loads) > MOST_DRAWN:
        last = MOST_DRAWN - 1
        chosen = {round(at * (len(loads) - 1) / last) for at in range(MOST_DRAWN)}
        lost.append(
            material.words.text(
                "{shown} of {total} loads are drawn, evenly by their order; all are in the tables",
                shown=len(chosen),
                total=len(loads),
            )
        )
        places = sorted(chosen)  # type: ignore[assignment]
    found = {}
    for at in places:
        try:
            found[at] = material.run.series(loads[at])
        except AisbenchError as error:
            lost.append(f"{loads[at].load}: {translated(error.message, material.words.language)}")
    return found, lost


def _verdict(
    loads: Sequence[PerformanceResult], lost: Sequence[str], words: Wording, group: str
) -> Section:
    kept = sum(one.health.kept_up for one in loads)
    total = sum(one.counts.total for one in loads)
    failed = sum(one.counts.failed for one in loads)
    if kept == len(loads):
        text = words.text("The client kept up in all {n} loads.", n=len(loads))
        if len(loads) == 1:
            text = words.text("The client kept up.")
    elif len(loads) == 1:
        text = words.text("The client did NOT keep up: read the doubts first.")
    else:
        text = words.text(
            "The client did NOT keep up in {bad} of {n} loads: their figures are the client's as "
            "well as the server's.",
            bad=len(loads) - kept,
            n=len(loads),
        )
    text += " " + words.text(
        "{failed} of {total} requests failed.", failed=f"{failed:,}", total=f"{total:,}"
    )
    blocks: list[Block | None] = [
        _said("bad" if kept < len(loads) else "mind" if failed else "good", text),
        _list("doubts", _doubts(loads, words)),
        tables.overview(loads, words),
        _list("notes", lost),
    ]
    return Section(
        id="performance", title=words.text("Loads at a glance"), blocks=_some(blocks), group=group
    )


def _doubts(loads: Sequence[PerformanceResult], words: Wording) -> Iterator[str]:
    """Reasons not to trust figures, each once, with the loads that it is told of."""
    told: dict[str, list[str]] = {}
    for load, label in zip(loads, load_labels(loads), strict=True):
        if not load.complete:
            line = words.text("cut short: the figures are of what had been done")
            told.setdefault(line, []).append(label)
        for doubt in load.health.doubts:
            told.setdefault(translated(doubt, words.language), []).append(label)
    for doubt, labels in told.items():
        yield doubt if len(loads) == 1 else f"{', '.join(labels)}: {doubt}"


def _beside(
    loads: Sequence[PerformanceResult],
    searches: Sequence[SearchResult],
    series: Mapping[int, LoadSeries],
    words: Wording,
    group: str,
) -> Section:
    blocks: list[Block] = []
    for number, search in enumerate(searches):
        blocks.append(_search(search, words))
        chart = search_chart(search, number, words)
        if chart is not None:
            blocks.append(chart)
    if len(loads) > 1:
        blocks += [*sweeps(loads, words), *overlaid(loads, series, words)]
    return Section(
        id="loads", title=words.text("Loads beside each other"), blocks=blocks, group=group
    )


def _search(search: SearchResult, words: Wording) -> Markup:
    name = f"{search.model} / {search.dataset}"
    if search.best is None:
        head = words.text("{name}: no load of the search held the limits.", name=name)
    else:
        head = words.text(
            "{name}: {key} = {value} is the heaviest load within the SLO.",
            name=name, key=search.key, value=tables.number(search.best),
        )  # fmt: skip
    lines = []
    if search.low is not None and search.high is not None:
        lines.append(
            words.text(
                "The limit lies between {low} and {high}.",
                low=tables.number(search.low),
                high=tables.number(search.high),
            )
        )
    elif search.high is not None:
        lines.append(words.text("The limit lies below {high}.", high=tables.number(search.high)))
    elif search.low is not None:
        lines.append(
            words.text(
                "No load broke the limits: the limit lies above {low}.",
                low=tables.number(search.low),
            )
        )
    lines.append(
        words.text("It ended because {reason}", reason=translated(search.reason, words.language))
    )
    lines.append(words.text("How sure: {sure}", sure=translated(search.sure, words.language)))
    sign = "mind" if search.best is None else "good"
    return Markup("{}{}").format(_said(sign, head), _list("notes", lines) or "")


def _load(
    load: PerformanceResult,
    series: LoadSeries | None,
    place: tuple[int, str, int],
    words: Wording,
    group: str,
) -> Section:
    at, label, of = place
    prefix = f"load-{at + 1}"
    kept = words.text("The client kept up.")
    if not load.health.kept_up:
        kept = words.text("The client did NOT keep up: read the doubts first.")
    doubts = [translated(one, words.language) for one in load.health.doubts] if of > 1 else []
    blocks: list[Block | None] = [
        Markup('<p class="what">{}</p>').format(_settings(load)),
        _said("good" if load.health.kept_up else "bad", kept) if of > 1 else None,
        _list("doubts", doubts),
        _headed(words.text("SLO"), tables.slo_table(load, words)),
        _headed(words.text("Failures"), tables.faults_table(load, words)),
    ]
    if series is not None:
        blocks += [timeline(series, prefix, words), *over_time(load, series, prefix, words)]
        blocks += [*spreads(load, series, prefix, words), *arrivals(series, prefix, words)]
    blocks += [
        *turns(load, prefix, words),
        _headed(words.text("Statistics of the requests"), tables.statistics_table(load, words)),
        _headed(words.text("Figures of the run"), tables.figures_table(load, words)),
        _headed(words.text("Turns of the conversations"), tables.turns_table(load, words)),
        _headed(words.text("Windows of time"), tables.windows_table(load, words)),
        _headed(words.text("Token ledger"), tables.ledger_table(load, words)),
        _headed(words.text("What the server published"), tables.server_table(load, words)),
        _headed(words.text("The client's own health"), tables.client_table(load, words)),
        _list("notes", _notes(load, series, words)),
    ]
    title = words.text("Load {label}", label=label) if of > 1 else words.text("The load")
    return Section(id=prefix, title=title, blocks=_some(blocks), group=group)


def _notes(load: PerformanceResult, series: LoadSeries | None, words: Wording) -> Iterator[str]:
    for part in load.populations:
        if part.note and part.name in tables.RUN_PARTS:
            yield f"{part.name}: {translated(part.note, words.language)}"
    if any(one.weak for part in load.populations[:1] for one in part.statistics):
        yield words.text("~ rests on fewer than ten values beyond it")
    counts = load.counts
    for number, text in (
        (counts.retried, words.text("attempts were repeated")),
        (counts.warm_up, words.text("requests of the warm-up are in no figure")),
        (counts.cool_down, words.text("requests of the cool-down are in no figure")),
        (counts.short, words.text("answers were shorter than demanded")),
    ):
        if number:
            yield f"{number:,} {text}"
    for note in (*load.notes, *(series.notes if series is not None else ())):
        yield translated(note, words.language)


def _settings(load: PerformanceResult) -> str:
    """Model, data set, and the settings that make the load."""
    shown = [
        f"{key} = {_plain(value)}"
        for key, value in load.settings.items()
        if value not in (None, "", [], {}, 0, False)
    ]
    return f"{load.model} / {load.dataset}; " + ", ".join(shown)


def _plain(value: JsonValue) -> str:
    if isinstance(value, (float, str)):
        return f"{value:g}" if isinstance(value, float) else value
    return json.dumps(value, ensure_ascii=False)


def _said(sign: str, text: str) -> Markup:
    """A line of a verdict; ``sign`` is "good", "bad" or "mind"."""
    return Markup('<ul class="verdict"><li class="{}">{}</li></ul>').format(sign, text)


def _headed(title: str, content: Markup | None) -> Markup | None:
    return None if content is None else Markup("<h3>{}</h3>{}").format(title, content)


def _list(kind: str, lines: Iterator[str] | Sequence[str]) -> Markup | None:
    items = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup('<ul class="{}">{}</ul>').format(kind, items) if items else None


def _some(blocks: Sequence[Block | None]) -> list[Block]:
    return [one for one in blocks if one is not None]
