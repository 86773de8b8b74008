"""All checks of a distribution, in order. A step may need others: what cannot be made is said
once, and what would only repeat it is not checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import Distribution
from typing import Any

from attrs import field, frozen
from packaging.utils import canonicalize_name

from aisbench.api import (
    BackendOffer,
    CommandOffer,
    DatasetOffer,
    EvaluatorOffer,
    LoadShapeOffer,
    PostprocessorOffer,
    ReducerOffer,
    RetrieverOffer,
    SummarizerOffer,
    TemplateOffer,
)
from aisbench.plugins.catalog import Catalog, Listed
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
        bad = {
            name
            for name, one in self.probed.items()
            if "hangs" in one or "died" in one or one.get("fatal")
        }
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


def offers_of(dist: str, catalog: Catalog) -> list[Listed]:
    """Everything that a distribution offers."""
    wanted = canonicalize_name(dist)
    return [one for one in catalog.listed if canonicalize_name(one.dist) == wanted]
