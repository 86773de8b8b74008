"""The verdict: what one must know before any figure, then the figures that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from attrs import frozen
from markupsafe import Markup

from aisbench.api import Figure, PerformanceResult, SearchResult, TaskResult, Wording, translated
from aisbench_plugin_html.blocks import Block, Section
from aisbench_plugin_html.facts import label
from aisbench_plugin_html.figures import (
    AT_K,
    interval_cell,
    reading_of,
    value_cell,
)
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.tables import Cell, Column, Number, folded, table

Sign = Literal["good", "bad", "mind", "told"]
SHOWN = 14
"""Lines of the verdict that stand open."""
RATES = ("request_throughput", "output_token_throughput", "goodput")
QUANTITIES = ("ttft", "tpot", "e2el")
NAMED = 4
"""Loads that are named in one line."""
MOST = 0.01
"""A larger share of unparsed or truncated answers is worth a mark."""


@frozen
class Statement:
    """One line of the verdict."""

    sign: Sign
    text: str


def verdict(material: Material) -> Section:
    """The first section of the page."""
    words = material.words
    said = [*_run(material), *_answers(material), *_loads(material)]
    signs = {
        "good": words.text("good:"),
        "bad": words.text("bad:"),
        "mind": words.text("mind:"),
        "told": "",
    }
    lines = [
        Markup('<li class="{}"><span class="unseen">{}</span> {}</li>').format(
            one.sign, signs[one.sign], one.text
        )
        for one in sorted(said, key=lambda one: one.sign == "told")
    ]
    blocks: list[Block] = [_list(lines[:SHOWN])]
    if rest := lines[SHOWN:]:
        blocks.append(folded(words.text("{n} more remarks", n=len(rest)), _list(rest)))
    if material.results.tasks:
        blocks.append(_figures(material))
    if material.results.performance:
        blocks.append(_speeds(material))
    return Section(id="verdict", title=words.text("Verdict"), blocks=blocks)


def _list(lines: Sequence[Markup]) -> Markup:
    return Markup('<ul class="verdict">{}</ul>').format(Markup("").join(lines))


def _run(material: Material) -> Iterator[Statement]:
    words, results = material.words, material.results
    if not results.complete:
        yield Statement(
            "bad", words.text("The run is not complete: requests or loads are missing.")
        )
    if not results.tasks and not results.performance:
        yield Statement("bad", words.text("No task has results."))
    if material.trouble:
        told = translated(material.trouble, words.language)
        yield Statement("bad", words.text("Answers and requests are not here: {why}", why=told))
    for warning in results.warnings:
        yield Statement("mind", translated(warning, material.words.language))


def _answers(material: Material) -> Iterator[Statement]:
    words, tasks = material.words, material.results.tasks
    asked = sum(one.counts.asked for one in tasks)
    if not asked:
        return
    if not all(one.load for one in tasks):  # requests of loads are told of with the loads
        yield _failed(words, tasks, asked)
    yield _unread(words, tasks, asked)
    withheld = sum(one.counts.filtered + one.counts.refused for one in tasks)
    if withheld:
        told = words.text("{n} answers were filtered or refused.", n=f"{withheld:,}")
        yield Statement("mind", told)
    if odd := sum(one.odd or 0 for one in tasks):
        told = words.text(
            "{n} answers are odd: signs that model or server is broken.", n=f"{odd:,}"
        )
        yield Statement("mind", told)
    for task, warning in [(one, warning) for one in tasks for warning in one.warnings]:
        yield Statement("mind", f"{_label(task)}: {translated(warning, words.language)}")


def _unread(words: Wording, tasks: tuple[TaskResult, ...], asked: int) -> Statement:
    """What could not be read, or was cut."""
    unparsed = sum(one.counts.unparsed for one in tasks)
    cut = sum(one.counts.truncated + one.counts.unfinished for one in tasks)
    if not unparsed + cut:
        return Statement("good", words.text("Every answer could be read, and none was cut."))
    worst = max(tasks, key=_lost)
    return Statement(
        "mind" if unparsed + cut > MOST * asked else "told",
        words.text(
            "{unparsed} of {asked} answers could not be read ({share}), {cut} were cut before "
            "a right answer; most of both in {task}: {most}.",
            unparsed=f"{unparsed:,}", asked=f"{asked:,}", share=_percent(unparsed, asked),
            cut=f"{cut:,}", task=_label(worst), most=f"{_lost(worst):.1%}",
        ),
    )  # fmt: skip


def _failed(words: Wording, tasks: tuple[TaskResult, ...], asked: int) -> Statement:
    failed = sum(one.counts.failed for one in tasks)
    if not failed:
        return Statement("good", words.text("All {asked} answers arrived.", asked=f"{asked:,}"))
    causes = _causes((one.faults for one in tasks), words)
    return Statement(
        "bad" if failed > MOST * asked else "mind",
        words.text(
            "{failed} of {asked} requests failed ({share}): {causes}.",
            failed=f"{failed:,}", asked=f"{asked:,}", share=_percent(failed, asked),
            causes=causes,
        ),
    )  # fmt: skip


def _loads(material: Material) -> Iterator[Statement]:
    """Of all loads together; what is said of each stands in its own section."""
    words, loads = material.words, material.results.performance
    if loads:
        yield from _client(loads, words)
        yield from _failures(loads, words)
        yield from _limits(loads, words)
    for search in material.results.searches:
        yield _search(search, words)


def _client(loads: Sequence[PerformanceResult], words: Wording) -> Iterator[Statement]:
    """Whether it kept up, and what else is in doubt."""
    late = [one for one in loads if not one.health.kept_up]
    doubted = [one for one in loads if one.health.kept_up and one.health.doubts]
    short = [one for one in loads if not one.complete]
    if late:
        told = words.text(
            "The client did not keep up with {n} of {of} loads, whose figures are its own as well "
            "as the server's: {loads}.",
            n=len(late), of=len(loads), loads=_named(late, words),
        )  # fmt: skip
        yield Statement("bad", told)
    else:
        yield Statement("good", words.text("The client kept up with every load."))
    if doubted:
        told = words.text("There are doubts about {loads}.", loads=_named(doubted, words))
        yield Statement("mind", told)
    if short:
        yield Statement("bad", words.text("Cut short: {loads}.", loads=_named(short, words)))


def _limits(loads: Sequence[PerformanceResult], words: Wording) -> Iterator[Statement]:
    judged = [one.slo.holds for one in loads if one.slo is not None]
    missed = [one for one in loads if one.slo is not None and one.slo.holds is False]
    if missed:
        told = words.text("The SLO is missed by {loads}.", loads=_named(missed, words))
        yield Statement("mind", told)
    elif judged and all(judged):
        yield Statement("good", words.text("No load misses its SLO."))
    elif judged:
        yield Statement("mind", words.text("Whether the SLO holds is not known of every load."))


def _failures(loads: Sequence[PerformanceResult], words: Wording) -> Iterator[Statement]:
    total = sum(one.counts.total for one in loads)
    failed = sum(one.counts.failed for one in loads)
    if not failed:
        yield Statement("good", words.text("No request of a load failed."))
        return
    causes = _causes((one.faults for one in loads), words)
    told = words.text(
        "{failed} of {total} requests of loads failed ({share}): {causes}.",
        failed=f"{failed:,}", total=f"{total:,}", share=_percent(failed, total), causes=causes,
    )  # fmt: skip
    yield Statement("bad" if failed > MOST * total else "mind", told)


def _causes(faults: Iterable[Mapping[str, int]], words: Wording) -> str:
    """The commonest causes with their numbers."""
    causes: dict[str, int] = {}
    for one in faults:
        for cause, number in one.items():
            told = translated(cause, words.language)
            causes[told] = causes.get(told, 0) + number
    listed = sorted(causes.items(), key=lambda item: -item[1])
    return ", ".join(f"{cause} ({number:,})" for cause, number in listed[:4]) or "?"


def _named(loads: Sequence[PerformanceResult], words: Wording) -> str:
    names = [_load(one) for one in loads]
    if len(names) > NAMED:
        more = words.text("{n} more", n=len(names) - NAMED)
        names = [*names[:NAMED], more]
    return ", ".join(names)


def _search(search: SearchResult, words: Wording) -> Statement:
    task = label(search.model, search.dataset)
    if search.best is None:
        return Statement(
            "bad",
            words.text("{task}: not even the lightest load held the SLO ({reason}).", task=task,
                       reason=translated(search.reason, words.language)),
        )  # fmt: skip
    return Statement(
        "good",
        words.text(
            "{task}: the SLO holds up to {key} = {best}; the limit lies between {low} and {high}.",
            task=task, key=search.key, best=f"{search.best:g}",
            low="?" if search.low is None else f"{search.low:g}",
            high="∞" if search.high is None else f"{search.high:g}",
        ),
    )  # fmt: skip


def _figures(material: Material) -> Markup:
    """The first figure of each task, and what became of its answers."""
    words = material.words
    head = [
        Column(title=words.text("Model")),
        Column(title=words.text("Data set")),
        Column(title=words.text("Metric")),
        Column(title=words.text("Value"), number=True),
        Column(title=words.text("95 % interval"), number=True),
        Column(title="n", number=True, hint=words.text("Samples that the figure is of.")),
        Column(title=words.text("Failed"), number=True),
        Column(title=words.text("Unparsed"), number=True),
        Column(title=words.text("Truncated"), number=True),
    ]
    rows = []
    for task in material.results.tasks:
        for figure in _first(task):
            cells: list[Cell] = [task.model, _set(task)]
            if figure is None:
                cells += ["—", None, None, Number(task.samples, f"{task.samples:,}")]
            else:
                cells += [
                    figure.name,
                    value_cell(figure, words),
                    interval_cell(figure),
                    Number(figure.n, _times(figure.n, task.repeats)),
                ]
            counts = task.counts
            cells += [
                Number(n, f"{n:,}") for n in (counts.failed, counts.unparsed, counts.truncated)
            ]
            rows.append(cells)
    return table(head, rows, caption=words.text("The first figure of each task"))


def _first(task: TaskResult) -> list[Figure | None]:
    """The figures that a task is known by: of the whole set, without readings and curves."""
    names = [one.name for one in task.figures]
    whole = [
        one
        for one in task.figures
        if not one.part and not reading_of(one, names)[1] and not AT_K.match(one.name)
    ]
    whole = whole or [one for one in task.figures if not one.part]
    return list(whole[:1]) or [None]


def _speeds(material: Material) -> Markup:
    """What each load reached, by the names of the metric dictionary."""
    words = material.words
    head = [
        Column(title=words.text("Model")),
        Column(title=words.text("Data set")),
        Column(title=words.text("Load")),
        Column(title=words.text("Requests"), number=True),
        Column(title=words.text("Failed"), number=True),
        Column(title=words.text("Requests/s"), number=True),
        Column(title=words.text("Output tokens/s"), number=True),
        Column(title=words.text("Goodput/s"), number=True),
        *(Column(title=f"{one.upper()} p50 / p99 [ms]", number=True) for one in QUANTITIES),
        Column(title=words.text("Client kept up")),
    ]  # fmt: skip
    rows = [_speed(one, words) for one in material.results.performance]
    return table(head, rows, caption=words.text("What each load reached"))


def _speed(one: PerformanceResult, words: Wording) -> list[Cell]:
    population = one.populations[0] if one.populations else None
    figures = {} if population is None else {it.name: it for it in population.figures}
    spreads = {} if population is None else {it.name: it for it in population.statistics}
    cells: list[Cell] = [one.model, one.dataset, one.load]
    cells += [Number(n, f"{n:,}") for n in (one.counts.total, one.counts.failed)]
    for name in RATES:
        figure = figures.get(name)
        cells.append(Number(None, "—") if figure is None else Number(figure.value, _short(figure)))
    for name in QUANTITIES:
        spread = spreads.get(name)
        values = [None if spread is None else spread.percentiles.get(it) for it in ("p50", "p99")]
        text = " / ".join("—" if value is None else f"{value:,.1f}" for value in values)
        cells.append(Number(values[1], text))
    cells.append(words.text("yes") if one.health.kept_up else words.text("no"))
    return cells


def _short(figure: Figure) -> str:
    return f"{figure.value:,.2f}"


def _times(n: int, repeats: int) -> str:
    return f"{n:,}" if repeats == 1 else f"{n:,} × {repeats}"


def _lost(task: TaskResult) -> float:
    """The share of answers that could not be read, or were cut."""
    counts = task.counts
    return (counts.unparsed + counts.truncated + counts.unfinished) / max(counts.asked, 1)


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "?"


def _set(task: TaskResult) -> str:
    return f"{task.dataset} [{task.load}]" if task.load else task.dataset


def _label(task: TaskResult) -> str:
    return label(task.model, task.dataset, task.load)


def _load(one: PerformanceResult) -> str:
    return label(one.model, one.dataset, one.load)
