"""How fast the answers came: the loads of the run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import attrs
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
from aisbench_plugin_html.blocks import Block, PageSection
from aisbench_plugin_html.charts.devices import devices
from aisbench_plugin_html.charts.parts import figure_of, metric_title, statistics_of
from aisbench_plugin_html.charts.performance_caches import cache_charts
from aisbench_plugin_html.charts.performance_loads import (
    load_labels,
    overlaid,
    search_chart,
    sweeps,
    turns,
    verdict_of,
)
from aisbench_plugin_html.charts.performance_spread import arrivals, spreads
from aisbench_plugin_html.charts.performance_time import over_time
from aisbench_plugin_html.charts.performance_timeline import timeline
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.sections import performance_tables as tables
from aisbench_plugin_html.sections.cache_tables import (
    prefix_block,
    speculation_block,
    tpot_block,
)
from aisbench_plugin_html.sections.device_tables import device_notes, devices_table
from aisbench_plugin_html.sections.label_tables import labels_block
from aisbench_plugin_html.sections.load_verdict import notable
from aisbench_plugin_html.sections.session_tables import sessions_table, turns_table
from aisbench_plugin_html.tables import folded

MOST_DRAWN = 12
"""Loads with charts of their own; a page with more is no longer read."""


def performance(material: Material) -> list[PageSection]:
    """Sections on the loads; none without loads."""
    loads, words = material.results.performance, material.words
    if not loads and not material.results.searches:
        return []
    group = words.text("Performance")
    series, lost = _series(material)
    found = []
    if len(loads) > 1 or material.results.searches:
        found.append(_beside(material, series, lost, group))
        lost = []
    for at, label in enumerate(load_labels(loads)):
        found.append(_load(loads[at], series.get(at), (at, label, len(loads)), words, group))
    if len(loads) > 1:
        chosen = notable(loads)
        found[1:] = [
            attrs.evolve(one, folded=at != chosen, brief=_brief(loads[at], words))
            for at, one in enumerate(found[1:])
        ]
    elif lost:
        found[-1] = attrs.evolve(
            found[-1], blocks=_some([_list("notes", lost), *found[-1].blocks])
        )
    return found


def _brief(load: PerformanceResult, words: Wording) -> str:
    """What a load came to, in a few words."""
    said = []
    if (speed := figure_of(load, "output_token_throughput")) is not None:
        said.append(words.text("{n} output tokens/s", n=tables.number(speed.value)))
    for metric in ("ttft", "tpot", "e2el"):
        found = statistics_of(load, metric)
        if found is not None and "p99" in found.percentiles:
            weak = "~" if "p99" in found.weak else ""
            name = metric_title(metric, words)
            said.append(f"{name} p99 {tables.number(found.percentiles['p99'])}{weak} ms")
    if load.counts.failed:
        said.append(words.text("{n} failed", n=f"{load.counts.failed:,}"))
    if not load.health.kept_up:
        said.append(words.text("the client did not keep up"))
    elif not load.complete:
        said.append(words.text("cut short"))
    elif load.slo is not None:
        said.append(verdict_of(load, words))
    return ", ".join(said)


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
        chosen.add(notable(loads))
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


def _beside(
    material: Material, series: Mapping[int, LoadSeries], lost: Sequence[str], group: str
) -> PageSection:
    """What several loads tell together, and what a search found."""
    loads, words = material.results.performance, material.words
    blocks: list[Block | None] = []
    for number, search in enumerate(material.results.searches):
        blocks += [_search(search, words), search_chart(search, number, words)]
    if len(loads) > 1:
        blocks += [*sweeps(loads, words), *overlaid(loads, series, words)]
        blocks.append(tpot_block(loads, words))
    blocks.append(_list("notes", lost))
    if len(loads) > 1:
        blocks.append(
            Markup('<p class="lead">{} <button type="button" id="unfold">{}</button></p>').format(
                words.text("Below, each load lies under its line, which opens it."),
                words.text("Open all loads"),
            )
        )
    return PageSection(
        id="loads", title=words.text("Loads beside each other"), blocks=_some(blocks), group=group
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


def _single_phase(load: PerformanceResult, words: Wording) -> Markup | None:
    """Whether a load of prefill or decode alone was one; None of others."""
    found = load.single_phase
    if found is None:
        return None
    why = translated(found.why, words.language)
    if found.holds is None:
        text = words.text("Not known whether it was {only} alone: {why}", only=found.only, why=why)
        return _said("mind", text)
    if found.holds:
        text = words.text("It was {only} alone: {why}", only=found.only, why=why)
        return _said("good", text)
    return _said("bad", words.text("It was not {only} alone: {why}", only=found.only, why=why))


def _load(
    load: PerformanceResult,
    series: LoadSeries | None,
    place: tuple[int, str, int],
    words: Wording,
    group: str,
) -> PageSection:
    at, label, of = place
    prefix = f"load-{at + 1}"
    doubts = [translated(one, words.language) for one in load.health.doubts] if of > 1 else []
    blocks: list[Block | None] = [
        Markup('<p class="lead">{}</p>').format(_settings(load)),
        _list("doubts", doubts),
        _single_phase(load, words),
        _headed(words.text("SLO"), tables.slo_table(load, words)),
        _headed(words.text("Failures"), tables.faults_table(load, words)),
        _headed(words.text("Statistics of the requests"), tables.statistics_table(load, words)),
        _headed(words.text("Figures of the run"), tables.figures_table(load, words)),
    ]
    if series is not None:
        blocks += [
            Markup("<h3>{}</h3>").format(words.text("Over time")),
            timeline(series, prefix, words),
            *over_time(load, series, prefix, words),
            *devices(series, prefix, words),
            Markup("<h3>{}</h3>").format(words.text("How latencies and arrivals are spread")),
            *spreads(load, series, prefix, words),
            *arrivals(series, prefix, words),
        ]
    blocks += [
        _headed(words.text("Turns of the conversations"), turns_table(load, words)),
        _headed(words.text("Sessions"), sessions_table(load, words)),
        *turns(load, prefix, words),
        labels_block(load, words),
        prefix_block(load, words),
        speculation_block(load, words),
        *cache_charts(load, series, prefix, words),
        _headed(words.text("Windows of time"), tables.windows_table(load, words)),
        _headed(words.text("Devices"), devices_table(load, words)),
        _folded(words.text("What the server published"), tables.server_table(load, words)),
        _folded(words.text("Token ledger"), tables.ledger_table(load, words)),
        _folded(words.text("The client's own health"), tables.client_table(load, words)),
        _list("notes", _notes(load, series, words)),
    ]
    title = words.text("Load {label}", label=label) if of > 1 else words.text("The load")
    return PageSection(id=prefix, title=title, blocks=_some(blocks), group=group)


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
    yield from device_notes(load, words)
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


def _folded(title: str, content: Markup | None) -> Markup | None:
    return None if content is None else folded(title, content)


def _list(kind: str, lines: Iterator[str] | Sequence[str]) -> Markup | None:
    items = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup('<ul class="{}">{}</ul>').format(kind, items) if items else None


def _some(blocks: Sequence[Block | None]) -> list[Block]:
    return [one for one in blocks if one is not None]
