"""The verdict: what one must know before any figure, then the figures that were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from aisbench.api import Figure, PerformanceResult, TaskResult, Wording, translated
from aisbench_plugin_html.blocks import Block, PageSection
from aisbench_plugin_html.facts import label
from aisbench_plugin_html.figures import (
    AT_K,
    interval_cell,
    reading_of,
    value_cell,
)
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.sections.load_verdict import doubts_of, of_loads
from aisbench_plugin_html.sections.performance_tables import overview
from aisbench_plugin_html.sections.statement import (
    MOST,
    Sign,
    VerdictStatement,
    causes_of,
    percent,
)
from aisbench_plugin_html.tables import Cell, TableColumn, TableNumber, folded, table

SIGNS: tuple[Sign, ...] = ("bad", "mind", "good", "told")
"""In the order in which one must know of them."""
HEAVY = 0.1
"""A share of unread or cut answers that makes a figure one of something else."""
SHOWN = 14
"""Lines of the verdict that stand open."""


def verdict(material: Material) -> PageSection:
    """The first section of the page."""
    words = material.words
    said = [*_run(material), *_answers(material), *of_loads(material)]
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
        for one in sorted(said, key=lambda one: SIGNS.index(one.sign))
    ]
    loads = material.results.performance
    blocks: list[Block] = [_lead(material), _list(lines[:SHOWN])]
    if rest := lines[SHOWN:]:
        blocks.append(folded(words.text("{n} more remarks", n=len(rest)), _list(rest)))
    if doubts := list(doubts_of(loads, words)):
        blocks.append(
            Markup('<ul class="doubts">{}</ul>').format(
                Markup("").join(Markup("<li>{}</li>").format(one) for one in doubts)
            )
        )
    if material.results.tasks:
        blocks.append(_figures(material))
    if loads:
        blocks.append(overview(loads, words))
    return PageSection(id="verdict", title=words.text("Verdict"), blocks=blocks)


def _lead(material: Material) -> Markup:
    """What was run, and when."""
    words, results = material.words, material.results
    every: list[TaskResult | PerformanceResult] = [*results.tasks, *results.performance]
    said = []
    for one, several, names in (
        (words.text("model"), words.text("models"), {it.model for it in every}),
        (words.text("data set"), words.text("data sets"), {it.dataset for it in every}),
    ):
        if names:
            said.append(f"{one} {min(names)}" if len(names) == 1 else f"{len(names)} {several}")
    if len(results.performance) > 1:
        said.append(words.text("{n} loads", n=len(results.performance)))
    environment = {} if material.run is None else material.run.environment
    sessions = environment.get("sessions") or [{}]
    if began := sessions[0].get("started"):
        said.append(words.text("begun {time}", time=str(began).replace("T", " ")))
    if version := environment.get("plugins", {}).get("aisbench"):
        said.append(f"aisbench {version}")
    return Markup('<p class="lead">{}</p>').format(" · ".join(said))


def _list(lines: Sequence[Markup]) -> Markup:
    return Markup('<ul class="verdict">{}</ul>').format(Markup("").join(lines))


def _run(material: Material) -> Iterator[VerdictStatement]:
    words, results = material.words, material.results
    if not results.complete:
        yield VerdictStatement(
            "bad", words.text("The run is not complete: requests or loads are missing.")
        )
    if not results.tasks and not results.performance:
        yield VerdictStatement("bad", words.text("No task has results."))
    if material.trouble:
        told = translated(material.trouble, words.language)
        yield VerdictStatement(
            "bad", words.text("Answers and requests are not here: {why}", why=told)
        )
    for warning in results.warnings:
        yield VerdictStatement("mind", translated(warning, material.words.language))


def _answers(material: Material) -> Iterator[VerdictStatement]:
    words, tasks = material.words, material.results.tasks
    asked = sum(one.counts.asked for one in tasks)
    if not asked:
        return
    if not all(one.load for one in tasks):  # requests of loads are told of with the loads
        yield _failed(words, tasks, asked)
    if any(one.counts.failed < one.counts.asked for one in tasks):
        yield _unread(words, tasks, asked)
    withheld = sum(one.counts.filtered + one.counts.refused for one in tasks)
    if withheld:
        told = words.text("{n} answers were filtered or refused.", n=f"{withheld:,}")
        yield VerdictStatement("mind", told)
    if odd := sum(one.odd or 0 for one in tasks):
        told = words.text(
            "{n} answers are odd: signs that model or server is broken.", n=f"{odd:,}"
        )
        yield VerdictStatement("mind", told)
    for task, warning in [(one, warning) for one in tasks for warning in one.warnings]:
        yield VerdictStatement("mind", f"{_label(task)}: {translated(warning, words.language)}")


def _unread(words: Wording, tasks: tuple[TaskResult, ...], asked: int) -> VerdictStatement:
    """What could not be read, or was cut."""
    unparsed = sum(one.counts.unparsed for one in tasks)
    cut = sum(one.counts.truncated + one.counts.unfinished for one in tasks)
    if not unparsed + cut:
        return VerdictStatement(
            "good", words.text("Every answer could be read, and none was cut.")
        )
    told = words.text(
        "{unparsed} of {asked} answers could not be read ({share}), {cut} were cut before "
        "a right answer.",
        unparsed=f"{unparsed:,}", asked=f"{asked:,}", share=percent(unparsed, asked),
        cut=f"{cut:,}",
    )  # fmt: skip
    if len(tasks) > 1:
        worst = max(tasks, key=_lost)
        told += " " + words.text(
            "Most of both in {task}: {most}.", task=_label(worst), most=f"{_lost(worst):.1%}"
        )
    share = (unparsed + cut) / asked
    return VerdictStatement("bad" if share > HEAVY else "mind" if share > MOST else "told", told)


def _failed(words: Wording, tasks: tuple[TaskResult, ...], asked: int) -> VerdictStatement:
    failed = sum(one.counts.failed for one in tasks)
    if not failed:
        return VerdictStatement(
            "good", words.text("All {asked} answers arrived.", asked=f"{asked:,}")
        )
    causes = causes_of((one.faults for one in tasks), words)
    return VerdictStatement(
        "bad" if failed > MOST * asked else "mind",
        words.text(
            "{failed} of {asked} requests failed ({share}): {causes}.",
            failed=f"{failed:,}", asked=f"{asked:,}", share=percent(failed, asked),
            causes=causes,
        ),
    )  # fmt: skip


def _figures(material: Material) -> Markup:
    """The first figure of each task, and what became of its answers."""
    words = material.words
    head = [
        TableColumn(title=words.text("Model")),
        TableColumn(title=words.text("Data set")),
        TableColumn(title=words.text("Metric")),
        TableColumn(title=words.text("Value"), number=True),
        TableColumn(title=words.text("95 % interval"), number=True),
        TableColumn(title="n", number=True, hint=words.text("Samples that the figure is of.")),
        TableColumn(title=words.text("Failed"), number=True),
        TableColumn(title=words.text("Unparsed"), number=True),
        TableColumn(title=words.text("Truncated"), number=True),
    ]
    rows = []
    for task in material.results.tasks:
        for figure in _first(task):
            cells: list[Cell] = [task.model, _set(task)]
            if figure is None:
                cells += ["—", None, None, TableNumber(task.samples, f"{task.samples:,}")]
            else:
                cells += [
                    figure.name,
                    value_cell(figure, words),
                    interval_cell(figure),
                    TableNumber(figure.n, _times(figure.n, task.repeats)),
                ]
            counts = task.counts
            cells += [
                TableNumber(n, f"{n:,}")
                for n in (counts.failed, counts.unparsed, counts.truncated)
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


def _times(n: int, repeats: int) -> str:
    return f"{n:,}" if repeats == 1 else f"{n:,} × {repeats}"


def _lost(task: TaskResult) -> float:
    """The share of answers that could not be read, or were cut."""
    counts = task.counts
    return (counts.unparsed + counts.truncated + counts.unfinished) / max(counts.asked, 1)


def _set(task: TaskResult) -> str:
    return f"{task.dataset} [{task.load}]" if task.load else task.dataset


def _label(task: TaskResult) -> str:
    return label(task.model, task.dataset, task.load)
