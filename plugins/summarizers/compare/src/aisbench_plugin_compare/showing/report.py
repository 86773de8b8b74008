"""A comparison as parts of a page: first what differs, then the verdict, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
from attrs import frozen

from aisbench.api import Wording, translated
from aisbench_plugin_compare.comparing.comparison import ComparedLoad, ComparedTask, SideComparison
from aisbench_plugin_compare.comparing.difference import Difference
from aisbench_plugin_compare.comparing.fairness import Differing
from aisbench_plugin_compare.comparing.flips import Flip, shown
from aisbench_plugin_compare.comparing.label_figures import ComparedLabel
from aisbench_plugin_compare.gates.deciding import Decision
from aisbench_plugin_compare.gates.junit import sentence
from aisbench_plugin_compare.showing.numbers import change, plain, probability, value
from aisbench_plugin_compare.showing.page import Block, Fold, Grid, Heading, Lines, Quote
from aisbench_plugin_compare.showing.sentences import Sentences, some_names

_FACTS = 25
"""So many differing facts are shown; the JSON has all of them."""
_LABELS = 3
"""So many labels of a load are shown."""
_LONGEST = 4_000
"""Characters of an answer that are shown."""


@frozen(kw_only=True)
class ReportOptions:
    """What of a comparison is shown. ``flips`` are how many each way."""

    flips: int = 0


def report(
    comparison: SideComparison,
    decisions: Sequence[Decision],
    options: ReportOptions,
    words: Wording,
) -> list[Block]:
    """The page of one comparison. Raises AisbenchError where answers cannot be read."""
    left, right = comparison.left.label, comparison.right.label
    say = Sentences(words, left, right)
    title = words.text("{right} against {left}", right=right, left=left)
    blocks: list[Block] = [Heading(title, 1), _sides(comparison, words)]
    if decisions:
        blocks += _gates(decisions, words)
    blocks += _differing(comparison, say, words)
    blocks += _verdicts(comparison, say, words)
    for task in comparison.tasks:
        blocks += _parts(task, say, words)
        blocks += _flips(task, options.flips, say, words)
        if task.causes is not None:
            title = words.text("{name}: why answers differ", name=task.name)
            blocks += [Heading(title, 3), Lines(list(task.causes.text()))]
    for load in comparison.loads:
        if load.causes is not None:
            title = words.text("{name}: why figures differ", name=load.name)
            blocks += [Heading(title, 3), Lines(list(load.causes.text()))]
    return blocks


def _sides(comparison: SideComparison, words: Wording) -> Block:
    return Lines(
        [
            words.text("{label}: {source} ({tool})", label=one.label, source=one.source, tool=tool)
            for one in (comparison.left, comparison.right)
            for tool in [" ".join(filter(None, (one.tool, one.when)))]
        ]
    )


def _gates(decisions: Sequence[Decision], words: Wording) -> Iterator[Block]:
    failed = sum(one.failed for one in decisions)
    title = (
        words.text("Gates: {failed} of {total} failed", failed=failed, total=len(decisions))
        if failed
        else words.text("Gates: passed")
    )
    yield Heading(title)
    yield Grid(
        head=(words.text("gate"), "", ""),
        rows=[
            (
                one.gate.text,
                words.text("failed") if one.failed else words.text("passed"),
                sentence(one, words),
            )
            for one in decisions
        ],
    )


def _differing(comparison: SideComparison, say: Sentences, words: Wording) -> Iterator[Block]:
    yield Heading(words.text("What differs, and whether that is fair"))
    lines = [translated(one) for one in say.whole(comparison)]
    for task in comparison.tasks:
        lines += say.fair(task)
    for load in comparison.loads:
        lines += map(translated, say.load(load))
    yield Lines(lines)
    facts: dict[Differing, list[str]] = {}
    alone: set[Differing] = set()
    for name, found in (
        *((one.name, one.fairness.found) for one in comparison.tasks),
        *((one.name, one.found) for one in comparison.loads),
    ):
        for fact in found:
            if comparison.one_tool or fact.both:
                facts.setdefault(fact, []).append(name)
            else:
                alone.add(fact)
    if alone:
        yield Lines(
            [
                words.text(
                    "{n} things are told by one side alone, as tools tell different ones; --json "
                    "has them",
                    n=len(alone),
                )
            ]
        )
    if not facts:
        return
    of = len(comparison.tasks) + len(comparison.loads)
    grid = Grid(
        head=(
            words.text("about"), words.text("what"), say.left, say.right, words.text("of"),
        ),
        rows=[
            (*say.fact(fact), words.text("all") if len(names) == of else ", ".join(names[:3]))
            for fact, names in list(facts.items())[:_FACTS]
        ],
    )  # fmt: skip
    yield grid
    if len(facts) > _FACTS:
        more = len(facts) - _FACTS
        yield Lines([words.text("and {n} more, which --json has", n=more)])


def _verdicts(comparison: SideComparison, say: Sentences, words: Wording) -> Iterator[Block]:
    yield Heading(words.text("Verdict"))
    lines = [say.verdict(task.figures[0]) for task in comparison.tasks if task.figures]
    lines += [say.verdict(one) for one in comparison.groups]
    for load in comparison.loads:
        lines += say.summary(load)
    yield Lines(lines)
    figures = [
        *(one for task in comparison.tasks for one in task.figures),
        *comparison.groups,
    ]
    if figures:
        yield _grid(figures, say, words)
    for load in comparison.loads:
        if load.figures:
            yield Heading(load.name, 3)
            yield _grid(load.figures, say, words, whole=False)
        for label in load.labels[:_LABELS]:
            yield from _label(load, label, say, words)
    notes = _notes([*figures, *(one for load in comparison.loads for one in load.figures)], say)
    if notes:
        yield Lines(notes)
    yield Lines(
        [
            words.text(
                "smallest: the difference that would have been found in 4 of 5 such comparisons"
            ),
            words.text(
                "p is two-sided and adjusted by Holm over the figures of a table; intervals are "
                "of 95 %, of one figure each; seed {seed}",
                seed=comparison.seed,
            ),
        ]
    )


def _label(
    load: ComparedLoad, label: ComparedLabel, say: Sentences, words: Wording
) -> Iterator[Block]:
    title = words.text("{load}: requests by {label}", load=load.name, label=label.name)
    named = [attrs.evolve(one, part=f"{one.part}: {one.figure}") for one in label.figures]
    yield Heading(title, 3)
    yield _grid(named, say, words)
    lines = []
    if label.others:
        lines.append(
            words.text(
                "and {n} more values, with fewer requests, which the reports of both have",
                n=label.others,
            )
        )
    for side, values in ((say.left, label.left_only), (say.right, label.right_only)):
        if values:
            lines.append(
                words.text("only {label} has: {names}", label=side, names=some_names(values))
            )
    if any(one.verdict == "not tested" for one in label.figures):
        lines.append(words.text("not tested: too few requests for an interval"))
    if lines:
        yield Lines(lines)


def _grid(
    figures: Sequence[Difference], say: Sentences, words: Wording, *, whole: bool = True
) -> Grid:
    return Grid(
        head=(
            words.text("figure"),
            say.left,
            say.right,
            words.text("difference"),
            "p",
            "n",
            words.text("smallest"),
            words.text("verdict"),
        ),
        rows=[
            (
                one.part or (one.name if whole else one.figure),
                value(one.left, one.unit),
                value(one.right, one.unit),
                change(one),
                probability(one.adjusted, one.p_error),
                "" if one.n is None else f"{one.n:,}",
                "" if one.smallest is None else f"{plain(one.smallest)} {one.difference_unit}",
                say.word(one),
            )
            for one in figures
        ],
        right=frozenset({1, 2, 3, 4, 5, 6}),
    )


def _notes(figures: Sequence[Difference], say: Sentences) -> list[str]:
    found: dict[str, list[str]] = {}
    for one in figures:
        for note in (say.method(one) if one.test else "", say.note(one)):
            if note:
                found.setdefault(note, []).append(one.figure)
    return [
        note if len(names) == len(figures) else f"{', '.join(dict.fromkeys(names))}: {note}"
        for note, names in found.items()
    ]


def _parts(task: ComparedTask, say: Sentences, words: Wording) -> Iterator[Block]:
    if not task.parts:
        return
    figure = task.parts[0].figure
    title = words.text("{name}: {figure} of its parts", name=task.name, figure=figure)
    yield Fold(title, [_grid(task.parts, say, words)])


def _flips(task: ComparedTask, count: int, say: Sentences, words: Wording) -> Iterator[Block]:
    gained, lost = task.flips.gained, task.flips.lost
    if not gained and not lost:
        return
    yield Heading(words.text("{name}: answers whose score differs", name=task.name), 3)
    yield Lines(
        [
            words.text(
                "{gained} score higher for {right}, {lost} higher for {left}, {same} the same",
                gained=len(gained), right=say.right, lost=len(lost), left=say.left,
                same=task.flips.same,
            )
        ]
    )  # fmt: skip
    for label, chosen in ((say.right, gained[:count]), (say.left, lost[:count])):
        if chosen:
            title = words.text("{n} that {label} has higher", n=len(chosen), label=label)
            found = shown(task.left, task.right, chosen)
            yield Fold(title, [block for one in found for block in _flip(one, say, words)])


def _flip(one: Flip, say: Sentences, words: Wording) -> Iterator[Block]:
    name = one.id if not one.repeat else f"{one.id} ({one.repeat})"
    yield Heading(name, 4)
    question = one.left.question or one.left.prompt or one.right.prompt
    if question:
        yield Quote(words.text("question"), _cut(question))
    target = one.left.target or one.right.target
    if target is not None:
        yield Quote(words.text("reference"), _cut(target))
    for label, outcome, answer in (
        (say.left, one.left_outcome, one.left),
        (say.right, one.right_outcome, one.right),
    ):
        read = "" if answer.extracted is None else f", {_cut(answer.extracted, 100)!r}"
        if outcome == "failed" and answer.reason:
            read = f" ({_cut(answer.reason, 200)})"
        yield Quote(f"{label}: {say.outcome(outcome)}{read}", _cut(answer.text))


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[:longest]} ... ({len(text):,} characters)"
