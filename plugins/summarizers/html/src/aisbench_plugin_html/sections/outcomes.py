"""What became of the answers: outcomes, finish reasons, lengths and times, odd answers."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from aisbench.api import Wording
from aisbench_plugin_html.blocks import Block, Chart, PageSection
from aisbench_plugin_html.charts.accuracy import VERDICTS, histogram, spreads, stacked
from aisbench_plugin_html.charts.colours import SERIES
from aisbench_plugin_html.facts import TaskFacts, by_model, label, many, spread
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.sections.accuracy import MOST_CHARTS, MOST_ROWS, ROW
from aisbench_plugin_html.tables import Cell, TableColumn, TableNumber, table
from aisbench_plugin_html.terms import colours_of, verdict_word

BINS = 30


def outcomes(material: Material, facts: Sequence[TaskFacts]) -> list[PageSection]:
    """Sections on outcomes and lengths; none without tasks."""
    if not material.results.tasks:
        return []
    words = material.words
    group = words.text("Accuracy")
    shown = by_model(facts)
    found = [
        PageSection(
            id="outcomes",
            title=words.text("Outcomes"),
            blocks=[*_outcomes(material), *_finish(shown, words), *_counts(material)],
            group=group,
        )
    ]
    if lengths := [*_tokens(shown, words), *_times(shown, words), *_histograms(facts, words)]:
        found.append(
            PageSection(
                id="lengths", title=words.text("Lengths and times"), blocks=lengths, group=group
            )
        )
    return found


def _outcomes(material: Material) -> Iterator[Chart]:
    words, tasks = material.words, material.results.tasks
    whole = many(len(tasks), len({one.model for one in tasks}))
    bars: dict[str, Counter[str]] = defaultdict(Counter)
    for task in tasks:
        name = task.model if whole else label(task.model, task.dataset, task.load)
        bars[name].update(attrs.asdict(task.counts))
    rows: list[dict[str, Any]] = [
        {
            "task": name, "verdict": verdict_word(verdict, words), "n": n,
            "share": n / max(counts["asked"], 1), "rank": rank,
        }
        for name, counts in bars.items()
        for rank, verdict in enumerate(VERDICTS)
        if (n := counts[verdict])
    ]  # fmt: skip
    if not rows:
        return
    seen = {verdict for counts in bars.values() for verdict in VERDICTS if counts[verdict]}
    caption = words.text("{n} answers, repeats included.", n=f"{sum(one['n'] for one in rows):,}")
    if whole:
        caption += " " + words.text(
            "All {tasks} tasks by model; the table below has each.", tasks=len(tasks)
        )
    yield Chart(
        id="outcomes",
        title=words.text("Outcomes of all answers"),
        caption=caption,
        spec=stacked(
            rows, title=words.text("share of the answers"), colours=colours_of(seen, words),
            kind="verdict", n=words.text("answers"), share=words.text("share"),
        ),
        height=60 + ROW * len(bars),
        wide=True,
    )  # fmt: skip


def _finish(facts: Sequence[TaskFacts], words: Wording) -> Iterator[Chart]:
    rows: list[dict[str, Any]] = []
    reasons: dict[str, int] = {}
    for one in facts:
        total = sum(one.finish.values())
        by_reason: dict[str, int] = {}
        for (_, reason), n in one.finish.items():
            by_reason[reason] = by_reason.get(reason, 0) + n
        for reason, n in by_reason.items():
            rank = reasons.setdefault(reason, len(reasons))
            rows.append(
                {"task": one.label, "finish": reason, "n": n, "share": n / total, "rank": rank}
            )
    if rows:
        yield Chart(
            id="finish",
            title=words.text("Why the model stopped"),
            caption=words.text(
                "The server's finish reason; none: it gave none, as for failed requests."
            ),
            spec=stacked(
                rows, title=words.text("share of the answers"),
                colours={one: SERIES[at % len(SERIES)] for one, at in reasons.items()},
                kind="finish", n=words.text("answers"), share=words.text("share"),
            ),
            height=60 + ROW * len({one["task"] for one in rows}),
            wide=True,
        )  # fmt: skip


def _counts(material: Material) -> Iterator[Block]:
    """Every outcome of every task, and odd answers by kind, as numbers."""
    words, tasks = material.words, material.results.tasks
    present = [one for one in VERDICTS if any(getattr(task.counts, one) for task in tasks)]
    kinds = list(dict.fromkeys(kind for task in tasks for kind in task.anomalies))
    head = [
        TableColumn(title=words.text("Model")),
        TableColumn(title=words.text("Data set")),
        TableColumn(title=words.text("Asked"), number=True),
        *(TableColumn(title=verdict_word(one, words), number=True) for one in present),
        TableColumn(title=words.text("Odd"), number=True,
               hint=words.text("Answers with a sign that model or server is broken, whatever "
                               "their outcome.")),
        *(TableColumn(title=words.text("odd: {kind}", kind=one), number=True) for one in kinds),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for task in tasks:
        counts = [getattr(task.counts, one) for one in ("asked", *present)]
        odd = TableNumber(task.odd, "—" if task.odd is None else f"{task.odd:,}")
        name = f"{task.dataset} [{task.load}]" if task.load else task.dataset
        rows.append([
            task.model, name, *(TableNumber(n, f"{n:,}") for n in counts), odd,
            *(TableNumber(n, f"{n:,}") for n in (task.anomalies.get(kind, 0) for kind in kinds)),
        ])  # fmt: skip
    yield table(head, rows, caption=words.text("Outcomes of all answers"))


def _tokens(facts: Sequence[TaskFacts], words: Wording) -> Iterator[Chart]:
    rows = list(_spread_rows(((one, one.tokens) for one in facts), words))
    uncounted = sum(one.uncounted for one in facts)
    if rows:
        yield _spread_chart(
            "tokens", words.text("Completion tokens by verdict"), words.text("tokens"),
            rows, facts, words, uncounted,
        )  # fmt: skip


def _times(facts: Sequence[TaskFacts], words: Wording) -> Iterator[Chart]:
    rows = list(_spread_rows(((one, one.seconds) for one in facts), words))
    if rows:
        yield _spread_chart(
            "times", words.text("Time by verdict"), words.text("seconds"), rows, facts, words, 0
        )


def _spread_chart(
    name: str,
    title: str,
    unit: str,
    rows: list[dict[str, Any]],
    facts: Sequence[TaskFacts],
    words: Wording,
    uncounted: int,
) -> Chart:
    caption = words.text(
        "Bar: the middle half; line: 5th to 95th percentile; mark: median. n = {n} answers.",
        n=f"{sum(one['n'] for one in rows):,}",
    )
    if uncounted:
        more = words.text("Of {n} answers the server told no count.", n=f"{uncounted:,}")
        caption = f"{caption} {more}"
    seen = {verdict for one in facts for verdict in one.verdicts}
    tasks = len({one["task"] for one in rows})
    bands = len({one["verdict"] for one in rows})
    return Chart(
        id=name,
        title=title,
        caption=caption,
        spec=spreads(
            rows, title=unit, colours=colours_of(seen, words), median=words.text("median"),
            n=words.text("n"),
        ),
        height=60 + tasks * max(ROW, 7 * bands),
    )  # fmt: skip


def _spread_rows(of: Any, words: Wording) -> Iterator[dict[str, Any]]:
    made = 0
    for one, values in of:
        for verdict in VERDICTS:
            found = spread(values.get(verdict, ()))
            if found is None:
                continue
            if made == MOST_ROWS:
                return
            made += 1
            yield {
                "task": one.label, "verdict": verdict_word(verdict, words),
                "n": found.n, "p5": round(found.p5, 4), "p25": round(found.p25, 4),
                "p50": round(found.p50, 4), "p75": round(found.p75, 4),
                "p95": round(found.p95, 4),
            }  # fmt: skip


def _histograms(facts: Sequence[TaskFacts], words: Wording) -> Iterator[Chart]:
    """Completion tokens of each model, stacked by verdict; all with the same bins."""
    models = list(dict.fromkeys(one.model for one in facts if one.tokens))
    most = max((max(v) for one in facts for v in one.tokens.values()), default=0)
    if not most:
        return
    width = _round_up((most + 1) / BINS)
    for index, model in enumerate(models[:MOST_CHARTS]):
        counts: dict[tuple[int, str], int] = {}
        for one in facts:
            if one.model == model:
                for verdict, values in one.tokens.items():
                    for value in values:
                        at = int(value // width), verdict
                        counts[at] = counts.get(at, 0) + 1
        rows = [
            {"begin": at * width, "end": (at + 1) * width, "verdict": verdict_word(verdict, words),
             "n": n, "rank": VERDICTS.index(verdict)}
            for (at, verdict), n in sorted(counts.items())
        ]  # fmt: skip
        yield Chart(
            id=f"tokens-of-{index}",
            title=words.text("Completion tokens of {model}", model=model),
            caption=words.text(
                "{n} answers of all data sets.", n=f"{sum(counts.values()):,}"
            ),
            spec=histogram(
                rows, title=words.text("tokens"), count=words.text("answers"),
                colours=colours_of((verdict for _, verdict in counts), words),
            ),
            height=200,
        )  # fmt: skip


def _round_up(width: float) -> int:
    """1, 2 or 5 times a power of ten."""
    power = 10 ** max(0, math.floor(math.log10(width)))
    return next(int(power * one) for one in (1, 2, 5, 10) if power * one >= width)
