"""Figures as people read them: numbers with unit and interval, and how each is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attrs import frozen
from markupsafe import Markup

from aisbench.api import Figure, TaskResult, Wording
from aisbench_plugin_html.tables import TableNumber, hinted

AT_K = re.compile(r"(?P<family>[\w.-]+)@(?P<k>\d+)(?P<rest>.*)")
READING = re.compile(r"(?P<name>.+) \((?P<reading>[^()]+)\)")


@frozen
class Told:
    """A figure with the task that it is of."""

    task: TaskResult
    figure: Figure


def all_figures(tasks: Iterable[TaskResult]) -> list[Told]:
    """Every figure, in the order of the suite."""
    return [Told(task, figure) for task in tasks for figure in task.figures]


def reading_of(figure: Figure, names: Sequence[str]) -> tuple[str, str]:
    """The name of the metric, and that of the reading or "": ``accuracy (strict)`` is a reading
    where there is an ``accuracy``."""
    found = READING.fullmatch(figure.name)
    if found and found["name"] in names:
        return found["name"], found["reading"]
    return figure.name, ""


def digits(figure: Figure) -> int:
    """Behind the point: shares of 1 need more than percent do."""
    return 4 if not figure.unit and abs(figure.value) <= 1 else 1 if figure.unit == "%" else 2


def with_unit(value: float, figure: Figure) -> str:
    """``71.3 %``."""
    return f"{value:,.{digits(figure)}f} {figure.unit}".rstrip()


def value_cell(figure: Figure, words: Wording) -> TableNumber:
    """The value, its explanation on hover."""
    return TableNumber(
        figure.value, hinted(with_unit(figure.value, figure), explained(figure, words))
    )


def interval(figure: Figure) -> str:
    """``68.8 to 73.7``, "" where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    places = digits(figure)
    return f"{figure.low:,.{places}f} – {figure.high:,.{places}f}"


def interval_cell(figure: Figure) -> TableNumber:
    """The interval, sorted by its width."""
    text = interval(figure)
    width = figure.high - figure.low if text and figure.high and figure.low is not None else None
    return TableNumber(width, Markup('<span class="low">{}</span>').format(text))


def explained(figure: Figure, words: Wording) -> str:
    """What the figure is, how its interval was made, and its bounds."""
    lines = [formula(figure.name, words)]
    if figure.low is not None:
        method = figure.method or words.text("a method that is not told")
        lines.append(words.text("95 % interval by {method}.", method=_method(method)))
    if figure.bound_low is not None and figure.bound_low != figure.bound_high:
        lines.append(
            words.text(
                "From {low} if all failed requests had been wrong to {high} if right.",
                low=with_unit(figure.bound_low, figure),
                high=with_unit(figure.bound_high or 0.0, figure),
            )
        )
    lines.append(words.text("n = {n} samples.", n=f"{figure.n:,}"))
    return "\n".join(filter(None, lines))


def _method(name: str) -> str:
    return {"wilson": "Wilson (1927)"}.get(name, name)


def formula(name: str, words: Wording) -> str:
    """How a metric of answers is made; "" where only its plugin knows."""
    found = AT_K.match(name)
    family = found["family"] if found else name.partition(" (")[0]
    known = {
        "accuracy": words.text(
            "Right answers / samples asked, graded ones by their score; those that failed or "
            "could not be read count as wrong."
        ),
        "pass": words.text(
            "Mean over samples of 1 - C(n - c, k) / C(n, k), with c right of n answers: the "
            "chance that one of k is right (Chen et al. 2021)."
        ),
        "cons": words.text("Share of samples whose most frequent answer among k is right."),
        "maj": words.text("Share of samples whose most frequent answer among k is right."),
        "avg": words.text("Mean share of right answers over n repeats of each sample."),
        "worst": words.text("Share of samples for which even the worst of k answers is right."),
        "G-Pass": words.text(
            "Mean chance that at least a share tau of k answers is right (Liu et al. 2024)."
        ),
    }
    told = known.get(family, "")
    if READING.fullmatch(name):
        told = " ".join(filter(None, (told, words.text("By another rule of reading the answer."))))
    return told
