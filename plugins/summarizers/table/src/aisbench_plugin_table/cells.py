"""Numbers and counts as text."""

from __future__ import annotations

from aisbench.api import Figure, TaskResult

MISSING = "—"


def figure_text(figure: Figure | None) -> str:
    """``71.3 % [68.8, 73.7]``: the value with its 95 % interval."""
    if figure is None:
        return MISSING
    digits = _digits(figure)
    text = f"{figure.value:.{digits}f} {figure.unit}".rstrip()
    if figure.low is not None and figure.high is not None:
        text += f" [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"
    return text


def _digits(figure: Figure) -> int:
    """Behind the point: four of a share of 1, as other harnesses print it."""
    return 4 if not figure.unit and abs(figure.value) <= 1 else 1


def counts_text(task: TaskResult) -> str:
    """``84 asked, 2 failed, 0 unparsed``, and the rarer outcomes where there are any."""
    counts = task.counts
    parts = [f"{counts.asked} asked", f"{counts.failed} failed", f"{counts.unparsed} unparsed"]
    parts += [
        f"{number} {name}"
        for name, number in (
            ("truncated", counts.truncated),
            ("unfinished", counts.unfinished),
            ("filtered", counts.filtered),
            ("refused", counts.refused),
            ("unjudged", counts.unjudged),
            ("odd", task.odd),
        )
        if number
    ]
    return ", ".join(parts)


def choice_text(task: TaskResult) -> str:
    """Which rows of the data set the figures are of."""
    return f"{task.dataset}: {task.samples:,} of {task.of:,} rows ({task.chosen})"


def samples_text(task: TaskResult, figure: Figure | None = None) -> str:
    """``28 x 3``: samples and, where there are several, repeats; of ``figure``, those that it is
    made of."""
    number = task.samples if figure is None else figure.n
    return str(number) if task.repeats == 1 else f"{number} x {task.repeats}"


def bounds_text(figure: Figure) -> str | None:
    """What the failed requests leave open."""
    if figure.bound_low is None or figure.bound_high is None:
        return None
    digits = _digits(figure)
    low, high = f"{figure.bound_low:.{digits}f}", f"{figure.bound_high:.{digits}f}"
    return f"from {low} if all failed requests had been wrong to {high} if right"
