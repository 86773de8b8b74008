"""All checks of a distribution, in order. A step may need others: what cannot be made is said
once, and what would only repeat it is not checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from attrs import field, frozen
from packaging.utils import canonicalize_name

from aisbench.api import (
    BackendOffer,
    CommandOffer,
    DatasetOffer,
    DeviceSamplerOffer,
    EvaluatorOffer,
    LoadShapeOffer,
    ObserverOffer,
    PostprocessorOffer,
    ReducerOffer,
    RetrieverOffer,
    SummarizerOffer,
    TemplateOffer,
    TunerOffer,
)
from aisbench.base.errors import PluginError
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.files import plugin_of_file, set_of_file, with_plugin_file
from aisbench.plugins.manifest import FILE, package_folder
from aisbench_testkit.checking.case import OfferCase
from aisbench_testkit.checks import importing, imports, offers, packaging

Run = Callable[[], "list[str]"]


@frozen(kw_only=True)
class CheckStep:
    """One check, not yet done. ``needs`` are names of steps of the same offer that must pass."""

    dist: str
    offer: str = ""
    name: str
    run: Run
    needs: tuple[str, ...] = ()
    skip: str = ""
    """Why the author says that it does not apply."""
    patience: int = 1
    """How many times the usual time it may take, as it starts processes of its own."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Which step it is, in every process."""
        return self.dist, self.offer, self.name


@frozen(kw_only=True)
class DistributionSteps:
    """The checks of a distribution itself. ``probed`` is what its imports did."""

    found: Distribution
    probed: dict[str, Any] = field(factory=dict)

    @property
    def modules(self) -> list[str]:
        """What its entry points name."""
        return sorted({one.module for one in packaging.entries(self.found)})

    @property
    def harmful(self) -> list[str]:
        """Entry points whose import ends or holds up a process: nothing more is asked of them."""
        bad = {name for name, one in self.probed.items() if harms(one)}
        return [one.name for one in packaging.entries(self.found) if one.module in bad]

    def first(self) -> Iterator[CheckStep]:
        """Those that import nothing in this process."""
        found, dist = self.found, self.found.name
        core = canonicalize_name(dist) == packaging.CORE
        yield CheckStep(dist=dist, name="names", run=lambda: packaging.check_names(found))
        yield CheckStep(
            dist=dist, name="entry points", run=lambda: packaging.check_entry_points(found)
        )
        if not core:
            yield CheckStep(
                dist=dist, name="metadata", run=lambda: packaging.check_metadata(found)
            )
        for module in self.modules:
            yield CheckStep(
                dist=dist,
                name=f"import of {module}",
                run=lambda m=module: importing.import_problems(m, self.probed[m]),  # type: ignore[misc]
            )
        if not core:
            for package in packaging.packages(found):
                yield CheckStep(
                    dist=dist,
                    name=f"imports of {package}",
                    run=lambda p=package: imports.check_imports(p),  # type: ignore[misc]
                )

    def loading(self, catalog: Catalog) -> Iterator[CheckStep]:
        """What discovery made of it."""
        if self.harmful:
            return
        yield CheckStep(
            dist=self.found.name,
            name="loading",
            run=lambda: packaging.check_loaded(self.found, catalog),
        )
        if any(_has_manifest(module) for module in self.modules):
            yield CheckStep(
                dist=self.found.name,
                name="manifest",
                run=lambda: packaging.check_manifest(self.found.name),
            )

    def offers(self, catalog: Catalog) -> Iterator[tuple[Listed, Catalog]]:
        """Everything that it offers, with all that is installed."""
        wanted = canonicalize_name(self.found.name)
        for one in catalog.listed:
            if canonicalize_name(one.dist) == wanted:
                yield one, catalog


def _has_manifest(module: str) -> bool:
    home = package_folder(module.partition(":")[0])
    return home is not None and (home.path / FILE).is_file()


