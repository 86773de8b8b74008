"""The table: a row a model, a column a data set or group, with what must be known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from aisbench.api import wording
from aisbench_plugin_exports.figures import interval_text, value_text
from aisbench_plugin_exports.leaderboard.entries import Entry, Rule, differing

words = wording("aisbench_plugin_exports")

DIFFERS = "*"
"""Marks a column whose figures cannot be compared as they stand."""
INCOMPLETE = "~"
"""Marks a figure of a run that is not complete."""
LATE = "!"
"""Marks a figure of a load that the client did not keep up with."""


@frozen(kw_only=True)
class Leaderboard:
    """What is shown. ``entries`` are by model and column; ``differences`` names, of a column, the
    settings in which its entries differ."""

    models: Sequence[str]
    columns: Sequence[str]
    entries: Mapping[tuple[str, str], Entry]
    differences: Mapping[str, Sequence[str]]
    rule: Rule
    runs: int

    def head(self, column: str) -> str:
        """A column with its figure, its unit and its mark."""
        (one, *_) = (entry for (_, name), entry in self.entries.items() if name == column)
        unit = f" ({one.figure.unit})" if one.figure.unit else ""
        mark = f" {DIFFERS}" if column in self.differences else ""
        return f"{one.head}{unit}{mark}"

    def cell(self, model: str, column: str) -> str:
        """A figure with its interval; a dash where there is none."""
        entry = self.entries.get((model, column))
        if entry is None:
            return "-"
        mark = ("" if entry.complete else INCOMPLETE) + ("" if entry.kept_up else LATE)
        return f"{value_text(entry.figure)}{mark} {interval_text(entry.figure)}".rstrip()

    def notes(self) -> list[str]:
        """Sentences under the table."""
        found = [
            words.text(
                "of {runs} runs; of each model and data set the newest figure, with its 95 % "
                "interval",
                runs=self.runs,
            )
            if self.rule == "newest"
            else words.text(
                "of {runs} runs; of each model and data set the best figure, with its 95 % "
                "interval: the best of several is too high an estimate",
                runs=self.runs,
            )
        ]
        found += [
            words.text(
                "{mark} {column}: not comparable as they stand, they differ in {settings}",
                mark=DIFFERS,
                column=column,
                settings=", ".join(names),
            )
            for column, names in self.differences.items()
        ]
        if any(not one.complete for one in self.entries.values()):
            found.append(words.text("{mark} of a run that is not complete", mark=INCOMPLETE))
        if any(not one.kept_up for one in self.entries.values()):
            found.append(
                words.text("{mark} of a load that the client did not keep up with", mark=LATE)
            )
        return found


def leaderboard(
    entries: Mapping[tuple[str, str], Entry], rule: Rule, runs: int, sort: str = ""
) -> Leaderboard:
    """Models in the order of the column ``sort``, the best first, else by how many columns they
    have and then by the first of them."""
    columns = list(dict.fromkeys(column for _, column in entries))
    models = list(dict.fromkeys(model for model, _ in entries))
    by_column = {
        column: [one for (_, name), one in entries.items() if name == column] for column in columns
    }
    differences = {
        column: names
        for column, found in by_column.items()
        if (names := differing(found)) and len(found) > 1
    }
    first = sort or (columns[0] if columns else "")

    def place(model: str) -> tuple[bool, float]:
        entry = entries.get((model, first))
        if entry is None:
            return True, 0.0
        return False, entry.figure.value * (1 if entry.figure.better == "down" else -1)

    return Leaderboard(
        models=sorted(models, key=place),
        columns=columns,
        entries=entries,
        differences=differences,
        rule=rule,
        runs=runs,
    )
