"""Which LoRA adapter answers a row."""

from __future__ import annotations

import hashlib
import itertools
import logging
from bisect import bisect_right
from collections.abc import Iterable, Mapping

from aisbench.base.errors import DataError
from aisbench.config.adapter_keys import ADAPTER_ID, BASE, AdapterMix
from aisbench.config.plan import Model, Plan, Task
from aisbench.conversation.prepare import Rows
from aisbench.declared.column import NamedColumn
from aisbench.types.json import JsonObject
from aisbench.types.sample import Sample

log = logging.getLogger(__name__)

LABEL = "adapter"
"""The label of requests that says who answers them."""
NO_ADAPTER = "(base)"
"""Its value for requests to the model itself, in a mix."""

Places = Mapping[str, tuple[int, str]]
"""Of all rows of a data set: where each id stands, from 0, and its part."""


class AdapterChoice:
    """The adapters of a task's rows. With ``vary`` a row that is asked again may get another one
    by its share; without it a row has one adapter, so that figures by adapter can be made."""

    def __init__(
        self, task: Task, mix: AdapterMix, places: Places, seed: int, *, vary: bool
    ) -> None:
        self._mix = mix
        self._where = f"datasets.{task.dataset.name}"
        self._seed = seed
        self._vary = vary
        self._names = list(mix.share)
        self._edges = list(itertools.accumulate(mix.share.values()))
        self._column = NamedColumn(mix.field) if mix.field else None
        self._map: Mapping[str, str] = mix.map if isinstance(mix.map, Mapping) else {}
        self._places = places
        # A file that names no id at all names places, as AISBench's do.
        self._by_place = bool(self._map) and not any(name in places for name in self._map)
        self._strange = self._by_place and not any(map(str.isdecimal, self._map))
        self._made: dict[str, tuple[JsonObject, Mapping[str, str]]] = {}

    def of(self, sample: Sample, repeat: int) -> str:
        """The adapter's name; "" for the model itself. Raises DataError for a row that the field
        or the map says nothing of."""
        if self._names:
            return self._drawn(sample, repeat)
        found = self._found(sample)
        if found is not None:
            return found
        if self._mix.rest is not None:
            return self._mix.rest
        raise DataError(
            f"{sample.place or self._where}: row {sample.id!r} has no adapter: {self._lacking()}",
            hint='name one, or set adapters.rest to the adapter of all others ("" is the model '
            "itself)",
        )

    def settings(
        self, generation: JsonObject, sample: Sample, repeat: int
    ) -> tuple[JsonObject, Mapping[str, str]]:
        """The task's ``generation`` settings with the adapter of a request, and its label."""
        name = self.of(sample, repeat)
        made = self._made.get(name)
        if made is None:
            own = generation if name == BASE else {**generation, ADAPTER_ID: name}
            made = self._made[name] = own, {LABEL: name or NO_ADAPTER}
        return made

    def check(self, samples: Iterable[Sample]) -> set[str]:
        """The adapters of all rows, without the model itself. Raises DataError."""
        if self._names:
            return set(self._mix.names)
        return {self.of(sample, 0) for sample in samples} - {BASE}

    def spare(self) -> list[str]:
        """Rows of the map that the data set does not have."""
        if self._by_place:
            known = {str(place) for place, _ in self._places.values()}
            return [name for name in self._map if name not in known]
        # Several samples may ask one question, by whose name a map may go.
        return [] if not self._places else [one for one in self._map if one not in self._places]

    def _drawn(self, sample: Sample, repeat: int) -> str:
        asked = f"{sample.question}/{repeat}" if self._vary else sample.question
        text = f"{self._seed}/adapter/{asked}"
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        share = int.from_bytes(digest[:8], "big") / 2**64 * self._edges[-1]
        return self._names[min(bisect_right(self._edges, share), len(self._names) - 1)]

    def _found(self, sample: Sample) -> str | None:
        if self._column is None:
            if self._by_place:
                place, _ = self._places.get(sample.id, (-1, ""))
                return self._map.get(str(place))
            return self._map.get(sample.id, self._map.get(sample.question))
        value = self._column.get(sample.fields)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise DataError(
                f"{sample.place or self._where}: the field {self._mix.field!r} of row "
                f"{sample.id!r} names no adapter: it is {value!r:.40}",
                hint="name a field that holds names of adapters",
            )
        return value

    def _lacking(self) -> str:
        if self._column is not None:
            return f"its field {self._mix.field!r} is empty or missing"
        if self._strange:
            strange = next(iter(self._map))
            return (
                "adapters.map names neither ids of this data set nor places (from 0): "
                f"{strange!r:.40}, and so on"
            )
        if self._by_place:
            return "adapters.map has no such place (its rows are numbered from 0)"
        return "adapters.map has no such id"


def adapters_of(task: Task, places: Places, seed: int, *, vary: bool) -> AdapterChoice | None:
    """The choice of a task; None where all its rows have the same."""
    mix = task.adapters.mix
    return None if mix is None else AdapterChoice(task, mix, places, seed, vary=vary)


def check_adapters(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Raises DataError for a row of which nothing says which adapter answers it, and for an
    adapter that its backend refuses; warns of what a map says of rows that are not there."""
    for task in plan.tasks:
        chosen = rows[task.dataset.name]
        choice = adapters_of(task, chosen.places, 0, vary=False)
        if choice is None:
            continue
        for name in sorted(choice.check(chosen.samples)):
            refused = task.model.backend.refused({**task.generation, ADAPTER_ID: name})
            if ADAPTER_ID in refused:
                raise DataError(
                    f"{task.adapters.where}: {task.model.offer.name} cannot ask the adapter "
                    f"{name!r}: {refused[ADAPTER_ID]}"
                )
        if spare := choice.spare():
            log.warning(
                "%s.map: %s of its rows are not in the data set, such as %r",
                task.adapters.where, len(spare), spare[0],
            )  # fmt: skip


def adapters_to_ask(plan: Plan, rows: Mapping[str, Rows], model: Model) -> tuple[str, ...]:
    """The adapters of a model that its servers must list."""
    found: set[str] = set()
    for task in plan.tasks:
        if task.model is not model:
            continue
        if task.adapters.one:
            found.add(task.adapters.one)
        mix = task.adapters.mix
        if mix is not None and not mix.unlisted:
            chosen = rows[task.dataset.name]
            found |= AdapterChoice(task, mix, chosen.places, 0, vary=False).check(chosen.samples)
    return tuple(sorted(found))