@frozen(kw_only=True)
class FileSteps:
    """The checks of a plugin or a data set that is one file."""

    dist: str
    file: Path
    probed: dict[str, Any] = field(factory=dict)

    @property
    def harmful(self) -> bool:
        """Whether nothing more may be asked of it."""
        return harms(self.probed.get(str(self.file), {}))

    def first(self) -> Iterator[CheckStep]:
        """What its import does, and what it imports."""
        if self.file.suffix != ".py":
            return
        found = self.probed[str(self.file)]
        name = self.file.name
        yield CheckStep(
            dist=self.dist,
            name=f"import of {name}",
            run=lambda: importing.import_problems(name, found, light=False),
        )
        yield CheckStep(
            dist=self.dist,
            name=f"imports of {name}",
            run=lambda: imports.check_source(
                self.file.read_text(encoding="utf-8"), name, self.file.stem
            ),
        )

    def loading(self, catalog: Catalog) -> Iterator[CheckStep]:
        """What core makes of it."""
        if not self.harmful:
            yield CheckStep(dist=self.dist, name="loading", run=self._load)

    def _load(self) -> list[str]:
        try:
            self._listed()
        except PluginError as error:
            return [error.message]
        return []

    def _listed(self) -> tuple[Listed, ...]:
        if self.file.suffix == ".py":
            return plugin_of_file(self.file)
        return (set_of_file(self.file),)

    def offers(self, catalog: Catalog) -> Iterator[tuple[Listed, Catalog]]:
        """Everything that it offers, with all that can be used beside it."""
        if self.harmful:
            return
        try:
            listed = self._listed()
        except PluginError:
            return  # "loading" has told it
        known = with_file(catalog, self.file)
        for one in listed:
            yield one, known


def with_file(catalog: Catalog, file: Path) -> Catalog:
    """What is installed and what ``file`` offers; a data set is used by its path alone."""
    return with_plugin_file(catalog, file) if file.suffix == ".py" else catalog


def harms(probed: Mapping[str, Any]) -> bool:
    """Whether an import ends or holds up a process."""
    return "hangs" in probed or "died" in probed or bool(probed.get("fatal"))


def offer_steps(case: OfferCase) -> Iterator[CheckStep]:
    """What applies to one offer."""
    for name, run, needs in _named(case):
        yield CheckStep(
            dist=case.listed.dist,
            offer=case.label,
            name=name,
            run=run,
            needs=needs,
            skip=case.table.skip.get(name, ""),
            patience=_PROCESSES if "fresh process" in name else 1,
        )


_PROCESSES = 7
"""A second process, and one for each circumstance that may be to blame for what it finds."""
_OFFER = "offer and settings"
_MADE = "making it"


def _named(case: OfferCase) -> Iterator[tuple[str, Run, tuple[str, ...]]]:
    from aisbench_testkit.checking import dataset_steps, kind_steps

    listed = case.listed
    yield _OFFER, lambda: offers.check_offer(listed), ()
    kinds: Sequence[tuple[Any, Callable[[OfferCase], Iterator[Any]]]] = (
        (BackendOffer, kind_steps.backend_steps),
        (DatasetOffer, dataset_steps.dataset_steps),
        (EvaluatorOffer, kind_steps.evaluator_steps),
        (ReducerOffer, kind_steps.reducer_steps),
        (LoadShapeOffer, kind_steps.shape_steps),
        (SummarizerOffer, kind_steps.summarizer_steps),
        (ObserverOffer, kind_steps.observer_steps),
        (DeviceSamplerOffer, kind_steps.device_sampler_steps),
        (TunerOffer, kind_steps.tuner_steps),
        (TemplateOffer, kind_steps.template_steps),
        (RetrieverOffer, kind_steps.retriever_steps),
        (PostprocessorOffer, kind_steps.postprocessor_steps),
        (CommandOffer, kind_steps.command_steps),
    )
    if not isinstance(listed.offer, CommandOffer):
        yield _MADE, case.check_making, (_OFFER,)
    for kind, steps in kinds:
        if isinstance(listed.offer, kind):
            for name, run, *needs in steps(case):
                made = () if isinstance(listed.offer, CommandOffer) else (_MADE,)
                yield name, run, (_OFFER, *made, *needs)
