"""The checks of a data set."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import field, mutable

from aisbench.api import DataError, Dataset, DatasetOffer, Sample
from aisbench_testkit.checking.case import OfferCase
from aisbench_testkit.checking.guard import deed_problems, watched
from aisbench_testkit.checking.twin import rows_of
from aisbench_testkit.checks import damage, dataset, leaks, offers, scoring
from aisbench_testkit.checks.trial import NotChecked

_DAMAGED_AT_MOST = 5_000_000
"""Bytes that are copied and damaged; larger data are read by the same code."""

_ROWS, _PROMPTS, _VARIANTS = "rows", "prompts", "variants"
_NAMES = "evaluator and metrics"

NamedStep = tuple[Any, ...]
"""A name, what to run, and names of further steps that it needs."""


@mutable
class _Loaded:
    """A data set whose rows are read once for all checks."""

    case: OfferCase
    _made: Any = field(default=None, init=False)

    @property
    def offer(self) -> DatasetOffer:
        found = self.case.listed.offer
        assert isinstance(found, DatasetOffer)
        return found

    def dataset(self) -> Any:
        """The data set with its rows kept. Raises NotChecked without its data."""
        if self._made is None:
            made = self.case.make()
            needs_data(made, self.case)
            self._made = _Kept(made)
        return self._made

    def rows(self) -> Sequence[Sample]:
        found: Sequence[Sample] = self.dataset().samples()
        return found


class _Kept:
    """A data set that reads its rows once."""

    def __init__(self, made: Dataset) -> None:
        self._made = made
        self._rows: list[Sample] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """Of what it stands for: declared sets are told by their class."""
        return type(self._made)

    def samples(self) -> Sequence[Sample]:
        if self._rows is None:
            self._rows = list(self._made.samples())
        return self._rows


def needs_data(made: Dataset, case: OfferCase) -> None:
    """Raises NotChecked, with what to give, where the data files are not here."""
    try:
        made.files()
    except DataError as error:
        if case.table.settings:
            raise  # data were given: that they are not found is a fault
        name = case.listed.offer.name
        table = f"[tool.aisbench.check.{name}] settings"
        way = f'--set {name}.path=FOLDER, or {table} = {{ path = "FOLDER" }}'
        raise NotChecked(
            f"needs data: {error.message}",
            give=way if "path" in case.known else f"{table} = {{ ... }}",
        ) from None


def dataset_steps(case: OfferCase) -> Iterator[NamedStep]:
    """In the order in which one builds on another."""
    loaded = _Loaded(case)
    offer, catalog = loaded.offer, case.catalog
    yield _NAMES, lambda: offers.check_names_used(offer, catalog)
    if offer.downloads:
        yield "downloads", lambda: offers.check_downloads(case.listed)
    published = case.listed.file is None
    yield _VARIANTS, lambda: dataset.check_variants(case.make(), catalog, published=published)
    yield _ROWS, lambda: _rows(case, loaded)
    if _is_scored(offer):
        yield "references", lambda: _references(loaded), _ROWS, _NAMES
    yield _PROMPTS, lambda: dataset.check_render(loaded.dataset(), catalog), _ROWS, _VARIANTS
    hidden = lambda: leaks.check_hidden(loaded.dataset(), loaded.rows(), catalog)  # noqa: E731
    yield "prompts without their answer", hidden, _PROMPTS
    yield "few-shot examples", lambda: _examples(loaded), _ROWS, _VARIANTS
    yield "a fresh process", lambda: _fresh(case, loaded), _ROWS
    if "path" in case.known:
        yield "damaged files", lambda: _damaged(case), _ROWS
    if offer.dialogue:
        talks = lambda: dataset.check_dialogue(loaded.dataset(), offer, catalog)  # noqa: E731
        yield "conversations", talks, _PROMPTS


def _is_scored(offer: DatasetOffer) -> bool:
    return offer.evaluator is not None


def _rows(case: OfferCase, loaded: _Loaded) -> list[str]:
    """Files, ids, equal loads; and what reading them does beside."""
    made = case.make()
    with watched() as deeds:
        needs_data(made, case)
        found = dataset.check_files(made) + dataset.check_samples(case.make)
    declared = [Path(file) for file in made.files()] if not found else []
    problems = found + deed_problems(deeds, declared, case.packages(), "samples()")
    if not problems:
        loaded.rows()
    return problems


def _references(loaded: _Loaded) -> list[str]:
    return scoring.check_scorable(
        loaded.dataset(),
        loaded.offer,
        loaded.rows(),
        loaded.case.catalog,
        loaded.case.table.evaluation,
    )


def _examples(loaded: _Loaded) -> list[str]:
    made = loaded.dataset()
    wanted = dataset.shots(made)
    if not wanted:
        return []
    with watched() as deeds:
        found = dataset.check_examples(made, wanted)
    declared = [Path(file) for file in made.files()]
    return found + deed_problems(deeds, declared, loaded.case.packages(), "examples()")


def _fresh(case: OfferCase, loaded: _Loaded) -> list[str]:
    """The same rows and prompts with another hash seed, clock, folder, time zone and locale."""
    own = rows_of(loaded.dataset(), case.catalog)
    said, why = case.compare(own)
    if not why:
        return []
    if "error" in said:
        return [f"in a fresh process samples() {said['error']} ({why})"]
    for (name, one), (other_name, other) in zip(own["rows"], said["rows"], strict=False):
        if name != other_name:
            return [f"a fresh process gives the id {other_name!r} for {name!r}: it needs {why}"]
        if one != other:
            return [f"a fresh process gives another row {name!r}: it takes {why}"]
    if len(own["rows"]) != len(said["rows"]):
        return [f"a fresh process gives {len(said['rows'])} rows, not {len(own['rows'])} ({why})"]
    variant = next(
        (name for name in own["prompts"] if own["prompts"][name] != said["prompts"].get(name)), "?"
    )
    return [f"a fresh process makes other prompts under the variant {variant!r} ({why})"]


def _damaged(case: OfferCase) -> list[str]:
    """Files that are not as published are told, by their names."""
    scratch = Path(tempfile.mkdtemp(prefix="aisbench-damage-"))
    try:
        return damage.check_damaged(_making(case), _source(case, scratch), scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _source(case: OfferCase, scratch: Path) -> Path:
    """The file or folder that holds the data. Raises NotChecked where there is none, or too
    much of it."""
    given = case.table.settings.get("path")
    if isinstance(given, str):
        source = case.folder / given
        _check_size(given, [source] if source.is_file() else [*source.rglob("*")])
        return source
    if case.listed.file is None:
        raise NotChecked(
            "no files are given that could be damaged",
            give=f"--set {case.listed.offer.name}.path=FOLDER",
        )
    # The rows lie beside the file, and so may anything else.
    beside = case.listed.file.parent
    files = [Path(one) for one in case.make().files()]
    _check_size(str(beside), files)
    source = scratch / "own" / beside.name
    for one in files:
        if one.is_relative_to(beside):
            copy = source / one.relative_to(beside)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(one, copy)
    return source


def _check_size(where: str, files: Sequence[Path]) -> None:
    if sum(one.stat().st_size for one in files if one.is_file()) > _DAMAGED_AT_MOST:
        raise NotChecked(
            f"{where} holds more than {_DAMAGED_AT_MOST // 1_000_000} MB",
            give="a smaller folder in the same layout",
        )


def _making(case: OfferCase) -> Callable[[Path], Dataset]:
    from aisbench_testkit.checks.making import make

    def made(path: Path) -> Dataset:
        found: Dataset = make(case.listed, {**case.settings, "path": str(path)}, case.folder)
        return found

    return made
