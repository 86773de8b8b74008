"""Labels of requests that a suite takes from fields of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aisbench.base.errors import DataError
from aisbench.config.plan import Plan, Task
from aisbench.conversation.adapters import LABEL
from aisbench.conversation.prepare import Rows
from aisbench.declared.column import NamedColumn
from aisbench.types.sample import Sample


class RowLabels:
    """The labels of a data set's rows, by the names of ``fields`` or paths into one."""

    def __init__(self, task: Task, fields: Sequence[str]) -> None:
        self._where = f"datasets.{task.dataset.name}"
        self._columns = [NamedColumn(name) for name in fields]

    def of(self, sample: Sample) -> dict[str, str]:
        """Those of a row; a field that it lacks gives none. Raises DataError for a value that is
        no text or number."""
        found = {}
        for column in self._columns:
            value = column.get(sample.fields)
            if value is None or value == "":
                continue
            if isinstance(value, (Mapping, list, tuple)):
                raise DataError(
                    f"{sample.place or self._where}: the field {column.name!r} of row "
                    f"{sample.id!r} labels nothing: it is {value!r:.40}",
                    hint="name a field that holds a text or a number, or a path into this one",
                )
            found[column.name] = str(value)
        return found

    def check(self, samples: Sequence[Sample]) -> None:
        """Raises DataError for what :meth:`of` does, and for a field that no row has."""
        missing = {column.name for column in self._columns}
        if LABEL in missing:
            raise DataError(
                f"{self._where}.labels: {LABEL!r} is the label of LoRA adapters",
                hint=f'adapters = {{ field = "{LABEL}" }} lets this field name each row\'s '
                "adapter; for figures alone give the field another name",
            )
        for sample in samples:
            missing -= self.of(sample).keys()
        if missing:
            raise DataError(
                f"{self._where}.labels: no row has a field {min(missing)!r}",
                hint=f"its rows have: {', '.join(samples[0].fields)}",
            )


def labels_of(task: Task) -> RowLabels | None:
    """What labels a task's rows; None where the suite names no field."""
    fields = task.dataset.common.labels
    return RowLabels(task, fields) if fields else None


def check_labels(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Raises DataError."""
    for task in plan.tasks:
        if (labels := labels_of(task)) is not None:
            labels.check(rows[task.dataset.name].samples)
